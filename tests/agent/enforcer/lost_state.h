// SPDX-License-Identifier: Apache-2.0
// A host with a grant in force, whose state.db is then changed or lost behind its back.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "os/machine.h"
#include "os/sqlite.h"
#include "tests/agent/enforcer/host.h"

namespace curfew::test {

inline constexpr const char* kRules = "/run/curfew/sudoers.d/grants";
inline constexpr const char* kState = "/var/lib/curfew/state/state.db";
inline constexpr const char* kManaged = "/var/lib/curfew/managed";

class LostState : public ::testing::Test {
 protected:
  void Begin(Seconds length = Seconds{600}) {
    host_.Start();
    const Instant now = ReadNow().utc;
    host_.controller.Draft().managed = {ManagedAccount{Account("games"), Gate{true, true}}};
    host_.controller.Draft().grants = {GrantOn(1, "games", now, now + length)};
    host_.Give();
    host_.Await(EventKind::kGrantActive, Id(1).Text());
  }
  void Sql(const std::string& statement) const {
    auto database = Database::Open(host_.Path(kState));
    ASSERT_TRUE(database.has_value()) << database.error().Text();
    ASSERT_TRUE(database->Run(statement).has_value());
  }
  /// A page of it, also of what the log holds now.
  void Damage(std::streamoff at) const {
    Sql("PRAGMA wal_checkpoint(TRUNCATE)");
    std::fstream file(host_.Path(kState), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(at);
    file << std::string(4096, 'x');
    ASSERT_TRUE(file.flush().good());
  }
  void LoseEverything() {
    host_.Kill();
    host_.Run("rm " + host_.Path(kState) + "*");
  }
  void ExpectShut() const {
    EXPECT_EQ(host_.Read(kManaged), "games 5 both\n");
    EXPECT_EQ(host_.Read(kRules).value_or("").find("#5 "), std::string::npos);
    EXPECT_FALSE(host_.Asks(kCurfewAccount, kCurfewSshd, "games"));
    EXPECT_FALSE(host_.Asks(kCurfewAccount, kCurfewSudo, "games"));
  }
  void ExpectGranted() const {
    EXPECT_TRUE(host_.Asks(kCurfewAccount, kCurfewSudo, "games"));
    EXPECT_EQ(host_.Read(kManaged), "games 5 both\n");
    EXPECT_EQ(host_.Alarms(), "");
  }
  /// As a new bundle of the controller's, which knows nothing of what was lost.
  void GiveAgain() {
    ASSERT_EQ(host_.OfferWord(host_.controller.Roles()), "accepted");
    ASSERT_EQ(host_.OfferWord(host_.controller.NextBundle()), "accepted");
  }
  Host host_;
};

}  // namespace curfew::test
