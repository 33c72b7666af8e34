// SPDX-License-Identifier: Apache-2.0
// sshd(8); ssh.service is Debian's name, sshd.service everybody else's.
#include "agent/host_settings/sshd.h"

#include "agent/host_settings/said.h"
#include "os/service.h"
#include "os/system_bus.h"

namespace curfew {
namespace {

constexpr Millis kLimit{5000};

}  // namespace

Result<Sshd> Sshd::Find(const Paths& paths) {
  const auto found = Present({paths.SshdProgram(), paths.root + "/usr/local/sbin/sshd"});
  if (!found.empty()) return Sshd(found.front());
  return Fail(Errc::kNotFound, "no sshd on this host", paths.SshdProgram(), "apt install openssh-server");
}

Result<void> Sshd::Test(const std::string& config) const {
  const auto said = Run({path_, "-t", "-f", config}, kLimit);
  if (!said) return Failure(said.error());
  if (!said->Ok()) return Fail(Errc::kRefused, "sshd refuses: " + said->FirstLine(), config, "mend it; it is named by: sshd -t");
  return {};
}

Result<std::string> Sshd::SettingsText(const std::string& config, const std::string& account) const {
  const std::string connection = "user=" + account + ",host=localhost,addr=127.0.0.1,laddr=127.0.0.1,lport=22";
  auto said = Run({path_, "-T", "-f", config, "-C", connection}, kLimit);
  if (!said) return Failure(said.error());
  if (!said->Ok()) return Fail(Errc::kRefused, said->FirstLine(), "sshd -T -C user=" + account);
  return std::move(said->output);
}

Result<SshdSettings> Sshd::SettingsOf(const std::string& config, const std::string& account) const {
  const auto text = SettingsText(config, account);
  if (!text) return Failure(text.error());
  return ReadSshdSettings(*text);
}

std::string Sshd::Version() const {
  // sshd has no -V before 9.3, but names itself in its complaint about that.
  const auto said = Run({path_, "-V"}, kLimit);
  return said ? VersionText(said->output, "OpenSSH_") : std::string();
}

Result<std::optional<std::string>> RunningSshd() {
  for (const char* unit : {"ssh.service", "sshd.service"}) {
    const auto active = IsUnitActive(unit);
    if (!active) return Failure(active.error());
    if (*active) return std::optional<std::string>(unit);
  }
  return std::optional<std::string>();
}

Result<void> ReloadSshd() {
  if (!SystemdRuns()) return {};
  const auto unit = RunningSshd();
  if (!unit) return Failure(unit.error());
  return *unit ? ReloadUnit(**unit) : Result<void>{};
}

}  // namespace curfew
