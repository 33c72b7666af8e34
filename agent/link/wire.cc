// SPDX-License-Identifier: Apache-2.0
// Protobuf at the link's two edges.
#include "agent/link/wire.h"

#include "core/bundle.h"
#include "core/names.h"
#include "core/verdict.h"
#include "proto/local.pb.h"
#include "proto/wire.pb.h"

namespace curfew {

Result<ControllerMessage> ReadToHost(const std::string& frame) {
  proto::ToHost message;
  if (!message.ParseFromString(frame)) return Fail(Errc::kMalformed, "not a message of ours", "controller");
  if (message.has_offer()) return ControllerMessage(Offer{std::move(*message.mutable_offer())});
  if (message.has_pong()) return ControllerMessage(Pong{});
  return ControllerMessage(UnknownFromController{});
}

Result<std::string> WriteHello(const std::string& status) {
  proto::LocalStatus local;
  if (!local.ParseFromString(status)) return Fail(Errc::kMalformed, "not a status of ours", "enforcer");
  proto::FromHost message;
  proto::Hello& hello = *message.mutable_hello();
  hello.set_format(kFormat);
  hello.set_agent_version(CURFEW_VERSION);
  hello.set_epoch(local.epoch());
  hello.set_version(local.version());
  hello.set_roles_version(local.roles_version());
  hello.set_sudo(local.sudo());
  hello.set_sshd(local.sshd());
  for (const auto& layer : local.layers()) hello.add_layers(layer);
  return message.SerializeAsString();
}

std::string WriteBatch(std::string sealed) {
  proto::FromHost message;
  message.set_batch(std::move(sealed));
  return message.SerializeAsString();
}

std::string WritePing() {
  proto::FromHost message;
  message.set_ping(true);
  return message.SerializeAsString();
}

std::optional<RefusedOffer> RefusalIn(const std::string& verdict) {
  proto::LocalVerdict local;
  if (!local.ParseFromString(verdict)) return RefusedOffer{"its answer cannot be read", false};
  if (local.accepted()) return std::nullopt;
  const std::string detail = local.detail().empty() ? "" : ": " + Escaped(local.detail());
  return RefusedOffer{Escaped(local.reason()) + detail, local.reason() == Word(Reason::kStorage) || local.reason() == Word(Reason::kBusy)};
}

}  // namespace curfew
