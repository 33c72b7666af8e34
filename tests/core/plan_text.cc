// SPDX-License-Identifier: Apache-2.0
// Each action by the text that it would write.
#include "tests/core/plan_text.h"

#include "core/authorized_keys.h"
#include "core/host_files.h"
#include "core/sudoers.h"

namespace curfew::test {
namespace {

std::string Gift(bool gift) { return gift ? "give" : "take"; }

struct ActionText {
  std::string operator()(const ReplaceRules& one) const {
    return Gift(one.gift) + " " + RenderRules(one.rules, SudoTraits{});
  }
  std::string operator()(const ReplaceKeys& one) const {
    return Gift(one.gift) + " keys of " + one.account.Text() + "\n" + RenderKeys(one.lines);
  }
  std::string operator()(const ReplaceManaged& one) const { return "managed\n" + RenderManaged(one.managed); }
  std::string operator()(const EndSession& one) const { return "end " + RenderSessions({one.session}); }
  std::string operator()(const RebindSession& one) const {
    return "rebind to " + one.grant.Text() + " until " + Rfc3339Millis(one.deadline) + " " +
           RenderSessions({one.session});
  }
  std::string operator()(const Intend& one) const { return "intend " + one.grant.Text(); }
  std::string operator()(const CheckRules& one) const { return "check " + RenderRules(one.rules, SudoTraits{}); }
};

}  // namespace

std::vector<std::string> Texts(const std::vector<Action>& plan) {
  std::vector<std::string> texts;
  texts.reserve(plan.size());
  for (const Action& action : plan) texts.push_back(std::visit(ActionText{}, action));
  return texts;
}

}  // namespace curfew::test
