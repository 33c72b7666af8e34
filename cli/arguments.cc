// SPDX-License-Identifier: Apache-2.0
// Runs CLI11 over the grammar's rows.
#include "cli/arguments.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cli/grammar.h"
#include "cli/shown.h"
#include "core/reason.h"

namespace curfew {
namespace {

constexpr const char* kFooter =
    "\nEnvironment: CURFEW_URL, CURFEW_HOME (default ~/.config/curfew), CURFEW_TOKEN_FILE.\n"
    "Exit: 0 done, 1 failed, 2 usage, 3 no such thing, 4 log in first, 5 denied, 6 still pending at --timeout,\n"
    "7 controller unreachable, 8 lapsed, expired or already ended, 130 interrupted (the request stays). `ssh`: ssh's "
    "own.";

/// Options that every verb has. They stand on each verb, not on the program with CLI11's fallthrough: that would take a
/// host called `ls` for the verb.
void StyleOptions(CLI::App& app, Typed& typed) {
  app.add_option("-o", typed.form, "table, json or id")->check(CLI::IsMember({"table", "json", "id"}));
  app.add_flag("--utc", typed.utc, "times in UTC instead of local time");
}

struct Parser {
  Typed typed;
  CLI::App app{"Root for a while: ask, approve, use, give back.", "curfew"};
  std::vector<std::pair<CLI::App*, const GrammarRow*>> verbs;
  std::map<std::string, CLI::App*> groups;

  Parser() {
    app.set_version_flag("--version", "curfew " CURFEW_VERSION);
    app.require_subcommand(1);
    app.footer(kFooter);
    StyleOptions(app, typed);
    for (const GrammarRow& row : Grammar()) Add(row);
  }

  void Add(const GrammarRow& row) {
    CLI::App* parent = &app;
    if (*row.group != '\0') {
      CLI::App*& group = groups[row.group];
      if (group == nullptr) group = app.add_subcommand(row.group, "see `curfew " + std::string(row.group) + " --help`");
      parent = group->require_subcommand(1);
    }
    CLI::App* verb = parent->add_subcommand(row.name, row.about);
    StyleOptions(*verb, typed);
    row.options(*verb, typed);
    if (row.takes_command) verb->footer("\nA command, with its arguments, may follow after --");
    verbs.emplace_back(verb, &row);
  }
};

LastWord Usage(const std::string& verb, const std::string& what, const std::string& next) {
  const std::string hint = next.empty() ? "" : next + "; ";
  return {ExitCode::kUsage, Shown(verb + ": " + what + "; " + hint + "see `" + verb + " --help`") + "\n"};
}

std::string NameOf(const CLI::App& app) {
  const CLI::App* parent = app.get_parent();
  return parent == nullptr ? app.get_name() : NameOf(*parent) + " " + app.get_name();
}

/// The verb that the words chose, or as much of it as they chose.
const CLI::App& Chosen(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return chosen.empty() ? app : Chosen(*chosen.back());
}

/// What is wrong with the words, in ours where CLI11 speaks of its own things.
std::string Complaint(const Parser& parser, const CLI::App& at, const CLI::ParseError& error) {
  const bool verb = std::any_of(parser.verbs.begin(), parser.verbs.end(), [&](const auto& known) { return known.first == &at; });
  const auto rest = at.remaining();
  if (rest.empty()) return verb || error.get_exit_code() != static_cast<int>(CLI::ExitCodes::RequiredError) ? error.what() : "say what to do";
  const std::string& odd = rest.front();
  if (odd.starts_with('-')) return "there is no option '" + odd + "'";
  return verb ? "'" + odd + "' is one word too many" : "there is no verb '" + odd + "'";
}

Form FormOf(const std::string& word) {
  if (word == "json") return Form::kJson;
  return word == "id" ? Form::kId : Form::kTable;
}

/// What the controller would not take of what people write, whatever the verb.
std::string FaultOfTexts(const Typed& typed) {
  const auto fault = [](const char* option, const std::string& text, std::size_t most) {
    if (IsPlainText(text, most)) return std::string();
    return fmt::format("{} has control characters or is longer than {} bytes", option, most);
  };
  std::string reason = fault("--reason", typed.reason, kLongestReason);
  return reason.empty() ? fault("--ticket", typed.ticket, kLongestTicket) : reason;
}

std::variant<Invocation, LastWord> Read(const Parser& parser) {
  for (const auto& [app, row] : parser.verbs) {
    if (!app->parsed()) continue;
    const std::string name = NameOf(*app);
    if (parser.typed.tail && !row->takes_command) return Usage(name, "takes no command after --", "");
    if (parser.typed.tail && parser.typed.tail->empty()) return Usage(name, "nothing after --", "");
    if (const auto fault = FaultOfTexts(parser.typed); !fault.empty()) return Usage(name, fault, "");
    auto verb = row->read(parser.typed);
    if (!verb) return Usage(name, verb.error().what, verb.error().next);
    return Invocation{Style{FormOf(parser.typed.form), parser.typed.utc}, std::move(*verb)};
  }
  return Usage("curfew", "no verb", "");
}

}  // namespace

std::variant<Invocation, LastWord> ParseArguments(std::vector<std::string> words) {
  Parser parser;
  const auto dashes = std::find(words.begin(), words.end(), "--");
  if (dashes != words.end()) {
    parser.typed.tail.emplace(dashes + 1, words.end());
    words.erase(dashes, words.end());
  }
  std::reverse(words.begin(), words.end());  // CLI11 takes them from the back
  try {
    parser.app.parse(words);
  } catch (const CLI::CallForHelp&) {
    return LastWord{ExitCode::kDone, parser.app.help()};
  } catch (const CLI::CallForVersion&) {
    return LastWord{ExitCode::kDone, "curfew " CURFEW_VERSION "\n"};
  } catch (const CLI::ParseError& error) {
    const CLI::App& at = Chosen(parser.app);
    return Usage(NameOf(at), Complaint(parser, at, error), "");
  }
  return Read(parser);
}

}  // namespace curfew
