// SPDX-License-Identifier: Apache-2.0
// The workflow as one thing: runs each step as one transaction, with the bundles that follow from it sealed inside it,
// and tells listeners after the commit. Used by serve and by the admin's verbs alike; what it remembers is in the
// store.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "controller/workflow/bundles.h"
#include "controller/workflow/change.h"
#include "controller/workflow/due.h"
#include "controller/workflow/outcome.h"
#include "core/verdict.h"

namespace curfew {

/// What was committed, for those who carry it on.
struct Committed {
  std::set<HostId> recalled;     ///< what was sent to them and not read yet must not arrive
  std::set<HostId> hosts;        ///< have a new bundle
  std::set<RequestId> requests;  ///< look different now
};

class Workflow {
 public:
  Workflow(Store& store, SigningKeys keys, WorkflowSettings settings)
      : store_(store), keys_(std::move(keys)), settings_(settings) {}

  [[nodiscard]] Store& Kept() const { return store_; }
  [[nodiscard]] const SigningKeys& Keys() const { return keys_; }
  [[nodiscard]] const WorkflowSettings& Settings() const { return settings_; }

  /// `listener` is called after each commit, on the caller's thread.
  void WhenCommitted(std::function<void(const Committed&)> listener) { listener_ = std::move(listener); }

  /// One transaction. A step that answers with a refusal changes nothing. Throws StoreFailure.
  template <class Step>
  auto Run(Instant now, Step step) {
    const auto unit = store_.Begin();
    RefreshPolicy();  // inside: from here on nobody else can load another one
    Change change(store_, keys_, settings_, policy_, forms_, now);
    auto answer = step(change);
    if (IsRefusal(answer)) return answer;
    for (const auto& host : change.Hosts()) {
      if (const auto sealed = SealBundle(change, host); !sealed) return RefusalLike(answer, sealed.error());
    }
    unit->Commit();
    if (listener_) listener_({change.Recalled(), change.Hosts(), change.Requests()});
    return answer;
  }

  /// Reads, checks and puts the policy into force; hosts whose managed accounts change get a new bundle. The version.
  [[nodiscard]] Result<std::uint64_t> LoadPolicy(std::string_view text, const std::string& file, const std::string& by,
                                                 Instant now);

  /// Does what is due, and at first what other ceilings ask for; then the next moment when something will be.
  std::optional<Instant> Turn(Instant now);

 private:
  template <class T>
  static bool IsRefusal(const Outcome<T>& outcome) {
    return !outcome.has_value();
  }
  template <class T>
  static bool IsRefusal(const Result<T>& result) {
    return !result.has_value();
  }
  template <class T>
  static bool IsRefusal(const Verdict<T>& verdict) {
    return Denied(verdict) != nullptr;
  }
  template <class T>
  static Outcome<T> RefusalLike(const Outcome<T>&, const Refused& refused) {
    return tl::unexpected(refused);
  }
  template <class T>
  static Result<T> RefusalLike(const Result<T>&, const Refused& refused) {
    return Failure(Error{Errc::kConflict, refused.what, "", refused.hint});
  }
  template <class T>
  static Verdict<T> RefusalLike(const Verdict<T>&, const Refused& refused) {
    return Deny{Reason::kOverCeiling, refused.what};
  }
  /// Another process may have loaded another one.
  void RefreshPolicy();
  /// One alarm for each policy that cannot be read.
  void WarnOfPolicy(Instant now);
  /// `step` with each of `things` in one transaction. Where a value cannot be read, each has one of its own, and those that it
  /// concerns have `otherwise` instead: nothing waits for another's damage.
  template <class Thing, class Step, class Otherwise>
  void DoAll(const std::vector<Thing>& things, Instant now, Step step, Otherwise otherwise);

  Store& store_;
  SigningKeys keys_;
  WorkflowSettings settings_;
  LoadedPolicy policy_;
  GrantForms forms_;
  bool within_ceilings_ = false;
  std::uint64_t warned_of_policy_ = 0;
  std::function<void(const Committed&)> listener_;
};

}  // namespace curfew
