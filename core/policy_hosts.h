// SPDX-License-Identifier: Apache-2.0
// Which hosts are meant: labels, and expressions over them. An expression is a conjunction of exact terms; there is no
// negation and no wildcard, so that adding a host can only match what its labels say.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/names.h"

namespace curfew {

/// A host's labels as its enrolment token gave them; `name` is always the host's own name.
using Labels = std::map<std::string, std::string>;

/// "role=web": key [a-z][a-z0-9_-]{0,31}, value [A-Za-z0-9][A-Za-z0-9_.-]{0,62}.
[[nodiscard]] Result<std::pair<std::string, std::string>> ParseLabel(std::string_view text);

/// "env=lab role=web" (blanks or commas between): every term must hold.
class HostExpression {
 public:
  [[nodiscard]] static Result<HostExpression> Parse(std::string_view text);
  [[nodiscard]] bool Matches(const HostName& name, const Labels& labels) const;
  /// The canonical form: terms joined by one blank.
  [[nodiscard]] std::string Text() const;
  bool operator==(const HostExpression&) const = default;

 private:
  explicit HostExpression(std::vector<std::pair<std::string, std::string>> terms) : terms_(std::move(terms)) {}
  std::vector<std::pair<std::string, std::string>> terms_;
};

}  // namespace curfew
