# SPDX-License-Identifier: Apache-2.0
# Running a program of this machine: a failure is a LabError that says which program and what it printed.

import subprocess


class LabError(Exception):
    """What went wrong in the lab itself, in one line: what, where, what to do next."""


def one_line(text):
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return " | ".join(lines[-3:]) or "(it printed nothing)"


def run(*argv, stdin=None, check=True, timeout=120):
    """Runs argv, captures its text output. With check, a failure raises LabError."""
    try:
        done = subprocess.run(
            [str(word) for word in argv],
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError as missing:
        raise LabError(f"{argv[0]} is not installed on this machine; run tools/deps") from missing
    except subprocess.TimeoutExpired as late:
        raise LabError(f"{' '.join(map(str, argv))} did not end within {timeout} s") from late
    if check and done.returncode != 0:
        raise LabError(f"{' '.join(map(str, argv))} failed ({done.returncode}): {one_line(done.stderr or done.stdout)}")
    return done
