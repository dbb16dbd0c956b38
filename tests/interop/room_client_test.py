#!/usr/bin/env python3
"""The client of room_client.py, which knows docs/PROTOCOL.md alone, beside `chalkrail room` in one room of a real edge.

Usage: room_client_test.py PROGRAM [TEST...]
"""

import signal
import time
import unittest

import harness
import room_client
from protobuf_small import unpack

SECRET = b"sixteen bytes or more"
CHAT = 2


class Ours:
    """`chalkrail room` beside the test."""

    def __init__(self, scene, url, *who, env=None):
        self.run = scene.chalkrail("room", url, "--room", "maths", *who, "--json", env=env, talks=True)
        self.say = self.run.say
        harness.until(lambda: any(o.get("state") == "live" for o in self.run.objects()), what=f"live: {self.run}")

    def heard(self):
        return [(o["number"], o["name"], o["text"]) for o in self.run.objects() if o.get("what") == "chat"]

    def leave(self):
        self.run.handle.stdin.close()
        return self.run.finish()


class Theirs:
    """The client of room_client.py, and what it was told."""

    def __init__(self, url, ca=None):
        self.client, self.told = room_client.RoomClient(url, ca), []
        self.client.join()
        self.until(lambda: self.client.caught_up, "welcome")

    def until(self, condition, what):
        def look():
            self.told += self.client.poll(0.05)
            return condition()
        return harness.until(look, what=f"{what} of {self.told}")

    def of(self, name):
        return [values for told, values in self.told if told == name]

    def heard(self):
        return [(e["number"], self.client.names[e["author"]], e["text"]) for e in self.of("EVENT") if e["kind"] == CHAT]

    def page(self, count):
        self.client.send("ASK", request=7, what=1, count=count)
        self.until(lambda: self.of("PAGE"), "a page")
        return self.of("PAGE")[-1]


