# SPDX-License-Identifier: Apache-2.0
"""Strangers and people who hold connections open: nobody else is shut out while they stand."""
import contextlib
import http.client
import resource
import select
import socket
import ssl
import threading

import house

FLOOD = 2000
SHARE = 64  # ApiServerSettings::most_of_network, most_of_person


def hold(port, source):
    """A connection that says nothing."""
    held = socket.create_connection(("127.0.0.1", port), 10, (source, 0))
    held.setblocking(False)
    return held


def is_open(held):
    try:
        return held.recv(1) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


class Flood(house.Served):
    @classmethod
    def setUpClass(cls):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
        super().setUpClass()

    def granted(self):
        request = self.request()["id"]
        self.assertEqual(self.ask_as("lead1", "POST", f"/v1/requests/{request}/approve", {}).status, 200)
        return request

    def revoke(self, request):
        reply = self.ask_as("owner1", "POST", f"/v1/requests/{request}/revoke", {"reason": "now"})
        self.assertEqual((reply.status, reply.json["state"]), (200, "revoking"), reply.text)

    def test_a_revoke_goes_through_while_one_address_holds_and_renews_thousands(self):
        request = self.granted()
        stood, over = threading.Event(), threading.Event()

        def flood():
            held = [hold(self.house.port, "127.0.0.2") for _ in range(FLOOD)]
            stood.set()
            while not over.is_set():
                left = [one for one in held if is_open(one)]
                held = left + [hold(self.house.port, "127.0.0.2") for _ in range(FLOOD - len(left))]
            for one in held:
                one.close()

        flooding = threading.Thread(target=flood)
        flooding.start()
        try:
            self.assertTrue(stood.wait(60))
            self.revoke(request)
            self.assertEqual(self.house.ask("POST", "/v1/login", {"user": "lead2", "password": house.PASSWORD}).status, 200)
        finally:
            over.set()
            flooding.join()

    def test_a_revoke_goes_through_from_the_very_address_that_holds_thousands(self):
        request = self.granted()
        held = [hold(self.house.port, "127.0.0.1") for _ in range(FLOOD)]
        try:
            self.revoke(request)
        finally:
            for one in held:
                one.close()

    def test_who_speaks_stays_while_empty_connections_come_and_go(self):
        context = self.house.context()
        done = self.house.connect()
        done.connect()
        begun, incoming, outgoing = socket.create_connection(("localhost", self.house.port), 10), ssl.MemoryBIO(), ssl.MemoryBIO()
        speech = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
        with self.assertRaises(ssl.SSLWantReadError):
            speech.do_handshake()
        begun.sendall(outgoing.read())
        incoming.write(begun.recv(65536))  # the server has heard it
        held = [hold(self.house.port, "127.0.0.1") for _ in range(3 * SHARE)]
        while any(is_open(one) for one in held[:SHARE]):
            select.select(held[:SHARE], [], [], 1)
        while speech.version() is None:
            with contextlib.suppress(ssl.SSLWantReadError):
                speech.do_handshake()
                break
            incoming.write(begun.recv(65536))
        speech.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        begun.sendall(outgoing.read())
        self.assertNotEqual(begun.recv(65536), b"")
        done.request("GET", "/healthz")
        self.assertEqual(done.getresponse().status, 200)
        for one in [*held, begun, done]:
            one.close()

    def test_a_person_has_a_share_as_well(self):
        request = self.granted()
        context = self.house.context()
        held = []
        for _ in range(SHARE + 1):
            one = http.client.HTTPSConnection("localhost", self.house.port, timeout=30, context=context)
            one.request("GET", "/v1/me", headers={"Authorization": f"Bearer {self.tokens['dev1']}"})
            self.assertEqual(one.getresponse().read()[:1], b"{")
            held.append(one)
        first = held[0].sock
        first.settimeout(10)  # an idle one would be closed after thirty seconds
        with self.assertRaises((BrokenPipeError, ConnectionError, ssl.SSLError)):
            while first.recv(1):
                pass
            raise ConnectionError("closed in order")
        held[-1].request("GET", "/v1/me", headers={"Authorization": f"Bearer {self.tokens['dev1']}"})
        self.assertEqual(held[-1].getresponse().status, 200)
        self.revoke(request)
        for one in held:
            one.close()

    def test_who_waits_for_a_change_is_not_a_stranger(self):
        request = self.request()
        waiting = self.house.connect(timeout=60)
        for target in ("/v1/me", f"/v1/requests/{request['id']}?wait=60&seen={request['revision']}"):
            waiting.request("GET", target, headers={"Authorization": f"Bearer {self.tokens['dev1']}"})
            if target == "/v1/me":
                waiting.getresponse().read()
        held = [hold(self.house.port, "127.0.0.1") for _ in range(3 * SHARE)]
        self.ask_as("lead1", "POST", f"/v1/requests/{request['id']}/deny", {"reason": "no"})
        self.assertIn(b'"denied"', waiting.getresponse().read())
        for one in held + [waiting]:
            one.close()
