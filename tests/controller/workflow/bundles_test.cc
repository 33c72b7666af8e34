// SPDX-License-Identifier: Apache-2.0
// What is sealed is judged by the host's own rule first: nothing is added that would have the whole bundle refused.
#include "tests/controller/workflow/office.h"

namespace curfew::test {
namespace {

class Sealing : public Office {
 protected:
  static std::string Accounts(const std::string& stem, int count) {
    std::string list;
    for (int i = 0; i < count; ++i) list += (i == 0 ? "" : ", ") + stem + std::to_string(i);
    return list;
  }
  /// 600 accounts for one label, 600 others for another; a bundle holds 1000.
  Result<std::uint64_t> LoadWide() {
    return workflow->LoadPolicy("version: 1\nmanaged:\n  - {hosts: env=lab, accounts: [" + Accounts("lab", 600) +
                                    "], gate: [login]}\n  - {hosts: role=web, accounts: [" + Accounts("web", 600) + "], gate: [sudo]}\npolicies: []\n",
                                "p.yaml", "admin", now);
  }
};

TEST_F(Sealing, APolicyThatAHostWouldRefuseIsNotLoaded) {
  TestHost& host = Enrol("host1");
  const auto before = store->PolicyVersion();
  const auto refused = LoadWide();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("host1 would refuse its bundle"), std::string::npos) << refused.error().Text();
  EXPECT_NE(refused.error().what.find("1000"), std::string::npos) << refused.error().Text();
  EXPECT_EQ(store->PolicyVersion(), before);
  const auto request = Approved({"host1"});
  Activate(host, Only(request.id).id);
}

TEST_F(Sealing, NorIsAHostEnrolledThatWouldRefuseIt) {
  ASSERT_TRUE(LoadWide()) << "nobody has both labels";
  TestHost joiner;
  const auto refused = workflow->Run(now, [&](Change& change) -> Outcome<Enrolled> {
    change.Keep().AddToken({"t-both", Sha256("both"), 1, now + Seconds{60}, {{"env", "lab"}, {"role", "web"}}});
    return curfew::Enrol(change, joiner.Ask("both", "host1"), SignerFor("first"));
  });
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("would refuse"), std::string::npos) << refused.error().what;
  EXPECT_FALSE(store->FindHostNamed(*HostName::Parse("host1")));
}

}  // namespace
}  // namespace curfew::test
