// SPDX-License-Identifier: Apache-2.0
// Sudo's record that an account has given its password, in all spellings of sudo's versions.
#pragma once

#include <string>

#include "core/names.h"

namespace curfew {

void RemoveSudoTickets(const std::string& root, const AccountName& account, Uid uid);

}  // namespace curfew
