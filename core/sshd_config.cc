// SPDX-License-Identifier: Apache-2.0
// sshd's own reading of Include (sshd_config(5), glob(7)): names in order of their bytes, `*` and `?`, a relative path
// below /etc/ssh. A pattern with brackets is left as it is, and then does not count as ours.
#include <algorithm>
#include <cctype>
#include <set>

#include "core/host_settings.h"

namespace curfew {
namespace {

constexpr std::string_view kName = "00-curfew.conf";
constexpr std::string_view kBlanks = " \t\r";

bool Matches(std::string_view pattern, std::string_view name) {
  if (pattern.empty()) return name.empty();
  if (pattern.front() == '*') return Matches(pattern.substr(1), name) || (!name.empty() && Matches(pattern, name.substr(1)));
  return !name.empty() && (pattern.front() == '?' || pattern.front() == name.front()) &&
         Matches(pattern.substr(1), name.substr(1));
}

/// The part of `pattern` behind the folder when it is about the folder and takes our name in; empty when not.
std::string_view PatternInFolder(std::string_view pattern, const std::string& folder) {
  const std::string whole = pattern.starts_with('/') ? std::string(pattern) : "/etc/ssh/" + std::string(pattern);
  const std::size_t slash = whole.rfind('/');
  if (whole.substr(0, slash) != folder || !Matches(std::string_view(whole).substr(slash + 1), kName)) return {};
  return pattern.substr(pattern.rfind('/') + 1);
}

bool IsPlainName(std::string_view name) { return name.find_first_of(" \t\"'\\*?[]{}~") == std::string_view::npos; }

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

std::string_view TakeWord(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  const bool quoted = line.starts_with('"');
  if (quoted) line.remove_prefix(1);
  const std::size_t end = std::min(quoted ? line.find('"') : line.find_first_of(kBlanks), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + (quoted ? 1 : 0), line.size()));
  return word;
}

class Composer {
 public:
  Composer(const DropIns& drop_ins, const std::string& candidate)
      : folder_(drop_ins.folder), candidate_(candidate), names_(drop_ins.names.begin(), drop_ins.names.end()) {
    names_.erase(std::string(kName));
    if (!candidate.empty()) names_.insert(std::string(kName));
  }

  void Take(std::string_view line) {
    std::string_view rest = line;
    const std::string keyword = Lower(TakeWord(rest));
    in_match_ = in_match_ || keyword == "match";
    if (keyword != "include" || in_match_) {
      text_.append(line).append("\n");
      return;
    }
    for (auto word = TakeWord(rest); !word.empty(); word = TakeWord(rest)) Include(word);
  }

  [[nodiscard]] Result<std::string> Text() && {
    if (!odd_.empty()) {
      return Fail(Errc::kConflict, "the name " + Escaped(odd_) + " cannot be told to sshd", folder_, "give that file a plain name");
    }
    if (included_) return std::move(text_);
    return Fail(Errc::kConflict, "does not include " + folder_ + "/*.conf before its first Match", "sshd_config",
                "add as its first line: Include " + folder_ + "/*.conf");
  }

 private:
  void Include(std::string_view pattern) {
    const std::string_view names = PatternInFolder(pattern, folder_);
    if (names.empty()) {
      text_.append("Include \"").append(pattern).append("\"\n");
      return;
    }
    included_ = true;
    for (const auto& name : names_) {
      if (name.starts_with('.') || !Matches(names, name)) continue;
      if (!IsPlainName(name)) odd_ = name;
      text_.append("Include ").append(name == kName ? candidate_ : folder_ + "/" + name).append("\n");
    }
  }

  const std::string& folder_;
  const std::string& candidate_;
  std::set<std::string> names_;
  std::string text_;
  std::string odd_;
  bool included_ = false;
  bool in_match_ = false;
};

}  // namespace

Result<std::string> SshdConfigWith(std::string_view config, const DropIns& drop_ins, const std::string& candidate) {
  Composer composer(drop_ins, candidate);
  while (!config.empty()) {
    const std::size_t end = std::min(config.find('\n'), config.size());
    composer.Take(config.substr(0, end));
    config.remove_prefix(std::min(end + 1, config.size()));
  }
  return std::move(composer).Text();
}

}  // namespace curfew
