#!/usr/bin/env python3
"""`chalkrail load` at a real edge: a class that holds, and one that does not.

Usage: cli_load.py PROGRAM [TEST...]
"""

import os
import signal
import socket
import threading
import time
import unittest
import urllib.request
import xml.etree.ElementTree

import harness

# Other programs run beside the test: how late anything is, is not what it asks.
PATIENT = ["--join-within", "20s", "--ordered-within", "20s", "--crowd-within", "20s"]


BATCH = 19  # the first byte of a frame with ordered events


def take(reader, size):
    data = reader.read(size)
    if len(data) < size:
        raise EOFError
    return data


class Meddler:
    """Stands between clients and an edge, and changes what the first of them is sent: `meddle` is given the
    fifth batch as it came, and says what goes on in its place."""

    def __init__(self, port, meddle):
        self.edge, self.meddle, self.left = port, meddle, 5
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.http_port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        first = True
        while True:
            client, _ = self.listener.accept()
            edge = socket.create_connection(("127.0.0.1", self.edge))
            threading.Thread(target=self.up, args=(client, edge), daemon=True).start()
            threading.Thread(target=self.down, args=(edge, client, first), daemon=True).start()
            first = False

    def up(self, client, edge):
        try:
            while data := client.recv(65536):
                edge.sendall(data)
        except OSError:
            pass
        edge.close()

    def down(self, edge, client, chosen):
        reader = edge.makefile("rb")
        try:
            while (line := reader.readline()) != b"\r\n":
                client.sendall(line)
            client.sendall(line)
            while True:
                client.sendall(self.frame(reader, chosen))
        except (OSError, EOFError):
            client.close()

    def frame(self, reader, chosen):
        head = take(reader, 2)
        size = head[1]
        if size >= 126:
            more = take(reader, 2 if size == 126 else 8)
            head, size = head + more, int.from_bytes(more, "big")
        payload = take(reader, size)
        if chosen and head[0] & 15 == 2 and payload[:1] == bytes([BATCH]):
            self.left -= 1
            if self.left == 0:
                return self.meddle(head + payload)
        return head + payload


class Load(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())

    def load(self, edge, *argv):
        """Runs it with --json; its summary, with the names of the checks that failed."""
        run = self.scene.run("load", "--edge", f"ws://127.0.0.1:{edge.http_port}", "--ramp", "0.5", "--json", *argv)
        objects = run.objects()
        self.assertEqual(len(objects), 1, run)
        summary = objects[0]
        self.assertEqual(summary["exit_code"], run.code, run)
        summary["failed"] = [check["name"] for check in summary.get("checks", []) if not check["passed"]]
        return summary

    def test_twenty_students_in_two_processes(self):
        edge = self.scene.edge("--open")
        junit = os.path.join(self.scene.folder, "load.xml")
        told = self.load(edge, "--students", "20", "--for", "3", "--profile", "chat-flood", "--processes", "2",
                         "--replicas", "4", "--returns", "60", "--junit", junit, *PATIENT)
        self.assertEqual((told["failed"], told["exit_code"]), ([], 0), told)
        self.assertEqual((told["people"], told["joined"], told["replicas"]), (21, 21, 6), told)
        self.assertGreater(told["done"], 5, told)
        self.assertGreater(told["came_back"], 0, told)
        self.assertGreater(told["delays"]["ordered"]["count"], 20 * 5, told)
        suite = xml.etree.ElementTree.parse(junit).getroot()
        self.assertEqual((suite.get("failures"), suite.get("errors")), ("0", "0"))
        self.assertEqual(len(suite.findall("testcase")), len(told["checks"]))

    def test_a_crowd_of_three_hundred(self):
        edge = self.scene.edge("--open", "--connections-max", "400")
        told = self.load(edge, "--students", "300", "--ramp", "2s", "--for", "6", "--profile", "classroom10k", *PATIENT)
        self.assertEqual((told["failed"], told["exit_code"]), ([], 0), told)
        self.assertGreater(told["delays"]["crowd"]["count"], 300 * 6, told)
        self.assertGreater(told["delays"]["latest"]["count"], 300 * 20, told)
        with urllib.request.urlopen(f"http://127.0.0.1:{edge.http_port}/metrics", timeout=10) as answer:
            page = answer.read().decode()
        for frame in ("WELCOME", "SNAPSHOT", "BATCH", "PACKED"):
            self.assertRegex(page, rf'chalkrail_edge_room_frames_total{{frame="{frame}"}} [1-9]')

    def test_lessons_of_two(self):
        edge = self.scene.edge("--open")
        told = self.load(edge, "--rooms", "6", "--students", "1", "--for", "2", "--profile", "lesson", "--processes",
                         "2", "--replicas", "1", *PATIENT)
        self.assertEqual((told["failed"], told["people"], told["compared"]), ([], 12, 12), told)
        self.assertGreater(told["delays"]["latest"]["count"], 6 * 20, told)

    def test_a_threshold_that_cannot_hold(self):
        edge = self.scene.edge("--open")
        told = self.load(edge, "--students", "101", "--for", "2", "--profile", "chat-flood", "--join-within", "20s",
                         "--crowd-within", "1ms", "--ordered-within", "20s")
        self.assertEqual((told["failed"], told["exit_code"]), (["crowd-p99"], 1), told)

    def test_a_machine_that_is_too_slow_has_measured_nothing(self):
        edge = self.scene.edge("--open")
        run = self.scene.chalkrail("load", "--edge", f"ws://127.0.0.1:{edge.http_port}", "--students", "1", "--ramp", "0",
                                   "--for", "3", "--profile", "lesson", "--processes", "1", "--ordered-within", "1ms")
        run.wait_for("2 of 2 here")
        with open(f"/proc/{run.handle.pid}/task/{run.handle.pid}/children") as file:
            worker = int(file.read())
        os.kill(worker, signal.SIGSTOP)
        time.sleep(1)
        os.kill(worker, signal.SIGCONT)
        self.assertEqual(run.finish(), 3, run)
        self.assertIn("INVALID", run.out_text)

    def meddled(self, meddle):
        edge = Meddler(self.scene.edge("--open").http_port, meddle)
        told = self.load(edge, "--students", "5", "--for", "3", "--profile", "chat-flood", *PATIENT)
        self.assertLessEqual(edge.left, 0, "nothing was meddled with")
        return told

    def test_a_batch_that_is_not_sent_is_found(self):
        told = self.meddled(lambda frame: b"")
        self.assertEqual((told["failed"], told["exit_code"]), (["nothing-lost"], 1), told)
        self.assertGreater(told["gaps"], 0, told)

    def test_a_batch_that_is_sent_twice_is_told_once(self):
        self.assertEqual(self.meddled(lambda frame: frame + frame)["failed"], [])

    def test_nobody_is_let_in(self):
        secret = os.path.join(self.scene.folder, "secret")
        with open(secret, "w") as file:
            file.write("sixteen bytes or more")
        os.chmod(secret, 0o600)
        edge = self.scene.edge("--secret", secret)
        told = self.load(edge, "--students", "3", "--for", "0.5", *PATIENT)
        self.assertEqual((told["failed"], told["joined"]), (["joined"], 0), told)
        told = self.load(edge, "--students", "3", "--for", "0.5", "--secret", secret, *PATIENT)
        self.assertEqual((told["failed"], told["joined"]), ([], 4), told)


if __name__ == "__main__":
    harness.main()
