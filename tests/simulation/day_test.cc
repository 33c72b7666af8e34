// SPDX-License-Identifier: Apache-2.0
// ATTACKS H1: a day in which the controller goes away after it gave, and comes back an hour after the last grant is over.
// The real core ends all on time, woken by NextChange alone; the real spool brings every event once and in order through
// a network that loses, doubles and reorders, and through power cuts. CURFEW_SIMULATION_SEED replays a day.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "agent/enforcer/state/journal.h"
#include "core/codec.h"
#include "tests/simulation/simulated_host.h"
#include "tests/simulation/spool.h"

namespace curfew::simulation {
namespace {

using Random = std::mt19937_64;

constexpr Instant kMorning = FromUnixSeconds(1'800'000'000);
constexpr Seconds kPresent{3600};
constexpr Seconds kLastEnd{15 * 3600};
constexpr int kGrants = 60;
constexpr std::size_t kMostTries = 20000;

class Day {
 public:
  explicit Day(std::uint64_t seed) : random_(seed) {
    for (int number = 0; number < kGrants; ++number) bundle_.grants.push_back(Draw(number));
    bundle_.version = 1;
    bundle_.issued = kMorning;
    const std::string sealed = Seal(Purpose::kBundle, EncodeBundle(bundle_), key_).value();
    EXPECT_EQ(host_.Offer(sealed, now_), std::nullopt);
    Note(EventKind::kBundleAccepted, "");
  }

  /// Everything that changes by itself, with nobody to tell for most of it.
  void Pass() {
    for (;;) {
      Turn();
      if (random_() % 4 == 0) LosePower();
      if (now_.utc < kMorning + kPresent) Talk(3);
      const auto next = host_.Next(now_);
      if (!next) break;
      Advance(*next - now_.utc);
    }
    depth_at_return_ = spool_.Depth();
    Advance(Seconds{3600});
    EXPECT_TRUE(host_.Readable().rules.empty());
  }

  /// The controller is back.
  void Deliver() {
    for (std::size_t tries = 0; spool_.Depth() > 0 && tries < kMostTries; ++tries) Talk(1);
    EXPECT_EQ(spool_.Depth(), 0U) << "nothing that waited may stay";
  }

  void ExpectAllOnceAndInOrder() const {
    const auto& kept = keeper_.Kept();
    ASSERT_EQ(kept.size(), noted_.size());
    for (std::size_t i = 0; i < kept.size(); ++i) {
      EXPECT_EQ(kept[i].seq, i + 1);
      EXPECT_EQ(kept[i].kind, noted_[i].kind);
      EXPECT_EQ(kept[i].grant, noted_[i].grant);
      EXPECT_EQ(kept[i].at, noted_[i].at);
    }
  }

  void ExpectEachGrantGivenAndEndedOnTime() const {
    for (const Grant& grant : bundle_.grants) {
      for (const EventKind kind : {EventKind::kGrantIntent, EventKind::kGrantActive, EventKind::kGrantEnded}) {
        const auto is_it = [&](const Event& event) { return event.grant == grant.id.Text() && event.kind == kind; };
        const auto found = std::find_if(keeper_.Kept().begin(), keeper_.Kept().end(), is_it);
        ASSERT_EQ(std::count_if(keeper_.Kept().begin(), keeper_.Kept().end(), is_it), 1) << Word(kind) << " of " << grant.id.Text();
        EXPECT_EQ(found->at, kind == EventKind::kGrantEnded ? grant.end : grant.start) << Word(kind);
      }
    }
    EXPECT_GE(depth_at_return_, static_cast<std::uint64_t>(kGrants)) << "each ended while nobody listened";
    EXPECT_GT(power_cuts_, 5);
    EXPECT_GT(lost_, 0);
    EXPECT_GT(doubled_, 0);
  }

 private:
  Grant Draw(int number) {
    const std::string digits = std::to_string(number);
    const std::string id = std::string(20 - digits.size(), '0') + digits;
    const Instant start = kMorning + Seconds{static_cast<std::int64_t>(random_() % 3000)};
    const auto spread = static_cast<std::uint64_t>((kLastEnd - kPresent).count());
    return Grant{.id = GrantId::Parse("g-" + id).value(),
                 .principal = PersonName::Parse("ada").value(),
                 .account = AccountName::Parse("dev1").value(),
                 .uid = std::nullopt,
                 .login = std::nullopt,
                 .sudo = SudoRight{AllCommands{}, AccountName::Parse("root").value(), false},
                 .start = start,
                 .end = kMorning + kPresent + Seconds{1 + static_cast<std::int64_t>(random_() % spread)},
                 .lineage = {},
                 .groups = {},
                 .reason = "simulated",
                 .ticket = {},
                 .request = RequestId::Parse("r-" + id).value(),
                 .request_hash = {},
                 .approvals = {},
                 .critical = {}};
  }

  void Advance(Millis passed) { now_ = Now{now_.utc + passed, now_.boot + passed}; }

  void Note(EventKind kind, const std::string& grant) {
    Event event = DraftEvent(now_.utc, kind, Severity::kInfo, "");
    event.grant = grant;
    noted_.push_back(event);
    spool_.Note(std::move(event));
  }

  /// One turn, and what the host has to tell of it.
  void Turn() {
    std::vector<GrantId> fresh;
    for (const Grant& live : host_.Wanted(now_).live) {
      if (!given_.contains(live.id)) fresh.push_back(live.id);
    }
    for (const auto& id : fresh) Note(EventKind::kGrantIntent, id.Text());
    host_.Turn(now_, 1000);
    std::set<GrantId> there;
    for (const Rule& rule : host_.Readable().rules) there.insert(rule.grant);
    for (const auto& id : fresh) {
      if (there.contains(id) && given_.insert(id).second) Note(EventKind::kGrantActive, id.Text());
    }
    for (const auto& id : given_) {
      if (!there.contains(id) && ended_.insert(id).second) Note(EventKind::kGrantEnded, id.Text());
    }
  }

  void LosePower() {
    ++power_cuts_;
    spool_.LosePower();
    host_.LosePower();
    host_.Turn(now_, 1000);
  }

  /// So many batches on their way, and what comes back: each may be lost (the line breaks), doubled, or late.
  void Talk(int rounds) {
    std::string batch = spool_.Dial();
    for (int round = 0; round < rounds && !batch.empty(); ++round) {
      if (IsLost()) return;
      receipts_.push_back(keeper_.Take(batch));
      ASSERT_FALSE(receipts_.back().empty()) << "the batch does not follow what was kept";
      if (random_() % 4 == 0) {
        receipts_.push_back(keeper_.Take(batch));
        ++doubled_;
      }
      if (IsLost()) return;
      batch = spool_.Hear(receipts_[random_() % receipts_.size()]);
      if (random_() % 2 == 0) batch = spool_.Hear(receipts_.back());
    }
  }

  bool IsLost() {
    const bool lost = random_() % 3 == 0;
    lost_ += lost ? 1 : 0;
    return lost;
  }

  Random random_;
  PrivateKey key_ = PrivateKey::Generate().value();
  PrivateKey audit_ = PrivateKey::Generate().value();
  PrivateKey lease_ = PrivateKey::Generate().value();
  Spool spool_{PrivateKey::FromSeed(audit_.Seed()).value(), lease_.Public()};
  Keeper keeper_{PrivateKey::FromSeed(lease_.Seed()).value(), audit_.Public(), spool_.Host()};
  Host host_{spool_.Host(), RoleTable{1, {{Purpose::kBundle, Role{1, {key_.Public()}}}}, {}}, {{AccountName::Parse("dev1").value(), 1001}}};
  Bundle bundle_{.host = spool_.Host(), .previous = {}, .issued = {}, .grants = {}, .ended = {}, .managed = {{AccountName::Parse("dev1").value(), Gate{true, true}}}};
  Now now_{kMorning, BootInstant{}};
  std::vector<Event> noted_;
  std::set<GrantId> given_;
  std::set<GrantId> ended_;
  std::vector<std::string> receipts_;
  std::uint64_t depth_at_return_ = 0;
  int power_cuts_ = 0;
  int lost_ = 0;
  int doubled_ = 0;
};

TEST(Simulation, H1ADayWithoutTheControllerEndsAllOnTimeAndLosesNoEvent) {
  const char* text = std::getenv("CURFEW_SIMULATION_SEED");  // NOLINT(concurrency-mt-unsafe): one thread
  const std::uint64_t seed = text == nullptr ? std::random_device{}() : std::strtoull(text, nullptr, 10);
  SCOPED_TRACE("replay with CURFEW_SIMULATION_SEED=" + std::to_string(seed));
  Day day(seed);
  day.Pass();
  day.Deliver();
  day.ExpectAllOnceAndInOrder();
  day.ExpectEachGrantGivenAndEndedOnTime();
}

}  // namespace
}  // namespace curfew::simulation
