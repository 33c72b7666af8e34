// SPDX-License-Identifier: Apache-2.0
// The host's own sshd reads a key line of ours: it lets in while it should, and nothing but a terminal is open (E3,
// E4).
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <sstream>

#include "core/authorized_keys.h"
#include "tests/host/real_program.h"
#include "tests/core/state_world.h"

namespace curfew::test {
namespace {

using std::filesystem::perms;

/// A listening socket on loopback: each connection gets an sshd of its own, as inetd would start it.
class Doorstep {
 public:
  Doorstep() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);  // NOLINT: bind(2)
    const timeval patience{10, 0};
    setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (bind(socket_, raw, size) != 0 || listen(socket_, 1) != 0 || getsockname(socket_, raw, &size) != 0) socket_ = -1;
    port_ = ntohs(address.sin_port);
  }
  ~Doorstep() { close(socket_); }
  Doorstep(const Doorstep&) = delete;
  Doorstep& operator=(const Doorstep&) = delete;

  [[nodiscard]] std::string Port() const { return std::to_string(port_); }

  /// Waits for one connection and starts sshd on it, its log in `log`.
  [[nodiscard]] pid_t ServeOne(const std::string& config, const std::string& log) const {
    const int connection = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) return -1;
    std::array<std::string, 6> words{"/usr/sbin/sshd", "-i", "-f", config, "-E", log};
    std::array<char*, 7> argv{};
    std::transform(words.begin(), words.end(), argv.begin(), [](std::string& word) { return word.data(); });
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, connection, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, connection, STDOUT_FILENO);
    pid_t child = -1;
    std::array<char*, 1> environment{};
    if (posix_spawn(&child, argv[0], &files, nullptr, argv.data(), environment.data()) != 0) child = -1;
    posix_spawn_file_actions_destroy(&files);
    close(connection);
    return child;
  }

 private:
  int socket_;
  std::uint16_t port_ = 0;
};

/// sshd with root's keys in a folder of ours, strict about modes as on a host. sshd wants /run/sshd to exist.
class RealSshd : public ::testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "needs root: sshd changes to the account that logs in";
    std::filesystem::create_directories("/run/sshd");
    std::filesystem::create_directory(folder_.Path("keys"));
    for (const char* name : {"host", "person"}) {
      ASSERT_EQ(RunProgram({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", folder_.Path(name)}).status,
                0);
    }
    std::ifstream file(folder_.Path("person.pub"));
    std::string type;
    std::string base64;
    file >> type >> base64;
    key_ = type + " " + base64;
    folder_.Write("config",
                  "HostKey " + folder_.Path("host") + "\nAuthorizedKeysFile " + folder_.Path("keys/%u") +
                      "\nUsePAM no\nPidFile none\nLogLevel DEBUG1\nAllowTcpForwarding yes\nX11Forwarding yes\n"
                      "PermitTunnel yes\nPermitRootLogin prohibit-password\nAuthenticationMethods publickey\n",
                  perms(0600));
  }

  [[nodiscard]] KeyLine Line(Instant until, std::vector<std::string> sources = {}) const {
    return KeyLine{Id(1), LoginKey::Parse(key_).value(), std::move(sources), until};
  }
  void Serve(const std::string& text, perms mode = perms(0644)) const { folder_.Write("keys/root", text, mode); }

  /// Runs `ssh options… root@127.0.0.1 command…` against an sshd of its own.
  Outcome Ssh(const std::vector<std::string>& options, const std::vector<std::string>& command) {
    std::vector<std::string> words{"ssh-agent", "ssh",
                                   "-F",        "none",
                                   "-o",        "BatchMode=yes",
                                   "-o",        "StrictHostKeyChecking=no",
                                   "-o",        "UserKnownHostsFile=/dev/null",
                                   "-o",        "IdentitiesOnly=yes",
                                   "-i",        folder_.Path("person"),
                                   "-p",        door_.Port()};
    words.insert(words.end(), options.begin(), options.end());
    words.emplace_back("root@127.0.0.1");
    words.insert(words.end(), command.begin(), command.end());
    log_ = folder_.Path("log");
    std::filesystem::remove(log_);
    pid_t server = -1;
    Outcome outcome = RunProgram(words, {}, [&] { server = door_.ServeOne(folder_.Path("config"), log_); });
    EXPECT_GT(server, 0) << "ssh never came to the door: " << outcome.output;
    if (server > 0) waitpid(server, nullptr, 0);
    return outcome;
  }
  [[nodiscard]] bool LogsIn() { return Ssh({"-T"}, {"echo", "in"}).output.find("in\n") != std::string::npos; }
  [[nodiscard]] std::string Log() const {
    std::ostringstream text;
    text << std::ifstream(log_).rdbuf();
    std::string log = text.str();
    std::erase(log, '\r');
    return log;
  }
  static Instant Now() { return std::chrono::floor<Millis>(std::chrono::system_clock::now()); }
  static Instant Tomorrow() { return FromUnixSeconds(UnixSeconds(Now()) + 86400); }
  static Instant Yesterday() { return FromUnixSeconds(UnixSeconds(Now()) - 86400); }

 private:
  ScratchFolder folder_{"/run"};
  Doorstep door_;
  std::string key_;
  std::string log_;
};

