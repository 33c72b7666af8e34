// SPDX-License-Identifier: Apache-2.0
// The transition table, and the functions over grants and decisions.
#include "core/request.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace curfew {
namespace {

constexpr std::array<const char*, kRequestStates> kStateWords = {
    "submitted", "pending", "approved", "provisioning", "active", "revoking",
    "revoked",   "denied",  "withdrawn", "lapsed",      "failed"};
constexpr std::array<const char*, 4> kGrantWords = {"waiting", "active", "ended", "failed"};
constexpr std::array<const char*, 3> kProofWords = {"none", "unconfirmed", "proved"};

struct Move {
  RequestState from;
  RequestState to;
};

using enum RequestState;

// The one table. `approved -> failed` and `approved -> lapsed`: nothing could be signed, or its window had passed.
// `provisioning -> revoked`: given back before any host activated it, and settled by the hosts' word.
// `failed` is an end although a host may be unconfirmed: its grants say so, and the alarm stays.
constexpr std::array kMoves = {
    Move{kSubmitted, kPending},      Move{kSubmitted, kApproved},    Move{kPending, kApproved},
    Move{kPending, kDenied},         Move{kPending, kWithdrawn},     Move{kPending, kLapsed},
    Move{kApproved, kProvisioning},  Move{kApproved, kFailed},       Move{kApproved, kLapsed},
    Move{kProvisioning, kActive},    Move{kProvisioning, kRevoking}, Move{kProvisioning, kRevoked},
    Move{kProvisioning, kFailed},    Move{kActive, kRevoking},       Move{kActive, kRevoked},
    Move{kRevoking, kRevoked},
};

template <class Enum, std::size_t N>
Result<Enum> FromWord(const std::array<const char*, N>& words, std::string_view word, const char* what) {
  for (std::size_t i = 0; i < N; ++i) {
    if (word == words[i]) return static_cast<Enum>(i);
  }
  return Fail(Errc::kMalformed, "'" + Escaped(word.substr(0, 40)) + "' is no " + what);
}

bool IsNamed(const Stage& stage, const Person& person) {
  return std::any_of(stage.who.begin(), stage.who.end(), [&](const Approver& approver) {
    return approver.group ? person.groups.contains(approver.name) : approver.name == person.name;
  });
}

}  // namespace

const char* Word(RequestState state) { return kStateWords.at(static_cast<std::size_t>(state)); }
const char* Word(GrantState state) { return kGrantWords.at(static_cast<std::size_t>(state)); }
const char* Word(Proof proof) { return kProofWords.at(static_cast<std::size_t>(proof)); }

Result<RequestState> ParseRequestState(std::string_view word) {
  return FromWord<RequestState>(kStateWords, word, "state of a request");
}
Result<GrantState> ParseGrantState(std::string_view word) {
  return FromWord<GrantState>(kGrantWords, word, "state of a grant");
}
Result<Proof> ParseProof(std::string_view word) { return FromWord<Proof>(kProofWords, word, "proof"); }

bool MayMove(RequestState from, RequestState to) {
  return std::any_of(kMoves.begin(), kMoves.end(), [&](const Move& move) { return move.from == from && move.to == to; });
}

bool IsFinal(RequestState state) {
  return std::none_of(kMoves.begin(), kMoves.end(), [&](const Move& move) { return move.from == state; });
}

std::string TransitionKind(RequestState to) { return std::string("request-") + Word(to); }

RequestState StateFromGrants(const std::vector<GrantStanding>& grants) {
  const auto any = [&](auto test) { return std::any_of(grants.begin(), grants.end(), test); };
  const bool waiting = any([](const auto& g) { return g.state == GrantState::kWaiting; });
  const bool ended = any([](const auto& g) { return g.state == GrantState::kEnded; });
  if (any([](const auto& g) { return g.state == GrantState::kActive; })) return kActive;
  if (waiting) return ended ? kActive : kProvisioning;
  if (!ended) return kFailed;
  const bool open = any([](const auto& g) { return g.state == GrantState::kEnded && g.proof == Proof::kUnconfirmed; });
  return open ? kRevoking : kRevoked;
}

