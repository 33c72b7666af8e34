// SPDX-License-Identifier: Apache-2.0
// The four pumps of a line, each a coroutine that ends with why. They hold the line by shared_ptr until they ended.
#include "agent/link/line.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "agent/link/wire.h"

namespace curfew {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::ip::tcp;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kMostQueued = 8;

Failure Unexpected(LocalKind kind) {
  return Fail(Errc::kMalformed, "frame of kind " + std::to_string(static_cast<int>(kind)) + " out of place",
              "enforcer");
}

}  // namespace

Line::Line(asio::any_io_executor io, const LinkSettings& settings)
    : io_(io),
      settings_(settings),
      enforcer_(io),
      dialling_(io),
      limit_(io),
      out_(io, Clock::time_point::max()),
      ended_(io, Clock::time_point::max()) {}

awaitable<Result<std::string>> Line::AskStatus() {
  auto connected = co_await enforcer_.Connect(settings_.enforcer_path);
  if (!connected) co_return Failure(connected.error());
  auto asked = co_await enforcer_.Send(LocalKind::kStatus, {});
  if (!asked) co_return Failure(asked.error());
  auto answer = co_await enforcer_.Receive();
  if (!answer) co_return Failure(answer.error());
  if (answer->kind != LocalKind::kStatusAnswer) co_return Unexpected(answer->kind);
  co_return std::move(answer->body);
}

awaitable<Result<tcp::socket>> Line::ConnectTcp() {
  // Blocking on purpose: nothing is carried yet, and Asio's own resolver would keep a thread for ever.
  tcp::resolver resolver(io_);
  boost::system::error_code failed;
  const auto found = resolver.resolve(settings_.controller.host, std::to_string(settings_.controller.port), failed);
  const std::string where = FormatEndpoint(settings_.controller);
  if (failed) co_return Fail(Errc::kUnavailable, failed.message(), where);
  for (const auto& entry : found) {
    const tcp::endpoint endpoint = entry.endpoint();
    dialling_ = tcp::socket(io_);
    auto [refused] = co_await dialling_.async_connect(endpoint, kAwait);
    failed = refused;
    if (!refused) co_return std::move(dialling_);
    if (broken_) co_return Failure(*broken_);
  }
  co_return Fail(Errc::kUnavailable, failed.message(), where);
}

awaitable<Result<void>> Line::Dial(ssl_ctx_st* tls) {
  auto socket = co_await ConnectTcp();
  if (!socket) co_return Failure(socket.error());
  auto opened = TlsSocket::Open(std::move(*socket), *tls, TlsSide::kClient, settings_.controller.host);
  if (!opened) co_return Failure(opened.error());
  controller_ = std::move(*opened);
  auto shaken = co_await controller_->Handshake();
  if (!shaken) {
    Error why = shaken.error();
    why.where = FormatEndpoint(settings_.controller);
    co_return Failure(std::move(why));
  }
  co_return Result<void>{};
}

awaitable<Result<void>> Line::Connect(ssl_ctx_st* tls) {
  limit_.expires_after(settings_.connect_limit);
  auto self = shared_from_this();
  limit_.async_wait([self](const boost::system::error_code& cancelled) {
    if (!cancelled)
      self->Break(Error{Errc::kUnavailable, "no connection in time", FormatEndpoint(self->settings_.controller), {}});
  });
  auto status = co_await AskStatus();
  if (!status) co_return Failure(status.error());
  auto hello = WriteHello(*status);
  if (!hello) co_return Failure(hello.error());
  hello_ = *hello;
  auto dialled = co_await Dial(tls);
  if (!dialled) co_return Failure(broken_.value_or(dialled.error()));
  auto greeted = co_await controller_->WriteFrame(std::move(*hello));
  if (!greeted) co_return Failure(broken_.value_or(greeted.error()));
  auto subscribed = co_await enforcer_.Send(LocalKind::kSubscribe, {});
  limit_.cancel();
  co_return subscribed;
}

void Line::Spawn(awaitable<Result<void>> pump) {
  ++pumps_;
  auto self = shared_from_this();
  asio::co_spawn(io_, std::move(pump), [self](const std::exception_ptr& thrown, const Result<void>& ended) {
    --self->pumps_;
    if (thrown) {
      self->Break(Error{Errc::kSystem, "a pump failed", "link", {}});
    } else if (!ended) {
      self->Break(ended.error());
    }
    self->ended_.cancel();
  });
}

