#!/usr/bin/env python3
"""What goes into the edge comes out again: the same NAL units, the same frames of sound.

    same_nals.py CHALKRAIL [NAME...]     the program; only files whose name contains a NAME

Files of the test data (CHALKRAIL_TEST_DATA, by default shared/data beside the checkout) are published by
ffmpeg without encoding them again, with stand-ins made by ffmpeg beside them. Start codes, access unit
delimiters, filler, parameter sets and our own SEI message do not count; everything else must be equal:

- ffmpeg, which waits for the stream over RTMP and over HTTP-FLV, gets all of it;
- ffmpeg and `chalkrail play --record`, which come while it runs, get all of it from a picture on which
  decoding can begin to the very end. (Files without sound are not recorded: a recording waits for sound
  longer than these last.)
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request

import harness

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = pathlib.Path(os.environ.get("CHALKRAIL_TEST_DATA", ROOT.parent / "shared/data"))
SLICE, IDR, SEI, SPS, PPS, AUD, FILLER = 1, 5, 6, 7, 8, 9, 12
RECOVERY_POINT = 6  # payload type of the SEI message
PUBLISH_SECONDS = 4  # how long a file takes; late comers must come within
AT_ONCE = 5  # files
TRIES = 5  # a machine that is busy elsewhere may let a program come too late; bytes are tested, not pace


class TooLate(Exception):
    """A program was not there in time, which says nothing about bytes."""


# ---- streams

def output(*command):
    return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout


def stand_ins(folder):
    """Streams with several slices a picture, several key frames, pictures out of order, long GOPs."""
    made = []
    for name, options in {"slices": ["-x264-params", "slices=4:keyint=30"],
                          "reordered": ["-bf", "2", "-g", "24"],
                          "baseline": ["-profile:v", "baseline", "-g", "75"]}.items():
        path = pathlib.Path(folder) / f"{name}.flv"
        output("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=176x144:rate=25:duration=6", "-f",
               "lavfi", "-i", "sine=duration=6", "-pix_fmt", "yuv420p", "-c:v", "libx264", *options, "-c:a", "aac",
               str(path))
        made.append(path)
    return made


def stamp_uuid():
    text = (ROOT / "sdk/core/h264/stamp.c").read_text(encoding="utf-8")
    body = re.search(r"ck_h264_stamp_uuid\[\w+\] = \{(.*?)\}", text, re.S)[1]
    return bytes(int(n, 16) for n in re.findall(r"0x([0-9a-fA-F]{2})", body))


STAMP_UUID = stamp_uuid()


def counts(unit):
    kind = unit[0] & 31
    return kind not in (SPS, PPS, AUD, FILLER) and not (kind == SEI and STAMP_UUID in unit)


def nal_units(path):
    """The NAL units that count, without the zero bytes that may follow one."""
    in_box = pathlib.Path(path).suffix in (".flv", ".mkv")
    stream = output("ffmpeg", "-v", "error", "-i", str(path), "-map", "0:v", "-c", "copy", "-bsf:v",
                    "h264_mp4toannexb" if in_box else "null", "-f", "h264", "-")
    units = [u.rstrip(b"\0") for u in stream.split(b"\0\0\1")[1:]]
    return [u for u in units if u and counts(u)]


def sounds(path):
    kinds = output("ffprobe", "-v", "error", "-show_entries", "stream=codec_type", "-of", "csv=p=0", str(path))
    if b"audio" not in kinds:
        return []
    listing = output("ffmpeg", "-v", "error", "-i", str(path), "-map", "0:a", "-c", "copy", "-f", "framemd5", "-")
    return [line.split(",")[-1].strip() for line in listing.decode().splitlines() if not line.startswith("#")]


def exp_golomb(data):
    """The values of the ue(v) codes at the start of some bytes."""
    bits = "".join(f"{byte:08b}" for byte in data)
    at = 0
    while "1" in bits[at:]:
        zeros = bits.index("1", at) - at
        yield int(bits[at + zeros:at + 2 * zeros + 1], 2) - 1
        at += 2 * zeros + 1


def can_begin(units):
    """Whether decoding can begin with the first picture of these units (H.264 7.3.3, 8.2.1, D.1.7)."""
    for unit in units:
        kind = unit[0] & 31
        if kind == IDR or (kind == SEI and unit[1] == RECOVERY_POINT):
            return True
        if kind == SLICE:
            codes = exp_golomb(unit[1:12])
            next(codes)  # first_mb_in_slice
            return next(codes) % 5 == 2  # an I slice
    return False


def is_tail(part, whole):
    return part == whole[len(whole) - len(part):] if part else not whole


def pace(path):
    """Options that make a publication last as long as it should."""
    if path.suffix == ".flv":
        seconds = float(output("ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0",
                               str(path)))
        return ["-readrate", str(seconds / PUBLISH_SECONDS)]
    packets = output("ffprobe", "-v", "error", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of",
                     "csv=p=0", str(path))
    return ["-re", "-fflags", "+genpts", "-framerate", str(int(packets.strip(b",\n")) / PUBLISH_SECONDS)]


# ---- one file through one edge

def get(edge, page):
    with urllib.request.urlopen(f"http://127.0.0.1:{edge.http_port}{page}", timeout=5) as answer:
        return answer.read()


def players(edge):
    return int(re.search(rb"^chalkrail_edge_players (\d+)$", get(edge, "/metrics"), re.M)[1])


def in_time(condition, what, seconds=15.0):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if condition():
                return
        except urllib.error.URLError:
            pass
        time.sleep(0.01)
    raise TooLate(what)


class Course:
    """The programs around one file: a publisher, readers that wait for it, readers that come late."""

    STREAM = "room/file/screen"

    def __init__(self, scene, path):
        self.scene, self.path = scene, path
        self.edge = scene.edge("--open")
        self.wanted, self.wanted_sounds = nal_units(path), sounds(path)
        self.readers = {}  # what it is: its process, its file, whether it was there from the beginning

    def take(self, what, url, early):
        out = self.scene.path(f"{len(self.readers)}.flv")
        process = self.scene.start("ffmpeg", "-v", "error", "-nostdin", "-i", url, "-map", "0", "-c", "copy", out)
        self.readers[what] = process, out, early

    def record(self, what, url):
        out = self.scene.path(f"{len(self.readers)}.mkv")
        process = self.scene.chalkrail("play", url, "--headless", "--no-retry", "--record", out)
        self.readers[what] = process, out, False

    def run(self):
        ways = {"RTMP": self.edge.rtmp(self.STREAM), "HTTP-FLV": self.edge.flv(self.STREAM)}
        options = pace(self.path)
        for way, url in ways.items():
            self.take(f"ffmpeg over {way}", url, True)
        in_time(lambda: players(self.edge) == 2, "the first players")
        sending = self.scene.start("ffmpeg", "-v", "error", "-nostdin", *options, "-i", str(self.path), "-c", "copy",
                                   "-map", "0:v", "-map", "0:a?", "-f", "flv", self.edge.rtmp(self.STREAM))
        in_time(lambda: b'"codec":"H.264"' in get(self.edge, "/rooms/room/streams"), "the stream")
        for way, url in ways.items():
            self.take(f"ffmpeg, late, over {way}", url, False)
            if self.wanted_sounds:
                self.record(f"chalkrail play over {way}", url)
        if sending.finish(60) != 0:
            raise AssertionError(f"publishing failed: {sending}")
        return self.problems()

    def problems(self):
        found = []
        for what, (process, out, early) in self.readers.items():
            if process.finish(60) != 0 or not os.path.exists(out):
                raise TooLate(str(process))
            got = {"NAL units": (nal_units(out), self.wanted), "frames of sound": (sounds(out), self.wanted_sounds)}
            where = f"{self.path.name} by {what}"
            print(where + ":", ", ".join(f"{len(part)} of {len(whole)} {name}" for name, (part, whole) in got.items()))
            for name, (part, whole) in got.items():
                if part != whole if early else not is_tail(part, whole):
                    found.append(f"{where}: {len(part)} {name} are not {'the' if early else 'the end of'} {len(whole)}")
            if not can_begin(got["NAL units"][0]):
                found.append(f"{where}: decoding cannot begin with the first picture")
        return found


def check(path):
    late = None
    for _ in range(TRIES):
        with harness.Scene() as scene:
            try:
                return Course(scene, path).run()
            except TooLate as problem:
                late = problem
                print(f"{path.name}: once more, for somebody came too late: {problem}")
            except AssertionError as problem:
                return [f"{path.name}: {problem}"]
    return [f"{path.name}: {TRIES} times somebody was not there: {late}"]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    harness.program = os.path.abspath(sys.argv[1])
    with harness.Scene() as scene, concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        files = sorted((DATA / "media/h264").glob("*.264")) + sorted((DATA / "media/h264").glob("*.jsv"))
        files += sorted((DATA / "media/srs").glob("*.flv")) + stand_ins(scene.folder)
        chosen = [f for f in files if not sys.argv[2:] or any(part in f.name for part in sys.argv[2:])]
        problems = [p for some in pool.map(check, chosen) for p in some]
    if problems or not chosen:
        sys.exit("\n".join(problems) or "no such file")


if __name__ == "__main__":
    main()
