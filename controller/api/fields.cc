// SPDX-License-Identifier: Apache-2.0
// Strict reading of JSON bodies.
#include "controller/api/fields.h"

#include <boost/json.hpp>

#include "controller/api/strict_json.h"
#include "core/base64.h"

namespace curfew {
namespace {

namespace json = boost::json;

tl::unexpected<Refused> Bad(const std::string& name, const std::string& what) {
  return Refuse(Refusal::kMalformed, "field '" + name + "' " + what, "see api/openapi.yaml");
}

Outcome<std::vector<std::string>> TextList(const json::value& value, const std::string& name, std::size_t most) {
  if (!value.is_array()) return Bad(name, "must be a list of texts");
  if (value.get_array().size() > most) return Bad(name, "has more than " + std::to_string(most) + " items");
  std::vector<std::string> texts;
  for (const auto& item : value.get_array()) {
    if (!item.is_string()) return Bad(name, "must be a list of texts");
    texts.emplace_back(item.get_string());
  }
  return texts;
}

}  // namespace

Outcome<Fields> Fields::Parse(std::string_view body, std::initializer_list<std::string_view> known) {
  if (body.empty()) return Fields({}, "");
  const auto value = ParseStrictly(body);
  if (!value) return tl::unexpected(value.error());
  return Of(*value, "", known);
}

Outcome<Fields> Fields::Of(const json::value& value, const std::string& where, std::initializer_list<std::string_view> known) {
  if (!value.is_object()) return Refuse(Refusal::kMalformed, (where.empty() ? "the body" : "field '" + where + "'") + " must be an object", "");
  for (const auto& item : value.get_object()) {
    const std::string_view key(item.key().data(), item.key().size());
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      return Bad(Escaped(key.substr(0, 64)), "is not known here");
    }
  }
  return Fields(value.get_object(), where);
}

Outcome<std::string> Fields::Text(std::string_view name) const {
  const auto* value = Find(name);
  if (value == nullptr) return Bad(NameOf(name), "is missing");
  if (!value->is_string()) return Bad(NameOf(name), "must be a text");
  return std::string(value->get_string());
}

Outcome<std::string> Fields::TextOrEmpty(std::string_view name) const {
  if (!Has(name)) return std::string();
  return Text(name);
}

Outcome<std::optional<std::int64_t>> Fields::Integer(std::string_view name) const {
  const auto* value = Find(name);
  if (value == nullptr) return std::optional<std::int64_t>();
  if (!value->is_int64()) return Bad(NameOf(name), "must be a whole number");
  return std::optional(value->get_int64());
}

Outcome<std::optional<bool>> Fields::Flag(std::string_view name) const {
  const auto* value = Find(name);
  if (value == nullptr) return std::optional<bool>();
  if (!value->is_bool()) return Bad(NameOf(name), "must be true or false");
  return std::optional(value->get_bool());
}

Outcome<std::vector<std::string>> Fields::Texts(std::string_view name, std::size_t most) const {
  const auto* value = Find(name);
  if (value == nullptr) return Bad(NameOf(name), "is missing");
  return TextList(*value, NameOf(name), most);
}

Outcome<std::string> Fields::Bytes(std::string_view name) const {
  const auto text = Text(name);
  if (!text) return text;
  auto bytes = DecodeBase64(*text);
  if (!bytes) return Bad(NameOf(name), "is not base64");
  return *std::move(bytes);
}

Outcome<SudoAsk> ReadSudoAsk(const json::value* value) {
  constexpr std::size_t kMostCommands = 100;
  if (value == nullptr) return SudoAsk(AsAllowed{});
  if (value->is_null()) return SudoAsk(NoSudo{});
  if (value->is_string() && value->get_string() == "all") return SudoAsk(AllCommands{});
  if (!value->is_array() || value->get_array().empty() || value->get_array().size() > kMostCommands) {
    return Bad("what.sudo", "must be \"all\", null, or a list of 1 to 100 commands");
  }
  std::vector<Command> commands;
  for (const auto& item : value->get_array()) {
    const auto argv = TextList(item, "what.sudo", 100);
    if (!argv) return tl::unexpected(argv.error());
    auto command = Command::Parse(*argv);
    // The reason for the asker: a wildcard, a relative path, an argument that sudo would read in its own way (DESIGN §4).
    if (!command) return Refuse(Refusal::kUnusable, command.error().what, command.error().hint);
    commands.push_back(std::move(*command));
  }
  return SudoAsk(std::move(commands));
}

}  // namespace curfew
