// SPDX-License-Identifier: Apache-2.0
// `ssh`: becomes plain ssh(1). It asks for nothing and never probes by logging in; a controller that cannot say which
// account was granted is no reason not to try.
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/controller_api.h"
#include "cli/show.h"
#include "cli/shown.h"

namespace curfew {
namespace {

/// The account of my live login grant on `host`, the longest one where there are several; empty when there is none.
std::string GrantedAccount(const std::vector<RequestView>& mine, const std::string& host) {
  std::string account;
  std::optional<Instant> latest;
  for (const RequestView& request : mine) {
    for (const GrantView& grant : request.grants) {
      if (!request.what.login || grant.host != host || grant.state != "active" || grant.end <= latest) continue;
      account = request.account;
      latest = grant.end;
    }
  }
  return account;
}

Answer<std::string> AskAccount(const Context& context, const std::string& host) {
  auto api = ControllerApi::Open(context.home);
  if (!api) return Halted(api.error());
  auto array = api->Requests("mine");
  if (!array) return Halted(array.error());
  auto mine = DecodeAll(*array, DecodeRequest);
  if (!mine) return Halted(mine.error());
  std::string account = GrantedAccount(*mine, host);
  if (account.empty()) {
    return Refuse(ExitCode::kDenied, "you have no live grant on " + host,
                  "ask for one: `curfew request " + host + " --for 1h --reason TEXT --wait`");
  }
  return account;
}

}  // namespace

Answer<ExitCode> Run(const SshVerb& verb, Context& context) {
  std::vector<std::string> words{"ssh"};
  if (!verb.account.empty()) {
    words.insert(words.end(), {"-l", verb.account});
  } else if (auto account = AskAccount(context, verb.host); account) {
    words.insert(words.end(), {"-l", *account});
  } else {
    context.terminal.Note("curfew: " + account.error().Text());
  }
  // `--` ends ssh's options, so that neither the host nor the command can be read as one.
  words.insert(words.end(), {"--", verb.host});
  words.insert(words.end(), verb.argv.begin(), verb.argv.end());
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  execvp("ssh", argv.data());
  return Refuse(ExitCode::kFailed, std::string("ssh: ") + std::strerror(errno), "install openssh-client");
}

}  // namespace curfew
