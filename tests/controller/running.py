# SPDX-License-Identifier: Apache-2.0
"""A real curfew-controller in a folder of its own, on free ports of loopback, made by its own verbs; hosts that join it with
keys made by openssl; people who talk to it over real TLS. For the tests of the API and those of the command."""
import base64
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile

PROGRAM = os.environ["CURFEW_CONTROLLER"]
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
    def __init__(self, answer):
        body = answer.read()
        self.status = answer.status
        self.kind = answer.getheader("Content-Type") or ""
        self.retry = answer.getheader("Retry-After")
        self.text = body.decode()
        self.json = json.loads(body) if "json" in self.kind else None


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


class Controller:
    """init once; start and stop as often as a test likes, on the same ports."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="curfew-controller-"))
        self.state = self.folder / "state"
        self.settings = self.folder / "controller.toml"
        self.authority = self.state / "ca.crt"
        self.process = None
        self.port = free_port()
        self.agents_port = free_port()
        self.url = f"https://localhost:{self.port}"

    def run(self, *arguments, text=None, check=True, raw=False):
        command = [PROGRAM, "--dir", str(self.state), "--config", str(self.settings), *arguments]
        done = subprocess.run(command, input=text, capture_output=True, text=not raw, timeout=60)
        if check and done.returncode != 0:
            raise AssertionError(f"{arguments}: {done.returncode}: {done.stderr}")
        return done

    def init(self, more_settings=""):
        self.run("init", "--name", "localhost", "--name", "127.0.0.1")
        ports = f'api = "127.0.0.1:{self.port}"\nagents = "127.0.0.1:{self.agents_port}"\nagents_address = "localhost:7444"\n'
        self.settings.write_text('names = ["localhost", "127.0.0.1"]\n' + ports + more_settings)

    def load_policy(self, text):
        (self.folder / "policy.yaml").write_text(text)
        return self.run("policy", "load", str(self.folder / "policy.yaml"))

    def add_person(self, name, group, password):
        self.run("user", "add", name, "--group", group, "--password-file", "-", text=password + "\n")

    def start(self):
        """Serves; comes back when the controller says that it is ready (sd_notify(3))."""
        place = self.folder / "notify"
        place.unlink(missing_ok=True)
        command = [PROGRAM, "--dir", str(self.state), "--config", str(self.settings), "serve"]
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified, open(self.folder / "log", "ab") as log:
            notified.bind(str(place))
            notified.settimeout(60)
            environment = dict(os.environ, NOTIFY_SOCKET=str(place))
            self.process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            while b"READY=1" not in notified.recv(4096):
                pass

    def stop(self, how=signal.SIGTERM):
        if self.process is None:
            return None
        self.process.send_signal(how)
        code = self.process.wait(timeout=60)
        self.process = None
        return code

    def close(self):
        self.stop(signal.SIGKILL)
        shutil.rmtree(self.folder)

    def context(self):
        return ssl.create_default_context(cafile=str(self.authority))

    def connect(self, timeout=30):
        return http.client.HTTPSConnection("localhost", self.port, timeout=timeout, context=self.context())

    def ask(self, method, path, body=None, token=None, headers=None):
        connection = self.connect()
        try:
            data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
            bearer = {"Authorization": f"Bearer {token}"} if token else {}
            connection.request(method, path, body=data, headers={**bearer, **(headers or {})})
            return Reply(connection.getresponse())
        finally:
            connection.close()

    def new_token(self, *arguments):
        return self.run("token", "new", *arguments).stdout.strip()

    def enrol(self, name, token):
        reply = self.ask("POST", "/v1/enroll", Joiner(self.folder).ask(token, name))
        if reply.status != 200:
            raise AssertionError(f"enrolment of {name}: {reply.text}")
        return reply.json


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
        self.new_link_key()

    def new_link_key(self):
        self.key = tempfile.mkstemp(dir=self.folder)[1]
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.key)
        self.csr = openssl("req", "-new", "-key", self.key, "-subj", "/").decode()

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
