// SPDX-License-Identifier: Apache-2.0
// What logind wrote down about one of its sessions: /run/systemd/sessions/<id>. sd-login(3) tells the leader only from
// version 254 on.
#pragma once

#include <sys/types.h>

#include <string>

namespace curfew {

struct LoginSession {
  std::string service;  ///< the PAM service it came by ("sshd")
  pid_t leader = 0;     ///< sshd's monitor, login: the connection itself, run by root
};

/// `id` below `root`; empty when logind knows none of it.
[[nodiscard]] LoginSession ReadLoginSession(const std::string& root, const std::string& id);

}  // namespace curfew
