# SPDX-License-Identifier: Apache-2.0
# An attacker's client for the agents' port, run on a lab host: it has the host's link certificate (a taken-over link) and
# a signing key of its choice, and claims what it likes. forge.py CONTROLLER HOST-ID SEED-FILE VERSION GRANT

import base64
import hashlib
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import time

LINK = "/var/lib/curfew-link"
EVENTS, RECEIPT = 6, 5
BUNDLE_ACCEPTED, GRANT_ENDED, RECEIPT_KIND = 2, 10, 21
MEDIA = {EVENTS: b"application/vnd.curfew.events.v1", RECEIPT: b"application/vnd.curfew.receipt.v1"}


def varint(number):
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def field(number, value):
    """Canonical: a value that is empty or zero is left out, or the message would be refused for its form alone."""
    if not value:
        return b""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


class Signer:
    """An Ed25519 key from a 32-byte seed, used through the openssl program."""

    def __init__(self, seed):
        der = bytes.fromhex("302e020100300506032b657004220420") + seed
        self.pem = b"-----BEGIN PRIVATE KEY-----\n" + base64.encodebytes(der) + b"-----END PRIVATE KEY-----\n"
        public = subprocess.run(["openssl", "pkey", "-pubout", "-outform", "DER"], input=self.pem, capture_output=True, check=True)
        self.key_id = hashlib.sha256(b"ed25519" + public.stdout[-32:]).digest()

    def seal(self, purpose, body):
        media = MEDIA[purpose]
        signed = b"DSSEv1 %d %s %d " % (len(media), media, len(body)) + body
        with tempfile.NamedTemporaryFile() as key, tempfile.NamedTemporaryFile() as text:
            key.write(self.pem), key.flush(), text.write(signed), text.flush()
            sign = ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key.name, "-in", text.name]
            signature = subprocess.run(sign, capture_output=True, check=True).stdout
        return b"CRFW\x01" + bytes([purpose, 1, 0]) + struct.pack(">I", len(body)) + self.key_id + signature + body


def claim(signer, host, version, grant):
    """A batch that acknowledges a version and proves the end of a grant, as the host itself would send it."""
    now = int(time.time() * 1000)
    receipt = field(1, host) + field(2, grant) + field(3, now) + field(4, now) + field(5, b"revoked") + field(6, 1) + field(7, 1)
    kinds = ((BUNDLE_ACCEPTED, b"", b""), (GRANT_ENDED, grant, b""), (RECEIPT_KIND, grant, signer.seal(RECEIPT, receipt)))
    batch, previous = field(1, host), bytes(32)
    for place, (kind, of, attachment) in enumerate(kinds, 1):
        event = field(1, place) + field(2, now) + field(3, b"boot") + field(4, kind) + field(5, 1)
        event += field(8, of) + field(11, version) + field(12, attachment) + field(13, previous)
        previous = hashlib.sha256(event).digest()
        batch += field(2, event)
    return signer.seal(EVENTS, batch)


def send(controller, frames):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(f"{LINK}/ca.crt")
    context.load_cert_chain(f"{LINK}/link.pem")
    context.check_hostname = False
    with context.wrap_socket(socket.create_connection((controller, 7444), 5)) as stream:
        for frame in frames:
            stream.sendall(struct.pack(">I", len(frame)) + frame)
        stream.settimeout(3)
        try:
            while stream.recv(65536):
                pass
        except (TimeoutError, OSError):
            pass


def main():
    controller, host, seed, version, grant = sys.argv[1:]
    with open(seed, "rb") as file:
        signer = Signer(file.read(32))
    hello = field(1, 1) + field(2, b"forged")
    batch = claim(signer, bytes.fromhex(host), int(version), grant.encode())
    send(controller, [field(1, hello), field(2, batch)])


main()
