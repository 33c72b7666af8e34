// SPDX-License-Identifier: Apache-2.0
// What the controller keeps, as values. A record is one row's meaning; it decides nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/agent_facts.h"
#include "core/bundle.h"
#include "core/event.h"
#include "core/policy.h"
#include "core/request.h"
#include "core/signature.h"

namespace curfew {

struct PersonRecord {
  PersonName name;
  std::set<PersonName> groups{};
  std::string password{};  ///< salted hash in its own text form, never the password
  bool disabled = false;
};

struct SessionRecord {
  PersonName person;
  Instant expires{};
};

struct KeyRecord {
  std::string id{};
  PersonName person;
  LoginKey key;
  std::string type{};
  std::int64_t bits = 0;
  std::string fingerprint{};
  Instant added{};
};

/// An enrolment token; its secret is kept as a hash only.
struct TokenRecord {
  std::string id{};
  ContentHash hash{};
  std::int64_t uses_left = 0;
  Instant expires{};
  Labels labels{};
};

struct HostRecord {
  HostId id{};
  HostName name;
  PublicKey audit_key{};
  std::optional<ContentHash> link_key{};  ///< the one key its link may show; none: it joined before they were kept, any of its own will do
  Labels labels{};
  Instant enrolled{};
  bool removed = false;
  std::optional<Instant> leaving{};  ///< removed, but still heard until then, so that it hears of its last ends
  AgentFacts facts{};                ///< as last said by its link
  std::optional<Instant> last_seen{};
  std::uint64_t epoch = 1;
  std::uint64_t version = 0;         ///< of the newest sealed bundle; 0 = none yet
  std::uint64_t acked = 0;           ///< newest version that the host says it accepted
  ContentHash bundle_hash{};         ///< of that newest sealed bundle
  std::uint64_t seq = 0;             ///< of the last event kept
  ContentHash head{};                ///< its hash
  std::string fault{};               ///< why its last batch was refused; empty = in order
  bool tainted = false;
  std::optional<Millis> clock_offset{};  ///< its clock against ours when it last acknowledged a bundle at once
};

/// Something on a host that was not as Curfew left it, seen in that boot.
struct DriftRecord {
  Instant at{};
  std::string boot{};
  std::string what{};
};

struct HistoryRecord {
  RequestState state = RequestState::kSubmitted;
  Instant at{};
  std::string by{};
};

struct RequestRecord {
  RequestId id;
  RequestState state = RequestState::kSubmitted;
  PersonName requester;
  AccountName account;
  std::vector<HostId> hosts{};
  std::vector<HostName> host_names{};
  bool login = false;
  std::optional<SudoRight> sudo{};
  std::vector<LoginKey> keys{};
  Seconds duration{0};
  std::string reason{};
  std::string ticket{};
  std::string policy{};
  std::uint64_t policy_version = 0;
  std::vector<Stage> stages{};
  Instant created{};
  std::optional<Instant> due{};  ///< when it lapses, while pending
  std::uint64_t revision = 1;
  std::string failure{};
  std::vector<Decision> decisions{};
  std::vector<HistoryRecord> history{};
};

struct GrantRecord {
  GrantId id;
  RequestId request;
  HostId host{};
  HostName host_name;
  GrantState state = GrantState::kWaiting;
  Proof proof = Proof::kNone;
  Instant start{};
  Instant end{};
  std::optional<Instant> ended{};
  std::string cause{};                      ///< empty while it has not ended
  std::optional<Instant> proved{};
  std::optional<Instant> unconfirmed_until{};
  std::vector<Survivor> survivors{};
  bool intended = false;                    ///< the host said it was about to give it
  std::uint64_t tombstone_version = 0;      ///< the bundle that took it away; 0 = none did
  std::optional<Instant> due{};             ///< when something must be done about it without anybody asking
};

/// A grant's early end, sealed by the revoker: what a host takes when it cannot take a bundle, also by hand.
struct RevocationRecord {
  GrantId grant;
  HostId host{};
  std::string sealed{};
};

/// One line of the audit log. `host` empty: the controller's own.
struct EventRecord {
  std::int64_t place = 0;  ///< in this log
  std::uint64_t seq = 0;   ///< of its source
  Instant at{};
  std::optional<HostId> host{};
  std::string host_name{};
  std::string boot{};
  std::string kind{};
  Severity severity = Severity::kInfo;
  std::string actor{};
  std::string request{};
  std::string grant{};
  std::string outcome{};
  std::string before{};
  std::string after{};
  std::string detail{};
  ContentHash previous{};
  ContentHash hash{};
  std::string raw{};  ///< a host's event exactly as it was signed
};

struct EventFilter {
  std::optional<Severity> severity{};
  std::optional<std::string> request{};
  std::optional<std::string> host_name{};
  std::optional<PersonName> requester{};  ///< only events of this person's requests
  std::int64_t after = 0;
  std::int64_t window = 50000;  ///< so many lines are looked at, whatever they hold
  std::int64_t limit = 100;
};

enum class RequestScope : std::uint8_t { kAll, kPending, kLive, kUnconfirmed };

struct RequestFilter {
  RequestScope view = RequestScope::kAll;
  std::optional<PersonName> requester{};
  std::int64_t before = 0;  ///< rows older than this place; 0 = from the newest
  std::int64_t limit = 100;
};

/// A line of a page: the request and its place, newest first.
struct PlacedRequest {
  std::int64_t place = 0;
  RequestRecord request;
};

struct PolicyRecord {
  std::uint64_t version = 0;
  std::string text{};
};

/// A message to a person, kept until it is read.
struct NoticeRecord {
  std::int64_t id = 0;
  PersonName person;
  RequestId request;
  Instant at{};
  std::string text{};
};

/// What an idempotency key stands for.
struct IdempotencyRecord {
  ContentHash body{};
  RequestId request;
};

}  // namespace curfew
