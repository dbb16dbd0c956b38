#!/usr/bin/env python3
"""Rooms of `chalkrail edge`, from the request to the end: joining, coming back, refusals, streams, and
what hostile clients do to it while others go on talking.

Usage: edge_rooms.py PROGRAM [TEST...]
"""

import base64
import hashlib
import hmac
import json
import multiprocessing
import os
import socket
import statistics
import threading
import time
import unittest
import urllib.error
import urllib.request

import harness
import room_wire
from room_wire import ASK, BAN, CHAT, CLASS, HAND, HELLO, INTENT, MUTE, POLL, ROLE, STREAM, TO_ONE, TO_STAFF, message

SECRET = b"a secret of thirty-two bytes, ok"


def token(room="maths", name="ada", role="student", seconds=3600, secret=SECRET, **more):
    def part(value):
        return base64.urlsafe_b64encode(value).rstrip(b"=")
    claims = {"room": room, "name": name, "role": role, "exp": int(time.time()) + seconds, **more}
    signed = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
    return (signed + b"." + part(hmac.new(secret, signed, hashlib.sha256).digest())).decode()


class Rooms(unittest.TestCase):
    """On an open edge, which believes names and roles."""

    options = ("--open",)

    def setUp(self):
        self.scene = self.enterContext(harness.Scene())
        self.edge = self.start()

    def start(self):
        return self.scene.edge(*self.options)

    def client(self, name, role="student", room="maths", packs=False):
        client = room_wire.Client(self.edge.http_port, room, name, role, packs=packs)
        self.addCleanup(client.leave)
        return client

    def metric(self, name, label=""):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.edge.http_port}/metrics", timeout=10) as answer:
            lines = answer.read().decode().splitlines()
        return sum(int(line.rsplit(" ", 1)[1]) for line in lines
                   if line.split("{")[0].split(" ")[0] == name and label in line)


