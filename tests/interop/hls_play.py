#!/usr/bin/env python3
"""`chalkrail play` of HLS: what ffmpeg and nginx make of it, and what servers do wrong.

Usage: hls_play.py PROGRAM [TEST...]
"""

import os
import pathlib
import re
import time
import unittest

import harness
import hls_site


class Hls(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())
        self.site = self.enterContext(hls_site.Site(self.scene.folder))

    def play(self, name, *options, code=0, seconds=60):
        run = self.scene.run("play", self.site.url(name), "--headless", "--json", *options, seconds=seconds)
        self.assertEqual(run.code, code, run)
        return run

    def played(self, name, *options, pictures, ended="END"):
        """Plays to the end: nothing was lost, nothing stood still."""
        run = self.play(name, *options)
        summary = run.objects("summary")[0]
        self.assertEqual(summary["ended_by"], ended, run)
        self.assertEqual((summary["decode_errors"], summary["reconnects"]), (0, 0), run)
        self.calm.at_most(summary["freezes"], 0, 4, run)
        self.assertEqual(summary["frames_received"], pictures, run)
        self.assertGreater(summary["samples_played"], pictures / 25 * 48000 * 0.8, run)
        self.calm.at_most(summary["samples_concealed"], 24000, 24000 + 48 * 10 * self.calm.worst_ms, run)
        return run


