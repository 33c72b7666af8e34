// SPDX-License-Identifier: Apache-2.0
// Lists: a line for each thing.
#include <fmt/format.h>

#include "cli/moment.h"
#include "cli/shown.h"
#include "cli/table.h"
#include "cli/texts.h"

namespace curfew {
namespace {

constexpr std::size_t kMostReason = 60;

std::string HostList(const RequestView& request) {
  std::string hosts;
  for (const std::string& host : request.hosts) hosts += (hosts.empty() ? "" : ",") + host;
  if (!hosts.empty()) return hosts;
  for (const GrantView& grant : request.grants) hosts += (hosts.empty() ? "" : ",") + grant.host;
  return hosts;
}

/// The moment that matters: how long it lasts, may last, or was asked for.
std::string UntilText(const RequestView& request, bool utc) {
  std::optional<Instant> unconfirmed;
  std::optional<Instant> end;
  for (const GrantView& grant : request.grants) {
    if (grant.proof == "unconfirmed") unconfirmed = std::max(unconfirmed, grant.unconfirmed_until);
    if (grant.state == "active" || grant.state == "waiting") end = std::max(end, grant.end);
  }
  if (unconfirmed) return "UNCONFIRMED until " + MomentText(unconfirmed, utc);
  if (end) return MomentText(end, utc);
  return request.grants.empty() ? "for " + FormatDuration(request.length) : "";
}

std::string LayersText(const HostView& host) {
  std::string missing;
  std::size_t holding = 0;
  for (const auto& [layer, holds] : host.layers) {
    if (holds)
      ++holding;
    else
      missing += (missing.empty() ? "" : ",") + layer;
  }
  return fmt::format("{}/{}{}", holding, host.layers.size(), missing.empty() ? "" : " without " + missing);
}

}  // namespace

std::string RequestsText(const std::vector<RequestView>& requests, bool utc) {
  Table table{{"ID", "STATE", "WHO", "ACCOUNT", "HOSTS", "WHAT", "UNTIL", "REASON"}, {}};
  for (const RequestView& request : requests) {
    table.rows.push_back({request.id, request.state, request.requester, request.account, HostList(request),
                          WhatText(request.what), UntilText(request, utc), ShownInARow(request.reason, kMostReason)});
  }
  return TableText(table);
}

std::string HostsText(const std::vector<HostView>& hosts, bool utc) {
  Table table{{"NAME", "ONLINE", "LAST SEEN", "LAYERS", "BUNDLE", "SUDO", "SSHD", "LABELS", "NOTE"}, {}};
  for (const HostView& host : hosts) {
    std::string labels;
    for (const std::string& label : host.labels) labels += (labels.empty() ? "" : " ") + label;
    std::string note = host.tainted ? "TAINTED" : "";
    for (const std::string& drift : host.drift) note += (note.empty() ? "" : "; ") + drift;
    table.rows.push_back({host.name, host.online ? "yes" : "no", MomentText(host.last_seen, utc), LayersText(host),
                          fmt::format("{}, has {}", host.bundle, host.acked), host.sudo, host.sshd, labels, note});
  }
  return TableText(table);
}

std::string KeysText(const std::vector<KeyView>& keys, bool utc) {
  Table table{{"ID", "TYPE", "BITS", "FINGERPRINT", "ADDED"}, {}};
  for (const KeyView& key : keys) {
    table.rows.push_back({key.id, key.type, std::to_string(key.bits), key.fingerprint, MomentText(key.added_at, utc)});
  }
  return TableText(table);
}

std::string RemovedKeyText(const RemovedKeyView& removed) {
  std::string text = "removed " + Shown(removed.id) + "; no new access gets it\n";
  if (removed.requests.empty()) return text;
  text += removed.ended ? "given back, because it let the key in:" : "live access still lets it in until it ends; to end it now:";
  for (const std::string& request : removed.requests) text += (removed.ended ? "\n  " : "\n  curfew return ") + Shown(request);
  return text + "\n";
}

std::string EventsText(const std::vector<EventView>& events, bool utc) {
  Table table{{"AT", "SOURCE", "SEQ", "SEVERITY", "KIND", "ACTOR", "ABOUT", "OUTCOME", "DETAIL"}, {}};
  for (const EventView& event : events) {
    table.rows.push_back({MomentText(event.at, utc), event.host.empty() ? kControllerItself : event.host,
                          std::to_string(event.seq), event.severity, event.kind, event.actor,
                          event.grant.empty() ? event.request : event.grant, event.outcome, event.detail});
  }
  return TableText(table);
}

}  // namespace curfew
