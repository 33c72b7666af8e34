// SPDX-License-Identifier: Apache-2.0
// Whom a bundle lists as managed: also accounts on which something that was given is not proved to be over.
#include "tests/controller/workflow/office.h"

namespace curfew::test {
namespace {

class Listed : public Office {
 protected:
  Listed() { Enrol("host1"); }
  TestHost& Host() { return *hosts.at(0); }
  void Load(const std::string& managed) {
    const auto loaded = workflow->LoadPolicy("version: 1\nmanaged: [" + managed + "]\npolicies: []\n", "p.yaml", "admin", now);
    ASSERT_TRUE(loaded) << loaded.error().Text();
  }
  std::optional<Gate> GateOf(const std::string& name) {
    for (const auto& account : Host().InForce().managed) {
      if (account.name.Text() == name) return account.gate;
    }
    return std::nullopt;
  }
  void Prove(const RequestRecord& request, const std::string& cause) {
    Host().SayReceipt(Only(request.id).id, now, cause);
    ASSERT_EQ(HandIn(Host()), "ok");
  }
};

constexpr Gate kSudoOnly{false, true};
constexpr Gate kBoth{true, true};

TEST_F(Listed, AnAccountStaysGatedUntilItsLastEndIsProvedWhateverThePolicySays) {
  const auto request = Approved({"host1"});
  Activate(Host(), Only(request.id).id);
  ASSERT_EQ(GateOf("dev1"), kBoth);
  Load("");
  Accept(Host());
  EXPECT_EQ(GateOf("dev1"), kSudoOnly) << "what the grant gives";
  EXPECT_EQ(GateOf("dev2"), std::nullopt);
  ASSERT_TRUE(ReturnAs("dev1", request.id));
  Accept(Host());
  EXPECT_EQ(GateOf("dev1"), kSudoOnly) << "over, but not proved";
  pushed.clear();
  Prove(request, "returned");
  ASSERT_EQ(pushed.size(), 1U);
  Accept(Host());
  EXPECT_EQ(GateOf("dev1"), std::nullopt);
}

TEST_F(Listed, AGateThatThePolicyNarrowsStaysAsWideAsWhatIsGiven) {
  const auto request = Approved({"host1"});
  Activate(Host(), Only(request.id).id);
  Load("{hosts: env=lab, accounts: [dev1, dev2], gate: [login]}");
  Accept(Host());
  EXPECT_EQ(GateOf("dev1"), kBoth);
  EXPECT_EQ(GateOf("dev2"), (Gate{true, false}));
}

TEST_F(Listed, AGrantThatWasNeverBegunLetsTheAccountGoWhenItsHostHasHeardOfTheEnd) {
  const auto request = Approved({"host1"});
  Load("");
  Accept(Host());
  ASSERT_EQ(GateOf("dev1"), kSudoOnly);
  ASSERT_TRUE(ReturnAs("dev1", request.id));
  Accept(Host());
  EXPECT_EQ(Only(request.id).proof, Proof::kNone);
  Accept(Host());
  EXPECT_EQ(GateOf("dev1"), std::nullopt);
}

}  // namespace
}  // namespace curfew::test
