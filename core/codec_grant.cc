// SPDX-License-Identifier: Apache-2.0
// Grants on the wire. Every text is parsed into the type that later code renders from; what is left as text is plain.
#include "core/codec_grant.h"

#include "core/authorized_keys.h"
#include "core/codec_fields.h"
#include "proto/sealed.pb.h"

namespace curfew {
namespace {

Result<std::optional<LoginRight>> ReadLogin(const proto::Grant& from) {
  if (!from.has_login()) return std::nullopt;
  auto keys = ReadEach("keys", from.login().keys(), LoginKey::Parse);
  auto sources = ReadEach("sources", from.login().sources(), ParseSource);
  if (auto error = FirstError(keys, sources)) return Failure(std::move(*error));
  return LoginRight{std::move(*keys), std::move(*sources)};
}

Result<Command> ReadCommand(const proto::Command& from) {
  return Command::Parse({from.argv().begin(), from.argv().end()});
}

Result<std::optional<SudoRight>> ReadSudo(const proto::Grant& from) {
  if (!from.has_sudo()) return std::nullopt;
  const proto::SudoRight& sudo = from.sudo();
  auto commands = ReadEach("commands", sudo.commands(), ReadCommand);
  auto runas = At("runas", AccountName::Parse(sudo.runas()));
  if (auto error = FirstError(commands, runas)) return Failure(std::move(*error));
  if (sudo.all() != commands->empty()) return Fail(Errc::kMalformed, "either all commands or some, not both or neither");
  SudoRight right{AllCommands{}, std::move(*runas), sudo.authenticate()};
  if (!sudo.all()) right.commands = std::move(*commands);
  return right;
}

Result<std::string> ReadLineage(const std::string& text) {
  if (text.empty()) return text;
  auto id = GrantId::Parse(text);
  if (!id) return Failure(std::move(id.error()));
  return id->Text();
}

Result<std::string> ReadGroup(const std::string& name) {
  auto group = AccountName::Parse(name);  // groups are named by the accounts' rule
  if (!group) return Failure(std::move(group.error()));
  return group->Text();
}

Result<Approval> ReadApproval(const proto::Approval& from) {
  auto approver = At("approver", PersonName::Parse(from.approver()));
  if (!approver) return Failure(std::move(approver.error()));
  return Approval{std::move(*approver), from.sealed()};
}

Result<std::string> ReadExtension(const std::string& name) { return ReadWord("name", name); }

void WriteSudo(const SudoRight& right, proto::SudoRight& to) {
  to.set_runas(right.runas.Text());
  to.set_authenticate(right.authenticate);
  const auto* commands = std::get_if<std::vector<Command>>(&right.commands);
  to.set_all(commands == nullptr);
  if (commands == nullptr) return;
  for (const Command& command : *commands) {
    proto::Command* entry = to.add_commands();
    for (const std::string& word : command.Argv()) entry->add_argv(word);
  }
}

}  // namespace

void WriteGrant(const Grant& grant, proto::Grant& to) {
  to.set_id(grant.id.Text());
  to.set_principal(grant.principal.Text());
  to.set_account(grant.account.Text());
  if (grant.uid) to.set_uid(*grant.uid);
  if (grant.login) {
    for (const LoginKey& key : grant.login->keys) to.mutable_login()->add_keys(key.Text());
    for (const std::string& source : grant.login->sources) to.mutable_login()->add_sources(source);
    to.mutable_login();
  }
  if (grant.sudo) WriteSudo(*grant.sudo, *to.mutable_sudo());
  to.set_start(UnixSeconds(grant.start));
  to.set_end(UnixSeconds(grant.end));
  to.set_activate_by(UnixSeconds(grant.activate_by));
  to.set_longest_session_s(static_cast<std::uint64_t>(grant.longest_session.count()));
  to.set_expiry(static_cast<std::uint32_t>(grant.expiry));
  to.set_lease_s(static_cast<std::uint64_t>(grant.lease.count()));
  to.set_strict_lease(grant.strict_lease);
  to.set_lineage(grant.lineage);
  for (const std::string& group : grant.groups) to.add_groups(group);
  to.set_reason(grant.reason);
  to.set_ticket(grant.ticket);
  to.set_request(grant.request.Text());
  to.set_request_hash(std::string(grant.request_hash.Raw()));
  for (const Approval& approval : grant.approvals) {
    proto::Approval* entry = to.add_approvals();
    entry->set_approver(approval.approver.Text());
    entry->set_sealed(approval.sealed);
  }
  for (const std::string& name : grant.critical) to.add_critical(name);
}

std::string EncodeTerms(const Grant& grant) {
  proto::Grant to;
  WriteGrant(grant, to);
  to.clear_id();
  to.clear_uid();
  to.clear_start();
  to.clear_end();
  to.clear_activate_by();
  to.clear_lineage();
  to.clear_reason();
  to.clear_ticket();
  to.clear_request_hash();
  to.clear_approvals();
  return to.SerializeAsString();
}

Result<Grant> ReadGrant(const proto::Grant& from) {
  auto id = At("id", GrantId::Parse(from.id()));
  auto principal = At("principal", PersonName::Parse(from.principal()));
  auto account = At("account", AccountName::Parse(from.account()));
  auto login = At("login", ReadLogin(from));
  auto sudo = At("sudo", ReadSudo(from));
  auto lineage = At("lineage", ReadLineage(from.lineage()));
  auto groups = ReadEach("groups", from.groups(), ReadGroup);
  auto reason = ReadText("reason", from.reason(), kLongestReason);
  auto ticket = ReadText("ticket", from.ticket(), kLongestTicket);
  auto request = At("request", RequestId::Parse(from.request()));
  auto hash = At("request_hash", ContentHash::FromBytes(from.request_hash()));
  auto approvals = ReadEach("approvals", from.approvals(), ReadApproval);
  auto critical = ReadEach("critical", from.critical(), ReadExtension);
  if (auto error = FirstError(id, principal, account, login, sudo, lineage, groups, reason, ticket, request, hash,
                              approvals, critical)) {
    return Failure(std::move(*error));
  }
  if (from.expiry() == 0) return Fail(Errc::kMalformed, "missing", "expiry");
  if (!*login && !*sudo && groups->empty()) return Fail(Errc::kMalformed, "grants nothing");
  return Grant{.id = std::move(*id),
               .principal = std::move(*principal),
               .account = std::move(*account),
               .uid = from.has_uid() ? std::optional(from.uid()) : std::nullopt,
               .login = std::move(*login),
               .sudo = std::move(*sudo),
               .start = FromUnixSeconds(from.start()),
               .end = FromUnixSeconds(from.end()),
               .activate_by = FromUnixSeconds(from.activate_by()),
               .longest_session = ReadSpan(from.longest_session_s()),
               .expiry = static_cast<Expiry>(from.expiry()),
               .lease = ReadSpan(from.lease_s()),
               .strict_lease = from.strict_lease(),
               .lineage = std::move(*lineage),
               .groups = std::move(*groups),
               .reason = std::move(*reason),
               .ticket = std::move(*ticket),
               .request = std::move(*request),
               .request_hash = *hash,
               .approvals = std::move(*approvals),
               .critical = std::move(*critical)};
}

}  // namespace curfew
