// SPDX-License-Identifier: Apache-2.0
// Removed and not replaced at once: a directory or a link in its place is no file to be replaced.
#include "agent/enforcer/turn/put_file.h"

#include "agent/enforcer/host/ground.h"

namespace curfew {
namespace {

Result<void> Put(const Directory& folder, const OurFile& file, Durable durable) {
  if (file.foreign) {
    if (auto gone = folder.Remove(file.name, AsideName()); !gone) return gone;
  }
  return folder.Replace(file.name, file.text, file.mode, durable);
}

}  // namespace

Result<void> GiveFile(Licence /*licence*/, const Directory& folder, const OurFile& file) { return Put(folder, file, Durable::kNo); }

Result<void> TakeFile(const Directory& folder, const OurFile& file) {
  auto put = Put(folder, file, Durable::kNo);
  if (put) return put;
  if (auto gone = folder.Remove(file.name, AsideName()); !gone) return gone;
  return folder.Replace(file.name, file.text, file.mode, Durable::kNo);
}

Result<void> GuardFile(const Directory& folder, const OurFile& file) { return Put(folder, file, Durable::kYes); }

}  // namespace curfew
