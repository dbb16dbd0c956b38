#!/usr/bin/env python3
"""Writes the committed seeds of fuzz_m3u8, fuzz_hls, fuzz_demuxer and fuzz_mp4.

Usage: seed_hls.py            (into corpus/ beside this file; existing files are replaced)
"""

import pathlib
import struct

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"


def save(target, name, data):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


MEDIA = b"""#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:4
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-DISCONTINUITY-SEQUENCE:2
#EXT-X-MAP:URI="init.mp4",BYTERANGE="700@0"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:05.678+01:00
#EXTINF:3.99,one
#EXT-X-BYTERANGE:1000@700
a.m4s
#EXT-X-DISCONTINUITY
#EXTINF:4,
#EXT-X-BYTERANGE:900
a.m4s
#EXT-X-GAP
#EXTINF:4,
b.m4s
"""
MASTER = b"""#EXTM3U
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English",DEFAULT=YES,AUTOSELECT=YES,LANGUAGE="en"
#EXT-X-STREAM-INF:BANDWIDTH=500000,AVERAGE-BANDWIDTH=400000,CODECS="avc1.42c00c,mp4a.40.2",RESOLUTION=640x360,AUDIO="a"
low/list.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=900000,CODECS="hvc1.1.6.L93"
../high/list.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=9,URI="i.m3u8"
"""
KEYS = b"""#EXTM3U
#EXT-X-KEY:METHOD=AES-128,URI="k?a=b,c",IV=0x0123456789abcdef
#EXTINF:2,
a.ts
#EXT-X-KEY:METHOD=NONE
#EXTINF:2,
b.ts
#EXT-X-ENDLIST
"""
PARTS = b"""#EXTM3U
#EXT-X-TARGETDURATION:4
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.0,CAN-SKIP-UNTIL=24.0
#EXT-X-PART-INF:PART-TARGET=0.33334
#EXT-X-SKIP:SKIPPED-SEGMENTS=3
#EXT-X-PART:DURATION=0.33334,URI="p.1.mp4",INDEPENDENT=YES,BYTERANGE="10@5"
#EXT-X-PART:DURATION=0.33334,URI="p.2.mp4",BYTERANGE=7
#EXTINF:0.66,
p.mp4
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="p.3.mp4",BYTERANGE-START=9,BYTERANGE-LENGTH=8
#EXT-X-RENDITION-REPORT:URI="../1M/p.m3u8",LAST-MSN=2,LAST-PART=1
#EXT-X-START:TIME-OFFSET=-3.5,PRECISE=YES
"""


def crc(data):
    value = 0xffffffff
    for byte in data:
        for bit in range(7, -1, -1):
            top = value >> 31 ^ byte >> bit & 1
            value = (value << 1 & 0xffffffff) ^ (0x04c11db7 if top else 0)
    return value


def packet(pid, first, counter, content):
    """One packet of 188 bytes, filled up by an adaptation field."""
    stuffing = 184 - len(content)
    head = struct.pack(">BHB", 0x47, (0x4000 if first else 0) | pid, (0x30 if stuffing else 0x10) | counter)
    field = b""
    if stuffing:
        field = bytes([stuffing - 1]) + (b"\0" + b"\xff" * (stuffing - 2) if stuffing > 1 else b"")
    return head + field + content


def section(table, ident, body):
    whole = struct.pack(">BHHBBB", table, 0xb000 | len(body) + 9, ident, 0xc1, 0, 0) + body
    return b"\0" + whole + struct.pack(">I", crc(whole))


def stamp(mark, time):
    return struct.pack(">BHH", mark << 4 | time >> 29 & 0xe | 1, time >> 14 & 0xfffe | 1, time << 1 & 0xfffe | 1)


def pes(stream, time, content):
    return struct.pack(">IHBBB", 0x100 | stream, 0, 0x80, 0x80, 5) + stamp(2, time) + content


