// SPDX-License-Identifier: Apache-2.0
// A person's ssh key as it is handed in, read by libssh: type, strength and fingerprint known, weak ones refused,
// options and comment dropped.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/grant.h"

namespace curfew {

struct ReadKey {
  LoginKey key;
  std::string type;  ///< "ssh-ed25519"
  std::int64_t bits = 0;
  std::string fingerprint;  ///< "SHA256:…"
};

/// One line of a .pub or authorized_keys file. kMalformed for what is no public key (or a private one), kRefused for a
/// weak one (DSA, RSA under 2048 bits), with what to do instead.
[[nodiscard]] Result<ReadKey> ReadLoginKey(std::string_view line);

}  // namespace curfew
