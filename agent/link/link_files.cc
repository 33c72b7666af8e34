// SPDX-License-Identifier: Apache-2.0
// Bounded reads of the link's own files; what it is given, it does not judge further.
#include "agent/link/link_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "os/file_descriptor.h"
#include "os/system_error.h"

namespace curfew {
namespace {

constexpr off_t kMostFile = off_t{64} << 10U;

Result<std::string> ReadFile(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.IsOpen()) {
    const int why = errno;
    return SystemFailure(why, "cannot be opened", path, why == ENOENT ? "run: curfew-agent join" : "the user curfew must be able to read it; run: curfew-agent doctor");
  }
  struct stat seen {};
  if (::fstat(file.Get(), &seen) != 0 || !S_ISREG(seen.st_mode) || seen.st_size > kMostFile) {
    return Fail(Errc::kMalformed, "not a file of at most 64 KiB", path);
  }
  std::string text(static_cast<std::size_t>(seen.st_size), '\0');
  const ssize_t got = ::read(file.Get(), text.data(), text.size());
  if (got != seen.st_size) return SystemFailure(got < 0 ? errno : EIO, "cannot be read", path);
  return text;
}

}  // namespace

LinkPaths LinkPaths::Below(const std::string& root) {
  const LinkPaths usual;
  return {root + usual.config, root + usual.state, root + usual.enforcer};
}

Result<LinkFiles> ReadLinkFiles(const LinkPaths& paths) {
  auto config = ReadFile(paths.config);
  if (!config) return Failure(config.error());
  auto agent = ParseAgentFile(*config, paths.config);
  if (!agent) return Failure(agent.error());
  auto identity = ReadFile(paths.state + "/link.pem");
  if (!identity) return Failure(identity.error());
  auto ca = ReadFile(paths.state + "/ca.crt");
  if (!ca) return Failure(ca.error());
  auto tls = NewTlsContext(TlsSide::kClient, *identity, *identity);
  if (!tls) return Failure(tls.error());
  if (auto trusted = TrustOnly(**tls, *ca); !trusted) return Failure(trusted.error());
  return LinkFiles{std::move(*agent), std::move(*tls)};
}

}  // namespace curfew
