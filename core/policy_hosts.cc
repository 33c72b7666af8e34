// SPDX-License-Identifier: Apache-2.0
// Labels and host expressions as text.
#include "core/policy_hosts.h"

#include <algorithm>

namespace curfew {
namespace {

constexpr std::size_t kMostTerms = 16;
constexpr std::string_view kExample = "write terms like env=lab role=web";

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAlnum(char c) { return IsLower(c) || IsDigit(c) || (c >= 'A' && c <= 'Z'); }

bool IsKey(std::string_view text) {
  return !text.empty() && text.size() <= 32 && IsLower(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsLower(c) || IsDigit(c) || c == '_' || c == '-'; });
}

bool IsValue(std::string_view text) {
  return !text.empty() && text.size() <= 63 && IsAlnum(text.front()) &&
         std::all_of(text.begin(), text.end(), [](char c) { return IsAlnum(c) || c == '_' || c == '.' || c == '-'; });
}

std::vector<std::string_view> Split(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(" ,\t", at), text.size());
    if (end > at) words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

}  // namespace

Result<std::pair<std::string, std::string>> ParseLabel(std::string_view text) {
  const std::size_t sign = text.find('=');
  if (sign == std::string_view::npos) {
    return Fail(Errc::kMalformed, "'" + Escaped(text.substr(0, 80)) + "' is not KEY=VALUE", "label", std::string(kExample));
  }
  const std::string_view key = text.substr(0, sign);
  const std::string_view value = text.substr(sign + 1);
  if (!IsKey(key)) {
    return Fail(Errc::kMalformed, "'" + Escaped(key.substr(0, 80)) + "' is not a label's key", "label",
                "keys are lower case letters, digits, _ and -, at most 32");
  }
  if (!IsValue(value)) {
    return Fail(Errc::kMalformed, "'" + Escaped(value.substr(0, 80)) + "' is not a label's value", "label",
                "values are letters, digits, _ . and -, at most 63; there are no wildcards");
  }
  return std::pair(std::string(key), std::string(value));
}

Result<HostExpression> HostExpression::Parse(std::string_view text) {
  const auto words = Split(text);
  if (words.empty()) return Fail(Errc::kMalformed, "no term", "host expression", std::string(kExample));
  if (words.size() > kMostTerms) return Fail(Errc::kOutOfRange, "more than 16 terms", "host expression");
  std::vector<std::pair<std::string, std::string>> terms;
  for (const auto word : words) {
    auto term = ParseLabel(word);
    if (!term) return Failure(term.error());
    terms.push_back(std::move(*term));
  }
  return HostExpression(std::move(terms));
}

bool HostExpression::Matches(const HostName& name, const Labels& labels) const {
  return std::all_of(terms_.begin(), terms_.end(), [&](const auto& term) {
    if (term.first == "name") return term.second == name.Text();
    const auto found = labels.find(term.first);
    return found != labels.end() && found->second == term.second;
  });
}

std::string HostExpression::Text() const {
  std::string text;
  for (const auto& [key, value] : terms_) text += (text.empty() ? "" : " ") + key + "=" + value;
  return text;
}

}  // namespace curfew
