#!/usr/bin/env python3
"""Rooms on a disk while the edge is killed, and while the disk is full: what was acknowledged is there.

The edge is killed with SIGKILL at random moments while participants talk in two rooms, and started again
at once. Afterwards room_log.py, which shares no code with the edge, reads what is on the disk. 10 times,
or as often as CHALKRAIL_KILLS says.

Usage: room_kill.py PROGRAM [TEST...]
"""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import unittest

import harness
import room_wire
from room_wire import CHAT

KILLS = int(os.environ.get("CHALKRAIL_KILLS", "10"))
BACK_S = 2.0  # from the edge's return until everybody is back
LOG = os.path.join(os.path.dirname(os.path.abspath(__file__)), "room_log.py")
PEOPLE = [("maths", "ada"), ("maths", "bo"), ("maths", "cy"), ("maths", "di"), ("art", "eve"), ("art", "fay")]


def read_log(folder):
    """The messages of each room in their order: {room: [(number, text)]}."""
    run = subprocess.run([sys.executable, LOG, folder], capture_output=True, text=True, check=False, timeout=120)
    if run.returncode != 0:
        raise AssertionError(f"room_log.py: {run.stderr}")
    rooms = {}
    for line in map(json.loads, run.stdout.splitlines()):
        if line.get("kind") == CHAT:
            rooms.setdefault(line["room"], []).append((line["number"], line["text"]))
    return rooms


class Talker(threading.Thread):
    """Talks without end, comes back when it is cut off, and remembers what was acknowledged."""

    def __init__(self, port, room, name, pace_s=0.02):
        super().__init__(daemon=True)
        self.client = room_wire.Client(port, room, name, "teacher", seconds=5)
        self.room, self.name_, self.pace_s = room, name, pace_s
        self.said, self.seen = [], {}  # texts; number: text of all that it was told
        self.over, self.error, self.back_at = threading.Event(), None, None

    def run(self):
        try:
            while not (self.over.is_set() and self.client.ws is not None and not self.client.pending):
                try:
                    self._talk()
                except (room_wire.Closed, OSError, room_wire.Refused):
                    self.client.leave()
                    self.back_at = None
                    time.sleep(random.uniform(0.05, 0.15))
        except Exception as error:  # is raised in the test's thread
            self.error = error

    def _talk(self):
        client = self.client
        if client.ws is None:
            client.join()
            self.back_at = time.monotonic()
        if not self.over.is_set() and len(client.pending) < 32:
            self.said.append(f"{self.name_} {len(self.said)}")
            client.chat(self.said[-1])
        end = time.monotonic() + self.pace_s
        while (left := end - time.monotonic()) > 0:
            client.take(left)
        for event in client.events:
            if event.kind == CHAT:
                self.seen[event.number] = event.text
        client.events = client.events[-1:]  # by which the next ones are checked


class Killed(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())
        self.port = harness.free_port()
        self.folder = self.scene.path("rooms")

    def start(self):
        edge = self.scene.chalkrail("edge", "--rtmp", "127.0.0.1:0", "--http", f"127.0.0.1:{self.port}", "--open",
                                    "--data", self.folder)
        edge.wait_for("^ready")
        return edge

    def test_nothing_acknowledged_is_lost_and_nothing_is_twice(self):
        edge = self.start()
        talkers = [Talker(self.port, *who) for who in PEOPLE]
        for talker in talkers:
            talker.start()
        waits = []
        for _ in range(KILLS):
            time.sleep(random.uniform(0.2, 0.8))
            edge.send(signal.SIGKILL).finish()
            began = time.monotonic()
            edge = self.start()
            ready = time.monotonic()
            harness.until(lambda: all(t.back_at and t.back_at > began for t in talkers), 20, "everybody back")
            waits.append(max(t.back_at for t in talkers) - ready)
        for talker in talkers:
            talker.over.set()
        for talker in talkers:
            talker.join(30)
            if talker.error:
                raise talker.error
            self.assertFalse(talker.is_alive(), f"{talker.name_} waits for answers")
            talker.client.leave()
        self.assertEqual(edge.stop(), 0, edge)
        self.check(talkers)
        said = sum(len(t.said) for t in talkers)
        print(f"killed {KILLS} times, {said} messages, back after at most {1000 * max(waits):.0f} ms")
        self.assertLess(max(waits), BACK_S * (3 if "asan" in harness.program else 1))

    def check(self, talkers):
        """Everything that was said was answered in the end, so it is there once, in one order."""
        rooms = read_log(self.folder)
        for talker in talkers:
            texts = [text for _, text in rooms[talker.room] if text.split()[0] == talker.name_]
            self.assertEqual(texts, talker.said)
            for number, text in talker.seen.items():
                self.assertIn((number, text), rooms[talker.room])
        self.assertGreater(sum(len(t.said) for t in talkers), 20 * KILLS)


class Full(unittest.TestCase):
    """No file may grow beyond a size: the disk is full as far as the edge can tell."""

    def setUp(self):
        self.scene = self.enterContext(harness.Scene())
        self.folder = self.scene.path("rooms")

    def test_intents_are_refused_and_nothing_is_told_that_is_not_there(self):
        edge = harness.Edge(self.scene.start(
            "prlimit", "--fsize=200000:", "env", "--ignore-signal=XFSZ", harness.program, "edge", "--rtmp", "127.0.0.1:0",
            "--http", "127.0.0.1:0", "--open", "--data", self.folder, env=harness.NOTHING))
        ada = room_wire.Client(edge.http_port, "maths", "ada", "teacher").join()
        bo = room_wire.Client(edge.http_port, "maths", "bo").join()
        self.addCleanup(ada.leave)
        self.addCleanup(bo.leave)
        eve = self.scene.chalkrail("room", f"ws://127.0.0.1:{edge.http_port}", "--room", "maths", "--name", "eve",
                                   "--role", "teacher", "--json", talks=True)
        for number in range(400):
            ada.chat(f"{number} " + "x" * 2000)
            ada.until(lambda: len(ada.pending) < 4 or "store" in ada.back_for, 10, "answers")
            if ada.back_for:
                break
        self.assertEqual(ada.back_for, ["store"])
        ada.until(lambda: len(ada.back_for) >= 4, 20, "refusals of what comes again")  # the last one may still fit
        self.assertEqual(set(ada.back_for), {"store"})
        self.assertGreater(len(ada.pending), 0)
        while ada.take(0.1) or bo.take(0.1):
            pass
        told = {e.number: e.text for e in ada.events + bo.events if e.kind == CHAT}
        self.assertEqual(max(told), bo.head)
        eve.say(*["say " + "kept " * 1500] * 3)  # the first may fit where several of ada's do not
        eve.wait_for('"kind":"held","reason":"store"')
        subprocess.run(["prlimit", "--pid", str(edge.process.handle.pid), "--fsize=unlimited:"], check=True)
        ada.until(lambda: not ada.pending, 10, "room on the disk")
        eve.wait_for('"what":"chat".*"text":"kept ', count=3)
        eve.wait_for('"kind":"held","reason":"none"')
        edge.process.send(signal.SIGKILL).finish()
        rooms = read_log(self.folder)
        texts = [text for _, text in rooms["maths"] if not text.startswith("kept ")]
        self.assertEqual(texts, [f"{n} " + "x" * 2000 for n in range(len(texts))])
        self.assertEqual(len(texts), ada.counter)
        for pair in told.items():
            self.assertIn(pair, rooms["maths"])


if __name__ == "__main__":
    harness.main()
