// SPDX-License-Identifier: Apache-2.0
// Frames in, frames out.
#include "tests/agent/link/enforcer_double.h"

#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "proto/local.pb.h"

namespace curfew::test {
namespace {

namespace asio = boost::asio;
constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

std::string StatusBody() {
  proto::LocalStatus status;
  status.set_enrolled(true);
  status.set_version(41);
  status.set_sudo("sudo 1.9.13p3");
  status.add_layers("timer");
  return status.SerializeAsString();
}

std::string VerdictBody(bool accepted, const std::string& reason) {
  proto::LocalVerdict verdict;
  verdict.set_accepted(accepted);
  if (!accepted) verdict.set_reason(reason);
  return verdict.SerializeAsString();
}

}  // namespace

EnforcerDouble::EnforcerDouble(asio::io_context& io, std::string path) : io_(io), path_(std::move(path)) { Start(); }
EnforcerDouble::~EnforcerDouble() { Stop(); }

void EnforcerDouble::Start() {
  ::unlink(path_.c_str());
  acceptor_ =
      std::make_unique<asio::local::stream_protocol::acceptor>(io_, asio::local::stream_protocol::endpoint(path_));
  asio::co_spawn(io_, Accept(), [](const std::exception_ptr&) {});
}

void EnforcerDouble::Stop() {
  acceptor_->close();
  ::unlink(path_.c_str());
  if (peer_) peer_->close();
}

void EnforcerDouble::Spool(std::string sealed) {
  spool_.push_back(std::move(sealed));
  if (!peer_ || subscribed == 0) return;
  auto peer = peer_;
  asio::co_spawn(io_, Write(*peer, LocalKind::kBatch, spool_.front()), [peer](const std::exception_ptr&, bool) {});
}

asio::awaitable<void> EnforcerDouble::Accept() {
  auto& acceptor = *acceptor_;
  while (acceptor.is_open()) {
    auto [failed, socket] = co_await acceptor.async_accept(kAwait);
    if (failed) co_return;
    peer_ = std::make_shared<Socket>(std::move(socket));
    asio::co_spawn(io_, Serve(peer_), [](const std::exception_ptr&) {});
  }
}

asio::awaitable<void> EnforcerDouble::Serve(std::shared_ptr<Socket> peer) {
  while (true) {
    std::array<std::uint8_t, kLocalHeader> raw{};
    const auto head = asio::buffer(raw);
    auto [failed, read] = co_await asio::async_read(*peer, head, kAwait);
    const auto header = ReadLocalHeader(raw);
    if (failed || !header) co_return;
    std::string body(header->length, '\0');
    const auto rest = asio::buffer(body);
    auto [cut, got] = co_await asio::async_read(*peer, rest, kAwait);
    if (cut) co_return;
    const bool going = co_await Answer(*peer, header->kind, std::move(body));
    if (!going) co_return;
  }
}

asio::awaitable<bool> EnforcerDouble::Answer(Socket& peer, LocalKind kind, std::string body) {
  if (kind == LocalKind::kStatus) {
    std::string status = StatusBody();
    co_return co_await Write(peer, LocalKind::kStatusAnswer, std::move(status));
  }
  if (kind == LocalKind::kSubscribe) {
    ++subscribed;
    if (spool_.empty()) co_return true;
    std::string first = spool_.front();
    co_return co_await Write(peer, LocalKind::kBatch, std::move(first));
  }
  if (kind != LocalKind::kOffer) co_return false;
  std::string verdict = VerdictBody(!accepts || accepts(body), reason);
  offers.push_back(std::move(body));
  co_return co_await Write(peer, LocalKind::kVerdict, std::move(verdict));
}

asio::awaitable<bool> EnforcerDouble::Write(Socket& peer, LocalKind kind, std::string body) {
  const auto header = WriteLocalHeader({kind, static_cast<std::uint32_t>(body.size())});
  const std::array<asio::const_buffer, 2> parts{asio::buffer(header), asio::buffer(body)};
  auto [failed, sent] = co_await asio::async_write(peer, parts, kAwait);
  co_return !failed;
}

}  // namespace curfew::test
