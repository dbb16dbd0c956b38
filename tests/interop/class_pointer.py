#!/usr/bin/env python3
"""The pointer of a shared screen as a lane: who is in the room sees it over the picture, who is not sees the
picture alone, unless it is in the picture, too."""

import os
import subprocess
import unittest

import class_media
import class_window
import harness

SIZE = (1280, 720)
BEHIND = 100  # luma of the root window, nearly


class Shared:
    """A display that is shared, with a pointer of 16 pixels, and who moves it."""

    def __init__(self, scene):
        server = scene.start("Xvfb", "-displayfd", "1", "-screen", "0", "%dx%dx24" % SIZE, "-nolisten", "tcp", "-noreset")
        self.name = ":" + server.wait_for(r"^(\d+)$")[1]
        self.env = {**os.environ, "DISPLAY": self.name}
        bits = "#define d_width 16\n#define d_height 16\n#define d_x_hot 0\n#define d_y_hot 0\n" \
               "static char d_bits[] = {\n%s};\n" % ",\n".join(["0xff"] * 32)
        path = scene.write("dot.xbm", bits.encode())
        self.run("xsetroot", "-solid", "#646464", "-cursor", path, path, "-fg", "white", "-bg", "white")

    def run(self, *argv):
        subprocess.run([*map(str, argv)], env=self.env, timeout=20, check=True)

    def move(self, x, y):
        self.run("xdotool", "mousemove", x, y)


def spots(luma, width):
    """The rectangle around what is brighter than the root window; None: there is nothing."""
    bright = [i for i, value in enumerate(luma) if value > BEHIND + 60]
    if not bright:
        return None
    columns, rows = [i % width for i in bright], [i // width for i in bright]
    return min(columns), min(rows), max(columns), max(rows)


class Pointer(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())
        self.shared = Shared(self.scene)
        self.edge = self.scene.edge("--open")
        self.room = f"ws://127.0.0.1:{self.edge.http_port}"

    def publish(self, *more):
        publisher = self.scene.chalkrail("publish", self.edge.rtmp("math/li/screen"), "--screen", self.shared.name, "--mic", "none",
                                         *more)
        publisher.wait_for("live")
        return publisher

    def watch(self, name, *more):
        path = self.scene.path(f"{name}.png")
        player = self.scene.chalkrail("play", self.edge.flv("math/li/screen"), "--headless", "--json", "--snapshot", path, *more)
        player.wait_for('"kind":"first_picture"')
        return player, path

    def seen(self, watched):
        player, path = watched
        player.stop()
        self.assertEqual(player.finish(), 0, player)
        return spots(class_media.gray(path, *SIZE), SIZE[0])

    def near(self, found, x, y):
        self.assertIsNotNone(found)
        wanted = (x, y, x + 15, y + 15)
        self.assertLessEqual(max(abs(a - b) for a, b in zip(found, wanted)), 2, f"{found} for {wanted}")

    def test_lane(self):
        self.shared.move(200, 100)
        publisher = self.publish("--room", self.room, "--json")
        inside, outside = self.watch("inside", "--room", "math"), self.watch("outside")
        before = publisher.objects("stats")[-1:] or [{"frames_captured": 0}]
        for x in range(300, 500, 4):
            self.shared.move(x, 300)
        late = self.watch("late", "--room", self.room + "/rooms/math", "--name", "eve")
        publisher.wait_for('"type":"stats"', count=len(publisher.objects("stats")) + 2)
        self.near(self.seen(inside), 496, 300)
        self.near(self.seen(late), 496, 300)
        self.assertIsNone(self.seen(outside))
        captured = publisher.objects("stats")[-1]["frames_captured"] - before[0]["frames_captured"]
        self.assertLess(captured, 20, "it moved 50 times, and no picture came of it but one a second")

    def test_both_and_gone(self):
        self.shared.move(600, 400)
        publisher = self.publish("--room", self.room, "--cursor", "both")
        inside, outside = self.watch("inside", "--room", "math"), self.watch("outside")
        self.shared.move(640, 420)
        publisher.wait_for("frames|fps", count=2)
        self.near(self.seen(outside), 640, 420)
        self.near(self.seen(inside), 640, 420)

    def test_window_shows_it_and_loses_it(self):
        desk = class_window.Display(self.scene)
        self.shared.move(640, 360)
        publisher = self.publish("--room", self.room)
        self.scene.chalkrail("play", self.edge.flv("math/li/screen"), "--room", "math", env=desk.env)
        window = desk.window("screen.flv - live")

        def look():
            found = spots(desk.shot(window, *SIZE), SIZE[0])
            return found and found[:2]

        def is_at(x, y):
            found = look()
            return found and abs(found[0] - x) <= 2 and abs(found[1] - y) <= 2

        harness.until(lambda: is_at(640, 360), what="the pointer")
        self.shared.move(900, 500)
        harness.until(lambda: is_at(900, 500), what="the pointer at another place")
        publisher.stop()
        desk.title_becomes(window, "reconnecting")

    def test_wrong_options(self):
        for words, why in ((("--cursor", "lane"), "--room"), (("--token", "x"), "--room"),
                           (("--room", "ftp://h"), "ftp"), (("--room", "m" * 65), "too long"),
                           (("--room", self.room, "--cursor", "lane", "--no-cursor"), "cursor")):
            done = self.scene.run("publish", self.edge.rtmp("math/li/screen"), "--synthetic", *words)
            self.assertEqual(done.code, 2, done)
            self.assertIn(why, done.err_text)


if __name__ == "__main__":
    harness.main()
