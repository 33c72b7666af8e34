// SPDX-License-Identifier: Apache-2.0
// Reads fields of one JSON object. The first field that is not what it should be is remembered with its path; what is
// read after that is empty, so a reader of many fields asks once, at its end.
#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/halt.h"
#include "core/time.h"

namespace curfew {

class JsonReader {
 public:
  /// `where` names the object in an error: "request", "request.grants[0]".
  JsonReader(const boost::json::value& value, std::string where);

  [[nodiscard]] std::string Text(std::string_view name);        ///< must be there
  [[nodiscard]] std::string TextOrNone(std::string_view name);  ///< empty when absent or null
  [[nodiscard]] std::int64_t Whole(std::string_view name);      ///< must be there
  [[nodiscard]] std::int64_t WholeOrNone(std::string_view name);
  [[nodiscard]] bool FlagOrNone(std::string_view name);
  [[nodiscard]] std::optional<Instant> MomentOrNone(std::string_view name);
  [[nodiscard]] std::vector<std::string> TextsOrNone(std::string_view name);
  /// The member, or null when absent.
  [[nodiscard]] const boost::json::value* Member(std::string_view name) const;
  /// A reader for a member object; one with only empty fields when it is absent or null.
  [[nodiscard]] JsonReader Inside(std::string_view name);
  /// A reader for each element of a member array.
  [[nodiscard]] std::vector<JsonReader> Each(std::string_view name);
  /// Remembers that `name` is not `wanted`.
  void Blame(std::string_view name, std::string_view wanted);

  /// What went wrong in this object or in those read from inside it.
  [[nodiscard]] Answer<void> Outcome() const;

 private:
  JsonReader(const boost::json::value* value, std::string where, std::shared_ptr<std::string> fault);

  const boost::json::object* object_ = nullptr;
  std::string where_;
  std::shared_ptr<std::string> fault_;  ///< one for a whole document
};

}  // namespace curfew
