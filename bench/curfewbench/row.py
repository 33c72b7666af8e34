# SPDX-License-Identifier: Apache-2.0
# A row of the result: what was measured, beside its budget and beside what the same thing takes without Curfew.

import dataclasses
import math


@dataclasses.dataclass(frozen=True)
class Budget:
    """What DESIGN §13 asks of a row; None where it asks nothing. `at_least` turns it round: more is better."""

    p50: float | None = None
    p99: float | None = None
    at_least: bool = False


BUDGETS = {
    "decision_to_usable": Budget(3, 25),
    "revoke_to_refused": Budget(3),
    "deadline_to_removed": Budget(None, 20),
    "deadline_to_session_ended": Budget(None, 100),
    "sudo_gate": Budget(0.3),
    "ssh_gate": Budget(1),
    "sudo_1000_rules": Budget(1.1),
    "sudo_controller_down": Budget(None),
    "idle_pss": Budget(6.5),
    "idle_rss": Budget(13),
    "idle_wakeups": Budget(0.05),
    "signed_grants": Budget(10000, at_least=True),
    "verified_grants": Budget(None),
    "build_clean": Budget(360),
}


def percentile(samples, share):
    """The smallest sample that at least `share` of all samples do not exceed."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def row(name, unit, samples, value=None, against=None, against_what=None, note=None):
    """`value` defaults to the median. `against` is the same measure without Curfew, taken in the same run."""
    p50, p99 = percentile(samples, 0.5), percentile(samples, 0.99)
    value = p50 if value is None else value
    budget = BUDGETS[name]
    result = {
        "name": name, "value": round(value, 4), "unit": unit, "n": len(samples), "p50": round(p50, 4), "p99": round(p99, 4),
        "budget": budget.p50 if budget.p50 is not None else budget.p99, "met": is_met(budget, value, p99),
        "against": None if against is None else round(against, 4),
        "ratio": None if not against else round(value / against, 4),
    }  # fmt: skip
    result["budget_of"] = "value" if budget.p50 is not None else "p99"
    if budget.p50 is not None and budget.p99 is not None:
        result["budget_p99"] = budget.p99
    if against_what:
        result["against_what"] = against_what
    if note:
        result["note"] = note
    return result


def is_met(budget, value, p99):
    """None where there is no budget."""
    if budget.at_least:
        return value >= budget.p50
    held = [measured <= allowed for measured, allowed in ((value, budget.p50), (p99, budget.p99)) if allowed is not None]
    return all(held) if held else None


def line(result):
    verdict = {True: "met", False: "MISSED", None: "no budget"}[result["met"]]
    budget = "" if result["budget"] is None else f" (budget {result['budget']}{', p99 %s' % result['budget_p99'] if 'budget_p99' in result else ''}" \
        f"{' at p99' if result['budget_of'] == 'p99' else ''})"  # fmt: skip
    beside = "" if result["against"] is None else f"; against {result['against']}: {result.get('against_what', '')}, ratio {result['ratio']}"
    return f"{result['name']:<26} {result['value']:>10} {result['unit']:<4} n={result['n']:<5} p50={result['p50']} p99={result['p99']}" \
        f" {verdict}{budget}{beside}"  # fmt: skip
