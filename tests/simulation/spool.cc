// SPDX-License-Identifier: Apache-2.0
// The enforcer's own parts, wired as it wires them, on a loop that is run until they have nothing to do.
#include "tests/simulation/spool.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "agent/enforcer/offers/intake.h"
#include "agent/enforcer/state/batches.h"
#include "core/codec.h"
#include "os/machine.h"

namespace curfew::simulation {

struct Spool::Life {
  Life(const std::string& folder, const Spool& of) {
    auto opened = StateFile::Open(folder + "/state.db", "boot");
    EXPECT_TRUE(opened.has_value());
    store = std::make_shared<StateFile>(*std::move(opened));
    const auto remembered = store->Load();
    EXPECT_TRUE(remembered.has_value());
    in_force.identity = Identity{of.host_, Role{1, {}}, ContentHash(), of.audit_};
    in_force.roles = RoleTable{1, {{Purpose::kDelivered, Role{1, {of.lease_}}}}, {}};
    batches = std::make_unique<Batches>(disk, store, [](const Result<void>&) {});
    journal = std::make_unique<Journal>(disk, store, remembered->spool, [this] { Push(); });
    refusals = std::make_unique<Refusals>(*journal);
    alarms = std::make_unique<Alarms>(*journal);
    intake = std::make_unique<Intake>(Intake::Parts{in_force, *journal, *refusals, *alarms, disk, store, [](const Bundle&) {},
                                                    [](const std::vector<GrantId>&) {}, [] {},
                                                    [this](std::uint64_t seq) { batches->Delivered(seq); }});
  }
  void Push() { batches->Push(in_force.identity, journal->Spool().depth); }
  template <class Done>
  void Until(Done done) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done() && std::chrono::steady_clock::now() < limit) {
      io.restart();
      io.run_one_for(std::chrono::milliseconds(100));
    }
    EXPECT_TRUE(done());
  }
  /// What the disk was asked for before this has been answered after it.
  void Settle() {
    Until([this] { return journal->IsIdle(); });
    bool answered = false;
    disk.Ask([] { return 0; }, [&](int) { answered = true; });
    Until([&] { return answered; });
  }
  std::string Sent() {
    Settle();
    return std::exchange(sent, {});
  }

  boost::asio::io_context io;
  Worker disk{io};
  InForce in_force;
  std::shared_ptr<StateFile> store;
  std::unique_ptr<Batches> batches;
  std::unique_ptr<Journal> journal;
  std::unique_ptr<Refusals> refusals;
  std::unique_ptr<Alarms> alarms;
  std::unique_ptr<Intake> intake;
  std::string sent;
};

Spool::Spool(PrivateKey audit, const PublicKey& lease)
    : audit_(std::make_shared<const PrivateKey>(std::move(audit))),
      lease_(lease),
      host_(HostId::FromBytes(audit_->Public().Id().Raw()).value()) {
  EXPECT_NE(::mkdtemp(folder_.data()), nullptr);
  Begin();
}

Spool::~Spool() {
  life_.reset();
  std::filesystem::remove_all(folder_);
}

void Spool::Begin() { life_ = std::make_unique<Life>(folder_, *this); }

void Spool::LosePower() {
  life_.reset();
  Begin();
}

void Spool::Note(Event event) {
  life_->journal->Note(std::move(event));
  life_->Settle();
}

std::string Spool::Dial() {
  life_->sent.clear();
  life_->batches->Begin([life = life_.get()](std::string sealed) { life->sent = std::move(sealed); });
  life_->Push();
  return life_->Sent();
}

std::string Spool::Hear(const std::string& sealed) {
  bool answered = false;
  life_->intake->Offer(sealed, [&](const std::optional<Deny>& deny) {
    answered = true;
    EXPECT_FALSE(deny.has_value()) << deny->detail;
  });
  life_->Until([&] { return answered; });
  return life_->Sent();
}

std::uint64_t Spool::Depth() const { return life_->journal->Spool().depth; }

std::string Keeper::Take(const std::string& sealed) {
  const auto verified = Verify(sealed, Purpose::kEvents, Role{1, {audit_}});
  if (Denied(verified) != nullptr) return {};
  auto batch = DecodeEventBatch(std::get<Verified>(verified));
  if (!batch || batch->host != host_) return {};
  for (auto& event : batch->events) {
    if (event.seq <= kept_.size()) continue;
    const bool follows = event.seq == kept_.size() + 1 && event.previous == (kept_.empty() ? ContentHash() : HashEvent(kept_.back()));
    if (!follows) return {};
    kept_.push_back(std::move(event));
  }
  if (kept_.empty()) return {};
  // The host's parts read this machine's clock, and so does whoever answers them: an hour between the two is an alarm.
  const Delivered delivered{host_, kept_.back().seq, HashEvent(kept_.back()), ReadNow().utc};
  return Seal(Purpose::kDelivered, EncodeDelivered(delivered), lease_).value();
}

}  // namespace curfew::simulation
