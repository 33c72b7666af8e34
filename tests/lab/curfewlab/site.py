# SPDX-License-Identifier: Apache-2.0
# What people and administrators do on a lab with a working Curfew, and what can be seen on its hosts.
# Everything goes through the real programs: ssh, sudo, curfew, systemctl.

import datetime
import re
import subprocess
import threading
import time

from .command import LabError
from .curfew import read_json, wait_for
from .lab import Lab
from .verbs import ssh_command

RULES = "/run/curfew/sudoers.d/grants"
WHAT_TO_TYPE = "curfew request {host}"

# One more managed account, which developers get without asking anybody.
POLICY_WITH = """version: 1
managed:
  - {{hosts: "env=lab", accounts: [dev1, dev2, {account}], gate: [login, sudo]}}
policies:
  - name: web-root
    who: {{groups: [developers]}}
    hosts: "role=web"
    account: self
    allow: {{login: yes, sudo: all}}
    duration: {{default: 1h, max: 4h}}
    approve: [{{any: [group:leads]}}]
  - name: odd
    who: {{groups: [developers]}}
    hosts: "role=web"
    account: {account}
    allow: {{login: yes, sudo: all}}
    duration: {{default: 1h, max: 4h}}
    approve: []
"""


class Done:
    """How a command ended: its status, what it printed, when it was begun and when it had ended."""

    def __init__(self, done, begun):
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr
        self.begun, self.ended = begun, time.time()

    def __str__(self):
        return f"status {self.status}, out {self.out.strip()!r}, err {self.err.strip()!r}"


