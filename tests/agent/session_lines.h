// SPDX-License-Identifier: Apache-2.0
// Lines of /run/curfew/sessions as the enforcer may write them, and lines that are none. Enforcer and reaper share no code, so
// they share this: a line that one of them writes and the other cannot read is a session that nobody ends.
#pragma once

#include <string>
#include <vector>

namespace curfew::test {

/// Nobody's: a reaper that obeys a line must find nothing to end.
inline const std::string kNobody = "4200000001";

struct SessionLine {
  std::string text;
  bool readable;
};

inline std::vector<SessionLine> SessionLineTable() {
  const std::string grant = " g-00000000000000000007 ";
  const std::string slice = "user.slice/user-" + kNobody + ".slice";
  const auto at = [&](const std::string& scope) { return "1 " + scope + " " + kNobody + grant + "sudo"; };
  std::vector<SessionLine> lines;
  for (const std::string& scope :
       {slice + "/session-3.scope", slice + "/session-c12.scope", slice + "/session-C1.scope", slice + "/user@" + kNobody + ".service", slice,
        slice + "/user@" + kNobody + ".service/app.slice/run-r1.service", std::string("system.slice/ssh.service"),
        std::string("system.slice/cron.service"), std::string("user.slice/user-1002.slice/session-1.scope"),
        std::string("lxc.payload.a/init.scope"), std::string("system.slice/a\\x20b.service"), std::string("~!@:=,"),
        std::string(1024, 'a')}) {
    lines.push_back({at(scope), true});
  }
  for (const std::string& scope : {std::string(), std::string("/"), "/" + slice, slice + "/", std::string("user.slice//a"), std::string(".."), slice + "/../x",
                                   slice + "/./x", slice + "/..", slice + "/a b", slice + "/a\tb", slice + "/x.\xc3\xa9", slice + "/a\x01",
                                   slice + "/a\x7f", std::string(1025, 'a')}) {
    lines.push_back({at(scope), false});
  }
  const std::string end = " " + slice + " " + kNobody + grant + "login";
  for (const char* good : {"0", "1", "253402300799"}) lines.push_back({good + end, true});
  for (const char* bad : {"", "-1", "+1", "01", "x", "1x", " 1", "253402300800", "99999999999999999999"}) lines.push_back({bad + end, false});
  for (const char* bad : {"", "0", "-1", "01001", "4294967296", "dev1"}) {
    lines.push_back({"1 " + slice + " " + bad + grant + "login", false});
  }
  for (const char* bad : {"g-short", "g-0000000000000000000A", "x-00000000000000000007", ""}) {
    lines.push_back({"1 " + slice + " " + kNobody + " " + bad + " login", false});
  }
  for (const char* bad : {"", "both", "Login", "login ", "login x"}) lines.push_back({"1 " + slice + " " + kNobody + grant + bad, false});
  for (const char* good : {"sudo 1", "sudo 4711", "sudo 9223372036854775807"}) lines.push_back({"1 " + slice + " " + kNobody + grant + good, true});
  for (const char* bad : {"sudo 0", "sudo -1", "sudo 01", "sudo x", "sudo 1 1", "sudo  1", "sudo 9223372036854775808", "login 1"}) {
    lines.push_back({"1 " + slice + " " + kNobody + grant + bad, false});
  }
  lines.push_back({"", false});
  return lines;
}

}  // namespace curfew::test
