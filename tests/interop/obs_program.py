#!/usr/bin/env python3
"""OBS Studio itself, on a virtual display, publishes into the edge; `chalkrail play` plays it. On demand: ./x test obs

Usage: obs_program.py PROGRAM [TEST...]
"""

import json
import os
import unittest

import cli_obs
import harness

GLOBAL = """[General]
FirstRun=true
EnableAutoUpdates=false
[Basic]
Profile=Test
ProfileDir=Test
SceneCollection=Test
SceneCollectionFile=Test
"""
PROFILE = """[General]
Name=Test
[Output]
Mode=Simple
[SimpleOutput]
VBitrate=500
StreamEncoder=x264
Preset=ultrafast
[Video]
BaseCX=640
BaseCY=360
OutputCX=640
OutputCY=360
FPSCommon=30
[Audio]
SampleRate=48000
ChannelSetup=Stereo
"""
SCENE = {
    "name": "Test", "current_scene": "Scene", "current_program_scene": "Scene", "scene_order": [{"name": "Scene"}],
    "sources": [
        {"id": "color_source", "versioned_id": "color_source_v3", "name": "Color",
         "settings": {"color": 4291559424, "width": 640, "height": 360}},
        {"id": "scene", "name": "Scene", "settings": {"id_counter": 1,
                                                      "items": [{"name": "Color", "id": 1, "visible": True}]}}]}


class Obs(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())

    def obs(self, server, key):
        """OBS with a profile of its own, streaming to the server from its start."""
        home = self.scene.path("obs")
        profile = os.path.join(home, "obs-studio/basic/profiles/Test")
        scenes = os.path.join(home, "obs-studio/basic/scenes")
        os.makedirs(profile)
        os.makedirs(scenes)
        service = {"type": "rtmp_custom", "settings": {"server": server, "key": key, "use_auth": False, "bwtest": False}}
        for path, text in ((os.path.join(home, "obs-studio/global.ini"), GLOBAL),
                           (os.path.join(profile, "basic.ini"), PROFILE),
                           (os.path.join(profile, "service.json"), json.dumps(service)),
                           (os.path.join(scenes, "Test.json"), json.dumps(SCENE))):
            with open(path, "w", encoding="utf-8") as out:
                out.write(text)
        _, display = self.scene.display()
        return self.scene.start("obs", "--multi", "--startstreaming", "--profile", "Test", "--collection", "Test",
                                env={**harness.NOTHING, "HOME": home, "XDG_CONFIG_HOME": home, "DISPLAY": display,
                                     "QT_QPA_PLATFORM": "xcb", "LIBGL_ALWAYS_SOFTWARE": "1"})

    def test_server_and_key(self):
        edge = self.scene.edge("--secret", self.scene.write("secret", cli_obs.SECRET))
        may = cli_obs.token(room="maths", name="ada", role="teacher")
        see = "?token=" + cli_obs.token(room="maths", name="bob", role="student")
        obs = self.obs(f"rtmp://127.0.0.1:{edge.rtmp_port}/maths", f"ada/screen?token={may}")
        for url in (edge.flv("maths/ada/screen", see), edge.rtmp("maths/ada/screen" + see)):
            player = self.scene.run("play", url, "--headless", "--for", "10", "--json", seconds=40)
            self.assertEqual(player.code, 0, f"{player}\n{obs}")
            summary, = player.objects("summary")
            self.assertGreater(summary["frames_shown"], 60, player)
            self.assertGreater(summary["samples_played"] - summary["samples_concealed"], 3 * 48000, player)
            self.assertEqual(summary["decode_errors"], 0, player)


if __name__ == "__main__":
    harness.main()
