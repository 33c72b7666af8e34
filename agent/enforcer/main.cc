// SPDX-License-Identifier: Apache-2.0
// curfew-enforcer: only wires. `--root DIR` puts every path of ours below DIR, for tests.
#include <malloc.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <exception>
#include <string_view>

#include "agent/enforcer/enforcer.h"

namespace curfew {
namespace {

Result<Paths> ReadArguments(int argc, char** argv) {
  if (argc == 1) return Paths{};
  if (argc == 3 && std::string_view(argv[1]) == "--root" && argv[2][0] == '/') return Paths{argv[2]};
  return Fail(Errc::kMalformed, "unknown arguments", "curfew-enforcer", "it takes none; tests give --root DIR");
}

Result<void> Run(const Paths& paths) {
  auto footing = FindFooting(paths);
  if (!footing) return Failure(footing.error());
  auto openings = OpenAll(paths);
  if (!openings) return Failure(openings.error());
  boost::asio::io_context io(1);
  Enforcer enforcer(io, paths, *std::move(footing), *std::move(openings));
  boost::asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&](const boost::system::error_code&, int) { enforcer.Stop(); });
  enforcer.Start();
  io.run();
  return {};
}

int Main(int argc, char** argv) {
  // One arena for all threads: they allocate little, and each arena would stay resident.
  ::mallopt(M_ARENA_MAX, 1);
  std::signal(SIGPIPE, SIG_IGN);  // NOLINT(cert-err33-c): cannot fail for these arguments
  auto paths = ReadArguments(argc, argv);
  const Result<void> ran = paths ? Run(*paths) : Result<void>(Failure(paths.error()));
  if (ran) return 0;
  std::fprintf(stderr, "curfew-enforcer: %s\n", ran.error().Text().c_str());
  return paths ? 1 : 2;
}

}  // namespace
}  // namespace curfew

int main(int argc, char** argv) {
  try {
    return curfew::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "curfew-enforcer: %s; it is started again by systemd\n", error.what());
    return 1;
  }
}
