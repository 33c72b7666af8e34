// SPDX-License-Identifier: Apache-2.0
// A store of an earlier version is brought up to date with all that is in it; one of a later version is left alone.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "controller/store/schema.h"
#include "controller/store/sqlite_store.h"

namespace curfew {
namespace {

class Schema : public ::testing::Test {
 protected:
  Schema() {
    std::string pattern = (std::filesystem::temp_directory_path() / "curfew-schema-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    folder_ = pattern;
  }
  ~Schema() override { std::filesystem::remove_all(folder_); }
  std::string Path() const { return (folder_ / "store.db").string(); }
  void Make(std::size_t steps, int version) const {
    auto database = std::move(*Database::Open(Path()));
    for (std::size_t i = 0; i < steps; ++i) ASSERT_TRUE(database.Run(kSchemaSteps.at(i)));
    ASSERT_TRUE(database.Run("PRAGMA user_version = " + std::to_string(version)));
  }

 private:
  std::filesystem::path folder_;
};

TEST_F(Schema, AnEarlierStoreKeepsWhatIsInIt) {
  Make(1, 1);
  {
    auto database = std::move(*Database::Open(Path()));
    const std::string zeros = "zeroblob(32)";
    ASSERT_TRUE(database.Run("INSERT INTO host VALUES(" + zeros + ", 'host1', " + zeros + ", '{}', 5, 0, '{\"format\":1,\"agent_version\":\"a\","
                             "\"sudo\":\"s\",\"sshd\":\"h\",\"layers\":[]}', 7, 1, 3, 2, " + zeros + ", 9, " + zeros + ", '', 1)"));
  }
  auto store = SqliteStore::Open(Path());
  ASSERT_TRUE(store) << store.error().Text();
  const auto hosts = (*store)->Hosts();
  ASSERT_EQ(hosts.size(), 1U);
  EXPECT_EQ(hosts[0].seq, 9U);
  EXPECT_TRUE(hosts[0].tainted);
  EXPECT_FALSE(hosts[0].leaving);
  EXPECT_FALSE(hosts[0].clock_offset);
  EXPECT_FALSE(hosts[0].link_key);
  EXPECT_TRUE((*store)->DriftOf(hosts[0].id).empty());
}

TEST_F(Schema, AKeyThatTwoPeopleHeldIsTheFirstOnes) {
  Make(2, 2);
  {
    auto database = std::move(*Database::Open(Path()));
    for (const char* person : {"dev1", "dev2"}) {
      ASSERT_TRUE(database.Run(std::string("INSERT INTO person VALUES('") + person + "', '[]', '', 0)"));
    }
    const std::string key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
    const auto row = [&](const std::string& id, const std::string& person, int added) {
      return "INSERT INTO login_key VALUES('" + id + "', '" + person + "', '" + key + "', 'ssh-ed25519', 256, 'SHA256:x', " +
             std::to_string(added) + ")";
    };
    ASSERT_TRUE(database.Run(row("k-1", "dev2", 9)));
    ASSERT_TRUE(database.Run(row("k-2", "dev1", 5)));
  }
  auto store = std::move(*SqliteStore::Open(Path()));
  EXPECT_TRUE(store->KeysOf(*PersonName::Parse("dev2")).empty());
  const auto kept = store->KeysOf(*PersonName::Parse("dev1"));
  ASSERT_EQ(kept.size(), 1U);
  KeyRecord claim = kept[0];
  claim.person = *PersonName::Parse("dev2");
  EXPECT_EQ(store->ClaimKey(claim), *PersonName::Parse("dev1"));
}

TEST_F(Schema, AKeyOfTwoTextsIsTheFirstOnes) {
  Make(3, 3);
  {
    auto database = std::move(*Database::Open(Path()));
    for (const char* person : {"dev1", "lead1"}) {
      const std::string text = std::string("'ssh-rsa of ") + person + "'";
      ASSERT_TRUE(database.Run(std::string("INSERT INTO person VALUES('") + person + "', '[]', '', 0)"));
      ASSERT_TRUE(database.Run(std::string("INSERT INTO login_key VALUES('k-") + person + "', '" + person + "', " + text + ", 'ssh-rsa', 2048, 'SHA256:x', 5)"));
    }
    for (const char* person : {"lead1", "dev1"}) {
      ASSERT_TRUE(database.Run(std::string("INSERT INTO key_owner VALUES('ssh-rsa of ") + person + "', 'SHA256:x', '" + person + "')"));
    }
  }
  auto store = std::move(*SqliteStore::Open(Path()));
  EXPECT_TRUE(store->KeysOf(*PersonName::Parse("dev1")).empty());
  EXPECT_FALSE(store->DropKey(*PersonName::Parse("dev1"), "k-dev1"));
  EXPECT_TRUE(store->DropKey(*PersonName::Parse("lead1"), "k-lead1"));
  EXPECT_EQ(store->FreeKey("SHA256:x"), *PersonName::Parse("lead1")) << "a grant may have been made with it";
}

TEST_F(Schema, OpenedTwiceItIsTheSame) {
  ASSERT_TRUE(SqliteStore::Open(Path()));
  EXPECT_TRUE(SqliteStore::Open(Path()));
}

TEST_F(Schema, ALaterStoreIsRefused) {
  Make(0, kSchemaVersion + 1);
  const auto store = SqliteStore::Open(Path());
  ASSERT_FALSE(store);
  EXPECT_NE(store.error().Text().find("newer version"), std::string::npos);
}

TEST_F(Schema, DriftIsBoundedAndKeepsTheNewest) {
  auto store = std::move(*SqliteStore::Open(Path()));
  HostRecord host{HostId{}, *HostName::Parse("host1")};
  store->AddHost(host);
  for (int i = 0; i < 100; ++i) store->AddDrift(host.id, {Instant{Millis{i}}, "boot1", "thing " + std::to_string(i)});
  const auto drift = store->DriftOf(host.id);
  ASSERT_EQ(drift.size(), static_cast<std::size_t>(kMostDrift));
  EXPECT_EQ(drift.front().what, "thing 68");
  EXPECT_EQ(drift.back().what, "thing 99");
}

}  // namespace
}  // namespace curfew
