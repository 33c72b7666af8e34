// SPDX-License-Identifier: Apache-2.0
// The store in one SQLite file. Several processes may use it at once (serve and the admin's verbs); each has its own.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "controller/store/store.h"
#include "os/sqlite.h"

namespace curfew {

/// One use of a statement: bound, stepped, and reset when it goes. Throws StoreFailure.
class Query {
 public:
  explicit Query(Statement& statement) : statement_(statement) {}
  ~Query() { statement_.Reset(); }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  Query& Bind(std::int64_t value);
  Query& Bind(std::uint64_t value) { return Bind(static_cast<std::int64_t>(value)); }
  Query& Bind(std::string_view text);
  Query& Bind(Instant at) { return Bind(at.time_since_epoch().count()); }
  Query& Bind(const std::optional<Instant>& at);
  Query& Bind(const std::optional<Millis>& length);
  Query& Blob(std::string_view bytes);
  Query& Blob(const std::optional<ContentHash>& hash);
  /// True while there is a row to read.
  bool Next();
  void Run();

  [[nodiscard]] std::int64_t Integer(int column) const { return statement_.Integer(column); }
  [[nodiscard]] std::uint64_t Unsigned(int column) const { return static_cast<std::uint64_t>(Integer(column)); }
  [[nodiscard]] std::string Text(int column) const { return statement_.Text(column); }
  [[nodiscard]] Instant At(int column) const { return Instant{Millis{Integer(column)}}; }
  [[nodiscard]] std::optional<Instant> MaybeAt(int column) const;
  [[nodiscard]] bool IsNull(int column) const { return statement_.IsNull(column); }

 private:
  Statement& statement_;
};

class SqliteStore final : public Store {
 public:
  /// Opens or makes the file, brings its schema up to date. kUnavailable or kSystem.
  [[nodiscard]] static Result<std::unique_ptr<SqliteStore>> Open(const std::string& path);

  std::unique_ptr<Unit> Begin() override;
  std::int64_t Generation() override;

  void AddPerson(const PersonRecord& person) override;
  void UpdatePerson(const PersonRecord& person) override;
  std::optional<PersonRecord> FindPerson(const PersonName& name) override;
  std::vector<PersonRecord> People() override;
  void AddSession(const ContentHash& token, const SessionRecord& session) override;
  std::optional<SessionRecord> FindSession(const ContentHash& token) override;
  void DropSession(const ContentHash& token) override;
  void DropSessionsOf(const PersonName& person) override;
  void DropSessionsBefore(Instant now) override;
  PersonName ClaimKey(const KeyRecord& key) override;
  void KeepClaims(const std::vector<LoginKey>& keys) override;
  std::optional<PersonName> FreeKey(const std::string& fingerprint) override;
  void AddKey(const KeyRecord& key) override;
  std::vector<KeyRecord> KeysOf(const PersonName& person) override;
  bool DropKey(const PersonName& person, const std::string& id) override;

  void AddToken(const TokenRecord& token) override;
  void UpdateToken(const TokenRecord& token) override;
  std::optional<TokenRecord> FindToken(const ContentHash& hash) override;
  std::vector<TokenRecord> Tokens() override;
  bool DropToken(const std::string& id) override;
  void AddHost(const HostRecord& host) override;
  void UpdateHost(const HostRecord& host) override;
  std::optional<HostRecord> FindHost(const HostId& id) override;
  std::optional<HostRecord> FindHostNamed(const HostName& name) override;
  std::vector<HostRecord> Hosts() override;
  std::vector<HostRecord> HostsAfter(const std::string& name, std::int64_t limit) override;
  std::int64_t CountHosts() override;
  std::vector<HostId> DueLeavers(Instant now) override;
  void AddDrift(const HostId& host, const DriftRecord& drift) override;
  void DropDrift(const HostId& host, const std::string& what) override;
  void DropDriftBefore(const HostId& host, const std::string& boot) override;
  std::vector<DriftRecord> DriftOf(const HostId& host) override;
  void KeepBundle(const HostId& host, std::string_view sealed, std::string_view managed) override;
  std::string ManagedInBundle(const HostId& host) override;
  std::string BundleOf(const HostId& host) override;

  void AddRequest(const RequestRecord& request) override;
  void UpdateRequest(const RequestRecord& request) override;
  void ReplaceKeys(const RequestRecord& request) override;
  void AddDecision(const RequestId& request, const Decision& decision) override;
  void AddHistory(const RequestId& request, const HistoryRecord& entry) override;
  std::optional<RequestRecord> FindRequest(const RequestId& id) override;
  std::vector<PlacedRequest> Requests(const RequestFilter& filter) override;
  std::vector<std::pair<RequestState, std::int64_t>> CountRequests() override;
  void AddGrant(const GrantRecord& grant) override;
  void UpdateGrant(const GrantRecord& grant) override;
  std::optional<GrantRecord> FindGrant(const GrantId& id) override;
  std::vector<GrantRecord> GrantsOf(const RequestId& request) override;
  std::vector<GrantRecord> GrantsOn(const HostId& host, Instant since) override;
  std::vector<GrantRecord> UnconfirmedOn(const HostId& host) override;
  std::int64_t CountUnconfirmed() override;
  void KeepRevocation(const RevocationRecord& revocation) override;
  std::string RevocationOf(const GrantId& grant) override;
  std::vector<std::string> RevocationsFor(const HostId& host, std::uint64_t version, std::int64_t limit) override;
  std::vector<RequestId> DueRequests(Instant now) override;
  std::vector<GrantId> DueGrants(Instant now) override;
  std::optional<Instant> NextDue() override;
  void Postpone(const RequestId& id, Instant until) override;
  void Postpone(const GrantId& id, Instant until) override;
  void Postpone(const HostId& id, Instant until) override;

  void AddEvent(const EventRecord& event) override;
  std::vector<EventRecord> Events(const EventFilter& filter) override;
  std::int64_t LastPlace() override;
  std::pair<std::uint64_t, ContentHash> OwnHead() override;
  std::int64_t CountAlarms() override;
  std::uint64_t AddPolicy(std::string_view text, Instant at) override;
  std::uint64_t PolicyVersion() override;
  std::optional<PolicyRecord> CurrentPolicy() override;
  void AddNotice(const NoticeRecord& notice) override;
  std::vector<NoticeRecord> NoticesOf(const PersonName& person) override;
  bool DropNotice(const PersonName& person, std::int64_t id) override;
  std::optional<IdempotencyRecord> FindIdempotency(const PersonName& person, const std::string& key) override;
  void AddIdempotency(const PersonName& person, const std::string& key, const IdempotencyRecord& record,
                      Instant at) override;
  void DropIdempotencyBefore(Instant before) override;

 private:
  explicit SqliteStore(Database database) : database_(std::move(database)) {}
  /// The statement of this text, prepared once. `sql` must be a literal.
  Statement& Sql(const char* sql);
  /// Rows changed by the last statement.
  [[nodiscard]] bool Changed() const { return database_.Changes() > 0; }
  std::vector<HostRecord> ReadHosts(Query& query);
  std::vector<GrantRecord> ReadGrants(Query& query);
  std::vector<PersonRecord> ReadPeople(Query& query);
  std::vector<EventRecord> ReadEvents(Query& query);
  void ReadParts(RequestRecord& request);
  std::vector<TokenRecord> ReadTokens(Query& query);

  Database database_;
  std::unordered_map<const char*, Statement> statements_;
};

}  // namespace curfew
