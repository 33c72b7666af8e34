// SPDX-License-Identifier: Apache-2.0
// curfew-link: reads agent.toml and the host's TLS files, then runs the Link until it is told to stop.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <csignal>
#include <cstdio>
#include <exception>

#include "agent/agent_file.h"
#include "agent/link/link.h"
#include "agent/link/link_files.h"

namespace curfew {
namespace {

constexpr int kFailed = 1;
constexpr int kUsage = 2;
constexpr int kNotEnrolled = 4;

void Log(const std::string& line) { std::fprintf(stderr, "curfew-link: %s\n", line.c_str()); }

int Run(const LinkPaths& paths) {
  auto files = ReadLinkFiles(paths);
  if (!files) {
    Log(files.error().Text());
    return files.error().code == Errc::kNotFound ? kNotEnrolled : kFailed;
  }
  boost::asio::io_context io(1);
  LinkSettings settings;
  settings.controller = files->agent.agents;
  settings.enforcer_path = paths.enforcer;
  settings.log = &Log;
  Link link(io.get_executor(), std::move(settings), std::move(files->tls));
  boost::asio::co_spawn(io, link.Run(), [](const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
  });
  io.run();
  return kFailed;
}

}  // namespace
}  // namespace curfew

int main(int argc, char** argv) {
  // A peer that is gone is an error value here, never a signal (OpenSSL writes with write(2)).
  if (std::signal(SIGPIPE, SIG_IGN) == SIG_ERR) return curfew::kFailed;
  curfew::LinkPaths paths;
  if (argc == 3 && std::string_view(argv[1]) == "--root") {
    paths = curfew::LinkPaths::Below(argv[2]);
  } else if (argc != 1) {
    std::fprintf(stderr,
                 "usage: curfew-link [--root DIR]\nRun by curfew-link.service as user curfew; DIR is for tests.\n");
    return curfew::kUsage;
  }
  try {
    return curfew::Run(paths);
  } catch (const std::exception& failure) {
    curfew::Log(failure.what());
    return curfew::kFailed;
  }
}
