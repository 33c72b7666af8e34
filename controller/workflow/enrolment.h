// SPDX-License-Identifier: Apache-2.0
// Hosts come and go. MUST: the token is spent in the transaction that admits the host; nobody takes over the id or the
// name of an enrolled host, nor does it change name or labels, by which access was given; the identity key proves itself
// over everything it binds; after a join only its link key is good.
#pragma once

#include <functional>
#include <string>

#include "controller/workflow/change.h"
#include "controller/workflow/outcome.h"

namespace curfew {

/// What a host sends to join, still as text except the bytes that were base64.
struct EnrolmentAsk {
  std::string token;
  std::string name;
  std::string identity_key;    ///< raw
  std::string audit_key;       ///< raw
  std::string audit_key_text;  ///< as sent: the proof is over it
  std::string csr;
  std::string identity_proof;  ///< raw signature
};

struct Enrolled {
  HostId host;
  std::string certificate;
};

/// What the host's link shows: its certificate (PEM), and the SHA-256 of the public key in it.
struct LinkCertificate {
  std::string pem;
  ContentHash key;
};
using CertificateSigner = std::function<Result<LinkCertificate>(std::string_view csr, const HostId& host)>;

[[nodiscard]] Outcome<Enrolled> Enrol(Change& change, const EnrolmentAsk& ask, const CertificateSigner& sign);

/// Takes a host out: nobody can ask for it any more and its grants are ended. While it owes proof of such ends it is
/// still heard, two minutes at most, so that it learns of them; then its certificate is worth nothing.
[[nodiscard]] Outcome<HostRecord> RemoveHost(Change& change, const HostName& name, const std::string& by);

/// May this host's link connect: enrolled, or removed and not yet told so.
[[nodiscard]] bool IsHeard(const HostRecord& host);

/// How many ends on this host are not proved.
[[nodiscard]] std::size_t CountUnproved(const Change& change, const HostId& host);

/// The host's last moment to be heard has come.
void CloseLine(Change& change, const HostId& host);

/// The signed text of identity_proof.
[[nodiscard]] std::string EnrolmentProofText(const EnrolmentAsk& ask);

}  // namespace curfew
