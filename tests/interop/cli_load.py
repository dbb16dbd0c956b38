#!/usr/bin/env python3
"""`chalkrail load` at a real edge: a class that holds, and one that does not.

Usage: cli_load.py PROGRAM [TEST...]
"""

import collections
import contextlib
import itertools
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
import unittest
import urllib.request
import xml.etree.ElementTree

import harness
import protobuf_small

# Other programs run beside the test: how late anything is, is not what it asks.
PATIENT = ["--join-within", "20s", "--ordered-within", "20s", "--crowd-within", "20s"]


INTENT, BATCH, PONG = 2, 19, 25  # the first byte of a frame: what somebody does, ordered events, an answer to PING
TO, EVENTS, HASH = 2, 4, 6  # fields of a BATCH
HASH_EVERY = 32  # batches
KIND, SKIP, STEP, LAG, AUDIENCE = 1, 4, 5, 6, 7  # fields of an event
CHAT, STAFF = 2, 1


def take(reader, size):
    data = reader.read(size)
    if len(data) < size:
        raise EOFError
    return data


def fields(data):
    """[number, value] of a message, in their order; a value is a number or bytes."""
    found = []
    while data:
        tag, data = protobuf_small.varint(data)
        value, data = protobuf_small.sized(data) if tag & 7 == 2 else protobuf_small.varint(data)
        found.append([tag >> 3, value])
    return found


def written(found):
    put = protobuf_small.put
    return b"".join(put(number << 3) + put(value) if isinstance(value, int) else
                    put(number << 3 | 2) + put(len(value)) + value for number, value in found)


class Batch:
    """A BATCH, its events as dictionaries of their fields."""

    def __init__(self, payload):
        self.found = fields(payload[1:])
        self.events = [dict(fields(value)) for number, value in self.found if number == EVENTS]

    def to(self):
        return dict(self.found)[TO]

    def chats(self):
        """Places of messages to all, of which the next one is a message to all, too. None in a batch with a hash: there
        the library notices at once, and nobody is told of anything."""
        if HASH in dict(self.found):
            return []
        good = [event.get(KIND) == CHAT and not event.get(AUDIENCE) for event in self.events]
        return [at for at in range(len(good) - 1) if good[at] and good[at + 1]]

    def bytes(self):
        rest = [field for field in self.found if field[0] < EVENTS]
        more = [field for field in self.found if field[0] > EVENTS]
        events = [[EVENTS, written(sorted(event.items()))] for event in self.events]
        return bytes([BATCH]) + written(rest + events + more)


def drop_one(batch, at):
    """The numbers of the others stay what they are."""
    gone = batch.events.pop(at)
    for field, more in (SKIP, 1), (STEP, 0):
        batch.events[at][field] = batch.events[at].get(field, 0) + gone.get(field, 0) + more


def keep_place(event, of):
    """An event as it would be at another's place."""
    moved = {number: value for number, value in event.items() if number not in (SKIP, STEP)}
    return moved | {number: of[number] for number in (SKIP, STEP) if number in of}


def double_one(batch, at):
    again = keep_place(batch.events[at], batch.events[at + 1])
    again[LAG] = again.get(LAG, 0) + again.get(STEP, 0)  # it happened when the first did
    batch.events[at + 1] = again


def swap_two(batch, at):
    one, other = batch.events[at:at + 2]
    batch.events[at:at + 2] = keep_place(other, one), keep_place(one, other)


def leak_one(batch, at):
    """What says that it is for staff goes to all."""
    batch.events[at][AUDIENCE] = STAFF


