# SPDX-License-Identifier: Apache-2.0
"""A real curfew-controller in a folder of its own, on free ports of loopback, and people who talk to it over real TLS."""
import base64
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import ssl
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["CURFEW_CONTROLLER"]
PASSWORD = "correct horse battery"
PEOPLE = {"dev1": "developers", "dev2": "developers", "lead1": "leads", "lead2": "leads", "audit1": "auditors", "owner1": "owners"}
POLICY = """version: 1
managed:
  - {hosts: "env=lab", accounts: [dev1, dev2], gate: [login, sudo]}
policies:
  - name: web-root
    who: {groups: [developers]}
    hosts: "role=web"
    account: self
    allow: {login: yes, sudo: all}
    duration: {default: 1h, max: 4h}
    approve: [{any: [group:leads]}]
"""


class Reply:
    def __init__(self, status, kind, body):
        self.status = status
        self.kind = kind
        self.text = body.decode()
        self.json = json.loads(body) if "json" in kind else None


class Controller:
    """init once; start and stop as often as a test likes."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="curfew-api-"))
        self.state = self.folder / "state"
        self.settings = self.folder / "controller.toml"
        self.process = None
        self.port = 0

    def run(self, *arguments, text=None, check=True):
        command = [PROGRAM, "--dir", str(self.state), "--config", str(self.settings), *arguments]
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60)
        if check and done.returncode != 0:
            raise AssertionError(f"{arguments}: {done.returncode}: {done.stderr}")
        return done

    def init(self, more_settings=""):
        self.run("init", "--name", "localhost", "--name", "127.0.0.1")
        ports = 'api = "127.0.0.1:0"\nagents = "127.0.0.1:0"\nagents_address = "localhost:7444"\n'
        self.settings.write_text('names = ["localhost", "127.0.0.1"]\n' + ports + more_settings)

    def populate(self):
        (self.folder / "policy.yaml").write_text(POLICY)
        self.run("policy", "load", str(self.folder / "policy.yaml"))
        for name, group in PEOPLE.items():
            self.run("user", "add", name, "--group", group, "--password-file", "-", text=PASSWORD + "\n")

    def start(self):
        command = [PROGRAM, "--dir", str(self.state), "--config", str(self.settings), "serve"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()  # said once both ports listen
        found = re.search(r"people on 127\.0\.0\.1:(\d+), hosts on 127\.0\.0\.1:(\d+)", line)
        if not found:
            raise AssertionError(f"serve did not start: {line}{self.process.stderr.read()}")
        self.port = int(found.group(1))

    def stop(self, how=signal.SIGTERM):
        if self.process is None:
            return None
        self.process.send_signal(how)
        code = self.process.wait(timeout=20)
        self.process.stderr.close()
        self.process = None
        return code

    def close(self):
        self.stop(signal.SIGKILL)
        shutil.rmtree(self.folder)

    def context(self):
        return ssl.create_default_context(cafile=str(self.state / "ca.crt"))

    def connect(self, timeout=30):
        return http.client.HTTPSConnection("localhost", self.port, timeout=timeout, context=self.context())

    def ask(self, method, path, body=None, token=None, headers=None):
        connection = self.connect()
        try:
            data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
            bearer = {"Authorization": f"Bearer {token}"} if token else {}
            connection.request(method, path, body=data, headers={**bearer, **(headers or {})})
            answer = connection.getresponse()
            return Reply(answer.status, answer.getheader("Content-Type") or "", answer.read())
        finally:
            connection.close()

    def login(self, name, password=PASSWORD):
        reply = self.ask("POST", "/v1/login", {"user": name, "password": password})
        if reply.status != 200:
            raise AssertionError(reply.text)
        return reply.json["token"]

    def new_token(self, *arguments):
        return self.run("token", "new", *arguments).stdout.strip()


def openssl(*arguments, data=None):
    return subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=True).stdout


def raw_public(key):
    """The last 32 bytes of an Ed25519 SubjectPublicKeyInfo (RFC 8410) are the key."""
    return openssl("pkey", "-in", str(key), "-pubout", "-outform", "DER")[-32:]


class Joiner:
    """A host's side of POST /v1/enroll, with keys made by openssl."""

    def __init__(self, folder):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=folder))
        for name in ("identity", "audit"):
            openssl("genpkey", "-algorithm", "ed25519", "-out", str(self.folder / name))
        key = str(self.folder / "tls")
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
        self.csr = openssl("req", "-new", "-key", key, "-subj", "/").decode()

    def ask(self, token, name):
        audit = base64.b64encode(raw_public(self.folder / "audit")).decode()
        text = f"curfew enrolment v1\n{name}\n{audit}\n{self.csr}"
        signed = self.folder / "text"
        signed.write_text(text)
        proof = openssl("pkeyutl", "-sign", "-rawin", "-inkey", str(self.folder / "identity"), "-in", str(signed))
        return {"token": token, "name": name, "identity_key": base64.b64encode(raw_public(self.folder / "identity")).decode(),
                "audit_key": audit, "csr": self.csr, "identity_proof": base64.b64encode(proof).decode()}  # fmt: skip


def make_key(folder, name, *kind):
    path = pathlib.Path(folder) / name
    subprocess.run(["ssh-keygen", "-q", "-N", "", "-C", "somebody@somewhere", "-f", str(path), *(kind or ("-t", "ed25519"))], check=True)
    return pathlib.Path(f"{path}.pub").read_text().strip()


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
            reply = cls.house.ask("POST", "/v1/enroll", Joiner(cls.house.folder).ask(token, name))
            assert reply.status == 200, reply.text
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
