// SPDX-License-Identifier: Apache-2.0
// The one interface to what the controller keeps. A Unit is one transaction: all of it is durable after Commit, or
// none. What cannot be stored or read throws StoreFailure, which stops at the top of a connection or at main; nothing
// else throws.
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "controller/store/records.h"

namespace curfew {

/// The store itself failed (disk, lock, damage): whatever was under way did not happen.
class StoreFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One stored value cannot be read: the store is damaged, or today's reader is stricter than the one that wrote it. What
/// does not need that value can go on.
class BadValue : public StoreFailure {
 public:
  using StoreFailure::StoreFailure;
};

/// A stored text as the type it was stored from. Throws BadValue.
template <class T>
T Stored(Result<T> parsed) {
  if (!parsed) throw BadValue("the store holds a bad value: " + parsed.error().Text());
  return std::move(*parsed);
}

inline constexpr std::int64_t kMostDrift = 32;
inline constexpr std::int64_t kMostLeftClaims = 100;  ///< of a person, on keys that were taken back: the newest

class Store {
 public:
  /// Rolled back unless committed.
  class Unit {
   public:
    virtual ~Unit() = default;
    virtual void Commit() = 0;
  };

  virtual ~Store() = default;
  /// Waits for other writers, at most five seconds. One at a time in this process.
  [[nodiscard]] virtual std::unique_ptr<Unit> Begin() = 0;
  /// Changes when another process has written; equal values mean that nobody else did.
  [[nodiscard]] virtual std::int64_t Generation() = 0;

  virtual void AddPerson(const PersonRecord& person) = 0;
  virtual void UpdatePerson(const PersonRecord& person) = 0;
  [[nodiscard]] virtual std::optional<PersonRecord> FindPerson(const PersonName& name) = 0;
  [[nodiscard]] virtual std::vector<PersonRecord> People() = 0;

  virtual void AddSession(const ContentHash& token, const SessionRecord& session) = 0;
  [[nodiscard]] virtual std::optional<SessionRecord> FindSession(const ContentHash& token) = 0;
  virtual void DropSession(const ContentHash& token) = 0;
  virtual void DropSessionsOf(const PersonName& person) = 0;
  virtual void DropSessionsBefore(Instant now) = 0;

  /// The one person who may hand this key in: who did so first and holds it still, or had a grant with it; the key's
  /// person from now on when nobody did.
  [[nodiscard]] virtual PersonName ClaimKey(const KeyRecord& key) = 0;
  /// A grant is made with these: they stay their person's when they are taken back, `kMostLeftClaims` of them.
  virtual void KeepClaims(const std::vector<LoginKey>& keys) = 0;
  /// From now on it is nobody's again, and on nobody's list. Who had it; nullopt when nobody has.
  [[nodiscard]] virtual std::optional<PersonName> FreeKey(const std::string& fingerprint) = 0;
  virtual void AddKey(const KeyRecord& key) = 0;
  /// Without those that today's reader refuses: they let nobody in any more.
  [[nodiscard]] virtual std::vector<KeyRecord> KeysOf(const PersonName& person) = 0;
  /// Off the person's list, and free for anybody unless a grant was made with it.
  [[nodiscard]] virtual bool DropKey(const PersonName& person, const std::string& id) = 0;

  virtual void AddToken(const TokenRecord& token) = 0;
  virtual void UpdateToken(const TokenRecord& token) = 0;
  [[nodiscard]] virtual std::optional<TokenRecord> FindToken(const ContentHash& hash) = 0;
  [[nodiscard]] virtual std::vector<TokenRecord> Tokens() = 0;
  [[nodiscard]] virtual bool DropToken(const std::string& id) = 0;

  virtual void AddHost(const HostRecord& host) = 0;
  virtual void UpdateHost(const HostRecord& host) = 0;
  [[nodiscard]] virtual std::optional<HostRecord> FindHost(const HostId& id) = 0;
  /// Only hosts that were not removed.
  [[nodiscard]] virtual std::optional<HostRecord> FindHostNamed(const HostName& name) = 0;
  [[nodiscard]] virtual std::vector<HostRecord> Hosts() = 0;
  /// At most `limit` of them, by name, after the one of that name (empty: from the first).
  [[nodiscard]] virtual std::vector<HostRecord> HostsAfter(const std::string& name, std::int64_t limit) = 0;
  [[nodiscard]] virtual std::int64_t CountHosts() = 0;
  /// Removed hosts whose last moment to be heard has come.
  [[nodiscard]] virtual std::vector<HostId> DueLeavers(Instant now) = 0;
  /// A thing that drifted: kept once, the newest `kMostDrift` of a host.
  virtual void AddDrift(const HostId& host, const DriftRecord& drift) = 0;
  virtual void DropDrift(const HostId& host, const std::string& what) = 0;
  /// What an earlier boot saw: what is still so is said again.
  virtual void DropDriftBefore(const HostId& host, const std::string& boot) = 0;
  [[nodiscard]] virtual std::vector<DriftRecord> DriftOf(const HostId& host) = 0;
  /// `managed`: the managed accounts in it, as text that can be compared.
  virtual void KeepBundle(const HostId& host, std::string_view sealed, std::string_view managed) = 0;
  [[nodiscard]] virtual std::string ManagedInBundle(const HostId& host) = 0;
  /// The newest sealed bundle; empty when there is none yet.
  [[nodiscard]] virtual std::string BundleOf(const HostId& host) = 0;

