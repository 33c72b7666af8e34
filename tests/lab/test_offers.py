# SPDX-License-Identifier: Apache-2.0
# What a host must not believe, offered to a real one by hand: another host's bundle, an older one, a damaged one,
# another purpose. Each is refused, changes nothing, and is an event at the controller.

import base64
import os
import random
import tempfile
import unittest

from curfewlab.command import run
from curfewlab.curfew import wait_for
from curfewlab.curfew import wait_for
from curfewlab.trial import Trial

REFUSED = 5
FLIPS = 40
OFFER = "/run/offer"


class Offers(Trial):
    def printed(self, *words):
        """What the controller prints raw: sealed bytes, as it would send them."""
        entry = self.site.lab.machine("controller").entry(["sh", "-c", f"curfew-controller {' '.join(words)} | base64 -w0"])
        return base64.b64decode(run(*entry).stdout)

    def bundle(self, host):
        return self.printed("bundle", host)

    def offer(self, host, sealed):
        with tempfile.NamedTemporaryFile() as file:
            file.write(sealed)
            file.flush()
            self.site.lab.put(host, file.name, OFFER)
        return self.site.run(host, "curfew-agent", "offer", OFFER)

    def state_of(self, host):
        shown = "sha256sum /run/curfew/sudoers.d/* /run/curfew/keys/* /var/lib/curfew/managed /etc/ssh/sshd_config.d/00-curfew.conf"
        return self.site.run(host, "sh", "-c", shown).out, self.site.status(host)["bundle"]

    def assertRefused(self, host, sealed, kind):
        """`kind`: of the event that must reach the controller; None for a host that is cut off."""
        before, known = self.state_of(host), len(self.events(host, kind)) if kind is not None else 0
        done = self.offer(host, sealed)
        self.assertEqual(done.status, REFUSED, str(done))
        self.assertEqual((done.out + done.err).strip().count("\n"), 0, f"one clear error: {done}")
        self.assertEqual(self.state_of(host), before)
        if kind is not None:
            self.wait_for_event(host, kind, known)

    def test_another_hosts_bundle_is_refused(self):
        self.site.granted("dev1", "host1", "5m")
        self.assertRefused("host2", self.bundle("host1"), "reject")
        self.assertFalse(self.site.has_rule("host2", "dev1"))

    def test_the_same_bundle_again_changes_nothing(self):
        before = self.state_of("host1")
        done = self.offer("host1", self.bundle("host1"))
        self.assertEqual(done.status, 0, str(done))
        self.assertEqual(self.state_of("host1"), before)

    def test_an_older_bundle_is_refused_also_after_a_restart(self):
        request = self.site.granted("dev1", "host1", "5m")
        older = self.bundle("host1")
        self.site.curfew("dev1", "return", request)
        self.site.wait_for_state("dev1", request, "revoked")
        self.assertRefused("host1", older, "rollback")
        self.site.must("host1", "systemctl", "restart", "curfew-enforcer")
        self.assertRefused("host1", older, "rollback")
        self.assertLoginRefused("dev1", "host1")

    def test_a_flipped_byte_anywhere_is_refused(self):
        seed = os.environ.get("CURFEW_SEED", "1")
        draw = random.Random(f"flip {seed}")
        self.site.granted("dev1", "host1", "5m")
        sealed = self.bundle("host1")
        places = range(len(sealed)) if os.environ.get("CURFEW_LONG") == "1" else draw.sample(range(len(sealed)), FLIPS)
        before = self.state_of("host1")
        for place in places:
            with self.subTest(place=place, seed=seed):
                damaged = bytearray(sealed)
                damaged[place] ^= 1 << draw.randrange(8)
                self.assertEqual(self.offer("host1", bytes(damaged)).status, REFUSED)
        self.assertEqual(self.state_of("host1"), before)

    def test_cut_short_and_empty_are_refused(self):
        sealed = self.bundle("host1")
        for name, offered in (("half", sealed[: len(sealed) // 2]), ("one byte", sealed[:1]), ("more", sealed + b"x")):
            with self.subTest(name):
                self.assertRefused("host1", offered, "reject")

    def test_a_bundle_for_a_cut_off_host_is_carried_by_hand(self):
        self.site.lab.network.cut("host2")
        request = self.site.request("dev2", "host2", "5m")
        self.site.approve("lead1", request)
        done = self.offer("host2", self.bundle("host2"))
        self.assertEqual(done.status, 0, str(done))
        # The verdict is about the bundle; its rule follows once visudo has read it.
        wait_for(lambda: self.site.has_rule("host2", "dev2"), 10, "dev2's rule on host2")

    def test_a_revocation_for_a_cut_off_host_is_carried_by_hand(self):
        request = self.site.granted("dev1", "host2", "10m")
        grant = self.site.show("dev1", request)["grants"][0]["id"]
        before = self.bundle("host2")
        early = self.site.run("controller", "curfew-controller", "revocation", grant)
        self.assertEqual(early.status, 1, str(early))
        self.assertIn(f"curfew revoke {request}", early.err)
        self.site.lab.network.cut("host2")
        self.assertWorks(self.site.curfew("lead1", "revoke", request, "--reason", "cut off"))
        self.assertTrue(self.site.has_rule("host2", "dev1"), "a cut-off host cannot know of it yet")
        sealed = self.printed("revocation", grant)
        self.assertRefused("host2", sealed[:-1] + bytes([sealed[-1] ^ 1]), None)
        self.assertEqual(self.offer("host1", sealed).status, REFUSED, "it is another host's")
        self.assertWorks(self.offer("host2", sealed))
        wait_for(lambda: not self.site.has_rule("host2", "dev1"), 1, "the rule to go")
        self.assertEqual(self.site.key_lines("host2", "dev1"), [])
        self.assertSudoRefused("host2", "dev1")
        # What was in force before, once more: it is no older bundle, and still it gives nothing back.
        self.assertWorks(self.offer("host2", before))
        self.site.must("host2", "systemctl", "restart", "curfew-enforcer")
        self.assertWorks(self.offer("host2", before))
        self.assertFalse(self.site.has_rule("host2", "dev1"))
        self.assertEqual(self.site.key_lines("host2", "dev1"), [])
        self.site.lab.network.heal("host2")
        self.site.wait_for_state("dev1", request, "revoked", within=60)
        self.assertEqual(self.site.show("dev1", request)["grants"][0]["proof"], "proved")


if __name__ == "__main__":
    unittest.main()
