// SPDX-License-Identifier: Apache-2.0
// The controller's folder: online keys, role table, CA, store. `init` makes it once, with the root key apart from all
// that serves; serve reads everything but the root key.
#pragma once

#include <string>
#include <vector>

#include "controller/identity/ca.h"
#include "controller/workflow/signing_keys.h"
#include "core/result.h"

namespace curfew {

inline constexpr const char* kServiceAccount = "curfew-controller";

struct StateFolder {
  std::string path;

  [[nodiscard]] std::string Store() const { return path + "/store.db"; }
  [[nodiscard]] std::string Control() const { return path + "/control.sock"; }
  [[nodiscard]] std::string CaCertificate() const { return path + "/ca.crt"; }
  [[nodiscard]] std::string File(const std::string& name) const { return path + "/" + name; }
};

struct InitOrder {
  StateFolder folder;
  std::string root_key_folder;
  std::string settings_file;
  std::vector<std::string> names;
};

/// Makes keys, role table, CA and an empty store; the path of the root key. kConflict when the folder is in use
/// already. As root it leaves everything but the root key and the settings to the service's account.
[[nodiscard]] Result<std::string> InitFolder(const InitOrder& order);

[[nodiscard]] Result<SigningKeys> LoadSigningKeys(const StateFolder& folder);
[[nodiscard]] Result<CertificateAuthority> LoadAuthority(const StateFolder& folder);

}  // namespace curfew
