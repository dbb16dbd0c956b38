"""A reader of Enhanced FLV written from the specification alone (Enhanced RTMP v2; Adobe FLV 10.1, annex E;
RFC 6386, 9.1; RFC 7845, 5.1; "VP Codec ISO Media File Format Binding"). Strict: what the specification does
not allow is an error.

    for tag in tags(stream):
        if tag.kind == VIDEO: print(video(tag).fourcc)
"""

import collections
import struct

AUDIO, VIDEO, SCRIPT = 8, 9, 18
SEQUENCE_START, CODED_FRAMES, SEQUENCE_END = 0, 1, 2

Tag = collections.namedtuple("Tag", "kind time_ms body")
Head = collections.namedtuple("Head", "fourcc packet key payload")
Vp8 = collections.namedtuple("Vp8", "key shown width height")
OpusHead = collections.namedtuple("OpusHead", "channels pre_skip rate")


class Malformed(Exception):
    """The stream is not what the specification says."""


def demand(condition, what):
    if not condition:
        raise Malformed(what)


def exactly(stream, size):
    """That many bytes, or none at the end of the stream."""
    data = b""
    while len(data) < size:
        piece = stream.read(size - len(data))
        if not piece:
            return b""
        data += piece
    return data


def tags(stream):
    """The tags of an FLV stream, as far as whole ones come."""
    head = exactly(stream, 13)
    demand(head[:4] == b"FLV\x01" and head[5:] == b"\x00\x00\x00\x09\x00\x00\x00\x00", "no FLV head")
    while True:
        head = exactly(stream, 11)
        if not head:
            return
        size = int.from_bytes(head[1:4], "big")
        body = exactly(stream, size) if size else b""
        trailer = exactly(stream, 4)
        if not trailer:
            return
        demand(head[8:] == b"\x00\x00\x00", "a stream id")
        demand(int.from_bytes(trailer, "big") == 11 + size, "a wrong PreviousTagSize")
        yield Tag(head[0], head[7] << 24 | int.from_bytes(head[4:7], "big"), body)


def video(tag):
    """ExVideoTagHeader of a VP8 tag."""
    demand(len(tag.body) >= 5 and tag.body[0] & 0x80, "no ExVideoTagHeader")
    frame_type, packet = tag.body[0] >> 4 & 7, tag.body[0] & 15
    demand(frame_type in (1, 2), "a frame type that is neither key nor inter")
    demand(packet in (SEQUENCE_START, CODED_FRAMES, SEQUENCE_END, 3), f"video packet type {packet}")
    return Head(tag.body[1:5], CODED_FRAMES if packet == 3 else packet, frame_type == 1, tag.body[5:])


def audio(tag):
    """ExAudioTagHeader."""
    demand(len(tag.body) >= 5 and tag.body[0] >> 4 == 9, "no ExAudioTagHeader")
    packet = tag.body[0] & 15
    demand(packet in (SEQUENCE_START, CODED_FRAMES, SEQUENCE_END), f"audio packet type {packet}")
    return Head(tag.body[1:5], packet, True, tag.body[5:])


def vp_record(data):
    """VPCodecConfigurationRecord of VP8: the matrix coefficients that it states."""
    demand(len(data) == 8, "a record of another size")
    profile, _, form, _, _, matrix, extra = struct.unpack(">BBBBBBH", data)
    demand(profile <= 3 and form >> 4 == 8 and form >> 1 & 7 in (0, 1) and extra == 0, "a record that is none of VP8")
    return matrix


def vp8_frame(data):
    tag = int.from_bytes(data[:3], "little")
    key, shown, first = not tag & 1, bool(tag >> 4 & 1), tag >> 5
    demand(len(data) >= 3 and (tag >> 1 & 7) <= 3, "no VP8 frame")
    width = height = 0
    if key:
        demand(data[3:6] == b"\x9d\x01\x2a", "no start code")
        width, height = (side & 0x3FFF for side in struct.unpack("<HH", data[6:10]))
    demand(first <= len(data) - (10 if key else 3), "a first partition that is not there")
    return Vp8(key, shown, width, height)


def opus_head(data):
    demand(len(data) == 19 and data[:9] == b"OpusHead\x01", "no OpusHead")
    channels, pre_skip, rate, gain, family = struct.unpack("<BHIhB", data[9:])
    demand(channels in (1, 2) and gain == 0 and family == 0, "an OpusHead of another kind")
    return OpusHead(channels, pre_skip, rate)


def opus_ms(packet):
    """How long a packet is (RFC 6716, 3.1), in milliseconds; of one frame, as ours are."""
    config, code = packet[0] >> 3, packet[0] & 3
    demand(code == 0, "a packet of several frames")
    if config < 12:
        return (10, 20, 40, 60)[config % 4]
    return (10, 20)[config % 2] if config < 16 else (2.5, 5, 10, 20)[config % 4]


def metadata(tag):
    """onMetaData's numbers, flags and texts."""
    body = tag.body
    demand(body[:13] == b"\x02\x00\x0aonMetaData" and body[13] == 8, "no onMetaData")
    at, found = 18, {}
    while body[at:at + 3] != b"\x00\x00\x09":
        size = int.from_bytes(body[at:at + 2], "big")
        name = body[at + 2:at + 2 + size].decode()
        at += 2 + size
        kind, at = body[at], at + 1
        if kind == 0:
            found[name], at = struct.unpack(">d", body[at:at + 8])[0], at + 8
        elif kind == 1:
            found[name], at = bool(body[at]), at + 1
        else:
            demand(kind == 2, f"a value of kind {kind}")
            size = int.from_bytes(body[at:at + 2], "big")
            found[name], at = body[at + 2:at + 2 + size].decode(), at + 2 + size
    return found


def ivf(frames, width, height):
    """An IVF file of VP8 frames: (milliseconds, bytes)."""
    out = struct.pack("<4sHH4sHHIIII", b"DKIF", 0, 32, b"VP80", width, height, 1000, 1, len(frames), 0)
    return out + b"".join(struct.pack("<IQ", len(data), time_ms) + data for time_ms, data in frames)
