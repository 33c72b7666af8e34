// SPDX-License-Identifier: Apache-2.0
// What systemd is told of a start (sd_notify(3)): it waits for what can be had, and for nothing without an end.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cstring>
#include <fstream>

#include "os/machine.h"
#include "tests/agent/enforcer/host.h"

namespace curfew::test {
namespace {

/// The service manager's end of NOTIFY_SOCKET.
class Listener {
 public:
  explicit Listener(std::string path) : path_(std::move(path)), socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(socket_.Get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0) << std::strerror(errno);
  }
  [[nodiscard]] const std::string& Path() const { return path_; }
  [[nodiscard]] bool AwaitReady() const {
    pollfd ready{socket_.Get(), POLLIN, 0};
    while (::poll(&ready, 1, 20000) > 0) {
      std::array<char, 1024> text{};
      const ssize_t got = ::recv(socket_.Get(), text.data(), text.size(), 0);
      if (got > 0 && std::string(text.data(), static_cast<std::size_t>(got)).find("READY=1") != std::string::npos) return true;
    }
    return false;
  }

 private:
  std::string path_;
  FileDescriptor socket_;
};

TEST(Readiness, ComesBeforeASlowVisudoHasRefusedEachGrant) {
  Host host;
  host.Start();
  const Instant now = ReadNow().utc;
  auto& draft = host.controller.Draft();
  draft.managed = {ManagedAccount{Account("games"), Gate{true, true}}};
  for (int number = 1; number <= 6; ++number) draft.grants.push_back(GrantOn(number, "games", now, now + Seconds{600}));
  host.Give();
  host.Await(EventKind::kGrantActive, Id(6).Text());
  host.Kill();
  host.Run("rm " + host.Path("/run/curfew/sudoers.d/*") + " " + host.Path("/usr/sbin/visudo"));
  const std::string asked = host.Path("/asked");
  std::ofstream(host.Path("/usr/sbin/visudo")) << "#!/bin/sh\necho once >>" << asked << "\nsleep 1\nexit 1\n";
  ::chmod(host.Path("/usr/sbin/visudo").c_str(), 0755);
  const Listener manager(host.Path("/run/notify"));
  host.Start(manager.Path());
  ASSERT_TRUE(manager.AwaitReady());
  const std::string times = host.Read("/asked").value_or("");
  EXPECT_GT(std::count(times.begin(), times.end(), '\n'), 0) << "visudo was asked at the start";
  EXPECT_LT(std::count(times.begin(), times.end(), '\n'), 7) << "of all six at once, then of each: the last answer was waited for";
}

}  // namespace
}  // namespace curfew::test
