// SPDX-License-Identifier: Apache-2.0
// Certificate and key lie in one file, so that they are replaced together.
#include "controller/server_certificates.h"

#include "os/own_file.h"

namespace curfew {
namespace {

constexpr std::size_t kMostPem = std::size_t{64} << 10U;
constexpr std::string_view kKeyBegins = "-----BEGIN PRIVATE KEY-----";

std::optional<TlsIdentity> Kept(const std::string& path) {
  const auto text = ReadSecretFile(path, kMostPem);
  if (!text) return std::nullopt;
  const std::size_t key = text->find(kKeyBegins);
  if (key == std::string::npos) return std::nullopt;
  return TlsIdentity{text->substr(0, key), text->substr(key)};
}

Result<TlsIdentity> KeptOrNew(const std::string& path, const CertificateAuthority& authority, const std::vector<std::string>& names,
                              Instant needed_until, Instant made_until) {
  if (auto kept = Kept(path); kept && authority.StillGood(*kept, names, needed_until)) return *std::move(kept);
  auto made = authority.IssueServer(names, made_until);
  if (!made) return made;
  if (auto written = WriteOwnFile(path, made->certificate + made->key, 0600); !written) return Failure(written.error());
  return made;
}

}  // namespace

Result<TlsIdentity> PeoplesCertificate(const StateFolder& folder, const CertificateAuthority& authority,
                                       const std::vector<std::string>& names, Instant now) {
  return KeptOrNew(folder.File("people.pem"), authority, names, now + kRenewedBefore, now + kPeoplesCertificate);
}

Result<TlsIdentity> AgentsCertificate(const StateFolder& folder, const CertificateAuthority& authority,
                                      const std::vector<std::string>& names) {
  return KeptOrNew(folder.File("agents.pem"), authority, names, kEndOfTime, kEndOfTime);
}

}  // namespace curfew
