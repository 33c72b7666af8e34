// SPDX-License-Identifier: Apache-2.0
// stdio and termios(3).
#include "cli/terminal.h"

#include <cstdio>

#include <termios.h>
#include <unistd.h>

#include "cli/shown.h"

namespace curfew {
namespace {

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
    std::fputc('\n', stderr);
  }

 private:
  termios before_{};
  bool wanted_;
};

}  // namespace

Terminal::Terminal() : someone_(isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1) {
  changing_ = isatty(STDERR_FILENO) == 1;
}

void Terminal::Result(std::string_view text) const {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

void Terminal::Note(std::string_view line) const {
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fputc('\n', stderr);
}

void Terminal::Progress(const std::string& line) {
  if (line == shown_) return;
  shown_ = line;
  const std::string safe = Shown(line);
  std::fprintf(stderr, changing_ ? "\r\033[K%s" : "%s\n", safe.c_str());
  std::fflush(stderr);
}

void Terminal::EndProgress() {
  if (changing_ && !shown_.empty()) std::fputs("\r\033[K", stderr);
  shown_.clear();
}

Answer<std::string> Terminal::Ask(const std::string& question, bool secret, const std::string& instead) const {
  if (!someone_) return Refuse(ExitCode::kUsage, "there is no terminal to ask on", instead);
  const Silence silence(secret);
  std::fputs(question.c_str(), stderr);
  std::string line;
  for (int c = std::getchar(); c != EOF && c != '\n' && line.size() < 4096; c = std::getchar()) line += static_cast<char>(c);
  if (line.empty()) return Refuse(ExitCode::kUsage, "nothing was typed", instead);
  return line;
}

}  // namespace curfew
