// SPDX-License-Identifier: Apache-2.0
// A visit reads one frame, answers it, reads the next; only batches come unasked. Nothing is queued for a peer that does
// not read, but the one answer and the one batch.
#include "agent/enforcer/offers/link_server.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <deque>

#include "agent/enforcer/offers/status_wire.h"
#include "agent/local_frame.h"
#include "os/unix_socket.h"

namespace curfew {
namespace {

constexpr int kMostVisits = 16;
// Out of descriptors, most likely: what waits at the door goes on waiting, without a turn of the loop each time.
constexpr Millis kAcceptPause{100};
constexpr std::size_t kMostQueued = 4;
// Memory follows what arrives, not what is announced.
constexpr std::size_t kPiece = std::size_t{64} << 10U;

}  // namespace

class LinkServer::Visit : public std::enable_shared_from_this<LinkServer::Visit> {
 public:
  Visit(LinkServer& server, boost::asio::local::stream_protocol::socket socket, uid_t peer)
      : server_(server), alive_(server.alive_), socket_(std::move(socket)), peer_(peer), limit_(socket_.get_executor()) {
    ++server_.visits_[peer_];
  }
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;
  ~Visit() {
    // At the end of the process the loop lets go of its visits when the server is gone already.
    if (alive_.expired()) return;
    --server_.visits_[peer_];
    if (subscription_ != 0) server_.parts_.batches.Stop(subscription_);
  }

  void TellStatus() { Write(LocalKind::kStatusAnswer, server_.parts_.status()); }

  /// The next frame: only a subscriber may be silent, and nobody may stop in the middle of one.
  void Hear() {
    if (subscription_ == 0) Limit();
    socket_.async_wait(boost::asio::socket_base::wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
      if (error) return;
      self->Limit();
      self->ReadHeader();
    });
  }

 private:
  void Limit() {
    limit_.expires_after(server_.parts_.patience);
    limit_.async_wait([weak = weak_from_this()](const boost::system::error_code& stopped) {
      if (const auto self = weak.lock(); self && !stopped) self->Close();
    });
  }

  void Close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

  void ReadHeader() {
    boost::asio::async_read(socket_, boost::asio::buffer(header_),
                            [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                              if (error) return;
                              const auto header = ReadLocalHeader(self->header_);
                              if (!header) return;
                              self->body_.clear();
                              self->ReadBody(*header);
                            });
  }

  void ReadBody(LocalHeader header) {
    const std::size_t have = body_.size();
    if (have == header.length) return Serve(header.kind);
    body_.resize(std::min<std::size_t>(header.length, have + kPiece));
    boost::asio::async_read(socket_, boost::asio::buffer(body_.data() + have, body_.size() - have),
                            [self = shared_from_this(), header](const boost::system::error_code& error, std::size_t) {
                              if (!error) self->ReadBody(header);
                            });
  }

  void Serve(LocalKind kind) {
    limit_.cancel();
    const auto verdict = [self = shared_from_this()](const std::optional<Deny>& deny) {
      self->Write(LocalKind::kVerdict, EncodeVerdict(deny));
      self->Hear();
    };
    if (kind == LocalKind::kOffer) return server_.parts_.intake.Offer(std::exchange(body_, {}), verdict);
    if (!body_.empty()) return;
    if (kind == LocalKind::kRevokeAll) {
      if (peer_ != 0) return verdict(Deny{Reason::kNotAllowedPeer, "only root may revoke everything"});
      return server_.parts_.intake.RevokeAll(verdict);
    }
    if (kind == LocalKind::kStatus) {
      TellStatus();
      return Hear();
    }
    if (kind != LocalKind::kSubscribe) return;
    subscription_ = server_.parts_.batches.Begin([weak = weak_from_this()](const std::string& sealed) {
      if (const auto self = weak.lock()) self->Write(LocalKind::kBatch, sealed);
    });
    server_.subscriber_ = weak_from_this();
    server_.parts_.subscribed();
    TellStatus();
    Hear();
  }

  void Write(LocalKind kind, const std::string& body) {
    if (queue_.size() >= kMostQueued) return Close();
    const auto header = WriteLocalHeader(LocalHeader{kind, static_cast<std::uint32_t>(body.size())});
    std::string frame(header.begin(), header.end());
    frame += body;
    queue_.push_back(std::move(frame));
    if (queue_.size() == 1) WriteNext();
  }

  void WriteNext() {
    boost::asio::async_write(socket_, boost::asio::buffer(queue_.front()),
                             [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                               if (error) return;
                               self->queue_.pop_front();
                               if (!self->queue_.empty()) self->WriteNext();
                             });
  }

  LinkServer& server_;
  std::weak_ptr<const bool> alive_;
  boost::asio::local::stream_protocol::socket socket_;
  uid_t peer_;
  boost::asio::steady_timer limit_;
  std::uint64_t subscription_ = 0;  ///< 0 = none
  std::array<std::uint8_t, kLocalHeader> header_{};
  std::string body_;
  std::deque<std::string> queue_;
};

LinkServer::LinkServer(boost::asio::io_context& loop, FileDescriptor socket, Parts parts)
    : acceptor_(loop, boost::asio::local::stream_protocol(), socket.Release()), pause_(loop), parts_(std::move(parts)) {}

void LinkServer::Add(boost::asio::local::stream_protocol::socket socket) {
  const auto peer = PeerOf(socket.native_handle());
  const bool heard = peer && (peer->uid == 0 || (parts_.link_uid && peer->uid == *parts_.link_uid));
  // Counted by user: a link that was taken over must not keep root's own revoke-all out.
  if (!heard || visits_[peer->uid] >= kMostVisits) return;
  std::make_shared<Visit>(*this, std::move(socket), peer->uid)->Hear();
}

void LinkServer::PushStatus() {
  if (const auto visit = subscriber_.lock()) visit->TellStatus();
}

void LinkServer::Start() {
  acceptor_.async_accept([this](const boost::system::error_code& error, boost::asio::local::stream_protocol::socket socket) {
    if (error == boost::asio::error::operation_aborted) return;
    if (error) return StartLater();
    Add(std::move(socket));
    Start();
  });
}

void LinkServer::StartLater() {
  pause_.expires_after(kAcceptPause);
  pause_.async_wait([this](const boost::system::error_code& stopped) {
    if (!stopped) Start();
  });
}

}  // namespace curfew