def instant(text):
    """An RFC 3339 time of the JSON as seconds since 1970."""
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Site:
    def __init__(self, lab=None):
        self.lab = lab or Lab()

    def run(self, host, *argv, person=None, stdin=None, timeout=120):
        begun = time.time()
        return Done(self.lab.execute(host, list(argv), person, stdin, timeout), begun)

    def must(self, host, *argv, person=None, stdin=None):
        done = self.run(host, *argv, person=person, stdin=stdin)
        assert done.status == 0, f"{' '.join(argv)} on {host} as {person or 'root'}: {done}"
        return done.out

    # People at the desk.

    def curfew(self, person, *words, stdin=None, timeout=120):
        return self.run("desk", "curfew", *words, person=person, stdin=stdin, timeout=timeout)

    def curfew_json(self, person, *words):
        done = self.curfew(person, *words, "-o", "json")
        assert done.status == 0, f"curfew {' '.join(words)} as {person}: {done}"
        return read_json(done.out)

    def request(self, person, host, length, *words, reason="lab"):
        """Asks; gives back the request's id."""
        command = list(words)
        tail = command[command.index("--") :] if "--" in command else []
        options = command[: len(command) - len(tail)]
        made = self.curfew(person, "request", host, "--for", length, "--reason", reason, "-o", "id", *options, *tail)
        assert made.status == 0, f"request by {person}: {made}"
        return made.out.strip()

    def approve(self, person, request):
        done = self.curfew(person, "approve", request)
        assert done.status == 0, f"approval by {person}: {done}"
        return done

    def show(self, person, request):
        return self.curfew_json(person, "show", request)

    def granted(self, person, host, length, *words, approver="lead1"):
        """Asks, has it approved when it needs that, and waits until the host says it is active."""
        request = self.request(person, host, length, *words)
        if self.show(person, request)["state"] == "pending":
            self.approve(approver, request)
        self.wait_for_state(person, request, "active")
        return request

    def wait_for_state(self, person, request, state, within=20):
        seen = []

        def reached():
            seen.append(self.show(person, request)["state"])
            return seen[-1] == state

        try:
            return wait_for(reached, within, state)
        except LabError as late:
            raise AssertionError(f"{request} is {seen[-1]}, not {state}, after {within} s") from late

    def ssh(self, person, host, *command, account=None, tty=False, options=()):
        words = ssh_command(host, account or person, tty, command)
        return self.run("desk", words[0], *options, *words[1:], person=person)

    def open_session(self, person, host, command, account=None):
        return OpenSession(self, person, host, command, account)

    # On a host.

    def sudo(self, host, account, *command):
        return self.run(host, "sudo", "-n", *command, person=account)

    def sudo_at_terminal(self, host, account, *command):
        """sudo of somebody who sits at a terminal, which `script` provides."""
        return self.run(host, "script", "-qec", "sudo " + " ".join(command), "/dev/null", person=account, stdin="")

    def rules(self, host):
        return self.run(host, "cat", RULES).out

    def key_lines(self, host, account):
        text = self.run(host, "cat", f"/run/curfew/keys/{account}").out
        return [line for line in text.splitlines() if line and not line.startswith("#")]

    def has_rule(self, host, account):
        uid = self.must(host, "id", "-u", account).strip()
        return re.search(rf"^(#{uid}|{account})\b", self.rules(host), re.MULTILINE) is not None

    def processes_of(self, host, pattern):
        return self.run(host, "pgrep", "-f", "-x", pattern).out.split()

    def status(self, host):
        done = self.run(host, "curfew-agent", "status", "-o", "json")
        assert done.status == 0, f"curfew-agent status on {host}: {done}"
        return read_json(done.out)

    def login_by_left_key(self, person, host):
        """A login by a line of the key file that ends at no time, while nobody is there to take it out: only PAM can refuse it.
        Gives back how it ended, and how often sshd says in its log that PAM refused what the key had opened."""
        key = self.must("desk", "cat", f"/home/{person}/.ssh/id_ed25519.pub")
        self.must(host, "systemctl", "stop", "curfew-reaper.timer", "curfew-reaper.service", "curfew-enforcer.service")
        before = self._denied_by_pam(host, person)
        self.must(host, "sh", "-ec", f"umask 022; cat >/run/curfew/keys/{person}", stdin=key)
        done = self.ssh(person, host, "id", "-un")
        # The journal shows a line some time after sshd wrote it, and knows its unit only while that sshd still lives.
        if done.status != 0:
            wait_for(lambda: self._denied_by_pam(host, person) > before, 10, f"sshd's word on {host} that PAM refused {person}")
        denied = self._denied_by_pam(host, person) - before
        self.must(host, "systemctl", "start", "curfew-enforcer.service", "curfew-reaper.timer")
        return done, denied

    def _denied_by_pam(self, host, account):
        log = self.must(host, "journalctl", "--quiet", "--no-pager", "--output=cat", "--identifier=sshd")
        return log.count(f"Access denied for user {account} by PAM account configuration")

    def load_policy(self, text):
        """Another policy, until restore_policy; gives back how the controller took it."""
        self.must("controller", "sh", "-c", "cat >/etc/curfew/trial.yaml", stdin=text)
        return self.run("controller", "curfew-controller", "policy", "load", "/etc/curfew/trial.yaml")

    def restore_policy(self):
        self.must("controller", "curfew-controller", "policy", "load", "/etc/curfew/policy.yaml")

    def managed(self, host):
        """name to uid and gate, as the PAM module reads them."""
        lines = self.must(host, "cat", "/var/lib/curfew/managed").splitlines()
        return {name: (int(uid), gate) for name, uid, gate in map(str.split, lines)}

    def run_cron_now(self, host, account):
        """Has the real cron run a job of the account at once: cron starts @reboot jobs when its mark is missing."""
        mark = f"/home/{account}/cron-ran"
        self.must(host, "rm", "-f", mark)
        self.must(host, "crontab", "-u", account, "-", stdin=f"@reboot id -un >{mark}\n")
        self.must(host, "sh", "-c", "rm -f /run/crond.reboot && systemctl restart cron.service")
        wait_for(lambda: self.run(host, "cat", mark).out == f"{account}\n", 10, f"cron to run a job of {account}")

    def admin_is_well(self, host):
        done = self.ssh("ops1", host, "sudo", "-n", "id", "-u")
        assert (done.status, done.out) == (0, "0\n"), f"the unmanaged admin on {host}: {done}"

    def kill_controller(self):
        self.must("controller", "systemctl", "kill", "--signal=SIGKILL", "curfew-controller.service")
        self.must("controller", "systemctl", "stop", "curfew-controller.service")

    def start_controller(self):
        self.must("controller", "systemctl", "start", "curfew-controller.service")

    # Waiting for an end.

    def wait_until_refused(self, person, host, account=None, within=10):
        """The first moment at which a login that was begun then is refused."""
        return self._wait_for_login(255, person, host, account, within).begun

    def wait_until_usable(self, person, host, account=None, within=10):
        return self._wait_for_login(0, person, host, account, within)

    def _wait_for_login(self, status, person, host, account, within):
        last = []

        def reached():
            last.append(self.ssh(person, host, "sudo", "-n", "id", "-u", account=account))
            return last[-1].status == status

        try:
            wait_for(reached, within, "login")
        except LabError as late:
            raise AssertionError(f"{person} at {host} after {within} s: {last[-1]}") from late
        return last[-1]


class OpenSession:
    """An ssh session that stays open on a terminal; keeps what its terminal showed."""

    def __init__(self, site, person, host, command, account=None):
        words = ssh_command(host, account or person, True, [command])
        self.shown = ""
        self.ended_at = None
        self._process = site.lab.start(
            "desk", words, person, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        while True:
            piece = self._process.stdout.read(4096)
            if not piece:
                break
            self.shown += piece.decode(errors="replace")
        self._process.wait()
        self.ended_at = time.time()

    def wait_to_show(self, text, within=10):
        try:
            wait_for(lambda: text in self.shown or self.ended_at, within, text)
        except LabError as late:
            raise AssertionError(f"the session never showed {text!r}: {self.shown!r}") from late
        assert text in self.shown, f"the session ended without showing {text!r}: {self.shown!r}"

    def type(self, line):
        self._process.stdin.write(line.encode() + b"\n")

    def wait_to_end(self, within):
        self._reader.join(within)
        assert self.ended_at is not None, f"the session is still open after {within:.1f} s; it showed {self.shown!r}"
        return self.ended_at

    def is_open(self):
        return self.ended_at is None

    def close(self):
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
        self._process.terminate()
        self._reader.join(10)
