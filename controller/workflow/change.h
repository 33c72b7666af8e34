// SPDX-License-Identifier: Apache-2.0
// One transaction of the workflow while it is made: what it may use, and what must follow from it. Requests move here
// only, along core's table, each move with its history line and its event.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "controller/store/store.h"
#include "controller/workflow/outcome.h"
#include "controller/workflow/signing_keys.h"

namespace curfew {

struct WorkflowSettings {
  Seconds acknowledge_within{120};  ///< a host that has not activated a grant by then makes it fail
  Seconds confirm_within{30};       ///< an end not proved by then is an alarm
  Seconds pending_for{86400};       ///< a request nobody decides lapses
  std::int64_t live_requests = 20;  ///< so many one person may have live at once: bundles are everybody's
};

/// Grants as hosts read them. A grant never changes once it is made, so what was put together once can be kept.
using GrantForms = std::map<GrantId, Grant>;

/// The policy in force with its version.
struct LoadedPolicy {
  std::uint64_t version = 0;
  Policy policy;
  std::string unreadable{};  ///< why today's reader refuses the stored one; nothing can then be asked for or approved
};

/// Why nothing can be given now: no policy is loaded, or it cannot be read.
[[nodiscard]] std::optional<Refused> WhyNoPolicy(const LoadedPolicy& loaded);

class Change {
 public:
  Change(Store& store, const SigningKeys& keys, const WorkflowSettings& settings, const LoadedPolicy& policy,
         GrantForms& forms, Instant now)
      : store_(store), keys_(keys), settings_(settings), policy_(policy), forms_(forms), now_(now) {}

  [[nodiscard]] Store& Keep() const { return store_; }
  [[nodiscard]] const SigningKeys& Keys() const { return keys_; }
  [[nodiscard]] const WorkflowSettings& Settings() const { return settings_; }
  [[nodiscard]] const LoadedPolicy& InForce() const { return policy_; }
  [[nodiscard]] GrantForms& Forms() const { return forms_; }
  [[nodiscard]] Instant At() const { return now_; }

  /// Moves the request; kConflict, and nothing done, for a move that the table does not know.
  [[nodiscard]] Outcome<void> Move(RequestRecord& request, RequestState to, const std::string& by,
                                   const std::string& detail = {});
  /// The same for what nobody can be refused, a host's signed word and the passing of time: a move that the table does
  /// not know leaves the request where it is, and is an alarm.
  void Follow(RequestRecord& request, RequestState to, const std::string& by, const std::string& detail = {});
  /// Something that is shown of the request changed: its revision rises, who waits for it is woken.
  void Touch(RequestRecord& request);
  /// Appends to the audit log.
  void Record(EventRecord event) const;
  /// Leaves a message for a person.
  void Tell(const PersonName& person, const RequestId& request, const std::string& text) const;
  /// The host's bundle must be sealed anew before this transaction ends.
  void Reseal(const HostId& host) { hosts_.insert(host); }
  /// The same, because something is added to it: the step is refused if its host would refuse the bundle, and the bundle must
  /// leave room for taking away.
  void ResealWithMore(const HostId& host) {
    hosts_.insert(host);
    growing_.insert(host);
  }
  [[nodiscard]] bool Grows(const HostId& host) const { return growing_.contains(host); }

  /// This host's line is cut, and what is on its way must not arrive any more: it may lie in a send buffer until a
  /// network heals.
  void Recall(const HostId& host) { recalled_.insert(host); }
  [[nodiscard]] const std::set<HostId>& Recalled() const { return recalled_; }

  [[nodiscard]] const std::set<HostId>& Hosts() const { return hosts_; }
  [[nodiscard]] const std::set<RequestId>& Requests() const { return requests_; }

 private:
  Store& store_;
  const SigningKeys& keys_;
  const WorkflowSettings& settings_;
  const LoadedPolicy& policy_;
  GrantForms& forms_;
  Instant now_;
  std::set<HostId> hosts_;
  std::set<HostId> growing_;
  std::set<HostId> recalled_;
  std::set<RequestId> requests_;
};

/// A request that must be there: its id came from the store. Throws BadValue.
[[nodiscard]] RequestRecord StoredRequest(const Change& change, const RequestId& id);

/// An alarm: this could not be done, because a stored value cannot be read.
void NoteUnreadable(const Change& change, const std::string& what, const std::string& why);

/// The rolls changed: hosts, people, their keys, enrolment tokens. One kind of event, `enrolled`; `before` and `after`
/// say how, and the detail begins with what ("host", "person", "key", "token").
struct RollChange {
  std::string by;
  std::string before;
  std::string after;
  std::string detail;
  Severity severity = Severity::kInfo;
};
void RecordRoll(const Change& change, RollChange roll);

/// The record of the controller's own event; the caller adds what else it knows.
[[nodiscard]] EventRecord OwnEvent(const Change& change, std::string kind, Severity severity = Severity::kInfo);

}  // namespace curfew
