// SPDX-License-Identifier: Apache-2.0
// The words that scripts match: all of them, each its own, spelled as INTERFACES has them.
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "core/event.h"
#include "core/names.h"
#include "core/verdict.h"

namespace curfew::test {
namespace {

TEST(Words, EventKindsAreThoseOfTheInterfacePage) {
  const std::string listed =
      "enrolled, bundle-accepted, reject, rollback, equivocation, over-ceiling, stale, grant-intent, grant-active, grant-ended, "
      "grant-failed, session-opened, session-warned, session-ended, frozen, thawed, residual, drift, repaired, taint, receipt, "
      "heartbeat, recovered, clock-step, highest-time, capsule-tried, capsule-used, denied, spool-full, unknown-outcome";
  std::string ours;
  for (int kind = 1; kind <= static_cast<int>(EventKind::kUnknownOutcome); ++kind) {
    if (!ours.empty()) ours += ", ";
    ours += Word(static_cast<EventKind>(kind));
  }
  EXPECT_EQ(ours, listed);
}

TEST(Words, EachReasonHasItsOwn) {
  std::set<std::string> words;
  for (int reason = 0; reason <= static_cast<int>(Reason::kBusy); ++reason) words.insert(Word(static_cast<Reason>(reason)));
  EXPECT_EQ(words.size(), static_cast<std::size_t>(Reason::kBusy) + 1);
  EXPECT_EQ(std::string(Word(Reason::kRollback)), "rollback");
  EXPECT_EQ(std::string(Word(Reason::kOverCeiling)), "over-ceiling");
}

TEST(Words, Severities) {
  EXPECT_EQ(std::string(Word(Severity::kInfo)) + Word(Severity::kWarning) + Word(Severity::kAlarm), "infowarningalarm");
}

}  // namespace
}  // namespace curfew::test
