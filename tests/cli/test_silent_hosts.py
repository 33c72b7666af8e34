# SPDX-License-Identifier: Apache-2.0
# Hosts and people that never answer, and a controller that gives up on them after a second: what --wait and the asker are told.

import json
import subprocess
import unittest

import controller


class SilentHosts(unittest.TestCase):
    def setUp(self):
        self.controller = controller.Controller('acknowledge_within = "1s"\npending_for = "1s"\n')
        self.addCleanup(self.controller.close)
        self.dev1 = self.controller.person("dev1")
        key = self.controller.folder / "key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        self.assertEqual(self.dev1.run("key", "add", f"{key}.pub").returncode, 0)

    def test_waiting_fails_and_the_asker_is_told_once(self):
        done = self.dev1.run("request", "host1", "--reason", "x", "--policy", "restart-nginx", "--wait", "-o", "json")
        self.assertEqual(done.returncode, 1, done.stderr)
        request = json.loads(done.stdout)
        self.assertEqual((request["state"], request["grants"][0]["state"]), ("failed", "failed"))
        told = self.dev1.run("ls")
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn(request["id"], told.stderr)
        self.assertEqual(self.dev1.run("ls").stderr, "")

    def test_waiting_for_people_who_do_not_decide_ends_with_lapsed(self):
        done = self.dev1.run("request", "host1", "--reason", "x", "--policy", "web-root", "--wait", "-o", "json")
        self.assertEqual(done.returncode, 8, done.stderr)
        self.assertEqual(json.loads(done.stdout)["state"], "lapsed")


if __name__ == "__main__":
    unittest.main()
