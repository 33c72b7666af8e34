# SPDX-License-Identifier: Apache-2.0
# The field: a lab of the bench's own with one host, and what measures do there again and again.

import concurrent.futures
import contextlib
import json
import os
import pathlib
import re
import select
import subprocess

from curfewlab.command import LabError
from curfewlab.curfew import install_curfew, wait_for
from curfewlab.lab import Lab
from curfewlab.site import Site
from curfewlab.verbs import say

HOST = "host1"
ON_HOST = pathlib.Path(__file__).parent / "on_host"
SETTINGS = "/etc/curfew/controller.toml"
SILENCE_S = 60
AT_ONCE = 32
OVER = ("revoked", "denied", "withdrawn", "lapsed", "failed")


class Field:
    def __init__(self, needed):
        self.needed = needed
        self.lab = Lab(os.environ.get("LAB_NAME", "bench"))
        self.site = Site(self.lab)

    def __enter__(self):
        if self.needed:
            try:
                self.make()
            except BaseException:
                self.__exit__()
                raise
        return self

    def make(self):
        with self.lab.locked():
            self.lab.up(1, "debian12", say)
            install_curfew(self.lab, say)
            self.lab.mark_complete()

    def __exit__(self, *_):
        if self.needed:
            with self.lab.locked():
                self.lab.destroy()
            self.lab.layout.lock.unlink(missing_ok=True)

    def put(self, host, script):
        """A script of ours, on that host; gives its path there."""
        place = f"/run/bench-{script}"
        self.lab.put(host, ON_HOST / script, place)
        return place

    def run_script(self, host, script, *arguments, person=None, timeout=600):
        """Runs a script of ours there; gives the JSON that it printed."""
        place = self.put(host, script)
        done = self.lab.execute(host, ["python3", place, *map(str, arguments)], person, None, timeout)
        assert done.returncode == 0, f"{script} on {host}: {done.stderr.strip()}"
        return json.loads(done.stdout)

    @contextlib.contextmanager
    def script_beside(self, host, script, *arguments):
        """A script of ours that runs until the block ends; gives a function that reads its next line as JSON."""
        place = self.put(host, script)
        process = self.lab.start(host, ["python3", "-u", place, *map(str, arguments)], None, stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE)  # fmt: skip
        try:
            yield Lines(process.stdout, script).next
        finally:
            process.stdin.close()
            process.stdout.close()
            process.wait(timeout=30)

    def end_all(self):
        """Nobody holds anything any more; gives back once every end is proved."""
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as workers:  # each revoke waits for its proof
            list(workers.map(self.end, self.site.curfew_json("owner1", "ls")))
        wait_for(lambda: not live(self.site), 120, "every grant to end")

    def end(self, request):
        if request["state"] in OVER:
            return
        act, person = ("deny", "lead1") if request["state"] == "pending" else ("revoke", "owner1")
        self.site.curfew(person, act, request["id"], "--reason", "measured")

    def hold(self, count):
        """`count` live grants for one command of dev2's, asked for side by side; more than one person may have by default."""
        self.site.must("controller", "sh", "-ec", f"grep -q ^live_requests {SETTINGS} || {{ printf 'live_requests = 100000\\n' >>{SETTINGS};"
                       " systemctl restart curfew-controller; }")  # fmt: skip
        ask = ("for i in $(seq {0}); do curfew request host1 --for 15m --reason bench --policy restart-cron -o id"
               " -- /usr/bin/systemctl restart cron || exit; done")  # fmt: skip
        done = self.site.run("desk", "sh", "-c", ask.format(count), person="dev2", timeout=600)
        assert done.status == 0, f"{count} requests: {done.err.strip()[-300:]}"
        wait_for(lambda: held(self.site) >= count, 120, f"{count} grants to be live on {HOST}")


class Lines:
    """Lines of JSON from a script that runs on; silence for a minute is a failure of what is measured."""

    def __init__(self, pipe, script):
        self.pipe, self.script, self.rest = pipe, script, b""

    def next(self):
        while b"\n" not in self.rest:
            ready, _, _ = select.select([self.pipe], [], [], SILENCE_S)
            piece = os.read(self.pipe.fileno(), 65536) if ready else b""
            if not piece:
                raise LabError(f"{self.script} {'ended' if ready else f'said nothing for {SILENCE_S} s'}")
            self.rest += piece
        line, _, self.rest = self.rest.partition(b"\n")
        return json.loads(line)


def held(site):
    return len(re.findall(r"^# curfew g-", site.rules(HOST), re.MULTILINE))


def live(site):
    return site.curfew_json("owner1", "ls", "--live")
