// SPDX-License-Identifier: Apache-2.0
// Counting approvals on the host. MUST count keys that the role table names as approvers, each once, and only for yeses
// that cover this very grant.
#include "core/approval.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "core/codec_grant.h"
#include "core/frame_reader.h"

namespace curfew {
namespace {

constexpr std::string_view kMagic = "APR1";

bool CoversGrant(const ApprovedTerms& yes, const Grant& grant, const HostId& host) {
  return yes.request == grant.request_hash && yes.terms == TermsHash(grant) && grant.end - grant.start <= yes.longest &&
         grant.end <= yes.until && std::ranges::find(yes.hosts, host) != yes.hosts.end();
}

}  // namespace

ContentHash TermsHash(const Grant& grant) { return Sha256(EncodeTerms(grant)); }

std::string EncodeApproval(const ApprovedTerms& approval) {
  std::string frame(kMagic);
  frame += approval.request.Raw();
  frame += approval.terms.Raw();
  frame += BigEndian(approval.longest.count());
  frame += BigEndian(UnixSeconds(approval.until));
  for (const HostId& host : approval.hosts) frame += host.Raw();
  return frame;
}

Result<ApprovedTerms> DecodeApproval(const Verified& body) {
  if (body.For() != Purpose::kApproval) return Fail(Errc::kRefused, "sealed for another purpose");
  FrameReader frame(body.Body());
  if (frame.Take(kMagic.size()) != kMagic) return Fail(Errc::kMalformed, "is not APR1", "magic");
  ApprovedTerms approval;
  const auto request = ContentHash::FromBytes(frame.Take(32));
  const auto terms = ContentHash::FromBytes(frame.Take(32));
  const auto longest = frame.TakeSeconds();
  const auto until = frame.TakeSeconds();
  if (!request || !terms || !longest || !until) return Fail(Errc::kMalformed, "cut short, or a time after 9999");
  if (frame.Rest() % 32 != 0 || frame.Rest() / 32 > kMaxApprovedHosts) return Fail(Errc::kMalformed, "not whole host ids", "hosts");
  while (frame.Rest() > 0) approval.hosts.push_back(*HostId::FromBytes(frame.Take(32)));
  approval.request = *request;
  approval.terms = *terms;
  approval.longest = Seconds{*longest};
  approval.until = FromUnixSeconds(*until);
  return approval;
}

std::size_t CountApprovals(const Grant& grant, const HostId& host, const RoleTable& roles) {
  const Role* approvers = FindRole(roles, Purpose::kApproval);
  if (approvers == nullptr) return 0;
  const Role any_one{1, approvers->keys};
  std::set<KeyId> yes;
  for (const Approval& approval : grant.approvals) {
    if (approval.approver == grant.principal || approval.sealed.empty()) continue;
    const auto verdict = Verify(approval.sealed, Purpose::kApproval, any_one);
    const auto* verified = std::get_if<Verified>(&verdict);
    if (verified == nullptr) continue;
    const auto terms = DecodeApproval(*verified);
    if (terms && CoversGrant(*terms, grant, host)) yes.insert(verified->Signers().begin(), verified->Signers().end());
  }
  return yes.size();
}

}  // namespace curfew
