// SPDX-License-Identifier: Apache-2.0
// Errors are values: Result<T> holds what was asked for, or an Error that a tired operator can act on.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace curfew {

/// What kind of failure this is; callers branch on it, people read the texts.
enum class Errc {
  kMalformed,     ///< bytes or text that cannot be what they claim to be
  kOutOfRange,    ///< well formed, but outside the allowed range
  kNotFound,      ///< the named thing does not exist
  kConflict,      ///< it exists already, or its state forbids this
  kRefused,       ///< a rule, a right or a signature says no
  kUnavailable,   ///< a peer, device or file cannot be reached or used now
  kSystem,        ///< the kernel or a library failed
};

/// A failure: what happened, where (file, field, peer), and what to do next. Never holds a secret.
struct Error {
  Errc code = Errc::kSystem;
  std::string what;
  std::string where;
  std::string hint;

  /// "where: what; hint", leaving out what is empty.
  [[nodiscard]] std::string Text() const;
};

template <class T>
using Result = tl::expected<T, Error>;

using Failure = tl::unexpected<Error>;

/// The failure to return from a function that gives a Result.
[[nodiscard]] inline Failure Fail(Errc code, std::string what, std::string where = {}, std::string hint = {}) {
  return Failure(Error{code, std::move(what), std::move(where), std::move(hint)});
}

}  // namespace curfew
