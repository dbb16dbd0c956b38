#!/usr/bin/env python3
"""GStreamer as publisher into the edge and as player of it, and `chalkrail play` of what it publishes.

Usage: cli_gst.py PROGRAM [TEST...]
"""

import unittest

import harness

STREAM = "math/li/screen"
PICTURE = ["videotestsrc", "is-live=true", "!", "video/x-raw,width=640,height=360,framerate=25/1", "!", "x264enc",
           "tune=zerolatency", "speed-preset=ultrafast", "key-int-max=25", "!", "h264parse", "!", "mux."]
SOUND = ["audiotestsrc", "is-live=true", "!", "audio/x-raw,rate=48000,channels=2", "!", "voaacenc", "!", "aacparse",
         "!", "mux."]


class Gst(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())
        self.edge = self.scene.edge("--open")

    def gst(self, *argv):
        return self.scene.start("gst-launch-1.0", "-e", *argv)

    def publish(self, sink):
        return self.gst("flvmux", "name=mux", "streamable=true", "!", *sink, *PICTURE, *SOUND)

    def takes(self, *source):
        """GStreamer plays until it has decoded 40 pictures and had 60 frames of sound: nothing else ends it."""
        def sink(count):
            return ["identity", f"eos-after={count}", "!", "fakesink", "async=false"]

        process = self.gst(*source, "!", "flvdemux", "name=d",
                           "d.video", "!", "queue", "!", "h264parse", "!", "openh264dec", "!", *sink(40),
                           "d.audio", "!", "queue", "!", "aacparse", "!", *sink(60))
        self.assertEqual(process.finish(), 0, process)
        process.wait_for("^Got EOS")

    def test_it_publishes_and_we_play(self):
        names = "math/li/screen", "math/li/camera"
        publishers = [self.publish(["rtmp2sink", f"location={self.edge.rtmp(names[0])}"]),
                      self.publish(["rtmpsink", f"location={self.edge.rtmp(names[1])} live=1"])]
        players = [self.scene.chalkrail("play", self.edge.flv(name), "--headless", "--for", "4", "--json")
                   for name in names]
        for player in players:
            self.assertEqual(player.finish(), 0, player)
            summary, = player.objects("summary")
            self.assertGreater(summary["frames_shown"], 40, player)
            self.assertGreater(summary["samples_played"] - summary["samples_concealed"], 48000, player)
            self.assertEqual((summary["decode_errors"], summary["reconnects"]), (0, 0), player)
        for publisher in publishers:
            self.assertEqual(publisher.stop(), 0, publisher)

    def test_it_plays_what_we_publish(self):
        publisher = self.scene.chalkrail("publish", self.edge.rtmp(STREAM), "--synthetic", "--gop", "1")
        publisher.wait_for("^server live")
        for source in (["rtmp2src", f"location={self.edge.rtmp(STREAM)}"],
                       ["rtmpsrc", f"location={self.edge.rtmp(STREAM)} live=1"],
                       ["souphttpsrc", "is-live=true", f"location={self.edge.flv(STREAM)}"]):
            with self.subTest(source[0]):
                self.takes(*source)
        self.assertEqual(publisher.stop(), 0, publisher)


if __name__ == "__main__":
    harness.main()
