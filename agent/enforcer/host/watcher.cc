// SPDX-License-Identifier: Apache-2.0
// Which names in which folder matter; the ones we make ourselves on the way (".new.…", the sessions' file) do not.
#include "agent/enforcer/host/watcher.h"

namespace curfew {
namespace {

constexpr const char* kUsersFolder = "/etc";
constexpr const char* kPamFolder = "/etc/pam.d";

}  // namespace

void Watcher::Start(Causes causes) {
  causes_ = std::move(causes);
  Renew();
  Wait();
}

void Watcher::Renew() {
  if (!stale_) return;
  stale_ = false;
  folders_.clear();
  for (const auto& folder : {paths_.Run(), paths_.Run() + "/" + kRulesFolder, paths_.Run() + "/" + kKeysFolder,
                             paths_.Run() + "/" + kBannerFolder, paths_.Config(), paths_.SshdDropIns(),
                             std::string(kUsersFolder), paths_.root + kPamFolder}) {
    if (const auto watch = inotify_.WatchDirectory(folder)) folders_[*watch] = folder;
  }
  // The reaper opens the lock there every fifteen seconds, which must not wake us.
  if (const auto watch = inotify_.WatchNames(paths_.Durable())) folders_[*watch] = paths_.Durable();
}

void Watcher::Follow(const std::set<std::string>& files) {
  for (auto one = followed_.begin(); one != followed_.end();) {
    if (files.contains(one->first)) {
      ++one;
      continue;
    }
    inotify_.Forget(one->second);
    one = followed_.erase(one);
  }
  for (const auto& file : files) {
    if (followed_.contains(file)) continue;
    if (const auto watch = inotify_.WatchFile(file)) followed_[file] = *watch;
  }
}

const std::function<void()>* Watcher::CauseOf(const FileChange& change) const {
  const auto folder = folders_.find(change.watch);
  if (folder == folders_.end()) return &causes_.files;
  const auto& [watch, path] = *folder;
  if (path == kUsersFolder) return change.name == "passwd" ? &causes_.users : nullptr;
  if (path == paths_.root + kPamFolder) return change.name.starts_with("common-") ? &causes_.files : nullptr;
  if (path == paths_.Config()) return &causes_.identity;
  if (path == paths_.Durable()) return change.name == kManagedFile ? &causes_.files : nullptr;
  if (path == paths_.SshdDropIns()) return change.name == kSshdFile ? &causes_.files : nullptr;
  if (change.name.starts_with(".new.") || change.name == kCheckFile) return nullptr;
  if (path == paths_.Run() && (change.name == kSessionsFile || change.name.ends_with(".sock"))) return nullptr;
  return &causes_.files;
}

void Watcher::Take() {
  std::set<const std::function<void()>*> causes;
  for (const auto& change : inotify_.Take()) {
    if (change.gone || change.lost) {
      stale_ = true;
      std::erase_if(followed_, [&](const auto& one) { return one.second == change.watch; });
    }
    if (const auto* cause = change.gone || change.lost ? &causes_.files : CauseOf(change)) causes.insert(cause);
  }
  for (const auto* cause : causes) (*cause)();
}

void Watcher::Wait() {
  ready_.async_wait(boost::asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& stopped) {
    if (stopped) return;
    Take();
    Wait();
  });
}

}  // namespace curfew
