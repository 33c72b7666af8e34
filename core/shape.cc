// SPDX-License-Identifier: Apache-2.0
// One pass over protobuf's wire (protobuf.dev, "Encoding"): tags, varints and lengths, nothing else.
#include "core/shape.h"

#include <algorithm>
#include <optional>
#include <string>

#include <fmt/format.h>

namespace curfew {
namespace {

constexpr std::uint64_t kWireVarint = 0;
constexpr std::uint64_t kWireLength = 2;

// The unread rest of a message, and how far into the whole it begins.
struct Cursor {
  std::string_view rest;
  std::size_t offset = 0;

  void Skip(std::size_t count) {
    rest.remove_prefix(count);
    offset += count;
  }
};

// A varint in its shortest spelling; nothing else has one meaning for all readers.
std::optional<std::uint64_t> TakeVarint(Cursor& cursor) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < 10 && i < cursor.rest.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(cursor.rest[i]);
    if (i == 9 && byte > 1) return std::nullopt;
    value |= static_cast<std::uint64_t>(byte & 0x7fU) << (7 * i);
    if ((byte & 0x80U) != 0) continue;
    if (byte == 0 && i > 0) return std::nullopt;
    cursor.Skip(i + 1);
    return value;
  }
  return std::nullopt;
}

Failure Bad(Errc code, std::size_t offset, std::string_view name, std::string_view what) {
  return Fail(code, fmt::format("{} (byte {})", what, offset), std::string(name));
}

Failure Inside(std::string_view name, Error error) {
  error.where = error.where.empty() ? std::string(name) : fmt::format("{}.{}", name, error.where);
  return Failure(std::move(error));
}

Result<void> CheckMessage(Cursor cursor, Shape shape);

Result<void> CheckValue(Cursor& cursor, const Field& field) {
  const std::size_t start = cursor.offset;
  const auto value = TakeVarint(cursor);
  if (!value) return Bad(Errc::kMalformed, start, field.name, "not a varint in its shortest form");
  if (*value == 0 && !field.zero) return Bad(Errc::kMalformed, start, field.name, "a default that is written out");
  if (field.kind != Field::Kind::kMessage && *value > field.most) {
    const bool number = field.kind == Field::Kind::kNumber;
    return Bad(Errc::kOutOfRange, start, field.name,
               fmt::format("{} {} is over {}", number ? "value" : "length", *value, field.most));
  }
  if (field.kind == Field::Kind::kNumber) return {};
  if (*value > cursor.rest.size()) return Bad(Errc::kMalformed, start, field.name, "cut short");
  const auto length = static_cast<std::size_t>(*value);
  if (field.kind == Field::Kind::kMessage) {
    auto inner = CheckMessage({cursor.rest.substr(0, length), cursor.offset}, field.shape);
    if (!inner) return Inside(field.name, std::move(inner.error()));
  }
  cursor.Skip(length);
  return {};
}

Result<void> CheckMessage(Cursor cursor, Shape shape) {
  std::uint32_t last = 0;
  std::size_t count = 0;
  while (!cursor.rest.empty()) {
    const std::size_t start = cursor.offset;
    const auto tag = TakeVarint(cursor);
    if (!tag) return Bad(Errc::kMalformed, start, {}, "not a tag");
    const auto field = std::ranges::find(shape, *tag >> 3U, [](const Field& f) { return std::uint64_t{f.number}; });
    if (field == shape.end()) return Bad(Errc::kMalformed, start, {}, fmt::format("unknown field {}", *tag >> 3U));
    const std::uint64_t wire = field->kind == Field::Kind::kNumber ? kWireVarint : kWireLength;
    if ((*tag & 7U) != wire) return Bad(Errc::kMalformed, start, field->name, "another wire type");
    if (field->number < last) return Bad(Errc::kMalformed, start, field->name, "fields out of order");
    count = field->number == last ? count + 1 : 1;
    last = field->number;
    if (count > field->count) {
      return Bad(Errc::kOutOfRange, start, field->name, fmt::format("stands more than {} times", field->count));
    }
    auto value = CheckValue(cursor, *field);
    if (!value) return value;
  }
  return {};
}

}  // namespace

Result<void> CheckShape(std::string_view bytes, Shape shape) { return CheckMessage({bytes, 0}, shape); }

}  // namespace curfew
