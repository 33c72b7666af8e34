// SPDX-License-Identifier: Apache-2.0
// What our own programs and others said, cut to a line: a child that is waited for.
#include "agent/host_settings/said.h"

#include <unistd.h>

#include "core/names.h"
#include "os/child.h"

namespace curfew {
namespace {

constexpr std::size_t kLongestLine = 300;

}  // namespace

std::string Said::FirstLine() const {
  const std::size_t start = output.find_first_not_of(" \r\n");
  if (start == std::string::npos) return "status " + std::to_string(status);
  const std::size_t end = output.find('\n', start);
  const std::string line = output.substr(start, end == std::string::npos ? kLongestLine : end - start);
  return Escaped(std::string_view(line).substr(0, kLongestLine));
}

Result<Said> Run(const std::vector<std::string>& argv, Millis limit) {
  auto child = Child::Start(argv);
  if (!child) return Failure(child.error());
  ChildEnd end = child->Wait(limit);
  if (end.timed_out) {
    return Fail(Errc::kUnavailable, "did not end within " + std::to_string(limit.count() / 1000) + " s", argv.front());
  }
  return Said{end.status, std::move(end.output)};
}

std::vector<std::string> Present(const std::vector<std::string>& places) {
  std::vector<std::string> found;
  for (const auto& place : places) {
    if (::access(place.c_str(), X_OK) == 0) found.push_back(place);
  }
  return found;
}

}  // namespace curfew