def end(connection):
    """For both threads: one that is closed while the other waits for it stays open until that has something."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class Meddler:
    """A broken edge: stands between clients and a good one. `meddle(self, payload, client)` is given each frame to a
    client and the client's number, from 0, and says which frames go on in its place. A page passes as it is."""

    def __init__(self, port, meddle):
        self.edge, self.meddle, self.done = port, meddle, 0
        self.numbers = itertools.count()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.http_port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            client, _ = self.listener.accept()
            edge = socket.create_connection(("127.0.0.1", self.edge))
            threading.Thread(target=self.up, args=(client, edge), daemon=True).start()
            threading.Thread(target=self.down, args=(edge, client), daemon=True).start()

    def up(self, client, edge):
        try:
            while data := client.recv(65536):
                edge.sendall(data)
        except OSError:
            pass
        end(edge)
        client.close()

    def down(self, edge, client):
        reader = edge.makefile("rb")
        try:
            line = reader.readline()
            number = next(self.numbers) if b" 101 " in line else None
            while line not in (b"\r\n", b""):
                client.sendall(line)
                line = reader.readline()
            client.sendall(line)
            while number is not None:
                client.sendall(self.frame(reader, number))
            while data := reader.read1():
                client.sendall(data)
        except (OSError, EOFError):
            pass
        end(client)
        reader.close()
        edge.close()

    def frame(self, reader, number):
        head = take(reader, 2)
        size = head[1]
        if size >= 126:
            more = take(reader, 2 if size == 126 else 8)
            head, size = head + more, int.from_bytes(more, "big")
        payload = take(reader, size)
        if head[0] & 15 != 2:
            return head + payload
        return b"".join(b"\x82" + (bytes([len(p)]) if len(p) < 126 else b"\x7e" + len(p).to_bytes(2, "big")) + p
                        for p in self.meddle(self, payload, number))


class Swallower(Meddler):
    """An edge that never hears what its clients do."""

    def up(self, client, edge):
        reader = client.makefile("rb")
        try:
            while (line := reader.readline()) != b"\r\n":
                edge.sendall(line)
            edge.sendall(line)
            while True:
                edge.sendall(self.heard(reader))
        except (OSError, EOFError):
            edge.close()

    def heard(self, reader):
        head = take(reader, 2)
        size = head[1] & 127
        if size >= 126:
            more = take(reader, 2 if size == 126 else 8)
            head, size = head + more, int.from_bytes(more, "big")
        mask, payload = take(reader, 4), take(reader, size)
        intent = size > 0 and payload[0] ^ mask[0] == INTENT
        self.done += intent
        return b"" if intent else head + mask + payload


def fifth_batch(change):
    """Meddles with the fifth batch of the first client that is sent one, whatever it is."""
    first = []

    def meddle(edge, payload, client):
        batch = payload[:1] == bytes([BATCH])
        first.extend([client] if batch and not first else [])
        mine = batch and client == first[0]
        edge.done += mine
        return change(payload) if mine and edge.done == 5 else [payload]
    return meddle


def one_event(change, everybody):
    """Meddles with one event of thousands: the first that has a place for it, at one who was told of some before, and
    whose next hash is not to be read at once with it."""
    chosen, told, since_hash = [], set(), collections.Counter()

    def meddle(edge, payload, client):
        batch = Batch(payload) if payload[:1] == bytes([BATCH]) else None
        places = batch.chats() if batch else []
        since_hash[client] = 0 if batch and HASH in dict(batch.found) else since_hash[client] + bool(batch)
        if places and not chosen and client in told and since_hash[client] < HASH_EVERY // 2:
            chosen.append((client, batch.to()))
        if batch and any(event.get(KIND) == CHAT for event in batch.events):
            told.add(client)
        if not places or not chosen or chosen[0][1] != batch.to() or not (everybody or chosen[0][0] == client):
            return [payload]
        edge.done += 1
        change(batch, places[0])
        return [batch.bytes()]
    return meddle


