# SPDX-License-Identifier: Apache-2.0
# Runs on a host: time_sudo.py ACCOUNT TURNS [PID]. Times `sudo -n` of that account, TURNS times; with PID turn and turn
# about with the same in that process's mount namespace. Prints milliseconds.

import ctypes
import json
import os
import pwd
import sys
import time

COMMAND = ["sudo", "-n", "/usr/bin/true"]
NEW_MOUNTS = 0x20000
libc = ctypes.CDLL(None, use_errno=True)
account = pwd.getpwnam(sys.argv[1])
turns = int(sys.argv[2])
without = os.open(f"/proc/{sys.argv[3]}/ns/mnt", os.O_RDONLY) if len(sys.argv) > 3 else None


def run(namespace):
    begun = time.perf_counter_ns()
    child = os.fork()
    if child == 0:
        if namespace is not None and libc.setns(namespace, NEW_MOUNTS) != 0:
            os._exit(125)
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
        os.execvp(COMMAND[0], COMMAND)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status != 0:
        sys.exit(f"sudo ended with {status}{' without the gate' if namespace else ''}")
    return (time.perf_counter_ns() - begun) / 1e6


times = {"with": [], "without": []}
for turn in range(-5, turns):  # the first ones only warm up
    order = [("with", None)] + ([] if without is None else [("without", without)])
    for name, namespace in order if turn % 2 else reversed(order):
        took = run(namespace)
        if turn >= 0:
            times[name].append(took)
print(json.dumps(times))
