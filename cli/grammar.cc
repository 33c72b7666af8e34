// SPDX-License-Identifier: Apache-2.0
// The rows of the grammar, in the order of `curfew --help`.
#include "cli/grammar.h"

namespace curfew {
namespace {

void NoOptions(CLI::App&, Typed&) {}

void IdOption(CLI::App& app, Typed& typed) {
  app.add_option("ID", typed.id, "a request, as `curfew ls` shows it")->required();
}

void LoginOptions(CLI::App& app, Typed& typed) {
  app.add_option("URL", typed.url, "https://controller:7443; kept for the next time");
  app.add_option("--ca", typed.ca_file, "PEM file of the controller's CA; kept, too");
  auto* user = app.add_option("--user", typed.user, "who you are at the controller");
  app.add_option("--password-file", typed.password_file, "file with the password; - reads standard input")->needs(user);
}

Answer<AnyVerb> ReadLogin(const Typed& typed) {
  return LoginVerb{typed.url, typed.ca_file, typed.user, typed.password_file};
}

void KeyAddOptions(CLI::App& app, Typed& typed) {
  app.add_option("FILE", typed.file, "a public key, e.g. ~/.ssh/id_ed25519.pub; - reads standard input")->required();
}

void KeyRemoveOptions(CLI::App& app, Typed& typed) {
  app.add_option("ID", typed.id, "as `curfew key ls` shows it")->required();
  app.add_flag("--end-grants", typed.end_grants, "give back live access that lets this key in (a stolen laptop)");
}

void DecideOptions(CLI::App& app, Typed& typed) {
  IdOption(app, typed);
  app.add_option("--reason", typed.reason, "why; the asker and the auditor read it");
}

void ApproveOptions(CLI::App& app, Typed& typed) {
  DecideOptions(app, typed);
  app.add_option("--for", typed.length, "approve, but for this long at most, e.g. 30m");
}

Answer<AnyVerb> ReadApprove(const Typed& typed) {
  const auto length = ReadLength("--for", typed.length);
  if (!length) return Halted(length.error());
  return DecideVerb{true, typed.id, typed.reason, *length};
}

Answer<AnyVerb> ReadDeny(const Typed& typed) { return DecideVerb{false, typed.id, typed.reason, std::nullopt}; }

template <Ending ending>
Answer<AnyVerb> ReadEnd(const Typed& typed) {
  return EndVerb{ending, typed.id, typed.reason};
}

void RevokeOptions(CLI::App& app, Typed& typed) {
  IdOption(app, typed);
  app.add_option("--reason", typed.reason, "why; the person and the auditor read it")->required();
}

void ExtendOptions(CLI::App& app, Typed& typed) {
  IdOption(app, typed);
  app.add_option("--for", typed.length, "how much longer, e.g. 1h")->required();
}

Answer<AnyVerb> ReadExtend(const Typed& typed) {
  const auto length = ReadLength("--for", typed.length);
  if (!length) return Halted(length.error());
  return ExtendVerb{typed.id, length->value_or(Seconds{0})};
}

void ListOptions(CLI::App& app, Typed& typed) {
  auto* filters = app.add_option_group("filter");
  filters->add_flag("--mine", typed.mine, "what I asked for");
  filters->add_flag("--to-review", typed.to_review, "what waits for my yes or no");
  filters->add_flag("--live", typed.live, "what is in force on a host now");
  filters->add_flag("--unconfirmed", typed.unconfirmed, "ends that a host has not proved yet");
  filters->add_flag("--alarms", typed.alarms, "events that somebody must look at");
  filters->require_option(0, 1);
}

Answer<AnyVerb> ReadList(const Typed& typed) {
  if (typed.mine) return ListVerb{Filter::kMine};
  if (typed.to_review) return ListVerb{Filter::kToReview};
  if (typed.live) return ListVerb{Filter::kLive};
  if (typed.unconfirmed) return ListVerb{Filter::kUnconfirmed};
  if (typed.alarms) return ListVerb{Filter::kAlarms};
  return ListVerb{Filter::kAll};
}

void SshOptions(CLI::App& app, Typed& typed) {
  app.add_option("HOST", typed.host, "a host, or account@host")->required();
  app.add_option("--as", typed.account, "account on the host; else that of your live grant");
}

Answer<AnyVerb> ReadSsh(const Typed& typed) {
  SshVerb verb{typed.host, typed.account, typed.tail.value_or(std::vector<std::string>{})};
  const auto at = verb.host.rfind('@');
  if (at != std::string::npos) {
    if (!verb.account.empty())
      return Refuse(ExitCode::kUsage, "account given twice", "leave out --as or the part before @");
    verb.account = verb.host.substr(0, at);
    verb.host.erase(0, at + 1);
  }
  // ssh(1) would read a leading `-` as an option, and options can run commands (ProxyCommand).
  if (verb.host.empty() || verb.host.front() == '-' || verb.account.starts_with('-')) {
    return Refuse(ExitCode::kUsage, "'" + typed.host + "' is no host", "try `curfew hosts`");
  }
  return verb;
}

void PolicyCheckOptions(CLI::App& app, Typed& typed) {
  app.add_option("FILE", typed.file, "a policy in YAML; needs no controller")->required();
}

template <class T>
Answer<AnyVerb> ReadNothing(const Typed&) {
  return T{};
}

constexpr GrammarRow kRows[] = {
    {"", "login", "log in to a controller; the session is kept", false, LoginOptions, ReadLogin},
    {"key", "add", "hand in a public ssh key of yours", false, KeyAddOptions,
     [](const Typed& typed) -> Answer<AnyVerb> { return KeyAddVerb{typed.file}; }},
    {"key", "ls", "your keys", false, NoOptions, ReadNothing<KeyListVerb>},
    {"key", "rm", "take a key back", false, KeyRemoveOptions,
     [](const Typed& typed) -> Answer<AnyVerb> { return KeyRemoveVerb{typed.id, typed.end_grants}; }},
    {"", "request", "ask for access; a command after -- asks for exactly that under sudo", true, RequestOptions,
     ReadRequest},
    {"", "approve", "say yes to a request", false, ApproveOptions, ReadApprove},
    {"", "deny", "say no to a request", false, DecideOptions, ReadDeny},
    {"", "withdraw", "take back a request of yours that is not decided yet", false, IdOption,
     ReadEnd<Ending::kWithdraw>},
    {"", "return", "give back access that you no longer need", false, IdOption, ReadEnd<Ending::kReturn>},
    {"", "revoke", "end somebody's access now", false, RevokeOptions, ReadEnd<Ending::kRevoke>},
    {"", "extend", "more time: comes in a later release, ask again", false, ExtendOptions, ReadExtend},
    {"", "ls", "requests that you may see", false, ListOptions, ReadList},
    {"", "show", "one request: stages, history, proof for each host", false, IdOption,
     [](const Typed& typed) -> Answer<AnyVerb> { return ShowVerb{typed.id}; }},
    {"", "hosts", "the servers, and what holds on each", false, NoOptions, ReadNothing<HostsVerb>},
    {"", "ssh", "plain ssh as the account that was granted", true, SshOptions, ReadSsh},
    {"audit", "ls", "every step, in order", false, NoOptions, ReadNothing<AuditListVerb>},
    {"audit", "verify", "check that no step was changed or lost", false, NoOptions, ReadNothing<AuditVerifyVerb>},
    {"policy", "check", "read a policy and say what is wrong with it", false, PolicyCheckOptions,
     [](const Typed& typed) -> Answer<AnyVerb> { return PolicyCheckVerb{typed.file}; }},
};

}  // namespace

std::span<const GrammarRow> Grammar() { return kRows; }

Answer<std::optional<Seconds>> ReadLength(const char* option, const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto length = ParseDuration(text);
  if (!length)
    return Refuse(ExitCode::kUsage, option + (" '" + text + "': ") + length.error().what, length.error().hint);
  return *length;
}

}  // namespace curfew
