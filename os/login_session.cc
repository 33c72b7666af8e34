// SPDX-License-Identifier: Apache-2.0
// KEY=value lines; what cannot be read is a session that nobody knows.
#include "os/login_session.h"

#include "os/text_file.h"

namespace curfew {

LoginSession ReadLoginSession(const std::string& root, const std::string& id) {
  LoginSession session;
  if (id.empty() || id.find('/') != std::string::npos) return session;
  const auto text = ReadKernelFile(root + "/run/systemd/sessions/" + id, 65536);
  if (!text) return session;
  for (const std::string_view line : SplitText(*text, '\n')) {
    if (line.starts_with("SERVICE=")) session.service = line.substr(8);
    if (line.starts_with("LEADER=")) session.leader = static_cast<pid_t>(ToNumber(line.substr(7)));
  }
  return session;
}

}  // namespace curfew
