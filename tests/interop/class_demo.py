#!/usr/bin/env python3
"""chalkrail demo on a machine without a display: how it ends, and what it cannot do."""

import os
import pathlib
import signal
import unittest

import harness

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
