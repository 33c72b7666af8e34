// SPDX-License-Identifier: Apache-2.0
// The gate, asked as the PAM module asks it, and the sessions that it books.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

#include "agent/enforcer/gate/gatekeeper.h"
#include "os/cgroup.h"
#include "os/machine.h"
#include "os/process.h"
#include "tests/agent/enforcer/host.h"
#include "tests/agent/enforcer/scope.h"

namespace curfew::test {
namespace {

std::string MessageOf(const std::optional<CurfewAnswer>& answer) {
  return answer ? std::string(answer->message) : std::string("no answer");  // NOLINT: NUL-terminated by contract
}

class Gate : public ::testing::Test {
 protected:
  void SetUp() override {
    host_.Start();
    auto& draft = host_.controller.Draft();
    draft.managed = {ManagedAccount{Account("games"), curfew::Gate{true, true}},
                     ManagedAccount{Account("man"), curfew::Gate{false, true}}};
  }
  void Give(std::vector<Grant> grants) {
    host_.controller.Draft().grants = std::move(grants);
    host_.Give();
    for (const auto& grant : host_.controller.Draft().grants) host_.Await(EventKind::kGrantActive, grant.id.Text());
  }
  [[nodiscard]] std::optional<CurfewAnswer> Ask(const CurfewQuestion& question) const {
    return AskGate(host_.Path("/run/curfew/gate.sock"), question);
  }
  Host host_;
};

TEST_F(Gate, AnswersEachServiceByTheGrantThatCoversIt) {
  const Instant now = ReadNow().utc;
  Grant login_only = GrantOn(1, "games", now, now + Seconds{600});
  login_only.sudo.reset();
  Grant sudo_only = GrantOn(2, "man", now, now + Seconds{600});
  sudo_only.login.reset();
  Give({login_only, sudo_only});
  EXPECT_TRUE(host_.Asks(kCurfewAccount, kCurfewSshd, "games"));
  Scope scope(5);
  ASSERT_TRUE(scope.IsReady()) << "needs cgroup2";
  EXPECT_TRUE(scope.AskFrom(host_.Path("/run/curfew/gate.sock"), QuestionOf(kCurfewAccount, kCurfewSu, "games")).has_value());
  EXPECT_FALSE(host_.Asks(kCurfewAccount, kCurfewSudo, "games"));
  EXPECT_TRUE(host_.Asks(kCurfewAccount, kCurfewSudo, "man"));
  EXPECT_TRUE(host_.Asks(kCurfewAccount, kCurfewSudoI, "man"));
  EXPECT_FALSE(host_.Asks(kCurfewAccount, kCurfewSudo, "daemon"));
}

// sshd's block is for the listed name alone: something else let them in. sudo's name comes from the uid.
TEST_F(Gate, RefusesALoginByAnotherSpellingAlsoWithAGrant) {
  const Instant now = ReadNow().utc;
  Give({GrantOn(1, "games", now, now + Seconds{600})});
  for (const auto kind : {kCurfewAccount, kCurfewSessionOpen}) {
    CurfewQuestion question = QuestionOf(kind, kCurfewSshd, "games");
    question.other_spelling = 1;
    const auto answer = Ask(question);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->verdict, kCurfewDeny);
    EXPECT_NE(MessageOf(answer).find("Log in as games"), std::string::npos) << MessageOf(answer);
  }
  EXPECT_EQ(host_.Await(EventKind::kDenied).actor, "games");
  CurfewQuestion sudo = QuestionOf(kCurfewAccount, kCurfewSudo, "games");
  sudo.other_spelling = 1;
  EXPECT_EQ(Ask(sudo)->verdict, kCurfewAllow);
}

TEST_F(Gate, TellsSomebodyRefusedWhatToType) {
  Give({});
  const auto answer = Ask(QuestionOf(kCurfewHint, kCurfewSudo, "games"));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->verdict, kCurfewDeny);
  EXPECT_NE(MessageOf(answer).find("curfew request "), std::string::npos) << MessageOf(answer);
  EXPECT_TRUE(host_.AwaitFile("/run/curfew/banner/games", [](const std::optional<std::string>& text) {
    return text && text->find("curfew request ") != std::string::npos;
  }));
}

TEST_F(Gate, RecordsARefusalOnceAndNotTheHintBesideIt) {
  Give({});
  EXPECT_FALSE(host_.Asks(kCurfewHint, kCurfewSudo, "games"));
  EXPECT_FALSE(host_.Asks(kCurfewAccount, kCurfewSudo, "games"));
  EXPECT_EQ(host_.Await(EventKind::kDenied).actor, "games");
  EXPECT_EQ(host_.Count(EventKind::kDenied), 1U);
}

