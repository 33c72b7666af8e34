// SPDX-License-Identifier: Apache-2.0
// Written only, never parsed here.
#include "agent/enforcer/offers/status_wire.h"

#include "proto/local.pb.h"

namespace curfew {
namespace {

std::string SudoWords(const std::optional<SudoRight>& right) {
  if (!right) return {};
  const auto* commands = std::get_if<std::vector<Command>>(&right->commands);
  if (commands == nullptr) return "all";
  std::string words;
  for (const auto& command : *commands) {
    if (!words.empty()) words += '\n';
    for (const auto& argument : command.Argv()) words += (&argument == command.Argv().data() ? "" : " ") + argument;
  }
  return words;
}

}  // namespace

std::string EncodeStatus(const StatusFacts& facts) {
  proto::LocalStatus status;
  const auto& in_force = facts.in_force;
  status.set_enrolled(in_force.identity.has_value());
  if (in_force.identity) status.set_host_id(std::string(in_force.identity->host.Raw()));
  status.set_mode("enforce");
  // Blind, it needs that bundle again: the link's hello repeats these two.
  if (in_force.mark && !in_force.IsBlind()) {
    status.set_epoch(in_force.mark->epoch);
    status.set_version(in_force.mark->version);
  }
  status.set_highest_time_ms(LatestSigned(in_force.time).time_since_epoch().count());
  for (const Grant& grant : facts.desired.live) {
    auto* one = status.add_grants();
    one->set_id(grant.id.Text());
    one->set_account(grant.account.Text());
    one->set_login(grant.login.has_value());
    one->set_sudo(SudoWords(grant.sudo));
    one->set_until_ms(grant.end.time_since_epoch().count());
  }
  for (const auto& [id, known] : in_force.known) {
    const bool owed = known.reached == Reached::kEnded || (known.reached == Reached::kActive && FindGrant(facts.desired.live, id) == nullptr);
    if (owed) status.set_proofs_owed(status.proofs_owed() + 1);
  }
  // A proof on its way to the disk is in no spool yet.
  if (!facts.written) status.set_proofs_owed(status.proofs_owed() + 1);
  status.set_spool_depth(facts.spool.depth);
  status.set_spool_seq(facts.spool.seq);
  status.set_spool_head(std::string(facts.spool.head.Raw()));
  status.set_roles_version(in_force.roles ? in_force.roles->version : 0);
  status.set_link_connected(facts.link);
  for (const auto& alarm : facts.alarms) status.add_alarms(alarm);
  status.set_sudo(facts.sudo);
  status.set_sshd(facts.sshd);
  for (const auto& layer : facts.layers) status.add_layers(layer);
  return status.SerializeAsString();
}

std::string EncodeVerdict(const std::optional<Deny>& deny) {
  proto::LocalVerdict verdict;
  verdict.set_accepted(!deny.has_value());
  if (deny) {
    verdict.set_reason(Word(deny->reason));
    verdict.set_detail(deny->detail);
  }
  return verdict.SerializeAsString();
}

}  // namespace curfew
