#!/usr/bin/env python3
"""Rooms by the clock: from a call to everybody's event, from a pen to everybody's picture. What a machine
that does other things as well makes late is no verdict (harness.realtime).

Usage: room_delays.py CHALK-BENCH-ROOM [TEST...]
"""

import json
import os
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))

import harness  # noqa: E402 pylint: disable=wrong-import-position


@harness.realtime
class Delays(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())

    def figures(self, program, *arguments):
        """What one of the programs prints; what it judges itself holds on any machine."""
        process = self.scene.start(os.path.join(os.path.dirname(harness.program), program), *arguments)
        self.assertEqual(process.finish(), 0, process)
        return json.loads(process.out[-1])

    def test_a_lesson_of_two(self):
        told = self.figures("chalk-bench-room", "2", "3")
        self.calm.at_most(told["median_ms"], 20, 200, told)
        self.calm.at_most(told["p99_ms"], 60, 2000, told)

    def test_a_class_of_50(self):
        told = self.figures("chalk-bench-room", "50", "5")
        self.calm.at_most(told["p99_ms"], 150, 2000, told)

    def test_43_people_draw(self):
        told = self.figures("chalk-bench-draw", "43", "4", "--edge", "20")
        self.calm.at_most(max(told["first_p99_ms"], told["last_p99_ms"]), 200, 2000, told)


if __name__ == "__main__":
    harness.main()
