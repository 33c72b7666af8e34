// SPDX-License-Identifier: Apache-2.0
// Admitting and removing hosts.
#include "controller/workflow/enrolment.h"

#include <set>

#include "controller/workflow/grants.h"
#include "core/signature.h"

namespace curfew {
namespace {

constexpr Seconds kLongestFarewell{120};

/// An ask whose parts are proved to belong together.
struct Proved {
  HostName name;
  HostId id;
  PublicKey audit_key;
};

Outcome<Proved> Prove(const EnrolmentAsk& ask) {
  auto name = HostName::Parse(ask.name);
  if (!name) return Refuse(Refusal::kMalformed, name.error().Text());
  const auto identity = PublicKey::FromBytes(ask.identity_key);
  const auto audit = PublicKey::FromBytes(ask.audit_key);
  if (!identity || !audit) return Refuse(Refusal::kMalformed, "identity_key and audit_key must be raw Ed25519 keys of 32 bytes");
  if (*identity == *audit) return Refuse(Refusal::kMalformed, "identity_key and audit_key must differ");
  // Without the proof, whoever holds a token could enrol with another host's public key and so take its id.
  if (!VerifySignature(*identity, EnrolmentProofText(ask), ask.identity_proof)) {
    return Refuse(Refusal::kTokenRefused, "identity_proof was not signed by identity_key", "run curfew-agent join again");
  }
  return Proved{std::move(*name), HostId(Stored(HostId::FromBytes(identity->Id().Raw()))), *audit};
}

Outcome<TokenRecord> FindUsable(const Change& change, const EnrolmentAsk& ask, const HostName& name) {
  const std::string hint = "an admin makes a new one: curfew-controller token new";
  auto token = change.Keep().FindToken(Sha256(ask.token));
  if (!token) return Refuse(Refusal::kTokenRefused, "this enrolment token is not known here, or was removed", hint);
  if (token->expires <= change.At()) return Refuse(Refusal::kTokenRefused, "this enrolment token expired at " + Rfc3339(token->expires), hint);
  const auto bound = token->labels.find("name");
  if (bound != token->labels.end() && bound->second != name.Text()) {
    return Refuse(Refusal::kTokenRefused, "this enrolment token is for a host named " + bound->second, hint);
  }
  return *std::move(token);
}

/// One use of a token, taken off it.
struct Spent {
  Labels labels;
};

Outcome<Spent> Spend(Change& change, TokenRecord token) {
  if (token.uses_left < 1) {
    return Refuse(Refusal::kTokenRefused, "this enrolment token was used up", "an admin makes a new one: curfew-controller token new");
  }
  --token.uses_left;
  change.Keep().UpdateToken(token);
  return Spent{std::move(token.labels)};
}

HostRecord PutOnTheRolls(Change& change, const Proved& proved, const std::optional<HostRecord>& known, const Spent& spent) {
  HostRecord host = known ? *known : HostRecord{proved.id, proved.name};
  host.name = proved.name;
  host.audit_key = proved.audit_key;
  host.labels = spent.labels;
  host.removed = false;
  host.leaving.reset();
  if (known) {
    change.Keep().UpdateHost(host);
  } else {
    host.enrolled = change.At();
    change.Keep().AddHost(host);
  }
  return host;
}

std::string LabelText(const Labels& labels) {
  std::string text;
  for (const auto& [key, value] : labels) text.append(" ").append(key).append("=").append(value);
  return text;
}

/// The same host once more, after an answer that got lost or for a new link key: its token was spent the first time.
Outcome<HostRecord> JoinAgain(const HostRecord& known, const Proved& proved, const TokenRecord& token) {
  auto labels = known.labels;
  auto wanted = token.labels;
  labels.insert_or_assign("name", known.name.Text());
  wanted.insert_or_assign("name", proved.name.Text());
  if (labels == wanted) return known;
  return Refuse(Refusal::kConflict, "this host is enrolled with" + LabelText(labels) + ", this join is for" + LabelText(wanted),
                "join with a token of the same labels; or, to change them, first: curfew-controller host remove " + known.name.Text());
}

Outcome<HostRecord> Admit(Change& change, const Proved& proved, TokenRecord token) {
  Store& store = change.Keep();
  const auto named = store.FindHostNamed(proved.name);
  if (named && named->id != proved.id) {
    return Refuse(Refusal::kConflict, "another host is enrolled as " + proved.name.Text(),
                  "remove it first: curfew-controller host remove " + proved.name.Text());
  }
  const auto known = store.FindHost(proved.id);
  if (known && known->audit_key != proved.audit_key) {
    return Refuse(Refusal::kConflict, "this host is enrolled with another audit key", "remove its state and join as a new host");
  }
  if (known && !known->removed) return JoinAgain(*known, proved, token);
  const auto spent = Spend(change, std::move(token));
  if (!spent) return tl::unexpected(spent.error());
  return PutOnTheRolls(change, proved, known, *spent);
}

/// Whoever holds the host's line now comes back with this key, or not at all.
void TieTo(Change& change, HostRecord host, const ContentHash& key) {
  if (host.link_key == key) return;
  host.link_key = key;
  change.Keep().UpdateHost(host);
  change.Recall(host.id);
}

}  // namespace

std::string EnrolmentProofText(const EnrolmentAsk& ask) {
  return "curfew enrolment v1\n" + ask.name + "\n" + ask.audit_key_text + "\n" + ask.csr;
}

Outcome<Enrolled> Enrol(Change& change, const EnrolmentAsk& ask, const CertificateSigner& sign) {
  const auto proved = Prove(ask);
  if (!proved) return tl::unexpected(proved.error());
  auto token = FindUsable(change, ask, proved->name);
  if (!token) return tl::unexpected(token.error());
  const std::string token_id = token->id;
  const auto host = Admit(change, *proved, std::move(*token));
  if (!host) return tl::unexpected(host.error());
  auto certificate = sign(ask.csr, host->id);
  if (!certificate) return Refuse(Refusal::kMalformed, "csr: " + certificate.error().Text());
  TieTo(change, *host, certificate->key);
  const std::string detail = "host " + host->name.Text() + " " + host->id.Hex() + LabelText(host->labels);
  RecordRoll(change, {"token:" + token_id, "", "enrolled", detail});
  change.ResealWithMore(host->id);
  return Enrolled{host->id, std::move(certificate->pem)};
}

Outcome<HostRecord> RemoveHost(Change& change, const HostName& name, const std::string& by) {
  auto host = change.Keep().FindHostNamed(name);
  if (!host) return Refuse(Refusal::kNotFound, "there is no host " + name.Text(), "`curfew-controller host ls` lists them");
  std::set<RequestId> requests;
  for (auto& grant : change.Keep().GrantsOn(host->id, change.At())) {
    if (!IsLive(grant)) continue;
    EndGrant(change, grant, "condition");
    requests.insert(grant.request);
  }
  for (const auto& request : requests) Settle(change, request, by);
  host->removed = true;
  if (CountUnproved(change, host->id) > 0) host->leaving = change.At() + kLongestFarewell;
  change.Keep().UpdateHost(*host);
  RecordRoll(change, {by, "enrolled", "removed", "host " + name.Text() + " " + host->id.Hex(), Severity::kWarning});
  return *std::move(host);
}

bool IsHeard(const HostRecord& host) { return !host.removed || host.leaving; }

std::size_t CountUnproved(const Change& change, const HostId& host) {
  return change.Keep().UnconfirmedOn(host).size();
}

void CloseLine(Change& change, const HostId& id) {
  auto host = change.Keep().FindHost(id);
  if (!host || !host->leaving) return;
  host->leaving.reset();
  change.Keep().UpdateHost(*host);
  change.Recall(id);
}

}  // namespace curfew
