// SPDX-License-Identifier: Apache-2.0
// curfew-agent: the host admin's command. Each verb is one function that gives an exit code.
#include <unistd.h>

#include <cstdio>
#include <exception>

#include "agent/tool/command_line.h"
#include "agent/tool/doctor.h"
#include "agent/tool/enforcer_wire.h"
#include "agent/tool/exit.h"
#include "agent/tool/join.h"
#include "agent/tool/leave.h"
#include "agent/tool/own_name.h"
#include "agent/tool/read_file.h"
#include "agent/tool/setup.h"
#include "agent/tool/status.h"

namespace curfew {
namespace {

constexpr std::size_t kMostSealed = (std::size_t{4} << 20U) + 4096;

Exit Status(const StatusCommand& command, const Paths& paths) {
  const auto status = EnforcerClient(paths.LinkSocket()).Status();
  if (!status) return Complain(status.error());
  const auto joined = ReadJoined(paths);
  std::fputs((command.json ? StatusJson(*status, joined) : StatusTable(*status, joined)).c_str(), stdout);
  return status->enrolled ? Exit::kDone : Exit::kNotEnrolled;
}

Exit Offer(const OfferCommand& command, const Paths& paths) {
  const auto sealed = ReadUntrustedFile(command.file, kMostSealed);
  if (!sealed) return Complain(sealed.error());
  const auto offered = EnforcerClient(paths.LinkSocket()).Offer(*sealed);
  if (!offered) return Complain(offered.error());
  std::puts("accepted");
  return Exit::kDone;
}

Exit RevokeAll(const RevokeAllCommand& command, const Paths& paths) {
  if (const Exit ended = EndEveryGrant(paths, Undurable::kIsNoted); ended != Exit::kDone) return ended;
  std::puts("every grant on this host has ended");
  return command.wait ? AwaitProofs(paths, "it shows them as UNCONFIRMED until this host is connected again") : Exit::kDone;
}

Exit Doctor(const DoctorCommand& command, const Paths& paths) {
  const Diagnosis diagnosis = Examine(paths);
  std::fputs((command.json ? DiagnosisJson(diagnosis) : DiagnosisTable(diagnosis)).c_str(), stdout);
  return diagnosis.Ok() ? Exit::kDone : Exit::kFailed;
}

Exit Later(const LaterCommand& command) {
  return Complain(Error{Errc::kNotFound, "comes in a later release", command.verb, {}});
}

Exit Run(const CommandLine& line) {
  if (::geteuid() != 0)
    return Complain(Error{Errc::kSystem, "must be run by root", "curfew-agent", "try: sudo curfew-agent …"});
  const Paths& paths = line.paths;
  if (const auto* join = std::get_if<JoinOptions>(&line.command)) return Join(*join, paths);
  if (const auto* status = std::get_if<StatusCommand>(&line.command)) return Status(*status, paths);
  if (const auto* doctor = std::get_if<DoctorCommand>(&line.command)) return Doctor(*doctor, paths);
  if (const auto* setup = std::get_if<SetupCommand>(&line.command)) {
    const Exit done = Setup(*setup, paths);
    // Whoever asks has it look at the host anew: from now on PAM asks it of each login, or no more.
    static_cast<void>(EnforcerClient(paths.LinkSocket(), Millis{2000}).Status());
    return done;
  }
  if (const auto* offer = std::get_if<OfferCommand>(&line.command)) return Offer(*offer, paths);
  if (const auto* revoke = std::get_if<RevokeAllCommand>(&line.command)) return RevokeAll(*revoke, paths);
  if (std::holds_alternative<LeaveCommand>(line.command)) return Leave(paths);
  if (const auto* later = std::get_if<LaterCommand>(&line.command)) return Later(*later);
  return Exit::kFailed;
}

}  // namespace
}  // namespace curfew

int main(int argc, char** argv) {
  try {
    const auto parsed = curfew::ParseCommandLine(argc, argv);
    if (const int* stop = std::get_if<int>(&parsed)) return *stop;
    return static_cast<int>(curfew::Run(std::get<curfew::CommandLine>(parsed)));
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "curfew-agent: %s\n", failure.what());
    return static_cast<int>(curfew::Exit::kFailed);
  }
}
