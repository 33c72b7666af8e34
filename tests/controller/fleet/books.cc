// SPDX-License-Identifier: Apache-2.0
// Verify, decode, keep, seal a receipt: the controller's own steps without its database.
#include "tests/controller/fleet/books.h"

namespace curfew::test {

Verdict<TakenBatch> Books::Refuse(Reason reason) {
  refused.push_back(reason);
  return Deny{reason, "test"};
}

Verdict<TakenBatch> Books::TakeBatch(const HostId& host, std::string_view sealed) {
  const Role role{1, {audit_.Public()}};
  const auto verified = Verify(sealed, Purpose::kEvents, role);
  if (const Deny* deny = Denied(verified)) return Refuse(deny->reason);
  const auto batch = DecodeEventBatch(std::get<Verified>(verified));
  if (!batch) return Refuse(Reason::kMalformed);
  if (batch->host != host) return Refuse(Reason::kOtherHost);
  const std::size_t before = kept.size();
  for (const auto& event : batch->events) {
    // What was sent again, because its receipt was lost, is kept once.
    if (kept.empty() || event.seq > kept.back().seq) kept.push_back(event);
  }
  const Delivered delivered{host, kept.back().seq, HashEvent(kept.back()), Instant{Millis{1000}}};
  return TakenBatch{Seal(Purpose::kDelivered, EncodeDelivered(delivered), lease_).value(), kept.size() > before};
}

std::string Books::BatchBy(const PrivateKey& key, const HostId& host, std::uint64_t seq) {
  Event event;
  event.seq = seq;
  event.at = Instant{Millis{1000}};
  event.boot = "boot";
  event.kind = EventKind::kBundleAccepted;
  event.version = 7;
  return Seal(Purpose::kEvents, EncodeEventBatch({host, {event}}), key).value();
}

}  // namespace curfew::test
