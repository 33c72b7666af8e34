# SPDX-License-Identifier: Apache-2.0
"""Bad input of every kind: one clear problem, nothing changed, a reject event; and bounds on all that is read."""
import socket
import ssl

import house

GOOD = {"hosts": ["host1"], "reason": "to mend it"}


class Bounds(house.Served):
    def count(self):
        return len(self.ask_as("dev1", "GET", "/v1/requests?limit=500").json["items"])

    def test_bad_requests_are_told_what_is_wrong(self):
        cases = [({}, "malformed", "hosts"), ({"hosts": ["host1"]}, "malformed", "reason"), ({**GOOD, "hosts": []}, "malformed", "empty"),
                 ({**GOOD, "hosts": "host1"}, "malformed", "list"), ({**GOOD, "hosts": [1]}, "malformed", "list"), ({**GOOD, "hosts": ["HOST1"]}, "malformed", ""),
                 ({**GOOD, "hosts": ["host1"] * 101}, "malformed", "100"), ({**GOOD, "hosts_expr": "a=b"}, "malformed", "exactly one"),
                 ({"hosts_expr": "role=*", "reason": "x"}, "malformed", "wildcards"), ({**GOOD, "reason": ""}, "malformed", "reason"),
                 ({**GOOD, "reason": "x" * 1025}, "malformed", "1024"), ({**GOOD, "reason": "a\nb"}, "malformed", "control"),
                 ({**GOOD, "reason": "a\u202eb"}, "malformed", "control"), ({**GOOD, "ticket": "a\x00b"}, "malformed", "ticket"),
                 ({**GOOD, "duration_s": 0}, "malformed", "duration_s"), ({**GOOD, "duration_s": -5}, "malformed", "duration_s"),
                 ({**GOOD, "duration_s": 10**30}, "malformed", "duration_s"), ({**GOOD, "duration_s": "1h"}, "malformed", "duration_s"),
                 ({**GOOD, "duration_s": 1.5}, "malformed", "duration_s"), ({**GOOD, "duration_s": 86400}, "denied-by-policy", "longer"),
                 ({**GOOD, "account": "ALL"}, "malformed", ""), ({**GOOD, "account": "a,b"}, "malformed", ""), ({**GOOD, "account": "%sudo"}, "malformed", ""),
                 ({**GOOD, "account": "#0"}, "malformed", ""), ({**GOOD, "account": "dev2"}, "denied-by-policy", "dev2"),
                 ({**GOOD, "what": {"sudo": "some"}}, "malformed", "what.sudo"), ({**GOOD, "what": {"sudo": []}}, "malformed", "what.sudo"),
                 ({**GOOD, "what": {"login": "yes"}}, "malformed", "login"), ({**GOOD, "what": {"x": 1}}, "malformed", "not known"),
                 ({**GOOD, "what": {"sudo": [["/bin/cat", "*"]]}}, "unusable", "wildcard"), ({**GOOD, "what": {"sudo": [["id"]]}}, "unusable", "absolute"),
                 ({**GOOD, "what": {"sudo": [["!/bin/sh"]]}}, "unusable", ""), ({**GOOD, "what": {"sudo": [["/usr/bin/"]]}}, "unusable", ""),
                 ({**GOOD, "what": {"sudo": [["/bin/cat", "a b"]]}}, "unusable", ""), ({**GOOD, "what": {"sudo": [["/bin/cat", "a\nb"]]}}, "unusable", ""),
                 ({**GOOD, "key": "nonsense"}, "malformed", "public key"), ({**GOOD, "more": 1}, "malformed", "not known"), ([], "malformed", "object")]  # fmt: skip
        before = self.count()
        for body, code, part in cases:
            reply = self.ask_as("dev1", "POST", "/v1/requests", body)
            self.assertEqual(reply.json["code"], code, (body, reply.text))
            self.assertIn(part, reply.json["detail"], body)
            self.assertTrue(reply.text.isprintable(), reply.text)
        self.assertEqual(self.count(), before)
        rejects = [event for event in self.ask_as("audit1", "GET", "/v1/audit?limit=500").json["items"] if event["kind"] == "reject"]
        self.assertGreaterEqual(len(rejects), len(cases))
        self.assertEqual({event["actor"] for event in rejects if event["actor"] == "dev1"}, {"dev1"})

    def test_bytes_that_are_no_json(self):
        for body in (b"{", b"\xff\xfe", b"[" * 20000, b'{"a":1}{"b":2}', b"null", b"\x00"):
            self.assertProblem(self.ask_as("dev1", "POST", "/v1/requests", body), 400, "malformed")

    def test_a_key_that_comes_twice(self):
        bodies = (b'{"hosts":["host1"],"reason":"x","hosts":["host2"]}', b'{"hosts":["host1"],"reason":"x","what":{"sudo":null,"sudo":"all"}}',
                  b'{"hosts":["host1"],"reason":"x","re\\u0061son":"y"}')  # fmt: skip
        for body in bodies:
            reply = self.ask_as("dev1", "POST", "/v1/requests", body)
            self.assertProblem(reply, 400, "malformed")
            self.assertIn("twice", reply.json["detail"])

    def test_a_body_too_large(self):
        connection = self.house.connect()
        connection.request("POST", "/v1/login", body=b"x" * 70000)
        reply = connection.getresponse()
        self.assertEqual(reply.status, 413)
        self.assertIn("too-large", reply.read().decode())
        connection.close()

    def test_unknown_paths_and_methods(self):
        for path in ("/v1/nothing", "/v1/requests/r-1", "/v1/requests/../../etc/passwd", "/v1/requests/r-00000000000000000000/explode", "/v2/requests"):
            self.assertProblem(self.ask_as("dev1", "GET", path), 404, "not-found")
        for method, path in (("PUT", "/v1/requests"), ("DELETE", "/v1/hosts"), ("GET", "/v1/keys/k-1"), ("POST", "/v1/me")):
            self.assertProblem(self.ask_as("dev1", method, path), 405, "method")

    def test_bad_cursors_and_limits(self):
        for query in ("limit=x", "limit=501", "limit=-1", "cursor=x", "limit=99999999999999999999"):
            self.assertProblem(self.ask_as("dev1", "GET", f"/v1/requests?{query}"), 400, "malformed")

    def test_what_is_no_http_is_closed_and_the_server_goes_on(self):
        for garbage in (b"\x00" * 64, b"GET\r\n\r\n", b"POST /v1/login HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"A" * 40000):
            with socket.create_connection(("localhost", self.house.port), 10) as raw, self.house.context().wrap_socket(raw, server_hostname="localhost") as tls:
                tls.sendall(garbage)
                try:
                    while tls.recv(4096):
                        pass
                except (ssl.SSLError, ConnectionError):
                    pass
        self.assertEqual(self.house.ask("GET", "/healthz").status, 200)

    def test_tls_1_3_only(self):
        context = self.house.context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with socket.create_connection(("localhost", self.house.port), 10) as raw, self.assertRaises(ssl.SSLError):
            context.wrap_socket(raw, server_hostname="localhost")
        with socket.create_connection(("localhost", self.house.port), 10) as raw, self.house.context().wrap_socket(raw, server_hostname="localhost") as tls:
            self.assertEqual(tls.version(), "TLSv1.3")
