// SPDX-License-Identifier: Apache-2.0
// The two ends of a record: the host's real spool (state file, journal, batches, intake) and somebody who keeps what it
// sends as the controller does. What is between them is the test's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/event.h"
#include "core/signature.h"

namespace curfew::simulation {

class Spool {
 public:
  /// Seals with `audit`; believes receipts that `lease` signed.
  Spool(PrivateKey audit, const PublicKey& lease);
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;
  ~Spool();

  /// It is on the disk when this comes back.
  void Note(Event event);
  /// All that is not on the disk is gone.
  void LosePower();
  /// A link came anew. Gives the sealed batch that it gets, or nothing where none waits.
  [[nodiscard]] std::string Dial();
  /// A sealed receipt arrived. Gives the batch that follows, or nothing.
  [[nodiscard]] std::string Hear(const std::string& sealed);
  [[nodiscard]] std::uint64_t Depth() const;
  [[nodiscard]] HostId Host() const { return host_; }

 private:
  struct Life;
  void Begin();
  std::string folder_ = "/dev/shm/curfew-day-XXXXXX";
  std::shared_ptr<const PrivateKey> audit_;
  PublicKey lease_;
  HostId host_;
  std::unique_ptr<Life> life_;
};

class Keeper {
 public:
  Keeper(PrivateKey lease, const PublicKey& audit, HostId host) : lease_(std::move(lease)), audit_(audit), host_(host) {}
  /// Keeps what is new of a batch and gives the sealed receipt; nothing when the batch does not follow what it has.
  [[nodiscard]] std::string Take(const std::string& sealed);
  [[nodiscard]] const std::vector<Event>& Kept() const { return kept_; }

 private:
  PrivateKey lease_;
  PublicKey audit_;
  HostId host_;
  std::vector<Event> kept_;
};

}  // namespace curfew::simulation
