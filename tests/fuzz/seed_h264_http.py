#!/usr/bin/env python3
"""Writes the committed seeds of fuzz_h264, fuzz_http_request and fuzz_http_response.

Usage: seed_h264_http.py          (into corpus/ beside this file; existing files are replaced)
"""

import pathlib
import struct

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"


def save(target, name, data):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


# Parameter sets as libx264 writes them for a test picture: cropped high, full range, with HRD, 4:4:4.
SPS = {name: bytes.fromhex(text) for name, text in {
    "high": "67640028acd940780227e5c05a808080a0000003002000000781e30632c0",
    "range": "6764001eacd940a02ff97016e0c0c0c8000003000800000301e078b16cb0",
    "one_reference": "6764001facb402802dd3501010640000030004000003007a3c60ca80",
    "hrd": "6764001facd9405005bb0110000003001000000303c604000f424001e84e4c30078c18cb",
    "y444": "67f40020919b280ac0c3c5f80880000003008000001e078c18cb",
}.items()}
PPS = bytes.fromhex("68ef8fcb")
UUID = bytes.fromhex("a575977626fb403782b8e103dad5e39f")
STAMP = b"\x06\x05\x22" + UUID + b"\x01\x00" + b"\x01" * 16 + b"\x80"
ESCAPED = b"\x06\x05\x22" + UUID + b"\x01\x00" + b"\x00\x03" + b"\x00\x00\x03" * 7 + b"\x01\x80"
SLICE = b"\x65\x88\x84\x00\x33\xff"


def annex_b(*units):
    return b"".join(b"\x00\x00\x00\x01" + unit for unit in units)


def avcc(size, *units):
    return b"".join(struct.pack(">I", len(unit))[4 - size:] + unit for unit in units)


def h264():
    for name, sps in SPS.items():
        save("fuzz_h264", "sps_" + name, b"\x34" + annex_b(b"\x09\xf0", sps, PPS, SLICE))
    save("fuzz_h264", "stamp", b"\x14" + annex_b(STAMP, SLICE))
    save("fuzz_h264", "stamp_escaped", b"\x21" + avcc(4, ESCAPED, SLICE))
    save("fuzz_h264", "avcc_1", b"\x03" + avcc(1, b"\x41\x9a", b"\x01\x9b"))
    save("fuzz_h264", "avcc_2", b"\x52" + avcc(2, SPS["high"], PPS, SLICE))
    save("fuzz_h264", "still", b"\x01" + avcc(4, SPS["one_reference"], bytes.fromhex("68ef1f2c"), SLICE))
    save("fuzz_h264", "start_code_inside", b"\x01" + avcc(4, b"\x65\x00\x00\x01\x41"))
    save("fuzz_h264", "cut", b"\x01" + avcc(4, SLICE)[:-2])
    save("fuzz_h264", "short_codes", b"\x00" + b"\x00\x00\x01\x09\xf0\x00\x00\x01\x65\x01\x00\x00")
    save("fuzz_h264", "two_messages", b"\x00" + annex_b(b"\x06\x06\x01\x84\x05\x03abc\x80"))


def http():
    get = b"GET /live/room.flv?token=a.b-c HTTP/1.1\r\nHost: example.org:8080\r\n"
    save("fuzz_http_request", "get", b"\x03" + get + b"User-Agent: chalkrail\r\nAccept: */*\r\n\r\n")
    save("fuzz_http_request", "post", b"\x00" + get + b"Content-Length: 5\r\n\r\nhello")
    save("fuzz_http_request", "chunked",
         b"\x07" + get + b"Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n0\r\nT: 1\r\n\r\nGET")
    save("fuzz_http_request", "both",
         b"\x00" + get + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n")
    save("fuzz_http_request", "folded", b"\x00" + get + b"a: b\r\n c\r\n\r\n")
    save("fuzz_http_request", "old", b"\x00\r\nGET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    ok = b"HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\n"
    save("fuzz_http_response", "until_close", b"\x10" + ok + b"\r\nFLV\x01\x05")
    save("fuzz_http_response", "chunked",
         b"\x02" + ok + b"Transfer-Encoding: chunked\r\n\r\n00A\r\n0123456789\r\n0\r\n\r\n")
    save("fuzz_http_response", "length", b"\x01" + ok + b"Content-Length: 4\r\n\r\nFLV\x01rest")
    save("fuzz_http_response", "interim",
         b"\x04HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n")
    save("fuzz_http_response", "none", b"\x04HTTP/1.1 204 No Content\r\n\r\n")
    save("fuzz_http_response", "two_lengths",
         b"\x00" + ok + b"Content-Length: 4\r\nContent-Length: 4\r\n\r\n")
    save("fuzz_http_response", "bad_chunk",
         b"\x00" + ok + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n")


h264()
http()
