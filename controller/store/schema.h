// SPDX-License-Identifier: Apache-2.0
// The SQLite schema, as the steps that lead to it: a store of any earlier version is brought up to date by the steps it
// lacks, so a step never changes once it was shipped. Times are milliseconds since 1970, ids and names text, digests
// 32-byte blobs. The audit log and the decisions have triggers that refuse to change or remove a line.
#pragma once

#include <array>

namespace curfew {

inline constexpr const char* kFirstSchema = R"sql(
CREATE TABLE setting(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE person(name TEXT PRIMARY KEY, groups TEXT NOT NULL, password TEXT NOT NULL, disabled INTEGER NOT NULL) STRICT;
CREATE TABLE session(token BLOB PRIMARY KEY, person TEXT NOT NULL REFERENCES person, expires INTEGER NOT NULL) STRICT;
CREATE TABLE login_key(id TEXT PRIMARY KEY, person TEXT NOT NULL REFERENCES person, text TEXT NOT NULL, type TEXT NOT NULL,
  bits INTEGER NOT NULL, fingerprint TEXT NOT NULL, added INTEGER NOT NULL, UNIQUE(person, text)) STRICT;
CREATE TABLE token(id TEXT PRIMARY KEY, hash BLOB NOT NULL UNIQUE, uses_left INTEGER NOT NULL, expires INTEGER NOT NULL,
  labels TEXT NOT NULL) STRICT;
CREATE TABLE host(id BLOB PRIMARY KEY, name TEXT NOT NULL, audit_key BLOB NOT NULL, labels TEXT NOT NULL,
  enrolled INTEGER NOT NULL, removed INTEGER NOT NULL, facts TEXT NOT NULL, last_seen INTEGER, epoch INTEGER NOT NULL,
  version INTEGER NOT NULL, acked INTEGER NOT NULL, bundle_hash BLOB NOT NULL, seq INTEGER NOT NULL, head BLOB NOT NULL,
  fault TEXT NOT NULL, tainted INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX host_name ON host(name) WHERE removed = 0;
CREATE TABLE bundle(host BLOB PRIMARY KEY REFERENCES host, sealed BLOB NOT NULL, managed TEXT NOT NULL) STRICT;
CREATE TABLE outgoing(host BLOB PRIMARY KEY REFERENCES host, version INTEGER NOT NULL) STRICT;
CREATE TABLE request(place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, state TEXT NOT NULL, requester TEXT NOT NULL,
  duration_s INTEGER NOT NULL, due INTEGER, revision INTEGER NOT NULL, failure TEXT NOT NULL, body TEXT NOT NULL) STRICT;
CREATE INDEX request_due ON request(due) WHERE due IS NOT NULL;
CREATE INDEX request_state ON request(state);
CREATE INDEX request_requester ON request(requester);
CREATE TABLE decision(request TEXT NOT NULL, stage INTEGER NOT NULL, person TEXT NOT NULL, approve INTEGER NOT NULL,
  at INTEGER NOT NULL, reason TEXT NOT NULL, PRIMARY KEY(request, stage, person)) STRICT;
CREATE TRIGGER decision_stays BEFORE UPDATE ON decision BEGIN SELECT RAISE(ABORT, 'decisions never change'); END;
CREATE TRIGGER decision_kept BEFORE DELETE ON decision BEGIN SELECT RAISE(ABORT, 'decisions are kept'); END;
CREATE TABLE history(place INTEGER PRIMARY KEY, request TEXT NOT NULL, state TEXT NOT NULL, at INTEGER NOT NULL,
  by TEXT NOT NULL) STRICT;
CREATE INDEX history_request ON history(request);
CREATE TABLE grants(id TEXT PRIMARY KEY, request TEXT NOT NULL, host BLOB NOT NULL REFERENCES host, host_name TEXT NOT NULL,
  state TEXT NOT NULL, proof TEXT NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL, ended INTEGER, cause TEXT NOT NULL,
  proved INTEGER, unconfirmed_until INTEGER, survivors TEXT NOT NULL, intended INTEGER NOT NULL,
  tombstone INTEGER NOT NULL, due INTEGER) STRICT;
CREATE INDEX grants_request ON grants(request);
CREATE INDEX grants_host ON grants(host, end);
CREATE INDEX grants_due ON grants(due) WHERE due IS NOT NULL;
CREATE INDEX grants_proof ON grants(proof) WHERE proof = 'unconfirmed';
CREATE TABLE event(place INTEGER PRIMARY KEY AUTOINCREMENT, source BLOB NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,
  host_name TEXT NOT NULL, boot TEXT NOT NULL, kind TEXT NOT NULL, severity INTEGER NOT NULL, actor TEXT NOT NULL,
  request TEXT NOT NULL, grant_id TEXT NOT NULL, outcome TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
  detail TEXT NOT NULL, previous BLOB NOT NULL, hash BLOB NOT NULL, raw BLOB NOT NULL, UNIQUE(source, seq)) STRICT;
CREATE INDEX event_request ON event(request);
CREATE INDEX event_alarm ON event(severity) WHERE severity = 3;
CREATE TRIGGER event_stays BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'the audit log never changes'); END;
CREATE TRIGGER event_kept BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'the audit log is kept'); END;
CREATE TABLE policy(version INTEGER PRIMARY KEY, text TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE TABLE notice(id INTEGER PRIMARY KEY AUTOINCREMENT, person TEXT NOT NULL, request TEXT NOT NULL, at INTEGER NOT NULL,
  text TEXT NOT NULL) STRICT;
CREATE INDEX notice_person ON notice(person);
CREATE TABLE idempotency(person TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, request TEXT NOT NULL,
  at INTEGER NOT NULL, PRIMARY KEY(person, key)) STRICT;
)sql";

inline constexpr const char* kRevocationsAndDrift = R"sql(
DROP TABLE outgoing;
DROP TABLE setting;
ALTER TABLE host ADD COLUMN leaving INTEGER;
ALTER TABLE host ADD COLUMN clock_offset INTEGER;
CREATE INDEX host_leaving ON host(leaving) WHERE leaving IS NOT NULL;
CREATE TABLE revocation(grant_id TEXT PRIMARY KEY REFERENCES grants, host BLOB NOT NULL REFERENCES host,
  sealed BLOB NOT NULL) STRICT;
CREATE INDEX revocation_host ON revocation(host);
CREATE TABLE drift(host BLOB NOT NULL REFERENCES host, what TEXT NOT NULL, boot TEXT NOT NULL, at INTEGER NOT NULL,
  PRIMARY KEY(host, what)) STRICT;
)sql";

