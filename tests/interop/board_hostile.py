#!/usr/bin/env python3
"""Hostile boards at `chalkrail edge`: what makes no sense, is too large or is somebody else's is refused by
name, while an honest class beside goes on drawing and sees nothing of it.

Usage: board_hostile.py PROGRAM [TEST...]
"""

import unittest

import harness
import room_wire
from board_small import an_id, ids
from edge_rooms import Lesson
from protobuf_small import put as v, signed as s

RIGHTS, BOARD = 5, 22
CHAT_AND_DRAW = 9
HUGE = 1 << 25  # 1/64 px: the edge of the world
WIDEST = (1 << 63) - 1
RED = 0xffe03131


def op(code, *parts, term=1):
    return bytes([code]) + v(term) + b"".join(parts)


def stroke(points, x=0, y=0):
    return s(x) + s(y) + v(len(points)) + points


def draw(*strokes, page=1):
    return op(1, v(page), bytes([0x41]), v(RED), v(128), v(0), *strokes)


def put(kind, body, page=1, x=0, y=0, replaces=0):
    return op(2, v(page), v(kind), v(replaces), v(RED), v(0), v(64), s(x), s(y), body)


def image(wide, high):
    return put(8, v(6400) + v(6400) + v(wide) + v(high) + bytes(32))


def pages(first, count):
    return op(13, v(first), v(count), v(1), b"\0")


LINE = bytes.fromhex("512b27be8c")
MILLION = bytes.fromhex("fffffffa6647a191a8d4530bf34144616b4c524affa190")  # says that it has so many points
FEW = bytes.fromhex("ffff6865296e9e0208161745ae35538b4c39f266")            # 4,096 points in 20 bytes


