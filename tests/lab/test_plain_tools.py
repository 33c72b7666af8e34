# SPDX-License-Identifier: Apache-2.0
# Plain ssh, scp, rsync and Ansible work with a grant and see not one byte of Curfew's; an interactive login gets one
# line; and what a granted key did not ask for (forwarding, agent, user's rc) stays shut.

import unittest

from curfewlab.trial import Trial

SSH = ("ssh", "-n", "-o", "BatchMode=yes")
PLAY = """- hosts: all
  become: true
  gather_facts: true
  tasks:
    - copy: {content: "by ansible\\n", dest: /root/by-ansible, mode: "0600"}
    - command: id -u
      register: who
    - assert: {that: who.stdout == "0"}
"""


class PlainTools(Trial):
    def setUp(self):
        super().setUp()
        self.site.granted("dev1", "host1", "10m")

    def at_desk(self, person, *command, stdin=None):
        return self.site.run("desk", *command, person=person, stdin=stdin)

    def assertSilent(self, done):
        self.assertEqual((done.status, done.out, done.err), (0, "", ""), str(done))

    def test_a_command_over_ssh_prints_only_its_own(self):
        done = self.at_desk("dev1", *SSH, "dev1@host1", "echo mine")
        self.assertEqual((done.status, done.out, done.err), (0, "mine\n", ""))

    def test_scp_both_ways_and_sftp(self):
        self.at_desk("dev1", "sh", "-c", "head -c 300000 /dev/urandom >sent")
        self.assertSilent(self.at_desk("dev1", "scp", "-q", "sent", "dev1@host1:there"))
        self.assertSilent(self.at_desk("dev1", "scp", "-q", "-O", "dev1@host1:there", "back"))
        self.assertSilent(self.at_desk("dev1", "cmp", "sent", "back"))
        done = self.at_desk("dev1", "sftp", "-q", "-b", "-", "dev1@host1", stdin="rename there moved\nls moved\n")
        self.assertEqual(done.status, 0, str(done))

    def test_rsync(self):
        self.at_desk("dev1", "sh", "-c", "mkdir -p tree/a; echo one >tree/a/1; echo two >tree/2")
        self.assertSilent(self.at_desk("dev1", "rsync", "-a", "--delete", "tree/", "dev1@host1:tree/"))
        self.assertWorks(self.site.run("host1", "cat", "/home/dev1/tree/a/1"), "one\n")

    def test_an_ansible_play_with_become(self):
        self.at_desk("dev1", "sh", "-c", "cat >play.yml", stdin=PLAY)
        done = self.at_desk("dev1", "ansible-playbook", "-i", "host1,", "play.yml")
        self.assertIn("failed=0", done.out, str(done))
        self.assertWorks(done)
        self.assertWorks(self.site.run("host1", "cat", "/root/by-ansible"), "by ansible\n")

    def test_an_interactive_login_gets_one_line(self):
        session = self.site.open_session("dev1", "host1", "", account=None)
        session.wait_to_show("curfew return")
        session.close()
        lines = [line for line in session.shown.splitlines() if "curfew" in line]
        self.assertEqual(len(lines), 1, session.shown)
        self.assertIn("until", lines[0])

    def test_forwarding_is_shut_for_the_granted_key_and_open_for_the_admin(self):
        probes = {
            "remote port": (*SSH, "-o", "ExitOnForwardFailure=yes", "-R", "7777:host2:22", "{who}@host1", "true"),
            "local port": ("sh", "-c", "echo | ssh -o BatchMode=yes -W host2:22 {who}@host1 | grep -q SSH-2.0"),
            "agent": ("ssh-agent", *SSH, "-A", "{who}@host1", 'test -n "$SSH_AUTH_SOCK"'),
        }
        for name, probe in probes.items():
            with self.subTest(name):
                admin = self.at_desk("ops1", *(word.format(who="ops1") for word in probe))
                self.assertEqual(admin.status, 0, f"the probe itself does not work: {admin}")
                granted = self.at_desk("dev1", *(word.format(who="dev1") for word in probe))
                self.assertNotEqual(granted.status, 0, f"{name} is open: {granted}")

    def test_a_users_rc_does_not_run_for_the_granted_key(self):
        for account, runs in (("dev1", False), ("ops1", True)):
            with self.subTest(account):
                make = "mkdir -p ~/.ssh && echo 'touch ~/rc-ran' >~/.ssh/rc && rm -f ~/rc-ran"
                self.site.must("host1", "sh", "-c", make, person=account)
                self.assertWorks(self.site.ssh(account, "host1", "true"))
                ran = self.site.run("host1", "test", "-e", f"/home/{account}/rc-ran").status == 0
                self.site.must("host1", "rm", f"/home/{account}/.ssh/rc")
                self.assertEqual(ran, runs)

    def test_x11_and_tunnels_are_shut(self):
        done = self.at_desk("dev1", "env", "DISPLAY=:99", *SSH, "-X", "dev1@host1", 'test -z "$DISPLAY"')
        self.assertEqual(done.status, 0, str(done))
        tunnel = self.at_desk("dev1", *SSH, "-o", "ExitOnForwardFailure=yes", "-w", "any:any", "dev1@host1", "true")
        self.assertNotEqual(tunnel.status, 0, str(tunnel))


if __name__ == "__main__":
    unittest.main()
