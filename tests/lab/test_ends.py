# SPDX-License-Identifier: Apache-2.0
# What an end reaches when the account does not want it to: groups closed to root, groups with odd names, processes that lose
# their parent or hand themselves to at and cron. And what an end must not touch.

import re
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

    def test_sudo_of_a_service_that_nobody_logged_in_for_ends_with_its_grant(self):
        sudo = self.site.granted("dev1", "host1", "10m", "--policy", "only-sudo")
        self.start_service("ci-runner", "sudo -n sleep 5252 & until pgrep -x -U 0 -f 'sleep 5252'; do :; done; kill -9 $!; exec sleep 5253")
        self.start_service("ci-daemon", "sudo -n sh -c 'sleep 5254 & exit'; exec sleep 5255")
        for pattern in ("sleep 5252", "sleep 5254"):
            self.wait_for_root(pattern)
            self.leave_running(pattern)
        for pattern in ("sleep 5253", "sleep 5255"):
            self.wait_for_process(pattern)
        grant = self.give_back(sudo)
        self.assertGone("sleep 5252", "sleep 5254")
        self.assertEqual(grant["survivors"], [])
        self.assertRuns("sleep 5253", "sleep 5255")

    def without_pam(self, file, module):
        path = f"/etc/pam.d/{file}"
        self.site.must("host1", "sed", "-i.kept", f"/{module}/s/^/#/", path)
        self.addCleanup(self.site.must, "host1", "mv", f"{path}.kept", path)

    def test_where_sshd_holds_all_sessions_the_end_of_sudo_leaves_sshd_and_everybody_elses(self):
        """Neither a scope nor a login tells there whose a process is: what came since might be sudo's or somebody's connection."""
        self.without_pam("common-session", "pam_systemd")
        self.without_pam("sshd", "pam_loginuid")
        self.site.granted("dev1", "host1", "10m", "--policy", "only-login")
        sudo = self.site.granted("dev1", "host1", "10m", "--policy", "only-sudo")
        session = self.site.open_session("dev1", "host1", "echo opened; sudo -n sleep 8282; exec sleep 8283")
        session.wait_to_show("opened")
        self.addCleanup(session.close)
        self.wait_for_root("sleep 8282")
        self.assertRegex(self.site.must("host1", "cat", SESSIONS), r"system\.slice/ssh\.service \d+ g-\w+ sudo \d+")
        self.site.must("host1", "systemctl", "restart", "ssh")
        sshd = self.site.must("host1", "systemctl", "show", "--property=MainPID", "ssh")
        admin = self.site.open_session("ops1", "host1", "echo opened; sudo -n sleep 8284; exec sleep 8285")
        admin.wait_to_show("opened")
        self.addCleanup(admin.close)
        self.leave_running("sleep 8284")
        self.wait_for_root("sleep 8284")
        self.give_back(sudo)
        self.assertGone("sleep 8282")
        self.assertTrue(session.is_open(), "the login grant is live")
        self.assertTrue(admin.is_open())
        self.assertRuns("sleep 8284")
        self.assertEqual(self.site.must("host1", "systemctl", "show", "--property=MainPID", "ssh"), sshd)
        self.site.admin_is_well("host1")

    def start_service(self, unit, script):
        """A service of the system's that runs as dev1: nobody logs in for it."""
        self.site.must("host1", "systemd-run", "--quiet", f"--unit={unit}", "--uid=dev1", "bash", "-c", script)
        self.addCleanup(self.site.run, "host1", "systemctl", "stop", unit)

    def test_an_account_that_is_managed_no_more_keeps_its_gate_until_its_end_is_proved(self):
        request = self.site.granted("dev1", "host1", "5m", "--policy", "only-sudo")
        self.addCleanup(self.site.restore_policy)
        self.assertWorks(self.site.load_policy("version: 1\nmanaged: []\npolicies: []\n"))
        wait_for(lambda: "dev2" not in self.site.managed("host1"), 20, "dev2 to be managed no more")
        self.assertEqual(self.site.managed("host1")["dev1"][1], "sudo")
        self.start_service("ci-left", "sudo -n sh -c 'sleep 6211; :'")
        self.wait_for_root("sleep 6211")
        self.give_back(request)
        self.assertGone("sleep 6211")
        wait_for(lambda: "dev1" not in self.site.managed("host1"), 20, "dev1 to be managed no more")

    def test_a_lesser_sudo_grant_keeps_no_root_shell_of_a_wider_one(self):
        self.site.granted("dev1", "host1", "15m", "--policy", "restart-cron", "--", "/usr/bin/systemctl", "restart", "cron")
        self.site.granted("dev1", "host1", "10m", "--policy", "only-login")
        wider = self.site.granted("dev1", "host1", "5m", "--policy", "only-sudo")
        session = self.site.open_session("dev1", "host1", "echo opened; sudo -n sh -c 'sleep 5151; :'; exec sleep 5152")
        session.wait_to_show("opened")
        self.addCleanup(session.close)
        self.wait_for_root("sleep 5151")
        self.assertIn(f"{self.id_of(wider)} sudo", self.site.must("host1", "cat", SESSIONS))
        grant = self.give_back(wider)
        self.assertGone("sleep 5151")
        self.assertEqual(grant["survivors"], [])
        self.assertTrue(session.is_open(), "the login grant is live")

    def id_of(self, request):
        return self.site.show("dev1", request)["grants"][0]["id"]

    def test_su_in_a_login_leaves_it_to_the_grant_that_opened_it(self):
        self.site.must("host1", "chpasswd", stdin="dev1:a-shared-password\n")
        self.addCleanup(self.site.must, "host1", "usermod", "--lock", "dev1")
        self.site.granted("lead1", "host1", "30m", "--policy", "shared-dev1", approver="lead2")
        own = self.site.granted("dev1", "host1", "10m", "--policy", "only-login")
        session = self.site.open_session("dev1", "host1", "echo opened; su dev1 -c 'echo inside'; exec sleep 5454")
        session.wait_to_show("Password:")
        self.addCleanup(session.close)
        session.type("a-shared-password")
        session.wait_to_show("inside")
        self.assertIn(f"{self.id_of(own)} login", self.site.must("host1", "cat", SESSIONS))
        self.give_back(own)
        session.wait_to_end(5)

    def test_sudos_that_are_refused_are_nothing_that_a_grant_left(self):
        self.site.granted("dev1", "host1", "10m", "--policy", "only-login")
        sudo = self.site.granted("dev1", "host1", "10m", "--policy", "only-sudo")
        loop = "for i in 1 2 3 4; do (while :; do sudo -n true; done >/dev/null 2>&1) & done; echo opened; exec sleep 6363"
        session = self.site.open_session("dev1", "host1", loop)
        session.wait_to_show("opened")
        self.addCleanup(session.close)
        self.wait_for_process("sleep 6363")
        before = len(self.events("host1"))
        grant = self.give_back(sudo)
        self.assertEqual(grant["survivors"], [])
        after = self.events("host1")[before:]
        self.assertNotIn("residual", [event["kind"] for event in after])
        counted = [int(found[1]) for event in after if (found := re.match(r"(\d+) processes that sudo", event["detail"]))]
        self.assertLessEqual(sum(counted), 12, "no more than ran when the grant ended: in each loop sudo, its monitor (use_pty) and the command")
        self.assertTrue(session.is_open(), "the login grant is live")

    def test_an_account_with_hundreds_of_groups_holds_up_nobody_elses_end(self):
        self.site.granted("dev1", "host1", "30m", "--policy", "only-login")
        many = self.site.granted("dev1", "host1", "30m", "--policy", "only-sudo")
        one = "mkdir -p $U/f/{} && echo \\$\\$ >$U/f/{}/cgroup.procs && sudo -n true && setsid -f sleep 5757"
        self.start_own("flood", f'seq 300 | xargs -P4 -I"{{}}" sh -c "{one}"; exec sleep 5758')
        wait_for(lambda: len(self.site.processes_of("host1", "sleep 5757")) >= 300, 60, "300 groups with a sudo each")
        self.assertLess(len(self.site.must("host1", "cat", SESSIONS).splitlines()), 32)
        other = self.site.granted("dev2", "host1", "20m")
        session = self.site.open_session("dev2", "host1", "echo opened; exec sleep 5759")
        session.wait_to_show("opened")
        self.site.curfew("dev1", "return", many)
        self.site.curfew("owner1", "revoke", other, "--reason", "the test wants it")
        session.wait_to_end(30)
        grant = self.site.show("dev2", other)["grants"][0]["id"]
        took = [instant(self.wait_for_grant(grant, kind)["at"]) for kind in ("grant-ended", "session-ended")]
        self.assertLessEqual(took[1] - took[0], 1.0)

    def wait_for_grant(self, grant, kind):
        of_it = lambda: [event for event in self.events("host1", kind) if event["grant"] == grant]
        wait_for(of_it, 20, f"{kind} of {grant}")
        return of_it()[0]

    def test_odd_groups_empty_no_book_and_the_reaper_ends_all_of_it_alone(self):
        admin = self.site.open_session("ops1", "host1", "echo opened; exec sleep 9696")
        self.site.granted("dev2", "host1", "10m", "--policy", "only-login")
        self.site.granted("dev2", "host1", "25s", "--policy", "only-sudo")
        request = self.site.granted("dev1", "host1", "25s")
        end = instant(self.site.show("dev1", request)["grants"][0]["end"])
        stays = self.site.open_session("dev2", "host1", "echo opened; sudo -n sleep 9797; exec sleep 9898")
        session = self.site.open_session("dev1", "host1", "echo opened; exec sleep 9090")
        for one in (admin, stays, session):
            one.wait_to_show("opened")
            self.addCleanup(one.close)
        self.start_service("ci-plain", "sudo -n sleep 9595")
        self.start_service("ci-lost", "sudo -n sh -c 'sleep 9999 & exit'; exec sleep 9696")
        self.start_own("odd", "mkdir \"$U/x.é\"; echo $$ >\"$U/x.é/cgroup.procs\"; exec sudo -n sleep 9191")
        self.start_own("blank", "mkdir \"$U/a b\"; echo $$ >\"$U/a b/cgroup.procs\"; exec sudo -n sleep 9292")
        self.start_own("own", "exec sleep 9393")
        self.run_cron("sudo -n sleep 9494")
        for pattern in ("sleep 9191", "sleep 9292", "sleep 9494", "sleep 9595", "sleep 9797", "sleep 9999"):
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
        gone = ("sleep 9090", "sleep 9191", "sleep 9292", "sleep 9393", "sleep 9494", "sleep 9595", "sleep 9797", "sleep 9999")
        within = end + REAPER_S - time.time()
        wait_for(lambda: not any(self.site.processes_of("host1", one) for one in gone), within, "all of it to end")
        journal = self.site.must("host1", "journalctl", "-u", "curfew-reaper", "--since", "-1min", "-o", "cat")
        self.assertNotIn("not a session line", journal)
        self.assertTrue(stays.is_open(), "its login grant is live")
        self.assertTrue(admin.is_open())
        self.assertEqual(len(self.events("host1", "drift")), noise)

    def kill_enforcer(self):
        self.site.must("host1", "systemctl", "mask", "--runtime", "curfew-enforcer.service")
        self.site.must("host1", "systemctl", "kill", "--signal=SIGKILL", "curfew-enforcer.service")
        self.addCleanup(self.site.must, "host1", "systemctl", "start", "curfew-enforcer.service")
        self.addCleanup(self.site.must, "host1", "systemctl", "unmask", "--runtime", "curfew-enforcer.service")


if __name__ == "__main__":
    unittest.main()
