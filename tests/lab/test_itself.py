# SPDX-License-Identifier: Apache-2.0
# The lab keeps its own contract: statuses and streams pass through, a network can be cut and slowed, a reboot empties
# /run, and `down` leaves nothing behind, also when what it has to clear away died badly.

import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import unittest

from curfewlab.layout import STATE, cgroup_root

HERE = pathlib.Path(__file__).resolve().parent
NAME = "its" + os.environ.get("LAB_NAME", "elf")[:13]
CONNECT = "import socket; print(socket.create_connection(('host2', 22), 2).recv(7).decode())"


def lab(*words, stdin=None):
    environment = dict(os.environ, LAB_NAME=NAME)
    return subprocess.run([HERE / "lab", *words], input=stdin, capture_output=True, text=True, env=environment, check=False)


def traces():
    """Whatever on this machine still bears the lab's name."""
    namespaces = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    groups = cgroup_root().glob(f"curfew-lab-{NAME}*")
    mounts = pathlib.Path("/proc/self/mounts").read_text()
    found = [line for line in namespaces.splitlines() if line.startswith(f"curfew-{NAME}-")]
    found += [str(group) for group in groups]
    found += [line for line in mounts.splitlines() if f"/{NAME}/" in line]
    found += [str(place) for place in STATE.glob(f"{NAME}*")]
    found += [str(place) for place in pathlib.Path("/run/systemd/nspawn").glob(f"*/curfew-{NAME}-*")]
    return found


class LabItself(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        up = lab("up", "--bare", "--hosts", "2")
        if up.returncode != 0:
            raise AssertionError(up.stderr)

    @classmethod
    def tearDownClass(cls):
        lab("down")

    def test_streams_and_status_are_those_of_the_command(self):
        done = lab("run", "host1", "--", "sh", "-c", "cat; echo wrong >&2; exit 7", stdin="given")
        self.assertEqual((done.stdout, done.stderr, done.returncode), ("given", "wrong\n", 7))

    def test_arguments_arrive_as_given(self):
        done = lab("run", "host1", "--", "printf", "<%s>", "a b", "$HOME", "*", "--", "")
        self.assertEqual(done.stdout, "<a b><$HOME><*><--><>")

    def test_a_command_runs_in_a_cgroup_of_the_hosts_own_tree(self):
        done = lab("run", "host1", "--", "sh", "-c", "sed -n 's/^0:://p' /proc/self/cgroup")
        self.assertRegex(done.stdout, r"^/system\.slice/lab-[0-9a-f]+\.scope\n$")

    def test_its_own_failure_is_125_and_one_line(self):
        for words in (("run", "host9", "--", "true"), ("frobnicate",), ("up", "--vm"), ("up", "--image", "debian13"),
                      ("up", "--bare"), ("put", "host1", "/nonexistent", "/root/"), ("run", "host1"), ("as", "nobody2", "--", "id")):  # fmt: skip
            with self.subTest(words=words):
                done = lab(*words)
                self.assertEqual((done.returncode, done.stdout, done.stderr.count("\n")), (125, "", 1), done.stderr)

    def test_put_and_get_give_back_the_same_bytes_and_mode(self):
        with tempfile.TemporaryDirectory() as place:
            sent, came = pathlib.Path(place, "sent"), pathlib.Path(place, "came")
            sent.write_bytes(bytes(range(256)) * 100)
            sent.chmod(0o640)
            self.assertEqual(lab("put", "host1", str(sent), "/run/landed").returncode, 0)
            self.assertEqual(lab("run", "host1", "--", "stat", "-c", "%a", "/run/landed").stdout, "640\n")
            self.assertEqual(lab("get", "host1", "/run/landed", str(came)).returncode, 0)
            self.assertEqual(came.read_bytes(), sent.read_bytes())

    def test_a_cut_host_is_unreachable_until_healed(self):
        def reaches():
            return lab("run", "host1", "--", "python3", "-c", CONNECT)

        self.assertEqual(reaches().stdout, "SSH-2.0\n")
        self.assertEqual(lab("cut", "host2").returncode, 0)
        self.assertIn("TimeoutError", reaches().stderr)
        self.assertEqual(lab("heal", "host2").returncode, 0)
        self.assertEqual(reaches().stdout, "SSH-2.0\n")

    def test_a_slow_host_answers_no_sooner_than_its_delay_and_losing_all_is_silence(self):
        timed = "import socket, time; t = time.monotonic(); " + CONNECT.split("; ")[1] + "; print(time.monotonic() - t)"
        self.assertEqual(lab("slow", "host2", "--delay", "200ms").returncode, 0)
        self.assertGreater(float(lab("run", "host1", "--", "python3", "-c", timed).stdout.split()[1]), 0.4)
        self.assertEqual(lab("slow", "host2", "--loss", "100%").returncode, 0)
        self.assertIn("TimeoutError", lab("run", "host1", "--", "python3", "-c", CONNECT).stderr)
        self.assertEqual(lab("heal", "host2").returncode, 0)
        self.assertEqual(lab("run", "host1", "--", "python3", "-c", CONNECT).stdout, "SSH-2.0\n")

    def test_a_reboot_empties_run_and_keeps_the_disk(self):
        lab("run", "host2", "--", "touch", "/run/gone", "/root/kept")
        self.assertEqual(lab("reboot", "host2").returncode, 0)
        found = lab("run", "host2", "--", "ls", "/run/gone", "/root/kept")
        self.assertEqual((found.stdout, found.returncode), ("/root/kept\n", 2))

    def test_hosts_do_not_reach_the_machine(self):
        with socket.create_server(("0.0.0.0", 0)) as server:
            probe = f"import socket; socket.create_connection(('{self.address()}', {server.getsockname()[1]}), 1)"
            self.assertIn("Error", lab("run", "host1", "--", "python3", "-c", probe).stderr)

    @staticmethod
    def address():
        listed = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=False).stdout.split()
        return next((address for address in listed if "." in address), "192.0.2.1")

    def test_z_down_leaves_nothing_behind_after_a_crash(self):
        lab("slow", "host1", "--delay", "10ms")
        marks = [entry for entry in pathlib.Path("/proc").iterdir() if entry.name.isdigit() and self.is_nspawn(entry)]
        self.assertEqual(len(marks), 4)
        os.kill(int(marks[0].name), signal.SIGKILL)
        self.assertNotEqual(traces(), [])
        self.assertEqual(lab("down").returncode, 0)
        self.assertEqual(traces(), [])
        self.assertEqual(lab("ls").returncode, 125)

    @staticmethod
    def is_nspawn(entry):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return words[0] == b"systemd-nspawn" and any(word.startswith(f"--machine=curfew-{NAME}-".encode()) for word in words)


if __name__ == "__main__":
    unittest.main()
