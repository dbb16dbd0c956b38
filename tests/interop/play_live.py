#!/usr/bin/env python3
"""Playing as somebody sees and hears it: in step, in time and without standing still, over paths that stall.

Usage: play_live.py PROGRAM [TEST...]        CHALKRAIL_PROBE is play_probe; CHALKRAIL_LONG=1 plays a minute each
"""

import contextlib
import json
import os
import sys
import threading
import time
import unittest
import urllib.request

import cli_path
import harness
import hls_site

# A network of its own for a program, on which one packet in a hundred is lost.
LOSSY = ("ip link set lo up && nft add table inet loss && "
         'nft "add chain inet loss input { type filter hook input priority 0; }" && '
         'nft "add rule inet loss input numgen random mod 100 < 1 drop" && exec "$@"')

PROBE = os.environ.get("CHALKRAIL_PROBE", "")
LONG = os.environ.get("CHALKRAIL_LONG") == "1"


class Gate:
    """Shapes a path: lets nothing through while it is shut, as a radio does that scans."""

    def __init__(self, every, shut):
        self.every, self.shut, self.began = every, shut, time.monotonic()

    def __call__(self, _, __, data):
        phase = (time.monotonic() - self.began) % self.every
        if phase > self.every - self.shut:
            time.sleep(self.every - phase)
        yield data, 0


def answers(url):
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2) as reply:
        return reply.status == 200
    return False


def percentile(values, share):
    return sorted(values)[round(share * (len(values) - 1))]


class Run:
    """What a probe told."""

    def __init__(self, process):
        self.process = process
        lines = [json.loads(line) for line in process.out if line.startswith("{")]
        self.of = lambda kind: [line for line in lines if line["type"] == kind]
        self.skews = [line["ms"] for line in self.of("skew")]
        self.seconds = self.of("second")
        self.summary, = self.of("summary")

    def events(self, kind):
        return [line for line in self.of("event") if line["kind"] == kind]

    def sources(self):
        return [event["state"] for event in self.events("room_source")]

    def grown(self, name, since):
        """By how much a counter grew after so many seconds."""
        before = [line for line in self.seconds if line["at"] < since + 0.5][-1]
        return self.seconds[-1][name] - before[name]

    def __str__(self):
        return str(self.process)


class Live(unittest.TestCase):
    def setUp(self):
        if not os.path.exists(PROBE):
            self.fail("CHALKRAIL_PROBE names no program")
        self.scene = self.enterContext(harness.Scene())

    def sound(self):
        """A file of sound alone."""
        path = self.scene.path("sound.m4a")
        if not os.path.exists(path):
            hls_site.ffmpeg(self.scene.folder, "-f", "lavfi", "-i", "sine=440:r=48000", "-t", 30, "-c:a", "aac", path)
        return path

    def publish(self, url, *more):
        process = self.scene.chalkrail("publish", url, "--gop", "1", *more)
        process.wait_for("^server live")
        return process

    def lesson(self, url):
        return self.publish(url, "--synthetic", "--mic", "synthetic", "--size", "640x360", "--fps", "25")

    def watch(self, url, seconds, settle, *more):
        process = self.scene.start(PROBE, url, seconds, settle, *more)
        self.assertEqual(process.finish(seconds + 20), 0, process)
        run = Run(process)
        self.calm.note(run.summary["away_ms"])
        return run

    def through(self, port, shape):
        path = cli_path.Path(port, shape)
        self.addCleanup(path.close)
        return path.port

    def late_at_most(self, ms, bound, run):
        self.calm.at_most(ms, bound, bound + 3 * self.calm.worst_ms, run)

    def stays_in_step(self, run, least):
        self.calm.at_most(least - len(run.skews), 0, least / 2, run)
        self.late_at_most(percentile(run.skews, 0.95), 40, run)

    def goes_on(self, run, settle):
        """No freeze after that; in a stall of the machine the player can only stand still."""
        self.calm.at_most(run.grown("freezes", settle) + run.grown("freeze_count", settle), 0, 6, run)

    def delay_at_most(self, run, settle, bound):
        delays = [line["delay_ms"] for line in run.seconds if line["at"] > settle]
        self.late_at_most(percentile(delays, 0.5), bound, run)


