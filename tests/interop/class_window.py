#!/usr/bin/env python3
"""The windows of play and demo on a virtual display: picture, keys, closing."""

import ctypes
import os
import signal
import statistics
import subprocess
import unittest

import class_media
import harness

SCREEN = (1600, 1000)


class ClientMessage(ctypes.Structure):
    """XClientMessageEvent of Xlib, with room for any event behind it."""
    _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong), ("send_event", ctypes.c_int),
                ("display", ctypes.c_void_p), ("window", ctypes.c_ulong), ("message_type", ctypes.c_ulong),
                ("format", ctypes.c_int), ("data", ctypes.c_long * 5), ("padding", ctypes.c_long * 24)]


class Display:
    """An Xvfb, and what a person does at it."""

    def __init__(self, scene, screen=SCREEN):
        self.scene = scene
        size = "%dx%dx24" % screen
        server = scene.start("Xvfb", "-displayfd", "1", "-screen", "0", size, "-nolisten", "tcp", "-noreset")
        self.name = ":" + server.wait_for(r"^(\d+)$")[1]
        self.env = {"DISPLAY": self.name, "SDL_AUDIODRIVER": "dummy", "SDL_RENDER_DRIVER": "software"}
        self.manager = scene.start("openbox", env=self.env)
        harness.until(lambda: "_NET_SUPPORTING_WM_CHECK" in self.root_properties(), what="a window manager")
        self.shots = 0

    def tool(self, *argv):
        done = subprocess.run(["xdotool", *map(str, argv)], env={**os.environ, **self.env}, timeout=20,
                              capture_output=True, text=True, check=False)
        return done.stdout.strip()

    def window(self, title, seconds=harness.PATIENCE):
        """The id of the one window with this in its title."""
        return int(harness.until(lambda: self.tool("search", "--name", title), seconds, f"a window {title!r}").split()[0])

    def titles(self):
        return self.tool("search", "--name", ".", "getwindowname", "%@")

    def title_becomes(self, window, text):
        harness.until(lambda: text in self.tool("getwindowname", window), what=f"{text!r} in the title")

    def press(self, window, key):
        self.tool("windowfocus", "--sync", window)
        self.tool("key", key)

    def set_key(self, code, letter):
        """A key of the keyboard, by its code in X (8 to 255), that types this letter."""
        subprocess.run(["xmodmap", "-e", f"keycode {code} = U{ord(letter):04X}"], env={**os.environ, **self.env},
                       timeout=20, check=True)

    def shot(self, window, width, height):
        """The luma of what is on the screen in a window."""
        self.shots += 1
        path = self.scene.path(f"shot-{self.shots}.png")
        subprocess.run(["import", "-window", str(window), path], env={**os.environ, **self.env}, timeout=20, check=True)
        return class_media.gray(path, width, height)

    def root_properties(self):
        return subprocess.run(["xprop", "-root"], env={**os.environ, **self.env}, timeout=20, capture_output=True,
                              text=True, check=False).stdout

    def close(self, window):
        """What a window manager sends when its user clicks on the cross (ICCCM 4.2.8.1)."""
        x11 = ctypes.CDLL("libX11.so.6")
        x11.XOpenDisplay.restype = ctypes.c_void_p
        x11.XInternAtom.restype = ctypes.c_ulong
        x11.XInternAtom.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
        x11.XSendEvent.argtypes = [ctypes.c_void_p, ctypes.c_ulong, ctypes.c_int, ctypes.c_long, ctypes.c_void_p]
        x11.XCloseDisplay.argtypes = [ctypes.c_void_p]
        connection = x11.XOpenDisplay(self.name.encode())
        event = ClientMessage(type=33, window=window, format=32,
                              message_type=x11.XInternAtom(connection, b"WM_PROTOCOLS", 0))
        event.data[0] = x11.XInternAtom(connection, b"WM_DELETE_WINDOW", 0)
        x11.XSendEvent(connection, window, 0, 0, ctypes.byref(event))
        x11.XCloseDisplay(connection)


def brightness(luma, width, rect):
    x, y, w, h = rect
    return statistics.mean(luma[row * width + column] for row in range(y, y + h) for column in range(x, x + w, 3))


