"""A class of 10,000: `chalkrail load` at an edge of its own process, and what that edge says of itself meanwhile."""

import re
import ssl
import threading
import time
import urllib.request

from report import NotMeasured
from stage import cpu_s, memory_kb

from room_client import SCHEMA
from ws_small import WebSocket

HEADER_BYTES = 56   # of each frame: IP, TCP with time stamps, WebSocket
RECORD_BYTES = 22   # and of TLS 1.3, where it is used
CONNECTIONS = 12000
LOOK_S = 0.25
PRESENCE = 22  # the frame's first byte
PATIENT = ("--join-within", "60s", "--ordered-within", "60s", "--crowd-within", "60s")  # the rows judge times


class Sample:
    """The edge at one moment."""

    def __init__(self, text, process):
        self.at = time.monotonic()
        self.cpu_s = cpu_s(process)
        self.private_kb, _ = memory_kb(process)
        self.people = int(re.search(r"^chalkrail_edge_room_people (\d+)", text, re.M)[1])
        self.frames = self._sum("frames_total", text)
        self.bytes = self._sum("frame_bytes_total", text)

    @staticmethod
    def _sum(name, text):
        return sum(int(n) for n in re.findall(rf'^chalkrail_edge_room_{name}{{frame="\w+"}} (\d+)', text, re.M))


class ClassEdge:
    """An edge, watched."""

    def __init__(self, stage, tls=False, *options):
        self.stage, self.trust = stage, {}
        if tls:
            certificate, key = stage.certificate("localhost")
            self.trust = {"SSL_CERT_FILE": certificate}
            options = (*options, "--tls-cert", certificate, "--tls-key", key)
        self.edge = stage.edge("--open", "--connections-max", str(CONNECTIONS), "--rooms-max", "2000", *options)
        self.process, self.tls = self.edge.process, tls
        self.url = f"{'wss' if tls else 'ws'}://{'localhost' if tls else '127.0.0.1'}:{self.edge.http_port}"
        self.context = ssl.create_default_context(cafile=certificate) if tls else None
        self.look()  # what answering itself takes of memory is not a connection's
        self.first = self.look()

    def look(self):
        with urllib.request.urlopen("http" + self.url[2:] + "/metrics", timeout=30, context=self.context) as page:
            return Sample(page.read().decode(), self.process)


class Listener(threading.Thread):
    """A student that cannot unpack, so that PRESENCE comes to it by itself: counts what that costs."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.ws = WebSocket(f"{url}/rooms/load0?name=listener&role=student", "chalkrail.room.1")
        self.ws.send(bytes([SCHEMA.ids["HELLO"]]) + SCHEMA.encode("HELLO", {"version": 1}))
        self.bytes, self.stops = 0, False
        self.start()

    def run(self):
        while not self.stops:
            frame = self.ws.receive(LOOK_S)
            if frame is not None and frame[0] == PRESENCE:
                self.bytes += len(frame) + HEADER_BYTES


class Crowd:
    """One run of the crowd: `told` is its summary, the samples are the edge's."""

    def __init__(self, watched, ramp_s, for_s, *options, listens=False):
        stage = watched.stage
        self.watched, self.ramp_s, self.for_s = watched, ramp_s, for_s
        self.run = stage.chalkrail("load", "--edge", watched.url, "--json", "--ramp", f"{ramp_s}s", "--for", f"{for_s}s",
                                   *PATIENT, *options, env=watched.trust or None)
        self.began = time.monotonic()
        self.listener = Listener(watched.url) if listens else None
        self.samples, self.presence_kbps = [watched.first], None
        self._watch()
        self.told = self._summary()

    def _watch(self):
        end = self.began + self.ramp_s + self.for_s
        while time.monotonic() < end and self.run.handle.poll() is None:
            self.samples.append(self.watched.look())
            if self.listener and self.presence_kbps is None and time.monotonic() > self.began + self.ramp_s:
                self.listener.stops = True
                self.presence_kbps = self.listener.bytes * 8 / 1000 / self.ramp_s
            time.sleep(LOOK_S)

    def _summary(self):
        code = self.run.finish(60)
        told = self.run.objects("summary")
        if not told:
            raise NotMeasured(str(self.run))
        if code == 3 and not self.watched.stage.tiny:
            raise NotMeasured("the crowd could not keep up: is the machine busy?")
        failed = [check["text"] for check in told[-1]["checks"] if not check["passed"]]
        if failed and code != 3:
            raise NotMeasured(f"the edge does not hold: {failed}")
        return told[-1]

    def window(self):
        """From when all were in their places to the end."""
        first = self.began + self.ramp_s + min(3, self.for_s / 3)
        held = [s for s in self.samples if s.at >= first]
        if len(held) < 2:
            raise NotMeasured("the edge did not answer")
        return held[0], held[-1]

    def joined_s(self):
        for sample in self.samples:
            if sample.people >= self.told["people"]:
                return sample.at - self.began
        raise NotMeasured(f"{max(s.people for s in self.samples)} of {self.told['people']} were there")

    def kbps(self):
        """Of one participant, with headers."""
        a, b = self.window()
        frames, size = b.frames - a.frames, b.bytes - a.bytes
        header = HEADER_BYTES + (RECORD_BYTES if self.watched.tls else 0)
        return (size + frames * header) * 8 / 1000 / (b.at - a.at) / self.told["people"]

    def frame(self):
        """Mean bytes of a frame, and how many a participant gets a second."""
        a, b = self.window()
        frames = b.frames - a.frames
        return (b.bytes - a.bytes) / frames, frames / (b.at - a.at) / self.told["people"]

    def delivery_us(self):
        a, b = self.window()
        return (b.cpu_s - a.cpu_s) * 1e6 / (b.frames - a.frames)

    def edge_percent(self):
        a, b = self.window()
        return 100 * (b.cpu_s - a.cpu_s) / (b.at - a.at)

    def edge_kb(self):
        return (self.window()[1].private_kb - self.watched.first.private_kb) / self.told["people"]

    def crowd_percent(self):
        return self.told["cpu_us"] / 1e4 / (self.ramp_s + self.for_s)

    def crowd_kb(self):
        return self.told["memory_bytes"] / 1024 / self.told["people"]

    def filled_percent(self, lines_a_second):
        rows = self.told["told_crowd"] + self.told["told_again"]
        return 100 * rows / self.told["people"] / self.for_s / lines_a_second

    def p99_ms(self, lane):
        return self.told["delays"][lane]["p99_ms"]
