// SPDX-License-Identifier: Apache-2.0
// Generators by rc::gen::exec: what is drawn inside is shrunk by rapidcheck when a law breaks.
#include "tests/core/any_message.h"

#include <algorithm>
#include <functional>

#include "core/base64.h"
#include "core/codec.h"
#include "core/codec_fields.h"
#include "core/signature.h"

namespace curfew::test {
namespace {

constexpr std::string_view kLower = "abcdefghijklmnopqrstuvwxyz0123456789";
constexpr std::string_view kWordFirst = "abcXYZ_";
constexpr std::string_view kWordRest = "abcXYZ019_-";

// exec draws from the size that it is given, so each draw of a number asks for the whole range.
template <class Number>
Number In(Number low, Number beyond) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<Number>(low, beyond));
}

bool Chance() { return In(0, 2) == 1; }

template <class T>
std::vector<T> Some(const rc::Gen<T>& one, std::size_t most) {
  std::vector<T> values;
  for (std::size_t i = In<std::size_t>(0, most + 1); i > 0; --i) values.push_back(*one);
  return values;
}

// As Some, but no two with the same key.
template <class T, class KeyOf>
std::vector<T> SomeDistinct(const rc::Gen<T>& one, std::size_t most, KeyOf key_of) {
  std::vector<T> values;
  for (T& value : Some(one, most)) {
    const bool seen = std::ranges::any_of(values, [&](const T& other) { return std::invoke(key_of, other) == std::invoke(key_of, value); });
    if (!seen) values.push_back(std::move(value));
  }
  return values;
}

std::string Drawn(std::string_view alphabet, std::size_t least, std::size_t most) { return *AnyText(alphabet, least, most); }

template <class DigestType>
DigestType DrawnDigest() {
  return DigestType::FromBytes(Sha256(Drawn(kLower, 0, 8)).Raw()).value();
}

PersonName DrawnPerson() { return PersonName::Parse(Drawn("abc_", 1, 1) + Drawn("abcXYZ01_.@+-", 0, 127)).value(); }
AccountName DrawnAccount() { return *AnyAccount(); }
Seconds DrawnSpan() { return Seconds{In<std::int64_t>(0, static_cast<std::int64_t>(kLongestSpan) + 1)}; }

LoginKey DrawnKey() {
  const std::string blob = std::string("\0\0\0\x0bssh-ed25519\0\0\0\x20", 19) + std::string(DrawnDigest<ContentHash>().Raw());
  return LoginKey::Parse("ssh-ed25519 " + EncodeBase64(blob)).value();
}

Command DrawnCommand() {
  std::vector<std::string> argv{"/" + Drawn("abcXYZ09_@%+-", 1, 60)};
  for (std::size_t i = In<std::size_t>(0, 6); i > 0; --i) argv.push_back(Drawn("abcXYZ019_./@%+-", 1, 60));
  return Command::Parse(argv).value();
}

std::optional<LoginRight> DrawnLogin() {
  if (!Chance()) return std::nullopt;
  static const std::vector<std::string> kSources{"192.0.2.0/24", "2001:db8::/32", "198.51.100.7"};
  return LoginRight{Some(rc::gen::exec(DrawnKey), 3), Some(rc::gen::elementOf(kSources), 3)};
}

std::optional<SudoRight> DrawnSudo() {
  if (!Chance()) return std::nullopt;
  SudoRight right{AllCommands{}, DrawnAccount(), Chance()};
  auto commands = Some(rc::gen::exec(DrawnCommand), 4);
  if (!commands.empty()) right.commands = std::move(commands);
  return right;
}

Approval DrawnApproval() { return Approval{DrawnPerson(), Drawn(kLower, 0, 300)}; }
std::string DrawnGroup() { return DrawnAccount().Text(); }
std::string DrawnWord() { return Drawn("abcdefghijklmnopqrstuvwxyz-", 1, 32); }

