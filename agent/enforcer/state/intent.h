// SPDX-License-Identifier: Apache-2.0
// Before a gift its intent is durable: who is about to be given what, by which bundle.
#pragma once

#include <vector>

#include "agent/enforcer/state/in_force.h"

namespace curfew {

/// The grants of `bundle` that were never intended here and are not over.
struct NotIntended {
  std::vector<GrantId> timely;
  std::vector<GrantId> late;  ///< when they came it was too late to begin: over here for good
};
/// `time` is the mark after that bundle, which may take back what is known.
[[nodiscard]] NotIntended FindNotIntended(const InForce& in_force, const Bundle& bundle, const TimeMark& time, const Now& now);

/// A grant-intent event and a line in the table for each.
void AddIntents(Record& record, const Bundle& bundle, const std::vector<GrantId>& grants, Instant now);

/// An end and a grant-failed event for each that came too late.
void AddLate(Record& record, const Bundle& bundle, const std::vector<GrantId>& grants, Instant now);

/// The record is durable. Grants that the bundle in force does not list are left out.
void RememberIntents(InForce& in_force, const std::vector<GrantId>& grants);

/// What a grant allows, in words for an event.
[[nodiscard]] std::string WordsFor(const Grant& grant);

}  // namespace curfew