@harness.realtime
@unittest.skipUnless(os.path.exists(harness.NGINX_RTMP), "needs libnginx-mod-rtmp")
class Nginx(Live):
    def through_nginx(self, shape, seconds, settle):
        nginx = self.scene.nginx()
        self.lesson(nginx.url("class"))
        port = self.through(nginx.port, shape)
        return self.watch(f"rtmp://127.0.0.1:{port}/live/class", seconds, settle)

    def test_stalls_are_neither_seen_nor_heard_once_known(self):
        every, settle, seconds = (5, 12, 60) if LONG else (2, 8, 17)
        run = self.through_nginx(Gate(every, 0.3), seconds, settle)
        self.stays_in_step(run, (seconds - 4) // 2)
        self.goes_on(run, settle)
        self.delay_at_most(run, settle, 300 + 100)  # the stall, and what is allowed beyond

    def test_bursts(self):
        settle, seconds = (10, 60) if LONG else (6, 13)
        run = self.through_nginx(Gate(0.25, 0.24), seconds, settle)
        self.stays_in_step(run, (seconds - 4) // 2)
        self.goes_on(run, settle)
        self.delay_at_most(run, settle, 240 + 100)

    def test_what_is_behind_is_caught_up_in_step(self):
        """Two seconds nothing comes: what is skipped and what is played faster stays in step."""
        seconds = 14
        run = self.through_nginx(Gate(7, 2), seconds, 4)
        self.stays_in_step(run, 5)
        freezes = run.events("freeze")
        self.assertTrue(freezes, run)
        self.assertTrue(all(event["cause"] == "TIMEOUT" for event in freezes), run)
        self.late_at_most(run.seconds[-1]["delay_ms"], 1000, run)

    def test_room_time_survives_nginx(self):
        nginx = hls_site.NginxHls(self.scene)
        self.lesson(nginx.url("class"))
        runs = {}
        watchers = [threading.Thread(target=lambda n=name, u=url: runs.update({n: self.watch(u, 10, 4)}))
                    for name, url in (("rtmp", nginx.url("class")), ("hls", nginx.playlist("class")))]
        harness.until(lambda: answers(nginx.playlist("class")), what="a playlist")
        for watcher in watchers:
            watcher.start()
        for watcher in watchers:
            watcher.join()
        for name in ("rtmp", "hls"):
            run = runs[name]
            self.assertEqual(run.sources()[-1], 1, run)  # the pictures' own
            self.calm.at_most(40 - run.summary["told"]["count"], 0, 20, run)
            self.late_at_most(run.summary["told"]["p95"], 10, run)

    def test_sound_alone_has_no_stamps_there(self):
        nginx = self.scene.nginx(wait="")
        self.publish(nginx.url("class"), "--file", self.sound())
        run = self.watch(nginx.url("class"), 6, 3)
        self.assertEqual(run.sources(), [4], run)  # measured
        self.assertEqual(run.seconds[-1]["room_source"], "measured", run)


class Inside(Live):
    """Run by Loss in a network of its own."""

    @harness.realtime
    def room_time(self):
        nginx = self.scene.nginx()
        self.lesson(nginx.url("class"))
        run = self.watch(nginx.url("class"), 40 if LONG else 12, 4)
        print(json.dumps({"told": run.summary["told"], "due": run.summary["due"]}))
        self.stays_in_step(run, 5)
        self.assertEqual(run.sources()[-1], 1, run)
        self.calm.at_most(100 - run.summary["told"]["count"], 0, 50, run)
        self.late_at_most(run.summary["told"]["p95"], 40, run)
        self.late_at_most(run.summary["due"]["p95"], 40, run)


@unittest.skipUnless(os.path.exists(harness.NGINX_RTMP), "needs libnginx-mod-rtmp")
class Loss(Live):
    def test_room_time_through_one_percent_of_loss(self):
        space = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
        inside = self.scene.start(*space, "sh", "-c", LOSSY, "sh", sys.executable, os.path.abspath(__file__),
                                  harness.program, "Inside.room_time")
        self.assertEqual(inside.finish(180), 0, inside)


@harness.realtime
class Edge(Live):
    def test_why_it_stands_still_is_told(self):
        edge = self.scene.edge("--open")
        publisher = self.lesson(edge.rtmp("math/li/screen"))
        watcher = self.scene.start(PROBE, edge.flv("math/li/screen"), 6, 0)
        watcher.wait_for('"at":2.*"second"|"second","at":2')
        self.assertEqual(publisher.stop(), 0, publisher)
        self.assertEqual(watcher.finish(), 0, watcher)
        run = Run(watcher)
        freeze, = run.events("freeze")
        self.assertEqual((freeze["state"], freeze["cause"]), (1, "PEER_CLOSED"), run)

    def test_a_lost_connection_is_told_as_the_reason(self):
        edge = self.scene.edge("--open")
        self.lesson(edge.rtmp("math/li/screen"))
        path = cli_path.Path(edge.rtmp_port, cuts=[(None, 60000)] + [(0, 0)] * 50)
        self.addCleanup(path.close)
        run = self.watch(path.url(), 8, 0)
        freeze = run.events("freeze")[0]
        self.assertEqual(freeze["state"], 1, run)
        self.assertIn(freeze["cause"], ("DISCONNECTED", "PEER_CLOSED"), run)

    def test_room_time_on_loopback(self):
        edge = self.scene.edge("--open")
        self.lesson(edge.rtmp("math/li/screen"))
        run = self.watch(edge.flv("math/li/screen"), 8, 3)
        self.stays_in_step(run, 3)
        self.assertEqual(run.sources()[-1], 1, run)
        self.calm.at_most(60 - run.summary["told"]["count"], 0, 30, run)
        self.late_at_most(run.summary["told"]["p95"], 10, run)
        self.late_at_most(run.summary["due"]["p95"], 40, run)  # and the picture is shown when it is due
        self.calm.at_most(run.grown("freezes", 3), 0, 3, run)

    def test_sound_alone_is_stamped_beside_it(self):
        edge = self.scene.edge("--open")
        self.publish(edge.rtmp("math/li/screen"), "--file", self.sound())
        run = self.watch(edge.rtmp("math/li/screen"), 6, 3)
        self.assertEqual(run.sources()[-1], 2, run)  # data messages


if __name__ == "__main__":
    harness.main(at_once=4)
