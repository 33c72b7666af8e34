// SPDX-License-Identifier: Apache-2.0
// FromHost to values, values to ToHost.
#include "controller/fleet/wire.h"

#include "core/names.h"
#include "proto/wire.pb.h"

namespace curfew {
namespace {

constexpr std::size_t kMostWord = 128;
constexpr int kMostLayers = 16;

Result<HostMessage> ReadHello(const proto::Hello& hello) {
  AgentFacts facts{hello.format(),        hello.agent_version(), hello.epoch(), hello.version(),
                   hello.roles_version(), hello.sudo(),          hello.sshd(),  {}};
  if (hello.layers_size() > kMostLayers) return Fail(Errc::kOutOfRange, "more than 16 layers", "hello");
  facts.layers.assign(hello.layers().begin(), hello.layers().end());
  bool plain = IsPlainText(facts.agent_version, kMostWord) && IsPlainText(facts.sudo, kMostWord) &&
               IsPlainText(facts.sshd, kMostWord);
  for (const auto& layer : facts.layers) plain = plain && IsPlainText(layer, kMostWord);
  if (!plain) return Fail(Errc::kMalformed, "text that is not plain, or over 128 bytes", "hello");
  return HostMessage(std::move(facts));
}

}  // namespace

Result<HostMessage> ReadFromHost(const std::string& frame) {
  proto::FromHost message;
  if (!message.ParseFromString(frame)) return Fail(Errc::kMalformed, "not a message of ours", "frame");
  switch (message.body_case()) {
    case proto::FromHost::kHello:
      return ReadHello(message.hello());
    case proto::FromHost::kBatch:
      return HostMessage(SealedBatch{std::move(*message.mutable_batch())});
    case proto::FromHost::kPing:
      return HostMessage(Ping{});
    case proto::FromHost::BODY_NOT_SET:
      break;
  }
  return HostMessage(UnknownMessage{});
}

std::string WriteOffer(std::string sealed) {
  proto::ToHost message;
  message.set_offer(std::move(sealed));
  return message.SerializeAsString();
}

std::string WritePong() {
  proto::ToHost message;
  message.set_pong(true);
  return message.SerializeAsString();
}

}  // namespace curfew
