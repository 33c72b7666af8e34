// SPDX-License-Identifier: Apache-2.0
// Prints what the controller sent: its own JSON, only ids, or a table. Always decodes, so that no form hides a bad
// answer.
#pragma once

#include <boost/json.hpp>
#include <functional>
#include <string>

#include "cli/decode.h"
#include "cli/run.h"

namespace curfew {

/// One object; `text` makes the table form.
template <class T>
[[nodiscard]] Answer<ExitCode> ShowOne(const Context& context, const boost::json::value& value,
                                       Answer<T> (*decode)(const boost::json::value&), std::string T::*id,
                                       const std::function<std::string(const T&)>& text) {
  auto one = decode(value);
  if (!one) return Halted(one.error());
  switch (context.style.form) {
    case Form::kJson:
      context.terminal.Result(boost::json::serialize(value) + "\n");
      break;
    case Form::kId:
      context.terminal.Result((*one).*id + "\n");
      break;
    case Form::kTable:
      context.terminal.Result(text(*one));
      break;
  }
  return ExitCode::kDone;
}

/// A list of them; `id` gives what `-o id` prints.
template <class T>
[[nodiscard]] Answer<ExitCode> ShowAll(const Context& context, const Answer<boost::json::array>& array,
                                       Answer<T> (*decode)(const boost::json::value&),
                                       const std::function<std::string(const T&)>& id,
                                       std::string (*text)(const std::vector<T>&, bool)) {
  if (!array) return Halted(array.error());
  auto all = DecodeAll(*array, decode);
  if (!all) return Halted(all.error());
  switch (context.style.form) {
    case Form::kJson:
      context.terminal.Result(boost::json::serialize(*array) + "\n");
      break;
    case Form::kTable:
      context.terminal.Result(text(*all, context.style.utc));
      break;
    case Form::kId:
      for (const T& one : *all) context.terminal.Result(id(one) + "\n");
      break;
  }
  return ExitCode::kDone;
}

/// A request after an act on it, in the short form.
[[nodiscard]] Answer<ExitCode> ShowSummary(const Context& context, const boost::json::value& request);

}  // namespace curfew
