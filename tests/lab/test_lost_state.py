# SPDX-License-Identifier: Apache-2.0
# A real host that lost what it knew, and one whose link was taken over: nobody gets in by it, root is heard, and the
# controller's word puts it right without anybody's help.

import unittest

from curfewlab.curfew import wait_for
from curfewlab.trial import Trial

STATE = "/var/lib/curfew/state/state.db"
# As many connections as it gets, half of them in the middle of a frame; then it waits to be ended.
HOARD = (
    "use Socket; $SIG{PIPE} = q(IGNORE);"
    "for my $n (1 .. 40) { socket(my $s, AF_UNIX, SOCK_STREAM, 0); connect($s, sockaddr_un(q(/run/curfew/link.sock))) or exit 3;"
    " syswrite($s, q(half)) if $n % 2; push @all, $s }"
    "open(my $f, q(>), q(/run/hoard/ready)); close($f); sleep"
)


class LostState(Trial):
    def test_a_host_that_lost_its_state_stays_shut_says_so_and_comes_back(self):
        request = self.site.granted("dev1", "host1", "10m")
        known = len(self.events("host1", "recovered"))
        self.site.must("host1", "systemctl", "stop", "curfew-link")
        self.site.must("host1", "sh", "-ec", f"systemctl stop curfew-enforcer; rm {STATE}*; systemctl start curfew-enforcer")
        self.assertLoginRefused("dev1", "host1")
        self.assertLoginRefused("dev2", "host1")
        self.assertSudoRefused("host1", "dev1")
        done = self.site.run("host1", "curfew-agent", "doctor")
        self.assertEqual(done.status, 1, str(done))
        self.assertIn("the bundle of this host is lost", done.out)
        self.assertIn("curfew-link", done.out)
        ended = self.site.run("host1", "curfew-agent", "revoke-all")
        self.assertWorks(ended)
        self.assertIn("comes back with the bundle", ended.err)
        self.site.must("host1", "systemctl", "start", "curfew-link")
        self.assertEqual(self.site.wait_until_usable("dev1", "host1", within=30).status, 0)
        self.assertLoginRefused("dev2", "host1")
        # The record goes on: what happens now reaches the controller, also the proof of an end.
        self.wait_for_event("host1", "recovered", known)
        self.site.curfew("dev1", "return", request)
        self.site.wait_for_state("dev1", request, "revoked")
        self.assertEqual(self.site.show("dev1", request)["grants"][0]["proof"], "proved")
        self.assertEqual(self.site.run("host1", "curfew-agent", "doctor").status, 0)

    def test_a_taken_over_link_cannot_keep_root_from_revoke_all(self):
        self.site.granted("dev1", "host2", "10m")
        self.site.must("host2", "sh", "-ec", "install -d -o curfew /run/hoard; rm -f /run/hoard/ready")
        self.site.must("host2", "systemd-run", "--unit=hoard", "--uid=curfew", "perl", "-e", HOARD)
        self.addCleanup(self.site.run, "host2", "systemctl", "stop", "hoard")
        wait_for(lambda: self.site.run("host2", "test", "-e", "/run/hoard/ready").status == 0, 10, "the hoard of connections")
        self.assertWorks(self.site.run("host2", "curfew-agent", "status"))
        self.assertWorks(self.site.run("host2", "curfew-agent", "revoke-all"))
        self.assertLoginRefused("dev1", "host2")
        self.assertFalse(self.site.has_rule("host2", "dev1"))


if __name__ == "__main__":
    unittest.main()
