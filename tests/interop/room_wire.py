"""A client of rooms for tests: WebSocket (RFC 6455) and the frames of docs/PROTOCOL.md ("Rooms").

    with room_wire.Client(port, "maths", "ada", role="teacher") as ada:
        ada.join()
        ada.chat("hello")
        ada.wait_for(lambda e: e.kind == CHAT and e.text == "hello")

It keeps what a client must keep (head, epoch, intents that have not come back), checks that nothing
is missing and nothing comes twice, and lets a test break every rule on purpose (send_bytes, ws).
One thread at a time; the standard library alone.
"""

import base64
import hashlib
import os
import socket
import struct
import time
import urllib.parse
import zlib

from protobuf_small import put as varint

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
SUBPROTOCOL = "chalkrail.room.1"
HELLO, INTENT, LATEST, REACT, REPORT, ASK, PING, RENEW = range(1, 9)
WELCOME, REFUSED, SNAPSHOT, BATCH, PERSONAL, CROWD, PRESENCE, SUMMARY, PAGE, PONG, BYE, PACKED, RENEWED = \
    range(16, 29)
ENROLL, CHAT, DELETE, ROLE, RIGHTS, MUTE, BAN, SLOW, HAND, INVITE, ANSWER, ASKED, POLL, VOTE, COUNTS, POLL_END, NOTICE, \
    CLASS, STREAM, APP = range(1, 21)
TO_ALL, TO_STAFF, TO_ONE, TO_SELF = range(4)
REASONS = {1: "denied", 2: "not_found", 3: "state", 4: "invalid", 5: "limit", 6: "rate", 7: "muted", 8: "too_large",
           9: "busy", 10: "store", 11: "settled", 12: "pace", 16: "superseded", 17: "banned", 18: "moved",
           19: "slow_reader", 20: "protocol", 21: "full", 22: "version", 23: "taken", 24: "silent", 25: "resumed",
           26: "expired"}


class Refused(Exception):
    """The upgrade was answered with another status than 101."""

    def __init__(self, status, head, body):
        super().__init__(f"{status}: {body.strip()}")
        self.status, self.head, self.body = status, head, body


class Closed(Exception):
    """The connection has ended: the close frame's code (None: cut) and the reason of the BYE before it."""

    def __init__(self, code, reason=None):
        super().__init__(f"code {code}, BYE {reason}")
        self.code, self.reason = code, reason


# ---- the encoding of Protocol Buffers ----

def message(fields):
    """{number: int, str or bytes}; what is 0 or empty is left out."""
    out = bytearray()
    for number, value in sorted(fields.items()):
        if isinstance(value, int):
            if value:
                out += varint(number << 3) + varint(value)
        elif value:
            raw = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(raw)) + raw
    return bytes(out)


def read_varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7f) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def fields(data):
    """{number: [int or bytes]}."""
    out, at = {}, 0
    while at < len(data):
        tag, at = read_varint(data, at)
        if tag & 7 == 0:
            value, at = read_varint(data, at)
        elif tag & 7 == 2:
            size, at = read_varint(data, at)
            value = data[at:at + size]
            assert len(value) == size, "a field is cut short"
            at += size
        else:
            raise AssertionError(f"wire type {tag & 7}")
        out.setdefault(tag >> 3, []).append(value)
    return out


class Message:
    """A decoded message by number: one(n), text(n), all(n)."""

    def __init__(self, data):
        self.fields = fields(data)

    def one(self, number, default=0):
        return self.fields.get(number, [default])[-1]

    def text(self, number):
        return self.one(number, b"").decode()

    def all(self, number):
        return self.fields.get(number, [])


class Event:
    NAMES = {1: "kind", 2: "author", 3: "target", 7: "audience", 8: "value", 11: "counter", 12: "about", 13: "lane",
             14: "times", 17: "deleted"}

    def __init__(self, data, number, time_us):
        m = Message(data)
        for field, name in self.NAMES.items():
            setattr(self, name, m.one(field))
        self.text, self.data = m.text(9), m.one(10, b"")
        self.number = number + m.one(4) + 1
        self.time_us = time_us + m.one(5)
        self.origin_us = self.time_us - m.one(6)

    def __repr__(self):
        return f"#{self.number} kind {self.kind} author {self.author} {self.text[:40]!r}"


