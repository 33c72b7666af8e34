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
  Query query(Sql("SELECT place, source, seq, at, host_name, boot, kind, severity, actor, request, grant_id, outcome, before,"
                  " after, detail, previous, hash, raw FROM event WHERE place > ?1 AND (?2 = 0 OR severity = ?2)"
                  " AND (?3 = '' OR request = ?3 OR grant_id IN (SELECT id FROM grants WHERE request = ?3))"
                  " AND (?4 = '' OR host_name = ?4)"
                  " AND (?5 = '' OR request IN (SELECT id FROM request WHERE requester = ?5) OR grant_id IN (SELECT g.id"
                  " FROM grants g JOIN request r ON g.request = r.id WHERE r.requester = ?5)) ORDER BY place LIMIT ?6"));
  query.Bind(filter.after).Bind(filter.severity ? static_cast<std::int64_t>(*filter.severity) : 0)
      .Bind(filter.request.value_or("")).Bind(filter.host_name.value_or(""))
      .Bind(filter.requester ? filter.requester->Text() : std::string()).Bind(filter.limit);
  std::vector<EventRecord> events;
  while (query.Next()) {
    EventRecord event;
    event.place = query.Integer(0);
    if (const auto source = query.Text(1); !source.empty()) event.host = Stored(HostId::FromBytes(source));
    event.seq = query.Unsigned(2);
    event.at = query.At(3);
    event.host_name = query.Text(4);
    event.boot = query.Text(5);
    event.kind = query.Text(6);
    event.severity = static_cast<Severity>(query.Integer(7));
    event.actor = query.Text(8);
    event.request = query.Text(9);
    event.grant = query.Text(10);
    event.outcome = query.Text(11);
    event.before = query.Text(12);
    event.after = query.Text(13);
    event.detail = query.Text(14);
    event.previous = Stored(ContentHash::FromBytes(query.Text(15)));
    event.hash = Stored(ContentHash::FromBytes(query.Text(16)));
    event.raw = query.Text(17);
    events.push_back(std::move(event));
  }
  return events;
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
