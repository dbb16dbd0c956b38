#!/usr/bin/env python3
"""Writes the committed seeds of fuzz_jpeg.

Usage: seed_camera.py             (into corpus/ beside this file; existing files are replaced)
"""

import pathlib
import struct

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus" / "fuzz_jpeg"


def segment(marker, body):
    return struct.pack(">BBH", 0xff, marker, len(body) + 2) + body


def frame(width=32, height=16, marker=0xc0):
    parts = b"\x03\x01\x21\x00\x02\x11\x01\x03\x11\x01"
    return segment(marker, struct.pack(">BHH", 8, height, width) + parts)


BEGIN, END = b"\xff\xd8", b"\xff\xd9"
NOTE = segment(0xe0, b"AVI1\0\0\xff\xc0\0\0\0\0")
TABLE = segment(0xdb, bytes(65))
CODES = segment(0xc4, bytes(29))
SCAN = segment(0xda, b"\x03\x01\x00\x02\x11\x03\x11\x00\x3f\x00") + b"\x12\xff\x00\x34\xff\xd0\x56"

SEEDS = {
    "whole": BEGIN + NOTE + TABLE + CODES + frame() + SCAN + END,
    "no_codes_padded": BEGIN + TABLE + frame() + SCAN + END + bytes(16),
    "no_end": BEGIN + TABLE + frame() + SCAN,
    "fill": BEGIN + b"\xff\xff" + frame(marker=0xc2) + SCAN + END,
    "two_frames": BEGIN + frame() + frame(65500, 65500) + SCAN + END,
    "frame_among_pixels": BEGIN + frame() + SCAN + frame(65500, 65500) + END,
    "cut": BEGIN + TABLE[:20],
}

CORPUS.mkdir(parents=True, exist_ok=True)
for name, data in SEEDS.items():
    (CORPUS / name).write_bytes(data)
