"""A relay between an RTMP player and its server that knows when the first key frame had passed."""

import socket
import threading
import time

import harness

HANDSHAKE = 1 + 1536 + 1536  # S0 S1 S2
VIDEO, SET_CHUNK_SIZE, AGGREGATE = 9, 1, 22
HEADER_SIZES = (11, 7, 3, 0)


class Chunks:
    """Takes a server's bytes apart as far as it takes to find messages (RTMP 1.0, 5.3)."""

    def __init__(self, data):
        self.data, self.at, self.size = data, HANDSHAKE, 128
        self.heads, self.bodies = {}, {}  # by chunk stream

    def number(self, length):
        value = int.from_bytes(self.data[self.at:self.at + length], "big")
        self.at += length
        return value

    def header(self):
        first = self.number(1)
        stream = first & 63
        if stream < 2:
            stream = 64 + (self.number(1) if stream == 0 else int.from_bytes(self.data[self.at:self.at + 2], "little"))
            self.at += 2 if first & 63 == 1 else 0
        return first >> 6, stream

    def messages(self):
        """(type, body, offset behind its last byte) of each whole message."""
        while self.at < len(self.data):
            kind, stream = self.header()
            stamp, length, message = self.heads.get(stream, (0, 0, 0))
            if kind < 3:
                stamp = self.number(3)
            if kind < 2:
                length, message = self.number(3), self.number(1)
            if kind < 1:
                self.at += 4
            self.heads[stream] = (stamp, length, message)
            self.at += 4 if stamp == 0xffffff else 0
            body = self.bodies.setdefault(stream, bytearray())
            part = min(self.size, length - len(body))
            if self.at + part > len(self.data):
                return
            body += self.data[self.at:self.at + part]
            self.at += part
            if len(body) == length:
                if message == SET_CHUNK_SIZE:
                    self.size = int.from_bytes(body[:4], "big")
                yield message, bytes(self.bodies.pop(stream)), self.at


def key_frame_end(data):
    """The offset behind the first key frame in what a server sent, or None."""
    for message, body, end in Chunks(data).messages():
        if message == VIDEO and len(body) > 5 and body[0] == 0x17 and body[1] == 1:
            return end
    return None


class Relay:
    """Listens on a port of its own, for one player."""

    def __init__(self, port):
        self.server_port = port
        self.data, self.passed = bytearray(), []  # (bytes so far, when they had been passed on)
        self.sockets = []

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.accepting = threading.Thread(target=self.accept, daemon=True)
        self.accepting.start()
        return self

    def __exit__(self, *_):
        for one in (self.listener, *self.sockets):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # its other end went first
            one.close()

    def accept(self):
        try:
            player, _ = self.listener.accept()
        except OSError:
            return  # closed before anybody came
        server = socket.create_connection(("127.0.0.1", self.server_port))
        self.sockets = [player, server]
        for one in self.sockets:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=self.carry, args=(player, server, lambda _: None), daemon=True).start()
        self.carry(server, player, self.note)

    def carry(self, source, target, note):
        try:
            while piece := source.recv(65536):
                target.sendall(piece)
                note(piece)
        except OSError:
            pass  # one of them went

    def note(self, piece):
        self.data += piece
        self.passed.append((len(self.data), time.monotonic()))

    def key_frame_passed(self):
        """When the last byte of the first key frame had been handed to the player (monotonic, s)."""
        end = harness.until(lambda: key_frame_end(bytes(self.data)), 5, "a key frame")
        return next(at for size, at in self.passed if size >= end)
