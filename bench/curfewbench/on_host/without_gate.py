# SPDX-License-Identifier: Apache-2.0
# Runs on a host: makes a mount namespace in which the system's own tool took Curfew's PAM profiles out, with an sshd in
# it on another port. Says its pid and port, and ends with everything when standard input does.

import ctypes
import json
import os
import socket
import subprocess
import sys

PORT = 2222
NEW_MOUNTS, BIND, RECURSIVE, PRIVATE = 0x20000, 0x1000, 0x4000, 0x40000
libc = ctypes.CDLL(None, use_errno=True)


def call(result, what):
    if result != 0:
        sys.exit(f"{what}: {os.strerror(ctypes.get_errno())}")


call(libc.unshare(NEW_MOUNTS), "unshare")
call(libc.mount(b"none", b"/", None, RECURSIVE | PRIVATE, None), "mount")
for folder in ("/etc/pam.d", "/var/lib/pam"):
    copy = "/run/bench-without" + folder
    subprocess.run(["mkdir", "-p", os.path.dirname(copy)], check=True)
    subprocess.run(["cp", "-a", folder, copy], check=True)
    call(libc.mount(copy.encode(), folder.encode(), None, BIND, None), folder)
subprocess.run(["pam-auth-update", "--package", "--disable", "curfew", "curfew-hint"], check=True,
               stdout=subprocess.DEVNULL, env=dict(os.environ, DEBIAN_FRONTEND="noninteractive"))  # fmt: skip
for name in os.listdir("/etc/pam.d"):
    with open(f"/etc/pam.d/{name}", encoding="utf-8") as file:
        if "pam_curfew" in file.read():
            sys.exit(f"/etc/pam.d/{name} still names pam_curfew")
sshd = subprocess.Popen(["/usr/sbin/sshd", "-D", "-p", str(PORT), "-o", "PidFile=none"], stdout=subprocess.DEVNULL)
while True:
    try:
        socket.create_connection(("127.0.0.1", PORT), 1).close()
        break
    except ConnectionRefusedError:
        if sshd.poll() is not None:
            sys.exit("sshd ended")
print(json.dumps({"pid": os.getpid(), "port": PORT}), flush=True)
sys.stdin.read()
sshd.terminate()
sshd.wait()
subprocess.run(["umount", "/etc/pam.d", "/var/lib/pam"], check=True)
subprocess.run(["rm", "-rf", "/run/bench-without"], check=True)
