// SPDX-License-Identifier: Apache-2.0
// A host of one test: a root directory on tmpfs, the real enforcer process on it, and what came out of its spool.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/event.h"
#include "os/child.h"
#include "tests/agent/enforcer/controller.h"
#include "tests/agent/enforcer/wire.h"

namespace curfew::test {

class Host {
 public:
  /// A root with /etc/curfew, /var/lib/curfew and the keys of an enrolled host, unless `enrolled` is false.
  explicit Host(bool enrolled = true);
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;
  ~Host();

  /// Starts the enforcer and waits until it answers; it tells the socket `notify`, where there is one, what it tells systemd.
  void Start(const std::string& notify = {});
  /// SIGKILL, as a crash would.
  void Kill();
  [[nodiscard]] pid_t Pid() const { return process_->Pid(); }
  /// Runs a second one to its end.
  [[nodiscard]] ChildEnd RunAnother() const;
  /// Under the controller's root keys; `owner` names the state that goes with them, where that is not theirs.
  void Enrol(std::string_view owner = {}) const;
  /// curfew-agent on this root.
  [[nodiscard]] ChildEnd RunTool(const std::string& verb) const;
  /// What joined stays: keys and state.
  void Leave() const;
  /// Waits until the enforcer has ended by itself, and says how.
  [[nodiscard]] ChildEnd AwaitEnd();
  /// Offers role table and the controller's next bundle.
  void Give();

  [[nodiscard]] proto::LocalVerdict Offer(const std::string& sealed) const;
  /// "accepted", or the reason's word.
  [[nodiscard]] std::string OfferWord(const std::string& sealed) const;
  [[nodiscard]] proto::LocalStatus Status() const;
  /// What status says is wrong, a sentence a line.
  [[nodiscard]] std::string Alarms() const;
  /// Another link takes the spool; the connection of the one before is given back.
  std::unique_ptr<LinkWire> Subscribe();
  /// Waits until such an event arrives in the spool (or came before); fails the test after ten seconds without any.
  const Event& Await(EventKind kind, const std::string& grant = {});
  [[nodiscard]] const std::vector<Event>& Events() const { return events_; }
  /// Waits for such an event as the newest one; the receipt for it is lost.
  void HearInVain(EventKind kind);
  /// How many of those that were awaited so far.
  [[nodiscard]] std::size_t Count(EventKind kind) const;

  [[nodiscard]] std::string Path(const std::string& below) const { return root_ + below; }
  /// The file's text; nothing when there is none.
  [[nodiscard]] std::optional<std::string> Read(const std::string& below) const;
  /// Waits until the file below the root satisfies `fits` (nothing: there is none); false after ten seconds without a change.
  [[nodiscard]] bool AwaitFile(const std::string& below, const std::function<bool(const std::optional<std::string>&)>& fits) const;
  [[nodiscard]] bool Asks(CurfewQuestionKind kind, CurfewService service, const std::string& account) const;
  void Run(const std::string& command) const;
  /// Writes down a session as logind does.
  void KnowSession(const std::string& id, const std::string& service, pid_t leader) const;

  Controller controller;

 private:
  void TakeBatch();
  void HearBatch();
  std::string root_;
  std::optional<Child> process_;
  std::unique_ptr<LinkWire> spool_;
  std::vector<Event> events_;
};

}  // namespace curfew::test
