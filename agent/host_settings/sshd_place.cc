// SPDX-License-Identifier: Apache-2.0
// beside its place → proved there → durable → renamed → read by sshd → told.
#include "agent/host_settings/sshd_place.h"

#include "agent/host_settings/sshd.h"
#include "agent/host_settings/sshd_trial.h"
#include "core/host_files.h"
#include "os/service.h"

namespace curfew {
namespace {

constexpr std::size_t kMostBlock = std::size_t{1} << 20U;
constexpr mode_t kMode = 0644;
constexpr mode_t kOthersWrite = 022;
constexpr const char* kTold = ".sshd.told";  ///< on tmpfs: a boot begins with an sshd that reads what is there
constexpr const char* kAside = ".00-curfew.aside";

/// Names that the drop-ins' glob passes over, and the watcher too.
std::string CandidateName(SshdWriter writer) { return writer == SshdWriter::kSetup ? ".curfew.setup" : ".curfew.enforcer"; }
std::string ConfigName(SshdWriter writer) { return writer == SshdWriter::kSetup ? ".sshd.setup" : ".sshd.enforcer"; }

Result<void> Tell(const Paths& paths, const std::string& text) {
  if (auto read = ReloadSshd(); !read) {
    Error error = read.error();
    error.what = "the block is in place, but sshd has not read it: " + error.what;
    return Failure(error);
  }
  const auto run = Directory::Open(paths.Run());
  if (!run) return Failure(run.error());
  return run->Replace(kTold, text, 0600, Durable::kNo);
}

/// At boot sshd can test nothing yet, and reads what is in place when it starts; only what was proved is ever there.
Result<bool> MayTrustThePlace(bool right) {
  if (!right || !SystemdRuns()) return false;
  const auto unit = RunningSshd();
  if (!unit) return Failure(unit.error());
  return !*unit;
}

}  // namespace

Result<std::optional<FileText>> ReadSshdBlock(const Paths& paths) {
  const auto folder = Directory::Open(paths.SshdDropIns());
  if (folder) return folder->Read(kSshdFile, kMostBlock);
  if (folder.error().code == Errc::kNotFound) return std::optional<FileText>();
  return Failure(folder.error());
}

bool IsSshdBlock(const FileText& file, const std::string& text) {
  return file.text == text && file.owner == 0 && (file.mode & kOthersWrite) == 0;
}

std::string SshdWasTold(const Paths& paths) {
  const auto run = Directory::Open(paths.Run());
  const auto told = run ? run->Read(kTold, kMostBlock) : Result<std::optional<FileText>>(std::optional<FileText>());
  return told && *told && (*told)->owner == 0 ? (*told)->text : std::string();
}

Result<std::string> PlaceSshdBlock(const Paths& paths, const std::vector<Gated>& managed, SshdWriter writer) {
  const std::string text = RenderSshdBlock(managed);
  const auto folder = Directory::Open(paths.SshdDropIns());
  if (!folder) return Failure(folder.error());
  const auto there = folder->Read(kSshdFile, kMostBlock);
  const bool right = there && *there && IsSshdBlock(**there, text);
  const auto trusted = MayTrustThePlace(right);
  if (!trusted) return Failure(trusted.error());
  std::string proved = "it stood there when sshd was not running";
  if (!*trusted) {
    const std::string name = CandidateName(writer);
    if (auto wrote = folder->Write(name, text, kMode, Durable::kYes); !wrote) return Failure(wrote.error());
    auto trial = ProveSshdBlock(paths, managed, SshdCandidate{folder->Path() + "/" + name, ConfigName(writer)});
    const Result<void> placed = trial && !right ? folder->Rename(name, kSshdFile) : folder->Remove(name, kAside);
    if (!trial) return trial;
    if (!placed) return Failure(placed.error());
    proved = *std::move(trial);
  }
  if (auto told = Tell(paths, text); !told) return Failure(told.error());
  return proved;
}

Result<void> RemoveSshdBlock(const Paths& paths) {
  const auto folder = Directory::Open(paths.SshdDropIns());
  if (!folder) return folder.error().code == Errc::kNotFound ? Result<void>{} : Failure(folder.error());
  if (auto gone = folder->Remove(kSshdFile, kAside); !gone) return gone;
  return Tell(paths, {});
}

}  // namespace curfew
