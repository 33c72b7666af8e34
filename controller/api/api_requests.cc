// SPDX-License-Identifier: Apache-2.0
// Requests: made, shown, decided.
#include <boost/json.hpp>

#include <charconv>

#include "controller/api/api.h"
#include "controller/api/fields.h"
#include "controller/api/forms.h"
#include "controller/identity/login_key.h"
#include "core/reason.h"
#include "core/signature.h"

namespace curfew {
namespace {

constexpr std::int64_t kLongestAsk = 366LL * 86400;

template <class T>
Outcome<T> Checked(Result<T> parsed) {
  if (!parsed) return Refuse(Refusal::kMalformed, parsed.error().Text(), parsed.error().hint);
  return *std::move(parsed);
}

Outcome<std::variant<std::vector<HostName>, HostExpression>> ReadHosts(const Fields& fields) {
  if (fields.Has("hosts") == fields.Has("hosts_expr")) {
    return Refuse(Refusal::kMalformed, "exactly one of hosts and hosts_expr is needed", "name hosts, or write --hosts EXPR");
  }
  if (fields.Has("hosts_expr")) {
    const auto text = fields.Text("hosts_expr");
    if (!text) return tl::unexpected(text.error());
    auto expression = Checked(HostExpression::Parse(*text));
    if (!expression) return tl::unexpected(expression.error());
    return *std::move(expression);
  }
  const auto texts = fields.Texts("hosts", 100);
  if (!texts) return tl::unexpected(texts.error());
  if (texts->empty()) return Refuse(Refusal::kMalformed, "hosts is empty", "name at least one");
  std::vector<HostName> names;
  for (const auto& text : *texts) {
    auto name = Checked(HostName::Parse(text));
    if (!name) return tl::unexpected(name.error());
    names.push_back(*std::move(name));
  }
  return names;
}

Outcome<std::optional<AccountName>> ReadAccount(const Fields& fields, std::string_view field) {
  if (!fields.Has(field)) return std::optional<AccountName>();
  const auto text = fields.Text(field);
  if (!text) return tl::unexpected(text.error());
  auto account = Checked(AccountName::Parse(*text));
  if (!account) return tl::unexpected(account.error());
  return std::optional(*std::move(account));
}

Outcome<std::optional<Seconds>> ReadSeconds(const Fields& fields, std::string_view field) {
  const auto number = fields.Integer(field);
  if (!number) return tl::unexpected(number.error());
  if (!*number) return std::optional<Seconds>();
  if (**number < 1 || **number > kLongestAsk) {
    return Refuse(Refusal::kMalformed, std::string(field).append(" must be 1 second to 366 days"));
  }
  return std::optional(Seconds{**number});
}

Outcome<bool> ReadWhat(const Fields& fields, Ask& ask) {
  const auto* value = fields.Find("what");
  if (value == nullptr) return true;
  const auto what = Fields::Of(*value, "what", {"login", "sudo", "runas"});
  if (!what) return tl::unexpected(what.error());
  const auto login = what->Flag("login");
  if (!login) return tl::unexpected(login.error());
  auto sudo = ReadSudoAsk(what->Find("sudo"));
  if (!sudo) return tl::unexpected(sudo.error());
  auto runas = ReadAccount(*what, "runas");
  if (!runas) return tl::unexpected(runas.error());
  ask.login = *login;
  ask.sudo = *std::move(sudo);
  ask.runas = *std::move(runas);
  return true;
}

Outcome<Ask> ReadAsk(const Fields& fields) {
  Ask ask;
  auto account = ReadAccount(fields, "account");
  if (!account) return tl::unexpected(account.error());
  ask.account = *std::move(account);
  const auto duration = ReadSeconds(fields, "duration_s");
  if (!duration) return tl::unexpected(duration.error());
  ask.duration = *duration;
  const auto rule = fields.TextOrEmpty("policy");
  if (!rule) return tl::unexpected(rule.error());
  if (!rule->empty()) ask.rule = *rule;
  const auto what = ReadWhat(fields, ask);
  if (!what) return tl::unexpected(what.error());
  return ask;
}

Outcome<std::string> ReadTicket(const Fields& fields) {
  auto ticket = fields.TextOrEmpty("ticket");
  if (ticket && !IsPlainText(*ticket, kLongestTicket)) {
    return Refuse(Refusal::kMalformed, "ticket is longer than " + std::to_string(kLongestTicket) + " bytes or holds control characters");
  }
  return ticket;
}

Outcome<std::optional<LoginKey>> ReadKey(const Fields& fields) {
  if (!fields.Has("key")) return std::optional<LoginKey>();
  const auto text = fields.Text("key");
  if (!text) return tl::unexpected(text.error());
  auto read = Checked(ReadLoginKey(*text));
  if (!read) return tl::unexpected(read.error());
  return std::optional(std::move(read->key));
}

Outcome<Submission> ReadSubmission(const std::string& body) {
  const auto fields = Fields::Parse(body, {"hosts", "hosts_expr", "account", "what", "duration_s", "reason", "ticket", "policy", "key"});
  if (!fields) return tl::unexpected(fields.error());
  auto hosts = ReadHosts(*fields);
  if (!hosts) return tl::unexpected(hosts.error());
  auto ask = ReadAsk(*fields);
  if (!ask) return tl::unexpected(ask.error());
  const auto text = fields->TextOrEmpty("reason");
  if (!text) return tl::unexpected(text.error());
  auto reason = ReadReason(*text, true);
  if (!reason) return tl::unexpected(reason.error());
  auto ticket = ReadTicket(*fields);
  if (!ticket) return tl::unexpected(ticket.error());
  auto key = ReadKey(*fields);
  if (!key) return tl::unexpected(key.error());
  return Submission{*std::move(hosts), *std::move(ask), *std::move(reason), *std::move(ticket), *std::move(key)};
}

bool IsIdempotencyKey(std::string_view text) {
  return text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
         });
}

