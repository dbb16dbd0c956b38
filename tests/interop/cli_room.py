#!/usr/bin/env python3
"""`chalkrail room` at a real edge: what one does the other is told, and how it ends.

Usage: cli_room.py PROGRAM [TEST...]
"""

import json
import re
import signal
import subprocess
import time
import unittest

import harness

SECRET = b"sixteen bytes or more"


class Guest:
    """A line client beside the test, with --json."""

    def __init__(self, scene, url, name, role="student"):
        self.run = scene.chalkrail("room", url, "--room", "maths", "--name", name, "--role", role, "--json", talks=True)
        self.say = self.run.say
        self.state("live")

    def told(self, **wanted):
        """The first line that has all these values."""
        def find():
            return next((o for o in self.run.objects() if all(o.get(k) == v for k, v in wanted.items())), None)
        return harness.until(find, what=f"{wanted} of {self.run}")

    def state(self, state):
        return self.told(type="event", kind="room", state=state)

    def settled(self, verb):
        intent = self.told(type="intent", verb=verb)["intent"]
        return self.told(type="room", kind="settled", intent=intent)["reason"]

    def leave(self):
        """Ends the input; the exit code and the summary."""
        self.run.handle.stdin.close()
        return self.run.finish(), self.run.objects()[-1]


class Room(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())
        self.url = self.open_edge()

    def open_edge(self, *more):
        self.edge = self.scene.edge("--open", *more)
        return f"ws://127.0.0.1:{self.edge.http_port}"

    def test_a_lesson(self):
        ada = Guest(self.scene, self.url, "ada", "teacher")
        li = Guest(self.scene, self.url, "li")
        li.say("say 老师好 👋", "hand up", "to ada psst")
        said = ada.told(what="chat", audience="all")
        self.assertEqual((said["text"], said["name"]), ("老师好 👋", "li"))
        self.assertEqual(ada.told(what="hand")["on"], 1)
        self.assertEqual(ada.told(what="chat", audience="one")["text"], "psst")
        ada.say("poll Pause? | ja | nein", "wait", "notice Seite 12", "class live", "invite li")
        poll = li.told(what="poll")
        self.assertEqual(poll["text"], "Pause?")
        self.assertEqual(li.told(what="notice")["text"], "Seite 12")
        self.assertEqual(li.told(what="class")["value"], 2)
        self.assertEqual(li.told(what="invite")["on"], 1)
        li.say(f"vote {poll['number']} 2", "answer yes", "react 👍", "app 7 quiz", "report 3 muted")
        self.assertEqual(ada.told(what="answer")["on"], 1)
        self.assertEqual(ada.told(kind="reaction")["text"], "👍")
        self.assertEqual(ada.told(what="app")["value"], 7)
        ada.told(what="counts")
        ada.say("look polls", "mute li", f"delete {said['number']}", "look people", "roster", "history 10")
        options = ada.told(type="poll")["options"]
        self.assertEqual([o["count"] for o in options], [0, 1])
        self.assertEqual(li.told(what="delete")["about"], said["number"])
        self.assertEqual(ada.told(type="person", name="li")["role"], "student")
        self.assertEqual(ada.told(kind="person", name="li")["value"], 4)
        self.assertEqual(ada.told(kind="past", number=said["number"])["on"], 1)
        li.say("say muted now")
        li.told(what="mute")
        self.assertEqual(ada.leave()[0], 0)
        code, summary = li.leave()
        self.assertEqual(code, 0)
        self.assertEqual((summary["ok"], summary["ended_by"], summary["pending"]), (True, "input", 0))
        self.assertEqual((summary["gaps"], summary["mismatches"], summary["events_dropped"]), (0, 0, 0))

    def test_lines_wait_for_the_state(self):
        """Whoever is in the room can be named by the first line."""
        ada = Guest(self.scene, self.url, "ada", "teacher")
        for name in ("li", "wang", "zhao"):
            run = self.scene.chalkrail("room", self.url, "--room", "maths", "--name", name, "--json", talks=True)
            run.say("to ada psst", "look people")
            run.handle.stdin.close()
            self.assertEqual(run.finish(), 0, run)
            self.assertEqual(run.objects()[-1]["wrong_lines"], 0)
            self.assertLessEqual({"ada", name}, {o["name"] for o in run.objects("person")})
        self.assertEqual(ada.leave()[0], 0)

    def test_what_was_asked_for_is_waited_for(self):
        """More than a student may say at once."""
        li = Guest(self.scene, self.url, "li")
        li.say(*(f"say {i}" for i in range(20)))
        code, summary = li.leave()
        self.assertEqual((code, summary["unsettled"]), (0, 0))
        reasons = [o["reason"] for o in li.run.objects("room") if o["kind"] == "settled"]
        self.assertEqual(reasons, ["none"] * 20)

    def test_what_is_never_answered_fails(self):
        li = Guest(self.scene, self.url, "li")
        self.edge.process.kill()
        li.state("waiting")
        li.say("say nobody hears", "sleep 60")
        li.told(type="intent", verb="say")
        self.assertEqual(li.run.stop(signal.SIGINT), 1)
        summary = li.run.objects()[-1]
        self.assertEqual((summary["ok"], summary["unsettled"]), (False, 1))

    def test_json(self):
        ada = Guest(self.scene, self.url, "ada", "teacher")
        li = Guest(self.scene, self.url, "li")
        ada.say("show 4 here", "to li psst", "wait", "look messages", "frobnicate")
        shown = li.told(kind="shown", value=4)
        self.assertEqual(bytes.fromhex(shown["data_hex"]), b"here")
        message = ada.told(type="message", text="psst")
        self.assertEqual((message["audience"], message["lane"], message["name"]), ("one", "ordered", "ada"))
        self.assertEqual(message["target"], ada.told(what="enroll", name="li")["target"])
        li.say("report 3 muted")
        self.assertIn("1 of 1", ada.told(kind="summary", reported=1)["text"])
        self.assertIn("there is no frobnicate", ada.told(type="wrong")["text"])
        self.assertEqual((ada.leave()[0], li.leave()[0]), (0, 0))
        for line in ada.run.out:
            json.loads(line, parse_float=lambda text: self.assertNotIn("e", text))

    def test_who_is_superseded_is_told_so(self):
        first = Guest(self.scene, self.url, "li")
        second = Guest(self.scene, self.url, "li")
        first.state("closed")
        self.assertEqual(first.run.finish(), 1)
        self.assertIn("superseded", "\n".join(first.run.err))
        self.assertNotIn("token", "\n".join(first.run.err))
        self.assertEqual(second.leave()[0], 0)

    def test_a_name_that_cannot_be(self):
        for wrong in (("--room", "a b/c", "--name", "li"), ("--room", "maths", "--name", "Li Wei")):
            run = self.scene.run("room", self.url, *wrong)
            self.assertEqual(run.code, 2, run)

    def test_what_may_not_be_is_told(self):
        li = Guest(self.scene, self.url, "li")
        li.say("class live", "frobnicate", "vote", "to nobody hello", "say " + "x" * 20000)
        self.assertEqual(li.settled("class"), "denied")
        code, summary = li.leave()
        self.assertEqual((code, summary["wrong_lines"]), (0, 4))
        self.assertIn("there is no frobnicate", "\n".join(li.run.err))
        self.assertIn("vote takes: vote POLL", "\n".join(li.run.err))

    def test_an_edge_that_comes_back(self):
        """On the same port, with what was on its disk."""
        data = self.scene.path("data")
        li = Guest(self.scene, self.open_edge("--data", data), "li")
        li.say("say before", "wait")
        li.told(what="chat", text="before")
        port = self.edge.http_port
        self.edge.process.kill()
        li.state("waiting")
        li.say("say meanwhile")
        self.scene.chalkrail("edge", "--open", "--data", data, "--rtmp", "127.0.0.1:0", "--http", f"127.0.0.1:{port}")
        number = li.told(what="chat", text="meanwhile")["number"]
        code, summary = li.leave()
        self.assertEqual((code, summary["reconnects"], summary["head"] >= number), (0, 1, True))
        texts = [o["text"] for o in li.run.objects("room") if o.get("what") == "chat"]
        self.assertEqual(texts, ["before", "meanwhile"])

    def test_a_signal_leaves_in_order(self):
        ada = Guest(self.scene, self.url, "ada", "teacher")
        li = Guest(self.scene, self.url, "li")
        ada.told(kind="presence", value=2)
        li.say("say bye", "sleep 60")
        ada.told(what="chat")
        self.assertEqual(li.run.stop(signal.SIGINT), 0)
        self.assertEqual(li.run.objects()[-1]["ended_by"], "signal")
        harness.until(lambda: [o for o in ada.run.objects("room") if o["kind"] == "presence"][-1]["value"] == 1)
        self.assertEqual(ada.leave()[0], 0)

    def test_tokens(self):
        secret = self.scene.write("secret", SECRET)
        edge = self.scene.edge("--secret", secret)
        url = f"ws://127.0.0.1:{edge.http_port}"
        run = self.scene.run("room", url, "--room", "maths", "--token", "no-token", "--json")
        self.assertEqual(run.code, 1)
        self.assertEqual((run.objects()[-1]["ok"], run.objects()[-1]["cause"]), (False, "DENIED"))
        self.assertNotIn("no-token", run.out_text + run.err_text)
        token = self.scene.run("token", "--secret", secret, "--room", "maths", "--name", "ada", "--role", "teacher")
        run = self.scene.chalkrail("room", url, "--room", "maths", "--token", token.out[0], talks=True)
        run.say("say mit Zeichen", "wait", "look info")
        run.handle.stdin.close()
        self.assertEqual(run.finish(), 0, run)
        self.assertIn("ada: mit Zeichen", run.out_text)
        self.assertIn("you are #1, teacher", run.out_text)

    def test_a_token_that_expires(self):
        secret = self.scene.write("secret", SECRET)
        edge = self.scene.edge("--secret", secret)
        url = f"ws://127.0.0.1:{edge.http_port}"
        token = self.scene.run("token", "--secret", secret, "--room", "maths", "--name", "li",
                               "--role", "student", "--ttl", "2s").out[0]
        run = self.scene.chalkrail("room", url, "--room", "maths", "--token", token, "--json", talks=True)
        told = lambda **wanted: [o for o in run.objects("event") if all(o[k] == v for k, v in wanted.items())]
        harness.until(lambda: told(state="live"))
        harness.until(lambda: told(state="waiting", cause="DENIED"))
        run.say("say too late")
        run.handle.stdin.close()
        self.assertEqual(run.finish(), 1, run)
        self.assertEqual((run.objects()[-1]["ok"], run.objects()[-1]["unsettled"]), (False, 1))
        self.assertIn("the token has expired", run.err_text)
        run = self.scene.run("room", url, "--room", "maths", "--token", token)
        self.assertEqual(run.code, 1)
        self.assertIn("the token has expired", run.err_text)

    def test_nobody_is_there(self):
        run = self.scene.run("room", "ws://127.0.0.1:1", "--room", "maths", "--name", "li", "--no-retry")
        self.assertEqual(run.code, 1)
        self.assertIn("REFUSED", run.err_text)
        run = self.scene.run("room", "http://127.0.0.1:1", "--room", "maths", "--name", "li", "--give-up", "300ms")
        self.assertEqual(run.code, 1)

    def test_tls_where_none_is_spoken(self):
        run = self.scene.run("room", self.url.replace("ws:", "wss:"), "--room", "maths", "--name", "li")
        self.assertEqual(run.code, 1)
        self.assertIn("no TLS on this port (NO_TLS)", run.err_text)

    def test_a_stream_that_cannot_be_followed(self):
        for url, why in (("nonsense", "a URL begins with its scheme"), ("ftp://a/b", '"ftp://" is not possible')):
            run = self.scene.run("room", self.url, "--room", "maths", "--name", "li", "--follow", url)
            self.assertEqual(run.code, 2, run)
            self.assertIn(why, run.err_text)

    def test_too_long(self):
        ada = Guest(self.scene, self.url, "ada", "teacher")
        ada.say("say " + "x" * 8001, "notice " + "x" * 501, "react " + "x" * 33, "say " + "x" * 8000)
        self.assertEqual(ada.settled("say"), "none")
        self.assertEqual([o["text"].split(": ")[1] for o in ada.run.objects("wrong")],
                         [f"a text has at most {most} bytes" for most in (8000, 500, 32)])
        self.assertEqual(ada.leave()[0], 0)
        li = self.scene.chalkrail("room", self.url, "--room", "maths", "--name", "li", talks=True)
        li.say("say " + "x" * 2001)
        li.wait_for("too_large: a student's text has at most 2,000 bytes")

    def test_nothing_can_be_written(self):
        """A room is left when what happens can be told to nobody; so is --help."""
        for arguments in (("room", self.url, "--room", "maths", "--name", "li"), ("room", "--help")):
            with open(harness.full_disk(), "w", encoding="ascii") as out:
                ended = subprocess.run((harness.program, *arguments), stdin=subprocess.DEVNULL, stdout=out,
                                       stderr=subprocess.PIPE, text=True, timeout=harness.PATIENCE, check=False)
            self.assertEqual(ended.returncode, 1, ended.stderr)
            self.assertIn("cannot write to standard output: No space left", ended.stderr)


