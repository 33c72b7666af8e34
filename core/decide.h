// SPDX-License-Identifier: Apache-2.0
// The one function that lets a person in. It has no way to say "perhaps": Allowed comes from a live grant or not at all.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/desired.h"
#include "core/verdict.h"

namespace curfew {

/// The PAM services that ask for something (DESIGN §8); every other service asks for nothing and never gets here.
enum class Service : std::uint8_t { kSshd, kLogin, kSudo, kSudoI, kSu, kSuL };

/// What the caller wants, as the gate read it from the frame.
struct Question {
  AccountName account;
  Service service = Service::kSshd;
  std::optional<LoginKey> key;  ///< the key sshd authenticated with, where it said so
};

/// A live grant that covers the question.
struct Allowed {
  GrantId grant;
  PersonName principal;
  Instant until;
};

/// The live grant of that account that ends last among those that cover the question (with `key`: among those holding that key).
/// Denies with kNoGrant, or kNotAllowedPeer for an account that is not managed.
[[nodiscard]] Verdict<Allowed> Decide(const Question& question, const Desired& desired);

/// The command that asks for access; it names the account, which need not be called as the person.
[[nodiscard]] std::string RequestLine(const AccountName& account, const HostName& host);

/// One line for somebody refused: what to type next. Plain ASCII.
[[nodiscard]] std::string RefusalLine(const AccountName& account, Service service, const HostName& host);

/// One line for an interactive login: what you have, until when, how to give it back.
[[nodiscard]] std::string WelcomeLine(const Allowed& allowed, const Desired& desired);

}  // namespace curfew
