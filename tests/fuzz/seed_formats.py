#!/usr/bin/env python3
"""Writes the committed seeds of fuzz_amf, fuzz_flv, fuzz_avcc, fuzz_aac, fuzz_opus,
fuzz_vp8 and fuzz_url.

Usage: seed_formats.py            (into corpus/ beside this file; existing files are replaced)
"""

import pathlib
import struct

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"


def save(target, name, data):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def text(value):
    return struct.pack(">H", len(value)) + value


def number(value):
    return b"\x00" + struct.pack(">d", value)


def string(value):
    return b"\x02" + text(value)


def members(pairs):
    return b"".join(text(name) + value for name, value in pairs) + b"\x00\x00\x09"


META = string(b"onMetaData") + b"\x08\x00\x00\x00\x04" + members([
    (b"width", number(1280)), (b"videocodecid", string(b"avc1")), (b"stereo", b"\x01\x01"),
    (b"encoder", string(b"chalkrail"))])
CONNECT = string(b"connect") + number(1) + b"\x03" + members([
    (b"app", string(b"live")), (b"a", b"\x03" + members([(b"b", b"\x05")])), (b"", number(3))])


def amf():
    save("fuzz_amf", "connect", CONNECT)
    save("fuzz_amf", "metadata", string(b"@setDataFrame") + META)
    save("fuzz_amf", "arrays", b"\x0a\x00\x00\x00\x03\x05\x06\x0a\x00\x00\x00\x00")
    save("fuzz_amf", "date_and_long", b"\x0b" + bytes(10) + b"\x0c\x00\x00\x00\x02hi\x0d")
    save("fuzz_amf", "nested", b"\x0a\x00\x00\x00\x01" * 17 + b"\x05")
    save("fuzz_amf", "refused", b"\x05\x07\x00\x01")
    save("fuzz_amf", "huge_count", b"\x0a\xff\xff\xff\xff\x05\x05")


def tag(kind, time_ms, body):
    size = struct.pack(">I", len(body))[1:]
    time = struct.pack(">I", time_ms)
    return (bytes([kind]) + size + time[1:] + time[:1] + bytes(3) + body
            + struct.pack(">I", 11 + len(body)))


HEAD = b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00"


def flv():
    legacy = (HEAD + tag(18, 0, META) + tag(9, 0, b"\x17\x00\x00\x00\x00\x01B")
              + tag(8, 0, b"\xaf\x00\x12\x10") + tag(9, 40, b"\x27\x01\xff\xff\xd8zz")
              + tag(8, 0x1000017, b"\xaf\x01z") + tag(8, 50, b""))
    enhanced = (HEAD + tag(9, 0, b"\x90hvc1z") + tag(9, 1, b"\x91avc1\x00\x00\x28z")
                + tag(9, 2, b"\x97\x02\x07\xa1\x20\x03avc1z") + tag(9, 3, b"\xd4av01z")
                + tag(9, 4, b"\x96\x01avc1\x00z") + tag(8, 5, b"\x91Opusz")
                + tag(8, 6, b"\x95\x01mp4a\x00z") + tag(9, 7, b"\xd1\x00"))
    save("fuzz_flv", "legacy", b"\x06" + legacy)
    save("fuzz_flv", "legacy_whole", b"\x3f" + legacy)
    save("fuzz_flv", "enhanced", b"\x00" + enhanced)
    chalkrails = (HEAD + tag(9, 0, b"\x90vp08\x00\x0a\x82\x01\x01\x06\x00\x00") + tag(9, 1, b"\x91vp08z")
                  + tag(9, 2, b"\xa1vp08z") + tag(8, 2, b"\x90OpusOpusHead") + tag(8, 3, b"\x91Opusz")
                  + tag(9, 4, b"\x92vp08") + tag(8, 4, b"\x92Opus"))
    save("fuzz_flv", "vp8_opus", b"\x05" + chalkrails)
    save("fuzz_flv", "unknown_type", b"\x03" + HEAD + tag(10, 0, b"zz") + tag(8, 0, b"\xaf\x01"))
    save("fuzz_flv", "long_head", b"\x02FLV\x01\x05\x00\x00\x00\x0bxx\x00\x00\x00\x01" + tag(8, 0, b""))
    save("fuzz_flv", "too_large", b"\x02" + HEAD + b"\x08\xff\xff\xff" + bytes(7))


