#!/usr/bin/env python3
"""Writes the seeds of fuzz_room_*: frames made by hand, and little conversations of them.

Usage: tests/fuzz/seed_room.py
"""

import pathlib
import sys
import zlib

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "interop"))

from protobuf_small import put as varint  # noqa: E402 pylint: disable=wrong-import-position

CORPUS = pathlib.Path(__file__).parent / "corpus"


def message(**fields):
    """f3=7 is field 3; bytes and texts get their length, a list is written item by item."""
    out = b""
    for name, value in fields.items():
        number = int(name[1:])
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, int):
                out += varint(number << 3) + varint(item)
            else:
                item = item.encode() if isinstance(item, str) else item
                out += varint(number << 3 | 2) + varint(len(item)) + item
    return out


def frame(kind, **fields):
    return bytes([kind]) + message(**fields)


def packed(count, *frames):
    """The frames as PACKED, in a context that begins with it."""
    whole = b"".join(varint(len(f)) + f for f in frames)
    squeeze = zlib.compressobj(6, zlib.DEFLATED, -12)
    return bytes([27, count]) + (squeeze.compress(whole) + squeeze.flush(zlib.Z_SYNC_FLUSH))[:-4]


HELLO = frame(1, f1=1)
PACKS = frame(1, f1=1, f5=1)
RENEW = frame(8, f1="token")
CHAT = frame(2, f1=2, f9="老师好 👋", f11=1)
POLL = frame(2, f1=13, f9="?", f10=b"\1A\1B", f11=2)
VOTE = frame(2, f1=14, f8=1, f12=3, f11=3)
ROLE = frame(2, f1=4, f3=2, f8=3, f11=4)
ENROLL = message(f1=1, f3=1, f5=1000, f8=2, f9="ada")
SAID = message(f1=2, f2=1, f5=10, f6=3, f9="hello", f11=1)
WELCOME = frame(16, f1=1, f2=1, f3=9, f4=2, f5=0, f6=1, f7=1000000, f8=2, f9=1000)
BATCH = frame(19, f1=0, f2=2, f3=5, f4=[ENROLL, SAID], f5=[message(f1=2, f2=1, f3=5, f4=b"x")])
PERSONAL = frame(20, f1=2, f2=3, f4=[message(f1=2, f2=1, f3=1, f7=2, f9="for you")])
COVER = frame(19, f1=2, f2=3)
APP = message(f1=20, f2=5, f9="?", f14=3)
LINE = b"\1\5\0\3" + varint(6) + "懂了".encode() + varint(2) + b"li"
CROWD = frame(21, f2=9, f12=9, f3=5, f4=[APP], f7=5, f8=[message(f1="👏", f2=312)], f10=LINE)
AGAIN = frame(21, f2=12, f12=3, f3=9, f7=2, f11=b"\0\10\0\0\12\4")
SNAPSHOT = frame(18, f1=40, f2=3, f3=5000, f4=b"12345678", f5=1, f6=4000, f8=5, f9="page 14",
                 f10=[message(f1=1, f2="ada", f3=2, f4=31, f5=1), message(f1=2, f2="li", f3=4, f4=1, f5=3, f6=7)],
                 f11=[message(f1=7, f2="?", f3=b"\1A\1B", f4=b"\0\1")], f12=[message(f1=1, f2=1, f3=9)],
                 f13=[message(f1=7, f2=2, f3=1)], f14=[message(f1=2, f2=2, f4=8, f5=99, f9="kept")])
REFUSED = frame(17, f1=1, f2=6, f3=100)
PRESENCE = frame(22, f1=2, f2=1, f3=[message(f1=1), message(f1=2)])
PONG = frame(25, f1=999000, f2=1000500)
BYE = frame(26, f1=18, f3="wss://other")

WIRE = {"hello": HELLO, "chat": CHAT, "poll": POLL, "welcome": WELCOME, "batch": BATCH, "crowd": CROWD, "again": AGAIN, "renew": RENEW,
        "snapshot": SNAPSHOT, "presence": PRESENCE, "bye": BYE}


def connect(who):
    return bytes([0, who])


def said(who, data):
    return bytes([4, who, len(data)]) + data


def stored(how=1):
    return bytes([2, how])


LESSON = connect(6) + connect(19) + said(0, HELLO) + stored() + said(1, HELLO) + stored()
SEQUENCER = {
    "lesson": b"\xf4" + LESSON + said(1, CHAT) + stored() + said(0, POLL) + stored() + said(1, VOTE) + stored(),
    "crowd": b"\xf5" + LESSON + said(1, CHAT) + said(0, frame(4, f1="👏")) + stored(),
    "full": b"\x04" + LESSON + said(1, CHAT) + stored(0) + stored(),
    "login": b"\xf4" + LESSON + connect(11) + said(5, HELLO) + stored() + said(0, ROLE) + stored(),
    "asks": b"\xf4" + LESSON + said(1, CHAT) + stored() + said(1, frame(6, f1=1, f2=1, f4=20))
            + said(0, frame(5, f1=9, f2=1, f3=1)) + said(0, frame(3, f2=1, f4=b"x")) + said(0, frame(7, f1=5)),
    "packs": b"\xf5" + connect(6) + connect(19) + said(0, PACKS) + stored() + said(1, PACKS) + stored()
             + said(1, CHAT) + stored() + said(1, RENEW) + said(0, frame(9, f1="away")) + said(0, CHAT) + stored() + bytes([3, 0xf9]) + said(1, VOTE),
}


def given(data):
    return b"\x04" + len(data).to_bytes(2, "big") + data


REPLICA = {
    "lesson": b"\x51" + b"\x00\x02" + given(WELCOME) + given(BATCH) + given(PERSONAL) + given(COVER)
              + given(PONG) + given(PRESENCE) + given(CROWD),
    "snapshot": b"\x50" + given(WELCOME) + given(SNAPSHOT) + given(BYE) + b"\x00\x02",
    "refused": b"\x51" + b"\x00\x02" + given(WELCOME) + given(BATCH) + given(REFUSED) + b"\x7b\xff",
    "playing": b"\x51" + b"\x52\xff" + given(WELCOME) + given(BATCH) + b"\x52\xf0" + b"\x02\x00",
    "packed": b"\x51" + b"\x00\x02" + given(WELCOME) + given(packed(0, BATCH, CROWD, PRESENCE))
              + given(PERSONAL) + given(COVER) + given(AGAIN) + given(packed(0, PONG)),
    "gap": b"\x50" + given(WELCOME) + given(COVER) + b"\x01" + given(WELCOME) + given(BATCH),
}


def main():
    for target, seeds in (("wire", WIRE), ("sequencer", SEQUENCER), ("replica", REPLICA)):
        folder = CORPUS / f"fuzz_room_{target}"
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in seeds.items():
            (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
