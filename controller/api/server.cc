// SPDX-License-Identifier: Apache-2.0
// Beast and TLS behind server.h. Coroutines here keep what they use in their own frame; awaited expressions are built
// first.
#include "controller/api/server.h"

#include <openssl/ssl.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/detect_ssl.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <map>

#include "controller/api/api.h"
#include "controller/api/http_form.h"
#include "controller/identity/crowd.h"
#include "controller/identity/network.h"
#include "os/tcp_port.h"

namespace curfew {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using Stream = beast::ssl_stream<beast::tcp_stream>;

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t kMostHeader = std::uint32_t{16} << 10U;
constexpr std::size_t kWorkers = 2;

/// One connection.
struct Visit {
  Visit(std::uint64_t its_number, tcp::socket socket, std::string address, asio::ssl::context& tls)
      : number(its_number), peer(std::move(address)), stream(std::move(socket), tls) {}
  /// Whatever is under way on it ends.
  void Close() {
    beast::get_lowest_layer(stream).close();
    if (waiting != nullptr) waiting->cancel();
  }
  std::uint64_t number;
  std::string peer;
  Stream stream;
  asio::steady_timer* waiting = nullptr;  ///< until a request changes
  bool proven = false;
};

class BeastServer final : public ApiServer {
 public:
  BeastServer(asio::io_context& io, const ApiServerSettings& settings, const ServerTls& tls, Api& api,
              tcp::acceptor acceptor)
      : io_(io),
        settings_(settings),
        tls_(TakeReference(tls)),
        api_(api),
        acceptor_(std::move(acceptor)),
        workers_(kWorkers),
        unproven_({settings.most_unproven, settings.most_of_network}),
        proven_({settings.most_proven, settings.most_of_person}) {}
  ~BeastServer() override { workers_.join(); }

  void Start();
  std::uint16_t Port() const override { return acceptor_.local_endpoint().port(); }
  void RequestChanged(const RequestId& request) override;
  void AnythingChanged() override;
  void Stop() override;

 private:
  using Waiting = std::multimap<RequestId, asio::steady_timer*>;

  static SSL_CTX* TakeReference(const ServerTls& tls) {
    SSL_CTX_up_ref(tls.Native());
    return tls.Native();
  }
  asio::awaitable<void> Accept();
  asio::awaitable<void> Serve(tcp::socket socket, std::string peer);
  asio::awaitable<void> Converse(Visit& visit);
  /// False when the connection is over.
  asio::awaitable<bool> Exchange(Visit& visit, beast::flat_buffer& buffer);
  asio::awaitable<ApiReply> Answer(Visit& visit, ApiRequest request);
  asio::awaitable<void> WaitUntilChanged(Visit& visit, RequestId request, Seconds limit);
  /// Into the crowd; who has to go for it is shown out.
  void Place(Crowd& crowd, std::uint64_t number, const std::string& owner);
  /// The first question with a login that is good: from then on a stranger's flood does not reach this connection.
  void Prove(Visit& visit, const ApiRequest& request);
  asio::awaitable<ApiReply> Work(Deferred deferred);

