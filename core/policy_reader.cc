// SPDX-License-Identifier: Apache-2.0
// YAML to policy values. Two passes: the first refuses what could make the second large or ambiguous (anchors, tags,
// several documents), the second reads every key by name and refuses the rest.
#include "core/policy_reader.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <sstream>

namespace curfew {
namespace {

/// Carries an Error out of the reading functions; never leaves this file.
struct Refused {
  Error error;
};

/// What every reading function needs to say where something is wrong.
struct Place {
  const std::string& file;

  [[noreturn]] void Refuse(const YAML::Mark& mark, std::string what, std::string hint = {}) const {
    const std::string where = mark.is_null() ? file + ":1:1"
                                             : file + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
    throw Refused{Error{Errc::kMalformed, std::move(what), where, std::move(hint)}};
  }
};

/// First pass. An alias can make a short file mean a long one, and a tag can change what a text is.
class Strictness : public YAML::EventHandler {
 public:
  explicit Strictness(const Place& place) : place_(place) {}
  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { Check(mark, "", anchor); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override { RefuseAnchor(mark); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, const std::string& /*value*/) override {
    Check(mark, tag, anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value /*style*/) override {
    Check(mark, tag, anchor);
  }
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, YAML::EmitterStyle::value /*style*/) override {
    Check(mark, tag, anchor);
  }
  void OnMapEnd() override {}

 private:
  [[noreturn]] void RefuseAnchor(const YAML::Mark& mark) const { place_.Refuse(mark, "anchors and aliases are not read here", "write it out"); }
  void Check(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) const {
    if (anchor != 0) RefuseAnchor(mark);
    // "?" and "!" are yaml-cpp's own words for "no tag": plain and quoted.
    if (!tag.empty() && tag != "?" && tag != "!") place_.Refuse(mark, "the tag " + Escaped(tag) + " is not read here", "leave it out");
  }
  const Place& place_;
};

std::string Scalar(const YAML::Node& node, const Place& place, const std::string& what) {
  if (!node.IsScalar()) place.Refuse(node.Mark(), what + " must be one word or text");
  return node.Scalar();
}

/// The values of a map by key; every key must be in `known`, and only once.
std::map<std::string, YAML::Node> Keys(const YAML::Node& node, const Place& place, const std::string& what,
                                       const std::vector<std::string>& known) {
  std::string list;
  for (const auto& key : known) list += (list.empty() ? "" : ", ") + key;
  if (!node.IsMap()) place.Refuse(node.Mark(), what + " must be a map", "its keys are: " + list);
  std::map<std::string, YAML::Node> values;
  for (const auto& entry : node) {
    const std::string key = Scalar(entry.first, place, "a key");
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      place.Refuse(entry.first.Mark(), "unknown key '" + Escaped(key) + "' in " + what, "known here: " + list);
    }
    if (!values.emplace(key, entry.second).second) {
      place.Refuse(entry.first.Mark(), "key '" + key + "' is given twice in " + what, "keep one of them");
    }
  }
  return values;
}

const YAML::Node& Need(const std::map<std::string, YAML::Node>& values, const YAML::Node& node, const Place& place,
                       const std::string& what, const std::string& key) {
  const auto found = values.find(key);
  if (found == values.end()) place.Refuse(node.Mark(), what + " lacks '" + key + "'");
  return found->second;
}

template <class T>
T Take(Result<T> parsed, const YAML::Node& node, const Place& place) {
  if (!parsed) {
    const Error& error = parsed.error();
    place.Refuse(node.Mark(), error.where.empty() ? error.what : error.where + ": " + error.what, error.hint);
  }
  return std::move(*parsed);
}

/// A list's items; `most` bounds it.
std::vector<YAML::Node> Items(const YAML::Node& node, const Place& place, const std::string& what, std::size_t most = 1000) {
  if (!node.IsSequence()) place.Refuse(node.Mark(), what + " must be a list", "write [a, b]");
  if (node.size() > most) place.Refuse(node.Mark(), what + " has more than " + std::to_string(most) + " items");
  return {node.begin(), node.end()};
}

bool ReadBool(const YAML::Node& node, const Place& place, const std::string& what) {
  const std::string text = Scalar(node, place, what);
  if (text == "yes" || text == "true") return true;
  if (text == "no" || text == "false") return false;
  place.Refuse(node.Mark(), what + " is '" + Escaped(text) + "'", "write yes or no");
}

std::set<PersonName> ReadPeople(const YAML::Node& node, const Place& place, const std::string& what) {
  std::set<PersonName> people;
  for (const auto& item : Items(node, place, what)) {
    people.insert(Take(PersonName::Parse(Scalar(item, place, what)), item, place));
  }
  return people;
}

Gate ReadGate(const YAML::Node& node, const Place& place) {
  Gate gate;
  for (const auto& item : Items(node, place, "gate")) {
    const std::string word = Scalar(item, place, "gate");
    if (word == "login") {
      gate.login = true;
    } else if (word == "sudo") {
      gate.sudo = true;
    } else {
      place.Refuse(item.Mark(), "gate '" + Escaped(word) + "' does not exist", "write [login, sudo], or one of them");
    }
  }
  if (!gate.login && !gate.sudo) place.Refuse(node.Mark(), "gate is empty", "write [login, sudo], or one of them");
  return gate;
}

ManagedRule ReadManaged(const YAML::Node& node, const Place& place) {
  const auto keys = Keys(node, place, "an entry of managed", {"hosts", "accounts", "gate"});
  const auto& hosts = Need(keys, node, place, "an entry of managed", "hosts");
  const auto& accounts = Need(keys, node, place, "an entry of managed", "accounts");
  ManagedRule rule{Take(HostExpression::Parse(Scalar(hosts, place, "hosts")), hosts, place), {}, {}};
  for (const auto& item : Items(accounts, place, "accounts")) {
    auto account = Take(AccountName::Parse(Scalar(item, place, "an account")), item, place);
    // DESIGN §8: protected accounts, root first, can never become managed.
    if (account.Text() == "root") place.Refuse(item.Mark(), "root can never be managed", "leave it out");
    rule.accounts.push_back(std::move(account));
  }
  if (rule.accounts.empty()) place.Refuse(accounts.Mark(), "accounts is empty", "name at least one");
  rule.gate = ReadGate(Need(keys, node, place, "an entry of managed", "gate"), place);
  return rule;
}

Command ReadCommand(const YAML::Node& node, const Place& place) {
  std::vector<std::string> argv;
  for (const auto& word : Items(node, place, "a command", 100)) argv.push_back(Scalar(word, place, "an argument"));
  return Take(Command::Parse(argv), node, place);
}

SudoRight ReadSudo(const YAML::Node& node, const Place& place, AccountName runas) {
  if (node.IsScalar() && node.Scalar() == "all") return SudoRight{AllCommands{}, std::move(runas), false};
  if (node.IsScalar()) {
    place.Refuse(node.Mark(), "sudo is '" + Escaped(node.Scalar()) + "'", "write all, or [[/usr/bin/systemctl, restart, nginx]]");
  }
  std::vector<Command> commands;
  for (const auto& item : Items(node, place, "sudo", 200)) commands.push_back(ReadCommand(item, place));
  if (commands.empty()) place.Refuse(node.Mark(), "sudo lists no command", "leave sudo out to allow none");
  return SudoRight{std::move(commands), std::move(runas), false};
}

void ReadAllow(const YAML::Node& node, const Place& place, PolicyRule& rule) {
  const auto keys = Keys(node, place, "allow", {"login", "sudo", "runas"});
  if (const auto login = keys.find("login"); login != keys.end()) rule.login = ReadBool(login->second, place, "login");
  auto runas = AccountName::Parse("root");
  if (const auto given = keys.find("runas"); given != keys.end()) {
    runas = Take(AccountName::Parse(Scalar(given->second, place, "runas")), given->second, place);
  }
  if (const auto sudo = keys.find("sudo"); sudo != keys.end()) rule.sudo = ReadSudo(sudo->second, place, *runas);
  if (!rule.login && !rule.sudo) place.Refuse(node.Mark(), "allow allows nothing", "write {login: yes}, {sudo: all} or both");
}

void ReadDuration(const YAML::Node& node, const Place& place, PolicyRule& rule) {
  const auto keys = Keys(node, place, "duration", {"default", "max"});
  const auto& longest = Need(keys, node, place, "duration", "max");
  const auto& standard = Need(keys, node, place, "duration", "default");
  rule.longest = Take(ParseDuration(Scalar(longest, place, "max")), longest, place);
  rule.standard = Take(ParseDuration(Scalar(standard, place, "default")), standard, place);
  if (rule.standard > rule.longest) place.Refuse(standard.Mark(), "default is longer than max", "shorten it, or raise max");
}

std::vector<Stage> ReadApprove(const YAML::Node& node, const Place& place) {
  std::vector<Stage> stages;
  for (const auto& item : Items(node, place, "approve", 16)) {
    const auto keys = Keys(item, place, "a stage of approve", {"any"});
    Stage stage;
    const auto& any = Need(keys, item, place, "a stage of approve", "any");
    for (const auto& who : Items(any, place, "any")) {
      stage.who.push_back(Take(ParseApprover(Scalar(who, place, "an approver")), who, place));
    }
    if (stage.who.empty()) place.Refuse(any.Mark(), "nobody can approve this stage", "name people, or group:NAME");
    stages.push_back(std::move(stage));
  }
  return stages;
}

std::variant<OwnAccount, AccountName> ReadAccount(const YAML::Node& node, const Place& place) {
  const std::string text = Scalar(node, place, "account");
  if (text == "self") return OwnAccount{};
  return Take(AccountName::Parse(text), node, place);
}

PolicyRule ReadRule(const YAML::Node& node, const Place& place) {
  const std::string what = "an entry of policies";
  const auto keys = Keys(node, place, what, {"name", "who", "hosts", "account", "allow", "duration", "approve"});
  const auto& name = Need(keys, node, place, what, "name");
  const auto& hosts = Need(keys, node, place, what, "hosts");
  const auto& who_node = Need(keys, node, place, what, "who");
  PolicyRule rule{Take(PersonName::Parse(Scalar(name, place, "name")), name, place).Text(), {}, {},
                  Take(HostExpression::Parse(Scalar(hosts, place, "hosts")), hosts, place), OwnAccount{}, false,
                  std::nullopt, Seconds{0}, Seconds{0}, {}};
  const auto who = Keys(who_node, place, "who", {"groups", "people"});
  if (const auto groups = who.find("groups"); groups != who.end()) rule.groups = ReadPeople(groups->second, place, "groups");
  if (const auto people = who.find("people"); people != who.end()) rule.people = ReadPeople(people->second, place, "people");
  if (rule.groups.empty() && rule.people.empty()) place.Refuse(who_node.Mark(), "who names nobody", "write {groups: [developers]}");
  rule.account = ReadAccount(Need(keys, node, place, what, "account"), place);
  ReadAllow(Need(keys, node, place, what, "allow"), place, rule);
  ReadDuration(Need(keys, node, place, what, "duration"), place, rule);
  rule.approve = ReadApprove(Need(keys, node, place, what, "approve"), place);
  return rule;
}

Policy ReadDocument(const YAML::Node& root, const Place& place) {
  const auto keys = Keys(root, place, "the policy", {"version", "managed", "policies"});
  const auto& version = Need(keys, root, place, "the policy", "version");
  if (Scalar(version, place, "version") != "1") place.Refuse(version.Mark(), "version is not 1", "this controller reads version 1");
  Policy policy;
  for (const auto& item : Items(Need(keys, root, place, "the policy", "managed"), place, "managed")) {
    policy.managed.push_back(ReadManaged(item, place));
  }
  std::set<std::string> names;
  for (const auto& item : Items(Need(keys, root, place, "the policy", "policies"), place, "policies")) {
    policy.rules.push_back(ReadRule(item, place));
    if (!names.insert(policy.rules.back().name).second) {
      place.Refuse(item.Mark(), "there are two policies named " + policy.rules.back().name, "rename one");
    }
  }
  return policy;
}

void CheckStrictness(const std::string& text, const Place& place) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  Strictness strictness(place);
  if (!parser.HandleNextDocument(strictness)) place.Refuse(YAML::Mark::null_mark(), "the file is empty", "start with `version: 1`");
  Strictness second(place);
  if (parser.HandleNextDocument(second)) place.Refuse(YAML::Mark::null_mark(), "there is more than one document", "keep one; remove the `---`");
}

}  // namespace

Result<Policy> ReadPolicy(std::string_view text, const std::string& file) {
  const Place place{file};
  try {
    if (text.size() > kMaxPolicyBytes) place.Refuse(YAML::Mark::null_mark(), "the file is larger than 1 MiB");
    const std::string copy(text);
    CheckStrictness(copy, place);
    return ReadDocument(YAML::Load(copy), place);
  } catch (const Refused& refused) {
    return Failure(refused.error);
  } catch (const YAML::Exception& error) {
    const auto& mark = error.mark;
    const std::string where = mark.is_null() ? file + ":1:1" : file + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
    return Fail(Errc::kMalformed, error.msg, where, "this is not YAML");
  }
}

}  // namespace curfew
