// SPDX-License-Identifier: Apache-2.0
// Beast and TLS behind server.h. Coroutines here keep what they use in their own frame; awaited expressions are built first.
#include "controller/api/server.h"

#include <openssl/ssl.h>

#include <map>
#include <set>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "controller/api/api.h"

namespace curfew {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using Stream = beast::ssl_stream<beast::tcp_stream>;
using BeastRequest = http::request<http::string_body>;
using BeastReply = http::response<http::string_body>;

constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t kMostHeader = std::uint32_t{16} << 10U;
constexpr std::size_t kWorkers = 2;

/// The question in a form without HTTP; nullopt when its target is no URL of ours.
std::optional<ApiRequest> Translate(const BeastRequest& from, const std::string& peer) {
  const auto url = boost::urls::parse_origin_form({from.target().data(), from.target().size()});
  if (!url) return std::nullopt;
  ApiRequest to;
  to.method = std::string(from.method_string());
  to.path = url->path();
  for (const auto& parameter : url->params()) to.query[parameter.key] = parameter.value;
  constexpr std::string_view kBearer = "Bearer ";
  const std::string authorization(from[http::field::authorization]);
  if (authorization.starts_with(kBearer)) to.bearer = authorization.substr(kBearer.size());
  to.idempotency = std::string(from["Idempotency-Key"]);
  to.body = from.body();
  to.peer = peer;
  return to;
}

BeastReply Translate(const ApiReply& from, const BeastRequest& question) {
  BeastReply to(static_cast<http::status>(from.status), question.version());
  to.set(http::field::cache_control, "no-store");
  to.set("X-Content-Type-Options", "nosniff");
  if (!from.type.empty()) to.set(http::field::content_type, from.type);
  if (from.retry) to.set(http::field::retry_after, std::to_string(from.retry->count()));
  if (from.status == 401) to.set(http::field::www_authenticate, "Bearer");
  to.keep_alive(question.keep_alive());
  to.body() = from.body;
  to.prepare_payload();
  return to;
}

class BeastServer final : public ApiServer {
 public:
  BeastServer(asio::io_context& io, const ApiServerSettings& settings, const ServerTls& tls, Api& api)
      : io_(io), settings_(settings), tls_(TakeReference(tls)), api_(api), acceptor_(io), workers_(kWorkers) {}
  ~BeastServer() override { workers_.join(); }

  Result<void> Bind();
  std::uint16_t Port() const override { return acceptor_.local_endpoint().port(); }
  void RequestChanged(const RequestId& request) override;
  void Stop() override;

 private:
  using Waiting = std::multimap<RequestId, asio::steady_timer*>;

  static SSL_CTX* TakeReference(const ServerTls& tls) {
    SSL_CTX_up_ref(tls.Native());
    return tls.Native();
  }
  asio::awaitable<void> Accept();
  asio::awaitable<void> Serve(tcp::socket socket, std::string peer);
  asio::awaitable<void> Converse(Stream& stream, std::string peer);
  /// False when the connection is over.
  asio::awaitable<bool> Exchange(Stream& stream, beast::flat_buffer& buffer, const std::string& peer);
  asio::awaitable<ApiReply> Answer(ApiRequest request);
  asio::awaitable<void> WaitUntilChanged(RequestId request, Seconds limit);
  asio::awaitable<ApiReply> Work(Deferred deferred);

