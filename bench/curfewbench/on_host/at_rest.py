# SPDX-License-Identifier: Apache-2.0
# Runs on a host: at_rest.py SECONDS. What enforcer and link hold in memory, and how often they were woken meanwhile.

import json
import pathlib
import re
import subprocess
import sys
import time

UNITS = ("curfew-enforcer.service", "curfew-link.service")


def main_pid(unit):
    shown = subprocess.run(["systemctl", "show", "--property=MainPID", "--value", unit], check=True, capture_output=True, text=True)
    pid = int(shown.stdout)
    if pid == 0:
        sys.exit(f"{unit} does not run")
    return pid


def kib(pid, what):
    rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    return int(re.search(rf"^{what}:\s+([0-9]+) kB$", rollup, re.MULTILINE)[1])


def switches(pid):
    """Each time a thread gave the processor back it had been woken before."""
    return sum(int(re.search(r"^voluntary_ctxt_switches:\s+([0-9]+)$", status.read_text(), re.MULTILINE)[1])
               for status in pathlib.Path(f"/proc/{pid}/task").glob("*/status"))  # fmt: skip


pids = {unit: main_pid(unit) for unit in UNITS}
before = {unit: switches(pid) for unit, pid in pids.items()}
time.sleep(int(sys.argv[1]))  # the time at rest is what is measured
woken = {unit: switches(pid) - before[unit] for unit, pid in pids.items()}
each = {unit: {"pss": kib(pid, "Pss"), "rss": kib(pid, "Rss"), "wakeups": woken[unit]} for unit, pid in pids.items()}
print(json.dumps({"pss_kib": sum(one["pss"] for one in each.values()), "rss_kib": sum(one["rss"] for one in each.values()),
                  "wakeups": sum(woken.values()), "each": each}))  # fmt: skip
