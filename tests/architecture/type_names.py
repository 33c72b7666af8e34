# SPDX-License-Identifier: Apache-2.0
"""One name, one type: rooms that may be linked into one program share one namespace, and there two types of a name are
undefined behaviour that no compiler tells (the one-definition rule)."""
import re

from arrows import is_guest
from house import without_comments_and_texts

ROOMS = {"core", "os", "agent", "controller", "cli"}
TYPE = re.compile(r"^(?:struct|class|enum class|enum|union)\s+(\w+)[^;{]*\{|^using\s+(\w+)\s*=", re.MULTILINE)


def types_of(source):
    """(line, name) of each type that a header defines for everybody: not those inside another type."""
    text = without_comments_and_texts(source.text)
    for found in TYPE.finditer(text):
        yield text.count("\n", 0, found.start()) + 1, found.group(1) or found.group(2)


def check_type_names(sources):
    """(path, line, what) for each type whose name another header has taken; a guest is linked with nothing of ours."""
    first = {}
    for source in sorted(sources, key=lambda one: one.path):
        if source.suffix != ".h" or source.room not in ROOMS or is_guest(source):
            continue
        for line, name in types_of(source):
            known = first.setdefault(name, source.path)
            if known != source.path:
                yield source.path, line, f"defines {name}, which is another type in {known}"
