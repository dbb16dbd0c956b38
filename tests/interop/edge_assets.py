#!/usr/bin/env python3
"""Pictures and decks of `chalkrail edge`: putting, getting, refusals, uploads that die, many at once,
and files that are made to hurt.

Usage: edge_assets.py PROGRAM [TEST...]
"""

import concurrent.futures
import hashlib
import http.client
import os
import socket
import struct
import time
import unittest
import zlib

import harness
import room_wire
from edge_rooms import SECRET, token


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(wide=4, high=4, seed=0, pad=0):
    """A picture; `pad` bytes more that cannot be compressed."""
    rows = b"".join(b"\0" + bytes((x + y + seed) & 255 for x in range(3 * wide)) for y in range(high))
    body = chunk(b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0))
    if pad:
        body += chunk(b"teSt", os.urandom(pad))
    return b"\x89PNG\r\n\x1a\n" + body + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def claiming(wide, high):
    """A picture that says it is so large, of a few bytes."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1 << 20))) + chunk(b"IEND", b"")


JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffc0001108000900070301220002110103110"
                     "1") + bytes(64) + b"\xff\xd9"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


class Assets(unittest.TestCase):
    options = ("--open",)

    def setUp(self):
        self.scene = self.enterContext(harness.Scene())
        self.edge = self.start()

    def start(self):
        return self.scene.edge(*self.options)

    def member(self, name="ada", role="teacher", room="maths"):
        client = room_wire.Client(self.edge.http_port, room, name, role).join()
        self.addCleanup(client.leave)
        return client

    def ask(self, method, target, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.edge.http_port, timeout=20)
        try:
            connection.request(method, target, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read(), dict(answer.getheaders())
        finally:
            connection.close()

    def target(self, data, name="ada", room="maths", role="teacher", digest=None):
        digest = digest or hashlib.sha256(data).hexdigest()
        return f"/rooms/{room}/assets/{digest}?name={name}&role={role}"

    def put(self, data, **named):
        return self.ask("PUT", self.target(data, **named), data)

    def get(self, data, **named):
        return self.ask("GET", self.target(data, **named))

    def metric(self, name):
        status, body, _ = self.ask("GET", "/metrics")
        self.assertEqual(status, 200)
        return sum(int(line.split()[1]) for line in body.decode().splitlines() if line.split(" ")[0] == name)


class Sharing(Assets):
    def test_what_is_put_is_there_for_all(self):
        self.member()
        for data, kind in ((png(), "image/png"), (JPEG, "image/jpeg"), (PDF, "application/pdf"),
                           (png(pad=700000), "image/png")):
            self.assertEqual(self.get(data)[0], 404)
            self.assertEqual(self.put(data)[:2], (201, b""))
            self.assertEqual(self.put(data)[0], 200)  # again costs nothing
            status, body, headers = self.get(data, name="bo", role="student")
            self.assertEqual((status, body), (200, data))
            self.assertEqual(headers["Content-Type"], kind)
            self.assertEqual(headers["ETag"], f'"{hashlib.sha256(data).hexdigest()}"')
            self.assertIn("immutable", headers["Cache-Control"])
            known = self.ask("GET", self.target(data), headers={"If-None-Match": headers["ETag"]})
            self.assertEqual(known[:2], (304, b""))
            status, body, headers = self.ask("HEAD", self.target(data))
            self.assertEqual((status, body, headers["Content-Length"]), (200, b"", str(len(data))))
        self.assertEqual(self.metric("chalkrail_edge_assets"), 4)
        self.assertEqual(self.metric("chalkrail_edge_asset_uploads_total"), 4)

    def test_one_connection_serves_one_after_the_other(self):
        self.member()
        connection = http.client.HTTPConnection("127.0.0.1", self.edge.http_port, timeout=20)
        for number in range(5):
            data = png(seed=number, pad=200000)
            connection.request("PUT", self.target(data), data)
            self.assertEqual(connection.getresponse().read(), b"")
            connection.request("GET", self.target(data))
            self.assertEqual(connection.getresponse().read(), data)
        connection.close()

    def test_other_rooms_have_their_own(self):
        self.member()
        self.assertEqual(self.put(png())[0], 201)
        self.assertEqual(self.get(png(), room="physics")[0], 404)

    def test_a_page_of_another_site_may_ask(self):
        status, body, headers = self.ask("OPTIONS", self.target(PDF), headers={
            "Origin": "http://localhost:8000", "Access-Control-Request-Method": "PUT"})
        self.assertEqual((status, body), (204, b""))
        self.assertEqual(headers["Access-Control-Allow-Origin"], "http://localhost:8000")
        self.assertIn("PUT", headers["Access-Control-Allow-Methods"])
        self.member()
        status, body, _ = self.ask("PUT", self.target(PDF), PDF, {"Origin": "https://elsewhere.example"})
        self.assertEqual((status, body), (403, b"this server is for pages of its own machine\n"))


class OnDisk(Assets):
    def start(self):
        return self.scene.edge("--open", "--data", self.scene.path("rooms"))

    def files(self):
        return [name for _, _, names in os.walk(self.scene.path("rooms/assets")) for name in names]

    def test_files_outlive_the_edge(self):
        data = png(pad=3000000)
        self.member()
        self.assertEqual(self.put(data)[0], 201)
        self.assertEqual(self.files(), [hashlib.sha256(data).hexdigest() + ".png"])
        self.assertEqual(self.edge.process.stop(), 0, self.edge.process)
        self.scene.write("rooms/assets/6d61746873/7.tmp", b"an upload that was cut off")
        self.edge = self.start()
        self.assertEqual(self.get(data)[:2], (200, data))
        self.assertEqual(len(self.files()), 1)

    def test_an_upload_that_dies_leaves_nothing(self):
        self.member()
        data = png(pad=500000)
        for cut in (1, 70000, 400000):
            with socket.create_connection(("127.0.0.1", self.edge.http_port)) as raw:
                raw.sendall(f"PUT {self.target(data)} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(data)}\r\n\r\n"
                            .encode() + data[:cut])
                harness.until(lambda: self.metric("chalkrail_edge_asset_uploads") == 1)
        harness.until(lambda: self.metric("chalkrail_edge_asset_uploads") == 0)
        harness.until(lambda: self.files() == [])
        self.assertEqual(self.put(data)[0], 201)


class Refused(Assets):
    """By name, and the class goes on."""

    # What is put, and what is answered.
    FILES = {
        "an image of 100,000 by 100,000": (claiming(100000, 100000), 413, b"the picture has too many pixels\n"),
        "one of 16,000 by 16,000": (claiming(16000, 16000), 413, b"the picture has too many pixels\n"),
        "no file": (b"", 400, b"the file is empty\n"),
        "text": (b"hello, this is no picture", 415, b"this is no PNG, JPEG, WebP or PDF that is taken here\n"),
        "a page": (b"<html><script>alert(1)</script>", 415, b"this is no PNG, JPEG, WebP or PDF that is taken here\n"),
        "a GIF": (b"GIF89a" + bytes(100), 415, b"this is no PNG, JPEG, WebP or PDF that is taken here\n"),
        "a PNG of nothing": (claiming(0, 5), 400, b"the file is damaged\n"),
        "a PNG cut short": (png()[:20], 400, b"the file is damaged\n"),
        "a JPEG without a frame": (b"\xff\xd8\xff\xe0\x00\x10" + bytes(14) + b"\xff\xda", 400, b"the file is damaged\n"),
        "a picture over 16 MB": (png(pad=17 << 20), 413, b"a picture has at most 16 MB\n"),
    }

    def test_files(self):
        lesson = self.member()
        beside = self.member("bo", "student")
        for name, (data, status, why) in self.FILES.items():
            with self.subTest(name):
                self.assertEqual(self.put(data)[:2], (status, why))
                lesson.wait_settled(lesson.chat(f"after {name}"))
                beside.wait_for(lambda e, said=f"after {name}": e.text == said)
        self.assertEqual(self.metric("chalkrail_edge_assets"), 0)

    def test_asks(self):
        self.member()
        self.member("eve", "observer")
        data = png()
        rows = {
            "bytes of another hash": (dict(digest="0" * 64), 400, b"these are not the bytes of that hash\n"),
            "no hash": (dict(digest="xyz"), 404, b"no such page\n"),
            "a hash in capitals": (dict(digest="A" * 64), 404, b"no such page\n"),
            "who is not in the room": (dict(name="zoe"), 409, b"who puts something on the board is in the room\n"),
            "a room that is not open": (dict(room="empty"), 409, b"who puts something on the board is in the room\n"),
            "who may not draw": (dict(name="eve", role="observer"), 403, b"this participant may not draw\n"),
            "no name": (dict(name=""), 400, b"an open edge wants ?name=NAME, with a name of 1 to 64 bytes without "
                                            b"spaces\n"),
        }
        for name, (named, status, why) in rows.items():
            with self.subTest(name):
                self.assertEqual(self.put(data, **named)[:2], (status, why))
        self.assertEqual(self.get(data)[:2], (404, b"the room has no such file\n"))
        self.assertEqual(self.ask("POST", self.target(data), data)[0], 405)
        self.assertEqual(self.ask("GET", "/rooms/maths/assets/../../etc/passwd?name=ada")[0], 404)

    def test_heads(self):
        self.member()
        for head, status in (("Transfer-Encoding: chunked", 411), ("Content-Length: 68719476736", 413),
                             ("Content-Length: 67108865", 413), ("Content-Length: x", 400)):
            with self.subTest(head), socket.create_connection(("127.0.0.1", self.edge.http_port)) as raw:
                raw.sendall(f"PUT {self.target(PDF)} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n".encode())
                self.assertEqual(int(raw.makefile("rb").readline().split()[1]), status)

    def test_200_uploads_at_once(self):
        """Some are told to come again; none of those that were taken is lost, and memory stays bounded."""
        people = [self.member(f"t{i}") for i in range(40)]
        files = [png(seed=i, pad=300000 + i) for i in range(200)]

        def put(i):
            return self.put(files[i], name=people[i % len(people)].name)

        begun = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(200) as pool:
            answers = list(pool.map(put, range(200)))
        counts = {status: sum(a[0] == status for a in answers) for status in {a[0] for a in answers}}
        print(f"200 uploads at once: {counts} in {time.monotonic() - begun:.1f} s")
        self.assertLessEqual(set(counts), {201, 429, 503})
        self.assertGreaterEqual(counts[201], 64)
        for i, (status, _, headers) in enumerate(answers):
            if status == 201:
                self.assertEqual(self.get(files[i])[0], 200)
            else:
                self.assertEqual(headers["Retry-After"], "1")
        people[0].wait_settled(people[0].chat("still here"))

    def test_a_room_has_an_end(self):
        """256 MB in memory for all: what comes beyond is refused, what is there stays."""
        self.member()
        answers = [self.put(b"%PDF-1.4\n" + bytes([i]) + bytes((60 << 20) - 10))[0] for i in range(5)]
        self.assertEqual(answers, [201, 201, 201, 201, 507])
        self.assertEqual(self.put(png())[0], 201)


class Doors(Assets):
    """With a secret: the token says who."""

    def start(self):
        return self.scene.edge("--secret", self.scene.write("secret", SECRET))

    def path(self, data):
        return f"/rooms/maths/assets/{hashlib.sha256(data).hexdigest()}"

    def test_tokens(self):
        data = png()
        client = room_wire.Client(self.edge.http_port, "maths", token=token(role="teacher"))
        self.addCleanup(client.leave)
        client.join()
        self.assertEqual(self.ask("PUT", self.path(data), data)[0], 401)
        wrong = {"Authorization": "Bearer " + token(room="physics", role="teacher")}
        self.assertEqual(self.ask("PUT", self.path(data), data, wrong)[0], 403)
        right = {"Authorization": "Bearer " + token(role="teacher")}
        self.assertEqual(self.ask("PUT", self.path(data), data, right)[0], 201)
        self.assertEqual(self.ask("GET", self.path(data))[0], 401)
        status, body, headers = self.ask("GET", self.path(data) + "?token=" + token(name="bo"))
        self.assertEqual((status, body, headers["Access-Control-Allow-Origin"]), (200, data, "*"))


if __name__ == "__main__":
    harness.main()