class Talking(Rooms):
    def test_two_talk(self):
        ada, bo = self.client("ada", "teacher").join(), self.client("bo").join()
        counter = ada.chat("你好, 世界 👩‍🏫")
        said = bo.wait_for(lambda e: e.kind == CHAT)
        self.assertEqual((said.text, said.author), ("你好, 世界 👩‍🏫", ada.me))
        self.assertIsNone(ada.wait_settled(counter))
        hand = bo.intent(HAND, value=1)
        self.assertEqual(ada.wait_for(lambda e: e.kind == HAND).author, bo.me)
        self.assertIsNone(bo.wait_settled(hand))
        self.assertEqual(ada.people, {ada.me: "ada", bo.me: "bo"})
        bo.until(lambda: bo.present == {ada.me, bo.me}, what="presence")
        self.assertEqual(self.metric("chalkrail_edge_room_people"), 2)
        self.assertEqual(self.metric("chalkrail_edge_rooms"), 1)

    def test_who_comes_back_misses_nothing(self):
        ada, bo = self.client("ada", "teacher").join(), self.client("bo").join()
        ada.until(lambda: ada.id_of("bo"), what="bo")
        bo.leave()
        ada.chat("to all")
        ada.chat("to staff", audience=TO_STAFF)
        ada.wait_settled(ada.chat("to bo", audience=TO_ONE, target=ada.id_of("bo")))
        bo.join()
        self.assertEqual([e.text for e in bo.events if e.kind == CHAT], ["to all", "to bo"])
        self.assertEqual((bo.snapshots, bo.welcomes), (1, 2))
        self.assertEqual(self.metric("chalkrail_edge_room_resumes_total"), 1)

    def test_what_was_not_answered_is_sent_again_and_counts_once(self):
        ada, bo = self.client("ada", "teacher").join(), self.client("bo").join()
        for i in range(20):
            bo.chat(f"line {i}")  # the student's limit is 10 at once: the rest is asked for again
        bo.leave()
        bo.join()
        bo.until(lambda: not bo.pending, 20, "all answers")
        self.assertEqual(set(bo.back_for), {"rate"})
        ada.wait_for(lambda e: e.text == "line 19")
        self.assertEqual([e.text for e in ada.events if e.kind == CHAT], [f"line {i}" for i in range(20)])

    def test_what_all_get_comes_packed_to_who_can_unpack(self):
        ada, bo = self.client("ada", "teacher", packs=True).join(), self.client("bo").join()
        others = [self.client(f"student{i}", packs=i % 2 == 0).join() for i in range(8)]
        for i in range(20):
            ada.chat(f"the same to all, number {i}, 明白了")
            ada.chat("psst", audience=TO_ONE, target=others[0].me)
        for client in (ada, bo, *others):
            texts = 40 if client in (ada, others[0]) else 20
            client.until(lambda: len([e for e in client.events if e.kind == CHAT]) == texts, what="all that was said")
            self.assertEqual(client.packed > 0, client.packs)

    def test_the_newest_login_wins(self):
        first, second = self.client("ada").join(), self.client("ada").join()
        self.assertEqual(first.wait_end(), (4016, "superseded"))
        second.wait_settled(second.chat("still here"))
        with self.assertRaises(room_wire.Closed) as end:
            first.join()  # its login is an old one
        self.assertEqual((end.exception.code, end.exception.reason), (4016, "superseded"))

    def test_a_room_outlives_those_in_it(self):
        ada = self.client("ada", "teacher").join()
        ada.wait_settled(ada.chat("remember"))
        ada.leave()
        bo = self.client("bo").join()
        self.assertEqual([e.text for e in bo.kept], ["remember"])

    def test_the_status_page_counts_rooms(self):
        for count, words in ((1, "1 room with 1 people"), (2, "2 rooms with 2 people")):
            self.client("ada", "teacher", room=f"room{count}").join()
            with urllib.request.urlopen(f"http://127.0.0.1:{self.edge.http_port}/", timeout=10) as answer:
                self.assertIn(words, answer.read().decode())

    def test_rooms_do_not_hear_each_other(self):
        ada, bo = self.client("ada", room="one").join(), self.client("bo", room="two").join()
        ada.wait_settled(ada.chat("in one"))
        bo.wait_settled(bo.chat("in two"))
        self.assertEqual([e.text for e in bo.events if e.kind == CHAT], ["in two"])
        self.assertEqual(self.metric("chalkrail_edge_rooms"), 2)

    def test_the_page_of_a_room(self):
        ada = self.client("ada", "teacher").join()
        ada.wait_settled(ada.intent(CLASS, value=1))
        with urllib.request.urlopen(f"http://127.0.0.1:{self.edge.http_port}/rooms/maths", timeout=10) as answer:
            page = json.load(answer)
        self.assertEqual((page["room"], page["class"], page["present"], page["head"]), ("maths", "live", 1, ada.head))

    def test_who_publishes_is_known(self):
        path = "maths/ada/screen"
        early = self.scene.chalkrail("publish", self.edge.rtmp(path), "--synthetic")
        early.wait_for("server live")
        bo = self.client("bo").join()
        self.assertEqual(bo.streams, set())  # nobody knows an ada yet
        ada = self.client("ada", "teacher").join()
        bo.wait_for(lambda e: e.kind == STREAM and e.value == 3 and e.target == ada.me)
        self.assertEqual(self.client("cy").join().streams, {(ada.me, 1)})
        early.stop()
        bo.wait_for(lambda e: e.kind == STREAM and e.value == 2)
        self.assertEqual(bo.streams, set())

    def test_an_edge_that_stops_says_so(self):
        ada = self.client("ada").join()
        self.assertEqual(self.edge.process.stop(), 0, self.edge.process)
        self.assertEqual(ada.wait_end(), (4009, "busy"))


class Few(Rooms):
    options = ("--open", "--rooms-max", "1")

    def visit(self, room):
        """What somebody finds who says the room's name and leaves."""
        with room_wire.Client(self.edge.http_port, room, "ada", "teacher") as ada:
            ada.join()
            ada.wait_settled(ada.chat(room))
            found = [e.text for e in ada.kept]
        harness.until(lambda: self.metric("chalkrail_edge_room_connections") == 0, what="the leave")
        return found

    def test_the_room_left_longest_is_forgotten(self):
        self.assertEqual(self.visit("one"), [])
        self.assertEqual(self.visit("two"), [])  # takes the place of the first
        self.assertEqual(self.visit("one"), ["one"])  # which was kept
        self.assertEqual(self.visit("three"), [])
        self.assertEqual(self.visit("two"), [])  # two had been left, which was one too many
        self.assertEqual(self.visit("three"), ["three"])

    def test_a_room_with_somebody_in_it_stays(self):
        ada = self.client("ada", "teacher", room="one").join()
        with self.assertRaises(room_wire.Refused) as refusal:
            self.client("bo", room="two").connect()
        self.assertEqual(refusal.exception.status, 503)
        self.assertIn("no more rooms", refusal.exception.body)
        ada.wait_settled(ada.chat("still here"))


