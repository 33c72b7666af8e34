// SPDX-License-Identifier: Apache-2.0
// JSON of /v1/enroll and of trusted_root.json.
#include "agent/tool/enrolment.h"

#include <algorithm>
#include <boost/json.hpp>

#include "core/base64.h"
#include "os/tls_context.h"

namespace curfew {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostProblem = 512;
constexpr std::int64_t kMostKeys = 8;

Failure Bad(const std::string& what) {
  return Fail(Errc::kMalformed, what, "the controller's answer", "are agent and controller of one version?");
}

Result<std::string> TextAt(const json::object& from, const char* key) {
  const auto* value = from.if_contains(key);
  if (value == nullptr || !value->is_string()) return Bad(std::string("no text under ") + key);
  return std::string(value->get_string());
}

Result<Role> ReadRoot(const json::object& from) {
  const auto* keys = from.if_contains("root_keys");
  const auto* threshold = from.if_contains("root_threshold");
  if (keys == nullptr || !keys->is_array() || threshold == nullptr || !threshold->is_int64())
    return Bad("no root keys");
  Role root;
  for (const auto& key : keys->get_array()) {
    if (!key.is_string()) return Bad("a root key is not text");
    const std::string text(key.get_string());
    const auto raw = DecodeBase64(text);
    const auto parsed = raw ? PublicKey::FromBytes(*raw) : Result<PublicKey>(Failure(raw.error()));
    if (!parsed) return Bad("a root key is not an Ed25519 key");
    root.keys.push_back(*parsed);
  }
  const auto count = static_cast<std::int64_t>(root.keys.size());
  const std::int64_t least = threshold->get_int64();
  if (least < 1 || least > count || count > kMostKeys) return Bad("root_threshold is not within its keys");
  root.threshold = static_cast<std::uint32_t>(least);
  return root;
}

ContentHash OwnerOf(const HostId& host, const Role& root) {
  std::vector<std::string> keys;
  for (const auto& key : root.keys) keys.emplace_back(key.Id().Raw());
  std::sort(keys.begin(), keys.end());
  std::string text = "curfew owner of a state\n" + std::string(host.Raw()) + std::to_string(root.threshold) + "\n";
  for (const auto& key : keys) text += key;
  return Sha256(text);
}

Result<void> CheckFit(const Enrolment& enrolment, const std::string& link_key) {
  auto context = NewTlsContext(TlsSide::kClient, enrolment.certificate, link_key);
  if (!context) return Bad("the certificate is not for this host's key: " + context.error().Text());
  if (auto trusted = TrustOnly(**context, enrolment.ca); !trusted) return Bad("no CA certificate");
  const auto roles = Verify(enrolment.roles, Purpose::kRoles, enrolment.root);
  if (const Deny* deny = Denied(roles)) {
    return Fail(Errc::kRefused, std::string("the root keys did not sign the role table: ") + Word(deny->reason),
                "the controller's answer");
  }
  return {};
}

}  // namespace

Result<std::string> WriteEnrolment(const EnrolmentRequest& request, const HostKeys& keys) {
  const std::string audit = EncodeBase64(keys.audit.Public().Raw());
  const auto proof =
      keys.identity.Sign("curfew enrolment v1\n" + request.name.Text() + "\n" + audit + "\n" + request.request);
  if (!proof) return Failure(proof.error());
  const std::string_view signature(reinterpret_cast<const char*>(proof->value.data()),  // NOLINT: bytes as text
                                   proof->value.size());
  json::object body;
  body["token"] = request.token;
  body["name"] = request.name.Text();
  body["identity_key"] = EncodeBase64(keys.identity.Public().Raw());
  body["audit_key"] = audit;
  body["csr"] = request.request;
  body["identity_proof"] = EncodeBase64(signature);
  return json::serialize(body);
}

Result<Enrolment> ReadEnrolment(std::string_view body, const HostId& host, const std::string& link_key) {
  boost::system::error_code failed;
  const json::value parsed = json::parse(json::string_view(body.data(), body.size()), failed);
  if (failed || !parsed.is_object()) return Bad("not a JSON object");
  const json::object& from = parsed.get_object();
  const auto named = TextAt(from, "host_id");
  const auto certificate = TextAt(from, "certificate");
  const auto ca = TextAt(from, "ca");
  const auto agents = TextAt(from, "agents");
  const auto roles = TextAt(from, "roles");
  for (const auto* part : {&named, &certificate, &ca, &agents, &roles}) {
    if (!*part) return Failure(part->error());
  }
  if (*named != host.Hex()) return Fail(Errc::kRefused, "it is about another host", "the controller's answer");
  auto endpoint = ParseEndpoint(*agents);
  if (!endpoint) return Failure(endpoint.error());
  auto root = ReadRoot(from);
  if (!root) return Failure(root.error());
  auto sealed = DecodeBase64(*roles);
  if (!sealed) return Bad("roles are not base64");
  Enrolment enrolment{*certificate, *ca, std::move(*endpoint), std::move(*root), std::move(*sealed)};
  if (auto fits = CheckFit(enrolment, link_key); !fits) return Failure(fits.error());
  return enrolment;
}

std::string ProblemText(long status, std::string_view body) {
  boost::system::error_code failed;
  const json::value parsed = json::parse(json::string_view(body.data(), body.size()), failed);
  std::string text;
  if (!failed && parsed.is_object()) {
    for (const auto& [key, joint] : {std::pair("title", ""), std::pair("detail", ": "), std::pair("hint", "; ")}) {
      const auto part = TextAt(parsed.get_object(), key);
      if (part && !part->empty()) text += (text.empty() ? "" : joint) + *part;
    }
  }
  if (text.empty()) text = "HTTP " + std::to_string(status);
  return Escaped(std::string_view(text).substr(0, kMostProblem));
}

std::string RenderTrustedRoot(const HostId& host, const Role& root) {
  json::array keys;
  for (const auto& key : root.keys) keys.emplace_back(EncodeBase64(key.Raw()));
  json::object file;
  file["host_id"] = host.Hex();
  file["owner"] = OwnerOf(host, root).Hex();
  file["root_keys"] = std::move(keys);
  file["root_threshold"] = root.threshold;
  return json::serialize(file) + "\n";
}

}  // namespace curfew
