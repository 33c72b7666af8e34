# SPDX-License-Identifier: Apache-2.0
# Running a program of this machine: a failure is a LabError that says which program and what it printed.

import subprocess


class LabError(Exception):
    """What went wrong in the lab itself, in one line: what, where, what to do next."""


def one_line(text):
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return " | ".join(lines[-3:]) or "(it printed nothing)"


def ended(argv, what, timeout, stdin=None, source=None, **how):
    """Runs argv to its end on the text `stdin` or the open file `source`, captures its output. Only not ending in time is an error."""
    source = source or (subprocess.DEVNULL if stdin is None else None)
    try:
        return subprocess.run(argv, input=stdin, stdin=source, capture_output=True, timeout=timeout, check=False, **how)
    except subprocess.TimeoutExpired as late:
        raise LabError(f"{what} did not end within {timeout} s") from late


def run(*argv, stdin=None, check=True, timeout=120):
    """Runs argv, captures its text output. With check, a failure raises LabError."""
    words = [str(word) for word in argv]
    try:
        done = ended(words, " ".join(words), timeout, stdin, text=True, errors="replace")
    except FileNotFoundError as missing:
        raise LabError(f"{argv[0]} is not installed on this machine; run tools/deps") from missing
    if check and done.returncode != 0:
        raise LabError(f"{' '.join(map(str, argv))} failed ({done.returncode}): {one_line(done.stderr or done.stdout)}")
    return done
