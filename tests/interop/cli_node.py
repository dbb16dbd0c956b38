#!/usr/bin/env python3
"""`chalkrail` and node-media-server: publishing by RTMP and RTMPS, playing by RTMP, RTMPS, HTTP- and HTTPS-FLV.

Usage: cli_node.py PROGRAM [TEST...]
"""

import unittest

import harness


class Node(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())
        certificate, key = self.scene.certificate()
        self.trust = {"SSL_CERT_FILE": certificate}
        self.server = self.scene.node_media_server(certificate, key)

    def publish(self, url, *more):
        process = self.scene.chalkrail("publish", url, "--synthetic", "--size", "640x360", "--gop", "1", *more,
                                       env=self.trust)
        process.wait_for("^server live")
        return process

    def play(self, url):
        return self.scene.chalkrail("play", url, "--headless", "--for", "3", "--json", env=self.trust)

    def played(self, player):
        self.assertEqual(player.finish(), 0, player)
        summary, = player.objects("summary")
        self.assertGreater(summary["frames_shown"], 20, player)
        self.assertGreater(summary["samples_played"] - summary["samples_concealed"], 48000, player)
        self.assertEqual((summary["decode_errors"], summary["reconnects"]), (0, 0), player)

    def test_every_way_in_and_out(self):
        publishers = [self.publish(f"rtmp://127.0.0.1:{self.server.rtmp}/live/plain"),
                      self.publish(f"rtmps://localhost:{self.server.rtmps}/live/secret")]
        for name in ("plain", "secret"):
            self.server.published(f"/live/{name}")
        players = [self.play(f"rtmp://127.0.0.1:{self.server.rtmp}/live/secret"),
                   self.play(f"rtmps://localhost:{self.server.rtmps}/live/plain"),
                   self.play(f"http://127.0.0.1:{self.server.http}/live/secret.flv"),
                   self.play(f"https://localhost:{self.server.https}/live/plain.flv")]
        for player in players:
            self.played(player)
        for publisher in publishers:
            self.assertEqual(publisher.stop(), 0, publisher)

    def test_ffmpeg_decodes_what_it_relays(self):
        publisher = self.publish(f"rtmp://127.0.0.1:{self.server.rtmp}/live/class")
        for url in (f"rtmp://127.0.0.1:{self.server.rtmp}/live/class",
                    f"http://127.0.0.1:{self.server.http}/live/class.flv"):
            reader = self.scene.decode(url, 2)
            self.assertEqual((reader.finish(), reader.err), (0, []), reader)
        self.assertEqual(publisher.stop(), 0, publisher)


if __name__ == "__main__":
    harness.main()
