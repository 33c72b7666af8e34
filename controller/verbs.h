// SPDX-License-Identifier: Apache-2.0
// The admin's verbs. Each works on the store itself, in one transaction with its event, and then pokes a running serve.
#pragma once

#include <string>
#include <vector>

#include "controller/state_folder.h"
#include "core/result.h"
#include "core/time.h"

namespace curfew {

/// What a verb says: for standard output, and for people on standard error.
struct Said {
  std::string out;
  std::string note;
};

[[nodiscard]] Result<Said> AddUser(const StateFolder& folder, const std::string& name, const std::vector<std::string>& groups, std::string password);
[[nodiscard]] Result<Said> DisableUser(const StateFolder& folder, const std::string& name);
[[nodiscard]] Result<Said> ListUsers(const StateFolder& folder);
[[nodiscard]] Result<Said> NewToken(const StateFolder& folder, std::int64_t uses, Seconds expires, const std::vector<std::string>& labels);
[[nodiscard]] Result<Said> ListTokens(const StateFolder& folder);
[[nodiscard]] Result<Said> RemoveToken(const StateFolder& folder, const std::string& id);
[[nodiscard]] Result<Said> ListHosts(const StateFolder& folder);
[[nodiscard]] Result<Said> RemoveHostNamed(const StateFolder& folder, const std::string& name);
[[nodiscard]] Result<Said> ShowBundle(const StateFolder& folder, const std::string& name);
[[nodiscard]] Result<Said> LoadPolicyText(const StateFolder& folder, const std::string& text, const std::string& file);

}  // namespace curfew
