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
constexpr std::int64_t kRowsAtOnce = 200;
constexpr std::int64_t kMostRows = 2000;
constexpr Seconds kMetricsKept{10};

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

std::optional<RequestScope> ViewNamed(const std::string& name) {
  if (name.empty() || name == "all" || name == "mine") return RequestScope::kAll;
  if (name == "to-review") return RequestScope::kPending;
  if (name == "live") return RequestScope::kLive;
  if (name == "unconfirmed") return RequestScope::kUnconfirmed;
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

std::string MetricsText(Store& store, std::size_t online) {
  std::string text = fmt::format("# TYPE curfew_alarms counter\ncurfew_alarms {}\n# TYPE curfew_unconfirmed_grants gauge\ncurfew_unconfirmed_grants {}\n",
                                 store.CountAlarms(), store.CountUnconfirmed());
  text += "# TYPE curfew_requests gauge\n";
  for (const auto& [state, count] : store.CountRequests()) text += fmt::format("curfew_requests{{state=\"{}\"}} {}\n", Word(state), count);
  const auto connected = static_cast<std::int64_t>(online);
  text += fmt::format("# TYPE curfew_hosts gauge\ncurfew_hosts{{online=\"true\"}} {}\ncurfew_hosts{{online=\"false\"}} {}\n", connected,
                      std::max<std::int64_t>(store.CountHosts() - connected, 0));
  return text;
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
  return PageOfRequests(caller.person, filter, name == "to-review");
}

// Rows are read a page at a time until enough of them are this person's to see, or until so many were read that others
// should have their turn: then the page is short, and its cursor goes on behind the last row that was read.
ApiReply Api::PageOfRequests(const Person& person, RequestFilter filter, bool to_review) {
  const auto wanted = static_cast<std::size_t>(filter.limit);
  filter.limit = kRowsAtOnce;
  json::array items;
  for (std::int64_t read = 0; read < kMostRows; read += kRowsAtOnce) {
    const auto rows = workflow_.Kept().Requests(filter);
    for (const auto& row : rows) {
      filter.before = row.place;
      if (!MaySee(row.request, person) || (to_review && !Waits(row.request, person))) continue;
      items.push_back(RequestForm(row.request, workflow_.Kept().GrantsOf(row.request.id)));
      if (items.size() == wanted) return Page(std::move(items), std::to_string(row.place));
    }
    if (rows.size() < static_cast<std::size_t>(kRowsAtOnce)) return Page(std::move(items), std::nullopt);
  }
  return Page(std::move(items), std::to_string(filter.before));
}

ApiReply Api::ListHosts(const ApiRequest& request) {
  const auto limit = QueryNumber(request, "limit", 100, kMostItems);
  if (!limit) return ReplyTo(limit.error(), request.peer);
  const std::int64_t wanted = std::max<std::int64_t>(*limit, 1);
  json::array items;
  for (const auto& host : workflow_.Kept().HostsAfter(QueryText(request, "cursor"), wanted)) {
    items.push_back(HostForm(host, workflow_.Kept().DriftOf(host.id), online_.is(host.id)));
  }
  std::optional<std::string> next;
  if (items.size() == static_cast<std::size_t>(wanted)) next = std::string(items.back().at("name").as_string());
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
  if (events.size() == static_cast<std::size_t>(filter.limit)) return Page(std::move(items), std::to_string(events.back().place));
  // The window was read to its end: the log may go on behind it.
  const std::int64_t behind = filter.after > std::numeric_limits<std::int64_t>::max() - filter.window ? filter.after : filter.after + filter.window;
  const bool more = workflow_.Kept().LastPlace() > behind;
  return Page(std::move(items), more ? std::optional(std::to_string(behind)) : std::nullopt);
}

// Open to everybody who reaches the port: counted at most once in ten seconds, whoever asks how often.
ApiReply Api::Metrics() {
  const BootInstant now = clock_().boot;
  if (metrics_.empty() || now - measured_ >= kMetricsKept) {
    metrics_ = MetricsText(workflow_.Kept(), online_.count());
    measured_ = now;
  }
  return {200, "text/plain; version=0.0.4", metrics_};
}

}  // namespace curfew
