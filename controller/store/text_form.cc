// SPDX-License-Identifier: Apache-2.0
// Boost.JSON for the store's list columns.
#include "controller/store/text_form.h"

#include <boost/json.hpp>

#include "controller/store/json_list.h"
#include "controller/store/sqlite_store.h"

namespace curfew {
namespace {

namespace json = boost::json;

json::value Parse(std::string_view text) {
  boost::system::error_code failed;
  auto value = json::parse(text, failed);
  if (failed) throw BadValue("the store holds text that is not JSON");
  return value;
}

std::string TextOf(const json::value& value) { return std::string(value.as_string()); }

json::value SudoValue(const std::optional<SudoRight>& sudo) {
  if (!sudo) return nullptr;
  json::object object{{"runas", sudo->runas.Text()}, {"authenticate", sudo->authenticate}};
  if (const auto* commands = std::get_if<std::vector<Command>>(&sudo->commands)) object["commands"] = CommandList(*commands);
  return object;
}

std::optional<SudoRight> SudoOf(const json::value& value) {
  if (value.is_null()) return std::nullopt;
  const auto& object = value.as_object();
  SudoRight right{AllCommands{}, Stored(AccountName::Parse(TextOf(object.at("runas")))), object.at("authenticate").as_bool()};
  if (const auto* listed = object.if_contains("commands")) {
    std::vector<Command> commands;
    for (const auto& item : listed->as_array()) {
      std::vector<std::string> argv;
      for (const auto& word : item.as_array()) argv.push_back(TextOf(word));
      commands.push_back(Stored(Command::Parse(argv)));
    }
    right.commands = std::move(commands);
  }
  return right;
}

json::value StageValue(const Stage& stage) {
  return json::object{{"need", stage.need}, {"who", ListOf(stage.who, [](const Approver& a) { return json::value(Text(a)); })}};
}

Stage StageOf(const json::value& value) {
  Stage stage{static_cast<std::uint32_t>(value.at("need").as_int64()), {}};
  for (const auto& who : value.at("who").as_array()) stage.who.push_back(Stored(ParseApprover(TextOf(who))));
  return stage;
}

/// What a JSON accessor throws for a wrong type means the same as text that is no JSON.
template <class Read>
auto Guard(Read read) {
  try {
    return read();
  } catch (const StoreFailure&) {
    throw;
  } catch (const std::exception& error) {
    throw BadValue(std::string("the store holds a value of another shape: ") + error.what());
  }
}

}  // namespace

std::string WriteGroups(const std::set<PersonName>& groups) {
  return json::serialize(ListOf(groups, [](const PersonName& group) { return json::value(group.Text()); }));
}

std::set<PersonName> ReadGroups(std::string_view text) {
  return Guard([&] {
    const auto value = Parse(text);
    std::set<PersonName> groups;
    for (const auto& item : value.as_array()) groups.insert(Stored(PersonName::Parse(TextOf(item))));
    return groups;
  });
}

std::string WriteLabels(const Labels& labels) {
  json::object object;
  for (const auto& [key, value] : labels) object[key] = value;
  return json::serialize(object);
}

Labels ReadLabels(std::string_view text) {
  return Guard([&] {
    const auto value = Parse(text);
    Labels labels;
    for (const auto& item : value.as_object()) labels.emplace(std::string(item.key()), TextOf(item.value()));
    return labels;
  });
}

std::string WriteFacts(const AgentFacts& facts) {
  return json::serialize(json::object{
      {"format", facts.format},
      {"agent_version", facts.agent_version},
      {"sudo", facts.sudo},
      {"sshd", facts.sshd},
      {"layers", ListOf(facts.layers, [](const std::string& layer) { return json::value(layer); })}});
}

AgentFacts ReadFacts(std::string_view text) {
  return Guard([&] {
    const auto value = Parse(text);
    AgentFacts facts;
    facts.format = static_cast<std::uint32_t>(value.at("format").as_int64());
    facts.agent_version = TextOf(value.at("agent_version"));
    facts.sudo = TextOf(value.at("sudo"));
    facts.sshd = TextOf(value.at("sshd"));
    for (const auto& layer : value.at("layers").as_array()) facts.layers.push_back(TextOf(layer));
    return facts;
  });
}

std::string WriteSurvivors(const std::vector<Survivor>& survivors) {
  return json::serialize(ListOf(survivors, [](const Survivor& survivor) {
    return json::value(json::object{
        {"pid", survivor.pid}, {"uid", survivor.uid}, {"cmd", survivor.command}, {"unit", survivor.unit}});
  }));
}

std::vector<Survivor> ReadSurvivors(std::string_view text) {
  if (text == "[]") return {};  // nearly always; a bundle is sealed from every grant of its host
  return Guard([&] {
    const auto value = Parse(text);
    std::vector<Survivor> survivors;
    for (const auto& item : value.as_array()) {
      survivors.push_back({static_cast<std::int32_t>(item.at("pid").as_int64()),
                           static_cast<Uid>(item.at("uid").as_int64()), TextOf(item.at("cmd")), TextOf(item.at("unit"))});
    }
    return survivors;
  });
}

std::string WriteBody(const RequestRecord& request) {
  return json::serialize(json::object{
      {"account", request.account.Text()},
      {"hosts", ListOf(request.hosts, [](const HostId& host) { return json::value(host.Hex()); })},
      {"host_names", ListOf(request.host_names, [](const HostName& name) { return json::value(name.Text()); })},
      {"login", request.login},
      {"sudo", SudoValue(request.sudo)},
      {"keys", ListOf(request.keys, [](const LoginKey& key) { return json::value(key.Text()); })},
      {"reason", request.reason},
      {"ticket", request.ticket},
      {"policy", request.policy},
      {"policy_version", request.policy_version},
      {"stages", ListOf(request.stages, StageValue)},
      {"created", request.created.time_since_epoch().count()}});
}

RequestRecord ReadBody(std::string_view text, RequestId id, PersonName requester) {
  return Guard([&] {
    const auto body = Parse(text);
    RequestRecord request{std::move(id), RequestState::kSubmitted, std::move(requester),
                          Stored(AccountName::Parse(TextOf(body.at("account"))))};
    for (const auto& host : body.at("hosts").as_array()) request.hosts.push_back(Stored(HostId::FromHex(TextOf(host))));
    for (const auto& name : body.at("host_names").as_array()) {
      request.host_names.push_back(Stored(HostName::Parse(TextOf(name))));
    }
    request.login = body.at("login").as_bool();
    request.sudo = SudoOf(body.at("sudo"));
    for (const auto& held : body.at("keys").as_array()) {
      if (auto key = LoginKey::Parse(TextOf(held))) request.keys.push_back(*std::move(key));
    }
    request.reason = TextOf(body.at("reason"));
    request.ticket = TextOf(body.at("ticket"));
    request.policy = TextOf(body.at("policy"));
    request.policy_version = body.at("policy_version").to_number<std::uint64_t>();
    for (const auto& stage : body.at("stages").as_array()) request.stages.push_back(StageOf(stage));
    request.created = Instant{Millis{body.at("created").as_int64()}};
    return request;
  });
}

}  // namespace curfew
