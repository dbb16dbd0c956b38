#!/usr/bin/env python3
"""Statistics, goals, the table, the JSON and the relay's parser of the benches."""

import json
import sys
import unittest

sys.dont_write_bytecode = True

import report  # noqa: E402 pylint: disable=wrong-import-position
from report import Goal, NotMeasured, Row  # noqa: E402 pylint: disable=wrong-import-position
import stage  # noqa: E402,F401 pylint: disable=wrong-import-position,unused-import
import relay  # noqa: E402 pylint: disable=wrong-import-position


class Statistics(unittest.TestCase):
    def test_percentile_is_the_nearest_rank(self):
        for values, share, expected in (([7], 0.95, 7), ([3, 1, 2], 0.5, 2), (range(1, 101), 0.95, 95),
                                        (range(1, 21), 0.95, 19), ([1, 2], 0, 1), ([1, 2], 1, 2)):
            self.assertEqual(report.percentile(list(values), share), expected)

    def test_no_sample_is_an_error(self):
        for call in (lambda: report.median([]), lambda: report.percentile([], 0.5), lambda: Row("a", "ms", []),
                     lambda: Row("a", "ms", [1], "mpv", [])):
            self.assertRaises(NotMeasured, call)


class Goals(unittest.TestCase):
    def test_bounds_belong_to_it(self):
        for goal, ours, peer, met in ((Goal(ratio=0.75), 75, 100, True), (Goal(ratio=0.75), 75.1, 100, False),
                                      (Goal(plus=8), 50, 42, True), (Goal(plus=8), 50.1, 42, False),
                                      (Goal(value=100), 100, None, True), (Goal(value=100), 101, 1000, False),
                                      (Goal(ratio=1, least=True), 0.98, 0.98, True),
                                      (Goal(ratio=1, least=True), 0.97, 0.98, False)):
            self.assertEqual(goal.met(ours, peer), met, f"{ours} {goal} of {peer}")

    def test_one_bound_and_its_peer(self):
        self.assertRaises(ValueError, Goal)
        self.assertRaises(ValueError, lambda: Goal(ratio=1, value=1))
        self.assertRaises(ValueError, lambda: Row("a", "ms", [1], goal=Goal(ratio=1)))

    def test_words(self):
        self.assertEqual([str(g) for g in (Goal(ratio=0.6), Goal(plus=30), Goal(value=15), Goal(ratio=1, least=True))],
                         ["<= 0.6 x", "<= peer +30", "<= 15", ">= 1 x"])


class Rows(unittest.TestCase):
    def rows(self):
        return [Row("edge.cpu", "%", [3.0, 1.0, 2.0], "nginx-rtmp", [4.0, 4.0], Goal(ratio=0.6)),
                Row("edge.memory", "KB", [16.0], "nginx-rtmp", [20.0], Goal(value=15)),
                Row("edge.alone", "ms", [0.5])]

    def test_medians_and_ratio(self):
        cpu, memory, alone = self.rows()
        self.assertEqual((cpu.ours, cpu.theirs, cpu.ratio, cpu.met, cpu.runs, cpu.spread()),
                         (2.0, 4.0, 0.5, True, 3, (1.0, 3.0)))
        self.assertEqual((memory.met, alone.met, alone.theirs, alone.ratio), (False, None, None, None))

    def test_json_has_the_promised_members(self):
        found = json.loads(report.as_json("edge", self.rows()))
        self.assertEqual((found["bench"], len(found["rows"])), ("edge", 3))
        for row in found["rows"]:
            self.assertEqual(list(row), ["name", "unit", "ours", "peer", "peer_value", "ratio", "goal", "met", "runs",
                                         "samples"])
        self.assertEqual(found["rows"][1], {"name": "edge.memory", "unit": "KB", "ours": 16.0, "peer": "nginx-rtmp",
                                            "peer_value": 20.0, "ratio": 0.8, "goal": "<= 15", "met": False, "runs": 1,
                                            "samples": {"ours": [16.0], "peer": [20.0]}})

    def test_table_has_every_row_and_says_what_was_missed(self):
        lines = report.as_table(self.rows()).splitlines()
        self.assertEqual(len(lines), 4)
        self.assertIn("met", lines[1])
        self.assertIn("MISSED", lines[2])
        self.assertNotIn("met", lines[3])


def message(kind, body, size, stream=4):
    """A message as a server sends it, in chunks of this size."""
    data = bytes([stream]) + b"\0\0\1" + len(body).to_bytes(3, "big") + bytes([kind]) + b"\1\0\0\0"
    for at in range(0, len(body), size):
        data += (bytes([0xc0 | stream]) if at else b"") + body[at:at + size]
    return data


class KeyFrame(unittest.TestCase):
    GREETING = bytes(relay.HANDSHAKE)

    def test_found_behind_other_messages_and_in_chunks(self):
        config, key = b"\x17\0\0\0\0config", b"\x17\1\0\0\0" + bytes(5000)
        head = self.GREETING + message(9, config, 128) + message(8, b"\xaf\1sound", 128, 6)
        whole = head + message(1, (4096).to_bytes(4, "big"), 128, 2) + message(9, key, 4096)
        self.assertEqual(relay.key_frame_end(whole + message(9, b"\x27\1\0\0\0later", 4096)), len(whole))
        for missing in (1, 904, 905, 4000):
            self.assertIsNone(relay.key_frame_end(whole[:-missing]))

    def test_none(self):
        self.assertIsNone(relay.key_frame_end(b""))
        self.assertIsNone(relay.key_frame_end(self.GREETING + message(9, b"\x27\1\0\0\0", 128)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
