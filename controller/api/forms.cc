// SPDX-License-Identifier: Apache-2.0
// JSON objects, field by field.
#include "controller/api/forms.h"

#include <boost/json.hpp>

#include "controller/store/json_list.h"

namespace curfew {
namespace {

namespace json = boost::json;

json::value TimeOf(Instant at) { return json::string(Rfc3339Millis(at)); }
json::value TimeOf(const std::optional<Instant>& at) { return at ? TimeOf(*at) : json::value(nullptr); }

json::value SudoForm(const std::optional<SudoRight>& sudo) {
  if (!sudo) return nullptr;
  const auto* commands = std::get_if<std::vector<Command>>(&sudo->commands);
  if (commands == nullptr) return "all";
  return CommandList(*commands);
}

json::object StageForm(const RequestRecord& request, std::uint32_t number) {
  const Stage& stage = request.stages[number];
  json::array decisions;
  for (const auto& decision : request.decisions) {
    if (decision.stage != number) continue;
    decisions.push_back(json::object{{"by", decision.by.Text()}, {"verdict", decision.approve ? "approve" : "deny"},
                                     {"at", TimeOf(decision.at)}, {"reason", decision.reason}, {"signed", false}});
  }
  return {{"need", stage.need},
          {"have", CountYes(request.decisions, number)},
          {"who", ListOf(stage.who, [](const Approver& approver) { return json::value(Text(approver)); })},
          {"decisions", std::move(decisions)}};
}

json::object GrantForm(const GrantRecord& grant) {
  return {{"id", grant.id.Text()},
          {"host", grant.host_name.Text()},
          {"state", Word(grant.state)},
          {"start", TimeOf(grant.start)},
          {"end", TimeOf(grant.end)},
          {"ended_at", TimeOf(grant.ended)},
          {"cause", grant.cause.empty() ? json::value(nullptr) : json::value(grant.cause)},
          {"proof", Word(grant.proof)},
          {"proved_at", TimeOf(grant.proved)},
          {"unconfirmed_until", TimeOf(grant.unconfirmed_until)},
          {"survivors", ListOf(grant.survivors, [](const Survivor& survivor) {
             return json::value(json::object{
                 {"pid", survivor.pid}, {"uid", survivor.uid}, {"cmd", survivor.command}, {"unit", survivor.unit}});
           })}};
}

/// "sudo 1.9.13p3" in two parts.
json::object SudoProgramForm(const std::string& text) {
  const std::size_t blank = text.find(' ');
  return {{"kind", text.substr(0, blank)}, {"version", blank == std::string::npos ? "" : text.substr(blank + 1)}};
}

json::object LayersForm(const std::vector<std::string>& holding) {
  json::object layers;
  for (const char* layer : {"native_sudo", "native_key", "timer", "pam", "reaper", "tmpfs"}) {
    layers[layer] = std::find(holding.begin(), holding.end(), layer) != holding.end();
  }
  return layers;
}

}  // namespace

json::value WhatForm(bool login, const std::optional<SudoRight>& sudo) {
  return json::object{{"login", login}, {"sudo", SudoForm(sudo)}, {"runas", sudo ? sudo->runas.Text() : "root"}};
}

json::object RequestForm(const RequestRecord& request, const std::vector<GrantRecord>& grants) {
  json::array stages;
  for (std::uint32_t i = 0; i < request.stages.size(); ++i) stages.push_back(StageForm(request, i));
  const AskedFor asked{request.requester, request.account, request.host_names, request.login, request.sudo, request.duration};
  return {{"id", request.id.Text()},
          {"state", Word(request.state)},
          {"requester", request.requester.Text()},
          {"account", request.account.Text()},
          {"hosts", ListOf(request.host_names, [](const HostName& name) { return json::value(name.Text()); })},
          {"what", WhatForm(request.login, request.sudo)},
          {"duration_s", request.duration.count()},
          {"reason", request.reason},
          {"ticket", request.ticket},
          {"policy", request.policy},
          {"policy_version", request.policy_version},
          {"stages", std::move(stages)},
          {"history", ListOf(request.history, [](const HistoryRecord& entry) {
             return json::value(json::object{{"state", Word(entry.state)}, {"at", TimeOf(entry.at)}, {"by", entry.by}});
           })},
          {"grants", ListOf(grants, [](const GrantRecord& grant) { return json::value(GrantForm(grant)); })},
          {"revision", request.revision},
          {"sentence", Sentence(asked)},
          {"created_at", TimeOf(request.created)},
          {"failure", request.failure.empty() ? json::value(nullptr) : json::value(request.failure)}};
}

json::object HostForm(const HostRecord& host, const std::vector<DriftRecord>& drift, bool online) {
  json::object labels;
  for (const auto& [key, value] : host.labels) labels[key] = value;
  labels["name"] = host.name.Text();
  return {{"name", host.name.Text()},
          {"id", host.id.Hex()},
          {"labels", std::move(labels)},
          {"online", online},
          {"last_seen", TimeOf(host.last_seen)},
          {"version", host.facts.agent_version},
          {"format", host.facts.format},
          {"sudo", SudoProgramForm(host.facts.sudo)},
          {"sshd", host.facts.sshd},
          {"layers", LayersForm(host.facts.layers)},
          {"clock_offset_ms", host.clock_offset ? json::value(host.clock_offset->count()) : json::value(nullptr)},
          {"bundle", json::object{{"epoch", host.epoch}, {"version", host.version}, {"acked", host.acked}}},
          {"drift", ListOf(drift, [](const DriftRecord& one) { return json::value(one.what); })},
          {"tainted", host.tainted},
          {"mode", "enforce"}};
}

json::object EventForm(const EventRecord& event) {
  return {{"n", event.place},
          {"seq", event.seq},
          {"at", TimeOf(event.at)},
          {"source", event.host ? json::value(event.host->Hex()) : json::value(nullptr)},
          {"host", event.host_name.empty() ? json::value(nullptr) : json::value(event.host_name)},
          {"boot", event.boot},
          {"kind", event.kind},
          {"severity", Word(event.severity)},
          {"actor", event.actor},
          {"request", event.request},
          {"grant", event.grant},
          {"outcome", event.outcome},
          {"before", event.before},
          {"after", event.after},
          {"detail", event.detail},
          {"prev", event.previous.Hex()},
          {"hash", event.hash.Hex()}};
}

json::object KeyForm(const KeyRecord& key) {
  return {{"id", key.id}, {"type", key.type}, {"bits", key.bits}, {"fingerprint", key.fingerprint}, {"added_at", TimeOf(key.added)}};
}

json::object NoticeForm(const NoticeRecord& notice) {
  return {{"id", notice.id}, {"at", TimeOf(notice.at)}, {"request", notice.request.Text()}, {"text", notice.text}};
}

}  // namespace curfew
