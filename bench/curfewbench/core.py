# SPDX-License-Identifier: Apache-2.0
# Signing and verifying, by Google Benchmark on core, from the release build.

import json
import pathlib
import subprocess

from .row import row

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = SOURCE / "build" / "release"
NAMES = {"SealGrant": "signed_grants", "VerifyGrant": "verified_grants"}
NOTE = "one grant a bundle: encode and seal; not the store's commit"


def measure():
    quiet = {"stdout": subprocess.DEVNULL, "check": True, "cwd": SOURCE}
    if not (BUILD / "build.ninja").exists():
        subprocess.run(["cmake", "--preset", "release"], **quiet)
    subprocess.run(["ninja", "-C", str(BUILD), "core_bench"], **quiet)
    done = subprocess.run([BUILD / "bench" / "core_bench", "--benchmark_format=json", "--benchmark_repetitions=9"],
                          check=True, capture_output=True, text=True)  # fmt: skip
    rates = {}
    for run in json.loads(done.stdout)["benchmarks"]:
        if run["run_type"] == "iteration":
            rates.setdefault(NAMES[run["run_name"]], []).append(run["items_per_second"])
    return [row(name, "1/s", samples, note=NOTE if name == "signed_grants" else None) for name, samples in rates.items()]
