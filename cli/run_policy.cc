// SPDX-License-Identifier: Apache-2.0
// `policy check FILE`: the controller's own reader, without a controller.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "cli/run.h"
#include "cli/shown.h"
#include "core/policy_doubts.h"
#include "core/policy_reader.h"

namespace curfew {
namespace json = boost::json;

Answer<ExitCode> Run(const PolicyCheckVerb& verb, Context& context) {
  auto text = ReadBounded(verb.file, kMaxPolicyBytes);
  if (!text) return Halted(text.error());
  const auto policy = ReadPolicy(*text, verb.file);
  if (context.style.form == Form::kJson) {
    json::value error = policy ? json::value() : json::value(policy.error().Text());
    context.terminal.Result(json::serialize(json::value{{"ok", policy.has_value()}, {"error", std::move(error)}}) +
                            "\n");
  }
  if (!policy) {
    if (context.style.form != Form::kJson) context.terminal.Note(Shown(policy.error().Text()));
    return ExitCode::kFailed;
  }
  for (const std::string& doubt : UnguardedGifts(*policy)) context.terminal.Note(Shown("curfew: warning: " + doubt));
  if (context.style.form == Form::kTable) {
    context.terminal.Result(Shown(fmt::format("{}: ok; policies: {}, managed rules: {}", verb.file,
                                              policy->rules.size(), policy->managed.size())) +
                            "\n");
  }
  if (context.style.form == Form::kId) {
    for (const PolicyRule& rule : policy->rules) context.terminal.Result(rule.name + "\n");
  }
  return ExitCode::kDone;
}

}  // namespace curfew
