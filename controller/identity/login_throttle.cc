// SPDX-License-Identifier: Apache-2.0
// Each failure is one owed; time pays. Where a name was right before neither the name's nor the network's debt counts:
// otherwise a stranger could keep a person out by failing in their name, and a neighbour by failing in anybody's.
#include "controller/identity/login_throttle.h"

#include <algorithm>
#include <cmath>

#include "controller/identity/network.h"

namespace curfew {
namespace {

constexpr Seconds kBusy{1};

std::string Pair(const PersonName& name, const std::string& network) { return name.Text() + " " + network; }

template <class Entries, class Less>
void DropLeast(Entries& entries, Less less) {
  if (!entries.empty()) entries.erase(std::min_element(entries.begin(), entries.end(), less));
}

}  // namespace

double LoginThrottle::Owed(const Debt& debt, const Terms& terms, BootInstant now) {
  const double passed = std::chrono::duration<double>(now - debt.since).count();
  return std::max(0.0, debt.owed - passed / terms.seconds);
}

Seconds LoginThrottle::Wait(double owed, const Terms& terms) {
  if (owed < terms.free) return Seconds{0};
  return Seconds{static_cast<std::int64_t>(std::floor((owed - terms.free) * terms.seconds)) + 1};
}

std::vector<LoginThrottle::Payer> LoginThrottle::PayersOf(const Attempt& attempt) {
  if (attempt.at_home) return {{homes_, Pair(attempt.name, attempt.network), kHome}};
  return {{names_, attempt.name.Text(), kName}, {networks_, attempt.network, kNetwork}};
}

tl::expected<LoginThrottle::Attempt, Seconds> LoginThrottle::Begin(const PersonName& name, const std::string& address,
                                                                   BootInstant now) {
  const std::string network = NetworkOf(address);
  Attempt attempt{name, network, known_.contains(Pair(name, network))};
  const auto payers = PayersOf(attempt);
  Seconds wait{0};
  bool owes = false;
  bool crowded = false;
  for (const auto& payer : payers) {
    const auto found = payer.debts.find(payer.key);
    const Debt debt = found == payer.debts.end() ? Debt{} : found->second;
    const double owed = Owed(debt, payer.terms, now);
    wait = std::max(wait, Wait(owed, payer.terms));
    owes = owes || owed >= 1;
    crowded = crowded || debt.under_way >= payer.terms.most_at_once;
  }
  if (wait > Seconds{0}) return tl::unexpected(wait);
  const std::size_t places = attempt.at_home ? kMostPlaces + kPlacesForHome : kMostPlaces;
  if (crowded || under_way_ >= (owes ? kPlacesForDebtors : places)) return tl::unexpected(kBusy);
  for (const auto& payer : payers) {
    MakeRoom(payer.debts, payer.terms, now);
    ++payer.debts[payer.key].under_way;
  }
  ++under_way_;
  return attempt;
}

void LoginThrottle::Finished(const Attempt& attempt, std::optional<bool> right, BootInstant now) {
  for (const auto& payer : PayersOf(attempt)) Count(payer, right == false, now);
  --under_way_;
  if (!right.value_or(false)) return;
  if (known_.size() >= kMostRemembered)
    DropLeast(known_, [](const auto& a, const auto& b) { return a.second < b.second; });
  known_[Pair(attempt.name, attempt.network)] = now;
}

void LoginThrottle::Count(const Payer& payer, bool wrong, BootInstant now) {
  Debt& debt = payer.debts[payer.key];
  debt.owed = Owed(debt, payer.terms, now) + (wrong ? 1 : 0);
  debt.since = now;
  --debt.under_way;
  if (debt.owed <= 0 && debt.under_way == 0) payer.debts.erase(payer.key);
}

// What is under way stays: its end is counted against it.
void LoginThrottle::MakeRoom(Debts& debts, const Terms& terms, BootInstant now) {
  if (debts.size() < kMostRemembered) return;
  std::erase_if(debts,
                [&](const auto& entry) { return entry.second.under_way == 0 && Owed(entry.second, terms, now) <= 0; });
  if (debts.size() < kMostRemembered) return;
  const auto left = [&](const auto& entry) {
    return entry.second.under_way > 0 ? HUGE_VAL : Owed(entry.second, terms, now);
  };
  DropLeast(debts, [&](const auto& a, const auto& b) { return left(a) < left(b); });
}

}  // namespace curfew