SPS = bytes.fromhex("6742c00bd90141fb011000000300100000030140f142a480")
PPS = bytes.fromhex("68cb83cb20")


def record(profile, sps, pps, tail=b""):
    return (bytes([1, profile, 0xc0, 11, 0xff, 0xe0 | len(sps)])
            + b"".join(text(s) for s in sps) + bytes([len(pps)])
            + b"".join(text(p) for p in pps) + tail)


def avcc():
    save("fuzz_avcc", "baseline", record(66, [SPS], [PPS]))
    save("fuzz_avcc", "high", record(100, [SPS, SPS], [PPS, PPS, PPS], b"\xfd\xf8\xf8\x00"))
    save("fuzz_avcc", "no_sets", record(66, [], []))
    save("fuzz_avcc", "cut", record(66, [SPS], [PPS])[:-3])


def adts(payload, profile=1):
    size = 7 + len(payload)
    head = (0xfff1 << 40 | profile << 38 | 4 << 34 | 2 << 30 | size << 13 | 0x7ff << 2)
    return head.to_bytes(7, "big") + payload


def aac():
    save("fuzz_aac", "lc", bytes.fromhex("1190"))
    save("fuzz_aac", "sbr_in_front", bytes.fromhex("2b920800"))
    save("fuzz_aac", "ps_behind", bytes.fromhex("139056e5a54880"))
    save("fuzz_aac", "escape", bytes.fromhex("17805dc088"))
    save("fuzz_aac", "program_config", bytes.fromhex("118000"))
    stream = adts(b"one") + b"\xff\x00\xff" + adts(b"") + adts(b"three")
    save("fuzz_aac", "adts", b"\x04" + stream)
    save("fuzz_aac", "adts_main", b"\x1f" + adts(b"z", 0))


def opus():
    head = b"OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00"
    save("fuzz_opus", "head", head + b"\x00")
    save("fuzz_opus", "family_1", head + b"\x01\x01\x01\x00\x01")
    save("fuzz_opus", "surround", b"OpusHead\x01\x06" + head[10:] + b"\x01\x04\x02\x00\x04\x01\x02\x03\x05")
    save("fuzz_opus", "packet", b"\xf8\xff\xfe")
    save("fuzz_opus", "six_frames", b"\xfb\x86zz")


def vp8():
    save("fuzz_vp8", "key", b"\x30\x00\x00\x9d\x01\x2a\xb0\x00\x90\x00z")
    save("fuzz_vp8", "inter", b"\x31\x00\x00z")
    save("fuzz_vp8", "record", b"\x00\x1f\x82\x01\x01\x06\x00\x00")
    save("fuzz_vp8", "record_in_box", b"\x01\x00\x00\x00\x00\x1f\x82\x01\x01\x06\x00\x00")


def url():
    for name, value in {
        "rtmp": "rtmp://example.org/live/room/alice/screen?token=a.b-c_d",
        "rtmps_v6": "rtmps://[2001:db8::1]:1936/live/key",
        "http": "https://Example.org:8443/a%20b.flv?x=1&token=%41%42#part",
        "ws": "ws://127.0.0.1/socket",
        "user": "http://user:pass@host/",
        "zone": "http://[fe80::1%25eth0]/",
        "v4_in_v6": "http://[::ffff:1.2.3.4]/",
        "port": "http://host:65536/",
        "escape": "%41%zz%",
        "rtmps_hash": "rtmps://[2001::1]:193#/live/",
        "reference": "../g/./h?y#z",
    }.items():
        save("fuzz_url", name, value.encode())


if __name__ == "__main__":
    for write in (amf, flv, avcc, aac, opus, vp8, url):
        write()
