// SPDX-License-Identifier: Apache-2.0
// One thread for what blocks, in order. Its answers come back on the loop, as one more cause to wake.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace curfew {

class Worker {
 public:
  explicit Worker(boost::asio::io_context& loop) : loop_(loop), thread_([this] { Run(); }) {}
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  /// Finishes the task that runs; those that wait are dropped.
  ~Worker() { Stop(); }

  /// `task()` runs on the thread, then `then(its result)` on the loop.
  template <class Task, class Then>
  void Ask(Task task, Then then) {
    Push([this, task = std::move(task), then = std::move(then)]() mutable {
      auto result = std::make_shared<decltype(task())>(task());
      boost::asio::post(loop_, [result, then = std::move(then)]() mutable { then(std::move(*result)); });
    });
  }

 private:
  void Push(std::function<void()> task) {
    {
      const std::lock_guard lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    wake_.notify_one();
  }

  void Stop() {
    {
      const std::lock_guard lock(mutex_);
      tasks_.clear();
      stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

  void Run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
      if (tasks_.empty()) return;
      auto task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
      task = nullptr;
      lock.lock();
    }
  }

  boost::asio::io_context& loop_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> tasks_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace curfew
