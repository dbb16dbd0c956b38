#!/usr/bin/env python3
"""`chalkrail publish` to nginx-rtmp, a server that is not ours, decoded by ffmpeg.

Usage: cli_nginx.py PROGRAM [TEST...]
"""

import os
import time
import unittest

import harness


@unittest.skipUnless(os.path.exists(harness.NGINX_RTMP), "needs libnginx-mod-rtmp")
class Nginx(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())

    def publish(self, url, *more):
        process = self.scene.chalkrail("publish", url, "--synthetic", *more)
        process.wait_for(r'^server live|"state":"live"')
        return process

    def test_ffmpeg_decodes_without_a_warning(self):
        nginx = self.scene.nginx()
        process = self.publish(nginx.url("class"))
        for _ in range(2):
            reader = self.scene.decode(nginx.url("class"), 4)
            self.assertEqual((reader.finish(), reader.err), (0, []), reader)
        self.assertEqual(process.stop(), 0, process)

    def test_every_encoder(self):
        nginx = self.scene.nginx()
        for encoder in harness.encoders(self.scene):
            process = self.publish(nginx.url(encoder), "--encoder", encoder, "--gop", "1")
            process.wait_for(f"^picture encoder: {encoder}")
            reader = self.scene.decode(nginx.url(encoder), 2)
            self.assertEqual((reader.finish(), reader.err), (0, []), reader)
            self.assertEqual(process.stop(), 0, process)

    def test_the_pictures_arrive_in_order_and_in_time(self):
        nginx = self.scene.nginx()
        process = self.publish(nginx.url("marks"), "--size", "640x360", "--gop", "1", "--json")
        frames = harness.frame_numbers(self.scene, nginx.url("marks"), 640, 360, 30)
        self.assertAlmostEqual(frames[-1][1] / 1e6, time.time(), delta=10)
        self.assertEqual(process.stop(), 0, process)
        summary, = process.objects("summary")
        # A busy machine may keep the encoder from taking one in time; that is counted, and nothing else is lost.
        self.assertLessEqual(harness.missing(frames), summary["frames_skipped"], process)
        began = process.objects("stats")[0]["frames_dropped"]  # before it was live
        self.assertEqual(summary["frames_dropped"], began, process)

    def test_our_player_plays_it(self):
        nginx = self.scene.nginx()
        self.publish(nginx.url("class"), "--gop", "1")
        film = self.scene.path("seen.mp4")
        player = self.scene.run("play", nginx.url("class"), "--headless", "--for", "6", "--json", "--record", film)
        self.assertEqual(player.code, 0, player)
        summary, = player.objects("summary")
        self.assertGreater(summary["frames_shown"], 45)  # of 90, of which the first second is the way to a key frame
        self.assertGreater(summary["samples_played"] - summary["samples_concealed"], 3 * 48000)
        self.assertEqual((summary["decode_errors"], summary["reconnects"]), (0, 0))
        reader = self.scene.decode(film, 10)
        self.assertEqual((reader.finish(), reader.err), (0, []), reader)

    def test_a_server_that_comes_back(self):
        nginx = self.scene.nginx()
        process = self.publish(nginx.url("class"))
        nginx.process.kill()
        process.wait_for("^server waiting")
        again = self.scene.start(*nginx.process.argv)
        process.wait_for("^server live", count=2, seconds=30)
        reader = self.scene.decode(nginx.url("class"), 2)
        self.assertEqual((reader.finish(), reader.err), (0, []), reader)
        self.assertEqual(process.stop(), 0, process)
        again.kill()


if __name__ == "__main__":
    harness.main(at_once=2)
