// SPDX-License-Identifier: Apache-2.0
// Random histories of one host and a hostile network, from one seed: bundles come late, twice and out of order, the
// power fails between any two actions, the clock runs on. After every step the invariants of promise P1 and P2 hold, and in
// every world access was given and taken back. CURFEW_SIMULATION_SEED and CURFEW_SIMULATION_STEPS replay or lengthen a run.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <random>

#include "core/codec.h"
#include "tests/simulation/simulated_host.h"

namespace curfew::simulation {
namespace {

using Random = std::mt19937_64;

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): one thread
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// The truth about one grant, kept apart from the core that is under test.
struct Truth {
  Instant start;
  Instant end;
  std::uint64_t revoked_by = 0;  ///< first bundle version that says it ended; 0 = never revoked
};

/// The controller's side: it knows every grant it ever gave and what it took back.
class Signer {
 public:
  Signer(PrivateKey key, HostId host) : key_(std::move(key)), host_(host) { bundle_.host = host; }

  void Give(Random& random, Instant now) {
    std::string id = "g-";
    for (int i = 0; i < 20; ++i) id += "0123456789abcdefghijklmnopqrstuvwxyz"[random() % 36];
    const auto account = AccountName::Parse(random() % 2 == 0 ? "dev1" : "dev2").value();
    const Instant start = FromUnixSeconds(UnixSeconds(now) + static_cast<std::int64_t>(random() % 5));
    Grant grant{.id = GrantId::Parse(id).value(),
                .principal = PersonName::Parse("ada").value(),
                .account = account,
                .uid = std::nullopt,
                .login = std::nullopt,
                .sudo = SudoRight{AllCommands{}, AccountName::Parse("root").value(), false},
                .start = start,
                .end = start + Seconds{1 + static_cast<std::int64_t>(random() % 60)},
                .lineage = {},
                .groups = {},
                .reason = "simulated",
                .ticket = {},
                .request = RequestId::Parse("r-" + id.substr(2)).value(),
                .request_hash = {},
                .approvals = {},
                .critical = {}};
    truths_[grant.id] = Truth{grant.start, grant.end};
    bundle_.grants.push_back(std::move(grant));
  }

  void TakeBack(Random& random, Instant now) {
    if (bundle_.grants.empty()) return;
    const std::size_t index = random() % bundle_.grants.size();
    const Grant& grant = bundle_.grants[index];
    // A bundle that names an end twice is none: every later one of this world would be refused.
    const auto is_this = [&](const Tombstone& tombstone) { return tombstone.grant == grant.id; };
    if (std::any_of(bundle_.ended.begin(), bundle_.ended.end(), is_this)) return;
    bundle_.ended.push_back(Tombstone{grant.id, FromUnixSeconds(UnixSeconds(now)), grant.end + Seconds{60}, "revoked"});
    Truth& truth = truths_[grant.id];
    if (truth.revoked_by == 0) truth.revoked_by = bundle_.version + 1;
  }

  [[nodiscard]] const std::map<GrantId, Truth>& Truths() const { return truths_; }

  std::string Publish(Instant now) {
    ++bundle_.version;
    bundle_.issued = now;
    bundle_.managed = {{AccountName::Parse("dev1").value(), Gate{true, true}},
                       {AccountName::Parse("dev2").value(), Gate{true, true}}};
    const std::string body = EncodeBundle(bundle_);
    std::string sealed = Seal(Purpose::kBundle, body, key_).value();
    bundle_.previous = SignedHash(Purpose::kBundle, body);
    std::erase_if(bundle_.grants, [&](const Grant& grant) { return grant.end + Seconds{60} < now; });
    std::erase_if(bundle_.ended, [&](const Tombstone& tombstone) { return tombstone.until < now; });
    return sealed;
  }