  asio::io_context& io_;
  ApiServerSettings settings_;
  asio::ssl::context tls_;
  Api& api_;
  tcp::acceptor acceptor_;
  asio::thread_pool workers_;
  Waiting waiting_;
  std::map<std::uint64_t, Visit*> open_;
  Crowd unproven_;
  Crowd proven_;
  std::uint64_t next_ = 1;
  bool stopping_ = false;
};

// Where every coroutine of a connection ends: its faults are its own, the server goes on.
void EndOfConnection(const std::exception_ptr&) {}

void BeastServer::Start() { asio::co_spawn(io_, Accept(), EndOfConnection); }

asio::awaitable<void> BeastServer::Accept() {
  while (!stopping_) {
    auto [failed, socket] = co_await acceptor_.async_accept(kToken);
    if (stopping_) co_return;
    if (failed) {
      // Out of descriptors, most likely: without a pause this would spin.
      asio::steady_timer pause(io_, std::chrono::milliseconds(100));
      co_await pause.async_wait(kToken);
      continue;
    }
    boost::system::error_code unknown;
    const auto remote = socket.remote_endpoint(unknown);
    if (unknown) continue;
    socket.set_option(tcp::no_delay(true), unknown);
    asio::co_spawn(io_, Serve(std::move(socket), remote.address().to_string()), EndOfConnection);
  }
}

void BeastServer::Place(Crowd& crowd, std::uint64_t number, const std::string& owner) {
  if (const auto leaver = crowd.LeaverFor(owner)) {
    crowd.Leave(*leaver);
    if (const auto found = open_.find(*leaver); found != open_.end()) found->second->Close();
  }
  crowd.Enter(number, owner);
}

void BeastServer::Prove(Visit& visit, const ApiRequest& request) {
  if (visit.proven) return;
  const auto person = api_.Known(request);
  if (!person) return;
  visit.proven = true;
  unproven_.Leave(visit.number);
  Place(proven_, visit.number, person->Text());
}

asio::awaitable<void> BeastServer::Serve(tcp::socket socket, std::string peer) {
  Visit visit(next_++, std::move(socket), std::move(peer), tls_);
  open_.emplace(visit.number, &visit);
  Place(unproven_, visit.number, NetworkOf(visit.peer));
  try {
    co_await Converse(visit);
  } catch (const std::exception&) {
    visit.Close();
  }
  unproven_.Leave(visit.number);
  proven_.Leave(visit.number);
  open_.erase(visit.number);
}

asio::awaitable<void> BeastServer::Converse(Visit& visit) {
  Stream& stream = visit.stream;
  beast::get_lowest_layer(stream).expires_after(settings_.exchange_limit);
  beast::flat_buffer hello;
  auto [silent, tls] = co_await beast::async_detect_ssl(beast::get_lowest_layer(stream), hello, kToken);
  if (silent || !tls) co_return;
  unproven_.Speak(visit.number);
  const auto said = hello.cdata();
  auto [failed, used] = co_await stream.async_handshake(asio::ssl::stream_base::server, said, kToken);
  if (failed) co_return;
  beast::flat_buffer buffer(kMostHeader + settings_.most_body);
  bool more = true;
  while (more && !stopping_) more = co_await Exchange(visit, buffer);
  beast::get_lowest_layer(stream).expires_after(std::chrono::seconds(2));
  co_await stream.async_shutdown(kToken);
}

asio::awaitable<bool> BeastServer::Exchange(Visit& visit, beast::flat_buffer& buffer) {
  Stream& stream = visit.stream;
  http::request_parser<http::string_body> parser;
  parser.body_limit(settings_.most_body);
  parser.header_limit(kMostHeader);
  beast::get_lowest_layer(stream).expires_after(settings_.exchange_limit);
  auto [failed, size] = co_await http::async_read(stream, buffer, parser, kToken);
  if (failed == http::error::end_of_stream) co_return false;
  ApiReply reply;
  const bool too_large = failed == http::error::body_limit || failed == http::error::header_limit;
  if (failed && !too_large && failed.category() != make_error_code(http::error::bad_method).category()) co_return false;
  if (failed) {
    const Problem problem = too_large ? Problem{413, "too-large", "more than 64 KiB", "send less"}
                                      : Problem{400, "malformed", "this is not HTTP: " + failed.message(), ""};
    reply = api_.Reject(problem, visit.peer);
  } else {
    const auto request = FromHttp(parser.get(), visit.peer);
    beast::get_lowest_layer(stream).expires_never();
    if (request) {
      Prove(visit, *request);
      reply = co_await Answer(visit, *request);
    } else {
      reply = api_.Reject({400, "malformed", "the target is not a path", ""}, visit.peer);
    }
  }
  BeastReply http_reply = ToHttp(reply, parser.get());
  const bool keep = !failed && http_reply.keep_alive();
  if (!keep) http_reply.keep_alive(false);
  // Hosts first: what the request changed goes out to them before its answer wakes a program that may take this processor.
  co_await asio::post(stream.get_executor(), kToken);
  beast::get_lowest_layer(stream).expires_after(settings_.exchange_limit);
  auto [unsent, written] = co_await http::async_write(stream, http_reply, kToken);
  co_return !unsent && keep;
}

asio::awaitable<ApiReply> BeastServer::Answer(Visit& visit, ApiRequest request) {
  ApiAnswer answer = api_.Answer(request);
  if (const auto* wait = std::get_if<WaitFor>(&answer)) {
    const RequestId id = wait->request;
    const Seconds limit = wait->limit;
    co_await WaitUntilChanged(visit, id, limit);
    request.query.erase("wait");
    answer = api_.Answer(request);
  }
  if (const auto* deferred = std::get_if<Deferred>(&answer)) co_return co_await Work(*deferred);
  co_return std::get<ApiReply>(std::move(answer));
}

asio::awaitable<void> BeastServer::WaitUntilChanged(Visit& visit, RequestId request, Seconds limit) {
  asio::steady_timer timer(io_, limit);
  const auto place = waiting_.emplace(std::move(request), &timer);
  visit.waiting = &timer;
  co_await timer.async_wait(kToken);
  visit.waiting = nullptr;
  waiting_.erase(place);
}

asio::awaitable<ApiReply> BeastServer::Work(Deferred deferred) {
  const auto done = std::make_shared<asio::steady_timer>(io_, asio::steady_timer::time_point::max());
  asio::post(workers_, [this, done, work = std::move(deferred.work)] {
    work();
    asio::post(io_, [done] { done->cancel(); });
  });
  co_await done->async_wait(kToken);
  co_return deferred.finish();
}

void BeastServer::RequestChanged(const RequestId& request) {
  const auto [first, last] = waiting_.equal_range(request);
  for (auto at = first; at != last; ++at) at->second->cancel();
}

void BeastServer::AnythingChanged() {
  for (const auto& [request, timer] : waiting_) timer->cancel();
}

void BeastServer::Stop() {
  stopping_ = true;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  AnythingChanged();
  for (const auto& [number, visit] : open_) beast::get_lowest_layer(visit->stream).cancel();
}

}  // namespace

Result<std::unique_ptr<ApiServer>> ApiServer::Open(asio::io_context& io, const ApiServerSettings& settings,
                                                   const ServerTls& tls, Api& api) {
  auto acceptor = ListenOnPort(io, settings.address, settings.port);
  if (!acceptor) return Failure(acceptor.error());
  auto server = std::make_unique<BeastServer>(io, settings, tls, api, std::move(*acceptor));
  server->Start();
  return server;
}

}  // namespace curfew
