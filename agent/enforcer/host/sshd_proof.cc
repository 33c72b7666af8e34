// SPDX-License-Identifier: Apache-2.0
// sshd(8), -t, -T and -C: a complete connection is given, so that foreign Match blocks can be evaluated.
#include "agent/enforcer/host/sshd_proof.h"

namespace curfew {
namespace {

constexpr Millis kLimit{5000};
constexpr const char* kMust[] = {"\nauthorizedkeysfile /run/curfew/keys/%u\n", "\nauthorizedkeyscommand none\n",
                                 "\ntrustedusercakeys none\n", "\nauthenticationmethods publickey\n"};

}  // namespace

void SshdProof::Ask(std::vector<std::string> accounts, Done done) {
  accounts_ = std::move(accounts);
  answers_.clear();
  tested_ = false;
  done_ = std::move(done);
  Next();
}

void SshdProof::Next() {
  std::vector<std::string> argv{program_, "-f", config_};
  if (!tested_) {
    argv.emplace_back("-t");
  } else {
    argv.insert(argv.end(), {"-T", "-C", "user=" + accounts_[answers_.size()] +
                                             ",host=localhost,addr=127.0.0.1,laddr=127.0.0.1,lport=22"});
  }
  programs_.Run(argv, kLimit, [this](Result<ChildEnd> end) { Take(std::move(end)); });
}

void SshdProof::Take(Result<ChildEnd> end) {
  if (end && (end->timed_out || end->status != 0)) {
    end = Fail(end->timed_out ? Errc::kUnavailable : Errc::kRefused,
               end->timed_out ? "sshd did not answer within 5 s" : "sshd refuses: " + end->output.substr(0, 300), config_,
               "run: sshd -t");
  }
  if (!end) {
    const Done done = std::move(done_);
    return done(Failure(end.error()));
  }
  if (tested_) answers_.push_back("\n" + end->output);
  tested_ = true;
  if (answers_.size() < accounts_.size()) return Next();
  const Done done = std::move(done_);
  done(std::move(answers_));
}

std::string WhyNotConfined(const std::string& settings) {
  for (const char* must : kMust) {
    if (settings.find(must) == std::string::npos) {
      const std::string setting(must);
      return "it is not `" + setting.substr(1, setting.size() - 2) + "`";
    }
  }
  return {};
}

}  // namespace curfew
