// SPDX-License-Identifier: Apache-2.0
// What is: our files as they stand, read back into values. What is not exactly ours is said, never followed, and leaves
// the plan to write it anew.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/enforcer/host/ground.h"
#include "core/plan.h"
#include "core/sudoers.h"

namespace curfew {

/// A name in one of our folders that we never gave.
struct Stranger {
  std::string folder;
  std::string name;
};

struct Observation {
  Actual actual;
  std::map<AccountName, std::string> banners;
  std::vector<Stranger> strangers;
  std::set<AccountName> unbound;  ///< accounts whose logins sshd does not leave to us yet
  std::vector<Finding> findings;
  bool managed_missing = false;
  bool readable = true;  ///< false when a folder could not be opened or put right: what is there is not known
};

/// What changed since we left it, though it still reads like ours (a rule less, an emptied list). What is past its time may
/// have been taken by the reaper.
void CompareWithLeft(const Actual& left, const Paths& paths, Observation& seen);

/// `sessions` is the book's; all else is read.
[[nodiscard]] Observation Observe(const Ground& ground, const SudoTraits& traits, std::vector<Session> sessions, Instant now);

}  // namespace curfew
