// SPDX-License-Identifier: Apache-2.0
// A5, the bodies: the input is a frame; its body is sealed anew, so that each decoder meets it as signed. No bytes crash one,
// and what one reads is written back as it was: a message has one spelling.
#include <cstdint>
#include <cstdlib>

#include "core/approval.h"
#include "core/codec.h"

namespace curfew {
namespace {

template <class Decode, class Encode>
void Agree(const Verified& body, const Decode& decode, const Encode& encode) {
  const auto value = decode(body);
  if (value && encode(*value) != body.Body()) std::abort();
}

void Read(const Verified& body) {
  Agree(body, DecodeRoleTable, [](const RoleTable& table) { return EncodeRoleTable(table); });
  Agree(body, DecodeBundle, EncodeBundle);
  Agree(body, DecodeRevocation, EncodeRevocation);
  Agree(body, DecodeReceipt, EncodeReceipt);
  Agree(body, DecodeEventBatch, EncodeEventBatch);
  Agree(body, DecodeDelivered, EncodeDelivered);
  Agree(body, DecodeApproval, EncodeApproval);
}

}  // namespace
}  // namespace curfew

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto key = curfew::PrivateKey::FromSeed(std::string(32, 'k')).value();
  const auto envelope = curfew::ParseEnvelope({reinterpret_cast<const char*>(data), size});  // NOLINT: bytes as bytes
  if (!envelope) return 0;
  const auto sealed = curfew::Seal(envelope->purpose, envelope->body, key).value();
  const auto verdict = curfew::Verify(sealed, envelope->purpose, {1, {key.Public()}});
  curfew::Read(std::get<curfew::Verified>(verdict));
  return 0;
}
