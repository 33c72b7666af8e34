# SPDX-License-Identifier: Apache-2.0
# Names that mean something else to sudo or sshd, and other bad input at the command line and in the policy: one clear
# error with its place, nothing changed; and a real account called ALL gets what it was granted and nobody else does.

import unittest

from curfewlab.curfew import read_json, wait_for
from curfewlab.site import POLICY_WITH
from curfewlab.trial import Trial

DENIED, USAGE = 5, 2
ODD = ("a,b", "%sudo", "#0", "", "-x", "a b", "a/../b", "ünï", "x" * 300, "a\nb", "root")


class Names(Trial):
    def version(self):
        request = self.site.request("dev1", "host1", "5m")
        shown = self.site.show("dev1", request)
        self.site.curfew("dev1", "withdraw", request)
        return shown["policy_version"]

    def test_a_policy_with_an_odd_account_is_refused_whole_with_its_place(self):
        before = self.version()
        for account in ODD:
            with self.subTest(account=account[:20]):
                quoted = '"' + account.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
                done = self.site.load_policy(POLICY_WITH.format(account=quoted))
                self.assertEqual(done.status, 1, str(done))
                self.assertRegex(done.err.strip(), r"trial\.yaml:[0-9]+:[0-9]+: [^\n]+$")
        self.assertEqual(self.version(), before)

    def test_policies_that_are_no_policies(self):
        good = POLICY_WITH.format(account="svc")
        for name, text in {
            "empty": "",
            "no YAML": "version: [1",
            "unknown key": good.replace("account: self", "acount: self"),
            "key twice": good.replace("version: 1", "version: 1\nversion: 1"),
            "anchor": good.replace("account: self", "account: &x self"),
            "wildcard": good.replace("sudo: all", "sudo: [[/usr/bin/cat, '*']]"),
            "negation": good.replace("sudo: all", "sudo: [['!/usr/bin/cat']]"),
            "other version": good.replace("version: 1", "version: 2"),
            "binary": "\x00\x01\x02",
        }.items():
            with self.subTest(name):
                done = self.site.load_policy(text)
                self.assertEqual(done.status, 1, str(done))
                self.assertRegex(done.err.strip(), r"trial\.yaml:[0-9]+:[0-9]+: [^\n]+$")

    def test_a_request_with_an_odd_account_or_command_is_refused_in_one_line(self):
        for words in (("--as", "a,b"), ("--as", "%sudo"), ("--as", "#0"), ("--as", "root"), ("--as", "ALL"),
                      ("--", "/usr/bin/cat", "*"), ("--", "cat", "x"), ("--", "!/usr/bin/id"), ("--", "/usr/bin/id", "a b"),
                      ("--", "/usr/bin/cat", "x\ny"), ("--", "/usr/bin/"), ("--for", "10x"), ("--for", "900h"), ("--for", "-1h")):  # fmt: skip
            with self.subTest(words=words):
                tail = [] if "--for" in words else ["--for", "5m"]
                done = self.site.curfew("dev1", "request", "host1", "--reason", "odd", *tail, *words)
                self.assertIn(done.status, (DENIED, USAGE, 1), str(done))
                self.assertEqual(done.out, "", str(done))
                self.assertLessEqual(len(done.err.strip().splitlines()), 2, str(done))
        self.assertEqual([entry for entry in self.site.curfew_json("dev1", "ls", "--mine") if entry["reason"] == "odd"], [])

    def test_real_accounts_named_like_sudo_words(self):
        """`ALL` and `first.last` are names that Unix allows; the rule must mean that account only."""
        self.addCleanup(self.site.restore_policy)
        for account in ("ALL", "first.last"):
            with self.subTest(account):
                make = f"id {account} 2>/dev/null || useradd --badname --create-home --shell /bin/bash {account}"
                self.site.must("host1", "sh", "-c", make)
                done = self.site.load_policy(POLICY_WITH.format(account=account))
                if done.status != 0:
                    self.assertRegex(done.err.strip(), r"trial\.yaml:[0-9]+:[0-9]+: [^\n]+$")
                    continue
                request = self.site.request("dev1", "host1", "5m", "--policy", "odd")
                self.site.wait_for_state("dev1", request, "active")
                self.assertWorks(self.site.sudo("host1", account, "id", "-u"), "0\n")
                self.assertWorks(self.site.ssh("dev1", "host1", "id -un", account=account), f"{account}\n")
                for other in ("dev1", "dev2"):
                    self.assertSudoRefused("host1", other)
                    self.assertLoginRefused(other, "host1")
                self.site.curfew("dev1", "return", request)
                wait_for(lambda a=account: self.site.sudo("host1", a, "true").status != 0, 10, "the end")

    def name_of_dev1s_uid(self, name):
        """One more name of dev1's uid, which a directory service would give without a line of its own; and a key in its home."""
        line = f"line=$(sed -n 's/^dev1:/{name}:/p' $file); echo \"$line\" >>$file"
        self.site.must("host1", "sh", "-ec", f"for file in /etc/passwd /etc/shadow; do {line}; done")
        self.addCleanup(self.site.must, "host1", "sed", "-i", f"/^{name}:/d", "/etc/passwd", "/etc/shadow")
        self.own_key("dev1")

    def own_key(self, account):
        key = self.site.must("desk", "cat", "/home/dev1/.ssh/id_ed25519.pub")
        keys = f"/home/{account}/.ssh/authorized_keys"
        make = f"install -d -m 700 -o {account} -g {account} /home/{account}/.ssh; install -m 600 -o {account} -g {account} /dev/stdin {keys}"
        self.site.must("host1", "sh", "-ec", make, stdin=key)
        self.addCleanup(self.site.must, "host1", "rm", "-f", keys)

    def warning_of_doctor(self, name):
        checks = read_json(self.site.run("host1", "curfew-agent", "doctor", "-o", "json").out)["checks"]
        return [check["detail"] for check in checks if f"answers to the name {name} too" in check["detail"]]

    def test_another_spelling_of_a_managed_name_is_that_name(self):
        self.name_of_dev1s_uid("DEV1")
        refused = len(self.events("host1", "denied"))
        self.assertLoginRefused("dev1", "host1", account="DEV1")
        self.assertIn("another spelling", self.wait_for_event("host1", "denied", refused)[0]["detail"])
        self.assertEqual(len(self.warning_of_doctor("DEV1")), 1)
        self.site.granted("dev1", "host1", "5m")
        self.assertLoginRefused("dev1", "host1", account="DEV1")
        self.assertWorks(self.site.ssh("dev1", "host1", "sudo", "-n", "id", "-u"), "0\n")
        self.site.admin_is_well("host1")

    def test_an_account_of_its_own_is_free_though_its_name_differs_by_case_alone(self):
        self.site.must("host1", "useradd", "--badname", "--create-home", "--shell", "/bin/bash", "DEV1")
        self.addCleanup(self.site.must, "host1", "userdel", "--force", "--remove", "DEV1")
        self.own_key("DEV1")
        self.assertWorks(self.site.ssh("dev1", "host1", "id", "-un", account="DEV1"), "DEV1\n")
        self.assertLoginRefused("dev1", "host1")

    def test_a_login_under_a_grant_that_is_slow_to_open_is_nobody_who_came_around_the_gate(self):
        self.site.granted("dev1", "host1", "10m")
        pam = "/etc/pam.d/common-session"
        self.site.must("host1", "sed", "-i.kept", "/pam_curfew/i session optional pam_exec.so quiet /usr/bin/sleep 11", pam)
        self.addCleanup(self.site.must, "host1", "mv", f"{pam}.kept", pam)
        slow = self.site.open_session("dev1", "host1", "echo opened; exec sleep 7181")
        self.addCleanup(slow.close)
        wait_for(lambda: self.site.processes_of("host1", "/usr/bin/sleep 11"), 10, "its session to be on its way")
        self.site.must("host1", "touch", "/etc/passwd")
        slow.wait_to_show("opened", 20)
        self.assertTrue(slow.is_open())

    def test_a_login_by_another_name_of_a_managed_uid_is_ended_and_nothing_else(self):
        early = self.login_from_before_it_was_managed("early")
        self.site.granted("dev1", "host1", "10m")
        own = self.site.open_session("dev1", "host1", "echo opened; exec sleep 7171")
        own.wait_to_show("opened")
        self.site.must("host1", "loginctl", "enable-linger", "dev1")
        self.addCleanup(self.site.must, "host1", "loginctl", "disable-linger", "dev1")
        self.site.must("host1", "crontab", "-u", "dev1", "-", stdin="@reboot exec sleep 7172\n")
        self.addCleanup(self.site.must, "host1", "crontab", "-u", "dev1", "-r")
        self.site.must("host1", "sh", "-c", "rm -f /run/crond.reboot && systemctl restart cron.service")
        wait_for(lambda: self.site.processes_of("host1", "sleep 7172"), 10, "cron to run a job of dev1")
        manager = self.site.must("host1", "systemctl", "show", "--property=MainPID", "user@1000.service")

        self.name_of_dev1s_uid("other")
        ended = len(self.events("host1", "session-ended"))
        stranger = self.site.open_session("dev1", "host1", "id -u; echo opened; exec sleep 7173", account="other")
        stranger.wait_to_show("opened")
        self.site.must("host1", "touch", "/etc/passwd")
        stranger.wait_to_end(20)
        told = self.wait_for_event("host1", "session-ended", ended)
        self.assertEqual([(event["severity"], event["actor"]) for event in told], [("alarm", "dev1")])
        self.assertIn("came around the gate", told[0]["detail"])
        self.assertEqual(len(self.warning_of_doctor("other")), 1)
        self.assertEqual(self.site.processes_of("host1", "sleep 7173"), [])
        for name, holds in {
            "the session under the grant": own.is_open(),
            "the login from before its account was managed": early.is_open(),
            "cron's job": self.site.processes_of("host1", "sleep 7172") != [],
        }.items():
            self.assertTrue(holds, name)
        self.assertEqual(self.site.must("host1", "systemctl", "show", "--property=MainPID", "user@1000.service"), manager)
        self.site.must("host1", "pkill", "-x", "-f", "sleep 7172")
        own.close()

    def login_from_before_it_was_managed(self, account):
        self.site.must("host1", "sh", "-c", f"id {account} 2>/dev/null || useradd --create-home --shell /bin/bash {account}")
        self.own_key(account)
        session = self.site.open_session("dev1", "host1", "echo opened; exec sleep 7174", account=account)
        session.wait_to_show("opened")
        self.addCleanup(self.site.restore_policy)
        self.addCleanup(session.close)
        self.assertWorks(self.site.load_policy(POLICY_WITH.format(account=account)))
        wait_for(lambda: account in self.site.managed("host1"), 20, f"{account} to be managed")
        return session

    def test_usage_errors_say_so_and_leave_2(self):
        for words in ((), ("request",), ("request", "host1"), ("approve",), ("frobnicate",), ("request", "host1", "--for")):
            with self.subTest(words=words):
                done = self.site.curfew("dev1", *words)
                self.assertEqual((done.status, done.out), (USAGE, ""), str(done))
        self.assertEqual(self.site.curfew("dev1", "show", "r-00000000000000000000").status, 3)
        self.assertEqual(self.site.curfew("dev1", "request", "nohost", "--reason", "x").status, 3)


if __name__ == "__main__":
    unittest.main()
