# SPDX-License-Identifier: Apache-2.0
# The story of Curfew on real hosts: `./try` tells it, a lab test asserts it; both run these very steps.
# A step is a sentence and a function that raises AssertionError when the sentence is not true.

import collections
import concurrent.futures
import time

from curfewlab.invariants import check_invariants
from curfewlab.site import WHAT_TO_TYPE, instant

SOON_S = 1.0
# Asking the host takes a moment too; nothing below is asserted more finely than this.
LOOK_S = 0.5
SHORT_GRANT_S = 14
BACKGROUND = "sleep 471117"
Step = collections.namedtuple("Step", "sentence tell")


class Story:
    def __init__(self, site):
        self.site = site
        self.notes = []
        self.requests = {}
        self.session = None
        self.end = 0.0

    def note(self, text):
        """Something measured, printed under the step that is being told."""
        self.notes.append(text)

    def steps(self):
        return [
            Step("The controller serves; host1 and host2 have joined by token, under a policy; everyone is logged in.", self.joined),
            Step("Without a grant ssh is refused, and says on standard error what to type.", self.ssh_says_what_to_type),
            Step("Without a grant sudo is refused, and says at the terminal what to type.", self.sudo_says_what_to_type),
            Step("Before anything is granted the unmanaged admin logs in and uses sudo, and dev1's cron job runs.", self.others_are_well),
            Step("dev1 asks; dev1 cannot approve it; lead1 sees it and says yes.", self.ask_and_approve),
            Step("Within a second plain ssh works with dev1's own key, and sudo id -u prints 0.", self.usable_at_once),
            Step("Only on the host that was asked for: host2 still refuses dev1.", self.only_there),
            Step("Only what was asked for: dev2 may restart cron and nothing else.", self.only_that),
            Step("lead1 revokes dev1 early: within a second all is refused; lead2's overlapping grant on the same account stays.", self.revoke),
            Step("lead2 gives it back: within a second it is refused.", self.give_back),
            Step(f"dev1 gets {SHORT_GRANT_S} seconds and opens a session that starts things; the controller is killed.", self.kill_controller),
            Step("The valid grant still works, and so do the unmanaged admin and cron, also with the enforcer stopped.", self.works_alone),
            Step("At the deadline rule and key are gone; the session is told and ended, with what it started.", self.ends_on_time),
            Step("ssh and sudo refuse; PAM alone refuses too, behind a rule and a key that somebody left.", self.each_layer_refuses),
            Step("The controller comes back: the receipt arrives; the request is revoked, proved at its time.", self.receipt_arrives),
            Step("No event is missing or doubled, and the invariants hold on both hosts.", self.nothing_missing),
            Step("Afterwards the unmanaged admin logs in and uses sudo, and dev1's cron job runs.", self.others_are_well),
        ]  # fmt: skip

    # 1
    def joined(self):
        hosts = {host["name"]: host for host in self.site.curfew_json("dev1", "hosts")}
        assert set(hosts) == {"host1", "host2"}, f"hosts are {sorted(hosts)}"
        for host in hosts.values():
            assert host["online"], f"{host['name']} is not online"
        root_key = self.site.run("controller", "sh", "-c", "find /var/lib/curfew-controller /etc/curfew -name 'root*.key' | grep .")
        assert root_key.status == 1, f"the root key is still on the controller: {root_key}"

    # 2
    def ssh_says_what_to_type(self):
        done = self.site.ssh("dev1", "host1", "true")
        assert done.status == 255, f"ssh without a grant: {done}"
        assert WHAT_TO_TYPE.format(host="host1") in done.err, f"ssh does not say what to type: {done}"

    def sudo_says_what_to_type(self):
        done = self.site.sudo_at_terminal("host1", "dev1", "id", "-u")
        assert done.status != 0, f"sudo without a grant: {done}"
        assert WHAT_TO_TYPE.format(host="host1") in done.out, f"sudo does not say what to type: {done}"

    # 7
    def others_are_well(self):
        self.site.admin_is_well("host1")
        self.site.run_cron_now("host1", "dev1")

    # 3
    def ask_and_approve(self):
        self.asked = time.time()
        request = self.site.request("dev1", "host1", "10m", reason="look at the web server")
        self.requests["first"] = request
        assert self.site.show("dev1", request)["state"] == "pending", "a request that needs approval is not pending"
        own = self.site.curfew("dev1", "approve", request)
        assert own.status == 5, f"dev1 approves dev1's own request: {own}"
        waiting = [entry["id"] for entry in self.site.curfew_json("lead1", "ls", "--to-review")]
        assert request in waiting, f"lead1 does not see {request}: {waiting}"
        self.approved = self.site.approve("lead1", request).ended

    def usable_at_once(self):
        usable = self.site.wait_until_usable("dev1", "host1")
        assert usable.out == "0\n", f"sudo id -u: {usable}"
        assert usable.begun - self.approved <= SOON_S, f"usable {usable.begun - self.approved:.2f} s after the approval"
        self.note(f"asked → usable: {usable.ended - self.asked:.2f} s, with all that was typed between;")
        self.note(f"approved → first login and sudo done: {usable.ended - self.approved:.2f} s")
        self.note(f"approved → active on the host, by the events: {self.decision_to_active():.3f} s")

    def decision_to_active(self):
        request = self.requests["first"]
        grant = self.site.show("dev1", request)["grants"][0]["id"]
        events = self.site.curfew_json("audit1", "audit", "ls")
        approved = next(event["at"] for event in events if event["kind"] == "request-approved" and event["request"] == request)
        active = next(event["at"] for event in events if event["kind"] == "grant-active" and event["grant"] == grant)
        return instant(active) - instant(approved)

    def only_there(self):
        done = self.site.ssh("dev1", "host2", "true")
        assert done.status == 255, f"ssh to a host not asked for: {done}"
        assert not self.site.has_rule("host2", "dev1"), "a rule for dev1 on host2"

    def only_that(self):
        self.site.granted("dev2", "host1", "5m", "--policy", "restart-cron", "--", "/usr/bin/systemctl", "restart", "cron")
        allowed = self.site.sudo("host1", "dev2", "/usr/bin/systemctl", "restart", "cron")
        assert allowed.status == 0, f"the command that was granted: {allowed}"
        for command in (("/usr/bin/id", "-u"), ("/usr/bin/systemctl", "restart", "ssh"), ("/usr/bin/systemctl",)):
            refused = self.site.sudo("host1", "dev2", *command)
            assert refused.status != 0, f"{' '.join(command)} was not granted: {refused}"
        assert self.site.ssh("dev2", "host1", "true").status == 255, "dev2 logs in with a grant for one command"

    def refused_after(self, request, act, person, account=None):
        """Looks while the command still waits for the proof; from the end's own record to the first login that is refused."""
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            acting = pool.submit(self.site.curfew, *act)
            refused = self.site.wait_until_refused(person, "host1", account=account)
            done = acting.result()
        assert done.status == 0, f"{act[1]}: {done}"
        history = self.site.show(person, request)["history"]
        took = refused - next(instant(step["at"]) for step in history if step["state"] == "revoking")
        assert took <= SOON_S, f"refused {took:.2f} s after the {act[1]}"
        return took

    # 6
    def revoke(self):
        other = self.site.granted("lead2", "host1", "10m", "--policy", "shared-dev1")
        self.requests["other"] = other
        self.site.wait_until_usable("lead2", "host1", account="dev1")
        took = self.refused_after(self.requests["first"], ("lead1", "revoke", self.requests["first"], "--reason", "enough"), "dev1")
        kept = self.site.ssh("lead2", "host1", "sudo", "-n", "id", "-u", account="dev1")
        assert (kept.status, kept.out) == (0, "0\n"), f"lead2's own grant after dev1's was revoked: {kept}"
        self.site.wait_for_state("dev1", self.requests["first"], "revoked")
        self.note(f"revoked → the first login that was refused: {max(0.0, took):.2f} s later")

    def give_back(self):
        self.refused_after(self.requests["other"], ("lead2", "return", self.requests["other"]), "lead2", account="dev1")
        assert not self.site.has_rule("host1", "dev1"), "dev1's rule is still there"

    # 4
    def kill_controller(self):
        request = self.site.granted("dev1", "host1", f"{SHORT_GRANT_S}s")
        self.requests["short"] = request
        self.end = instant(self.site.show("dev1", request)["grants"][0]["end"])
        self.session = self.site.open_session("dev1", "host1", f"setsid {BACKGROUND} & echo opened; cat")
        self.session.wait_to_show("opened")
        self.site.kill_controller()

    def works_alone(self):
        still = self.site.ssh("dev1", "host1", "sudo", "-n", "id", "-u")
        assert (still.status, still.out) == (0, "0\n"), f"a valid grant without the controller: {still}"
        self.others_are_well()
        self.site.must("host1", "systemctl", "stop", "curfew-enforcer.service")
        self.others_are_well()
        self.site.must("host1", "systemctl", "start", "curfew-enforcer.service")
        assert self.session.is_open(), f"the session ended before its time: {self.session.shown!r}"
        assert self.site.processes_of("host1", BACKGROUND), "what the session started is gone before its time"

    def ends_on_time(self):
        ended = self.session.wait_to_end(self.end - time.time() + 20)
        assert ended - self.end <= SOON_S + LOOK_S, f"the session ended {ended - self.end:.2f} s after the deadline"
        assert "curfew" in self.session.shown, f"the session was not told: {self.session.shown!r}"
        assert not self.site.processes_of("host1", BACKGROUND), "what the session started lives on"
        assert not self.site.has_rule("host1", "dev1"), "the rule is still there"
        assert not self.site.key_lines("host1", "dev1"), "the key is still there"
        self.note(f"deadline → session ended: {ended - self.end:+.2f} s")

    def each_layer_refuses(self):
        refused = self.site.ssh("dev1", "host1", "true")
        assert refused.status == 255, f"ssh after the deadline: {refused}"
        assert WHAT_TO_TYPE.format(host="host1") in refused.err, f"ssh does not say what to type: {refused}"
        assert self.site.sudo("host1", "dev1", "id").status != 0, "sudo after the deadline"
        self.site.must("host1", "sh", "-ec", "umask 337; echo 'dev1 ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/left-behind")
        left = self.site.sudo("host1", "dev1", "id", "-u")
        self.site.must("host1", "rm", "/etc/sudoers.d/left-behind")
        assert left.status != 0 and left.out == "", f"PAM let dev1 use a rule that somebody left: {left}"
        left, denied = self.site.login_by_left_key("dev1", "host1")
        assert left.status == 255 and left.out == "", f"PAM let dev1 in by a key that somebody left: {left}"
        assert denied == 1, f"sshd never got as far as PAM with the key that was left: {left}"

    # 5
    def receipt_arrives(self):
        self.site.start_controller()
        self.site.wait_for_state("dev1", self.requests["short"], "revoked", within=60)
        grant = self.site.show("dev1", self.requests["short"])["grants"][0]
        assert (grant["state"], grant["cause"], grant["proof"]) == ("ended", "expired", "proved"), f"the grant: {grant}"
        late = instant(grant["ended_at"]) - self.end
        assert abs(late) <= SOON_S, f"ended {late:.2f} s off its deadline, says the host"
        assert instant(grant["proved_at"]) >= instant(grant["ended_at"]), f"proved before it ended: {grant}"
        self.note(f"the host's own record: ended {late:+.3f} s from the deadline")

    def nothing_missing(self):
        check_invariants(self.site)
        grant = self.site.show("dev1", self.requests["short"])["grants"][0]["id"]
        events = [event["kind"] for event in self.site.curfew_json("audit1", "audit", "ls") if event["grant"] == grant]
        for kind in ("grant-intent", "grant-active", "grant-ended", "receipt"):
            assert events.count(kind) == 1, f"{kind} {events.count(kind)} times in the log of {grant}: {events}"
