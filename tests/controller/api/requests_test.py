# SPDX-License-Identifier: Apache-2.0
"""Requests over the wire: the JSON of INTERFACES, who may do what, waiting, repeating, pages."""
import threading
import time

import house

VERBS = {"approve": {}, "deny": {}, "withdraw": None, "return": None, "revoke": {"reason": "enough"}}


class Requests(house.Served):
    def act(self, name, identifier, verb, body=None, headers=None):
        return self.ask_as(name, "POST", f"/v1/requests/{identifier}/{verb}", body, headers)

    def test_the_form_of_a_request(self):
        request = self.request(hosts=["host1", "host2"], ticket="T-1", duration_s=600)
        for field in ("id", "state", "requester", "account", "what", "duration_s", "reason", "ticket", "policy", "policy_version", "stages",
                      "history", "grants", "revision", "sentence"):  # fmt: skip
            self.assertIn(field, request)
        self.assertEqual(request["what"], {"login": True, "sudo": "all", "runas": "root"})
        self.assertEqual(request["stages"], [{"need": 1, "have": 0, "who": ["group:leads"], "decisions": []}])
        self.assertRegex(request["history"][0]["at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        approved = self.act("lead1", request["id"], "approve", {"reason": "go", "duration_s": 300}).json
        self.assertEqual(approved["duration_s"], 300)
        self.assertEqual([grant["host"] for grant in approved["grants"]], ["host1", "host2"])
        for grant in approved["grants"]:
            self.assertRegex(grant["id"], r"^g-[0-9a-z]{20}$")
            self.assertEqual((grant["state"], grant["proof"], grant["survivors"]), ("waiting", "none", []))
        decision = approved["stages"][0]["decisions"][0]
        self.assertEqual((decision["by"], decision["verdict"], decision["reason"], decision["signed"]), ("lead1", "approve", "go", False))

    def test_who_may_do_what_to_a_pending_request(self):
        # Own approval, a foreign withdrawal, and ids that one was only told of: nothing of it moves the request.
        expected = {"dev1": {"approve": "own-request", "deny": "own-request", "return": "conflict", "revoke": "not-your-right"},
                    "dev2": dict.fromkeys(VERBS, "not-found"),
                    "lead1": {"withdraw": "not-your-right", "return": "not-your-right", "revoke": "conflict"},
                    "audit1": dict.fromkeys(VERBS, "not-your-right"),
                    "owner1": {**dict.fromkeys(VERBS, "not-your-right"), "revoke": "conflict"}}  # fmt: skip
        request = self.request()
        for name, verbs in expected.items():
            for verb, code in verbs.items():
                reply = self.act(name, request["id"], verb, VERBS[verb])
                self.assertEqual(reply.json["code"], code, (name, verb, reply.text))
        after = self.ask_as("dev1", "GET", f"/v1/requests/{request['id']}").json
        self.assertEqual((after["state"], after["revision"]), ("pending", request["revision"]))

    def test_who_may_see(self):
        request = self.request()
        path = f"/v1/requests/{request['id']}"
        for name in ("dev1", "lead1", "lead2", "audit1", "owner1"):
            self.assertEqual(self.ask_as(name, "GET", path).status, 200, name)
        self.assertProblem(self.ask_as("dev2", "GET", path), 404, "not-found")
        self.assertNotIn(request["id"], self.ask_as("dev2", "GET", "/v1/requests").text)
        self.assertNotIn(request["id"], self.ask_as("dev2", "GET", "/v1/audit?limit=500").text)
        self.assertIn(request["id"], self.ask_as("audit1", "GET", "/v1/audit?limit=500").text)

    def test_views(self):
        request = self.request()["id"]
        shows = {(name, view): request in self.ask_as(name, "GET", f"/v1/requests?view={view}").text
                 for name in ("dev1", "lead1") for view in ("all", "mine", "to-review", "live", "unconfirmed")}  # fmt: skip
        self.assertEqual({key for key, shown in shows.items() if shown},
                         {("dev1", "all"), ("dev1", "mine"), ("lead1", "all"), ("lead1", "to-review")})  # fmt: skip
        self.act("lead1", request, "approve")
        self.act("dev1", request, "return")
        self.assertIn(request, self.ask_as("dev1", "GET", "/v1/requests?view=unconfirmed").text)
        self.assertProblem(self.ask_as("dev1", "GET", "/v1/requests?view=nothing"), 400, "malformed")

    def test_ended_twice(self):
        request = self.request()["id"]
        self.assertEqual(self.act("dev1", request, "withdraw").json["state"], "withdrawn")
        self.assertProblem(self.act("dev1", request, "withdraw"), 409, "already-ended")
        self.assertProblem(self.act("lead1", request, "approve"), 409, "already-ended")
        granted = self.request()["id"]
        self.act("lead1", granted, "approve")
        self.assertProblem(self.act("lead2", granted, "approve"), 409, "not-pending")
        self.assertProblem(self.act("lead1", granted, "revoke", {}), 400, "malformed")
        revoked = self.act("lead1", granted, "revoke", {"reason": "enough"}).json
        self.assertEqual((revoked["state"], revoked["grants"][0]["cause"], revoked["grants"][0]["proof"]), ("revoking", "revoked", "unconfirmed"))
        self.assertIsNotNone(revoked["grants"][0]["unconfirmed_until"])

    def test_extending_is_said_to_be_missing(self):
        self.assertProblem(self.act("dev1", self.request()["id"], "extend", {"duration_s": 60}), 501, "not-available")

    def test_repeating_with_an_idempotency_key(self):
        key = {"Idempotency-Key": "once-1"}
        body = {"hosts": ["host1"], "reason": "again"}
        first = self.ask_as("dev1", "POST", "/v1/requests", body, key)
        second = self.ask_as("dev1", "POST", "/v1/requests", body, key)
        self.assertEqual((first.status, first.json["id"]), (second.status, second.json["id"]))
        other = self.ask_as("dev1", "POST", "/v1/requests", {**body, "reason": "other"}, key)
        self.assertProblem(other, 409, "idempotency-key-reused")
        foreign = self.ask_as("dev2", "POST", "/v1/requests", body, key)
        self.assertNotEqual(foreign.json["id"], first.json["id"])
        approve = {"Idempotency-Key": "yes-1"}
        states = [self.act("lead1", first.json["id"], "approve", {}, approve).status for _ in range(2)]
        self.assertEqual(states, [200, 200])
        self.assertProblem(self.ask_as("dev1", "POST", "/v1/requests", body, {"Idempotency-Key": "a b"}), 400, "malformed")

    def test_many_yeses_at_once_are_one(self):
        request = self.request()["id"]
        replies = []

        def approve():
            replies.append(self.act("lead1", request, "approve").status)

        threads = [threading.Thread(target=approve) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(replies), [200] + [409] * 7)
        self.assertEqual(len(self.ask_as("dev1", "GET", f"/v1/requests/{request}").json["grants"]), 1)

    def test_waiting_ends_with_the_change(self):
        request = self.request()
        path = f"/v1/requests/{request['id']}?wait=50&seen={request['revision']}"
        got = []
        waiter = threading.Thread(target=lambda: got.append(self.ask_as("dev1", "GET", path)))
        begun = time.monotonic()
        waiter.start()
        self.act("lead1", request["id"], "approve")
        waiter.join()
        self.assertLess(time.monotonic() - begun, 40)
        self.assertGreater(got[0].json["revision"], request["revision"])
        at_once = self.ask_as("dev1", "GET", f"/v1/requests/{request['id']}?wait=50&seen={request['revision']}")
        self.assertEqual(at_once.json["state"], "provisioning")
        self.assertProblem(self.ask_as("dev2", "GET", path), 404, "not-found")

    def test_pages_hold_everything_once(self):
        made = {self.request()["id"] for _ in range(5)}
        seen, cursor = [], None
        while True:
            page = self.ask_as("dev1", "GET", "/v1/requests?view=mine&limit=2" + (f"&cursor={cursor}" if cursor else "")).json
            seen += [item["id"] for item in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
        self.assertEqual(len(seen), len(set(seen)))
        self.assertLessEqual(made, set(seen))
        events, cursor = [], "0"
        while cursor is not None:
            page = self.ask_as("audit1", "GET", f"/v1/audit?limit=7&cursor={cursor}").json
            events += page["items"]
            cursor = page["next"]
        own = [event for event in events if event["host"] is None]
        self.assertEqual([event["seq"] for event in own], list(range(1, len(own) + 1)))
        for before, after in zip(own, own[1:]):
            self.assertEqual(after["prev"], before["hash"])

    def test_hosts_and_metrics(self):
        hosts = self.ask_as("dev1", "GET", "/v1/hosts?limit=1").json
        self.assertEqual(([host["name"] for host in hosts["items"]], hosts["next"]), (["host1"], "host1"))
        host = self.ask_as("dev1", "GET", "/v1/hosts?cursor=host1").json["items"][0]
        self.assertEqual(host["labels"], {"env": "lab", "role": "web", "name": "host2"})
        for field in ("id", "online", "last_seen", "version", "format", "sudo", "sshd", "layers", "clock_offset_ms", "bundle", "drift", "tainted", "mode"):
            self.assertIn(field, host)
        self.assertEqual(set(host["layers"]), {"native_sudo", "native_key", "timer", "pam", "reaper", "tmpfs"})
        metrics = self.house.ask("GET", "/metrics")
        self.assertEqual(metrics.status, 200)
        self.assertRegex(metrics.text, r"(?m)^curfew_alarms \d+$")
        self.assertEqual(self.house.ask("GET", "/healthz").text, "ok\n")
