#!/usr/bin/env python3
"""`chalkrail publish` against servers that are not there, fall silent, or talk nonsense.

Usage: cli_faults.py PROGRAM [TEST...]
"""

import contextlib
import os
import random
import signal
import socket
import threading
import time
import unittest

import harness

STREAM = "/math/li/screen"


class Listener:
    """Accepts connections on a port of the kernel's and does with each what it is told."""

    def __init__(self, handle):
        self.handle = handle
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen()
        self.url = f"rtmp://127.0.0.1:{self.socket.getsockname()[1]}{STREAM}"
        self.accepted = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.socket.accept()
                self.accepted.append(connection)
                threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection):
        with contextlib.suppress(OSError):
            self.handle(connection)

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        for connection in self.accepted:
            connection.close()
        self.socket.close()


def fall_silent(connection):
    while connection.recv(65536):
        pass


def talk_nonsense(connection):
    connection.recv(1)
    connection.sendall(random.Random(1).randbytes(100000))
    connection.close()


def hang_up(connection):
    connection.recv(1537)
    connection.close()


def cut_short(connection):
    """The handshake, of which one byte is missing."""
    c0c1 = b""
    while len(c0c1) < 1537:
        c0c1 += connection.recv(1537 - len(c0c1))
    connection.sendall(b"\x03" + bytes(1536) + c0c1[1:-1])
    connection.shutdown(socket.SHUT_WR)
    fall_silent(connection)


class Faults(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())

    def fails(self, url, *options, seconds=harness.PATIENCE):
        run = self.scene.run("publish", url, "--synthetic", *options, seconds=seconds)
        self.assertEqual(run.code, 1, run)
        return run.err_text

    def test_a_host_that_is_not_there(self):
        self.assertIn("NAME_UNRESOLVED", self.fails(f"rtmp://nowhere.invalid{STREAM}", "--no-retry"))

    def test_a_closed_port(self):
        port = self.enterContext(harness.silent_port())
        said = self.fails(f"rtmp://127.0.0.1:{port}{STREAM}", "--no-retry")
        self.assertIn("REFUSED", said)
        self.assertIn("is the server running", said)

    def test_it_is_tried_again_until_asked_to_stop(self):
        port = self.enterContext(harness.silent_port())
        process = self.scene.chalkrail("publish", f"rtmp://127.0.0.1:{port}{STREAM}", "--synthetic")
        process.wait_for("^server waiting: .*REFUSED.*trying again in", count=2)
        self.assertEqual(process.stop(), 1, process)
        self.assertIn("REFUSED", process.err_text)

    def test_a_server_that_never_answers(self):
        with Listener(fall_silent) as server:
            said = self.fails(server.url, "--no-retry")
        self.assertIn("TIMEOUT", said)

    def test_nonsense(self):
        for handle in (talk_nonsense, hang_up, cut_short):
            with Listener(handle) as server:
                said = self.fails(server.url, "--no-retry")
            self.assertRegex(said, r"\((PROTOCOL|BAD_DATA|DISCONNECTED|PEER_CLOSED|TIMEOUT)\)", handle.__name__)

    def test_a_plain_server_under_rtmps(self):
        with Listener(talk_nonsense) as server:
            said = self.fails(server.url.replace("rtmp:", "rtmps:"), "--no-retry")
        self.assertIn("(NO_TLS)", said)

    def noise(self):
        """A film of which every second is megabytes, so that what is not read fills all buffers."""
        film = self.scene.path("noise.mp4")
        made = self.scene.start("ffmpeg", "-nostdin", "-v", "error", "-f", "lavfi", "-i",
                                "testsrc2=size=640x360:rate=25:duration=2,noise=alls=100:allf=t", "-c:v", "mpeg4",
                                "-b:v", "20M", film)
        self.assertEqual(made.finish(), 0, made)
        return ["--file", film, "--loop", "--bitrate", "20000", "--hint", "motion", "--json"]

    def stopped_edge(self, *options):
        """A publish to an edge that stands still in the middle of the stream."""
        edge = self.scene.edge("--open")
        process = self.scene.chalkrail("publish", edge.rtmp(STREAM[1:]), *(options or ["--synthetic"]))
        process.wait_for('server live|"state":"live"')
        time.sleep(1)
        edge.process.send(signal.SIGSTOP)
        return edge, process

    def test_a_server_that_stops_reading_is_bounded_and_ends_on_demand(self):
        _, process = self.stopped_edge(*self.noise())
        process.wait_for('"kind":"congestion"')
        time.sleep(4)
        began = time.monotonic()
        process.stop()
        self.assertLess(time.monotonic() - began, 6)
        queued = [line["queue_ms"] for line in process.objects("stats")]
        self.assertGreater(max(queued), 500, queued)
        self.assertLess(max(queued), 6000, queued)
        self.assertGreater(process.objects("summary")[0]["frames_dropped"], 0)

    def test_a_server_that_wakes_up_again(self):
        edge, process = self.stopped_edge()
        time.sleep(3)
        edge.process.send(signal.SIGCONT)
        reader = self.scene.decode(edge.flv(STREAM[1:]), 2)
        self.assertEqual((reader.finish(), reader.err), (0, []), reader)
        self.assertEqual(process.stop(), 0, process)

    def test_a_server_that_dies(self):
        edge = self.scene.edge("--open")
        process = self.scene.chalkrail("publish", edge.rtmp(STREAM[1:]), "--synthetic", "--no-retry")
        process.wait_for("^server live")
        edge.process.send(signal.SIGKILL)
        self.assertEqual(process.finish(), 1, process)
        self.assertRegex(process.err_text, r"\((DISCONNECTED|PEER_CLOSED)\)")

    def test_a_second_signal_ends_it_at_once(self):
        _, process = self.stopped_edge(*self.noise())
        process.wait_for('"kind":"congestion"')
        process.send(signal.SIGINT)
        process.wait_for('"state":"stopping"')  # the first is being answered, which takes two seconds here
        process.send(signal.SIGINT)
        self.assertEqual(process.finish(), -signal.SIGINT)

    def test_a_reader_of_the_output_that_goes_away_ends_it(self):
        edge = self.scene.edge("--open")
        code = self.scene.cut_off('"state":"live"', "publish", edge.rtmp(STREAM[1:]), "--synthetic", "--json")
        self.assertEqual(code, 0)

    def test_no_descriptors_left(self):
        # LeakSanitizer, where it is built in, needs a descriptor of its own at the end.
        sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        for limit in range(4, 14):
            process = self.scene.start("/bin/sh", "-c", f'ulimit -n {limit}; exec "$0" "$@"', harness.program,
                                       "publish", f"rtmp://127.0.0.1:1{STREAM}", "--synthetic", "--no-retry",
                                       env={**harness.NOTHING, "ASAN_OPTIONS": sanitizer})
            self.assertIn(process.finish(), (1, 127), process)  # 127: not even the libraries could be read
            self.assertTrue(process.err_text)


if __name__ == "__main__":
    os.environ.pop("DISPLAY", None)
    harness.main(at_once=2)
