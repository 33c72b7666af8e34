// SPDX-License-Identifier: Apache-2.0
// Hosts, their newest sealed bundles, and what drifted on them.
#include "controller/store/sqlite_store.h"
#include "controller/store/text_form.h"

namespace curfew {

void SqliteStore::AddHost(const HostRecord& host) {
  Query(Sql("INSERT INTO host(id, name, audit_key, labels, enrolled, removed, facts, last_seen, epoch, version, acked,"
            " bundle_hash, seq, head, fault, tainted, leaving, clock_offset, link_key)"
            " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"))
      .Blob(host.id.Raw()).Bind(host.name.Text()).Blob(host.audit_key.Raw()).Bind(WriteLabels(host.labels))
      .Bind(host.enrolled).Bind(std::int64_t{host.removed}).Bind(WriteFacts(host.facts)).Bind(host.last_seen)
      .Bind(host.epoch).Bind(host.version).Bind(host.acked).Blob(host.bundle_hash.Raw()).Bind(host.seq)
      .Blob(host.head.Raw()).Bind(host.fault).Bind(std::int64_t{host.tainted}).Bind(host.leaving).Bind(host.clock_offset).Blob(host.link_key).Run();
}

void SqliteStore::UpdateHost(const HostRecord& host) {
  Query(Sql("UPDATE host SET name = ?, audit_key = ?, labels = ?, removed = ?, facts = ?, last_seen = ?, epoch = ?,"
            " version = ?, acked = ?, bundle_hash = ?, seq = ?, head = ?, fault = ?, tainted = ?, leaving = ?, clock_offset = ?, link_key = ? WHERE id = ?"))
      .Bind(host.name.Text()).Blob(host.audit_key.Raw()).Bind(WriteLabels(host.labels)).Bind(std::int64_t{host.removed})
      .Bind(WriteFacts(host.facts)).Bind(host.last_seen).Bind(host.epoch).Bind(host.version).Bind(host.acked)
      .Blob(host.bundle_hash.Raw()).Bind(host.seq).Blob(host.head.Raw()).Bind(host.fault)
      .Bind(std::int64_t{host.tainted}).Bind(host.leaving).Bind(host.clock_offset).Blob(host.link_key).Blob(host.id.Raw()).Run();
}

std::vector<HostRecord> SqliteStore::ReadHosts(Query& query) {
  std::vector<HostRecord> hosts;
  while (query.Next()) {
    HostRecord host{Stored(HostId::FromBytes(query.Text(0))), Stored(HostName::Parse(query.Text(1)))};
    host.audit_key = Stored(PublicKey::FromBytes(query.Text(2)));
    host.labels = ReadLabels(query.Text(3));
    host.enrolled = query.At(4);
    host.removed = query.Integer(5) != 0;
    host.facts = ReadFacts(query.Text(6));
    host.last_seen = query.MaybeAt(7);
    host.epoch = query.Unsigned(8);
    host.version = query.Unsigned(9);
    host.acked = query.Unsigned(10);
    host.bundle_hash = Stored(ContentHash::FromBytes(query.Text(11)));
    host.seq = query.Unsigned(12);
    host.head = Stored(ContentHash::FromBytes(query.Text(13)));
    host.fault = query.Text(14);
    host.tainted = query.Integer(15) != 0;
    host.leaving = query.MaybeAt(16);
    if (!query.IsNull(17)) host.clock_offset = Millis{query.Integer(17)};
    if (!query.IsNull(18)) host.link_key = Stored(ContentHash::FromBytes(query.Text(18)));
    hosts.push_back(std::move(host));
  }
  return hosts;
}

std::optional<HostRecord> SqliteStore::FindHost(const HostId& id) {
  Query query(Sql("SELECT * FROM host WHERE id = ?"));
  query.Blob(id.Raw());
  auto hosts = ReadHosts(query);
  if (hosts.empty()) return std::nullopt;
  return std::move(hosts.front());
}

std::optional<HostRecord> SqliteStore::FindHostNamed(const HostName& name) {
  Query query(Sql("SELECT * FROM host WHERE name = ? AND removed = 0"));
  query.Bind(name.Text());
  auto hosts = ReadHosts(query);
  if (hosts.empty()) return std::nullopt;
  return std::move(hosts.front());
}

std::vector<HostRecord> SqliteStore::Hosts() {
  Query query(Sql("SELECT * FROM host WHERE removed = 0 ORDER BY name"));
  return ReadHosts(query);
}

std::vector<HostRecord> SqliteStore::HostsAfter(const std::string& name, std::int64_t limit) {
  Query query(Sql("SELECT * FROM host WHERE removed = 0 AND name > ? ORDER BY name LIMIT ?"));
  query.Bind(name).Bind(limit);
  return ReadHosts(query);
}

std::int64_t SqliteStore::CountHosts() {
  Query query(Sql("SELECT COUNT(*) FROM host WHERE removed = 0"));
  query.Next();
  return query.Integer(0);
}

std::vector<HostId> SqliteStore::DueLeavers(Instant now) {
  Query query(Sql("SELECT id FROM host WHERE leaving <= ? LIMIT 1000"));
  query.Bind(now);
  std::vector<HostId> due;
  while (query.Next()) due.push_back(Stored(HostId::FromBytes(query.Text(0))));
  return due;
}

void SqliteStore::AddDrift(const HostId& host, const DriftRecord& drift) {
  Query(Sql("INSERT INTO drift(host, what, boot, at) VALUES(?, ?, ?, ?) ON CONFLICT(host, what) DO UPDATE SET at = excluded.at,"
            " boot = excluded.boot"))
      .Blob(host.Raw()).Bind(drift.what).Bind(drift.boot).Bind(drift.at).Run();
  Query(Sql("DELETE FROM drift WHERE host = ?1 AND what NOT IN"
            " (SELECT what FROM drift WHERE host = ?1 ORDER BY at DESC, what LIMIT ?2)"))
      .Blob(host.Raw()).Bind(kMostDrift).Run();
}

void SqliteStore::DropDrift(const HostId& host, const std::string& what) {
  Query(Sql("DELETE FROM drift WHERE host = ? AND what = ?")).Blob(host.Raw()).Bind(what).Run();
}

void SqliteStore::DropDriftBefore(const HostId& host, const std::string& boot) {
  Query(Sql("DELETE FROM drift WHERE host = ? AND boot <> ?")).Blob(host.Raw()).Bind(boot).Run();
}

std::vector<DriftRecord> SqliteStore::DriftOf(const HostId& host) {
  Query query(Sql("SELECT at, boot, what FROM drift WHERE host = ? ORDER BY at, what"));
  query.Blob(host.Raw());
  std::vector<DriftRecord> drift;
  while (query.Next()) drift.push_back({query.At(0), query.Text(1), query.Text(2)});
  return drift;
}

void SqliteStore::KeepBundle(const HostId& host, std::string_view sealed, std::string_view managed) {
  Query(Sql("INSERT INTO bundle(host, sealed, managed) VALUES(?, ?, ?) ON CONFLICT(host) DO UPDATE"
            " SET sealed = excluded.sealed, managed = excluded.managed"))
      .Blob(host.Raw()).Blob(sealed).Bind(managed).Run();
}

std::string SqliteStore::ManagedInBundle(const HostId& host) {
  Query query(Sql("SELECT managed FROM bundle WHERE host = ?"));
  return query.Blob(host.Raw()).Next() ? query.Text(0) : std::string();
}

std::string SqliteStore::BundleOf(const HostId& host) {
  Query query(Sql("SELECT sealed FROM bundle WHERE host = ?"));
  return query.Blob(host.Raw()).Next() ? query.Text(0) : std::string();
}

}  // namespace curfew
