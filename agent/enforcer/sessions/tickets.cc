// SPDX-License-Identifier: Apache-2.0
// sudoers(5), timestampdir: a file named by the account in older versions, by its uid in newer ones.
#include "agent/enforcer/sessions/tickets.h"

#include <utility>

#include "agent/enforcer/host/ground.h"
#include "os/directory.h"

namespace curfew {

void RemoveSudoTickets(const std::string& root, const AccountName& account, Uid uid) {
  const std::string by_uid = std::to_string(uid);
  const std::pair<const char*, std::string> tickets[] = {{"/run/sudo/ts", account.Text()}, {"/run/sudo/ts", by_uid},
                                                         {"/run/sudo-rs/ts", by_uid},      {"/var/lib/sudo/ts", account.Text()},
                                                         {"/var/lib/sudo/ts", by_uid}};
  for (const auto& [folder, name] : tickets) {
    if (auto directory = Directory::Open(root + folder)) static_cast<void>(directory->Remove(name, AsideName()));
  }
}

}  // namespace curfew
