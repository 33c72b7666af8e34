// SPDX-License-Identifier: Apache-2.0
// Pages of requests, hosts and events, and the numbers for monitoring.
#include <boost/json.hpp>

#include <charconv>

#include <fmt/format.h>

#include "controller/api/api.h"
#include "controller/api/forms.h"

namespace curfew {
namespace {

namespace json = boost::json;

constexpr std::int64_t kMostItems = 500;

std::string QueryText(const ApiRequest& request, const std::string& name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

Outcome<std::int64_t> QueryNumber(const ApiRequest& request, const std::string& name, std::int64_t otherwise, std::int64_t most) {
  const std::string text = QueryText(request, name);
  if (text.empty()) return otherwise;
  std::int64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || number < 0 || number > most) {
    return Refuse(Refusal::kMalformed, name + " must be a number from 0 to " + std::to_string(most));
  }
  return number;
}

ApiReply Page(json::array items, const std::optional<std::string>& next) {
  return {200, "application/json",
          json::serialize(json::object{{"items", std::move(items)}, {"next", next ? json::value(*next) : json::value(nullptr)}})};
}

std::optional<RequestView> ViewNamed(const std::string& name) {
  if (name.empty() || name == "all" || name == "mine") return RequestView::kAll;
  if (name == "to-review") return RequestView::kPending;
  if (name == "live") return RequestView::kLive;
  if (name == "unconfirmed") return RequestView::kUnconfirmed;
  return std::nullopt;
}

/// To review: the open stage waits for this person.
bool Waits(const RequestRecord& request, const Person& person) {
  return StageFor(request.stages, request.decisions, person, request.requester).has_value();
}

std::optional<Severity> SeverityNamed(const std::string& name) {
  for (const auto severity : {Severity::kInfo, Severity::kWarning, Severity::kAlarm}) {
    if (name == Word(severity)) return severity;
  }
  return std::nullopt;
}

}  // namespace

ApiReply Api::ListRequests(const ApiRequest& request, const Caller& caller) {
  const std::string actor = caller.person.name.Text();
  const std::string name = QueryText(request, "view");
  const auto view = ViewNamed(name);
  if (!view) return ReplyTo({Refusal::kMalformed, "view '" + Escaped(name.substr(0, 40)) + "' does not exist", "all, mine, to-review, live, unconfirmed"}, actor);
  const auto limit = QueryNumber(request, "limit", 100, kMostItems);
  if (!limit) return ReplyTo(limit.error(), actor);
  const auto cursor = QueryNumber(request, "cursor", 0, std::numeric_limits<std::int64_t>::max());
  if (!cursor) return ReplyTo(cursor.error(), actor);
  RequestFilter filter{*view, std::nullopt, *cursor, std::max<std::int64_t>(*limit, 1)};
  if (name == "mine") filter.requester = caller.person.name;
  json::array items;
  std::optional<std::string> next;
  // Rows are read a page at a time until enough of them are this person's to see.
  for (bool more = true; more && items.size() < static_cast<std::size_t>(filter.limit);) {
    const auto rows = workflow_.Kept().Requests(filter);
    more = rows.size() == static_cast<std::size_t>(filter.limit);
    next.reset();
    for (const auto& row : rows) {
      filter.before = row.place;
      if (!MaySee(row.request, caller.person) || (name == "to-review" && !Waits(row.request, caller.person))) continue;
      items.push_back(RequestForm(row.request, workflow_.Kept().GrantsOf(row.request.id)));
      if (items.size() == static_cast<std::size_t>(filter.limit)) {
        next = std::to_string(row.place);
        break;
      }
    }
  }
  return Page(std::move(items), next);
}

ApiReply Api::ListHosts(const ApiRequest& request) {
  const auto limit = QueryNumber(request, "limit", 100, kMostItems);
  if (!limit) return ReplyTo(limit.error(), request.peer);
  const std::string after = QueryText(request, "cursor");
  json::array items;
  std::optional<std::string> next;
  for (const auto& host : workflow_.Kept().Hosts()) {
    if (host.name.Text() <= after) continue;
    if (items.size() == static_cast<std::size_t>(std::max<std::int64_t>(*limit, 1))) {
      next = std::string(items.back().at("name").as_string());
      break;
    }
    items.push_back(HostForm(host, online_(host.id)));
  }
  return Page(std::move(items), next);
}

ApiReply Api::ListEvents(const ApiRequest& request, const Caller& caller) {
  const std::string actor = caller.person.name.Text();
  const auto limit = QueryNumber(request, "limit", 100, kMostItems);
  if (!limit) return ReplyTo(limit.error(), actor);
  const auto cursor = QueryNumber(request, "cursor", 0, std::numeric_limits<std::int64_t>::max());
  if (!cursor) return ReplyTo(cursor.error(), actor);
  EventFilter filter;
  filter.after = *cursor;
  filter.limit = std::max<std::int64_t>(*limit, 1);
  if (const auto text = QueryText(request, "severity"); !text.empty()) {
    filter.severity = SeverityNamed(text);
    if (!filter.severity) return ReplyTo({Refusal::kMalformed, "severity must be info, warning or alarm", ""}, actor);
  }
  if (const auto text = QueryText(request, "request"); !text.empty()) filter.request = text;
  if (const auto text = QueryText(request, "host"); !text.empty()) filter.host_name = text;
  if (!SeesEverything(caller.person)) filter.requester = caller.person.name;
  const auto events = workflow_.Kept().Events(filter);
  json::array items;
  for (const auto& event : events) items.push_back(EventForm(event));
  const bool full = events.size() == static_cast<std::size_t>(filter.limit);
  return Page(std::move(items), full ? std::optional(std::to_string(events.back().place)) : std::nullopt);
}

ApiReply Api::Metrics() {
  Store& store = workflow_.Kept();
  std::string text = fmt::format("# TYPE curfew_alarms counter\ncurfew_alarms {}\n# TYPE curfew_unconfirmed_grants gauge\ncurfew_unconfirmed_grants {}\n",
                                 store.CountAlarms(), store.CountUnconfirmed());
  text += "# TYPE curfew_requests gauge\n";
  for (const auto& [state, count] : store.CountRequests()) text += fmt::format("curfew_requests{{state=\"{}\"}} {}\n", Word(state), count);
  std::int64_t online = 0;
  std::int64_t offline = 0;
  for (const auto& host : store.Hosts()) ++(online_(host.id) ? online : offline);
  text += fmt::format("# TYPE curfew_hosts gauge\ncurfew_hosts{{online=\"true\"}} {}\ncurfew_hosts{{online=\"false\"}} {}\n", online, offline);
  return {200, "text/plain; version=0.0.4", text};
}

}  // namespace curfew
