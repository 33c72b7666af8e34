# SPDX-License-Identifier: Apache-2.0
# The command on a lab whose hosts answer: waiting until usable, plain ssh as the right account, ends that come back proved,
# and a log that verifies.

import subprocess
import unittest

from curfewlab.curfew import read_json
from curfewlab.site import instant
from curfewlab.trial import Trial

REAPED_S = 30


class Command(Trial):
    def waiting(self, host):
        """dev1 asks with --wait; gives back the process and the request once it is there to be decided."""
        words = ["curfew", "request", host, "--for", "5m", "--reason", "wait", "--wait", "-o", "json"]
        process = self.site.lab.start("desk", words, "dev1", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(process.communicate)
        self.assertIn(b"pending", process.stderr.readline())
        return process, self.site.curfew_json("lead1", "ls", "--to-review")[0]["id"]

    def test_waiting_ends_when_it_is_usable(self):
        process, request = self.waiting("host1,host2")
        self.site.approve("lead1", request)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0, err)
        self.assertEqual([grant["state"] for grant in read_json(out.decode())["grants"]], ["active", "active"])
        for host in ("host1", "host2"):  # at once, not in a moment
            self.assertWorks(self.site.ssh("dev1", host, "sudo", "-n", "id", "-u"), "0\n")

    def test_ssh_finds_the_account_and_gives_back_its_status(self):
        self.site.granted("lead2", "host1", "5m", "--policy", "shared-dev1")
        self.assertWorks(self.site.curfew("lead2", "ssh", "host1", "--", "id", "-un"), "dev1\n")
        self.assertEqual(self.site.curfew("lead2", "ssh", "host1", "--", "exit 42").status, 42)
        refused = self.site.curfew("dev2", "ssh", "dev2@host1", "--", "true")
        self.assertEqual(refused.status, 255, str(refused))

    def test_a_revocation_comes_back_proved(self):
        request = self.site.granted("dev1", "host1", "5m")
        self.assertIn(request, [one["id"] for one in self.site.curfew_json("dev1", "ls", "--live")])
        ended = self.site.curfew_json("lead1", "revoke", request, "--reason", "enough")
        self.assertEqual((ended["state"], ended["grants"][0]["proof"]), ("revoked", "proved"))

    def test_a_host_that_is_cut_off_is_unconfirmed_until_it_returns(self):
        request = self.site.granted("dev1", "host1", "5m")
        self.site.lab.network.cut("host1")
        ended = self.site.curfew_json("lead1", "revoke", request, "--reason", "enough")
        grant = ended["grants"][0]
        self.assertEqual((ended["state"], grant["proof"]), ("revoking", "unconfirmed"))
        # Nothing lasts longer than its deadline and the thirty seconds that the reaper may need.
        self.assertEqual(instant(grant["unconfirmed_until"]) - instant(grant["end"]), REAPED_S)
        self.assertIn(request, [one["id"] for one in self.site.curfew_json("dev1", "ls", "--unconfirmed")])
        self.site.lab.network.heal("host1")
        self.site.wait_for_state("dev1", request, "revoked", within=90)
        self.assertEqual(self.site.show("dev1", request)["grants"][0]["proof"], "proved")

    def test_the_log_verifies(self):
        request = self.site.granted("dev1", "host1", "5m")
        self.site.curfew("dev1", "return", request)
        self.site.wait_for_state("dev1", request, "revoked")
        verified = self.site.curfew_json("audit1", "audit", "verify")
        self.assertTrue(verified["ok"], verified)
        self.assertEqual({chain["host"] for chain in verified["chains"]}, {None, "host1", "host2"})


if __name__ == "__main__":
    unittest.main()
