// SPDX-License-Identifier: Apache-2.0
// systemctl as a child process.
#include "agent/tool/units.h"

#include "os/child.h"
#include "os/service.h"

namespace curfew {
namespace {

constexpr const char* kSystemctl = "/usr/bin/systemctl";
constexpr Millis kLimit{60000};

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

Result<ChildEnd> Run(const std::vector<std::string>& arguments) {
  std::vector<std::string> argv{kSystemctl};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  auto child = Child::Start(argv);
  if (!child) return Failure(child.error());
  return child->Wait(kLimit);
}

}  // namespace

Result<void> Systemctl(const std::vector<std::string>& arguments) {
  if (!SystemdRuns()) return {};
  std::string where = "systemctl";
  for (const auto& argument : arguments) where += " " + argument;
  const auto end = Run(arguments);
  if (!end) return Failure(end.error());
  if (end->timed_out) return Fail(Errc::kSystem, "did not end within a minute", where);
  if (end->status != 0) return Fail(Errc::kSystem, FirstLine(end->output), where, "see: journalctl -xe");
  return {};
}

std::string UnitState(const std::string& unit) {
  if (!SystemdRuns()) return "no systemd";
  const auto end = Run({"is-active", unit});
  return end ? FirstLine(end->output) : "unknown";
}

}  // namespace curfew
