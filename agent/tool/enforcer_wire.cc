// SPDX-License-Identifier: Apache-2.0
// An io_context for the length of one question; proto/local.proto to values.
#include "agent/tool/enforcer_wire.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <thread>

#include "agent/enforcer_socket.h"
#include "core/names.h"
#include "core/verdict.h"
#include "os/machine.h"
#include "proto/local.pb.h"

namespace curfew {
namespace {

namespace asio = boost::asio;

struct Question {
  std::string path;
  LocalKind kind = LocalKind::kStatus;
  std::string body;
  LocalKind answer = LocalKind::kStatusAnswer;
};

asio::awaitable<Result<std::string>> Converse(EnforcerSocket& socket, Question question) {
  auto connected = co_await socket.Connect(question.path);
  if (!connected) co_return Failure(connected.error());
  auto sent = co_await socket.Send(question.kind, std::move(question.body));
  if (!sent) co_return Failure(sent.error());
  auto frame = co_await socket.Receive();
  if (!frame) co_return Failure(frame.error());
  if (frame->kind != question.answer) co_return Fail(Errc::kMalformed, "an answer to another question", question.path);
  co_return std::move(frame->body);
}

Result<std::string> Ask(const Question& question, Millis limit) {
  asio::io_context io(1);
  EnforcerSocket socket(io.get_executor());
  std::optional<Result<std::string>> answer;
  asio::co_spawn(io, Converse(socket, question), [&](const std::exception_ptr& thrown, Result<std::string> said) {
    if (thrown) std::rethrow_exception(thrown);
    answer.emplace(std::move(said));
  });
  io.run_for(limit);
  if (answer) return std::move(*answer);
  return Fail(Errc::kUnavailable, "no answer in time", question.path, "see: journalctl -u curfew-enforcer");
}

Result<proto::LocalVerdict> ReadVerdict(const Result<std::string>& answer) {
  if (!answer) return Failure(answer.error());
  proto::LocalVerdict verdict;
  if (!verdict.ParseFromString(*answer)) return Fail(Errc::kMalformed, "its verdict cannot be read", "enforcer");
  return verdict;
}

Result<void> AcceptedBy(const proto::LocalVerdict& verdict) {
  if (verdict.accepted()) return {};
  const std::string detail = verdict.detail().empty() ? "" : ": " + Escaped(verdict.detail());
  return Fail(Errc::kRefused, "refused: " + Escaped(verdict.reason()) + detail, "enforcer");
}

Instant FromMillis(std::int64_t at) { return Instant{Millis{at}}; }

StatusGrant ReadGrant(const proto::LocalGrant& grant) {
  return {grant.id(), grant.account(), grant.login(), grant.sudo(), FromMillis(grant.until_ms())};
}

HostStatus ReadStatus(const proto::LocalStatus& local) {
  HostStatus status;
  const auto host = HostId::FromBytes(local.host_id());
  status.host_id = host && local.enrolled() ? host->Hex() : "";
  status.enrolled = local.enrolled();
  status.link = local.link_connected();
  status.mode = local.mode();
  status.epoch = local.epoch();
  status.version = local.version();
  status.roles_version = local.roles_version();
  status.highest_time = FromMillis(local.highest_time_ms());
  for (const auto& grant : local.grants()) status.grants.push_back(ReadGrant(grant));
  status.proofs_owed = local.proofs_owed();
  status.spool_depth = local.spool_depth();
  status.spool_seq = local.spool_seq();
  const auto head = ContentHash::FromBytes(local.spool_head());
  if (head) status.spool_head = head->Hex();
  status.sudo = local.sudo();
  status.sshd = local.sshd();
  status.alarms.assign(local.alarms().begin(), local.alarms().end());
  return status;
}

}  // namespace

Result<HostStatus> EnforcerClient::Status() const {
  const auto answer = Ask({path_, LocalKind::kStatus, {}, LocalKind::kStatusAnswer}, limit_);
  if (!answer) return Failure(answer.error());
  proto::LocalStatus local;
  if (!local.ParseFromString(*answer)) return Fail(Errc::kMalformed, "its status cannot be read", "enforcer");
  return ReadStatus(local);
}

Result<void> EnforcerClient::Offer(const std::string& sealed) const {
  const auto verdict = ReadVerdict(Ask({path_, LocalKind::kOffer, sealed, LocalKind::kVerdict}, limit_));
  if (!verdict) return Failure(verdict.error());
  return AcceptedBy(*verdict);
}

Result<std::string> EnforcerClient::RevokeAll() const {
  const auto verdict = ReadVerdict(Ask({path_, LocalKind::kRevokeAll, {}, LocalKind::kVerdict}, limit_));
  if (!verdict) return Failure(verdict.error());
  if (!verdict->accepted() && verdict->reason() == Word(Reason::kStorage)) return Escaped(verdict->detail());
  if (auto accepted = AcceptedBy(*verdict); !accepted) return Failure(accepted.error());
  return std::string();
}

Result<HostStatus> EnforcerClient::AwaitDelivery(Seconds limit) const {
  constexpr Millis kStep{200};
  constexpr Seconds kRedial{5};
  const BootInstant begun = ReadNow().boot;
  for (;;) {
    auto status = Status();
    if (!status || IsSettled(*status)) return status;
    const auto waited = ReadNow().boot - begun;
    if (waited >= limit || (!status->link && waited >= kRedial)) return status;
    std::this_thread::sleep_for(kStep);
  }
}

}  // namespace curfew
