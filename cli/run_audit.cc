// SPDX-License-Identifier: Apache-2.0
// `audit verify`: what can be verified from the log alone.
#include <algorithm>
#include <boost/json.hpp>

#include "cli/chains.h"
#include "cli/controller_api.h"
#include "cli/decode.h"
#include "cli/audience.h"
#include "cli/run.h"
#include "cli/table.h"
#include "cli/texts.h"

namespace curfew {
namespace json = boost::json;
namespace {

json::value TextOrNull(const std::string& text) { return text.empty() ? json::value() : json::value(text); }

json::value ChainsJson(const Chains& chains, bool whole) {
  json::array list;
  for (const auto& [source, chain] : chains) {
    list.push_back({{"source", TextOrNull(source)},
                    {"host", TextOrNull(chain.host)},
                    {"events", chain.events},
                    {"last_seq", chain.last},
                    {"fault", TextOrNull(chain.fault)}});
  }
  return {{"ok", whole}, {"chains", std::move(list)}};
}

std::string ChainsText(const Chains& chains) {
  constexpr std::size_t kIdShown = 12;
  Table table{{"SOURCE", "HOST ID", "EVENTS", "LAST", "CHAIN"}, {}};
  for (const auto& [source, chain] : chains) {
    table.rows.push_back({source.empty() ? kControllerItself : chain.host, source.substr(0, kIdShown),
                          std::to_string(chain.events), std::to_string(chain.last), chain.fault.empty() ? "whole" : "BROKEN: " + chain.fault});
  }
  return TableText(table) +
         "checked: each source's events follow each other without a gap. Not checked yet: their contents, and that "
         "the\n"
         "newest ones were not cut off (signed heads come with a later version).\n";
}

/// Whoever sees only the events of own requests sees gaps that are none.
Answer<void> MustSeeAll(ControllerApi& api) {
  const auto all = SeesEveryEvent(api);
  if (!all) return Halted(all.error());
  if (*all) return {};
  return Refuse(ExitCode::kDenied, "only auditors and owners see every event, and only the whole log can be verified",
                "ask one of them, or an owner for the group `auditors`");
}

}  // namespace

Answer<bool> SeesEveryEvent(ControllerApi& api) {
  auto me = api.Me();
  if (!me) return Halted(me.error());
  auto person = DecodePerson(*me);
  if (!person) return Halted(person.error());
  return std::any_of(person->groups.begin(), person->groups.end(),
                     [](const std::string& group) { return group == "auditors" || group == "owners"; });
}

Answer<ExitCode> Run(const AuditVerifyVerb&, Context& context) {
  auto api = ControllerApi::Open(context.home);
  if (!api) return Halted(api.error());
  if (auto all = MustSeeAll(*api); !all) return Halted(all.error());
  Chains chains;
  const auto read = api->Events("", [&](const json::array& page) -> Answer<void> {
    auto events = DecodeAll(page, DecodeEvent);
    if (!events) return Halted(events.error());
    for (const EventView& event : *events) CheckNext(chains, event);
    return {};
  });
  if (!read) return Halted(read.error());
  bool whole = true;
  for (const auto& [source, chain] : chains) whole = whole && chain.fault.empty();
  if (context.style.form == Form::kTable)
    context.terminal.Result(ChainsText(chains));
  else
    context.terminal.Result(json::serialize(ChainsJson(chains, whole)) + "\n");
  return whole ? ExitCode::kDone : ExitCode::kFailed;
}

}  // namespace curfew
