// SPDX-License-Identifier: Apache-2.0
// Each failure is one owed; time pays. A name's debt does not count where that name was right before: otherwise a
// stranger could keep a person out by failing in their name.
#include "controller/identity/login_throttle.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace curfew {
namespace {

constexpr Seconds kBusy{1};

std::string Pair(const PersonName& name, const std::string& network) { return name.Text() + " " + network; }

template <class Entries, class Less>
void DropLeast(Entries& entries, Less less) {
  if (!entries.empty()) entries.erase(std::min_element(entries.begin(), entries.end(), less));
}

}  // namespace

std::string NetworkOf(std::string_view address) {
  std::array<unsigned char, 16> bytes{};
  const std::string text(address.substr(0, address.find('%')));
  if (::inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return text;
  // An IPv4 address as an IPv6 socket shows it (RFC 4291 2.5.5.2).
  constexpr std::array<unsigned char, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  const bool mapped = std::equal(kMapped.begin(), kMapped.end(), bytes.begin());
  if (!mapped) std::fill(bytes.begin() + 8, bytes.end(), 0);
  std::array<char, INET6_ADDRSTRLEN> shown{};
  const void* from = mapped ? bytes.data() + kMapped.size() : bytes.data();
  return ::inet_ntop(mapped ? AF_INET : AF_INET6, from, shown.data(), shown.size()) == nullptr ? text : std::string(shown.data());
}

double LoginThrottle::Owed(const Debt& debt, const Terms& terms, Instant now) {
  const double passed = std::max(0.0, std::chrono::duration<double>(now - debt.since).count());
  return std::max(0.0, debt.owed - passed / terms.seconds);
}

LoginThrottle::Debt LoginThrottle::DebtOf(const Debts& debts, const std::string& key) {
  const auto found = debts.find(key);
  return found == debts.end() ? Debt{} : found->second;
}

Seconds LoginThrottle::Wait(double owed, const Terms& terms) {
  if (owed < terms.free) return Seconds{0};
  return Seconds{static_cast<std::int64_t>(std::floor((owed - terms.free) * terms.seconds)) + 1};
}

std::optional<Seconds> LoginThrottle::Begin(const PersonName& name, const std::string& address, Instant now) {
  const std::string network = NetworkOf(address);
  const bool at_home = known_.contains(Pair(name, network));
  const Debt of_name = DebtOf(names_, name.Text());
  const Debt of_network = DebtOf(networks_, network);
  const double by_name = at_home ? 0 : Owed(of_name, kName, now);
  const double by_network = Owed(of_network, kNetwork, now);
  const Seconds wait = std::max(Wait(by_name, kName), Wait(by_network, kNetwork));
  if (wait > Seconds{0}) return wait;
  const bool owes = by_name >= 1 || by_network >= 1;
  if (under_way_ >= (owes ? kPlacesForDebtors : kMostPlaces)) return kBusy;
  if (of_network.under_way >= kMostOfOneNetwork || of_name.under_way >= kMostOfOneName) return kBusy;
  MakeRoom(names_, kName, now);
  MakeRoom(networks_, kNetwork, now);
  ++names_[name.Text()].under_way;
  ++networks_[network].under_way;
  ++under_way_;
  return std::nullopt;
}

void LoginThrottle::Finished(const PersonName& name, const std::string& address, bool right, Instant now) {
  const std::string network = NetworkOf(address);
  Count(names_, name.Text(), kName, right, now);
  Count(networks_, network, kNetwork, right, now);
  --under_way_;
  if (!right) return;
  if (known_.size() >= kMostRemembered) DropLeast(known_, [](const auto& a, const auto& b) { return a.second < b.second; });
  known_[Pair(name, network)] = now;
}

void LoginThrottle::Count(Debts& debts, const std::string& key, const Terms& terms, bool right, Instant now) {
  Debt& debt = debts[key];
  debt.owed = Owed(debt, terms, now) + (right ? 0 : 1);
  debt.since = now;
  --debt.under_way;
  if (debt.owed <= 0 && debt.under_way == 0) debts.erase(key);
}

// What is under way stays: its end is counted against it.
void LoginThrottle::MakeRoom(Debts& debts, const Terms& terms, Instant now) {
  if (debts.size() < kMostRemembered) return;
  std::erase_if(debts, [&](const auto& entry) { return entry.second.under_way == 0 && Owed(entry.second, terms, now) <= 0; });
  if (debts.size() < kMostRemembered) return;
  const auto left = [&](const auto& entry) { return entry.second.under_way > 0 ? HUGE_VAL : Owed(entry.second, terms, now); };
  DropLeast(debts, [&](const auto& a, const auto& b) { return left(a) < left(b); });
}

}  // namespace curfew
