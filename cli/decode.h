// SPDX-License-Identifier: Apache-2.0
// From the controller's JSON to the values of model.h; unknown fields are left alone, missing or wrong ones are an
// error.
#pragma once

#include <boost/json.hpp>

#include "cli/model.h"
#include "cli/halt.h"

namespace curfew {

[[nodiscard]] Answer<RequestView> DecodeRequest(const boost::json::value& value);
[[nodiscard]] Answer<HostView> DecodeHost(const boost::json::value& value);
[[nodiscard]] Answer<KeyView> DecodeKey(const boost::json::value& value);
[[nodiscard]] Answer<RemovedKeyView> DecodeRemovedKey(const boost::json::value& value);
[[nodiscard]] Answer<EventView> DecodeEvent(const boost::json::value& value);
[[nodiscard]] Answer<PersonView> DecodePerson(const boost::json::value& value);
[[nodiscard]] Answer<SessionView> DecodeSession(const boost::json::value& value);

/// Every element of an array of the above.
template <class T>
[[nodiscard]] Answer<std::vector<T>> DecodeAll(const boost::json::array& array,
                                               Answer<T> (*decode)(const boost::json::value&)) {
  std::vector<T> all;
  all.reserve(array.size());
  for (const auto& element : array) {
    auto one = decode(element);
    if (!one) return Halted(one.error());
    all.push_back(std::move(*one));
  }
  return all;
}

}  // namespace curfew