def pieces(pid, content):
    return b"".join(packet(pid, at == 0, at // 184 & 15, content[at:at + 184]) for at in range(0, len(content), 184))


SPS = bytes.fromhex("6742c00ad90a8f5e9a808080a0")
PPS = bytes.fromhex("68cb83cb20")
AAC = bytes.fromhex("fff14c80018022") + bytes.fromhex("210049900219")[:5]


def transport(kinds):
    """kinds: (pid, stream type, stream id, content)"""
    tables = packet(0, True, 0, section(0, 1, struct.pack(">HH", 1, 0xe000 | 0x100)))
    body = struct.pack(">HH", 0xe000 | kinds[0][0], 0xf000)
    for pid, kind, _, _ in kinds:
        body += struct.pack(">BHH", kind, 0xe000 | pid, 0xf000)
    tables += packet(0x100, True, 0, section(2, 1, body))
    return tables + b"".join(pieces(pid, pes(ident, 90000, content)) for pid, _, ident, content in kinds)


def unit(*nals):
    return b"".join(b"\0\0\0\1" + nal for nal in nals)


KEY = unit(b"\x09\x10", SPS, PPS, b"\x65\x88\x84\x0a\xf2\x62\x80\x00\xa7\xbe")


def box(kind, *content):
    body = b"".join(content)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def full(kind, flags, *content):
    return box(kind, struct.pack(">I", flags), *content)


def movie():
    """One track of H.264 in one fragment (ISO/IEC 14496-12)."""
    avcc = box(b"avcC", bytes([1, 0x42, 0xc0, 0x0a, 0xff, 0xe1]), struct.pack(">H", len(SPS)), SPS, b"\1",
               struct.pack(">H", len(PPS)), PPS)
    entry = box(b"avc1", bytes(6), b"\0\1", bytes(16), struct.pack(">HH", 16, 16), b"\0\x48\0\0" * 2, bytes(4), b"\0\1",
                bytes(32), b"\0\x18\xff\xff", avcc)
    table = box(b"stbl", full(b"stsd", 0, struct.pack(">I", 1), entry), full(b"stts", 0, bytes(4)),
                full(b"stsc", 0, bytes(4)), full(b"stsz", 0, bytes(8)), full(b"stco", 0, bytes(4)))
    media = box(b"mdia", full(b"mdhd", 0, bytes(8), struct.pack(">II", 90000, 0), b"\x55\xc4\0\0"),
                full(b"hdlr", 0, bytes(4), b"vide", bytes(13)),
                box(b"minf", full(b"vmhd", 1, bytes(8)),
                    box(b"dinf", full(b"dref", 0, struct.pack(">I", 1), full(b"url ", 1))), table))
    track = box(b"trak", full(b"tkhd", 3, bytes(8), struct.pack(">I", 1), bytes(60), struct.pack(">II", 1 << 20, 1 << 20)),
                media)
    head = box(b"moov", full(b"mvhd", 0, bytes(8), struct.pack(">II", 1000, 0), bytes(80)), track,
               box(b"mvex", full(b"trex", 0, struct.pack(">IIIII", 1, 1, 3000, 0, 0))))
    sample = struct.pack(">I", 10) + b"\x65\x88\x84\x0a\xf2\x62\x80\x00\xa7\xbe"

    def fragment(offset):
        run = full(b"trun", 0x201, struct.pack(">IiI", 1, offset, len(sample)))
        return box(b"moof", full(b"mfhd", 0, struct.pack(">I", 1)),
                   box(b"traf", full(b"tfhd", 0x20000, struct.pack(">I", 1)),
                       box(b"tfdt", struct.pack(">IQ", 1 << 24, 90000)), run))
    return (box(b"ftyp", b"iso5", bytes(4), b"iso5") + head + fragment(len(fragment(0)) + 8) + box(b"mdat", sample))


def main():
    for name, data in (("media", MEDIA), ("master", MASTER), ("keys", KEYS), ("parts", PARTS),
                       ("crlf", MEDIA.replace(b"\n", b"\r\n")), ("html", b"<html>404</html>\n"), ("empty_lines", b"\n\n#\n")):
        save("fuzz_m3u8", name, data)
    ended = MEDIA + b"#EXT-X-ENDLIST\n"
    live = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\na\n#EXTINF:1,\nb\n"
    save("fuzz_hls", "on_demand", b"\0".join([ended, b"init\x08", b"seg\x08", b"seg\x08", b"", b"seg\x08"]))
    save("fuzz_hls", "master", b"\0".join([MASTER, ended, b"init\x08", b"seg\x08"]))
    save("fuzz_hls", "live", b"\0".join([live, b"\x08", live + b"\x08", live + b"#EXTINF:1,\nc\n\x08", b"\x08", live]))
    save("fuzz_hls", "failing", b"\0".join([live, b"\x0c", b"\x0d", b"\x0e", b"\x04", live]))
    save("fuzz_hls", "encrypted", b"\0".join([KEYS, b"key\x08", b"seg\x08", b"seg\x08"]))
    save("fuzz_demuxer", "ts", transport([(0x101, 0x1b, 0xe0, KEY), (0x102, 0x0f, 0xc0, AAC * 2)]))
    save("fuzz_demuxer", "ts_split_sound", transport([(0x102, 0x0f, 0xc0, AAC + AAC[:6]), (0x102, 0x0f, 0xc0, AAC[6:])]))
    save("fuzz_demuxer", "ts_mpeg2", transport([(0x101, 0x02, 0xe0, b"\0\0\1\xb3" + bytes(20))]))
    save("fuzz_demuxer", "mp4", movie())
    tag = b"ID3\4\0\0\0\0\0\x3fPRIV\0\0\0\x35\0\0com.apple.streaming.transportStreamTimestamp\0" + struct.pack(">Q", 90000)
    save("fuzz_demuxer", "packed", tag + AAC * 3)
    save("fuzz_mp4", "movie", movie())
    save("fuzz_mp4", "cut", movie()[:-5])
    save("fuzz_demuxer", "nonsense", bytes(range(256)))


if __name__ == "__main__":
    main()
