// SPDX-License-Identifier: Apache-2.0
// Building and sealing bundles.
#include "controller/workflow/bundles.h"

#include <algorithm>
#include <map>

#include "controller/workflow/ceilings.h"
#include "controller/workflow/enrolment.h"
#include "controller/workflow/grants.h"
#include "core/accept.h"
#include "core/codec.h"
#include "core/lines.h"
#include "core/signature.h"

namespace curfew {
namespace {

constexpr Seconds kListedUnproved{86400};
constexpr std::size_t kMostBodyForMore = kMaxBundleBody / 4 * 3;

std::string ManagedText(const std::vector<ManagedAccount>& managed) {
  std::string text;
  for (const auto& account : managed) {
    text += account.name.Text() + (account.gate.login ? " login" : "") + (account.gate.sudo ? " sudo" : "") + "\n";
  }
  return text;
}

/// What ManagedText wrote.
std::vector<ManagedAccount> ReadManaged(const std::string& text) {
  std::vector<ManagedAccount> managed;
  const auto lines = SplitLines(text, "managed accounts");
  if (!lines) return managed;
  for (const auto line : *lines) {
    const auto words = SplitWords(line);
    const auto gated = [&](std::string_view what) { return std::find(words.begin() + 1, words.end(), what) != words.end(); };
    if (auto name = AccountName::Parse(words.front())) managed.push_back({*std::move(name), Gate{gated("login"), gated("sudo")}});
  }
  return managed;
}

// What an approver saw: all that was asked, but not for how long, which an approver may shorten.
ContentHash RequestHash(const RequestRecord& request) {
  const AskedFor asked{request.requester, request.account, request.host_names, request.login, request.sudo, Seconds{1}};
  return Sha256(request.id.Text() + "\n" + Sentence(asked) + "\n" + request.reason + "\n" + request.ticket);
}

Tombstone TombstoneOf(const GrantRecord& grant, Instant now) {
  return {grant.id, FromUnixSeconds(UnixSeconds(grant.ended.value_or(now))), grant.end + kRememberEnded, grant.cause};
}

const Grant& FormOf(const Change& change, const GrantRecord& record) {
  constexpr std::size_t kMostForms = 20000;
  GrantForms& forms = change.Forms();
  if (const auto known = forms.find(record.id); known != forms.end()) return known->second;
  if (forms.size() >= kMostForms) forms.clear();
  return forms.emplace(record.id, GrantFor(change, StoredRequest(change, record.request), record)).first->second;
}

/// A grant whose end has passed without a receipt stays for a day, so that the host still knows what to prove.
std::vector<GrantRecord> GrantsFor(const Change& change, const HostRecord& host) {
  return change.Keep().GrantsOn(host.id, change.At() - kListedUnproved);
}

/// Under a policy that cannot be read the gates stay as they are: to open them would let in who was kept out.
std::vector<ManagedAccount> ManagedByPolicy(const Change& change, const HostRecord& host) {
  const LoadedPolicy& loaded = change.InForce();
  if (!loaded.unreadable.empty()) return ReadManaged(change.Keep().ManagedInBundle(host.id));
  return ManagedOn(loaded.policy, Target{host.name, host.labels});
}

// An account stays guarded until its last grant is over and proved, whatever the policy says by now: what nobody saw begin would
// outlive the proof. The policy may be older than the ceilings that protect the account now.
std::vector<ManagedAccount> ManagedOf(const Change& change, const HostRecord& host, const std::vector<GrantRecord>& grants) {
  std::map<AccountName, Gate> gates;
  for (const auto& account : ManagedByPolicy(change, host)) gates[account.name] = account.gate;
  for (const auto& grant : grants) {
    if (!IsLive(grant) && grant.proof != Proof::kUnconfirmed) continue;
    const Grant& form = FormOf(change, grant);
    Gate& gate = gates[form.account];
    gate = {gate.login || form.login, gate.sudo || form.sudo};
  }
  std::vector<ManagedAccount> managed;
  for (const auto& [name, gate] : gates) {
    if (!IsProtected(name, change.Keys().roles.ceilings)) managed.push_back({name, gate});
  }
  return managed;
}

// A grant that was taken away stays listed beside its tombstone until it is proved: the host needs it to know whose session
// was whose, and to hand a session over to another live grant. One that failed was never anybody's. One over the ceilings of
// today would have the bundle refused, and its host took it away when it learnt of them.
void AddGrant(Change& change, Bundle& bundle, GrantRecord grant, std::uint64_t version) {
  const bool settled = !IsLive(grant) && grant.proof != Proof::kUnconfirmed;
  // By now no host begins it, also one that remembers nothing.
  if (settled && ActivateBy(change.Settings(), grant) + kRememberEnded <= change.At()) return;
  if (IsTakenAway(grant)) {
    bundle.ended.push_back(TombstoneOf(grant, change.At()));
    if (grant.tombstone_version == 0) {
      grant.tombstone_version = version;
      change.Keep().UpdateGrant(grant);
    }
  }
  if (grant.state == GrantState::kFailed) return;
  if (settled && (grant.end <= change.At() || IsTakenAway(grant))) return;
  const Grant& form = FormOf(change, grant);
  if (!IsLive(grant) && WhyOverCeilings(change, grant.host, form)) return;
  bundle.grants.push_back(form);
}

Bundle NextBundle(Change& change, const HostRecord& host) {
  Bundle bundle;
  bundle.format = kFormat;
  bundle.host = host.id;
  bundle.epoch = host.epoch;
  bundle.version = host.version + 1;
  bundle.previous = host.bundle_hash;
  bundle.issued = change.At();
  auto grants = GrantsFor(change, host);
  bundle.managed = ManagedOf(change, host, grants);
  for (auto& grant : grants) AddGrant(change, bundle, std::move(grant), bundle.version);
  return bundle;
}

std::string Sealed(Purpose purpose, const std::string& body, const PrivateKey& key) {
  auto sealed = Seal(purpose, body, key);
  // No part of any rule: libcrypto failed. Nothing of the transaction may stand.
  if (!sealed) throw StoreFailure("cannot sign: " + sealed.error().Text());
  return *std::move(sealed);
}

}  // namespace

Instant ActivateBy(const WorkflowSettings& settings, const GrantRecord& grant) {
  return std::min<Instant>(grant.start + settings.acknowledge_within + kClockSkew, grant.end);
}

Grant GrantFor(const Change& change, const RequestRecord& request, const GrantRecord& record) {
  Grant grant{record.id, request.requester, request.account, {}, {}, {}, record.start, record.end,
              ActivateBy(change.Settings(), record), Seconds{0}, Expiry::kEnd, Seconds{0}, false, {}, {}, request.reason, request.ticket, request.id, {}, {}, {}};
  if (request.login) grant.login = LoginRight{request.keys, {}};
  grant.sudo = request.sudo;
  grant.request_hash = RequestHash(request);
  for (const auto& decision : request.decisions) {
    if (decision.approve) grant.approvals.push_back({decision.by, ""});
  }
  return grant;
}

Outcome<void> SealBundle(Change& change, const HostId& id) {
  Store& store = change.Keep();
  auto host = store.FindHost(id);
  if (!host || !IsHeard(*host)) return {};
  const Bundle bundle = NextBundle(change, *host);
  const std::string body = EncodeBundle(bundle);
  // A full bundle could carry no tombstone, and so nothing could be revoked: grants stop before that.
  if (change.Grows(id) && body.size() > kMostBodyForMore) {
    return Refuse(Refusal::kUnusable, "host " + host->name.Text() + " has as many grants as one bundle may carry",
                  "wait until some of them end, or ask for fewer commands");
  }
  const std::string sealed = Sealed(Purpose::kBundle, body, change.Keys().bundle);
  // What only takes away is sealed in any case: its revocations count also where the bundle is refused.
  if (change.Grows(id)) {
    if (const auto why = WhyNotTaken(change, id, sealed)) {
      return Refuse(Refusal::kUnusable, "host " + host->name.Text() + " would refuse its bundle: " + *why,
                    "let the policy manage fewer accounts there, or wait until grants on it end");
    }
  }
  host->version = bundle.version;
  host->bundle_hash = SignedHash(Purpose::kBundle, body);
  store.KeepBundle(id, sealed, ManagedText(bundle.managed));
  store.UpdateHost(*host);
  return {};
}

void SealRevocation(Change& change, const GrantRecord& grant) {
  const Revocation revocation{grant.host, grant.id, FromUnixSeconds(UnixSeconds(grant.ended.value_or(change.At()))),
                              grant.end + kRememberEnded};
  change.Keep().KeepRevocation({grant.id, grant.host, Sealed(Purpose::kRevocation, EncodeRevocation(revocation), change.Keys().revoker)});
}

bool ManagedDiffer(const Change& change, const HostRecord& host) {
  return change.Keep().ManagedInBundle(host.id) != ManagedText(ManagedOf(change, host, GrantsFor(change, host)));
}

}  // namespace curfew
