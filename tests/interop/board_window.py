#!/usr/bin/env python3
"""Whiteboards in windows on a virtual display: a teacher draws with every tool, two students see the same, one of
them after it was away; a board alone is saved, opened, exported and told in words.

CHALKRAIL_AWAY_S is how long that one is away (2). With CHALKRAIL_SHOTS pictures of the windows are left there.
"""

import os
import subprocess
import time
import unittest
import zlib

import class_window
import cli_board
import harness
from cut_relay import Relay

WIDE, HIGH = 900, 640
BOARD = (104, 48, WIDE - 104 - 164, HIGH - 48 - 30)  # the window without what stands around the board
WHITE = (255, 255, 255)
RED, BLUE, GREEN, PURPLE, BLACK = (213, 94, 0), (0, 114, 178), (0, 158, 115), (204, 121, 167), (0, 0, 0)
AWAY_S = float(os.environ.get("CHALKRAIL_AWAY_S", "2"))


class Board:
    """One window, its place on the display, and hands for it."""

    def __init__(self, display, process, place):
        self.display, self.process, self.left, self.top = display, process, *place
        pid = str(process.handle.pid)
        self.id = int(harness.until(lambda: display.tool("search", "--all", "--onlyvisible", "--pid", pid, "--name", "board"),
                                    what="a window").split()[0])
        display.tool("windowsize", "--sync", self.id, WIDE, HIGH)
        display.tool("windowmove", self.id, self.left, self.top)
        harness.until(self.rests, what="the window in its place")

    def rests(self):
        before = self.display.tool("getwindowgeometry", self.id)
        time.sleep(0.15)
        return f"{WIDE}x{HIGH}" in before and self.display.tool("getwindowgeometry", self.id) == before

    def focus(self):
        self.display.tool("windowfocus", "--sync", self.id)

    def keys(self, *keys):
        self.display.tool("key", "--delay", "25", *keys)

    def drag(self, *points):
        """The pen, or whatever tool there is, along these places of the board's part."""
        argv, before = [], None
        for x, y in points:
            steps = 1 if before is None else 6
            for i in range(1, steps + 1):
                part = i / steps
                at = (x, y) if before is None else (before[0] + (x - before[0]) * part,
                                                    before[1] + (y - before[1]) * part)
                argv += ["mousemove", "--window", self.id, round(at[0] + BOARD[0]), round(at[1] + BOARD[1])]
                argv += ["mousedown", 1] if before is None else ["sleep", "0.008"]
            before = (x, y)
        self.display.tool(*argv, "mouseup", 1)

    def click(self, x, y):
        self.display.tool("mousemove", "--window", self.id, x + BOARD[0], y + BOARD[1], "click", 1)

    def type(self, text):
        self.display.tool("type", "--delay", "40", text)

    def hands_off(self):
        """So that no cursor is seen on other boards."""
        self.display.tool("mousemove", "--window", self.id, 52, HIGH - 60)

    def picture(self):
        """The board's part as rows of red, green, blue."""
        x, y, wide, high = BOARD
        env = {**os.environ, **self.display.env}
        done = subprocess.run(["import", "-window", str(self.id), "-crop", f"{wide}x{high}+{x}+{y}", "-depth", "8",
                               "rgb:-"], env=env, timeout=20, check=True, capture_output=True)
        return done.stdout

    def keep(self, name):
        folder = os.environ.get("CHALKRAIL_SHOTS")
        if folder:
            subprocess.run(["import", "-window", str(self.id), os.path.join(folder, name + ".png")],
                           env={**os.environ, **self.display.env}, timeout=20, check=True)


def png(colour, wide, high):
    """A picture of one colour."""
    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
    head = wide.to_bytes(4, "big") + high.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    rows = (b"\0" + bytes(colour) * wide) * high
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def at(picture, x, y):
    place = (y * BOARD[2] + x) * 3
    return tuple(picture[place:place + 3])


def is_near(colour, other, by=40):
    return all(abs(a - b) <= by for a, b in zip(colour, other))


def alike(picture, other):
    """What was painted in pieces may differ a little where they meet."""
    return picture == other or (len(picture) == len(other) and
                                all(abs(a - b) <= 48 for a, b in zip(picture, other) if a != b))


def ink(picture, x, y, wide, high):
    """How many pixels of a part are not white."""
    return sum(at(picture, column, row) != WHITE for row in range(y, y + high) for column in range(x, x + wide))


