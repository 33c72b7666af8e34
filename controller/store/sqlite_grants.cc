// SPDX-License-Identifier: Apache-2.0
// Grants, and the sealed revocations of those that ended early.
#include "controller/store/sqlite_store.h"
#include "controller/store/text_form.h"

namespace curfew {

void SqliteStore::AddGrant(const GrantRecord& grant) {
  Query(Sql("INSERT INTO grants(id, request, host, host_name, state, proof, start, end, ended, cause, proved,"
            " unconfirmed_until, survivors, intended, tombstone, due) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"))
      .Bind(grant.id.Text()).Bind(grant.request.Text()).Blob(grant.host.Raw()).Bind(grant.host_name.Text())
      .Bind(Word(grant.state)).Bind(Word(grant.proof)).Bind(grant.start).Bind(grant.end).Bind(grant.ended)
      .Bind(grant.cause).Bind(grant.proved).Bind(grant.unconfirmed_until).Bind(WriteSurvivors(grant.survivors))
      .Bind(std::int64_t{grant.intended}).Bind(grant.tombstone_version).Bind(grant.due).Run();
}

void SqliteStore::UpdateGrant(const GrantRecord& grant) {
  Query(Sql("UPDATE grants SET state = ?, proof = ?, ended = ?, cause = ?, proved = ?, unconfirmed_until = ?,"
            " survivors = ?, intended = ?, tombstone = ?, due = ? WHERE id = ?"))
      .Bind(Word(grant.state)).Bind(Word(grant.proof)).Bind(grant.ended).Bind(grant.cause).Bind(grant.proved)
      .Bind(grant.unconfirmed_until).Bind(WriteSurvivors(grant.survivors)).Bind(std::int64_t{grant.intended})
      .Bind(grant.tombstone_version).Bind(grant.due).Bind(grant.id.Text()).Run();
}

std::vector<GrantRecord> SqliteStore::ReadGrants(Query& query) {
  std::vector<GrantRecord> grants;
  while (query.Next()) {
    GrantRecord grant{Stored(GrantId::Parse(query.Text(0))), Stored(RequestId::Parse(query.Text(1))),
                      Stored(HostId::FromBytes(query.Text(2))), Stored(HostName::Parse(query.Text(3)))};
    grant.state = Stored(ParseGrantState(query.Text(4)));
    grant.proof = Stored(ParseProof(query.Text(5)));
    grant.start = query.At(6);
    grant.end = query.At(7);
    grant.ended = query.MaybeAt(8);
    grant.cause = query.Text(9);
    grant.proved = query.MaybeAt(10);
    grant.unconfirmed_until = query.MaybeAt(11);
    grant.survivors = ReadSurvivors(query.Text(12));
    grant.intended = query.Integer(13) != 0;
    grant.tombstone_version = query.Unsigned(14);
    grant.due = query.MaybeAt(15);
    grants.push_back(std::move(grant));
  }
  return grants;
}

std::optional<GrantRecord> SqliteStore::FindGrant(const GrantId& id) {
  Query query(Sql("SELECT * FROM grants WHERE id = ?"));
  query.Bind(id.Text());
  auto grants = ReadGrants(query);
  if (grants.empty()) return std::nullopt;
  return std::move(grants.front());
}

std::vector<GrantRecord> SqliteStore::GrantsOf(const RequestId& request) {
  Query query(Sql("SELECT * FROM grants WHERE request = ? ORDER BY host_name"));
  query.Bind(request.Text());
  return ReadGrants(query);
}

std::vector<GrantRecord> SqliteStore::GrantsOn(const HostId& host, Instant since) {
  Query query(Sql("SELECT * FROM grants WHERE host = ? AND end > ? ORDER BY id"));
  query.Blob(host.Raw()).Bind(since);
  return ReadGrants(query);
}

std::vector<GrantRecord> SqliteStore::UnconfirmedOn(const HostId& host) {
  Query query(Sql("SELECT * FROM grants WHERE host = ? AND proof = 'unconfirmed' ORDER BY id"));
  query.Blob(host.Raw());
  return ReadGrants(query);
}

std::int64_t SqliteStore::CountUnconfirmed() {
  Query query(Sql("SELECT COUNT(*) FROM grants WHERE proof = 'unconfirmed'"));
  query.Next();
  return query.Integer(0);
}

void SqliteStore::KeepRevocation(const RevocationRecord& revocation) {
  Query(Sql("INSERT INTO revocation(grant_id, host, sealed) VALUES(?, ?, ?)"))
      .Bind(revocation.grant.Text()).Blob(revocation.host.Raw()).Blob(revocation.sealed).Run();
}

std::string SqliteStore::RevocationOf(const GrantId& grant) {
  Query query(Sql("SELECT sealed FROM revocation WHERE grant_id = ?"));
  return query.Bind(grant.Text()).Next() ? query.Text(0) : std::string();
}

std::vector<std::string> SqliteStore::RevocationsFor(const HostId& host, std::uint64_t version, std::int64_t limit) {
  Query query(Sql("SELECT r.sealed FROM revocation r JOIN grants g ON g.id = r.grant_id WHERE r.host = ?"
                  " AND g.tombstone > ? AND g.proof = 'unconfirmed' ORDER BY g.end DESC, g.id LIMIT ?"));
  query.Blob(host.Raw()).Bind(version).Bind(limit);
  std::vector<std::string> sealed;
  while (query.Next()) sealed.push_back(query.Text(0));
  return sealed;
}

}  // namespace curfew
