// SPDX-License-Identifier: Apache-2.0
// The installation's own certificate authority: made at init, signs the controller's two server certificates and one
// client certificate for each host. MUST take nothing from a signing request but its public key, proved by its
// signature.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/names.h"
#include "core/result.h"
#include "core/time.h"

namespace curfew {

/// A certificate (with its chain) and its private key, both PEM. The key is a secret: never log it.
struct TlsIdentity {
  std::string certificate;
  std::string key;
};

class CertificateAuthority {
 public:
  /// A new P-256 key and a self-signed CA certificate for it, valid to 9999-12-31.
  [[nodiscard]] static Result<CertificateAuthority> Create();
  /// kMalformed unless it is a CA certificate and its own private key.
  [[nodiscard]] static Result<CertificateAuthority> Load(const TlsIdentity& pem);
  CertificateAuthority(CertificateAuthority&&) noexcept;
  CertificateAuthority& operator=(CertificateAuthority&&) noexcept;
  CertificateAuthority(const CertificateAuthority&) = delete;
  CertificateAuthority& operator=(const CertificateAuthority&) = delete;
  ~CertificateAuthority();

  /// The public certificate, PEM: what `--ca` and the hosts get.
  [[nodiscard]] const std::string& CertificatePem() const;
  /// Certificate and key, to be kept in files that only the controller's user can read.
  [[nodiscard]] Result<TlsIdentity> Pem() const;

  /// A new key and a server certificate for these DNS names and IP addresses (at least one).
  /// Browsers want less than 825 days; agents pin this CA, so kEndOfTime is right for their port.
  [[nodiscard]] Result<TlsIdentity> IssueServer(const std::vector<std::string>& names, Instant not_after) const;

  /// May this server certificate go on being shown: signed by this CA, for exactly these names, its own key beside it,
  /// and good until at least `until`.
  [[nodiscard]] bool StillGood(const TlsIdentity& server, const std::vector<std::string>& names, Instant until) const;

  /// A client certificate for the key in `request` (PEM PKCS#10): SAN `URI:curfew:host:<64 hex>`, client EKU only, no
  /// expiry (the controller's table of hosts decides). kMalformed for a request over 16 KiB, a bad signature or a weak
  /// key.
  [[nodiscard]] Result<std::string> IssueHost(std::string_view request, const HostId& host) const;

 private:
  struct Keys;
  explicit CertificateAuthority(std::unique_ptr<Keys> keys);
  std::unique_ptr<Keys> keys_;
};

/// That IssueServer would take them; kMalformed or kOutOfRange with the one it would not.
[[nodiscard]] Result<void> CheckServerNames(const std::vector<std::string>& names);

}  // namespace curfew
