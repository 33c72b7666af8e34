// SPDX-License-Identifier: Apache-2.0
// `ls`, `show`, `hosts`, `audit ls`.
#include "cli/controller_api.h"
#include "cli/show.h"
#include "cli/texts.h"

namespace curfew {
namespace {

const char* ViewOf(Filter filter) {
  switch (filter) {
    case Filter::kMine: return "mine";
    case Filter::kToReview: return "to-review";
    case Filter::kLive: return "live";
    case Filter::kUnconfirmed: return "unconfirmed";
    case Filter::kAll:
    case Filter::kAlarms: break;
  }
  return "all";
}

Answer<ExitCode> ShowEvents(Context& context, const std::string& severity) {
  auto api = ControllerApi::Open(context.home);
  if (!api) return Refused(api.error());
  return ShowAll<EventView>(context, api->Events(severity), DecodeEvent,
                            [](const EventView& event) { return std::to_string(event.place); }, EventsText);
}

}  // namespace

Answer<ExitCode> Run(const ListVerb& verb, Context& context) {
  if (verb.filter == Filter::kAlarms) return ShowEvents(context, "alarm");
  auto api = ControllerApi::Open(context.home);
  if (!api) return Refused(api.error());
  return ShowAll<RequestView>(context, api->Requests(ViewOf(verb.filter)), DecodeRequest,
                              [](const RequestView& request) { return request.id; }, RequestsText);
}

Answer<ExitCode> Run(const ShowVerb& verb, Context& context) {
  auto api = ControllerApi::Open(context.home);
  if (!api) return Refused(api.error());
  auto request = api->Request(verb.id);
  if (!request) return Refused(request.error());
  return ShowOne<RequestView>(context, *request, DecodeRequest, &RequestView::id,
                              [&](const RequestView& one) { return DetailText(one, context.look.utc); });
}

Answer<ExitCode> Run(const HostsVerb&, Context& context) {
  auto api = ControllerApi::Open(context.home);
  if (!api) return Refused(api.error());
  return ShowAll<HostView>(context, api->Hosts(), DecodeHost, [](const HostView& host) { return host.name; }, HostsText);
}

Answer<ExitCode> Run(const AuditListVerb&, Context& context) { return ShowEvents(context, ""); }

}  // namespace curfew
