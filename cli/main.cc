// SPDX-License-Identifier: Apache-2.0
// `curfew`: reads the environment, runs one verb, turns its refusal into a sentence and an exit code.
#include <poll.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "cli/arguments.h"
#include "cli/run.h"

namespace curfew {
namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): no thread exists yet
  return value == nullptr ? "" : value;
}

Places PlacesFromEnvironment() {
  Places places{Environment("CURFEW_HOME"), Environment("CURFEW_URL"), Environment("CURFEW_TOKEN_FILE")};
  if (places.home.empty()) places.home = Environment("HOME") + "/.config/curfew";
  return places;
}

/// Whoever reads has gone: `| head -1` has what it wanted.
bool IsReaderGone() {
  pollfd output{STDOUT_FILENO, 0, 0};
  return ::poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0;
}

/// A result that could not be written whole (full disk) is no result.
ExitCode Written(ExitCode exit) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return exit;
  if (IsReaderGone()) return exit;
  static_cast<void>(std::fputs("curfew: standard output cannot be written; what was asked for is done\n", stderr));
  return exit == ExitCode::kDone ? ExitCode::kFailed : exit;
}

ExitCode RunWords(std::vector<std::string> words) {
  auto parsed = ParseArguments(std::move(words));
  if (const LastWord* said = std::get_if<LastWord>(&parsed)) {
    static_cast<void>(std::fputs(said->text.c_str(), said->exit == ExitCode::kDone ? stdout : stderr));
    return said->exit;
  }
  const auto& invocation = std::get<Invocation>(parsed);
  Context context{Home(PlacesFromEnvironment()), invocation.style, Terminal()};
  const auto outcome = std::visit([&context](const auto& verb) { return Run(verb, context); }, invocation.verb);
  if (outcome) return *outcome;
  context.terminal.Note("curfew: " + outcome.error().Text());
  return outcome.error().exit;
}

}  // namespace
}  // namespace curfew

int main(int argc, char** argv) {
  try {
    return static_cast<int>(curfew::Written(curfew::RunWords(std::vector<std::string>(argv + 1, argv + argc))));
  } catch (const std::exception& error) {
    static_cast<void>(std::fprintf(stderr, "curfew: %s; please report this\n", error.what()));
    return static_cast<int>(curfew::ExitCode::kFailed);
  }
}
