# SPDX-License-Identifier: Apache-2.0
# Builds the Debian root that all hosts of the lab share read-only, once, and keeps it outside the repository.
# Its name holds a digest of what it is made from, so that a changed list makes a new one.

import fcntl
import hashlib
import os
import shutil

from .command import LabError, run
from .layout import CACHE

SUITES = {"debian12": "bookworm"}
PACKAGES = (
    "systemd", "systemd-sysv", "dbus", "libpam-systemd", "libnss-systemd", "procps", "iproute2", "psmisc", "adduser",
    "openssh-server", "openssh-client", "sudo", "cron", "at", "rsync", "python3", "ansible-core", "ca-certificates",
    "debconf", "init-system-helpers", "libpam-runtime", "libcap2",
    "libssl3", "libssh-4", "libsystemd0", "libsqlite3-0", "libcurl4", "libyaml-cpp0.7", "libtomlplusplus3", "libstdc++6",
)  # fmt: skip
MARK = "complete"
# A host key shared by all hosts would let one stand in for another; a machine-id likewise.
HOOKS = (
    'rm -f "$1"/etc/ssh/ssh_host_*',
    'rm -f "$1"/etc/machine-id "$1"/var/lib/dbus/machine-id',
    'chroot "$1" systemctl mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer',
    'mkdir -p "$1"/var/log/journal',
)


def path_of(image):
    suite = SUITES.get(image)
    if suite is None:
        raise LabError(f"the image '{image}' comes later; this lab has: {', '.join(sorted(SUITES))}")
    made_from = "\n".join((suite, *PACKAGES, *HOOKS, mirror()))
    return CACHE / f"{image}-{hashlib.sha256(made_from.encode()).hexdigest()[:12]}"


def mirror():
    return os.environ.get("CURFEW_LAB_MIRROR", "")


def ensure(image, say):
    """The image's root directory; builds it when it is not there. Two labs that start at once build it once."""
    place = path_of(image)
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / MARK).exists():
            say(f"making the {image} image (once)")
            build(SUITES[image], place)
            forget_older(image, place)
    return place / "root"


def build(suite, place):
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    hooks = [f"--customize-hook={hook}" for hook in HOOKS]
    packages = ",".join(PACKAGES)
    arguments = [suite, place / "root"] + ([mirror()] if mirror() else [])
    run("mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", f"--include={packages}", *hooks, *arguments, timeout=900)
    (place / MARK).write_text("")


def forget_older(image, keep):
    in_use = mounted_images()
    for other in CACHE.glob(f"{image}-*"):
        if other != keep and str(other) not in in_use:
            shutil.rmtree(other, ignore_errors=True)


def mounted_images():
    with open("/proc/self/mounts", encoding="utf-8") as mounts:
        text = mounts.read()
    return {str(place) for place in CACHE.glob("*-*") if f"lowerdir={place}/" in text}


def forget_all():
    """For `lab clean`: removes every cached image that no lab has mounted."""
    in_use = mounted_images()
    if in_use:
        raise LabError(f"an image is in use by another lab ({', '.join(sorted(in_use))}); run its `lab down` first")
    shutil.rmtree(CACHE, ignore_errors=True)
