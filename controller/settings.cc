// SPDX-License-Identifier: Apache-2.0
// toml++ behind settings.h.
#include "controller/settings.h"

#include <charconv>

#include <toml++/toml.h>

namespace curfew {
namespace {

class Reader {
 public:
  Reader(const toml::table& table, const std::string& file) : table_(table), file_(file) {}

  [[nodiscard]] Result<void> Text(const char* key, std::string& place) const {
    const auto* node = table_.get(key);
    if (node == nullptr) return {};
    const auto* text = node->as_string();
    if (text == nullptr) return Bad(*node, key, "must be a text");
    if (text->get().empty()) return Bad(*node, key, "is empty", "leave the line out for the default");
    place = text->get();
    return {};
  }

  [[nodiscard]] Result<void> Duration(const char* key, Seconds& place) const {
    std::string text;
    if (auto read = Text(key, text); !read || text.empty()) return read;
    const auto length = ParseDuration(text);
    if (!length) return Bad(*table_.get(key), key, length.error().what, length.error().hint);
    place = *length;
    return {};
  }

  [[nodiscard]] Result<void> Count(const char* key, std::int64_t& place) const {
    const auto* node = table_.get(key);
    if (node == nullptr) return {};
    const auto* number = node->as_integer();
    if (number == nullptr || number->get() < 1) return Bad(*node, key, "must be a number above 0");
    place = number->get();
    return {};
  }

  [[nodiscard]] Result<void> Listen(const char* key, ListenAddress& place) const {
    std::string text;
    if (auto read = Text(key, text); !read || text.empty()) return read;
    auto address = ParseListenAddress(text);
    if (!address) return Bad(*table_.get(key), key, address.error().what, address.error().hint);
    place = std::move(*address);
    return {};
  }

  [[nodiscard]] Result<void> Texts(const char* key, std::vector<std::string>& place) const {
    const auto* node = table_.get(key);
    if (node == nullptr) return {};
    const auto* list = node->as_array();
    if (list == nullptr) return Bad(*node, key, "must be a list of texts");
    for (const auto& item : *list) {
      const auto* text = item.as_string();
      if (text == nullptr) return Bad(item, key, "must be a list of texts");
      place.push_back(text->get());
    }
    return {};
  }

  [[nodiscard]] Failure Bad(const toml::node& node, const std::string& key, const std::string& what,
                            const std::string& hint = {}) const {
    return Fail(Errc::kMalformed, key + " " + what, Where(node.source()), hint);
  }
  [[nodiscard]] std::string Where(const toml::source_region& region) const {
    return file_ + ":" + std::to_string(region.begin.line) + ":" + std::to_string(region.begin.column);
  }

 private:
  const toml::table& table_;
  const std::string& file_;
};

Result<void> RefuseUnknown(const toml::table& table, const Reader& reader) {
  const std::vector<std::string_view> known = {"api",     "agents", "agents_address",    "names",
                                               "session", "acknowledge_within", "confirm_within", "pending_for", "live_requests"};
  for (const auto& [key, node] : table) {
    if (std::find(known.begin(), known.end(), key.str()) != known.end()) continue;
    return Fail(Errc::kMalformed, "unknown key '" + Escaped(key.str()) + "'", reader.Where(key.source()),
                "known: api, agents, agents_address, names, session, acknowledge_within, confirm_within, pending_for, live_requests");
  }
  return {};
}

}  // namespace

Result<ListenAddress> ParseListenAddress(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return Fail(Errc::kMalformed, "must be ADDRESS:PORT", "", "write 0.0.0.0:7443");
  std::string_view address = text.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (address.empty() || read.ec != std::errc() || read.ptr != digits.data() + digits.size()) {
    return Fail(Errc::kMalformed, "must be ADDRESS:PORT", "", "write 0.0.0.0:7443");
  }
  return ListenAddress{std::string(address), port};
}

Result<ControllerSettings> ReadSettings(std::string_view text, const std::string& file) {
  try {
    const toml::table table = toml::parse(text, file);
    const Reader reader(table, file);
    if (auto known = RefuseUnknown(table, reader); !known) return Failure(known.error());
    ControllerSettings settings;
    const std::array<Result<void>, 9> parts = {
        reader.Listen("api", settings.api),
        reader.Listen("agents", settings.agents),
        reader.Text("agents_address", settings.agents_address),
        reader.Texts("names", settings.names),
        reader.Duration("session", settings.session),
        reader.Duration("acknowledge_within", settings.workflow.acknowledge_within),
        reader.Duration("confirm_within", settings.workflow.confirm_within),
        reader.Duration("pending_for", settings.workflow.pending_for),
        reader.Count("live_requests", settings.workflow.live_requests)};
    for (const auto& part : parts) {
      if (!part) return Failure(part.error());
    }
    if (settings.names.empty()) return Fail(Errc::kMalformed, "names is missing", file, "write names = [\"controller.example\"]");
    if (settings.agents_address.empty()) settings.agents_address = settings.names.front() + ":" + std::to_string(settings.agents.port);
    return settings;
  } catch (const toml::parse_error& error) {
    const auto& at = error.source().begin;
    return Fail(Errc::kMalformed, std::string(error.description()),
                file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column), "this is not TOML");
  }
}

std::string FirstSettings(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "\"" : ", \"") + name + "\"";
  return "# curfew-controller. What is commented out is the default.\n"
         "names = [" + list + "]            # in the server certificates; the first is what hosts dial\n"
         "#api = \"0.0.0.0:7443\"              # people and tools\n"
         "#agents = \"0.0.0.0:7444\"           # hosts\n"
         "#agents_address = \"" + names.front() + ":7444\"\n"
         "#acknowledge_within = \"2m\"         # a host that has not activated a grant by then makes it fail\n"
         "#confirm_within = \"30s\"            # an end that is not proved by then is an alarm\n"
         "#pending_for = \"1d\"                # a request that nobody decides lapses\n"
         "#live_requests = 20                # so many one person may have live at once\n"
         "#session = \"12h\"                   # how long a login lasts\n";
}

}  // namespace curfew
