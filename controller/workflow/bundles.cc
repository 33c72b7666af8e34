// SPDX-License-Identifier: Apache-2.0
// Building and sealing bundles.
#include "controller/workflow/bundles.h"

#include "core/codec.h"
#include "core/signature.h"

namespace curfew {
namespace {

// An ended grant is remembered on the host past its end by what clocks may differ.
constexpr Seconds kTombstoneSlack{3600};
constexpr std::size_t kMostBodyForMore = kMaxBundleBody / 4 * 3;

std::string ManagedText(const std::vector<ManagedAccount>& managed) {
  std::string text;
  for (const auto& account : managed) {
    text += account.name.Text() + (account.gate.login ? " login" : "") + (account.gate.sudo ? " sudo" : "") + "\n";
  }
  return text;
}

std::vector<ManagedAccount> ManagedOf(const Change& change, const HostRecord& host) {
  return ManagedOn(change.InForce().policy, Target{host.name, host.labels});
}

// What an approver saw: all that was asked, but not for how long, which an approver may shorten.
ContentHash RequestHash(const RequestRecord& request) {
  const AskedFor asked{request.requester, request.account, request.host_names, request.login, request.sudo, Seconds{1}};
  return Sha256(request.id.Text() + "\n" + Sentence(asked) + "\n" + request.reason + "\n" + request.ticket);
}

bool TakenAway(const GrantRecord& grant) { return grant.state == GrantState::kFailed || (grant.state == GrantState::kEnded && grant.cause != "expired"); }

Tombstone TombstoneOf(const GrantRecord& grant, Instant now) {
  return {grant.id, FromUnixSeconds(UnixSeconds(grant.ended.value_or(now))), grant.end + kTombstoneSlack, grant.cause};
}

const Grant& FormOf(Change& change, const GrantRecord& record) {
  constexpr std::size_t kMostForms = 20000;
  GrantForms& forms = change.Forms();
  if (const auto known = forms.find(record.id); known != forms.end()) return known->second;
  if (forms.size() >= kMostForms) forms.clear();
  return forms.emplace(record.id, GrantFor(StoredRequest(change, record.request), record)).first->second;
}

// A grant that was taken away stays listed beside its tombstone until its end: the host needs it to know whose session
// was whose, and to hand a session over to another live grant. One that failed was never anybody's.
void AddGrant(Change& change, Bundle& bundle, GrantRecord grant, std::uint64_t version) {
  if (TakenAway(grant)) {
    bundle.ended.push_back(TombstoneOf(grant, change.At()));
    if (grant.tombstone_version == 0) {
      grant.tombstone_version = version;
      change.Keep().UpdateGrant(grant);
    }
  }
  if (grant.state == GrantState::kFailed) return;
  if (grant.proof == Proof::kProved && grant.end <= change.At()) return;
  bundle.grants.push_back(FormOf(change, grant));
}

}  // namespace

Grant GrantFor(const RequestRecord& request, const GrantRecord& record) {
  Grant grant{record.id, request.requester, request.account, {}, {}, {}, record.start, record.end, Seconds{0}, Expiry::kEnd,
              Seconds{0}, false, {}, {}, request.reason, request.ticket, request.id, {}, {}, {}};
  if (request.login) grant.login = LoginRight{request.keys, {}};
  grant.sudo = request.sudo;
  grant.request_hash = RequestHash(request);
  for (const auto& decision : request.decisions) {
    if (decision.approve) grant.approvals.push_back({decision.by, ""});
  }
  return grant;
}

void SealBundle(Change& change, const HostId& id) {
  Store& store = change.Keep();
  auto host = store.FindHost(id);
  if (!host || host->removed) return;
  Bundle bundle;
  bundle.format = kFormat;
  bundle.host = id;
  bundle.epoch = host->epoch;
  bundle.version = host->version + 1;
  bundle.previous = host->bundle_hash;
  bundle.issued = change.At();
  bundle.managed = ManagedOf(change, *host);
  // A grant whose end has passed without a receipt stays for a day, so that the host still knows what to prove.
  for (auto& grant : store.GrantsOn(id, change.At() - kTombstoneSlack * 24)) {
    AddGrant(change, bundle, std::move(grant), bundle.version);
  }
  const std::string body = EncodeBundle(bundle);
  // A full bundle could carry no tombstone, and so nothing could be revoked: grants stop before that.
  if (change.Grows(id) && body.size() > kMostBodyForMore) {
    throw StoreFailure("host " + host->name.Text() + " has as many grants as one bundle may carry");
  }
  auto sealed = Seal(Purpose::kBundle, body, change.Keys().bundle);
  if (!sealed) throw StoreFailure("cannot seal the bundle of " + host->name.Text() + ": " + sealed.error().Text());
  host->version = bundle.version;
  host->bundle_hash = SignedHash(Purpose::kBundle, body);
  store.KeepBundle(id, *sealed, ManagedText(bundle.managed));
  store.UpdateHost(*host);
  store.PutOutgoing(id, host->version);
}

bool ManagedDiffer(const Change& change, const HostRecord& host) {
  return change.Keep().ManagedInBundle(host.id) != ManagedText(ManagedOf(change, host));
}

}  // namespace curfew
