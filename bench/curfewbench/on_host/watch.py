# SPDX-License-Identifier: Apache-2.0
# Runs on a host: says, a line of JSON each, when a grant's lines came to or left the files that sudo and sshd read.
# Knows nothing of the agent: inotify(7) and the files themselves. Ends when standard input does.

import ctypes
import json
import os
import pathlib
import re
import select
import sys
import time

FOLDERS = ("/run/curfew/sudoers.d", "/run/curfew/keys")
MOVED_TO, MOVED_FROM, DELETED = 0x80, 0x40, 0x200
HEADER = re.compile(r"^# curfew (g-[0-9a-z]{20}) until ", re.MULTILINE)
libc = ctypes.CDLL(None, use_errno=True)


def grants_in(folder):
    grants = set()
    for file in pathlib.Path(folder).glob("[!.]*"):  # sudo and sshd read no dot file either
        try:
            grants |= set(HEADER.findall(file.read_text()))
        except FileNotFoundError:
            continue
    return grants


watcher = libc.inotify_init1(os.O_CLOEXEC)
for folder in FOLDERS:
    if libc.inotify_add_watch(watcher, folder.encode(), MOVED_TO | MOVED_FROM | DELETED) < 0:
        sys.exit(f"inotify: {folder}: {os.strerror(ctypes.get_errno())}")
known = {folder: grants_in(folder) for folder in FOLDERS}
print(json.dumps({"watching": FOLDERS}), flush=True)
while True:
    ready, _, _ = select.select([watcher, 0], [], [])
    if 0 in ready:
        break
    at = time.time()
    os.read(watcher, 65536)
    for folder in FOLDERS:
        now = grants_in(folder)
        if now != known[folder]:
            print(json.dumps({"at": at, "file": folder, "appeared": sorted(now - known[folder]),
                              "gone": sorted(known[folder] - now)}), flush=True)  # fmt: skip
        known[folder] = now
