#!/usr/bin/env python3
"""Writes the committed seeds of fuzz_prepared and fuzz_load_plan: files that `chalkrail load` publishes and plans.

Usage: seed_load.py            (into corpus/ beside this file; existing files are replaced)
"""

import json

from seed_formats import HEAD, META, PPS, SPS, record, save, tag

VIDEO, AUDIO = 9, 8
H264 = b"\x17\x00\x00\x00\x00" + record(66, [SPS], [PPS])
AAC = b"\xaf\x00\x12\x10"
OPUS = b"\x90OpusOpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00"
VP8 = b"\x90vp08\x00\x0a\x82\x01\x01\x06\x00\x00"


def picture(key, offset_ms=0):
    return bytes([0x17 if key else 0x27, 1]) + offset_ms.to_bytes(3, "big") + b"\x00\x00\x00\x02" + (b"\x65z" if key else b"Az")


def prepared():
    lesson = tag(18, 0, META) + tag(VIDEO, 0, H264) + tag(AUDIO, 0, AAC)
    for time_ms in range(0, 200, 40):
        lesson += tag(VIDEO, time_ms, picture(time_ms == 0, 40)) + tag(AUDIO, time_ms + 3, b"\xaf\x01\x21\x10\x04\x60")
    save("fuzz_prepared", "lesson", HEAD + lesson)
    save("fuzz_prepared", "cut", (HEAD + lesson)[:-9])
    save("fuzz_prepared", "sound", HEAD + tag(AUDIO, 5, AAC) + tag(AUDIO, 5, b"\xaf\x01\x21") + tag(AUDIO, 28, b"\xaf\x01\x21"))
    save("fuzz_prepared", "back_in_time", HEAD + tag(VIDEO, 0, H264) + tag(VIDEO, 0xfffffff0, picture(True)) +
         tag(VIDEO, 16, picture(False)) + tag(VIDEO, 3, picture(False)))
    save("fuzz_prepared", "no_key", HEAD + tag(VIDEO, 0, H264) + tag(VIDEO, 0, picture(False)))
    save("fuzz_prepared", "vp8_opus", HEAD + tag(VIDEO, 0, VP8) + tag(AUDIO, 0, OPUS) +
         tag(VIDEO, 0, b"\x91vp08\x30\x00\x00\x9d\x01\x2a\xb0\x00\x90\x00z") + tag(AUDIO, 20, b"\x91Opus\xf8\xff\xfe"))
    save("fuzz_prepared", "speex", HEAD + tag(AUDIO, 0, b"\xb6zzz"))
    save("fuzz_prepared", "words", b"no film\n")


def plan(name, value):
    save("fuzz_load_plan", name, (value if isinstance(value, str) else json.dumps(value)).encode())


def plans():
    stall, cut = {"at": "3m", "kind": "stall", "share": 10, "for": "2s"}, {"at": "6m", "kind": "cut", "share": "0.5%"}
    phases = [{"profile": "lecture", "for": "10m"}, {"profile": "chat-flood", "for": 2.5}]
    plan("night", {"students": 200, "room": "night", "publish-file": "lesson.flv", "delay": "20ms", "loss": 0.5,
                   "phases": phases, "faults": [stall, cut]})
    plan("options", {"students": "16000", "profile": "chat-flood", "for": "1h"})
    plan("long", {"phases": phases * 17})
    plan("late", {"faults": [cut, stall]})
    plan("kinds", {"students": [5], "room": "", "json": True, "plan": "other.json"})
    plan("near", {"stundents": 5})
    plan("deep", "[" * 600)
    plan("escapes", '{"room": "\\u8001\\ud83d\\udc4d\\u0000", "students": 1e2}')
    plan("cut", '{"students": 5,\n "phases": [{"profile"')


if __name__ == "__main__":
    prepared()
    plans()
