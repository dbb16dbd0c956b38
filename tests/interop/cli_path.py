#!/usr/bin/env python3
"""RTMP over a path that splits, merges and delays what it carries, or cuts it off: publishing and playing.

Usage: cli_path.py PROGRAM [TEST...]        CHALKRAIL_SEED=S repeats one seed of the mixed path
"""

import contextlib
import os
import random
import select
import socket
import threading
import time
import unittest

import harness

STREAM = "math/li/screen"
HANDSHAKE = 3073  # bytes of each direction


class Path:
    """A port before an edge. `shape(rng, source, data)` gives (piece, pause in seconds) of what came."""

    def __init__(self, port, shape=None, seed=1, cuts=()):
        self.target, self.shape, self.seed = port, shape or whole, seed
        self.cuts = list(cuts)  # of the first connections: (carried to the server, to the client) before the end
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                inside, _ = self.listener.accept()
                limits = self.cuts.pop(0) if self.cuts else (None, None)
                threading.Thread(target=self._one, args=(inside, limits), daemon=True).start()

    def _one(self, inside, limits):
        with contextlib.suppress(OSError), inside, socket.create_connection(("127.0.0.1", self.target)) as outside:
            for end in (inside, outside):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            back = threading.Thread(target=self._carry, args=(outside, inside, limits[1], self.seed * 2), daemon=True)
            back.start()
            self._carry(inside, outside, limits[0], self.seed * 2 + 1)
            back.join()

    def _carry(self, source, target, limit, seed):
        """Up to `limit` bytes, or all there are; then both directions end."""
        rng = random.Random(seed)
        with contextlib.suppress(OSError):
            while limit != 0 and (data := source.recv(65536)):
                if limit is not None:
                    data = data[:limit]
                    limit -= len(data)
                for piece, pause in self.shape(rng, source, data):
                    target.sendall(piece)
                    if pause > 0:
                        time.sleep(pause)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def url(self):
        return f"rtmp://127.0.0.1:{self.port}/{STREAM}"

    def close(self):
        self.listener.close()


def whole(_, __, data):
    yield data, 0


def single_bytes(_, __, data):
    for at in range(len(data)):
        yield data[at:at + 1], 0


def waiting(source, seconds):
    """What else comes within that time, as one piece."""
    end, more = time.monotonic() + seconds, b""
    while (left := end - time.monotonic()) > 0 and select.select([source], [], [], left)[0]:
        part = source.recv(65536)
        if not part:
            break
        more += part
    return more


def merged(rng, source, data):
    yield data + waiting(source, rng.uniform(0.02, 0.15)), 0


def mixed(rng, source, data):
    """Any of it by turns, with pauses; a sixth of the pieces is one byte."""
    if rng.random() < 0.2:
        data += waiting(source, rng.uniform(0, 0.1))
    while data:
        size = 1 if rng.random() < 0.17 else rng.randint(1, 3000)
        yield data[:size], rng.uniform(0, 0.02) if rng.random() < 0.1 else 0
        data = data[size:]


class Paths(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())
        self.edge = self.scene.edge("--open")

    def path(self, *options, **named):
        path = Path(self.edge.rtmp_port, *options, **named)
        self.addCleanup(path.close)
        return path

    def publisher(self, url, *more):
        return self.scene.chalkrail("publish", url, "--synthetic", "--size", "320x180", "--bitrate", "150", "--gop", "1",
                                    *more)

    def lesson(self, shape, seed=1):
        path = self.path(shape, seed)
        publisher = self.publisher(path.url(), "--json")
        publisher.wait_for('"state":"live"')
        player = self.scene.run("play", path.url(), "--headless", "--for", "3", "--delay-min", "400", "--json")
        self.assertEqual(player.code, 0, player)
        summary, = player.objects("summary")
        self.assertGreater(summary["frames_shown"], 20, player)
        self.assertGreater(summary["samples_played"] - summary["samples_concealed"], 48000, player)
        self.assertEqual((summary["decode_errors"], summary["reconnects"]), (0, 0), player)
        self.assertEqual(publisher.stop(), 0, publisher)
        self.assertEqual(publisher.objects("summary")[0]["reconnects"], 0, publisher)

    def test_byte_by_byte(self):
        self.lesson(single_bytes)

    def test_merged(self):
        self.lesson(merged)

    def test_mixed(self):
        seed = os.environ.get("CHALKRAIL_SEED")
        self.lesson(mixed, int(seed) if seed else 1)

    def test_a_handshake_that_is_cut_anywhere(self):
        rng = random.Random(1)
        places = [0, 1, 1536, 1537, HANDSHAKE - 1, HANDSHAKE] + [rng.randrange(HANDSHAKE) for _ in range(2)]
        runs = []
        for number, place in enumerate(places):
            path = self.path(cuts=[(place, None) if number % 2 == 0 else (None, place)])
            if number % 4 == 0:
                runs.append(self.publisher(path.url(), "--no-retry"))
            else:
                runs.append(self.scene.chalkrail("play", path.url(), "--headless", "--no-retry"))
        for run in runs:
            self.assertEqual(run.finish(), 1, run)
            self.assertRegex(run.err_text, r"\((DISCONNECTED|PEER_CLOSED|PROTOCOL)\)", run)

    def test_it_is_tried_again_after_such_a_cut(self):
        path = self.path(cuts=[(2000, None), (None, 700)])
        publisher = self.publisher(path.url())
        publisher.wait_for("^server live")
        self.assertEqual(path.cuts, [])
        reader = self.scene.decode(self.edge.flv(STREAM), 1)
        self.assertEqual((reader.finish(), reader.err), (0, []), reader)
        self.assertEqual(publisher.stop(), 0, publisher)


if __name__ == "__main__":
    harness.main()
