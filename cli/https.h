// SPDX-License-Identifier: Apache-2.0
// One HTTPS peer: TLS 1.2 or newer, its certificate and name always verified, no redirects, answers bounded.
// Whatever an answer's status, it is an answer; only silence and a failed proof of identity are refusals.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/halt.h"
#include "core/time.h"

namespace curfew {

/// A controller to talk to.
struct ApiAddress {
  std::string url;      ///< https://host:port, without a path
  std::string ca_file;  ///< empty = the system's CAs
};

struct HttpRequest {
  std::string method;
  std::string path;  ///< with its query
  std::string body;  ///< JSON; empty = none
  std::vector<std::pair<std::string, std::string>> headers;
  Millis patience{30000};
  bool repeatable = false;  ///< twice does no more than once
};

struct HttpReply {
  long status = 0;
  std::string body;
};

class Https {
 public:
  [[nodiscard]] static Answer<Https> Open(ApiAddress address);
  Https(Https&&) noexcept;
  Https& operator=(Https&&) noexcept;
  ~Https();

  /// While set, Send also ends, with kInterrupted, when this descriptor is readable.
  void WatchInterrupt(int descriptor);
  /// Once more when the line was cut before an answer, where that is safe: nothing was sent, or it is repeatable.
  [[nodiscard]] Answer<HttpReply> Send(const HttpRequest& request);
  /// Waits for so long, or until interrupted (kInterrupted).
  [[nodiscard]] Answer<void> Pause(Millis length);

 private:
  struct Parts;
  explicit Https(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace curfew