class KeepsFirst(Rooms):
    options = ("--open", "--keep-first-login")

    def test_the_first_login_stays(self):
        first = self.client("ada").join()
        with self.assertRaises(room_wire.Closed) as end:
            self.client("ada").join()
        self.assertEqual((end.exception.code, end.exception.reason), (4023, "taken"))
        ours = self.scene.run("room", f"ws://127.0.0.1:{self.edge.http_port}", "--room", "maths", "--name", "ada")
        self.assertEqual(ours.code, 1)
        self.assertIn("taken", ours.err_text)
        first.wait_settled(first.chat("still here"))
        first.join()  # the same login, on another connection
        first.leave()
        harness.until(lambda: self.metric("chalkrail_edge_room_connections") == 0, what="the leave")
        self.client("ada").join()


class OnDisk(Rooms):
    def start(self, *more):
        return self.scene.edge("--open", "--data", self.scene.path("rooms"), *more)

    def start_later(self, days, *files):
        """Files of the folder are as they would be so many days after; the edge keeps rooms for 30."""
        self.assertEqual(self.edge.process.stop(), 0, self.edge.process)
        for file in files:
            at = time.time() - days * 86400
            os.utime(os.path.join(self.scene.path("rooms"), file), (at, at))
        self.edge = self.start("--data-keep", "30")

    def test_a_room_is_not_kept_for_ever(self):
        folder = self.scene.path("rooms")
        ada = self.client("ada", "teacher").join()
        ada.wait_settled(ada.chat("forget me"))
        ada.leave()
        of_room = os.path.join("rooms", b"maths".hex() + ".room")
        asset = os.path.join(folder, "assets", b"maths".hex(), hashlib.sha256(b"").hexdigest() + ".png")
        os.makedirs(os.path.dirname(asset))
        with open(asset, "wb"):
            pass
        self.start_later(2, os.path.join("log", "0000000000000001.log"))
        harness.until(lambda: os.path.exists(os.path.join(folder, of_room)), what="the room in a file of its own")
        self.start_later(31, of_room)
        harness.until(lambda: not os.path.exists(os.path.join(folder, of_room)), what="the end of the room")
        harness.until(lambda: not os.path.exists(os.path.dirname(asset)), what="the end of its pictures")
        self.assertEqual(self.client("bo").join().kept, [])

    def test_a_room_outlives_the_edge(self):
        ada = self.client("ada", "teacher").join()
        ada.wait_settled(ada.chat("remember"))
        head, epoch = ada.head, ada.epoch
        self.assertEqual(self.edge.process.stop(), 0, self.edge.process)
        self.edge = self.start()
        ada.port = self.edge.http_port
        ada.join()
        self.assertEqual((ada.snapshots, ada.epoch), (1, epoch))  # it resumes the same login, without a snapshot
        ada.wait_settled(ada.chat("again"))
        self.assertEqual([e.text for e in ada.events if e.kind == CHAT], ["remember", "again"])
        self.assertGreater(ada.head, head)
        self.assertEqual([e.text for e in self.client("bo").join().kept], ["remember", "again"])

    def test_two_edges_do_not_share_a_folder(self):
        run = self.scene.run("edge", "--rtmp", "127.0.0.1:0", "--http", "127.0.0.1:0", "--open", "--data",
                             self.scene.path("rooms"))
        self.assertEqual(run.code, 1)
        self.assertIn(f"another edge keeps its rooms in {self.scene.path('rooms')} (DEVICE_BUSY)", run.err_text)

    def test_a_disk_that_does_not_answer(self):
        """Reading the file of a room hangs: who waits for it is told."""
        waits = os.path.join(self.scene.path("rooms"), "rooms", b"stuck".hex() + ".room")
        os.mkfifo(waits)
        try:
            began = time.monotonic()
            stuck = self.client("ada", room="stuck").connect()
            stuck.hello()
            self.assertEqual(stuck.wait_end(20), (4010, "store"))
            self.assertGreaterEqual(time.monotonic() - began, 9.9)
        finally:
            os.close(os.open(waits, os.O_RDWR))

    def test_a_folder_that_cannot_be(self):
        for folder in (self.scene.path("no/such/parent"), "/proc/x"):
            run = self.scene.run("edge", "--rtmp", "127.0.0.1:0", "--http", "127.0.0.1:0", "--open", "--data", folder)
            self.assertEqual(run.code, 1)
            self.assertIn(f"the folder {folder} is not there and cannot be made (NOT_FOUND); make it", run.err_text)
            self.assertNotIn("drop the id", run.err_text)


