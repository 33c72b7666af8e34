// SPDX-License-Identifier: Apache-2.0
// What is written down durably, as values: a Record is one thing that holds wholly or not at all.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/accept.h"
#include "core/bundle.h"
#include "core/event.h"
#include "core/signed_time.h"

namespace curfew {

/// How far a grant has come on this host. Numbers are on the disk.
enum class Reached : std::uint8_t {
  kIntended = 1,  ///< a durable grant-intent exists
  kFailed = 2,    ///< it could not be given here, and the controller was told
  kActive = 3,    ///< rule and keys were seen in place
  kEnded = 4,     ///< taken away; not looked at yet
  kProved = 5,    ///< a receipt is in the spool
};

/// A grant that this host knows of, whatever the bundle says by now.
struct KnownGrant {
  GrantId id;
  AccountName account;
  Uid uid = 0;  ///< 0 until it was looked up
  bool login = false;
  bool sudo = false;
  std::string request;
  std::string actor;
  Instant end;
  Reached reached = Reached::kIntended;
  Instant ended{};
  std::string cause;
  std::optional<SudoRight> right{};  ///< as the bundle said it; not on the disk
};

/// An end outlives its grant by this much, so that no bundle of before revives it, whatever a clock says.
inline constexpr Seconds kRemember{7 * 86400};

/// An end that holds here, however old a bundle is or the clock is set.
struct EndedGrant {
  GrantId id;
  Instant until;
  std::string cause;  ///< empty: by a revocation, which says no more
};

struct SealedBundle {
  std::string sealed;
  BundleMark mark;
};

/// Where the spool stands.
struct SpoolMark {
  std::uint64_t seq = 0;
  ContentHash head;
  std::uint64_t depth = 0;
};

/// One thing to be made durable. Events get number, boot and chain when they are written.
struct Record {
  std::vector<Event> events;
  std::optional<std::string> roles;  ///< sealed
  std::optional<SealedBundle> bundle;
  std::vector<KnownGrant> known;
  std::vector<EndedGrant> ended;
  std::vector<GrantId> forgotten;    ///< known and ended no more
  std::optional<std::uint64_t> delivered;  ///< events up to this one are the controller's now
  std::optional<SpoolMark> kept;           ///< what the controller holds of a life of this host that was forgotten here
  std::optional<TimeMark> time;            ///< the signed times, one of them heard in this boot
};

/// What the disk held at start.
struct Remembered {
  std::optional<std::string> roles;
  std::optional<SealedBundle> bundle;
  std::map<GrantId, KnownGrant> known;
  std::map<GrantId, EndedGrant> ended;
  SpoolMark spool;
  TimeMark time;
};

}  // namespace curfew