  virtual void AddRequest(const RequestRecord& request) = 0;
  /// State, duration, due, revision and failure; the rest never changes, but for the keys before anything is granted.
  virtual void UpdateRequest(const RequestRecord& request) = 0;
  virtual void ReplaceKeys(const RequestRecord& request) = 0;
  virtual void AddDecision(const RequestId& request, const Decision& decision) = 0;
  virtual void AddHistory(const RequestId& request, const HistoryRecord& entry) = 0;
  [[nodiscard]] virtual std::optional<RequestRecord> FindRequest(const RequestId& id) = 0;
  [[nodiscard]] virtual std::vector<PlacedRequest> Requests(const RequestFilter& filter) = 0;
  [[nodiscard]] virtual std::vector<std::pair<RequestState, std::int64_t>> CountRequests() = 0;

  virtual void AddGrant(const GrantRecord& grant) = 0;
  virtual void UpdateGrant(const GrantRecord& grant) = 0;
  [[nodiscard]] virtual std::optional<GrantRecord> FindGrant(const GrantId& id) = 0;
  [[nodiscard]] virtual std::vector<GrantRecord> GrantsOf(const RequestId& request) = 0;
  /// Grants of a host that ended, or end, after `since`; others no bundle needs.
  [[nodiscard]] virtual std::vector<GrantRecord> GrantsOn(const HostId& host, Instant since) = 0;
  /// Of a host, however long ago they ended.
  [[nodiscard]] virtual std::vector<GrantRecord> UnconfirmedOn(const HostId& host) = 0;
  [[nodiscard]] virtual std::int64_t CountUnconfirmed() = 0;

  virtual void KeepRevocation(const RevocationRecord& revocation) = 0;
  /// Sealed; empty when the grant was not ended early.
  [[nodiscard]] virtual std::string RevocationOf(const GrantId& grant) = 0;
  /// Sealed, of unconfirmed ends that only bundles after `version` carry; the longest-lasting first, `limit` at most.
  [[nodiscard]] virtual std::vector<std::string> RevocationsFor(const HostId& host, std::uint64_t version,
                                                                std::int64_t limit) = 0;

  [[nodiscard]] virtual std::vector<RequestId> DueRequests(Instant now) = 0;
  /// Also unconfirmed ends past their latest moment, of hosts that are not heard any more.
  [[nodiscard]] virtual std::vector<GrantId> DueGrants(Instant now) = 0;
  /// The soonest due moment of all; nullopt when nothing waits for time.
  [[nodiscard]] virtual std::optional<Instant> NextDue() = 0;
  /// Not due before `until`; nothing else of it is read or changed.
  virtual void Postpone(const RequestId& id, Instant until) = 0;
  virtual void Postpone(const GrantId& id, Instant until) = 0;
  virtual void Postpone(const HostId& id, Instant until) = 0;

  virtual void AddEvent(const EventRecord& event) = 0;
  [[nodiscard]] virtual std::vector<EventRecord> Events(const EventFilter& filter) = 0;
  /// Of the newest line; 0 before the first.
  [[nodiscard]] virtual std::int64_t LastPlace() = 0;
  /// Sequence number and hash of the controller's own last event; zero before the first.
  [[nodiscard]] virtual std::pair<std::uint64_t, ContentHash> OwnHead() = 0;
  [[nodiscard]] virtual std::int64_t CountAlarms() = 0;

  [[nodiscard]] virtual std::uint64_t AddPolicy(std::string_view text, Instant at) = 0;
  /// Version of the policy in force; 0 when none was loaded.
  [[nodiscard]] virtual std::uint64_t PolicyVersion() = 0;
  [[nodiscard]] virtual std::optional<PolicyRecord> CurrentPolicy() = 0;

  virtual void AddNotice(const NoticeRecord& notice) = 0;
  [[nodiscard]] virtual std::vector<NoticeRecord> NoticesOf(const PersonName& person) = 0;
  [[nodiscard]] virtual bool DropNotice(const PersonName& person, std::int64_t id) = 0;

  [[nodiscard]] virtual std::optional<IdempotencyRecord> FindIdempotency(const PersonName& person,
                                                                         const std::string& key) = 0;
  virtual void AddIdempotency(const PersonName& person, const std::string& key, const IdempotencyRecord& record,
                              Instant at) = 0;
  virtual void DropIdempotencyBefore(Instant before) = 0;
};

}  // namespace curfew
