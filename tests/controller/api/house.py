# SPDX-License-Identifier: Apache-2.0
"""The house of the API's tests: a running controller with its people, its policy, two hosts and keys."""
import base64
import subprocess
import unittest

import running
from running import PEOPLE, POLICY, PROGRAM, Joiner, make_key, openssl, raw_public

PASSWORD = "correct horse battery"


class Controller(running.Controller):
    def populate(self):
        self.load_policy(POLICY)
        for name, group in PEOPLE.items():
            self.add_person(name, group, PASSWORD)

    def login(self, name, password=PASSWORD):
        reply = self.ask("POST", "/v1/login", {"user": name, "password": password})
        if reply.status != 200:
            raise AssertionError(reply.text)
        return reply.json["token"]


class Served(unittest.TestCase):
    """One controller for a whole suite: serving, with people, two hosts and keys."""

    @classmethod
    def setUpClass(cls):
        cls.house = Controller()
        cls.addClassCleanup(cls.house.close)
        cls.house.init()
        cls.house.populate()
        cls.house.start()
        cls.tokens = {name: cls.house.login(name) for name in PEOPLE}
        token = cls.house.new_token("--uses", "2", "--label", "env=lab", "--label", "role=web")
        for name in ("host1", "host2"):
            cls.house.enrol(name, token)
        for name in ("dev1", "dev2"):
            cls.ask_as(name, "POST", "/v1/keys", {"key": make_key(cls.house.folder, name)})

    @classmethod
    def ask_as(cls, name, method, path, body=None, headers=None):
        return cls.house.ask(method, path, body, cls.tokens[name], headers)

    def request(self, name="dev1", **more):
        reply = self.ask_as(name, "POST", "/v1/requests", {"hosts": ["host1"], "reason": "to mend it", **more})
        self.assertEqual(reply.status, 201, reply.text)
        return reply.json

    def assertProblem(self, reply, status, code):
        self.assertEqual((reply.status, reply.json and reply.json.get("code")), (status, code), reply.text)
        self.assertEqual(reply.kind, "application/problem+json")
        self.assertEqual(reply.json["status"], status)
        for field in ("type", "title", "detail", "hint"):
            self.assertIn(field, reply.json)
