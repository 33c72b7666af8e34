// SPDX-License-Identifier: Apache-2.0
// One question to the API and what may come of it, without HTTP: so that only the server's file sees Beast and TLS.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "core/names.h"
#include "core/time.h"

namespace curfew {

struct ApiRequest {
  std::string method;
  std::string path;                          ///< decoded, without query
  std::map<std::string, std::string> query;
  std::string bearer;                        ///< empty when there is none
  std::string idempotency;
  std::string body;
  std::string peer;                          ///< address, for the log
};

struct ApiReply {
  int status = 200;
  std::string type = "application/json";
  std::string body;
  std::optional<Seconds> retry{};            ///< for 429: not before
};

/// Ask again (with `wait` taken out) when the request changed, or after `limit`.
struct WaitFor {
  RequestId request;
  Seconds limit{0};
};

/// `work` on another thread, then `finish` on this one.
struct Deferred {
  std::function<void()> work;
  std::function<ApiReply()> finish;
};

using ApiAnswer = std::variant<ApiReply, WaitFor, Deferred>;

}  // namespace curfew
