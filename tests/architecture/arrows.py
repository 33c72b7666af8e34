# SPDX-License-Identifier: Apache-2.0
"""Who may include whom (DESIGN §10): one table of arrows between rooms, and the few files that may see one library."""
import re
from pathlib import PurePosixPath

from house import CODE, includes, without_comments_and_texts

# Standard headers that give values and nothing else: no clock, thread, file, log or stream of the process.
PURE = set("""algorithm array bit cctype charconv chrono climits compare concepts cstddef cstdint cstring functional
    initializer_list iterator limits map memory new numeric optional queue ranges set span sstream stdexcept string string_view
    system_error tuple type_traits unordered_map unordered_set utility variant vector""".split())
PURE_BESIDE = {"arpa/inet.h", "netinet/in.h", "sys/socket.h"}  # inet_pton(3): text to address, no system call
CLOCKS = re.compile(r"\b(?:\w+_clock::now|clock_gettime|gettimeofday|std::time|getenv|std::cout|std::cerr|printf|fopen)\b")

# A library that only one file of a room may see.
ONLY = {
    "core": [("openssl/", r"core/signature\.cc"), ("yaml-cpp/", r"core/policy\w*\.cc"), ("google/protobuf/", r"core/codec\w*\.cc")],
}
# Where the wire's own types may be seen: a file that says so in its name.
PROTO_FILES = {"core": r"core/codec\w*\.cc", "agent": r"agent/.*wire\w*\.cc", "controller": r"controller/.*wire\w*\.cc",
               "cli": r"cli/.*wire\w*\.cc"}

ROOMS = {"core", "os", "agent", "pam_module", "controller", "cli", "proto", "tests", "bench"}
# The parts of the agent are programs of their own; what several of them share lies in agent/ itself, and what looks at or
# writes the settings of this host's sshd, sudo and PAM in a room that the link, which decides nothing, does not see.
AGENT_PARTS = {"enforcer", "link", "reaper", "tool", "sweep", "host_settings"}
MAY_SET_THE_HOST = {"enforcer", "tool"}

OS_TAKES = {"core/result.h", "core/time.h", "core/process_facts.h"}
# Which process ends is one rule of enforcer and reaper, as values.
REAPER_SHARES = {"core/fate.h", "core/process_facts.h"}

# The controller's rooms, and which of the others each may see; files that lie in controller/ itself wire them all.
CONTROLLER_ROOMS = {
    "store": set(),
    "identity": set(),
    "audit": {"store"},
    "notify": {"store"},
    "fleet": {"identity"},
    "workflow": {"store", "audit", "fleet"},
    "api": {"workflow", "store", "identity"},
}
# The enforcer's rooms likewise; files that lie in agent/enforcer/ itself wire them.
ENFORCER_ROOMS = {
    "wake": set(),
    "state": {"wake"},
    "host": {"state", "wake"},
    "sessions": {"host", "state", "wake"},
    "turn": {"sessions", "host", "state", "wake"},
    "gate": {"sessions", "host", "state", "wake"},
    "offers": {"state", "wake"},
}
# Of the listener the workflow sees only the questions that it answers.
CONTROLLER_DOORS = {("workflow", "fleet"): "controller/fleet/authority.h"}


def allowed(source, target):
    """None when `source` may include our own `target`, else the reason."""
    room, to = source.room, PurePosixPath(target).parts[0]
    if to not in ROOMS:
        return "an own header is named by its path from the top"
    if to == "tests" and room != "tests":
        return "nothing includes tests"
    if to == "bench" and room != "bench":
        return "nothing includes bench"
    if room in {"tests", "bench"}:
        return None
    if to == "proto":
        fits = re.fullmatch(PROTO_FILES.get(room, r"(?!)"), source.path)
        return None if fits else "proto is for the codec and wire files only"
    if is_guest(source):
        shared = source.room == "agent" and target in REAPER_SHARES
        return None if shared or in_same_part(source, target) else "a guest and a last resort include nothing of ours"
    if target == "pam_module/frame.h":
        return None if source.path.startswith("agent/enforcer/") else "only the enforcer reads the gate's frame"
    return allowed_between(source, target, room, to)


