# SPDX-License-Identifier: Apache-2.0
# A whole lab: makes its hosts, finds them again later, and takes everything away, whatever state it was left in.

import concurrent.futures
import contextlib
import fcntl
import json
import os
import pathlib
import shutil
import subprocess

from . import image as images
from .cgroup import Cgroup
from .command import LabError, ended, run
from .layout import STATE, Layout
from .machine import ENVIRONMENT, Machine
from .network import Network

CARRY_S = 120


class Lab:
    def __init__(self, name=None):
        self.layout = Layout(name or os.environ.get("LAB_NAME", "lab"))
        self.cgroup = Cgroup.of_lab(self.layout.name)
        self.network = Network(self.layout, self.cgroup)

    @contextlib.contextmanager
    def locked(self):
        STATE.mkdir(parents=True, exist_ok=True)
        while True:
            with open(self.layout.lock, "w", encoding="ascii") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                # `down` takes the file away: who waited for it then holds one without a name.
                if os.fstat(lock.fileno()).st_nlink:
                    yield
                    return

    def record(self):
        try:
            return json.loads(self.layout.record.read_text())
        except FileNotFoundError:
            raise LabError(f"the lab '{self.layout.name}' is not up; run: lab up") from None

    def hosts(self):
        return self.record()["hosts"]

    def machine(self, host):
        if host not in self.hosts():
            raise LabError(f"no host '{host}'; this lab has: {', '.join(self.hosts())}")
        return Machine(self.layout, host, self.cgroup)

    def machines(self):
        return [Machine(self.layout, host, self.cgroup) for host in self.hosts()]

    def up(self, host_count, image, say):
        """Bare hosts: booted, named, reachable by name, with host keys that desk already knows."""
        images.path_of(image)
        if self.layout.record.exists() and self.record()["complete"] and any(m.leader() for m in self.machines()):
            raise LabError(f"the lab '{self.layout.name}' is up already; run: lab down")
        self.destroy()
        root = images.ensure(image, say)
        names = self.layout.host_names(host_count)
        self.layout.directory.mkdir(parents=True)
        self._save({"hosts": names, "image": image, "complete": False})
        machines = [Machine(self.layout, name, self.cgroup) for name in names]
        for machine in machines:
            machine.mount(root)
            self._prepare(machine, names)
        self._introduce(machines)
        self.network.create(names)
        for machine in machines:
            machine.start()
        in_parallel(lambda machine: machine.wait_until_up(), machines)
        return machines

    def mark_complete(self):
        self._save(dict(self.record(), complete=True))

    def _save(self, record):
        self.layout.record.write_text(json.dumps(record, indent=1) + "\n")

    def _prepare(self, machine, names):
        known = ["127.0.0.1 localhost"] + [f"{self.layout.address(name)} {name}" for name in names]
        machine.write("/etc/hosts", "\n".join(known) + "\n")
        machine.write("/etc/hostname", machine.host + "\n")
        machine.write("/etc/machine-id", os.urandom(16).hex() + "\n", 0o444)
        key = "/etc/ssh/ssh_host_ed25519_key"
        run("chroot", machine.root, "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", machine.host, "-f", key)

    def _introduce(self, machines):
        lines = []
        for machine in machines:
            kind, key, _ = (machine.root / "etc/ssh/ssh_host_ed25519_key.pub").read_text().split()
            lines.append(f"{machine.host},{self.layout.address(machine.host)} {kind} {key}")
        for machine in machines:
            machine.write("/etc/ssh/ssh_known_hosts", "\n".join(lines) + "\n")

    def execute(self, host, argv, person=None, stdin=None, timeout=120, scope=None):
        """Runs argv on host and returns what it printed and its status; failing is not the lab's error."""
        entry = self.machine(host).entry(argv, person, scope)
        return ended(entry, f"{' '.join(argv)} on {host}", timeout, stdin, text=True, errors="replace", env=ENVIRONMENT)

    def must(self, host, *argv, person=None, stdin=None, timeout=120):
        """Like execute, but a failure is an error; gives back standard output."""
        done = self.execute(host, list(argv), person, stdin, timeout)
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip().replace("\n", " | ")
            raise LabError(f"on {host} as {person or 'root'}: {' '.join(argv)} gave {done.returncode}: {said}")
        return done.stdout

    def start(self, host, argv, person=None, scope=None, **streams):
        """Starts argv on host and leaves it running; end it by `systemctl kill` of its scope or by its own means."""
        return subprocess.Popen(self.machine(host).entry(argv, person, scope), env=ENVIRONMENT, **streams)

    def put(self, host, local, path):
        source = pathlib.Path(local)
        if not source.is_file():
            raise LabError(f"no file {local} to put")
        mode = oct(source.stat().st_mode & 0o777)[2:]
        script = 'if [ -d "$1" ]; then set -- "$1/$2" "$2" "$3"; fi; cat >"$1" && chmod "$3" "$1"'
        with open(source, "rb") as stream:
            entry = self.machine(host).entry(["sh", "-c", script, "sh", path, source.name, mode])
            done = ended(entry, f"writing {host}:{path}", CARRY_S, source=stream, text=True, env=ENVIRONMENT)
        if done.returncode != 0:
            raise LabError(f"cannot put {local} at {host}:{path}: {done.stderr.strip()}")

    def get(self, host, path, local):
        entry = self.machine(host).entry(["cat", "--", path])
        target = pathlib.Path(local)
        if target.is_dir():
            target = target / pathlib.PurePosixPath(path).name
        done = ended(entry, f"reading {host}:{path}", CARRY_S, env=ENVIRONMENT)
        if done.returncode != 0:
            raise LabError(f"cannot get {host}:{path}: {done.stderr.decode(errors='replace').strip()}")
        target.write_bytes(done.stdout)

    def destroy(self):
        """Takes away all that bears this lab's name: processes, mounts, namespaces, groups, files."""
        self.cgroup.destroy()
        self._unmount()
        self.network.destroy()
        shutil.rmtree(self.layout.directory, ignore_errors=True)
        prefix = f"curfew-{self.layout.name}-"
        for place in pathlib.Path("/run/systemd/nspawn").glob(f"*/{prefix}*"):
            shutil.rmtree(place, ignore_errors=True)
        if self.layout.directory.exists():
            raise LabError(f"cannot remove {self.layout.directory}; something still uses it")

    def _unmount(self):
        below = f"{self.layout.directory}/"
        with open("/proc/self/mounts", encoding="utf-8") as mounts:
            places = [line.split()[1] for line in mounts]
        for place in reversed([place for place in places if place.startswith(below)]):
            run("umount", place)


def in_parallel(work, things):
    """Does work for each thing at once; the first error of any is the error."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=max(1, len(things))) as pool:
        return list(pool.map(work, things))
