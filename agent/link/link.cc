// SPDX-License-Identifier: Apache-2.0
// Line after line, with a wait between them that grows while nothing holds.
#include "agent/link/link.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <random>

#include "agent/link/backoff.h"
#include "agent/link/line.h"
#include "os/memory.h"

namespace curfew {
namespace {

using boost::asio::awaitable;

constexpr auto kAwait = boost::asio::as_tuple(boost::asio::use_awaitable);
constexpr std::chrono::seconds kSettled{10};  ///< by then a new line has carried what had waited for it
constexpr std::chrono::seconds kHeld{5};  ///< a line that held that long was a good one: its end is not a failure

}  // namespace

Link::Link(boost::asio::any_io_executor io, LinkSettings settings, TlsContext tls)
    : io_(std::move(io)), rest_(io_), settings_(std::move(settings)), tls_(std::move(tls)) {}

awaitable<Error> Link::RunOnce() {
  auto line = std::make_shared<Line>(io_, settings_);
  auto connected = co_await line->Connect(tls_.get());
  if (!connected) co_return connected.error();
  reported_.clear();
  if (settings_.log) settings_.log("connected to " + FormatEndpoint(settings_.controller));
  rest_.expires_after(kSettled);
  rest_.async_wait([](const boost::system::error_code& stopped) {
    if (!stopped) ReleaseIdleMemory();
  });
  co_return co_await line->Carry();
}

void Link::Report(const Error& ended) {
  std::string text = ended.Text();
  if (text == reported_ || !settings_.log) return;
  settings_.log(text);
  reported_ = std::move(text);
}

awaitable<void> Link::Run() {
  std::random_device seed;
  std::minstd_rand random(seed());
  std::uniform_real_distribution<double> chance;
  boost::asio::steady_timer pause(io_);
  unsigned failures = 0;
  while (true) {
    const auto began = std::chrono::steady_clock::now();
    const Error ended = co_await RunOnce();
    Report(ended);
    failures = std::chrono::steady_clock::now() - began > kHeld ? 0 : failures + 1;
    const Millis wait =
        NextDelay(failures, chance(random)) * settings_.shortest_wait.count() / kShortestBackoff.count();
    pause.expires_after(wait);
    static_cast<void>(co_await pause.async_wait(kAwait));
  }
}

}  // namespace curfew