@harness.realtime
class OnDemand(Hls):
    def test_mpeg_ts(self):
        hls_site.make(self.site.folder, "ts", "-hls_flags", "program_date_time")
        run = self.played("ts.m3u8", pictures=100)
        summary = run.objects("summary")[0]
        self.assertAlmostEqual(summary["room_time_ms"] / 1000, time.time(), delta=60)
        self.assertAlmostEqual(summary["seconds"], 4, delta=1.5)
        self.assertIn("H.264 320x180, AAC 48000 Hz", run.out_text)

    def test_fragmented_mp4(self):
        hls_site.make(self.site.folder, "mp4", "-hls_segment_type", "fmp4", seconds=2)
        self.played("mp4.m3u8", pictures=50)
        self.assertEqual(self.site.asked.count("/init.mp4"), 1)

    def test_packed_sound(self):
        """Segments of AAC alone, each with the tag that tells its time, and as old servers send them, without."""
        seconds = 4
        for tagged in (True, False):
            hls_site.make_packed(self.site, "packed", seconds, tagged)
            run = self.play("packed.m3u8")
            summary = run.objects("summary")[0]
            self.assertEqual(summary["ended_by"], "END", run)
            self.assertGreater(summary["samples_played"] - summary["samples_concealed"], (seconds - 1) * 48000, run)
            self.assertEqual(summary["decode_errors"], 0, run)

    def test_encrypted_segments(self):
        """Under a key of each playlist, with an IV of its own and with the segment's number for it."""
        key = os.urandom(16)
        with open(os.path.join(self.site.folder, "key"), "wb") as out:
            out.write(key)
        for name, iv, kind in (("given", os.urandom(16).hex(), "mpegts"), ("counted", "", "mpegts")):
            self.site.write("info", f"key?of={name}\n{self.site.folder}/key\n{iv}\n")
            hls_site.make(self.site.folder, name, "-hls_key_info_file", "info", "-hls_segment_type", kind,
                          "-start_number", "300", seconds=3)
            self.played(f"{name}.m3u8", pictures=75)
        self.assertEqual(self.site.asked.count("/key"), 2)

    def test_byte_ranges(self):
        hls_site.make(self.site.folder, "one", "-hls_flags", "single_file", seconds=2)
        hls_site.make(self.site.folder, "onemp4", "-hls_segment_type", "fmp4", "-hls_flags", "single_file", seconds=2)
        for ranges in (True, False):  # a server without ranges gives everything
            self.site.ranges = ranges
            self.played("one.m3u8", pictures=50)
            self.played("onemp4.m3u8", pictures=50)

    def test_a_discontinuity(self):
        folder = self.site.folder
        hls_site.make(folder, "a", seconds=2)
        hls_site.make(folder, "b", "-output_ts_offset", "5000", seconds=2)
        lists = [re.findall(r"#EXTINF.*\n.*\n", pathlib.Path(folder, f"{n}.m3u8").read_text("ascii")) for n in "ab"]
        self.site.write("both.m3u8", "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n" + "".join(lists[0]) +
                        "#EXT-X-DISCONTINUITY\n" + "".join(lists[1]) + "#EXT-X-ENDLIST\n")
        self.played("both.m3u8", pictures=100)

    def test_a_master_playlist(self):
        folder = self.site.folder
        for name, bits in (("low", "64k"), ("high", "400k")):
            os.mkdir(os.path.join(folder, name))
            hls_site.make(os.path.join(folder, name), "list", "-b:v", bits, seconds=2)
        self.site.write("master.m3u8", "#EXTM3U\n"
                        '#EXT-X-STREAM-INF:BANDWIDTH=9000000,CODECS="hvc1.1.6.L93,mp4a.40.2"\nhevc/list.m3u8\n'
                        '#EXT-X-STREAM-INF:BANDWIDTH=100000,CODECS="avc1.42c00c,mp4a.40.2"\nlow/list.m3u8\n'
                        '#EXT-X-STREAM-INF:BANDWIDTH=500000,CODECS="avc1.42c00c,mp4a.40.2"\nhigh/list.m3u8\n')
        self.played("master.m3u8", pictures=50)
        self.assertTrue([a for a in self.site.asked if a.startswith("/high/")])
        self.assertFalse([a for a in self.site.asked if a.startswith(("/low/", "/hevc/"))])
        # The next one takes the place of a variant that is not there.
        self.site.faults["/high/list.m3u8"] = 404
        self.played("master.m3u8", pictures=50)
        self.assertTrue([a for a in self.site.asked if a.startswith("/low/")])

    def test_a_recording_is_whole(self):
        hls_site.make(self.site.folder, "ts", seconds=3)
        kept = self.scene.path("kept.mp4")
        self.play("ts.m3u8", "--record", kept)
        streams = self.scene.probe(kept, "-count_packets")
        self.assertEqual((streams["video"]["codec_name"], streams["audio"]["codec_name"]), ("h264", "aac"))
        self.assertGreaterEqual(int(streams["video"]["nb_read_packets"]), 74)

    def test_a_redirection_on_the_same_host(self):
        hls_site.make(self.site.folder, "ts", seconds=2)
        self.site.faults["/old/name.m3u8"] = hls_site.redirect("/ts.m3u8")
        self.played("old/name.m3u8", pictures=50)

    def test_a_redirection_to_another_host(self):
        """A playlist and a segment that live elsewhere, as with the networks that deliver films."""
        folder = self.scene.path("elsewhere")
        os.mkdir(folder)
        hls_site.make(folder, "ts", seconds=2)
        there = self.enterContext(hls_site.Site(folder, host="127.0.0.2"))
        self.site.faults["/name.m3u8"] = hls_site.redirect(there.url("ts.m3u8"))
        self.played("name.m3u8", pictures=50)
        self.assertIn("/ts0.ts", there.asked)
        os.rename(os.path.join(folder, "ts.m3u8"), os.path.join(self.site.folder, "ts.m3u8"))
        for i in range(2):
            self.site.faults[f"/ts{i}.ts"] = hls_site.redirect(there.url(f"ts{i}.ts"))
        self.played("ts.m3u8", pictures=50)

    def test_a_server_that_closes_after_each_answer(self):
        hls_site.make(self.site.folder, "ts", seconds=2)
        hls_site.Handler.protocol_version = "HTTP/1.0"
        self.addCleanup(setattr, hls_site.Handler, "protocol_version", "HTTP/1.1")
        self.played("ts.m3u8", pictures=50)

    def test_a_server_that_closes_without_saying_so(self):
        hls_site.make(self.site.folder, "ts", seconds=4)
        self.site.faults.update({f"/ts{i}.ts": hls_site.only_first for i in range(4)})
        self.played("ts.m3u8", pictures=100)
        self.assertGreater(sum(self.site.asked.count(f"/ts{i}.ts") for i in range(4)), 4)


