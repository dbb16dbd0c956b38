#!/usr/bin/env python3
"""chalkrail play without a window: what it shows, writes and says when things go wrong."""

import os
import signal
import stat
import statistics
import unittest

import class_media
import harness

# A folder of 256 KB in a name space of its own: as root directly, otherwise through a user's.
SMALL_DISK = 'mount -t tmpfs -o size=256k none "$1"; ' \
             'program=$2; folder=$1; copy=$3; shift 3; "$program" "$@"; code=$?; ' \
             'cp "$folder"/* "$copy"; exit $code'


class Play(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())

    def lesson(self, *more):
        """An edge with a synthetic stream; the edge, and the publisher once it is live."""
        edge = self.scene.edge("--open")
        return edge, self.publish(edge, *more)

    def publish(self, edge, *more):
        argv = ("publish", edge.rtmp("math/li/screen"), "--synthetic", "--mic", "synthetic", *more)
        publisher = self.scene.chalkrail(*argv)
        publisher.wait_for("live")
        return publisher

    def play(self, url, *more, env=None, seconds=40.0):
        return self.scene.run("play", url, *more, env=env, seconds=seconds)

    def refused(self, player, code, *words):
        self.assertEqual(player.code, code, str(player))
        for word in words:
            self.assertIn(word, player.err_text, str(player))

    # --- playing

    def test_both_protocols(self):
        edge, _ = self.lesson()
        started = []
        for name, url in (("rtmp", edge.rtmp("math/li/screen")), ("flv", edge.flv("math/li/screen"))):
            picture, film = self.scene.path(f"{name}.png"), self.scene.path(f"{name}.mp4")
            player = self.scene.chalkrail("play", url, "--headless", "--for", "6", "--json", "--snapshot", picture,
                                          "--record", film)
            started.append((url, picture, film, player))
        for url, picture, film, player in started:
            with self.subTest(url=url):
                self.assertEqual(player.finish(40), 0, str(player))
                summary, = player.objects("summary")
                self.assertTrue(summary["ok"])
                self.assertGreater(summary["frames_shown"], 60, str(player))
                self.assertEqual(summary["decode_errors"], 0)
                self.assertGreater(summary["samples_played"], 4 * 48000)
                self.assertGreaterEqual(len(player.objects("stats")), 5)
                number, room_us = harness.marks(class_media.gray(picture, 1280, 720), 1280)
                self.assertGreater(number, 30)
                self.assertGreater(room_us, 1600000000 * 1000000)
                self.check_film(film)

    def check_film(self, film):
        streams = self.scene.probe(film)
        self.assertEqual(streams["video"]["codec_name"], "h264")
        self.assertEqual(streams["audio"]["codec_name"], "aac")
        times = class_media.frame_times(film, "v:0")
        self.assertGreater(len(times), 60)
        self.assertLess(statistics.median(b - a for a, b in zip(times, times[1:])), 0.1)

    def test_other_files(self):
        edge, _ = self.lesson()
        players = {name: self.scene.chalkrail("play", edge.flv("math/li/screen"), "--headless", "--for", "4", "--record",
                                              self.scene.path(name)) for name in ("seen.mkv", "seen.flv")}
        for name, player in players.items():
            with self.subTest(name=name):
                self.assertEqual(player.finish(40), 0, str(player))
                self.assertEqual(set(self.scene.probe(self.scene.path(name))), {"video", "audio"})

    def test_a_line_a_second(self):
        edge, _ = self.lesson()
        player = self.play(edge.flv("math/li/screen"), "--headless", "--for", "4.5")
        self.assertEqual(player.code, 0, str(player))
        lines = [line for line in player.out if "kbit/s" in line]
        self.assertEqual(len(lines), 5, str(player))  # the last one at the end
        self.assertIn("1280x720", lines[-1])

    def test_interrupted(self):
        edge, _ = self.lesson()
        player = self.scene.chalkrail("play", edge.flv("math/li/screen"), "--headless")
        player.wait_for("kbit/s", count=2)
        self.assertEqual(player.stop(signal.SIGINT), 0, str(player))

    def test_without_a_display(self):
        edge, _ = self.lesson()
        player = self.play(edge.flv("math/li/screen"), "--for", "2")
        self.assertEqual(player.code, 0, str(player))
        self.assertIn("no display", player.err_text)
        self.assertIn("without a window", player.err_text)

    def test_the_stream_ends_and_comes_back(self):
        edge, publisher = self.lesson()
        stays = self.scene.chalkrail("play", edge.flv("math/li/screen"), "--headless", "--json")
        leaves = self.scene.chalkrail("play", edge.rtmp("math/li/screen"), "--headless", "--no-retry")
        stays.wait_for('"first_picture"')
        leaves.wait_for("first_picture")
        self.assertEqual(publisher.stop(signal.SIGINT), 0, str(publisher))
        self.assertEqual(leaves.finish(), 0, str(leaves))
        stays.wait_for('"state":"waiting"')
        self.publish(edge)
        stays.wait_for(r'"state":"live".*"reconnects":1')
        self.assertEqual(stays.stop(signal.SIGINT), 0, str(stays))

    # --- what goes wrong

    def test_nobody_there(self):
        edge, _ = self.lesson()
        port = self.enterContext(harness.silent_port())
        rows = (
            (f"rtmp://127.0.0.1:{port}/math/li/screen", "REFUSED"),
            (f"http://127.0.0.1:{port}/math/li/screen.flv", "REFUSED"),
            ("rtmp://nobody.invalid/math/li/screen", "NAME_UNRESOLVED"),
            (edge.rtmp("math/li/camera"), "NO_STREAM"),
            (edge.flv("math/li/camera"), "NO_STREAM"),
        )
        players = [(self.scene.chalkrail("play", url, "--headless", *more), name) for url, name in rows
                   for more in (("--no-retry",), ("--for", "4"))]
        for player, name in players:
            with self.subTest(player=player.argv):
                player.code = player.finish(40)
                self.refused(player, 1, name)

    def test_a_start_that_failed_is_in_the_summary(self):
        url = f"rtmp://127.0.0.1:{self.enterContext(harness.silent_port())}/math/li/screen"
        player = self.play(url, "--headless", "--no-retry", "--json")
        summary, = player.objects("summary")
        told = (summary["state"], summary["cause"], summary["ended_by"], summary["ok"], summary["exit_code"])
        self.assertEqual(told, ("closed", "REFUSED", "REFUSED", False, 1), player)
        player = self.play(url, "--headless", "--json", "--record", "/nowhere/seen.mp4")
        summary, = player.objects("summary")
        self.assertEqual((summary["ok"], summary["exit_code"], summary["cause"]), (False, 1, "IO"), player)

    def test_a_recording_that_cannot_hold_the_codec(self):
        edge, _ = self.lesson("--video-codec", "vp8", "--size", "320x180")
        player = self.play(edge.rtmp("math/li/screen"), "--headless", "--for", "3", "--record",
                           self.scene.path("seen.mp4"))
        self.refused(player, 1, "VP8 takes a name that ends in .mkv", "playing goes on")

    def test_refused_token(self):
        secret = self.scene.write("secret", b"0123456789abcdef0123456789abcdef")
        edge = self.scene.edge("--secret", secret)
        for url in (edge.rtmp("math/li/screen?token=nonsense"), edge.flv("math/li/screen", "?token=nonsense")):
            with self.subTest(url=url):
                player = self.play(url, "--headless", "--no-retry")
                self.refused(player, 1, "DENIED")
                self.assertNotIn("nonsense", player.err_text + player.out_text)

    def test_wrong_usage(self):
        rows = (
            (), ("ftp://host/x",), ("rtmp://host/a/b", "--delay-max", "19"), ("rtmp://host/a/b", "--delay-min", "5001"),
            ("rtmp://host/a/b", "--latency", "soon"), ("rtmp://host/a/b", "--delay-min", "300", "--delay-max", "200"),
            ("rtmp://host/a/b", "--for", "soon"), ("rtmp://host/a/b", "--windowless"),
            ("rtmp://host/a/b", "rtmp://host/a/c"), ("rtmp://host/a/b", "--record", "seen.avi"),
            ("rtmp://host/a/b", "--record", ".mp4"),
        )
        for argv in rows:
            with self.subTest(argv=argv):
                self.assertEqual(self.scene.run("play", *argv).code, 2)

    def test_files_that_cannot_be_written(self):
        edge, _ = self.lesson()
        url = edge.flv("math/li/screen")
        self.refused(self.play(url, "--headless", "--for", "2", "--snapshot", "/dev/full"), 1, "NO_SPACE", "/dev/full")
        self.assertTrue(stat.S_ISCHR(os.stat("/dev/full").st_mode))
        self.refused(self.play(url, "--headless", "--record", "/nowhere/seen.mp4"), 1, "/nowhere/seen.mp4")

    def test_the_disk_fills_up(self):
        """The recording ends with a clear word and stays readable; playing goes on."""
        edge, _ = self.lesson("--bitrate", "1500")
        disk, copy = self.scene.path("disk"), self.scene.path("copy")
        os.mkdir(disk)
        os.mkdir(copy)
        room = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
        player = self.scene.start(*room, "sh", "-c", SMALL_DISK, "sh", disk, harness.program, copy,
                                  "play", edge.flv("math/li/screen"), "--headless", "--for", "12", "--json",
                                  "--record", os.path.join(disk, "seen.mp4"), env={"DISPLAY": ""})
        self.assertEqual(player.finish(60), 1, str(player))
        self.assertIn("NO_SPACE", player.err_text, str(player))
        self.assertIn("playing goes on", player.err_text, str(player))
        summary, = player.objects("summary")
        full, = [o for o in player.objects("event") if o["kind"] == "recording" and o["state"] == "ended"]
        self.assertEqual(full["cause"], "NO_SPACE")
        self.assertGreater(summary["samples_played"], (full["time_s"] + 1) * 48000, str(player))
        self.assertIn("video", self.scene.probe(os.path.join(copy, "seen.mp4")))


if __name__ == "__main__":
    harness.main(at_once=2)
