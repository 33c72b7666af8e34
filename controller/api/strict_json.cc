// SPDX-License-Identifier: Apache-2.0
// The parser's own duplicates rule is that the last one wins; a second pass looks for keys alone.
#include "controller/api/strict_json.h"

#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <set>
#include <vector>

#include "core/names.h"

namespace curfew {
namespace {

namespace json = boost::json;
using Code = boost::system::error_code;

// NOLINTBEGIN(readability-identifier-naming, readability-convert-member-functions-to-static): names and shape are
// Boost.JSON's
struct KeysSeen {
  static constexpr std::size_t max_object_size = std::size_t(-1);
  static constexpr std::size_t max_array_size = std::size_t(-1);
  static constexpr std::size_t max_key_size = std::size_t(-1);
  static constexpr std::size_t max_string_size = std::size_t(-1);

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_array_begin(Code&) { return true; }
  bool on_array_end(std::size_t, Code&) { return true; }
  bool on_object_begin(Code&) {
    open.emplace_back();
    return true;
  }
  bool on_object_end(std::size_t, Code&) {
    open.pop_back();
    return true;
  }
  bool on_key_part(json::string_view part, std::size_t, Code&) {
    key.append(part.data(), part.size());
    return true;
  }
  bool on_key(json::string_view part, std::size_t, Code&) {
    key.append(part.data(), part.size());
    if (!open.back().insert(key).second && twice.empty()) twice = key;
    key.clear();
    return true;
  }
  bool on_string_part(json::string_view, std::size_t, Code&) { return true; }
  bool on_string(json::string_view, std::size_t, Code&) { return true; }
  bool on_number_part(json::string_view, Code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, Code&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, Code&) { return true; }
  bool on_double(double, json::string_view, Code&) { return true; }
  bool on_bool(bool, Code&) { return true; }
  bool on_null(Code&) { return true; }
  bool on_comment_part(json::string_view, Code&) { return true; }
  bool on_comment(json::string_view, Code&) { return true; }

  std::vector<std::set<std::string>> open;
  std::string key;
  std::string twice;  ///< the first key that came again in its object
};
// NOLINTEND(readability-identifier-naming, readability-convert-member-functions-to-static)

}  // namespace

Outcome<json::value> ParseStrictly(std::string_view body) {
  json::parse_options options;
  options.max_depth = 8;
  Code failed;
  auto value = json::parse(body, failed, {}, options);
  if (failed) return Refuse(Refusal::kMalformed, "the body is not JSON: " + failed.message(), "");
  json::basic_parser<KeysSeen> keys(options);
  keys.write_some(false, body.data(), body.size(), failed);
  const std::string& twice = keys.handler().twice;
  if (failed || !twice.empty()) {
    return Refuse(Refusal::kMalformed, "field '" + Escaped(std::string_view(twice).substr(0, 64)) + "' is there twice",
                  "say it once");
  }
  return value;
}

}  // namespace curfew
