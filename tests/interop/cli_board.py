#!/usr/bin/env python3
"""`chalkrail board FILE` without a window: pictures, documents, words; and files that are none."""

import collections
import os
import resource
import struct
import subprocess
import unittest
import zlib

import harness
from protobuf_small import put as varint, signed

# An empty board of one page, saved by participant 1 after its first event (docs/PROTOCOL.md, "The board as a file").
RED = (213, 94, 0)
MAGIC = b"\x89CKB\r\n\x1a\n"


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def file_of(board, number=9, me=1, version=1, assets=()):
    whole = (MAGIC + version.to_bytes(4, "big") + number.to_bytes(8, "big") + me.to_bytes(4, "big") +
             len(board).to_bytes(4, "big") + board + len(assets).to_bytes(4, "big"))
    for digest, data in assets:
        whole += digest + len(data).to_bytes(4, "big") + data
    return whole + crc32c(whole).to_bytes(4, "big")


def with_number(at, value):
    """A board's file whose four bytes there say something else; its checksum is right."""
    whole = file_of(BOARD, assets=[(bytes(32), b"x")])[:-4]
    whole = whole[:at] + value.to_bytes(4, "big") + whole[at + 4:]
    return whole + crc32c(whole).to_bytes(4, "big")


def page(number, objects=0, ground=0):
    return varint(number) + bytes([0, 0, ground, 0, 0]) + signed(1) + signed(0) + varint(objects)


# Page 1 with a filled red rectangle of 100 by 60 px at 10, 20, and page 2, lines, with nothing on it. By participant 1.
FIRST = (1 << 49 | 1 << 37 | 1 << 8) - (1 << 49)


def board_of(kind, body):
    thing = (bytes([4 | 16]) + varint(1) + varint(FIRST << 1) + varint(3) + bytes([kind]) + varint(0xffd55e00) +
             varint(128) + signed(640) + signed(1280) + varint(0xffd55e00))
    return (varint(1) + varint(2) + page(1, 1) + page(2, 0, 2) + varint(1) + varint(1) + varint(1) + varint(1) +
            varint(0) + bytes(5) + thing + varint(len(body)) + body)


BODY = signed(6400) + signed(3840)
BOARD = board_of(5, BODY)


def write(scene, name, data=None):
    path = scene.path(name)
    with open(path, "wb") as out:
        out.write(file_of(BOARD) if data is None else data)
    return path


def deflated(size):
    """So many zeros in a thousandth of that."""
    pack = zlib.compressobj(9)
    return b"".join(pack.compress(bytes(1 << 20)) for _ in range(size >> 20)) + pack.flush()


