# SPDX-License-Identifier: Apache-2.0
# Every verb against a real controller: exit codes, forms, the JSON of INTERFACES, and waiting. Hosts never answer here,
# so nothing becomes active; that is the lab's.

import json
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import unittest

import controller
import running

REQUEST = {"id": str, "state": str, "requester": str, "account": str, "what": dict, "duration_s": int, "reason": str, "ticket": str,
           "policy": str, "policy_version": int, "stages": list, "history": list, "grants": list}
GRANT = {"id", "host", "state", "start", "end", "ended_at", "cause", "proof", "proved_at", "unconfirmed_until", "survivors"}
HOST = {"name", "id", "labels", "online", "last_seen", "version", "format", "sudo", "sshd", "layers", "clock_offset_ms", "bundle",
        "drift", "tainted", "mode"}
EVENT = {"seq", "at", "source", "host", "boot", "kind", "severity", "actor", "request", "grant", "outcome", "before", "after", "detail", "prev",
         "hash"}
MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


class WithController(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.controller = controller.Controller()
        cls.addClassCleanup(cls.controller.close)
        cls.folder = cls.controller.folder
        for name in running.PEOPLE:
            setattr(cls, name, cls.controller.person(name))
        key = cls.folder / "dev1.key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        cls.key = pathlib.Path(str(key) + ".pub")
        done = cls.dev1.run("key", "add", str(cls.key))
        assert done.returncode == 0, done.stderr

    def check(self, done, code, *parts):
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        for part in parts:
            self.assertIn(part, done.stderr)
        return done.stdout

    def json_of(self, someone, *words, code=0):
        return json.loads(self.check(someone.run("-o", "json", *words), code))

    def ask(self, *words, someone=None):
        return self.check((someone or self.dev1).run("request", "host1", "--reason", "x", "-o", "id", *words), 0).strip()

    def test_login_refused(self):
        other = controller.program.Person(self.folder / "nobody")
        words = ("login", self.controller.url, "--ca", str(self.controller.authority), "--user", "dev1", "--password-file", "-")
        self.check(other.run(*words, text="wrong\n"), 4)
        self.assertFalse((self.folder / "nobody" / "curfew").exists())

    def test_keys(self):
        self.check(self.dev1.run("key", "add", str(self.key)), 1)
        self.assertIn("SHA256:", self.check(self.dev1.run("key", "ls"), 0))
        weak = self.folder / "weak"
        subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-b", "1024", "-N", "", "-f", weak], check=True)
        self.check(self.dev1.run("key", "add", str(weak) + ".pub"), 1)
        other = self.folder / "other"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", other], check=True)
        added = self.json_of(self.dev1, "key", "add", str(other) + ".pub")["id"]
        self.check(self.dev1.run("key", "rm", added), 0)
        self.check(self.dev1.run("key", "rm", added), 3, "curfew")
        self.assertNotIn(added, self.check(self.dev1.run("key", "ls", "-o", "id"), 0))

    def test_a_key_that_is_lost_ends_what_it_opens(self):
        lost = self.folder / "lost"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", lost], check=True)
        key = self.json_of(self.dev2, "key", "add", f"{lost}.pub")["id"]
        request = self.ask("--key", f"{lost}.pub", someone=self.dev2)
        waiting = self.ask("--key", f"{lost}.pub", someone=self.dev2)
        self.check(self.lead1.run("approve", request), 0)
        told = self.check(self.dev2.run("key", "rm", key), 0)
        self.assertIn(f"\n  curfew return {request}\n", told)
        self.assertNotIn(waiting, told)
        self.assertIn("ssh key", self.json_of(self.lead1, "approve", waiting)["failure"])
        self.assertEqual(self.json_of(self.dev2, "show", waiting)["state"], "failed")
        again = self.json_of(self.dev2, "key", "add", f"{lost}.pub")["id"]
        ended = self.json_of(self.dev2, "key", "rm", again, "--end-grants")
        self.assertEqual((ended["requests"], ended["ended"]), ([request], True))
        self.assertEqual(self.json_of(self.dev2, "show", request)["state"], "revoking")

    def test_a_request_has_the_shape_that_scripts_rely_on(self):
        request = self.json_of(self.dev1, "request", "host1,host2", "--for", "90m", "--reason", "look", "--ticket", "T-1")
        for name, kind in REQUEST.items():
            self.assertIsInstance(request[name], kind, name)
        self.assertEqual((request["state"], request["requester"], request["account"]), ("pending", "dev1", "dev1"))
        self.assertEqual((request["what"]["login"], request["what"]["sudo"], request["duration_s"]), (True, "all", 5400))
        self.assertEqual([(stage["need"], stage["have"]) for stage in request["stages"]], [(1, 0)])
        for step in request["history"]:
            self.assertRegex(step["at"], MOMENT)
        approved = self.json_of(self.lead1, "approve", request["id"], "--for", "30m", "--reason", "ok")
        self.assertEqual(approved["stages"][0]["decisions"][0]["by"], "lead1")
        self.assertEqual([grant["host"] for grant in approved["grants"]], ["host1", "host2"])
        for grant in approved["grants"]:
            self.assertLessEqual(GRANT, set(grant))
            self.assertRegex(grant["end"], MOMENT)
            self.assertEqual(grant["state"], "waiting")
        self.assertEqual(self.json_of(self.dev1, "show", request["id"])["state"], "provisioning")
        self.assertIn(request["id"], [one["id"] for one in self.json_of(self.dev1, "ls", "--mine")])

    def test_hosts_and_events_have_their_shape(self):
        hosts = self.json_of(self.dev1, "hosts")
        self.assertEqual([host["name"] for host in hosts], ["host1", "host2"])
        self.assertLessEqual(HOST, set(hosts[0]))
        self.assertEqual(self.check(self.dev1.run("hosts", "-o", "id"), 0), "host1\nhost2\n")
        self.ask()
        events = self.json_of(self.audit1, "audit", "ls")
        for event in events:
            self.assertLessEqual(EVENT, set(event))
            self.assertRegex(event["at"], MOMENT)
        self.assertIn("enrolled", {event["kind"] for event in events})
        self.assertEqual(self.json_of(self.audit1, "audit", "ls")[: len(events)], events)

    def test_who_sees_less_than_all_is_told(self):
        self.check(self.lead1.run("audit", "ls"), 0, "auditors and owners see all")
        self.assertNotIn("see all", self.audit1.run("audit", "ls").stderr)

    def test_an_unknown_policy_sends_nobody_to_a_list_of_requests(self):
        said = self.dev1.run("request", "host1", "--reason", "x", "--policy", "nope")
        self.check(said, 3, "there is no policy 'nope'", "the policy's file")
        self.assertNotIn("curfew ls", said.stderr)

    def test_audit_verify(self):
        self.ask()
        whole = self.json_of(self.audit1, "audit", "verify")
        self.assertTrue(whole["ok"], whole)
        self.assertGreater(whole["chains"][0]["events"], 0)
        self.assertEqual([(chain["source"], chain["host"]) for chain in whole["chains"]], [(None, None)])
        self.assertIn("whole", self.check(self.audit1.run("audit", "verify"), 0))
        self.check(self.dev1.run("audit", "verify"), 5, "auditors")

    def test_the_text_form_says_what_to_type_next(self):
        said = self.check(self.dev1.run("request", "host1", "--reason", "x"), 0)
        self.assertIn("group:leads", said)
        request = re.search(r"r-[0-9a-z]{20}", said)[0]
        self.assertIn(f"`curfew approve {request}`", said)
        said = self.check(self.lead1.run("approve", request), 0)
        self.assertIn("\n  ssh dev1@host1\n", said)
        self.assertIn(f"`curfew return {request}`", said)
        self.assertIn("ssh dev1@host1", self.check(self.dev1.run("show", request), 0))

    def test_times_are_local_with_offset_or_utc(self):
        request = self.ask()
        self.dev1.environment["TZ"] = "CET-1"
        self.addCleanup(self.dev1.environment.__setitem__, "TZ", "UTC")
        self.assertRegex(self.check(self.dev1.run("show", request), 0), r"\d\d:\d\d:\d\d\+01:00")
        self.assertRegex(self.check(self.dev1.run("show", request, "--utc"), 0), r"\d\d:\d\d:\d\dZ")

    def test_refusals_have_their_exit_code(self):
        request = self.ask()
        self.check(self.dev1.run("approve", request), 5)
        self.check(self.dev1.run("revoke", request, "--reason", "x"), 5, f"curfew withdraw {request}")
        self.check(self.dev2.run("approve", request), 3)  # not even visible
        self.check(self.dev1.run("show", "r-00000000000000000000"), 3)
        self.check(self.dev1.run("show", "nonsense"), 3)
        self.check(self.dev1.run("request", "nohost", "--reason", "x"), 3)
        self.check(self.dev1.run("request", "host1", "--reason", "x", "--for", "5h"), 5)
        self.check(self.dev1.run("request", "host1", "--reason", "x", "--as", "root"), 5)
        self.check(self.lead1.run("request", "host1", "--reason", "x"), 5)
        self.check(self.lead1.run("deny", request, "--reason", "no"), 0)
        self.check(self.lead1.run("approve", request), 8)
        self.check(self.dev1.run("withdraw", request), 8)

    def test_withdraw_return_revoke(self):
        request = self.ask()
        self.assertEqual(self.json_of(self.dev1, "withdraw", request)["state"], "withdrawn")
        request = self.ask()
        self.check(self.lead1.run("approve", request), 0)
        self.assertIn(self.json_of(self.dev1, "return", request)["state"], ("revoking", "revoked"))
        request = self.ask()
        self.check(self.lead1.run("approve", request), 0)
        self.check(self.dev2.run("revoke", request, "--reason", "x"), 3)
        self.assertIn(self.json_of(self.lead1, "revoke", request, "--reason", "enough")["state"], ("revoking", "revoked"))

    def test_extend_says_what_to_do_instead(self):
        self.check(self.dev1.run("extend", self.ask(), "--for", "1h"), 1, "curfew request HOST --for 1h")

    def test_lists_by_what_matters(self):
        request = self.ask()
        self.assertIn(request, self.check(self.lead1.run("ls", "--to-review", "-o", "id"), 0))
        self.assertNotIn(request, self.check(self.dev2.run("ls", "-o", "id"), 0))
        self.assertNotIn(request, self.check(self.dev1.run("ls", "--live", "-o", "id"), 0))
        self.assertEqual(self.json_of(self.dev1, "ls", "--unconfirmed"), [])
        self.assertIsInstance(self.json_of(self.audit1, "ls", "--alarms"), list)

    def test_an_automatic_policy_needs_nobody(self):
        request = self.json_of(self.dev1, "request", "host1", "--reason", "x", "--policy", "restart-nginx")
        self.assertEqual((request["state"], request["policy"]), ("provisioning", "restart-nginx"))

    def test_one_command_is_asked_for_exactly(self):
        request = self.json_of(self.dev1, "request", "host1", "--reason", "x", "--", "/usr/bin/systemctl", "restart", "nginx")
        self.assertEqual(request["what"]["sudo"], [["/usr/bin/systemctl", "restart", "nginx"]])
        alone = self.json_of(self.dev1, "request", "host1", "--reason", "x", "--login-only")
        self.assertEqual((alone["what"]["login"], alone["what"]["sudo"]), (True, None))

    def test_wait_ends_with_the_decision(self):
        waiting = self.dev1.start("request", "host1", "--reason", "wait", "--wait", "-o", "json", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertIn("pending", waiting.stderr.readline())
        request = self.request_of_reason("wait")
        self.check(self.lead1.run("deny", request), 0)
        out, _ = waiting.communicate(timeout=60)
        self.assertEqual(waiting.returncode, 5)
        self.assertEqual(json.loads(out)["state"], "denied")

    def request_of_reason(self, reason):
        return next(one["id"] for one in self.json_of(self.dev1, "ls", "--mine") if one["reason"] == reason)

    def test_wait_gives_up_after_its_timeout(self):
        done = self.dev1.run("request", "host1", "--reason", "x", "--wait", "--timeout", "1s")
        self.check(done, 6, "the request stays", "`curfew show r-")
        self.assertIn("pending", done.stdout)

    def test_wait_is_interrupted(self):
        waiting = self.dev1.start("request", "host1", "--reason", "interrupted", "--wait", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertIn("pending", waiting.stderr.readline())
        waiting.send_signal(signal.SIGINT)
        _, errors = waiting.communicate(timeout=60)
        self.assertEqual(waiting.returncode, 130)
        request = self.request_of_reason("interrupted")
        self.assertIn(f"`curfew show {request}`", errors)
        self.assertEqual(self.json_of(self.dev1, "show", request)["state"], "pending")

    def test_wait_outlives_a_controller_that_restarts(self):
        waiting = self.dev1.start("request", "host1", "--reason", "restart", "--wait", stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertIn("pending", waiting.stderr.readline())
        self.controller.stop()
        self.assertIn("silent", waiting.stderr.readline())
        self.check(self.dev1.run("ls"), 7, "keeps working")
        self.controller.start()
        self.check(self.lead1.run("deny", self.request_of_reason("restart")), 0)
        waiting.communicate(timeout=60)
        self.assertEqual(waiting.returncode, 5)

    def test_wait_shows_one_changing_line_on_a_terminal(self):
        ours, theirs = pty.openpty()
        waiting = self.dev1.start("request", "host1", "--reason", "x", "--wait", "--timeout", "1s", stdout=theirs, stderr=theirs)
        os.close(theirs)
        shown = b""
        while select.select([ours], [], [], 60)[0]:
            try:
                shown += os.read(ours, 4096)
            except OSError:  # EIO: the last holder of the other end is gone
                break
        os.close(ours)
        self.assertEqual(waiting.wait(timeout=60), 6)
        self.assertTrue(shown.startswith(b"\r\x1b[Kpending"), shown)

    def test_ssh_is_plain_ssh(self):
        folder = self.folder / "bin"
        folder.mkdir()
        said = self.folder / "ssh-was-given"
        fake = folder / "ssh"
        fake.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >{said}\nexit 42\n')
        fake.chmod(0o755)
        before = self.dev1.environment["PATH"]
        self.dev1.environment["PATH"] = f"{folder}:{before}"
        self.addCleanup(self.dev1.environment.__setitem__, "PATH", before)
        self.check(self.dev1.run("ssh", "dev1@host1", "--", "ls", "-la", "a b"), 42)
        self.assertEqual(said.read_text().splitlines(), ["-l", "dev1", "--", "host1", "ls", "-la", "a b"])
        self.check(self.dev1.run("ssh", "host1"), 42, "no live grant", "`curfew request host1")
        self.assertEqual(said.read_text().splitlines(), ["--", "host1"])


if __name__ == "__main__":
    unittest.main()
