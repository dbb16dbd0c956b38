#!/usr/bin/env python3
"""`chalkrail edge` from its ready line to its end.

Usage: cli_edge.py PROGRAM [TEST...]
"""

import signal
import socket
import time
import unittest
import urllib.request

import harness


class Edge(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())

    def test_ready_means_that_it_accepts(self):
        edge = self.scene.edge("--open")
        self.assertTrue(harness.accepts(edge.rtmp_port))
        self.assertTrue(harness.accepts(edge.http_port))
        with urllib.request.urlopen(f"http://127.0.0.1:{edge.http_port}/metrics", timeout=10) as answer:
            self.assertEqual(answer.status, 200)
        edge.process.wait_for(f"rtmp://127.0.0.1:{edge.rtmp_port}/ROOM", stream="err")
        edge.process.wait_for(f"http://127.0.0.1:{edge.http_port}/", stream="err")
        self.assertEqual(len(edge.process.out), 1)

    def test_signals_end_it_cleanly(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            edge = self.scene.edge("--open")
            began = time.monotonic()
            self.assertEqual(edge.process.stop(number), 0, edge.process)
            self.assertLess(time.monotonic() - began, 5)
            self.assertFalse(harness.accepts(edge.rtmp_port))

    def test_a_client_that_stays_does_not_hold_it_up(self):
        edge = self.scene.edge("--open")
        with socket.create_connection(("127.0.0.1", edge.rtmp_port)), \
                socket.create_connection(("127.0.0.1", edge.http_port)):
            time.sleep(0.2)
            self.assertEqual(edge.process.stop(seconds=10), 0, edge.process)

    def test_json(self):
        process = self.scene.chalkrail("edge", "--rtmp", "127.0.0.1:0", "--http", "[::1]:0", "--open", "--json")
        process.wait_for('"type":"stats"', count=2)
        self.assertEqual(process.stop(), 0)
        kinds = [o["type"] for o in process.objects()]
        self.assertEqual((kinds[0], kinds[-1]), ("ready", "summary"))
        self.assertRegex(process.objects("ready")[0]["rtmp"], r"^127\.0\.0\.1:\d+$")
        self.assertRegex(process.objects("ready")[0]["http"], r"^\[::1\]:\d+$")
        for line in process.objects("stats"):
            self.assertEqual(line["publishers"], 0)
            self.assertIn("memory_bytes", line)
        self.assertEqual(process.err, [])

    def test_a_port_in_use(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            run = self.scene.run("edge", "--open", "--rtmp", f"127.0.0.1:{taken.getsockname()[1]}",
                                 "--http", "127.0.0.1:0")
        self.assertEqual((run.code, run.out), (1, []))
        self.assertIn("ADDRESS_IN_USE", run.err_text)

    def test_a_reader_of_the_output_that_goes_away_ends_it(self):
        code = self.scene.cut_off("ready", "edge", "--rtmp", "127.0.0.1:0", "--http", "127.0.0.1:0", "--open", "--json")
        self.assertEqual(code, 0)


if __name__ == "__main__":
    harness.main()
