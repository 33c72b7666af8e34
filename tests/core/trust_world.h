// SPDX-License-Identifier: Apache-2.0
// Keys, roles and sound messages for the suites about trust: real keys from fixed seeds, real signatures.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/accept.h"
#include "core/bundle.h"
#include "core/event.h"
#include "core/trust.h"

namespace curfew::test {

/// The same key for the same name, always.
[[nodiscard]] PrivateKey KeyNamed(std::string_view name);
[[nodiscard]] Role RoleOf(std::uint32_t threshold, std::initializer_list<std::string_view> names);
[[nodiscard]] HostId HostNamed(std::string_view name);

/// `body` sealed for `purpose` by the named keys.
[[nodiscard]] std::string SealBy(Purpose purpose, std::string_view body, std::initializer_list<std::string_view> names);
/// The same, verified: what a decoder takes.
[[nodiscard]] Verified Trusted(Purpose purpose, std::string_view body);

/// 2026-11-22T12:00:00Z: now, in every suite about trust.
[[nodiscard]] Instant Noon();

/// dev1 on account dev1 of host1, from noon for an hour: login by one key, every sudo command.
[[nodiscard]] Grant SoundGrant();
/// Version 1 of epoch 1 for host1: SoundGrant, one tombstone, dev1 managed.
[[nodiscard]] Bundle SoundBundle();
/// The keys named "bundle", "lease", "revoker", "approver1" to "approver3" in their roles, and ceilings as they come.
[[nodiscard]] RoleTable SoundRoles();
[[nodiscard]] Receipt SoundReceipt();
/// `count` events numbered from 1, each holding the hash of the one before.
[[nodiscard]] EventBatch SoundBatch(std::size_t count);
/// The body that each purpose carries, where there is one; for the others some bytes.
[[nodiscard]] std::string SoundBody(Purpose purpose);

[[nodiscard]] const std::vector<Purpose>& AllPurposes();

/// "allowed", or the word of the reason.
template <class Allow>
[[nodiscard]] std::string Outcome(const Verdict<Allow>& verdict) {
  const Deny* deny = Denied(verdict);
  return deny == nullptr ? "allowed" : Word(deny->reason);
}

/// "read", or the error's sentence.
template <class T>
[[nodiscard]] std::string Outcome(const Result<T>& result) {
  return result ? "read" : result.error().Text();
}

}  // namespace curfew::test