class Windows(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())
        self.display = Display(self.scene)

    def publish(self, edge):
        publisher = self.scene.chalkrail("publish", edge.rtmp("math/li/screen"), "--synthetic", "--mic", "synthetic")
        publisher.wait_for("live")
        return publisher

    def play(self, edge, *more):
        return self.scene.chalkrail("play", edge.flv("math/li/screen"), *more, env=self.display.env)

    def test_picture_and_keys(self):
        edge = self.scene.edge("--open")
        self.publish(edge)
        player = self.play(edge)
        window = self.display.window("screen.flv - live")
        # The window has taken the picture's own size, so its marks can be read off the screen.
        harness.until(lambda: self.size(window) == (1280, 720), what="the size")
        first, _ = harness.until(lambda: self.marks(window), what="a picture with its marks")
        harness.until(lambda: self.marks(window)[0] > first, what="a newer picture")

        self.display.press(window, "F1")
        corner = (16, 120, 120, 60)
        harness.until(lambda: brightness(self.display.shot(window, 1280, 720), 1280, corner) < 80, what="the figures")
        self.display.press(window, "F1")
        harness.until(lambda: brightness(self.display.shot(window, 1280, 720), 1280, corner) > 80, what="no figures")

        self.display.press(window, "m")
        self.display.title_becomes(window, "(muted)")
        self.display.press(window, "m")
        harness.until(lambda: "(muted)" not in self.display.tool("getwindowname", window), what="sound")

        self.display.press(window, "F11")
        harness.until(lambda: self.size(window) == SCREEN, what="full screen")
        harness.until(lambda: self.fills(window), what="the picture on the full screen")
        self.display.press(window, "f")
        harness.until(lambda: self.size(window) == (1280, 720), what="a window again")
        self.display.tool("mousemove", "--window", window, 300, 300, "click", "--repeat", 2, "--delay", 60, 1)
        harness.until(lambda: self.size(window) == SCREEN, what="full screen by a double click")

        self.display.press(window, "q")
        self.assertEqual(player.finish(), 0, str(player))

    def size(self, window):
        words = self.display.tool("getwindowgeometry", "--shell", window).split()
        values = dict(word.split("=") for word in words)
        return int(values.get("WIDTH", 0)), int(values.get("HEIGHT", 0))

    def fills(self, window):
        """1280 x 720 on 1600 x 1000: the picture is 900 lines high, between bars of 50."""
        luma = self.display.shot(window, *SCREEN)
        bar, picture = (brightness(luma, SCREEN[0], (0, y, SCREEN[0], 40)) for y in (4, 500))
        return bar < 2 and picture > 60

    def marks(self, window):
        """Number and room time on the screen, or None while they make no sense."""
        number, room_us = harness.marks(self.display.shot(window, 1280, 720), 1280)
        return (number, room_us) if number > 0 and 1600000000 < room_us / 1000000 < 4000000000 else None

    def test_closed_by_the_cross(self):
        edge = self.scene.edge("--open")
        self.publish(edge)
        player = self.play(edge)
        window = self.display.window("screen.flv - live")
        self.display.close(window)
        self.assertEqual(player.finish(), 0, str(player))

    def test_another_shape_keeps_the_aspect(self):
        edge = self.scene.edge("--open")
        self.publish(edge)
        player = self.play(edge)
        window = self.display.window("screen.flv - live")
        harness.until(lambda: self.size(window) == (1280, 720), what="the size")
        self.display.tool("windowsize", "--sync", window, 600, 600)
        harness.until(lambda: self.bars(window), what="black bars above and below")
        self.display.press(window, "Escape")
        self.assertEqual(player.finish(), 0, str(player))

    def bars(self, window):
        luma = self.display.shot(window, 600, 600)
        above, below = (brightness(luma, 600, (0, y, 600, 110)) for y in (0, 490))
        return above < 2 and below < 2 and brightness(luma, 600, (0, 200, 600, 200)) > 60

    def test_waiting_for_the_teacher(self):
        edge = self.scene.edge("--open")
        player = self.play(edge)
        window = self.display.window("waiting for the teacher")
        luma = self.display.shot(window, 960, 540)
        self.assertGreater(max(luma[540 // 2 * 960:(540 // 2 + 1) * 960]), 150)  # a text in the middle
        self.assertEqual(max(luma[:960 * 100]), 0)                               # and nothing else
        publisher = self.publish(edge)
        self.display.title_becomes(window, "live")
        publisher.kill()
        self.display.title_becomes(window, "reconnecting")
        self.assertEqual(player.stop(signal.SIGINT), 0, str(player))

    def test_the_display_goes_away_before(self):
        player = self.scene.run("play", "rtmp://127.0.0.1:9/a/b", "--no-retry", env={"DISPLAY": ":4711"})
        self.assertEqual(player.code, 1, str(player))
        self.assertIn("without a window", player.err_text)

    def test_demo(self):
        demo = self.scene.chalkrail("demo", env=self.display.env)
        slides = self.display.window("Lines and slopes")
        audible, muted = self.display.window("student 1 - live"), self.display.window(r"student 2 - live \(muted\)")
        harness.until(lambda: self.shows_a_slide(audible) and self.shows_a_slide(muted), what="slides at the students")
        self.display.press(slides, "p")
        harness.until(lambda: self.paper(audible) < 60 and self.paper(muted) < 60, what="the card of a pause")
        self.display.press(slides, "p")
        harness.until(lambda: self.paper(audible) > 120 and self.paper(muted) > 120, what="slides again")
        self.display.press(audible, "F1")
        harness.until(lambda: brightness(self.display.shot(audible, 640, 360), 640, (16, 20, 60, 60)) < 120,
                      what="the figures")
        self.display.close(muted)
        harness.until(lambda: "student 2" not in self.display.titles(), what="the end of student 2")
        seen = len(demo.out)
        harness.until(lambda: any("live" in line for line in demo.out[seen:]), what="student 1 to go on")
        self.assertIsNone(demo.handle.poll())
        self.display.close(slides)
        self.assertEqual(demo.finish(), 0, str(demo))
        self.assertFalse(os.path.exists(self.scene.path("chalkrail-demo")))

    def shows_a_slide(self, window):
        luma = self.display.shot(window, 640, 360)
        return brightness(luma, 640, (0, 342, 640, 16)) < 90 and statistics.pstdev(luma[::7]) > 20

    def paper(self, window):
        return brightness(self.display.shot(window, 640, 360), 640, (320, 60, 300, 240))

    def test_demo_with_files(self):
        demo = self.scene.run("demo", "--for", "5", "--json", env=self.display.env, seconds=60)
        self.assertEqual(demo.code, 0, str(demo))
        self.assertEqual(set(self.scene.probe(self.scene.path("chalkrail-demo/student.mp4"))), {"video", "audio"})
        class_media.gray(self.scene.path("chalkrail-demo/student.png"), 1280, 720)


if __name__ == "__main__":
    harness.main()
