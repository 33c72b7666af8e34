// SPDX-License-Identifier: Apache-2.0
// What the gate answers: one question of the PAM module against the live grants of this very moment, and the booking of
// sessions. MUST: allow only from Allowed; let no session begin that is not in the book, and end one that began all the same.
#pragma once

#include <functional>
#include <string>

#include "agent/enforcer/state/refusals.h"
#include "agent/enforcer/sessions/late.h"
#include "agent/enforcer/sessions/session_book.h"
#include "core/decide.h"
#include "os/unix_socket.h"
#include "pam_module/frame.h"

namespace curfew {

/// Verdict and the line to be shown with it. Nothing but an Allowed, which is for the account that was asked about, makes a yes.
class GateAnswer {
 public:
  [[nodiscard]] static GateAnswer Allow(const Allowed& /*allowed*/, std::string message = {}) { return {true, std::move(message)}; }
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
  struct Parts {
    std::function<const Desired&()> desired;  ///< what is desired now, after a turn if one is due
    /// A session opened on the account after its last grant of that kind had ended: its aftermath begins anew. Says what the
    /// session is booked under.
    std::function<std::optional<LateUnder>(const AccountName&, SessionKind)> begin_late;
    SessionBook& book;
    Journal& journal;
    Refusals& refusals;
    HostName host;
  };
  explicit Gatekeeper(Parts parts) : parts_(std::move(parts)) {}

  [[nodiscard]] GateAnswer Answer(const CurfewQuestion& frame, const PeerCredentials& peer);

 private:
  struct Asked;
  void NoteRefusal(const Asked& asked, const Deny& deny);
  [[nodiscard]] GateAnswer Refuse(const Asked& asked, const Deny& deny);
  [[nodiscard]] GateAnswer RefuseSpelling(const Asked& asked);
  [[nodiscard]] GateAnswer AllowAccount(const Asked& asked, const Allowed& allowed);
  [[nodiscard]] GateAnswer OpenSession(const Asked& asked, const Allowed& allowed);
  [[nodiscard]] GateAnswer OpenLate(const Asked& asked, const Deny& deny);
  [[nodiscard]] Result<void> Book(const Asked& asked, const GrantId& grant, Uid uid, Instant deadline);

  Parts parts_;
};

}  // namespace curfew
