# SPDX-License-Identifier: Apache-2.0
# Enforcer and link at rest, with a hundred grants: memory as the kernel accounts it, and how often they wake.

from .field import HOST
from .row import row

GRANTS = 100
WINDOW_S = 120


def measure(field):
    field.hold(GRANTS)
    seen = field.run_script(HOST, "at_rest.py", WINDOW_S)
    field.end_all()
    wakeups = row("idle_wakeups", "1/s", [seen["wakeups"] / WINDOW_S], note=f"context switches in {WINDOW_S} s; {seen['each']}")
    return [
        row("idle_pss", "MiB", [seen["pss_kib"] / 1024], note=f"{GRANTS} grants; KiB each: {seen['each']}"),
        row("idle_rss", "MiB", [seen["rss_kib"] / 1024], note=f"{GRANTS} grants"),
        wakeups,
    ]