class Hostile(unittest.TestCase):
    # Said by a teacher, who may do most: what REFUSED says.
    ROWS = {
        "a million points in a stroke": (draw(stroke(MILLION)), "too_large"),
        "more points than its bytes can say": (draw(stroke(FEW)), "invalid"),
        "a stroke that says it is longer than all there is": (draw(s(0) + s(0) + v(1 << 40) + LINE), "invalid"),
        "65 strokes at once": (draw(*[stroke(LINE)] * 65), "too_large"),
        "a shape at the end of numbers": (put(5, s(64) + s(64), x=WIDEST, y=-WIDEST), "invalid"),
        "a shape over the edge of the world": (put(5, s(64) + s(64), x=HUGE + 1), "invalid"),
        "a stroke over the edge of the world": (draw(stroke(LINE, x=HUGE, y=HUGE)), "invalid"),
        "a move over the edge of numbers": (op(4, s(WIDEST), s(0), ids(1)), "invalid"),
        "an image of 100,000 by 100,000": (image(100000, 100000), "too_large"),
        "an image of 2^63 by 2": (image(1 << 63, 2), "too_large"),
        "an image of nothing": (image(0, 0), "invalid"),
        "a text of 8,001 bytes": (put(7, v(0) + v(640) + b"x" * 8001), "too_large"),
        "a text that is none": (put(7, v(0) + v(640) + b"\xc3\x28"), "invalid"),
        "a text of nothing": (put(7, v(0) + v(640)), "invalid"),
        "page 2^32": (draw(stroke(LINE), page=1 << 32), "invalid"),
        "page 2^63": (draw(stroke(LINE), page=1 << 63), "invalid"),
        "a page that is not there": (draw(stroke(LINE), page=77), "not_found"),
        "new pages up to 2^32": (pages((1 << 32) - 10, 9), "invalid"),
        "2^32 new pages": (pages(2, 1 << 32), "invalid"),
        "1,001 new pages": (pages(2, 1001), "limit"),
        "page 2^32 removed": (op(15, v(1 << 32)), "invalid"),
        "the only page removed": (op(15, v(1)), "state"),
        "a deck's page 2^32": (op(14, v(1), b"\4", bytes(32), v(1 << 32)), "invalid"),
        "ids that fall": (op(3, v(2), v(9), v(1 << 63), v(1)), "invalid"),
        "257 ids": (op(3, ids(*range(1, 258))), "too_large"),
        "ids without end": (op(3, v(1 << 62), v(1)), "too_large"),
        "objects that never were": (op(3, ids(5, 6, 7)), "not_found"),
        "ranges over the end of a stroke": (op(9, v(5), v(1), v(1 << 33), v(1)), "invalid"),
        "a zoom of nothing": (op(18, v(1), s(0), s(0), v(0)), "invalid"),
        "an undo of what was not done": (op(11, v(1), v(9), v(0)), "not_found"),
        "a login to come": (op(10, v(1), term=3), "invalid"),
        "a code that is none": (op(99), "invalid"),
        "nothing": (b"", "invalid"),
        "what is cut short": (put(5, s(64) + s(64))[:-1], "invalid"),
        "what goes on": (put(5, s(64) + s(64)) + b"\0", "invalid"),
    }

    # Said by a student of a teacher's shape.
    THEIRS = {
        "deletes": op(3, ids(0)),
        "moves": op(4, s(64), s(64), ids(0)),
        "scales": op(5, s(0), s(0), s(131072), s(131072), ids(0)),
        "recolours": op(6, b"\1", v(1), v(0), v(0), ids(0)),
        "puts behind": op(7, b"\0", ids(0)),
        "clears": op(10, v(1)),
        "removes the page": op(15, v(1)),
        "opens the page": op(17, v(1), v(4)),
        "leads": op(18, v(1), s(0), s(0), v(65536)),
    }

    def setUp(self):
        self.scene = self.enterContext(harness.Scene())
        self.edge = self.scene.edge("--open")

    def client(self, name, role):
        client = room_wire.Client(self.edge.http_port, "maths", name, role)
        self.addCleanup(client.leave)
        return client.join()

    def say(self, client, data):
        return client.wait_settled(client.intent(BOARD, data=data), 20)

    def check(self, lesson):
        print(f"{self.id().split('.')[-1]}: median {lesson.figures[0]:.1f} ms, p99 {lesson.figures[1]:.1f} ms")
        slow = 4 if "asan" in harness.program else 1
        self.assertLess(lesson.figures[0], 100 * slow)
        self.assertLess(lesson.figures[1], 500 * slow)

    def test_what_makes_no_sense_is_refused_by_name(self):
        with Lesson(self.edge.http_port) as lesson:
            eve, bo = self.client("eve", "teacher"), self.client("bo", "student")
            for name, (data, reason) in self.ROWS.items():
                with self.subTest(name):
                    self.assertEqual(self.say(eve, data), reason)
            self.assertIsNone(self.say(eve, put(5, s(64) + s(64))))  # it may go on
            bo.wait_for(lambda e: e.kind == BOARD)
            self.assertEqual(len([e for e in bo.events if e.kind == BOARD]), 1)
        self.check(lesson)

    def test_what_others_drew_is_theirs(self):
        ada, bo = self.client("ada", "teacher"), self.client("bo", "student")
        ada.until(lambda: ada.id_of("bo"), what="bo")
        self.assertIsNone(ada.wait_settled(ada.intent(RIGHTS, target=ada.id_of("bo"), value=CHAT_AND_DRAW)))
        self.assertIsNone(self.say(bo, draw(stroke(LINE))))
        counter = ada.intent(BOARD, data=put(5, s(64) + s(64)))
        self.assertIsNone(ada.wait_settled(counter))
        shape = an_id(ada.me, counter)
        for name, data in self.THEIRS.items():
            with self.subTest(name):
                said = data[:-2] + ids(shape) if data.endswith(ids(0)) else data
                self.assertEqual(self.say(bo, said), "denied")
        # An id is made of who says it: nobody can say another's.
        self.assertEqual(self.say(bo, put(5, s(64) + s(64), replaces=shape)), "denied")
        self.assertEqual(self.say(bo, op(11, v(1), v(counter), v(0))), "not_found")

    def test_10_mb_of_text_end_that_connection_alone(self):
        with Lesson(self.edge.http_port) as lesson:
            eve = self.client("eve", "teacher")
            body = put(7, v(0) + v(640) + b"x" * (10 << 20))
            try:
                eve.intent(BOARD, data=body)
                code, _ = eve.wait_end(20)
                self.assertEqual(code, 1009)
            except OSError:
                pass  # it was cut while it was still sending
            large = self.client("large", "teacher")
            large.intent(BOARD, data=put(7, v(0) + v(640) + b"x" * 60000))
            self.assertEqual(large.wait_end(20), (4020, "protocol"))
        self.check(lesson)

    def test_a_board_that_is_full_says_so(self):
        """Texts of 8,000 bytes each: 4 MB, and the rest of the room goes on."""
        eve = self.client("eve", "teacher")
        data = put(7, v(0) + v(640) + b"x" * 7900)
        reasons = set()
        for _ in range(600):
            eve.intent(BOARD, data=data)
            eve.until(lambda: len(eve.pending) < 32, 60, "answers")
        eve.until(lambda: not eve.pending, 60, "answers")
        reasons = set(eve.refused.values())
        self.assertEqual(reasons, {"limit"})
        bo = self.client("bo", "student")
        self.assertIsNone(bo.wait_settled(bo.chat("all is well")))


if __name__ == "__main__":
    harness.main()
