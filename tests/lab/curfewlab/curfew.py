# SPDX-License-Identifier: Apache-2.0
# Makes a working Curfew on bare hosts the way an administrator would, with the packages and the programs' own verbs only:
# install, init, serve, policy, people, tokens, join, setup. The root key ends up on desk and nowhere else.

import json
import pathlib
import re
import secrets
import shutil
import time

from .command import LabError, run
from .lab import in_parallel
from .layout import HOST_PATTERN, REPOSITORY

URL = "https://controller:7443"
PEOPLE = {
    "dev1": "developers", "dev2": "developers", "lead1": "leads", "lead2": "leads", "audit1": "auditors", "owner1": "owners",
}  # fmt: skip
PACKAGES = REPOSITORY / "out"
POLICY = REPOSITORY / "tests/lab/policy.yaml"
ROOT_KEY = "/var/lib/curfew-controller/root/root.key"
OFFLINE_ROOT_KEY = "/root/curfew-root.key"
AUTHORITY = "/var/lib/curfew-controller/ca.crt"
DESK_AUTHORITY = "/etc/curfew/ca.crt"


def install_curfew(lab, say):
    hosts = [host for host in lab.hosts() if HOST_PATTERN.fullmatch(host)]
    in_parallel(lambda host: install_package(lab, host), lab.hosts())
    make_accounts(lab, hosts)
    start_controller(lab)
    tokens = in_parallel(lambda host: make_token(lab, host), hosts)
    in_parallel(lambda each: join(lab, *each), list(zip(hosts, tokens)))
    in_parallel(lambda person: log_in(lab, person), list(PEOPLE))
    in_parallel(lambda host: wait_until_ready(lab, host), hosts)
    say("Curfew is up: " + ", ".join(hosts))


def package_for(host):
    name = {"controller": "curfew-controller", "desk": "curfew"}.get(host, "curfew-agent")
    found = sorted(PACKAGES.glob(f"{name}_*.deb"))
    if len(found) != 1:
        raise LabError(f"{len(found)} packages {name}_*.deb in {PACKAGES}; run packaging/build")
    return found[0]


def newer_package(lab, host):
    """The same package as the next release would be: under a higher version. Gives back its file and that version."""
    tree = lab.layout.directory / "newer"
    shutil.rmtree(tree, ignore_errors=True)
    run("dpkg-deb", "--raw-extract", package_for(host), tree)
    control = tree / "DEBIAN/control"
    text = control.read_text()
    version = re.search(r"^Version: (\S+)$", text, re.MULTILINE)[1] + "+next1"
    control.write_text(re.sub(r"^Version: .*$", f"Version: {version}", text, flags=re.MULTILINE))
    made = lab.layout.directory / f"newer_{version}.deb"
    run("dpkg-deb", "--build", "--root-owner-group", "-Zzstd", "-z1", tree, made)
    return made, version


def install_package(lab, host):
    package = package_for(host)
    place = f"/root/{package.name}"
    lab.put(host, package, place)
    lab.must(host, "env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--install", place)


def make_accounts(lab, hosts):
    """The people on desk; on each host the two managed accounts and one administrator whom Curfew does not know."""
    people = [*PEOPLE, "ops1"]
    script = 'for name in "$@"; do useradd --create-home --shell /bin/bash "$name"; done'
    lab.must("desk", "sh", "-ec", script, "sh", *people)
    keys = 'for name in "$@"; do install -d -m 700 -o "$name" -g "$name" "/home/$name/.ssh"; ' \
        'setpriv --reuid="$name" --regid="$name" --init-groups ssh-keygen -q -t ed25519 -N "" -C "$name@desk" ' \
        '-f "/home/$name/.ssh/id_ed25519"; done'  # fmt: skip
    lab.must("desk", "sh", "-ec", keys, "sh", *people)
    key = lab.must("desk", "cat", "/home/ops1/.ssh/id_ed25519.pub")
    in_parallel(lambda host: make_host_accounts(lab, host, key), hosts)