awaitable<Error> Line::Carry() {
  heard_ = Clock::now();
  Spawn(PumpDown());
  Spawn(PumpUp());
  Spawn(PumpOut());
  Spawn(WatchSilence());
  while (pumps_ > 0) static_cast<void>(co_await ended_.async_wait(kAwait));
  co_return broken_.value_or(Error{Errc::kUnavailable, "the line ended", "link", {}});
}

void Line::Break(Error why) {
  if (!broken_) broken_ = std::move(why);
  enforcer_.Close();
  boost::system::error_code ignored;
  dialling_.close(ignored);
  if (controller_) controller_->Close();
  limit_.cancel();
  out_.cancel();
}

awaitable<Result<void>> Line::PumpDown() {
  while (!broken_) {
    auto frame = co_await controller_->ReadFrame(kMostToHost);
    if (!frame) co_return Failure(frame.error());
    heard_ = Clock::now();
    if (std::exchange(pinged_, false)) limit_.cancel();
    auto message = ReadToHost(*frame);
    if (!message) co_return Failure(message.error());
    auto* offer = std::get_if<Offer>(&*message);
    if (offer == nullptr) continue;
    if (offer->sealed.size() > kMostLocalBody) co_return Fail(Errc::kOutOfRange, "an offer over 4 MiB", "controller");
    auto handed = co_await enforcer_.Send(LocalKind::kOffer, std::move(offer->sealed));
    if (!handed) co_return handed;
  }
  co_return Result<void>{};
}

awaitable<Result<void>> Line::PumpUp() {
  while (!broken_) {
    auto frame = co_await enforcer_.Receive();
    if (!frame) co_return Failure(frame.error());
    if (frame->kind == LocalKind::kVerdict) {
      const auto refusal = RefusalIn(frame->body);
      if (refusal && settings_.log) settings_.log("the enforcer refused an offer: " + refusal->words);
      // What the disk did not take is offered again on a new line only: the controller counts an offer as had.
      if (refusal && refusal->passing) co_return Fail(Errc::kUnavailable, "it could not keep an offer", "enforcer");
      continue;
    }
    if (frame->kind == LocalKind::kStatusAnswer) {
      auto told = TellStatus(frame->body);
      if (!told) co_return told;
      continue;
    }
    if (frame->kind != LocalKind::kBatch) co_return Unexpected(frame->kind);
    auto queued = Queue(WriteBatch(std::move(frame->body)));
    if (!queued) co_return queued;
  }
  co_return Result<void>{};
}

Result<void> Line::TellStatus(const std::string& status) {
  auto hello = WriteHello(status);
  if (!hello) return Failure(hello.error());
  if (*hello == hello_) return {};
  hello_ = *hello;
  return Queue(*std::move(hello));
}

Result<void> Line::Queue(std::string frame) {
  if (queue_.size() >= kMostQueued) return Fail(Errc::kUnavailable, "it does not read", "controller");
  queue_.push_back(std::move(frame));
  out_.cancel();
  return {};
}

awaitable<Result<void>> Line::PumpOut() {
  while (!broken_) {
    if (queue_.empty()) {
      static_cast<void>(co_await out_.async_wait(kAwait));
      continue;
    }
    std::string frame = std::move(queue_.front());
    queue_.pop_front();
    auto sent = co_await controller_->WriteFrame(std::move(frame));
    if (!sent) co_return sent;
  }
  co_return Result<void>{};
}

awaitable<Result<void>> Line::WatchSilence() {
  while (!broken_) {
    const auto due = heard_ + settings_.quiet_limit + (pinged_ ? settings_.pong_limit : Millis{0});
    if (due > Clock::now()) {
      limit_.expires_at(due);
      static_cast<void>(co_await limit_.async_wait(kAwait));
      continue;
    }
    if (pinged_) co_return Fail(Errc::kUnavailable, "no answer to a ping", FormatEndpoint(settings_.controller));
    pinged_ = true;
    auto queued = Queue(WritePing());
    if (!queued) co_return queued;
  }
  co_return Result<void>{};
}

}  // namespace curfew
