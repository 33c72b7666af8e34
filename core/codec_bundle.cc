// SPDX-License-Identifier: Apache-2.0
// The bundle on the wire: host, position in the chain, grants, tombstones, managed accounts. Grants are in codec_grant.cc.
#include "core/codec.h"
#include "core/codec_fields.h"
#include "core/codec_grant.h"
#include "proto/sealed.pb.h"

namespace curfew {
namespace {

constexpr Field kTombstoneFields[] = {
    Field::Bytes(1, "grant", kLongestId),
    Field::Number(2, "ended", kMostSeconds),
    Field::Number(3, "until", kMostSeconds),
    Field::Bytes(4, "cause", kLongestWord),
};
constexpr Field kManagedFields[] = {
    Field::Bytes(1, "name", kLongestAccount),
    Field::Flag(2, "login"),
    Field::Flag(3, "sudo"),
};
constexpr Field kBundleFields[] = {
    Field::Number(1, "format", kMostUnsigned32),
    Field::Bytes(2, "host", kLongestDigest),
    Field::Number(3, "epoch", kMostUnsigned),
    Field::Number(4, "version", kMostUnsigned),
    Field::Bytes(5, "previous", kLongestDigest),
    Field::Number(6, "issued_ms", kMostMillis),
    Field::Messages(7, "grants", kGrantFields, kMaxGrants),
    Field::Messages(8, "ended", kTombstoneFields, kMaxTombstones),
    Field::Messages(9, "managed", kManagedFields, kMaxManaged),
};

Result<Tombstone> ReadTombstone(const proto::Tombstone& from) {
  auto grant = At("grant", GrantId::Parse(from.grant()));
  auto cause = ReadWord("cause", from.cause());
  if (auto error = FirstError(grant, cause)) return Failure(std::move(*error));
  return Tombstone{std::move(*grant), FromUnixSeconds(from.ended()), FromUnixSeconds(from.until()), std::move(*cause)};
}

Result<ManagedAccount> ReadManaged(const proto::ManagedAccount& from) {
  auto name = At("name", AccountName::Parse(from.name()));
  if (!name) return Failure(std::move(name.error()));
  if (!from.login() && !from.sudo()) return Fail(Errc::kMalformed, "is gated for nothing");
  return ManagedAccount{std::move(*name), Gate{from.login(), from.sudo()}};
}

}  // namespace

std::string EncodeBundle(const Bundle& bundle) {
  proto::Bundle to;
  to.set_format(bundle.format);
  to.set_host(std::string(bundle.host.Raw()));
  to.set_epoch(bundle.epoch);
  to.set_version(bundle.version);
  to.set_previous(std::string(bundle.previous.Raw()));
  to.set_issued_ms(WriteMillis(bundle.issued));
  for (const Grant& grant : bundle.grants) WriteGrant(grant, *to.add_grants());
  for (const Tombstone& tombstone : bundle.ended) {
    proto::Tombstone* entry = to.add_ended();
    entry->set_grant(tombstone.grant.Text());
    entry->set_ended(UnixSeconds(tombstone.ended));
    entry->set_until(UnixSeconds(tombstone.until));
    entry->set_cause(tombstone.cause);
  }
  for (const ManagedAccount& account : bundle.managed) {
    proto::ManagedAccount* entry = to.add_managed();
    entry->set_name(account.name.Text());
    entry->set_login(account.gate.login);
    entry->set_sudo(account.gate.sudo);
  }
  return to.SerializeAsString();
}

Result<Bundle> DecodeBundle(const Verified& body) {
  auto from = ParseSigned<proto::Bundle>(body, Purpose::kBundle, kBundleFields);
  if (!from) return Failure(std::move(from.error()));
  if (from->format() != kFormat) {
    return Fail(Errc::kMalformed, fmt::format("format {}, this build reads {}", from->format(), kFormat), "format",
                "upgrade the agent");
  }
  if (from->version() == 0) return Fail(Errc::kMalformed, "versions begin at 1", "version");
  auto host = At("host", HostId::FromBytes(from->host()));
  auto previous = At("previous", ContentHash::FromBytes(from->previous()));
  auto grants = Distinct("grants", ReadEach("grants", from->grants(), ReadGrant), &Grant::id);
  auto ended = Distinct("ended", ReadEach("ended", from->ended(), ReadTombstone), &Tombstone::grant);
  auto managed = Distinct("managed", ReadEach("managed", from->managed(), ReadManaged), &ManagedAccount::name);
  if (auto error = FirstError(host, previous, grants, ended, managed)) return Failure(std::move(*error));
  return Bundle{.format = from->format(),
                .host = *host,
                .epoch = from->epoch(),
                .version = from->version(),
                .previous = *previous,
                .issued = ReadMillis(from->issued_ms()),
                .grants = std::move(*grants),
                .ended = std::move(*ended),
                .managed = std::move(*managed)};
}

}  // namespace curfew
