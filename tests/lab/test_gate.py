# SPDX-License-Identifier: Apache-2.0
# The gate across stop, start, restart and upgrade, and the sandbox around the enforcer: after a boot in which nobody has
# used sudo yet, with every directory of ours swapped for another, with links planted in its place.

import unittest

from curfewlab.curfew import newer_package, package_for, wait_for
from curfewlab.site import instant
from curfewlab.trial import Trial

SOCKET = "/run/curfew/gate.sock"
DIRECTORIES = ("/run/curfew/keys", "/run/curfew/sudoers.d", "/run/curfew/banner")
EXCHANGE = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
if libc.renameat2(-100, sys.argv[1].encode(), -100, sys.argv[2].encode(), 2) != 0:
    sys.exit(os.strerror(ctypes.get_errno()))
"""


class TheGate(Trial):
    def inode(self):
        return self.site.must("host1", "stat", "-c", "%i %a %U", SOCKET)

    def installed(self):
        return self.site.must("host1", "dpkg-query", "--show", "--showformat=${Version}", "curfew-agent")

    def assertGateWorks(self):
        self.assertEqual(self.site.wait_until_usable("dev1", "host1").out, "0\n")
        self.assertLoginRefused("dev2", "host1")
        self.assertSudoRefused("host1", "dev2")
        self.site.admin_is_well("host1")

    def test_the_socket_stays_the_same_and_the_answers_too(self):
        self.site.granted("dev1", "host1", "10m")
        before = self.inode()
        self.assertEqual(before.split()[1:], ["600", "root"])
        made, version = newer_package(self.site.lab, "host1")
        self.site.lab.put("host1", made, "/root/newer.deb")
        install = ("env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--install")
        self.addCleanup(self.site.must, "host1", *install, f"/root/{package_for('host1').name}")
        for name, action in {
            "stop and start": ("sh", "-ec", "systemctl stop curfew-enforcer; systemctl start curfew-enforcer"),
            "restart": ("systemctl", "restart", "curfew-enforcer"),
            "kill": ("systemctl", "kill", "--signal=SIGKILL", "curfew-enforcer"),
            "upgrade": (*install, "/root/newer.deb"),
            "the way back": (*install, f"/root/{package_for('host1').name}"),
        }.items():
            with self.subTest(name):
                self.site.must("host1", *action)
                self.assertEqual(self.inode(), before)
                self.assertEqual(self.installed() == version, name == "upgrade")
                self.assertGateWorks()

    def test_a_stopped_enforcer_gives_nobody_more(self):
        self.site.must("host1", "systemctl", "stop", "curfew-enforcer")
        self.assertSudoRefused("host1", "dev2")
        self.assertLoginRefused("dev2", "host1")
        self.site.admin_is_well("host1")

    def test_a_grant_after_a_boot_in_which_nobody_used_sudo(self):
        self.site.lab.machine("host1").reboot()
        self.assertEqual(self.site.run("host1", "ls", "-A", "/run/sudo/ts").out, "", "somebody used sudo already")
        wait_for(lambda: self.is_online("host1"), 30, "host1 to be online")
        request = self.site.granted("dev1", "host1", "10m")
        self.assertWorks(self.site.ssh("dev1", "host1", "sudo", "-n", "id", "-u"), "0\n")
        self.site.curfew("dev1", "return", request)
        self.site.wait_until_refused("dev1", "host1")
        self.site.wait_for_state("dev1", request, "revoked")

    def test_a_warning_reaches_the_terminal_before_the_session_ends(self):
        request = self.site.granted("dev1", "host1", "8s")
        end = instant(self.site.show("dev1", request)["grants"][0]["end"])
        session = self.site.open_session("dev1", "host1", "tty; echo opened; cat")
        session.wait_to_show("opened")
        self.assertIn("/dev/pts/", session.shown)
        ended = session.wait_to_end(30)
        told = session.shown.partition("opened")[2]
        self.assertIn("curfew", told)
        self.assertGreaterEqual(ended, end - 2)

    def test_each_directory_swapped_still_gives_and_takes(self):
        for directory in DIRECTORIES:
            with self.subTest(directory):
                swap = f"mv {directory} {directory}.swapped && mkdir -p -m 755 {directory}"
                self.site.must("host1", "sh", "-ec", swap)
                request = self.site.granted("dev1", "host1", "10m")
                self.assertEqual(self.site.wait_until_usable("dev1", "host1").out, "0\n")
                self.site.curfew("dev1", "return", request)
                self.site.wait_until_refused("dev1", "host1")
                self.assertFalse(self.site.has_rule("host1", "dev1"))
                self.assertEqual(self.site.key_lines("host1", "dev1"), [])
                self.site.must("host1", "rm", "-rf", f"{directory}.swapped")

    def test_a_link_in_place_of_a_directory_is_not_followed(self):
        elsewhere = "/home/dev2/elsewhere"
        for directory in DIRECTORIES[:2]:
            with self.subTest(directory):
                self.site.must("host1", "install", "-d", "-o", "dev2", elsewhere)
                alarms = self.alarms()
                # One renameat2: the enforcer mends a directory that is missing faster than a second command can be typed.
                self.site.must("host1", "sh", "-ec", f"ln -s {elsewhere} {directory}.link")
                self.site.must("host1", "python3", "-c", EXCHANGE, f"{directory}.link", directory)
                request = self.site.request("dev1", "host1", "5m")
                self.site.approve("lead1", request)
                wait_for(lambda n=alarms: self.alarms() > n, 20, "an alarm")
                self.assertEqual(self.site.must("host1", "ls", "-A", elsewhere), "")
                mend = f"if [ -L {directory} ]; then rm {directory}; mv {directory}.link {directory}; fi; rm -rf {directory}.link"
                self.site.must("host1", "sh", "-ec", mend)
                self.site.must("host1", "rm", "-rf", elsewhere)
                self.end(self.site.show("dev1", request))


if __name__ == "__main__":
    unittest.main()