class Boards(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())
        self.display = class_window.Display(self.scene, (2 * WIDE + 20, 2 * HIGH + 60))
        self.env = {**self.display.env, "LC_ALL": "C.UTF-8"}
        # What xdotool has no key for it gives one while a window may still read the one before; so each has its own.
        for code, letter in enumerate("你好，世界", 240):
            self.display.set_key(code, letter)

    def board(self, place, *argv):
        process = self.scene.chalkrail("board", *argv, env=self.env)
        process.wait_for("room live")
        return Board(self.display, process, place)

    def becomes(self, board, condition, what):
        try:
            return harness.until(lambda: condition(board.picture()), what=what)
        except AssertionError:
            board.keep("failed")
            raise

    def show_the_same(self, *boards):
        def same():
            first, *others = [board.picture() for board in boards]
            return all(alike(first, other) for other in others)
        harness.until(same, what="the same picture in all windows")

    def turned(self, board):
        """Whether there is a next page with the deck's colour; it may not have come yet."""
        board.keys("Next")
        return is_near(at(board.picture(), 60, 40), RED)

    def draw_all(self, ada):
        """Every tool once; each has drawn in its colour where it should."""
        ada.keys("p", "3")
        ada.drag((20, 30), (200, 90), (60, 150))
        ada.keys("m", "8")
        ada.drag((20, 200), (220, 210))
        ada.keys("r", "2")
        ada.drag((260, 30), (380, 110))
        ada.keys("o", "4")
        ada.drag((420, 30), (540, 110))
        ada.keys("a", "6")
        ada.drag((260, 140), (380, 220))
        ada.keys("l", "1")
        ada.drag((420, 140), (540, 220))
        ada.keys("t")
        ada.click(30, 300)
        ada.type("你好，世界")
        ada.keys("Return")
        ada.type("1 + 1")
        ada.keys("Escape")
        ada.hands_off()
        picture = self.becomes(ada, lambda p: ink(p, 30, 280, 180, 30) > 600 and p, "你好，世界")
        ada.keep("all")
        for place, colour in (((110, 60), BLUE), ((260, 70), RED), ((480, 30), GREEN), ((320, 180), PURPLE),
                              ((480, 180), BLACK)):
            self.assertTrue(is_near(at(picture, *place), colour), (place, at(picture, *place), colour))
        self.assertGreater(ink(picture, 100, 195, 40, 20), 300)     # the marker
        self.assertGreater(ink(picture, 30, 322, 70, 26), 100)      # the second line
        self.assertEqual(at(picture, 320, 70), WHITE)               # shapes are not filled

    def test_class(self):
        edge = self.scene.edge("--open")
        relay = self.enterContext(Relay(edge.http_port))
        room = ("--room", "maths", "--name")
        bo = self.board((WIDE + 10, 0), "--edge", f"ws://127.0.0.1:{edge.http_port}", *room, "bo")
        li = self.board((0, HIGH + 30), "--edge", f"ws://127.0.0.1:{relay.port}", *room, "li")
        ada = self.board((0, 0), "--edge", f"ws://127.0.0.1:{edge.http_port}", *room, "ada", "--role", "teacher")
        ada.focus()
        self.draw_all(ada)
        self.show_the_same(ada, bo, li)
        ada.keep("drawn")

        # A picture from a file is in the middle of the page, for all.
        with open(self.scene.path("p.png"), "wb") as out:
            out.write(png(PURPLE, 60, 40))
        ada.keys("i")
        ada.type(self.scene.path("p.png"))
        ada.keys("Return")
        middle = (BOARD[2] // 2, BOARD[3] // 2)
        for board in (ada, bo, li):
            self.becomes(board, lambda p: is_near(at(p, *middle), PURPLE, 2), "the picture")
        self.show_the_same(ada, bo, li)

        # Half of the first stroke is erased while one is away; the other sees it at once.
        relay.cut()
        back = time.monotonic() + AWAY_S
        before = ada.picture()
        ada.keys("e")
        ada.drag((110, 30), (110, 100))
        ada.hands_off()
        self.becomes(ada, lambda p: at(p, 110, 60) == WHITE, "the gap")
        erased = ada.picture()
        self.assertTrue(is_near(at(erased, 170, 80), BLUE) and is_near(at(erased, 50, 40), BLUE))
        self.show_the_same(ada, bo)
        self.assertTrue(alike(li.picture(), before))
        time.sleep(max(back - time.monotonic(), 0))
        relay.restore()
        self.show_the_same(ada, li)
        ada.keys("ctrl+z")  # one gesture, however many strokes it touched how often
        self.becomes(ada, lambda p: alike(p, before), "the stroke as before")
        self.show_the_same(ada, bo, li)

        # Who shares the view takes all along to another page.
        ada.keys("ctrl+l", "ctrl+n", "p", "2")
        self.becomes(ada, lambda p: ink(p, 0, 0, 300, 200) == 0, "an empty page")
        ada.drag((100, 100), (300, 200))
        ada.hands_off()
        self.becomes(ada, lambda p: ink(p, 150, 100, 100, 100) > 100, "a stroke on it")
        self.show_the_same(ada, bo, li)

        # The page of a PDF follows that one; each window renders it for itself.
        self.assertEqual(self.scene.run("board", cli_board.write(self.scene, "deck.chalk"), "--page", "1", "--pdf",
                                        self.scene.path("deck.pdf")).code, 0)
        ada.keys("i")
        ada.type(self.scene.path("deck.pdf"))
        ada.keys("Return")
        harness.until(lambda: self.turned(ada), what="the deck's page")
        self.becomes(bo, lambda p: is_near(at(p, 60, 40), RED), "the deck's page, rendered by a student")
        bo.keep("followed")
        ada.keys("Prior")
        self.becomes(bo, lambda p: ink(p, 150, 100, 100, 100) > 100, "the page before")
        bo.focus()
        bo.keys("Prior")  # leaves the shared view for the page before
        self.becomes(bo, lambda p: alike(p, before), "the first page")

        # A student without the right to draw does not.
        bo.keys("p")
        bo.drag((560, 300), (600, 400))
        bo.hands_off()
        time.sleep(0.4)
        self.becomes(bo, lambda p: alike(p, before), "what was refused is gone")

    def export(self, board, path):
        """Typing replaces the name that is proposed."""
        board.keys("ctrl+e")
        board.type(path)
        board.keys("Return")

    def test_no_board(self):
        """A file that is none is told on the terminal, and no window stays."""
        run = self.scene.run("board", cli_board.write(self.scene, "words.chalk", b"words"), env=self.env)
        self.assertEqual(run.code, 1, run)
        self.assertIn("is no board", run.err_text)

    def test_alone(self):
        """Drawn, saved, closed; then read without a window."""
        path = self.scene.path("lesson.chalk")
        ada = self.board((0, 0), path)
        ada.focus()
        self.draw_all(ada)
        self.display.title_becomes(ada.id, "lesson.chalk *")
        ada.keys("v")
        ada.click(260, 70)                  # the rectangle is taken,
        ada.drag((260, 70), (260, 130))     # moved,
        ada.keys("5", "ctrl+d", "Delete")   # coloured; and a copy made and deleted
        ada.hands_off()
        self.becomes(ada, lambda p: is_near(at(p, 300, 170), (230, 159, 0)), "the rectangle elsewhere")
        ada.keys("ctrl+s")
        harness.until(lambda: os.path.exists(path), what="the file")
        self.display.title_becomes(ada.id, "lesson.chalk - ")
        picture = self.scene.path("page.png")
        self.export(ada, picture)
        harness.until(lambda: os.path.exists(picture), what="the picture")
        with open(picture, "wb") as out:
            out.write(b"somebody's")
        self.export(ada, picture)       # asks first
        ada.keep("replaces")
        ada.keys("Escape")
        ada.keys("F1")
        ada.keep("help")
        ada.keys("Escape", "ctrl+q")
        self.assertEqual(ada.process.finish(), 0)
        with open(picture, "rb") as kept:
            self.assertEqual(kept.read(), b"somebody's")
        told = self.scene.run("board", path, "--json").objects("object")
        self.assertEqual([one["kind"] for one in told],
                         ["pen", "marker", "rectangle", "ellipse", "arrow", "line", "text"])
        self.assertEqual([one["text"] for one in told if "text" in one], ["你好，世界\n1 + 1"])
        again = self.board((0, 0), path)
        self.becomes(again, lambda p: is_near(at(p, 300, 170), (230, 159, 0)), "the board as it was saved")
        again.focus()
        again.keys("ctrl+z", "ctrl+z", "ctrl+z")  # what was done before it was closed: deleted, copied, coloured
        self.becomes(again, lambda p: is_near(at(p, 300, 170), RED), "its colour before")
        again.keys("ctrl+q")  # asks, for that is not saved
        time.sleep(0.3)
        again.keep("asks")
        again.keys("d")
        self.assertEqual(again.process.finish(), 0)


if __name__ == "__main__":
    harness.main()
