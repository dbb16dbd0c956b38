#!/usr/bin/env python3
"""`chalkrail` and a camera of the kernel's (vivid), inside the virtual machine that camera.py starts.

Usage: camera_guest.py PROGRAM MODULES OUT     (MODULES: files to load, in order, vivid last)
"""

import os
import pathlib
import re
import stat
import subprocess
import sys
import unittest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "interop"))
import harness  # noqa: E402

harness.PATIENCE = 60.0  # an emulated machine
PROGRAM, MODULES, OUT = sys.argv[1:4]
NODE = pathlib.Path("/dev/video0")
DRIVER = pathlib.Path("/sys/bus/platform/drivers/vivid")
ID = "v4l2:platform:vivid-000:vivid"
NOBODY = 65534
SLOW = ("--size", "640x360", "--fps", "10", "--mic", "none")


def tell(text):
    os.write(1, f"\nvm: {text}\n".encode())


def load():
    for module in pathlib.Path(MODULES).read_text().split():
        options = ["n_devs=1", "node_types=0x1"] if "vivid" in module else []
        subprocess.run(["busybox", "insmod", module, *options], check=True)
    harness.until(NODE.exists, what="the camera")


def unload():
    for module in reversed(pathlib.Path(MODULES).read_text().split()):
        subprocess.run(["busybox", "rmmod", module], stderr=subprocess.DEVNULL, check=False)
    harness.until(lambda: not NODE.exists(), what="the end of the camera")


def plug():
    (DRIVER / "bind").write_text("vivid.0")
    harness.until(NODE.exists, what="the camera")


def unplug():
    (DRIVER / "unbind").write_text("vivid.0")


class Camera(unittest.TestCase):
    def setUp(self):
        tell(self._testMethodName.removeprefix("test_").lstrip("0_").replace("_", " "))
        self.scene = self.enterContext(harness.Scene())

    def cameras(self):
        listed = self.scene.run("devices", "--json", seconds=60).objects("device")
        return [d for d in listed if d["kind"] == "camera"]

    def publish(self, *options):
        edge = self.scene.edge("--open")
        process = self.scene.chalkrail("publish", edge.rtmp("math/li/camera"), "--camera", *SLOW, *options)
        process.wait_for("^server live", seconds=60)
        return process

    def moving(self, process, seconds=60):
        """Waits for a line of figures with pictures behind the last one that is there."""
        seen = len(process.out)
        harness.until(lambda: [l for l in process.out[seen:] if re.match(r"live .* [1-9][0-9.]* fps", l)],
                      seconds, what=f"pictures of {process}")

    def test_0_it_is_listed_and_keeps_its_id(self):  # first: a driver that was unbound cannot be unloaded
        camera, = self.cameras()
        self.assertEqual((camera["id"], camera["name"], camera["default"]), (ID, "vivid", True))
        modes = {(m["format"], m["width"], m["height"]) for m in camera["modes"]}
        self.assertLessEqual({("yuyv", 640, 360), ("yuyv", 1280, 720), ("nv12", 640, 360), ("i420", 640, 360)},
                             modes)
        self.assertTrue(all(m["fps"] > 0 for m in camera["modes"]), camera["modes"])
        unload()
        self.assertEqual(self.cameras(), [])
        load()
        self.assertEqual([c["id"] for c in self.cameras()], [ID])

    def test_whoever_watches_is_told(self):
        process = self.scene.chalkrail("devices", "--watch", "--json")
        for number, change, cameras in ((1, None, 1), (2, unplug, 1), (3, plug, 2)):
            if change is not None:
                change()
                process.wait_for('"kind":"devices"', count=number - 1)
            process.wait_for('"summary"', seconds=60, count=number)
            self.assertEqual(process.out_text.count('"kind":"camera"'), cameras, process)
        self.assertEqual(process.stop(), 0, process)

    def test_its_pictures_are_published(self):
        process = self.publish("--for", "8s", "--record", f"{OUT}/camera.mp4")
        self.assertEqual(process.finish(60), 0, process)

    def test_the_recording_of_it_is_still_true(self):
        """What CI replays as this camera is what this camera answers."""
        record = subprocess.run([sys.executable, TESTS / "tools/camera_record.py", NODE], capture_output=True,
                                text=True, timeout=60, check=True).stdout
        pathlib.Path(OUT, "vivid.txt").write_text(record)
        kept = (TESTS / "support/cameras/vivid.txt").read_text().splitlines(keepends=True)
        self.assertEqual(record, "".join(line for line in kept if not line.startswith("#")))

    def test_it_is_unplugged_and_plugged_in(self):
        process = self.publish()
        self.moving(process)
        unplug()
        process.wait_for("^source lost.*not plugged in")
        plug()
        process.wait_for("^source running.*back", seconds=60)
        self.moving(process)
        self.assertNotIn("failed", process.err_text)  # of encoders, say
        self.assertEqual(process.stop(seconds=60), 0, process)

    def test_another_program_has_it(self):
        holder = self.publish()
        late = self.scene.run("publish", "rtmp://127.0.0.1:1/a/b", "--camera", ID, *SLOW, seconds=60)
        self.assertEqual(late.code, 1, late)
        self.assertIn("DEVICE_BUSY", late.err_text)
        self.assertIn(f"chalkrail, process {holder.handle.pid}", late.err_text)
        self.assertEqual(holder.stop(seconds=60), 0, holder)

    def test_a_user_without_the_right(self):
        mode = stat.S_IMODE(NODE.stat().st_mode)
        NODE.chmod(0o600)
        try:
            asked = subprocess.run([PROGRAM, "devices"], user=NOBODY, env={**os.environ, **harness.NOTHING},
                                   capture_output=True, text=True, timeout=60, check=False)
        finally:
            NODE.chmod(mode)
        self.assertEqual(asked.returncode, 0, asked)
        self.assertIn("usermod -aG video", asked.stderr)


if __name__ == "__main__":
    harness.program = PROGRAM
    tell("the kernel is up; loading vivid")
    load()
    unittest.main(argv=sys.argv[:1], verbosity=2)
