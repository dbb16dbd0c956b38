#!/usr/bin/env python3
"""A screen on which nothing changes, without sound: does it stay connected and playing everywhere?

Usage: cli_still.py PROGRAM [TEST...]

`chalkrail publish` sends it to nginx-rtmp and to node-media-server, watched in ffplay, in mpv and in
our player, and through HLS, all at once. Eight seconds of it; CHALKRAIL_LONG=1 makes that twenty minutes, and
has ffplay and mpv at HLS too. Then the screen changes, and each player has to show that.
"""

import json
import os
import re
import socket
import subprocess
import time
import unittest

import harness
from hls_site import Site

LONG = bool(os.environ.get("CHALKRAIL_LONG"))
STILL_S = 1200 if LONG else 8
LOOK_S = 1
SHOWN_S = 60  # until players of every kind show a change; mpv begins HLS far behind the live edge
WIDTH, HEIGHT = 320, 240
DESK = "1280x800"  # of a player, which opens a large window first
SILENT = {"SDL_AUDIODRIVER": "dummy", "SDL_RENDER_DRIVER": "software"}
# nginx-rtmp announces a sound in each segment, whether there is one or not, and mpv waits for it.
NO_SOUND = ("--aid=no",)
BEFORE, AFTER = "#2040c0", "#e0d020"


class Watched:
    """One player, its picture on a display of its own."""

    def __init__(self, scene, name, *argv):
        self.name = name
        self.server, self.display = scene.display(DESK)
        self.player = scene.start(*argv, env={"DISPLAY": self.display, **SILENT})

    def place(self):
        """The middle of its window: players open one where they like."""
        tree = subprocess.run(["xwininfo", "-display", self.display, "-root", "-tree"], capture_output=True, text=True,
                              timeout=20, check=False).stdout
        found = [tuple(map(int, m)) for m in re.findall(r"(\d+)x(\d+)\+-?\d+\+-?\d+  \+(\d+)\+(\d+)", tree)]
        width, height, x, y = max(found, default=(0, 0, 0, 0))
        return x + width // 2, y + height // 2

    def pixel(self):
        x, y = self.place()
        grab = subprocess.run(["import", "-display", self.display, "-window", "root", "-crop", f"1x1+{x}+{y}", "-depth",
                               "8", "rgb:-"], capture_output=True, timeout=20, check=False)
        return tuple(grab.stdout[:3])

    def shows(self, color):
        wanted = tuple(int(color[i:i + 2], 16) for i in (1, 3, 5))
        seen = self.pixel()
        return len(seen) == 3 and all(abs(a - b) < 40 for a, b in zip(wanted, seen))

    def await_color(self, color, seconds):
        try:
            harness.until(lambda: self.shows(color), seconds, f"{self.name}: {color}")
        except AssertionError as late:
            raise AssertionError(f"{late}, it shows {self.pixel()} at {self.place()}: {self.player}") from None

    def must_run(self):
        if self.player.handle.poll() is not None:
            raise AssertionError(f"{self.name} ended by itself: {self.player}")

    def look(self):
        """What it says of itself, where it can."""


class Ffplay(Watched):
    def __init__(self, scene, name, url):
        super().__init__(scene, name, "ffplay", "-v", "error", "-nostats", "-autoexit", "-noborder", "-left", "0", "-top",
                         "0", "-x", WIDTH, "-y", HEIGHT, *harness.HASTE, url)


class Mpv(Watched):
    """Asked through its socket for what stands still."""

    def __init__(self, scene, name, url, *more):
        self.path = scene.path(f"{name}-{len(scene.processes)}.socket")
        super().__init__(scene, name, "mpv", "--no-config", "--really-quiet", "--no-border", "--no-osc", "--vo=x11",
                         f"--geometry={WIDTH}x{HEIGHT}+0+0", f"--input-ipc-server={self.path}", *more, url)
        self.position, self.moved = None, time.monotonic()
        self.longest = 0.0

    def ask(self, what):
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(10)
            s.connect(self.path)
            s.sendall(json.dumps({"command": ["get_property", what]}).encode() + b"\n")
            for line in s.makefile():
                answer = json.loads(line)
                if "error" in answer:
                    return answer.get("data")
        return None

    def look(self):
        position, now = self.ask("time-pos"), time.monotonic()
        if position is not None and position != self.position:
            self.position, self.moved = position, now
        self.longest = max(self.longest, now - self.moved)

    def begin(self):
        self.look()
        self.longest, self.moved = 0.0, time.monotonic()


