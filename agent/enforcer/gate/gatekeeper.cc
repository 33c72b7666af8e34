// SPDX-License-Identifier: Apache-2.0
// Texts of the packet are a description by PAM's caller, never a proof: only account, service and kind are used to decide,
// and the peer's process number comes from the kernel.
#include "agent/enforcer/gate/gatekeeper.h"

#include <cstring>

#include "os/machine.h"
#include "os/process.h"

namespace curfew {

struct Gatekeeper::Asked {
  Question question;
  CurfewQuestionKind kind;
  PeerCredentials peer;
  std::string where;  ///< terminal or remote host, for the record
};

namespace {

// A text that is not NUL-terminated inside its field is no text of ours.
template <std::size_t kSize>
std::optional<std::string> TextOf(const char (&field)[kSize]) {  // NOLINT(modernize-avoid-c-arrays): C's frame
  const std::size_t length = ::strnlen(field, kSize);
  if (length == kSize) return std::nullopt;
  return std::string(field, length);
}

std::optional<Service> ServiceOf(std::uint8_t number) {
  switch (number) {
    case kCurfewSshd:
      return Service::kSshd;
    case kCurfewLogin:
      return Service::kLogin;
    case kCurfewSudo:
      return Service::kSudo;
    case kCurfewSudoI:
      return Service::kSudoI;
    case kCurfewSu:
      return Service::kSu;
    case kCurfewSuL:
      return Service::kSuL;
    default:
      return std::nullopt;
  }
}

bool IsSudo(Service service) { return service == Service::kSudo || service == Service::kSudoI; }

const char* WordOf(Service service) {
  constexpr const char* kWords[] = {"sshd", "login", "sudo", "sudo-i", "su", "su-l"};
  return kWords[static_cast<std::size_t>(service)];
}

// Nothing where sshd named no key; an error for one that no grant can hold.
Result<std::optional<LoginKey>> KeyOf(const CurfewQuestion& frame) {
  const auto text = TextOf(frame.key);
  if (!text || frame.key_truncated != 0) return Fail(Errc::kMalformed, "the key does not fit into a question");
  if (text->empty()) return std::optional<LoginKey>();
  auto key = LoginKey::Parse(*text);
  if (!key) return Failure(key.error());
  return std::optional<LoginKey>(*std::move(key));
}

Event GateEvent(const Question& question, const std::string& where, EventKind kind, Severity severity, const std::string& detail) {
  Event event = DraftEvent(ReadNow().utc, kind, severity, detail + (where.empty() ? "" : " from " + Escaped(where)));
  event.actor = question.account.Text();
  return event;
}

}  // namespace

GateAnswer Gatekeeper::Refuse(const Asked& asked, const Deny& deny) {
  const auto& question = asked.question;
  // A hint and a packet that is only told come besides the account stage, which is the one that counts.
  if (asked.kind == kCurfewAccount || asked.kind == kCurfewSessionOpen) {
    Event event = GateEvent(question, asked.where, EventKind::kDenied, Severity::kWarning,
                            std::string(WordOf(question.service)) + ": " + deny.detail);
    event.outcome = Word(deny.reason);
    refusals_.Note(std::move(event), ReadNow());
  }
  return GateAnswer::Refuse(RefusalLine(question.account, question.service, host_));
}

Result<void> Gatekeeper::Book(const Asked& asked, const Grant& grant) {
  auto scope = CgroupOf(asked.peer.pid);
  if (!scope) return Failure(scope.error());
  if (scope->empty() || scope->find_first_of(" \t\r\n") != std::string::npos) {
    return Fail(Errc::kMalformed, "no control group that can be written down", Escaped(*scope));
  }
  const Instant now = ReadNow().utc;
  const bool capped = grant.longest_session > Seconds{0};
  const Instant deadline = capped ? std::min(grant.end, now + grant.longest_session) : grant.end;
  const auto kind = IsSudo(asked.question.service) ? SessionKind::kSudo : SessionKind::kLogin;
  return book_.Add(Session{*scope, grant.uid.value_or(0), grant.id, kind, deadline}, AuditSessionOf(asked.peer.pid));
}

GateAnswer Gatekeeper::OpenSession(const Asked& asked, const Allowed& allowed) {
  if (auto booked = Book(asked, allowed.Under()); !booked) {
    return Refuse(asked, Deny{Reason::kStorage, "session cannot be booked: " + booked.error().Text()});
  }
  Event event = GateEvent(asked.question, asked.where, EventKind::kSessionOpened, Severity::kInfo, WordOf(asked.question.service));
  event.grant = allowed.Under().id.Text();
  journal_.Note(std::move(event));
  return GateAnswer::Allow(allowed, WelcomeLine(allowed));
}

GateAnswer Gatekeeper::Answer(const CurfewQuestion& frame, const PeerCredentials& peer) {
  const auto account = TextOf(frame.account);
  const auto name = account ? AccountName::Parse(*account) : Fail(Errc::kMalformed, "no text");
  const auto service = ServiceOf(frame.service);
  const bool known_kind = frame.kind >= kCurfewAccount && frame.kind <= kCurfewHint;
  const auto host = TextOf(frame.remote_host);
  const auto terminal = TextOf(frame.terminal_name);
  if (frame.magic != kCurfewQuestionMagic || frame.version != kCurfewFrameVersion || !name || !service || !known_kind || !host ||
      !terminal) {
    return GateAnswer::Refuse("curfew: the question was not understood; run: curfew-agent doctor");
  }
  const auto key = KeyOf(frame);
  const Asked asked{Question{*name, *service, key.value_or(std::nullopt)}, static_cast<CurfewQuestionKind>(frame.kind), peer,
                    host->empty() ? *terminal : *host};
  if (asked.kind == kCurfewSessionClose) return GateAnswer::Refuse({});  // told; nobody reads an answer
  if (!key) return Refuse(asked, Deny{Reason::kNoGrant, key.error().Text()});
  const auto verdict = Decide(asked.question, desired_());
  if (const Deny* deny = Denied(verdict)) return Refuse(asked, *deny);
  const auto& allowed = std::get<Allowed>(verdict);
  return asked.kind == kCurfewSessionOpen ? OpenSession(asked, allowed) : GateAnswer::Allow(allowed);
}

}  // namespace curfew
