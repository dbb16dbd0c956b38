#!/usr/bin/env python3
"""Writes the seeds of fuzz_board_* and fuzz_stroke_*: operations made by hand, one after the other, small
boards, a pen's messages.

Usage: tests/fuzz/seed_board.py
"""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "interop"))

from board_small import an_id, ids  # noqa: E402 pylint: disable=wrong-import-position
from protobuf_small import put as v, signed as s  # noqa: E402 pylint: disable=wrong-import-position

CORPUS = pathlib.Path(__file__).parent / "corpus"


def event(author, code, rest):
    data = bytes([code]) + v(1) + rest
    return bytes([author - 1, len(data)]) + data


DOT = s(10) + s(-10) + v(0)
STROKE = s(4) + s(4) + v(6) + b"\x62\x51\x0f\x3a\xc4\x10"
FIRST = an_id(1, 1)
DRAW = event(1, 1, v(1) + v(0x41) + v(0xff000000) + v(128) + v(1) + DOT + STROKE)
PUT = event(1, 2, v(1) + v(5) + v(0) + v(7) + v(0) + v(64) + s(0) + s(0) + s(640) + s(-640))
TEXT = event(2, 2, v(1) + v(7) + v(0) + v(7) + v(0) + v(0) + s(9) + s(9) + v(0) + v(640) + "你好".encode())
MOVE = event(1, 4, s(64) + s(-64) + ids(FIRST))
SCALE = event(1, 5, s(0) + s(0) + s(131072) + s(-65536) + ids(FIRST, FIRST + 1))
STYLE = event(1, 6, v(3) + v(1) + v(2) + v(0) + ids(FIRST))
ORDER = event(1, 7, v(0) + ids(FIRST))
COPY = event(1, 8, v(1) + s(9) + s(9) + ids(FIRST))
ERASE = event(1, 9, v(FIRST + 1) + v(1) + v(3) + v(60))
DELETE = event(1, 3, ids(FIRST))
CLEAR = event(1, 10, v(1))
PAGES = event(1, 13, v(4) + v(3) + v(1) + v(4) + bytes(32) + v(0))
VIEW = event(1, 18, v(1) + s(5) + s(5) + v(65536))
ACCESS = event(1, 17, v(1) + v(6) + ids(2, 3))


def undo(counter, code=11):
    return event(1, code, v(1) + v(counter) + v(0))


EVENTS = {
    "drawn": DRAW + MOVE + SCALE + STYLE + ORDER + COPY + ERASE,
    "undone": DRAW + MOVE + undo(2) + undo(2, 12) + DELETE + undo(5) + CLEAR + undo(7) + undo(7, 12),
    "pages": DRAW + PAGES + VIEW + ACCESS + TEXT + PUT + event(1, 16, v(5) + v(0)) + event(1, 15, v(5)),
}
PAGE = v(1) + v(0) + v(0) + v(0) + v(0) + v(0) + s(1) + s(0)
SNAPSHOTS = {
    "empty": v(1) + v(0) * 4 + v(0) * 4,
    "page": v(1) + v(1) + PAGE + v(0) + v(0) + v(0) + v(0) * 5,
    "dot": v(1) + v(1) + PAGE + v(1) + v(1) + v(1) + v(1) + v(1) +
           v(1) + v(1) + v((FIRST - (1 << 49)) << 1) + v(1) + v(0x10) + v(0) +
           v(0) * 5 +
           b"\x06" + v(1) + v((FIRST - (1 << 49)) << 1) + v(1) + b"\x41" + v(7) + v(128) + s(0) + s(0) + v(0),
}

def a_file(board, *assets):
    """Without its magic and its check, which the target writes: docs/PROTOCOL.md, "The board as a file"."""
    out = (1).to_bytes(4, "big") + (9).to_bytes(8, "big") + (1).to_bytes(4, "big") + len(board).to_bytes(4, "big") + board
    out += len(assets).to_bytes(4, "big")
    return out + b"".join(bytes(32) + len(data).to_bytes(4, "big") + data for data in assets)


FILES = {
    "empty": a_file(SNAPSHOTS["empty"]),
    "dot": a_file(SNAPSHOTS["dot"], b"an image", b""),
}

# Messages of a pen: sizes, pauses, and chunks that begin a stroke (the coder's first bits are ones) or go on.
LIVE = {
    "begins": bytes([14, 9, 13, 0]) + b"\xe0\x60\x12\x34\x56\x78\x9a\xbc\xde\xf0\x11\x22",
    "goes_on": bytes([7, 40, 6, 5]) + b"\x10\x20\x30\x40\x50" + bytes([5, 200, 4, 9]) + b"\x01\x02\x03",
    "empty": bytes(8),
}

for name, seeds in (("fuzz_board_event", EVENTS), ("fuzz_board_snapshot", SNAPSHOTS),
                    ("fuzz_board_file", FILES), ("fuzz_stroke_live", LIVE)):
    folder = CORPUS / name
    folder.mkdir(parents=True, exist_ok=True)
    for seed, data in seeds.items():
        (folder / seed).write_bytes(data)
