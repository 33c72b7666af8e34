// SPDX-License-Identifier: Apache-2.0
// `login` and `key`.
#include <fmt/format.h>

#include <array>

#include "cli/controller_api.h"
#include "cli/moment.h"
#include "cli/show.h"
#include "cli/shown.h"
#include "cli/texts.h"

namespace curfew {
namespace json = boost::json;
namespace {

constexpr std::size_t kMaxPassword = 4096;
constexpr std::size_t kMaxCa = std::size_t{256} << 10U;
constexpr std::size_t kMaxKey = 16384;

Answer<std::string> ReadUser(const LoginVerb& verb, const Terminal& terminal) {
  if (!verb.user.empty()) return verb.user;
  return terminal.Ask("User: ", false, "give --user NAME --password-file FILE");
}

Answer<std::string> ReadPassword(const LoginVerb& verb, const Terminal& terminal) {
  if (verb.password_file.empty())
    return terminal.Ask("Password: ", true, "give --password-file FILE, or - for standard input");
  auto password = ReadBounded(verb.password_file, kMaxPassword);
  if (!password) return password;
  while (password->ends_with('\n') || password->ends_with('\r')) password->pop_back();
  if (password->empty()) return Refuse(ExitCode::kUsage, verb.password_file + ": holds no password");
  return password;
}

Answer<ApiAddress> ReadAddress(const LoginVerb& verb, const Home& home) {
  auto url = verb.url.empty() ? home.Url() : ParseUrl(verb.url);
  if (!url && verb.url.empty()) return Refuse(ExitCode::kUsage, url.error().what, "`curfew login URL --ca FILE`");
  if (!url) return Halted(url.error());
  return ApiAddress{std::move(*url), verb.ca_file.empty() ? home.CaFile() : verb.ca_file};
}

/// Only what works is kept: a login that fails leaves the one before as it was.
Answer<void> Keep(const LoginVerb& verb, const Home& home, const std::string& url, const std::string& token) {
  if (!verb.ca_file.empty()) {
    auto pem = ReadBounded(verb.ca_file, kMaxCa);
    if (!pem) return Halted(pem.error());
    if (auto kept = home.KeepCa(*pem); !kept) return kept;
  }
  if (auto kept = home.KeepUrl(url); !kept) return kept;
  return home.KeepToken(token);
}

/// What is shown of a session: never its token.
json::object WithoutToken(const json::value& session, const std::string& url) {
  json::object shown = session.get_object();
  shown.erase("token");
  shown["url"] = url;
  return shown;
}

}  // namespace

Answer<ExitCode> Run(const LoginVerb& verb, Context& context) {
  auto address = ReadAddress(verb, context.home);
  if (!address) return Halted(address.error());
  auto user = ReadUser(verb, context.terminal);
  if (!user) return Halted(user.error());
  auto password = ReadPassword(verb, context.terminal);
  if (!password) return Halted(password.error());
  const std::string url = address->url;
  auto api = ControllerApi::OpenAnonymously(std::move(*address));
  if (!api) return Halted(api.error());
  auto answer = api->LogIn(*user, *password);
  if (!answer) return Halted(answer.error());
  auto session = DecodeSession(*answer);
  if (!session) return Halted(session.error());
  if (auto kept = Keep(verb, context.home, url, session->token); !kept) return Halted(kept.error());
  const std::string until = session->expires ? " until " + MomentText(session->expires, context.style.utc) : "";
  const json::value shown = WithoutToken(*answer, url);
  switch (context.style.form) {
    case Form::kJson:
      context.terminal.Result(json::serialize(shown) + "\n");
      break;
    case Form::kId:
      context.terminal.Result(session->user + "\n");
      break;
    case Form::kTable:
      context.terminal.Result(Shown(fmt::format("logged in to {} as {}{}", url, session->user, until)) + "\n");
      break;
  }
  return ExitCode::kDone;
}

Answer<ExitCode> Run(const KeyAddVerb& verb, Context& context) {
  auto line = ReadBounded(verb.file, kMaxKey);
  if (!line) return Halted(line.error());
  // A private key must not leave this machine, not even towards an honest controller.
  if (line->find("PRIVATE KEY") != std::string::npos) {
    return Refuse(ExitCode::kUsage, verb.file + ": is a private key and was not sent",
                  "give the public one: " + verb.file + ".pub");
  }
  auto api = ControllerApi::Open(context.home);
  if (!api) return Halted(api.error());
  auto key = api->AddKey(*line);
  if (!key) return Halted(key.error());
  return ShowOne<KeyView>(context, *key, DecodeKey, &KeyView::id,
                          [&](const KeyView& one) { return KeysText({one}, context.style.utc); });
}

Answer<ExitCode> Run(const KeyListVerb&, Context& context) {
  auto api = ControllerApi::Open(context.home);
  if (!api) return Halted(api.error());
  return ShowAll<KeyView>(
      context, [&](const auto& take) { return api->Keys(take); },
      {DecodeKey, [](const KeyView& key) { return key.id; }, KeysText});
}

Answer<ExitCode> Run(const KeyRemoveVerb& verb, Context& context) {
  auto api = ControllerApi::Open(context.home);
  if (!api) return Halted(api.error());
  auto removed = api->RemoveKey(verb.id, verb.end_grants);
  if (!removed) return Halted(removed.error());
  return ShowOne<RemovedKeyView>(context, *removed, DecodeRemovedKey, &RemovedKeyView::id, RemovedKeyText);
}

}  // namespace curfew
