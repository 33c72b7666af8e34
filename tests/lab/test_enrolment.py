# SPDX-License-Identifier: Apache-2.0
# Who may speak for a host: tokens that are used up, expired or invented, certificates that are wrong, and a link that
# was taken over and acknowledges what its host never did.

import pathlib
import unittest

from curfewlab.curfew import AUTHORITY, URL, package_for, wait_for
from curfewlab.trial import Trial

REFUSED = 5
BACKGROUND = "sleep 471119"
PAM_UPDATE = "/usr/sbin/pam-auth-update"
SECOND_API, SECOND_AGENTS = 8443, 8444
HERE = pathlib.Path(__file__).resolve().parent
SELF_SIGNED = "openssl req -x509 -newkey ed25519 -nodes -keyout /run/own.key -out /run/own.crt -days 1 -subj /CN=host1 2>/dev/null"
# TLS 1.3 tells a client about its bad certificate only when it reads; a link that is welcome stays silent for now.
DIAL = """
import socket, ssl, sys
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
if sys.argv[1] != 'none':
    context.load_cert_chain(sys.argv[1], sys.argv[2])
if sys.argv[3] == '1.2':
    context.maximum_version = ssl.TLSVersion.TLSv1_2
try:
    stream = context.wrap_socket(socket.create_connection(('controller', 7444), 5))
    stream.settimeout(2)
    print('closed' if stream.recv(1) == b'' else 'spoke')
except TimeoutError:
    print('welcome')
except (ssl.SSLError, ConnectionError) as refused:
    print('refused')
"""