Grant DrawnGrant() {
  Grant grant{.id = *AnyGrantId(),
              .principal = DrawnPerson(),
              .account = DrawnAccount(),
              .uid = Chance() ? std::optional(In<Uid>(0, 0xffffffffU)) : std::nullopt,
              .login = DrawnLogin(),
              .sudo = DrawnSudo(),
              .start = *AnySecond(),
              .end = *AnySecond(),
              .activate_by = *AnySecond(),
              .longest_session = DrawnSpan(),
              .expiry = *rc::gen::element(Expiry::kEnd, Expiry::kFreeze, Expiry::kBlockNew),
              .lease = DrawnSpan(),
              .strict_lease = Chance(),
              .lineage = Chance() ? std::string() : (*AnyGrantId()).Text(),
              .groups = Some(rc::gen::exec(DrawnGroup), 3),
              .reason = *AnyPlainText(1024),
              .ticket = *AnyPlainText(128),
              .request = RequestId::Parse("r-" + Drawn(kLower, 20, 20)).value(),
              .request_hash = DrawnDigest<ContentHash>(),
              .approvals = Some(rc::gen::exec(DrawnApproval), 3),
              .critical = Some(rc::gen::exec(DrawnWord), 3)};
  if (!grant.login && !grant.sudo && grant.groups.empty()) grant.groups.push_back("ops");
  return grant;
}

Tombstone DrawnTombstone() { return {*AnyGrantId(), *AnySecond(), *AnySecond(), DrawnWord()}; }

ManagedAccount DrawnManaged() {
  const bool login = Chance();
  return {DrawnAccount(), Gate{login, !login || Chance()}};
}

PublicKey DrawnPublicKey() { return PublicKey::FromBytes(DrawnDigest<ContentHash>().Raw()).value(); }

// Distinct keys for each role: a key has one role.
std::map<Purpose, Role> DrawnRoles() {
  std::map<Purpose, Role> roles;
  std::vector<PublicKey> keys = SomeDistinct(rc::gen::exec(DrawnPublicKey), 12, &PublicKey::raw);
  for (const Purpose purpose : {Purpose::kBundle, Purpose::kLease, Purpose::kApproval, Purpose::kCapsule}) {
    Role role;
    for (std::size_t i = In<std::size_t>(0, 4); i > 0 && !keys.empty(); --i) {
      role.keys.push_back(keys.back());
      keys.pop_back();
    }
    if (role.keys.empty()) continue;
    role.threshold = In<std::uint32_t>(1, static_cast<std::uint32_t>(role.keys.size()) + 1);
    roles.emplace(purpose, role);
  }
  return roles;
}

Ceilings DrawnCeilings() {
  return Ceilings{.longest = DrawnSpan(),
                  .start_ahead = DrawnSpan(),
                  .lowest_uid = In<Uid>(0, 0xffffffffU),
                  .full_root = Chance(),
                  .full_root_approvals = In<std::uint32_t>(0, 4),
                  .approvals = In<std::uint32_t>(0, 4),
                  .groups = Some(rc::gen::exec(DrawnGroup), 3),
                  .denied_accounts = Some(rc::gen::exec(DrawnAccount), 3)};
}

Survivor DrawnSurvivor() {
  return {In<std::int32_t>(1, std::numeric_limits<std::int32_t>::max()), In<Uid>(0, 0xffffffffU), *AnyPlainText(256), *AnyPlainText(256)};
}

Event DrawnEvent() {
  return Event{.seq = 0,
               .at = *AnyMillisecond(),
               .boot = *AnyPlainText(128),
               .kind = static_cast<EventKind>(In(1, static_cast<int>(EventKind::kUnknownOutcome) + 1)),
               .severity = static_cast<Severity>(In(1, 4)),
               .actor = *AnyPlainText(128),
               .request = *AnyPlainText(128),
               .grant = *AnyPlainText(128),
               .outcome = DrawnWord(),
               .detail = *AnyPlainText(1024),
               .version = In<std::uint64_t>(0, std::numeric_limits<std::uint64_t>::max()),
               .attachment = Drawn(std::string_view("\0\n\xff\x80x", 5), 0, 200),
               .previous = DrawnDigest<ContentHash>()};
}

EventBatch DrawnBatch() {
  EventBatch batch{*AnyHost(), Some(rc::gen::exec(DrawnEvent), 4)};
  if (batch.events.empty()) batch.events.push_back(DrawnEvent());
  const auto first = In<std::uint64_t>(1, std::numeric_limits<std::uint64_t>::max() - 10);
  for (std::size_t i = 0; i < batch.events.size(); ++i) {
    batch.events[i].seq = first + i;
    if (i > 0) batch.events[i].previous = HashEvent(batch.events[i - 1]);
  }
  return batch;
}

