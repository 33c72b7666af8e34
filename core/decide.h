// SPDX-License-Identifier: Apache-2.0
// The one function that lets a person in. It has no way to say "perhaps": Allowed comes from a live grant or not at all.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "core/desired.h"
#include "core/verdict.h"

namespace curfew {

/// The PAM services that ask for something (DESIGN §8); every other service asks for nothing and never gets here.
enum class Service : std::uint8_t { kSshd, kLogin, kSudo, kSudoI, kSu, kSuL };

/// It asks for a right to sudo; the others ask to log in.
[[nodiscard]] constexpr bool IsSudo(Service service) { return service == Service::kSudo || service == Service::kSudoI; }

/// What the caller wants, as the gate read it from the frame.
struct Question {
  AccountName account;
  Service service = Service::kSshd;
  std::optional<LoginKey> key;  ///< the key sshd authenticated with, where it said so
};

/// The live grant that covers a question, its uid filled in. Only Decide makes one.
class Allowed {
 public:
  [[nodiscard]] const Grant& Under() const { return grant_; }

 private:
  friend Verdict<Allowed> Decide(const Question& question, const Desired& desired);
  explicit Allowed(Grant grant) : grant_(std::move(grant)) {}
  Grant grant_;
};

/// The live grant of that account under which what opens now lasts (LastsUnder), of those that cover the question (with `key`:
/// of those holding that key). Denies with kNoGrant, or kNotGated for an account or a service that is not gated.
[[nodiscard]] Verdict<Allowed> Decide(const Question& question, const Desired& desired);

/// May processes of that uid stand which nobody asked about: it is not gated for login, or has a live login grant.
[[nodiscard]] bool MayBeIn(Uid uid, const Desired& desired);
/// May what sudo raised for that uid stand after a grant of it ended: a live one covers the right that `ended`. Null, where that
/// right is not known any more: any live one.
[[nodiscard]] bool MaySudo(Uid uid, const SudoRight* ended, const Desired& desired);

/// The command that asks for access; it names the account, which need not be called as the person.
[[nodiscard]] std::string RequestLine(const AccountName& account, const HostName& host);

/// One line for somebody refused: what to type next. Plain ASCII.
[[nodiscard]] std::string RefusalLine(const AccountName& account, Service service, const HostName& host);

/// One line for somebody who comes by another spelling of a managed account's name.
[[nodiscard]] std::string SpellingLine(const AccountName& account);

/// One line for an interactive login: what you have, until when, how to give it back.
[[nodiscard]] std::string WelcomeLine(const Allowed& allowed);

}  // namespace curfew