def allowed_between(source, target, room, to):
    if room == "core":
        return None if to == "core" else "core includes core only"
    if room == "os":
        return None if to == "os" or target in OS_TAKES else "os takes core's result, time and process facts only"
    if room == "agent" and to == "agent":
        here, there = agent_part(source.path), agent_part(target)
        if here == there == "enforcer":
            return allowed_in_enforcer(source, target)
        shared = there == "host_settings" and here in MAY_SET_THE_HOST
        return None if shared or there in {None, here} else "the agent's programs do not meet"
    if room == "controller" and to == "controller":
        return allowed_in_controller(source, target)
    if room in {"agent", "controller", "cli"}:
        return None if to in {room, "os", "core"} else f"{room} and {to} never meet"
    return f"{room} includes nothing of ours"


def allowed_in_enforcer(source, target):
    here, there = inner_room(source.path, 2), inner_room(target, 2)
    if here in {None, there} or there in ENFORCER_ROOMS.get(here, set()):
        return None
    return f"the enforcer's {here} does not see {there or 'what wires it'}"


def allowed_in_controller(source, target):
    here, there = inner_room(source.path, 1), inner_room(target, 1)
    if here in {None, there}:
        return None
    if there not in CONTROLLER_ROOMS.get(here, set()):
        return f"the controller's {here} does not see {there or 'what wires it'}"
    door = CONTROLLER_DOORS.get((here, there), target)
    return None if target == door else f"the controller's {here} sees of {there} only {door}"


def inner_room(path, depth):
    """The folder at that depth in which the file lies; None for a file above it."""
    parts = PurePosixPath(path).parts
    return parts[depth] if len(parts) > depth + 1 else None


def is_guest(source):
    return source.room == "pam_module" or source.path.startswith("agent/reaper/")


def in_same_part(source, target):
    depth = 1 if source.room == "pam_module" else 2
    return PurePosixPath(target).parts[:depth] == source.parts[:depth] and len(PurePosixPath(target).parts) > depth


def agent_part(path):
    parts = PurePosixPath(path).parts
    return parts[1] if len(parts) > 2 and parts[1] in AGENT_PARTS else None


def check_arrows(source):
    if source.suffix not in CODE or source.room not in ROOMS:
        return
    for number, target, own in includes(source):
        if own:
            if reason := allowed(source, target):
                yield number, f"includes {target}: {reason}"
        else:
            for reason in foreign(source, target):
                yield number, f"includes <{target}>: {reason}"


def foreign(source, target):
    if PurePosixPath(target).parts[0] in ROOMS - {"proto"} and "/" in target:
        yield "an own header is included with quotes"
    if source.room == "core":
        limited = [fits for prefix, fits in ONLY["core"] if target.startswith(prefix)]
        if limited and not re.fullmatch(limited[0], source.path):
            yield f"only {limited[0]} may"
        if not limited and target not in PURE | PURE_BESIDE and not target.startswith(("fmt/", "tl/")):
            yield "core is pure: no Boost, clock, thread, file or log"
    if source.room == "pam_module" and re.match(r"^[a-z_]+$", target):
        yield "the guest is C"


def check_purity(source):
    """Core takes the time as a value and says what it has to say in its result."""
    if source.room != "core" or source.suffix not in CODE:
        return
    for number, line in enumerate(without_comments_and_texts(source.text).splitlines(), 1):
        if found := CLOCKS.search(line):
            yield number, f"reads a clock or talks to the process: {found.group(0)}"


def check_cycles(sources):
    """(path, line, what) for each header that includes itself by way of others."""
    edges = {s.path: [t for _, t, own in includes(s) if own] for s in sources if s.suffix in CODE}
    done, path = set(), []

    def walk(node):
        if node in path:
            loop = path[path.index(node):] + [node]
            yield node, 1, "is part of a circle: " + " -> ".join(loop)
            return
        if node in done:
            return
        path.append(node)
        for target in edges.get(node, []):
            yield from walk(target)
        path.pop()
        done.add(node)

    for start in sorted(edges):
        yield from walk(start)
