#!/usr/bin/env python3
"""Writes the seed corpora of the RTMP fuzz targets: short conversations, put together here."""
import os
import struct

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")
STEP = 31  # driver byte of the ends: accept, poll, feed up to 497 bytes


def text(value):
    return b"\x02" + struct.pack(">H", len(value)) + value.encode()


def number(value):
    return b"\x00" + struct.pack(">d", value)


def member(name, value):
    return struct.pack(">H", len(name)) + name.encode() + value


def object_of(*members):
    return b"\x03" + b"".join(members) + b"\x00\x00\x09"


NULL = b"\x05"


def message(kind, body, csid=3, stream=0, time=0, chunk=128, repeat=True):
    extended = time >= 0xFFFFFF
    field = min(time, 0xFFFFFF)
    tail = struct.pack(">I", time) if extended else b""
    out = bytes([csid]) + field.to_bytes(3, "big") + len(body).to_bytes(3, "big")
    out += bytes([kind]) + struct.pack("<I", stream) + tail + body[:chunk]
    for at in range(chunk, len(body), chunk):
        out += bytes([0xC0 | csid]) + (tail if repeat else b"") + body[at:at + chunk]
    return out


def command(name, transaction, *args, stream=0):
    return message(20, text(name) + number(transaction) + b"".join(args), stream=stream)


def status(name, transaction, code, level="status", stream=1):
    info = object_of(member("level", text(level)), member("code", text(code)),
                     member("description", text("because")))
    return command(name, transaction, NULL, info, stream=stream)


def steps(data):
    out = bytes([255])  # no failing allocation
    for at in range(0, len(data), 497):
        out += bytes([STEP]) + data[at:at + 497]
    return out


def control(kind, value):
    return message(kind, struct.pack(">I", value), csid=2)


CONNECT = command("connect", 1, object_of(member("app", text("live")),
                                          member("tcUrl", text("rtmp://h/live")),
                                          member("flashVer", text("FMLE/3.0"))))
CREATE = command("createStream", 4, NULL)
AUDIO = message(8, b"\xaf\x01abc", csid=4, stream=1, time=20)
VIDEO = message(9, b"\x17\x01" + bytes(300), csid=6, stream=1, time=40)
TAG = b"\x08\x00\x00\x02\x00\x00\x05\x00\x00\x00\x00\xaf\x01\x00\x00\x00\x0d"
META = message(18, text("@setDataFrame") + text("onMetaData") + b"\x08\x00\x00\x00\x00\x00\x00\x09",
               csid=5, stream=1)
PUBLISH = CONNECT + command("releaseStream", 2, NULL, text("s")) + CREATE
PUBLISH += command("publish", 5, NULL, text("s?token=x"), text("live"), stream=1)
PLAY = CONNECT + CREATE + command("play", 5, NULL, text("s"), number(-2000), stream=1)
RESULT = command("_result", 1, object_of(), object_of())

SEEDS = {
    "fuzz_rtmp_server": {
        "publish": PUBLISH + control(1, 4096) + META + AUDIO + VIDEO
        + command("FCUnpublish", 6, NULL, text("s")) + command("deleteStream", 7, NULL, number(1)),
        "play": PLAY + message(4, struct.pack(">HII", 3, 1, 1000), csid=2) + control(3, 500),
        "aggregate": PUBLISH + message(22, TAG * 3, csid=6, stream=1, time=99),
        "amf3": CONNECT + CREATE + message(17, b"\x00" + text("publish") + number(5) + NULL
                                           + text("s"), stream=1)
        + message(15, b"\x00" + text("onText") + NULL, csid=5, stream=1),
        "extended": PUBLISH + message(9, bytes(300), csid=6, stream=1, time=0x1234567)
        + message(9, bytes(300), csid=7, stream=1, time=0x1234567, repeat=False),
        "control": PUBLISH + control(5, 100) + message(6, b"\x00\x00\x10\x00\x00", csid=2)
        + message(4, struct.pack(">HI", 6, 7), csid=2) + control(2, 6),
    },
    "fuzz_rtmp_client": {
        "publish": RESULT + command("_result", 4, NULL, number(1))
        + status("onStatus", 0, "NetStream.Publish.Start"),
        "play": RESULT + command("_result", 2, NULL, number(1))
        + status("onStatus", 0, "NetStream.Play.Start") + AUDIO + VIDEO
        + message(4, struct.pack(">HI", 1, 1), csid=2),
        "refused": status("_error", 1, "NetConnection.Connect.Rejected", "error", 0),
        "taken": RESULT + command("_result", 4, NULL, number(1))
        + status("onStatus", 0, "NetStream.Publish.BadName", "error"),
    },
    "fuzz_rtmp_dechunk": {
        "interleaved": b"\x10" + VIDEO[:140] + AUDIO + VIDEO[140:],
        "large_ids": b"\x03" + b"\x00\xff" + AUDIO[1:] + b"\x01\xff\xff" + AUDIO[1:],
        "extended": b"\x01" + message(9, bytes(300), csid=6, time=0x1234567)
        + message(9, bytes(300), csid=7, time=0x1234567, repeat=False),
        "types": b"\x40" + AUDIO + b"\x44\x00\x00\x05\x00\x00\x02\x08ab\x84\x00\x00\x05cd\xc4ef",
        "abort": b"\x40" + VIDEO[:140] + control(2, 6) + control(1, 70000) + VIDEO[:12],
    },
}

for target, files in SEEDS.items():
    folder = os.path.join(HERE, target)
    os.makedirs(folder, exist_ok=True)
    for name, data in files.items():
        if target != "fuzz_rtmp_dechunk":
            data = steps(data)
        # The client's target publishes for an even size, plays for an odd one.
        if target == "fuzz_rtmp_client" and (len(data) % 2 == 0) != (name != "play"):
            data += b"\x00"
        with open(os.path.join(folder, name), "wb") as out:
            out.write(data)
