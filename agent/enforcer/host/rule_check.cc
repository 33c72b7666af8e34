// SPDX-License-Identifier: Apache-2.0
// `visudo -cf FILE` (never the tree: somebody else's error must not bar a grant), killed after two seconds.
#include "agent/enforcer/host/rule_check.h"

#include "agent/host_settings/sudoers_file.h"
#include "os/trusted_path.h"

namespace curfew {
namespace {

constexpr Millis kLimit{2000};

Failure Refused(const std::string& visudo, const ChildEnd& end) {
  if (end.timed_out) return Fail(Errc::kUnavailable, "did not answer within 2 s", visudo, "run: " + visudo + " -c");
  const std::string first = end.output.substr(0, std::min(end.output.find('\n'), std::size_t{200}));
  return Fail(Errc::kRefused, "refuses our rules with status " + std::to_string(end.status) + ": " + first, visudo);
}

bool NamesCommands(const Rule& rule) { return std::holds_alternative<std::vector<Command>>(rule.right.commands); }

std::map<GrantId, std::string> FindUnsafe(const std::vector<Rule>& rules) {
  std::map<GrantId, std::string> unsafe;
  for (const auto& rule : rules) {
    for (const auto& command : std::get<std::vector<Command>>(rule.right.commands)) {
      const auto safe = CheckOnlyRootCanWrite(command.Argv().front());
      if (!safe) unsafe.emplace(rule.grant, safe.error().Text());
    }
  }
  return unsafe;
}

}  // namespace

bool RuleCheck::Renew() {
  auto found = FindVisudos(ground_.Where());
  if (found == visudos_) return false;
  visudos_ = std::move(found);
  return true;
}

Result<std::string> RuleCheck::PutDown(const std::string& text) const {
  std::vector<Finding> findings;
  auto folder = ground_.Open(kRulesFolder, findings);
  if (!folder) return Failure(folder.error());
  if (auto wrote = folder->Write(kCheckFile, text, 0440, Durable::kNo); !wrote) return Failure(wrote.error());
  return folder->Path() + "/" + kCheckFile;
}

void RuleCheck::Ask(const std::vector<Rule>& fresh, const std::string& text, Done done) {
  busy_ = true;
  done_ = std::move(done);
  verdict_ = {};
  std::vector<Rule> named;
  std::copy_if(fresh.begin(), fresh.end(), std::back_inserter(named), NamesCommands);
  if (named.empty()) return AskVisudos(text);
  asker_.Ask([named = std::move(named)] { return FindUnsafe(named); },
            [this, text](std::map<GrantId, std::string> unsafe) {
              verdict_.unsafe = std::move(unsafe);
              verdict_.unsafe.empty() ? AskVisudos(text) : Finish();
            });
}

void RuleCheck::AskVisudos(const std::string& text) {
  const auto visudos = FindVisudos(ground_.Where());
  auto path = PutDown(text);
  if (path && visudos.empty()) {
    path = Fail(Errc::kNotFound, "no visudo on this host, so no rule can be checked", "/usr/sbin/visudo", "install sudo");
  }
  if (!path) {
    waiting_ = 1;
    return programs_.Refuse(path.error(), [this](const Result<ChildEnd>& end) { Take({}, end); });
  }
  waiting_ = visudos.size();
  for (const auto& visudo : visudos) {
    programs_.Run({visudo, "-cf", *path}, kLimit, [this, visudo](const Result<ChildEnd>& end) { Take(visudo, end); });
  }
}

void RuleCheck::Take(const std::string& visudo, const Result<ChildEnd>& end) {
  if (!end) {
    verdict_.text = Failure(end.error());
  } else if (end->status != 0 || end->timed_out) {
    verdict_.text = Refused(visudo, *end);
  }
  if (--waiting_ == 0) Finish();
}

void RuleCheck::Finish() {
  busy_ = false;
  const Done done = std::move(done_);
  done(verdict_);
}

}  // namespace curfew
