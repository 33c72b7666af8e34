// SPDX-License-Identifier: Apache-2.0
// `curfew request`: its options, and the checks that need no controller.
#include "cli/grammar.h"

namespace curfew {
namespace {

Answer<std::vector<HostName>> ReadHosts(const std::string& list) {
  std::vector<HostName> hosts;
  for (std::size_t from = 0; from <= list.size();) {
    const std::size_t comma = std::min(list.find(',', from), list.size());
    auto host = HostName::Parse(std::string_view(list).substr(from, comma - from));
    if (!host) return Refuse(host.error(), ExitCode::kUsage);
    hosts.push_back(std::move(*host));
    from = comma + 1;
  }
  return hosts;
}

Answer<Wanted> ReadWanted(const Typed& typed) {
  if (typed.login_only) return LoginOnly{};
  if (typed.sudo_all) return AllCommands{};
  if (!typed.tail) return AsPolicySays{};
  auto command = Command::Parse(*typed.tail);
  if (!command) return Refuse(command.error(), ExitCode::kUsage);
  return std::move(*command);
}

Answer<void> CheckRequest(const Typed& typed) {
  if (typed.hosts.empty() == typed.expression.empty()) {
    return Refuse(ExitCode::kUsage, "one of HOST and --hosts is needed", "`curfew hosts` lists the names");
  }
  if (typed.login_only + typed.sudo_all + typed.tail.has_value() > 1) {
    return Refuse(ExitCode::kUsage, "--login-only, --sudo-all and a command after -- exclude each other");
  }
  return {};
}

Answer<void> ReadWhere(const Typed& typed, RequestVerb& verb) {
  if (!typed.hosts.empty()) {
    auto hosts = ReadHosts(typed.hosts);
    if (!hosts) return Halted(hosts.error());
    verb.hosts = std::move(*hosts);
  }
  if (!typed.expression.empty()) {
    auto expression = HostExpression::Parse(typed.expression);
    if (!expression) return Refuse(expression.error(), ExitCode::kUsage);
    verb.expression = std::move(*expression);
  }
  return {};
}

}  // namespace

void RequestOptions(CLI::App& app, Typed& typed) {
  app.add_option("HOSTS", typed.hosts, "HOST[,HOST...], names from `curfew hosts`");
  app.add_option("--hosts", typed.expression, "labels instead of names, e.g. env=lab,role=web");
  app.add_option("--for", typed.length, "how long, e.g. 30m, 2h; else the policy's default");
  app.add_option("--reason", typed.reason, "why; approvers and auditors read it")->required();
  app.add_option("--as", typed.account, "account on the host; else what the policy says");
  app.add_flag("--login-only", typed.login_only, "log in, no sudo");
  app.add_flag("--sudo-all", typed.sudo_all, "every command under sudo");
  app.add_option("--policy", typed.policy, "the policy to use, when several would do");
  app.add_option("--ticket", typed.ticket, "id in your ticket system");
  app.add_option("--key", typed.key_file, "log in with this public key only (file)");
  auto* wait = app.add_flag("--wait", typed.wait, "stay until it is usable or refused");
  app.add_option("--timeout", typed.timeout, "but not longer than this, e.g. 10m")->needs(wait);
}

Answer<AnyVerb> ReadRequest(const Typed& typed) {
  if (auto ok = CheckRequest(typed); !ok) return Halted(ok.error());
  RequestVerb verb;
  verb.reason = typed.reason;
  verb.policy = typed.policy;
  verb.ticket = typed.ticket;
  verb.key_file = typed.key_file;
  verb.wait = typed.wait;
  if (auto where = ReadWhere(typed, verb); !where) return Halted(where.error());
  if (!typed.account.empty()) {
    auto account = AccountName::Parse(typed.account);
    if (!account) return Refuse(account.error(), ExitCode::kUsage);
    verb.account = std::move(*account);
  }
  auto wanted = ReadWanted(typed);
  if (!wanted) return Halted(wanted.error());
  verb.wanted = std::move(*wanted);
  auto length = ReadLength("--for", typed.length);
  auto timeout = ReadLength("--timeout", typed.timeout);
  if (!length || !timeout) return Halted(length ? timeout.error() : length.error());
  verb.length = *length;
  verb.timeout = *timeout;
  return verb;
}

}  // namespace curfew
