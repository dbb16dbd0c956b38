#!/usr/bin/env python3
"""Writes the committed seeds of fuzz_jitter and fuzz_sim_trace.

Usage: seed_sim.py            (into corpus/ beside this file; existing files are replaced)
"""

import pathlib
import struct

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"


def save(target, name, data):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def wait(ms):
    """At most 63 ms, in steps of 4,096 us."""
    return bytes([ms // 4, 12])


def fed(late_us, sequence, flags=1):
    return bytes([6]) + struct.pack(">iHHB", -late_us * 256, 20000, sequence, flags)


def pulled(held_us=0):
    return bytes([4]) + struct.pack(">H", held_us)


def steady(kind, count):
    return bytes([kind]) + b"".join(
        wait(20) + fed(5000, n) + wait(0) + pulled() for n in range(count))


def lossy(kind, count):
    return bytes([kind]) + b"".join(
        wait(20) + (fed(5000 * (n % 3), n) if n % 5 else b"\x02\x00\x80\x00") + wait(0) + pulled()
        for n in range(count))


def stall(kind):
    burst = b"".join(wait(0) + fed(8000 * (60 - n), 60 + n) for n in range(60))
    key = wait(0) + b"\x01\x07\xa1\x20"
    return steady(kind, 60) + wait(252) * 6 + burst + key + (wait(8) + pulled()) * 30


for kind, name in ((0x81, "stream"), (0x84, "packets"), (0x83, "headers")):
    save("fuzz_jitter", "steady_" + name, steady(kind, 60))
    save("fuzz_jitter", "lossy_" + name, lossy(kind, 60))
    save("fuzz_jitter", "stall_" + name, stall(kind))

save("fuzz_sim_trace", "mahimahi", b"0\n0\n50\n100\n199\n250\n300\n")
save("fuzz_sim_trace", "json", b'[\n  {"duration_ms": 1000, "bandwidth_kbps": 500, "latency_ms": 20},\n'
     b'  {"duration_ms": 500, "bandwidth_kbps": 0, "latency_ms": 20}\n]\n')
save("fuzz_sim_trace", "puffer", b"0.0\t0.5\n0.25\t2.25\n1.0\t7\n")
save("fuzz_sim_trace", "calls", b"arrival_ms,seq,rtp_ts,marker,bytes\n"
     b"0.000,65535,4294967136,0,171\n158.380,0,160,1,133\n")
save("fuzz_sim_trace", "rtpdump", b"#!rtpplay1.0 /\n" + bytes(16) + b"".join(
    struct.pack(">HHIBBHII", 20, 12, 20 * n, 0x80, 0, n, 160 * n, 1) for n in range(4)))
