// SPDX-License-Identifier: Apache-2.0
// What people do with requests. Each function is one step inside a Change; it checks the person's right first, and
// tells nobody without a right that the request exists.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "controller/workflow/change.h"
#include "controller/workflow/outcome.h"

namespace curfew {

/// A request as it was sent, already in types that cannot be wrong.
struct Submission {
  std::variant<std::vector<HostName>, HostExpression> hosts;
  Ask ask;
  std::string reason;
  std::string ticket;
  std::optional<LoginKey> key;  ///< only this one of the person's keys
};

/// The built-in groups: auditors see everything, owners see everything and may revoke everything.
[[nodiscard]] bool SeesEverything(const Person& person);
[[nodiscard]] bool IsOwner(const Person& person);

/// May this person know of the request?
[[nodiscard]] bool MaySee(const RequestRecord& request, const Person& person);
/// The request, if this person may see it; else kNotFound, the same as for one that does not exist.
[[nodiscard]] Outcome<RequestRecord> Find(Store& store, const RequestId& id, const Person& person);

[[nodiscard]] Outcome<RequestRecord> Submit(Change& change, const Person& person, const Submission& submission);
[[nodiscard]] Outcome<RequestRecord> Approve(Change& change, const Person& person, const RequestId& id,
                                             const std::string& reason, std::optional<Seconds> shorter);
[[nodiscard]] Outcome<RequestRecord> DenyRequest(Change& change, const Person& person, const RequestId& id,
                                                 const std::string& reason);
[[nodiscard]] Outcome<RequestRecord> Withdraw(Change& change, const Person& person, const RequestId& id);
[[nodiscard]] Outcome<RequestRecord> Return(Change& change, const Person& person, const RequestId& id);
[[nodiscard]] Outcome<RequestRecord> Revoke(Change& change, const Person& person, const RequestId& id,
                                            const std::string& reason);

/// Ends all that has not ended yet of one request, and lets the request follow.
[[nodiscard]] RequestRecord EndAll(Change& change, const RequestId& request, const std::string& cause,
                                   const std::string& by);

/// Somebody leaves: what waits is withdrawn, what is granted ends.
void EndEverythingOf(Change& change, const PersonName& person, const std::string& by);

/// kMalformed unless `text` is plain, at most `kLongestReason` bytes, and not empty where `needed`.
[[nodiscard]] Outcome<std::string> ReadReason(std::string_view text, bool needed);

}  // namespace curfew
