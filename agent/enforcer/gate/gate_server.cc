// SPDX-License-Identifier: Apache-2.0
// Asio 1.81 has no local seqpacket sockets, so it waits for readiness and we call accept4(2), recv(2), send(2).
#include "agent/enforcer/gate/gate_server.h"

#include <sys/socket.h>

#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>

#include "os/process.h"

namespace curfew {
namespace {

constexpr int kMostVisits = 256;
constexpr int kMostOfOne = 32;
constexpr Seconds kLongest{2};

// Whoever is behind it: the peer itself is root, as sudo and sshd are.
uid_t AskerOf(int socket) {
  const auto peer = PeerOf(socket);
  if (!peer) return 0;
  if (const uid_t login = LoginOf(peer->pid); login != kNoLogin) return login;
  const auto process = ReadProcess(peer->pid);
  return process ? process->real : 0;
}

void Send(int socket, const GateAnswer& answer) {
  CurfewAnswer frame{};
  frame.magic = kCurfewAnswerMagic;
  frame.version = kCurfewFrameVersion;
  frame.verdict = answer.IsAllowed() ? kCurfewAllow : kCurfewDeny;
  std::memcpy(frame.message, answer.Message().data(), std::min(answer.Message().size(), sizeof frame.message - 1));
  static_cast<void>(::send(socket, &frame, sizeof frame, MSG_NOSIGNAL | MSG_DONTWAIT));
}

}  // namespace

struct GateServer::Visit {
  Visit(GateServer& to, int number) : server(to), asker(AskerOf(number)), socket(to.loop_, number), limit(to.loop_) {
    ++server.visits_;
    ++server.visits_of_[asker];
  }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;
  ~Visit() {
    // At the end of the process the loop lets go of its visits when the server is gone already.
    if (alive.expired()) return;
    --server.visits_;
    if (--server.visits_of_[asker] == 0) server.visits_of_.erase(asker);
  }
  [[nodiscard]] bool IsOneTooMany() const {
    return server.visits_ > kMostVisits || (asker != 0 && server.visits_of_[asker] > kMostOfOne);
  }
  GateServer& server;
  std::weak_ptr<const bool> alive = server.alive_;
  uid_t asker;
  boost::asio::posix::stream_descriptor socket;
  boost::asio::steady_timer limit;
};

void GateServer::Start() {
  listener_.async_wait(boost::asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& stopped) {
    if (stopped) return;
    Accept();
    Start();
  });
}

void GateServer::Accept() {
  for (;;) {
    const int number = ::accept4(listener_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (number < 0) return;
    auto visit = std::make_shared<Visit>(*this, number);
    if (visit->IsOneTooMany()) continue;
    visit->limit.expires_after(kLongest);
    visit->limit.async_wait([weak = std::weak_ptr(visit)](const boost::system::error_code& stopped) {
      if (const auto late = weak.lock(); late && !stopped) late->socket.cancel();
    });
    Serve(visit);
  }
}

void GateServer::Serve(const std::shared_ptr<Visit>& visit) {
  const int number = visit->socket.native_handle();
  CurfewQuestion question{};
  const ssize_t got = ::recv(number, &question, sizeof question, MSG_DONTWAIT | MSG_TRUNC);
  if (got < 0 && errno == EAGAIN) {
    visit->socket.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                             [this, visit](const boost::system::error_code& stopped) {
                               if (!stopped) Serve(visit);
                             });
    return;
  }
  const auto peer = PeerOf(number);
  if (got != static_cast<ssize_t>(sizeof question) || !peer || peer->uid != 0) return;
  const GateAnswer answer = gate_.Answer(question, *peer);
  Send(number, answer);
  if (question.kind == kCurfewSessionClose || (question.kind == kCurfewSessionOpen && !answer.IsAllowed())) on_change_();
}

}  // namespace curfew