// Of a key that two people had handed in, the first keeps it.
inline constexpr const char* kKeysHaveOwners = R"sql(
CREATE TABLE key_owner(text TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, person TEXT NOT NULL REFERENCES person) STRICT;
INSERT OR IGNORE INTO key_owner(text, fingerprint, person) SELECT text, fingerprint, person FROM login_key ORDER BY added, id;
DELETE FROM login_key WHERE person <> (SELECT o.person FROM key_owner o WHERE o.text = login_key.text);
)sql";

// A key is known by its fingerprint, whatever its text; of those of before nobody wrote down which a grant was made with.
inline constexpr const char* kKeysByFingerprint = R"sql(
CREATE TABLE key_claim(fingerprint TEXT PRIMARY KEY, text TEXT NOT NULL, person TEXT NOT NULL REFERENCES person,
  granted INTEGER NOT NULL) STRICT;
CREATE INDEX key_claim_person ON key_claim(person);
INSERT OR IGNORE INTO key_claim(fingerprint, text, person, granted)
  SELECT fingerprint, text, person, 1 FROM key_owner ORDER BY rowid;
DROP TABLE key_owner;
DELETE FROM login_key WHERE (person, text) NOT IN (SELECT person, text FROM key_claim);
CREATE UNIQUE INDEX login_key_fingerprint ON login_key(fingerprint);
)sql";

inline constexpr const char* kLinkKeys = "ALTER TABLE host ADD COLUMN link_key BLOB;";

inline constexpr std::array kSchemaSteps = {kFirstSchema, kRevocationsAndDrift, kKeysHaveOwners, kKeysByFingerprint, kLinkKeys};
inline constexpr int kSchemaVersion = kSchemaSteps.size();

}  // namespace curfew
