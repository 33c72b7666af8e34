// SPDX-License-Identifier: Apache-2.0
// Small random worlds for the laws: few accounts, people, keys, commands and hours, so that everything meets
// everything.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "core/desired.h"
#include "core/plan.h"

namespace curfew::test {

/// A source of choices: rapidcheck's, which shrinks a failing world, or a seeded engine's for the long sweeps.
class Dice {
 public:
  explicit Dice(std::function<std::size_t(std::size_t)> roll) : roll_(std::move(roll)) {}
  [[nodiscard]] static Dice Seeded(std::uint64_t seed);
  /// A number in [0, below).
  std::size_t Roll(std::size_t below) { return roll_(below); }
  bool OneIn(std::size_t count) { return Roll(count) == 0; }
  template <class Value>
  const Value& Pick(const std::vector<Value>& values) {
    return values[Roll(values.size())];
  }

 private:
  std::function<std::size_t(std::size_t)> roll_;
};

[[nodiscard]] AccountName Account(std::string_view name);
[[nodiscard]] PersonName Person(std::string_view name);
[[nodiscard]] HostName Host(std::string_view name);
[[nodiscard]] GrantId Id(std::size_t number);
[[nodiscard]] Command Cmd(const std::vector<std::string>& argv);
[[nodiscard]] LoginKey Key(std::size_t number);
[[nodiscard]] SudoRight SudoAll();
[[nodiscard]] SudoRight SudoFor(std::vector<Command> commands);

/// 2026-11-22T00:00:00Z and `hours` more.
[[nodiscard]] Instant Hour(std::int64_t hours);

/// A grant of dev1 on account dev1 for [0 h, 4 h) with login by Key(number) and every sudo command.
[[nodiscard]] Grant MakeGrant(std::size_t number);

[[nodiscard]] const std::vector<AccountName>& Accounts();
[[nodiscard]] Bundle EmptyBundle();
[[nodiscard]] Grant RandomGrant(Dice& dice, const GrantId& id);
/// A rule of random words, users, runas and time, not out of a small pool.
[[nodiscard]] Rule RandomRule(Dice& dice, std::size_t number);
/// Up to `most` grants with distinct ids out of Id(0…), some ended, some accounts managed.
[[nodiscard]] Bundle RandomBundle(Dice& dice, std::size_t most);
[[nodiscard]] HostFacts RandomFacts(Dice& dice, const Bundle& bundle);
[[nodiscard]] Now RandomNow(Dice& dice);

/// The host as it is when `desired` has been applied, without sessions.
[[nodiscard]] Actual AppliedState(const Desired& desired, Instant at);
/// Sessions under some of the live and past grants, and one of a grant that nobody knows.
[[nodiscard]] std::vector<Session> RandomSessions(Dice& dice, const Desired& desired);
/// What another bundle left behind, with lines lost, files foreign, and some assurances given.
[[nodiscard]] Actual RandomActual(Dice& dice, const Desired& desired, const Desired& other, Instant at);
[[nodiscard]] Assured RandomAssured(Dice& dice, const Desired& desired, const Actual& actual);

/// How many times a sweep runs: `modest`, or `many` when CURFEW_LONG is 1 (./check --long).
[[nodiscard]] std::size_t Sweep(std::size_t modest, std::size_t many);
/// CURFEW_SEED, or a new one; printed, so that a failure can be had again.
[[nodiscard]] std::uint64_t SweepSeed();

/// Sets rapidcheck's count and seed from the two above, once, before its first property.
void SetLawParameters();

}  // namespace curfew::test
