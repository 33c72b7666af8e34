// SPDX-License-Identifier: Apache-2.0
// A key lets one person in: who may hand it in, and for how long that holds.
#include "controller/workflow/login_keys.h"
#include "tests/controller/workflow/office.h"

namespace curfew::test {
namespace {

class KeysOnTheRolls : public Office {
 protected:
  KeyRecord KeyFor(const std::string& person, const std::string& id, int number = 10) {
    KeyRecord key = store->KeysOf(*PersonName::Parse("lead1")).at(0);
    key.id = id;
    key.person = *PersonName::Parse(person);
    std::string text = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
    text.replace(text.size() - 8, 4, std::to_string(1000 + number));
    key.key = *LoginKey::Parse(text);
    key.fingerprint = "SHA256:" + std::to_string(number);
    return key;
  }
  Outcome<KeyRecord> HandIn(const std::string& person, int number = 10) {
    const std::string id = "k-new" + std::to_string(++made_);
    return workflow->Run(now, [&](Change& change) { return AddKey(change, KeyFor(person, id, number)); });
  }
  Outcome<RemovedKey> TakeBack(const std::string& person, const std::string& id) {
    return workflow->Run(now, [&](Change& change) { return RemoveKey(change, *PersonName::Parse(person), id, false); });
  }
  /// A grant is made with that key, and it is taken back.
  void UseAndTakeBack(const std::string& person, const KeyRecord& key) {
    Ask ask;
    ask.rule = "look";
    const Submission submission{std::vector{*HostName::Parse("host1")}, ask, "to mend it", "T-1", key.key};
    const auto request = workflow->Run(now, [&](Change& change) { return Submit(change, Who(person), submission); });
    ASSERT_TRUE(request) << request.error().what;
    ASSERT_EQ(request->keys, std::vector{key.key});
    ASSERT_TRUE(TakeBack(person, key.id));
  }
  bool Holds(const std::string& person) {
    for (const auto& key : store->KeysOf(*PersonName::Parse(person))) {
      if (key.fingerprint == "SHA256:10") return true;
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

TEST_F(KeysOnTheRolls, AnotherTextOfItIsTheSameKey) {
  ASSERT_TRUE(HandIn("dev1"));
  KeyRecord same = KeyFor("dev2", "k-same", 11);
  same.fingerprint = "SHA256:10";
  EXPECT_FALSE(workflow->Run(now, [&](Change& change) { return AddKey(change, same); }));
  same.person = *PersonName::Parse("dev1");
  const auto twice = workflow->Run(now, [&](Change& change) { return AddKey(change, same); });
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().kind, Refusal::kConflict);
}

TEST_F(KeysOnTheRolls, AlsoWhenItsPersonIsDisabled) {
  ASSERT_TRUE(HandIn("dev1"));
  auto person = *store->FindPerson(*PersonName::Parse("dev1"));
  person.disabled = true;
  store->UpdatePerson(person);
  EXPECT_FALSE(HandIn("dev2"));
}

TEST_F(KeysOnTheRolls, WhatWasTakenBackUnusedIsAnybodys) {
  const auto key = HandIn("dev1");
  ASSERT_TRUE(key);
  ASSERT_TRUE(TakeBack("dev1", key->id));
  EXPECT_TRUE(HandIn("dev2")) << "else dev1 could bar every key that they know of";
  EXPECT_FALSE(HandIn("dev1"));
}

TEST_F(KeysOnTheRolls, WhatAGrantWasMadeWithStaysTheirsWhenItIsTakenBack) {
  static_cast<void>(Enrol("host1"));
  const auto key = HandIn("dev1");
  ASSERT_TRUE(key);
  UseAndTakeBack("dev1", *key);
  EXPECT_FALSE(HandIn("dev2"));
  EXPECT_TRUE(HandIn("dev1")) << "their own they may hand in again";
}

TEST_F(KeysOnTheRolls, OfThoseTheNewestStay) {
  settings.live_requests = 10000;
  Restart();
  static_cast<void>(Enrol("host1"));
  const int last = 10 + static_cast<int>(kMostLeftClaims);
  for (int number = 10; number <= last; ++number) {
    const auto key = HandIn("dev1", number);
    ASSERT_TRUE(key) << key.error().what;
    UseAndTakeBack("dev1", *key);
  }
  EXPECT_TRUE(HandIn("dev2", 10)) << "the first of one more than stay";
  EXPECT_FALSE(HandIn("dev2", 11));
  EXPECT_FALSE(HandIn("dev2", last));
}

TEST_F(KeysOnTheRolls, AnAdminFreesIt) {
  ASSERT_TRUE(HandIn("dev1"));
  EXPECT_EQ(store->FreeKey("SHA256:10"), *PersonName::Parse("dev1"));
  EXPECT_FALSE(Holds("dev1")) << "two people would hold it";
  EXPECT_TRUE(HandIn("dev2"));
  EXPECT_FALSE(HandIn("dev1"));
  EXPECT_FALSE(store->FreeKey("SHA256:unknown"));
}

TEST_F(KeysOnTheRolls, WhatWasRefusedClaimsNothing) {
  for (int i = 0; i < 19; ++i) store->AddKey(KeyFor("dev2", "k-more" + std::to_string(i), 20 + i));
  const auto refused = HandIn("dev2");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("20 keys"), std::string::npos) << refused.error().what;
  EXPECT_TRUE(HandIn("dev1"));
}

}  // namespace
}  // namespace curfew::test
