// SPDX-License-Identifier: Apache-2.0
// Making and reading the state folder.
#include "controller/state_folder.h"

#include <unistd.h>

#include <boost/json.hpp>

#include "controller/settings.h"
#include "controller/store/sqlite_store.h"
#include "core/base64.h"
#include "core/codec.h"
#include "os/own_file.h"

namespace curfew {
namespace {

// MUST be the last that init writes: by it serve knows that the others are there.
constexpr const char* kDoneFile = "root.json";
constexpr std::size_t kMostKey = 64;
constexpr std::size_t kMostText = std::size_t{256} << 10U;

/// The keys of a new installation. The root key leaves this process only into its own file.
struct NewKeys {
  PrivateKey root;
  PrivateKey bundle;
  PrivateKey lease;
  PrivateKey revoker;
};

Result<NewKeys> GenerateKeys() {
  auto root = PrivateKey::Generate();
  auto bundle = PrivateKey::Generate();
  auto lease = PrivateKey::Generate();
  auto revoker = PrivateKey::Generate();
  for (const auto* key : {&root, &bundle, &lease, &revoker}) {
    if (!*key) return Failure(key->error());
  }
  return NewKeys{std::move(*root), std::move(*bundle), std::move(*lease), std::move(*revoker)};
}

RoleTable FirstRoles(const NewKeys& keys) {
  RoleTable table;
  table.version = 1;
  table.roles[Purpose::kBundle] = Role{1, {keys.bundle.Public()}};
  table.roles[Purpose::kLease] = Role{1, {keys.lease.Public()}};
  table.roles[Purpose::kDelivered] = Role{1, {keys.lease.Public()}};
  table.roles[Purpose::kRevocation] = Role{1, {keys.revoker.Public()}};
  return table;
}

std::string RootText(const PublicKey& root) {
  return boost::json::serialize(boost::json::object{{"threshold", 1}, {"keys", boost::json::array{EncodeBase64(root.Raw())}}}) + "\n";
}

Result<void> WriteAll(const StateFolder& folder, const NewKeys& keys, const std::string& sealed_roles,
                      const CertificateAuthority& authority) {
  const auto pem = authority.Pem();
  if (!pem) return Failure(pem.error());
  struct File {
    const char* name;
    std::string text;
    mode_t mode;
  };
  const std::vector<File> files = {{"bundle.key", std::string(keys.bundle.Seed()), 0600},
                                   {"lease.key", std::string(keys.lease.Seed()), 0600},
                                   {"revoker.key", std::string(keys.revoker.Seed()), 0600},
                                   {"roles.sealed", sealed_roles, 0644},
                                   {"ca.key", pem->key, 0600},
                                   {"ca.crt", authority.CertificatePem(), 0644},
                                   {kDoneFile, RootText(keys.root.Public()), 0644}};
  for (const auto& file : files) {
    if (auto written = WriteOwnFile(folder.File(file.name), file.text, file.mode); !written) return written;
  }
  return {};
}

/// As root: the folder is the service account's, where there is one.
Result<void> PrepareFolder(const StateFolder& folder) {
  if (auto made = MakeOwnDirectory(folder.path, 0700); !made) return made;
  if (::access(folder.File(kDoneFile).c_str(), F_OK) == 0) {
    return Fail(Errc::kConflict, "this controller was initialised before", folder.path, "to begin anew, move that folder away");
  }
  if (::geteuid() != 0) return {};
  auto given = GiveDirectoryTo(folder.path, kServiceAccount);
  if (!given && given.error().code == Errc::kNotFound) return {};  // not installed as a package: root runs it
  return given;
}

Result<std::string> WriteRootKey(const std::string& folder, const PrivateKey& root) {
  if (auto made = MakeOwnDirectory(folder, 0700); !made) return Failure(made.error());
  const std::string path = folder + "/root.key";
  if (::access(path.c_str(), F_OK) == 0) return Fail(Errc::kConflict, "there is a root key already", path, "move it away first");
  if (auto written = WriteOwnFile(path, root.Seed(), 0600); !written) return Failure(written.error());
  return path;
}

Result<void> WriteFirstSettings(const InitOrder& order) {
  if (::access(order.settings_file.c_str(), F_OK) == 0) return {};
  const std::size_t slash = order.settings_file.rfind('/');
  if (slash != std::string::npos && slash != 0) {
    if (auto made = MakeOwnDirectory(order.settings_file.substr(0, slash), 0755); !made) return made;
  }
  return WriteOwnFile(order.settings_file, FirstSettings(order.names), 0644);
}

/// What init wrote can only come back from a copy.
Error Restorable(Error error) {
  if (error.hint.empty()) error.hint = "restore it from your copy of the folder";
  return error;
}

Result<PrivateKey> LoadKey(const StateFolder& folder, const std::string& name) {
  const auto seed = ReadSecretFile(folder.File(name), kMostKey);
  if (!seed) return Failure(Restorable(seed.error()));
  return PrivateKey::FromSeed(*seed);
}

Result<Role> LoadRoot(const StateFolder& folder) {
  const auto text = ReadOwnFile(folder.File(kDoneFile), kMostText);
  if (!text) {
    return Fail(text.error().code, "this controller is not initialised: " + text.error().what, folder.path, "curfew-controller init");
  }
  try {
    const auto value = boost::json::parse(*text);
    Role role;
    role.threshold = value.at("threshold").to_number<std::uint32_t>();
    for (const auto& item : value.at("keys").as_array()) {
      auto raw = DecodeBase64(std::string_view(item.as_string()));
      if (!raw) return Failure(raw.error());
      auto key = PublicKey::FromBytes(*raw);
      if (!key) return Failure(key.error());
      role.keys.push_back(*key);
    }
    return role;
  } catch (const std::exception& error) {
    return Fail(Errc::kMalformed, error.what(), folder.File(kDoneFile), "restore it from a backup");
  }
}

}  // namespace

Result<std::string> InitFolder(const InitOrder& order) {
  if (auto fit = CheckServerNames(order.names); !fit) return Failure(fit.error());
  if (auto prepared = PrepareFolder(order.folder); !prepared) return Failure(prepared.error());
  auto keys = GenerateKeys();
  if (!keys) return Failure(keys.error());
  auto authority = CertificateAuthority::Create();
  if (!authority) return Failure(authority.error());
  auto sealed = Seal(Purpose::kRoles, EncodeRoleTable(FirstRoles(*keys)), keys->root);
  if (!sealed) return Failure(sealed.error());
  auto root_key = WriteRootKey(order.root_key_folder, keys->root);
  if (!root_key) return root_key;
  if (auto written = WriteFirstSettings(order); !written) return Failure(written.error());
  if (auto became = BecomeOwnerOf(order.folder.path); !became) return Failure(became.error());
  if (auto written = WriteAll(order.folder, *keys, *sealed, *authority); !written) return Failure(written.error());
  auto store = SqliteStore::Open(order.folder.Store());
  if (!store) return Failure(store.error());
  return root_key;
}

Result<SigningKeys> LoadSigningKeys(const StateFolder& folder) {
  auto root = LoadRoot(folder);
  if (!root) return Failure(root.error());
  auto bundle = LoadKey(folder, "bundle.key");
  auto lease = LoadKey(folder, "lease.key");
  auto revoker = LoadKey(folder, "revoker.key");
  for (const auto* key : {&bundle, &lease, &revoker}) {
    if (!*key) return Failure(key->error());
  }
  auto sealed = ReadOwnFile(folder.File("roles.sealed"), kMostText);
  if (!sealed) return Failure(Restorable(sealed.error()));
  const auto verdict = Verify(*sealed, Purpose::kRoles, *root);
  if (const auto* deny = Denied(verdict)) {
    return Fail(Errc::kRefused, std::string(Word(deny->reason)) + ": " + deny->detail, folder.File("roles.sealed"), "restore it from a backup");
  }
  auto roles = DecodeRoleTable(std::get<Verified>(verdict));
  if (!roles) return Failure(roles.error());
  return SigningKeys{std::move(*bundle), std::move(*lease), std::move(*revoker), std::move(*root), std::move(*roles), std::move(*sealed)};
}

Result<CertificateAuthority> LoadAuthority(const StateFolder& folder) {
  auto certificate = ReadOwnFile(folder.CaCertificate(), kMostText);
  if (!certificate) return Failure(Restorable(certificate.error()));
  auto key = ReadSecretFile(folder.File("ca.key"), kMostText);
  if (!key) return Failure(Restorable(key.error()));
  return CertificateAuthority::Load({std::move(*certificate), std::move(*key)});
}

}  // namespace curfew
