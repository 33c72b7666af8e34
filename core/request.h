// SPDX-License-Identifier: Apache-2.0
// A request's life: its states, the one table of allowed transitions, and how its grants decide it. Nothing moves a
// request except along the table.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/grant.h"
#include "core/policy.h"
#include "core/time.h"

namespace curfew {

enum class RequestState : std::uint8_t {
  kSubmitted, kPending, kApproved, kProvisioning, kActive, kRevoking, kRevoked, kDenied, kWithdrawn, kLapsed, kFailed,
};

inline constexpr std::size_t kRequestStates = 11;

/// "submitted" and so on: the word in JSON, and after "request-" the kind of the transition's event.
[[nodiscard]] const char* Word(RequestState state);
[[nodiscard]] Result<RequestState> ParseRequestState(std::string_view word);

/// The table: may a request go from `from` to `to`?
[[nodiscard]] bool MayMove(RequestState from, RequestState to);

/// No transition leaves this state.
[[nodiscard]] bool IsFinal(RequestState state);

/// "request-approved": the kind of the event that records the arrival in `to`.
[[nodiscard]] std::string TransitionKind(RequestState to);

enum class GrantState : std::uint8_t { kWaiting, kActive, kEnded, kFailed };
enum class Proof : std::uint8_t { kNone, kUnconfirmed, kProved };

[[nodiscard]] const char* Word(GrantState state);
[[nodiscard]] Result<GrantState> ParseGrantState(std::string_view word);
[[nodiscard]] const char* Word(Proof proof);
[[nodiscard]] Result<Proof> ParseProof(std::string_view word);

/// What a grant says for its request.
struct GrantStanding {
  GrantState state = GrantState::kWaiting;
  Proof proof = Proof::kNone;
};

/// The one function from grants to the request's state (INTERFACES): `active` when the first is, `revoked` when the last
/// is proved, `failed` when none ever was. `grants` must not be empty.
[[nodiscard]] RequestState StateFromGrants(const std::vector<GrantStanding>& grants);

/// A person's yes or no to one stage.
struct Decision {
  std::uint32_t stage = 0;
  PersonName by;
  bool approve = false;
  Instant at;
  std::string reason;
};

/// The number of distinct people who said yes to `stage`.
[[nodiscard]] std::uint32_t CountYes(const std::vector<Decision>& decisions, std::uint32_t stage);

/// Those decisions that count under `stages` by people as they are now: who left, or lost the right, counts no more.
[[nodiscard]] std::vector<Decision> StillCounting(const std::vector<Stage>& stages, const std::vector<Decision>& decisions,
                                                  const std::vector<Person>& people);

/// The first stage that lacks a yes; nullopt when all are complete.
[[nodiscard]] std::optional<std::uint32_t> OpenStage(const std::vector<Stage>& stages, const std::vector<Decision>& decisions);

/// May this person decide any stage of this request: named there, and not the requester?
[[nodiscard]] bool MayReview(const std::vector<Stage>& stages, const Person& person, const PersonName& requester);

/// The stage that this person's word counts for now. kRefused: own request, not an approver of the open stage; kConflict: a
/// yes given already, to this stage or to an earlier one.
[[nodiscard]] Result<std::uint32_t> StageFor(const std::vector<Stage>& stages, const std::vector<Decision>& decisions,
                                             const Person& person, const PersonName& requester);

/// What is asked for, in one sentence that an approver reads.
struct AskedFor {
  PersonName requester;
  AccountName account;
  std::vector<HostName> hosts;
  bool login = false;
  std::optional<SudoRight> sudo;
  Seconds duration{0};
};
[[nodiscard]] std::string Sentence(const AskedFor& asked);

/// "every command as root" or "/usr/bin/id -u, … as root".
[[nodiscard]] std::string Describe(const SudoRight& right);

}  // namespace curfew
