// SPDX-License-Identifier: Apache-2.0
// The controller's online keys, one for each purpose, and the root-signed role table that lets hosts believe them. The
// root key is not among them.
#pragma once

#include <string>
#include <vector>

#include "core/signature.h"
#include "core/trust.h"

namespace curfew {

struct SigningKeys {
  PrivateKey bundle;
  PrivateKey lease;
  PrivateKey revoker;
  Role root;                 ///< whose signatures the role table carries
  RoleTable roles;
  std::string sealed_roles;  ///< as hosts get it
};

}  // namespace curfew
