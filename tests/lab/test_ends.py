# SPDX-License-Identifier: Apache-2.0
# What an end reaches when the account does not want it to: groups closed to root, groups with odd names, processes that lose
# their parent or hand themselves to at and cron. And what an end must not touch.

import time
import unittest

from curfewlab.curfew import wait_for
from curfewlab.site import instant
from curfewlab.trial import Trial

SESSIONS = "/run/curfew/sessions"
REAPER_S = 30
# Stands for the account's own service manager in what is typed at its shell.
OWN = "U=/sys/fs/cgroup/user.slice/user-$(id -u).slice/user@$(id -u).service; "


class Ends(Trial):
    def as_dev1(self, script):
        """What somebody logged in to host1 by ssh types; services of their own manager stay."""
        self.assertWorks(self.site.ssh("dev1", "host1", f"set -e; {OWN}{script}"))

    def start_own(self, unit, script):
        """Runs it in the account's own service manager, out of the login's scope."""
        self.as_dev1(f"systemd-run --quiet --user --unit={unit} sh -c '{OWN}{script}'")

    def wait_for_process(self, pattern):
        wait_for(lambda: self.site.processes_of("host1", pattern), 10, f"{pattern} to run")

    def wait_for_root(self, pattern):
        """Waits for one that runs as root: sudo's child, not sudo on its way."""
        wait_for(lambda: self.site.run("host1", "pgrep", "-x", "-U", "0", "-f", pattern).out, 10, f"{pattern} to run as root")

    def run_cron(self, script):
        """A job of dev1's that the real cron begins at once."""
        self.site.must("host1", "crontab", "-u", "dev1", "-", stdin=f"@reboot {script}\n")
        self.addCleanup(self.site.run, "host1", "crontab", "-u", "dev1", "-r")
        self.site.must("host1", "sh", "-c", "rm -f /run/crond.reboot && systemctl restart cron.service")

    def leave_running(self, pattern):
        """It must outlive the end that is tested, so somebody has to end it."""
        self.addCleanup(self.site.run, "host1", "pkill", "-x", "-f", pattern)

    def give_back(self, request):
        self.site.curfew("dev1", "return", request)
        self.site.wait_for_state("dev1", request, "revoked")
        grant = self.site.show("dev1", request)["grants"][0]
        self.assertEqual(grant["proof"], "proved")
        return grant

    def assertGone(self, *patterns):
        for pattern in patterns:
            self.assertEqual(self.site.processes_of("host1", pattern), [], pattern)

    def assertRuns(self, *patterns):
        for pattern in patterns:
            self.assertNotEqual(self.site.processes_of("host1", pattern), [], pattern)

    def test_a_service_manager_that_the_account_closed_to_us_ends_with_its_login(self):
        self.site.must("host1", "loginctl", "enable-linger", "dev1")
        self.addCleanup(self.site.run, "host1", "loginctl", "disable-linger", "dev1")
        self.site.granted("dev1", "host1", "10m", "--policy", "only-sudo")
        request = self.site.granted("dev1", "host1", "10m", "--policy", "only-login")
        self.start_own("ling", "exec sleep 7070")
        self.wait_for_process("sleep 7070")
        self.as_dev1("chmod 700 $U")
        grant = self.give_back(request)
        self.assertGone("sleep 7070")
        self.assertEqual(grant["survivors"], [])

    def test_what_sudo_started_ends_wherever_it_went_and_nothing_else_does(self):
        self.site.granted("dev1", "host1", "10m", "--policy", "only-login")
        sudo = self.site.granted("dev1", "host1", "10m", "--policy", "only-sudo")
        session = self.site.open_session("dev1", "host1", "echo opened; exec sleep 7171")
        session.wait_to_show("opened")
        self.addCleanup(session.close)
        self.start_own("solo", "exec sudo -n sleep 7272")
        self.start_own("orphan", "sudo -n sleep 7373 & until pgrep -x -U 0 -f \"sleep 7373\"; do :; done; kill -9 $!; sleep 7474")
        self.run_cron("sudo -n sleep 7575 & until pgrep -x -U 0 -f 'sleep 7575'; do :; done; kill -9 $!; exec sleep 7676")
        for pattern in ("sleep 7272", "sleep 7373", "sleep 7575"):
            self.wait_for_root(pattern)
        self.wait_for_process("sleep 7676")
        self.leave_running("sleep 7676")
        self.as_dev1("chmod 700 $U/app.slice/solo.service")
        admin = self.site.open_session("ops1", "host1", "sudo -n sleep 7777 & sudo -n -u dev1 sleep 7878 & echo opened; wait")
        admin.wait_to_show("opened")
        self.addCleanup(admin.close)
        self.wait_for_root("sleep 7777")
        self.wait_for_process("sleep 7878")
        self.leave_running("sleep 7777")
        self.leave_running("sleep 7878")
        grant = self.give_back(sudo)
        self.assertGone("sleep 7272", "sleep 7373", "sleep 7575")
        self.assertEqual(grant["survivors"], [])
        self.assertTrue(session.is_open(), "the login grant is live")
        self.assertRuns("sleep 7171", "sleep 7676", "sleep 7777", "sleep 7878")

    def test_what_at_and_cron_adopted_goes_on_and_is_listed(self):
        request = self.site.granted("dev1", "host1", "10m")
        self.as_dev1("echo 'exec sleep 8080' | at now 2>/dev/null")
        self.run_cron("exec sleep 8181")
        for pattern in ("sleep 8080", "sleep 8181"):
            self.wait_for_process(pattern)
            self.leave_running(pattern)
        survivors = {int(one["pid"]): one["unit"] for one in self.give_back(request)["survivors"]}
        for pattern, unit in (("sleep 8080", "system.slice/atd.service"), ("sleep 8181", "system.slice/cron.service")):
            pid = int(self.site.processes_of("host1", pattern)[0])
            self.assertEqual(survivors.get(pid), unit, survivors)

    def test_odd_groups_empty_no_book_and_the_reaper_ends_all_of_it_alone(self):
        request = self.site.granted("dev1", "host1", "20s")
        end = instant(self.site.show("dev1", request)["grants"][0]["end"])
        session = self.site.open_session("dev1", "host1", "echo opened; exec sleep 9090")
        session.wait_to_show("opened")
        self.start_own("odd", "mkdir \"$U/x.é\"; echo $$ >\"$U/x.é/cgroup.procs\"; exec sudo -n sleep 9191")
        self.start_own("blank", "mkdir \"$U/a b\"; echo $$ >\"$U/a b/cgroup.procs\"; exec sudo -n sleep 9292")
        self.start_own("own", "exec sleep 9393")
        self.run_cron("sudo -n sleep 9494")
        for pattern in ("sleep 9191", "sleep 9292", "sleep 9494"):
            self.wait_for_root(pattern)
        self.wait_for_process("sleep 9393")
        noise = len(self.events("host1", "drift"))
        book = self.site.must("host1", "cat", SESSIONS)
        self.assertRegex(book, r"user\.slice/user-\d+\.slice/session-\w+\.scope \d+ g-\w+ login")
        self.site.must("host1", "systemctl", "restart", "curfew-enforcer")
        self.assertEqual(sorted(self.site.must("host1", "cat", SESSIONS).split("\n")), sorted(book.split("\n")))
        self.kill_enforcer()
        ended = session.wait_to_end(end - time.time() + REAPER_S + 5)
        self.assertLessEqual(ended - end, REAPER_S)
        gone = ("sleep 9090", "sleep 9191", "sleep 9292", "sleep 9393", "sleep 9494")
        within = end + REAPER_S - time.time()
        wait_for(lambda: not any(self.site.processes_of("host1", one) for one in gone), within, "all of it to end")
        journal = self.site.must("host1", "journalctl", "-u", "curfew-reaper", "--since", "-1min", "-o", "cat")
        self.assertNotIn("not a session line", journal)
        self.assertEqual(len(self.events("host1", "drift")), noise)

    def kill_enforcer(self):
        self.site.must("host1", "systemctl", "mask", "--runtime", "curfew-enforcer.service")
        self.site.must("host1", "systemctl", "kill", "--signal=SIGKILL", "curfew-enforcer.service")
        self.addCleanup(self.site.must, "host1", "systemctl", "start", "curfew-enforcer.service")
        self.addCleanup(self.site.must, "host1", "systemctl", "unmask", "--runtime", "curfew-enforcer.service")


if __name__ == "__main__":
    unittest.main()
