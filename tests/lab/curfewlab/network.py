# SPDX-License-Identifier: Apache-2.0
# The lab's own network: one bridge in a namespace of its own, one cable (veth) to each host's namespace.
# The machine's network is never touched and the lab has no way out of itself.

import os
import subprocess
import sys

from .command import LabError, run


class Network:
    def __init__(self, layout, cgroup):
        self.layout = layout
        self.cgroup = cgroup

    def create(self, hosts):
        switch = self.layout.switch
        run("ip", "netns", "add", switch)
        commands = ["link set lo up", "link add bridge0 type bridge", "link set bridge0 up"]
        run("ip", "-n", switch, "-batch", "-", stdin="\n".join(commands) + "\n")
        for host in hosts:
            self._plug_in(host)

    def _plug_in(self, host):
        switch, namespace, port = self.layout.switch, self.layout.namespace(host), self.layout.port(host)
        run("ip", "netns", "add", namespace)
        run("ip", "-n", switch, "link", "add", port, "type", "veth", "peer", "name", "host0", "netns", namespace)
        run("ip", "-n", switch, "link", "set", port, "master", "bridge0", "up")
        inside = ["link set lo up", f"addr add {self.layout.address(host)}/24 dev host0", "link set host0 up"]
        run("ip", "-n", namespace, "-batch", "-", stdin="\n".join(inside) + "\n")

    def cut(self, host):
        """Frames are dropped in silence and the link stays up: what a firewall or a dead switch looks like."""
        self._port_state(host, "0")

    def heal(self, host):
        self.stop_slowing(host)
        self._port_state(host, "3")

    def _port_state(self, host, state):
        run("ip", "netns", "exec", self.layout.switch, "bridge", "link", "set", "dev", self._bridge_port(host), "state", state)

    def _bridge_port(self, host):
        return self._slow_port(host) if self._is_slow(host) else self.layout.port(host)

    def _slow_port(self, host):
        return f"b-{host}"

    def _is_slow(self, host):
        return run("ip", "-n", self.layout.switch, "link", "show", self._slow_port(host), check=False).returncode == 0

    def slow(self, host, delay_s, loss):
        """Puts a relay between cable and bridge. (tc netem is a kernel module that small kernels lack.)"""
        self.stop_slowing(host)
        switch, port, outer = self.layout.switch, self.layout.port(host), self._slow_port(host)
        commands = [
            f"link add {outer} type veth peer name r-{host}",
            f"link set {port} nomaster",
            f"link set {outer} master bridge0 up",
            f"link set r-{host} up",
        ]
        run("ip", "-n", switch, "-batch", "-", stdin="\n".join(commands) + "\n")
        relay = os.path.join(os.path.dirname(__file__), "relay.py")
        group = self.cgroup.child(f"relay-{host}")
        arguments = [sys.executable, "-I", relay, port, f"r-{host}", str(delay_s), str(loss)]
        # The group is entered first: `ip netns exec` puts a /sys of its own over the cgroup tree.
        enter = f'echo 0 >"{group.path}/cgroup.procs" && exec "$@"'
        process = subprocess.Popen(
            ["/bin/sh", "-c", enter, "sh", "ip", "netns", "exec", switch, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        said = process.stdout.readline().strip()
        if said != "ready":
            raise LabError(f"the relay that slows {host} did not start: {said}; try: lab heal {host}")

    def stop_slowing(self, host):
        if not self._is_slow(host):
            return
        self.cgroup.child(f"relay-{host}").destroy()
        switch, port = self.layout.switch, self.layout.port(host)
        run("ip", "-n", switch, "link", "del", self._slow_port(host))
        run("ip", "-n", switch, "link", "set", port, "master", "bridge0", "up")

    def destroy(self):
        prefix = f"curfew-{self.layout.name}-"
        listed = run("ip", "netns", "list", check=False).stdout.splitlines()
        for line in listed:
            name = line.split()[0] if line.split() else ""
            if name.startswith(prefix):
                run("ip", "netns", "del", name, check=False)
