#!/usr/bin/env python3
"""Writes the seeds of fuzz_journal: small files of the log and of a room, whole and hurt.

Usage: tests/fuzz/seed_journal.py
"""

import pathlib
import struct

CORPUS = pathlib.Path(__file__).parent / "corpus" / "fuzz_journal"
MARK = 0xA1B2C3D4
SEGMENT, ROOM, STATE, RECORD = 1, 2, 3, 4


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def entry(kind, mark=MARK, synced=0, epoch=1, after=0, to=0, name=b"", body=b""):
    head = struct.pack(">IBBHIIQQQI", mark, kind, len(name), 0, len(body), synced, epoch, after, to, crc32c(body))
    return head + struct.pack(">I", crc32c(head + name)) + name + body


def first(kind, **more):
    body = struct.pack(">IQ", MARK, 0) if kind == SEGMENT else struct.pack(">I", MARK)
    return entry(kind, int.from_bytes(b"CKR1", "big"), body=body, **more)


def made(kind, together, name, body, where=0, how=0):
    return bytes([kind, together, len(name)]) + struct.pack(">H", len(body)) + bytes([where, how]) + name + body


def main():
    log = first(SEGMENT, to=1)
    log += entry(RECORD, synced=len(log), to=2, name=b"maths", body=b"one")
    log += entry(RECORD, synced=len(log), after=2, to=3, name=b"maths", body=b"two")
    room = first(ROOM, name=b"maths", to=3) + entry(STATE, to=2, name=b"maths", body=b"state")
    room += entry(RECORD, after=2, to=3, name=b"maths", body=b"two")
    hurt = bytearray(log)
    hurt[70] ^= 1
    mark = struct.pack(">I", MARK)
    seeds = {
        "log": b"\0" + log, "room": b"\0" + room, "cut": b"\0" + log[:-2], "hurt": b"\0" + bytes(hurt),
        "made": b"\1" + mark + made(4, 0, b"maths", b"one") + made(3, 1, b"maths", b"state"),
        "made_hurt": b"\1" + mark + made(4, 0, b"maths", b"one", 50, 1) + made(4, 0, b"maths", b"two"),
        "made_forged": b"\1" + mark + made(4, 0, b"m", mark + mark + mark, 44, 1) + made(4, 1, b"m", b"two"),
    }
    CORPUS.mkdir(parents=True, exist_ok=True)
    for name, data in seeds.items():
        (CORPUS / name).write_bytes(data)


if __name__ == "__main__":
    main()