@harness.realtime
class Presented(unittest.TestCase):
    """Events and the stream that is followed. The publisher's clock and the edge's are one machine's."""

    MARKS = 12

    def setUp(self):
        self.scene = self.enterContext(harness.Scene())

    def check_receipts(self, ada):
        """Looked at as often as there is something new."""
        def find():
            texts = [o["text"] for o in ada.run.objects("receipts")]
            if len(texts) == asked[0]:
                asked[0] += 1
                ada.say("look summary", "sleep 0.1")
            return re.search(r"1 of 1 .*, the oldest \d\.\d s behind; 0 hear you; li: no sound device", "\n".join(texts))
        asked = [0]
        harness.until(find, what="a receipt")

    def test_what_happens_is_told_with_the_picture(self):
        edge = self.scene.edge("--open")
        url = f"ws://127.0.0.1:{edge.http_port}"
        publisher = self.scene.chalkrail("publish", edge.rtmp("maths/ada/screen"), "--synthetic")
        publisher.wait_for("server live")
        ada = Guest(self.scene, url, "ada", "teacher")
        li = Guest(self.scene, url, "li")
        li.say("follow " + edge.flv("maths/ada/screen"))
        li.told(kind="room_source", state="picture")
        ada.told(what="stream", on=1)
        for i in range(self.MARKS):
            ada.say(f"app {i + 1} mark", "sleep 0.25")
        marks = [li.told(what="app", value=i + 1) for i in range(self.MARKS)]
        self.assertEqual({mark["how"] for mark in marks[2:]}, {"in_step"})
        late_us = sorted(mark.get("late_us", 0) for mark in marks[2:])
        self.calm.at_most(late_us[-1], 40000, 300000, late_us)
        self.check_receipts(ada)
        publisher.stop()
        ada.told(what="stream", on=None)
        time.sleep(1)  # what is on its way is shown
        ada.say("say after the lesson")
        self.assertIn(li.told(what="chat", text="after the lesson")["how"], ("live", "jump"))
        li.say("follow off", "sleep 0.1")
        ada.say("say over", "wait")
        self.assertEqual(li.told(what="chat", text="over")["how"], "live")
        self.assertEqual((ada.leave()[0], li.leave()[0]), (0, 0))


if __name__ == "__main__":
    harness.main()
