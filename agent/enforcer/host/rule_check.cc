// SPDX-License-Identifier: Apache-2.0
// `visudo -cf FILE` (never the tree: somebody else's error must not bar a grant), killed after two seconds.
#include "agent/enforcer/host/rule_check.h"

#include <unistd.h>

namespace curfew {
namespace {

constexpr Millis kLimit{2000};
constexpr const char* kPlaces[] = {"/usr/sbin/visudo", "/usr/sbin/visudo.ws", "/usr/sbin/visudo-rs", "/usr/bin/visudo-rs",
                                   "/usr/local/sbin/visudo", "/usr/lib/cargo/bin/visudo"};

Failure Refused(const std::string& visudo, const ChildEnd& end) {
  if (end.timed_out) return Fail(Errc::kUnavailable, "did not answer within 2 s", visudo, "run: " + visudo + " -c");
  const std::string first = end.output.substr(0, std::min(end.output.find('\n'), std::size_t{200}));
  return Fail(Errc::kRefused, "refuses our rules with status " + std::to_string(end.status) + ": " + first, visudo);
}

}  // namespace

std::vector<std::string> FindVisudos(const Paths& paths) {
  std::vector<std::string> found;
  for (const char* place : kPlaces) {
    if (::access((paths.root + place).c_str(), X_OK) == 0) found.push_back(paths.root + place);
  }
  return found;
}

bool RuleCheck::Renew() {
  auto found = FindVisudos(paths_);
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

void RuleCheck::Ask(const std::string& text, Done done) {
  done_ = std::move(done);
  verdict_ = {};
  auto path = PutDown(text);
  if (path && visudos_.empty()) {
    path = Fail(Errc::kNotFound, "no visudo on this host, so no rule can be checked", kPlaces[0], "install sudo");
  }
  if (!path) {
    waiting_ = 1;
    return programs_.Refuse(path.error(), [this](const Result<ChildEnd>& end) { Take({}, end); });
  }
  waiting_ = visudos_.size();
  for (const auto& visudo : visudos_) {
    programs_.Run({visudo, "-cf", *path}, kLimit, [this, visudo](const Result<ChildEnd>& end) { Take(visudo, end); });
  }
}

void RuleCheck::Take(const std::string& visudo, const Result<ChildEnd>& end) {
  if (!end) {
    verdict_ = Failure(end.error());
  } else if (end->status != 0 || end->timed_out) {
    verdict_ = Refused(visudo, *end);
  }
  if (--waiting_ > 0) return;
  const Done done = std::move(done_);
  done(verdict_);
}

}  // namespace curfew
