# SPDX-License-Identifier: Apache-2.0
# What every lab test starts from and must leave behind: everything running, nobody holding a grant, the invariants true.

import unittest

from .curfew import read_json, wait_for
from .invariants import check_invariants
from .layout import HOST_PATTERN
from .site import Site

OVER = ("revoked", "denied", "withdrawn", "lapsed", "failed")


class Trial(unittest.TestCase):
    """A test on the shared lab. Checks I1 to I5 after itself, whatever it did."""

    def setUp(self):
        self.site = Site()
        self.hosts = [host for host in self.site.lab.hosts() if HOST_PATTERN.fullmatch(host)]
        self.addCleanup(self.settle)

    def settle(self):
        for host in self.hosts:
            self.site.lab.network.heal(host)
            self.site.must(host, "systemctl", "start", "curfew-gate.socket", "curfew-enforcer", "curfew-link", "curfew-reaper.timer")
        self.site.start_controller()
        for host in self.hosts:
            wait_for(lambda host=host: self.is_online(host), 60, f"{host} to be online again")
        for request in self.site.curfew_json("owner1", "ls"):
            self.end(request)
        check_invariants(self.site)

    def is_online(self, host):
        done = self.site.curfew("owner1", "hosts", "-o", "json")
        return done.status == 0 and any(entry["name"] == host and entry["online"] for entry in read_json(done.out))

    def end(self, request):
        if request["state"] in OVER:
            return
        if request["state"] == "pending":
            self.site.curfew("lead1", "deny", request["id"], "--reason", "the test is over")
            return
        self.site.curfew("owner1", "revoke", request["id"], "--reason", "the test is over")
        wait_for(lambda: self.site.show("owner1", request["id"])["state"] in OVER, 60, f"{request['id']} to end")

    # What tests ask again and again.

    def assertWorks(self, done, out=None):
        self.assertEqual(done.status, 0, str(done))
        if out is not None:
            self.assertEqual(done.out, out, str(done))

    def assertLoginRefused(self, person, host, account=None):
        done = self.site.ssh(person, host, "true", account=account)
        self.assertEqual(done.status, 255, str(done))

    def assertSudoRefused(self, host, account, *command):
        done = self.site.sudo(host, account, *(command or ("id", "-u")))
        self.assertNotEqual(done.status, 0, str(done))
        self.assertEqual(done.out, "", str(done))

    def events(self, host=None, kind=None):
        return [
            event
            for event in self.site.curfew_json("audit1", "audit", "ls")
            if host in (None, event["host"]) and kind in (None, event["kind"])
        ]

    def alarms(self):
        return len(self.site.curfew_json("owner1", "ls", "--alarms"))

    def wait_for_event(self, host, kind, after, within=20):
        """Waits for an event of that kind that was not there when `after` events were; gives back the new ones."""
        wait_for(lambda: len(self.events(host, kind)) > after, within, f"a {kind} event of {host}")
        return self.events(host, kind)[after:]
