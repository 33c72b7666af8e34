// SPDX-License-Identifier: Apache-2.0
// The order of the parts, and their words on standard output.
#include "agent/tool/setup.h"

#include <algorithm>
#include <cstdio>
#include <memory>

#include "core/host_files.h"
#include "os/directory.h"

namespace curfew {
namespace {

Result<std::string> Act(const SetupPart& part, const SetupCommand& command) {
  if (command.dry_run) return part.Preview();
  return command.undo ? part.Undo() : part.Do();
}

}  // namespace

Result<std::vector<Gated>> ReadManaged(const Paths& paths) {
  const auto text = ReadTrustedFile(paths.Durable() + "/managed", kMostManagedText);
  if (!text && text.error().code == Errc::kNotFound) return std::vector<Gated>{};
  if (!text) return Failure(text.error());
  return ParseManaged(*text);
}

Exit Setup(const SetupCommand& command, const Paths& paths) {
  std::vector<std::unique_ptr<SetupPart>> parts;
  parts.push_back(SudoersPart(paths));
  parts.push_back(SshdPart(paths));
  parts.push_back(PamPart(paths));
  if (command.undo) std::reverse(parts.begin(), parts.end());
  for (const auto& part : parts) {
    if (command.part != "all" && command.part != part->Name()) continue;
    const auto done = Act(*part, command);
    if (!done) return Complain(done.error());
    std::printf("%s%s: %s\n", command.dry_run ? "would: " : "", part->Name().c_str(), done->c_str());
  }
  return Exit::kDone;
}

}  // namespace curfew
