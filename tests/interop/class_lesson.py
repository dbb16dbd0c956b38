#!/usr/bin/env python3
"""A lesson of chalkrail demo on a machine without a display: what it leaves behind, measured by other programs."""

import os
import statistics
import unittest

import class_media
import harness

SKEW_MAX = 0.040


class Lesson(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())

    @harness.realtime
    def test_a_lesson(self):
        out = self.scene.path("some/where")
        demo = self.scene.run("demo", "--headless", "--for", "12", "--json", "--out", out, seconds=60)
        self.assertEqual(demo.code, 0, str(demo))
        summary, = demo.objects("summary")
        self.assertLess(summary["first_picture_ms"], 10000)
        self.check_students(summary["students"], str(demo))
        self.assertGreaterEqual(len(demo.objects("stats")), 20)
        self.check_recording(os.path.join(out, "student.mp4"))
        self.check_snapshot(os.path.join(out, "student.png"))

    def check_students(self, students, text):
        self.assertEqual(len(students), 2, text)
        for student in students:
            self.assertGreater(student["frames_shown"], 50, text)
            self.assertGreater(student["latency"]["count"], 50, text)
            self.calm.at_most(student["latency"]["median_ms"], 1000, 3000, text)
            self.assertIn("H.264", student["media"])
            self.assertIn("AAC", student["media"])
        self.assertGreater(students[0]["skew_stream"]["count"], 5, text)
        self.calm.at_most(abs(students[0]["skew_stream"]["median_ms"]), SKEW_MAX * 1000, 150, text)

    def check_recording(self, path):
        streams = self.scene.probe(path)
        self.assertEqual(streams["video"]["codec_name"], "h264")
        self.assertEqual(streams["audio"]["codec_name"], "aac")
        width, height = streams["video"]["width"], streams["video"]["height"]
        skews = class_media.skews(path, width, height)
        self.assertGreaterEqual(len(skews), 6, skews)
        self.calm.at_most(abs(statistics.median(skews)), SKEW_MAX, 0.150, skews)

    def check_snapshot(self, path):
        pixels = class_media.gray(path, 1280, 720)
        self.assertGreater(statistics.pstdev(pixels[::17]), 20)
        strip = pixels[1280 * 676:1280 * 720]
        self.assertLess(statistics.mean(strip), 80)  # the dark strip with the marks


if __name__ == "__main__":
    harness.main()
