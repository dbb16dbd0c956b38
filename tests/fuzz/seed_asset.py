#!/usr/bin/env python3
"""Writes the seeds of fuzz_asset: the beginning of each kind of file.

Usage: tests/fuzz/seed_asset.py
"""

import pathlib
import struct

CORPUS = pathlib.Path(__file__).parent / "corpus" / "fuzz_asset"
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
SEEDS = {
    "png": PNG + struct.pack(">IIBBBBB", 640, 480, 8, 6, 0, 0, 0),
    "png_huge": PNG + struct.pack(">IIBBBBB", 100000, 100000, 8, 2, 0, 0, 0),
    "jpeg": bytes.fromhex("ffd8ffe000104a46494600010100000100010000fffffffec0000467") +
            bytes.fromhex("ffc2001108000900070301220002110103110"
                          "1"),
    "jpeg_frame": bytes.fromhex("ffd8ffc0001108010002000301220002110103110"
                                "1"),
    "webp_lossy": b"RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0\x30\x01\0\x9d\x01\x2a" + struct.pack("<HH", 320, 240),
    "webp_lossless": b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f" + struct.pack("<I", 319 | 239 << 14),
    "webp_extended": b"RIFF\x1a\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0" + bytes([63, 1, 0, 239, 0, 0]),
    "pdf": b"%PDF-1.7\n",
}

if __name__ == "__main__":
    CORPUS.mkdir(parents=True, exist_ok=True)
    for name, data in SEEDS.items():
        (CORPUS / name).write_bytes(data)
