#!/usr/bin/env python3
"""Rooms on a disk whose writer is killed at any moment, judged by a program that shares no code with it.

Usage: room_store.py WRITER [TEST...]
"""

import collections
import os
import random
import re
import shutil
import subprocess
import sys
import time
import unittest

import harness
import room_log

KILLS = 50
ROOMS = 6
SEGMENT_BYTES = 20000  # small: files of the log come and go all the time
CHAT, ENROLL = 2, 1


class Killed:
    """A writer that was killed some time after it was ready: what it said before that."""

    def __init__(self, folder, after_s):
        with subprocess.Popen([harness.program, folder, str(ROOMS), str(SEGMENT_BYTES)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              preexec_fn=harness.die_with_parent) as child:
            lines = []
            for line in child.stdout:
                lines.append(line)
                if line == "ready\n":
                    time.sleep(after_s)
                    break
            child.kill()
            rest, self.said = child.communicate()
        lines += rest.splitlines(keepends=True)
        whole = "".join(line for line in lines if line.endswith("\n"))
        self.ready = "ready\n" in whole
        self.loaded = {int(i): int(to) for i, to in re.findall(r"^room (\d+) at (\d+)$", whole, re.M)}
        self.committed = dict(self.loaded)
        for i, to in re.findall(r"^(\d+) (\d+)$", whole, re.M):
            self.committed[int(i)] = int(to)


class RoomStore(unittest.TestCase):
    def check(self, reader, index, committed):
        """Nothing acknowledged is missing, nothing is there twice, and all is as it was said."""
        numbers = collections.Counter()
        name = f"room {index}"
        last = 0
        for line in room_log.room_lines(reader, name.encode()):
            if "people" in line:
                last = line["state"]
                continue
            self.assertEqual(line["kind"], ENROLL if line["number"] == 1 else CHAT)
            if line["kind"] == CHAT:
                self.assertEqual(line["text"], f"{index}:{line['number']}")
                self.assertEqual(line["counter"], line["number"])
                numbers[line["number"]] += 1
            last = max(last, line["number"])
        self.assertEqual(reader.faults, [])
        self.assertEqual(numbers, collections.Counter(range(2, last + 1)), name)
        self.assertGreaterEqual(last, committed)
        return last

    def test_killed_at_any_moment(self):
        dice = random.Random(11)
        with harness.Scene() as scene:
            folder = scene.path("data")
            last = {i: 0 for i in range(ROOMS)}
            torn = records = 0
            for _ in range(KILLS):
                run = Killed(folder, dice.uniform(0, 0.06))
                self.assertTrue(run.ready, run.said)
                self.assertEqual(run.loaded, last)
                reader = room_log.Reader(folder)
                torn += len(reader.torn)
                last = {i: self.check(reader, i, run.committed[i]) for i in range(ROOMS)}
                records += sum(last.values()) - sum(run.loaded.values())
            files = sorted(os.listdir(os.path.join(folder, "log")))
            print(f"{KILLS} kills, {records} events, {torn} torn ends, {len(files)} files of the log")
            self.assertGreater(records, KILLS * ROOMS)
            self.assertGreater(int(files[-1][:16], 16), KILLS // 2)
            self.assertLess(len(files), 20)

    def test_the_checker_notices(self):
        """Whatever is taken away or changed of what was acknowledged."""
        with harness.Scene() as scene:
            folder, hurt = scene.path("data"), scene.path("hurt")
            for _ in range(2):
                Killed(folder, 0.05)
            before = room_log.Reader(folder)
            told = {name: list(room_log.room_lines(before, name)) for name in before.rooms}
            self.assertEqual(before.faults, [])
            dice = random.Random(12)
            paths = [os.path.join(kind, name) for kind in ("log", "rooms")
                     for name in os.listdir(os.path.join(folder, kind))]
            for path in paths:
                shutil.rmtree(hurt, ignore_errors=True)
                shutil.copytree(folder, hurt)
                with open(os.path.join(hurt, path), "r+b") as file:
                    size = os.fstat(file.fileno()).st_size
                    file.seek(dice.randrange(min(size, 2000)))
                    byte = file.read(1)[0]
                    file.seek(-1, os.SEEK_CUR)
                    file.write(bytes([byte ^ 0x40]))
                after = room_log.Reader(hurt)
                same = {name: list(room_log.room_lines(after, name)) for name in after.rooms} == told
                self.assertTrue(after.faults or after.torn or same, path)

    def test_it_is_a_program(self):
        with harness.Scene() as scene:
            folder = scene.path("data")
            Killed(folder, 0.03)
            tool = [sys.executable, room_log.__file__]
            done = subprocess.run([*tool, folder, "room 1"], capture_output=True, text=True, check=True, timeout=60)
            self.assertIn('"room": "room 1"', done.stdout)
            self.assertNotIn('"room": "room 2"', done.stdout)
            first = min(os.listdir(os.path.join(folder, "log")))
            os.truncate(os.path.join(folder, "log", first), 30)
            self.assertEqual(subprocess.run([*tool, folder], capture_output=True, check=False, timeout=60).returncode, 1)
            self.assertNotEqual(subprocess.run(tool, capture_output=True, check=False, timeout=60).returncode, 0)


if __name__ == "__main__":
    harness.main()
