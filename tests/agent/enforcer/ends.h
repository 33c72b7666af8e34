// SPDX-License-Identifier: Apache-2.0
// A host with grants on one account, and ways to end them.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/codec.h"
#include "os/machine.h"
#include "tests/agent/enforcer/host.h"

namespace curfew::test {

class Ends : public ::testing::Test {
 protected:
  void Give(std::vector<Grant> grants, bool login_gate = true) {
    auto& draft = host_.controller.Draft();
    draft.managed = {ManagedAccount{grants[0].account, curfew::Gate{login_gate, true}}};
    draft.grants = std::move(grants);
    host_.Give();
    for (const auto& grant : draft.grants) host_.Await(EventKind::kGrantActive, grant.id.Text());
  }
  static Grant SudoOn(int number, const char* account, Seconds length) {
    const Instant now = ReadNow().utc;
    Grant grant = GrantOn(number, account, now, now + length);
    grant.login.reset();
    return grant;
  }
  static Grant LoginOn(int number, const char* account, Seconds length) {
    const Instant now = ReadNow().utc;
    Grant grant = GrantOn(number, account, now, now + length);
    grant.sudo.reset();
    return grant;
  }
  /// By a revocation alone, which names no cause.
  void End(int number) { ASSERT_EQ(host_.OfferWord(host_.controller.Revocation(Id(number), ReadNow().utc)), "accepted"); }
  /// By the bundle, which names its cause. What starts when this has returned starts later by the kernel's count, too, which is
  /// in hundredths of a second.
  void Return(int number) {
    auto& draft = host_.controller.Draft();
    const Instant now = FromUnixSeconds(UnixSeconds(ReadNow().utc));
    draft.ended.push_back(Tombstone{Id(number), now, now + Seconds{3600}, "returned"});
    host_.Give();
    host_.Await(EventKind::kGrantEnded, Id(number).Text());
    const BootInstant next = ReadNow().boot + Millis{20};
    while (ReadNow().boot < next) std::this_thread::yield();
  }
  [[nodiscard]] std::string Gate() const { return host_.Path("/run/curfew/gate.sock"); }
  [[nodiscard]] Receipt ReceiptOf(int number) {
    const Event& event = host_.Await(EventKind::kReceipt, Id(number).Text());
    const auto verified = Verify(event.attachment, Purpose::kReceipt, Role{1, {TestKey("audit").Public()}});
    EXPECT_EQ(Denied(verified), nullptr);
    return DecodeReceipt(std::get<Verified>(verified)).value();
  }
  Host host_;
};

}  // namespace curfew::test
