// SPDX-License-Identifier: Apache-2.0
// Accepts, seats and unseats links. A host has one seat: its newest link. Strangers cannot fill the house: connections
// that have not proven themselves are few, short-lived, and one of the network with the most goes when there is no room.
#include "controller/fleet/listener.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>

#include "controller/fleet/agent_link.h"
#include "controller/identity/crowd.h"
#include "controller/identity/network.h"
#include "os/tcp_port.h"

namespace curfew {
namespace {

namespace asio = boost::asio;
using asio::awaitable;
using asio::ip::tcp;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr int kGraceShare = 5;  ///< an unproven connection is left alone for that part of the hello limit
constexpr std::chrono::milliseconds kLongestSweep{1000};

using LinkPtr = std::shared_ptr<AgentLink>;

class Listener final : public AgentListener {
 public:
  Listener(asio::io_context& io, ListenerSettings settings, ServerTls tls, Authority& authority,
           tcp::acceptor acceptor);

  [[nodiscard]] std::uint16_t Port() const override { return port_; }
  [[nodiscard]] std::size_t Links() const override { return seats_.size(); }
  void Push(const HostId& host) override;
  void Drop(const HostId& host) override;
  void Stop() override;
  void Start();

 private:
  [[nodiscard]] awaitable<void> Accept();
  [[nodiscard]] awaitable<void> Sweep();
  [[nodiscard]] awaitable<void> Serve(LinkPtr link);
  [[nodiscard]] awaitable<bool> Room();
  void Admit(tcp::socket socket);
  [[nodiscard]] bool Seat(const LinkPtr& link, const AgentFacts& facts);
  void Finished(const LinkPtr& link, const std::exception_ptr& thrown);
  void WriterEnded(const LinkPtr& link, const std::exception_ptr& thrown);
  void LogThrown(const AgentLink& link, const std::exception_ptr& thrown) const;
  void Log(const AgentLink& link, const std::string& text) const;
  template <class Done>
  void Spawn(awaitable<void> work, Done done);