class Doors(Rooms):
    """An edge with a secret: each refusal has a status and says why."""

    def start(self):
        return self.scene.edge("--secret", self.scene.write("secret", SECRET))

    def enter(self, room="maths", query="", headers=(), **named):
        return room_wire.WebSocket(self.edge.http_port, f"/rooms/{room}{query}", headers, **named)

    def test_refusals(self):
        rows = [
            ("", 401, "a token is needed"),
            ("?token=" + token(seconds=-1), 401, "expired"),
            ("?token=" + token(secret=b"another secret, long enough"), 403, "signature"),
            ("?token=" + token(room="art"), 403, "another room"),
            ("?token=broken", 403, "three parts"),
            ("?token=" + "x" * 1100, 403, ""),
            ("?name=ada&role=owner", 401, "a token is needed"),
        ]
        for query, status, why in rows:
            with self.subTest(why), self.assertRaises(room_wire.Refused) as refusal:
                self.enter(query=query)
            self.assertEqual(refusal.exception.status, status, refusal.exception.head)
            self.assertIn(why, refusal.exception.body)
            if status == 401:
                self.assertIn(f'error_description="{refusal.exception.body.strip()}"', refusal.exception.head)
        good = "?token=" + token()
        for room in ("a%20b", "%2e%2e", "a%2Fb", "x" * 65, "maths/streams", ""):
            with self.subTest(room), self.assertRaises(room_wire.Refused) as refusal:
                self.enter(room, good)
            self.assertEqual(refusal.exception.status, 404)
        with self.assertRaises(room_wire.Refused) as refusal:
            self.enter(query=good, protocol="chalkrail.room.9")
        self.assertEqual(refusal.exception.status, 400)

    def test_a_token_in_the_header(self):
        ws = self.enter(headers=[f"Authorization: Bearer {token()}"])
        self.assertIn("chalkrail.room.1", ws.head)
        ws.close()

    def test_banned(self):
        port = self.edge.http_port
        with room_wire.Client(port, "maths", token=token(role="teacher")) as ada, \
                room_wire.Client(port, "maths", token=token(name="bo")) as bo:
            ada.join()
            bo.join()
            ada.intent(BAN, target=bo.me, value=1)
            self.assertEqual(bo.wait_end(), (4017, "banned"))
            with self.assertRaises(room_wire.Refused) as refusal:
                bo.connect()
            self.assertEqual(refusal.exception.status, 403)
            self.assertIn("banned", refusal.exception.body)

    def test_an_expired_token_ends_the_connection(self):
        port = self.edge.http_port
        with room_wire.Client(port, "maths", token=token(name="ada", seconds=2)) as ada, \
                room_wire.Client(port, "maths", token=token(name="bo", seconds=2)) as bo, \
                room_wire.Client(port, "maths", token=token(name="cy", seconds=60)) as cy:
            for client in (ada, bo, cy):
                client.join()
            bo.send_bytes(room_wire.RENEW, message({1: token(name="bo", seconds=60)}))
            bo.until(lambda: any(kind == room_wire.RENEWED for kind, _ in bo.frames), what="renewal")
            cy.send_bytes(room_wire.RENEW, message({1: token(name="ada", seconds=60)}))
            self.assertEqual(cy.wait_end(), (4026, "expired"))
            self.assertEqual(ada.wait_end(), (4026, "expired"))
            bo.wait_settled(bo.chat("still here"))
            with self.assertRaises(room_wire.Refused) as refusal:
                ada.connect()
            self.assertEqual(refusal.exception.status, 401)

    def test_the_page_is_for_staff(self):
        for role, status in (("owner", 200), ("teacher", 200), ("assistant", 200), ("student", 403), ("observer", 403)):
            url = f"http://127.0.0.1:{self.edge.http_port}/rooms/maths?token={token(role=role)}"
            try:
                with urllib.request.urlopen(url, timeout=10) as answer:
                    self.assertEqual(answer.status, status, role)
            except urllib.error.HTTPError as error:
                self.assertEqual(error.code, status, role)

    def test_one_participant_cannot_use_up_the_joins_of_all(self):
        mine, theirs = token(name="mallory"), token(name="bo")
        answers, sockets = [], []
        for _ in range(30):
            try:
                sockets.append(self.enter(query="?token=" + mine))
            except room_wire.Refused as refusal:
                answers.append((refusal.status, "Retry-After: 1" in refusal.head))
        self.assertEqual(set(answers), {(429, True)})
        self.assertGreaterEqual(len(answers), 20)
        with room_wire.Client(self.edge.http_port, "maths", token=theirs) as bo:
            bo.join()
        for ws in sockets:
            ws.close()


