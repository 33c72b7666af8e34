// SPDX-License-Identifier: Apache-2.0
// The admin's verbs. Each works on the store itself, in one transaction with its event, and then pokes a running serve.
#pragma once

#include <string>
#include <vector>

#include "controller/settings.h"
#include "controller/state_folder.h"
#include "core/result.h"
#include "core/time.h"

namespace curfew {

/// Where a verb works, and by which settings: those of `serve`.
struct Premises {
  StateFolder folder;
  ControllerSettings settings;
};

/// What a verb says: for standard output, and for people on standard error.
struct Printed {
  std::string out;
  std::string note;
};

[[nodiscard]] Result<Printed> AddUser(const Premises& premises, const std::string& name,
                                      const std::vector<std::string>& groups, std::string password);
[[nodiscard]] Result<Printed> DisableUser(const Premises& premises, const std::string& name);
[[nodiscard]] Result<Printed> FreeKey(const Premises& premises, const std::string& fingerprint);
[[nodiscard]] Result<Printed> ListUsers(const Premises& premises);
[[nodiscard]] Result<Printed> NewToken(const Premises& premises, std::int64_t uses, Seconds expires,
                                       const std::vector<std::string>& labels);
[[nodiscard]] Result<Printed> ListTokens(const Premises& premises);
[[nodiscard]] Result<Printed> RemoveToken(const Premises& premises, const std::string& id);
[[nodiscard]] Result<Printed> ListHosts(const Premises& premises);
[[nodiscard]] Result<Printed> RemoveHostNamed(const Premises& premises, const std::string& name);
[[nodiscard]] Result<Printed> ShowBundle(const Premises& premises, const std::string& name);
[[nodiscard]] Result<Printed> ShowRevocation(const Premises& premises, const std::string& grant);
[[nodiscard]] Result<Printed> LoadPolicyText(const Premises& premises, const std::string& text,
                                             const std::string& file);

}  // namespace curfew
