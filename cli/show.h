// SPDX-License-Identifier: Apache-2.0
// Prints what the controller sent: its own JSON, only ids, or a table. Always decodes, so that no form hides a bad
// answer.
#pragma once

#include <boost/json.hpp>
#include <functional>
#include <string>
#include <utility>

#include "cli/controller_api.h"
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

/// How the things of a listing look: what `-o id` prints, and what a table does.
template <class T>
struct ListForm {
  Answer<T> (*decode)(const boost::json::value&);
  std::string (*id)(const T&);
  std::string (*text)(const std::vector<T>&, bool utc);
};

/// Prints a listing as its pages come. Of a table so many lines are held as have their columns in common.
template <class T>
class ListPrinter {
 public:
  ListPrinter(const Context& context, const ListForm<T>& form) : context_(context), form_(form) {}

  [[nodiscard]] Answer<void> Take(const boost::json::array& page) {
    auto all = DecodeAll(page, form_.decode);
    if (!all) return Halted(all.error());
    std::string text;
    switch (context_.style.form) {
      case Form::kJson:
        for (const auto& one : page) text += (std::exchange(first_, false) ? "[" : ",") + boost::json::serialize(one);
        break;
      case Form::kId:
        for (const T& one : *all) text += form_.id(one) + "\n";
        break;
      case Form::kTable:
        lines_.insert(lines_.end(), std::make_move_iterator(all->begin()), std::make_move_iterator(all->end()));
        if (lines_.size() >= kAligned) text = Lines();
        break;
    }
    context_.terminal.Result(text);
    return {};
  }

  void End() {
    if (context_.style.form == Form::kJson) context_.terminal.Result(first_ ? "[]\n" : "]\n");
    if (context_.style.form == Form::kTable && (first_ || !lines_.empty())) context_.terminal.Result(Lines());
  }

 private:
  static constexpr std::size_t kAligned = 500;

  std::string Lines() {
    first_ = false;
    return form_.text(std::exchange(lines_, {}), context_.style.utc);
  }

  const Context& context_;
  ListForm<T> form_;
  std::vector<T> lines_;
  bool first_ = true;  ///< nothing was printed yet
};

template <class T>
[[nodiscard]] Answer<ExitCode> ShowAll(const Context& context,
                                       const std::function<Answer<void>(const ControllerApi::PageTaker&)>& listing,
                                       const ListForm<T>& form) {
  ListPrinter<T> printer(context, form);
  const auto listed = listing([&](const boost::json::array& page) { return printer.Take(page); });
  if (!listed) return Halted(listed.error());
  printer.End();
  return ExitCode::kDone;
}

/// A request after an act on it, in the short form.
[[nodiscard]] Answer<ExitCode> ShowSummary(const Context& context, const boost::json::value& request);

}  // namespace curfew
