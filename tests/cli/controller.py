# SPDX-License-Identifier: Apache-2.0
"""A running controller for the command: its policy, two hosts, and people who logged in with `curfew login`. The hosts have
no agent: what they would acknowledge is the lab's to test."""
import running

import program

POLICY = running.POLICY + """\
  - name: restart-nginx
    who: {groups: [developers]}
    hosts: "role=web"
    account: self
    allow: {sudo: [[/usr/bin/systemctl, restart, nginx]]}
    duration: {default: 5m, max: 15m}
    approve: []
"""


class Controller(running.Controller):
    def __init__(self, more_settings=""):
        super().__init__()
        self.init(more_settings)
        self.start()
        try:
            self.load_policy(POLICY)
            token = self.new_token("--uses", "2", "--label", "env=lab", "--label", "role=web")
            for name in ("host1", "host2"):
                self.enrol(name, token)
        except BaseException:
            self.close()
            raise

    def person(self, name):
        """Somebody who is logged in, with an own home."""
        password = f"password of {name}"
        self.add_person(name, running.PEOPLE[name], password)
        someone = program.Person(self.folder / name)
        someone.home.mkdir()
        done = someone.run("login", self.url, "--ca", str(self.authority), "--user", name, "--password-file", "-", text=password + "\n")
        assert done.returncode == 0, done.stderr
        return someone
