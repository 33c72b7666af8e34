// SPDX-License-Identifier: Apache-2.0
// Headers and targets.
#include "controller/api/http_form.h"

#include <boost/beast/http/field.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace curfew {

namespace http = boost::beast::http;

std::optional<ApiRequest> FromHttp(const BeastRequest& from, const std::string& peer) {
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

BeastReply ToHttp(const ApiReply& from, const BeastRequest& question) {
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

}  // namespace curfew
