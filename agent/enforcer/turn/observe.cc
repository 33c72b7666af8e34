// SPDX-License-Identifier: Apache-2.0
// The bounds of what is read are those of what may be written.
#include "agent/enforcer/turn/observe.h"

#include "core/authorized_keys.h"
#include "core/host_files.h"
#include "pam_module/frame.h"

namespace curfew {
namespace {

constexpr std::size_t kMostNames = 2 * kMaxGrants;
static_assert(kMostManagedText <= kCurfewListBytes, "the PAM module must be able to read the whole list");

std::string WhyForeign(const FileText& file, mode_t mode) {
  if (file.owner != 0) return "belongs to uid " + std::to_string(file.owner);
  if (file.mode != mode) return "has another mode than we gave it";
  if (file.links != 1) return "has a second name (hard link)";
  return {};
}

class Observer {
 public:
  Observer(const Ground& ground, const SudoTraits& traits, Observation& seen) : ground_(ground), traits_(traits), seen_(seen) {}

  void ReadRules() {
    auto folder = OpenFolder(kRulesFolder);
    if (!folder) return;
    for (const auto& name : Names(*folder)) {
      if (name != kRulesFile && name != kCheckFile) Strange(kRulesFolder, *folder, name);
    }
    const auto text = ReadOwn(*folder, kRulesFile, kMostAccessText, 0440, seen_.actual.rules_foreign);
    if (!text) return;
    auto rules = ParseRules(*text, traits_);
    if (rules) {
      seen_.actual.access.rules = *std::move(rules);
    } else {
      Foreign(*folder, kRulesFile, rules.error().Text(), seen_.actual.rules_foreign);
    }
  }

  void ReadKeys() {
    auto folder = OpenFolder(kKeysFolder);
    if (!folder) return;
    for (const auto& name : Names(*folder)) {
      const auto account = AccountName::Parse(name);
      if (!account) {
        Strange(kKeysFolder, *folder, name);
        continue;
      }
      bool foreign = false;
      const auto text = ReadOwn(*folder, name, kMostAccessText, 0644, foreign);
      auto lines = text ? ParseKeys(*text) : Result<std::vector<KeyLine>>(std::vector<KeyLine>{});
      if (!lines) Foreign(*folder, name, lines.error().Text(), foreign);
      if (foreign) seen_.actual.keys_foreign.insert(*account);
      if (!foreign && !lines->empty()) seen_.actual.access.keys.emplace(*account, *std::move(lines));
      if (!foreign && text && text->empty()) Strange(kKeysFolder, *folder, name);
    }
  }

  void ReadBanners() {
    auto folder = OpenFolder(kBannerFolder);
    if (!folder) return;
    for (const auto& name : Names(*folder)) {
      const auto account = AccountName::Parse(name);
      bool foreign = !account;
      const auto text = account ? ReadOwn(*folder, name, 4096, 0644, foreign) : std::optional<std::string>();
      if (text && !foreign) seen_.banners.emplace(*account, *text);
      if (foreign) Strange(kBannerFolder, *folder, name);
    }
  }

  void ReadManaged() {
    auto folder = ground_.OpenDurable();
    if (!folder) return Blind(folder.error());
    const auto text = ReadOwn(*folder, kManagedFile, kMostManagedText, 0644, seen_.actual.managed_foreign);
    // Missing, the PAM module would complain at each login; an empty one says that nobody is gated.
    if (!text) {
      seen_.managed_missing = !seen_.actual.managed_foreign;
      seen_.actual.managed_foreign = true;
      return;
    }
    auto managed = ParseManaged(*text);
    if (managed) {
      seen_.actual.managed = *std::move(managed);
    } else {
      Foreign(*folder, kManagedFile, managed.error().Text(), seen_.actual.managed_foreign);
    }
  }

 private:
  std::optional<Directory> OpenFolder(const char* name) {
    auto folder = ground_.Open(name, seen_.findings);
    if (folder) return *std::move(folder);
    Blind(folder.error());
    return std::nullopt;
  }

  void Blind(const Error& error) {
    seen_.readable = false;
    seen_.findings.push_back(Finding{error.where, error.what + (error.hint.empty() ? "" : "; " + error.hint)});
  }

  std::vector<std::string> Names(const Directory& folder) {
    auto entries = folder.List(kMostNames);
    if (!entries) {
      Blind(entries.error());
      return {};
    }
    std::vector<std::string> names;
    names.reserve(entries->size());
    for (auto& entry : *entries) names.push_back(std::move(entry.name));
    std::sort(names.begin(), names.end());
    return names;
  }

  // The text when the file is there and ours; sets `foreign` when it is there and not ours.
  std::optional<std::string> ReadOwn(const Directory& folder, const std::string& name, std::size_t most, mode_t mode,
                                     bool& foreign) {
    auto read = folder.Read(name, most);
    if (!read) {
      Foreign(folder, name, read.error().what, foreign);
      return std::nullopt;
    }
    auto file = *std::move(read);
    if (!file) return std::nullopt;
    if (const std::string why = WhyForeign(*file, mode); !why.empty()) {
      Foreign(folder, name, why, foreign);
      return std::nullopt;
    }
    return std::move(file->text);
  }

  void Foreign(const Directory& folder, const std::string& name, const std::string& why, bool& foreign) {
    foreign = true;
    seen_.findings.push_back(Finding{folder.Path() + "/" + name, why});
  }

  void Strange(const char* folder, const Directory& directory, const std::string& name) {
    seen_.strangers.push_back(Stranger{folder, name});
    // A text of ours that a crash left before it took its name.
    if (name.starts_with(".new.") || name.starts_with(".aside.")) return;
    seen_.findings.push_back(Finding{directory.Path() + "/" + Escaped(name), "was not put there by curfew"});
  }

  const Ground& ground_;
  const SudoTraits& traits_;
  Observation& seen_;
};

}  // namespace

void CompareWithLeft(const Actual& left, const Paths& paths, Observation& seen) {
  const auto& now = seen.actual;
  const auto due = [&](const auto& line) { return line.until <= now.at; };
  const auto lasting = [&](Access access) {
    std::erase_if(access.rules, due);
    for (auto& [account, lines] : access.keys) std::erase_if(lines, due);
    std::erase_if(access.keys, [](const auto& entry) { return entry.second.empty(); });
    return access;
  };
  const Access before = lasting(left.access);
  const Access after = lasting(now.access);
  const auto note = [&](bool changed, const std::string& place) {
    if (changed) seen.findings.push_back(Finding{place, "was changed by somebody else"});
  };
  note(!now.rules_foreign && after.rules != before.rules, paths.Run() + "/" + kRulesFolder + "/" + kRulesFile);
  note(now.keys_foreign.empty() && after.keys != before.keys, paths.Run() + "/" + kKeysFolder);
  note(!now.managed_foreign && now.managed != left.managed, paths.Durable() + "/" + kManagedFile);
}

Observation Observe(const Ground& ground, const SudoTraits& traits, std::vector<Session> sessions, Instant now) {
  Observation seen;
  Observer observer(ground, traits, seen);
  observer.ReadRules();
  observer.ReadKeys();
  observer.ReadBanners();
  observer.ReadManaged();
  seen.actual.sessions = std::move(sessions);
  seen.actual.at = now;
  return seen;
}

}  // namespace curfew
