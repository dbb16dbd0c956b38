#!/usr/bin/env python3
"""A client of rooms, written from docs/PROTOCOL.md alone: python3 room_client.py URL [CA.pem]

Says each line of its input in the chat, prints what comes, and resumes when its connection breaks.
It checks no hash, renews no token and does not follow a room that has moved.
"""

import base64, hashlib, http.client, itertools, os, select, ssl, struct, sys, threading, time, urllib.parse, zlib

# Byte and name of messages (0: parts of others), and their fields in the order of their numbers.
SCHEMA = """0 event kind author target skip step_us lag_us audience value text data counter about
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
26 BYE reason wait_ms url""".splitlines()
FIELDS = {name: [f.partition(":")[::2] for f in fields] for _, name, *fields in map(str.split, SCHEMA)}
BYTE = {line.split()[1]: int(line.split()[0]) for line in SCHEMA}
NAME = {byte: name for name, byte in BYTE.items() if byte}
TEXTS, LISTS, ENROLL, CHAT, PACKED = ("text", "name", "notice", "url"), ("events", "ordered", "crowded"), 1, 2, 27
UNANSWERED_MAX, PING_S, UNPACKED_MAX, NEVER_AGAIN = 64, 10, 2 << 20, (16, 17, 22, 23, 26)


class Refused(Exception):
    """The edge lets nobody in: an HTTP status or the reason of a BYE, and what was said."""


def varint(data):
    value = size = 0
    while size == 0 or data[size - 1] > 127:
        value, size = value | (data[size] & 127) << 7 * size, size + 1
    return value, data[size:]


def sized(data):
    size, data = varint(data)
    return data[:size], data[size:]


def put(value):
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + put(value >> 7)


def decode(name, data):
    values = {field: [] if of else "" if field in TEXTS else 0 for field, of in FIELDS[name]}
    while data:
        tag, data = varint(data)
        value, data = sized(data) if tag & 7 == 2 else varint(data)
        field, of = FIELDS[name][(tag >> 3) - 1] if tag >> 3 <= len(FIELDS[name]) else ("-", "")
        values[field] = values[field] + [decode(of, value)] if of else value.decode() if field in TEXTS else value
    values["begin"] = values["to"] - values["span"] if values.get("span") else values.get("from", 0)
    for events in (values[field] for field in LISTS if field in values):
        number, time_us = values["begin"], values.get("base_us", 0)
        for event in events:
            number, time_us = number + event["skip"] + 1, time_us + event["step_us"]
            event.update(number=number, time_us=time_us)
    return values


