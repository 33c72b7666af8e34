// SPDX-License-Identifier: Apache-2.0
// One rule a line, so that each carries its own user, runas and date: nothing is inherited from a neighbour.
#include "core/sudoers.h"

#include <algorithm>

#include "core/lines.h"

namespace curfew {
namespace {

constexpr std::string_view kFile = "sudoers.d/grants";
constexpr std::string_view kHead =
    "# Written by curfew from signed grants: an edit here is undone, and every rule ends at its time.\n";
constexpr std::string_view kNoArguments = "\"\"";
constexpr std::string_view kAll = "ALL";

/// sudoers reads a word of capitals in a user's place as an alias (sudoers(5), "Aliases"): another's definition.
bool LooksLikeAlias(std::string_view name) {
  return name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string_view::npos;
}

/// sudo refuses the whole file for a path to sudoedit, which it knows by its bare name only (sudoers(5), "sudoedit").
bool IsSudoedit(const Command& command) {
  const std::string_view path = command.Argv().front();
  return path.substr(path.rfind('/') + 1) == "sudoedit";
}

std::string DefaultsLine(Uid uid) { return "Defaults:#" + std::to_string(uid) + " timestamp_timeout=0"; }

std::string UserPart(Uid uid) { return "#" + std::to_string(uid) + " ALL=("; }

std::string DatePart(Instant until, const SudoTraits& traits) {
  return traits.dates ? "NOTAFTER=" + CompactUtc(LastSecond(until)) + " " : "";
}

std::string_view TagPart(bool authenticate) { return authenticate ? "PASSWD: " : "NOPASSWD: "; }

void AppendCommand(std::string& text, const Command& command) {
  const auto& argv = command.Argv();
  text += argv.front();
  if (argv.size() == 1) text.append(" ").append(kNoArguments);
  for (std::size_t i = 1; i < argv.size(); ++i) text.append(" ").append(argv[i]);
  text += '\n';
}

void AppendRule(std::string& text, const Rule& rule, const SudoTraits& traits) {
  text += WriteHeader(rule.grant, rule.until);
  text.append(DefaultsLine(rule.uid)).append("\n");
  std::string start = UserPart(rule.uid) + rule.right.runas.Text() + ") " + DatePart(rule.until, traits);
  start += TagPart(rule.right.authenticate);
  const auto* commands = std::get_if<std::vector<Command>>(&rule.right.commands);
  if (commands == nullptr) {
    text.append(start).append(kAll).append("\n");
    return;
  }
  for (const Command& command : *commands) {
    text += start;
    AppendCommand(text, command);
  }
}

std::optional<Command> ReadCommand(std::string_view text) {
  std::vector<std::string> argv;
  for (const std::string_view word : SplitWords(text)) argv.emplace_back(word);
  if (argv.size() == 2 && argv[1] == kNoArguments) argv.pop_back();
  auto command = Command::Parse(argv);
  if (!command) return std::nullopt;
  return *std::move(command);
}

/// One line "#uid ALL=(runas) … command" as a right with that one command.
std::optional<SudoRight> ReadLine(std::string_view line, Uid uid, Instant until, const SudoTraits& traits) {
  if (!TakePrefix(line, UserPart(uid))) return std::nullopt;
  const std::size_t close = line.find(')');
  if (close == std::string_view::npos) return std::nullopt;
  auto runas = AccountName::Parse(line.substr(0, close));
  line.remove_prefix(close);
  if (!runas || !TakePrefix(line, ") ") || !TakePrefix(line, DatePart(until, traits))) return std::nullopt;
  const bool authenticate = TakePrefix(line, TagPart(true));
  if (!authenticate && !TakePrefix(line, TagPart(false))) return std::nullopt;
  if (line == kAll) return SudoRight{AllCommands{}, *std::move(runas), authenticate};
  auto command = ReadCommand(line);
  if (!command) return std::nullopt;
  return SudoRight{std::vector<Command>{*std::move(command)}, *std::move(runas), authenticate};
}

/// Adds the command of `more` to `right`; false where both cannot be one grant's lines.
bool Join(std::optional<SudoRight>& right, SudoRight more) {
  if (!right) {
    right = std::move(more);
    return true;
  }
  auto* commands = std::get_if<std::vector<Command>>(&right->commands);
  auto* added = std::get_if<std::vector<Command>>(&more.commands);
  if (commands == nullptr || added == nullptr) return false;
  if (right->runas != more.runas || right->authenticate != more.authenticate) return false;
  commands->push_back(std::move(added->front()));
  return true;
}

std::optional<Uid> ReadDefaults(std::string_view line) {
  if (!TakePrefix(line, "Defaults:#")) return std::nullopt;
  return ExactUid(line.substr(0, line.find(' ')));
}

/// Reads one grant's block that starts at `at`, and moves `at` behind it.
Result<Rule> ReadBlock(const std::vector<std::string_view>& lines, std::size_t& at, const SudoTraits& traits) {
  auto header = ReadHeader(lines[at]);
  if (!header) return BadLine(kFile, at, "not a grant's header");
  if (++at == lines.size()) return BadLine(kFile, at, "a header without rules");
  const auto uid = ReadDefaults(lines[at]);
  if (!uid) return BadLine(kFile, at, "not a Defaults line of curfew");
  std::optional<SudoRight> right;
  for (++at; at < lines.size() && !lines[at].starts_with(kHeaderStart); ++at) {
    auto line = ReadLine(lines[at], *uid, header->until, traits);
    if (!line || !Join(right, *std::move(line))) return BadLine(kFile, at, "not a rule of this grant");
  }
  if (!right) return BadLine(kFile, at, "a header without rules");
  return Rule{std::move(header->grant), *uid, *std::move(right), header->until};
}

}  // namespace

std::optional<Error> WhyNotExact(const SudoRight& right) {
  const auto* commands = std::get_if<std::vector<Command>>(&right.commands);
  if (commands != nullptr && commands->empty()) {
    return Error{Errc::kMalformed, "no command is named", "sudo", "name at least one command, or ask for all"};
  }
  if (commands != nullptr && std::any_of(commands->begin(), commands->end(), IsSudoedit)) {
    return Error{Errc::kMalformed, "sudo takes no path to sudoedit", "command",
                 "ask for an editor's own command instead"};
  }
  if (!LooksLikeAlias(right.runas.Text())) return std::nullopt;
  return Error{Errc::kMalformed, "sudo reads the name " + right.runas.Text() + " as an alias", "runas",
               "run as an account whose name is not all capitals"};
}

std::string RenderRules(const std::vector<Rule>& rules, const SudoTraits& traits) {
  std::string text(kHead);
  for (const Rule& rule : rules) AppendRule(text, rule, traits);
  return text;
}

Result<std::vector<Rule>> ParseRules(std::string_view text, const SudoTraits& traits) {
  const auto lines = SplitLines(text, kFile);
  if (!lines) return Failure(lines.error());
  if (!text.starts_with(kHead)) return BadLine(kFile, 0, "the head of curfew is missing");
  std::vector<Rule> rules;
  for (std::size_t at = 1; at < lines->size();) {
    auto rule = ReadBlock(*lines, at, traits);
    if (!rule) return Failure(std::move(rule.error()));
    rules.push_back(*std::move(rule));
  }
  if (auto error = Difference(text, RenderRules(rules, traits), kFile)) return Failure(*std::move(error));
  return rules;
}

}  // namespace curfew
