// SPDX-License-Identifier: Apache-2.0
// Commands as lists of words.
#include "controller/store/json_list.h"

#include <boost/json/value.hpp>

namespace curfew {

boost::json::array CommandList(const std::vector<Command>& commands) {
  return ListOf(commands, [](const Command& command) {
    return boost::json::value(ListOf(command.Argv(), [](const std::string& word) { return boost::json::value(word); }));
  });
}

}  // namespace curfew