  asio::io_context& io_;
  ListenerSettings settings_;
  ServerTls tls_;
  Authority& authority_;
  tcp::acceptor acceptor_;
  asio::steady_timer sweep_;
  asio::steady_timer room_;  ///< never fires: cancelled when a connection ends or proves itself
  std::uint16_t port_ = 0;
  std::uint64_t next_ = 1;
  bool stopped_ = false;
  std::map<std::uint64_t, LinkPtr> links_;
  Crowd unproven_;
  std::map<HostId, LinkPtr> seats_;
};

Listener::Listener(asio::io_context& io, ListenerSettings settings, ServerTls tls, Authority& authority,
                   tcp::acceptor acceptor)
    : io_(io),
      settings_(std::move(settings)),
      tls_(std::move(tls)),
      authority_(authority),
      acceptor_(std::move(acceptor)),
      sweep_(io),
      room_(io, asio::steady_timer::time_point::max()),
      port_(acceptor_.local_endpoint().port()),
      unproven_({settings_.most_unproven, settings_.most_unproven}) {}

template <class Done>
void Listener::Spawn(awaitable<void> work, Done done) {
  asio::co_spawn(io_, std::move(work), std::move(done));
}

void Listener::Start() {
  Spawn(Accept(), [](const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
  });
  Spawn(Sweep(), [](const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
  });
}

void Listener::Log(const AgentLink& link, const std::string& text) const {
  if (settings_.log) settings_.log("agent at " + link.Peer() + ": " + text);
}

awaitable<bool> Listener::Room() {
  while (!stopped_) {
    const auto leaver = unproven_.Leaver();
    if (!leaver && links_.size() < settings_.most_links) co_return true;
    if (leaver) {
      // A fleet that comes back all at once must not push itself out for ever: whoever is new waits for their turn.
      const LinkPtr link = links_.at(*leaver);
      if (AgentLink::Clock::now() - link->Since() > settings_.hello_limit / kGraceShare) link->Close();
    }
    static_cast<void>(co_await room_.async_wait(kAwait));
  }
  co_return false;
}

awaitable<void> Listener::Accept() {
  while (co_await Room()) {
    auto [failed, socket] = co_await acceptor_.async_accept(kAwait);
    if (stopped_) co_return;
    if (failed) {
      // Out of descriptors or of luck: the sweep wakes this, a spin would not help.
      static_cast<void>(co_await room_.async_wait(kAwait));
      continue;
    }
    Admit(std::move(socket));
  }
}

void Listener::Admit(tcp::socket socket) {
  boost::system::error_code gone;
  const auto peer = socket.remote_endpoint(gone);
  if (gone) return;
  auto opened = TlsSocket::Open(std::move(socket), *tls_.Native(), TlsSide::kServer, {});
  if (!opened) return;
  const std::uint64_t number = next_++;
  auto link = std::make_shared<AgentLink>(number, peer.address().to_string(), std::move(*opened), io_.get_executor());
  links_.emplace(number, link);
  unproven_.Enter(number, NetworkOf(link->Peer()));
  Spawn(Serve(link), [this, link](const std::exception_ptr& thrown) { Finished(link, thrown); });
}

awaitable<void> Listener::Serve(LinkPtr link) {
  auto facts = co_await link->Prove();
  if (!facts) {
    Log(*link, facts.error().Text());
    co_await link->Farewell();
    co_return;
  }
  unproven_.Leave(link->Number());
  room_.cancel();
  if (!Seat(link, *facts)) co_return;
  Spawn(link->Write(authority_), [this, link](const std::exception_ptr& thrown) { WriterEnded(link, thrown); });
  const Error ended = co_await link->Read(authority_);
  if (ended.code != Errc::kUnavailable) Log(*link, ended.Text());
}

bool Listener::Seat(const LinkPtr& link, const AgentFacts& facts) {
  const HostId host = *link->Host();
  // Removed, or joined with another key, between handshake and hello.
  if (stopped_ || !authority_.MayLink(host, link->Key())) return false;
  LinkPtr& seat = seats_[host];
  if (seat) seat->Close();
  seat = link;
  authority_.Connected(host, facts);
  return true;
}

void Listener::Finished(const LinkPtr& link, const std::exception_ptr& thrown) {
  link->Close();
  unproven_.Leave(link->Number());
  links_.erase(link->Number());
  room_.cancel();
  if (link->Host()) {
    const auto seat = seats_.find(*link->Host());
    if (seat != seats_.end() && seat->second == link) {
      seats_.erase(seat);
      authority_.Disconnected(*link->Host());
    }
  }
  LogThrown(*link, thrown);
}

void Listener::WriterEnded(const LinkPtr& link, const std::exception_ptr& thrown) {
  link->Close();
  LogThrown(*link, thrown);
}

void Listener::LogThrown(const AgentLink& link, const std::exception_ptr& thrown) const {
  if (!thrown) return;
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& failure) {
    Log(link, failure.what());
  }
}

awaitable<void> Listener::Sweep() {
  const auto turn = std::clamp(std::min({settings_.hello_limit, settings_.idle_limit, settings_.write_limit}) / 4,
                               Millis{10}, kLongestSweep);
  const AgentLink::Limits limits{settings_.hello_limit, settings_.idle_limit, settings_.write_limit};
  while (!stopped_) {
    sweep_.expires_after(turn);
    static_cast<void>(co_await sweep_.async_wait(kAwait));
    const auto now = AgentLink::Clock::now();
    for (const auto& [number, link] : links_) {
      const auto overdue = link->Overdue(now, limits);
      if (!overdue) continue;
      Log(*link, *overdue);
      link->Close();
    }
    room_.cancel();
  }
}

void Listener::Push(const HostId& host) {
  const auto seat = seats_.find(host);
  if (seat != seats_.end()) seat->second->OffersDue();
}

void Listener::Drop(const HostId& host) {
  const auto seat = seats_.find(host);
  if (seat != seats_.end()) seat->second->Abort();
}

void Listener::Stop() {
  stopped_ = true;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  sweep_.cancel();
  room_.cancel();
  for (const auto& [number, link] : links_) link->Close();
}

}  // namespace

Result<std::unique_ptr<AgentListener>> AgentListener::Open(asio::io_context& io, const ListenerSettings& settings,
                                                           const TlsIdentity& identity, std::string_view ca,
                                                           Authority& authority) {
  auto tls = ServerTls::ForAgents(
      identity, ca, [&authority](const HostId& host, const ContentHash& key) { return authority.MayLink(host, key); });
  if (!tls) return Failure(tls.error());
  auto acceptor = ListenOnPort(io, settings.address, settings.port);
  if (!acceptor) return Failure(acceptor.error());
  auto listener = std::make_unique<Listener>(io, settings, std::move(*tls), authority, std::move(*acceptor));
  listener->Start();
  return std::unique_ptr<AgentListener>(std::move(listener));
}

}  // namespace curfew