class Enrolment(Trial):
    def token(self, *options):
        return self.site.must("controller", "curfew-controller", "token", "new", *options).strip()

    def join(self, host, token, controller=URL, authority=AUTHORITY):
        self.site.must(host, "sh", "-ec", "umask 77; cat >/run/t", stdin=token + "\n")
        self.site.must(host, "sh", "-ec", "cat >/run/ca", stdin=self.site.must("controller", "cat", authority))
        return self.site.run(host, "curfew-agent", "join", "--controller", controller, "--token-file", "/run/t", "--ca", "/run/ca")

    def assertJoinRefused(self, host, token):
        identity = self.site.must(host, "sh", "-c", "cd /var/lib; sha256sum curfew/state/*.key curfew-link/* /etc/curfew/*")
        refused = len(self.events(None, "reject"))
        done = self.join(host, token)
        self.assertEqual(done.status, REFUSED, str(done))
        self.assertNotIn(token, done.out + done.err)
        self.assertEqual(len(done.err.strip().splitlines()), 1, f"one clear error: {done}")
        after = self.site.must(host, "sh", "-c", "cd /var/lib; sha256sum curfew/state/*.key curfew-link/* /etc/curfew/*")
        self.assertEqual(after, identity)
        wait_for(lambda: len(self.events(None, "reject")) > refused, 10, "a reject event")

    def test_a_host_that_is_removed_hears_of_its_last_ends_first(self):
        token = self.token_of_host2()
        request = self.site.granted("dev1", "host2", "10m")
        self.addCleanup(lambda: self.assertWorks(self.join("host2", token)))
        said = self.site.run("controller", "curfew-controller", "host", "remove", "host2")
        self.assertWorks(said)
        self.assertIn("1 grant(s)", said.err)
        wait_for(lambda: not self.site.has_rule("host2", "dev1"), 5, "the rule to go")
        self.site.wait_for_state("dev1", request, "revoked", within=30)
        self.assertEqual(self.site.show("dev1", request)["grants"][0]["proof"], "proved")
        self.assertNotIn("host2", [host["name"] for host in self.site.curfew_json("owner1", "hosts")])

    def token_of_host2(self):
        return self.token("--uses", "1", "--label", "env=lab", "--label", "role=web", "--label", "name=host2")

    def assertEndedAndProved(self, request, cause="revoked"):
        self.site.wait_for_state("dev1", request, "revoked")
        grant = self.site.show("dev1", request)["grants"][0]
        self.assertEqual((grant["proof"], grant["cause"]), ("proved", cause))
        self.assertFalse(self.site.has_rule("host2", "dev1"))

    def set_up_again(self):
        self.assertWorks(self.join("host2", self.token_of_host2()))
        self.site.must("host2", "curfew-agent", "setup", "all")
        wait_for(lambda: self.is_online("host2"), 30, "host2 to be online")
        self.site.granted("dev1", "host2", "5m")
        self.assertEqual(self.site.wait_until_usable("dev1", "host2").out, "0\n")

    def test_a_host_leaves_for_another_controller_and_comes_back(self):
        request = self.site.granted("dev1", "host2", "10m")
        left = self.site.run("host2", "curfew-agent", "leave")
        self.addCleanup(self.set_up_again)
        self.assertWorks(left)
        self.assertIn("the controller has the proofs", left.out)
        self.assertEndedAndProved(request)
        self.assertEqual(self.site.must("host2", "cat", "/var/lib/curfew/managed"), "")
        second = self.second_controller()
        self.assertWorks(self.join("host2", second("token", "new").strip(), f"https://controller:{SECOND_API}", "/var/lib/second/ca.crt"))
        wait_for(lambda: self.site.status("host2")["bundle"]["version"] > 0, 20, "a bundle of the second controller")
        wait_for(lambda: self.site.status("host2")["spool"]["depth"] == 0, 20, "the second controller to take the events")
        self.assertIn("host2", second("host", "ls"))
        self.assertWorks(self.site.run("host2", "curfew-agent", "leave"))

    def sealed_on(self, host, name, *command):
        """What the controller sealed, as a file on the host: whoever has the link may keep it and bring it later."""
        self.site.must("controller", "sh", "-c", f"{' '.join(command)} >/tmp/{name}")
        text = self.site.must("controller", "base64", "-w0", f"/tmp/{name}")
        self.site.must(host, "sh", "-c", f"base64 -d >/run/{name}", stdin=text)
        return f"/run/{name}"

    def test_a_host_that_leaves_and_joins_again_takes_no_bundle_of_before_an_end(self):
        request = self.site.granted("dev1", "host2", "10m")
        old = self.sealed_on("host2", "old.sealed", "curfew-controller", "bundle", "host2")
        roles = self.sealed_on("host2", "roles.sealed", "cat", "/var/lib/curfew-controller/roles.sealed")
        self.assertWorks(self.site.curfew("owner1", "revoke", request, "--reason", "it is over"))
        self.assertEndedAndProved(request)
        self.assertWorks(self.site.run("host2", "curfew-agent", "leave"))
        self.addCleanup(self.set_up_again)
        self.addCleanup(self.site.must, "host2", "systemctl", "unmask", "--runtime", "curfew-link.service")
        # A link in wrong hands brings what it likes, and nothing else.
        self.site.must("host2", "systemctl", "mask", "--runtime", "curfew-link.service")
        joined = self.join("host2", self.token_of_host2())
        self.assertIn("systemctl", joined.err, "all of it is done but the start of the link")
        offer = ("host2", "curfew-agent", "offer")
        wait_for(lambda: self.site.run(*offer, roles).status == 0, 20, "the enforcer to start again under its controller")
        self.site.must("host2", "curfew-agent", "setup", "all")
        refused = self.site.run(*offer, old)
        self.assertEqual(refused.status, REFUSED, str(refused))
        self.assertIn("rollback", refused.err)
        self.assertFalse(self.site.has_rule("host2", "dev1"))
        self.assertNotEqual(self.site.ssh("dev1", "host2", "sudo -n id -u").status, 0)

    def second_controller(self):
        """One more on the same machine, with a root key of its own; gives back its command line."""
        command = ("curfew-controller", "--dir", "/var/lib/second", "--config", "/etc/curfew/second.toml")
        self.site.must("controller", *command, "init", "--name", "controller")
        settings = f'api = "0.0.0.0:{SECOND_API}"\nagents = "0.0.0.0:{SECOND_AGENTS}"\nnames = ["controller"]\n'
        self.site.must("controller", "sh", "-c", "cat >/etc/curfew/second.toml", stdin=settings)
        self.site.must("controller", "systemd-run", "--quiet", "--unit=second", "--service-type=notify", *command, "serve")
        self.addCleanup(self.site.must, "controller", "rm", "-rf", "/var/lib/second", "/etc/curfew/second.toml")
        self.addCleanup(self.site.must, "controller", "systemctl", "stop", "second.service")
        return lambda *words: self.site.must("controller", *command, *words)

    def dpkg(self, *words):
        return self.site.run("host2", "env", "DEBIAN_FRONTEND=noninteractive", "dpkg", *words)

    def install_package(self):
        self.assertWorks(self.dpkg("--install", f"/root/{package_for('host2').name}"))
        self.set_up_again()

    def remove_package(self):
        removed = self.dpkg("--remove", "curfew-agent")
        self.assertWorks(removed)
        self.site.admin_is_well("host2")
        return removed

    def test_a_host_whose_package_is_removed_proves_its_ends_first_also_with_its_enforcer_stopped(self):
        request = self.site.granted("dev1", "host2", "10m")
        self.addCleanup(self.install_package)
        self.site.must("host2", "systemctl", "stop", "curfew-enforcer")
        self.remove_package()
        self.assertEndedAndProved(request)

    def test_a_removal_leaves_nobody_in_where_the_enforcer_cannot_start_and_a_step_fails(self):
        self.site.granted("dev1", "host2", "10m")
        session = self.site.open_session("dev1", "host2", f"sudo -n setsid {BACKGROUND} & echo opened; cat")
        session.wait_to_show("opened")
        wait_for(lambda: self.site.processes_of("host2", BACKGROUND), 5, "root's process")
        self.addCleanup(self.install_package)
        self.site.must("host2", "systemctl", "mask", "--runtime", "curfew-enforcer.service")
        self.addCleanup(self.site.must, "host2", "systemctl", "unmask", "--runtime", "curfew-enforcer.service")
        self.site.must("host2", "systemctl", "kill", "--signal=SIGKILL", "curfew-enforcer.service")
        self.site.must("host2", "sh", "-ec", f"mv {PAM_UPDATE} {PAM_UPDATE}.real; ln -s /bin/false {PAM_UPDATE}")
        self.addCleanup(self.site.must, "host2", "mv", "-f", f"{PAM_UPDATE}.real", PAM_UPDATE)
        removed = self.remove_package()
        session.wait_to_end(10)
        self.assertEqual(self.site.processes_of("host2", BACKGROUND), [])
        self.assertIn("pam-auth-update", removed.err)
        for left in ("/etc/sudoers.d/curfew", "/etc/ssh/sshd_config.d/00-curfew.conf", "/run/curfew"):
            self.assertNotEqual(self.site.run("host2", "test", "-e", left).status, 0, left)

    def test_a_token_that_is_used_up(self):
        token = self.token("--uses", "1", "--label", "env=lab", "--label", "role=web", "--label", "name=host1")
        self.assertWorks(self.join("host1", token))
        self.assertJoinRefused("host2", token)

    def test_a_token_that_has_expired(self):
        token = self.token("--expires", "1s")
        listed = "curfew-controller token ls"
        wait_for(lambda: self.site.run("controller", "sh", "-c", f"sleep 1.1; {listed}").status == 0, 10, "the token to expire")
        self.assertJoinRefused("host2", token)

    def test_a_token_that_nobody_made(self):
        self.assertJoinRefused("host2", self.token()[:-4] + "zzzz")

    def test_a_token_file_that_is_missing_or_empty_is_one_error(self):
        for stdin in ("", "\n", "two words\n"):
            done = self.join("host2", stdin)
            self.assertNotEqual(done.status, 0, str(done))
            self.assertEqual(len(done.err.strip().splitlines()), 1, str(done))

    def test_certificates(self):
        self.site.must("host1", "sh", "-ec", SELF_SIGNED)
        link = ("/var/lib/curfew-link/link.pem", "/var/lib/curfew-link/link.pem")
        for name, arguments, said in (
            ("its own", (*link, "1.3"), ("welcome",)),
            ("none", ("none", "none", "1.3"), ("refused", "closed")),
            ("self-signed", ("/run/own.crt", "/run/own.key", "1.3"), ("refused", "closed")),
            ("TLS 1.2", (*link, "1.2"), ("refused", "closed")),
        ):
            with self.subTest(name):
                self.assertIn(self.site.must("host1", "python3", "-c", DIAL, *arguments).strip(), said)

    def test_a_forged_acknowledgement_is_refused_and_proves_nothing(self):
        self.site.must("host2", "systemctl", "stop", "curfew-link")
        request = self.site.request("dev1", "host2", "5m")
        self.site.approve("lead1", request)
        host = next(entry for entry in self.site.curfew_json("owner1", "hosts") if entry["name"] == "host2")
        grant = self.site.show("dev1", request)["grants"][0]["id"]
        self.site.lab.put("host2", HERE / "forge.py", "/run/forge.py")
        self.site.must("host2", "sh", "-c", "head -c 32 /dev/urandom >/run/seed")
        refused = len(self.events(None, "reject"))
        version = str(host["bundle"]["version"] + 1)
        self.site.must("host2", "python3", "/run/forge.py", "controller", host["id"], "/run/seed", version, grant)
        self.assertEqual(self.wait_for_event(None, "reject", refused)[-1]["outcome"], "bad-signature")
        after = next(entry for entry in self.site.curfew_json("owner1", "hosts") if entry["name"] == "host2")
        self.assertEqual(after["bundle"]["acked"], host["bundle"]["acked"])
        shown = self.site.show("dev1", request)
        self.assertEqual(shown["state"], "provisioning")
        self.assertNotEqual(shown["grants"][0]["proof"], "proved")

    def test_another_hosts_audit_key_proves_nothing(self):
        """host1 taken over, root and all: it claims the end of a grant on host2."""
        request = self.site.granted("dev1", "host2", "5m")
        grant = self.site.show("dev1", request)["grants"][0]["id"]
        host = next(entry for entry in self.site.curfew_json("owner1", "hosts") if entry["name"] == "host2")
        self.site.must("host1", "systemctl", "stop", "curfew-link")
        self.site.lab.put("host1", HERE / "forge.py", "/run/forge.py")
        refused = len(self.events(None, "reject"))
        seed = "/var/lib/curfew/state/audit.key"
        self.site.must("host1", "python3", "/run/forge.py", "controller", host["id"], seed, "99", grant)
        self.assertEqual(self.wait_for_event(None, "reject", refused)[-1]["outcome"], "other-host")
        shown = self.site.show("dev1", request)
        self.assertEqual((shown["state"], shown["grants"][0]["state"]), ("active", "active"))


if __name__ == "__main__":
    unittest.main()
