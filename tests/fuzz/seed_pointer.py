#!/usr/bin/env python3
"""Writes the seeds of fuzz_pointer: a shape in one part and in two, places, somebody hidden.

Usage: tests/fuzz/seed_pointer.py
"""

import pathlib
import struct

CORPUS = pathlib.Path(__file__).parent / "corpus" / "fuzz_pointer"


def v(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7f | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def message(*fields):
    out = b""
    for number, value in fields:
        if isinstance(value, bytes):
            out += v(number << 3 | 2) + v(len(value)) + value
        elif value:
            out += v(number << 3) + v(value)
    return out


def spot(author, key, data, pause=16):
    return bytes([(author - 1) * 16 + key - 8]) + struct.pack(">H", len(data)) + bytes([pause]) + data


def name(numbers, image):
    value = 2166136261
    for byte in b"".join(struct.pack(">H", n) for n in numbers) + image:
        value = (value ^ byte) * 16777619 & 0xffffffff
    return ((value ^ value >> 28) & 0x0fffffff) or 1


def image(width, height, ops):
    return b"qoif" + struct.pack(">IIBB", width, height, 4, 0) + ops + bytes(7) + b"\1"


def shape(author, picture):
    numbers = (1280, 720, 2, 3, 1)
    label = name(numbers, picture)
    parts = [picture[at:at + 960] for at in range(0, len(picture), 960)]
    return label, b"".join(
        spot(author, 9 + i, message((1, label), *zip(range(2, 7), numbers), (7, i), (8, len(parts)), (9, part)))
        for i, part in enumerate(parts))


def place(author, label, x, y):
    return spot(author, 8, message((1, label), (2, x), (3, y)))


SMALL, SMALL_PARTS = shape(1, image(4, 3, b"\xfe\xff\0\0\xc1\xff\0\xff\0\x80\x55\xa0\x88\xc4"))
LARGE, LARGE_PARTS = shape(2, image(16, 16, b"".join(bytes([0xff, i, 255 - i, i * 7 & 255, i]) for i in range(256))))
SEEDS = {
    "small": SMALL_PARTS + place(1, SMALL, 10, 20) + place(1, SMALL, 12, 21) + place(1, 0, 0, 0),
    "large": LARGE_PARTS + place(2, LARGE, 1279, 719),
    "two": place(1, SMALL, 1, 1) + LARGE_PARTS + SMALL_PARTS + place(2, LARGE, 5, 6),
}

CORPUS.mkdir(parents=True, exist_ok=True)
for seed, data in SEEDS.items():
    (CORPUS / seed).write_bytes(data)
