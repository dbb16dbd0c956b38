"""Students who watch: receivers of a stream in a class, beside as many `ffmpeg -c copy -f null`, and some of them stalled."""

import json
import subprocess
import time

from report import Goal, NotMeasured, Row
from room_class import ClassEdge, Crowd
from stage import cpu_s, memory_kb

PEER = "ffmpeg -c copy"
WATCHERS, PEERS = 500, 20
KBPS = 340, 64          # of picture and sound: 500 kbit/s with what is around them, and padding
KBPS_LEAST = 400        # that each one has to receive; with less the trial says nothing
STALLED_PERCENT, STALL_S = 10, 2
SETTLE_PART = 0.2       # of the time after the last one came


class Worker:  # pylint: disable=too-few-public-methods
    """A process that another one started, as stage.py wants it."""

    def __init__(self, pid):
        self.handle, self.pid = self, pid


def lesson(stage):
    """A stream of 500 kbit/s, 25 pictures and 43 pieces of sound a second, as a file."""
    path = stage.path("lesson.flv")
    picture, sound = KBPS
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25", "-f", "lavfi", "-i",
                    "anoisesrc=a=0.1:r=44100", "-t", "4", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
                    "-b:v", f"{picture}k", "-minrate", f"{picture}k", "-maxrate", f"{picture}k", "-bufsize", "200k",
                    "-nal-hrd", "cbr", "-g", "50", "-c:a", "aac", "-b:a", f"{sound}k", path], check=True, timeout=120)
    return path


class Watching(Crowd):
    """A class that watches; `percent`: processor time of its processes once all were there, before any was stalled."""

    def _watch(self):
        handle = self.run.handle
        self._sleep_until(self.ramp_s + self.for_s * SETTLE_PART)
        with open(f"/proc/{handle.pid}/task/{handle.pid}/children", encoding="ascii") as children:
            workers = [Worker(int(pid)) for pid in children.read().split()]
        if handle.poll() is not None or not workers:
            raise NotMeasured(str(self.run))
        used, began = sum(map(cpu_s, workers)), time.monotonic()
        self._sleep_until(self.ramp_s + self.for_s * (SETTLE_PART + 0.3))
        self.percent = 100 * (sum(map(cpu_s, workers)) - used) / (time.monotonic() - began)

    def _sleep_until(self, after_s):
        time.sleep(max(0, self.began + after_s - time.monotonic()))


def peer_costs(stage, url, count, seconds):
    """Percent of a core, and private KB, of so many."""
    peers = [stage.start("ffmpeg", "-nostdin", "-v", "error", "-i", url, "-c", "copy", "-f", "null", "-")
             for _ in range(count)]
    time.sleep(stage.pick(3, 3, 1))
    for peer in peers:
        stage.must_run(peer, PEER)
    used, began = sum(map(cpu_s, peers)), time.monotonic()
    time.sleep(seconds)
    percent = 100 * (sum(map(cpu_s, peers)) - used) / (time.monotonic() - began)
    private_kb = sum(memory_kb(peer)[0] for peer in peers) / count
    stage.end(*peers)
    return percent, private_kb


def stall(stage, for_s):
    """A plan: a part of the class is stalled in the second half."""
    fault = {"at": f"{for_s * 0.6:.1f}s", "kind": "stall", "share": STALLED_PERCENT, "for": f"{STALL_S}s"}
    return stage.write("watch.json", json.dumps({"faults": [fault]}).encode())


def check(stage, told):
    kbps = told["media_bytes_received"] * 8e3 / told["watched_us"] if told["watched_us"] else 0
    if told["without_picture"] or (kbps < KBPS_LEAST and not stage.tiny):
        raise NotMeasured(f"{told['without_picture']} saw nothing; each received {kbps:.0f} kbit/s")


def watchers(stage):
    count, ramp_s, for_s = stage.pick(WATCHERS, WATCHERS, 20), stage.pick(5, 3, 0), stage.pick(24, 12, 6)
    stage.say(f"room: {count} receivers of 500 kbit/s; a tenth of them stalled; then {PEERS} {PEER}")
    watched = ClassEdge(stage)
    publisher = stage.start("ffmpeg", "-nostdin", "-v", "error", "-re", "-stream_loop", "-1", "-i", lesson(stage), "-c",
                            "copy", "-f", "flv", watched.edge.rtmp("load0/lesson/camera"))
    time.sleep(1)  # a GOP to begin with
    url = watched.edge.flv("load0/lesson/camera")
    people = "--students", count, "--teachers", 1, "--profile", "lecture"
    still = Crowd(watched, ramp_s, stage.pick(4, 3, 1), *people)
    crowd = Watching(watched, ramp_s, for_s, *people, "--media", "receive", "--play", url, "--frozen-within", 100,
                     "--plan", stall(stage, for_s))
    told = crowd.told
    check(stage, told)
    percent, peer_kb = peer_costs(stage, url, stage.pick(PEERS, PEERS, 2), stage.pick(10, 5, 1))
    stage.must_run(publisher, "the publisher")
    stage.end(publisher, watched.process)
    each_kb = (told["memory_bytes"] - still.told["memory_bytes"]) / 1024 / told["watchers"]
    return [
        Row("room.watch.cpu", "% of a core, 100 receivers", [crowd.percent * 100 / told["watchers"]], PEER,
            [percent * 100 / stage.pick(PEERS, PEERS, 2)], Goal(ratio=0.12), digits=2),
        Row("room.watch.memory", "KB a receiver", [each_kb], PEER, [peer_kb], Goal(value=16), digits=1),
        Row("room.watch.stalled", "% of those stalled who say so",
            [100 * told["stalled_froze"] / max(1, told["stalled"])], goal=Goal(value=100, least=True), digits=1),
        Row("room.watch.others", "who say so without", [told["froze"] - told["stalled_froze"]], goal=Goal(value=0), digits=0),
    ]
