// SPDX-License-Identifier: Apache-2.0
// The table form of everything: pure functions from values to text.
#pragma once

#include <string>
#include <vector>

#include "cli/model.h"

namespace curfew {

/// Whose the controller's own events are: a word that no host can be called.
inline constexpr const char* kControllerItself = "(controller)";

/// "login, sudo ALL", "sudo /usr/bin/id -u as www-data".
[[nodiscard]] std::string WhatText(const WhatView& what);
/// `ssh dev1@host1`, a line for each host where the request gives a login now or in a moment; else how to use sudo
/// there.
[[nodiscard]] std::string LinesToCopy(const RequestView& request);
/// What stands after a request was made or acted on: state, sentence, what to type next.
[[nodiscard]] std::string SummaryText(const RequestView& request, bool utc);
/// `curfew show`.
[[nodiscard]] std::string DetailText(const RequestView& request, bool utc);
[[nodiscard]] std::string RequestsText(const std::vector<RequestView>& requests, bool utc);
[[nodiscard]] std::string HostsText(const std::vector<HostView>& hosts, bool utc);
[[nodiscard]] std::string KeysText(const std::vector<KeyView>& keys, bool utc);
/// What became of the access that the key let in, and how to end it where it goes on.
[[nodiscard]] std::string RemovedKeyText(const RemovedKeyView& removed);
[[nodiscard]] std::string EventsText(const std::vector<EventView>& events, bool utc);

}  // namespace curfew
