// SPDX-License-Identifier: Apache-2.0
// The audit log's lines.
#include "controller/store/sqlite_store.h"

namespace curfew {

void SqliteStore::AddEvent(const EventRecord& event) {
  Query(Sql("INSERT INTO event(source, seq, at, host_name, boot, kind, severity, actor, request, grant_id, outcome, before,"
            " after, detail, previous, hash, raw) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"))
      .Blob(event.host ? event.host->Raw() : std::string_view()).Bind(event.seq).Bind(event.at).Bind(event.host_name)
      .Bind(event.boot).Bind(event.kind).Bind(static_cast<std::int64_t>(event.severity)).Bind(event.actor)
      .Bind(event.request).Bind(event.grant).Bind(event.outcome).Bind(event.before).Bind(event.after).Bind(event.detail)
      .Blob(event.previous.Raw()).Blob(event.hash.Raw()).Blob(event.raw).Run();
}

std::vector<EventRecord> SqliteStore::Events(const EventFilter& filter) {
  // ?1 + ?2 may pass the largest integer: SQLite then counts in floating point, and the window is open above.
  Query query(Sql("SELECT place, source, seq, at, host_name, boot, kind, severity, actor, request, grant_id, outcome, before,"
                  " after, detail, previous, hash, raw FROM event WHERE place > ?1 AND place <= ?1 + ?2 AND (?3 = 0 OR severity = ?3)"
                  " AND (?4 = '' OR request = ?4 OR grant_id IN (SELECT id FROM grants WHERE request = ?4))"
                  " AND (?5 = '' OR host_name = ?5)"
                  " AND (?6 = '' OR request IN (SELECT id FROM request WHERE requester = ?6) OR grant_id IN (SELECT g.id"
                  " FROM grants g JOIN request r ON g.request = r.id WHERE r.requester = ?6)) ORDER BY place LIMIT ?7"));
  query.Bind(filter.after).Bind(filter.window).Bind(filter.severity ? static_cast<std::int64_t>(*filter.severity) : 0)
      .Bind(filter.request.value_or("")).Bind(filter.host_name.value_or(""))
      .Bind(filter.requester ? filter.requester->Text() : std::string()).Bind(filter.limit);
  return ReadEvents(query);
}

std::vector<EventRecord> SqliteStore::ReadEvents(Query& query) {
  std::vector<EventRecord> events;
  while (query.Next()) {
    EventRecord event;
    event.place = query.Integer(0);
    if (const auto source = query.Text(1); !source.empty()) event.host = Stored(HostId::FromBytes(source));
    event.seq = query.Unsigned(2);
    event.at = query.At(3);
    int column = 4;
    for (auto* text : {&event.host_name, &event.boot, &event.kind}) *text = query.Text(column++);
    event.severity = static_cast<Severity>(query.Integer(column++));
    for (auto* text : {&event.actor, &event.request, &event.grant, &event.outcome, &event.before, &event.after, &event.detail}) {
      *text = query.Text(column++);
    }
    event.previous = Stored(ContentHash::FromBytes(query.Text(15)));
    event.hash = Stored(ContentHash::FromBytes(query.Text(16)));
    event.raw = query.Text(17);
    events.push_back(std::move(event));
  }
  return events;
}

std::int64_t SqliteStore::LastPlace() {
  Query query(Sql("SELECT COALESCE(MAX(place), 0) FROM event"));
  query.Next();
  return query.Integer(0);
}

std::pair<std::uint64_t, ContentHash> SqliteStore::OwnHead() {
  Query query(Sql("SELECT seq, hash FROM event WHERE source = x'' ORDER BY seq DESC LIMIT 1"));
  if (!query.Next()) return {0, ContentHash()};
  return {query.Unsigned(0), Stored(ContentHash::FromBytes(query.Text(1)))};
}

std::int64_t SqliteStore::CountAlarms() {
  Query query(Sql("SELECT COUNT(*) FROM event WHERE severity = 3"));
  query.Next();
  return query.Integer(0);
}

}  // namespace curfew
