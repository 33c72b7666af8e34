// SPDX-License-Identifier: Apache-2.0
// The certificates that the two ports show, kept in the state folder: made once, so that a restart looks the same to
// whoever remembers them, and anew when the names in the settings change or the end is near.
#pragma once

#include "controller/identity/ca.h"
#include "controller/settings.h"
#include "controller/state_folder.h"

namespace curfew {

/// Browsers want less than 825 days.
inline constexpr Seconds kPeoplesCertificate{800L * 86400};
inline constexpr Seconds kRenewedBefore{60L * 86400};

/// For people and tools; what is in the folder, unless it has to be made anew.
[[nodiscard]] Result<TlsIdentity> PeoplesCertificate(const StateFolder& folder, const CertificateAuthority& authority,
                                                     const std::vector<std::string>& names, Instant now);

/// For agents, who pin our CA: without an end.
[[nodiscard]] Result<TlsIdentity> AgentsCertificate(const StateFolder& folder, const CertificateAuthority& authority,
                                                    const std::vector<std::string>& names);

}  // namespace curfew
