#!/usr/bin/env python3
"""VP8 and Opus from `chalkrail publish` through the edge: the bytes held against the specification by a reader
of its own, played, recorded, and refused where they cannot go.

Usage: cli_codecs.py PROGRAM [TEST...]
"""

import http.server
import os
import threading
import time
import unittest
import urllib.request

import enhanced_flv as flv
import harness

STREAM = "math/li/screen"
BOTH = ("--video-codec", "vp8", "--audio-codec", "opus")
DATA = os.environ.get("CHALKRAIL_TEST_DATA",
                      os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../shared/data"))


def tag(kind, time_ms, body):
    size = len(body).to_bytes(3, "big")
    when = (time_ms & 0xFFFFFF).to_bytes(3, "big") + bytes([time_ms >> 24])
    return bytes([kind]) + size + when + bytes(3) + body + (11 + len(body)).to_bytes(4, "big")


def parts(film):
    """The tags of an FLV file, as they are."""
    at = 13
    while at < len(film):
        size = 15 + int.from_bytes(film[at + 1:at + 4], "big")
        yield film[at:at + size]
        at += size


class FlvSite(http.server.ThreadingHTTPServer):
    """Serves one FLV file at the pace of its times."""

    daemon_threads = True

    def __init__(self, film):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "video/x-flv")
                self.end_headers()
                self.wfile.write(film[:13])
                began = time.monotonic()
                try:
                    for part in parts(film):
                        due = began + int.from_bytes(part[4:7], "big") / 1000
                        time.sleep(max(due - time.monotonic(), 0))
                        self.wfile.write(part)
                except OSError:
                    pass  # the player has seen enough

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/film.flv"


