# SPDX-License-Identifier: Apache-2.0
# A real curfew-controller on loopback, made by its own verbs in a folder of its own, with hosts enrolled through its API.
# The hosts have no agent: what they would acknowledge is the lab's to test.

import base64
import json
import os
import pathlib
import socket
import ssl
import subprocess
import urllib.error
import urllib.request

import program

CONTROLLER = program.BUILD / "controller" / "curfew-controller"
POLICY = """\
version: 1
managed:
  - {hosts: "env=test", accounts: [dev1, dev2], gate: [login, sudo]}
policies:
  - name: web-root
    who: {groups: [developers]}
    hosts: "role=web"
    account: self
    allow: {login: yes, sudo: all}
    duration: {default: 1h, max: 4h}
    approve: [{any: [group:leads]}]
  - name: restart-nginx
    who: {groups: [developers]}
    hosts: "role=web"
    account: self
    allow: {sudo: [[/usr/bin/systemctl, restart, nginx]]}
    duration: {default: 5m, max: 15m}
    approve: []
"""
PEOPLE = {"dev1": "developers", "dev2": "developers", "lead1": "leads", "audit1": "auditors", "owner1": "owners"}


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


class Controller:
    def __init__(self, folder, settings=""):
        self.folder = pathlib.Path(folder)
        self.settings = self.folder / "controller.toml"
        self.authority = self.folder / "state" / "ca.crt"
        self.process = None
        self.verb("init", "--name", "localhost")
        api = free_port()
        self.url = f"https://localhost:{api}"
        added = f'api = "127.0.0.1:{api}"\nagents = "127.0.0.1:{free_port()}"\n{settings}'
        self.settings.write_text(self.settings.read_text() + added)
        self.start()
        try:
            self.furnish()
        except BaseException:
            self.stop()
            raise

    def furnish(self):
        policy = self.folder / "policy.yaml"
        policy.write_text(POLICY)
        self.verb("policy", "load", str(policy))
        for name in ("host1", "host2"):
            self.enroll(name)

    def verb(self, *words, text=""):
        done = subprocess.run([CONTROLLER, "--dir", self.folder / "state", "--config", self.settings, *words], input=text,
                              text=True, capture_output=True, check=False, timeout=60)
        assert done.returncode == 0, f"curfew-controller {' '.join(words)}: {done.stderr}"
        return done.stdout.strip()

    def start(self):
        """Serves; comes back when the controller says that it is ready (sd_notify(3))."""
        place = str(self.folder / "notify")
        pathlib.Path(place).unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            notified.bind(place)
            notified.settimeout(60)
            with open(self.folder / "log", "ab") as log:
                self.process = subprocess.Popen(
                    [CONTROLLER, "--dir", self.folder / "state", "--config", self.settings, "serve"],
                    env=dict(os.environ, NOTIFY_SOCKET=place), stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            while b"READY=1" not in notified.recv(4096):
                pass

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)

    def person(self, name):
        """Somebody who is logged in, with an own home."""
        home = self.folder / name
        home.mkdir()
        self.verb("user", "add", name, "--group", PEOPLE[name], "--password-file", "-", text=f"password of {name}\n")
        someone = program.Person(home)
        done = someone.run("login", self.url, "--ca", str(self.authority), "--user", name, "--password-file", "-",
                           text=f"password of {name}\n")
        assert done.returncode == 0, done.stderr
        return someone

    def enroll(self, name):
        """What `curfew-agent join` sends, with keys made by openssl."""
        token = self.verb("token", "new", "--uses", "1", "--label", "env=test", "--label", "role=web")
        identity, public = make_key(self.folder / f"{name}.identity")
        _, audit = make_key(self.folder / f"{name}.audit")
        link = self.folder / f"{name}.link"
        openssl("genpkey", "-algorithm", "ed25519", "-out", link)
        request = openssl("req", "-new", "-key", link, "-subj", "/CN=host").decode()
        signed = self.folder / f"{name}.signed"
        signed.write_bytes(f"curfew enrolment v1\n{name}\n{audit}\n{request}".encode())
        proof = openssl("pkeyutl", "-sign", "-rawin", "-inkey", identity, "-in", signed)
        body = {"token": token, "name": name, "identity_key": public, "audit_key": audit, "csr": request,
                "identity_proof": base64.b64encode(proof).decode()}
        ask = urllib.request.Request(self.url + "/v1/enroll", json.dumps(body).encode(), {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(ask, context=ssl.create_default_context(cafile=self.authority), timeout=60) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            raise AssertionError(f"enrolment of {name}: {refused.read().decode()}") from refused


def openssl(*words):
    return subprocess.run(["openssl", *words], check=True, capture_output=True).stdout


def make_key(place):
    """An Ed25519 key in that file; its raw public half is the tail of the DER form (RFC 8410)."""
    openssl("genpkey", "-algorithm", "ed25519", "-out", place)
    return place, base64.b64encode(openssl("pkey", "-in", place, "-pubout", "-outform", "DER")[-32:]).decode()
