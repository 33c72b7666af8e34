// SPDX-License-Identifier: Apache-2.0
// Lists as JSON arrays: what the store keeps of them and what the API shows.
#pragma once

#include <boost/json/array.hpp>
#include <vector>

#include "core/grant.h"

namespace curfew {

template <class Items, class Form>
boost::json::array ListOf(const Items& items, Form form) {
  boost::json::array list;
  list.reserve(items.size());
  for (const auto& item : items) list.push_back(form(item));
  return list;
}

/// Each a list of its words.
[[nodiscard]] boost::json::array CommandList(const std::vector<Command>& commands);

}  // namespace curfew
