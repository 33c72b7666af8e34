// SPDX-License-Identifier: Apache-2.0
// People, their sessions and their login keys, and the tokens that hosts join with.
#include "controller/store/sqlite_store.h"
#include "controller/store/text_form.h"

namespace curfew {

void SqliteStore::AddPerson(const PersonRecord& person) {
  Query(Sql("INSERT INTO person(name, groups, password, disabled) VALUES(?, ?, ?, ?)"))
      .Bind(person.name.Text()).Bind(WriteGroups(person.groups)).Bind(person.password)
      .Bind(std::int64_t{person.disabled}).Run();
}

void SqliteStore::UpdatePerson(const PersonRecord& person) {
  Query(Sql("UPDATE person SET groups = ?, password = ?, disabled = ? WHERE name = ?"))
      .Bind(WriteGroups(person.groups)).Bind(person.password).Bind(std::int64_t{person.disabled})
      .Bind(person.name.Text()).Run();
}

std::vector<PersonRecord> SqliteStore::ReadPeople(Query& query) {
  std::vector<PersonRecord> people;
  while (query.Next()) {
    people.push_back({Stored(PersonName::Parse(query.Text(0))), ReadGroups(query.Text(1)), query.Text(2),
                      query.Integer(3) != 0});
  }
  return people;
}

std::optional<PersonRecord> SqliteStore::FindPerson(const PersonName& name) {
  Query query(Sql("SELECT name, groups, password, disabled FROM person WHERE name = ?"));
  query.Bind(name.Text());
  auto people = ReadPeople(query);
  if (people.empty()) return std::nullopt;
  return std::move(people.front());
}

std::vector<PersonRecord> SqliteStore::People() {
  Query query(Sql("SELECT name, groups, password, disabled FROM person ORDER BY name"));
  return ReadPeople(query);
}

void SqliteStore::AddSession(const ContentHash& token, const SessionRecord& session) {
  Query(Sql("INSERT INTO session(token, person, expires) VALUES(?, ?, ?)"))
      .Blob(token.Raw()).Bind(session.person.Text()).Bind(session.expires).Run();
}

std::optional<SessionRecord> SqliteStore::FindSession(const ContentHash& token) {
  Query query(Sql("SELECT person, expires FROM session WHERE token = ?"));
  if (!query.Blob(token.Raw()).Next()) return std::nullopt;
  return SessionRecord{Stored(PersonName::Parse(query.Text(0))), query.At(1)};
}

void SqliteStore::DropSession(const ContentHash& token) {
  Query(Sql("DELETE FROM session WHERE token = ?")).Blob(token.Raw()).Run();
}

void SqliteStore::DropSessionsOf(const PersonName& person) {
  Query(Sql("DELETE FROM session WHERE person = ?")).Bind(person.Text()).Run();
}

void SqliteStore::DropSessionsBefore(Instant now) {
  Query(Sql("DELETE FROM session WHERE expires <= ?")).Bind(now).Run();
}

PersonName SqliteStore::ClaimKey(const KeyRecord& key) {
  // Its text may be one of an earlier version: KeepClaims goes by the text of today.
  Query(Sql("INSERT INTO key_claim(fingerprint, text, person, granted) VALUES(?, ?, ?, 0)"
            " ON CONFLICT(fingerprint) DO UPDATE SET text = excluded.text WHERE person = excluded.person"))
      .Bind(key.fingerprint).Bind(key.key.Text()).Bind(key.person.Text()).Run();
  Query query(Sql("SELECT person FROM key_claim WHERE fingerprint = ?"));
  query.Bind(key.fingerprint).Next();
  return Stored(PersonName::Parse(query.Text(0)));
}

void SqliteStore::KeepClaims(const std::vector<LoginKey>& keys) {
  for (const auto& key : keys) Query(Sql("UPDATE key_claim SET granted = 1 WHERE text = ?")).Bind(key.Text()).Run();
}

std::optional<PersonName> SqliteStore::FreeKey(const std::string& fingerprint) {
  std::optional<PersonName> owner;
  {
    Query query(Sql("SELECT person FROM key_claim WHERE fingerprint = ?"));
    if (query.Bind(fingerprint).Next()) owner = Stored(PersonName::Parse(query.Text(0)));
  }
  Query(Sql("DELETE FROM login_key WHERE fingerprint = ?")).Bind(fingerprint).Run();
  Query(Sql("DELETE FROM key_claim WHERE fingerprint = ?")).Bind(fingerprint).Run();
  return owner;
}

void SqliteStore::AddKey(const KeyRecord& key) {
  // The same key in a text that is refused today, which KeysOf does not list.
  Query(Sql("DELETE FROM login_key WHERE fingerprint = ? AND person = ?")).Bind(key.fingerprint).Bind(key.person.Text()).Run();
  Query(Sql("INSERT INTO login_key(id, person, text, type, bits, fingerprint, added) VALUES(?, ?, ?, ?, ?, ?, ?)"))
      .Bind(key.id).Bind(key.person.Text()).Bind(key.key.Text()).Bind(key.type).Bind(key.bits).Bind(key.fingerprint)
      .Bind(key.added).Run();
}

std::vector<KeyRecord> SqliteStore::KeysOf(const PersonName& person) {
  Query query(Sql("SELECT id, text, type, bits, fingerprint, added FROM login_key WHERE person = ? ORDER BY added, id"));
  query.Bind(person.Text());
  std::vector<KeyRecord> keys;
  while (query.Next()) {
    auto key = LoginKey::Parse(query.Text(1));
    if (!key) continue;
    keys.push_back({query.Text(0), person, *std::move(key), query.Text(2), query.Integer(3), query.Text(4), query.At(5)});
  }
  return keys;
}

bool SqliteStore::DropKey(const PersonName& person, const std::string& id) {
  Query(Sql("DELETE FROM login_key WHERE person = ? AND id = ?")).Bind(person.Text()).Bind(id).Run();
  if (!Changed()) return false;
  Query(Sql("DELETE FROM key_claim WHERE person = ? AND granted = 0 AND fingerprint NOT IN (SELECT fingerprint FROM login_key)"))
      .Bind(person.Text()).Run();
  Query(Sql("DELETE FROM key_claim WHERE rowid IN (SELECT rowid FROM key_claim WHERE person = ?"
            " AND fingerprint NOT IN (SELECT fingerprint FROM login_key) ORDER BY rowid DESC LIMIT -1 OFFSET ?)"))
      .Bind(person.Text()).Bind(kMostLeftClaims).Run();
  return true;
}

void SqliteStore::AddToken(const TokenRecord& token) {
  Query(Sql("INSERT INTO token(id, hash, uses_left, expires, labels) VALUES(?, ?, ?, ?, ?)"))
      .Bind(token.id).Blob(token.hash.Raw()).Bind(token.uses_left).Bind(token.expires).Bind(WriteLabels(token.labels)).Run();
}

void SqliteStore::UpdateToken(const TokenRecord& token) {
  Query(Sql("UPDATE token SET uses_left = ? WHERE id = ?")).Bind(token.uses_left).Bind(token.id).Run();
}

std::vector<TokenRecord> SqliteStore::ReadTokens(Query& query) {
  std::vector<TokenRecord> tokens;
  while (query.Next()) {
    tokens.push_back({query.Text(0), Stored(ContentHash::FromBytes(query.Text(1))), query.Integer(2), query.At(3),
                      ReadLabels(query.Text(4))});
  }
  return tokens;
}

std::optional<TokenRecord> SqliteStore::FindToken(const ContentHash& hash) {
  Query query(Sql("SELECT id, hash, uses_left, expires, labels FROM token WHERE hash = ?"));
  query.Blob(hash.Raw());
  auto tokens = ReadTokens(query);
  if (tokens.empty()) return std::nullopt;
  return std::move(tokens.front());
}

std::vector<TokenRecord> SqliteStore::Tokens() {
  Query query(Sql("SELECT id, hash, uses_left, expires, labels FROM token ORDER BY expires, id"));
  return ReadTokens(query);
}

bool SqliteStore::DropToken(const std::string& id) {
  Query(Sql("DELETE FROM token WHERE id = ?")).Bind(id).Run();
  return Changed();
}

}  // namespace curfew