class Codecs(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())

    def publish(self, url, *more):
        process = self.scene.chalkrail("publish", url, "--synthetic", "--size", "640x360", "--gop", "1", *BOTH, *more)
        process.wait_for(r"^server live")
        return process

    def read(self, url, pictures):
        """The tags of a stream up to so many pictures."""
        seen, found = 0, []
        with urllib.request.urlopen(url, timeout=harness.PATIENCE) as stream:
            for one in flv.tags(stream):
                found.append(one)
                seen += one.kind == flv.VIDEO
                if seen > pictures:
                    return found
        raise AssertionError(f"{seen} pictures, then the stream ended")

    def check_newcomer(self, found):
        """What stands before the first picture, whoever comes when."""
        self.assertEqual([t.kind for t in found[:3]], [flv.SCRIPT, flv.VIDEO, flv.AUDIO])
        meta = flv.metadata(found[0])
        self.assertEqual(meta["videocodecid"], int.from_bytes(b"vp08", "big"))
        self.assertEqual(meta["audiocodecid"], int.from_bytes(b"Opus", "big"))
        self.assertEqual((meta["audiosamplerate"], meta["stereo"]), (48000, True))
        start = flv.video(found[1])
        self.assertEqual((start.fourcc, start.packet, start.key), (b"vp08", flv.SEQUENCE_START, True))
        self.assertIn(flv.vp_record(start.payload), (1, 6))
        start = flv.audio(found[2])
        self.assertEqual((start.fourcc, start.packet), (b"Opus", flv.SEQUENCE_START))
        self.assertEqual(flv.opus_head(start.payload), (2, 312, 48000))

    def check_pictures(self, found):
        """The first is a key frame; all say in the tag what they say themselves. Returns the frames."""
        frames = []
        for one in found[3:]:
            if one.kind == flv.VIDEO:
                head = flv.video(one)
                self.assertEqual((head.fourcc, head.packet), (b"vp08", flv.CODED_FRAMES))
                frame = flv.vp8_frame(head.payload)
                self.assertEqual(frame.key, head.key)
                self.assertTrue(head.key or frames, "it begins within a group")
                if frame.key:
                    self.assertEqual((frame.width, frame.height), (640, 360))
                frames.append((one.time_ms, head.payload))
        times = [when for when, _ in frames]
        self.assertEqual(times, sorted(set(times)))
        return frames

    def check_sound(self, found):
        """Packets follow one another: what one lasts is how far the next one is away."""
        packets = []
        for one in found[3:]:
            if one.kind == flv.AUDIO:
                head = flv.audio(one)
                self.assertEqual((head.fourcc, head.packet), (b"Opus", flv.CODED_FRAMES))
                packets.append((one.time_ms, flv.opus_ms(head.payload)))
        self.assertGreater(len(packets), 20)
        for (when, lasts), (following, _) in zip(packets, packets[1:]):
            self.assertEqual(lasts, 20)
            self.assertLessEqual(abs(following - when - lasts), 1, packets)

    def test_the_bytes_are_those_of_the_specification(self):
        edge = self.scene.edge("--open")
        self.publish(edge.rtmp(STREAM))
        for _ in range(2):  # the second comes into a group that has begun
            found = self.read(edge.flv(STREAM), 30)
            self.check_newcomer(found)
            self.check_sound(found)
            frames = self.check_pictures(found)
        path = self.scene.write("seen.ivf", flv.ivf(frames, 640, 360))
        marks = harness.frame_numbers(self.scene, path, 640, 360, len(frames))  # decoded by ffmpeg
        self.assertEqual(len(marks), len(frames))
        self.assertLess(harness.missing(marks), 10)

    def test_it_is_played(self):
        edge = self.scene.edge("--open")
        self.publish(edge.rtmp(STREAM))
        for url in (edge.rtmp(STREAM), edge.flv(STREAM)):
            picture = self.scene.path("seen.png")
            run = self.scene.run("play", url, "--headless", "--for", "2.5", "--json", "--snapshot", picture)
            self.assertEqual(run.code, 0, run)
            self.assertIn("VP8, Opus", run.out_text)
            summary, = run.objects("summary")
            self.assertGreater(summary["frames_shown"], 10, run)
            self.assertEqual(summary["decode_errors"], 0, run)
            self.assertEqual(summary["room_source"], "data", run)  # VP8 has no place for it
            self.assertTrue(os.path.getsize(picture) > 1000)

    def test_a_player_follows_a_publisher_that_changes_its_codecs(self):
        edge = self.scene.edge("--open")
        first = self.scene.chalkrail("publish", edge.rtmp(STREAM), "--synthetic", "--size", "640x360", "--gop", "1")
        first.wait_for(r"^server live")
        player = self.scene.chalkrail("play", edge.rtmp(STREAM), "--headless", "--json")
        player.wait_for("H.264 640x360, AAC")
        self.assertEqual(first.stop(), 0, first)
        self.publish(edge.rtmp(STREAM))
        player.wait_for("VP8, Opus")
        player.wait_for('"type":"stats"')
        seen = player.objects("stats")[-1]["frames_decoded"]
        harness.until(lambda: player.objects("stats")[-1]["frames_decoded"] > seen + 10, what="pictures of VP8")
        self.assertEqual(player.stop(), 0, player)
        summary, = player.objects("summary")
        self.assertEqual((summary["decode_errors"], summary["reconnects"]), (0, 1), player)

    def test_it_is_recorded_where_the_file_can_hold_it(self):
        edge = self.scene.edge("--open")
        film = self.scene.path("sent.mkv")
        sender = self.publish(edge.rtmp(STREAM), "--record", film)
        seen = self.scene.path("seen.mkv")
        run = self.scene.run("play", edge.rtmp(STREAM), "--headless", "--for", "3", "--record", seen)
        self.assertEqual(run.code, 0, run)
        self.assertEqual(sender.stop(), 0, sender)
        for path in (film, seen):
            streams = self.scene.probe(path)
            self.assertEqual(streams["video"]["codec_name"], "vp8")
            self.assertEqual((streams["video"]["width"], streams["video"]["height"]), (640, 360))
            self.assertEqual(streams["audio"]["codec_name"], "opus")
            reader = self.scene.decode(path, 10)
            self.assertEqual((reader.finish(), reader.err), (0, []), reader)

    def test_opus_is_recorded_as_mp4(self):
        edge = self.scene.edge("--open")
        film = self.scene.path("sent.mp4")
        run = self.scene.run("publish", edge.rtmp(STREAM), "--synthetic", "--for", "3", "--audio-codec", "opus",
                             "--record", film)
        self.assertEqual(run.code, 0, run)
        streams = self.scene.probe(film)
        self.assertEqual((streams["video"]["codec_name"], streams["audio"]["codec_name"]), ("h264", "opus"))
        reader = self.scene.decode(film, 10)
        self.assertEqual((reader.finish(), reader.err), (0, []), reader)

    def test_files_that_cannot_hold_it_are_refused_by_name(self):
        for options, name, says in ((("--video-codec", "vp8"), "a.mp4", "VP8"), (BOTH, "a.flv", "VP8"),
                                    (("--audio-codec", "opus"), "a.flv", "Opus")):
            path = self.scene.path(name)
            run = self.scene.run("publish", "rtmp://127.0.0.1:9/a/b/screen", "--synthetic", *options, "--record", path)
            self.assertEqual(run.code, 1, run)
            self.assertIn(says, run.err_text)
            self.assertIn(".mkv", run.err_text)
            self.assertFalse(os.path.exists(path))

    def test_a_server_that_did_not_announce_it_is_told_goodbye(self):
        nginx = self.scene.nginx()
        for options, says in ((BOTH, "VP8"), (("--audio-codec", "opus"), "Opus")):
            run = self.scene.run("publish", nginx.url("class"), "--synthetic", "--for", "10", *options)
            self.assertEqual(run.code, 1, run)
            self.assertIn("CODEC_UNKNOWN", run.err_text)
            self.assertIn(f"the server does not take {says}", run.err_text)

    def film(self):
        """The film of the authors of Enhanced RTMP, AV1 and Opus; a stand-in where it is not there."""
        path = os.path.join(DATA, "media/ertmp/testsrc.flv")
        if os.path.exists(path):
            with open(path, "rb") as file:
                return file.read()
        head = b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00"
        sounds = b"".join(tag(8, 20 * i, b"\x91Opus\xf8\xff\xfe") for i in range(500))
        return (head + tag(9, 0, b"\x90av01") + tag(9, 0, b"\x90av01\x81\x24\x00\x00")
                + tag(8, 0, b"\x90OpusOpusHead\x01\x01\x38\x01\x80\xbb\x00\x00\x00\x00\x00")
                + tag(8, 0, b"\x94Opus\x01\x01\x00\x00\x00\x04") + tag(9, 7, b"\x91av01\x12\x00") + sounds)

    def test_the_film_of_enhanced_rtmp_is_refused_by_name_and_its_sound_plays(self):
        film = self.film()
        site = FlvSite(film)
        self.addCleanup(site.server_close)
        self.addCleanup(site.shutdown)
        run = self.scene.run("play", site.url(), "--headless", "--for", "8", "--no-retry", "--json")
        self.assertEqual(run.code, 1, run)
        self.assertIn("AV1", run.out_text)
        self.assertIn("CODEC_UNKNOWN", run.out_text)

        sound = film[:13] + b"".join(part for part in parts(film) if part[0] == flv.AUDIO)
        site = FlvSite(sound)
        self.addCleanup(site.server_close)
        self.addCleanup(site.shutdown)
        run = self.scene.run("play", site.url(), "--headless", "--for", "3", "--no-retry", "--json")
        self.assertEqual(run.code, 0, run)
        self.assertIn('"Opus"', run.out_text)
        summary, = run.objects("summary")
        self.assertEqual(summary["decode_errors"], 0, run)


if __name__ == "__main__":
    harness.main()
