// SPDX-License-Identifier: Apache-2.0
// A bundle: the whole desired state of one host. State, not changes: any bundle can be applied over any other.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/grant.h"
#include "core/names.h"
#include "core/time.h"

namespace curfew {

inline constexpr std::uint32_t kFormat = 1;  ///< the bundle format that this build writes and reads

/// A grant that ended before its time; kept until `until` so that no older bundle revives it.
struct Tombstone {
  GrantId grant;
  Instant ended;
  Instant until;
  std::string cause;  ///< "revoked", "returned", "failed", "expired", "condition"
  bool operator==(const Tombstone&) const = default;
};

/// Which ways into an account Curfew guards.
struct Gate {
  bool login = false;
  bool sudo = false;
  auto operator<=>(const Gate&) const = default;
};

/// An account that can only be entered with a grant. Uid is checked against the host's user database before use.
struct ManagedAccount {
  AccountName name;
  Gate gate;
  bool operator==(const ManagedAccount&) const = default;
};

struct Bundle {
  std::uint32_t format = kFormat;
  HostId host;
  std::uint64_t epoch = 0;
  std::uint64_t version = 0;
  ContentHash previous;  ///< SignedHash of the bundle before; compared only at version = ours + 1
  Instant issued;
  std::vector<Grant> grants;
  std::vector<Tombstone> ended;
  std::vector<ManagedAccount> managed;
  bool operator==(const Bundle&) const = default;
};

/// The grant of that id in the bundle; nullptr where it is not.
[[nodiscard]] const Grant* FindGrant(const Bundle& bundle, const GrantId& id);

/// An early end that does not need a readable bundle: a fixed frame, frozen for ever.
struct Revocation {
  HostId host;
  GrantId grant;
  Instant at;
  Instant until;  ///< how long to remember it
  bool operator==(const Revocation&) const = default;
};

/// A process that outlived its grant and was found, but not ended.
struct Survivor {
  std::int32_t pid = 0;
  Uid uid = 0;
  std::string command;
  std::string unit;
  bool operator==(const Survivor&) const = default;
};

/// "Grant G ended at T; I looked": what the host saw after an end.
struct Receipt {
  HostId host;
  GrantId grant;
  Instant ended;
  Instant looked;
  std::string cause;
  bool rule_gone = false;
  bool key_gone = false;
  std::vector<Survivor> survivors;
  bool operator==(const Receipt&) const = default;
};

}  // namespace curfew
