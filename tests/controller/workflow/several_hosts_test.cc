// SPDX-License-Identifier: Apache-2.0
// One request, several hosts: each has its own grant, acknowledgement and receipt, and the request follows from all.
#include "tests/controller/workflow/office.h"

namespace curfew::test {
namespace {

class SeveralHosts : public Office {
 protected:
  SeveralHosts() {
    for (const char* name : {"host1", "host2", "host3"}) Enrol(name);
  }
  GrantRecord GrantOn(const RequestRecord& request, std::size_t place) const { return Grants(request.id).at(place); }
  RequestState State(const RequestRecord& request) const { return Shown(request.id).state; }
};

TEST_F(SeveralHosts, OneFailedOneActiveOneRevoked) {
  const auto request = Approved({"host1", "host2", "host3"});
  EXPECT_EQ(State(request), RequestState::kProvisioning);
  Activate(*hosts[1], GrantOn(request, 1).id);
  EXPECT_EQ(State(request), RequestState::kActive) << "active when the first is";
  Activate(*hosts[2], GrantOn(request, 2).id);
  RunUntil(now + Seconds{120});
  EXPECT_EQ(GrantOn(request, 0).state, GrantState::kFailed);
  EXPECT_EQ(State(request), RequestState::kActive);
  EXPECT_NE(Shown(request.id).failure.find("host1"), std::string::npos);
  // Ended on host3 by its own admin (revoke-all): its receipt comes unasked.
  hosts[2]->SayReceipt(GrantOn(request, 2).id, now, "revoked");
  ASSERT_EQ(HandIn(*hosts[2]), "ok");
  EXPECT_EQ(GrantOn(request, 2).proof, Proof::kProved);
  EXPECT_EQ(State(request), RequestState::kActive) << "host2 still gives it";
  ASSERT_TRUE(ReturnAs("dev1", request.id));
  EXPECT_EQ(State(request), RequestState::kRevoking);
  EXPECT_EQ(GrantOn(request, 2).cause, "revoked") << "what ended before keeps its cause";
  EXPECT_EQ(GrantOn(request, 0).state, GrantState::kFailed);
  Accept(*hosts[1]);
  hosts[1]->SayReceipt(GrantOn(request, 1).id, now, "returned");
  ASSERT_EQ(HandIn(*hosts[1]), "ok");
  EXPECT_EQ(State(request), RequestState::kRevoked) << "the last that ended is proved; the failed one was never anybody's";
  EXPECT_EQ(GrantOn(request, 0).proof, Proof::kUnconfirmed) << "and says of itself that its host has not answered";
}

TEST_F(SeveralHosts, RevokedOnlyWhenTheLastIsProved) {
  const auto request = Approved({"host1", "host2", "host3"});
  for (std::size_t i = 0; i < 3; ++i) Activate(*hosts[i], GrantOn(request, i).id);
  ASSERT_TRUE(ReturnAs("dev1", request.id));
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(State(request), RequestState::kRevoking) << i;
    hosts[i]->SayReceipt(GrantOn(request, i).id, now, "returned");
    ASSERT_EQ(HandIn(*hosts[i]), "ok");
  }
  EXPECT_EQ(State(request), RequestState::kRevoked);
}

TEST_F(SeveralHosts, ActiveAgainstTheOrderOfTheirEnds) {
  const auto request = Approved({"host1", "host2"});
  Activate(*hosts[0], GrantOn(request, 0).id);
  hosts[0]->SayReceipt(GrantOn(request, 0).id, now, "revoked");
  ASSERT_EQ(HandIn(*hosts[0]), "ok");
  EXPECT_EQ(State(request), RequestState::kActive) << "it was, and host2 may still be";
  Activate(*hosts[1], GrantOn(request, 1).id);
  EXPECT_EQ(State(request), RequestState::kActive);
  RunUntil(GrantOn(request, 1).end);
  EXPECT_EQ(State(request), RequestState::kRevoking);
  hosts[1]->SayReceipt(GrantOn(request, 1).id, now, "expired");
  ASSERT_EQ(HandIn(*hosts[1]), "ok");
  EXPECT_EQ(State(request), RequestState::kRevoked);
}

TEST_F(SeveralHosts, FailedOnlyWhenAllFailed) {
  const auto request = Approved({"host1", "host2"});
  Accept(*hosts[0]);
  hosts[0]->Say(EventKind::kGrantFailed, now, GrantOn(request, 0).id.Text()).detail = "visudo refused it";
  ASSERT_EQ(HandIn(*hosts[0]), "ok");
  EXPECT_EQ(State(request), RequestState::kProvisioning);
  RunUntil(now + Seconds{120});
  EXPECT_EQ(State(request), RequestState::kFailed);
}

}  // namespace
}  // namespace curfew::test
