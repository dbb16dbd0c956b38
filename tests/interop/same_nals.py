#!/usr/bin/env python3
"""What goes into the edge comes out again: the same NAL units, the same frames of sound.

    same_nals.py CHALKRAIL      the program

Files of the test data (CHALKRAIL_TEST_DATA, by default shared/data beside the checkout) are published by
ffmpeg without encoding them again, and taken out by ffmpeg over RTMP and over HTTP-FLV. Where the data
is absent, stand-ins are made with ffmpeg. Start codes, access unit delimiters, parameter sets and our
own SEI message do not count. A player may join after the first key frames of a stream have passed; from
where it joined to the end nothing may be missing, doubled or changed.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(os.environ.get("CHALKRAIL_TEST_DATA", ROOT.parent / "shared/data"))
STAMP_UUID = None  # filled in from the source, below
IDR, SEI, SPS, PPS, AUD, FILLER = 5, 6, 7, 8, 9, 12
LATE_UNITS_MAX = 400  # NAL units that may pass before a player has joined


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, timeout=60, **options)


def stand_ins(folder):
    """Streams with several slices a picture, several key frames, pictures out of order."""
    made = []
    for name, options in {"slices": ["-x264-params", "slices=4:keyint=30"],
                          "reordered": ["-bf", "2", "-g", "24"],
                          "baseline": ["-profile:v", "baseline", "-g", "300"]}.items():
        path = folder / f"{name}.flv"
        run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=176x144:rate=25:duration=6", "-f",
            "lavfi", "-i", "sine=duration=6", "-pix_fmt", "yuv420p", "-c:v", "libx264", *options, "-c:a", "aac",
            str(path))
        made.append(path)
    return made


def inputs(folder):
    found = sorted((DATA / "media/h264").glob("*.264")) + sorted((DATA / "media/h264").glob("*.jsv"))
    found += sorted((DATA / "media/srs").glob("*.flv"))
    return found + stand_ins(folder)


def nal_units(path):
    """The NAL units that count, and whether each is a slice of a key frame."""
    done = run("ffmpeg", "-v", "error", "-i", str(path), "-map", "0:v", "-c", "copy", "-bsf:v",
               "h264_mp4toannexb" if path.suffix in (".flv", ".mkv", ".mp4") else "null", "-f", "h264", "-")
    units = [u.rstrip(b"\0") for u in done.stdout.split(b"\0\0\1")[1:]]
    return [u for u in units if u and counts(u)]


def counts(unit):
    kind = unit[0] & 31
    return kind not in (SPS, PPS, AUD, FILLER) and not (kind == SEI and STAMP_UUID in unit)


def sounds(path):
    done = run("ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a", "-c", "copy", "-f", "framemd5", "-")
    return [line.split(",")[-1].strip() for line in done.stdout.decode().splitlines() if not line.startswith("#")]


def has_sound(path):
    out = run("ffprobe", "-v", "error", "-show_entries", "stream=codec_type", "-of", "csv=p=0", str(path)).stdout
    return b"audio" in out


def is_tail(part, whole, late_max):
    """Whether `part` is the end of `whole`, at most late_max elements shorter."""
    return bool(part) and len(whole) - len(part) <= late_max and part == whole[len(whole) - len(part):]


def pace(path):
    """Options that make a publication last three seconds or a little more: bytes are tested, not pace."""
    if path.suffix == ".flv":
        return ["-readrate", "2"]
    out = run("ffprobe", "-v", "error", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of",
              "csv=p=0", str(path)).stdout
    return ["-re", "-fflags", "+genpts", "-framerate", str(max(4, min(60, int(out.strip(b",\n")) // 3)))]


def publisher(path, url):
    return subprocess.Popen(["ffmpeg", "-v", "error", "-nostdin", *pace(path), "-i", str(path), "-c", "copy",
                             "-map", "0:v", "-map", "0:a?", "-f", "flv", url], stderr=subprocess.PIPE)


def wait_until_there(http, room):
    end = time.monotonic() + 15
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{http}/rooms/{room}/streams", timeout=5) as answer:
                if b'"codec":"H.264"' in answer.read():
                    return
        except urllib.error.URLError:
            pass
        time.sleep(0.01)
    sys.exit(f"{room}: the stream never appeared")


def take(url, out):
    return subprocess.Popen(["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", url, "-map", "0", "-c", "copy",
                             str(out)], stderr=subprocess.PIPE)


def check(path, index, rtmp, http, folder):
    room, stream = f"same{index}", f"same{index}/file/screen"
    sending = publisher(path, f"rtmp://127.0.0.1:{rtmp}/{stream}")
    wait_until_there(http, room)
    outs = {"RTMP": (folder / f"{index}-rtmp.flv", f"rtmp://127.0.0.1:{rtmp}/{stream}"),
            "HTTP-FLV": (folder / f"{index}-http.flv", f"http://127.0.0.1:{http}/{stream}.flv")}
    taking = {way: take(url, out) for way, (out, url) in outs.items()}
    complaint = sending.communicate(timeout=60)[1].decode()
    problems = [f"{path.name}: publishing failed: {complaint}"] if sending.returncode != 0 else []
    wanted = nal_units(path)
    for way, process in taking.items():
        complaint = process.communicate(timeout=60)[1].decode()
        if process.returncode != 0 or not outs[way][0].exists():
            problems.append(f"{path.name} over {way}: ffmpeg could not take it: {complaint}")
            continue
        got = nal_units(outs[way][0])
        if not is_tail(got, wanted, LATE_UNITS_MAX):
            problems.append(f"{path.name} over {way}: {len(got)} NAL units are not the end of {len(wanted)}")
        if has_sound(path) and not is_tail(sounds(outs[way][0]), sounds(path), LATE_UNITS_MAX):
            problems.append(f"{path.name} over {way}: the sound differs")
        print(f"{path.name} over {way}: {len(got)} of {len(wanted)} NAL units")
    return problems


def stamp_uuid():
    text = (ROOT / "sdk/core/h264/stamp.c").read_text(encoding="utf-8")
    body = re.search(r"ck_h264_stamp_uuid\[\w+\] = \{(.*?)\}", text, re.S)[1]
    return bytes(int(n, 16) for n in re.findall(r"0x([0-9a-fA-F]{2})", body))


def main():
    global STAMP_UUID
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    STAMP_UUID = stamp_uuid()
    edge = subprocess.Popen([sys.argv[1], "edge", "--open", "--rtmp", "127.0.0.1:0", "--http", "127.0.0.1:0"],
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    problems = []
    try:
        rtmp, http = re.findall(r"127\.0\.0\.1:(\d+)", edge.stdout.readline())
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            for index, path in enumerate(inputs(folder)):
                problems += check(path, index, rtmp, http, folder)
    finally:
        edge.terminate()
        edge.wait(10)
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
