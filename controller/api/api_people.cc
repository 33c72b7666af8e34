// SPDX-License-Identifier: Apache-2.0
// Logging in and out, a person's keys and messages.
#include <boost/json.hpp>

#include "controller/api/api.h"
#include "controller/api/fields.h"
#include "controller/api/forms.h"
#include "controller/identity/login_key.h"
#include "controller/identity/password.h"
#include "controller/workflow/grants.h"
#include "controller/workflow/login_keys.h"
#include "core/signature.h"

namespace curfew {
namespace {

namespace json = boost::json;

ApiReply Json(int status, const json::value& value) { return {status, "application/json", json::serialize(value)}; }

json::array GroupsForm(const std::set<PersonName>& groups) {
  json::array list;
  for (const auto& group : groups) list.emplace_back(group.Text());
  return list;
}

Refused FromError(const Error& error) {
  const bool weak = error.code == Errc::kRefused;
  return {weak ? Refusal::kUnusable : Refusal::kMalformed, error.where.empty() ? error.what : error.where + ": " + error.what, error.hint};
}

}  // namespace

ApiAnswer Api::LogIn(const ApiRequest& request) {
  const auto fields = Fields::Parse(request.body, {"user", "password"});
  if (!fields) return ReplyTo(fields.error(), request.peer, strangers_);
  const auto user = fields->Text("user");
  if (!user) return ReplyTo(user.error(), request.peer, strangers_);
  const auto password = fields->Text("password");
  if (!password) return ReplyTo(password.error(), request.peer, strangers_);
  const auto name = PersonName::Parse(*user);
  if (!name) return ReplyTo({Refusal::kMalformed, "user: " + name.error().Text(), ""}, request.peer, strangers_);
  const auto person = workflow_.Kept().FindPerson(*name);
  const auto attempt = throttle_.Begin(*name, request.peer, clock_().boot);
  if (!attempt) return NotYet(*name, attempt.error(), request.peer);
  const auto right = std::make_shared<bool>(false);
  const std::string hash = person ? person->password : "";
  return Deferred{[right, hash, text = *password] { *right = CheckPassword(text, hash); },
                  [this, right, attempt = *attempt, peer = request.peer] { return FinishLogIn(attempt, *right, peer); }};
}

ApiReply Api::NotYet(const PersonName& name, Seconds wait, const std::string& peer) {
  RecordReject(strangers_, peer, "busy", "log-in held back for " + name.Text());
  ApiReply reply = ReplyOf({429, "busy", "too many log-ins at once, or too many that failed", "try again in " + FormatDuration(wait)});
  reply.retry = wait;
  return reply;
}

ApiReply Api::FinishLogIn(const LoginThrottle::Attempt& attempt, bool right, const std::string& peer) {
  const Now now = clock_();
  LoginEnding ending(throttle_, attempt, now.boot);
  // Looked up again: while the hash was computed the person may have been disabled.
  const PersonName& name = attempt.name;
  const auto person = workflow_.Kept().FindPerson(name);
  const bool may = right && person && !person->disabled;
  ending.Found(may);
  if (!may) {
    RecordReject(strangers_, peer, "login-first", "log-in refused for " + name.Text());
    return ReplyOf({401, "login-first", "name or password is wrong, or the account is disabled", "ask an admin: curfew-controller user ls"});
  }
  const auto token = NewSecret("cs-");
  if (!token) return ReplyOf({500, "internal", token.error().Text(), ""});
  const Instant expires = now.utc + settings_.session;
  const auto kept = workflow_.Run(now.utc, [&](Change& change) -> Outcome<bool> {
    change.Keep().DropSessionsBefore(now.utc);
    change.Keep().AddSession(Sha256(*token), {name, expires});
    return true;
  });
  if (!kept) return ReplyTo(kept.error(), name.Text());
  return Json(200, json::object{{"token", *token}, {"user", name.Text()}, {"groups", GroupsForm(person->groups)}, {"expires", Rfc3339Millis(expires)}});
}

ApiReply Api::LogOut(const Caller& caller) {
  const auto done = workflow_.Run(clock_().utc, [&](Change& change) -> Outcome<bool> {
    change.Keep().DropSession(caller.session);
    return true;
  });
  return done ? ApiReply{204, "", ""} : ReplyTo(done.error(), caller.person.name.Text());
}

ApiReply Api::Me(const Caller& caller) {
  json::array notices;
  for (const auto& notice : workflow_.Kept().NoticesOf(caller.person.name)) notices.push_back(NoticeForm(notice));
  return Json(200, json::object{{"user", caller.person.name.Text()}, {"groups", GroupsForm(caller.person.groups)}, {"notices", std::move(notices)}});
}

ApiReply Api::ListKeys(const Caller& caller) {
  json::array keys;
  for (const auto& key : workflow_.Kept().KeysOf(caller.person.name)) keys.push_back(KeyForm(key));
  return Json(200, keys);
}

ApiReply Api::HandInKey(const ApiRequest& request, const Caller& caller) {
  const std::string actor = caller.person.name.Text();
  const auto fields = Fields::Parse(request.body, {"key"});
  if (!fields) return ReplyTo(fields.error(), actor);
  const auto text = fields->Text("key");
  if (!text) return ReplyTo(text.error(), actor);
  const auto read = ReadLoginKey(*text);
  if (!read) return ReplyTo(FromError(read.error()), actor);
  const auto added = workflow_.Run(clock_().utc, [&](Change& change) {
    return AddKey(change, {NewId("k-"), caller.person.name, read->key, read->type, read->bits, read->fingerprint, change.At()});
  });
  return added ? Json(201, KeyForm(*added)) : ReplyTo(added.error(), actor);
}

ApiReply Api::TakeBackKey(const ApiRequest& request, const Caller& caller, const std::string& id) {
  const auto asked = request.query.find("end_grants");
  const bool known = asked == request.query.end() || asked->second == "true" || asked->second == "false";
  if (!known) return ReplyTo({Refusal::kMalformed, "end_grants must be true or false", "see api/openapi.yaml"}, caller.person.name.Text());
  const bool end_grants = asked != request.query.end() && asked->second == "true";
  const auto removed = workflow_.Run(clock_().utc, [&](Change& change) { return RemoveKey(change, caller.person.name, id, end_grants); });
  if (!removed) return ReplyTo(removed.error(), caller.person.name.Text());
  json::array requests;
  for (const auto& one : removed->requests) requests.emplace_back(one.Text());
  return Json(200, json::object{{"id", id}, {"removed", true}, {"requests", std::move(requests)}, {"ended", removed->ended}});
}

ApiReply Api::DropNotice(const Caller& caller, const std::string& id) {
  const bool number = !id.empty() && id.size() < 18 && id.find_first_not_of("0123456789") == std::string::npos;
  const auto dropped = workflow_.Run(clock_().utc, [&](Change& change) -> Outcome<bool> {
    if (number && change.Keep().DropNotice(caller.person.name, std::stoll(id))) return true;
    return Refuse(Refusal::kNotFound, "you have no such message");
  });
  return dropped ? ApiReply{204, "", ""} : ReplyTo(dropped.error(), caller.person.name.Text());
}

}  // namespace curfew