def events(items, number, time_us):
    out = []
    for data in items:
        out.append(Event(data, number, time_us))
        number, time_us = out[-1].number, out[-1].time_us
    return out


def start_of(batch):
    """The number before a batch's first one."""
    return batch.one(2) - batch.one(12) if batch.one(12) else batch.one(1)


# ---- WebSocket ----

class WebSocket:
    def __init__(self, port, target, headers=(), protocol=SUBPROTOCOL, seconds=10, host="localhost"):
        self.raw = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        self.raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.pending = b""
        key = base64.b64encode(os.urandom(16))
        lines = [f"GET {target} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade",
                 "Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key.decode()}", *headers]
        if protocol:
            lines.append(f"Sec-WebSocket-Protocol: {protocol}")
        self.raw.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = self._until(b"\r\n\r\n").decode()
        status = int(head.split()[1])
        if status != 101:
            length = [line for line in head.split("\r\n") if line.lower().startswith("content-length:")]
            body = self._take(int(length[0].split(":")[1])) if length else b""
            self.raw.close()
            raise Refused(status, head, body.decode())
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest()).decode()
        assert f"sec-websocket-accept: {accept.lower()}" in head.lower(), head
        self.head = head

    def _more(self):
        data = self.raw.recv(65536)
        if not data:
            raise Closed(None)
        self.pending += data

    def _until(self, mark):
        while mark not in self.pending:
            self._more()
        head, _, self.pending = self.pending.partition(mark)
        return head

    def _take(self, size):
        while len(self.pending) < size:
            self._more()
        out, self.pending = self.pending[:size], self.pending[size:]
        return out

    def send(self, data, opcode=2, final=True, masked=True):
        size = len(data)
        head = bytearray([opcode | (0x80 if final else 0)])
        bit = 0x80 if masked else 0
        if size < 126:
            head.append(bit | size)
        elif size < 65536:
            head += struct.pack(">BH", bit | 126, size)
        else:
            head += struct.pack(">BQ", bit | 127, size)
        if masked:
            mask = os.urandom(4)
            key = (mask * (size // 4 + 1))[:size]
            data = (int.from_bytes(data, "big") ^ int.from_bytes(key, "big")).to_bytes(size, "big")
            head += mask
        self.raw.sendall(bytes(head) + data)

    def _frame(self):
        """One frame that has arrived whole, or None: what has arrived of it stays for the next call."""
        data = self.pending
        size, at = (data[1] & 0x7f if len(data) > 1 else 0), 2
        if size > 125:
            wide = 2 if size == 126 else 8
            size, at = int.from_bytes(data[2:2 + wide], "big"), 2 + wide
        if len(data) < at or len(data) < at + size:
            return None
        self.pending = data[at + size:]
        return data[0], data[at:at + size]

    def receive(self, seconds):
        """The next message; None when none came. Pings are answered."""
        whole, end = b"", time.monotonic() + seconds
        while True:
            frame = self._frame()
            if frame is None:
                left = end - time.monotonic()
                if left <= 0:
                    return None
                self.raw.settimeout(left)
                try:
                    self._more()
                except (TimeoutError, BlockingIOError):
                    return None
                except OSError:
                    raise Closed(None) from None
                continue
            first, data = frame
            opcode = first & 15
            if opcode == 8:
                code = struct.unpack(">H", data[:2])[0] if len(data) > 1 else 1005
                raise Closed(code)
            if opcode == 9:
                self.send(data, opcode=10)
            elif opcode in (0, 1, 2):
                whole += data
                if first & 0x80:
                    return whole

    def close(self):
        self.raw.close()


# ---- a participant ----

class Client:
    def __init__(self, port, room, name=None, role=None, token=None, seconds=10, headers=(), packs=False):
        query = {key: value for key, value in (("name", name), ("role", role), ("token", token)) if value}
        self.port, self.name, self.seconds = port, name, seconds
        self.target = f"/rooms/{urllib.parse.quote(room)}?{urllib.parse.urlencode(query)}"
        self.headers = headers
        self.packs = packs
        self.packed = 0      # frames that came packed
        self.ws = None
        self.me = self.epoch = self.head = self.crowd = self.done = 0
        self.counter = 0
        self.pending = {}    # intents that have not come back, by counter
        self.refused = {}    # reasons, by counter
        self.again_at = None # when what was sent back is sent again
        self.back_for = []   # why
        self.personal = []   # before the batch that covers them
        self.events = []     # of the ordered lane, in order
        self.said = []       # of the crowd lane: what came to us by PERSONAL
        self.people = {}     # names, by participant
        self.present = set()
        self.streams = set() # (participant, media)
        self.frames = []     # every frame of another kind, newest last
        self.reason = None   # of the BYE
        self.welcomes = 0
        self.snapshots = 0

    def __enter__(self):
        return self

    def __exit__(self, *rest):
        self.leave()

    def connect(self):
        self.leave()
        self.reason = None
        self.ws = WebSocket(self.port, self.target, self.headers, seconds=self.seconds)
        return self

    def leave(self):
        if self.ws is not None:
            self.ws.close()
            self.ws = None

    def send_bytes(self, kind, body=b""):
        self.ws.send(bytes([kind]) + body)

    def hello(self, version=1):
        self.send_bytes(HELLO, message({1: version, 2: self.epoch, 3: self.head, 4: self.crowd, 5: int(self.packs)}))

    def join(self, seconds=None):
        """Connects, is welcomed, catches up, and sends again what was not settled."""
        self.connect()
        self.hello()
        welcomes = self.welcomes
        self.until(lambda: self.welcomes > welcomes and self.head >= self.welcome_head, seconds, "a welcome")
        for counter in [c for c in self.pending if c <= self.done]:
            self.refused[counter] = "settled"
            del self.pending[counter]
        self.send_pending()
        return self

    def send_pending(self):
        self.again_at = None
        for counter in sorted(self.pending):
            self.send_bytes(INTENT, self.pending[counter])

    def intent(self, kind, **named):
        numbers = {"target": 3, "audience": 7, "value": 8, "text": 9, "data": 10, "about": 12, "lane": 13, "at_us": 15}
        self.counter += 1
        body = message({1: kind, 11: self.counter, **{numbers[key]: value for key, value in named.items()}})
        self.pending[self.counter] = body
        self.send_bytes(INTENT, body)
        return self.counter

    def chat(self, text, **named):
        return self.intent(CHAT, text=text, **named)

    def ping(self, stamp=1):
        self.send_bytes(PING, message({1: stamp}))

    # -- what comes --

    def take(self, seconds=0.0):
        """Takes one message; False when none came."""
        if self.again_at is not None:
            seconds = min(seconds, max(0.0, self.again_at - time.monotonic()))
        try:
            data = self.ws.receive(seconds)
        except Closed as end:
            raise Closed(end.code, self.reason) from None
        if self.again_at is not None and time.monotonic() >= self.again_at:
            self.send_pending()
        if data is None:
            return False
        if data[0] == PACKED:
            self._unpack(data)
        else:
            self._frame(data[0], Message(data[1:]))
        return True

    def _unpack(self, frame):
        assert self.packs, "who cannot unpack gets plain frames"
        if frame[1] == 0:
            self.inflate = zlib.decompressobj(-12)
        else:
            assert frame[1] == self.next_count, "a packed frame is missing"
        self.next_count = frame[1] % 127 + 1
        frames = self.inflate.decompress(frame[2:] + b"\0\0\xff\xff", 2 << 20)
        assert not self.inflate.unconsumed_tail, "too much"
        self.packed += 1
        while frames:
            size, at = read_varint(frames, 0)
            assert frames[at] in (BATCH, CROWD, PRESENCE), "what is packed is for all"
            self._frame(frames[at], Message(frames[at + 1:at + size]))
            frames = frames[at + size:]

    def until(self, condition, seconds=None, what="it"):
        end = time.monotonic() + (seconds or self.seconds)
        while not condition():
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"{self.name}: {what} did not come")
            self.take(left)

    def wait_for(self, condition, seconds=None, what="an event"):
        """The first event of the ordered lane for which the condition holds."""
        found = []

        def look():
            found.extend(e for e in self.events if condition(e))
            return found
        self.until(look, seconds, what)
        return found[0]

    def wait_settled(self, counter, seconds=None):
        """Until an intent came back or was refused for good: None, or the reason."""
        self.until(lambda: counter not in self.pending, seconds, f"an answer to intent {counter}")
        return self.refused.get(counter)

    def wait_end(self, seconds=None):
        """Until the connection ends: its close code and the reason of the BYE before."""
        end = time.monotonic() + (seconds or self.seconds)
        try:
            while time.monotonic() < end:
                self.take(end - time.monotonic())
        except Closed as closed:
            return closed.code, closed.reason
        raise AssertionError(f"{self.name}: the connection did not end")

    def _frame(self, kind, m):
        handler = {WELCOME: self._welcome, REFUSED: self._refused, SNAPSHOT: self._snapshot, BATCH: self._batch,
                   PERSONAL: self._personal, CROWD: self._crowd, PRESENCE: self._presence, BYE: self._bye}.get(kind)
        if handler is not None:
            handler(m)
        else:
            self.frames.append((kind, m))

    def _welcome(self, m):
        self.welcomes += 1
        self.me, self.epoch, self.welcome_head, self.done = m.one(2), m.one(3), m.one(4), m.one(6)
        self.role, self.room_us = m.one(8), m.one(7)

    def _refused(self, m):
        counter, reason = m.one(1), REASONS.get(m.one(2), str(m.one(2)))
        if m.one(3) == 0:
            self.pending.pop(counter, None)
            self.refused[counter] = reason
        elif self.again_at is None:
            self.back_for.append(reason)
            self.again_at = time.monotonic() + m.one(3) / 1000

    def _snapshot(self, m):
        self.snapshots += 1
        self.head, self.crowd = m.one(1), m.one(2)
        self.personal = []
        self.people = {p.one(1): p.text(2) for p in map(Message, m.all(10))}
        self.streams = {(s.one(1), s.one(2)) for s in map(Message, m.all(12))}
        self.kept = events(m.all(14), 0, 0)
        for event in self.kept:
            self._settle(event)

    def _settle(self, event):
        if event.author == self.me and event.counter:
            self.pending.pop(event.counter, None)

    def _batch(self, m):
        first, last = start_of(m), m.one(2)
        if last <= self.head and last != first:
            return
        assert first <= self.head, f"{self.name}: a gap: at {self.head}, a batch from {first}"
        due = [e for e in self.personal if e.number <= last] + events(m.all(4), first, m.one(3))
        self.personal = [e for e in self.personal if e.number > last]
        for event in sorted((e for e in due if e.number > self.head), key=lambda e: e.number):
            assert not self.events or event.number > self.events[-1].number, f"{self.name}: {event} again"
            self._apply(event)
        self.head = max(self.head, last)

    def _apply(self, event):
        self.events.append(event)
        self._settle(event)
        if event.kind == ENROLL:
            self.people[event.target] = event.text
        if event.kind == STREAM:
            stream = (event.target, event.value >> 1)
            (self.streams.add if event.value & 1 else self.streams.discard)(stream)

    def _personal(self, m):
        got = events(m.all(4), start_of(m), m.one(3))
        if m.one(3):
            self.said += got
            for event in got:
                self._settle(event)
        else:
            self.personal += got

    def _crowd(self, m):
        self.crowd = max(self.crowd, m.one(2))  # what it shows is not read here

    def _presence(self, m):
        people = [Message(p) for p in m.all(3)]
        self.present = {p.one(1) for p in people}
        self.count = m.one(1)

    def _bye(self, m):
        self.reason = REASONS.get(m.one(1), str(m.one(1)))
        self.wait_ms = m.one(2)

    def id_of(self, name):
        return next((number for number, known in self.people.items() if known == name), 0)
