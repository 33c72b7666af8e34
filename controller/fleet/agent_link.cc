// SPDX-License-Identifier: Apache-2.0
// Reader and writer of one link. A peer that sends and never reads is closed: its queue is bounded, and so is each
// write.
#include "controller/fleet/agent_link.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "controller/identity/tls_context.h"

namespace curfew {
namespace {

using boost::asio::awaitable;

constexpr auto kAwait = boost::asio::as_tuple(boost::asio::use_awaitable);
constexpr std::size_t kMostReplies = 64;
constexpr int kMostIdle = 1000;

}  // namespace

AgentLink::AgentLink(std::uint64_t number, std::string peer, std::unique_ptr<TlsSocket> socket,
                     boost::asio::any_io_executor io)
    : number_(number),
      peer_(std::move(peer)),
      socket_(std::move(socket)),
      wake_(std::move(io), boost::asio::steady_timer::time_point::max()) {}

awaitable<Result<AgentFacts>> AgentLink::Prove() {
  auto shaken = co_await socket_->Handshake();
  if (!shaken) co_return Failure(shaken.error());
  auto peer = PeerOf(socket_->Native());
  if (!peer) co_return Failure(peer.error());
  auto frame = co_await socket_->ReadFrame(kMostHello);
  if (!frame) co_return Failure(frame.error());
  auto message = ReadFromHost(*frame);
  if (!message) co_return Failure(message.error());
  auto* facts = std::get_if<AgentFacts>(&*message);
  if (facts == nullptr) co_return Fail(Errc::kMalformed, "the first message is not a hello", peer_);
  host_ = peer->host;
  key_ = peer->key;
  heard_ = Clock::now();
  proven_ = true;
  co_return std::move(*facts);
}

awaitable<void> AgentLink::Farewell() { return socket_->Farewell(); }

awaitable<Error> AgentLink::Read(Authority& authority) {
  while (!closed_) {
    auto frame = co_await socket_->ReadFrame(kMostFromHost);
    if (!frame) co_return frame.error();
    heard_ = Clock::now();
    auto taken = Take(*frame, authority);
    if (!taken) co_return taken.error();
  }
  co_return Error{Errc::kUnavailable, "closed here", peer_, {}};
}

Result<void> AgentLink::Take(const std::string& frame, Authority& authority) {
  auto message = ReadFromHost(frame);
  if (!message) return Failure(message.error());
  if (std::holds_alternative<Ping>(*message)) return Reply(WritePong());
  if (const auto* batch = std::get_if<SealedBatch>(&*message)) return TakeBatch(batch->bytes, authority);
  const auto* facts = std::get_if<AgentFacts>(&*message);
  if (facts == nullptr) return {};
  if (auto counted = CountIdle(); !counted) return counted;
  authority.Changed(*host_, *facts);
  OffersDue();
  return {};
}

Result<void> AgentLink::TakeBatch(const std::string& sealed, Authority& authority) {
  auto verdict = authority.TakeBatch(*host_, sealed);
  if (const Deny* deny = Denied(verdict)) {
    return Fail(Errc::kRefused, std::string("batch refused: ") + Word(deny->reason), deny->detail);
  }
  auto& taken = std::get<TakenBatch>(verdict);
  if (!taken.fresh) {
    if (auto counted = CountIdle(); !counted) return counted;
  }
  return Reply(WriteOffer(std::move(taken.delivered)));
}

Result<void> AgentLink::CountIdle() {
  if (++idle_ <= kMostIdle) return {};
  return Fail(Errc::kOutOfRange, "too many messages without news on one connection", peer_);
}

Result<void> AgentLink::Reply(std::string frame) {
  if (replies_.size() >= kMostReplies) return Fail(Errc::kOutOfRange, "it sends, but does not read", peer_);
  replies_.push_back(std::move(frame));
  wake_.cancel();
  return {};
}

std::optional<std::string> AgentLink::Next(Authority& authority) {
  if (offers_.empty() && offers_due_) {
    offers_due_ = false;
    for (auto& sealed : authority.OffersFor(*host_)) offers_.push_back(WriteOffer(std::move(sealed)));
  }
  auto& queue = offers_.empty() ? replies_ : offers_;
  if (queue.empty()) return std::nullopt;
  std::string frame = std::move(queue.front());
  queue.pop_front();
  return frame;
}

awaitable<void> AgentLink::Write(Authority& authority) {
  while (!closed_) {
    auto frame = Next(authority);
    if (!frame) {
      static_cast<void>(co_await wake_.async_wait(kAwait));
      continue;
    }
    writing_since_ = Clock::now();
    auto written = co_await socket_->WriteFrame(std::move(*frame));
    writing_since_.reset();
    if (!written) Close();
  }
}

void AgentLink::OffersDue() {
  offers_due_ = true;
  wake_.cancel();
}

void AgentLink::Close() {
  closed_ = true;
  socket_->Close();
  wake_.cancel();
}

void AgentLink::Abort() {
  socket_->Discard();
  Close();
}

std::optional<std::string> AgentLink::Overdue(Clock::time_point now, const Limits& limits) const {
  if (!proven_) return now - since_ > limits.hello ? std::optional("no handshake and hello in time") : std::nullopt;
  if (writing_since_ && now - *writing_since_ > limits.write) return "it does not read";
  if (now - heard_ > limits.idle) return "nothing heard for too long";
  return std::nullopt;
}

}  // namespace curfew
