// SPDX-License-Identifier: Apache-2.0
// ReadReply: RFC 9457 problem documents and statuses as exit codes.
#include <boost/json.hpp>

#include "cli/controller_api.h"

namespace curfew {
namespace json = boost::json;
namespace {

std::string TextOf(const json::value& document, const char* name) {
  const json::object* object = document.if_object();
  const json::value* member = object == nullptr ? nullptr : object->if_contains(name);
  const json::string* text = member == nullptr ? nullptr : member->if_string();
  return text == nullptr ? std::string() : std::string(text->data(), text->size());
}

ExitCode ExitOf(long status, const std::string& code) {
  if (code == "already-ended") return ExitCode::kEnded;
  switch (status) {
    case 401:
      return ExitCode::kLogInFirst;
    case 403:
      return ExitCode::kDenied;
    case 404:
      return ExitCode::kNoSuchThing;
    case 502:
    case 503:
    case 504:
      return ExitCode::kUnreachable;
    default:
      return ExitCode::kFailed;
  }
}

/// What to type next where the controller did not say.
std::string NextOf(ExitCode exit) {
  switch (exit) {
    case ExitCode::kLogInFirst:
      return "`curfew login`";
    case ExitCode::kDenied:
      return "ask an approver or an owner";
    case ExitCode::kNoSuchThing:
      return "`curfew ls` lists requests, `curfew hosts` servers, `curfew key ls` your keys";
    case ExitCode::kEnded:
      return "ask again: `curfew request`";
    case ExitCode::kUnreachable:
      return "try again in a moment";
    default:
      return "`curfew ls` shows how things stand";
  }
}

Halted Problem(long status, const json::value& document) {
  const ExitCode exit = ExitOf(status, TextOf(document, "code"));
  std::string what = TextOf(document, "detail");
  if (what.empty()) what = TextOf(document, "title");
  if (what.empty()) what = "the controller answered with status " + std::to_string(status);
  std::string next = TextOf(document, "hint");
  return Refuse(exit, std::move(what), next.empty() ? NextOf(exit) : std::move(next));
}

}  // namespace

Answer<json::value> ReadReply(const HttpReply& reply) {
  const bool good = reply.status >= 200 && reply.status < 300;
  if (good && reply.body.empty()) return json::value(json::object());
  json::error_code fault;
  json::value document = json::parse(reply.body, fault);
  if (!good) return Problem(reply.status, fault ? json::value() : document);
  if (fault) {
    return Refuse(ExitCode::kFailed, "the controller's answer is no JSON: " + fault.message(),
                  "is this a Curfew controller? `curfew login URL` sets another");
  }
  return document;
}

}  // namespace curfew
