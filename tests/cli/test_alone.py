# SPDX-License-Identifier: Apache-2.0
# The command without a controller: usage, exit codes, and peers that are none or that lie.

import json
import os
import pathlib
import socket
import ssl
import stat
import subprocess
import tempfile
import unittest

import peer
import program

REQUEST = {
    "id": "r-0000000000000000000a", "state": "pending", "requester": "dev1", "account": "dev1", "what": {"login": True},
    "duration_s": 60, "reason": "x", "ticket": "", "policy": "p", "policy_version": 1, "stages": [], "history": [], "grants": [],
    "revision": 1, "sentence": "s",
}


class Alone(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="curfew-cli-")
        self.addCleanup(place.cleanup)
        self.folder = pathlib.Path(place.name)
        self.identity = peer.make_identity(self.folder, "controller")
        self.token = self.folder / "token"
        self.token.write_text("the-token\n")

    def person_at(self, url, certificate=None):
        someone = program.Person(self.folder, url, self.token)
        home = self.folder / "curfew"
        home.mkdir(exist_ok=True)
        (home / "ca.crt").write_bytes((certificate or self.identity[0]).read_bytes())
        return someone

    def check(self, done, code, *parts):
        self.assertEqual(done.returncode, code, done.stderr)
        for part in parts:
            self.assertIn(part, done.stderr)
        if code != 0:
            self.assertNotIn("the-token", done.stdout + done.stderr)

    def test_usage_errors_say_what_to_type(self):
        someone = program.Person(self.folder)
        self.check(someone.run("request", "host1"), 2, "--reason", "`curfew request --help`")
        self.check(someone.run("nope"), 2, "no verb 'nope'")
        self.check(someone.run("key", "nope"), 2, "no verb 'nope'", "`curfew key --help`")
        self.check(someone.run("ls", "--nope"), 2, "no option '--nope'", "`curfew ls --help`")
        self.check(someone.run("--nope"), 2, "no option '--nope'")
        self.check(someone.run("show", "a", "b"), 2, "'b' is one word too many")
        self.check(someone.run(), 2, "say what to do", "`curfew --help`")
        self.check(someone.run("key"), 2, "say what to do")

    def test_without_a_terminal_nothing_is_asked(self):
        someone = program.Person(self.folder)
        self.check(someone.run("login", "https://127.0.0.1:1"), 2, "--user NAME --password-file FILE")
        self.check(someone.run("login", "https://127.0.0.1:1", "--user", "dev1"), 2, "--password-file")

    def test_a_url_that_is_none_is_a_mistake_of_typing(self):
        for url in ("https://127.0.0.1:99999", "https://127.0.0.1:port", "https://[::1", "http://127.0.0.1:7443", "127.0.0.1"):
            someone = program.Person(self.folder)
            typed = someone.run("login", url, "--user", "dev1", "--password-file", "-", text="a long password")
            self.check(typed, 2, "give https://HOST:PORT")
            self.check(self.person_at(url).run("ls"), 2, "https://HOST:PORT")

    def test_not_logged_in(self):
        self.check(program.Person(self.folder).run("ls"), 4, "`curfew login URL --ca FILE`")
        self.check(program.Person(self.folder, "https://127.0.0.1:1").run("ls"), 4, "`curfew login`")

    def test_nobody_listens(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        self.check(self.person_at(f"https://127.0.0.1:{port}").run("ls"), 7, "keeps working and ends on time")

    def test_a_peer_that_cannot_prove_itself_hears_nothing(self):
        other = peer.make_identity(self.folder, "other")
        with peer.Peer(other, [reply_page()]) as liar:
            self.check(self.person_at(liar.url).run("ls"), 1, "--ca FILE")
        self.assertEqual(liar.heard, [])

    def test_a_certificate_for_another_name_is_refused(self):
        named = peer.make_identity(self.folder, "named", "DNS:elsewhere.example")
        with peer.Peer(named, [reply_page()]) as liar:
            self.check(self.person_at(liar.url, named[0]).run("ls"), 1, "use one of the `names`")
        self.assertEqual(liar.heard, [])

    def test_old_tls_is_refused(self):
        rsa = self.folder / "rsa.crt", self.folder / "rsa.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", rsa[1], "-out", rsa[0], "-days",
                             "2", "-subj", "/CN=x", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        with peer.Peer(rsa, [reply_page()], ssl.TLSVersion.TLSv1_1) as old:
            done = self.person_at(old.url, rsa[0]).run("ls")
        self.check(done, 7, "protocol version")
        self.assertEqual(old.heard, [])
        with peer.Peer(rsa, [reply_page()], ssl.TLSVersion.TLSv1_2) as fine:
            self.check(self.person_at(fine.url, rsa[0]).run("hosts"), 0)

    def test_a_redirect_is_not_followed(self):
        with peer.Peer(self.identity, [peer.reply(302, "", extra="Location: https://127.0.0.1:1/\r\n")]) as lost:
            self.check(self.person_at(lost.url).run("ls"), 1, "302")

    def test_an_answer_that_is_no_json(self):
        with peer.Peer(self.identity, [peer.reply(200, "<html>", "text/html")]) as web:
            self.check(self.person_at(web.url).run("hosts"), 1, "no JSON", "`curfew login URL`")

    def test_an_answer_that_lacks_a_field(self):
        lacking = {name: value for name, value in REQUEST.items() if name != "state"}
        with peer.Peer(self.identity, [peer.reply(200, json.dumps(lacking))] * 2) as other:
            for form in ("table", "json"):
                self.check(self.person_at(other.url).run("show", "r", "-o", form), 1, "request.state")

    def test_ids_cannot_leave_their_place_in_the_path(self):
        with peer.Peer(self.identity, [peer.reply(404, "{}", "application/problem+json")]) as heard:
            self.check(self.person_at(heard.url).run("show", "../hosts?x=1"), 3)
        self.assertTrue(heard.heard[0][0].startswith("GET /v1/requests/..%2Fhosts%3Fx%3D1 HTTP/1.1"))

    def test_a_lost_answer_is_asked_for_again_under_the_same_key(self):
        with peer.Peer(self.identity, [None, peer.reply(201, json.dumps(REQUEST))]) as flaky:
            done = self.person_at(flaky.url).run("request", "host1", "--reason", "x", "-o", "id")
        self.check(done, 0)
        self.assertEqual(done.stdout, REQUEST["id"] + "\n")
        keys = [[row for row in head.split("\r\n") if row.startswith("Idempotency-Key: ")] for head, _ in flaky.heard]
        self.assertEqual(len(keys), 2)
        self.assertEqual(keys[0], keys[1])
        self.assertRegex(keys[0][0], "^Idempotency-Key: [A-Za-z0-9_-]{1,64}$")

    def test_a_line_cut_before_anything_was_sent_is_tried_again(self):
        removed = json.dumps({"id": "k-1", "removed": True, "requests": [], "ended": False})
        for answer, words in ((peer.reply(200, "[]"), ("key", "ls")), (peer.reply(200, removed), ("key", "rm", "k-1"))):
            with peer.Peer(self.identity, [peer.RESET, answer]) as flaky:
                self.check(self.person_at(flaky.url).run(*words), 0)
            self.assertEqual(len(flaky.heard), 1)

    def test_a_question_whose_answer_was_lost_is_asked_again(self):
        with peer.Peer(self.identity, [None, peer.reply(200, "[]")]) as flaky:
            self.check(self.person_at(flaky.url).run("key", "ls"), 0)
        self.assertEqual(len(flaky.heard), 2)

    def test_an_act_without_a_key_of_its_own_is_not_done_twice(self):
        with peer.Peer(self.identity, [None, peer.reply(200, "{}")]) as flaky:
            self.check(self.person_at(flaky.url).run("key", "rm", "k-1"), 7)
        self.assertEqual(len(flaky.heard), 1)

    def test_a_request_says_exactly_what_was_typed(self):
        with peer.Peer(self.identity, [peer.reply(201, json.dumps(REQUEST))]) as heard:
            self.person_at(heard.url).run("request", "host1,host2", "--reason", "a \"b\"", "--for", "90m", "--as", "dev1", "--ticket",
                                          "T", "--policy", "P", "--", "/bin/id", "-u")
        self.assertEqual(json.loads(heard.heard[0][1]),
                         {"hosts": ["host1", "host2"], "reason": "a \"b\"", "duration_s": 5400, "account": "dev1", "ticket": "T",
                          "policy": "P", "what": {"sudo": [["/bin/id", "-u"]]}})

    def test_a_private_key_stays_here(self):
        private = self.folder / "id"
        private.write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n")
        with peer.Peer(self.identity, [peer.reply(201, "{}")]) as heard:
            someone = self.person_at(heard.url)
            self.check(someone.run("key", "add", str(private)), 2, "was not sent", "id.pub")
            self.check(someone.run("request", "host1", "--reason", "x", "--key", str(private)), 2, "was not sent")
        self.assertEqual(heard.heard, [])

    def test_login_keeps_only_what_works(self):
        session = {"token": "fresh-token", "user": "dev1", "groups": [], "expires": "2030-01-01T00:00:00.000Z"}
        refused = {"detail": "wrong password", "hint": "", "code": "login-first"}
        someone = program.Person(self.folder)
        with peer.Peer(self.identity, [peer.reply(401, json.dumps(refused)), peer.reply(200, json.dumps(session))]) as server:
            words = ["login", server.url, "--ca", str(self.identity[0]), "--user", "dev1", "--password-file", "-", "-o", "json"]
            self.check(someone.run(*words, text="wrong\n"), 4, "wrong password")
            self.assertFalse((self.folder / "curfew").exists())
            done = someone.run(*words, text="right\n")
        self.check(done, 0)
        self.assertEqual(json.loads(done.stdout)["user"], "dev1")
        self.assertNotIn("fresh-token", done.stdout + done.stderr)
        self.assertEqual(json.loads(server.heard[1][1]), {"user": "dev1", "password": "right"})
        kept = self.folder / "curfew" / "token"
        self.assertEqual(stat.S_IMODE(kept.stat().st_mode), 0o600)
        self.assertEqual(kept.read_text(), "fresh-token\n")

    def test_a_result_that_cannot_be_written_is_a_failure(self):
        with open("/dev/full", "w", encoding="utf-8") as full:
            started = program.Person(self.folder).start("--help", stdout=full, stderr=subprocess.PIPE)
            _, errors = started.communicate(timeout=60)
        self.assertEqual(started.returncode, 1)
        self.assertIn("cannot be written", errors)

    def test_a_reader_that_has_enough_is_no_failure(self):
        reader, writer = os.pipe()
        os.close(reader)
        # Python ignores SIGPIPE; so does many a service and CI, and the command inherits it.
        started = program.Person(self.folder).start("--help", stdout=writer, stderr=subprocess.PIPE, restore_signals=False)
        os.close(writer)
        _, errors = started.communicate(timeout=60)
        self.assertEqual((started.returncode, errors), (0, ""))

    def test_the_port_for_agents_is_told_from_a_controller_that_is_away(self):
        with peer.AgentsPort(self.identity, [None]) as server:
            words = ["--user", "dev1", "--password-file", "-"]
            said = program.Person(self.folder).run("login", server.url, "--ca", str(self.identity[0]), *words, text="x\n")
        self.check(said, 7, "the port for agents")

    def test_a_listing_is_shown_as_it_comes(self):
        pages = [reply_page([event(1), event(2)], "2"), reply_page([], "50002"), reply_page([event(3)], "3"), peer.reply(500, "{}")]
        for form, shown in (("id", "1\n2\n3\n"), ("json", json.dumps([event(1), event(2), event(3)], separators=(",", ":"))[:-1])):
            with peer.Peer(self.identity, pages) as server:
                said = self.person_at(server.url).run("audit", "ls", "-o", form)
            self.check(said, 1)
            self.assertEqual(said.stdout, shown)

    def test_a_listing_is_one_array_however_many_pages_it_has(self):
        pages = [reply_page([], "1"), reply_page([event(1)], "2"), reply_page([event(2)])]
        for answers, places in ((pages, [1, 2]), ([reply_page()], [])):
            with peer.Peer(self.identity, answers) as server:
                said = self.person_at(server.url).run("audit", "ls", "-o", "json")
            self.check(said, 0)
            self.assertEqual([one["n"] for one in json.loads(said.stdout)], places)

    def test_a_table_has_one_heading_for_pages_that_came_short(self):
        me = peer.reply(200, json.dumps({"user": "audit1", "groups": ["auditors"]}))
        with peer.Peer(self.identity, [me, reply_page([event(1)], "1"), reply_page([], "2"), reply_page([event(2)])]) as server:
            said = self.person_at(server.url).run("ls", "--alarms")
        self.check(said, 0)
        self.assertEqual([line.split()[0] for line in said.stdout.splitlines()], ["AT", "-", "-"])

    def test_a_page_that_leads_to_itself_is_none(self):
        with peer.Peer(self.identity, [reply_page([], "1"), reply_page([], "1")]) as server:
            self.check(self.person_at(server.url).run("hosts"), 1, "no page")

    def test_ssh_takes_the_account_of_my_own_live_grant(self):
        said = self.fake_ssh()
        mine = {**REQUEST, "what": {"login": True}, "account": "web", "grants": [live_grant("g-1", "2030-01-01T00:00:00.000Z")]}
        others = {**mine, "requester": "dev2", "account": "root", "grants": [live_grant("g-2", "2031-01-01T00:00:00.000Z")]}
        answers = [peer.reply(200, json.dumps({"user": "dev1", "groups": []})), reply_page([others], "9"), reply_page([mine])]
        with peer.Peer(self.identity, answers) as server:
            someone = self.person_at(server.url)
            someone.environment["PATH"] = f"{said.parent}:{someone.environment['PATH']}"
            self.check(someone.run("ssh", "host1", "--", "id"), 0)
        self.assertEqual(said.read_text().splitlines(), ["-l", "web", "--", "host1", "id"])
        self.assertIn("/v1/requests?view=live", server.heard[1][0])

    def fake_ssh(self):
        """A program `ssh` that writes down its words; gives where."""
        said = self.folder / "bin" / "said"
        said.parent.mkdir()
        ssh = said.parent / "ssh"
        ssh.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >{said}\n')
        ssh.chmod(0o755)
        return said

    def test_policy_check_needs_no_controller(self):
        someone = program.Person(self.folder)
        good = self.folder / "good.yaml"
        good.write_text("version: 1\npolicies: []\nmanaged:\n  - {hosts: \"env=lab\", accounts: [dev1], gate: [sudo]}\n")
        self.check(someone.run("policy", "check", str(good)), 0)
        doubtful = self.folder / "doubtful.yaml"
        doubtful.write_text(DOUBTFUL)
        self.check(someone.run("policy", "check", str(doubtful)), 0, "warning: policy web-root gives sudo")
        bad = self.folder / "bad.yaml"
        bad.write_text("version: 1\nmanaged:\n  - {hosts: \"env=lab\", accounts: [dev1], gate: [sudo], gaet: []}\n")
        self.check(someone.run("policy", "check", str(bad)), 1, f"{bad}:3:", "gaet")
        self.check(someone.run("policy", "check", str(self.folder / "none")), 1, "No such file")


DOUBTFUL = """\
version: 1
managed:
  - {hosts: "env=lab", accounts: [dev1], gate: [login]}
policies:
  - name: web-root
    who: {groups: [developers]}
    hosts: "env=lab"
    account: self
    allow: {login: yes, sudo: all}
    duration: {default: 1h, max: 4h}
    approve: []
"""


def reply_page(items=(), following=None):
    return peer.reply(200, json.dumps({"items": list(items), "next": following}))


def event(place):
    return {"n": place, "seq": place, "kind": "reject"}


def live_grant(name, end):
    return {"id": name, "host": "host1", "state": "active", "end": end}


if __name__ == "__main__":
    unittest.main()