class RoomClient:
    def __init__(self, url, ca=None):
        self.url, self.ca, self.sock, self.again_at, self.names, self.intents = url, ca, None, 0, {}, {}
        self.mine = set()  # numbers of the crowd lane that came by PERSONAL: CROWD may show them as well
        self.epoch = self.head = self.crowd = self.counter = self.packed = 0

    def join(self):
        url, key = urllib.parse.urlsplit(self.url), base64.b64encode(os.urandom(16)).decode()
        tls = {"context": ssl.create_default_context(cafile=self.ca)} if url.scheme == "wss" else {}
        door = (http.client.HTTPSConnection if tls else http.client.HTTPConnection)(url.netloc, timeout=10, **tls)
        door.request("GET", f"{url.path}?{url.query}", headers={
            "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": key,
            "Sec-WebSocket-Protocol": "chalkrail.room.1"})
        answer, proof = door.getresponse(), hashlib.sha1(f"{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode())
        if answer.status in (429, 503):
            raise ConnectionError(f"{answer.status} {answer.read().decode().strip()}")
        if answer.status != 101 or base64.b64decode(answer.headers["Sec-WebSocket-Accept"]) != proof.digest():
            raise Refused(answer.status, answer.read().decode().strip())
        self.sock, self.partly, self.personal, self.caught_up, self.sent, self.hold = door.sock, b"", [], False, 0, 0
        self.ping_at = time.monotonic() + PING_S
        self.send("HELLO", version=1, epoch=self.epoch, head=self.head, crowd=self.crowd, packs=1)

    def say(self, text, **more):
        self.counter += 1
        self.intents[self.counter] = {"kind": CHAT, "text": text, "counter": self.counter, **more}

    def close(self):
        self._write(struct.pack(">H", 1000), 8)
        self.sock.close()

    def poll(self, seconds=0.0):
        """What comes, as [(name, values)]; waits so long for the first, and comes again by itself."""
        now, self.out = time.monotonic(), []
        end = now + seconds
        while True:
            try:
                self._turn(now, max(0, min(end - now, 0.05)))
            except (OSError, ValueError, zlib.error) as error:
                if self.sock:
                    self.sock.close()
                self.sock, self.again_at = None, now + 0.5
                self.out.append(("LOST", {"why": str(error)}))
            now = time.monotonic()
            if self.out or now >= end:
                return self.out

    def _turn(self, now, seconds):
        if not self.sock:
            return self.join() if now >= self.again_at else time.sleep(seconds)
        if now > self.ping_at:
            self.ping_at = now + PING_S
            self.send("PING", sent_us=int(now * 1e6))
        for counter in sorted(self.intents)[:UNANSWERED_MAX] if self.caught_up and now > self.hold else ():
            if counter > self.sent:
                self.send("INTENT", **self.intents[counter])
                self.sent = counter
        if getattr(self.sock, "pending", int)() or select.select([self.sock], [], [], seconds)[0]:
            first, size = self._read(2)
            body = self._read(size if size < 126 else int.from_bytes(self._read(2 if size == 126 else 8), "big"))
            self._take_piece(first, body)

    def _read(self, size):
        data = b""
        while len(data) < size:
            if not (more := self.sock.recv(size - len(data))):
                raise ConnectionError("the connection ended")
            data += more
        return data

    def _write(self, data, opcode=2):
        mask, size = os.urandom(4), len(data)
        head = bytes([128 | opcode, 128 | min(size, 126)]) + (struct.pack(">H", size) if size > 125 else b"") + mask
        self.sock.sendall(head + bytes(a ^ b for a, b in zip(data, itertools.cycle(mask))))

    def send(self, name, **values):
        message = bytes([BYTE[name]])
        for at, value in enumerate((values.get(field) for field, _ in FIELDS[name]), 1):
            if isinstance(value, int) and value:
                message += put(at << 3) + put(value)
            elif value:
                data = value.encode()
                message += put(at << 3 | 2) + put(len(data)) + data
        self._write(message)

    def _take_piece(self, first, body):
        if first & 15 == 9:
            self._write(body, 10)
        elif first & 15 < 3:
            self.partly += body
            if first & 128:
                body, self.partly = self.partly, b""
                self._take(body)

    def _take(self, frame):
        if frame[0] == PACKED:
            if frame[1] == 0:
                self.inflate = zlib.decompressobj(-12)
            elif frame[1] != self.count % 127 + 1:
                raise ConnectionError("a packed frame is missing")
            self.count, self.packed = frame[1], self.packed + 1
            frames = self.inflate.decompress(frame[2:] + b"\0\0\xff\xff", UNPACKED_MAX)
            while frames:
                frame, frames = sized(frames)
                self._take(frame)
        elif frame[0] in NAME:
            values = decode(NAME[frame[0]], frame[1:])
            self.out.append((NAME[frame[0]], values))
            self._understand(NAME[frame[0]], values)

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
            events = values["events"] + (self._lines(values) if name == "CROWD" else [])
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
        number, data, events = values["begin"], values["lines"] or b"", []
        while data:
            event = {"kind": CHAT, "counter": 0}
            for field in ("skip", "author", "target", "times", "text", "data"):
                event[field], data = (sized if field in ("text", "data") else varint)(data)
            number += event["skip"] + 1
            events.append({**event, "number": number, "text": event["text"].decode()})
        return events

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


if __name__ == "__main__":
    client = RoomClient(*sys.argv[1:])
    threading.Thread(target=lambda: [client.say(line.rstrip("\n")) for line in sys.stdin], daemon=True).start()
    while True:
        for name, values in client.poll(1.0):
            print(name, {field: value for field, value in values.items() if value}, flush=True)
