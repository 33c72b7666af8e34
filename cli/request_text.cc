// SPDX-License-Identifier: Apache-2.0
// One request: what stands after an act on it, and all of it.
#include <fmt/format.h>

#include "cli/moment.h"
#include "cli/progress.h"
#include "cli/shown.h"
#include "cli/table.h"
#include "cli/texts.h"

namespace curfew {
namespace {

std::string Joined(const std::vector<std::string>& words, const char* joint) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : joint) + word;
  return text;
}

std::string SudoText(const std::vector<Argv>& commands) {
  std::vector<std::string> lines;
  lines.reserve(commands.size());
  for (const Argv& argv : commands) lines.push_back(Joined(argv, " "));
  return "sudo " + Joined(lines, " | ");
}

/// What to type next, by state.
std::string NextText(const RequestView& request) {
  const std::string& id = request.id;
  if (request.state == "submitted" || request.state == "pending") {
    return fmt::format("next: `curfew approve {0}` or `curfew deny {0}` (an approver), `curfew withdraw {0}` ({1})", id,
                       request.requester);
  }
  if (request.state == "approved" || request.state == "provisioning" || request.state == "active") {
    return fmt::format("to end it: `curfew return {0}` ({1}), `curfew revoke {0} --reason TEXT` (an approver)", id,
                       request.requester);
  }
  return "";
}

Table GrantTable(const RequestView& request, bool utc) {
  Table table{{"HOST", "GRANT", "STATE", "START", "END", "ENDED", "CAUSE", "PROOF"}, {}};
  for (const GrantView& grant : request.grants) {
    std::string proof = grant.proof == "none" ? "" : grant.proof;
    if (grant.proof == "proved") proof += " " + MomentText(grant.proved_at, utc);
    if (grant.proof == "unconfirmed") proof = "UNCONFIRMED, at most until " + MomentText(grant.unconfirmed_until, utc);
    // Until the host has proved it nobody knows when it ended, or whether.
    const bool ending = grant.state == "ended" && grant.proof == "unconfirmed";
    table.rows.push_back({grant.host, grant.id, ending ? "ending" : grant.state, MomentText(grant.start, utc),
                          MomentText(grant.end, utc), ending ? "" : MomentText(grant.ended_at, utc), grant.cause, proof});
  }
  return table;
}

std::string SurvivorText(const RequestView& request) {
  Table table{{"SURVIVOR ON", "PID", "UID", "UNIT", "COMMAND"}, {}};
  for (const GrantView& grant : request.grants) {
    for (const SurvivorView& survivor : grant.survivors) {
      table.rows.push_back(
          {grant.host, std::to_string(survivor.pid), std::to_string(survivor.uid), survivor.unit, survivor.command});
    }
  }
  return table.rows.empty() ? "" : "\n" + TableText(table);
}

std::string StageText(const RequestView& request, bool utc) {
  if (request.stages.empty()) return "approval: automatic\n";
  std::string text;
  for (const StageView& stage : request.stages) {
    text += Shown(fmt::format("approval: {} of {} from {}", stage.have, stage.need, Joined(stage.who, ", "))) + "\n";
    for (const DecisionView& decision : stage.decisions) {
      const std::string why = decision.reason.empty() ? "" : ": " + decision.reason;
      text += "  " +
              Shown(fmt::format("{} {} {}{}", MomentText(decision.at, utc), decision.by, decision.verdict, why)) + "\n";
    }
  }
  return text;
}

}  // namespace

std::string WhatText(const WhatView& what) {
  std::vector<std::string> parts;
  if (what.login) parts.emplace_back("login");
  if (std::holds_alternative<AllCommands>(what.sudo)) parts.emplace_back("sudo ALL");
  if (const auto* commands = std::get_if<std::vector<Argv>>(&what.sudo); commands != nullptr && !commands->empty()) {
    parts.push_back(SudoText(*commands));
  }
  const bool other = !what.runas.empty() && what.runas != "root" && !std::holds_alternative<std::monostate>(what.sudo);
  return (parts.empty() ? "nothing" : Joined(parts, ", ")) + (other ? " as " + what.runas : "");
}

std::string LinesToCopy(const RequestView& request) {
  std::string text;
  for (const GrantView& grant : request.grants) {
    if (grant.state != "waiting" && grant.state != "active") continue;
    const std::string line = request.what.login ? fmt::format("ssh {}@{}", request.account, grant.host)
                                                : fmt::format("# as {} on {}: sudo", request.account, grant.host);
    text += "  " + Shown(line) + "\n";
  }
  return text;
}

std::string SummaryText(const RequestView& request, bool utc) {
  std::string text = Shown(request.id + "  " + ProgressOf(request).line) + "\n";
  if (!request.sentence.empty()) text += Shown(request.sentence) + "\n";
  text += LinesToCopy(request);
  for (const GrantView& grant : request.grants) {
    if (grant.proof != "unconfirmed") continue;
    text += Shown(fmt::format("UNCONFIRMED on {}: it may last until {}", grant.host,
                              MomentText(grant.unconfirmed_until, utc))) +
            "\n";
    if (grant.cause != "revoked" && grant.cause != "returned") continue;
    text += Shown(fmt::format("to end it sooner: `curfew-controller revocation {} >FILE` on the controller, "
                              "`curfew-agent offer FILE` as root on {}", grant.id, grant.host)) +
            "\n";
  }
  const std::string next = NextText(request);
  return next.empty() ? text : text + Shown(next) + "\n";
}

std::string DetailText(const RequestView& request, bool utc) {
  std::string text = SummaryText(request, utc) + "\n";
  const auto line = [&text](const char* name, const std::string& value) {
    if (!value.empty()) text += fmt::format("{}: {}\n", name, Shown(value));
  };
  line("requester", request.requester);
  line("account", request.account);
  line("what", WhatText(request.what));
  line("duration", FormatDuration(request.length));
  line("reason", request.reason);
  line("ticket", request.ticket);
  line("policy", request.policy);
  text += StageText(request, utc);
  text += "\n" + TableText(GrantTable(request, utc)) + SurvivorText(request) + "\n";
  Table history{{"AT", "STATE", "BY"}, {}};
  for (const StepView& step : request.history) history.rows.push_back({MomentText(step.at, utc), step.state, step.by});
  return text + TableText(history);
}

}  // namespace curfew
