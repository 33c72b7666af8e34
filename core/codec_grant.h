// SPDX-License-Identifier: Apache-2.0
// A grant on the wire, for the codec's files only.
#pragma once

#include "core/codec_fields.h"
#include "core/grant.h"
#include "core/reason.h"

namespace curfew {
namespace proto {
class Grant;
}  // namespace proto

inline constexpr Field kLoginFields[] = {
    Field::ManyBytes(1, "keys", 16384, 32),
    Field::ManyBytes(2, "sources", 64, 64),
};
inline constexpr Field kCommandFields[] = {Field::ManyBytes(1, "argv", 1024, 64)};
inline constexpr Field kSudoFields[] = {
    Field::Flag(1, "all"),
    Field::Messages(2, "commands", kCommandFields, 256),
    Field::Bytes(3, "runas", kLongestAccount),
    Field::Flag(4, "authenticate"),
};
inline constexpr Field kApprovalFields[] = {
    Field::Bytes(1, "approver", kLongestPerson),
    Field::Bytes(2, "sealed", 8192),
};
inline constexpr Field kGrantFields[] = {
    Field::Bytes(1, "id", kLongestId),
    Field::Bytes(2, "principal", kLongestPerson),
    Field::Bytes(3, "account", kLongestAccount),
    Field::OptionalNumber(4, "uid", kMostUnsigned32),
    Field::Message(5, "login", kLoginFields),
    Field::Message(6, "sudo", kSudoFields),
    Field::Number(7, "start", kMostSeconds),
    Field::Number(8, "end", kMostSeconds),
    Field::Number(9, "longest_session_s", kLongestSpan),
    Field::Number(10, "expiry", static_cast<std::uint64_t>(Expiry::kBlockNew)),
    Field::Number(11, "lease_s", kLongestSpan),
    Field::Flag(12, "strict_lease"),
    Field::Bytes(13, "lineage", kLongestId),
    Field::ManyBytes(14, "groups", kLongestAccount, 32),
    Field::Bytes(15, "reason", kLongestReason),
    Field::Bytes(16, "ticket", kLongestTicket),
    Field::Bytes(17, "request", kLongestId),
    Field::Bytes(18, "request_hash", kLongestDigest),
    Field::Messages(19, "approvals", kApprovalFields, 16),
    Field::ManyBytes(20, "critical", 64, 16),
    Field::Number(21, "activate_by", kMostSeconds),
};

void WriteGrant(const Grant& grant, proto::Grant& to);

/// The fields that TermsHash covers.
[[nodiscard]] std::string EncodeTerms(const Grant& grant);

/// A grant whose parts are well formed; whether it may be is Accept's question.
[[nodiscard]] Result<Grant> ReadGrant(const proto::Grant& from);

}  // namespace curfew
