// SPDX-License-Identifier: Apache-2.0
// One function for each schema of api/openapi.yaml that the command shows.
#include "cli/decode.h"

#include <boost/json.hpp>

#include "cli/json_reader.h"

namespace curfew {
namespace json = boost::json;
namespace {

Argv ReadArgv(const json::value& value, JsonReader& what) {
  Argv argv;
  const json::array* words = value.if_array();
  if (words == nullptr) what.Blame("sudo", "array of commands");
  for (const json::value& word : words == nullptr ? json::array() : *words) {
    const json::string* text = word.if_string();
    if (text == nullptr)
      what.Blame("sudo", "array of commands");
    else
      argv.emplace_back(text->data(), text->size());
  }
  return argv;
}

WhatView ReadWhat(JsonReader what) {
  WhatView view{what.FlagOrNone("login"), std::monostate{}, what.TextOrNone("runas")};
  const json::value* sudo = what.Member("sudo");
  if (sudo == nullptr) return view;
  if (sudo->is_string() && sudo->get_string() == "all") {
    view.sudo = AllCommands{};
    return view;
  }
  std::vector<Argv> commands;
  const json::array* array = sudo->if_array();
  if (array == nullptr) what.Blame("sudo", "\"all\", array or null");
  for (const json::value& command : array == nullptr ? json::array() : *array) {
    commands.push_back(ReadArgv(command, what));
  }
  view.sudo = std::move(commands);
  return view;
}

StageView ReadStage(JsonReader stage) {
  StageView view{stage.WholeOrNone("need"), stage.WholeOrNone("have"), stage.TextsOrNone("who"), {}};
  for (JsonReader& decision : stage.Each("decisions")) {
    view.decisions.push_back({decision.TextOrNone("by"), decision.TextOrNone("verdict"), decision.MomentOrNone("at"),
                              decision.TextOrNone("reason")});
  }
  return view;
}

GrantView ReadGrant(JsonReader grant) {
  GrantView view;
  view.id = grant.Text("id");
  view.host = grant.Text("host");
  view.state = grant.Text("state");
  view.start = grant.MomentOrNone("start");
  view.end = grant.MomentOrNone("end");
  view.ended_at = grant.MomentOrNone("ended_at");
  view.cause = grant.TextOrNone("cause");
  view.proof = grant.TextOrNone("proof");
  view.proved_at = grant.MomentOrNone("proved_at");
  view.unconfirmed_until = grant.MomentOrNone("unconfirmed_until");
  for (JsonReader& survivor : grant.Each("survivors")) {
    view.survivors.push_back({survivor.WholeOrNone("pid"), survivor.WholeOrNone("uid"), survivor.TextOrNone("cmd"),
                              survivor.TextOrNone("unit")});
  }
  return view;
}

void ReadParts(JsonReader& request, RequestView& view) {
  for (JsonReader& stage : request.Each("stages")) view.stages.push_back(ReadStage(stage));
  for (JsonReader& step : request.Each("history")) {
    view.history.push_back({step.TextOrNone("state"), step.MomentOrNone("at"), step.TextOrNone("by")});
  }
  for (JsonReader& grant : request.Each("grants")) view.grants.push_back(ReadGrant(grant));
}

/// The value, unless reading it went wrong somewhere.
template <class T>
Answer<T> Checked(const JsonReader& reader, T value) {
  if (auto ok = reader.Outcome(); !ok) return Halted(ok.error());
  return value;
}

}  // namespace

Answer<RequestView> DecodeRequest(const json::value& value) {
  JsonReader request(value, "request");
  RequestView view;
  view.id = request.Text("id");
  view.state = request.Text("state");
  view.requester = request.Text("requester");
  view.account = request.Text("account");
  view.what = ReadWhat(request.Inside("what"));
  view.length = Seconds{request.Whole("duration_s")};
  view.reason = request.TextOrNone("reason");
  view.ticket = request.TextOrNone("ticket");
  view.policy = request.TextOrNone("policy");
  view.hosts = request.TextsOrNone("hosts");
  ReadParts(request, view);
  view.revision = request.Whole("revision");
  view.sentence = request.TextOrNone("sentence");
  view.failure = request.TextOrNone("failure");
  return Checked(request, std::move(view));
}

Answer<HostView> DecodeHost(const json::value& value) {
  JsonReader host(value, "host");
  HostView view;
  view.name = host.Text("name");
  view.id = host.Text("id");
  view.online = host.FlagOrNone("online");
  view.last_seen = host.MomentOrNone("last_seen");
  view.version = host.TextOrNone("version");
  view.sshd = host.TextOrNone("sshd");
  view.drift = host.TextsOrNone("drift");
  view.tainted = host.FlagOrNone("tainted");
  JsonReader sudo = host.Inside("sudo");
  view.sudo = sudo.TextOrNone("kind");
  if (const std::string version = sudo.TextOrNone("version"); !version.empty()) view.sudo += " " + version;
  JsonReader bundle = host.Inside("bundle");
  view.bundle = bundle.WholeOrNone("version");
  view.acked = bundle.WholeOrNone("acked");
  const json::value* labels = host.Member("labels");
  if (labels != nullptr && labels->is_object()) {
    JsonReader inside = host.Inside("labels");
    for (const auto& label : labels->get_object())
      view.labels.push_back(std::string(label.key()) + "=" + inside.Text(label.key()));
  }
  const json::value* layers = host.Member("layers");
  if (layers != nullptr && layers->is_object()) {
    JsonReader inside = host.Inside("layers");
    for (const auto& layer : layers->get_object()) view.layers[layer.key()] = inside.FlagOrNone(layer.key());
  }
  return Checked(host, std::move(view));
}

Answer<KeyView> DecodeKey(const json::value& value) {
  JsonReader key(value, "key");
  KeyView view{key.Text("id"), key.TextOrNone("type"), key.WholeOrNone("bits"), key.Text("fingerprint"),
               key.MomentOrNone("added_at")};
  return Checked(key, std::move(view));
}

Answer<RemovedKeyView> DecodeRemovedKey(const json::value& value) {
  JsonReader removed(value, "removed key");
  RemovedKeyView view{removed.Text("id"), removed.TextsOrNone("requests"), removed.FlagOrNone("ended")};
  return Checked(removed, std::move(view));
}

Answer<EventView> DecodeEvent(const json::value& value) {
  JsonReader event(value, "event");
  EventView view;
  view.place = event.WholeOrNone("n");
  view.seq = event.Whole("seq");
  view.at = event.MomentOrNone("at");
  view.source = event.TextOrNone("source");
  view.host = event.TextOrNone("host");
  view.kind = event.Text("kind");
  view.severity = event.TextOrNone("severity");
  view.actor = event.TextOrNone("actor");
  view.request = event.TextOrNone("request");
  view.grant = event.TextOrNone("grant");
  view.outcome = event.TextOrNone("outcome");
  view.detail = event.TextOrNone("detail");
  view.prev = event.TextOrNone("prev");
  view.hash = event.TextOrNone("hash");
  return Checked(event, std::move(view));
}

Answer<PersonView> DecodePerson(const json::value& value) {
  JsonReader person(value, "person");
  PersonView view{person.Text("user"), person.TextsOrNone("groups"), {}};
  for (JsonReader& notice : person.Each("notices")) {
    view.notices.push_back({std::to_string(notice.Whole("id")), notice.MomentOrNone("at"), notice.TextOrNone("request"),
                            notice.Text("text")});
  }
  return Checked(person, std::move(view));
}

Answer<SessionView> DecodeSession(const json::value& value) {
  JsonReader session(value, "session");
  SessionView view{session.Text("token"), session.Text("user"), session.TextsOrNone("groups"),
                   session.MomentOrNone("expires")};
  return Checked(session, std::move(view));
}

}  // namespace curfew
