# SPDX-License-Identifier: Apache-2.0
# A host whose own parts misbehave: visudo that fails, hangs, is missing or says yes to all (D13), old sudo tickets (D15),
# key files that sshd would not read (E2), and a host that does not answer in time.

import unittest

from curfewlab.curfew import read_json, wait_for
from curfewlab.trial import Trial

VISUDO = "/usr/sbin/visudo"
STUBS = {
    "fails": "#!/bin/sh\nexit 1\n",
    "hangs": "#!/bin/sh\nexec sleep 1000\n",
    "is missing": None,
}


class HostFaults(Trial):
    def replace_visudo(self, text):
        self.site.must("host1", "sh", "-ec", f"[ -e {VISUDO}.real ] || cp -p {VISUDO} {VISUDO}.real; rm -f {VISUDO}")
        if text is not None:
            self.site.must("host1", "sh", "-ec", f"cat >{VISUDO}; chmod 755 {VISUDO}", stdin=text)
        self.addCleanup(self.site.run, "host1", "sh", "-c", f"[ ! -e {VISUDO}.real ] || mv -f {VISUDO}.real {VISUDO}")

    def test_nothing_is_given_while_visudo_does_not_say_yes(self):
        for name, text in STUBS.items():
            with self.subTest(f"visudo {name}"):
                alarms = self.alarms()
                self.replace_visudo(text)
                request = self.site.request("dev1", "host1", "5m", "--policy", "web-root")
                self.site.approve("lead1", request)
                wait_for(lambda n=alarms: self.alarms() > n, 20, "an alarm")
                self.assertFalse(self.site.has_rule("host1", "dev1"))
                self.assertSudoRefused("host1", "dev1")
                self.assertNotEqual(self.site.show("dev1", request)["grants"][0]["state"], "active")
                self.assertEqual(self.site.processes_of("host1", "sleep 1000"), [])
                self.site.must("host1", "mv", "-f", f"{VISUDO}.real", VISUDO)
                self.end(self.site.show("dev1", request))

    def test_a_removal_does_not_wait_for_visudo(self):
        request = self.site.granted("dev1", "host1", "5m")
        self.replace_visudo(STUBS["hangs"])
        done = self.site.curfew("dev1", "return", request)
        refused = self.site.wait_until_refused("dev1", "host1")
        self.assertLessEqual(refused - done.ended, 1.0)

    def test_a_visudo_that_says_yes_to_all_is_not_the_only_judge(self):
        self.replace_visudo("#!/bin/sh\nexit 0\n")
        self.site.granted("dev1", "host1", "5m")
        self.site.must("host1", "mv", "-f", f"{VISUDO}.real", VISUDO)
        self.assertWorks(self.site.run("host1", "visudo", "-c"))

    def test_old_tickets_are_gone_when_a_grant_begins_and_when_it_ends(self):
        uid = self.site.must("host1", "id", "-u", "dev1").strip()
        tickets = ["/run/sudo/ts/dev1", f"/run/sudo/ts/{uid}", f"/run/sudo-rs/ts/{uid}"]
        plant = 'for ticket in "$@"; do install -d -m 700 "$(dirname "$ticket")"; head -c 56 /dev/zero >"$ticket"; chmod 600 "$ticket"; done'
        left = 'for ticket in "$@"; do [ ! -e "$ticket" ] || echo "$ticket"; done'

        def gone():
            return self.site.must("host1", "sh", "-c", left, "sh", *tickets) == ""

        self.site.must("host1", "sh", "-ec", plant, "sh", *tickets)
        self.assertFalse(gone())
        request = self.site.granted("dev1", "host1", "5m")
        wait_for(gone, 5, "tickets from before the grant to be removed")
        self.site.must("host1", "sh", "-ec", plant, "sh", *tickets)
        self.site.curfew("dev1", "return", request)
        self.site.wait_for_state("dev1", request, "revoked")
        wait_for(gone, 5, "tickets from within the grant to be removed")

    def test_key_files_that_sshd_cannot_read_are_mended_or_red(self):
        self.site.granted("dev1", "host1", "10m")
        keys = "/run/curfew/keys"
        for name, damage in {
            "mode 0600": f"chmod 600 {keys}/dev1",
            "mode 0664": f"chmod 664 {keys}/dev1",
            "directory 0775": f"chmod 775 {keys}",
            "directory 0700": f"chmod 700 {keys}",
            "a link": f"cp {keys}/dev1 /home/dev1/k; ln -s /home/dev1/k /run/planted; mv -fT /run/planted {keys}/dev1",
            "not root's": f"chown dev1 {keys}/dev1",
        }.items():
            with self.subTest(name):
                self.site.must("host1", "sh", "-ec", damage)

                def seen():
                    mended = self.site.run("host1", "stat", "-c", "%a %u %F", f"{keys}/dev1", keys).out
                    return mended == "644 0 regular file\n755 0 directory\n" or self.site.run("host1", "curfew-agent", "doctor").status == 1

                wait_for(seen, 10, f"{name} to be mended or reported")
                self.site.must("host1", "sh", "-ec", f"rm -rf {keys}/dev1 /home/dev1/k; chmod 755 {keys}")
                self.site.must("host1", "systemctl", "restart", "curfew-enforcer")
                self.assertEqual(self.site.wait_until_usable("dev1", "host1").status, 0)

    def test_a_world_writable_run_is_red(self):
        self.site.must("host1", "chmod", "1777", "/run")
        self.addCleanup(self.site.must, "host1", "chmod", "755", "/run")
        self.assertEqual(self.site.run("host1", "curfew-agent", "doctor").status, 1)

    def layers(self):
        """As doctor finds them, and as the controller shows them."""
        doctor = read_json(self.site.run("host1", "curfew-agent", "doctor", "-o", "json").out)["layers"]
        hosts = {host["name"]: host["layers"] for host in self.site.curfew_json("owner1", "hosts")}
        return doctor, hosts["host1"]

    def test_doctor_and_the_controller_name_the_same_layers(self):
        line = "/etc/pam.d/common-account"
        spoiled = {
            "reaper": ("systemctl stop curfew-reaper.timer", "systemctl start curfew-reaper.timer"),
            "pam": (f"sed -i '/pam_curfew/s/^/#/' {line}", f"sed -i '/pam_curfew/s/^#*//' {line}"),
            "native_sudo": ("mv /etc/sudoers.d/curfew /root/", "mv /root/curfew /etc/sudoers.d/"),
            "native_key": ("echo NoSuchOption >/etc/ssh/sshd_config.d/90-odd.conf", "rm /etc/ssh/sshd_config.d/90-odd.conf"),
        }
        sound = dict.fromkeys(("native_sudo", "native_key", "timer", "pam", "reaper", "tmpfs"), True)
        wait_for(lambda: self.layers() == (sound, sound), 10, "all layers to hold")
        for layer, (spoil, mend) in spoiled.items():
            with self.subTest(layer):
                self.addCleanup(self.site.run, "host1", "sh", "-c", mend)
                self.site.must("host1", "sh", "-ec", spoil)
                without = dict(sound, **{layer: False})
                wait_for(lambda w=without: self.layers() == (w, w), 10, f"both to say that {layer} does not hold: {self.layers()}")
                self.site.must("host1", "sh", "-ec", mend)
                wait_for(lambda: self.layers() == (sound, sound), 10, f"both to say that {layer} holds again: {self.layers()}")

    def test_doctor_names_accounts_that_need_no_grant(self):
        for what, begin, end in (
            ("group sudo", "gpasswd -a dev2 sudo", "gpasswd -d dev2 sudo"),
            ("left-behind", "umask 337; echo 'dev2 ALL=(ALL) ALL' >/etc/sudoers.d/left-behind", "rm -f /etc/sudoers.d/left-behind"),
            ("polkit", "install -d /etc/polkit-1/rules.d; echo 'if (subject.user == \"dev2\") {}' >/etc/polkit-1/rules.d/9.rules",
             "rm -r /etc/polkit-1"),
        ):  # fmt: skip
            with self.subTest(what):
                self.addCleanup(self.site.run, "host1", "sh", "-c", end)
                self.site.must("host1", "sh", "-ec", begin)
                done = self.site.run("host1", "curfew-agent", "doctor", "-o", "json")
                self.assertEqual(done.status, 0, str(done))
                warned = [check for check in read_json(done.out)["checks"] if check["name"] == "account dev2"]
                self.assertTrue(any(what in check["detail"] for check in warned), str(warned))
                self.site.must("host1", "sh", "-ec", end)
        self.assertNotIn("account dev2", self.site.run("host1", "curfew-agent", "doctor").out)

    def test_doctor_is_green_on_a_healthy_host(self):
        done = self.site.run("host1", "curfew-agent", "doctor", "-o", "json")
        self.assertEqual(done.status, 0, str(done))


if __name__ == "__main__":
    unittest.main()
