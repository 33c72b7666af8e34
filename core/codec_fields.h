// SPDX-License-Identifier: Apache-2.0
// From the wire's fields to typed values, for the codec's files only: each failure carries the path of its field.
#pragma once

#include <climits>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/names.h"
#include "core/result.h"
#include "core/shape.h"
#include "core/time.h"
#include "core/trust.h"

namespace curfew {

inline constexpr std::uint64_t kMostSeconds = static_cast<std::uint64_t>(UnixSeconds(kEndOfTime));
inline constexpr std::uint64_t kMostMillis = static_cast<std::uint64_t>(kEndOfTime.time_since_epoch().count());
inline constexpr std::uint64_t kLongestSpan = std::uint64_t{3650} * 86400;  ///< no length of time is over ten years
inline constexpr std::uint64_t kLongestId = 22;
inline constexpr std::uint64_t kLongestAccount = 32;
inline constexpr std::uint64_t kLongestPerson = 128;
inline constexpr std::uint64_t kLongestDigest = 32;
inline constexpr std::uint64_t kLongestWord = 32;

/// `result`, its failure placed under `field`.
template <class T>
[[nodiscard]] Result<T> At(std::string_view field, Result<T> result) {
  if (result) return result;
  Error& error = result.error();
  error.where = error.where.empty() ? std::string(field) : fmt::format("{}.{}", field, error.where);
  return result;
}

/// The first failure among results.
template <class... T>
[[nodiscard]] std::optional<Error> FirstError(const Result<T>&... results) {
  std::optional<Error> first;
  const auto look = [&first](const auto& result) {
    if (!first && !result) first = result.error();
  };
  (look(results), ...);
  return first;
}

/// Each element through `read`; a failure says which one.
template <class List, class Read>
[[nodiscard]] auto ReadEach(std::string_view field, const List& list, const Read& read)
    -> Result<std::vector<typename decltype(read(*list.begin()))::value_type>> {
  std::vector<typename decltype(read(*list.begin()))::value_type> values;
  values.reserve(static_cast<std::size_t>(list.size()));
  for (const auto& element : list) {
    auto value = At(fmt::format("{}[{}]", field, values.size()), read(element));
    if (!value) return Failure(std::move(value.error()));
    values.push_back(std::move(*value));
  }
  return values;
}

/// kMalformed when two elements have the same key.
template <class T, class KeyOf>
[[nodiscard]] Result<std::vector<T>> Distinct(std::string_view field, Result<std::vector<T>> list, const KeyOf& key_of) {
  if (!list) return list;
  std::set<std::decay_t<decltype(std::invoke(key_of, list->front()))>> seen;
  for (const T& element : *list) {
    if (!seen.insert(std::invoke(key_of, element)).second) return Fail(Errc::kMalformed, "holds the same twice", std::string(field));
  }
  return list;
}

/// Text that a person may have written: plain, bounded.
[[nodiscard]] Result<std::string> ReadText(std::string_view field, std::string_view text, std::size_t longest);
/// One word of ours: 1 to 32 of a-z and `-`.
[[nodiscard]] Result<std::string> ReadWord(std::string_view field, std::string_view text);
/// A length of time that CheckShape has bounded.
[[nodiscard]] inline Seconds ReadSpan(std::uint64_t seconds) { return Seconds{static_cast<std::int64_t>(seconds)}; }
/// Whole milliseconds since 1970 that CheckShape has bounded.
[[nodiscard]] inline Instant ReadMillis(std::int64_t millis) { return Instant{Millis{millis}}; }
[[nodiscard]] inline std::int64_t WriteMillis(Instant at) { return at.time_since_epoch().count(); }

/// A parsed message of protobuf's; only after its shape was checked.
template <class Message>
[[nodiscard]] Result<Message> ParseMessage(std::string_view bytes, Shape shape) {
  if (bytes.size() > kMaxBundleBody) return Fail(Errc::kOutOfRange, "longer than any message may be");
  if (auto fits = CheckShape(bytes, shape); !fits) return Failure(std::move(fits.error()));
  Message message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Fail(Errc::kMalformed, "protobuf cannot read it");
  }
  return message;
}

/// The same for a body that was sealed for `purpose`; kRefused for another purpose.
template <class Message>
[[nodiscard]] Result<Message> ParseSigned(const Verified& body, Purpose purpose, Shape shape) {
  if (body.For() != purpose) return Fail(Errc::kRefused, "sealed for another purpose");
  return ParseMessage<Message>(body.Body(), shape);
}

}  // namespace curfew
