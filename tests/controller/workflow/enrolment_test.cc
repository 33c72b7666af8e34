// SPDX-License-Identifier: Apache-2.0
// Who may join, and with what.
#include "tests/controller/workflow/office.h"

namespace curfew::test {
namespace {

class Joining : public Office {
 protected:
  void AddToken(const std::string& secret, std::int64_t uses, const Labels& labels = {{"env", "lab"}}) {
    store->AddToken({"t-" + secret, Sha256(secret), uses, now + Seconds{3600}, labels});
  }
  Outcome<Enrolled> Join(const EnrolmentAsk& ask, const std::string& key = "first") {
    return workflow->Run(now, [&](Change& change) { return curfew::Enrol(change, ask, SignerFor(key)); });
  }
  std::int64_t Left(const std::string& secret) { return store->FindToken(Sha256(secret))->uses_left; }
};

TEST_F(Joining, SpendsOneUseAndTakesTheLabels) {
  AddToken("secret", 2);
  TestHost host;
  const auto joined = Join(host.Ask("secret", "host1"));
  ASSERT_TRUE(joined) << joined.error().what;
  EXPECT_EQ(joined->host, host.Id());
  EXPECT_EQ(joined->certificate, "for " + host.Id().Hex());
  EXPECT_EQ(Left("secret"), 1);
  const auto record = store->FindHost(host.Id());
  ASSERT_TRUE(record);
  EXPECT_EQ(record->labels.at("env"), "lab");
  EXPECT_EQ(record->version, 1U) << "its first bundle is sealed in the same transaction";
  EXPECT_EQ(Count("enrolled"), 1U);
  EXPECT_EQ(host.Take(store->BundleOf(host.Id()), workflow->Keys().roles, now), "ok");
}

TEST_F(Joining, RefusesUnknownUsedAndExpiredTokens) {
  AddToken("once", 1);
  TestHost first;
  TestHost second;
  EXPECT_EQ(Join(first.Ask("never", "host1")).error().kind, Refusal::kTokenRefused);
  EXPECT_EQ(Join(first.Ask("", "host1")).error().kind, Refusal::kTokenRefused);
  ASSERT_TRUE(Join(first.Ask("once", "host1")));
  const auto used = Join(second.Ask("once", "host2"));
  ASSERT_FALSE(used);
  EXPECT_NE(used.error().what.find("used up"), std::string::npos);
  AddToken("old", 1);
  now += Seconds{3600};
  const auto expired = Join(second.Ask("old", "host2"));
  ASSERT_FALSE(expired);
  EXPECT_NE(expired.error().what.find("expired"), std::string::npos);
  EXPECT_FALSE(store->FindHost(second.Id()));
}

// An answer that got lost: the same keys may join again with the same token; nobody else may.
TEST_F(Joining, AgainWithTheSameKeys) {
  AddToken("once", 1);
  TestHost host;
  ASSERT_TRUE(Join(host.Ask("once", "host1")));
  ASSERT_TRUE(Join(host.Ask("once", "host1")));
  EXPECT_EQ(Left("once"), 0);
}

TEST_F(Joining, OnlyTheLinkKeyOfTheNewestJoinIsGood) {
  AddToken("many", 5);
  TestHost host;
  ASSERT_TRUE(Join(host.Ask("many", "host1"), "first"));
  EXPECT_TRUE(fleet->MayLink(host.Id(), Sha256("first")));
  recalled.clear();
  ASSERT_TRUE(Join(host.Ask("many", "host1"), "first"));
  EXPECT_TRUE(recalled.empty()) << "the very ask once more, after a line that was cut: its line is as good as before";

  ASSERT_TRUE(Join(host.Ask("many", "host1"), "second"));
  EXPECT_EQ(recalled, std::vector<HostId>{host.Id()}) << "whoever came with the first key must go";
  ASSERT_TRUE(Remove("host1"));
  EXPECT_FALSE(fleet->MayLink(host.Id(), Sha256("second")));
  ASSERT_TRUE(Join(host.Ask("many", "host1"), "third"));
  Restart();
  EXPECT_FALSE(fleet->MayLink(host.Id(), Sha256("first")));
  EXPECT_FALSE(fleet->MayLink(host.Id(), Sha256("second")));
  EXPECT_TRUE(fleet->MayLink(host.Id(), Sha256("third")));
}

TEST_F(Joining, AHostOfATimeWithoutLinkKeysIsTiedByItsNextJoin) {
  TestHost& host = Enrol("host1");
  auto record = *store->FindHost(host.Id());
  record.link_key.reset();
  store->UpdateHost(record);
  EXPECT_TRUE(fleet->MayLink(host.Id(), Sha256("any")));
  AddToken("again", 1, {{"env", "lab"}, {"role", "web"}});
  ASSERT_TRUE(Join(host.Ask("again", "host1"), "second"));
  EXPECT_EQ(recalled, std::vector<HostId>{host.Id()});
  EXPECT_FALSE(fleet->MayLink(host.Id(), Sha256("any")));
  EXPECT_TRUE(fleet->MayLink(host.Id(), Sha256("second")));
}

// Access was given by name and labels: a join that would change them, and could not end what they gave, changes nothing.
TEST_F(Joining, AnEnrolledHostKeepsItsNameAndItsLabels) {
  TestHost& host = Enrol("host1");
  AddToken("other", 2, {{"role", "db"}, {"name", "host1"}});
  AddToken("fewer", 2, {{"env", "lab"}});
  AddToken("same", 2, {{"env", "lab"}, {"role", "web"}, {"name", "host1"}});
  AddToken("nameless", 2, {{"env", "lab"}, {"role", "web"}});
  for (const auto& [token, name] : {std::pair("other", "host1"), std::pair("fewer", "host1"), std::pair("nameless", "host2")}) {
    const auto refused = Join(host.Ask(token, name), "second");
    ASSERT_FALSE(refused) << token;
    EXPECT_EQ(refused.error().kind, Refusal::kConflict);
    EXPECT_NE(refused.error().what.find("env=lab name=host1 role=web"), std::string::npos) << refused.error().what;
    EXPECT_NE(refused.error().hint.find("curfew-controller host remove host1"), std::string::npos) << refused.error().hint;
    EXPECT_EQ(Left(token), 2);
  }
  EXPECT_TRUE(fleet->MayLink(host.Id(), Sha256("first"))) << "a refused join must not cut it off";
  EXPECT_TRUE(Join(host.Ask("same", "host1")));
  EXPECT_TRUE(Join(host.Ask("nameless", "host1")));
  ASSERT_TRUE(Remove("host1"));
  EXPECT_TRUE(Join(host.Ask("other", "host1")));
  EXPECT_EQ(store->FindHost(host.Id())->labels.at("role"), "db");
}

TEST_F(Joining, NobodyTakesOverAnIdOrAName) {
  AddToken("many", 5);
  TestHost host;
  ASSERT_TRUE(Join(host.Ask("many", "host1")));
  // Another's public identity key, without its private half.
  TestHost thief;
  auto stolen = thief.Ask("many", "host1");
  stolen.identity_key = host.Ask("many", "host1").identity_key;
  EXPECT_EQ(Join(stolen).error().kind, Refusal::kTokenRefused);
  EXPECT_EQ(Join(thief.Ask("many", "host1")).error().kind, Refusal::kConflict);
  EXPECT_EQ(Left("many"), 4);
  EXPECT_EQ(store->FindHostNamed(*HostName::Parse("host1"))->id, host.Id());
}

TEST_F(Joining, TheProofBindsEverything) {
  AddToken("many", 9);
  TestHost host;
  TestHost other;
  for (const auto change : {0, 1, 2}) {
    auto ask = host.Ask("many", "host1");
    if (change == 0) ask.name = "host2";
    if (change == 1) ask.csr += "x";
    if (change == 2) {
      ask.audit_key = other.Ask("many", "x").audit_key;
      ask.audit_key_text = other.Ask("many", "x").audit_key_text;
    }
    EXPECT_EQ(Join(ask).error().kind, Refusal::kTokenRefused) << change;
  }
  EXPECT_EQ(Left("many"), 9);
}

TEST_F(Joining, ATokenForOneName) {
  AddToken("bound", 2, {{"name", "host1"}});
  TestHost host;
  EXPECT_EQ(Join(host.Ask("bound", "host2")).error().kind, Refusal::kTokenRefused);
  EXPECT_TRUE(Join(host.Ask("bound", "host1")));
}

TEST_F(Joining, BadNamesAndKeys) {
  AddToken("many", 9);
  TestHost host;
  for (const char* name : {"", "Host1", "a b", "-a", "../x", "host1.", "x\ny"}) {
    EXPECT_EQ(Join(host.Ask("many", name)).error().kind, Refusal::kMalformed) << name;
  }
  auto ask = host.Ask("many", "host1");
  ask.audit_key = "short";
  EXPECT_EQ(Join(ask).error().kind, Refusal::kMalformed);
  EXPECT_EQ(Left("many"), 9);
}

TEST_F(Joining, ACertificateThatCannotBeSignedSpendsNothing) {
  AddToken("once", 1);
  TestHost host;
  const auto joined = workflow->Run(now, [&](Change& change) {
    return curfew::Enrol(change, host.Ask("once", "host1"), [](std::string_view, const HostId&) -> Result<LinkCertificate> { return Fail(Errc::kMalformed, "weak"); });
  });
  ASSERT_FALSE(joined);
  EXPECT_EQ(Left("once"), 1);
  EXPECT_FALSE(store->FindHost(host.Id()));
}

TEST_F(Joining, ARemovedHostEndsItsGrantsAndMayComeBack) {
  TestHost& host = Enrol("host1");
  const auto request = Approved({"host1"});
  Activate(host, Only(request.id).id);
  ASSERT_TRUE(Remove("host1"));
  EXPECT_EQ(Only(request.id).proof, Proof::kUnconfirmed);
  EXPECT_EQ(Shown(request.id).state, RequestState::kRevoking);
  EXPECT_FALSE(store->FindHostNamed(*HostName::Parse("host1")));
  EXPECT_EQ(AskFor("dev1", {"host1"}).error().kind, Refusal::kNotFound);
  AddToken("again", 1, {{"env", "lab"}, {"role", "web"}});
  ASSERT_TRUE(Join(host.Ask("again", "host1")));
  Accept(host);
  EXPECT_FALSE(host.HasGrant(Only(request.id).id, now));
}

}  // namespace
}  // namespace curfew::test
