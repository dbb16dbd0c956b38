#!/usr/bin/env python3
"""chalk-sim says how many runs it made, and takes no number that is none.

Usage: usage.py PROGRAM
"""

import subprocess
import sys
import unittest

WRONG = ["room --seeds 0", "room --seeds abc", "room --seeds", "room --seed -1", "room --seeds 1x", "room 3",
         "board --seeds 0", "board --seed abc", "board --minutes 0", "board --minutes x", "class --seed 0",
         "class --students abc", "class --seconds 0", "class --crowd", "--seeds 0", "--seeds abc", "nowhere"]
RIGHT = [("room --seeds 2", "2 runs, 0 failed"), ("room --seed 3", "1 runs, 0 failed"),
         ("board --seeds 2", "2 runs, 0 failed"), ("office_wire --seeds 2 --packets", "2 runs, 0 failed")]


class Usage(unittest.TestCase):
    def run_sim(self, line):
        return subprocess.run([program, *line.split()], capture_output=True, text=True, timeout=100, check=False)

    def test_wrong_usage(self):
        for line in WRONG:
            with self.subTest(line):
                run = self.run_sim(line)
                self.assertEqual((run.returncode, run.stdout), (2, ""))
                self.assertIn("usage: chalk-sim", run.stderr)

    def test_runs_are_counted(self):
        for line, last in RIGHT:
            with self.subTest(line):
                run = self.run_sim(line)
                self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
                self.assertTrue(run.stdout.splitlines()[-1].endswith(last), run.stdout)


if __name__ == "__main__":
    program = sys.argv.pop(1)
    unittest.main()
