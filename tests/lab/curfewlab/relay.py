# SPDX-License-Identifier: Apache-2.0
# Stands in a lab host's cable and passes every frame on late, or loses it: relay.py PORT PORT DELAY LOSS.
# Frames travel with their virtio header, so that checksums and segments still to be finished survive the trip.

import collections
import random
import select
import socket
import sys
import time

SOL_PACKET = 263
PACKET_VNET_HDR = 15
PACKET_IGNORE_OUTGOING = 23
EVERY_PROTOCOL = 0x0003
LARGEST_FRAME = 70000


def port(name):
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    end.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    end.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    end.bind((name, EVERY_PROTOCOL))
    return end


def deliver(waiting, now):
    while waiting and waiting[0][0] <= now:
        _, target, frame = waiting.popleft()
        try:
            target.send(frame)
        except OSError:
            continue  # a frame that a port cannot take is a lost frame, as on any cable


def main():
    left, right, delay, loss = sys.argv[1:]
    delay, loss = float(delay), float(loss)
    ends = (port(left), port(right))
    other = {ends[0]: ends[1], ends[1]: ends[0]}
    waiting = collections.deque()
    print("ready", flush=True)
    while True:
        timeout = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        readable, _, _ = select.select(ends, (), (), timeout)
        for end in readable:
            frame = end.recv(LARGEST_FRAME)
            if random.random() >= loss:
                waiting.append((time.monotonic() + delay, other[end], frame))
        deliver(waiting, time.monotonic())


main()
