# SPDX-License-Identifier: Apache-2.0
"""The admin's verbs on a state folder, and that a running serve notices them."""
import pathlib
import re
import signal
import socket
import ssl
import time
import unittest

import house

BAD_POLICY = house.POLICY.replace("account: self", "acount: self")


class Verbs(unittest.TestCase):
    def setUp(self):
        self.house = house.Controller()
        self.addCleanup(self.house.close)
        self.house.init()

    def test_a_secret_that_others_can_read_is_not_used(self):
        (self.house.state / "bundle.key").chmod(0o640)
        done = self.house.run("user", "ls", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("bundle.key: others could read", done.stderr)

    def test_roles_not_signed_by_root_are_not_used(self):
        path = self.house.state / "roles.sealed"
        sealed = bytearray(path.read_bytes())
        sealed[-1] ^= 1
        path.write_bytes(sealed)
        done = self.house.run("user", "ls", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("roles.sealed", done.stderr)

    def test_usage_is_2_and_failure_is_1(self):
        for arguments in ((), ("nothing",), ("user",), ("user", "add"), ("user", "add", "x"), ("policy", "load"), ("bundle",), ("user", "ls", "--x")):
            self.assertEqual(self.house.run(*arguments, check=False).returncode, 2, arguments)
        for arguments in (("bundle", "host9"), ("host", "remove", "host9"), ("user", "disable", "nobody"), ("token", "rm", "t-x"),
                          ("policy", "load", "/nonexistent"), ("token", "new", "--uses", "0"), ("token", "new", "--label", "a"),
                          ("token", "new", "--expires", "soon"), ("bundle", "../x")):  # fmt: skip
            done = self.house.run(*arguments, check=False)
            self.assertEqual((done.returncode, done.stdout), (1, ""), arguments)
            self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)

    def test_failures_say_what_where_and_what_to_do(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            good = self.house.settings.read_text()
            for key in ("api", "agents"):
                self.house.settings.write_text(re.sub(rf'(?m)^{key} = .*$', f'{key} = "127.0.0.1:{port}"', good))
                said = self.house.run("serve", check=False).stderr
                self.assertIn(f"127.0.0.1:{port}: cannot listen: Address already in use", said)
                self.assertIn("ss -ltnp", said)
            self.house.settings.write_text(good.replace('api = "127.0.0.1', 'api = "192.0.2.1'))
            self.assertIn("give an address of this machine", self.house.run("serve", check=False).stderr)
            for key in ("api", "agents", "agents_address", "session", "pending_for"):
                self.house.settings.write_text(f'{key} = ""\nnames = ["localhost"]\n')
                said = self.house.run("serve", check=False).stderr
                self.assertRegex(said, rf"controller.toml:1:\d+: {key} is empty; leave the line out for the default")
            self.house.settings.write_text('api = "nowhere"\n')
            self.assertIn("controller.toml:1:7: api must be ADDRESS:PORT; write 0.0.0.0:7443", self.house.run("serve", check=False).stderr)
            self.house.settings.write_text(good)
        self.assertIn("'frob' is not known here; see curfew-controller --help", self.house.run("frob", check=False).stderr)
        self.assertIn("'--x' is not known here", self.house.run("user", "ls", "--x", check=False).stderr)
        self.assertIn("--expires: not a duration; write it like", self.house.run("token", "new", "--expires", "soon", check=False).stderr)
        (self.house.state / "bundle.key").unlink()
        self.assertIn("bundle.key: cannot open: No such file or directory; restore it", self.house.run("user", "ls", check=False).stderr)

    def test_a_damaged_store_says_so(self):
        (self.house.state / "store.db").write_bytes(b"garbage" * 1000)
        done = self.house.run("user", "ls", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("store.db: SQLite: file is not a database; stop serve", done.stderr)

    def test_a_bad_policy_names_its_place_and_leaves_the_old_one(self):
        bad = self.house.folder / "bad.yaml"
        bad.write_text(BAD_POLICY)
        done = self.house.run("policy", "load", str(bad), check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{bad}:8:5: unknown key 'acount'", done.stderr)
        good = self.house.folder / "good.yaml"
        good.write_text(house.POLICY)
        self.assertIn("version 1", self.house.run("policy", "load", str(good)).stderr)
        self.house.run("policy", "load", str(bad), check=False)
        self.assertIn("version 2", self.house.run("policy", "load", str(good)).stderr)

    def test_people(self):
        self.house.run("user", "add", "dev1", "--group", "a", "--group", "b", "--password-file", "-", text=house.PASSWORD)
        again = self.house.run("user", "add", "dev1", "--password-file", "-", text=house.PASSWORD, check=False)
        self.assertIn("already", again.stderr)
        self.assertRegex(self.house.run("user", "ls").stdout, r"(?m)^dev1 +active +a,b$")
        self.house.run("user", "disable", "dev1")
        self.assertRegex(self.house.run("user", "ls").stdout, r"(?m)^dev1 +disabled +a,b$")
        for name, password in (("a b", house.PASSWORD), ("", house.PASSWORD), ("x\ny", house.PASSWORD), ("dev2", "short"), ("dev2", "x" * 1025)):
            done = self.house.run("user", "add", name, "--password-file", "-", text=password, check=False)
            self.assertEqual(done.returncode, 1, name)
            self.assertNotIn(password, done.stderr)


class WhileServing(unittest.TestCase):
    def setUp(self):
        self.house = house.Controller()
        self.addCleanup(self.house.close)
        self.house.init()
        self.house.populate()
        self.house.start()
        token = self.house.new_token("--label", "env=lab", "--label", "role=web")
        reply = self.house.ask("POST", "/v1/enroll", house.Joiner(self.house.folder).ask(token, "host1"))
        self.assertEqual(reply.status, 200, reply.text)
        self.dev = self.house.login("dev1")
        self.house.ask("POST", "/v1/keys", {"key": house.make_key(self.house.folder, "k")}, self.dev)

    def request(self):
        return self.house.ask("POST", "/v1/requests", {"hosts": ["host1"], "reason": "x"}, self.dev)

    def bundle(self):
        return self.house.run("bundle", "host1", raw=True).stdout

    def test_a_policy_loaded_now_holds_now(self):
        self.assertEqual(self.request().json["policy_version"], 1)
        before = self.bundle()
        other = self.house.folder / "other.yaml"
        other.write_text(house.POLICY.replace("[dev1, dev2]", "[dev2]"))
        self.house.run("policy", "load", str(other))
        self.assertEqual(self.request().json["detail"], "account dev1 is not managed on host1")
        self.assertNotEqual(self.bundle(), before)

    def test_a_key_is_freed_for_somebody_else(self):
        line = house.make_key(self.house.folder, "shared")
        other = self.house.login("dev2")
        added = self.house.ask("POST", "/v1/keys", {"key": line}, self.dev)
        self.assertEqual(self.house.ask("POST", "/v1/keys", {"key": line}, other).status, 422)
        freed = self.house.run("user", "free-key", added.json["fingerprint"])
        self.assertIn("dev1", freed.stderr)
        self.assertEqual(self.house.ask("POST", "/v1/keys", {"key": line}, other).status, 201)
        self.assertNotIn(added.json["id"], [key["id"] for key in self.house.ask("GET", "/v1/keys", token=self.dev).json])
        unknown = self.house.run("user", "free-key", "SHA256:nobody", check=False)
        self.assertEqual(unknown.returncode, 1)
        self.assertIn("ssh-keygen -l", unknown.stderr)

    def test_a_removed_host_is_gone_at_once(self):
        self.house.run("host", "remove", "host1")
        self.assertEqual(self.request().json["code"], "not-found")
        self.assertEqual(self.house.run("bundle", "host1", check=False).returncode, 1)

    def approved(self):
        request = self.request().json["id"]
        return self.house.ask("POST", f"/v1/requests/{request}/approve", {}, self.house.login("lead1")).json

    def test_an_early_end_can_be_carried_by_hand(self):
        request = self.approved()
        grant = request["grants"][0]["id"]
        early = self.house.run("revocation", grant, check=False)
        self.assertEqual((early.returncode, early.stdout), (1, ""))
        self.assertIn(f"curfew revoke {request['id']}", early.stderr)
        self.house.ask("POST", f"/v1/requests/{request['id']}/return", {}, self.dev)
        sealed = self.house.run("revocation", grant, raw=True).stdout
        self.assertEqual((sealed[:4], sealed[5]), (b"CRFW", 4))
        self.assertIn(b"RVK1", sealed)
        self.assertIn(grant.encode(), sealed)
        for unknown in ("g-00000000000000000000", request["id"], "x"):
            done = self.house.run("revocation", unknown, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("curfew show ID", done.stderr)

    def test_a_host_with_live_grants_is_told_before_it_is_let_go(self):
        request = self.approved()
        said = self.house.run("host", "remove", "host1").stderr
        self.assertIn("1 grant(s)", said)
        self.assertIn("curfew-controller revocation", said)
        shown = self.house.ask("GET", f"/v1/requests/{request['id']}", token=self.dev).json
        self.assertEqual((shown["state"], shown["grants"][0]["cause"], shown["grants"][0]["proof"]), ("revoking", "condition", "unconfirmed"))

    def test_admin_verbs_keep_to_the_settings_of_serve(self):
        with open(self.house.settings, "a", encoding="utf-8") as settings:
            settings.write('confirm_within = "1s"\n')
        request = self.approved()
        self.house.run("user", "disable", "dev1")
        lead = self.house.login("lead1")
        seen = self.house.ask("GET", f"/v1/requests/{request['id']}", token=lead).json["revision"]
        self.house.ask("GET", f"/v1/requests/{request['id']}?wait=20&seen={seen}", token=lead)
        audit = self.house.ask("GET", "/v1/audit?severity=alarm", token=self.house.login("audit1")).json["items"]
        self.assertIn("unknown-outcome", [event["kind"] for event in audit], "thirty seconds are not over yet")

    def certificate(self):
        return ssl.get_server_certificate(("localhost", self.house.port), ca_certs=str(self.house.authority))

    def test_the_certificate_stays_until_the_names_change(self):
        first = self.certificate()
        self.house.stop()
        self.house.start()
        self.assertEqual(self.certificate(), first)
        self.house.stop()
        self.house.settings.write_text(self.house.settings.read_text().replace('"127.0.0.1"]', '"127.0.0.1", "also.example"]'))
        self.house.start()
        self.assertNotEqual(self.certificate(), first)

    def test_every_kind_of_event_is_on_the_list(self):
        self.approved()
        self.house.run("user", "disable", "dev2")
        self.house.run("host", "remove", "host1")
        listed = (pathlib.Path(__file__).resolve().parents[3] / "core" / "event.cc").read_text()
        words = set(re.findall(r'"([a-z-]+)"', listed))
        events = self.house.ask("GET", "/v1/audit?limit=500", token=self.house.login("audit1")).json["items"]
        for event in events:
            self.assertTrue(event["kind"] in words or event["kind"].startswith("request-"), event)
        rolls = {event["detail"].split()[0] + " " + event["after"] for event in events if event["kind"] == "enrolled"}
        self.assertLessEqual({"person added", "person disabled", "token added", "host enrolled", "host removed", "key added"}, rolls)
        self.assertIn("policy version 1", next(event["detail"] for event in events if event["kind"] == "bundle-accepted"))

    def test_killed_and_started_again_it_goes_on(self):
        request = self.request().json["id"]
        self.house.stop(signal.SIGKILL)
        self.house.start()
        shown = self.house.ask("GET", f"/v1/requests/{request}", token=self.dev)
        self.assertEqual(shown.json["state"], "pending")
        approved = self.house.ask("POST", f"/v1/requests/{request}/approve", {}, self.house.login("lead1"))
        self.assertEqual(approved.json["state"], "provisioning")
        self.assertIn(approved.json["grants"][0]["id"].encode(), self.bundle())

    def test_a_second_serve_is_refused_and_the_first_goes_on(self):
        second = self.house.run("serve", check=False)
        self.assertEqual(second.returncode, 1)
        self.assertIn("another serve runs", second.stderr)
        self.test_a_policy_loaded_now_holds_now()

    def test_sigterm_ends_it_well_with_a_connection_open(self):
        connection = self.house.connect()
        connection.request("GET", "/healthz")
        connection.getresponse().read()
        begun = time.monotonic()
        self.assertEqual(self.house.stop(), 0)
        self.assertLess(time.monotonic() - begun, 10)
        connection.close()


class Failing(unittest.TestCase):
    def test_a_host_that_never_answers_makes_its_grant_fail(self):
        served = house.Controller()
        self.addCleanup(served.close)
        served.init('acknowledge_within = "1s"\nconfirm_within = "1s"\n')
        served.populate()
        served.start()
        token = served.new_token("--label", "env=lab", "--label", "role=web")
        served.ask("POST", "/v1/enroll", house.Joiner(served.folder).ask(token, "host1"))
        dev, lead = served.login("dev1"), served.login("lead1")
        served.ask("POST", "/v1/keys", {"key": house.make_key(served.folder, "k")}, dev)
        request = served.ask("POST", "/v1/requests", {"hosts": ["host1"], "reason": "x"}, dev).json
        now = served.ask("POST", f"/v1/requests/{request['id']}/approve", {}, lead).json
        while now["state"] != "failed" or now["grants"][0]["proof"] != "unconfirmed":
            now = served.ask("GET", f"/v1/requests/{now['id']}?wait=20&seen={now['revision']}", token=dev).json
        self.assertIn("did not acknowledge within 1s", now["failure"])
        alarm = served.ask("GET", f"/v1/requests/{now['id']}?wait=20&seen={now['revision']}", token=dev).json
        self.assertGreater(alarm["revision"], now["revision"])
        texts = [notice["text"] for notice in served.ask("GET", "/v1/me", token=dev).json["notices"]]
        self.assertEqual(len(texts), 2)
        self.assertIn("has not confirmed the end", texts[1])
        self.assertRegex(served.ask("GET", "/metrics").text, r"(?m)^curfew_unconfirmed_grants 1$")
        first = served.ask("GET", "/v1/me", token=dev).json["notices"][0]["id"]
        self.assertEqual(served.ask("DELETE", f"/v1/notices/{first}", token=lead).status, 404)
        self.assertEqual(served.ask("DELETE", f"/v1/notices/{first}", token=dev).status, 204)
