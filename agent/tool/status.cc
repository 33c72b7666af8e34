// SPDX-License-Identifier: Apache-2.0
// Status as text.
#include "agent/tool/status.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "core/names.h"
#include "os/text_file.h"

namespace curfew {
namespace {

namespace json = boost::json;

json::value TimeOrNull(Instant at) {
  if (at == Instant{}) return nullptr;
  return json::value(Rfc3339Millis(at));
}

std::string Summary(const StatusGrant& grant) {
  std::string what = grant.login ? "login" : "";
  if (grant.sudo.empty()) return what;
  what += what.empty() ? "sudo: " : ", sudo: ";
  for (const char c : grant.sudo) what += c == '\n' ? std::string("; ") : std::string(1, c);
  return what;
}

/// null, "all", or each command as its argv (no argument of ours holds a space).
json::value SudoJson(const std::string& sudo) {
  if (sudo.empty()) return nullptr;
  if (sudo == "all") return json::value(sudo);
  json::array commands;
  for (const auto line : SplitText(sudo, '\n')) {
    json::array argv;
    for (const auto word : SplitText(line, ' ')) argv.emplace_back(json::string(word.data(), word.size()));
    commands.emplace_back(std::move(argv));
  }
  return commands;
}

json::object GrantJson(const StatusGrant& grant) {
  json::object what;
  what["login"] = grant.login;
  what["sudo"] = SudoJson(grant.sudo);
  json::object one;
  one["id"] = grant.id;
  one["account"] = grant.account;
  one["what"] = std::move(what);
  one["until"] = Rfc3339Millis(grant.until);
  return one;
}

}  // namespace

std::string StatusJson(const HostStatus& status, const std::optional<AgentFile>& joined) {
  json::object out;
  out["name"] = joined ? json::value(joined->name.Text()) : json::value();
  out["host_id"] = status.host_id;
  out["enrolled"] = status.enrolled;
  out["link"] = status.link;
  out["mode"] = status.mode;
  out["bundle"] = json::object{{"epoch", status.epoch}, {"version", status.version}};
  out["roles_version"] = status.roles_version;
  out["lease_until"] = nullptr;  // no lease yet; INTERFACES has the name
  out["highest_time"] = TimeOrNull(status.highest_time);
  json::array grants;
  for (const auto& grant : status.grants) grants.emplace_back(GrantJson(grant));
  out["grants"] = std::move(grants);
  out["spool"] = json::object{{"depth", status.spool_depth}, {"seq", status.spool_seq}, {"head", status.spool_head}};
  json::array alarms;
  for (const auto& alarm : status.alarms) alarms.emplace_back(Escaped(alarm));
  out["alarms"] = std::move(alarms);
  return json::serialize(out) + "\n";
}

std::string StatusTable(const HostStatus& status, const std::optional<AgentFile>& joined) {
  std::string out;
  if (joined) out += fmt::format("{:<10} {}\n{:<10} {}\n", "name", joined->name.Text(), "controller", Escaped(joined->controller));
  out += fmt::format("{:<10} {}\n", "host", status.enrolled ? status.host_id : "not enrolled: run curfew-agent join");
  out += fmt::format("{:<10} {}\n", "link", status.link ? "connected" : "down");
  out += fmt::format("{:<10} {}\n", "mode", Escaped(status.mode));
  out += fmt::format("{:<10} {}.{}\n", "bundle", status.epoch, status.version);
  out += fmt::format("{:<10} {} waiting, last {}\n", "events", status.spool_depth, status.spool_seq);
  for (const auto& alarm : status.alarms) out += fmt::format("{:<10} {}\n", "ALARM", Escaped(alarm));
  if (status.grants.empty()) return out + "no live grant\n";
  out += fmt::format("\n{:<24} {:<16} {:<22} {}\n", "GRANT", "ACCOUNT", "UNTIL", "WHAT");
  for (const auto& grant : status.grants) {
    out += fmt::format("{:<24} {:<16} {:<22} {}\n", grant.id, grant.account, Rfc3339(grant.until), Summary(grant));
  }
  return out;
}

}  // namespace curfew
