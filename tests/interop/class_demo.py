#!/usr/bin/env python3
"""chalkrail demo on a machine without a display: what it leaves behind, measured by other programs."""

import os
import pathlib
import signal
import statistics
import unittest

import class_media
import harness

SKEW_MAX = 0.040
# A folder of 160 KB in a name space of its own: as root directly, otherwise through a user's.
SMALL_DISK = 'mount -t tmpfs -o size=160k none "$1" && exec "$2" demo --headless --for 10 --out "$1"'


def servers_of(process):
    """Process ids of the Xvfb that a program has started."""
    children = pathlib.Path(f"/proc/{process.handle.pid}/task/{process.handle.pid}/children")
    ids = children.read_text(encoding="ascii").split()
    return [i for i in ids if "Xvfb" in pathlib.Path(f"/proc/{i}/comm").read_text(encoding="ascii")]


def is_running(pid):
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


class Demo(unittest.TestCase):
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

    def test_the_whole_screen(self):
        demo = self.scene.run("demo", "--headless", "--screen", "--for", "4", "--json", seconds=60)
        self.assertEqual(demo.code, 0, str(demo))
        summary, = demo.objects("summary")
        self.assertEqual((summary["width"], summary["height"]), (1280, 720))
        self.assertGreater(summary["students"][0]["latency"]["count"], 10, str(demo))
        self.assertTrue(os.path.exists(self.scene.path("chalkrail-demo/student.png")))

    def test_ctrl_c(self):
        demo = self.scene.chalkrail("demo", "--for", "60")
        demo.wait_for(r"^ +2 s ")
        servers = servers_of(demo)
        self.assertEqual(len(servers), 1, str(demo))
        self.assertEqual(demo.stop(signal.SIGINT), 0, str(demo))
        self.assertFalse(is_running(servers[0]))
        self.assertIn("The lesson:", demo.out_text)

    def test_ctrl_c_at_once(self):
        demo = self.scene.chalkrail("demo", "--for", "60")
        demo.wait_for(r"virtual one")
        self.assertEqual(demo.stop(signal.SIGINT), 0, str(demo))

    def test_killed(self):
        demo = self.scene.chalkrail("demo", "--for", "60")
        demo.wait_for(r"^ +1 s ")
        servers = servers_of(demo)
        demo.kill()
        harness.until(lambda: not is_running(servers[0]), what="the end of Xvfb")

    def test_no_xvfb(self):
        demo = self.scene.run("demo", env={"PATH": self.scene.folder})
        self.assertEqual(demo.code, 1, str(demo))
        self.assertIn("install xvfb", demo.err_text)

    def test_no_place_for_files(self):
        demo = self.scene.run("demo", "--headless", "--out", "/proc/lesson")
        self.assertEqual(demo.code, 1, str(demo))
        self.assertIn("/proc/lesson", demo.err_text)

    def test_the_disk_fills_up(self):
        disk = self.scene.path("disk")
        os.mkdir(disk)
        room = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-rm"]
        demo = self.scene.start(*room, "sh", "-c", SMALL_DISK, "sh", disk, harness.program, env=harness.NOTHING)
        self.assertEqual(demo.finish(60), 1, str(demo))
        self.assertRegex(demo.err_text, r"the recording ended: .*NO_SPACE")

    def test_no_microphone(self):
        demo = self.scene.run("demo", "--headless", "--mic", "--for", "3", env={"SDL_AUDIODRIVER": "none"})
        self.assertEqual(demo.code, 1, str(demo))
        self.assertIn("the microphone", demo.err_text)
        self.assertIn("NO_DEVICE", demo.err_text)


if __name__ == "__main__":
    harness.main()
