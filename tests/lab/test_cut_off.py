# SPDX-License-Identifier: Apache-2.0
# A host behind a dead or a bad network: a grant that it never acknowledges fails and never comes alive later; an end that
# it cannot confirm is UNCONFIRMED with the latest moment it can last; delay and loss double nothing.

import unittest

from curfewlab.curfew import wait_for
from curfewlab.site import instant
from curfewlab.trial import Trial

SETTINGS = "/etc/curfew/controller.toml"


class CutOff(Trial):
    def setUp(self):
        super().setUp()
        self.site.must("controller", "cp", "-p", SETTINGS, "/run/settings")
        self.addCleanup(self.restart_controller, f"cp -p /run/settings {SETTINGS}")
        quick = 'acknowledge_within = "6s"\\nconfirm_within = "3s"\\n'
        self.restart_controller(f"printf '{quick}' >>{SETTINGS}")
        wait_for(lambda: self.is_online("host1") and self.is_online("host2"), 60, "both hosts to be online")

    def restart_controller(self, change):
        self.site.must("controller", "sh", "-ec", f"{change}; systemctl restart curfew-controller")

    def test_a_host_that_does_not_acknowledge_makes_the_grant_fail_for_ever(self):
        self.site.lab.network.cut("host2")
        request = self.site.request("dev1", "host2", "10m")
        self.site.approve("lead1", request)
        self.site.wait_for_state("dev1", request, "failed", within=30)
        self.assertNotEqual(self.site.show("dev1", request)["failure"], "")
        self.site.lab.network.heal("host2")
        wait_for(lambda: self.is_online("host2"), 60, "host2 to be online")
        wait_for(lambda: self.bundle("host2")["acked"] == self.bundle("host2")["version"], 30, "host2 to have the newest bundle")
        grant = self.site.show("dev1", request)["grants"][0]["id"]
        self.assertNotIn("grant-active", [event["kind"] for event in self.events("host2") if event["grant"] == grant])
        self.assertFalse(self.site.has_rule("host2", "dev1"))
        self.assertLoginRefused("dev1", "host2")

    def bundle(self, host):
        return next(entry for entry in self.site.curfew_json("owner1", "hosts") if entry["name"] == host)["bundle"]

    def test_one_request_for_two_hosts_of_which_one_is_cut_off(self):
        self.site.lab.network.cut("host2")
        request = self.site.request("dev1", "host1,host2", "10m")
        self.site.approve("lead1", request)
        self.site.wait_for_state("dev1", request, "active")
        self.assertEqual(self.site.wait_until_usable("dev1", "host1").out, "0\n")

        def states():
            return {grant["host"]: grant["state"] for grant in self.site.show("dev1", request)["grants"]}

        wait_for(lambda: states()["host2"] == "failed", 30, "host2's grant to fail")
        self.assertEqual(states()["host1"], "active")

    def test_an_end_that_cannot_be_confirmed_says_how_long_it_can_last(self):
        request = self.site.granted("dev1", "host2", "10m")
        end = instant(self.site.show("dev1", request)["grants"][0]["end"])
        self.site.lab.network.cut("host2")
        done = self.site.curfew("lead1", "revoke", request, "--reason", "cut off")
        self.assertWorks(done)

        def grant():
            return self.site.show("dev1", request)["grants"][0]

        wait_for(lambda: grant()["proof"] == "unconfirmed", 30, "the end to be unconfirmed")
        until = instant(grant()["unconfirmed_until"])
        # The reaper may need thirty seconds more when the enforcer is dead (P1).
        self.assertLessEqual(until, end + 30)
        self.assertIn(request, [entry["id"] for entry in self.site.curfew_json("lead1", "ls", "--unconfirmed")])
        self.assertTrue(self.site.has_rule("host2", "dev1"), "a cut-off host cannot know of it yet")
        self.site.lab.network.heal("host2")
        wait_for(lambda: grant()["proof"] == "proved", 60, "the end to be proved")
        self.assertFalse(self.site.has_rule("host2", "dev1"))

    def test_delay_and_loss_double_nothing(self):
        self.site.lab.network.slow("host2", 0.15, 0.10)
        request = self.site.request("dev2", "host2", "10m")
        self.site.approve("lead1", request)
        self.site.wait_for_state("dev2", request, "active", within=30)
        self.site.curfew("dev2", "return", request)
        self.site.wait_for_state("dev2", request, "revoked", within=60)
        grant = self.site.show("dev2", request)["grants"][0]["id"]
        kinds = [event["kind"] for event in self.events("host2") if event["grant"] == grant]
        for kind in ("grant-intent", "grant-active", "grant-ended", "receipt"):
            self.assertEqual(kinds.count(kind), 1, kinds)


if __name__ == "__main__":
    unittest.main()