/// Runs `act` once for each idempotency key: the same again gives the request as it is now.
template <class Act>
Outcome<RequestRecord> Once(Change& change, const Person& person, const ApiRequest& request, Act act) {
  constexpr Seconds kRemembered{86400};
  if (request.idempotency.empty()) return act();
  if (!IsIdempotencyKey(request.idempotency)) return Refuse(Refusal::kMalformed, "Idempotency-Key must be 1 to 64 of [A-Za-z0-9_-]");
  const ContentHash body = Sha256(request.method + "\n" + request.path + "\n" + request.body);
  change.Keep().DropIdempotencyBefore(change.At() - kRemembered);
  if (const auto before = change.Keep().FindIdempotency(person.name, request.idempotency)) {
    if (before->body != body) return Refuse(Refusal::kKeyReused, "this Idempotency-Key was used for something else", "make a new key");
    return Find(change.Keep(), before->request, person);
  }
  Outcome<RequestRecord> done = act();
  if (done) change.Keep().AddIdempotency(person.name, request.idempotency, {body, done->id}, change.At());
  return done;
}

std::optional<std::int64_t> QueryNumber(const ApiRequest& request, const std::string& name) {
  const auto found = request.query.find(name);
  if (found == request.query.end()) return std::nullopt;
  std::int64_t number = 0;
  const auto* end = found->second.data() + found->second.size();
  const auto read = std::from_chars(found->second.data(), end, number);
  return read.ec == std::errc() && read.ptr == end ? std::optional(number) : std::nullopt;
}

/// What comes with a decision.
struct Remark {
  std::string reason;
  std::optional<Seconds> shorter;
};

Outcome<Remark> ReadRemark(const ApiRequest& request, std::string_view verb) {
  const bool approving = verb == "approve";
  const bool reasoned = approving || verb == "deny" || verb == "revoke";
  const auto fields = approving ? Fields::Parse(request.body, {"reason", "duration_s"})
                                : (reasoned ? Fields::Parse(request.body, {"reason"}) : Fields::Parse(request.body, {}));
  if (!fields) return tl::unexpected(fields.error());
  const auto text = fields->TextOrEmpty("reason");
  if (!text) return tl::unexpected(text.error());
  auto reason = ReadReason(*text, verb == "revoke");
  if (!reason) return tl::unexpected(reason.error());
  const auto shorter = ReadSeconds(*fields, "duration_s");
  if (!shorter) return tl::unexpected(shorter.error());
  return Remark{*std::move(reason), *shorter};
}

Outcome<RequestRecord> Do(Change& change, const Person& person, const RequestId& id, std::string_view verb, const Remark& remark) {
  if (verb == "approve") return Approve(change, person, id, remark.reason, remark.shorter);
  if (verb == "deny") return DenyRequest(change, person, id, remark.reason);
  if (verb == "withdraw") return Withdraw(change, person, id);
  if (verb == "return") return Return(change, person, id);
  return Revoke(change, person, id, remark.reason);
}

}  // namespace

ApiReply Api::RequestReply(const RequestRecord& request, int status) {
  return {status, "application/json", boost::json::serialize(RequestForm(request, workflow_.Kept().GrantsOf(request.id)))};
}

ApiReply Api::Create(const ApiRequest& request, const Caller& caller) {
  const std::string actor = caller.person.name.Text();
  const auto submission = ReadSubmission(request.body);
  if (!submission) return ReplyTo(submission.error(), actor);
  const auto made = workflow_.Run(clock_().utc, [&](Change& change) {
    return Once(change, caller.person, request, [&] { return Submit(change, caller.person, *submission); });
  });
  return made ? RequestReply(*made, 201) : ReplyTo(made.error(), actor);
}

ApiAnswer Api::Show(const ApiRequest& request, const Caller& caller, const RequestId& id) {
  const auto found = Find(workflow_.Kept(), id, caller.person);
  if (!found) return ReplyTo(found.error(), caller.person.name.Text());
  const auto wait = QueryNumber(request, "wait");
  const auto seen = QueryNumber(request, "seen");
  if (wait && seen && *wait > 0 && static_cast<std::uint64_t>(*seen) == found->revision) {
    return WaitFor{id, Seconds{std::min<std::int64_t>(*wait, 60)}};
  }
  return RequestReply(*found, 200);
}

ApiReply Api::Act(const ApiRequest& request, const Caller& caller, const RequestId& id, std::string_view verb) {
  const std::string actor = caller.person.name.Text();
  if (verb == "extend") {
    return ReplyOf({501, "not-available", "this version cannot extend", "ask again before it ends: curfew request"});
  }
  const auto remark = ReadRemark(request, verb);
  if (!remark) return ReplyTo(remark.error(), actor);
  const auto done = workflow_.Run(clock_().utc, [&](Change& change) {
    return Once(change, caller.person, request, [&] { return Do(change, caller.person, id, verb, *remark); });
  });
  return done ? RequestReply(*done, 200) : ReplyTo(done.error(), actor);
}

}  // namespace curfew
