// SPDX-License-Identifier: Apache-2.0
// The link's surroundings, wired as its main wires them.
#include "tests/agent/link/desk.h"

#include <unistd.h>

#include <cstdlib>

namespace curfew::test {

Desk::Desk() : folder("/tmp/curfew-link-XXXXXX") {
  EXPECT_NE(::mkdtemp(folder.data()), nullptr);
  enforcer = std::make_unique<EnforcerDouble>(io, folder + "/link.sock");
}

Desk::~Desk() {
  io.stop();
  enforcer.reset();
  ::rmdir(folder.c_str());
}

LinkSettings Desk::Settings(std::uint16_t port) {
  LinkSettings settings;
  settings.controller = {"127.0.0.1", port};
  settings.enforcer_path = folder + "/link.sock";
  settings.shortest_wait = Millis{10};
  settings.log = [this](const std::string& line) { said.push_back(line); };
  return settings;
}

void Desk::Start(LinkSettings settings, TlsContext tls) {
  link = std::make_unique<Link>(io.get_executor(), std::move(settings), std::move(tls));
  boost::asio::co_spawn(io, link->Run(), [](const std::exception_ptr&) {});
}

bool Desk::Says(const std::string& part) {
  return RunUntil(io, [&] {
    return std::any_of(said.begin(), said.end(),
                       [&](const auto& line) { return line.find(part) != std::string::npos; });
  });
}

}  // namespace curfew::test
