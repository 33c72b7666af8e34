// SPDX-License-Identifier: Apache-2.0
// What the gate answers: one question of the PAM module against the live grants of this very moment, and the booking of
// sessions. MUST: allow only from Allowed; let no session begin that is not in the book.
#pragma once

#include <functional>
#include <string>

#include "agent/enforcer/offers/refusals.h"
#include "agent/enforcer/sessions/session_book.h"
#include "core/decide.h"
#include "os/unix_socket.h"
#include "pam_module/frame.h"

namespace curfew {

/// Verdict and the line to be shown with it. Nothing but Allowed makes a yes.
class GateAnswer {
 public:
  [[nodiscard]] static GateAnswer Allow(const Allowed& /*proof*/, std::string message = {}) { return {true, std::move(message)}; }
  [[nodiscard]] static GateAnswer Refuse(std::string message) { return {false, std::move(message)}; }
  [[nodiscard]] bool IsAllowed() const { return allow_; }
  [[nodiscard]] const std::string& Message() const { return message_; }

 private:
  GateAnswer(bool allow, std::string message) : allow_(allow), message_(std::move(message)) {}
  bool allow_;
  std::string message_;
};

class Gatekeeper {
 public:
  /// `desired` gives what is desired now, after a turn if one is due.
  Gatekeeper(std::function<const Desired&()> desired, SessionBook& book, Journal& journal, Refusals& refusals, HostName host)
      : desired_(std::move(desired)), book_(book), journal_(journal), refusals_(refusals), host_(std::move(host)) {}

  [[nodiscard]] GateAnswer Answer(const CurfewQuestion& frame, const PeerCredentials& peer);

 private:
  struct Asked;
  [[nodiscard]] GateAnswer Refuse(const Asked& asked, const Deny& deny);
  [[nodiscard]] GateAnswer OpenSession(const Asked& asked, const Allowed& allowed);
  [[nodiscard]] Result<void> Book(const Asked& asked, const Grant& grant);

  std::function<const Desired&()> desired_;
  SessionBook& book_;
  Journal& journal_;
  Refusals& refusals_;
  HostName host_;
};

}  // namespace curfew
