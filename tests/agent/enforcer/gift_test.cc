// SPDX-License-Identifier: Apache-2.0
// A gift waits for its gate: nobody is given anything before the PAM module can know that they are to be asked about. The real
// loop on a host's folders, with a disk for the list that answers when the test says so.
#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <future>

#include "agent/enforcer/state/footing.h"
#include "agent/enforcer/turn/loop.h"
#include "os/machine.h"
#include "tests/agent/enforcer/host.h"
#include "tests/agent/enforcer/small_disk.h"

namespace curfew::test {
namespace {

constexpr const char* kRules = "/run/curfew/sudoers.d/grants";
constexpr const char* kKeys = "/run/curfew/keys/games";
constexpr const char* kList = "/var/lib/curfew/managed";

/// The parts of an enforcer, as it wires them, but the list has a disk of its own.
struct Parts {
  explicit Parts(const Paths& at) : paths(at), footing(FindFooting(at).value()) {
    in_force.identity = footing.identity;
    list_disk.Ask([wait = answer.get_future().share()] { wait.wait(); return 0; }, [](int) {});
    waker.Attach([this] {
      loop.Turn();
      ++turns;
    });
  }
  template <class Fits>
  void RunUntil(Fits fits) {
    while (!fits() && io.run_one_for(std::chrono::seconds(10)) > 0) {
    }
    EXPECT_TRUE(fits());
  }

  boost::asio::io_context io;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work = boost::asio::make_work_guard(io);
  Paths paths;
  Footing footing;
  int turns = 0;
  InForce in_force;
  Waker waker{io};
  Worker disk{io};
  Worker list_disk{io};
  std::promise<void> answer;
  Worker slow{io};
  Worker end_worker{io};
  FairWorker ends{end_worker};
  Programs programs{io};
  Ground ground{paths};
  Journal journal{disk, footing.store, footing.remembered.spool, [] {}};
  Alarms alarms{journal};
  SessionBook book{ground};
  SessionEnder ender{{io, footing.tree, ends, slow, paths.root}};
  Aftermath aftermath{{io, paths, book, ender, footing.tree, ends, journal, alarms, waker}};
  Newcomers newcomers{{book, aftermath, footing.tree, ends, journal, waker, paths.root}};
  RuleCheck check{programs, slow, ground};
  Chronicle chronicle{in_force, journal, alarms, aftermath};
  Applier applier{{in_force, ground, check, book, aftermath, journal, alarms, waker, list_disk, footing.host,
                   [](const std::set<GrantId>&, const std::string&) {}}};
  SshdBlock sshd{paths, slow, alarms, waker};
  Clockwork clockwork{io, TimerFd::OnUtc().value(), TimerFd::OnBoot().value(), TimerFd::OnBoot().value()};
  Loop loop{{in_force, ground, book, applier, aftermath, newcomers, chronicle, alarms, clockwork, sshd}};
};

class Gift : public ::testing::Test {
 protected:
  Host host_;
};

TEST_F(Gift, WaitsForAListThatADiskKeepsWaiting) {
  Parts parts(Paths{host_.Path("")});
  const Instant now = ReadNow().utc;
  auto& draft = host_.controller.Draft();
  draft.managed = {ManagedAccount{Account("games"), Gate{true, true}}};
  draft.grants = {GrantOn(1, "games", now, now + Seconds{600})};
  parts.in_force.bundle = draft;
  parts.in_force.mark = BundleMark{1, 1, {}};
  parts.in_force.facts.users = {{Account("games"), 5}};
  parts.in_force.facts.lowest_uid = 1;
  parts.applier.NoteIntended(Id(1));

  parts.loop.Turn();
  ASSERT_TRUE(parts.applier.Managed().IsWriting());
  parts.RunUntil([&] { return parts.applier.Assurance().checked.has_value() && parts.turns > 0; });
  parts.loop.Turn();
  EXPECT_EQ(host_.Read(kList), std::nullopt);
  EXPECT_EQ(host_.Read(kKeys), std::nullopt) << "a key for an account that PAM does not ask about";
  EXPECT_EQ(host_.Read(kRules).value_or("").find(Id(1).Text()), std::string::npos) << "a rule for it";

  parts.answer.set_value();
  parts.RunUntil([&] { return host_.Read(kKeys).has_value(); });
  EXPECT_EQ(host_.Read(kList), "games 5 both\n");
  EXPECT_NE(host_.Read(kRules).value_or("").find(Id(1).Text()), std::string::npos);
}

TEST_F(Gift, WaitsForAListThatCannotBeWritten) {
  ASSERT_TRUE(SmallDisk::OwnMounts());
  host_.Start();
  // What the enforcer holds open goes on; only what it opens by name is read-only now.
  const SmallDisk durable(host_.Path("/var/lib/curfew"));
  ASSERT_TRUE(durable.IsMounted());
  durable.Freeze();
  const Instant now = ReadNow().utc;
  auto& draft = host_.controller.Draft();
  draft.managed = {ManagedAccount{Account("games"), Gate{true, true}}};
  draft.grants = {GrantOn(1, "games", now, now + Seconds{600})};
  host_.Give();
  host_.Await(EventKind::kDrift);
  EXPECT_NE(host_.Alarms().find("managed"), std::string::npos) << host_.Alarms();
  EXPECT_EQ(host_.Read(kKeys), std::nullopt);
  EXPECT_EQ(host_.Read(kRules).value_or("").find(Id(1).Text()), std::string::npos);
  durable.Thaw();
  host_.Await(EventKind::kGrantActive, Id(1).Text());
  EXPECT_EQ(host_.Read(kList), "games 5 both\n");
}

}  // namespace
}  // namespace curfew::test
