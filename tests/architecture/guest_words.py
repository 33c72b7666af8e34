# SPDX-License-Identifier: Apache-2.0
"""The guest in other people's processes shares no function with us, and so no name: whoever draws the house from its words
would else see it call into rooms that it never enters."""
import re

from house import without_comments_and_texts

GUEST = "pam_module"
ROOMS = {"core", "os", "agent", "controller", "cli"}
OWN = re.compile(r"^(?!return\b)(?:\w+[\s*]+)+?(\w+)\([^;]*\{$", re.MULTILINE)
SPOKEN = re.compile(r"\b([A-Z]\w*)\(")


def check_guest_words(sources):
    """(path, line, what) for each of our functions that has the name of one of the guest's."""
    guests = {}
    for source in sources:
        if source.room == GUEST and source.suffix == ".c":
            for found in OWN.finditer(without_comments_and_texts(source.text)):
                guests[found.group(1)] = source.path
    for source in sources:
        if source.room not in ROOMS or source.suffix not in {".cc", ".h"}:
            continue
        text = without_comments_and_texts(source.text)
        for found in SPOKEN.finditer(text):
            if found.group(1) in guests:
                yield source.path, text.count("\n", 0, found.start()) + 1, f"says {found.group(1)}, a function of {guests[found.group(1)]}"
