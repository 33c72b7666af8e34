// SPDX-License-Identifier: Apache-2.0
// `request`, with and without --wait.
#include <fmt/format.h>

#include "cli/interrupt.h"
#include "cli/show.h"
#include "cli/waiting.h"

namespace curfew {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxKey = 16384;

json::object WhatBody(const Wanted& wanted) {
  if (std::holds_alternative<LoginOnly>(wanted)) return {{"login", true}, {"sudo", nullptr}};
  if (std::holds_alternative<AllCommands>(wanted)) return {{"sudo", "all"}};
  if (const auto* command = std::get_if<Command>(&wanted)) {
    json::array argv;
    for (const std::string& word : command->Argv()) argv.emplace_back(word);
    json::object what;
    what["sudo"] = json::array{std::move(argv)};
    return what;
  }
  return {};
}

Answer<json::object> RequestBody(const RequestVerb& verb) {
  json::object body{{"reason", verb.reason}};
  json::array hosts;
  for (const HostName& host : verb.hosts) hosts.emplace_back(host.Text());
  if (!hosts.empty()) body["hosts"] = std::move(hosts);
  if (verb.expression) body["hosts_expr"] = verb.expression->Text();
  if (verb.account) body["account"] = verb.account->Text();
  if (json::object what = WhatBody(verb.wanted); !what.empty()) body["what"] = std::move(what);
  if (verb.length) body["duration_s"] = verb.length->count();
  if (!verb.ticket.empty()) body["ticket"] = verb.ticket;
  if (!verb.policy.empty()) body["policy"] = verb.policy;
  if (verb.key_file.empty()) return body;
  auto key = ReadBounded(verb.key_file, kMaxKey);
  if (!key) return Halted(key.error());
  // A private key must not leave this machine, not even towards an honest controller.
  if (key->find("PRIVATE KEY") != std::string::npos) {
    return Refuse(ExitCode::kUsage, verb.key_file + ": is a private key and was not sent",
                  "give the public one: " + verb.key_file + ".pub");
  }
  while (key->ends_with('\n') || key->ends_with('\r')) key->pop_back();
  body["key"] = *key;
  return body;
}

/// How to go on with a request that stays when the waiting ends early.
std::string GoOn(const std::string& id) {
  return fmt::format("the request stays: `curfew show {0}` shows its state, `curfew withdraw {0}` takes it back", id);
}

Answer<ExitCode> Follow(ControllerApi& api, Context& context, const json::value& stored,
                        std::optional<Seconds> timeout) {
  auto request = DecodeRequest(stored);
  if (!request) return Halted(request.error());
  auto waited = WaitFor(api, context.terminal, stored, timeout);
  context.terminal.EndProgress();
  if (!waited) {
    const bool ours = waited.error().exit == ExitCode::kInterrupted || waited.error().exit == ExitCode::kUnreachable;
    return Refuse(waited.error().exit, waited.error().what, ours ? GoOn(request->id) : waited.error().next);
  }
  auto shown = ShowSummary(context, waited->request);
  if (!shown) return shown;
  if (waited->exit == ExitCode::kStillPending) {
    return Refuse(waited->exit, "not usable yet when --timeout ran out", GoOn(request->id));
  }
  return waited->exit;
}

}  // namespace

Answer<ExitCode> Run(const RequestVerb& verb, Context& context) {
  auto body = RequestBody(verb);
  if (!body) return Halted(body.error());
  auto api = ControllerApi::Open(context.home);
  if (!api) return Halted(api.error());
  auto stored = api->Ask(*body);
  if (!stored) return Halted(stored.error());
  if (!verb.wait) return ShowSummary(context, *stored);
  // Only now, with an id to go on with: until here Ctrl-C simply ends the program.
  auto interrupt = Interrupt::Catch();
  if (!interrupt) return Halted(interrupt.error());
  api->Line().WatchInterrupt(interrupt->Descriptor());
  return Follow(*api, context, *stored, verb.timeout);
}

}  // namespace curfew
