// SPDX-License-Identifier: Apache-2.0
// A JSON body read strictly: an object whose every field is known, each of the type it must have. Errors name the
// field.
#pragma once

#include <boost/json/object.hpp>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/workflow/outcome.h"
#include "core/policy.h"

namespace curfew {

class Fields {
 public:
  /// An empty body is an empty object.
  [[nodiscard]] static Outcome<Fields> Parse(std::string_view body, std::initializer_list<std::string_view> known);
  [[nodiscard]] static Outcome<Fields> Of(const boost::json::value& value, const std::string& where,
                                          std::initializer_list<std::string_view> known);

  [[nodiscard]] bool Has(std::string_view name) const { return object_.contains(name); }
  [[nodiscard]] const boost::json::value* Find(std::string_view name) const { return object_.if_contains(name); }
  /// kMalformed when it is missing or no string.
  [[nodiscard]] Outcome<std::string> Text(std::string_view name) const;
  /// Empty when it is missing.
  [[nodiscard]] Outcome<std::string> TextOrEmpty(std::string_view name) const;
  [[nodiscard]] Outcome<std::optional<std::int64_t>> Integer(std::string_view name) const;
  [[nodiscard]] Outcome<std::optional<bool>> Flag(std::string_view name) const;
  [[nodiscard]] Outcome<std::vector<std::string>> Texts(std::string_view name, std::size_t most) const;
  /// Decoded base64.
  [[nodiscard]] Outcome<std::string> Bytes(std::string_view name) const;

 private:
  Fields(boost::json::object object, std::string where) : object_(std::move(object)), where_(std::move(where)) {}
  [[nodiscard]] std::string NameOf(std::string_view name) const {
    return where_.empty() ? std::string(name) : where_ + "." + std::string(name);
  }
  boost::json::object object_;
  std::string where_;
};

/// What is asked for of sudo: "all", null, a list of argv lists; left out = as the policy allows.
[[nodiscard]] Outcome<SudoAsk> ReadSudoAsk(const boost::json::value* value);

}  // namespace curfew
