# SPDX-License-Identifier: Apache-2.0
"""Logging in, and what nobody may do without."""
import house


class Login(house.Served):
    def test_right_password_gives_a_token_that_works(self):
        reply = self.house.ask("POST", "/v1/login", {"user": "dev1", "password": house.PASSWORD})
        self.assertEqual(reply.status, 200)
        self.assertEqual((reply.json["user"], reply.json["groups"]), ("dev1", ["developers"]))
        me = self.house.ask("GET", "/v1/me", token=reply.json["token"])
        self.assertEqual((me.status, me.json["user"]), (200, "dev1"))

    def test_wrong_password_and_unknown_person_look_the_same(self):
        wrong = self.house.ask("POST", "/v1/login", {"user": "dev1", "password": "wrong password"})
        nobody = self.house.ask("POST", "/v1/login", {"user": "nobody", "password": "wrong password"})
        self.assertProblem(wrong, 401, "login-first")
        self.assertEqual(wrong.text, nobody.text)

    def test_nothing_without_a_token(self):
        for method, path in (("GET", "/v1/me"), ("GET", "/v1/requests"), ("POST", "/v1/requests"), ("GET", "/v1/hosts"), ("GET", "/v1/audit"),
                             ("GET", "/v1/keys"), ("POST", "/v1/keys"), ("DELETE", "/v1/keys/k-1"), ("POST", "/v1/logout"), ("GET", "/v1/nothing"),
                             ("POST", "/v1/requests/r-00000000000000000000/approve")):  # fmt: skip
            for token in (None, "cs-wrong", "x" * 4000):
                self.assertProblem(self.house.ask(method, path, token=token), 401, "login-first")

    def test_logout_ends_that_token_only(self):
        first, second = self.house.login("dev2"), self.house.login("dev2")
        self.assertEqual(self.house.ask("POST", "/v1/logout", token=first).status, 204)
        self.assertProblem(self.house.ask("GET", "/v1/me", token=first), 401, "login-first")
        self.assertEqual(self.house.ask("GET", "/v1/me", token=second).status, 200)

    def test_passwords_and_tokens_are_not_in_the_store(self):
        token = self.house.login("dev1")
        for path in self.house.state.glob("store.db*"):
            stored = path.read_bytes()
            self.assertNotIn(house.PASSWORD.encode(), stored, path)
            self.assertNotIn(token.encode(), stored, path)

    def test_somebody_disabled_is_out_with_the_next_question(self):
        self.house.run("user", "add", "gone1", "--group", "developers", "--password-file", "-", text=house.PASSWORD)
        token = self.house.login("gone1")
        self.assertEqual(self.house.ask("GET", "/v1/me", token=token).status, 200)
        self.house.run("user", "disable", "gone1")
        self.assertProblem(self.house.ask("GET", "/v1/me", token=token), 401, "login-first")
        again = self.house.ask("POST", "/v1/login", {"user": "gone1", "password": house.PASSWORD})
        self.assertProblem(again, 401, "login-first")

    def test_guessing_is_held_back_and_keeps_nobody_out(self):
        replies = [self.house.ask("POST", "/v1/login", {"user": "owner1", "password": f"wrong {i}"}) for i in range(8)]
        # owner1 logged in from here before: only failures in that name from here count, and ten of them cost nothing.
        self.assertEqual({reply.status for reply in replies}, {401})
        replies = [self.house.ask("POST", "/v1/login", {"user": "nobody1", "password": f"wrong {i}"}) for i in range(8)]
        self.assertProblem(replies[-1], 429, "busy")
        self.assertGreater(int(replies[-1].retry), 0)
        self.assertEqual(self.house.ask("POST", "/v1/login", {"user": "owner1", "password": house.PASSWORD}).status, 200)

    def test_a_refused_login_is_recorded(self):
        self.house.ask("POST", "/v1/login", {"user": "lead2", "password": "wrong password"})
        events = self.ask_as("audit1", "GET", "/v1/audit?limit=500").json["items"]
        self.assertTrue([event for event in events if event["kind"] == "reject" and "log-in refused for lead2" in event["detail"]])