 private:
  PrivateKey key_;
  HostId host_;
  Bundle bundle_;
  std::map<GrantId, Truth> truths_;
};

/// Every rule in the files is of a grant whose intent is durable; one that is new is live; after a whole turn of the
/// loop each is live and not revoked by the bundle in force.
void CheckInvariants(const Host& host, const Now& now, const std::map<GrantId, Truth>& truths,
                     const std::set<GrantId>& before, bool settled) {
  const std::uint64_t in_force = host.Mark() ? host.Mark()->version : 0;
  for (const Rule& rule : host.Readable().rules) {
    EXPECT_TRUE(host.Intended().contains(rule.grant)) << "I1: a rule without a durable intent";
    const Truth& truth = truths.at(rule.grant);
    const bool live = truth.start <= now.utc && now.utc < truth.end;
    const bool revoked = truth.revoked_by != 0 && truth.revoked_by <= in_force;
    EXPECT_TRUE((live && !revoked) || before.contains(rule.grant)) << "I1: a rule was given that nobody wanted";
    EXPECT_TRUE((live && !revoked) || !settled) << "I2: a rule outlived its grant";
  }
}

std::set<GrantId> Rules(const Host& host) {
  std::set<GrantId> ids;
  for (const Rule& rule : host.Readable().rules) ids.insert(rule.grant);
  return ids;
}

struct World {
  explicit World(Random& seeded) : random(seeded) {}

  Random& random;
  PrivateKey key = PrivateKey::Generate().value();
  HostId id = HostId::FromBytes(Sha256("host1").Raw()).value();
  Host host{id, RoleTable{1, {{Purpose::kBundle, Role{1, {key.Public()}}}}, {}},
            {{AccountName::Parse("dev1").value(), 1001}, {AccountName::Parse("dev2").value(), 1002}}};
  Signer signer{PrivateKey::FromSeed(key.Seed()).value(), id};
  std::vector<std::string> published;
  std::set<GrantId> given;  ///< whose rule was seen in the files: a world that saw none proved nothing
  std::set<GrantId> ended;  ///< whose rule was seen, and then not, though the power had not failed
  Now now{FromUnixSeconds(1'800'000'000), BootInstant{}};

  /// One thing happens to the world.
  void Step() {
    const std::set<GrantId> before = Rules(host);
    bool settled = false;
    switch (random() % 12) {
      case 0: signer.Give(random, now.utc); break;
      case 1: signer.TakeBack(random, now.utc); break;
      case 2:
      case 3: {
        signer.Give(random, now.utc);
        published.push_back(signer.Publish(now.utc));
        const auto refused = host.Offer(published.back(), now);
        EXPECT_FALSE(refused.has_value()) << "the newest was refused: " << refused->detail;
        break;
      }
      case 4: published.push_back(signer.Publish(now.utc)); break;
      case 5: if (!published.empty()) OfferAny(); break;
      case 6: host.Turn(now, random() % 6); break;
      case 7: return host.LosePower();
      default: {
        const Millis passed{random() % 4000};
        now = Now{now.utc + passed, now.boot + passed};
        host.Turn(now, 1000);
        settled = true;
      }
    }
    CheckInvariants(host, now, signer.Truths(), before, settled);
    const std::set<GrantId> after = Rules(host);
    given.insert(after.begin(), after.end());
    std::set_difference(before.begin(), before.end(), after.begin(), after.end(), std::inserter(ended, ended.end()));
  }

  /// The network is hostile: the newest, an old one, or one with a byte changed.
  void OfferAny() {
    const auto mark = host.Mark();
    std::string sealed = random() % 2 == 0 ? published.back() : published[random() % published.size()];
    const bool harmed = random() % 8 == 0;
    if (harmed) sealed[random() % sealed.size()] ^= static_cast<char>(1U << (random() % 8));
    const auto refused = host.Offer(sealed, now);
    if (harmed) {
      EXPECT_TRUE(refused.has_value()) << "a changed byte was accepted";
    }
    if (mark && host.Mark()) {
      EXPECT_GE(host.Mark()->version, mark->version) << "the version went back";
    }
  }
};

TEST(Simulation, InvariantsHoldAfterEveryStep) {
  const std::uint64_t seed = FromEnvironment("CURFEW_SIMULATION_SEED", std::random_device{}());
  const std::uint64_t steps = FromEnvironment("CURFEW_SIMULATION_STEPS", 6000);
  SCOPED_TRACE("replay with CURFEW_SIMULATION_SEED=" + std::to_string(seed));
  Random random(seed);
  for (std::uint64_t done = 0; done < steps && !testing::Test::HasFailure(); done += 500) {
    World world(random);
    for (int step = 0; step < 500 && !testing::Test::HasFailure(); ++step) world.Step();
    EXPECT_GT(world.given.size(), 20U) << "hardly any access was ever given";
    EXPECT_GT(world.ended.size(), 20U) << "hardly any access was ever taken back";
  }
}

}  // namespace
}  // namespace curfew::simulation
