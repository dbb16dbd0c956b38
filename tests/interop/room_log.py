#!/usr/bin/env python3
"""Reads what an edge keeps on disk, from docs/PROTOCOL.md alone, and tells every event in it.

usage: room_log.py DIR [ROOM...]

DIR is a copy of an edge's data folder, or one that no edge has now. Prints a JSON object a line, room by
room: {"room", "lane", "number", "author", "counter", "epoch", "kind", "audience", "text"} of an event; of
a message that is in a state also "state": true, and before those {"room", "state": NUMBER, "people":
[{"id", "name", "epoch", "done"}, ...]}. Checks on the way every sum, that each room's records go on where
the one before ended, that epochs never fall and that no event is there twice.

Torn ends are told on standard error and are no fault. Exit code 1 and a line for each fault if something
is damaged or missing.
"""

import json
import os
import struct
import sys

FIRST_MARK = b"CKR1"
HEAD = struct.Struct(">4sBBHIIQQQII")
SEGMENT, ROOM, STATE, RECORD = 1, 2, 3, 4
ORDERED, CROWD = 0, 1
NAME_MAX, BODY_MAX = 64, 1 << 24


def make_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


TABLE = make_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


# --- entries


class Entry:
    """An entry whose head is whole; `body` is None when the body is not."""

    def __init__(self, data, at, mark):
        found, self.kind, name_size, _, body_size, self.synced, self.epoch, self.after, self.to, body_sum, head_sum = \
            HEAD.unpack_from(data, at)
        name_at = at + HEAD.size
        self.name = data[name_at:name_at + name_size]
        self.at, self.end = at, name_at + name_size + body_size
        known = SEGMENT <= self.kind <= RECORD and name_size <= NAME_MAX and body_size <= BODY_MAX
        if found != mark or not known or crc32c(data[at:at + 44] + self.name) != head_sum:
            raise ValueError("no head")
        body = data[name_at + name_size:self.end]
        self.body = body if len(body) == body_size and crc32c(body) == body_sum else None


def entry_at(data, at, mark):
    try:
        return Entry(data, at, mark)
    except (ValueError, struct.error):
        return None


def next_head(data, at, mark):
    """The next entry with a whole head behind `at`, or None."""
    while (at := data.find(mark, at + 1)) >= 0:
        entry = entry_at(data, at, mark)
        if entry:
            return entry
    return None


def is_torn(data, at, entry, mark):
    """Whether nothing behind the entry at `at`, which is not whole, says that it was on disk."""
    ahead = entry if entry else next_head(data, at, mark)
    while ahead:
        if ahead.synced > at:
            return False
        follows = entry_at(data, ahead.end, mark) if ahead.body is not None else None
        ahead = follows or next_head(data, ahead.at, mark)
    return True


class Reader:
    """The rooms of a folder: `rooms` is {name: [Entry of a state or record, in order]}."""

    def __init__(self, folder):
        self.folder, self.rooms, self.faults, self.torn = folder, {}, [], []
        for name in self.listed("rooms", ".room"):
            self.read_room(os.path.join(folder, "rooms", name))
        self.read_log()

    def listed(self, folder, end):
        path = os.path.join(self.folder, folder)
        return sorted(name for name in os.listdir(path) if name.endswith(end)) if os.path.isdir(path) else []

    def fault(self, what):
        self.faults.append(what)

    def first_entry(self, path, kind):
        with open(path, "rb") as file:
            data = file.read()
        first = entry_at(data, 0, FIRST_MARK)
        if not first or first.kind != kind or first.body is None:
            self.fault(f"{path}: the first entry is damaged")
            return data, None
        return data, first

    def read_room(self, path):
        data, first = self.first_entry(path, ROOM)
        if not first:
            return
        if os.path.basename(path) != first.name.hex() + ".room":
            self.fault(f"{path}: is the file of another room")
        mark, at, entries = first.body, first.end, []
        while at < len(data):
            entry = entry_at(data, at, mark)
            if not entry or entry.body is None or entry.name != first.name:
                self.fault(f"{path}: damaged at byte {at}")
                return
            entries.append(entry)
            at = entry.end
        if (entries[-1].to if entries else 0) != first.to:
            self.fault(f"{path}: does not reach up to {first.to}")
        self.rooms[first.name] = entries

    def read_log(self):
        paths = [os.path.join(self.folder, "log", name) for name in self.listed("log", ".log")]
        files = [(path, *self.first_entry(path, SEGMENT)) for path in paths]
        for i, (path, data, first) in enumerate(files):
            after = files[i + 1][2] if i + 1 < len(files) else None
            size = None
            if after and first and after.after == first.to:
                size = struct.unpack(">Q", after.body[4:])[0]
                if len(data) < size:
                    self.fault(f"{path}: has {len(data)} bytes, had {size}")
            if first:
                self.read_segment(path, data[:size], first, size is not None)

    def read_segment(self, path, data, first, end_known):
        mark, at = first.body[:4], first.end
        while at < len(data):
            entry = entry_at(data, at, mark)
            if entry and entry.body is not None:
                self.rooms.setdefault(entry.name, []).append(entry)
                at = entry.end
                continue
            if not end_known and is_torn(data, at, entry, mark):
                self.torn.append(f"{path}: torn at byte {at}, {len(data) - at} bytes")
                return
            self.fault(f"{path}: damaged at byte {at}" + (f", room {entry.name.decode()}" if entry else ""))
            follows = next_head(data, at, mark)
            at = follows.at if follows else len(data)

    def history(self, name):
        """State and records of a room, each going on where the one before ended."""
        to, epoch, kept = 0, 0, []
        for entry in self.rooms[name]:
            if entry.kind == STATE:
                to = entry.to
                kept.append(entry)
            elif entry.to > to:
                if entry.after != to:
                    self.fault(f"room {name.decode()}: a record goes on at {entry.after}, the one before ended at {to}")
                if entry.epoch < epoch:
                    self.fault(f"room {name.decode()}: the epoch falls at {entry.to}")
                to, epoch = entry.to, entry.epoch
                kept.append(entry)
        return kept