Bundle DrawnBundle() {
  return Bundle{.format = kFormat,
                .host = *AnyHost(),
                .epoch = In<std::uint64_t>(0, std::numeric_limits<std::uint64_t>::max()),
                .version = In<std::uint64_t>(1, std::numeric_limits<std::uint64_t>::max()),
                .previous = *AnyHash(),
                .issued = *AnyMillisecond(),
                .grants = SomeDistinct(AnyGrant(), 4, &Grant::id),
                .ended = SomeDistinct(rc::gen::exec(DrawnTombstone), 4, &Tombstone::grant),
                .managed = SomeDistinct(rc::gen::exec(DrawnManaged), 4, &ManagedAccount::name)};
}

Receipt DrawnReceipt() {
  return Receipt{.host = *AnyHost(),
                 .grant = *AnyGrantId(),
                 .ended = *AnyMillisecond(),
                 .looked = *AnyMillisecond(),
                 .cause = DrawnWord(),
                 .rule_gone = Chance(),
                 .key_gone = Chance(),
                 .survivors = Some(rc::gen::exec(DrawnSurvivor), 3)};
}

ApprovedTerms DrawnApprovedTerms() {
  const Instant longest = *AnySecond();
  return {*AnyHash(), *AnyHash(), Seconds{UnixSeconds(longest)}, *AnySecond(), Some(AnyHost(), 4)};
}

}  // namespace

rc::Gen<std::string> AnyText(std::string_view alphabet, std::size_t least, std::size_t most) {
  return rc::gen::exec([letters = std::string(alphabet), least, most] {
    std::string text(In(least, most + 1), letters.front());
    for (char& c : text) c = letters[In<std::size_t>(0, letters.size())];
    return text;
  });
}

rc::Gen<std::string> AnyPlainText(std::size_t most) {
  return rc::gen::exec([most] {
    static const std::vector<std::string> kPieces{"a", "Z", " ", "\"", "\\", "#", ",", "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x94\x91"};
    std::string text;
    for (std::size_t i = In<std::size_t>(0, std::min<std::size_t>(most / 4, 40) + 1); i > 0; --i) {
      text += kPieces[In<std::size_t>(0, kPieces.size())];
    }
    return text;
  });
}

rc::Gen<Instant> AnySecond() {
  return rc::gen::exec([] { return FromUnixSeconds(In<std::int64_t>(0, UnixSeconds(kEndOfTime) + 1)); });
}

rc::Gen<Instant> AnyMillisecond() {
  return rc::gen::exec([] { return Instant{Millis{In<std::int64_t>(0, kEndOfTime.time_since_epoch().count() + 1)}}; });
}

rc::Gen<GrantId> AnyGrantId() {
  return rc::gen::exec([] { return GrantId::Parse("g-" + Drawn(kLower, 20, 20)).value(); });
}

rc::Gen<AccountName> AnyAccount() {
  return rc::gen::exec([] { return AccountName::Parse(Drawn(kWordFirst, 1, 1) + Drawn(kWordRest, 0, 31)).value(); });
}

rc::Gen<ContentHash> AnyHash() { return rc::gen::exec(DrawnDigest<ContentHash>); }
rc::Gen<HostId> AnyHost() { return rc::gen::exec(DrawnDigest<HostId>); }
rc::Gen<Grant> AnyGrant() { return rc::gen::exec(DrawnGrant); }
rc::Gen<Bundle> AnyBundle() { return rc::gen::exec(DrawnBundle); }
rc::Gen<Receipt> AnyReceipt() { return rc::gen::exec(DrawnReceipt); }
rc::Gen<EventBatch> AnyEventBatch() { return rc::gen::exec(DrawnBatch); }
rc::Gen<ApprovedTerms> AnyApproval() { return rc::gen::exec(DrawnApprovedTerms); }

rc::Gen<RoleTable> AnyRoleTable() {
  return rc::gen::exec([] {
    return RoleTable{In<std::uint64_t>(1, std::numeric_limits<std::uint64_t>::max()), DrawnRoles(), DrawnCeilings()};
  });
}

rc::Gen<Revocation> AnyRevocation() {
  return rc::gen::exec([] { return Revocation{*AnyHost(), *AnyGrantId(), *AnySecond(), *AnySecond()}; });
}

rc::Gen<Delivered> AnyDelivered() {
  return rc::gen::exec([] {
    return Delivered{*AnyHost(), In<std::uint64_t>(0, std::numeric_limits<std::uint64_t>::max()), *AnyHash(), *AnyMillisecond()};
  });
}

}  // namespace curfew::test