class Ours(Watched):
    def __init__(self, scene, name, url):
        super().__init__(scene, name, harness.program, "play", url, "--json")


class Still(unittest.TestCase):
    LONGEST_STOP_S = 6.0  # of mpv's clock, on a busy machine

    def setUp(self):
        self.scene = self.enterContext(harness.Scene())
        self.teacher, self.display = self.scene.display(f"{WIDTH}x{HEIGHT}")

    def paint(self, color):
        subprocess.run(["xsetroot", "-display", self.display, "-solid", color], check=True, timeout=20)

    def publish(self, url):
        process = self.scene.chalkrail("publish", url, "--screen", self.display, "--no-cursor", "--mic", "none",
                                       "--json")
        process.wait_for('"state":"live"')
        self.paint(BEFORE)  # now, for a server that its last client leaves forgets what it showed
        return process

    def watch(self, publishers, players):
        """Looks at all of them for the time, then changes the screen."""
        for player in players:
            player.await_color(BEFORE, 90)
        for player in players:
            if isinstance(player, Mpv):
                player.begin()
        end = time.monotonic() + STILL_S
        while time.monotonic() < end:
            time.sleep(LOOK_S)
            for player in players:
                player.must_run()
                player.look()
        for player in players:
            self.assertTrue(player.shows(BEFORE), f"{player.name} shows {player.pixel()}")
            if isinstance(player, Mpv):
                self.assertLess(player.longest, self.LONGEST_STOP_S, f"{player.name} stood still")
        self.paint(AFTER)
        late = time.monotonic() + SHOWN_S
        for player in players:
            player.await_color(AFTER, max(late - time.monotonic(), 1))
        for publisher in publishers:
            self.assertEqual(publisher.objects("stats")[-1]["reconnects"], 0, publisher)

    def end_ours(self, player):
        """Our own tells what it saw."""
        self.assertEqual(player.player.stop(), 0, player.player)
        summary, = player.player.objects("summary")
        self.assertEqual((summary["freezes"], summary["decode_errors"]), (0, 0), player.player)

    def at_nginx(self, folder, site):
        """A publisher and its players."""
        nginx = self.scene.nginx(f"hls on; hls_path {folder}; hls_fragment 2s; hls_playlist_length 20s;")
        publisher, url, playlist = self.publish(nginx.url("still")), nginx.url("still"), site.url("still.m3u8")
        players = [Ours(self.scene, "ours", url), Ffplay(self.scene, "ffplay", url),
                   Mpv(self.scene, "mpv", url, "--profile=low-latency")]
        harness.until(lambda: os.path.exists(os.path.join(folder, "still.m3u8")), 60, "a playlist")
        players.append(Ours(self.scene, "ours-hls", playlist))
        if LONG:  # half a minute until they have looked at it
            players += [Mpv(self.scene, "mpv-hls", playlist, *NO_SOUND), Ffplay(self.scene, "ffplay-hls", playlist)]
        return publisher, players

    def at_node(self):
        server = self.scene.node_media_server(*self.scene.certificate())
        rtmp, flv = f"rtmp://127.0.0.1:{server.rtmp}/live/still", f"http://127.0.0.1:{server.http}/live/still.flv"
        publisher = self.publish(rtmp)
        server.published("/live/still")
        return publisher, [Ours(self.scene, "ours at node", flv), Ffplay(self.scene, "ffplay at node", flv),
                           Mpv(self.scene, "mpv-node", rtmp, "--profile=low-latency")]

    @unittest.skipUnless(os.path.exists(harness.NGINX_RTMP), "needs libnginx-mod-rtmp")
    def test_on_servers_of_others_and_through_hls(self):
        folder = self.scene.path("hls")
        os.mkdir(folder)
        with Site(folder) as site:
            found = [self.at_node(), self.at_nginx(folder, site)]
            players = [player for _, watching in found for player in watching]
            self.watch([publisher for publisher, _ in found], players)
            for player in players:
                if isinstance(player, Ours):
                    self.end_ours(player)


if __name__ == "__main__":
    harness.main()
