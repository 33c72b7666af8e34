// SPDX-License-Identifier: Apache-2.0
// stdio and termios(3).
#include "cli/terminal.h"

#include <termios.h>
#include <unistd.h>

#include <cstdio>

#include "cli/shown.h"

namespace curfew {
namespace {

/// What cannot be written to standard error cannot be told; a lost result is noticed by main at the end.
void Put(std::FILE* to, std::string_view text) {
  static_cast<void>(std::fwrite(text.data(), 1, text.size(), to));
  static_cast<void>(std::fflush(to));
}

/// No echo while this lives.
class Silence {
 public:
  explicit Silence(bool wanted) : wanted_(wanted && tcgetattr(STDIN_FILENO, &before_) == 0) {
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (wanted_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() {
    if (!wanted_) return;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    Put(stderr, "\n");
  }

 private:
  termios before_{};
  bool wanted_;
};

}  // namespace

Terminal::Terminal() : someone_(isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1) {
  changing_ = isatty(STDERR_FILENO) == 1;
}

void Terminal::Result(std::string_view text) const { Put(stdout, text); }

void Terminal::Note(std::string_view line) const { Put(stderr, std::string(line) + "\n"); }

void Terminal::Progress(const std::string& line) {
  if (line == shown_) return;
  shown_ = line;
  Put(stderr, changing_ ? "\r\033[K" + Shown(line) : Shown(line) + "\n");
}

void Terminal::EndProgress() {
  if (changing_ && !shown_.empty()) Put(stderr, "\r\033[K");
  shown_.clear();
}

Answer<std::string> Terminal::Ask(const std::string& question, bool secret, const std::string& instead) const {
  if (!someone_) return Refuse(ExitCode::kUsage, "there is no terminal to ask on", instead);
  const Silence silence(secret);
  Put(stderr, question);
  std::string line;
  for (int c = std::getchar(); c != EOF && c != '\n' && line.size() < 4096; c = std::getchar())
    line += static_cast<char>(c);
  if (line.empty()) return Refuse(ExitCode::kUsage, "nothing was typed", instead);
  return line;
}

}  // namespace curfew
