// SPDX-License-Identifier: Apache-2.0
// Requests with their decisions and history, and what is due when.
#include "controller/store/sqlite_store.h"
#include "controller/store/text_form.h"

namespace curfew {
namespace {

std::string_view ViewSql(RequestScope view) {
  switch (view) {
    case RequestScope::kPending: return "state = 'pending'";
    case RequestScope::kLive: return "state IN ('approved', 'provisioning', 'active', 'revoking')";
    case RequestScope::kUnconfirmed: return "id IN (SELECT request FROM grants WHERE proof = 'unconfirmed')";
    case RequestScope::kAll: break;
  }
  return "1";
}

}  // namespace

void SqliteStore::AddRequest(const RequestRecord& request) {
  Query(Sql("INSERT INTO request(id, state, requester, duration_s, due, revision, failure, body) VALUES(?, ?, ?, ?, ?, ?, ?, ?)"))
      .Bind(request.id.Text()).Bind(Word(request.state)).Bind(request.requester.Text())
      .Bind(std::int64_t{request.duration.count()}).Bind(request.due).Bind(request.revision).Bind(request.failure)
      .Bind(WriteBody(request)).Run();
}

void SqliteStore::UpdateRequest(const RequestRecord& request) {
  Query(Sql("UPDATE request SET state = ?, duration_s = ?, due = ?, revision = ?, failure = ? WHERE id = ?"))
      .Bind(Word(request.state)).Bind(std::int64_t{request.duration.count()}).Bind(request.due).Bind(request.revision)
      .Bind(request.failure).Bind(request.id.Text()).Run();
}

void SqliteStore::ReplaceKeys(const RequestRecord& request) {
  Query(Sql("UPDATE request SET body = ? WHERE id = ?")).Bind(WriteBody(request)).Bind(request.id.Text()).Run();
}

void SqliteStore::AddDecision(const RequestId& request, const Decision& decision) {
  Query(Sql("INSERT INTO decision(request, stage, person, approve, at, reason) VALUES(?, ?, ?, ?, ?, ?)"))
      .Bind(request.Text()).Bind(std::int64_t{decision.stage}).Bind(decision.by.Text())
      .Bind(std::int64_t{decision.approve}).Bind(decision.at).Bind(decision.reason).Run();
}

void SqliteStore::AddHistory(const RequestId& request, const HistoryRecord& entry) {
  Query(Sql("INSERT INTO history(request, state, at, by) VALUES(?, ?, ?, ?)"))
      .Bind(request.Text()).Bind(Word(entry.state)).Bind(entry.at).Bind(entry.by).Run();
}

void SqliteStore::ReadParts(RequestRecord& request) {
  Query decisions(Sql("SELECT stage, person, approve, at, reason FROM decision WHERE request = ? ORDER BY at, rowid"));
  decisions.Bind(request.id.Text());
  while (decisions.Next()) {
    request.decisions.push_back({static_cast<std::uint32_t>(decisions.Integer(0)),
                                 Stored(PersonName::Parse(decisions.Text(1))), decisions.Integer(2) != 0,
                                 decisions.At(3), decisions.Text(4)});
  }
  Query history(Sql("SELECT state, at, by FROM history WHERE request = ? ORDER BY place"));
  history.Bind(request.id.Text());
  while (history.Next()) {
    request.history.push_back({Stored(ParseRequestState(history.Text(0))), history.At(1), history.Text(2)});
  }
}

namespace {

// Columns: place, id, state, requester, duration_s, due, revision, failure, body.
PlacedRequest ReadRequest(const Query& query) {
  auto request = ReadBody(query.Text(8), Stored(RequestId::Parse(query.Text(1))), Stored(PersonName::Parse(query.Text(3))));
  request.state = Stored(ParseRequestState(query.Text(2)));
  request.duration = Seconds{query.Integer(4)};
  request.due = query.MaybeAt(5);
  request.revision = query.Unsigned(6);
  request.failure = query.Text(7);
  return {query.Integer(0), std::move(request)};
}

}  // namespace

std::optional<RequestRecord> SqliteStore::FindRequest(const RequestId& id) {
  Query query(Sql("SELECT place, id, state, requester, duration_s, due, revision, failure, body FROM request WHERE id = ?"));
  if (!query.Bind(id.Text()).Next()) return std::nullopt;
  auto request = ReadRequest(query).request;
  ReadParts(request);
  return request;
}

std::vector<PlacedRequest> SqliteStore::Requests(const RequestFilter& filter) {
  // Put together from fixed words only; what comes from outside is bound.
  const std::string sql =
      "SELECT place, id, state, requester, duration_s, due, revision, failure, body FROM request WHERE " +
      std::string(ViewSql(filter.view)) + " AND (?1 = 0 OR place < ?1) AND (?2 = '' OR requester = ?2)" +
      " ORDER BY place DESC LIMIT ?3";
  auto statement = database_.Prepare(sql);
  if (!statement) throw StoreFailure(statement.error().Text());
  std::vector<PlacedRequest> requests;
  {
    Query query(*statement);
    query.Bind(filter.before).Bind(filter.requester ? filter.requester->Text() : std::string()).Bind(filter.limit);
    while (query.Next()) requests.push_back(ReadRequest(query));
  }
  for (auto& placed : requests) ReadParts(placed.request);
  return requests;
}

std::vector<std::pair<RequestState, std::int64_t>> SqliteStore::CountRequests() {
  Query query(Sql("SELECT state, COUNT(*) FROM request GROUP BY state"));
  std::vector<std::pair<RequestState, std::int64_t>> counts;
  while (query.Next()) counts.emplace_back(Stored(ParseRequestState(query.Text(0))), query.Integer(1));
  return counts;
}

std::vector<RequestId> SqliteStore::DueRequests(Instant now) {
  Query query(Sql("SELECT id FROM request WHERE due <= ? ORDER BY due LIMIT 1000"));
  query.Bind(now);
  std::vector<RequestId> due;
  while (query.Next()) due.push_back(Stored(RequestId::Parse(query.Text(0))));
  return due;
}

// The second part: nobody is left who could prove these ends.
std::vector<GrantId> SqliteStore::DueGrants(Instant now) {
  Query query(Sql("SELECT id FROM (SELECT id, due FROM grants WHERE due <= ?1"
                  " UNION ALL SELECT g.id, g.unconfirmed_until AS due FROM grants g JOIN host h ON h.id = g.host"
                  " WHERE g.proof = 'unconfirmed' AND g.due IS NULL AND g.unconfirmed_until <= ?1"
                  " AND h.removed = 1 AND h.leaving IS NULL) ORDER BY due LIMIT 1000"));
  query.Bind(now);
  std::vector<GrantId> due;
  while (query.Next()) due.push_back(Stored(GrantId::Parse(query.Text(0))));
  return due;
}

std::optional<Instant> SqliteStore::NextDue() {
  Query query(Sql("SELECT MIN(due) FROM (SELECT MIN(due) AS due FROM request WHERE due IS NOT NULL"
                  " UNION ALL SELECT MIN(due) FROM grants WHERE due IS NOT NULL"
                  " UNION ALL SELECT MIN(g.unconfirmed_until) FROM grants g JOIN host h ON h.id = g.host"
                  " WHERE g.proof = 'unconfirmed' AND g.due IS NULL AND h.removed = 1 AND h.leaving IS NULL"
                  " UNION ALL SELECT MIN(leaving) FROM host WHERE leaving IS NOT NULL)"));
  query.Next();
  return query.MaybeAt(0);
}

void SqliteStore::Postpone(const RequestId& id, Instant until) {
  Query(Sql("UPDATE request SET due = ? WHERE id = ?")).Bind(until).Bind(id.Text()).Run();
}

void SqliteStore::Postpone(const GrantId& id, Instant until) {
  Query(Sql("UPDATE grants SET due = ? WHERE id = ?")).Bind(until).Bind(id.Text()).Run();
}

void SqliteStore::Postpone(const HostId& id, Instant until) {
  Query(Sql("UPDATE host SET leaving = ? WHERE id = ?")).Bind(until).Blob(id.Raw()).Run();
}

}  // namespace curfew