std::uint32_t CountYes(const std::vector<Decision>& decisions, std::uint32_t stage) {
  std::set<PersonName> people;
  for (const auto& decision : decisions) {
    if (decision.approve && decision.stage == stage) people.insert(decision.by);
  }
  return static_cast<std::uint32_t>(people.size());
}

std::vector<Decision> StillCounting(const std::vector<Stage>& stages, const std::vector<Decision>& decisions,
                                    const std::vector<Person>& people) {
  std::vector<Decision> counting;
  std::copy_if(decisions.begin(), decisions.end(), std::back_inserter(counting), [&](const Decision& decision) {
    const auto person = std::find_if(people.begin(), people.end(), [&](const Person& one) { return one.name == decision.by; });
    return person != people.end() && decision.stage < stages.size() && IsNamed(stages[decision.stage], *person);
  });
  return counting;
}

std::optional<std::uint32_t> OpenStage(const std::vector<Stage>& stages, const std::vector<Decision>& decisions) {
  for (std::uint32_t i = 0; i < stages.size(); ++i) {
    if (CountYes(decisions, i) < stages[i].need) return i;
  }
  return std::nullopt;
}

bool MayReview(const std::vector<Stage>& stages, const Person& person, const PersonName& requester) {
  return person.name != requester &&
         std::any_of(stages.begin(), stages.end(), [&](const Stage& stage) { return IsNamed(stage, person); });
}

Result<std::uint32_t> StageFor(const std::vector<Stage>& stages, const std::vector<Decision>& decisions,
                               const Person& person, const PersonName& requester) {
  if (person.name == requester) {
    return Fail(Errc::kRefused, "nobody decides their own request", "", "ask another approver");
  }
  const auto open = OpenStage(stages, decisions);
  if (!open) return Fail(Errc::kConflict, "every stage has its approvals already");
  if (!IsNamed(stages[*open], person)) {
    std::string who;
    for (const auto& approver : stages[*open].who) who += (who.empty() ? "" : ", ") + Text(approver);
    return Fail(Errc::kRefused, "you are not an approver of this stage", "", "it waits for: " + who);
  }
  // Whoever is named in two stages is still one pair of eyes.
  const auto again = std::find_if(decisions.begin(), decisions.end(), [&](const Decision& d) { return d.by == person.name; });
  if (again != decisions.end() && again->stage == *open) return Fail(Errc::kConflict, "your decision on this stage is recorded already");
  if (again != decisions.end()) {
    return Fail(Errc::kConflict, "you have decided on an earlier stage; this one asks somebody else", "", "ask another approver");
  }
  return *open;
}

std::string Describe(const SudoRight& right) {
  const std::string tail = " as " + right.runas.Text();
  if (std::holds_alternative<AllCommands>(right.commands)) return "every command" + tail;
  std::string text;
  for (const auto& command : std::get<std::vector<Command>>(right.commands)) {
    if (!text.empty()) text += ", ";
    bool first = true;
    for (const auto& word : command.Argv()) {
      text += (first ? "" : " ") + word;
      first = false;
    }
  }
  return text + tail;
}

std::string Sentence(const AskedFor& asked) {
  std::string text = asked.requester.Text() + " asks for ";
  if (asked.login) text += "login";
  if (asked.login && asked.sudo) text += " and ";
  if (asked.sudo) text += "sudo of " + Describe(*asked.sudo);
  text += " as account " + asked.account.Text() + " on ";
  bool first = true;
  for (const auto& host : asked.hosts) {
    text += (first ? "" : ", ") + host.Text();
    first = false;
  }
  return text + " for " + FormatDuration(asked.duration);
}

}  // namespace curfew
