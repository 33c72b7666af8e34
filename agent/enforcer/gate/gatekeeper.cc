// SPDX-License-Identifier: Apache-2.0
// Texts of the packet are a description by PAM's caller, never a proof: only account, service and kind are used to decide,
// and the peer's process number comes from the kernel.
#include "agent/enforcer/gate/gatekeeper.h"

#include <algorithm>
#include <cstring>

#include "core/host_files.h"
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

struct ServiceRow {
  CurfewService number;
  Service service;
  const char* word;
  CurfewGate gate;
  CurfewOpening opening;
};

#define CURFEW_ROW(service, number, word, gate, opening) {kCurfew##service, Service::k##service, word, gate, opening},
constexpr ServiceRow kServices[] = {CURFEW_SERVICES(CURFEW_ROW)};
#undef CURFEW_ROW

static_assert(std::all_of(std::begin(kServices), std::end(kServices), [](const ServiceRow& row) {
  return IsSudo(row.service) == (row.gate == kCurfewGateSudo);
}));

const ServiceRow* FindService(std::uint8_t number) {
  const auto* row = std::find_if(std::begin(kServices), std::end(kServices), [&](const ServiceRow& one) { return one.number == number; });
  return row == std::end(kServices) ? nullptr : row;
}

const ServiceRow& RowOf(Service service) {
  return *std::find_if(std::begin(kServices), std::end(kServices), [&](const ServiceRow& one) { return one.service == service; });
}

SessionKind KindOf(Service service) { return IsSudo(service) ? SessionKind::kSudo : SessionKind::kLogin; }

// The others only tell that a session opened (DESIGN §8).
bool HeedsRefusal(Service service) { return RowOf(service).opening == kCurfewOpenHeeded; }

const char* WordOf(Service service) { return RowOf(service).word; }

// Nothing where sshd named no key; an error for one that no grant can hold.
Result<std::optional<LoginKey>> KeyOf(const CurfewQuestion& frame) {
  const auto text = TextOf(frame.key);
  if (!text || frame.key_truncated != 0) return Fail(Errc::kMalformed, "the key does not fit into a question");
  if (text->empty()) return std::optional<LoginKey>();
  auto key = LoginKey::Parse(*text);
  if (!key) return Failure(key.error());
  return std::optional<LoginKey>(*std::move(key));
}

// Where the asker is: the service or scope, for below it an account makes groups as it likes, with any name, one for each sudo.
Result<std::string> PlaceOf(pid_t pid) {
  auto group = CgroupOf(pid);
  if (!group) return group;
  std::string place = UnitOf(*group);
  while (!place.empty() && !IsScopePath(place)) place.resize(place.find('/') == std::string::npos ? 0 : place.rfind('/'));
  if (!IsScopePath(place)) return Fail(Errc::kMalformed, "no control group that can be written down", Escaped(*group));
  return place;
}

Event GateEvent(const Question& question, const std::string& where, EventKind kind, Severity severity, const std::string& detail) {
  Event event = DraftEvent(ReadNow().utc, kind, severity, detail + (where.empty() ? "" : " from " + Escaped(where)));
  event.actor = question.account.Text();
  return event;
}

}  // namespace

void Gatekeeper::NoteRefusal(const Asked& asked, const Deny& deny) {
  // A hint and a packet that is only told come besides the account stage, which is the one that counts.
  if (asked.kind != kCurfewAccount && asked.kind != kCurfewSessionOpen) return;
  Event event = GateEvent(asked.question, asked.where, EventKind::kDenied, Severity::kWarning,
                          std::string(WordOf(asked.question.service)) + ": " + deny.detail);
  event.outcome = Word(deny.reason);
  parts_.refusals.Note(std::move(event), ReadNow());
}

GateAnswer Gatekeeper::Refuse(const Asked& asked, const Deny& deny) {
  NoteRefusal(asked, deny);
  return GateAnswer::Refuse(RefusalLine(asked.question.account, asked.question.service, parts_.host));
}

// sshd's own block is for the name as it is listed: whoever comes by another spelling was let in by something else, and is
// told which name to use. sudo takes the name from the user database, by the uid of who calls it: that is no way round.
GateAnswer Gatekeeper::RefuseSpelling(const Asked& asked) {
  NoteRefusal(asked, Deny{Reason::kNoGrant, "under another spelling of the account's name"});
  return GateAnswer::Refuse(SpellingLine(asked.question.account));
}

Result<void> Gatekeeper::Book(const Asked& asked, const GrantId& grant, Uid uid, Instant deadline) {
  const SessionKind kind = KindOf(asked.question.service);
  const pid_t asker = asked.peer.pid;
  auto place = PlaceOf(asker);
  if (!place) return Failure(place.error());
  // su to one's own account is the same login: it stays booked under the grant whose key opened it, and in the account's own
  // service manager by the account's line.
  const bool own = IsKillableScope(*place, uid);
  const bool same_login = kind == SessionKind::kLogin && !HeedsRefusal(asked.question.service) && own;
  if (same_login && (parts_.book.HasLogin(*place) || *place == UserServiceOf(uid))) return {};
  Session session{*std::move(place), uid, grant, kind, deadline};
  if (kind == SessionKind::kSudo && !own) {
    // It only tells, and may have ended since, whoever made it do so; what it started goes on.
    const auto started = StartOf(asker);
    if (!started) return Failure(started.error());
    // Under somebody else's login all that it starts carries that one, and is found by its audit session.
    if (LoginOf(asker) == kNoLogin) session.strange_since = std::max<std::uint64_t>(*started, 1);
  }
  return parts_.book.Add(session, AuditSessionOf(asker));
}

