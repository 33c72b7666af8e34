# SPDX-License-Identifier: Apache-2.0
# A managed account of a directory service that comes late, is away while the enforcer starts, and comes back: it stays gated
# by its name all the time, and its own key never lets it in. The directory is systemd's: a JSON record under /run/userdb.

import json
import unittest

from curfewlab.curfew import wait_for
from curfewlab.site import POLICY_WITH
from curfewlab.trial import Trial

UID, UNSEEN = 5001, 4294967295


class Directory(Trial):
    def setUp(self):
        super().setUp()
        # One for each test: what a host has once known of an account is part of what is tested.
        self.account = "dir-" + self._testMethodName.split("_")[1]
        self.addCleanup(self.forget)
        home = f"/home/{self.account}/.ssh"
        make = f"install -d -o {UID} -g {UID} /home/{self.account}; install -d -m 700 -o {UID} -g {UID} {home}; " \
            f"install -m 600 -o {UID} -g {UID} /dev/stdin {home}/authorized_keys"  # fmt: skip
        key = self.site.must("desk", "cat", "/home/dev1/.ssh/id_ed25519.pub")
        self.site.must("host1", "sh", "-ec", make, stdin=key)

    def forget(self):
        self.site.restore_policy()
        self.go_away()
        self.site.must("host1", "rm", "-rf", f"/home/{self.account}")
        wait_for(lambda: self.account not in self.site.managed("host1"), 20, f"{self.account} to be managed no more")

    def come(self):
        user = {"userName": self.account, "uid": UID, "gid": UID, "homeDirectory": f"/home/{self.account}", "shell": "/bin/bash"}
        for name, record in (("user", user), ("group", {"groupName": self.account, "gid": UID})):
            text = json.dumps(dict(record, disposition="regular"))
            self.site.must("host1", "mkdir", "-p", "/run/userdb")
            self.site.must("host1", "sh", "-ec", f"cat >/run/userdb/{self.account}.{name}", stdin=text)
            self.site.must("host1", "ln", "-sf", f"{self.account}.{name}", f"/run/userdb/{UID}.{name}")
        self.assertEqual(self.site.must("host1", "id", "-u", self.account), f"{UID}\n")

    def go_away(self):
        self.site.must("host1", "rm", "-rf", "/run/userdb")
        self.assertNotEqual(self.site.run("host1", "id", "-u", self.account).status, 0)

    def restart(self):
        self.site.must("host1", "systemctl", "restart", "curfew-enforcer")

    def log_in(self):
        return self.site.ssh("dev1", "host1", "id", "-un", account=self.account)

    def manage(self):
        self.assertWorks(self.site.load_policy(POLICY_WITH.format(account=self.account)))
        wait_for(lambda: self.account in self.site.managed("host1"), 20, f"{self.account} to be managed")
        told = f"Match User {self.account}\n"
        wait_for(lambda: told in self.site.run("host1", "cat", "/run/curfew/.sshd.told").out, 20, "sshd to be told")

    def test_it_is_gated_by_its_name_whether_the_directory_knows_it_or_not(self):
        self.come()
        self.assertWorks(self.log_in(), f"{self.account}\n")
        self.go_away()
        self.manage()
        self.assertEqual(self.site.managed("host1")[self.account], (UNSEEN, "both"))
        self.come()
        self.assertLoginRefused("dev1", "host1", account=self.account)
        self.restart()
        wait_for(lambda: self.site.managed("host1")[self.account] == (UID, "both"), 10, "its uid to be known")
        self.assertLoginRefused("dev1", "host1", account=self.account)

        self.go_away()
        self.restart()
        self.assertEqual(self.site.managed("host1")[self.account], (UID, "both"))
        self.come()
        self.assertLoginRefused("dev1", "host1", account=self.account)
        keys = self.site.must("host1", "sshd", "-T", "-C", f"user={self.account},host=x,addr=192.0.2.1")
        self.assertIn("\nauthorizedkeysfile /run/curfew/keys/%u\n", keys)

    def test_a_grant_on_it_rides_out_a_directory_that_is_away(self):
        self.come()
        self.manage()
        request = self.site.granted("dev1", "host1", "10m", "--policy", "odd")
        self.assertWorks(self.log_in(), f"{self.account}\n")
        self.go_away()
        self.restart()
        self.come()
        self.assertWorks(self.log_in(), f"{self.account}\n")
        # As long as its end is unproved the account stays managed.
        self.end(self.site.show("dev1", request))

    def test_another_uid_is_another_account(self):
        self.come()
        self.manage()
        request = self.site.granted("dev1", "host1", "10m", "--policy", "odd")
        moved = "sed -i 's/5001/5002/' /run/userdb/*.user; mv /run/userdb/5001.user /run/userdb/5002.user"
        self.site.must("host1", "sh", "-ec", moved)
        self.restart()
        self.site.wait_for_state("dev1", request, "revoked")
        self.assertEqual(self.site.show("dev1", request)["grants"][0]["cause"], "condition")
        self.assertLoginRefused("dev1", "host1", account=self.account)


if __name__ == "__main__":
    unittest.main()
