// SPDX-License-Identifier: Apache-2.0
// The parts of the enforcer and the wires between them; no decision is made here. Members are built in the order in which
// they need each other.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "agent/enforcer/host/accounts.h"
#include "agent/enforcer/state/batches.h"
#include "agent/enforcer/state/footing.h"
#include "agent/enforcer/gate/gate_server.h"
#include "agent/enforcer/offers/intake.h"
#include "agent/enforcer/offers/link_server.h"
#include "agent/enforcer/sessions/strangers.h"
#include "agent/enforcer/turn/loop.h"
#include "agent/enforcer/host/survey.h"
#include "agent/enforcer/host/watcher.h"

namespace curfew {

/// What the kernel had to give for it.
struct Openings {
  FileDescriptor gate;
  FileDescriptor link;
  std::optional<Error> link_error;  ///< the link cannot connect, but all else goes on
  std::optional<uid_t> link_uid;
  TimerFd utc;
  TimerFd boot;
  TimerFd tick;
  Inotify inotify;
};

[[nodiscard]] Result<Openings> OpenAll(const Paths& paths);

class Enforcer {
 public:
  Enforcer(boost::asio::io_context& io, Paths paths, Footing footing, Openings openings);
  /// Restores what is in force, and hears others after the first turn.
  void Start();
  /// Ends the loop once everything that waits is written down; nothing that is granted is touched, it ends by itself.
  void Stop();

 private:
  void Begin();
  void Turn();
  void BeReady();
  void Written();
  void LookAround();
  void TakeIdentity();
  void SayOfRecord(const Result<void>& sent);
  [[nodiscard]] std::string Status() const;
  /// Whether every sudo here reads dates: sudo-rs refuses a rule that has one, and says so to every user.
  [[nodiscard]] SudoTraits Traits() const;
  [[nodiscard]] Intake::Parts IntakeParts();
  [[nodiscard]] Gatekeeper::Parts GateParts();

  boost::asio::io_context& io_;
  Paths paths_;
  Footing footing_;
  Waker waker_;
  Worker disk_;
  Worker slow_;
  Worker end_worker_;
  FairWorker ends_;
  Worker asker_;  ///< of sshd and visudo about this host, which takes them a second: no look-up waits behind that
  Programs programs_;
  Ground ground_;
  InForce in_force_;
  Batches batches_;
  Journal journal_;
  Alarms alarms_;
  Refusals refusals_;
  Accounts accounts_;
  SessionBook book_;
  SessionEnder ender_;
  Aftermath aftermath_;
  Newcomers newcomers_;
  Strangers strangers_;
  RuleCheck check_;
  Applier applier_;
  Chronicle chronicle_;
  SshdBlock sshd_;
  Survey survey_;
  Clockwork clockwork_;
  Watcher watcher_;
  Loop loop_;
  Intake intake_;
  Gatekeeper gate_;
  GateServer gate_server_;
  LinkServer link_server_;
  boost::asio::steady_timer patience_;
  bool begun_ = false;
  bool ready_ = false;
  bool stopping_ = false;
  bool could_give_ = true;
};

}  // namespace curfew
