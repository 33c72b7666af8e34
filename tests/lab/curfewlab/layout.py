# SPDX-License-Identifier: Apache-2.0
# Where one lab keeps what: every name, path and address of it follows from LAB_NAME and the host's name,
# so that `down` finds the leftovers of a crash without having to be told.

import os
import pathlib
import re

from .command import LabError

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
CACHE = pathlib.Path(os.environ.get("CURFEW_LAB_CACHE", "/var/cache/curfew-lab"))
STATE = pathlib.Path(os.environ.get("CURFEW_LAB_STATE", "/var/lib/curfew-lab"))
NETWORK = "10.77.0"
HOST_PATTERN = re.compile(r"host([1-9][0-9]?)")


class Layout:
    """The names of one lab. A value: it creates nothing."""

    def __init__(self, name):
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,15}", name):
            raise LabError(f"LAB_NAME is '{name}'; use up to 16 of a-z, 0-9 and -, a letter first")
        self.name = name
        self.directory = STATE / name
        self.record = self.directory / "lab.json"
        self.lock = STATE / f"{name}.lock"
        self.switch = f"curfew-{name}-switch"

    def host_names(self, count):
        return ["controller", "desk"] + [f"host{number}" for number in range(1, count + 1)]

    def address(self, host):
        numbered = HOST_PATTERN.fullmatch(host)
        last = 10 + int(numbered[1]) if numbered else {"controller": 2, "desk": 3}[host]
        return f"{NETWORK}.{last}"

    def namespace(self, host):
        return f"curfew-{self.name}-{host}"

    def port(self, host):
        """The switch's end of the host's cable; its own namespace keeps it from clashing with another lab's."""
        return f"to-{host}"

    def host_directory(self, host):
        return self.directory / host


def cgroup_root():
    """Where cgroup v2 is mounted here: /sys/fs/cgroup, or below it on a hybrid machine."""
    for line in pathlib.Path("/proc/self/mounts").read_text().splitlines():
        _, place, kind = line.split()[:3]
        if kind == "cgroup2":
            return pathlib.Path(place)
    raise LabError("no cgroup v2 is mounted on this machine; mount -t cgroup2 none /sys/fs/cgroup/unified")


def legacy_systemd_root():
    """systemd-nspawn also makes groups in the named v1 hierarchy, where a hybrid machine has one."""
    place = pathlib.Path("/sys/fs/cgroup/systemd")
    return place if (place / "cgroup.procs").exists() else None
