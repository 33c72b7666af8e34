// SPDX-License-Identifier: Apache-2.0
// Both directions, so that two names of one uid, or a directory service that ignores case, cannot be confused.
#include "os/users.h"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <vector>

#include "os/system_error.h"

namespace curfew {
namespace {

constexpr std::size_t kMostRecord = std::size_t{1} << 20U;

// Several of these errors mean "no such entry" (getpwnam(3), NOTES).
bool MeansAbsent(int error) { return error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM; }

template <class Record, class Ask>
Result<std::optional<Record>> WithRoom(const Ask& ask, const std::string& place, std::vector<char>& room) {
  for (room.resize(1024); room.size() <= kMostRecord; room.resize(room.size() * 4)) {
    Record record{};
    Record* found = nullptr;
    const int error = ask(&record, &found);
    if (found != nullptr) return std::optional<Record>(record);
    if (error == ERANGE || error == EINTR) continue;
    if (MeansAbsent(error)) return std::optional<Record>();
    return SystemFailure(error, "the user database does not answer", place);
  }
  return Fail(Errc::kOutOfRange, "the record is larger than 1 MiB", place);
}

}  // namespace

Result<std::optional<uid_t>> LookUpUser(const std::string& name) {
  std::vector<char> room;
  auto by_name = WithRoom<passwd>(
      [&](passwd* record, passwd** found) { return ::getpwnam_r(name.c_str(), record, room.data(), room.size(), found); },
      name, room);
  if (!by_name) return Failure(by_name.error());
  if (!*by_name || name != (*by_name)->pw_name) return std::optional<uid_t>();
  const uid_t uid = (*by_name)->pw_uid;
  auto by_uid = WithRoom<passwd>(
      [&](passwd* record, passwd** found) { return ::getpwuid_r(uid, record, room.data(), room.size(), found); }, name, room);
  if (!by_uid) return Failure(by_uid.error());
  if (!*by_uid || name != (*by_uid)->pw_name) return std::optional<uid_t>();
  return std::optional<uid_t>(uid);
}

Result<std::optional<std::string>> LookUpNameOf(uid_t uid) {
  std::vector<char> room;
  auto record = WithRoom<passwd>(
      [&](passwd* asked, passwd** found) { return ::getpwuid_r(uid, asked, room.data(), room.size(), found); },
      "uid " + std::to_string(uid), room);
  if (!record) return Failure(record.error());
  if (!*record) return std::optional<std::string>();
  return std::optional<std::string>((*record)->pw_name);
}

Result<std::optional<gid_t>> LookUpGroup(const std::string& name) {
  std::vector<char> room;
  auto record = WithRoom<group>(
      [&](group* found_record, group** found) {
        return ::getgrnam_r(name.c_str(), found_record, room.data(), room.size(), found);
      },
      name, room);
  if (!record) return Failure(record.error());
  if (!*record) return std::optional<gid_t>();
  return std::optional<gid_t>((*record)->gr_gid);
}

}  // namespace curfew