class Keys(house.Served):
    def test_options_and_comment_are_stripped(self):
        line = house.make_key(self.house.folder, "opt")
        added = self.ask_as("lead1", "POST", "/v1/keys", {"key": f'from="10.0.0.1",command="a b \\" c" {line}'})
        self.assertEqual(added.status, 201, added.text)
        self.assertEqual((added.json["type"], added.json["bits"]), ("ssh-ed25519", 256))
        self.assertRegex(added.json["fingerprint"], r"^SHA256:[A-Za-z0-9+/]{43}$")
        for path in self.house.state.glob("store.db*"):
            self.assertNotIn(b"somebody@somewhere", path.read_bytes())

    def test_fingerprint_is_what_ssh_keygen_says(self):
        line = house.make_key(self.house.folder, "rsa", "-t", "rsa", "-b", "2048")
        added = self.ask_as("lead2", "POST", "/v1/keys", {"key": line}).json
        said = house.subprocess.run(["ssh-keygen", "-l", "-f", str(self.house.folder / "rsa.pub")], capture_output=True, text=True, check=True)
        bits, fingerprint = said.stdout.split()[:2]
        self.assertEqual((str(added["bits"]), added["fingerprint"]), (bits, fingerprint))

    def test_weak_and_foreign_things_are_refused_with_the_reason(self):
        weak = house.make_key(self.house.folder, "weak", "-t", "rsa", "-b", "1024")
        private = (self.house.folder / "weak").read_text()
        good = house.make_key(self.house.folder, "good")
        cases = [(weak, 422, "unusable", "1024 bits"), ("ssh-dss AAAAB3NzaC1kc3MAAACBAA==", 422, "unusable", "DSA"), (private, 400, "malformed", "private key"),
                 ("", 400, "malformed", "no public key"), ("hello world", 400, "malformed", "no public key"), (good[:40], 400, "malformed", "cannot read"),
                 (good.replace("ssh-ed25519", "ssh-rsa", 1), 400, "malformed", "cannot read"), ("x" * 30000, 400, "malformed", "24 KiB")]  # fmt: skip
        for line, status, code, part in cases:
            reply = self.ask_as("dev1", "POST", "/v1/keys", {"key": line})
            self.assertProblem(reply, status, code)
            self.assertIn(part, reply.json["detail"])
            self.assertNotIn("BEGIN OPENSSH", reply.text)

    def test_hardware_keys_are_welcome(self):
        # sk-ssh-ed25519@openssh.com: type, 32 bytes, application (OpenSSH PROTOCOL.u2f).
        def field(raw):
            return len(raw).to_bytes(4, "big") + raw

        kind = b"sk-ssh-ed25519@openssh.com"
        blob = field(kind) + field(bytes(range(32))) + field(b"ssh:")
        reply = self.ask_as("dev2", "POST", "/v1/keys", {"key": f"{kind.decode()} {house.base64.b64encode(blob).decode()}"})
        self.assertEqual(reply.status, 201, reply.text)
        self.assertEqual(reply.json["type"], kind.decode())

    def test_another_text_of_the_same_key_is_none(self):
        def parts(line):
            blob, found = house.base64.b64decode(line.split()[1]), []
            while blob:
                size = int.from_bytes(blob[:4], "big")
                found.append(blob[4 : 4 + size])
                blob = blob[4 + size :]
            return found

        def text(found):
            blob = b"".join(len(part).to_bytes(4, "big") + part for part in found)
            return f"{found[0].decode()} {house.base64.b64encode(blob).decode()}"

        rsa = house.make_key(self.house.folder, "plain", "-t", "rsa", "-b", "2048")
        curve = house.make_key(self.house.folder, "curve", "-t", "ecdsa")
        kind, exponent, modulus = parts(rsa)
        self.assertEqual(text([kind, exponent, modulus]), " ".join(rsa.split()[:2]))
        self.assertEqual(self.ask_as("lead1", "POST", "/v1/keys", {"key": rsa}).status, 201)
        name, nist, point = parts(curve)
        squeezed = bytes([2 + point[-1] % 2]) + point[1:33]
        for other in ([kind, exponent, b"\0\0" + modulus], [kind, exponent, modulus[1:]], [kind, b"\0" + exponent, modulus],
                      [kind, exponent, modulus, b""], [name, nist, squeezed]):  # fmt: skip
            self.assertProblem(self.ask_as("dev1", "POST", "/v1/keys", {"key": text(other)}), 400, "malformed")

    def test_twice_is_a_conflict_and_removal_is_ones_own(self):
        line = house.make_key(self.house.folder, "twice")
        key = self.ask_as("dev1", "POST", "/v1/keys", {"key": line}).json["id"]
        self.assertProblem(self.ask_as("dev1", "POST", "/v1/keys", {"key": line}), 409, "conflict")
        taken = self.ask_as("dev2", "POST", "/v1/keys", {"key": line})
        self.assertProblem(taken, 422, "unusable")
        self.assertNotIn("dev1", taken.text)
        self.assertProblem(self.ask_as("dev2", "DELETE", f"/v1/keys/{key}"), 404, "not-found")
        self.assertIn(key, [each["id"] for each in self.ask_as("dev1", "GET", "/v1/keys").json])
        removed = self.ask_as("dev1", "DELETE", f"/v1/keys/{key}")
        self.assertEqual((removed.status, removed.json), (200, {"id": key, "removed": True, "requests": [], "ended": False}))
        self.assertNotIn(key, [each["id"] for each in self.ask_as("dev1", "GET", "/v1/keys").json])
