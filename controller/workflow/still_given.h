// SPDX-License-Identifier: Apache-2.0
// Asked again at the moment of giving. MUST give nothing that policy, groups, decisions and keys of now would not:
// hours may have passed since the request was made, and people, keys and rules go.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "controller/workflow/change.h"

namespace curfew {

struct StillGiven;

/// A grant that may be given now. Exists only through AskAgain.
class Given {
 public:
  [[nodiscard]] const GrantRecord& Record() const { return record_; }

 private:
  friend StillGiven AskAgain(const Change& change, const RequestRecord& request, std::vector<GrantRecord> wanted);
  explicit Given(GrantRecord record) : record_(std::move(record)) {}
  GrantRecord record_;
};

struct NotGiven {
  GrantRecord record;
  std::string why;
};

struct StillGiven {
  std::vector<LoginKey> keys;  ///< of those asked with, the ones that are still the person's
  std::vector<std::variant<NotGiven, Given>> grants;
};

/// `wanted`: a grant for each host of the request, in its order, as it would be given.
[[nodiscard]] StillGiven AskAgain(const Change& change, const RequestRecord& request, std::vector<GrantRecord> wanted);

}  // namespace curfew
