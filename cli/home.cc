// SPDX-License-Identifier: Apache-2.0
// Each thing is one file, replaced by rename, so that two calls at once never read half of one.
#include "cli/home.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "os/file_descriptor.h"

namespace curfew {
namespace {

constexpr std::size_t kMaxKept = std::size_t{256} << 10U;

Halted SystemFault(const std::string& path, const std::string& next = {}) {
  return Refuse(ExitCode::kFailed, path + ": " + std::strerror(errno), next);
}

Answer<void> WriteAll(int descriptor, const std::string& text, const std::string& path) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t now = write(descriptor, text.data() + done, text.size() - done);
    if (now < 0 && errno == EINTR) continue;
    if (now < 0) return SystemFault(path);
    done += static_cast<std::size_t>(now);
  }
  return {};
}

std::string Trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  return text;
}

}  // namespace

Answer<std::string> ReadBounded(const std::string& file, std::size_t most) {
  const FileDescriptor from(file == "-" ? dup(STDIN_FILENO) : open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!from.IsOpen()) return SystemFault(file, "check the file's name");
  std::string text;
  char buffer[16384];
  while (true) {
    const ssize_t now = read(from.Get(), buffer, sizeof buffer);
    if (now < 0 && errno == EINTR) continue;
    if (now < 0) return SystemFault(file);
    if (now == 0) return text;
    text.append(buffer, static_cast<std::size_t>(now));
    if (text.size() > most) {
      return Refuse(ExitCode::kFailed, file + ": longer than " + std::to_string(most) + " bytes",
                    "is it the right file?");
    }
  }
}

Answer<std::string> ParseUrl(const std::string& text) {
  std::string url = text;
  while (url.ends_with('/')) url.pop_back();
  const std::string_view host = std::string_view(url).substr(std::min<std::size_t>(url.size(), 8));
  const bool plain = host.find_first_of("/?#@ \t\n\\\"'") == std::string_view::npos;
  if (url.starts_with("https://") && !host.empty() && plain) return url;
  return Refuse(ExitCode::kUsage, "'" + text + "' is no controller's URL",
                "give https://HOST:PORT, e.g. https://controller:7443");
}

Answer<std::string> Home::Url() const {
  if (!places_.url.empty()) return ParseUrl(places_.url);
  auto kept = ReadBounded(places_.home + "/url", kMaxKept);
  if (!kept)
    return Refuse(ExitCode::kLogInFirst, "no controller is known", "`curfew login URL --ca FILE`, or set CURFEW_URL");
  return ParseUrl(Trimmed(*kept));
}

std::string Home::CaFile() const {
  std::string path = places_.home + "/ca.crt";
  return access(path.c_str(), R_OK) == 0 ? path : "";
}

std::string Home::TokenPath() const {
  return places_.token_file.empty() ? places_.home + "/token" : places_.token_file;
}

Answer<std::string> Home::Token() const {
  auto token = ReadBounded(TokenPath(), kMaxKept);
  if (!token)
    return Refuse(ExitCode::kLogInFirst, "not logged in (" + TokenPath() + " cannot be read)", "`curfew login`");
  std::string text = Trimmed(*token);
  // A line break here would add a header of its own to each call.
  if (text.empty() || text.find_first_of("\r\n") != std::string::npos) {
    return Refuse(ExitCode::kLogInFirst, TokenPath() + " holds no token", "`curfew login`");
  }
  return text;
}

Answer<void> Home::Keep(const std::string& name, const std::string& text) const {
  std::error_code fault;
  std::filesystem::create_directories(places_.home, fault);
  if (fault)
    return Refuse(ExitCode::kFailed, places_.home + ": " + fault.message(), "set CURFEW_HOME to a directory of yours");
  if (chmod(places_.home.c_str(), 0700) != 0)
    return SystemFault(places_.home, "set CURFEW_HOME to a directory of yours");
  const std::string path = places_.home + "/" + name;
  const std::string beside = path + ".new." + std::to_string(getpid());
  const FileDescriptor to(open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!to.IsOpen() || fchmod(to.Get(), 0600) != 0) return SystemFault(beside);
  if (auto written = WriteAll(to.Get(), text, beside); !written) return written;
  if (rename(beside.c_str(), path.c_str()) != 0) return SystemFault(path);
  return {};
}

Answer<void> Home::KeepUrl(const std::string& url) const { return Keep("url", url + "\n"); }
Answer<void> Home::KeepCa(const std::string& pem) const { return Keep("ca.crt", pem); }
Answer<void> Home::KeepToken(const std::string& token) const { return Keep("token", token + "\n"); }

}  // namespace curfew
