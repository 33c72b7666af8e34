// SPDX-License-Identifier: Apache-2.0
// The small files that other programs read without our code: their exact form, and nothing that is not that form.
#include "core/host_files.h"

#include <gtest/gtest.h>

#include "core/authorized_keys.h"
#include "core/sudoers.h"
#include "tests/agent/session_lines.h"
#include "tests/core/law.h"

namespace curfew::test {
namespace {

std::vector<Gated> ThreeGates() {
  return {Gated{Account("dev1"), 1001, Gate{true, true}}, Gated{Account("dev2"), 1002, Gate{true, false}},
          Gated{Account("first.last"), 1003, Gate{false, true}}};
}

Session OneSession() {
  return Session{"user.slice/user-1001.slice/session-3.scope", 1001, Id(7), SessionKind::kSudo, Hour(4)};
}

TEST(Managed, TheTextIsWhatThePamModuleReads) {
  EXPECT_EQ(RenderManaged(ThreeGates()), "dev1 1001 both\ndev2 1002 login\nfirst.last 1003 sudo\n");
  EXPECT_EQ(ParseManaged(RenderManaged(ThreeGates())).value(), ThreeGates());
}

TEST(Managed, AnAccountThatWasNeverSeenHasTheUidThatNobodyCanHave) {
  const std::vector<Gated> unseen{Gated{Account("dirdev"), kNoUid, Gate{true, true}}};
  EXPECT_EQ(RenderManaged(unseen), "dirdev 4294967295 both\n");
  EXPECT_EQ(ParseManaged(RenderManaged(unseen)).value(), unseen);
}

TEST(Managed, TheLongestListIsReadWhole) {
  const Gated longest{Account(std::string(32, 'x')), 4294967294U, Gate{true, false}};
  EXPECT_LE(RenderManaged(std::vector<Gated>(kMostGated, longest)).size(), kMostManagedText);
}

// A grant whose text is as long as it can be for what it takes of a bundle.
TEST(Access, TheTextOfTheLongestBundleIsReadWhole) {
  Grant sudo = MakeGrant(1);
  sudo.login.reset();
  sudo.sudo = SudoRight{std::vector<Command>(256, Cmd({"/a"})), Account(std::string(32, 'r')), true};
  Grant login = MakeGrant(2);
  login.sudo.reset();
  login.login->keys = std::vector<LoginKey>(32, Key(1));
  login.login->sources = std::vector<std::string>(64, "2001:db8:ffff:ffff:ffff:ffff:ffff:fff0/124");
  const auto share = [](const Grant& grant) {
    Bundle bundle = EmptyBundle();
    const std::size_t empty = EncodeBundle(bundle).size();
    bundle.grants = {grant};
    return EncodeBundle(bundle).size() - empty;
  };
  const std::string rules = RenderRules({Rule{sudo.id, 4294967294U, *sudo.sudo, sudo.end}}, SudoTraits{});
  EXPECT_LT(rules.size() * kMaxBundleBody, share(sudo) * kMostAccessText);
  std::vector<KeyLine> lines;
  for (const LoginKey& key : login.login->keys) lines.push_back(KeyLine{login.id, key, login.login->sources, login.end});
  EXPECT_LT(RenderKeys(lines).size() * kMaxBundleBody, share(login) * kMostAccessText);
}

TEST(Managed, AnAccountWithoutAGateIsNotNamed) { EXPECT_EQ(RenderManaged({Gated{Account("dev1"), 1001, Gate{}}}), ""); }

TEST(Managed, AnyOtherFormIsRefusedWithItsLine) {
  for (const std::string bad :
       {"dev1 1001 both", "dev1 1001 all\n", "dev1  1001 both\n", "dev1 01001 both\n", "dev1 -1 both\n",
        "dev1 4294967296 both\n", "dev1 1001 both \n", " dev1 1001 both\n", "dev1 1001\n", "dev1 1001 both x\n",
        "a,b 1001 both\n", "ALL 1001 both\n", "#0 0 both\n", "\n", "dev1\t1001\tboth\n", "dev1 1001 both\r\n"}) {
    const auto read = ParseManaged("dev2 1002 sudo\n" + bad);
    ASSERT_FALSE(read.has_value()) << bad;
    EXPECT_EQ(read.error().where, "managed:2") << bad;
  }
}

TEST(Sessions, TheTextIsWhatTheReaperReads) {
  EXPECT_EQ(RenderSessions({OneSession()}),
            "1795320000 user.slice/user-1001.slice/session-3.scope 1001 g-00000000000000000007 sudo\n");
  const auto read = ParseSessions(RenderSessions({OneSession()}));
  EXPECT_EQ(read.sessions, std::vector<Session>{OneSession()});
  EXPECT_EQ(read.unreadable, 0U);
}

TEST(SessionsLaw, ReadingWhatWasWrittenGivesTheSameSessions) {
  Law("parse(render(sessions)) is sessions", [](Dice& dice) {
    const Bundle bundle = RandomBundle(dice, 6);
    const Desired desired = DesiredState(bundle, RandomFacts(dice, bundle), RandomNow(dice));
    const std::vector<Session> sessions = RandomSessions(dice, desired);
    const auto read = ParseSessions(RenderSessions(sessions));
    RC_ASSERT(read.unreadable == 0);
    RC_ASSERT(read.sessions == sessions);
  });
}

TEST(Sessions, WhatTheReaperCannotReadWeDoNotEither) {
  for (const auto& [line, readable] : SessionLineTable()) {
    const auto read = ParseSessions(line + "\n");
    EXPECT_EQ(read.sessions.size(), readable ? 1U : 0U) << line;
    if (readable) {
      EXPECT_EQ(RenderSessions(read.sessions), line + "\n");
    }
  }
}

TEST(Sessions, ALineThatCannotBeReadKeepsNoOther) {
  const std::string good = RenderSessions({OneSession()});
  const auto read = ParseSessions("x\n" + good + "y y\n" + good + good.substr(0, good.size() - 1));
  EXPECT_EQ(read.sessions, (std::vector<Session>{OneSession(), OneSession()}));
  EXPECT_EQ(read.unreadable, 3U) << "a last line without its end may be cut short";
}

TEST(KillableScope, OnlyASessionOrTheUsersServiceOfThatVeryUid) {
  for (const char* scope :
       {"user.slice/user-1001.slice/session-3.scope", "user.slice/user-1001.slice/session-c12.scope",
        "user.slice/user-1001.slice/user@1001.service"}) {
    EXPECT_TRUE(IsKillableScope(scope, 1001)) << scope;
    EXPECT_FALSE(IsKillableScope(scope, 1002)) << scope;
    EXPECT_FALSE(IsKillableScope(scope, 100)) << scope;
  }
  for (const char* scope :
       {"", "user.slice", "user.slice/user-1001.slice", "user.slice/user-1001.slice/",
        "user.slice/user-1001.slice/session-.scope", "user.slice/user-1001.slice/session-3.scope/",
        "user.slice/user-1001.slice/session-3.scope/sub",
        "user.slice/user-1001.slice/session-3/../../../system.slice.scope",
        "user.slice/user-1001.slice/session-*.scope", "user.slice/user-1001.slice/user@1002.service",
        "user.slice/user-1001.slice/user@1001.service/app.slice", "system.slice/ssh.service",
        "system.slice/user.slice/user-1001.slice/session-3.scope", "/user.slice/user-1001.slice/session-3.scope",
        "user.slice/user-1001.slice/session-3.service", "init.scope"}) {
    EXPECT_FALSE(IsKillableScope(scope, 1001)) << scope;
  }
  EXPECT_FALSE(IsKillableScope("user.slice/user-0.slice/session-1.scope", 0)) << "root's sessions are never ours";
}

TEST(SshdBlock, NothingStandsOutsideAMatchBlock) {
  EXPECT_EQ(RenderSshdBlock(ThreeGates()),
            "# Written by curfew; an edit here is undone. Only accounts that curfew guards are named.\n"
            "Match User dev1,dev2\n"
            "    AuthorizedKeysFile /run/curfew/keys/%u\n"
            "    AuthorizedKeysCommand none\n"
            "    TrustedUserCAKeys none\n"
            "    AuthenticationMethods publickey\n"
            "Match User dev1\n"
            "    Banner /run/curfew/banner/dev1\n"
            "Match User dev2\n"
            "    Banner /run/curfew/banner/dev2\n");
}

TEST(SshdBlock, NamesExactlyItsOwn) {
  const std::string text = RenderSshdBlock(ThreeGates());
  EXPECT_TRUE(SshdBlockNames(text, Account("dev1")));
  EXPECT_TRUE(SshdBlockNames(text, Account("dev2")));
  for (const char* other : {"dev", "dev11", "first.last", "ev1"}) EXPECT_FALSE(SshdBlockNames(text, Account(other))) << other;
  EXPECT_FALSE(SshdBlockNames({}, Account("dev1")));
}

TEST(SshdBlock, WithNobodyToGuardItSaysNothing) {
  const std::string text = RenderSshdBlock({ThreeGates()[2]});
  EXPECT_EQ(text, "# Written by curfew; an edit here is undone. Only accounts that curfew guards are named.\n");
}

TEST(UnitOf, IsTheServiceOrScopeThatHoldsAGroup) {
  const std::string slice = "user.slice/user-1001.slice/";
  EXPECT_EQ(UnitOf(slice + "user@1001.service/app.slice/a b.service/x"), slice + "user@1001.service");
  EXPECT_EQ(UnitOf(slice + "session-3.scope"), slice + "session-3.scope");
  EXPECT_EQ(UnitOf(slice + "session-3.scope/x"), slice + "session-3.scope");
  EXPECT_EQ(UnitOf("system.slice/ci.service/job/1"), "system.slice/ci.service");
  EXPECT_EQ(UnitOf("docker/1a"), "docker/1a");
  EXPECT_EQ(UnitOf(""), "");
}

}  // namespace
}  // namespace curfew::test
