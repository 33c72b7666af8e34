// SPDX-License-Identifier: Apache-2.0
// One HTTPS request to the controller's API, by libcurl: https only, no redirects, bounded time and size.
#pragma once

#include <string>

#include "core/result.h"

namespace curfew {

struct HttpAnswer {
  long status = 0;
  std::string body;
};

/// Posts JSON, once more when the line was cut before an answer: only what may be said twice. `ca` is a PEM file, or empty for the system's roots. kUnavailable when nobody answers, kMalformed when
/// the server's certificate does not hold. The body may hold a secret: it is in no error.
[[nodiscard]] Result<HttpAnswer> PostJson(const std::string& url, const std::string& ca, const std::string& body);

}  // namespace curfew
