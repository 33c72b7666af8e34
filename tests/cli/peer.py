# SPDX-License-Identifier: Apache-2.0
# A TLS peer on loopback that answers what a test tells it to: what an honest controller never does.

import contextlib
import socket
import ssl
import struct
import subprocess
import threading


def make_identity(folder, name, subject_alternative="IP:127.0.0.1"):
    """A self-signed certificate; gives (certificate file, key file)."""
    certificate, key = folder / f"{name}.crt", folder / f"{name}.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
                    "-subj", f"/CN={name}", "-addext", f"subjectAltName={subject_alternative}"],
                   check=True, capture_output=True)
    return certificate, key


RESET = object()


class Peer:
    """Serves one connection after the other; `answers` are bytes, None to hang up without a word, or RESET to cut the line before its handshake."""

    def __init__(self, identity, answers, version=ssl.TLSVersion.TLSv1_3):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if version < ssl.TLSVersion.TLSv1_2:
            self.context.set_ciphers("ALL:@SECLEVEL=0")
        self.context.minimum_version = ssl.TLSVersion.TLSv1 if version < ssl.TLSVersion.TLSv1_2 else version
        self.context.maximum_version = version
        self.context.load_cert_chain(*identity)
        self.answers = list(answers)
        self.heard = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(timeout=30)

    def _serve(self):
        while self.answers:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            plain.settimeout(30)
            if self.answers[0] is RESET:
                self.answers.pop(0)
                plain.recv(1)
                plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                plain.close()
                continue
            with contextlib.suppress(OSError), self.context.wrap_socket(plain, server_side=True) as line:
                self._answer(line)

    def _answer(self, line):
        heard = b""
        while b"\r\n\r\n" not in heard:
            piece = line.recv(65536)
            if not piece:
                return
            heard += piece
        head, _, body = heard.partition(b"\r\n\r\n")
        length = next((int(row.split(b":")[1]) for row in head.split(b"\r\n") if row.lower().startswith(b"content-length:")), 0)
        while len(body) < length:
            body += line.recv(65536)
        self.heard.append((head.decode(), body.decode()))
        answer = self.answers.pop(0)
        if answer is not None:
            line.sendall(answer)
            line.unwrap()


class AgentsPort(Peer):
    """Asks for a certificate of the client's, and closes only after the refusal was read."""

    def _serve(self):
        self.context.verify_mode = ssl.CERT_REQUIRED
        plain, _ = self.listener.accept()
        plain.settimeout(30)
        with contextlib.suppress(OSError), self.context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False) as line:
            with contextlib.suppress(ssl.SSLError):
                line.do_handshake()
            while socket.socket.recv(line, 65536):
                pass


def reply(status, body, kind="application/json", extra=""):
    """A whole HTTP answer."""
    data = body.encode()
    return (f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\nConnection: close\r\n{extra}\r\n"
            ).encode() + data
