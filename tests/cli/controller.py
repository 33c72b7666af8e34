# SPDX-License-Identifier: Apache-2.0
"""A running controller for the command: its policy, two hosts, and people who logged in with `curfew login`. The hosts have
no agent: what they would acknowledge is the lab's to test."""
import running

import program

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


class Controller(running.Controller):
    def __init__(self, more_settings=""):
        super().__init__()
        self.init(more_settings)
        self.start()
        try:
            self.load_policy(POLICY)
            token = self.new_token("--uses", "2", "--label", "env=test", "--label", "role=web")
            for name in ("host1", "host2"):
                self.enrol(name, token)
        except BaseException:
            self.close()
            raise

    def person(self, name):
        """Somebody who is logged in, with an own home."""
        password = f"password of {name}"
        self.add_person(name, PEOPLE[name], password)
        someone = program.Person(self.folder / name)
        someone.home.mkdir()
        done = someone.run("login", self.url, "--ca", str(self.authority), "--user", name, "--password-file", "-", text=password + "\n")
        assert done.returncode == 0, done.stderr
        return someone
