// SPDX-License-Identifier: Apache-2.0
// J1: every answer, control word and service; only an explicit allow allows, only the ungated are ignored.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/pam_module/fake_gate.h"
#include "tests/pam_module/pam_world.h"

namespace curfew {
namespace {

constexpr const char* kGated[] = {"sshd", "login", "sudo", "sudo-i", "su", "su-l"};
constexpr const char* kUngated[] = {"cron", "systemd-user", "other", "sudo-x", "sshd2", "passwd"};
constexpr const char* kControls[] = {
    "required", "requisite", "sufficient", "optional",
    "[success=ok new_authtok_reqd=ok ignore=ignore module_unknown=ignore default=bad]"};
constexpr Reply kReplies[] = {Reply::kAllow,         Reply::kDeny,         Reply::kVerdictTwo, Reply::kVerdictMax,
                              Reply::kWrongMagic,    Reply::kQuestionMagic, Reply::kWrongVersion, Reply::kShort,
                              Reply::kLong,          Reply::kEmpty,        Reply::kGarbage,    Reply::kEndlessMessage,
                              Reply::kClose,         Reply::kHear};

// The account stage of `service` with the module alone in its stack, for `account`, by a caller of real uid 1000.
int AccountAlone(const PamWorld& world, const std::string& service, const std::string& control,
                 const std::string& account, const char* module = kModuleHere) {
  world.WriteService(service, "account " + control + " MODULE\n", module);
  const RealUid caller(1000);
  Transaction transaction(world, service, account);
  return transaction.Account();
}

TEST(Verdict, OnlyAnExplicitAllowAllows) {
  const PamWorld world;
  world.WriteManaged("dev1 1001 both\n");
  for (const Reply reply : kReplies) {
    const FakeGate gate(reply, "no");
    for (const char* service : kGated) {
      for (const char* control : kControls) {
        const int expected = reply == Reply::kAllow ? PAM_SUCCESS : PAM_PERM_DENIED;
        EXPECT_EQ(AccountAlone(world, service, control, "dev1"), expected)
            << service << ' ' << control << " reply " << static_cast<int>(reply);
      }
    }
  }
}

TEST(Verdict, SilenceIsDeniedWhenTheTimeIsOver) {
  const PamWorld world;
  world.WriteManaged("dev1 1001 both\n");
  FakeGate gate(Reply::kSilent, "");
  for (const char* service : kGated) {
    EXPECT_EQ(AccountAlone(world, service, "required", "dev1", kModuleImpatient), PAM_PERM_DENIED) << service;
  }
  EXPECT_EQ(gate.Questions(std::size(kGated)).size(), std::size(kGated));
}

TEST(Verdict, AGateThatDoesNotAcceptIsDenied) {
  const PamWorld world;
  world.WriteManaged("dev1 1001 both\n");
  EXPECT_EQ(AccountAlone(world, "sshd", "required", "dev1"), PAM_PERM_DENIED) << "no socket";
  {
    const int bound = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::string("gate.sock").copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(bind(bound, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(AccountAlone(world, "sshd", "required", "dev1"), PAM_PERM_DENIED) << "bound, not listening";
    ASSERT_EQ(listen(bound, 0), 0);
    // One place in the backlog: the second question waits in connect(), where poll() cannot bound it.
    EXPECT_EQ(AccountAlone(world, "sshd", "required", "dev1", kModuleImpatient), PAM_PERM_DENIED) << "never accepts";
    EXPECT_EQ(AccountAlone(world, "sshd", "required", "dev1", kModuleImpatient), PAM_PERM_DENIED) << "backlog full";
    close(bound);
  }
}

// A listener of another uid at the gate's place, as if the socket had been replaced by somebody who is not root.
TEST(Verdict, AListenerThatIsNotRootIsNotBelieved) {
  const PamWorld world;
  world.WriteManaged("dev1 1001 both\n");
  int ready[2];
  int done[2];
  ASSERT_EQ(pipe2(ready, O_CLOEXEC), 0);
  ASSERT_EQ(pipe2(done, O_CLOEXEC), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    if (fchownat(AT_FDCWD, ".", 65534, 65534, 0) != 0 || setresuid(65534, 65534, 65534) != 0) _exit(1);
    close(done[1]);
    const FakeGate gate(Reply::kAllow, "");
    char byte = 'r';
    if (write(ready[1], &byte, 1) != 1) _exit(1);
    _exit(read(done[0], &byte, 1) == 0 ? 0 : 1);
  }
  close(done[0]);
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  EXPECT_EQ(AccountAlone(world, "sshd", "required", "dev1"), PAM_PERM_DENIED);
  close(done[1]);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

// The stack that packaging installs: with no gate at all, whoever is not managed goes through untouched.
TEST(Verdict, TheUngatedAreIgnoredWithoutASocket) {
  const PamWorld world;
  world.WriteManaged("dev1 1001 both\ndev2 1002 login\ndev3 1003 sudo\n");
  FakeGate gate(Reply::kDeny, "");
  const auto through = [&world](const char* service, const char* account) {
    world.WriteService(service, world.AccountStack(), kModuleHere);
    const RealUid caller(1000);
    Transaction transaction(world, service, account);
    return transaction.Account();
  };
  for (const char* service : kUngated) EXPECT_EQ(through(service, "dev1"), PAM_SUCCESS) << service;
  for (const char* service : kGated) EXPECT_EQ(through(service, "ops1"), PAM_SUCCESS) << service;
  for (const char* service : {"sudo", "sudo-i"}) EXPECT_EQ(through(service, "dev2"), PAM_SUCCESS) << service;
  for (const char* service : {"sshd", "login", "su", "su-l"}) EXPECT_EQ(through(service, "dev3"), PAM_SUCCESS);
  EXPECT_TRUE(gate.QuestionsSoFar().empty());
  for (const char* service : {"sshd", "login", "su", "su-l"}) EXPECT_EQ(through(service, "dev2"), PAM_PERM_DENIED);
  for (const char* service : {"sudo", "sudo-i"}) EXPECT_EQ(through(service, "dev3"), PAM_PERM_DENIED) << service;
}

TEST(Verdict, SuByRootIsIgnored) {
  const PamWorld world;
  world.WriteManaged("dev1 1001 both\n");
  const FakeGate gate(Reply::kDeny, "");
  for (const char* service : {"su", "su-l"}) {
    world.WriteService(service, world.AccountStack(), kModuleHere);
    Transaction transaction(world, service, "dev1");
    EXPECT_EQ(transaction.Account(), PAM_SUCCESS) << service;
  }
}

// `Defaults targetpw` makes PAM_USER the target: the one who runs sudo is asked about all the same.
TEST(Verdict, SudoAsksAboutTheInvoker) {
  const PamWorld world;
  world.WriteManaged("dev1 1001 both\n");
  const FakeGate gate(Reply::kDeny, "");
  world.WriteService("sudo", world.AccountStack(), kModuleHere);
  Transaction managed(world, "sudo", "root");
  managed.Set(PAM_RUSER, "dev1");
  EXPECT_EQ(managed.Account(), PAM_PERM_DENIED);
  Transaction admin(world, "sudo", "dev1");
  admin.Set(PAM_RUSER, "ops1");
  EXPECT_EQ(admin.Account(), PAM_SUCCESS);
}

TEST(Verdict, AModuleThatIsNotThereLocksNobodyOut) {
  const PamWorld world;
  world.WriteService("sshd", world.AccountStack(), "/nonexistent/pam_curfew.so");
  Transaction transaction(world, "sshd", "ops1");
  EXPECT_EQ(transaction.Account(), PAM_SUCCESS);
}

}  // namespace
}  // namespace curfew
