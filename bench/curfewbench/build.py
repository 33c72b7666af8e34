# SPDX-License-Identifier: Apache-2.0
# A clean build of everything, tests included, as packaged, without ccache.

import os
import pathlib
import subprocess
import sys
import tempfile
import time

from .row import row

SOURCE = pathlib.Path(__file__).resolve().parents[2]
CORES = 2


def measure():
    quiet = {"stdout": subprocess.DEVNULL, "check": True, "cwd": SOURCE}
    with tempfile.TemporaryDirectory(prefix="curfew-build-") as place:
        subprocess.run(["cmake", "--preset", "release", "-B", place], **quiet)
        begun = time.monotonic()
        subprocess.run(["ninja", "--quiet", "-C", place, f"-j{CORES}"], env=dict(os.environ, CCACHE_DISABLE="1"), check=True, cwd=SOURCE, stdout=sys.stderr)
        took = time.monotonic() - begun
    return [row("build_clean", "s", [took], note=f"everything, tests included, {CORES} jobs, load at the end {os.getloadavg()[0]:.1f}")]
