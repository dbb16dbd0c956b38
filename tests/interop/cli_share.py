#!/usr/bin/env python3
"""`chalkrail publish` of real windows and a display that change under it: what the teacher is told, what viewers see.

Usage: cli_share.py PROGRAM [TEST...]

Windows of ffplay, managed by openbox and driven by xdotool, on an X server without a screen; a terminal of script(1).
"""

import os
import shlex
import signal
import subprocess
import time
import unittest

import harness

STREAM = "math/li/screen"
WIDE, HIGH = 800, 600
RED, GREEN, CARD = (220, 0, 0), (0, 255, 0), (28, 28, 28)


class Share(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())
        self.server, self.display = self.scene.display(f"{WIDE}x{HIGH}")
        self.env = {"DISPLAY": self.display}
        self.edge = self.scene.edge("--open")

    def publish(self, *options):
        process = self.scene.chalkrail("publish", self.edge.rtmp(STREAM), "--mic=none", "--no-cursor", "--json", *options,
                                       env=self.env)
        process.wait_for('"subject":"server".*"state":"live"')
        return process

    def window(self, name, color, *place):
        """A film of one colour: it is drawn again and again."""
        self.scene.start("ffplay", "-v", "error", "-window_title", name, *place, "-f", "lavfi",
                         f"color={color}:size=320x240:rate=10", env=self.env)
        return harness.until(lambda: self.xdotool("search", "--onlyvisible", "--name", f"^{name}$"), what=name)

    def xdotool(self, *argv):
        done = subprocess.run(["xdotool", *map(str, argv)], capture_output=True, text=True, timeout=20, check=False,
                              env={**os.environ, **self.env})
        return done.stdout.strip()

    def manage(self):
        manager = self.scene.start("openbox", "--sm-disable", env=self.env)
        harness.until(lambda: "window id" in self.run_x("xprop", "-root", "_NET_SUPPORTING_WM_CHECK"), what=str(manager))

    def run_x(self, *argv):
        return subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False,
                              env={**os.environ, **self.env}).stdout

    def seen(self):
        """The colour near a corner of what a viewer who joins now sees."""
        picture = self.scene.path("seen.png")
        player = self.scene.run("play", self.edge.rtmp(STREAM), "--headless", "--for", "0.4", "--snapshot", picture)
        self.assertEqual(player.code, 0, player)
        grab = subprocess.run(["convert", picture, "-scale", "16x16!", "-depth", "8", "rgb:-"], capture_output=True,
                              timeout=20, check=True).stdout
        at = 3 * (16 * 3 + 3)
        return tuple(grab[at:at + 3])

    def shows(self, color):
        end, seen = time.monotonic() + 30, self.seen()
        while any(abs(a - b) > 40 for a, b in zip(seen, color)):
            self.assertLess(time.monotonic(), end, f"a picture of {color}, not {seen}")
            seen = self.seen()

    def told(self, process, state):
        """Waits for that event of the source."""
        process.wait_for(rf'"subject":"source".*"state":"{state}"')

    def never(self, process, *states):
        events = [e.get("state") for e in process.objects("event") if e.get("subject") == "source"]
        self.assertFalse(set(states) & set(events), events)

    def test_a_window_is_followed_until_it_is_closed(self):
        self.manage()
        film = self.window("film", "red", "-left", "100", "-top", "100")
        process = self.publish("--window", "film")
        self.shows(RED)
        self.xdotool("windowmove", film, 400, 260)
        self.shows(RED)
        cover = self.window("cover", "green", "-x", WIDE, "-y", HIGH, "-left", "0", "-top", "0", "-noborder")
        self.xdotool("windowraise", cover)
        self.shows(RED)
        self.never(process, "lost", "hidden", "resized", "ended")
        self.xdotool("windowsize", film, 400, 300)
        self.told(process, "resized")
        self.xdotool("windowminimize", film)
        self.told(process, "hidden")
        self.shows(CARD)
        self.xdotool("windowmap", film)
        self.told(process, "running")
        self.shows(RED)
        self.xdotool("windowclose", film)
        self.told(process, "ended")
        self.assertEqual(process.finish(), 0, process)
        self.never(process, "lost")

    def test_another_resolution_and_a_display_that_dies(self):
        number = str(50 + os.getpid() % 1000 * 2)
        self.server.kill()
        argv = ["Xvfb", ":" + number, "-screen", "0", f"{WIDE}x{HIGH}x24", "-nolisten", "tcp", "-noreset"]
        self.server = self.start_server(argv, number)
        self.run_x("xsetroot", "-solid", "red")
        process = self.publish("--screen", self.display)
        self.shows(RED)
        self.run_x("xrandr", "--newmode", "small", *"10 320 336 352 400 240 245 250 262".split())
        self.run_x("xrandr", "--addmode", "screen", "small")
        self.run_x("xrandr", "--output", "screen", "--mode", "small")
        self.told(process, "resized")
        self.shows(RED)
        rounds = 20 if os.environ.get("CHALKRAIL_LONG") else 2
        files = []
        for count in range(1, rounds + 1):
            self.server.kill()
            process.wait_for('"subject":"source".*"state":"lost".*NO_DISPLAY', count=count)
            self.shows(RED)
            self.server = self.start_server(argv, number)
            process.wait_for('"subject":"source".*"state":"running"', count=count)
            self.run_x("xsetroot", "-solid", "green")
            self.shows(GREEN)
            self.run_x("xsetroot", "-solid", "red")
            self.shows(RED)
            files.append(len(os.listdir(f"/proc/{process.handle.pid}/fd")))
        self.assertEqual(files[-1], files[0])
        self.assertEqual(process.stop(), 0, process)

    def start_server(self, argv, number):
        self.display = ":" + number
        self.env = {"DISPLAY": self.display}
        server = self.scene.start(*argv)
        harness.until(lambda: self.run_x("xdpyinfo") != "", what="the X server")
        return server

    def test_a_pause_is_seen_and_over(self):
        self.window("film", "red", "-x", WIDE, "-y", HIGH, "-left", "0", "-top", "0", "-noborder")
        process = self.publish("--screen", self.display)
        self.shows(RED)
        process.send(signal.SIGUSR1)
        self.told(process, "paused")
        self.shows(CARD)
        process.send(signal.SIGUSR1)
        self.told(process, "resumed")
        self.shows(RED)
        self.assertEqual(process.stop(), 0, process)

    def test_a_line_on_a_terminal_pauses(self):
        self.window("film", "red", "-x", WIDE, "-y", HIGH, "-left", "0", "-top", "0", "-noborder")
        # exec: a shell that stayed between the terminal and the program would make the exit code its own.
        command = "exec " + shlex.join([harness.program, "publish", self.edge.rtmp(STREAM), "--mic=none", "--no-cursor",
                                        "--json", "--screen", self.display])
        terminal = self.scene.start("script", "-qec", command, "/dev/null", env={**harness.NOTHING, **self.env}, talks=True)
        terminal.wait_for('"subject":"server".*"state":"live"')
        self.shows(RED)
        terminal.say("p")
        self.told(terminal, "paused")
        self.shows(CARD)
        terminal.say("what is this", "p")
        self.told(terminal, "resumed")
        self.shows(RED)
        terminal.say("\x03")  # Ctrl-C
        self.assertEqual(terminal.finish(), 0, terminal)

    def test_a_mirror_is_told_once(self):
        process = self.publish("--screen", self.display)
        time.sleep(1.5)
        self.never(process, "mirrored")
        for _ in range(2):
            player = self.scene.chalkrail("play", self.edge.rtmp(STREAM), "--json", env=self.env)
            player.wait_for('"kind":"first_picture"')
            self.told(process, "mirrored")
            self.assertEqual(player.stop(), 0, player)
        self.assertEqual(process.stop(), 0, process)
        events = [e for e in process.objects("event") if e.get("state") == "mirrored"]
        self.assertEqual(len(events), 1, events)


if __name__ == "__main__":
    harness.main()
