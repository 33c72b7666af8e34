# SPDX-License-Identifier: Apache-2.0
# Each layer of expiry alone (DESIGN §6): the others are switched off, the deadline passes, and access still ends.

import time
import unittest

from curfewlab.curfew import wait_for
from curfewlab.site import instant
from curfewlab.trial import Trial

REAPER_S = 30
BACKGROUND = "sleep 471118"


class Layers(Trial):
    def grant_for(self, seconds):
        request = self.site.granted("dev1", "host1", f"{seconds}s")
        return instant(self.site.show("dev1", request)["grants"][0]["end"])

    def stop(self, *units):
        """Stops for good: what restarts by itself or by a socket would be another layer."""
        self.site.must("host1", "systemctl", "stop", *units)

    def kill_enforcer(self):
        self.site.must("host1", "systemctl", "mask", "--runtime", "curfew-enforcer.service")
        self.site.must("host1", "systemctl", "kill", "--signal=SIGKILL", "curfew-enforcer.service")
        self.addCleanup(self.site.must, "host1", "systemctl", "start", "curfew-enforcer.service")
        self.addCleanup(self.site.must, "host1", "systemctl", "unmask", "--runtime", "curfew-enforcer.service")

    def wait_for_time(self, moment):
        wait_for(lambda: time.time() > moment, moment - time.time() + 5, "the deadline")

    def without_gate(self):
        """Takes the PAM module out of the way, as a site's own mistake might."""
        self.site.must("host1", "pam-auth-update", "--package", "--disable", "curfew", "curfew-hint")
        self.addCleanup(self.site.must, "host1", "pam-auth-update", "--package", "--enable", "curfew", "curfew-hint")

    def test_the_reaper_ends_rule_key_and_session_when_the_enforcer_is_dead(self):
        end = self.grant_for(12)
        session = self.site.open_session("dev1", "host1", f"setsid {BACKGROUND} & echo opened; cat")
        session.wait_to_show("opened")
        self.kill_enforcer()
        self.assertTrue(self.site.has_rule("host1", "dev1"))
        ended = session.wait_to_end(end - time.time() + REAPER_S + 5)
        self.assertLessEqual(ended - end, REAPER_S)
        self.assertGreaterEqual(ended - end, -1.0)
        wait_for(lambda: not self.site.has_rule("host1", "dev1"), end + REAPER_S - time.time(), "the rule to go")
        wait_for(lambda: not self.site.key_lines("host1", "dev1"), end + REAPER_S - time.time(), "the key to go")
        self.assertEqual(self.site.processes_of("host1", BACKGROUND), [])

    def test_the_dates_alone_refuse(self):
        end = self.grant_for(10)
        self.assertWorks(self.site.ssh("dev1", "host1", "sudo", "-n", "id", "-u"), "0\n")
        self.kill_enforcer()
        self.stop("curfew-reaper.timer", "curfew-gate.socket")
        self.without_gate()
        self.assertWorks(self.site.ssh("dev1", "host1", "sudo", "-n", "id", "-u"), "0\n")
        self.wait_for_time(end)
        self.assertTrue(self.site.has_rule("host1", "dev1"), "another layer took the rule away")
        self.assertTrue(self.site.key_lines("host1", "dev1"), "another layer took the key away")
        self.assertLoginRefused("dev1", "host1")
        self.assertSudoRefused("host1", "dev1")

    def test_the_gate_alone_refuses(self):
        end = self.grant_for(8)
        self.stop("curfew-reaper.timer")
        self.site.must("host1", "sh", "-ec", "umask 337; echo 'dev1 ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/left-behind")
        self.addCleanup(self.site.must, "host1", "rm", "-f", "/etc/sudoers.d/left-behind")
        self.assertWorks(self.site.sudo("host1", "dev1", "id", "-u"), "0\n")
        self.wait_for_time(end)
        self.assertSudoRefused("host1", "dev1")
        done, denied = self.site.login_by_left_key("dev1", "host1")
        self.assertEqual((done.status, done.out, denied), (255, "", 1), str(done))

    def test_the_enforcers_timer_alone_ends_everything(self):
        end = self.grant_for(8)
        session = self.site.open_session("dev1", "host1", f"setsid {BACKGROUND} & echo opened; cat")
        session.wait_to_show("opened")
        self.stop("curfew-reaper.timer")
        self.without_gate()
        session.wait_to_end(end - time.time() + 10)
        self.assertFalse(self.site.has_rule("host1", "dev1"))
        self.assertEqual(self.site.key_lines("host1", "dev1"), [])
        self.assertEqual(self.site.processes_of("host1", BACKGROUND), [])

    def test_a_reboot_alone_revokes_and_a_valid_grant_comes_back_only_from_the_bundle(self):
        self.grant_for(600)
        self.site.must("host1", "systemctl", "disable", "curfew-enforcer.service", "curfew-link.service")
        self.addCleanup(self.site.must, "host1", "systemctl", "enable", "curfew-enforcer.service", "curfew-link.service")
        self.site.lab.machine("host1").reboot()
        self.assertFalse(self.site.has_rule("host1", "dev1"))
        self.assertLoginRefused("dev1", "host1")
        self.assertSudoRefused("host1", "dev1")
        self.site.admin_is_well("host1")
        self.site.must("host1", "systemctl", "start", "curfew-enforcer.service")
        self.assertEqual(self.site.wait_until_usable("dev1", "host1").out, "0\n")

    def test_a_reboot_during_a_grant_does_not_lengthen_it(self):
        end = self.grant_for(15)
        self.site.lab.machine("host1").reboot()
        self.assertEqual(self.site.wait_until_usable("dev1", "host1").out, "0\n")
        self.wait_for_time(end + 1)
        self.assertFalse(self.site.has_rule("host1", "dev1"))
        self.assertLoginRefused("dev1", "host1")

    def test_a_reboot_across_the_deadline_brings_nothing_back(self):
        end = self.grant_for(6)
        machine = self.site.lab.machine("host1")
        machine.power_off()
        self.wait_for_time(end)
        machine.reboot()
        self.assertFalse(self.site.has_rule("host1", "dev1"))
        self.assertLoginRefused("dev1", "host1")


if __name__ == "__main__":
    unittest.main()
