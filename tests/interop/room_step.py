#!/usr/bin/env python3
"""What is said in a room comes with the picture of its moment: a stream through nginx-rtmp and a path that
takes two seconds, that stalls, that ends. step_probe follows it and says by how much it was off.

usage: room_step.py CHALKRAIL [TEST...]     CHALKRAIL_PROBE: step_probe     CHALKRAIL_LONG=1: a minute each
"""
import contextlib
import json
import os
import queue
import socket
import threading
import time
import unittest

import cli_path
import harness

PROBE = os.environ.get("CHALKRAIL_PROBE", "")
LONG = os.environ.get("CHALKRAIL_LONG") == "1"
DELAY = 2.0


class Slow(cli_path.Path):
    """From the second second of a connection on, everything to the player takes DELAY: what comes is late and
    no slower. Nothing passes while `shut` is set."""

    def __init__(self, port):
        self.shut = threading.Event()
        super().__init__(port)

    def _carry(self, source, target, limit, seed):
        if seed != self.seed * 2:  # towards the server
            return super()._carry(source, target, limit, seed)
        pieces, began = queue.Queue(), time.monotonic()
        threading.Thread(target=self._send, args=(pieces, target), daemon=True).start()
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                now = time.monotonic()
                pieces.put((now + DELAY if now > began + 1 else now, data))
        return pieces.put((0, b""))

    def _send(self, pieces, target):
        with contextlib.suppress(OSError):
            while (piece := pieces.get())[1]:
                time.sleep(max(0, piece[0] - time.monotonic()))
                while self.shut.is_set():
                    time.sleep(0.01)
                target.sendall(piece[1])
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)


def percentile(values, share):
    return sorted(values)[round(share * (len(values) - 1))]


class Run:
    def __init__(self, process):
        lines = [json.loads(line) for line in process.out if line.startswith("{")]
        self.said = [line for line in lines if line["type"] == "said"]
        self.summary = lines[-1]
        self.process = process

    def off(self, since=0.0):
        """By how many milliseconds each came before or after its picture."""
        return [abs(line["ms"]) for line in self.said
                if line["how"] == "in_step" and line["ms"] is not None and line["at"] >= since]

    def __str__(self):
        return str(self.process)


@harness.realtime
@unittest.skipUnless(os.path.exists(harness.NGINX_RTMP), "needs libnginx-mod-rtmp")
class Step(unittest.TestCase):
    def setUp(self):
        if not os.path.exists(PROBE):
            self.fail("CHALKRAIL_PROBE names no program")
        self.scene = self.enterContext(harness.Scene())

    def follow(self, seconds, settle, *more, meanwhile=None):
        nginx, edge = self.scene.nginx(), self.scene.edge("--open")
        publisher = self.scene.chalkrail("publish", nginx.url("class"), "--gop", "1", "--synthetic", "--mic",
                                         "synthetic", "--size", "640x360", "--fps", "25")
        publisher.wait_for("^server live")
        path = Slow(nginx.port)
        self.addCleanup(path.close)
        probe = self.scene.start(PROBE, f"rtmp://127.0.0.1:{path.port}/live/class",
                                 f"http://127.0.0.1:{edge.http_port}", seconds, settle, *more)
        if meanwhile:
            meanwhile(path)
        self.assertEqual(probe.finish(seconds + 20), 0, probe)
        run = Run(probe)
        self.calm.note(run.summary["away_ms"])
        return run

    def in_step(self, run, least, since=0.0):
        off = run.off(since)
        self.calm.at_most(least - len(off), 0, least / 2, run)
        p95 = percentile(off, 0.95)
        print(f"{len(off)} events, median {percentile(off, 0.5):.1f} ms, p95 {p95:.1f} ms", flush=True)
        self.calm.at_most(p95, 40, 40 + 3 * self.calm.worst_ms, run)

    def test_two_seconds_late(self):
        seconds, settle = (60, 7) if LONG else (12, 7)
        run = self.follow(seconds, settle)
        self.in_step(run, (seconds - settle) * 4)
        self.assertTrue(all(line["how"] == "in_step" for line in run.said), run)

    def test_a_stall_holds_what_was_said_and_then_it_is_in_step_again(self):
        def stall(path):
            time.sleep(7)
            path.shut.set()
            time.sleep(2.5)
            path.shut.clear()

        run = self.follow(17, 6, meanwhile=stall)
        self.in_step(run, 10, since=13.5)
        held = [line for line in run.said if 8 < line["at"] < 9.2]
        self.calm.at_most(len(held), 0, 3, run)  # nothing is told before the picture has come to it
        self.assertGreater(run.summary["presented"], run.summary["said"] - 25, run)  # two seconds' are still held

    def test_what_is_followed_no_more_holds_nothing(self):
        run = self.follow(10, 6, 7.5)
        at = min(line["at"] for line in run.said if line["how"] == "jump")
        self.calm.at_most(1000 * (at - 7.5), 500, 2000, run)
        after = [line["how"] for line in run.said if line["at"] > at + 0.5]
        self.assertTrue(after and all(how == "live" for how in after), run)
        self.assertGreater(run.summary["presented"], run.summary["said"] - 3, run)


if __name__ == "__main__":
    harness.main(at_once=3)
