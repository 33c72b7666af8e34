# SPDX-License-Identifier: Apache-2.0
# One cgroup of the lab. Everything the lab starts lives in one, so that whatever it started can be found and ended
# even when the process that started it is long gone.

import os
import pathlib
import time

from .command import LabError
from .layout import cgroup_root, legacy_systemd_root


class Cgroup:
    def __init__(self, path):
        self.path = pathlib.Path(path)

    @staticmethod
    def of_lab(name):
        return Cgroup(cgroup_root() / f"curfew-lab-{name}")

    def child(self, name):
        group = Cgroup(self.path / name)
        group.path.mkdir(parents=True, exist_ok=True)
        return group

    def exists(self):
        return self.path.exists()

    def enter(self):
        """Moves the calling process in."""
        (self.path / "cgroup.procs").write_text("0")

    def processes(self):
        try:
            return [int(line) for line in (self.path / "cgroup.procs").read_text().split()]
        except FileNotFoundError:
            return []

    def populated(self):
        try:
            return "populated 1" in (self.path / "cgroup.events").read_text()
        except FileNotFoundError:
            return False

    def destroy(self, within=20):
        """Kills all that lives here, waits until it is gone, and removes the groups."""
        if self.exists():
            (self.path / "cgroup.kill").write_text("1")
            self._wait_until_empty(within)
            remove_tree(self.path)
        legacy = legacy_systemd_root()
        if legacy is not None:
            remove_tree(legacy / self.path.relative_to(cgroup_root()))

    def _wait_until_empty(self, within):
        deadline = time.monotonic() + within
        while self.populated():
            if time.monotonic() > deadline:
                raise LabError(f"processes in {self.path} do not die: {self._survivors()}; see /proc/PID/stack")
            time.sleep(0.01)

    def _survivors(self):
        return sorted(pid for place, _, _ in os.walk(self.path) for pid in Cgroup(place).processes())


def remove_tree(path):
    for place, _, _ in os.walk(path, topdown=False):
        try:
            os.rmdir(place)
        except OSError as refused:
            raise LabError(f"cannot remove the cgroup {place}: {refused.strerror}") from refused