TEST_F(RealSshd, LetsInUntilTheDateAndNotAfter) {
  Serve(RenderKeys({Line(Tomorrow())}));
  EXPECT_TRUE(LogsIn()) << Log();
  Serve(RenderKeys({Line(Yesterday())}));
  EXPECT_FALSE(LogsIn());
  EXPECT_NE(Log().find("entry expired at"), std::string::npos)
      << "refused for its date and for nothing else: " << Log();
}

TEST_F(RealSshd, E3LetsInFromTheNetworksOfTheGrantOnly) {
  Serve(RenderKeys({Line(Tomorrow(), {"127.0.0.0/8", "2001:db8::/32"})}));
  EXPECT_TRUE(LogsIn()) << Log();
  Serve(RenderKeys({Line(Tomorrow(), {"192.0.2.0/24", "2001:db8::/32"})}));
  EXPECT_FALSE(LogsIn());
  EXPECT_NE(Log().find("not from a permitted host"), std::string::npos) << Log();
}

TEST_F(RealSshd, E2RefusesAFileThatOthersMayWrite) {
  Serve(RenderKeys({Line(Tomorrow())}), perms(0666));
  EXPECT_FALSE(LogsIn());
  EXPECT_NE(Log().find("bad ownership or modes"), std::string::npos) << Log();
}

TEST_F(RealSshd, E4SshdItselfReadsATerminalAndNothingElse) {
  Serve(RenderKeys({Line(Tomorrow())}));
  ASSERT_TRUE(LogsIn());
  const std::string log = Log();
  EXPECT_NE(log.find("active: key options: pty\n"), std::string::npos) << log;
  EXPECT_NE(log.find("/keys/root:2: key options:expires pty\n"), std::string::npos) << log;
}

/// What a forwarding says when it works, and its ssh options. `open` is our line without `restrict`: the probe's proof.
struct Probe {
  const char* name;
  std::vector<std::string> options;
  std::vector<std::string> command;
  std::string shut;  ///< only said when sshd refuses
};

class RealSshdForwarding : public RealSshd, public ::testing::WithParamInterface<Probe> {};

TEST_P(RealSshdForwarding, E4IsShutByRestrict) {
  const Probe& probe = GetParam();
  const std::string text = RenderKeys({Line(Tomorrow())});
  std::string open = text;
  open.erase(open.find("restrict,"), std::string("restrict,").size());
  Serve(open);
  const Outcome with = Ssh(probe.options, probe.command);
  EXPECT_EQ(with.output.find(probe.shut), std::string::npos) << with.output << Log();
  Serve(text);
  const Outcome without = Ssh(probe.options, probe.command);
  EXPECT_NE(without.output.find(probe.shut), std::string::npos) << without.output << Log();
}

INSTANTIATE_TEST_SUITE_P(
    E4, RealSshdForwarding,
    ::testing::Values(Probe{"Local", {"-W", "127.0.0.1:1"}, {}, "administratively prohibited"},
                      Probe{"Remote",
                            {"-o", "ExitOnForwardFailure=yes", "-R", "127.0.0.1:0:127.0.0.1:1"},
                            {"true"},
                            "forwarding failed"},
                      Probe{"Agent", {"-A"}, {"echo", "agent=${SSH_AUTH_SOCK:-none}"}, "agent=none"}),
    [](const auto& probe) { return std::string(probe.param.name); });

}  // namespace
}  // namespace curfew::test
