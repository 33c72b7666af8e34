// SPDX-License-Identifier: Apache-2.0
// Lists and nested values as JSON text for one column, and back. Reading throws StoreFailure for what was not written
// here.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "controller/store/records.h"

namespace curfew {

[[nodiscard]] std::string WriteGroups(const std::set<PersonName>& groups);
[[nodiscard]] std::set<PersonName> ReadGroups(std::string_view text);

[[nodiscard]] std::string WriteLabels(const Labels& labels);
[[nodiscard]] Labels ReadLabels(std::string_view text);

[[nodiscard]] std::string WriteFacts(const AgentFacts& facts);
[[nodiscard]] AgentFacts ReadFacts(std::string_view text);

[[nodiscard]] std::string WriteSurvivors(const std::vector<Survivor>& survivors);
[[nodiscard]] std::vector<Survivor> ReadSurvivors(std::string_view text);

/// All of a request that never changes after it was made, except what has columns of its own.
[[nodiscard]] std::string WriteBody(const RequestRecord& request);

/// The request of a body, without keys that today's reader refuses: to leave them out only takes away, and they must not stop
/// what concerns the others. State, duration, due, revision, failure, decisions and history are the caller's to fill.
[[nodiscard]] RequestRecord ReadBody(std::string_view text, RequestId id, PersonName requester);

}  // namespace curfew
