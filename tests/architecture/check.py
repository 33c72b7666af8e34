#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks every source of the tree at argv[1] against the house's rules; prints FILE:LINE: complaint, exits 1 when there is one."""
import os
import sys
from pathlib import Path

import arrows
import guest_words
import house
import type_names

ROOMS = ["core", "os", "agent", "pam_module", "controller", "cli", "proto", "tests", "bench", "tools", "packaging"]
SKIPPED = {"node_modules", "__pycache__", "dist", "vectors", "build"}
RULES = [house.check_licence, house.check_head, house.check_length, house.check_functions, house.check_names,
         house.check_namespace, arrows.check_arrows, arrows.check_purity]


def is_source(path):
    if path.is_symlink() or not path.is_file():
        return False
    if path.suffix in house.KEPT:
        return True
    with path.open("rb") as file:
        return path.suffix == "" and file.read(2) == b"#!"


def read_tree(top):
    sources = []
    for room in ROOMS:
        for folder, below, names in os.walk(top / room):
            below[:] = sorted(set(below) - SKIPPED)
            for name in sorted(names):
                path = Path(folder, name)
                if is_source(path):
                    text = path.read_text(encoding="utf-8")
                    sources.append(house.Source(path.relative_to(top).as_posix(), text))
    return sources


def complaints(sources):
    for source in sources:
        if not source.text:
            continue
        for rule in RULES:
            for line, what in rule(source):
                yield source.path, line, what
    yield from arrows.check_cycles(sources)
    yield from type_names.check_type_names(sources)
    yield from guest_words.check_guest_words(sources)


def main():
    top = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    sources = read_tree(top)
    if len(sources) < 50:
        print(f"{top}: only {len(sources)} sources here, is this Curfew's tree?", file=sys.stderr)
        return 2
    found = [f"{path}:{line}: {what}" for path, line, what in complaints(sources)]
    print("\n".join(found) if found else f"{len(sources)} sources keep the rules of the house")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
