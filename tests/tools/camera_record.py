#!/usr/bin/env python3
"""Records what a V4L2 camera answers when it is asked what it is and can do, in the format of
tests/support/v4l2_recording.h. Of formats that Chalkrail does not take the first size stands for all.

Usage: camera_record.py [NODE]          (default: /dev/video0)
"""

import fcntl
import os
import struct
import sys

TAKEN = ("YUYV", "NV12", "YU12", "MJPG", "JPEG")
CAPTURE = 1
DISCRETE = 1
ITEMS_MAX = 64


def request(number, size, both=True):
    return (3 if both else 2) << 30 | size << 16 | ord("V") << 8 | number


QUERYCAP = request(0, 104, both=False)
ENUM_FMT = request(2, 64)
G_FMT = request(4, 208)
ENUM_FRAMESIZES = request(74, 44)
ENUM_FRAMEINTERVALS = request(75, 52)


def ask(fd, number, layout, *values):
    """The structure's numbers as the driver filled them in; None when it refuses."""
    size = number >> 16 & 0x3fff
    data = bytearray(struct.pack(layout, *values).ljust(size, b"\0"))
    try:
        fcntl.ioctl(fd, number, data)
    except OSError:
        return None
    return data


def words(data):
    return struct.unpack(f"<{len(data) // 4}I", data)


def text(data):
    return data.split(b"\0")[0].decode(errors="replace")


def listing(fd, number, *values):
    """Each item of a list: its numbers."""
    for index in range(ITEMS_MAX * 4):
        data = ask(fd, number, f"<{1 + len(values)}I", index, *values)
        if data is None:
            return
        yield words(data)


def record_rates(fd, fourcc, width, height):
    for rate in listing(fd, ENUM_FRAMEINTERVALS, fourcc, width, height):
        if rate[4] != DISCRETE:
            print("rate", *rate[5:9])
            return
        print("rate", *rate[5:7])


def record_sizes(fd, fourcc, taken):
    for size in listing(fd, ENUM_FRAMESIZES, fourcc):
        kind, sides = size[2], size[3:9]
        if kind == DISCRETE:
            print("size", *sides[:2])
        else:
            print("size", sides[0], sides[3], sides[1], sides[4], sides[2], sides[5])
        if not taken:
            return
        record_rates(fd, fourcc, sides[0], sides[1] if kind == DISCRETE else sides[3])
        if kind != DISCRETE:
            return


def record(node):
    fd = os.open(node, os.O_RDWR | os.O_NONBLOCK)
    capability = ask(fd, QUERYCAP, "")
    if capability is None:
        sys.exit(f"{node} is no V4L2 device")
    numbers = words(capability)
    print("card", text(capability[16:48]))
    print("bus", text(capability[48:80]))
    print("caps", f"{numbers[21]:08x} {numbers[22]:08x}")
    present = ask(fd, G_FMT, "<I", CAPTURE)
    if present is not None:
        pix = words(present)[2:]
        print("color", pix[6], pix[9], pix[10])
    for listed in listing(fd, ENUM_FMT, CAPTURE):
        name = struct.pack("<I", listed[11]).decode("latin-1")
        if name.isascii() and name.strip() == name:
            print("format", name)
            record_sizes(fd, listed[11], name in TAKEN)
    os.close(fd)


if __name__ == "__main__":
    record(sys.argv[1] if len(sys.argv) > 1 else "/dev/video0")