class OpenDoors(Rooms):
    def test_refusals(self):
        rows = [
            ("/rooms/maths", (), 400),
            ("/rooms/maths?name=a%20b", (), 400),
            ("/rooms/maths?name=" + "x" * 65, (), 400),
            ("/rooms/maths?name=ada&role=king", (), 400),
            ("/rooms/maths?name=ada&role=", (), 400),
            ("/rooms/maths?name=ada", ("Origin: https://evil.example",), 403),
            ("/rooms/maths?name=ada", ("Origin: https://" + "x" * 500,), 403),
        ]
        for target, headers, status in rows:
            with self.subTest(target), self.assertRaises(room_wire.Refused) as refusal:
                room_wire.WebSocket(self.edge.http_port, target, headers)
            self.assertEqual(refusal.exception.status, status)
        with self.assertRaises(room_wire.Refused) as refusal:
            room_wire.WebSocket(self.edge.http_port, "/rooms/maths?name=ada", host="evil.example")
        self.assertEqual(refusal.exception.status, 421)
        room_wire.WebSocket(self.edge.http_port, "/rooms/maths?name=ada", ("Origin: http://localhost:8000",)).close()


class Lesson:
    """A teacher and a student who talk while others misbehave, in a process of their own; what they measure
    is from call to event."""

    FORK = multiprocessing.get_context("fork")

    def __init__(self, port, room="lesson"):
        self.port, self.room = port, room
        self.over, (self.answer, self.tell) = self.FORK.Event(), self.FORK.Pipe(duplex=False)
        self.process = self.FORK.Process(target=self._run, daemon=True)

    def _run(self):
        try:
            with room_wire.Client(self.port, self.room, "teacher", "teacher") as teacher, \
                    room_wire.Client(self.port, self.room, "student") as student:
                teacher.join()
                student.join()
                self.tell.send("begun")
                self.tell.send(self._talk(teacher, student))
        except Exception as error:  # told to the test
            self.tell.send(repr(error))

    def _talk(self, teacher, student):
        delays = []
        while not self.over.is_set() or len(delays) < 100:
            time.sleep(0.02)
            text = f"mark {len(delays)}"
            began = time.monotonic()
            teacher.chat(text)
            student.wait_for(lambda e: e.text == text)
            delays.append(1000 * (time.monotonic() - began))
            while teacher.take(0):
                pass
            student.events.clear()
            teacher.events.clear()
        return sorted(delays)

    def _hear(self, seconds):
        if not self.answer.poll(seconds):
            raise AssertionError("the lesson says nothing")
        return self.answer.recv()

    def __enter__(self):
        self.process.start()
        begun = self._hear(20)
        if begun != "begun":
            raise AssertionError(begun)
        return self

    def __exit__(self, *rest):
        self.over.set()
        try:
            self.delays = self._hear(30)
        finally:
            self.process.kill()
            self.process.join()
        if isinstance(self.delays, str):
            raise AssertionError(self.delays)
        self.figures = statistics.median(self.delays), self.delays[len(self.delays) * 99 // 100]


def intent(counter, kind=CHAT, **named):
    numbers = {"target": 3, "audience": 7, "value": 8, "text": 9, "data": 10, "about": 12}
    return bytes([INTENT]) + message({1: kind, 11: counter, **{numbers[k]: v for k, v in named.items()}})


class Hostile(Rooms):
    """Each is refused by name; the lesson beside it goes on."""

    options = ("--open",)

    # Said after joining: bytes, and the close code and BYE that answer it.
    BROKEN = {
        "a frame of no kind": (b"\x63", (4020, "protocol")),
        "the edge's own frame": (bytes([room_wire.WELCOME]) + message({2: 1}), (4020, "protocol")),
        "nothing": (b"", (4020, "protocol")),
        "a second hello": (bytes([HELLO]) + message({1: 1}), (4020, "protocol")),
        "a field cut short": (bytes([INTENT]) + b"\x4a\x7fabc", (4020, "protocol")),
        "a varint without end": (bytes([INTENT]) + b"\x08" + b"\xff" * 12, (4020, "protocol")),
        "a text that is no UTF-8": (bytes([INTENT]) + message({1: CHAT, 9: b"\xc3\x28", 11: 1}), (4020, "protocol")),
        "a field of another type": (bytes([INTENT]) + b"\x0a\x01a", (4020, "protocol")),
        "a text over all limits": (intent(1, text="x" * 8001), (4020, "protocol")),
        "an intent without a counter": (intent(0, text="x"), (4020, "protocol")),
        "a group": (bytes([INTENT]) + b"\x0b\x0c", (4020, "protocol")),
        "a message over 64 KB": (bytes([INTENT]) + b"x" * 65600, (1009, None)),
    }

    # Said as a student with the ids of others: what REFUSED says.
    RIGHTS = {
        "begins the class": (dict(kind=CLASS, value=1), "denied"),
        "makes itself a teacher": (dict(kind=ROLE, target="me", value=2), "denied"),
        "bans the teacher": (dict(kind=BAN, target="teacher", value=1), "denied"),
        "mutes all": (dict(kind=MUTE, value=1), "denied"),
        "opens a poll": (dict(kind=POLL, text="?", data=b"\x01a\x01b"), "denied"),
        "enrols somebody": (dict(kind=room_wire.ENROLL, target=77, text="ghost", value=1), "invalid"),
        "tells of a stream": (dict(kind=STREAM, target="teacher", value=3), "invalid"),
        "writes to another student": (dict(kind=CHAT, text="psst", audience=TO_ONE, target="other"), "denied"),
        "deletes another's message": (dict(kind=room_wire.DELETE, about="chat"), "denied"),
        "a participant that is none": (dict(kind=CHAT, text="x", audience=TO_ONE, target=1 << 60), "not_found"),
        "a text over its limit": (dict(kind=CHAT, text="x" * 2001), "too_large"),
        "a kind of event that is none": (dict(kind=200), "invalid"),
    }

    def lesson(self):
        if self.edge.process.handle.poll() is not None:  # this is another run of the test
            self.edge = self.start()
        return Lesson(self.edge.http_port)

    def fill(self, room):
        """With a hundred messages, 800 KB for who comes."""
        with room_wire.Client(self.edge.http_port, room, "teacher", "teacher") as teacher:
            teacher.join()
            for _ in range(100):
                teacher.chat("x" * 8000)
                teacher.until(lambda: len(teacher.pending) < 8, 20, "answers")
            teacher.until(lambda: not teacher.pending, 20, "answers")

    def check(self, lesson):
        """The limits of a lesson of two; looser where sanitizers slow everything down."""
        print(f"{self.id().split('.')[-1]}: median {lesson.figures[0]:.1f} ms, p99 {lesson.figures[1]:.1f} ms, "
              f"{len(lesson.delays)} messages")
        slow = 4 if "asan" in harness.program else 1
        self.calm.at_most(lesson.figures[0], 20 * slow, 80 * slow, "the median")
        self.calm.at_most(lesson.figures[1], 60 * slow, 400 * slow, "the 99th percentile")

    @harness.realtime
    def test_broken_frames_end_that_connection_alone(self):
        with self.lesson() as lesson:
            for number, (what, (data, answer)) in enumerate(self.BROKEN.items()):
                with self.subTest(what):
                    mallory = self.client(f"mallory{number}").join()
                    mallory.ws.send(data)
                    self.assertEqual(mallory.wait_end(), answer)
        self.check(lesson)

    @harness.realtime
    def test_frames_of_websocket_that_are_wrong(self):
        rows = {
            "text": lambda ws: ws.send(b"hello", opcode=1),
            "a mask is missing": lambda ws: ws.send(b"\x01", masked=False),
            "a reserved opcode": lambda ws: ws.send(b"\x01", opcode=3),
            "a close frame of one byte": lambda ws: ws.send(b"\x01", opcode=8),
            "a ping of 126 bytes": lambda ws: ws.send(b"x" * 126, opcode=9),
            "a fragment of nothing": lambda ws: ws.send(b"x", opcode=0),
        }
        with self.lesson() as lesson:
            for number, (what, say) in enumerate(rows.items()):
                with self.subTest(what):
                    mallory = self.client(f"mallory{number}").join()
                    say(mallory.ws)
                    code, _ = mallory.wait_end()
                    self.assertIn(code, (4020, 1002))
        self.check(lesson)

    def test_before_hello_nothing_else(self):
        for number, data in enumerate((intent(1, text="x"), bytes([room_wire.PING]), b"\x00", b"")):
            mallory = self.client(f"mallory{number}").connect()
            mallory.ws.send(data)
            self.assertEqual(mallory.wait_end(), (4020, "protocol"))
        mallory = self.client("old").connect()
        mallory.hello(version=99)
        self.assertEqual(mallory.wait_end(), (4022, "version"))

    def test_rights_are_the_edges(self):
        teacher, other = self.client("teacher", "teacher").join(), self.client("other").join()
        said = teacher.chat("mine")
        chat = teacher.wait_for(lambda e: e.kind == CHAT and e.counter == said).number
        mallory = self.client("mallory").join()
        ids = {"me": mallory.me, "teacher": teacher.me, "other": other.me, "chat": chat}
        for what, (named, reason) in self.RIGHTS.items():
            with self.subTest(what):
                known = {k: ids.get(v, v) if k in ("target", "about") else v for k, v in named.items()}
                counter = mallory.intent(known.pop("kind"), **known)
                self.assertEqual(mallory.wait_settled(counter), reason)
                time.sleep(0.5)  # a student may do two things a second
        teacher.wait_settled(teacher.chat("for staff", audience=TO_STAFF))
        teacher.wait_settled(teacher.chat("for all"))
        mallory.wait_for(lambda e: e.text == "for all")
        self.assertNotIn("for staff", [e.text for e in mallory.events])
        self.assertEqual(self.metric("chalkrail_edge_room_refused_total"), len(self.RIGHTS))

    def test_replayed_and_reordered_intents(self):
        teacher, mallory = self.client("teacher", "teacher").join(), self.client("mallory").join()
        for counter in (1, 1, 3, 2, 1, 3):
            mallory.ws.send(intent(counter, text=f"line {counter}"))
        teacher.wait_for(lambda e: e.text == "line 3")
        mallory.ws.send(intent(4, text="line 4"))
        teacher.wait_for(lambda e: e.text == "line 4")
        self.assertEqual([e.text for e in teacher.events if e.kind == CHAT], ["line 1", "line 3", "line 4"])
        self.assertEqual(self.metric("chalkrail_edge_room_repeated_total"), 4)

    def test_an_epoch_of_the_future(self):
        mallory = self.client("mallory")
        mallory.epoch = (int(time.time()) + 3600) * 1000000
        mallory.connect()
        mallory.hello()
        self.assertEqual(mallory.wait_end(), (4020, "protocol"))

    @harness.realtime
    def test_a_flood_of_intents_is_slowed_down(self):
        with self.lesson() as lesson:
            mallory = self.client("mallory", room="lesson").join()
            body = b"".join(self.masked(intent(i, text="x" * 500)) for i in range(1, 20000))
            mallory.ws.raw.settimeout(10)
            try:
                mallory.ws.raw.sendall(body)
            except OSError:
                pass  # it was closed before it had said all
            code, reason = mallory.wait_end(20)
            self.assertIn((code, reason), ((4009, "busy"), (None, "busy"), (None, None)))
        self.check(lesson)

    @staticmethod
    def masked(data):
        size = len(data)
        return bytes([0x82, 0xfe]) + size.to_bytes(2, "big") + bytes(4) + data  # a mask of zeros

    @harness.realtime
    def test_connections_that_never_speak(self):
        count = 1000
        with self.lesson() as lesson:
            self.fill("past")
            stuck = self.client("stuck", room="past").connect()  # is sent the past, and reads nothing
            stuck.hello()
            silent = []
            for number in range(count):
                silent.append(room_wire.WebSocket(self.edge.http_port, f"/rooms/quiet{number % 7}?name=s{number}"))
            self.assertEqual(self.metric("chalkrail_edge_room_connections"), count + 3)
            ends = []
            for ws in silent[:3] + silent[-3:]:
                client = room_wire.Client(0, "", "")
                client.ws = ws
                ends.append(client.wait_end(20))
            self.assertEqual(set(ends), {(4024, "silent")})
            harness.until(lambda: self.metric("chalkrail_edge_room_connections") == 2, 20, "the end of the silent")
            self.assertEqual(self.metric('chalkrail_edge_room_closed_total', "slow_reader"), 1)
            for ws in silent:
                ws.close()
        self.check(lesson)

    @harness.realtime
    def test_one_that_never_reads(self):
        with self.lesson() as lesson:
            deaf = self.client("deaf", room="loud")
            deaf.connect()
            deaf.ws.raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.hello()
            loud = self.client("loud", "teacher", room="loud").join()
            memory = self.metric("chalkrail_edge_memory_bytes")
            most = 0
            for number in range(2000):
                loud.chat("x" * 8000)
                loud.until(lambda: len(loud.pending) < 8, 20, "answers")
                if number % 50 == 0:
                    deaf.ping()  # it speaks: silence is not what ends it
                    most = max(most, self.metric("chalkrail_edge_memory_bytes"))
                    if self.metric("chalkrail_edge_room_closed_total") > 0:
                        break
            self.assertEqual(self.metric("chalkrail_edge_room_closed_total"), 1)
            self.assertLess(most - memory, 24 << 20)
        self.check(lesson)

    @harness.realtime
    def test_a_flood_of_joins(self):
        over = threading.Event()
        counts = {"joined": 0, "refused": 0}

        def join_and_leave(number):
            while not over.is_set():
                try:
                    room_wire.WebSocket(self.edge.http_port, f"/rooms/lesson?name=m{number}").close()
                    counts["joined"] += 1
                except room_wire.Refused as refusal:
                    assert refusal.status in (429, 503), refusal
                    counts["refused"] += 1
                except OSError:
                    pass
        threads = [threading.Thread(target=join_and_leave, args=(n,), daemon=True) for n in range(4)]
        with self.lesson() as lesson:
            for thread in threads:
                thread.start()
            time.sleep(4)
            over.set()
            for thread in threads:
                thread.join(10)
        self.assertGreater(counts["refused"], 100)
        self.check(lesson)

    @staticmethod
    def newcomers(port, number, over):
        """Joins under ever new names, each to be sent the room's past, and never reads it."""
        kept, count = [], 0
        while not over.is_set():
            client = room_wire.Client(port, "past", f"m{number}.{count}")
            count += 1
            try:
                client.connect()
                client.hello()
            except (room_wire.Refused, OSError):
                time.sleep(0.01)
            kept.append(client)
            if len(kept) > 100:
                kept.pop(0).leave()

    @harness.realtime
    def test_a_flood_of_newcomers_to_a_room_with_a_past(self):
        with self.lesson() as lesson:
            self.fill("past")
            over = Lesson.FORK.Event()
            floods = [Lesson.FORK.Process(target=self.newcomers, args=(self.edge.http_port, n, over), daemon=True)
                      for n in range(2)]
            for flood in floods:
                flood.start()
            time.sleep(4)
            over.set()
            for flood in floods:
                flood.join(10)
                flood.kill()
            snapshots = self.metric("chalkrail_edge_room_snapshots_total")
        self.assertGreater(snapshots, 50)
        self.assertLess(snapshots, 400)  # of 800 KB, at 32 MB a second
        self.check(lesson)


if __name__ == "__main__":
    harness.main()
