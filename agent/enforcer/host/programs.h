// SPDX-License-Identifier: Apache-2.0
// Runs other programs beside the loop: the loop starts them, their end wakes it, what hangs is killed.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <string>
#include <vector>

#include "core/result.h"
#include "os/child.h"

namespace curfew {

class Programs {
 public:
  using Done = std::function<void(Result<ChildEnd>)>;

  explicit Programs(boost::asio::io_context& loop) : loop_(loop) {}
  /// `done` is called later, never from inside Run.
  void Run(const std::vector<std::string>& argv, Millis limit, Done done);
  /// Answers with an error in the same way, for one who cannot even ask.
  void Refuse(Error error, Done done);

 private:
  boost::asio::io_context& loop_;
};

}  // namespace curfew
