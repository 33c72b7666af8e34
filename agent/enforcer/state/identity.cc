// SPDX-License-Identifier: Apache-2.0
// trusted_root.json: {"host_id": hex, "owner": hex, "root_keys": [base64 …], "root_threshold": n}.
#include "agent/enforcer/state/identity.h"

#include <boost/json.hpp>

#include "core/base64.h"
#include "os/directory.h"

namespace curfew {
namespace {

constexpr std::size_t kMostRootFile = 16384;
constexpr const char* kHint = "run: curfew-agent join";

Failure Bad(const Paths& paths, std::string what) { return Fail(Errc::kMalformed, std::move(what), paths.TrustedRoot(), kHint); }

Result<Role> ReadRootRole(const boost::json::object& file, const Paths& paths) {
  const auto* keys = file.if_contains("root_keys");
  const auto* threshold = file.if_contains("root_threshold");
  if (keys == nullptr || !keys->is_array()) return Bad(paths, "has no list root_keys");
  if (threshold == nullptr || !threshold->is_int64() || threshold->get_int64() < 1 || threshold->get_int64() > 8) {
    return Bad(paths, "root_threshold is not a number from 1 to 8");
  }
  Role role;
  role.threshold = static_cast<std::uint32_t>(threshold->get_int64());
  for (const auto& key : keys->get_array()) {
    if (!key.is_string()) return Bad(paths, "root_keys holds something that is not text");
    const auto raw = DecodeBase64(std::string_view(key.get_string().data(), key.get_string().size()));
    if (!raw) return Bad(paths, "root_keys holds something that is not base64");
    auto parsed = PublicKey::FromBytes(*raw);
    if (!parsed) return Bad(paths, "root_keys holds something that is not an Ed25519 key");
    role.keys.push_back(*parsed);
  }
  if (role.keys.size() < role.threshold) return Bad(paths, "holds fewer keys than its threshold");
  return role;
}

template <class Id>
Result<Id> ReadId(const boost::json::object& file, const char* name, const Paths& paths) {
  const auto* id = file.if_contains(name);
  auto read = id != nullptr && id->is_string() ? Id::FromHex(std::string_view(id->get_string().data(), id->get_string().size()))
                                               : Fail(Errc::kMalformed, "no text");
  if (!read) return Bad(paths, std::string(name) + " is not 64 hexadecimal digits");
  return read;
}

}  // namespace

Result<std::optional<Identity>> ReadIdentity(const Paths& paths) {
  auto text = ReadTrustedFile(paths.TrustedRoot(), kMostRootFile);
  if (!text && text.error().code == Errc::kNotFound) return std::optional<Identity>();
  if (!text) return Failure(text.error());
  boost::system::error_code error;
  const boost::json::value file = boost::json::parse(*text, error);
  if (error || !file.is_object()) return Bad(paths, "is not a JSON object");
  auto host = ReadId<HostId>(file.get_object(), "host_id", paths);
  if (!host) return Failure(host.error());
  auto owner = ReadId<ContentHash>(file.get_object(), "owner", paths);
  if (!owner) return Failure(owner.error());
  auto root = ReadRootRole(file.get_object(), paths);
  if (!root) return Failure(root.error());
  auto seed = ReadTrustedFile(paths.AuditKey(), 64);
  if (!seed) return Failure(seed.error());
  auto audit = PrivateKey::FromSeed(*seed);
  if (!audit) return Fail(Errc::kMalformed, "is not a 32-byte key", paths.AuditKey(), kHint);
  return Identity{*host, *std::move(root), *owner, std::make_shared<const PrivateKey>(*std::move(audit))};
}

}  // namespace curfew
