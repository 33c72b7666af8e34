// SPDX-License-Identifier: Apache-2.0
// A pidfd is readable once its process has ended, so Asio waits for it as for any descriptor.
#include "agent/enforcer/host/programs.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

namespace curfew {
namespace {

struct Running {
  Running(boost::asio::io_context& loop, Child started, Programs::Done then)
      : child(std::move(started)), end(loop, child.Number()), limit(loop), done(std::move(then)) {}
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() { static_cast<void>(end.release()); }

  Child child;
  boost::asio::posix::stream_descriptor end;
  boost::asio::steady_timer limit;
  Programs::Done done;
  bool timed_out = false;
};

}  // namespace

void Programs::Refuse(Error error, Done done) {
  boost::asio::post(loop_, [error = std::move(error), done = std::move(done)] { done(Failure(error)); });
}

void Programs::Run(const std::vector<std::string>& argv, Millis limit, Done done) {
  auto child = Child::Start(argv);
  if (!child) return Refuse(child.error(), std::move(done));
  auto running = std::make_shared<Running>(loop_, *std::move(child), std::move(done));
  running->limit.expires_after(limit);
  running->limit.async_wait([weak = std::weak_ptr(running)](const boost::system::error_code& stopped) {
    const auto late = weak.lock();
    if (stopped || !late) return;
    late->timed_out = true;
    late->child.Kill();
  });
  running->end.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                          [running](const boost::system::error_code& stopped) {
                            if (stopped) return;
                            running->limit.cancel();
                            ChildEnd end = running->child.Reap();
                            end.timed_out = running->timed_out;
                            running->done(std::move(end));
                          });
}

}  // namespace curfew
