# SPDX-License-Identifier: Apache-2.0
"""What the admin's verbs tell somebody who did something that works, or cannot work, otherwise than they think."""
import os
import shutil
import subprocess
import unittest

import house


class Admin(unittest.TestCase):
    def setUp(self):
        self.house = house.Controller()
        self.addCleanup(self.house.close)
        self.house.init()

    def load(self, text):
        policy = self.house.folder / "policy.yaml"
        policy.write_text(text)
        return self.house.run("policy", "load", str(policy)).stderr

    def test_a_policy_that_nobody_can_approve_is_in_force_with_a_warning(self):
        self.assertIn("warning: policy web-root needs the yes of 1 from group:leads", self.load(house.POLICY))
        self.house.add_person("lead1", "leads", house.PASSWORD)
        self.assertNotIn("warning", self.load(house.POLICY))
        self.house.run("user", "disable", "lead1")
        self.assertIn("warning: policy web-root", self.load(house.POLICY))

    def test_who_waits_hears_of_what_an_admin_does(self):
        self.house.populate()
        self.house.start()
        self.house.enrol("host1", self.house.new_token("--label", "env=lab", "--label", "role=web"))
        dev, lead = self.house.login("dev1"), self.house.login("lead1")
        self.house.ask("POST", "/v1/keys", {"key": house.make_key(self.house.folder, "k")}, dev)
        request = self.house.ask("POST", "/v1/requests", {"hosts": ["host1"], "reason": "x"}, dev).json
        waiting = self.house.connect()
        path = f"/v1/requests/{request['id']}?wait=60&seen={request['revision']}"
        waiting.request("GET", path, headers={"Authorization": f"Bearer {lead}"})
        self.house.run("user", "disable", "dev1")
        self.assertIn(b'"withdrawn"', waiting.getresponse().read(), "later, this connection would have given up")
        waiting.close()

    def test_help_names_ports_and_exit_codes(self):
        said = self.house.run("--help").stdout
        for part in ("7443", "7444", "2 usage", "man curfew-controller"):
            self.assertIn(part, said)

    def test_a_policy_that_gives_what_no_gate_guards_is_in_force_with_a_warning(self):
        self.assertIn("warning: policy web-root gives sudo", self.load(house.POLICY.replace("gate: [login, sudo]", "gate: [login]")))

    @unittest.skipUnless(os.geteuid() == 0, "needs another account to run as")
    def test_who_may_not_look_is_sent_to_root_not_to_init(self):
        private = self.house.folder / "private"
        private.mkdir(mode=0o700)
        self.house.folder.chmod(0o711)
        self.house.settings.chmod(0o644)
        # The build may lie where nobody else may look.
        program = shutil.copy(house.PROGRAM, self.house.folder / "curfew-controller")
        words = [program, "--dir", private, "--config", self.house.settings, "user", "ls"]
        done = subprocess.run(words, user=65534, group=65534, extra_groups=[], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("run it as root", done.stderr)
        self.assertNotIn("init", done.stderr)


if __name__ == "__main__":
    unittest.main()
