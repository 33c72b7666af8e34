// SPDX-License-Identifier: Apache-2.0
// Paths, bodies and pages; ids are opaque and are percent-encoded.
#include "cli/controller_api.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <boost/json.hpp>

namespace curfew {
namespace json = boost::json;
namespace {

std::string Encoded(std::string_view text) {
  std::string encoded;
  for (const char byte : text) {
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
                       byte == '-' || byte == '_' || byte == '.';
    encoded += plain ? std::string(1, byte) : fmt::format("%{:02X}", static_cast<unsigned char>(byte));
  }
  return encoded;
}

Answer<std::string> NewIdempotencyKey() {
  unsigned char bytes[16];
  if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
    return Refuse(ExitCode::kFailed, "the kernel gives no random bytes");
  std::string key;
  for (const unsigned char byte : bytes) key += fmt::format("{:02x}", byte);
  return key;
}

std::string RequestPath(const std::string& id) { return "/v1/requests/" + Encoded(id); }

}  // namespace

Answer<ControllerApi> ControllerApi::Open(const Home& home) {
  auto url = home.Url();
  if (!url) return Halted(url.error());
  auto token = home.Token();
  if (!token) return Halted(token.error());
  auto https = Https::Open(ApiAddress{std::move(*url), home.CaFile()});
  if (!https) return Halted(https.error());
  return ControllerApi(std::move(*https), std::move(*token));
}

Answer<ControllerApi> ControllerApi::OpenAnonymously(ApiAddress address) {
  auto https = Https::Open(std::move(address));
  if (!https) return Halted(https.error());
  return ControllerApi(std::move(*https), {});
}

Answer<json::value> ControllerApi::Send(const HttpRequest& request) {
  HttpRequest signed_in = request;
  if (!token_.empty()) signed_in.headers.emplace_back("Authorization", "Bearer " + token_);
  auto reply = https_.Send(signed_in);
  if (!reply) return Halted(reply.error());
  return ReadReply(*reply);
}

Answer<json::value> ControllerApi::Get(const std::string& path, Millis patience) {
  return Send(HttpRequest{"GET", path, {}, {}, patience, true});
}

Answer<json::value> ControllerApi::Post(const std::string& path, const json::object& body) {
  auto key = NewIdempotencyKey();
  if (!key) return Halted(key.error());
  HttpRequest request{"POST", path, json::serialize(body), {{"Idempotency-Key", *key}}};
  request.repeatable = true;
  return Send(request);
}

Answer<void> ControllerApi::EachPage(const std::string& path, const PageTaker& take) {
  const char* joint = path.find('?') == std::string::npos ? "?" : "&";
  std::string cursor;
  while (true) {
    auto answer = Get(path + joint + "limit=500" + (cursor.empty() ? "" : "&cursor=" + Encoded(cursor)));
    if (!answer) return Halted(answer.error());
    const json::object* object = answer->if_object();
    const json::value* items = object == nullptr ? nullptr : object->if_contains("items");
    if (items == nullptr || !items->is_array()) break;
    if (auto taken = take(items->get_array()); !taken) return taken;
    const json::value* next = object->if_contains("next");
    if (next == nullptr || !next->is_string()) return {};
    if (next->get_string() == cursor) break;
    cursor = next->get_string().c_str();
  }
  return Refuse(ExitCode::kFailed, "the controller's answer to " + path + " is no page",
                "is this a Curfew controller?");
}

Answer<json::value> ControllerApi::LogIn(const std::string& user, const std::string& password) {
  const json::object body{{"user", user}, {"password", password}};
  return Send(HttpRequest{"POST", "/v1/login", json::serialize(body), {}});
}

Answer<json::value> ControllerApi::Me() { return Get("/v1/me"); }

Answer<json::value> ControllerApi::RemoveNotice(const std::string& id) {
  return Send(HttpRequest{"DELETE", "/v1/notices/" + Encoded(id), {}, {}});
}

Answer<void> ControllerApi::Keys(const PageTaker& take) {
  auto keys = Get("/v1/keys");
  if (!keys) return Halted(keys.error());
  if (!keys->is_array()) return Refuse(ExitCode::kFailed, "the controller's answer is no list of keys");
  return take(keys->get_array());
}

Answer<json::value> ControllerApi::AddKey(const std::string& line) { return Post("/v1/keys", {{"key", line}}); }

Answer<json::value> ControllerApi::RemoveKey(const std::string& id, bool end_grants) {
  return Send(HttpRequest{"DELETE", "/v1/keys/" + Encoded(id) + (end_grants ? "?end_grants=true" : ""), {}, {}});
}

Answer<json::value> ControllerApi::Ask(const json::object& request) { return Post("/v1/requests", request); }

Answer<json::value> ControllerApi::Request(const std::string& id) { return Get(RequestPath(id)); }

Answer<json::value> ControllerApi::RequestAfter(const std::string& id, std::int64_t revision, Seconds longest) {
  return Get(fmt::format("{}?wait={}&seen={}", RequestPath(id), longest.count(), revision), longest + Seconds{10});
}

Answer<json::value> ControllerApi::Act(const std::string& id, const std::string& act, const json::object& body) {
  return Post(RequestPath(id) + "/" + act, body);
}

Answer<void> ControllerApi::Requests(const std::string& view, const PageTaker& take) {
  return EachPage("/v1/requests?view=" + view, take);
}

Answer<void> ControllerApi::Hosts(const PageTaker& take) { return EachPage("/v1/hosts", take); }

Answer<void> ControllerApi::Events(const std::string& severity, const PageTaker& take) {
  return EachPage(severity.empty() ? "/v1/audit" : "/v1/audit?severity=" + severity, take);
}

}  // namespace curfew
