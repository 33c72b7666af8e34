# SPDX-License-Identifier: Apache-2.0
# The verbs of `lab`. Each passes on stdout, stderr and exit status of what it ran; the lab's own failure is 125.

import argparse
import os
import re
import sys

from . import image as images
from .command import LabError
from .curfew import install_curfew
from .lab import Lab
from .machine import ENVIRONMENT

OWN_FAILURE = 125


class Parser(argparse.ArgumentParser):
    def error(self, message):
        raise LabError(f"{message}; usage: {' '.join(self.format_usage().split()[1:])}")


def parser():
    top = Parser(prog="lab", description="Real Debian hosts on one machine, on a network of their own.")
    verbs = top.add_subparsers(dest="verb", required=True, parser_class=Parser)
    up = verbs.add_parser("up", help="make the hosts and, without --bare, a working Curfew on them")
    up.add_argument("--hosts", type=int, default=2)
    up.add_argument("--image", default="debian12")
    up.add_argument("--bare", action="store_true")
    up.add_argument("--sudo", default="sudo")
    up.add_argument("--vm", action="store_true")
    for name, text in (("ls", "list the hosts"), ("down", "take everything away"), ("clean", "down, and forget the images")):
        verbs.add_parser(name, help=text)
    for name, text in (("cut", "drop every frame of a host"), ("heal", "undo cut and slow"), ("reboot", "reboot a host")):
        verbs.add_parser(name, help=text).add_argument("host")
    add_with_arguments(verbs)
    return top


def add_with_arguments(verbs):
    run = verbs.add_parser("run", help="run a command as root: run HOST -- CMD…")
    run.add_argument("host")
    person = verbs.add_parser("as", help="run a command on desk as a person: as PERSON -- CMD…")
    person.add_argument("person")
    ssh = verbs.add_parser("ssh", help="ssh from desk: ssh PERSON HOST [--as ACCOUNT] [--tty] -- CMD…")
    ssh.add_argument("person")
    ssh.add_argument("host")
    ssh.add_argument("--as", dest="account")
    ssh.add_argument("--tty", action="store_true")
    for name, words in (("put", ("host", "file", "path")), ("get", ("host", "path", "file"))):
        verb = verbs.add_parser(name)
        for word in words:
            verb.add_argument(word)
    slow = verbs.add_parser("slow", help="delay and lose the frames of a host")
    slow.add_argument("host")
    slow.add_argument("--delay", type=duration, default=0.0)
    slow.add_argument("--loss", type=percentage, default=0.0)
    log = verbs.add_parser("log", help="the host's journal")
    log.add_argument("host")
    log.add_argument("--json", action="store_true")


def duration(text):
    read = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m)", text)
    if not read:
        raise argparse.ArgumentTypeError(f"'{text}' is no duration; write 300ms, 3s or 1m")
    return float(read[1]) * {"ms": 0.001, "s": 1, "m": 60}[read[2]]


def percentage(text):
    read = re.fullmatch(r"([0-9]{1,3})%", text)
    if not read or int(read[1]) > 100:
        raise argparse.ArgumentTypeError(f"'{text}' is no percentage; write 30%")
    return int(read[1]) / 100


def become(entry):
    """The lab turns into what it was asked to run: its streams and its status are then those of the command."""
    sys.stdout.flush()
    os.execvpe(entry[0], entry, ENVIRONMENT)


def up(lab, asked, _):
    if asked.vm:
        raise LabError("--vm comes with a later issue; leave it out: hosts are containers")
    if asked.sudo != "sudo":
        raise LabError(f"--sudo {asked.sudo} comes with a later issue; this lab has: sudo")
    if not 0 <= asked.hosts <= 40:
        raise LabError(f"--hosts {asked.hosts}: between 0 and 40")
    with lab.locked():
        lab.up(asked.hosts, asked.image, say)
        if not asked.bare:
            install_curfew(lab, say)
        lab.mark_complete()


def say(text):
    print(f"lab: {text}", file=sys.stderr, flush=True)


def ls(lab, _, __):
    for machine in lab.machines():
        pid = machine.leader()
        print(f"{machine.host:<12} {'up' if pid else 'down':<5} {lab.layout.address(machine.host):<12} {pid or '-'}")


def down(lab, _, __):
    with lab.locked():
        lab.destroy()
        lab.layout.lock.unlink(missing_ok=True)


def clean(lab, asked, command):
    down(lab, asked, command)
    images.forget_all()


def run(lab, asked, command):
    become(lab.machine(asked.host).entry(required(command, "run HOST -- CMD…")))


def as_person(lab, asked, command):
    require_person(lab, asked.person)
    become(lab.machine("desk").entry(required(command, "as PERSON -- CMD…"), asked.person))


def ssh(lab, asked, command):
    require_person(lab, asked.person)
    lab.machine(asked.host)
    become(lab.machine("desk").entry(ssh_command(asked.host, asked.account or asked.person, asked.tty, command), asked.person))


def ssh_command(host, account, tty, command):
    """-n unless on a terminal: ssh would otherwise eat the standard input of the script around it."""
    return ["ssh", "-tt" if tty else "-n", "-o", "BatchMode=yes", f"{account}@{host}", *command]


def require_person(lab, person):
    if lab.execute("desk", ["id", "-u", "--", person]).returncode != 0:
        raise LabError(f"no person '{person}' on desk; a lab that is not --bare has dev1 dev2 lead1 lead2 audit1 owner1 ops1")


def required(command, usage):
    if not command:
        raise LabError(f"no command given; usage: lab {usage}")
    return command


def put(lab, asked, _):
    lab.put(asked.host, asked.file, asked.path)


def get(lab, asked, _):
    lab.get(asked.host, asked.path, asked.file)


def cut(lab, asked, _):
    lab.machine(asked.host)
    lab.network.cut(asked.host)


def heal(lab, asked, _):
    lab.machine(asked.host)
    lab.network.heal(asked.host)


def slow(lab, asked, _):
    lab.machine(asked.host)
    lab.network.slow(asked.host, asked.delay, asked.loss)


def log(lab, asked, _):
    form = ["--output=json"] if asked.json else []
    become(lab.machine(asked.host).entry(["journalctl", "--no-pager", "--quiet", *form]))


def reboot(lab, asked, _):
    lab.machine(asked.host).reboot()


VERBS = {
    "up": up, "ls": ls, "down": down, "clean": clean, "run": run, "as": as_person, "ssh": ssh, "put": put, "get": get,
    "cut": cut, "heal": heal, "slow": slow, "log": log, "reboot": reboot,
}  # fmt: skip


def main(arguments):
    words, command = arguments, []
    if "--" in arguments:
        at = arguments.index("--")
        words, command = arguments[:at], arguments[at + 1 :]
    try:
        asked = parser().parse_args(words)
        if os.geteuid() != 0:
            raise LabError("the lab makes namespaces and mounts; run it as root")
        VERBS[asked.verb](Lab(), asked, command)
        return 0
    except LabError as failure:
        print(f"lab: {failure}", file=sys.stderr)
        return OWN_FAILURE
    except KeyboardInterrupt:
        return 130
