// SPDX-License-Identifier: Apache-2.0
// A worker that accounts share: at most one task of each stands in its line, so that whoever has many waits for their own and
// holds up nobody else. For the loop's thread.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <utility>

#include "agent/enforcer/wake/worker.h"
#include "core/grant.h"

namespace curfew {

class FairWorker {
 public:
  explicit FairWorker(Worker& worker) : worker_(worker) {}

  /// As Worker::Ask, after all that was asked for the same account.
  template <class Task, class Then>
  void Ask(Uid account, Task task, Then then) {
    auto& line = lines_[account];
    line.push_back([this, account, task = std::move(task), then = std::move(then)]() mutable {
      worker_.Ask(std::move(task), [this, account, then = std::move(then)](auto result) mutable {
        then(std::move(result));
        Next(account);
      });
    });
    if (line.size() == 1) line.front()();
  }

 private:
  void Next(Uid account) {
    const auto line = lines_.find(account);
    line->second.pop_front();
    if (line->second.empty()) {
      lines_.erase(line);
    } else {
      line->second.front()();
    }
  }

  Worker& worker_;
  std::map<Uid, std::deque<std::function<void()>>> lines_;  ///< the first of each is under way
};

}  // namespace curfew
