# SPDX-License-Identifier: Apache-2.0
# The program: which measures there are, what each needs, and what becomes of their rows.

import argparse
import json
import os
import pathlib
import sys
import traceback

from curfewlab.command import LabError

from . import build, core, delivery, gate, idle
from .field import Field
from .row import BUDGETS, line

# What a measure gives rows for, whether it needs hosts, and the measure.
MEASURES = (
    (("signed_grants", "verified_grants"), False, core.measure),
    (("decision_to_usable", "revoke_to_refused"), True, delivery.measure_decisions),
    (("deadline_to_removed", "deadline_to_session_ended"), True, delivery.measure_deadlines),
    (("sudo_gate", "ssh_gate"), True, gate.measure_gate),
    (("sudo_controller_down",), True, gate.measure_controller_down),
    (("idle_pss", "idle_rss", "idle_wakeups"), True, idle.measure),
    (("sudo_1000_rules",), True, gate.measure_many_rules),
    (("build_clean",), False, build.measure),
)


def main(words):
    names = sorted(BUDGETS)
    parser = argparse.ArgumentParser(prog="bench/run", description="Measures Curfew beside its budgets.")
    parser.add_argument("--only", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE")
    asked = parser.parse_args(words)
    chosen = [measure for measure in MEASURES if asked.only is None or asked.only in measure[0]]
    try:
        rows, failed = measure_all(chosen, asked.only)
    except LabError as failure:
        print(f"bench: {failure}", file=sys.stderr)
        return 1
    if asked.json:
        asked.json.write_text(json.dumps({"machine": machine(), "results": rows}, indent=1) + "\n", encoding="utf-8")
    for names_of, wrong in failed:
        print(f"bench: not measured: {', '.join(names_of)}: {wrong}", file=sys.stderr)
    return 1 if failed else 0


def measure_all(chosen, only):
    rows, failed = [], []
    with Field(needed=any(needs_hosts for _, needs_hosts, _ in chosen)) as field:
        for names, needs_hosts, measure in chosen:
            try:
                measured = [row for row in measure(*([field] if needs_hosts else [])) if only in (None, row["name"])]
            except Exception as wrong:  # whatever went wrong, the other rows are still worth having
                traceback.print_exc()
                failed.append((names, wrong))
                continue
            rows += measured
            for row in measured:
                print(line(row), flush=True)
    return rows, failed


def machine():
    model = next((row.split(":")[1].strip() for row in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                  if row.startswith("model name")), "unknown")  # fmt: skip
    return {"cpus": os.cpu_count(), "model": model, "kernel": os.uname().release, "load": os.getloadavg()[0],
            "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20}  # fmt: skip
