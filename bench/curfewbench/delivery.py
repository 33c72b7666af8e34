# SPDX-License-Identifier: Apache-2.0
# From a decision to what sudo and sshd read, and from an end to its absence. The controller's history says when it
# decided; a watcher of inotify on the host, which knows nothing of the agent, says when the files changed.

import time

from curfewlab.curfew import wait_for
from curfewlab.site import instant

from .field import HOST
from .row import percentile, row

ROUNDS = 40
DEADLINE_ROUNDS = 6
DEADLINE_S = 8
PEOPLE = ("dev1", "dev2")


class Watch:
    """What the watcher saw: when each grant first stood in a file, and when it had left the last one."""

    def __init__(self, read):
        self.read = read
        self.appeared, self.gone = {}, {}

    def until(self, grant, book, files=2):
        """The moment at which `grant` had come to (or left) that many files."""
        while len(book.get(grant, {})) < files:
            seen = self.read()
            for name in ("appeared", "gone"):
                for one in seen[name]:
                    getattr(self, name).setdefault(one, {})[seen["file"]] = seen["at"]
        return max(book[grant].values())


def moment_of(request, state):
    return next(instant(step["at"]) for step in request["history"] if step["state"] == state)


def measure_decisions(field):
    site, usable, refused = field.site, [], []
    with field.script_beside(HOST, "watch.py") as read:
        watch = Watch(read)
        read()  # the watcher says that it watches
        for _ in range(ROUNDS):
            request = site.granted("dev1", HOST, "10m")
            now = site.show("dev1", request)
            grant = now["grants"][0]["id"]
            usable.append(1000 * (watch.until(grant, watch.appeared) - moment_of(now, "approved")))
            site.curfew("lead1", "revoke", request, "--reason", "bench")
            site.wait_for_state("dev1", request, "revoked")
            refused.append(1000 * (watch.until(grant, watch.gone) - moment_of(site.show("dev1", request), "revoking")))
    by_ssh = [1000 * write_by_ssh(site) for _ in range(15)]
    what = "the same rule written and checked by ssh and sudo"
    return [
        row("decision_to_usable", "ms", usable, against=percentile(by_ssh, 0.5), against_what=what,
            note="from the controller's `approved` to rule and key in place, seen by inotify"),
        row("revoke_to_refused", "ms", refused, against=percentile(by_ssh, 0.5), against_what=what,
            note="from the controller's `revoking` to rule and key gone, seen by inotify"),
    ]  # fmt: skip


def write_by_ssh(site):
    """What an administrator's script would do: log in, write a rule beside its place, check it, move it."""
    script = "cat >/run/bench-rule && chmod 440 /run/bench-rule && visudo -qcf /run/bench-rule && mv /run/bench-rule /etc/sudoers.d/bench-rule"
    begun = time.monotonic()
    done = site.run("desk", "ssh", "-o", "BatchMode=yes", f"ops1@{HOST}", f"sudo -n sh -c '{script}'", person="ops1",
                    stdin="dev1 ALL=(root) NOPASSWD: /usr/bin/true\n")  # fmt: skip
    took = time.monotonic() - begun
    assert done.status == 0, f"writing a rule by ssh: {done}"
    site.must(HOST, "rm", "/etc/sudoers.d/bench-rule")
    return took


def measure_deadlines(field):
    """The controller is dead when the deadlines come."""
    removed, ended = [], []
    with field.script_beside(HOST, "watch.py") as read:
        watch = Watch(read)
        read()
        for _ in range(DEADLINE_ROUNDS):
            one_deadline(field, watch, removed, ended)
    note = "with the controller killed"
    return [row("deadline_to_removed", "ms", removed, note=note), row("deadline_to_session_ended", "ms", ended, note=note)]


def one_deadline(field, watch, removed, ended):
    site = field.site
    requests = [site.granted(person, HOST, f"{DEADLINE_S}s") for person in PEOPLE]
    grants = [site.show(person, request)["grants"][0] for person, request in zip(PEOPLE, requests)]
    sessions = [site.open_session(person, HOST, "echo opened; cat") for person in PEOPLE]
    for session in sessions:
        session.wait_to_show("opened")
    site.kill_controller()
    for grant, session in zip(grants, sessions):
        end = instant(grant["end"])
        ended.append(1000 * (session.wait_to_end(DEADLINE_S + 30) - end))
        removed.append(1000 * (watch.until(grant["id"], watch.gone) - end))
    site.start_controller()
    wait_for(lambda: site.curfew("owner1", "ls").status == 0, 30, "the controller to serve again")
    for person, request in zip(PEOPLE, requests):
        site.wait_for_state(person, request, "revoked", within=60)
