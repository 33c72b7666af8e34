# SPDX-License-Identifier: Apache-2.0
# Runs on desk as a person: time_ssh.py HOST PORT TURNS. Times a login that runs nothing, turn and turn about at the
# host's sshd and at the one on PORT. Prints milliseconds.

import json
import subprocess
import sys
import time

host, port, turns = sys.argv[1], sys.argv[2], int(sys.argv[3])


def run(at):
    words = ["ssh", "-n", "-o", "BatchMode=yes", "-o", f"HostKeyAlias={host}", "-p", at, host, "true"]
    begun = time.perf_counter_ns()
    done = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"ssh to port {at} ended with {done.returncode}: {done.stderr.strip()}")
    return (time.perf_counter_ns() - begun) / 1e6


times = {"with": [], "without": []}
for turn in range(-3, turns):  # the first ones only warm up
    order = [("with", "22"), ("without", port)]
    for name, at in order if turn % 2 else reversed(order):
        took = run(at)
        if turn >= 0:
            times[name].append(took)
print(json.dumps(times))