def late(payload):
    """The ordered lane comes later than it should, and with it what tells how far it is."""
    if payload[0] in (BATCH, PONG):
        time.sleep(0.15)


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

    def test_a_bad_network_and_cuts_lose_nothing_in_two_processes(self):
        edge = self.scene.edge("--open")
        junit = os.path.join(self.scene.folder, "load.xml")
        told = self.load(edge, "--students", "20", "--for", "3", "--profile", "chat-flood", "--processes", "2",
                         "--replicas", "4", "--delay", "80ms", "--jitter", "20ms", "--loss", "1", "--reconnects", "120",
                         "--junit", junit, *PATIENT)
        self.assertEqual((told["failed"], told["exit_code"]), ([], 0), told)
        self.assertEqual((told["people"], told["joined"], told["replicas"]), (21, 21, 6), told)
        self.assertGreater(told["done"], 5, told)
        self.assertGreater(told["cut"], 3, told)
        self.assertGreaterEqual(told["reconnects"], told["cut"] - 1, told)
        self.assertGreater(told["delays"]["ordered"]["count"], 20 * 5, told)
        self.assertGreater(told["delays"]["ordered"]["median_ms"], 120, told)
        suite = xml.etree.ElementTree.parse(junit).getroot()
        self.assertEqual((suite.get("failures"), suite.get("errors")), ("0", "0"))
        self.assertEqual(len(suite.findall("testcase")), len(told["checks"]))

    def test_a_crowd_and_a_threshold_that_cannot_hold(self):
        edge = self.scene.edge("--open", "--connections-max", "400")
        told = self.load(edge, "--students", "300", "--ramp", "1s", "--for", "4", "--profile", "classroom10k",
                         "--join-within", "20s", "--ordered-within", "20s", "--crowd-within", "1ms")
        self.assertEqual((told["failed"], told["exit_code"]), (["crowd-p99"], 1), told)
        self.assertGreater(told["delays"]["crowd"]["count"], 300 * 4, told)
        self.assertLess(told["delays"]["crowd"]["p99_ms"], 20000, told)
        self.assertGreater(told["delays"]["latest"]["count"], 300 * 20, told)
        with urllib.request.urlopen(f"http://127.0.0.1:{edge.http_port}/metrics", timeout=10) as answer:
            page = answer.read().decode()
        for frame in ("WELCOME", "SNAPSHOT", "BATCH", "PACKED"):
            self.assertRegex(page, rf'chalkrail_edge_room_frames_total{{frame="{frame}"}} [1-9]')

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

    def test_ctrl_c_ends_it_early_with_its_report(self):
        edge = self.scene.edge("--open")
        run = self.scene.chalkrail("load", "--edge", f"ws://127.0.0.1:{edge.http_port}", "--students", "60", "--ramp", "0",
                                   "--for", "10m", "--profile", "chat-flood", "--processes", "2", *PATIENT)
        run.wait_for("61 of 61 here")
        with open(f"/proc/{run.handle.pid}/task/{run.handle.pid}/children") as file:
            for worker in file.read().split():
                os.kill(int(worker), signal.SIGINT)  # as a terminal does, to all of them
        run.send(signal.SIGINT)
        self.assertEqual(run.finish(), 0, run)
        self.assertIn("PASS", run.out_text)
        rate = re.search(r"a student: ([0-9.]+) kbit/s in", run.out_text)
        self.assertGreater(float(rate.group(1)), 0.5, "not of the time that it took")

    def meddled(self, meddle, *argv, patient=PATIENT, least=1):
        edge = Meddler(self.scene.edge("--open").http_port, meddle)
        told = self.load(edge, "--students", "8", "--for", "3", "--profile", "chat-flood", "--seed", "3", *argv, *patient)
        self.assertGreaterEqual(edge.done, least, "nothing was meddled with")
        return told | {"meddled": edge.done}

    def test_a_batch_that_is_not_sent_is_found(self):
        told = self.meddled(fifth_batch(lambda payload: []), least=5)
        self.assertEqual((told["failed"], told["exit_code"]), (["nothing-lost"], 1), told)
        self.assertGreater(told["gaps"], 0, told)

    def found(self, name, change, everybody):
        """One event of all is wrong, and the run fails for the right reason."""
        told = self.meddled(one_event(change, everybody), "--students", "90")
        for _ in range(2):
            if name in told["failed"]:
                break
            # A hash of the state was read at once with it: the library noticed before it told anybody.
            self.assertIn("nothing-altered", told["failed"], told)
            told = self.meddled(one_event(change, everybody), "--students", "90")
        self.assertIn(name, told["failed"], told)
        # This edge is slow as well: on a machine that has much else to do, what was late was the crowd.
        self.assertEqual(told["exit_code"], 3 if told["saturated"] else 1, told)
        return told

    def test_an_event_that_one_is_not_told_of_is_found(self):
        self.assertEqual(self.found("nothing-lost", drop_one, False)["lost"], 1)

    def test_an_event_that_comes_twice_is_found(self):
        told = self.found("nothing-doubled", double_one, True)
        self.assertGreaterEqual(told["doubled"], told["meddled"], told)  # everybody who was sent it

    def test_two_events_that_are_swapped_are_found(self):
        told = self.found("in-order", swap_two, False)
        # It is the one whose order differs, or the first who was told: then it is all others.
        self.assertIn(told["out_of_order"], (1, told["people"] - 1), told)

    def test_a_private_message_that_is_leaked_is_found(self):
        told = self.found("nothing-leaked", leak_one, True)
        self.assertGreaterEqual(told["leaked"], told["meddled"] - 3, told)  # whose it is, and staff, may know

    def test_an_edge_that_swallows_what_is_done_is_found(self):
        edge = Swallower(self.scene.edge("--open").http_port, lambda edge, payload, client: [payload])
        told = self.load(edge, "--students", "8", "--for", "1", "--profile", "chat-flood", *PATIENT)
        self.assertGreater(edge.done, 0, "nobody did anything")
        self.assertEqual((told["failed"], told["exit_code"]), (["nothing-lost"], 1), told)

    def test_a_lane_that_is_late_is_found_and_a_batch_that_is_sent_twice_is_told_once(self):
        twice = fifth_batch(lambda payload: [payload, payload])

        def meddle(edge, payload, client):
            late(payload)
            return twice(edge, payload, client)

        told = self.meddled(meddle, patient=["--join-within", "20s", "--ordered-within", "100ms"], least=5)
        self.assertEqual(told["failed"], ["ordered-p99"], told)

    def prepared(self):
        """A prepared stream of picture and sound."""
        path = self.scene.path("lesson.flv")
        subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=size=320x180:rate=25", "-f", "lavfi", "-i",
                        "sine", "-t", "4", "-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", "aac", path],
                       check=True, timeout=60)
        return path

    def test_watchers_that_are_stalled_and_no_others_freeze(self):
        edge = self.scene.edge("--open")
        plan = self.scene.write("plan.json", json.dumps({
            "students": 20, "ramp": "0.5s", "media": "receive", "publish-file": self.prepared(), "rtmp": edge.rtmp(""),
            "phases": [{"profile": "lecture", "for": "3s"}, {"profile": "chat-flood", "for": 3}],
            "faults": [{"at": "1s", "kind": "stall", "share": 10, "for": "2s"}]}).encode())
        told = self.load(edge, "--plan", plan, *PATIENT)
        self.assertEqual((told["failed"], told["watchers"], told["published"]), (["frozen"], 20, 1), told)
        self.assertEqual((told["stalled"], told["stalled_froze"], told["froze"]), (2, 2, 2), told)
        self.assertGreater(told["frozen_us"], 2 * 1000000, told)
        self.assertEqual(told["delays"]["first_picture"]["count"], 20, told)

    def test_the_plan_of_the_guide(self):
        """Its times made short; all that it says is done."""
        guide = os.path.join(os.path.dirname(__file__), "../../docs/LOAD.md")
        with open(guide, encoding="utf-8") as file:
            plan = json.loads(file.read().split("```json")[1].split("```")[0])
        short = {"10m": "2s", "2m": "1s", "3m": "0.3s", "6m": "2.4s", "2s": "0.5s"}
        for step in plan["phases"] + plan["faults"]:
            step.update({key: short[step[key]] for key in ("for", "at") if key in step})
        edge = self.scene.edge("--open")
        plan |= {"publish-file": self.prepared(), "rtmp": edge.rtmp(""), "ramp": "0.5s", "students": 20}
        told = self.load(edge, "--plan", self.scene.write("plan.json", json.dumps(plan).encode()), *PATIENT)
        self.assertEqual((told["joined"], told["watchers"], told["published"]), (21, 20, 1), told)
        self.assertEqual((told["stalled"], told["cut"], told["lost"], told["doubled"]), (2, 10, 0, 0), told)
        self.assertGreater(told["edge"]["chalkrail_edge_room_events_total"], 0, told)
        lanes = sum(told[f"bytes_{lane}"] for lane in ("ordered", "crowd", "presence", "state"))
        self.assertTrue(0.5 * told["bytes_received"] < lanes <= told["bytes_received"], told)

    def test_lessons_of_two_in_which_everybody_publishes(self):
        edge = self.scene.edge("--open")
        told = self.load(edge, "--rooms", "6", "--students", "1", "--for", "2", "--profile", "lesson", "--processes", "2",
                         "--replicas", "1", "--media", "publish", "--publish-file", self.prepared(), "--rtmp",
                         edge.rtmp(""), *PATIENT)
        self.assertEqual((told["failed"], told["people"], told["compared"]), ([], 12, 12), told)
        self.assertEqual((told["publishers"], told["published"]), (12, 12), told)
        self.assertGreater(told["delays"]["latest"]["count"], 6 * 20, told)
        self.assertGreater(told["media_bytes_sent"], 30000, told)

    def test_plans_that_say_what_is_wrong(self):
        for plan, words in (('{"students": 5,\n "ramp" "1s"}', "line 2"), ('{"stundents": 5}', "is students meant"),
                            ('{"json": "yes"}', "json: belongs on the command line"),
                            ('{"delay": 80}', "80ms or 2s, with its unit"),
                            ('{"phases": [{"profile": "lecture"}]}', "phases[0].for"),
                            ('{"faults": [{"at": "1s", "kind": "stall", "share": 101}]}', "faults[0].share")):
            run = self.scene.run("load", "--edge", "ws://127.0.0.1:1", "--plan", self.scene.write("plan.json", plan.encode()))
            self.assertEqual(run.code, 2, run)
            self.assertIn(words, run.err_text)

    def test_tokens_of_a_program(self):
        secret = self.scene.write("secret", b"sixteen bytes or more")
        edge = self.scene.edge("--secret", secret)
        script = f'sleep 1; while read room name role; do "{harness.program}" token --secret {secret} --room $room ' \
                 f'--name $name --role $role --ttl 1h; done'
        told = self.load(edge, "--students", "3", "--for", "1", "--token-command", script, *PATIENT)
        self.assertEqual((told["failed"], told["joined"]), ([], 4), told)
        self.assertFalse(told["saturated"], "the class began before its tokens were there")
        run = self.scene.run("load", "--edge", f"ws://127.0.0.1:{edge.http_port}", "--students", "1", "--for", "1",
                             "--token-command", "true")
        self.assertEqual(run.code, 1, run)
        self.assertIn("no token came", run.err_text)

    def test_what_cannot_be_tried_is_told_at_once(self):
        edge = self.scene.edge("--open")
        few = ("--students", "2", "--for", "0.2", "--ramp", "0")
        media = ("--media", "publish", "--publish-file")
        for argv, words in (((*media, self.scene.path("no.flv")), "there is no such file"),
                            ((*media, self.scene.write("words.flv", b"words" * 9)), "is no FLV file"),
                            (("--junit", self.scene.path("no/such.xml")), "No such file")):
            run = self.scene.run("load", "--edge", f"ws://127.0.0.1:{edge.http_port}", *few, *argv)
            self.assertEqual((run.code, run.out_text), (1, ""), run)
            self.assertIn(words, run.err_text)
        run = self.scene.run("load", "--edge", "ws://127.0.0.1:1", *few)
        self.assertEqual(run.code, 1, run)
        self.assertEqual(run.err_text.count("nobody accepts connections there"), 1, run)
        self.assertIn("never joined: 3, the network", run.out_text)

    def test_without_anybody_it_ends_early(self):
        began = time.monotonic()
        port = self.enterContext(harness.silent_port())
        run = self.scene.run("load", "--edge", f"ws://127.0.0.1:{port}", "--students", "3", "--ramp", "0.5", "--for", "10m",
                             "--join-within", "1s")
        self.assertEqual(run.code, 1, run)
        self.assertIn("nobody came in, so the run ended early", run.out_text)
        self.assertLess(time.monotonic() - began, 60)

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
    harness.main(at_once=3)
