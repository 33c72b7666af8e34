# SPDX-License-Identifier: Apache-2.0
# One host of the lab: a Debian root with an overlay of its own, booted by systemd-nspawn with a real PID 1.
# Its disk outlives a reboot and its /run does not.

import pathlib
import secrets
import subprocess
import time

from .command import LabError, ended, one_line, run

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LANG": "C.UTF-8",
    "USER": "root",
    "LOGNAME": "root",
    "SHELL": "/bin/bash",
}
NAMESPACES = ("--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd")
REBOOT_STATUS = "133"
# nspawn ends when its host reboots: it is started again, as a power button would not have to be pressed.
KEEP_RUNNING = f'echo 0 >"$1/cgroup.procs"; shift; while :; do "$@"; [ $? -eq {REBOOT_STATUS} ] || exit; done'


class Machine:
    def __init__(self, layout, host, cgroup):
        self.layout = layout
        self.host = host
        self.cgroup = cgroup
        self.directory = layout.host_directory(host)
        self.root = self.directory / "root"
        self.console = self.directory / "console.log"

    def mount(self, image):
        for part in ("upper", "work", "root"):
            (self.directory / part).mkdir(parents=True)
        options = f"lowerdir={image},upperdir={self.directory / 'upper'},workdir={self.directory / 'work'}"
        run("mount", "-t", "overlay", f"curfew-lab-{self.layout.name}", "-o", options, self.root)

    def write(self, path, text, mode=0o644):
        """Writes below the host's root from outside, before it boots."""
        target = self.root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
        target.chmod(mode)

    def start(self):
        group = self.cgroup.child(self.host)
        nspawn = [
            "systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit", "--settings=no",
            f"--directory={self.root}", f"--machine=curfew-{self.layout.name}-{self.host}", f"--hostname={self.host}",
            f"--network-namespace-path=/run/netns/{self.layout.namespace(self.host)}",
            "--link-journal=no", "--resolv-conf=off", "--timezone=off", "--console=pipe",
        ]  # fmt: skip
        environment = dict(ENVIRONMENT, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY="1", SYSTEMD_NSPAWN_LOCK="0")
        with open(self.console, "ab") as console:
            subprocess.Popen(
                ["/bin/sh", "-c", KEEP_RUNNING, "sh", str(group.path), *nspawn],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                env=environment, start_new_session=True, cwd="/",
            )  # fmt: skip

    def leader(self):
        """The host's PID 1 as this machine numbers it, or None while there is none."""
        group = self.cgroup.path / self.host / "payload" / "init.scope"
        try:
            candidates = (group / "cgroup.procs").read_text().split()
            for pid in candidates:
                status = pathlib.Path("/proc", pid, "status").read_text()
                numbers = next(line.split()[1:] for line in status.splitlines() if line.startswith("NSpid:"))
                if len(numbers) > 1 and numbers[-1] == "1":
                    return int(pid)
        except (FileNotFoundError, ProcessLookupError, OSError):
            return None
        return None

    def required_leader(self):
        pid = self.leader()
        if pid is None:
            raise LabError(f"{self.host} is not running; see {self.console}, then: lab reboot {self.host}")
        return pid

    def wait_until_up(self, within=60, accept=("running",)):
        """Waits for the host's systemd to have finished starting; says which units failed if any did."""
        deadline = time.monotonic() + within
        said = "no PID 1 yet"
        while time.monotonic() < deadline:
            if self.leader() is not None:
                done = self.plain("systemctl", "is-system-running", "--wait", timeout=within)
                said = done.stdout.strip() or one_line(done.stderr)
                if said in accept:
                    return
                if said == "degraded":
                    failed = self.plain("systemctl", "--failed", "--plain", "--no-legend").stdout
                    units = ", ".join(line.split()[0] for line in failed.splitlines())
                    raise LabError(f"{self.host} started, but these units failed: {units}; see: lab log {self.host}")
            time.sleep(0.02)
        raise LabError(f"{self.host} did not start within {within} s ({said}); see {self.console}")

    def plain(self, *argv, timeout=60):
        """A question to the host's own tools, asked from its PID 1's group: for the lab's own book-keeping."""
        entry = ["nsenter", f"--target={self.required_leader()}", *NAMESPACES, "--", *argv]
        return ended(entry, f"{' '.join(argv)} on {self.host}", timeout, text=True, errors="replace", env=ENVIRONMENT)

    def entry(self, argv, person=None, scope=None):
        """The command line that runs argv on the host in a scope (so: a cgroup, and a kill) of its own."""
        scope = scope or f"lab-{secrets.token_hex(8)}.scope"
        if person is None:
            become = ["env", "-C", "/root", "--"]
        else:
            become = [
                "setpriv", f"--reuid={person}", f"--regid={person}", "--init-groups", "--inh-caps=-all", "--reset-env",
                "--", "sh", "-c", 'cd && exec "$@"', "sh",
            ]  # fmt: skip
        enter_group = f'echo 0 >"{self.cgroup.path / self.host}/payload/init.scope/cgroup.procs" && exec "$@"'
        return [
            "/bin/sh", "-c", enter_group, "sh", "nsenter", f"--target={self.required_leader()}", *NAMESPACES, "--",
            "systemd-run", "--scope", "--quiet", "--collect", f"--unit={scope}", "--", *become, *argv,
        ]  # fmt: skip

    def power_off(self):
        self.cgroup.child(self.host).destroy()

    def reboot(self, within=90):
        """An orderly reboot: the host's own shutdown, then a start with an empty /run and the same disk."""
        if self.leader() is None:
            self.power_off()
            self.start()
        else:
            before = self.leader()
            self.plain("systemctl", "reboot")
            self._wait_for_another_boot(before, within)
        self.wait_until_up(accept=("running", "degraded"))

    def _wait_for_another_boot(self, before, within):
        """Looks from outside only. nsenter stops itself when shutdown stops its child, the child is then never reaped, and
        the host's shutdown would wait 90 s for it."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            if self.leader() not in (None, before):
                return
            if not self.cgroup.child(self.host).populated():
                self.start()
            time.sleep(0.02)
        raise LabError(f"{self.host} did not come back within {within} s; see {self.console}")
