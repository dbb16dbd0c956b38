"""room: from the call of an event to that event at everybody else; a class of 10,000 and a thousand lessons, each an
edge and a crowd (`chalkrail load`) in processes of their own, beside the npm package ws.
"""

import concurrent.futures
import json
import os
import signal
import subprocess

import harness
from report import Goal, NotMeasured, Row
from room_class import HEADER_BYTES, ClassEdge, Crowd
from room_watch import watchers
from stage import cpu_s, memory_kb

PEER = "npm ws"
LINES_A_SECOND = 10   # of the crowd, shown to everybody
MESSAGES, POINTS = 214, 60
NAIVE_SOCKETS = 200   # that one process of node can serve all of it
EQUAL_SOCKETS = 2000
FLOODERS, FLOOD_EVERY_S = 1070, 5  # chat-flood: 214 messages a second


# ---- small rooms ----

def call_to_event(stage, people, seconds, *more):
    done = subprocess.run([os.path.join(stage.programs, "chalk-bench-room"), str(people), str(seconds), *more],
                          check=True, capture_output=True, text=True, timeout=120)
    return json.loads(done.stdout)


def small_rooms(stage):
    rows = []
    seconds = stage.pick(10, 5, 1)
    for name, people, kept in (("lesson", 2, False), ("lesson.disk", 2, True), ("class50", 50, False),
                               ("class50.disk", 50, True)):
        runs = []
        for number in range(stage.pick(3, 2, 1)):
            more = ("--data", stage.path(f"{name}-{number}")) if kept else ()
            runs.append(call_to_event(stage, people, seconds, *more))
        lesson = people == 2
        rows.append(Row(f"room.{name}.median", "ms", [r["median_ms"] for r in runs],
                        goal=Goal(value=20) if lesson else None, digits=2))
        rows.append(Row(f"room.{name}.p99", "ms", [r["p99_ms"] for r in runs],
                        goal=Goal(value=60 if lesson else 150), digits=2))
    return rows


# ---- the peer ----

class Naive:
    """npm ws sending to so many sockets for a while: bytes and processor time of a frame, memory of a socket."""

    def __init__(self, stage, sockets, seconds, *what):
        server = stage.start("node", os.path.join(os.path.dirname(__file__), "naive_room.js"), *what,
                             env={"NODE_PATH": harness.NPM})
        port = server.wait_for(r"^ready (\d+)$")[1]
        before_kb, _ = memory_kb(server)
        readers = stage.tool("ws", "read", port, sockets, seconds)
        readers.wait_for("^ready$", 60)
        self.idle_kb = (memory_kb(server)[0] - before_kb) / sockets
        cpu = cpu_s(server)
        server.send(signal.SIGUSR2)
        if readers.finish(seconds + 60) != 0:
            raise NotMeasured(str(readers))
        used_us = (cpu_s(server) - cpu) * 1e6
        server.send(signal.SIGUSR1)
        sent = json.loads(server.wait_for(r"^(\{.*\})$")[1])
        stage.end(server)
        self.frame_bytes = sent["bytes"] / sent["frames"]
        self.frame_us = used_us / sent["frames"]


def bare_send_us(stage, sockets, size):
    run = stage.tool("bare", sockets, size, stage.pick(20, 10, 2))
    if run.finish(60) != 0:
        raise NotMeasured(str(run))
    return json.loads(run.out[-1])["send_us"]


# ---- the class ----

def class_options(students):
    return "--students", students, "--teachers", 1, "--profile", "classroom10k"


