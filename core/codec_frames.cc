// SPDX-License-Identifier: Apache-2.0
// The revocation's fixed frame, frozen for ever: any agent that was ever shipped must be able to read an end.
#include <fmt/format.h>

#include "core/codec.h"
#include "core/frame_reader.h"

namespace curfew {
namespace {

constexpr std::string_view kMagic = "RVK1";
constexpr std::size_t kIdSize = 22;
constexpr std::size_t kFrameSize = 4 + 32 + kIdSize + 8 + 8;

}  // namespace

std::string EncodeRevocation(const Revocation& revocation) {
  std::string frame(kMagic);
  frame += revocation.host.Raw();
  frame += revocation.grant.Text();
  frame += BigEndian(UnixSeconds(revocation.at));
  frame += BigEndian(UnixSeconds(revocation.until));
  return frame;
}

Result<Revocation> DecodeRevocation(const Verified& body) {
  if (body.For() != Purpose::kRevocation) return Fail(Errc::kRefused, "sealed for another purpose");
  FrameReader frame(body.Body());
  if (frame.Rest() != kFrameSize) {
    return Fail(Errc::kMalformed, fmt::format("a revocation has {} bytes, this has {}", kFrameSize, frame.Rest()));
  }
  if (frame.Take(kMagic.size()) != kMagic) return Fail(Errc::kMalformed, "is not RVK1", "magic");
  const auto host = HostId::FromBytes(frame.Take(32));
  auto grant = GrantId::Parse(frame.Take(kIdSize));
  const auto at = frame.TakeSeconds();
  const auto until = frame.TakeSeconds();
  if (!grant) return Failure(std::move(grant.error()));
  if (!host || !at || !until) return Fail(Errc::kOutOfRange, "a time after 9999");
  return Revocation{*host, std::move(*grant), FromUnixSeconds(*at), FromUnixSeconds(*until)};
}

}  // namespace curfew
