// SPDX-License-Identifier: Apache-2.0
// The gate's answer: only a live grant that covers the question lets anybody in, and everybody else is told what to
// type.
#include "core/decide.h"

#include <gtest/gtest.h>

#include "core/host_files.h"
#include "core/session_plan.h"
#include "core/sudoers.h"
#include "tests/core/law.h"

namespace curfew::test {
namespace {

constexpr std::size_t kLongestAnswer = 503;  // pam_module/frame.h: message[504], NUL-terminated

Grant LoginOnly(std::size_t number) {
  Grant grant = MakeGrant(number);
  grant.sudo.reset();
  return grant;
}

Grant SudoOnly(std::size_t number) {
  Grant grant = MakeGrant(number);
  grant.login.reset();
  return grant;
}

Desired HostWith(std::vector<Grant> grants, Gate gate = Gate{true, true}) {
  Bundle bundle = EmptyBundle();
  bundle.grants = std::move(grants);
  bundle.managed.push_back(ManagedAccount{Account("dev1"), gate});
  HostFacts facts;
  facts.users.emplace(Account("dev1"), 1001);
  return DesiredState(bundle, facts, Now{Hour(2), BootInstant{}});
}

Verdict<Allowed> Ask(const Desired& desired, Service service, std::optional<LoginKey> key = std::nullopt,
                     std::string_view account = "dev1") {
  return Decide(Question{Account(account), service, std::move(key)}, desired);
}

Reason WhyDenied(const Verdict<Allowed>& verdict) {
  const Deny* deny = Denied(verdict);
  EXPECT_NE(deny, nullptr);
  return deny == nullptr ? Reason::kStorage : deny->reason;
}

TEST(Decide, EachServiceAsksForItsOwnRight) {
  const Desired login = HostWith({LoginOnly(1)});
  const Desired sudo = HostWith({SudoOnly(1)});
  for (const Service service : {Service::kSshd, Service::kLogin, Service::kSu, Service::kSuL}) {
    EXPECT_EQ(Denied(Ask(login, service)), nullptr);
    EXPECT_EQ(WhyDenied(Ask(sudo, service)), Reason::kNoGrant);
  }
  for (const Service service : {Service::kSudo, Service::kSudoI}) {
    EXPECT_EQ(Denied(Ask(sudo, service)), nullptr);
    EXPECT_EQ(WhyDenied(Ask(login, service)), Reason::kNoGrant);
  }
}

TEST(Decide, NoGrantIsADenial) { EXPECT_EQ(WhyDenied(Ask(HostWith({}), Service::kSshd)), Reason::kNoGrant); }

TEST(Decide, AnotherAccountsGrantIsADenial) {
  Desired desired = HostWith({MakeGrant(1)});
  desired.managed.push_back(Gated{Account("dev2"), 1002, Gate{true, true}});
  EXPECT_EQ(WhyDenied(Ask(desired, Service::kSshd, std::nullopt, "dev2")), Reason::kNoGrant);
}

TEST(Decide, AnAccountThatIsNotGatedForTheServiceIsNotOurs) {
  EXPECT_EQ(WhyDenied(Ask(HostWith({MakeGrant(1)}), Service::kSshd, std::nullopt, "ops1")), Reason::kNotGated);
  EXPECT_EQ(WhyDenied(Ask(HostWith({MakeGrant(1)}, Gate{true, false}), Service::kSudo)), Reason::kNotGated);
  EXPECT_EQ(WhyDenied(Ask(HostWith({MakeGrant(1)}, Gate{false, true}), Service::kSshd)), Reason::kNotGated);
}

TEST(Decide, AKeyThatNoLiveGrantHoldsIsADenial) {
  const Desired desired = HostWith({LoginOnly(1)});
  EXPECT_EQ(Denied(Ask(desired, Service::kSshd, Key(1))), nullptr);
  EXPECT_EQ(WhyDenied(Ask(desired, Service::kSshd, Key(2))), Reason::kNoGrant);
}

TEST(Decide, ALoginGrantWithoutKeysLetsNobodyIn) {
  Grant grant = LoginOnly(1);
  grant.login->keys.clear();
  EXPECT_EQ(WhyDenied(Ask(HostWith({grant}), Service::kSshd)), Reason::kNoGrant);
}

TEST(Decide, TheGrantThatEndsLastAmongThoseWithTheKey) {
  Grant shorter = LoginOnly(1);
  Grant longer = LoginOnly(2);
  longer.end = Hour(6);
  const Desired desired = HostWith({shorter, longer});
  EXPECT_EQ(std::get<Allowed>(Ask(desired, Service::kSshd)).Under().id, Id(2));
  EXPECT_EQ(std::get<Allowed>(Ask(desired, Service::kSshd)).Under().end, Hour(6));
  EXPECT_EQ(std::get<Allowed>(Ask(desired, Service::kSshd, Key(1))).Under().id, Id(1));
}

TEST(Decide, WithoutAKeyALoginIsNotBookedUnderAnotherPersonsLongerGrant) {
  Grant longer = LoginOnly(2);
  longer.principal = Person("lead2");
  longer.end = Hour(6);
  Grant longest = LoginOnly(3);
  longest.end = Hour(7);
  EXPECT_EQ(std::get<Allowed>(Ask(HostWith({LoginOnly(1), longer}), Service::kSu)).Under().id, Id(1));
  EXPECT_EQ(std::get<Allowed>(Ask(HostWith({LoginOnly(1), longest}), Service::kSu)).Under().id, Id(3));
}

TEST(Decide, ALesserSudoGrantThatEndsLaterIsNotTheOne) {
  Grant lesser = SudoOnly(2);
  lesser.sudo = SudoFor({Cmd({"/usr/bin/id"})});
  lesser.end = Hour(6);
  EXPECT_EQ(std::get<Allowed>(Ask(HostWith({SudoOnly(1), lesser}), Service::kSudo)).Under().id, Id(1));
  lesser.end = Hour(3);
  EXPECT_EQ(std::get<Allowed>(Ask(HostWith({SudoOnly(1), lesser}), Service::kSudo)).Under().id, Id(1)) << "covers it, and is longer";
}

TEST(DecideLaw, WhatOpensOutlastsNoGrantThatMayHaveLetItIn) {
  Law("the grant that is booked serves for each that covers the question and ends before it", [](Dice& dice) {
    const Bundle bundle = RandomBundle(dice, 6);
    const Desired desired = DesiredState(bundle, RandomFacts(dice, bundle), RandomNow(dice));
    for (const Gated& gated : desired.managed) {
      for (const Service service : {Service::kSudo, Service::kSu}) {
        const auto verdict = Decide(Question{gated.name, service, std::nullopt}, desired);
        if (Denied(verdict) != nullptr) continue;
        const Grant& under = std::get<Allowed>(verdict).Under();
        const auto kind = service == Service::kSudo ? SessionKind::kSudo : SessionKind::kLogin;
        for (const Grant& other : desired.live) {
          const bool may_be = other.account == gated.name && Serves(other, kind, other);
          RC_ASSERT((!may_be || other.end >= under.end || Serves(under, kind, other)));
        }
      }
    }
  });
}

TEST(DecideLaw, AllowsExactlyWhatTheFilesAllow) {
  Law("the gate and the files never disagree about a gated account", [](Dice& dice) {
    const Bundle bundle = RandomBundle(dice, 6);
    const HostFacts facts = RandomFacts(dice, bundle);
    const Desired desired = DesiredState(bundle, facts, RandomNow(dice));
    for (const Gated& gated : desired.managed) {
      const auto lines = desired.access.keys.find(gated.name);
      for (std::size_t number = 0; gated.gate.login && number < 5; ++number) {
        const bool served = lines != desired.access.keys.end() &&
                            std::any_of(lines->second.begin(), lines->second.end(),
                                        [&](const KeyLine& line) { return line.key == Key(number); });
        RC_ASSERT(served == (Denied(Decide(Question{gated.name, Service::kSshd, Key(number)}, desired)) == nullptr));
      }
      const bool ruled = std::any_of(desired.access.rules.begin(), desired.access.rules.end(),
                                     [&](const Rule& rule) { return rule.uid == gated.uid; });
      const bool allowed = Denied(Decide(Question{gated.name, Service::kSudo, std::nullopt}, desired)) == nullptr;
      if (gated.gate.sudo) RC_ASSERT(ruled == allowed);
    }
  });
}

TEST(Lines, TheRefusalSaysWhatToType) {
  EXPECT_EQ(RefusalLine(Account("dev1"), Service::kSshd, Host("host1")),
            "curfew: dev1 has no live login grant on this host. Ask for one with: "
            "curfew request host1 --as dev1 --for 1h --reason \"...\"");
  EXPECT_EQ(RefusalLine(Account("dev1"), Service::kSudo, Host("host1")),
            "curfew: dev1 has no live sudo grant on this host. Ask for one with: "
            "curfew request host1 --as dev1 --for 1h --reason \"...\"");
}

TEST(Lines, TheBannerSaysWhatToType) {
  EXPECT_EQ(RenderBanner(Account("dev1"), Host("host1")),
            "curfew: dev1 has no access to host1 now. Ask for it with\n"
            "    curfew request host1 --as dev1 --for 1h --reason \"...\"\n");
}

TEST(Lines, TheWelcomeSaysWhatUntilWhenAndHowToGiveItBack) {
  Grant grant = MakeGrant(1);
  grant.sudo = SudoFor({Cmd({"/usr/bin/id"}), Cmd({"/usr/bin/ls"})});
  const Desired desired = HostWith({grant});
  EXPECT_EQ(WelcomeLine(std::get<Allowed>(Ask(desired, Service::kSshd))),
            "curfew: dev1 has login and sudo for 2 commands until 2026-11-22T04:00:00Z. Give it back with: "
            "curfew return r-00000000000000000000");
}

TEST(Lines, TheLongestNamesFitTheGatesAnswer) {
  const AccountName account = Account("a" + std::string(31, 'z'));
  std::string host = std::string(60, 'h');
  while (host.size() + 61 <= 253) host += "." + std::string(60, 'h');
  EXPECT_LE(RefusalLine(account, Service::kSudo, Host(host)).size(), kLongestAnswer);
}

}  // namespace
}  // namespace curfew::test