@harness.realtime
class Faults(Hls):
    def fails(self, name, *said, options=("--no-retry",), seconds=40):
        run = self.play(name, *options, code=1, seconds=seconds)
        for words in said:
            self.assertIn(words, run.err_text + run.out_text, run)
        return run

    def test_no_playlist(self):
        self.fails("nothing.m3u8", "NO_STREAM")

    def test_not_allowed(self):
        self.site.faults["/a.m3u8"] = 403
        self.fails("a.m3u8", "DENIED")

    def test_a_broken_playlist(self):
        for text in ("<html>sorry</html>", "#EXTM3U\n", "#EXTM3U\n#EXTINF:2,\na.ts\n", ""):
            self.site.write("broken.m3u8", text)
            self.fails("broken.m3u8", "BAD_DATA")

    def test_other_encryption(self):
        self.site.write("key.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n"
                        '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="key"\n#EXTINF:2,\na.ts\n#EXT-X-ENDLIST\n')
        self.fails("key.m3u8", "UNSUPPORTED", "SAMPLE-AES", options=())

    def test_keys_that_do_not_fit(self):
        folder = self.site.folder
        self.site.write("key", "0123456789abcdef")
        self.site.write("info", f"key\n{folder}/key\n")
        hls_site.make(folder, "ts", "-hls_key_info_file", "info", seconds=3)
        for key, said in (("another key, 16b", "cannot be decrypted"), ("short", "not of 16 bytes"),
                          ("longer than a key is", "too large")):
            self.site.write("key", key)
            self.fails("ts.m3u8", "BAD_DATA" if said != "too large" else "TOO_LARGE", said)
        self.site.faults["/key"] = 403
        self.fails("ts.m3u8", "DENIED")

    def test_another_codec(self):
        hls_site.make(self.site.folder, "mp2", seconds=2, encoding=("-c:v", "mpeg2video", "-g", "25", "-c:a", "aac"))
        self.fails("mp2.m3u8", "CODEC_UNKNOWN", "mpeg2video", options=())

    def test_an_endless_redirection(self):
        self.site.faults["/round.m3u8"] = hls_site.redirect("/round.m3u8")
        self.fails("round.m3u8", "PROTOCOL", "too many redirections")

    def test_a_redirection_to_a_host_that_is_not_there(self):
        self.site.faults["/away.m3u8"] = hls_site.redirect("http://localhost:1/x.m3u8")
        self.fails("away.m3u8", "REFUSED", options=("--no-retry",))

    def test_a_redirection_to_another_protocol(self):
        self.site.faults["/away.m3u8"] = hls_site.redirect(self.site.url("x.m3u8").replace("http:", "https:"))
        self.fails("away.m3u8", "UNSUPPORTED", "another protocol")

    def test_a_server_that_has_no_time(self):
        for status in (429, 503):
            self.site.faults["/a.m3u8"] = status
            self.fails("a.m3u8", "REFUSED")

    def test_a_compressed_answer(self):
        self.site.faults["/a.m3u8"] = hls_site.answer_with(200, b"x", Content_Encoding="gzip")
        self.fails("a.m3u8", "UNSUPPORTED", "compressed")

    def test_ranges_that_are_others(self):
        self.site.write("one.m3u8", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n#EXT-X-BYTERANGE:100@50\none.ts\n"
                        "#EXT-X-ENDLIST\n")
        for place, said in (("49-148/999", "another range"), ("nonsense", "another range"), ("50-59/60", "shorter")):
            self.site.faults["/one.ts"] = hls_site.answer_with(206, b"x" * 10, Content_Range=f"bytes {place}")
            self.fails("one.m3u8", "BAD_DATA", said)

    def test_a_playlist_without_end(self):
        self.site.faults["/a.m3u8"] = hls_site.endless(b"#EXT-X-NOTHING\n")
        self.fails("a.m3u8", "TOO_LARGE", "too large")

    def test_a_server_that_never_answers(self):
        self.site.faults["/a.m3u8"] = hls_site.silent
        self.fails("a.m3u8", "TIMEOUT")

    def test_gone_segments(self):
        hls_site.make(self.site.folder, "ts", seconds=6)
        self.site.faults["/ts2.ts"] = 404
        run = self.play("ts.m3u8")  # one is left out
        self.assertEqual(run.objects("summary")[0]["frames_received"], 125, run)
        for i in range(6):
            self.site.faults[f"/ts{i}.ts"] = 404
        self.fails("ts.m3u8", "NO_STREAM")

    def test_a_segment_cut_short(self):
        hls_site.make(self.site.folder, "ts", seconds=4)
        self.site.faults["/ts1.ts"] = hls_site.cut(0.5)  # by the connection: tried again, then left out
        run = self.play("ts.m3u8")
        self.assertEqual(run.objects("summary")[0]["frames_received"], 75, run)
        self.assertEqual(self.site.asked.count("/ts1.ts"), 3)
        del self.site.faults["/ts1.ts"]
        path = os.path.join(self.site.folder, "ts1.ts")  # in the file: played as far as it goes
        os.truncate(path, os.path.getsize(path) // 2)
        run = self.play("ts.m3u8")
        received = run.objects("summary")[0]["frames_received"]
        self.assertTrue(76 <= received < 100, run)

    def test_segments_of_nonsense(self):
        hls_site.make(self.site.folder, "ts", seconds=4)
        for i in range(4):
            with open(os.path.join(self.site.folder, f"ts{i}.ts"), "wb") as out:
                out.write(os.urandom(5000))
        self.fails("ts.m3u8", "BAD_DATA")


@harness.realtime
@unittest.skipUnless(os.path.exists(harness.NGINX_RTMP), "needs libnginx-mod-rtmp")
class Live(Hls):
    def test_nginx_live_for_ten_seconds(self):
        nginx = hls_site.NginxHls(self.scene)
        publisher = self.scene.start("ffmpeg", "-hide_banner", "-nostdin", "-v", "error", "-re", *hls_site.SOURCE,
                                     *hls_site.ENCODING, "-f", "flv", nginx.url("class"))
        process = self.scene.chalkrail("play", nginx.playlist("class"), "--headless", "--json", "--for", "20")
        process.wait_for(r'"state":"live"', seconds=20)
        self.assertEqual(process.finish(40), 0, process)
        summary = process.objects("summary")[0]
        publisher.kill()
        self.assertEqual(summary["decode_errors"], 0, process)
        self.assertGreater(summary["samples_played"], 10 * 48000, process)
        self.calm.at_most(summary["freezes"], 0, 4, process)
        self.calm.at_most(250 - summary["frames_shown"], 0, 120, process)
        self.calm.at_most(abs(summary["skew_ms"]), 80, 80 + 3 * self.calm.worst_ms, process)

    def test_a_publisher_that_stops_and_comes_back(self):
        nginx = hls_site.NginxHls(self.scene)
        argv = ("ffmpeg", "-hide_banner", "-nostdin", "-v", "error", "-re", *hls_site.SOURCE, *hls_site.ENCODING,
                "-f", "flv", nginx.url("class"))
        publisher = self.scene.start(*argv)
        process = self.scene.chalkrail("play", nginx.playlist("class"), "--headless", "--json")
        process.wait_for('"kind":"first_picture"', seconds=20)
        publisher.kill()
        process.wait_for('"state":"waiting"', seconds=30)
        self.scene.start(*argv)
        process.wait_for('"state":"live"', seconds=30, count=2)
        self.assertEqual(process.stop(), 0, process)


if __name__ == "__main__":
    os.environ.pop("DISPLAY", None)
    harness.main(at_once=2)