class RoomClient(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())

    def talk(self, ours, theirs):
        """Both chat, the one of the protocol is cut while messages are said; both have heard the same."""
        ours.say("say 老师好 👋🏽", "say 2")
        theirs.client.say("ὦ 𠮷野家 👩‍👩‍👧 ä")
        self.wait(ours, theirs, 3)
        theirs.client.ws.sock.close()
        ours.say(*(f"say cut {i}" for i in range(20)))
        for i in range(20):
            theirs.client.say(f"meanwhile {i}")
        harness.until(lambda: len(ours.heard()) == 23, what="what was said while it was cut")
        self.wait(ours, theirs, 43)
        heard = theirs.heard()
        self.assertEqual(heard, ours.heard())
        self.assertEqual([number for number, _, _ in heard], sorted({number for number, _, _ in heard}))
        self.assertEqual({text for _, _, text in heard},
                         {"老师好 👋🏽", "2", "ὦ 𠮷野家 👩‍👩‍👧 ä"} | {f"{say} {i}" for i in range(20) for say in ("cut", "meanwhile")})
        self.assertEqual([text for _, name, text in heard if name == "py" and text[0] == "m"],
                         [f"meanwhile {i}" for i in range(20)])
        self.assertEqual((len(theirs.of("LOST")), len(theirs.of("WELCOME")), len(theirs.of("SNAPSHOT"))), (1, 2, 1))
        self.assertFalse(theirs.client.intents)
        page = theirs.page(5)
        self.assertEqual([(e["number"], e["text"]) for e in page["events"]], [(n, text) for n, _, text in heard[-5:]])
        self.assertTrue(page["more"])
        theirs.client.ws.close()
        self.assertEqual(ours.leave(), 0)

    def wait(self, ours, theirs, count):
        theirs.until(lambda: len(theirs.heard()) >= count and len(ours.heard()) >= count, f"{count} messages")

    def test_at_an_open_edge(self):
        port = self.scene.edge("--open").http_port
        ours = Ours(self.scene, f"ws://127.0.0.1:{port}", "--name", "ada", "--role", "teacher")
        self.talk(ours, Theirs(f"ws://127.0.0.1:{port}/rooms/maths?name=py&role=teacher"))

    def token(self, name, role, ttl="1h"):
        run = self.scene.chalkrail("token", "--secret", self.secret, "--room", "maths", "--name", name, "--role", role,
                                   "--ttl", ttl)
        self.assertEqual(run.finish(), 0, run)
        return run.out_text.strip()

    def test_with_tokens(self):
        self.secret = self.scene.write("secret", SECRET)
        short = self.token("py", "teacher", "1s")
        port = self.scene.edge("--secret", self.secret).http_port
        ours = Ours(self.scene, f"ws://127.0.0.1:{port}", "--token", self.token("ada", "assistant"))
        self.talk(ours, Theirs(f"ws://127.0.0.1:{port}/rooms/maths?token={self.token('py', 'teacher')}"))
        with self.assertRaises(room_client.Refused) as refused:
            self.expire(f"ws://127.0.0.1:{port}/rooms/maths?token={short}")
        self.assertEqual(refused.exception.args[0], 401)
        self.assertRegex(refused.exception.args[1], "expired")

    def expire(self, url):
        end = time.monotonic() + 3
        while time.monotonic() < end:
            client = room_client.RoomClient(url)
            client.join()
            client.ws.close()
            time.sleep(0.6)  # a participant may join twice a second

    def test_over_tls(self):
        certificate, key = self.scene.certificate("localhost")
        port = self.scene.edge("--open", "--tls-cert", certificate, "--tls-key", key).http_port
        ours = Ours(self.scene, f"wss://localhost:{port}", "--name", "ada", "--role", "teacher",
                    env={"SSL_CERT_FILE": certificate})
        self.talk(ours, Theirs(f"wss://localhost:{port}/rooms/maths?name=py&role=teacher", certificate))

    def test_packed_frames(self):
        port = self.scene.edge("--open").http_port
        people = [Theirs(f"ws://127.0.0.1:{port}/rooms/maths?name=n{i}&role=teacher") for i in range(10)]
        for i, one in enumerate(people):
            one.client.say(f"漢字 {i} 😀")
        harness.until(lambda: self.all_said(people), what="ten messages at all ten")
        self.assertEqual(len({tuple(one.heard()) for one in people}), 1)
        self.assertGreater(sum(one.client.packed for one in people), 0)
        for one in people:
            one.client.ws.close()

    def all_said(self, people):
        for one in people:
            one.told += one.client.poll(0.01)
        return all(len(one.heard()) == len(people) for one in people)

    def test_a_crowd(self):
        """What students say comes by the crowd lane: equal texts are shown once, one's own are all told, and once."""
        url = f"ws://127.0.0.1:{self.scene.edge('--open').http_port}/rooms/maths?name="
        people = [Theirs(f"{url}n{i}") for i in range(102)]
        first, last = people[0], people[-1]
        said = ["漢字 😀?", "漢字 😀?", "other"]
        for text in said:
            last.client.say(text)
        for one in (last, first):
            one.until(lambda one=one: one.client.crowd == len(said), "the crowd")
        chat = [[(e["number"], e["text"]) for e in one.of("EVENT") if e["kind"] == CHAT] for one in (first, last)]
        self.assertEqual(chat[1], list(enumerate(said, 1)))
        told = sum(max(1, e["times"]) for e in first.of("EVENT") if e["kind"] == CHAT)
        self.assertEqual(told + sum(self.again(frame["again"]) for frame in first.of("CROWD")), len(said))
        self.assertLessEqual(set(chat[0]), set(chat[1]))
        for one in people:
            one.client.ws.close()

    @staticmethod
    def again(data):
        """How often it is told that something was said again: what comes too late for the frame of the first."""
        count = 0
        while data:
            _, _, times, data = unpack(data, "nnn")
            count += max(1, times)
        return count

    def test_an_edge_that_has_forgotten(self):
        """The room of a new edge is another one, also when it has come past the head of who comes back."""
        first = self.scene.edge("--open")
        url = f"ws://127.0.0.1:{first.http_port}"
        py, ours = Theirs(f"{url}/rooms/maths?name=py"), Ours(self.scene, url, "--name", "ada")
        py.client.say("old")
        self.wait(ours, py, 1)
        ours.run.send(signal.SIGSTOP)
        first.process.kill()
        self.scene.chalkrail("edge", "--open", "--rtmp", "127.0.0.1:0", "--http", url[5:]).wait_for("ready")
        li = Theirs(f"{url}/rooms/maths?name=li&role=teacher")
        for i in range(20):
            li.client.say(f"new {i}")
        li.until(lambda: not li.client.intents, "its messages")
        ours.run.send(signal.SIGCONT)
        py.until(lambda: len(py.heard()) == 21, "the new room")
        self.assertEqual(len(py.of("SNAPSHOT")), 2)
        self.assertEqual([(name, text) for _, name, text in py.heard()[1:]], [("li", f"new {i}") for i in range(20)])
        harness.until(lambda: len([o for o in ours.run.objects() if o.get("kind") == "reset"]) == 2, what="a reset")
        li.client.say("after")
        li.until(lambda: len(ours.heard()) == 2, "a message")
        self.assertEqual(ours.heard()[1][1:], ("li", "after"))
        for one in (py, li):
            one.client.ws.close()

    def test_a_new_login_counts_from_one(self):
        """Messages of an earlier login settle nothing of this one, though their counters are the same."""
        url = f"ws://127.0.0.1:{self.scene.edge('--open').http_port}/rooms/maths?name=py&role=teacher"
        first = Theirs(url)
        first.client.say("first")
        first.until(lambda: not first.client.intents, "its message")
        first.client.ws.close()
        second = room_client.RoomClient(url)
        second.say("second")
        told = []
        harness.until(lambda: told.extend(second.poll(0.05)) or not second.intents, what="its message")
        self.assertEqual([(e["counter"], e["text"]) for name, e in told if name == "EVENT" and e["kind"] == CHAT],
                         [(1, "first"), (1, "second")])
        second.ws.close()


if __name__ == "__main__":
    harness.main()