def plain_class(stage, students):
    """Rows 1 to 3, over plain TCP."""
    stage.say(f"room: a class of {students}")
    crowd = Crowd(ClassEdge(stage), stage.pick(15, 5, 1), stage.pick(60, 15, 2), *class_options(students))
    stage.end(crowd.watched.process)
    size, frames_a_second = crowd.frame()
    stage.say(f"room: {PEER}, frames of {size:.0f} bytes, {frames_a_second:.2f} a second to each; then all of it as JSON")
    seconds, sockets = stage.pick(10, 5, 1), min(students, EQUAL_SOCKETS)
    equal = Naive(stage, sockets, seconds, "--frames", round(size), frames_a_second)
    naive = Naive(stage, stage.pick(NAIVE_SOCKETS, NAIVE_SOCKETS, 10), seconds, MESSAGES, POINTS)
    naive_kbps = (naive.frame_bytes + HEADER_BYTES) * 8 / 1000 * (MESSAGES + POINTS)
    bare_us = bare_send_us(stage, students, round(size))
    delivery = [crowd.delivery_us()]
    return [
        Row("room.class.rate", "kbit/s a student", [crowd.kbps()], PEER + ", JSON", [naive_kbps], Goal(value=4), digits=2),
        Row("room.class.filled", "% of places shown", [crowd.filled_percent(LINES_A_SECOND)],
            goal=Goal(value=90, least=True), digits=1),
        Row("room.class.ordered_p99", "ms", [crowd.p99_ms("ordered")], goal=Goal(value=450), digits=1),
        Row("room.class.crowd_p99", "ms", [crowd.p99_ms("crowd")], goal=Goal(value=1000), digits=1),
        Row("room.class.delivery", "us a frame", delivery, PEER, [equal.frame_us], Goal(ratio=0.5), digits=2),
        Row("room.class.delivery.send", "us a frame", delivery, "send() alone", [bare_us], digits=2),
        Row("room.class.edge_cpu", "% of a core", [crowd.edge_percent()], goal=Goal(value=40), digits=1),
        Row("room.class.edge_memory", "KB a connection", [crowd.edge_kb()], PEER, [equal.idle_kb], Goal(value=8), digits=2),
        Row("room.class.crowd_cpu", "% of a core", [crowd.crowd_percent()], goal=Goal(value=50), digits=1),
        Row("room.class.crowd_memory", "KB a student", [crowd.crowd_kb()], goal=Goal(value=12), digits=2),
    ]


def secure_class(stage, students):
    stage.say(f"room: a class of {students}, TLS")
    crowd = Crowd(ClassEdge(stage, True), stage.pick(30, 10, 1), stage.pick(20, 10, 2), *class_options(students))
    stage.end(crowd.watched.process)
    return [
        Row("room.class.tls.rate", "kbit/s a student", [crowd.kbps()], digits=2),
        Row("room.class.tls.edge_cpu", "% of a core", [crowd.edge_percent()], digits=1),
        Row("room.class.tls.edge_memory", "KB a connection", [crowd.edge_kb()], goal=Goal(value=40), digits=2),
    ]


def whole_class(stage):
    """As many messages a second as in the class, every one shown to everybody; they come from fewer people, for 10,000
    clients that take two million events a second would be more than a machine has processors for."""
    students = stage.pick(FLOODERS, FLOODERS, 120)
    stage.say(f"room: {students} who write {students / FLOOD_EVERY_S:.0f} messages a second, everything shown")
    crowd = Crowd(ClassEdge(stage, False, "--crowd-per-s", "1000"), stage.pick(10, 5, 1), stage.pick(20, 10, 2),
                  "--students", students, "--teachers", 1, "--profile", "chat-flood")
    stage.end(crowd.watched.process)
    return [Row("room.everything.rate", "kbit/s a student", [crowd.kbps()], goal=Goal(value=30), digits=2)]


def rush(stage, students):
    stage.say(f"room: {students} come at once")
    ramp_s = stage.pick(10, 5, 1)
    crowd = Crowd(ClassEdge(stage), ramp_s, stage.pick(10, 8, 2), "--students", students, "--teachers", 1, "--profile",
                  "bell-rush", listens=True)
    stage.end(crowd.watched.process)
    return [
        Row("room.rush.joined", "s", [crowd.joined_s()], goal=Goal(value=1.5 * ramp_s), digits=1),
        Row("room.rush.join_p99", "ms", [crowd.p99_ms("join")], digits=1),
        Row("room.rush.presence", "kbit/s a student", [crowd.presence_kbps], goal=Goal(value=1), digits=2),
    ]


def lessons(stage):
    rooms = stage.pick(1000, 300, 10)
    stage.say(f"room: {rooms} lessons of two")
    crowd = Crowd(ClassEdge(stage), stage.pick(10, 5, 1), stage.pick(30, 10, 2), "--rooms", rooms, "--students", 1,
                  "--teachers", 1, "--profile", "lesson")
    stage.end(crowd.watched.process)
    return [
        Row("room.lessons.ordered_p99", "ms", [crowd.p99_ms("ordered")], goal=Goal(value=60), digits=1),
        Row("room.lessons.edge_cpu", "% of a core", [crowd.edge_percent()], goal=Goal(value=40), digits=1),
    ]


def run(stage):
    students = stage.pick(10000, 2000, 120)
    parts = (lambda: small_rooms(stage), lambda: plain_class(stage, students), lambda: secure_class(stage, students),
             lambda: whole_class(stage), lambda: rush(stage, students), lambda: lessons(stage), lambda: watchers(stage))
    if not stage.tiny:
        return [row for part in parts for row in part()]
    with concurrent.futures.ThreadPoolExecutor(len(parts)) as pool:  # what they find does not count
        return [row for rows in pool.map(lambda part: part(), parts) for row in rows]
