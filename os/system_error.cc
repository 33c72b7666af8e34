// SPDX-License-Identifier: Apache-2.0
// One table from errno to Errc.
#include "os/system_error.h"

#include <cerrno>
#include <system_error>

namespace curfew {
namespace {

Errc CodeOf(int number) {
  switch (number) {
    case ENOENT:
    case ESRCH:
    case ENODEV:
      return Errc::kNotFound;
    case EEXIST:
    case ENOTEMPTY:
    case EBUSY:
    case ENOTDIR:
      return Errc::kConflict;
    case EACCES:
    case EPERM:
    case ELOOP:
      return Errc::kRefused;
    case EAGAIN:
    case ETIMEDOUT:
    case ECONNREFUSED:
    case ENOSPC:
    case EMFILE:
    case ENFILE:
      return Errc::kUnavailable;
    default:
      return Errc::kSystem;
  }
}

}  // namespace

Failure SystemFailure(int number, const std::string& what, std::string where, std::string hint) {
  return Fail(CodeOf(number), what + ": " + std::generic_category().message(number), std::move(where), std::move(hint));
}

}  // namespace curfew