def make_host_accounts(lab, host, key):
    lab.must(host, "sh", "-ec", 'for name in dev1 dev2 ops1; do useradd --create-home --shell /bin/bash "$name"; done')
    own = "install -d -m 700 -o ops1 -g ops1 /home/ops1/.ssh; cat >/home/ops1/.ssh/authorized_keys; " \
        "chown ops1: /home/ops1/.ssh/authorized_keys; umask 337; echo 'ops1 ALL=(ALL:ALL) NOPASSWD: ALL' >/etc/sudoers.d/ops1"  # fmt: skip
    lab.must(host, "sh", "-ec", own, stdin=key)


def start_controller(lab):
    lab.must("controller", "curfew-controller", "init", "--name", "controller")
    take_root_key_offline(lab)
    lab.must("controller", "systemctl", "enable", "--now", "curfew-controller.service")
    wait_for(lambda: answers(lab), 20, "the controller to answer on port 7443")
    lab.put("controller", POLICY, "/etc/curfew/policy.yaml")
    lab.must("controller", "curfew-controller", "policy", "load", "/etc/curfew/policy.yaml")


def take_root_key_offline(lab):
    key = lab.must("controller", "cat", ROOT_KEY)
    lab.must("desk", "sh", "-ec", f"umask 77; cat >{OFFLINE_ROOT_KEY}", stdin=key)
    lab.must("controller", "shred", "--remove", ROOT_KEY)


def answers(lab):
    probe = "import socket; socket.create_connection(('controller', 7443), 1).close()"
    return lab.execute("desk", ["python3", "-c", probe]).returncode == 0


def make_token(lab, host):
    labels = ("--label", "env=lab", "--label", "role=web", "--label", f"name={host}")
    return lab.must("controller", "curfew-controller", "token", "new", "--uses", "1", *labels).strip()


def join(lab, host, token):
    """The CA is carried by hand, as an administrator would: it is what the host trusts the controller by."""
    authority = lab.must("controller", "cat", AUTHORITY)
    lab.must(host, "sh", "-ec", "umask 77; cat >/run/lab-token", stdin=token + "\n")
    lab.must(host, "sh", "-ec", "cat >/run/lab-ca.crt", stdin=authority)
    lab.must(host, "curfew-agent", "join", "--controller", URL, "--token-file", "/run/lab-token", "--ca", "/run/lab-ca.crt")
    lab.must(host, "rm", "/run/lab-token", "/run/lab-ca.crt")
    lab.must(host, "curfew-agent", "setup", "all")


def log_in(lab, person):
    password = secrets.token_urlsafe(18)
    add = ("curfew-controller", "user", "add", person, "--group", PEOPLE[person], "--password-file", "-")
    lab.must("controller", *add, stdin=password + "\n")
    authority = lab.must("controller", "cat", AUTHORITY)
    lab.must("desk", "sh", "-ec", f"mkdir -p /etc/curfew; cat >{DESK_AUTHORITY}.{person}", stdin=authority)
    login = ("curfew", "login", URL, "--ca", f"{DESK_AUTHORITY}.{person}", "--user", person, "--password-file", "-")
    lab.must("desk", *login, person=person, stdin=password + "\n")
    lab.must("desk", "curfew", "key", "add", f"/home/{person}/.ssh/id_ed25519.pub", person=person)


def wait_until_ready(lab, host):
    wait_for(lambda: is_ready(lab, host), 30, f"{host} to have its first bundle and its managed accounts")


def is_ready(lab, host):
    managed = lab.execute(host, ["cat", "/var/lib/curfew/managed"]).stdout
    return all(re.search(rf"^{account} \d+ both$", managed, re.MULTILINE) for account in ("dev1", "dev2"))


def wait_for(holds, within, what):
    """Waits for something to become true; gives back how long that took."""
    begun = time.monotonic()
    while not holds():
        if time.monotonic() - begun > within:
            raise LabError(f"waited {within} s in vain for {what}")
        time.sleep(0.02)
    return time.monotonic() - begun


def read_json(text):
    try:
        return json.loads(text)
    except json.JSONDecodeError as wrong:
        raise LabError(f"not JSON ({wrong}): {text[:200]!r}") from wrong


def built_packages():
    return sorted(pathlib.Path(PACKAGES).glob("*.deb"))
