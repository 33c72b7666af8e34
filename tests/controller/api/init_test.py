# SPDX-License-Identifier: Apache-2.0
"""`init`: what it makes, for whom to read, and that it is done wholly, once."""
import os
import stat
import unittest

import house


class Init(unittest.TestCase):
    def setUp(self):
        self.house = house.Controller()
        self.addCleanup(self.house.close)
        self.house.init()

    def test_init_makes_secrets_that_only_the_owner_reads(self):
        for name in ("bundle.key", "lease.key", "revoker.key", "ca.key", "root/root.key", "store.db"):
            self.assertEqual(stat.S_IMODE(os.stat(self.house.state / name).st_mode), 0o600, name)
        self.assertEqual(stat.S_IMODE(os.stat(self.house.state).st_mode), 0o700)
        seeds = {(self.house.state / name).read_bytes() for name in ("bundle.key", "lease.key", "revoker.key", "root/root.key")}
        self.assertEqual({len(seed) for seed in seeds}, {32})
        self.assertEqual(len(seeds), 4)

    def test_init_twice_changes_nothing(self):
        before = {path: path.read_bytes() for path in self.house.state.rglob("*.key")}
        again = self.house.run("init", check=False)
        self.assertEqual(again.returncode, 1)
        self.assertIn("initialised before", again.stderr)
        self.assertEqual(before, {path: path.read_bytes() for path in self.house.state.rglob("*.key")})

    def test_init_that_was_cut_short_can_be_done_again(self):
        """As a power cut leaves it: a file found no place, and those after it were never written."""
        for name in ("ca.crt", "roles.sealed", "bundle.key"):
            other = house.Controller()
            self.addCleanup(other.close)
            in_its_way = other.state / name
            in_its_way.mkdir(parents=True)
            cut = other.run("init", "--name", "localhost", check=False)
            self.assertEqual(cut.returncode, 1, name)
            in_its_way.rmdir()
            (other.state / "root/root.key").unlink()
            other.run("init", "--name", "localhost")
            self.assertEqual(other.run("user", "ls", check=False).returncode, 0, name)

    def test_the_root_key_goes_where_it_is_told_and_serving_needs_none(self):
        other = house.Controller()
        self.addCleanup(other.close)
        place = other.folder / "offline"
        done = other.run("init", "--name", "localhost", "--root-key-dir", str(place))
        self.assertEqual(done.stdout.strip(), str(place / "root.key"))
        self.assertIn("take it offline", done.stderr)
        self.assertFalse((other.state / "root").exists())
        (self.house.state / "root/root.key").unlink()
        self.house.start()
        self.assertEqual(self.house.ask("GET", "/healthz").status, 200)

    def test_init_with_a_bad_name_makes_nothing(self):
        other = house.Controller()
        self.addCleanup(other.close)
        for name in ("bad name", "a,IP:192.0.2.1", ""):
            done = other.run("init", "--name", name, check=False)
            self.assertEqual(done.returncode, 1, name)
            self.assertIn("not a DNS name or IP address; give what people and hosts dial", done.stderr)
        self.assertFalse(other.state.exists())
        self.assertFalse(other.settings.exists())


if __name__ == "__main__":
    unittest.main()
