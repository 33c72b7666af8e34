# SPDX-License-Identifier: Apache-2.0
# What the gate costs: the same sudo and the same login of the same account, with and without Curfew's PAM lines, turn
# and turn about in one run. Without: a mount namespace in which pam-auth-update took them out.

from .field import HOST
from .row import percentile, row

SUDO_TURNS = 300
SSH_TURNS = 60
DOWN_TURNS = 150
MANY = 1000


def measure_gate(field):
    field.site.granted("dev1", HOST, "1h")
    with field.script_beside(HOST, "without_gate.py") as read:
        without = read()
        sudo = field.run_script(HOST, "time_sudo.py", "dev1", SUDO_TURNS, without["pid"])
        ssh = field.run_script("desk", "time_ssh.py", HOST, without["port"], SSH_TURNS, person="dev1")
    field.end_all()
    return [added("sudo_gate", sudo, "the same sudo without the gate"), added("ssh_gate", ssh, "the same login without the gate")]


def added(name, times, what):
    """What the gate adds to the median; p50 and p99 are those of the whole, so that the ratio can be seen."""
    with_gate, without = percentile(times["with"], 0.5), percentile(times["without"], 0.5)
    result = row(name, "ms", times["with"], value=with_gate - without, against=without, against_what=what,
                 note="value: what the gate adds to the median; ratio: with / without")  # fmt: skip
    return result | {"ratio": round(with_gate / without, 4)}


def measure_controller_down(field):
    field.site.granted("dev1", HOST, "1h")
    up = field.run_script(HOST, "time_sudo.py", "dev1", DOWN_TURNS)["with"]
    field.site.kill_controller()
    down = field.run_script(HOST, "time_sudo.py", "dev1", DOWN_TURNS)["with"]
    field.site.start_controller()
    up += field.run_script(HOST, "time_sudo.py", "dev1", DOWN_TURNS)["with"]
    field.end_all()
    result = row("sudo_controller_down", "ms", down, value=percentile(down, 0.99), against=percentile(up, 0.99),
                 against_what="p99 of the same sudo with the controller up, before and after")  # fmt: skip
    # "No difference" can only be held to what two runs of the same differ by.
    return [result | {"met": result["ratio"] <= 1.25, "budget": 1.25, "budget_of": "ratio"}]


def measure_many_rules(field):
    """The same rules read by a sudo without the gate tell what of it is sudo's own parsing."""
    field.site.granted("dev1", HOST, "1h")
    with field.script_beside(HOST, "without_gate.py") as read:
        pid = read()["pid"]
        one = field.run_script(HOST, "time_sudo.py", "dev1", SUDO_TURNS, pid)
        field.hold(MANY)
        many = field.run_script(HOST, "time_sudo.py", "dev1", SUDO_TURNS, pid)
    medians = {where: percentile(one[where], 0.5) for where in ("with", "without")}
    grown = {where: percentile(many[where], 0.5) / medians[where] for where in medians}
    result = row("sudo_1000_rules", "×", [time / medians["with"] for time in many["with"]], value=grown["with"], against=grown["without"],
                 against_what=f"the same by a sudo without the gate; one live rule, {medians['with']:.2f} ms")  # fmt: skip
    return [result]