# --- messages


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def fields(data):
    """A message as {number: [value, ...]}, values being integers or bytes."""
    found, at = {}, 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 2:
            size, at = varint(data, at)
            value, at = data[at:at + size], at + size
            if len(value) != size:
                raise ValueError("cut short")
        else:
            raise ValueError(f"wire type {key & 7}")
        found.setdefault(key >> 3, []).append(value)
    return found


def one(message, number, default=0):
    return message.get(number, [default])[-1]


def events(messages, number, lane):
    for data in messages:
        event = fields(data)
        number += one(event, 4) + 1
        yield {"lane": lane, "number": number, "author": one(event, 2), "counter": one(event, 11),
               "epoch": one(event, 16), "kind": one(event, 1), "audience": one(event, 7),
               "text": one(event, 9, b"").decode("utf-8")}


def state_lines(entry):
    state = fields(entry.body)
    people = [fields(person) for person in state.get(10, [])]
    yield {"state": one(state, 1), "people": [{"id": one(p, 1), "name": one(p, 2, b"").decode("utf-8"),
                                               "epoch": one(p, 8), "done": one(p, 9)} for p in people]}
    for lane, number in ((ORDERED, 14), (CROWD, 15)):
        for event in events(state.get(number, []), 0, lane):
            yield {**event, "state": True}


def record_lines(entry):
    batches = [fields(batch) for batch in fields(entry.body)[1]]
    ordered, crowd = batches
    if (one(ordered, 1), one(ordered, 2)) != (entry.after, entry.to) or one(crowd, 9) != CROWD:
        raise ValueError("its batches are those of another record")
    for lane, batch in ((ORDERED, ordered), (CROWD, crowd)):
        told = list(events(batch.get(4, []), one(batch, 1), lane))
        if told and told[-1]["number"] > one(batch, 2):
            raise ValueError("an event is numbered beyond its end")
        yield from told


def room_lines(reader, name):
    """Every line of a room, without its name; each event once."""
    seen = set()
    for entry in reader.history(name):
        try:
            lines = list(state_lines(entry) if entry.kind == STATE else record_lines(entry))
        except (ValueError, IndexError, KeyError) as problem:
            reader.fault(f"room {name.decode()}: {entry.to} cannot be read: {problem}")
            continue
        for line in lines:
            intent = (line.get("author"), line.get("epoch"), line.get("counter"))
            if all(intent):
                if intent in seen:
                    reader.fault(f"room {name.decode()}: intent {intent} is there twice")
                seen.add(intent)
            yield line


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    reader = Reader(sys.argv[1])
    wanted = {name.encode() for name in sys.argv[2:]}
    for name in sorted(reader.rooms):
        for line in room_lines(reader, name) if not wanted or name in wanted else ():
            print(json.dumps({"room": name.decode("utf-8"), **line}, ensure_ascii=False))
    for line in reader.torn + reader.faults:
        print(line, file=sys.stderr)
    sys.exit(bool(reader.faults))


if __name__ == "__main__":
    main()
