#!/usr/bin/env python3
"""`chalkrail load` at a real edge: a class that holds, and one that does not.

Usage: cli_load.py PROGRAM [TEST...]
"""

import os
import unittest
import xml.etree.ElementTree

import harness

# Other programs run beside the test: how late anything is, is not what it asks.
PATIENT = ["--join-within", "20s", "--ordered-within", "20s", "--crowd-within", "20s"]


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
