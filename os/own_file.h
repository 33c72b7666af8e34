// SPDX-License-Identifier: Apache-2.0
// Files of the user that a service runs as: keys, settings, the store's folder. Follows no link in the last component,
// believes only the descriptor it reads, replaces a file whole and durably.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "core/result.h"

namespace curfew {

/// At most `most` bytes of a regular file; kNotFound when there is none, kOutOfRange when it is larger.
[[nodiscard]] Result<std::string> ReadOwnFile(const std::string& path, std::size_t most);

/// The same for a secret: kRefused unless its owner is this user (or root) and nobody else can read or write it.
[[nodiscard]] Result<std::string> ReadSecretFile(const std::string& path, std::size_t most);

/// Everything on standard input, at most `most` bytes.
[[nodiscard]] Result<std::string> ReadStandardInput(std::size_t most);

/// Writes the whole file beside its place, syncs it, and renames it there.
[[nodiscard]] Result<void> WriteOwnFile(const std::string& path, std::string_view text, mode_t mode);

/// Makes the directory with exactly this mode; fine when it is there already.
[[nodiscard]] Result<void> MakeOwnDirectory(const std::string& path, mode_t mode);

/// When running as root: become the owner of `directory` for good (groups, gid, uid). Else nothing.
[[nodiscard]] Result<void> BecomeOwnerOf(const std::string& directory);

/// chown(2) of a directory to an account of the user database.
[[nodiscard]] Result<void> GiveDirectoryTo(const std::string& path, const std::string& account);

}  // namespace curfew