GateAnswer Gatekeeper::AllowAccount(const Asked& asked, const Allowed& allowed) {
  const Service service = asked.question.service;
  if (asked.kind == kCurfewAccount && !HeedsRefusal(service) && !IsSudo(service)) {
    // It is in the group in which its session will be, later nobody hears a no, and no line but its own stands for it.
    const auto place = PlaceOf(asked.peer.pid);
    if (!place) return Refuse(asked, Deny{Reason::kStorage, "session cannot be booked: " + place.error().Text()});
  }
  return GateAnswer::Allow(allowed);
}

GateAnswer Gatekeeper::OpenSession(const Asked& asked, const Allowed& allowed) {
  const Grant& grant = allowed.Under();
  const Instant now = ReadNow().utc;
  const bool capped = grant.longest_session > Seconds{0};
  const Instant deadline = capped ? std::min(grant.end, now + grant.longest_session) : grant.end;
  const std::size_t lines = parts_.book.All().size();
  const auto booked = Book(asked, grant.id, grant.uid.value_or(0), deadline);
  if (!booked && HeedsRefusal(asked.question.service)) {
    return Refuse(asked, Deny{Reason::kStorage, "session cannot be booked: " + booked.error().Text()});
  }
  // A line of the book is one event: who may run sudo may run it in a loop, and each event is kept until it is delivered.
  if (booked && parts_.book.All().size() == lines) return GateAnswer::Allow(allowed, WelcomeLine(allowed));
  const std::string unbooked = booked ? "" : "; it ends with the account's last grant: " + booked.error().Text();
  Event event = GateEvent(asked.question, asked.where, EventKind::kSessionOpened, booked ? Severity::kInfo : Severity::kAlarm,
                          WordOf(asked.question.service) + unbooked);
  event.grant = grant.id.Text();
  parts_.journal.Note(std::move(event));
  return GateAnswer::Allow(allowed, WelcomeLine(allowed));
}

// It was allowed before the end and goes on whatever we answer: it is booked as overdue, and the next turn ends it.
GateAnswer Gatekeeper::OpenLate(const Asked& asked, const Deny& deny) {
  const auto& question = asked.question;
  const auto under = parts_.begin_late(question.account, KindOf(question.service));
  if (!under) return Refuse(asked, deny);
  const auto booked = Book(asked, under->grant, under->uid, ReadNow().utc);
  Event event = GateEvent(question, asked.where, EventKind::kSessionOpened, Severity::kAlarm,
                          std::string(WordOf(question.service)) + " after the end of its grant, and ended at once" +
                              (booked ? "" : "; it is not in the book: " + booked.error().Text()));
  event.grant = under->grant.Text();
  parts_.journal.Note(std::move(event));
  return GateAnswer::Refuse(RefusalLine(question.account, question.service, parts_.host));
}

GateAnswer Gatekeeper::Answer(const CurfewQuestion& frame, const PeerCredentials& peer) {
  const auto account = TextOf(frame.account);
  const auto name = account ? AccountName::Parse(*account) : Fail(Errc::kMalformed, "no text");
  const ServiceRow* row = FindService(frame.service);
  const bool known_kind = frame.kind >= kCurfewAccount && frame.kind <= kCurfewHint;
  const auto host = TextOf(frame.remote_host);
  const auto terminal = TextOf(frame.terminal_name);
  if (frame.magic != kCurfewQuestionMagic || frame.version != kCurfewFrameVersion || !name || row == nullptr || !known_kind || !host ||
      !terminal) {
    return GateAnswer::Refuse("curfew: the question was not understood; run: curfew-agent doctor");
  }
  const auto key = KeyOf(frame);
  const Asked asked{Question{*name, row->service, key.value_or(std::nullopt)}, static_cast<CurfewQuestionKind>(frame.kind), peer,
                    host->empty() ? *terminal : *host};
  if (asked.kind == kCurfewSessionClose) return GateAnswer::Refuse({});  // told; nobody reads an answer
  if (frame.other_spelling != 0 && !IsSudo(row->service)) return RefuseSpelling(asked);
  if (!key) return Refuse(asked, Deny{Reason::kNoGrant, key.error().Text()});
  const auto verdict = Decide(asked.question, parts_.desired());
  const bool opens = asked.kind == kCurfewSessionOpen;
  if (const Deny* deny = Denied(verdict)) {
    return opens && !HeedsRefusal(row->service) ? OpenLate(asked, *deny) : Refuse(asked, *deny);
  }
  const auto& allowed = std::get<Allowed>(verdict);
  return opens ? OpenSession(asked, allowed) : AllowAccount(asked, allowed);
}

}  // namespace curfew
