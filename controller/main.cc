// SPDX-License-Identifier: Apache-2.0
// curfew-controller's command line. Exit: 0 done, 1 failed, 2 usage. Secrets come from files or standard input, never
// from an argument.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <functional>

#include <CLI/CLI.hpp>

#include "controller/serve.h"
#include "controller/verbs.h"
#include "core/policy_reader.h"
#include "os/machine.h"
#include "os/own_file.h"

namespace curfew {
namespace {

constexpr std::size_t kMostPassword = 2048;
constexpr std::size_t kMostSettings = std::size_t{64} << 10U;

/// What the command line said.
struct Options {
  std::string folder = "/var/lib/curfew-controller";
  std::string settings = "/etc/curfew/controller.toml";
  std::string root_key_folder;
  std::vector<std::string> names;
  std::string user;
  std::string fingerprint;
  std::vector<std::string> groups;
  std::string password_file;
  std::int64_t uses = 1;
  std::string expires = "24h";
  std::vector<std::string> labels;
  std::string token;
  std::string host;
  std::string grant;
  std::string file;
};

using Verb = std::function<Result<Printed>()>;

Result<std::string> ReadInput(const std::string& file, std::size_t most) {
  return file == "-" ? ReadStandardInput(most) : ReadOwnFile(file, most);
}

/// Verbs read what only root may read first, then become the service's account.
Result<Premises> Enter(const Options& options) {
  const auto text = ReadOwnFile(options.settings, kMostSettings);
  if (!text) return Fail(text.error().code, text.error().what, text.error().where, "curfew-controller init writes it");
  auto settings = ReadSettings(*text, options.settings);
  if (!settings) return Failure(settings.error());
  StateFolder folder{options.folder};
  if (::access(folder.path.c_str(), X_OK) != 0 && errno == EACCES) {
    return Fail(Errc::kSystem, "only root and the service's own account may look here", folder.path, "run it as root");
  }
  if (auto became = BecomeOwnerOf(folder.path); !became) {
    return Fail(became.error().code, became.error().what, became.error().where, "curfew-controller init makes it");
  }
  return Premises{std::move(folder), *std::move(settings)};
}

Result<Printed> Init(const Options& options) {
  InitOrder order{StateFolder{options.folder}, options.root_key_folder, options.settings, options.names};
  if (order.root_key_folder.empty()) order.root_key_folder = options.folder + "/root";
  if (order.names.empty()) {
    auto own = MachineName();
    if (!own) return Failure(own.error());
    order.names.push_back(*std::move(own));
  }
  const auto root_key = InitFolder(order);
  if (!root_key) return Failure(root_key.error());
  return Printed{*root_key + "\n",
              "the controller is initialised in " + options.folder + "\n" +
                  "its root key is " + *root_key + ": take it offline now (copy it to a medium that you lock away, then shred it here);\n" +
                  "  the controller never needs it to serve. Hosts and people trust " + order.folder.CaCertificate() + ".\n" +
                  "next: systemctl enable --now curfew-controller; curfew-controller policy load FILE"};
}

Result<Printed> ServeVerb(const Options& options) {
  const auto premises = Enter(options);
  if (!premises) return Failure(premises.error());
  if (auto served = Serve(premises->folder, premises->settings); !served) return Failure(served.error());
  return Printed{};
}

Result<Printed> AddUserVerb(const Options& options) {
  auto password = ReadInput(options.password_file, kMostPassword);
  if (!password) return Failure(password.error());
  const auto premises = Enter(options);
  if (!premises) return Failure(premises.error());
  return AddUser(*premises, options.user, options.groups, *std::move(password));
}

Result<Printed> LoadPolicyVerb(const Options& options) {
  const auto text = ReadInput(options.file, kMaxPolicyBytes + 1);
  if (!text) return Failure(text.error());
  const auto premises = Enter(options);
  if (!premises) return Failure(premises.error());
  return LoadPolicyText(*premises, *text, options.file == "-" ? "standard-input" : options.file);
}

Result<Printed> NewTokenVerb(const Options& options) {
  const auto expires = ParseDuration(options.expires);
  if (!expires) return Fail(expires.error().code, expires.error().what, "--expires", expires.error().hint);
  const auto premises = Enter(options);
  if (!premises) return Failure(premises.error());
  return NewToken(*premises, options.uses, *expires, options.labels);
}

/// A verb that needs nothing but where it works.
template <class Do>
Verb InPremises(const Options& options, Do act) {
  return [&options, act]() -> Result<Printed> {
    const auto premises = Enter(options);
    if (!premises) return Failure(premises.error());
    return act(*premises);
  };
}

void AddServing(CLI::App& app, Options& options, Verb& chosen) {
  auto* init = app.add_subcommand("init", "make keys, CA and store; the root key is written apart");
  init->add_option("--name", options.names, "DNS name or address in the server certificates (again for more)");
  init->add_option("--root-key-dir", options.root_key_folder, "where root.key goes (default DIR/root)");
  init->callback([&] { chosen = [&options] { return Init(options); }; });
  app.add_subcommand("serve", "serve people and hosts")->callback([&] { chosen = [&options] { return ServeVerb(options); }; });
  auto* policy = app.add_subcommand("policy", "the policy in force")->require_subcommand(1);
  auto* load = policy->add_subcommand("load", "check a policy file and put it into force");
  load->add_option("FILE", options.file, "policy file, or - for standard input")->required();
  load->callback([&] { chosen = [&options] { return LoadPolicyVerb(options); }; });
}

void AddPeople(CLI::App& app, Options& options, Verb& chosen) {
  auto* user = app.add_subcommand("user", "people who may log in")->require_subcommand(1);
  auto* add = user->add_subcommand("add", "add a person");
  add->add_option("NAME", options.user)->required();
  add->add_option("--group", options.groups, "group of the person (again for more)");
  add->add_option("--password-file", options.password_file, "file with the password, or - for standard input")->required();
  add->callback([&] { chosen = [&options] { return AddUserVerb(options); }; });
  auto* disable = user->add_subcommand("disable", "log a person out for good");
  disable->add_option("NAME", options.user)->required();
  disable->callback([&] { chosen = InPremises(options, [&](const Premises& premises) { return DisableUser(premises, options.user); }); });
  auto* free_key = user->add_subcommand("free-key", "let somebody else hand in a key that one person has handed in");
  free_key->add_option("FINGERPRINT", options.fingerprint, "as `ssh-keygen -l -f FILE` prints it: SHA256:...")->required();
  free_key->callback([&] { chosen = InPremises(options, [&](const Premises& premises) { return FreeKey(premises, options.fingerprint); }); });
  user->add_subcommand("ls", "list people")->callback([&] { chosen = InPremises(options, ListUsers); });
}

void AddHosts(CLI::App& app, Options& options, Verb& chosen) {
  auto* token = app.add_subcommand("token", "tokens that hosts join with")->require_subcommand(1);
  auto* make = token->add_subcommand("new", "make a token; it is printed once");
  make->add_option("--uses", options.uses, "how many hosts may join with it");
  make->add_option("--expires", options.expires, "for how long: 24h, 30m, 7d");
  make->add_option("--label", options.labels, "label of the hosts, KEY=VALUE (again for more)");
  make->callback([&] { chosen = [&options] { return NewTokenVerb(options); }; });
  token->add_subcommand("ls", "list tokens")->callback([&] { chosen = InPremises(options, ListTokens); });
  auto* rm = token->add_subcommand("rm", "remove a token");
  rm->add_option("ID", options.token)->required();
  rm->callback([&] { chosen = InPremises(options, [&](const Premises& premises) { return RemoveToken(premises, options.token); }); });
  auto* host = app.add_subcommand("host", "enrolled hosts")->require_subcommand(1);
  host->add_subcommand("ls", "list hosts")->callback([&] { chosen = InPremises(options, ListHosts); });
  auto* remove = host->add_subcommand("remove", "remove a host; its certificate is then worth nothing");
  remove->add_option("HOST", options.host)->required();
  remove->callback([&] { chosen = InPremises(options, [&](const Premises& premises) { return RemoveHostNamed(premises, options.host); }); });
  auto* bundle = app.add_subcommand("bundle", "print a host's current sealed bundle, raw");
  bundle->add_option("HOST", options.host)->required();
  auto* revocation = app.add_subcommand("revocation", "print the sealed end of a grant that was ended early, raw");
  revocation->add_option("GRANT", options.grant, "grant id, as `curfew show` has it")->required();
  revocation->callback([&] { chosen = InPremises(options, [&](const Premises& premises) { return ShowRevocation(premises, options.grant); }); });
  bundle->callback([&] { chosen = InPremises(options, [&](const Premises& premises) { return ShowBundle(premises, options.host); }); });
}

int Say(const Result<Printed>& said) {
  if (!said) {
    std::fprintf(stderr, "curfew-controller: %s\n", said.error().Text().c_str());
    return 1;
  }
  if (!said->note.empty()) std::fprintf(stderr, "%s\n", said->note.c_str());
  const bool written = std::fwrite(said->out.data(), 1, said->out.size(), stdout) == said->out.size();
  return written && std::fflush(stdout) == 0 ? 0 : 1;
}

int Main(int argc, char** argv) {
  ::umask(077);
  // A host that goes away while OpenSSL writes to it is an error value, never the controller's end.
  if (std::signal(SIGPIPE, SIG_IGN) == SIG_ERR) return 1;
  Options options;
  Verb chosen;
  CLI::App app("Curfew's controller: decides, signs, delivers, records.", "curfew-controller");
  app.footer("\nEach verb has --help. Ports 7443 (people, joining hosts) and 7444 (agents), unless the settings file says otherwise.\n"
             "Exit: 0 done, 1 failed, 2 usage. More: man curfew-controller");
  app.set_version_flag("--version", CURFEW_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--dir", options.folder, "state folder");
  app.add_option("--config", options.settings, "settings file");
  AddServing(app, options, chosen);
  AddPeople(app, options, chosen);
  AddHosts(app, options, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    const auto unknown = app.remaining(true);
    const std::string what = unknown.empty() ? error.what() : "'" + Escaped(unknown.front()) + "' is not known here";
    std::fprintf(stderr, "curfew-controller: %s; see curfew-controller --help\n", what.c_str());
    return 2;
  }
  return Say(chosen());
}

}  // namespace
}  // namespace curfew

int main(int argc, char** argv) {
  try {
    return curfew::Main(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "curfew-controller: %s\n", failure.what());
    return 1;
  }
}
