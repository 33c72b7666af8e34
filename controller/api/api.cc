// SPDX-License-Identifier: Apache-2.0
// Routing, who asks, and the record of refusals.
#include "controller/api/api.h"

#include <algorithm>

#include "core/signature.h"

namespace curfew {
namespace {

bool StartsWith(std::string_view text, std::string_view prefix, std::string_view& rest) {
  if (!text.starts_with(prefix)) return false;
  rest = text.substr(prefix.size());
  return !rest.empty();
}

ApiReply WrongMethod(const ApiRequest& request) {
  return ReplyOf({405, "method", Escaped(request.method) + " is not served at " + Escaped(request.path.substr(0, 200)), "see api/openapi.yaml"});
}

ApiReply NoSuchPath(const ApiRequest& request) {
  return ReplyOf({404, "not-found", "there is nothing at " + Escaped(request.path.substr(0, 200)), "see api/openapi.yaml"});
}

}  // namespace

template <class Step>
std::invoke_result_t<Step> Api::Guarded(Step step) const {
  try {
    return step();
  } catch (const StoreFailure& failure) {
    return Fault(std::string("the store failed: ") + failure.what());
  } catch (const std::exception& failure) {
    return Fault(failure.what());
  }
}

ApiAnswer Api::Answer(const ApiRequest& request) {
  ApiAnswer answer = Guarded([&] { return Route(request); });
  if (auto* deferred = std::get_if<Deferred>(&answer)) {
    deferred->finish = [this, finish = std::move(deferred->finish)] { return Guarded(finish); };
  }
  return answer;
}

std::optional<PersonName> Api::Known(const ApiRequest& request) {
  try {
    const auto caller = WhoAsks(request);
    return caller ? std::optional(caller->person.name) : std::nullopt;
  } catch (const StoreFailure&) {
    return std::nullopt;  // the answer to the question itself says so
  }
}

// What went wrong inside is for the log; who asks learns that it did, and that nothing was changed.
ApiReply Api::Fault(const std::string& what) const {
  if (settings_.log) settings_.log(what);
  return ReplyOf({500, "internal", "the controller could not do it; nothing was changed", "an admin finds the cause in the controller's log"});
}

ApiReply Api::Reject(const Problem& problem, const std::string& peer) {
  try {
    RecordReject(strangers_, peer, problem.code, problem.detail);
  } catch (const StoreFailure& failure) {
    return Fault(failure.what());
  }
  return ReplyOf(problem);
}

ApiAnswer Api::Route(const ApiRequest& request) {
  if (request.path == "/healthz" || request.path == "/metrics" || request.path == "/v1/login" || request.path == "/v1/enroll") {
    return RouteOpen(request);
  }
  const auto caller = WhoAsks(request);
  if (!caller) {
    return ReplyOf({401, "login-first", request.bearer.empty() ? "this needs a login" : "the login is over or unknown", "curfew login"});
  }
  return RoutePersonal(request, *caller);
}

ApiAnswer Api::RouteOpen(const ApiRequest& request) {
  const bool reading = request.path == "/healthz" || request.path == "/metrics";
  if (request.method != (reading ? "GET" : "POST")) return WrongMethod(request);
  if (request.path == "/healthz") {
    static_cast<void>(workflow_.Kept().Generation());
    return ApiReply{200, "text/plain", "ok\n"};
  }
  if (request.path == "/metrics") return Metrics();
  return request.path == "/v1/login" ? LogIn(request) : EnrolHost(request);
}

ApiAnswer Api::RoutePersonal(const ApiRequest& request, const Caller& caller) {
  const bool get = request.method == "GET";
  const bool post = request.method == "POST";
  const bool drop = request.method == "DELETE";
  std::string_view rest;
  if (request.path == "/v1/logout") return post ? LogOut(caller) : WrongMethod(request);
  if (request.path == "/v1/me") return get ? Me(caller) : WrongMethod(request);
  if (request.path == "/v1/keys") {
    if (get) return ListKeys(caller);
    return post ? HandInKey(request, caller) : WrongMethod(request);
  }
  if (StartsWith(request.path, "/v1/keys/", rest)) return drop ? TakeBackKey(request, caller, std::string(rest)) : WrongMethod(request);
  if (StartsWith(request.path, "/v1/notices/", rest)) return drop ? DropNotice(caller, std::string(rest)) : WrongMethod(request);
  if (request.path == "/v1/hosts") return get ? ListHosts(request) : WrongMethod(request);
  if (request.path == "/v1/audit") return get ? ListEvents(request, caller) : WrongMethod(request);
  if (request.path == "/v1/requests") {
    if (get) return ListRequests(request, caller);
    return post ? Create(request, caller) : WrongMethod(request);
  }
  if (StartsWith(request.path, "/v1/requests/", rest)) return RouteRequest(request, caller, rest);
  return NoSuchPath(request);
}

ApiAnswer Api::RouteRequest(const ApiRequest& request, const Caller& caller, std::string_view rest) {
  const std::size_t slash = rest.find('/');
  const auto id = RequestId::Parse(rest.substr(0, slash));
  // The same answer as for a request that is not yours to see.
  if (!id) return ReplyTo({Refusal::kNotFound, "there is no request " + Escaped(rest.substr(0, std::min<std::size_t>(slash, 40))), "`curfew ls` lists yours"}, caller.person.name.Text());
  if (slash == std::string_view::npos) return request.method == "GET" ? Show(request, caller, *id) : WrongMethod(request);
  const std::string_view verb = rest.substr(slash + 1);
  constexpr std::array<std::string_view, 6> kVerbs = {"approve", "deny", "withdraw", "return", "revoke", "extend"};
  if (std::find(kVerbs.begin(), kVerbs.end(), verb) == kVerbs.end()) return NoSuchPath(request);
  if (request.method != "POST") return WrongMethod(request);
  return Act(request, caller, *id, verb);
}

std::optional<Api::Caller> Api::WhoAsks(const ApiRequest& request) {
  if (request.bearer.empty()) return std::nullopt;
  const ContentHash token = Sha256(request.bearer);
  const auto session = workflow_.Kept().FindSession(token);
  if (!session || session->expires <= clock_().utc) return std::nullopt;
  // Groups and the right to be here are looked up each time: a person who was disabled is out with the next question.
  const auto person = workflow_.Kept().FindPerson(session->person);
  if (!person || person->disabled) return std::nullopt;
  return Caller{Person{person->name, person->groups}, token};
}

ApiReply Api::ReplyTo(const Refused& refused, const std::string& actor, RejectRoom& room) {
  const Problem problem = ProblemOf(refused);
  const bool worth_keeping = problem.status == 400 || problem.status == 403 || problem.status == 422;
  if (worth_keeping) RecordReject(room, actor, problem.code, problem.detail);
  return ReplyOf(problem);
}

// Whoever can reach the port can cause refusals: each is an event, but not more of them than the log can bear.
void Api::RecordReject(RejectRoom& room, const std::string& actor, const std::string& code, const std::string& detail) {
  const Now now = clock_();
  const auto more = room.Take(now.boot);
  if (!more) return;
  const auto kept = workflow_.Run(now.utc, [&](Change& change) -> Outcome<bool> {
    EventRecord event = OwnEvent(change, Word(EventKind::kReject), Severity::kWarning);
    event.actor = actor;
    event.outcome = code;
    event.detail = detail + *more;
    change.Record(std::move(event));
    return true;
  });
  static_cast<void>(kept);  // it refuses nothing
}

}  // namespace curfew
