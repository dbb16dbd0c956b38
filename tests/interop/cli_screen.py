#!/usr/bin/env python3
"""`chalkrail publish` of a display and its windows, on an X server without a screen.

Usage: cli_screen.py PROGRAM [TEST...]
"""

import re
import time
import unittest

import harness

STREAM = "math/li/screen"
SILENT = "--mic=none"


class Screen(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())
        self.server, self.display = self.scene.display()
        self.edge = self.scene.edge("--open")
        self.film = self.window()

    def publish(self, *options, **env):
        process = self.scene.chalkrail("publish", self.edge.rtmp(STREAM), *options, env=env)
        process.wait_for("^server live")
        return process

    def size(self):
        picture = self.scene.probe(self.edge.rtmp(STREAM), *harness.HASTE)["video"]
        return picture["width"], picture["height"]

    def window(self):
        """A film in a window of 320 x 240: of a still desktop FFmpeg would read for half a minute."""
        return self.scene.start("ffplay", "-v", "error", "-window_title", "film", "-x", "320", "-y", "240", "-f",
                                "lavfi", "testsrc2=size=320x240:rate=10", env={"DISPLAY": self.display})

    def window_id(self):
        listed = self.scene.run("devices", "--json", env={"DISPLAY": self.display}).objects("device")
        found = [d["id"] for d in listed if d["kind"] == "window" and "film" in d["name"]]
        return found[0] if found else None

    def test_the_display_is_the_default_picture(self):
        process = self.publish(DISPLAY=self.display)
        self.assertEqual(self.size(), (1280, 720))
        reader = self.scene.decode(self.edge.flv(STREAM), 3, haste=True)
        self.assertEqual((reader.finish(), reader.err), (0, []), reader)
        self.assertEqual(process.stop(), 0, process)

    def test_without_a_microphone_there_is_a_warning_and_silence(self):
        process = self.publish(DISPLAY=self.display, SDL_AUDIODRIVER="none-such")
        self.assertIn("no microphone", process.err_text)
        self.assertEqual(self.scene.probe(self.edge.rtmp(STREAM), *harness.HASTE)["audio"]["codec_name"],
                         "aac")
        self.assertEqual(process.stop(), 0, process)

    def test_a_region(self):
        process = self.publish("--screen", f"{self.display},640x360+100+50", SILENT)
        self.assertEqual(self.size(), (640, 360))
        self.assertEqual(process.stop(), 0, process)

    def test_an_id_names_the_same_device_again(self):
        harness.until(self.window_id, what="the window")
        lists = [self.scene.run("devices", "--json", env={"DISPLAY": self.display}).objects("device")
                 for _ in range(2)]
        names = [{(d["kind"], d["id"]): d["name"] for d in devices} for devices in lists]
        self.assertEqual(names[0], names[1])
        self.assertEqual(len(names[0]), len(lists[0]), lists[0])  # no id twice
        self.assertLessEqual({"screen", "window"}, {kind for kind, _ in names[0]})

    def test_every_listed_screen_can_be_shared(self):
        listed = self.scene.run("devices", "--json", env={"DISPLAY": self.display}).objects("device")
        screens = [d["id"] for d in listed if d["kind"] == "screen"]
        self.assertTrue(screens)
        for screen in screens:
            process = self.publish("--screen", screen, SILENT)
            self.assertEqual(self.size(), (1280, 720), screen)
            self.assertEqual(process.stop(), 0, process)

    def test_a_window_until_it_is_closed(self):
        name = harness.until(self.window_id, what="the window")
        process = self.publish("--window", name, SILENT, DISPLAY=self.display)
        self.assertEqual(self.size(), (320, 240))
        self.film.kill()
        process.wait_for("^source ended")
        self.assertEqual(process.finish(), 0, process)

    def test_a_newcomer_of_a_still_screen(self):
        """Longer than the edge keeps a group of pictures: the newcomer's key frame is asked for, and none
        was made before."""
        self.film.kill()
        process = self.scene.chalkrail("publish", self.edge.rtmp(STREAM), "--screen", self.display, SILENT, "--json")
        process.wait_for('"state":"live"')
        time.sleep(12)
        self.assertLessEqual(process.objects("stats")[-1]["key_frames_encoded"], 3)
        player = self.scene.chalkrail("play", self.edge.rtmp(STREAM), "--json", env={"DISPLAY": self.display})
        took_us = int(player.wait_for(r'"kind":"first_picture".*"value":(\d+)')[1])
        self.assertLess(took_us, 1500000)  # far below on a quiet machine
        self.assertEqual((player.stop(), process.stop()), (0, 0), process)

    def test_a_window_by_its_title_and_a_region(self):
        harness.until(self.window_id, what="the window")
        process = self.publish("--window", "film", SILENT, DISPLAY=self.display)
        self.assertEqual(self.size(), (320, 240))
        self.assertEqual(process.stop(), 0, process)
        process = self.publish("--region", "320x200+480+250", SILENT, DISPLAY=self.display)
        self.assertEqual(self.size(), (320, 200))
        self.assertEqual(process.stop(), 0, process)
        nowhere = self.scene.run("publish", self.edge.rtmp(STREAM), "--window", "no such title",
                                 env={"DISPLAY": self.display})
        self.assertNotEqual(nowhere.code, 0)
        self.assertIn("no window has", nowhere.err_text)

    def test_a_display_that_goes_away(self):
        process = self.publish("--screen", self.display, SILENT)
        self.server.kill()
        process.wait_for("^source lost")
        seen = len(process.out)
        harness.until(lambda: len([l for l in process.out[seen:] if re.match(r"live .* [1-9][0-9.]* fps", l)]) >= 3,
                      what="pictures after the display was lost")
        self.assertEqual(process.stop(), 0, process)


if __name__ == "__main__":
    harness.main(at_once=2)
