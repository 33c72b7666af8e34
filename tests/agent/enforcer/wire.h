// SPDX-License-Identifier: Apache-2.0
// The other ends of link.sock and gate.sock, blocking and bounded: whoever reads gives up after ten seconds.
#pragma once

#include <optional>
#include <string>

#include "agent/local_frame.h"
#include "os/file_descriptor.h"
#include "pam_module/frame.h"
#include "proto/local.pb.h"

namespace curfew::test {

struct LocalFrame {
  LocalKind kind = LocalKind::kStatus;
  std::string body;
};

/// A connection to link.sock.
class LinkWire {
 public:
  explicit LinkWire(const std::string& path);
  void Send(LocalKind kind, const std::string& body) const;
  void SendRaw(const std::string& bytes) const;
  /// The next frame; nothing when the other side closed or nothing came in time.
  [[nodiscard]] std::optional<LocalFrame> Receive() const;
  /// Sends, then the answer's body; empty when there is none.
  [[nodiscard]] std::string Ask(LocalKind kind, const std::string& body) const;
  [[nodiscard]] bool IsConnected() const { return socket_.IsOpen(); }

 private:
  FileDescriptor socket_;
};

/// A connection to gate.sock on which nothing was asked yet.
[[nodiscard]] FileDescriptor ConnectGate(const std::string& path);
/// One question on gate.sock; nothing when the gate closed without an answer.
[[nodiscard]] std::optional<CurfewAnswer> AskGate(const std::string& path, const CurfewQuestion& question);
/// The same with bytes of any length.
[[nodiscard]] std::optional<CurfewAnswer> AskGateRaw(const std::string& path, const std::string& bytes);

[[nodiscard]] CurfewQuestion QuestionOf(CurfewQuestionKind kind, CurfewService service, const std::string& account);

}  // namespace curfew::test
