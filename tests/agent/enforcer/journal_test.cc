// SPDX-License-Identifier: Apache-2.0
// What is to be kept is kept, on a disk that refuses, in a spool that is full, in memory that is bounded: real state
// files on a small file system.
#include "agent/enforcer/state/journal.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "os/machine.h"
#include "tests/agent/enforcer/small_disk.h"

namespace curfew::test {
namespace {

class JournalOnDisk : public ::testing::Test {
 protected:
  void Open(std::uint64_t most) {
    auto store = StateFile::Open(folder_ + "/state.db", "boot");
    ASSERT_TRUE(store.has_value()) << store.error().Text();
    store_ = std::make_shared<StateFile>(*std::move(store));
    const auto remembered = store_->Load();
    ASSERT_TRUE(remembered.has_value());
    disk_ = std::make_unique<Worker>(io_);
    journal_ = std::make_unique<Journal>(*disk_, store_, remembered->spool, [this] { ++writes_; }, most);
  }
  void SetUp() override {
    ASSERT_TRUE(SmallDisk::OwnMounts());
    ASSERT_NE(::mkdtemp(folder_.data()), nullptr);
    small_ = std::make_unique<SmallDisk>(folder_, "2m");
    ASSERT_TRUE(small_->IsMounted());
  }
  void TearDown() override {
    disk_.reset();
    store_.reset();
    small_.reset();
    std::filesystem::remove_all(folder_);
  }
  /// Runs until the journal has done what it can do by itself.
  void Settle() {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!journal_->IsIdle() && std::chrono::steady_clock::now() < limit) {
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds(100));
    }
    ASSERT_TRUE(journal_->IsIdle());
  }
  static Event Opened(const std::string& grant) {
    Event event = DraftEvent(ReadNow().utc, EventKind::kSessionOpened, Severity::kInfo, "sudo");
    event.grant = grant;
    return event;
  }
  std::vector<Event> Spool() {
    auto oldest = store_->Oldest(SIZE_MAX);
    return oldest ? *std::move(oldest) : std::vector<Event>();
  }
  void Deliver(std::uint64_t seq) {
    Record record;
    record.delivered = seq;
    journal_->Commit(std::move(record), [](const Result<void>&) {});
    Settle();
  }

  boost::asio::io_context io_;
  std::string folder_ = "/run/curfew-journal-XXXXXX";
  std::unique_ptr<SmallDisk> small_;
  std::shared_ptr<StateFile> store_;
  std::unique_ptr<Worker> disk_;
  std::unique_ptr<Journal> journal_;
  int writes_ = 0;
};

TEST_F(JournalOnDisk, GivesNothingUntilAWriteSucceeded) {
  Open(1000);
  small_->Fill();
  journal_->Note(Opened("g-1"));
  Settle();
  ASSERT_FALSE(journal_->MayGive());
  journal_->Retry();
  EXPECT_FALSE(journal_->MayGive()) << "to try is not to succeed";
  Settle();
  EXPECT_FALSE(journal_->MayGive());
  EXPECT_NE(journal_->WhyNot().find("the disk refuses"), std::string::npos);
  small_->Free();
  journal_->Retry();
  EXPECT_FALSE(journal_->MayGive());
  Settle();
  EXPECT_TRUE(journal_->MayGive());
  EXPECT_EQ(journal_->Spool().depth, 1U);
}

TEST_F(JournalOnDisk, TriesAgainAlsoWhenNothingWaits) {
  Open(1000);
  small_->Fill();
  bool refused = false;
  Record record;
  record.events.push_back(Opened("g-1"));
  journal_->Commit(std::move(record), [&](const Result<void>& done) { refused = !done; });
  Settle();
  ASSERT_TRUE(refused);
  journal_->Retry();
  Settle();
  EXPECT_FALSE(journal_->MayGive()) << "an empty write must not pass for a good one";
  small_->Free();
  journal_->Retry();
  Settle();
  EXPECT_TRUE(journal_->MayGive());
}

TEST_F(JournalOnDisk, HoldsLittleInMemoryWhileTheDiskRefusesAndLosesNothing) {
  Open(1000000);
  small_->Fill();
  journal_->Note(Opened("g-1"));
  Settle();
  constexpr int kMany = 50000;
  for (int i = 0; i < kMany; ++i) journal_->Note(Opened(i % 2 == 0 ? "g-1" : "g-" + std::to_string(i)));
  small_->Free();
  journal_->Retry();
  Settle();
  Settle();
  EXPECT_LT(journal_->Spool().depth, 1100U);
  ASSERT_TRUE(journal_->MayGive());
  std::uint64_t told = 0;
  while (journal_->Spool().depth > 0) {
    const auto events = Spool();
    ASSERT_FALSE(events.empty());
    for (const auto& event : events) {
      const auto more = event.detail.find("(and ");
      told += 1 + (more == std::string::npos ? 0 : std::strtoull(event.detail.c_str() + more + 5, nullptr, 10));
    }
    Deliver(events.back().seq);
  }
  EXPECT_EQ(told, kMany + 1U);
}

TEST_F(JournalOnDisk, OfAFullSpoolGivesNothingKeepsWhatCountsAndTellsTheRestLater) {
  Open(10);
  for (int i = 0; i < 10; ++i) {
    journal_->Note(Opened("g-1"));
    Settle();
  }
  EXPECT_FALSE(journal_->MayGive());
  EXPECT_TRUE(journal_->IsFull());
  for (int i = 0; i < 500; ++i) journal_->Note(Opened("g-2"));
  journal_->Note(DraftEvent(ReadNow().utc, EventKind::kSpoolFull, Severity::kAlarm, "full"));
  Record end;
  end.events.push_back(DraftEvent(ReadNow().utc, EventKind::kGrantEnded, Severity::kInfo, "an end"));
  journal_->Keep(std::move(end));
  Settle();
  EXPECT_EQ(journal_->Spool().depth, 12U) << "the alarm and the end are written, what repeats is not";
  Deliver(3);
  EXPECT_TRUE(journal_->IsFull()) << "one batch less is no room yet";
  Deliver(8);
  EXPECT_TRUE(journal_->MayGive());
  Settle();
  const auto left = Spool();
  ASSERT_FALSE(left.empty());
  EXPECT_EQ(left.back().grant, "g-2");
  EXPECT_NE(left.back().detail.find("and 499 more like it"), std::string::npos) << left.back().detail;
}

TEST_F(JournalOnDisk, WritesTheBacklogBeforeItEnds) {
  Open(2);
  for (int i = 0; i < 6; ++i) {
    journal_->Note(Opened("g-" + std::to_string(i)));
    Settle();
  }
  ASSERT_EQ(journal_->Spool().depth, 2U);
  journal_->Close();
  Settle();
  EXPECT_EQ(journal_->Spool().depth, 6U);
}

}  // namespace
}  // namespace curfew::test
