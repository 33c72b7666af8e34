// SPDX-License-Identifier: Apache-2.0
// POST /v1/enroll: a host joins.
#include <boost/json.hpp>

#include "controller/api/api.h"
#include "controller/api/fields.h"
#include "core/base64.h"

namespace curfew {
namespace {

Outcome<EnrolmentAsk> ReadAsk(const std::string& body) {
  const auto fields = Fields::Parse(body, {"token", "name", "identity_key", "audit_key", "csr", "identity_proof"});
  if (!fields) return tl::unexpected(fields.error());
  EnrolmentAsk ask;
  struct Part {
    const char* name;
    std::string* place;
    bool bytes;
  };
  const std::array<Part, 7> parts = {{{"token", &ask.token, false}, {"name", &ask.name, false},
                                      {"identity_key", &ask.identity_key, true}, {"audit_key", &ask.audit_key, true},
                                      {"audit_key", &ask.audit_key_text, false}, {"csr", &ask.csr, false},
                                      {"identity_proof", &ask.identity_proof, true}}};
  for (const auto& part : parts) {
    auto value = part.bytes ? fields->Bytes(part.name) : fields->Text(part.name);
    if (!value) return tl::unexpected(value.error());
    *part.place = *std::move(value);
  }
  return ask;
}

}  // namespace

ApiAnswer Api::EnrolHost(const ApiRequest& request) {
  const auto ask = ReadAsk(request.body);
  if (!ask) return ReplyTo(ask.error(), request.peer, strangers_);
  const auto enrolled = workflow_.Run(clock_().utc, [&](Change& change) { return Enrol(change, *ask, sign_); });
  if (!enrolled) return ReplyTo(enrolled.error(), request.peer, strangers_);
  const SigningKeys& keys = workflow_.Keys();
  boost::json::array roots;
  for (const auto& key : keys.root.keys) roots.emplace_back(EncodeBase64(key.Raw()));
  const boost::json::object body{{"host_id", enrolled->host.Hex()}, {"certificate", enrolled->certificate}, {"ca", settings_.ca},
                                 {"agents", settings_.agents}, {"root_keys", std::move(roots)},
                                 {"root_threshold", keys.root.threshold}, {"roles", EncodeBase64(keys.sealed_roles)}};
  return ApiReply{200, "application/json", boost::json::serialize(body)};
}

}  // namespace curfew
