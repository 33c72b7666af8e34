// SPDX-License-Identifier: Apache-2.0
// A5, the frame: no bytes crash the reader, and bytes that are a frame are exactly what would be written for it.
#include <cstdint>
#include <cstdlib>

#include "core/envelope.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);  // NOLINT: bytes as bytes
  const auto envelope = curfew::ParseEnvelope(bytes);
  if (envelope && curfew::WriteEnvelope(*envelope).value() != bytes) std::abort();
  return 0;
}
