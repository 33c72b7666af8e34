// SPDX-License-Identifier: Apache-2.0
// Field access over Boost.JSON.
#include "cli/json_reader.h"

#include <boost/json.hpp>

namespace curfew {
namespace json = boost::json;

JsonReader::JsonReader(const json::value& value, std::string where)
    : JsonReader(&value, std::move(where), std::make_shared<std::string>()) {}

JsonReader::JsonReader(const json::value* value, std::string where, std::shared_ptr<std::string> fault)
    : object_(value == nullptr ? nullptr : value->if_object()), where_(std::move(where)), fault_(std::move(fault)) {
  if (value != nullptr && object_ == nullptr && fault_->empty()) *fault_ = where_ + " is no object";
}

const json::value* JsonReader::Member(std::string_view name) const {
  const json::value* member = object_ == nullptr ? nullptr : object_->if_contains(name);
  return member == nullptr || member->is_null() ? nullptr : member;
}

void JsonReader::Blame(std::string_view name, std::string_view wanted) {
  if (!fault_->empty()) return;
  fault_->append(where_).append(".").append(name).append(" is no ").append(wanted);
}

std::string JsonReader::Text(std::string_view name) {
  if (Member(name) == nullptr) Blame(name, "text");
  return TextOrNone(name);
}

std::string JsonReader::TextOrNone(std::string_view name) {
  const json::value* member = Member(name);
  if (member == nullptr) return {};
  if (const json::string* text = member->if_string()) return {text->data(), text->size()};
  Blame(name, "text");
  return {};
}

std::int64_t JsonReader::Whole(std::string_view name) {
  if (Member(name) == nullptr) Blame(name, "whole number");
  return WholeOrNone(name);
}

std::int64_t JsonReader::WholeOrNone(std::string_view name) {
  const json::value* member = Member(name);
  if (member == nullptr) return 0;
  if (const std::int64_t* number = member->if_int64()) return *number;
  Blame(name, "whole number");
  return 0;
}

bool JsonReader::FlagOrNone(std::string_view name) {
  const json::value* member = Member(name);
  if (member == nullptr) return false;
  if (const bool* flag = member->if_bool()) return *flag;
  Blame(name, "flag");
  return false;
}

std::optional<Instant> JsonReader::MomentOrNone(std::string_view name) {
  const std::string text = TextOrNone(name);
  if (text.empty()) return std::nullopt;
  const auto moment = ParseRfc3339(text);
  if (moment) return *moment;
  Blame(name, "RFC 3339 time in UTC");
  return std::nullopt;
}

std::vector<std::string> JsonReader::TextsOrNone(std::string_view name) {
  std::vector<std::string> texts;
  const json::value* member = Member(name);
  if (member == nullptr) return texts;
  const json::array* array = member->if_array();
  if (array == nullptr) Blame(name, "array of texts");
  for (const json::value& element : array == nullptr ? json::array() : *array) {
    const json::string* text = element.if_string();
    if (text == nullptr) {
      Blame(name, "array of texts");
      return {};
    }
    texts.emplace_back(text->data(), text->size());
  }
  return texts;
}

JsonReader JsonReader::Inside(std::string_view name) {
  return {Member(name), where_ + "." + std::string(name), fault_};
}

std::vector<JsonReader> JsonReader::Each(std::string_view name) {
  std::vector<JsonReader> readers;
  const json::value* member = Member(name);
  if (member == nullptr) return readers;
  const json::array* array = member->if_array();
  if (array == nullptr) {
    Blame(name, "array");
    return readers;
  }
  for (std::size_t i = 0; i < array->size(); ++i) {
    readers.push_back(
        JsonReader(&(*array)[i], where_ + "." + std::string(name) + "[" + std::to_string(i) + "]", fault_));
  }
  return readers;
}

Answer<void> JsonReader::Outcome() const {
  if (fault_->empty()) return {};
  return Refuse(ExitCode::kFailed, "the controller's answer cannot be read: " + *fault_,
                "is this a Curfew controller, and of this version? `curfew login URL` sets another");
}

}  // namespace curfew
