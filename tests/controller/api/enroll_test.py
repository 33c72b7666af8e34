# SPDX-License-Identifier: Apache-2.0
"""POST /v1/enroll against the real CA: tokens, proofs, and what comes back."""
import base64
import hashlib
import pathlib
import socket
import ssl

import house

HELLO = b"\x0a\x02\x08\x01"  # FromHost with a Hello of format 1 and nothing else: whoever says so lacks the roles


def is_spoken_to(link):
    """Is a hello answered, with roles, or is there an alert or a closed line?"""
    try:
        link.sendall(len(HELLO).to_bytes(4, "big") + HELLO)
        return link.recv(1) != b""
    except (ssl.SSLError, ConnectionError):
        return False


def is_cut(link):
    """Ends when the other side does; a link that is kept times out."""
    try:
        while link.recv(65536):
            pass
    except (ssl.SSLError, ConnectionError):
        pass
    return True


class Enroll(house.Served):
    def join(self, ask):
        return self.house.ask("POST", "/v1/enroll", ask)

    def test_what_a_host_is_given(self):
        joiner = house.Joiner(self.house.folder)
        reply = self.join(joiner.ask(self.house.new_token("--label", "env=lab"), "new1"))
        self.assertEqual(reply.status, 200, reply.text)
        given = reply.json
        identity = house.raw_public(joiner.folder / "identity")
        self.assertEqual(given["host_id"], hashlib.sha256(b"ed25519" + identity).hexdigest())
        self.assertEqual((given["agents"], given["root_threshold"]), ("localhost:7444", 1))
        self.assertEqual(len(base64.b64decode(given["root_keys"][0])), 32)
        self.assertEqual(given["ca"], (self.house.state / "ca.crt").read_text())
        self.assertEqual(base64.b64decode(given["roles"]), (self.house.state / "roles.sealed").read_bytes())
        certificate = joiner.folder / "crt"
        certificate.write_text(given["certificate"])
        shown = house.openssl("x509", "-in", str(certificate), "-noout", "-text").decode()
        self.assertIn(f"URI:curfew:host:{given['host_id']}", shown)
        self.assertIn("TLS Web Client Authentication", shown)
        self.assertNotIn("TLS Web Server Authentication", shown)
        house.openssl("verify", "-CAfile", str(self.house.state / "ca.crt"), str(certificate))

    def test_used_expired_removed_and_unknown_tokens(self):
        once = self.house.new_token()
        self.assertEqual(self.join(house.Joiner(self.house.folder).ask(once, "once1")).status, 200)
        removed = self.house.new_token()
        listed = self.house.run("token", "ls").stdout.splitlines()[1:]
        for line in listed:
            if line.split()[1] != "0":
                self.house.run("token", "rm", line.split()[0])
        for token, name in ((once, "once2"), (removed, "once3"), ("ct-unknown", "once4"), ("", "once5")):
            reply = self.join(house.Joiner(self.house.folder).ask(token, name))
            self.assertProblem(reply, 403, "token-refused")
            self.assertTrue(reply.json["hint"])
            if token:
                self.assertNotIn(token, reply.text)
        hosts = self.ask_as("dev1", "GET", "/v1/hosts").text
        for name in ("once2", "once3", "once4", "once5"):
            self.assertNotIn(name, hosts)
        rejects = [e for e in self.ask_as("audit1", "GET", "/v1/audit?limit=500").json["items"] if e["outcome"] == "token-refused"]
        self.assertGreaterEqual(len(rejects), 4)
        self.assertEqual({event["kind"] for event in rejects}, {"reject"})

    def test_an_answer_that_got_lost(self):
        token = self.house.new_token()
        ask = house.Joiner(self.house.folder).ask(token, "lost1")
        first, second = self.join(ask), self.join(ask)
        self.assertEqual((first.status, second.status), (200, 200))
        self.assertEqual(first.json["host_id"], second.json["host_id"])

    def test_a_stolen_identity_or_a_changed_ask(self):
        token = self.house.new_token("--uses", "9")
        owner, thief = house.Joiner(self.house.folder), house.Joiner(self.house.folder)
        ask = owner.ask(token, "own1")
        self.assertEqual(self.join(ask).status, 200)
        stolen = {**thief.ask(token, "own2"), "identity_key": ask["identity_key"]}
        self.assertProblem(self.join(stolen), 403, "token-refused")
        self.assertProblem(self.join({**ask, "name": "own3"}), 403, "token-refused")
        self.assertProblem(self.join(thief.ask(token, "own1")), 409, "conflict")

    def test_only_the_key_of_the_newest_join_is_let_in(self):
        joiner = house.Joiner(self.house.folder)
        token = self.house.new_token("--uses", "2")

        def join():
            joiner.new_link_key()
            reply = self.join(joiner.ask(token, "again1"))
            self.assertEqual(reply.status, 200, reply.text)
            certificate = pathlib.Path(joiner.key + ".crt")
            certificate.write_text(reply.json["certificate"])
            return str(certificate), joiner.key

        first = join()
        with self.link(*first) as seated:
            self.assertTrue(is_spoken_to(seated))
            second = join()
            self.assertTrue(is_cut(seated))
        self.assertFalse(self.is_let_in(*first))
        self.house.run("host", "remove", "again1")
        self.assertFalse(self.is_let_in(*second))
        third = join()
        self.assertEqual([self.is_let_in(*each) for each in (first, second, third)], [False, False, True])

    def link(self, certificate, key):
        context = self.house.context()
        context.load_cert_chain(certificate, key)
        plain = socket.create_connection(("127.0.0.1", self.house.agents_port), 30)
        return context.wrap_socket(plain, server_hostname="localhost")

    def is_let_in(self, certificate, key):
        with self.link(certificate, key) as link:
            return is_spoken_to(link)

    def test_other_labels_are_refused_in_words(self):
        joiner = house.Joiner(self.house.folder)
        self.assertEqual(self.join(joiner.ask(self.house.new_token("--label", "role=web"), "labels1")).status, 200)
        reply = self.join(joiner.ask(self.house.new_token("--label", "role=db"), "labels1"))
        self.assertProblem(reply, 409, "conflict")
        self.assertIn("enrolled with name=labels1 role=web, this join is for name=labels1 role=db", reply.json["detail"])
        self.assertIn("curfew-controller host remove labels1", reply.json["hint"])

    def test_bad_asks_are_refused_and_spend_nothing(self):
        token = self.house.new_token()
        joiner = house.Joiner(self.house.folder)
        good = joiner.ask(token, "bad1")
        for field in good:
            self.assertProblem(self.join({key: value for key, value in good.items() if key != field}), 400, "malformed")
        self.assertProblem(self.join({**good, "more": 1}), 400, "malformed")
        self.assertProblem(self.join({**good, "audit_key": "!"}), 400, "malformed")
        joiner.csr = "no request"
        self.assertProblem(self.join(joiner.ask(token, "bad1")), 400, "malformed")
        self.assertEqual(self.join(good).status, 200)

    def test_the_token_is_kept_as_a_hash_only(self):
        token = self.house.new_token()
        for path in self.house.state.glob("store.db*"):
            self.assertNotIn(token.encode(), path.read_bytes())
        self.assertNotIn(token, self.house.run("token", "ls").stdout)
