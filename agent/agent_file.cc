// SPDX-License-Identifier: Apache-2.0
// agent.toml read by toml++ and written by hand: five lines.
#include "agent/agent_file.h"

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <charconv>

namespace curfew {
namespace {

constexpr const char* kHint = "run: curfew-agent join";

Failure Missing(const std::string& path, const char* key) {
  return Fail(Errc::kMalformed, std::string("no text under `") + key + "`", path, kHint);
}

bool IsHostText(std::string_view text) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:";
  return !text.empty() && text.size() <= 253 && text.find_first_not_of(kAllowed) == std::string_view::npos;
}

template <class Value>
Failure At(const std::string& path, const char* key, const Result<Value>& bad) {
  Error error = bad.error();
  error.where = path + ": " + key;
  return Failure(std::move(error));
}

}  // namespace

Result<Endpoint> ParseEndpoint(std::string_view text) {
  const auto bad = [&] { return Fail(Errc::kMalformed, "not HOST:PORT", Escaped(text)); };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return bad();
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (!IsHostText(host) || (host.find(':') != std::string_view::npos) != bracketed) return bad();
  std::uint16_t port = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (code != std::errc{} || end != digits.data() + digits.size() || port == 0) return bad();
  return Endpoint{std::string(host), port};
}

std::string FormatEndpoint(const Endpoint& endpoint) {
  const bool six = endpoint.host.find(':') != std::string::npos;
  return (six ? "[" + endpoint.host + "]" : endpoint.host) + ":" + std::to_string(endpoint.port);
}

Result<AgentFile> ParseAgentFile(std::string_view text, const std::string& path) {
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    const auto& at = parsed.error().source().begin;
    return Fail(Errc::kMalformed, std::string(parsed.error().description()),
                path + ":" + std::to_string(at.line) + ":" + std::to_string(at.column), kHint);
  }
  const auto* host_text = parsed["host_id"].as_string();
  const auto* name_text = parsed["name"].as_string();
  const auto* controller = parsed["controller"].as_string();
  const auto* agents_text = parsed["agents"].as_string();
  if (host_text == nullptr) return Missing(path, "host_id");
  if (name_text == nullptr) return Missing(path, "name");
  if (controller == nullptr) return Missing(path, "controller");
  if (agents_text == nullptr) return Missing(path, "agents");
  const auto host = HostId::FromHex(host_text->get());
  if (!host) return At(path, "host_id", host);
  const auto name = HostName::Parse(name_text->get());
  if (!name) return At(path, "name", name);
  auto agents = ParseEndpoint(agents_text->get());
  if (!agents) return At(path, "agents", agents);
  return AgentFile{*host, *name, controller->get(), std::move(*agents)};
}

std::string RenderAgentFile(const AgentFile& file) {
  return "# Written by curfew-agent join; read by curfew-link and curfew-agent.\n"
         "host_id = \"" +
         file.host.Hex() +
         "\"\n"
         "name = \"" +
         file.name.Text() +
         "\"\n"
         "controller = \"" +
         file.controller +
         "\"\n"
         "agents = \"" +
         FormatEndpoint(file.agents) + "\"\n";
}

}  // namespace curfew