def bomb_png(size):
    """A picture of 40 by 40, as it says, and far more rows than that."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 40, 40, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", deflated(size)) + chunk(b"IEND", b""))


def bomb_pdf(side):
    """A page whose picture is packed twice: a few hundred bytes, and side * side pixels."""
    data, draws = zlib.compress(deflated(side * side), 9), b"300 0 0 300 0 0 cm /I Do"
    parts = (b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
             b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>",
             b"<</Length %d>>stream\n%s\nendstream" % (len(draws), draws),
             b"<</Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 8/ColorSpace/DeviceGray"
             b"/Filter[/FlateDecode/FlateDecode]/Length %d>>stream\n%s\nendstream" % (side, side, len(data), data))
    return (b"%PDF-1.4\n" + b"".join(b"%d 0 obj%sendobj\n" % (i, part) for i, part in enumerate(parts, 1)) +
            b"trailer<</Root 1 0 R>>\n")


class Exports(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())
        self.file = write(self.scene, "lesson.chalk")

    def keep(self, name, data):
        return write(self.scene, name, data)

    def board(self, *argv):
        return self.scene.run("board", *argv)

    def refused(self, code, words, *argv):
        run = self.board(*argv)
        self.assertEqual(run.code, code, run)
        self.assertIn(words, run.err_text)
        self.assertEqual(run.out_text, "")

    def test_pictures_and_documents(self):
        names = [self.scene.path("out." + ending) for ending in ("png", "svg", "pdf")]
        run = self.board(self.file, "--png", names[0], "--svg", names[1], "--pdf", names[2])
        self.assertEqual((run.code, run.out_text, run.err_text), (0, "", ""))
        for name, head in zip(names, (b"\x89PNG", b"<?xml", b"%PDF")):
            with open(name, "rb") as out:
                self.assertEqual(out.read(len(head)), head)
        for scale, width in ((100, 102), (200, 204)):
            self.assertEqual(self.board(self.file, "--png", names[0], "--scale", scale).code, 0)
            with open(names[0], "rb") as picture:
                self.assertAlmostEqual(int.from_bytes(picture.read(20)[16:20], "big"), width, delta=2 * scale / 100)
        svg = self.board(self.file, "--svg", "-")
        self.assertIn("</svg>", svg.out_text)
        self.assertEqual([name for name in os.listdir(self.scene.folder) if name.endswith(".part")], [])

    def colours(self, name, page):
        """The colours that much of a PDF's page has."""
        done = subprocess.run(["pdftoppm", "-r", "72", "-f", str(page), "-l", str(page), name], timeout=20, check=True,
                              capture_output=True)
        pixels = done.stdout[done.stdout.index(b"255\n") + 4:]
        count = collections.Counter(pixels[i:i + 3] for i in range(0, len(pixels), 3))
        return {tuple(colour) for colour, times in count.items() if times > 1000}

    def test_decks(self):
        """What a board has is a deck of a board, which is a deck of another: each is rendered for its export."""
        deck, lesson = self.scene.path("deck.pdf"), self.scene.path("lesson.pdf")
        self.assertEqual(self.board(self.file, "--page", 1, "--pdf", deck).code, 0)
        self.assertEqual(self.board("--deck", deck, "--pdf", lesson).code, 0)
        self.assertIn(RED, self.colours(lesson, 2))
        self.assertNotIn(RED, self.colours(lesson, 1))  # the page that a board begins with
        self.assertEqual(self.board(self.file, "--deck", lesson, "--pdf", deck).code, 0)
        told = subprocess.run(["pdfinfo", deck], timeout=20, check=True, capture_output=True, text=True).stdout
        self.assertRegex(told, r"Pages: +4\n")
        self.assertEqual([RED in self.colours(deck, page) for page in (1, 2, 3, 4)], [True, False, False, True])
        picture = self.scene.path("page.png")
        self.assertEqual(self.board(self.file, "--deck", lesson, "--page", 4, "--png", picture).code, 0)
        with open(picture, "rb") as png:
            self.assertGreater(int.from_bytes(png.read(20)[16:20], "big"), 100)
        self.refused(1, "No such file", "--deck", self.scene.path("no.pdf"), "--text")
        self.refused(1, "is no PDF and no picture", "--deck", self.file, "--text")
        self.refused(1, "is damaged", "--deck", self.keep("x.pdf", b"%PDF-1.4\nnonsense\n"), "--text")

    def test_bombs(self):
        """What is packed a thousandfold costs neither time nor memory to speak of."""
        out = self.scene.path("page.png")
        for name, data in (("bomb.png", bomb_png(256 << 20)), ("bomb.pdf", bomb_pdf(16384))):
            with self.subTest(name):
                self.assertLess(len(data), 1 << 20)
                run = self.board("--deck", self.keep(name, data), "--page", 2, "--png", out)
                self.assertEqual(run.code, 0, run)
                self.assertTrue(os.path.exists(out))
                os.remove(out)
        if "asan" not in harness.program:
            self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, 400 << 10)

    def test_words(self):
        self.assertEqual(self.board(self.file, "--text").out,
                         ["Page 1 (plain):", "  1. rectangle, orange, filled orange, 104 x 64 px at 8, 18",
                          "Page 2 (lines):", "  nothing"])
        self.assertEqual(self.board(self.file, "--text", "--page", 2).out, ["Page 2 (lines):", "  nothing"])
        told = self.board(self.file, "--json")
        self.assertEqual([(one["page"], one["objects"]) for one in told.objects("page")], [(1, 1), (2, 0)])
        one, = told.objects("object")
        self.assertEqual((one["kind"], one["x"], one["y"], one["width"], one["height"], one["colour"]),
                         ("rectangle", 10, 20, 100, 60, "#d55e00"))

    def test_words_of_a_stranger(self):
        """What would speak to the terminal is not said."""
        text = varint(0) + varint(24 * 64) + b"\x1b[2Jone\ntwo\x7f"
        run = self.board(self.keep("text.chalk", file_of(board_of(7, text))), "--text")
        self.assertEqual(run.code, 0, run)
        self.assertIn("text:  [2Jone two , orange", run.out[1])

    def test_from_standard_input(self):
        run = self.scene.start("sh", "-c", f"{harness.program} board - --text < {self.file}")
        self.assertEqual(run.finish(), 0)
        self.assertIn("rectangle", run.out_text)

    def test_what_is_no_board(self):
        whole = file_of(BOARD)
        for name, data, words in (
                ("empty", b"", "is no board, is damaged or was cut short"),
                ("words", b"a shopping list\n" * 9, "is no board"),
                ("short", whole[:-9], "is no board"),
                ("bit", whole[:60] + bytes([whole[60] ^ 4]) + whole[61:], "is no board"),
                ("more", whole + b"x", "is no board"),
                ("later", file_of(BOARD, version=2), "a later version"),
                ("future", file_of(BOARD, number=2), "is no board"),
                ("nobody", file_of(BOARD, me=0), "is no board"),
                ("asset", file_of(BOARD, assets=[(bytes(32), b"x")])[:-20], "is no board"),
                ("a board of 4 GB", with_number(24, (1 << 32) - 1), "is no board"),
                ("a board without end", with_number(24, len(BOARD) + 1), "is no board"),
                ("4 billion images", with_number(28 + len(BOARD), (1 << 32) - 1), "is no board"),
                ("an image of 4 GB", with_number(64 + len(BOARD), (1 << 32) - 1), "is no board"),
                ("a million points", file_of(BOARD[:-len(BODY) - 1] + varint(1 << 62) + BODY), "is no board"),
                *((f"cut at {at}", whole[:at], "is no board") for at in range(1, len(whole), 17)),
                ("board", file_of(b"\x01\x7f"), "is no board")):
            with self.subTest(name):
                self.refused(1, words, self.keep(name, data), "--text")
        self.refused(1, "No such file", self.scene.path("nothing"), "--text")
        self.refused(1, "Is a directory", self.scene.folder, "--text")

    def test_what_cannot_be_done(self):
        self.refused(1, "has no page 3", self.file, "--page", 3, "--text")
        self.refused(1, "nothing is on the page", self.file, "--page", 2, "--png", self.scene.path("x.png"))
        self.refused(1, "No such file", self.file, "--png", self.scene.path("no/such.png"))
        self.refused(1, "full", self.file, "--png", harness.full_disk())
        self.refused(2, "FILE or --deck is missing", "--png", "x.png")
        self.refused(2, "--page needs", self.file, "--page", 1)
        self.refused(1, "No such file", "--deck", self.scene.path("no.pdf"))    # also before a window
        self.refused(2, "go together", "--edge", "ws://127.0.0.1:1")
        self.refused(2, "who is it?", "--edge", "ws://127.0.0.1:1", "--room", "r")
        self.refused(2, "standard output", self.file, "--png", "-", "--text")
        self.refused(2, "--scale", self.file, "--scale", 0)
        self.refused(1, "no display", self.file)


if __name__ == "__main__":
    harness.main()
