// SPDX-License-Identifier: Apache-2.0
// What the workflow answers: the value, or a refusal whose kind the API shows as a stable code.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace curfew {

enum class Refusal {
  kMalformed,         ///< what was sent cannot be what it claims to be
  kDeniedByPolicy,    ///< no rule gives it
  kNotYourRight,      ///< another person may
  kOwnRequest,        ///< nobody decides their own
  kTokenRefused,      ///< enrolment token unknown, used up or expired
  kNotFound,          ///< no such thing, or not for your eyes
  kConflict,          ///< it exists already, or was done already
  kAlreadyEnded,      ///< nothing is left to end or decide
  kNotPending,        ///< the request is past that
  kKeyReused,         ///< an idempotency key with another body
  kUnusable,          ///< well formed, but could not be granted
};

struct Refused {
  Refusal kind = Refusal::kMalformed;
  std::string what;
  std::string hint;
};

template <class T>
using Outcome = tl::expected<T, Refused>;

[[nodiscard]] inline tl::unexpected<Refused> Refuse(Refusal kind, std::string what, std::string hint = {}) {
  return tl::unexpected<Refused>(Refused{kind, std::move(what), std::move(hint)});
}

}  // namespace curfew
