// SPDX-License-Identifier: Apache-2.0
// Who may try to log in now. MUST let nobody guess for ever, and let nobody's guessing keep others out: failures cost a
// name and a network their haste, and half of the places to hash are kept for those who owe none. Takes its time as a
// value; what it remembers is bounded and is in memory only.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/names.h"
#include "core/time.h"

namespace curfew {

/// The part of an address that one person can be held to: all of IPv4, the first 64 bits of IPv6.
[[nodiscard]] std::string NetworkOf(std::string_view address);

class LoginThrottle {
 public:
  /// Nothing = go on, and say what came of it (Finished). Else: not before so long.
  [[nodiscard]] std::optional<Seconds> Begin(const PersonName& name, const std::string& address, Instant now);
  void Finished(const PersonName& name, const std::string& address, bool right, Instant now);

  /// How many names, networks and pairs of both are remembered.
  [[nodiscard]] std::size_t Remembered() const { return names_.size() + networks_.size() + known_.size(); }

  static constexpr std::size_t kMostPlaces = 32;
  static constexpr std::size_t kPlacesForDebtors = 16;
  static constexpr std::size_t kMostOfOneNetwork = 8;
  static constexpr std::size_t kMostOfOneName = 2;
  static constexpr std::size_t kMostRemembered = 4096;

 private:
  /// Failures that were not waited off yet.
  struct Debt {
    double owed = 0;
    Instant since{};
    std::size_t under_way = 0;
  };
  struct Terms {
    double free;     ///< failures that cost nothing
    double seconds;  ///< to wait one off
  };
  using Debts = std::map<std::string, Debt>;

  static constexpr Terms kName{5, 30};
  static constexpr Terms kNetwork{20, 6};

  static double Owed(const Debt& debt, const Terms& terms, Instant now);
  static Debt DebtOf(const Debts& debts, const std::string& key);
  static Seconds Wait(double owed, const Terms& terms);
  static void Count(Debts& debts, const std::string& key, const Terms& terms, bool right, Instant now);
  static void MakeRoom(Debts& debts, const Terms& terms, Instant now);

  Debts names_;
  Debts networks_;
  std::map<std::string, Instant> known_;  ///< name and network that were right together, and when last
  std::size_t under_way_ = 0;
};

}  // namespace curfew
