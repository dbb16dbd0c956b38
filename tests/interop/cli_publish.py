#!/usr/bin/env python3
"""`chalkrail publish` to `chalkrail edge`, read by ffmpeg; files in and out.

Usage: cli_publish.py PROGRAM [TEST...]
"""

import json
import os
import signal
import time
import unittest
import urllib.request

import harness

SECRET = b"sixteen bytes or more"
STREAM = "math/li/screen"


class Publish(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())

    def publish(self, url, *more):
        process = self.scene.chalkrail("publish", url, *more)
        process.wait_for(r"^server live")
        return process

    def test_ffmpeg_plays_rtmp_and_flv_without_a_warning(self):
        edge = self.scene.edge("--open")
        process = self.publish(edge.rtmp(STREAM), "--synthetic", "--gop", "1")
        for url in (edge.rtmp(STREAM), edge.flv(STREAM)):
            reader = self.scene.decode(url)
            self.assertEqual((reader.finish(), reader.err), (0, []), reader)
            streams = self.scene.probe(url)
            self.assertEqual(streams["video"]["codec_name"], "h264")
            self.assertEqual((streams["video"]["width"], streams["video"]["height"]), (1280, 720))
            self.assertEqual(streams["audio"]["codec_name"], "aac")
            self.assertEqual(streams["audio"]["sample_rate"], "48000")
        process.wait_for(r"^picture encoder: \w+: ", seconds=1)
        self.assertEqual(process.stop(), 0, process)

    def test_no_picture_is_lost_on_the_way(self):
        edge = self.scene.edge("--open")
        process = self.scene.chalkrail("publish", edge.rtmp(STREAM), "--synthetic", "--size", "640x360", "--fps",
                                       "25", "--json")
        process.wait_for('"state":"live"')
        frames = harness.frame_numbers(self.scene, edge.flv(STREAM), 640, 360, 50)
        self.assertAlmostEqual(frames[-1][1] / 1e6, time.time(), delta=10)
        self.assertEqual(process.stop(), 0, process)
        summary, = process.objects("summary")
        # A busy machine may keep the encoder from taking one in time; that is counted, and nothing else is lost.
        self.assertLessEqual(harness.missing(frames), summary["frames_skipped"], process)
        began = process.objects("stats")[0]["frames_dropped"]  # before it was live
        self.assertEqual(summary["frames_dropped"], began, process)

    def test_for_a_time_with_json(self):
        edge = self.scene.edge("--open")
        began = time.monotonic()
        run = self.scene.run("publish", edge.rtmp(STREAM), "--synthetic", "--for", "3.5", "--json")
        self.assertEqual((run.code, run.err), (0, []), run)
        self.assertLess(time.monotonic() - began, 7)
        stats = run.objects("stats")
        self.assertEqual(len(stats), 3)
        for line in stats:
            self.assertLessEqual({"state", "fps", "kbps", "queue_ms", "dropped", "cpu_percent"}, set(line))
        for before, line in zip(stats, stats[1:]):
            seconds = line["interval_s"]
            # The line is written a little after its figures are read, longer after on a busy machine.
            self.assertAlmostEqual(seconds, line["time_s"] - before["time_s"], delta=0.2)
            encoded = line["frames_encoded"] - before["frames_encoded"]
            self.assertAlmostEqual(line["fps"], encoded / seconds, delta=0.1)
            self.assertLessEqual(abs(encoded + line["frames_skipped"] - before["frames_skipped"] - 15 * seconds), 3)
        self.assertEqual(stats[-1]["state"], "live")
        events = [(e["kind"], e["state"]) for e in run.objects("event")]
        self.assertIn(("output", "live"), events)
        self.assertEqual(events[-1], ("output", "closed"))
        summary = run.objects()[-1]
        self.assertEqual((summary["type"], summary["exit_code"], summary["ended_by"]), ("summary", 0, "time"))
        self.assertGreater(summary["frames_sent"], 100)
        self.assertTrue(summary["was_live"])

    def test_signals_end_the_stream_properly(self):
        edge = self.scene.edge("--open")
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.publish(edge.rtmp(STREAM), "--synthetic")
            self.assertEqual(process.stop(number), 0, process)
            process.wait_for("^server closed$", seconds=1)
            harness.until(lambda: self.streams(edge) == [], 5, "the end of the stream")

    def streams(self, edge):
        with urllib.request.urlopen(f"http://127.0.0.1:{edge.http_port}/rooms/math/streams", timeout=10) as answer:
            found = json.load(answer)
        return found["streams"] if isinstance(found, dict) else found

    def test_tokens(self):
        secret = self.scene.write("secret", SECRET)
        edge = self.scene.edge("--secret", secret)
        tokens = {role: self.scene.run("token", "--secret", secret, "--room", "math", "--name", "li", "--role",
                                       role).out[0] for role in ("teacher", "student")}
        for query, says in (("", "DENIED"), ("?token=nonsense", "DENIED"),
                            (f"?token={tokens['student']}", "DENIED")):
            run = self.scene.run("publish", edge.rtmp(STREAM) + query, "--synthetic", "--for", "10")
            self.assertEqual(run.code, 1, run)
            self.assertIn(says, run.err_text)
            self.assertIn("chalkrail token", run.err_text)
            self.assertNotIn(tokens["student"], run.err_text + run.out_text)
        process = self.publish(edge.rtmp(STREAM) + f"?token={tokens['teacher']}", "--synthetic", "--verbose")
        reader = self.scene.decode(edge.flv(STREAM, f"?token={tokens['student']}"))
        self.assertEqual((reader.finish(), reader.err), (0, []), reader)
        self.assertEqual(process.stop(), 0)
        self.assertNotIn(tokens["teacher"], process.err_text + process.out_text)
        self.assertNotIn(tokens["teacher"], edge.process.err_text + edge.process.out_text)

    def test_a_name_that_is_none(self):
        edge = self.scene.edge("--open")
        run = self.scene.run("publish", edge.rtmp("math/li"), "--synthetic", "--no-retry")
        self.assertEqual(run.code, 1, run)
        self.assertIn("must be ROOM/PARTICIPANT/screen", run.err_text)
        self.assertIn("check the URL", run.err_text)
        self.assertNotIn("chalkrail token", run.err_text)

    def test_a_name_that_is_taken(self):
        edge = self.scene.edge("--open")
        self.publish(edge.rtmp(STREAM), "--synthetic")
        run = self.scene.run("publish", edge.rtmp(STREAM), "--synthetic", "--no-retry")
        self.assertEqual(run.code, 1, run)
        self.assertIn("NAME_TAKEN", run.err_text)

    def test_a_file_is_sent_to_its_end_and_recorded(self):
        film = self.film("film.mp4", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=3", "-f", "lavfi",
                         "-i", "sine=frequency=440:duration=3")
        edge = self.scene.edge("--open")
        copy = self.scene.path("copy.mp4")
        run = self.scene.run("publish", edge.rtmp(STREAM), "--file", film, "--record", copy)
        self.assertEqual(run.code, 0, run)
        streams = self.scene.probe(copy, "-count_packets")
        self.assertEqual((streams["video"]["width"], streams["video"]["height"]), (320, 240))
        for kind in ("video", "audio"):
            self.assertAlmostEqual(float(streams[kind]["duration"]), 3, delta=0.35)
        self.assertAlmostEqual(int(streams["video"]["nb_read_packets"]), 75, delta=5)
        reader = self.scene.decode(copy, 10)
        self.assertEqual((reader.finish(), reader.err), (0, []), reader)

    def film(self, name, *options):
        film = self.scene.path(name)
        made = self.scene.start("ffmpeg", "-nostdin", "-v", "error", *options, "-pix_fmt", "yuv420p", film)
        self.assertEqual(made.finish(), 0, made)
        return film

    def test_a_silent_file_and_a_loop(self):
        film = self.film("silent.mp4", "-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=1")
        edge = self.scene.edge("--open")
        run = self.scene.run("publish", edge.rtmp(STREAM), "--file", film, "--loop", "--for", "4", "--json")
        self.assertEqual(run.code, 0, run)
        self.assertIn("has no sound", run.err_text)
        self.assertGreater(run.objects("summary")[0]["frames_encoded"], 75)

    def test_what_cannot_be_opened(self):
        edge = self.scene.edge("--open")
        no_film = self.scene.write("text.mp4", b"not a film at all\n" * 100)
        rows = [
            (["--file", self.scene.path("nowhere.mp4")], "cannot open the file"),
            (["--file", no_film], "cannot open the file"),
            (["--screen", ":77"], "NO_DISPLAY"),
            (["--window", "0x1"], "cannot open the window"),
            ([], "there is no display to share"),
            (["--synthetic", "--mic", "no such microphone"], "cannot open the microphone no such microphone"),
            (["--synthetic", "--encoder", "libh263"], "no H.264 encoder named libh263; it has: auto, software, hard"),
            (["--synthetic", "--encoder", "libh263"], "openh264"),
            (["--synthetic", "--record", self.scene.path("none/a.mp4")], "cannot record"),
        ]
        for options, says in rows:
            run = self.scene.run("publish", edge.rtmp(STREAM), "--for", "5", *options)
            self.assertEqual((run.code, run.out), (1, []), run)
            self.assertIn(says, run.err_text)
        run = self.scene.run("publish", edge.rtmp(STREAM), "--synthetic", "--record", self.scene.path("a.avi"))
        self.assertEqual(run.code, 2, run)
        self.assertIn("a name that ends in .mp4 .mkv or .flv", run.err_text)
        run = self.scene.run("publish", edge.rtmp(STREAM), "--synthetic", "--mic", "no such microphone", "--json")
        summary, = run.objects("summary")
        self.assertEqual((summary["exit_code"], summary["ended_by"], summary["cause"]), (1, "error", "NO_DEVICE"), run)

    def test_a_full_disk_ends_the_recording_alone(self):
        edge = self.scene.edge("--open")
        link = self.scene.path("full.flv")
        os.symlink(harness.full_disk(), link)
        run = self.scene.run("publish", edge.rtmp(STREAM), "--synthetic", "--record", link, "--for", "6")
        self.assertEqual(run.code, 1, run)
        self.assertIn("NO_SPACE", run.err_text)


if __name__ == "__main__":
    harness.main(at_once=2)
