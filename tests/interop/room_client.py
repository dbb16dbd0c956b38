"""A client of rooms, written from docs/PROTOCOL.md alone. It says things in the chat, gives what comes, and resumes when
its connection breaks. It checks no hash, renews no token and does not follow a room that has moved. WebSocket is in
ws_small.py, the encoding of Protocol Buffers in protobuf_small.py.
"""

import time, zlib

from protobuf_small import Schema, parts, unpack
from ws_small import Refused, WebSocket

# Byte and name of messages (0: parts of others), and their fields in the order of their numbers.
SCHEMA = Schema("""0 event kind author target skip step_us lag_us audience value text data counter about
0 person id name role rights flags hand
1 HELLO version epoch head crowd packs
2 INTENT kind - target - - - audience value text data counter about lane - at_us
6 ASK request what before count before_crowd
7 PING sent_us
16 WELCOME version me epoch head crowd done room_us role report_ms expires_us
17 REFUSED counter reason wait_ms
18 SNAPSHOT number crowd - - - - muted slow_s notice people:person - - - ordered:event crowded:event
19 BATCH from to base_us events:event spots hash - - - - - span
20 PERSONAL from to base_us events:event - - - - lane - - span
21 CROWD from to base_us events:event - - hidden reactions - lines again span
24 PAGE request - - events:event - more crowded:event
25 PONG sent_us room_us head
26 BYE reason wait_ms url""", texts=("text", "name", "notice", "url"))
LISTS, ENROLL, CHAT, PACKED = ("events", "ordered", "crowded"), 1, 2, 27
UNANSWERED_MAX, PING_S, UNPACKED_MAX, NEVER_AGAIN = 64, 10, 2 << 20, (16, 17, 22, 23, 26)


def decode(name, data):
    """The values of a message; events have the numbers and times that follow from those before them."""
    values = SCHEMA.decode(name, data)
    values["begin"] = values["to"] - values["span"] if values.get("span") else values.get("from", 0)
    for events in (values[field] for field in LISTS if field in values):
        number, time_us = values["begin"], values.get("base_us", 0)
        for event in events:
            number, time_us = number + event["skip"] + 1, time_us + event["step_us"]
            event.update(number=number, time_us=time_us)
    return values


class RoomClient:
    def __init__(self, url, ca=None):
        self.url, self.ca, self.ws, self.again_at, self.names, self.intents = url, ca, None, 0, {}, {}
        self.mine = set()  # numbers of the crowd lane that came by PERSONAL: CROWD may show them as well
        self.epoch = self.head = self.crowd = self.counter = self.packed = 0

    def join(self):
        self.ws = WebSocket(self.url, "chalkrail.room.1", self.ca)
        self.personal, self.caught_up, self.sent, self.hold, self.ping_at = [], False, 0, 0, time.monotonic() + PING_S
        self.send("HELLO", version=1, epoch=self.epoch, head=self.head, crowd=self.crowd, packs=1)

    def say(self, text, **more):
        self.counter += 1
        self.intents[self.counter] = {"kind": CHAT, "text": text, "counter": self.counter, **more}

    def poll(self, seconds=0.0):
        """What has come, as [(name, values)]; waits at most so long for it, and comes again by itself."""
        self.out = []
        try:
            self._turn(time.monotonic(), seconds)
        except (OSError, ValueError, zlib.error) as error:
            if self.ws:
                self.ws.sock.close()
            self.ws, self.again_at = None, time.monotonic() + 0.5
            self.out.append(("LOST", {"why": str(error)}))
        return self.out

    def _turn(self, now, seconds):
        if not self.ws:
            return self.join() if now >= self.again_at else time.sleep(seconds)
        if now > self.ping_at:
            self.ping_at = now + PING_S
            self.send("PING", sent_us=int(now * 1e6))
        first = sorted(self.intents)[:UNANSWERED_MAX] if self.caught_up and now > self.hold else []
        for self.sent in [counter for counter in first if counter > self.sent]:
            self.send("INTENT", **self.intents[self.sent])
        if message := self.ws.receive(seconds):
            self._take(message)

    def send(self, name, **values):
        self.ws.send(bytes([SCHEMA.ids[name]]) + SCHEMA.encode(name, values))

    def _take(self, frame):
        if frame[0] == PACKED:
            if frame[1] == 0:
                self.inflate = zlib.decompressobj(-12)
            elif frame[1] != self.count % 127 + 1:
                raise ConnectionError("a packed frame is missing")
            self.count, self.packed = frame[1], self.packed + 1
            for part in parts(self.inflate.decompress(frame[2:] + b"\0\0\xff\xff", UNPACKED_MAX)):
                self._take(part)
        elif name := SCHEMA.names.get(frame[0]):
            values = decode(name, frame[1:])
            self.out.append((name, values))
            self._understand(name, values)

    def _understand(self, name, values):
        if (values["begin"] if name == "BATCH" else values["head"] if name == "PONG" else 0) > self.head:
            raise ConnectionError("events are missing")
        if name == "WELCOME":
            self.me, self.epoch, self.until, self.done = (values[field] for field in ("me", "epoch", "head", "done"))
            self._advance(self.head)
        elif name == "SNAPSHOT":
            self.names = {person["id"]: person["name"] for person in values["people"]}
            self.out += [("EVENT", event) for event in values["ordered"]]
            self.crowd, self.mine = values["crowd"], set()
            self._advance(values["number"])
        elif name == "PERSONAL" and not values["lane"]:
            self.personal += values["events"]
        elif name == "BATCH" and values["to"] > self.head:
            self._happen(e for e in values["events"] + self.personal if self.head < e["number"] <= values["to"])
            self._advance(values["to"])
        elif name in ("PERSONAL", "CROWD"):
            events = values["events"] + (list(self._lines(values)) if name == "CROWD" else [])
            events = [event for event in events if event["number"] > self.crowd and event["number"] not in self.mine]
            self.mine |= {event["number"] for event in events} if name == "PERSONAL" else set()
            self.crowd = values["to"] if name == "CROWD" else self.crowd
            self._happen(events)
        elif name == "REFUSED" and values["wait_ms"]:
            self.sent, self.hold = values["counter"] - 1, time.monotonic() + values["wait_ms"] / 1000
        elif name == "REFUSED":
            self.intents.pop(values["counter"], None)
        elif name == "BYE" and values["reason"] in NEVER_AGAIN:
            raise Refused(values["reason"], "BYE")

    def _lines(self, values):
        number, data = values["begin"], values["lines"]
        while data:
            skip, author, target, times, text, _, data = unpack(data, "nnnnss")
            number += skip + 1
            yield {"kind": CHAT, "counter": 0, "number": number, "author": author, "target": target, "times": times,
                   "text": text.decode()}

    def _happen(self, events):
        for event in sorted(events, key=lambda event: event["number"]):
            if event["kind"] == ENROLL:
                self.names[event["target"]] = event["text"]
            if event["author"] == self.me:
                self.intents.pop(event["counter"], None)
            self.out.append(("EVENT", event))

    def _advance(self, head):
        """All up to there is here; what the edge has settled and did not give back will not come."""
        self.head, self.personal = head, []
        if not self.caught_up and head >= self.until:
            self.caught_up, self.intents = True, {at: it for at, it in self.intents.items() if at > self.done}
