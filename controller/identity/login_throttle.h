// SPDX-License-Identifier: Apache-2.0
// Who may try to log in now. MUST let nobody guess for ever, and let nobody's guessing keep others out: failures cost a
// name and a network their haste, but a name where it was right before pays for its own failures there only. Takes its
// time as a value, of the clock that nobody sets; what it remembers is bounded and is in memory only.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "core/names.h"
#include "core/time.h"

namespace curfew {

class LoginThrottle {
 public:
  /// A log-in under way, and who pays for it.
  struct Attempt {
    PersonName name;
    std::string network;
    bool at_home = false;  ///< the name was right from this network before
  };

  /// Go on, and say what came of it (Finished). Else: not before so long.
  [[nodiscard]] tl::expected<Attempt, Seconds> Begin(const PersonName& name, const std::string& address, BootInstant now);
  /// `right`: nullopt when nobody could find out.
  void Finished(const Attempt& attempt, std::optional<bool> right, BootInstant now);

  /// How many names, networks and pairs of both are remembered.
  [[nodiscard]] std::size_t Remembered() const {
    return names_.size() + networks_.size() + homes_.size() + known_.size();
  }

  static constexpr std::size_t kMostPlaces = 32;
  static constexpr std::size_t kPlacesForDebtors = 16;
  static constexpr std::size_t kPlacesForHome = 8;  ///< more, for names where they were right before
  static constexpr std::size_t kMostOfOneNetwork = 8;
  static constexpr std::size_t kMostOfOneName = 2;
  static constexpr std::size_t kMostRemembered = 4096;

 private:
  /// Failures that were not waited off yet.
  struct Debt {
    double owed = 0;
    BootInstant since{};
    std::size_t under_way = 0;
  };
  struct Terms {
    double free;     ///< failures that cost nothing
    double seconds;  ///< to wait one off
    std::size_t most_at_once;
  };
  using Debts = std::map<std::string, Debt>;
  /// One who pays: the name, the network, or the name at home.
  struct Payer {
    Debts& debts;
    std::string key;
    const Terms& terms;
  };

  static constexpr Terms kName{5, 30, kMostOfOneName};
  static constexpr Terms kNetwork{20, 6, kMostOfOneNetwork};
  static constexpr Terms kHome{10, 15, kMostOfOneName};

  [[nodiscard]] std::vector<Payer> PayersOf(const Attempt& attempt);
  static double Owed(const Debt& debt, const Terms& terms, BootInstant now);
  static Seconds Wait(double owed, const Terms& terms);
  static void Count(const Payer& payer, bool wrong, BootInstant now);
  static void MakeRoom(Debts& debts, const Terms& terms, BootInstant now);

  Debts names_;
  Debts networks_;
  Debts homes_;                           ///< by name and network that were right together before
  std::map<std::string, BootInstant> known_;  ///< those pairs, and when last
  std::size_t under_way_ = 0;
};

/// From where the outcome of an attempt is looked for: its place is given back whatever happens there.
class LoginEnding {
 public:
  LoginEnding(LoginThrottle& throttle, LoginThrottle::Attempt attempt, BootInstant now)
      : throttle_(throttle), attempt_(std::move(attempt)), now_(now) {}
  LoginEnding(const LoginEnding&) = delete;
  LoginEnding& operator=(const LoginEnding&) = delete;
  ~LoginEnding() { throttle_.Finished(attempt_, right_, now_); }
  void Found(bool right) { right_ = right; }

 private:
  LoginThrottle& throttle_;
  LoginThrottle::Attempt attempt_;
  BootInstant now_;
  std::optional<bool> right_;
};

}  // namespace curfew