  asio::io_context& io_;
  ApiServerSettings settings_;
  asio::ssl::context tls_;
  Api& api_;
  tcp::acceptor acceptor_;
  asio::thread_pool workers_;
  Waiting waiting_;
  std::set<Stream*> open_;
  bool stopping_ = false;
};

// Where every coroutine of a connection ends: its faults are its own, the server goes on.
void EndOfConnection(std::exception_ptr) {}

Result<void> BeastServer::Bind() {
  boost::system::error_code failed;
  const auto address = asio::ip::make_address(settings_.address, failed);
  const std::string where = settings_.address + ":" + std::to_string(settings_.port);
  if (failed) return Fail(Errc::kMalformed, "not a numeric address", where, "write 0.0.0.0, :: or an address of this machine");
  const tcp::endpoint endpoint(address, settings_.port);
  acceptor_.open(endpoint.protocol(), failed);
  if (!failed) acceptor_.set_option(tcp::acceptor::reuse_address(true), failed);
  if (!failed && address.is_v6()) acceptor_.set_option(asio::ip::v6_only(false), failed);
  if (!failed) acceptor_.bind(endpoint, failed);
  if (!failed) acceptor_.listen(tcp::acceptor::max_listen_connections, failed);
  if (failed) return Fail(Errc::kUnavailable, "cannot listen: " + failed.message(), where, "is another controller running?");
  asio::co_spawn(io_, Accept(), EndOfConnection);
  return {};
}

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
    if (unknown || open_.size() >= settings_.most_connections) continue;
    socket.set_option(tcp::no_delay(true), unknown);
    asio::co_spawn(io_, Serve(std::move(socket), remote.address().to_string()), EndOfConnection);
  }
}

asio::awaitable<void> BeastServer::Serve(tcp::socket socket, std::string peer) {
  Stream stream(std::move(socket), tls_);
  open_.insert(&stream);
  try {
    co_await Converse(stream, peer);
  } catch (const std::exception&) {
    beast::get_lowest_layer(stream).close();
  }
  open_.erase(&stream);
}

asio::awaitable<void> BeastServer::Converse(Stream& stream, std::string peer) {
  beast::get_lowest_layer(stream).expires_after(settings_.exchange_limit);
  auto [failed] = co_await stream.async_handshake(asio::ssl::stream_base::server, kToken);
  if (failed) co_return;
  beast::flat_buffer buffer(kMostHeader + settings_.most_body);
  bool more = true;
  while (more && !stopping_) more = co_await Exchange(stream, buffer, peer);
  beast::get_lowest_layer(stream).expires_after(std::chrono::seconds(2));
  co_await stream.async_shutdown(kToken);
}

asio::awaitable<bool> BeastServer::Exchange(Stream& stream, beast::flat_buffer& buffer, const std::string& peer) {
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
    reply = api_.Reject(problem, peer);
  } else {
    const auto request = Translate(parser.get(), peer);
    beast::get_lowest_layer(stream).expires_never();
    if (request) {
      reply = co_await Answer(*request);
    } else {
      reply = api_.Reject({400, "malformed", "the target is not a path", ""}, peer);
    }
  }
  BeastReply http_reply = Translate(reply, parser.get());
  const bool keep = !failed && http_reply.keep_alive();
  if (!keep) http_reply.keep_alive(false);
  beast::get_lowest_layer(stream).expires_after(settings_.exchange_limit);
  auto [unsent, written] = co_await http::async_write(stream, http_reply, kToken);
  co_return !unsent && keep;
}

asio::awaitable<ApiReply> BeastServer::Answer(ApiRequest request) {
  ApiAnswer answer = api_.Answer(request);
  if (const auto* wait = std::get_if<WaitFor>(&answer)) {
    const RequestId id = wait->request;
    const Seconds limit = wait->limit;
    co_await WaitUntilChanged(id, limit);
    request.query.erase("wait");
    answer = api_.Answer(request);
  }
  if (const auto* deferred = std::get_if<Deferred>(&answer)) co_return co_await Work(*deferred);
  co_return std::get<ApiReply>(std::move(answer));
}

asio::awaitable<void> BeastServer::WaitUntilChanged(RequestId request, Seconds limit) {
  asio::steady_timer timer(io_, limit);
  const auto place = waiting_.emplace(std::move(request), &timer);
  co_await timer.async_wait(kToken);
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

void BeastServer::Stop() {
  stopping_ = true;
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  for (const auto& [request, timer] : waiting_) timer->cancel();
  for (auto* stream : open_) beast::get_lowest_layer(*stream).cancel();
}

}  // namespace

Result<std::unique_ptr<ApiServer>> ApiServer::Open(asio::io_context& io, const ApiServerSettings& settings, const ServerTls& tls,
                                                   Api& api) {
  auto server = std::make_unique<BeastServer>(io, settings, tls, api);
  if (auto bound = server->Bind(); !bound) return Failure(bound.error());
  return server;
}

}  // namespace curfew