TEST_F(Gate, ClosesOnWhatIsNoQuestion) {
  Give({});
  const std::string path = host_.Path("/run/curfew/gate.sock");
  CurfewQuestion question = QuestionOf(kCurfewAccount, kCurfewSshd, "games");
  const std::string whole(reinterpret_cast<const char*>(&question), sizeof question);  // NOLINT: bytes as bytes
  EXPECT_FALSE(AskGateRaw(path, whole.substr(1)).has_value());
  EXPECT_FALSE(AskGateRaw(path, whole + "x").has_value());
  EXPECT_FALSE(AskGateRaw(path, "x").has_value());
  question.magic = 0;
  EXPECT_EQ(Ask(question)->verdict, kCurfewDeny);
  question = QuestionOf(kCurfewAccount, kCurfewSshd, "games");
  std::memset(question.account, 'a', sizeof question.account);
  EXPECT_EQ(Ask(question)->verdict, kCurfewDeny);
}

// A sudo that is stopped before it asks holds its place at the gate; whoever runs it can run many.
TEST_F(Gate, IsNotHeldByOnePersonsIdleVisits) {
  const Instant now = ReadNow().utc;
  Give({GrantOn(1, "games", now, now + Seconds{600})});
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t idle = ::fork();
  if (idle == 0) {
    std::ofstream login("/proc/self/loginuid");
    const bool known = (login << 3).flush().good();
    std::vector<FileDescriptor> visits;
    for (int i = 0; i < 300; ++i) visits.push_back(ConnectGate(host_.Path("/run/curfew/gate.sock")));
    if (!known || ::write(ready[1], "r", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  ::close(ready[1]);
  char byte = 0;
  EXPECT_EQ(::read(ready[0], &byte, 1), 1) << "needs root and audit";
  ::close(ready[0]);
  EXPECT_TRUE(host_.Asks(kCurfewAccount, kCurfewSshd, "games"));
  ::kill(idle, SIGKILL);
  ::waitpid(idle, nullptr, 0);
}

TEST_F(Gate, RefusesAKeyThatTheGrantDoesNotHold) {
  const Instant now = ReadNow().utc;
  Give({GrantOn(1, "games", now, now + Seconds{600})});
  CurfewQuestion question = QuestionOf(kCurfewSessionOpen, kCurfewSshd, "games");
  const auto with_key = [&](const std::string& key) {
    std::memset(question.key, 0, sizeof question.key);
    std::memcpy(question.key, key.data(), key.size());
    return Ask(question)->verdict;
  };
  EXPECT_EQ(with_key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPtVvlTmZ/N6mJUpJHrsERhFcQH+BqGfO2l5SvkHRl3"), kCurfewDeny);
  EXPECT_EQ(with_key("no key at all"), kCurfewDeny);
  question.key_truncated = 1;
  EXPECT_EQ(with_key(""), kCurfewDeny);
}

TEST_F(Gate, BooksASessionAndSaysUntilWhen) {
  const Instant now = ReadNow().utc;
  Give({GrantOn(1, "games", now, now + Seconds{600})});
  Scope scope(5);
  ASSERT_TRUE(scope.IsReady()) << "needs cgroup2";
  const auto answer = scope.AskFrom(host_.Path("/run/curfew/gate.sock"), QuestionOf(kCurfewSessionOpen, kCurfewSshd, "games"));
  ASSERT_TRUE(answer.has_value());
  EXPECT_NE(answer->find("until "), std::string::npos) << *answer;
  const std::string end = std::to_string(UnixSeconds(host_.controller.Draft().grants[0].end)) + " ";
  const std::string rest = " 5 " + Id(1).Text();
  const std::string slice = "user.slice/user-5.slice";
  EXPECT_EQ(host_.Read("/run/curfew/sessions"), end + scope.Group() + rest + " login\n" + end + slice + "/user@5.service" + rest +
                                                    " login\n" + end + slice + rest + " sudo\n")
      << "the session, and the account's logins and sudos wherever they are";
  EXPECT_EQ(host_.Await(EventKind::kSessionOpened).grant, Id(1).Text());
}

TEST_F(Gate, EndsTheSessionWithEverythingInItsScopeAtTheEnd) {
  const Instant now = ReadNow().utc;
  Give({GrantOn(1, "games", now, now + Seconds{3})});
  Scope scope(5);
  ASSERT_TRUE(scope.IsReady()) << "needs cgroup2";
  scope.Run("sleep 1000 & setsid sleep 1000 & exec sleep 1000");
  ASSERT_TRUE(scope.AskFrom(host_.Path("/run/curfew/gate.sock"), QuestionOf(kCurfewSessionOpen, kCurfewSshd, "games")).has_value());
  ASSERT_TRUE(scope.IsPopulated());
  const Event ended = host_.Await(EventKind::kSessionEnded, Id(1).Text());
  EXPECT_LT(ended.at, host_.controller.Draft().grants[0].end + Seconds{1});
  EXPECT_FALSE(scope.IsPopulated());
  host_.Await(EventKind::kReceipt, Id(1).Text());
  EXPECT_TRUE(host_.AwaitFile("/run/curfew/sessions", [](const auto& text) { return text == ""; }));
}

TEST_F(Gate, TellsThePersonBeforeTheSessionEnds) {
  const Instant now = ReadNow().utc;
  Give({GrantOn(1, "games", now, now + Seconds{3})});
  Scope scope(5);
  ASSERT_TRUE(scope.IsReady()) << "needs cgroup2";
  scope.RunOnTerminal("sleep 1000");
  ASSERT_TRUE(scope.AskFrom(host_.Path("/run/curfew/gate.sock"), QuestionOf(kCurfewSessionOpen, kCurfewSshd, "games")).has_value());
  const Event warned = host_.Await(EventKind::kSessionWarned, Id(1).Text());
  const Event ended = host_.Await(EventKind::kSessionEnded, Id(1).Text());
  EXPECT_LT(warned.at, ended.at);
  EXPECT_LT(ended.at, host_.controller.Draft().grants[0].end + Seconds{1});
  EXPECT_NE(scope.ReadTerminal().find("curfew: your access to this host (grant " + Id(1).Text() + ") has ended"), std::string::npos);
}

TEST_F(Gate, TellsOnceOfASudoThatIsRunInALoop) {
  const Instant now = ReadNow().utc;
  Give({GrantOn(1, "games", now, now + Seconds{600})});
  Scope scope(5);
  ASSERT_TRUE(scope.IsReady()) << "needs cgroup2";
  scope.RunOnTerminal("sleep 1000");
  const std::string gate = host_.Path("/run/curfew/gate.sock");
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(scope.AskFrom(gate, QuestionOf(kCurfewSessionOpen, kCurfewSudo, "games")).has_value());
  }
  ASSERT_EQ(host_.OfferWord(host_.controller.Revocation(Id(1), ReadNow().utc)), "accepted");
  host_.Await(EventKind::kReceipt, Id(1).Text());
  EXPECT_EQ(host_.Count(EventKind::kSessionOpened), 1U);
}

TEST_F(Gate, EndsALoginAndTheSudoInItTogetherAndTellsOnce) {
  const Instant now = ReadNow().utc;
  Give({GrantOn(1, "games", now, now + Seconds{3})});
  Scope scope(5);
  ASSERT_TRUE(scope.IsReady()) << "needs cgroup2";
  scope.RunOnTerminal("sleep 1000");
  const std::string gate = host_.Path("/run/curfew/gate.sock");
  ASSERT_TRUE(scope.AskFrom(gate, QuestionOf(kCurfewSessionOpen, kCurfewSshd, "games")).has_value());
  ASSERT_TRUE(scope.AskFrom(gate, QuestionOf(kCurfewSessionOpen, kCurfewSudo, "games")).has_value());
  host_.Await(EventKind::kReceipt, Id(1).Text());
  EXPECT_EQ(host_.Count(EventKind::kSessionOpened), 2U);
  EXPECT_EQ(host_.Count(EventKind::kSessionWarned), 1U);
  EXPECT_EQ(host_.Count(EventKind::kSessionEnded), 1U);
  EXPECT_TRUE(host_.AwaitFile("/run/curfew/sessions", [](const auto& text) { return text == ""; }));
  EXPECT_FALSE(scope.IsPopulated());
}

TEST_F(Gate, EndsOnlyWhatSudoStartedWhereTheLoginStays) {
  const Instant now = ReadNow().utc;
  Grant sudo_only = GrantOn(1, "man", now, now + Seconds{3});
  sudo_only.login.reset();
  Give({sudo_only});
  Scope scope(6);
  ASSERT_TRUE(scope.IsReady()) << "needs cgroup2";
  // As in a real scope: a monitor of root's first, the person's shell below it, then what sudo started.
  const pid_t own = scope.RunSession("man", "sleep 1000");
  scope.Run("exec sleep 1000");
  ASSERT_NE(own, 0);
  host_.KnowSession(scope.SessionId(), "sshd", ReadProcess(own)->parent);
  static_cast<void>(scope.AskFrom(host_.Path("/run/curfew/gate.sock"), QuestionOf(kCurfewSessionOpen, kCurfewSudo, "man")));
  host_.Await(EventKind::kSessionOpened, Id(1).Text());
  host_.Await(EventKind::kSessionEnded, Id(1).Text());
  EXPECT_TRUE(scope.Lives(own));
  EXPECT_EQ(scope.CountOf(0), 1U) << "the monitor alone";
}

}  // namespace
}  // namespace curfew::test
