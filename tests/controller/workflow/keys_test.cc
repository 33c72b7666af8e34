// SPDX-License-Identifier: Apache-2.0
// A key lets one person in: who may hand it in, and for how long that holds.
#include "controller/workflow/login_keys.h"
#include "tests/controller/workflow/office.h"

namespace curfew::test {
namespace {

class KeysOnTheRolls : public Office {
 protected:
  KeyRecord KeyFor(const std::string& person, const std::string& id) {
    KeyRecord key = store->KeysOf(*PersonName::Parse("lead1")).at(0);
    key.id = id;
    key.person = *PersonName::Parse(person);
    key.key = *LoginKey::Parse("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f");
    key.fingerprint = "SHA256:one";
    return key;
  }
  Outcome<KeyRecord> HandIn(const std::string& person) {
    const std::string id = "k-new" + std::to_string(++made_);
    return workflow->Run(now, [&](Change& change) { return AddKey(change, KeyFor(person, id)); });
  }
  bool Holds(const std::string& person) {
    for (const auto& key : store->KeysOf(*PersonName::Parse(person))) {
      if (key.fingerprint == "SHA256:one") return true;
    }
    return false;
  }

 private:
  int made_ = 0;
};

TEST_F(KeysOnTheRolls, AnotherPersonsKeyIsRefused) {
  ASSERT_TRUE(HandIn("dev1"));
  const auto refused = HandIn("dev2");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Refusal::kUnusable) << "which is recorded";
  EXPECT_EQ(refused.error().what.find("dev1"), std::string::npos) << "it does not say whose: " << refused.error().what;
  EXPECT_FALSE(Holds("dev2"));
}

TEST_F(KeysOnTheRolls, AlsoWhenItWasTakenBackOrItsPersonIsDisabled) {
  const auto key = HandIn("dev1");
  ASSERT_TRUE(key);
  ASSERT_TRUE(workflow->Run(now, [&](Change& change) { return RemoveKey(change, *PersonName::Parse("dev1"), key->id, false); }));
  EXPECT_FALSE(HandIn("dev2"));
  auto person = *store->FindPerson(*PersonName::Parse("dev1"));
  person.disabled = true;
  store->UpdatePerson(person);
  EXPECT_FALSE(HandIn("dev2"));
  EXPECT_TRUE(HandIn("dev1")) << "their own they may hand in again";
}

TEST_F(KeysOnTheRolls, AnAdminFreesIt) {
  ASSERT_TRUE(HandIn("dev1"));
  EXPECT_EQ(store->FreeKey("SHA256:one"), *PersonName::Parse("dev1"));
  EXPECT_FALSE(Holds("dev1")) << "two people would hold it";
  EXPECT_TRUE(HandIn("dev2"));
  EXPECT_FALSE(HandIn("dev1"));
  EXPECT_FALSE(store->FreeKey("SHA256:unknown"));
}

TEST_F(KeysOnTheRolls, WhatWasRefusedClaimsNothing) {
  for (int i = 0; i < 19; ++i) {
    KeyRecord more = store->KeysOf(*PersonName::Parse("dev2")).at(0);
    more.id = "k-more" + std::to_string(i);
    std::string blob = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
    blob.replace(blob.size() - 6, 2, std::to_string(10 + i));
    more.key = *LoginKey::Parse(blob);
    store->AddKey(more);
  }
  const auto refused = HandIn("dev2");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("20 keys"), std::string::npos) << refused.error().what;
  EXPECT_TRUE(HandIn("dev1"));
}

}  // namespace
}  // namespace curfew::test
