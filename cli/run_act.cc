// SPDX-License-Identifier: Apache-2.0
// `approve`, `deny`, `withdraw`, `return`, `revoke`, `extend`: one act on one request.
#include "cli/controller_api.h"
#include "cli/show.h"
#include "cli/texts.h"

namespace curfew {
namespace json = boost::json;
namespace {

constexpr Seconds kProofPatience{8};

/// An end is done when the controller has it; a host that is there proves it once it has looked for the last time, five
/// seconds later, and that is worth waiting for. What goes wrong meanwhile changes nothing: then the request is shown as it was.
json::value WithProof(ControllerApi& api, json::value request) {
  const auto until = std::chrono::steady_clock::now() + kProofPatience;
  while (true) {
    const auto seen = DecodeRequest(request);
    const auto left = std::chrono::ceil<Seconds>(until - std::chrono::steady_clock::now());
    if (!seen || seen->state != "revoking" || left <= Seconds{0}) return request;
    auto next = api.RequestAfter(seen->id, seen->revision, left);
    if (!next) return request;
    request = std::move(*next);
  }
}

Answer<ExitCode> Act(Context& context, const std::string& id, const char* act, const json::object& body) {
  auto api = ControllerApi::Open(context.home);
  if (!api) return Halted(api.error());
  auto request = api->Act(id, act, body);
  if (!request) return Halted(request.error());
  const auto seen = DecodeRequest(*request);
  if (seen && seen->state == "revoking" && context.style.form == Form::kTable) {
    context.terminal.Note("the end is recorded; its hosts are looking whether anything is left");
  }
  return ShowSummary(context, WithProof(*api, std::move(*request)));
}

const char* Word(Ending ending) {
  switch (ending) {
    case Ending::kWithdraw:
      return "withdraw";
    case Ending::kReturn:
      return "return";
    case Ending::kRevoke:
      return "revoke";
  }
  return "return";
}

}  // namespace

Answer<ExitCode> ShowSummary(const Context& context, const json::value& request) {
  return ShowOne<RequestView>(context, request, DecodeRequest, &RequestView::id,
                              [&](const RequestView& one) { return SummaryText(one, context.style.utc); });
}

Answer<ExitCode> Run(const DecideVerb& verb, Context& context) {
  json::object body;
  if (!verb.reason.empty()) body["reason"] = verb.reason;
  if (verb.length) body["duration_s"] = verb.length->count();
  return Act(context, verb.id, verb.yes ? "approve" : "deny", body);
}

Answer<ExitCode> Run(const EndVerb& verb, Context& context) {
  json::object body;
  if (!verb.reason.empty()) body["reason"] = verb.reason;
  return Act(context, verb.id, Word(verb.ending), body);
}

Answer<ExitCode> Run(const ExtendVerb& verb, Context& context) {
  auto api = ControllerApi::Open(context.home);
  if (!api) return Halted(api.error());
  auto answer = api->Act(verb.id, "extend", {});
  if (answer) return ShowSummary(context, *answer);
  // 501 not-available: this controller gives no more time; a second request may overlap the first without a gap.
  if (answer.error().exit != ExitCode::kFailed) return Halted(answer.error());
  return Refuse(ExitCode::kFailed, answer.error().what,
                "ask again before it ends, the two may overlap: `curfew request HOST --for " +
                    FormatDuration(verb.length) + " --reason TEXT`");
}

}  // namespace curfew
