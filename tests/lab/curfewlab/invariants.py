# SPDX-License-Identifier: Apache-2.0
# What must hold on every host after every test (ATTACKS, I1 to I5), as far as it can be seen from outside the programs.

import re
import time

from .curfew import wait_for
from .layout import HOST_PATTERN
from .site import instant

HEADER = re.compile(r"^# curfew (g-[0-9a-z]{20}) until (\S+)$")
GRACE_S = 1.0


def check_invariants(site, hosts=None):
    hosts = hosts or [host for host in site.lab.hosts() if HOST_PATTERN.fullmatch(host)]
    for host in hosts:
        wait_for(lambda host=host: site.status(host)["spool"]["depth"] == 0, 20, f"{host} to deliver its events")
    events = site.curfew_json("audit1", "audit", "ls")
    for host in hosts:
        served = served_grants(site, host)
        check_each_has_an_event(host, served, events)
        check_none_is_past(host, served)
        check_chain(host, events)
        check_others_configuration(site, host)
        site.admin_is_well(host)
    verified = site.curfew("audit1", "audit", "verify")
    assert verified.status == 0, f"I3: {verified}"


def served_grants(site, host):
    """Grant id and end of every rule and every key on the host; a line of no grant is a finding by itself."""
    found = []
    for folder in ("/run/curfew/sudoers.d", "/run/curfew/keys"):
        # find fails where the folder is missing, and cat where a file cannot be read: never nothing by mistake.
        text = site.must(host, "find", folder, "-type", "f", "-not", "-name", ".*", "-exec", "cat", "{}", "+")
        grant = None
        for line in text.splitlines():
            header = HEADER.match(line)
            grant = header or grant
            if header:
                found.append((header[1], instant(header[2])))
            elif line and not line.startswith("#"):
                assert grant, f"I1: {host} has a line under {folder} that belongs to no grant: {line}"
    return found


def check_each_has_an_event(host, served, events):
    intended = {event["grant"] for event in events if event["kind"] == "grant-intent"}
    for grant, _ in served:
        assert grant in intended, f"I1: {host} serves {grant}, of which no grant-intent is known"


def check_none_is_past(host, served):
    now = time.time()
    for grant, end in served:
        assert end + GRACE_S > now, f"I2: {host} serves {grant}, past its end by {now - end:.1f} s"


def check_chain(host, events):
    own = [event for event in events if event["host"] == host]
    numbers = [event["seq"] for event in own]
    assert sorted(numbers) == list(range(1, len(numbers) + 1)), f"I3: events of {host} missing or doubled: {sorted(numbers)}"
    by_number = sorted(own, key=lambda event: event["seq"])
    for before, after in zip(by_number, by_number[1:]):
        assert after["prev"] == before["hash"], f"I3: the chain of {host} breaks at {after['seq']}"


def check_others_configuration(site, host):
    for command in (("visudo", "-c"), ("sshd", "-t")):
        done = site.run(host, *command)
        assert done.status == 0, f"I4: {' '.join(command)} on {host}: {done}"
