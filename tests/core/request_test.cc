// SPDX-License-Identifier: Apache-2.0
// The life of a request: every pair of states, the states of grants, who may decide.
#include "core/request.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace curfew {
namespace {

using enum RequestState;

constexpr RequestState kAll[] = {kSubmitted, kPending, kApproved, kProvisioning, kActive, kRevoking,
                                 kRevoked,   kDenied,  kWithdrawn, kLapsed,      kFailed};

TEST(Transitions, ExactlyThese) {
  const std::set<std::string> allowed = {
      "submitted pending",   "submitted approved",      "pending approved",      "pending denied",        "pending withdrawn",
      "pending lapsed",      "approved provisioning",   "approved failed",       "approved lapsed",       "provisioning active",
      "provisioning revoking", "provisioning revoked",  "provisioning failed",   "active revoking",       "active revoked",
      "revoking revoked"};
  std::set<std::string> found;
  for (const auto from : kAll) {
    for (const auto to : kAll) {
      if (MayMove(from, to)) found.insert(std::string(Word(from)) + " " + Word(to));
    }
  }
  EXPECT_EQ(found, allowed);
}

TEST(Transitions, EndsAreFinalAndReachable) {
  for (const auto state : kAll) {
    const bool end = state == kRevoked || state == kDenied || state == kWithdrawn || state == kLapsed || state == kFailed;
    EXPECT_EQ(IsFinal(state), end) << Word(state);
  }
}

TEST(Transitions, WordsComeBack) {
  std::set<std::string> words;
  for (const auto state : kAll) {
    words.insert(Word(state));
    EXPECT_EQ(*ParseRequestState(Word(state)), state);
    EXPECT_EQ(TransitionKind(state), std::string("request-") + Word(state));
  }
  EXPECT_EQ(words.size(), kRequestStates);
  EXPECT_FALSE(ParseRequestState("gone"));
  EXPECT_FALSE(ParseRequestState(""));
  EXPECT_FALSE(ParseGrantState("dead"));
  EXPECT_FALSE(ParseProof("maybe"));
}

constexpr GrantStanding kWaits{GrantState::kWaiting, Proof::kNone};
constexpr GrantStanding kLive{GrantState::kActive, Proof::kNone};
constexpr GrantStanding kOpen{GrantState::kEnded, Proof::kUnconfirmed};
constexpr GrantStanding kShown{GrantState::kEnded, Proof::kProved};
constexpr GrantStanding kNever{GrantState::kEnded, Proof::kNone};
constexpr GrantStanding kBroken{GrantState::kFailed, Proof::kUnconfirmed};

TEST(StateFromGrants, Table) {
  const struct {
    std::vector<GrantStanding> grants;
    RequestState state;
  } cases[] = {{{kWaits}, kProvisioning},
               {{kWaits, kWaits}, kProvisioning},
               {{kWaits, kBroken}, kProvisioning},
               {{kLive}, kActive},
               {{kLive, kWaits}, kActive},       // active when the first is
               {{kLive, kBroken}, kActive},
               {{kLive, kShown}, kActive},
               {{kWaits, kShown}, kActive},      // one was, one may still be
               {{kOpen}, kRevoking},
               {{kOpen, kShown}, kRevoking},
               {{kOpen, kBroken}, kRevoking},
               {{kShown}, kRevoked},             // revoked when the last is proved
               {{kShown, kShown}, kRevoked},
               {{kShown, kBroken}, kRevoked},
               {{kNever}, kRevoked},             // taken back before a host began to give it
               {{kBroken}, kFailed},
               {{kBroken, kBroken}, kFailed}};
  for (const auto& c : cases) EXPECT_EQ(StateFromGrants(c.grants), c.state) << Word(c.state) << " of " << c.grants.size();
}

// Whatever one grant of a request does next, the table allows what follows for the request. (A grant that was active never
// becomes `failed`: it ends, with that cause.)
RC_GTEST_PROP(StateFromGrants, NeverAsksForAMoveOutsideTheTable, ()) {
  auto grants = std::vector<GrantStanding>(*rc::gen::inRange<std::size_t>(1, 5), kWaits);
  RequestState state = kProvisioning;
  const int steps = *rc::gen::inRange(1, 12);
  for (int i = 0; i < steps; ++i) {
    auto& grant = grants[*rc::gen::inRange<std::size_t>(0, grants.size())];
    const int what = *rc::gen::inRange(0, 4);
    const bool over = grant.state == GrantState::kEnded || grant.state == GrantState::kFailed;
    if (what == 0 && grant.state == GrantState::kWaiting) grant = kLive;
    if (what == 1 && !over) grant = kOpen;
    if (what == 2 && grant.state == GrantState::kWaiting) grant = kBroken;
    if (what == 3 && over) grant.proof = *rc::gen::element(Proof::kProved, Proof::kNone);
    const RequestState next = StateFromGrants(grants);
    if (next != state) RC_ASSERT(MayMove(state, next));
    state = next;
  }
}

PersonName Named(const char* name) { return *PersonName::Parse(name); }
const Stage kLeads{1, {{true, *PersonName::Parse("leads")}}};
const Stage kAlice{1, {{false, *PersonName::Parse("alice")}}};
const Stage kTwo{2, {{true, *PersonName::Parse("leads")}}};

Decision Yes(std::uint32_t stage, const char* by) { return {stage, Named(by), true, Instant{}, ""}; }

TEST(Stages, OneAfterTheOther) {
  const std::vector<Stage> stages = {kLeads, kAlice};
  const Person lead{Named("lead1"), {Named("leads")}};
  const Person alice{Named("alice"), {}};
  EXPECT_EQ(OpenStage(stages, {}), 0U);
  EXPECT_EQ(*StageFor(stages, {}, lead, Named("dev1")), 0U);
  EXPECT_FALSE(StageFor(stages, {}, alice, Named("dev1"))) << "her stage is not open yet";
  const std::vector<Decision> one = {Yes(0, "lead1")};
  EXPECT_EQ(OpenStage(stages, one), 1U);
  EXPECT_EQ(*StageFor(stages, one, alice, Named("dev1")), 1U);
  EXPECT_FALSE(StageFor(stages, one, lead, Named("dev1")));
  EXPECT_FALSE(OpenStage(stages, {Yes(0, "lead1"), Yes(1, "alice")}));
}

TEST(Stages, NobodyDecidesTheirOwn) {
  const Person lead{Named("lead1"), {Named("leads")}};
  const auto refused = StageFor({kLeads}, {}, lead, Named("lead1"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::kRefused);
  EXPECT_FALSE(MayReview({kLeads}, lead, Named("lead1")));
  EXPECT_TRUE(MayReview({kLeads}, lead, Named("dev1")));
  EXPECT_FALSE(MayReview({kLeads}, {Named("dev2"), {Named("developers")}}, Named("dev1")));
  EXPECT_FALSE(MayReview({}, lead, Named("dev1")));
}

TEST(Stages, TwoStagesWantTwoPeople) {
  const Stage owners{1, {*ParseApprover("group:owners")}};
  const Person both{Named("lead1"), {Named("leads"), Named("owners")}};
  const auto refused = StageFor({kLeads, owners}, {Yes(0, "lead1")}, both, Named("dev1"));
  ASSERT_FALSE(refused) << "one pair of eyes in two groups";
  EXPECT_EQ(refused.error().code, Errc::kConflict);
  EXPECT_EQ(*StageFor({kLeads, owners}, {Yes(0, "lead2")}, both, Named("dev1")), 1U);
}

TEST(Stages, DistinctPeopleCount) {
  const Person lead{Named("lead1"), {Named("leads")}};
  EXPECT_EQ(OpenStage({kTwo}, {Yes(0, "lead1"), Yes(0, "lead1")}), 0U);
  const auto again = StageFor({kTwo}, {Yes(0, "lead1")}, lead, Named("dev1"));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::kConflict);
  EXPECT_FALSE(OpenStage({kTwo}, {Yes(0, "lead1"), Yes(0, "lead2")}));
  Decision no = Yes(0, "lead2");
  no.approve = false;
  EXPECT_EQ(OpenStage({kTwo}, {Yes(0, "lead1"), no}), 0U);
}

TEST(Sentence, SaysWhoWhatWhereHowLong) {
  const auto dev1 = *AccountName::Parse("dev1");
  const auto root = *AccountName::Parse("root");
  AskedFor asked{Named("dev1"), dev1, {*HostName::Parse("host1"), *HostName::Parse("host2")}, true, SudoRight{AllCommands{}, root, false}, Seconds{7200}};
  EXPECT_EQ(Sentence(asked), "dev1 asks for login and sudo of every command as root as account dev1 on host1, host2 for 2h");
  asked.sudo = SudoRight{std::vector<Command>{*Command::Parse({"/usr/bin/id", "-u"}), *Command::Parse({"/bin/true"})}, root, false};
  asked.login = false;
  EXPECT_EQ(Sentence(asked), "dev1 asks for sudo of /usr/bin/id -u, /bin/true as root as account dev1 on host1, host2 for 2h");
}

}  // namespace
}  // namespace curfew
