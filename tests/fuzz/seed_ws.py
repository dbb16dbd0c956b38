#!/usr/bin/env python3
"""Writes the committed seeds of fuzz_ws.

Usage: seed_ws.py          (into corpus/ beside this file; existing files are replaced)
"""

import pathlib
import struct

FOLDER = pathlib.Path(__file__).resolve().parent / "corpus" / "fuzz_ws"
MASK = b"\x12\xab\x00\xfe"


def frame(first, payload, masked=True):
    size = len(payload)
    length = bytes([size]) if size < 126 else b"\x7e" + struct.pack(">H", size)
    if not masked:
        return bytes([first]) + length + payload
    body = bytes(byte ^ MASK[at % 4] for at, byte in enumerate(payload))
    return bytes([first, length[0] | 0x80]) + length[1:] + MASK + body


def save(name, flags, *frames):
    (FOLDER / name).write_bytes(bytes([flags]) + b"".join(frames))


FOLDER.mkdir(parents=True, exist_ok=True)
TO_SERVER, TO_CLIENT, CLOSES, WHOLE, SINGLE = 0, 1, 2, 0xfc, 0
save("text", TO_SERVER | WHOLE, frame(0x81, "gr\u00fc\u00df \u20ac \U0001f393".encode()))
save("fragments", TO_SERVER | SINGLE, frame(0x01, b"in "), frame(0x89, b"p"), frame(0x80, b"two"),
     frame(0x88, b"\x03\xe8bye"))
save("long", TO_SERVER | WHOLE, frame(0x82, bytes(range(256)) * 2), frame(0x8a, b""))
save("unmasked", TO_SERVER | WHOLE, frame(0x81, b"hello", masked=False))
save("bad_text", TO_SERVER | SINGLE, frame(0x01, b"\xe2\x82"), frame(0x80, b"x"))
save("too_large", TO_SERVER | WHOLE, b"\x82\xff\x00\x00\x00\x00\x00\x01\x00\x00" + MASK)
save("closes_first", TO_SERVER | CLOSES | SINGLE, frame(0x81, b"one"), frame(0x81, b"two"),
     frame(0x88, b"\x03\xe9"))
save("to_client", TO_CLIENT | WHOLE, frame(0x81, b"hello", False), frame(0x82, b"", False),
     frame(0x89, b"hi", False), frame(0x88, b"\x0f\xa0", False))
save("bad_code", TO_CLIENT | SINGLE, frame(0x88, b"\x03\xed", False))
