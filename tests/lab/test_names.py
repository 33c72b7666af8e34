# SPDX-License-Identifier: Apache-2.0
# Names that mean something else to sudo or sshd, and other bad input at the command line and in the policy: one clear
# error with its place, nothing changed; and a real account called ALL gets what it was granted and nobody else does.

import unittest

from curfewlab.curfew import wait_for
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

    def test_usage_errors_say_so_and_leave_2(self):
        for words in ((), ("request",), ("request", "host1"), ("approve",), ("frobnicate",), ("request", "host1", "--for")):
            with self.subTest(words=words):
                done = self.site.curfew("dev1", *words)
                self.assertEqual((done.status, done.out), (USAGE, ""), str(done))
        self.assertEqual(self.site.curfew("dev1", "show", "r-00000000000000000000").status, 3)
        self.assertEqual(self.site.curfew("dev1", "request", "nohost", "--reason", "x").status, 3)


if __name__ == "__main__":
    unittest.main()
