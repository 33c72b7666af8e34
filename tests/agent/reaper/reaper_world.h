// SPDX-License-Identifier: Apache-2.0
// A root directory of its own for the real curfew-reaper: files, and what a run of it said and returned.
#pragma once

#include <sys/types.h>

#include <ctime>
#include <initializer_list>
#include <string>
#include <string_view>

namespace curfew {

class ReaperWorld {
 public:
  ReaperWorld();
  ~ReaperWorld();
  ReaperWorld(const ReaperWorld&) = delete;
  ReaperWorld& operator=(const ReaperWorld&) = delete;

  /// Runs curfew-reaper to its end and returns its exit status.
  int Reap() { return Finish(Start()); }
  /// With --all: what is not past, too.
  int ReapAll() { return Finish(Start("--all")); }
  /// The same in two steps: the process, then its exit status (128 for a signal).
  pid_t Start(const char* all = nullptr) const;
  int Finish(pid_t reaper);
  const std::string& Said() const { return said_; }

  void Write(const std::string& path, const std::string& text, unsigned mode) const;
  /// The whole file, or "(none)".
  std::string Read(const std::string& path) const;
  unsigned Mode(const std::string& path) const;
  /// Where `path` of the reaper's root is for the test.
  std::string Path(const std::string& path) const { return root_ + "/" + path; }

 private:
  std::string root_;
  std::string said_;
};

inline constexpr const char* kGrants = "run/curfew/sudoers.d/grants";
inline constexpr const char* kDevKeys = "run/curfew/keys/dev1";
inline constexpr const char* kSessions = "run/curfew/sessions";

/// A block as the enforcer writes it, ending `seconds` after Begun().
std::string Block(char letter, int seconds, const std::string& line);
/// One moment for the whole program, so that the same text is the same however long the test takes.
std::time_t Begun();
/// `seconds` from then as the header writes it.
std::string Utc(int seconds);
std::string GrantNamed(char letter);
std::string Join(std::initializer_list<std::string_view> parts);

}  // namespace curfew
