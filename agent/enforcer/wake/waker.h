// SPDX-License-Identifier: Apache-2.0
// How anything makes the loop turn once more: many causes before the turn are one turn.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>

namespace curfew {

class Waker {
 public:
  explicit Waker(boost::asio::io_context& loop) : loop_(loop) {}
  /// What a turn is; nothing happens before it is known.
  void Attach(std::function<void()> turn) { turn_ = std::move(turn); }

  void Wake() {
    if (pending_) return;
    pending_ = true;
    boost::asio::post(loop_, [this] {
      pending_ = false;
      if (turn_) turn_();
    });
  }

 private:
  boost::asio::io_context& loop_;
  std::function<void()> turn_;
  bool pending_ = false;
};

}  // namespace curfew
