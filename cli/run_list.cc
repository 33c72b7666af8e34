// SPDX-License-Identifier: Apache-2.0
// `ls`, `show`, `hosts`, `audit ls`.
#include "cli/audience.h"
#include "cli/controller_api.h"
#include "cli/moment.h"
#include "cli/show.h"
#include "cli/shown.h"
#include "cli/texts.h"

namespace curfew {
namespace {

const char* ViewOf(Filter filter) {
  switch (filter) {
    case Filter::kMine:
      return "mine";
    case Filter::kToReview:
      return "to-review";
    case Filter::kLive:
      return "live";
    case Filter::kUnconfirmed:
      return "unconfirmed";
    case Filter::kAll:
    case Filter::kAlarms:
      break;
  }
  return "all";
}

Answer<ExitCode> ShowEvents(Context& context, const std::string& severity) {
  auto api = ControllerApi::Open(context.home);
  if (!api) return Halted(api.error());
  if (context.style.form == Form::kTable) {
    const auto all = SeesEveryEvent(*api);
    if (!all) return Halted(all.error());
    if (!*all) context.terminal.Note("curfew: only the events of your own requests; auditors and owners see all");
  }
  return ShowAll<EventView>(
      context, [&](const auto& take) { return api->Events(severity, take); },
      {DecodeEvent, [](const EventView& event) { return std::to_string(event.place); }, EventsText});
}

/// What happened to my requests while I was not looking, once; for people, so only beside a table.
Answer<void> TellNotices(ControllerApi& api, const Context& context) {
  auto me = api.Me();
  if (!me) return Halted(me.error());
  auto person = DecodePerson(*me);
  if (!person) return Halted(person.error());
  for (const NoticeView& notice : person->notices) {
    context.terminal.Note(Shown(MomentText(notice.at, context.style.utc) + " " + notice.request + ": " + notice.text));
    if (auto read = api.RemoveNotice(notice.id); !read) return Halted(read.error());
  }
  return {};
}

}  // namespace

Answer<ExitCode> Run(const ListVerb& verb, Context& context) {
  if (verb.filter == Filter::kAlarms) return ShowEvents(context, "alarm");
  auto api = ControllerApi::Open(context.home);
  if (!api) return Halted(api.error());
  if (context.style.form == Form::kTable) {
    if (auto told = TellNotices(*api, context); !told) return Halted(told.error());
  }
  return ShowAll<RequestView>(
      context, [&](const auto& take) { return api->Requests(ViewOf(verb.filter), take); },
      {DecodeRequest, [](const RequestView& request) { return request.id; }, RequestsText});
}

Answer<ExitCode> Run(const ShowVerb& verb, Context& context) {
  auto api = ControllerApi::Open(context.home);
  if (!api) return Halted(api.error());
  auto request = api->Request(verb.id);
  if (!request) return Halted(request.error());
  return ShowOne<RequestView>(context, *request, DecodeRequest, &RequestView::id,
                              [&](const RequestView& one) { return DetailText(one, context.style.utc); });
}

Answer<ExitCode> Run(const HostsVerb&, Context& context) {
  auto api = ControllerApi::Open(context.home);
  if (!api) return Halted(api.error());
  return ShowAll<HostView>(
      context, [&](const auto& take) { return api->Hosts(take); },
      {DecodeHost, [](const HostView& host) { return host.name; }, HostsText});
}

Answer<ExitCode> Run(const AuditListVerb&, Context& context) { return ShowEvents(context, ""); }

}  // namespace curfew
