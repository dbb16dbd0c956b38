#!/usr/bin/env python3
"""The edge against real programs: ffmpeg, ffprobe, mpv, curl, and sockets that misbehave.

    edge.py EDGE_HOST [NAME ...]     runs all cases, or those whose name contains a NAME

Ports come from the kernel. Exit code 0 when every case passed.
"""
import base64
import concurrent.futures
import contextlib
import hashlib
import hmac
import json
import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import traceback

SECRET = "a secret of thirty-two bytes, ok"
HOST = sys.argv[1]


# ---- the parties ----

class Edge:
    """A process of its own with one edge in it."""

    def __init__(self, *options):
        self.errors = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen([HOST, *options], stdin=subprocess.PIPE, text=True,
                                        stdout=subprocess.PIPE, stderr=self.errors)
        words = self.process.stdout.readline().split()
        assert words and words[0] == "ready", words
        self.rtmp, self.http = int(words[1]), int(words[2])

    def __enter__(self):
        return self

    def __exit__(self, kind, *rest):
        self.stop(check=kind is None)

    def stop(self, check=True):
        """Ends it and returns how long that took in milliseconds."""
        if self.process is None:
            return None
        out, _ = self.process.communicate("", timeout=30)
        code, self.process = self.process.returncode, None
        self.errors.seek(0)
        self.log = self.errors.read()
        if not check:
            print(self.log, file=sys.stderr)
            return None
        assert code == 0, f"exit code {code}\n{self.log}"
        assert "LeakSanitizer" not in self.log and "ERROR" not in self.log, self.log
        return int(out.split()[1])

    def rtmp_url(self, path, query=""):
        return f"rtmp://127.0.0.1:{self.rtmp}/{path}{query}"

    def flv_url(self, path, query=""):
        return f"http://127.0.0.1:{self.http}/{path}.flv{query}"

    def get(self, path, *arguments):
        """Status, headers and body of a GET, by curl."""
        done = subprocess.run(["curl", "-sS", "-i", "--max-time", "20", *arguments,
                               f"http://127.0.0.1:{self.http}{path}"],
                              capture_output=True, text=True, check=False)
        head, _, body = done.stdout.partition("\n\n")
        return int(head.split()[1]) if head else 0, head, body

    def streams(self, room="maths", query=""):
        status, _, body = self.get(f"/rooms/{room}/streams{query}")
        assert status == 200, (status, body)
        return json.loads(body)["streams"]

    def metric(self, name):
        _, _, body = self.get("/metrics")
        return int(re.search(rf"^{re.escape(name)} (\d+)$", body, re.M)[1])

    def connect(self, port, data=b""):
        peer = socket.create_connection(("127.0.0.1", port), timeout=15)
        peer.sendall(data)
        return peer


def publish(url, seconds=60, size="320x180", bitrate="300k", gop=15, audio=True, extra=()):
    sound = ["-f", "lavfi", "-i", "sine=440:sample_rate=48000"] if audio else []
    codec = ["-c:a", "aac", "-b:a", "64k"] if audio else []
    return subprocess.Popen(
        ["ffmpeg", "-v", "error", "-nostdin", "-re", "-f", "lavfi", "-i",
         f"testsrc2=size={size}:rate=15", *sound, "-t", str(seconds), "-c:v", "libx264", "-preset",
         "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-b:v", bitrate, "-g",
         str(gop), *codec, *extra, "-f", "flv", url],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


class Barrier:
    """A port before which a publisher waits, all set, until it is let through to an edge."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.waiting = None

    def wait(self, seconds=20):
        self.listener.settimeout(seconds)
        self.waiting, _ = self.listener.accept()

    def let_through(self, port):
        inside = socket.create_connection(("127.0.0.1", port))
        for source, target in ((self.waiting, inside), (inside, self.waiting)):
            threading.Thread(target=self._carry, args=(source, target), daemon=True).start()

    @staticmethod
    def _carry(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


def play(url, seconds=2, timeout=30):
    """Decodes a stream with ffmpeg; returns its exit code and what it complained about."""
    done = subprocess.run(["ffmpeg", "-v", "warning", "-nostdin", "-i", url, "-t", str(seconds),
                           "-f", "null", "-"], capture_output=True, text=True, timeout=timeout,
                          check=False)
    return done.returncode, done.stderr


def end(process, kind=signal.SIGKILL):
    if process.poll() is None:
        process.send_signal(kind)
    return process.communicate(timeout=20)[1]


def wait_for(what, seconds=10.0):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        value = what()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def wait_until_published(edge, room="maths", query="", complete=True):
    def found():
        streams = edge.streams(room, query)
        return streams and (not complete or (streams[0]["video"] and streams[0]["audio"])) and streams
    return wait_for(found)


def token(room="maths", name="ada", role="teacher", ttl=3600, secret=SECRET, alg="HS256"):
    def encode(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    claims = {"room": room, "name": name, "role": role, "exp": int(time.time()) + ttl}
    text = encode(json.dumps({"alg": alg}).encode()) + "." + encode(json.dumps(claims).encode())
    mac = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return "?token=" + text + "." + encode(mac)


def read_to_end(peer, seconds=15):
    """All bytes until the other side ends the connection."""
    data = b""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if select.select([peer], [], [], 0.2)[0]:
            try:
                part = peer.recv(65536)
            except ConnectionResetError:
                return data
            if not part:
                return data
            data += part
    raise AssertionError("the connection stays open")


# ---- cases ----

def case_publish_and_play():
    """What ffmpeg publishes is decoded by ffmpeg, ffprobe and mpv without a complaint."""
    with Edge() as edge:
        publisher = publish(edge.rtmp_url("maths/ada/screen"))
        stream = wait_until_published(edge)[0]
        assert stream["path"] == "maths/ada/screen" and stream["kind"] == "screen", stream
        assert stream["video"] == {"codec": "H.264", "width": 320, "height": 180}, stream
        assert stream["audio"]["codec"] == "AAC" and stream["audio"]["rate_hz"] == 48000, stream
        for url in (edge.rtmp_url("maths/ada/screen"), edge.flv_url("maths/ada/screen")):
            code, complaints = play(url)
            assert code == 0 and complaints == "", (url, code, complaints)
            probe = subprocess.run(["ffprobe", "-v", "warning", "-of", "json", "-show_streams", url],
                                   capture_output=True, text=True, timeout=30, check=True)
            assert probe.stderr == "", probe.stderr
            codecs = sorted(s["codec_name"] for s in json.loads(probe.stdout)["streams"])
            assert codecs == ["aac", "h264"], codecs
            player = subprocess.run(["mpv", "--no-config", "--vo=null", "--ao=null", "--frames=30",
                                     "--msg-level=all=warn", url], capture_output=True, text=True,
                                    timeout=40, check=False)
            assert player.returncode == 0, (player.stdout, player.stderr)
            assert "rror" not in player.stdout + player.stderr, (player.stdout, player.stderr)
        assert edge.metric("chalkrail_edge_streams") == 1
        wait_for(lambda: edge.metric("chalkrail_edge_players") == 0)
        assert end(publisher, signal.SIGINT) is not None
        wait_for(lambda: not edge.streams())
        wait_for(lambda: edge.metric("chalkrail_edge_media_bytes") == 0)


def case_ways_to_name_a_stream():
    """Clients part application and stream name differently; tokens stand in either."""
    ways = [
        (["-rtmp_app", "maths", "-rtmp_playpath", "ada/screen"], ""),
        (["-rtmp_app", "maths/ada", "-rtmp_playpath", "screen"], ""),
        (["-rtmp_app", "maths", "-rtmp_playpath", "ada/screen"], "stream"),
        (["-rtmp_app", "maths", "-rtmp_playpath", "ada/screen"], "app"),
        (["-rtmp_app", "maths/ada", "-rtmp_playpath", "screen"], "stream"),
    ]
    for options, where in ways:
        with Edge(f"secret={SECRET}") if where else Edge() as edge:
            key = token() if where else ""
            names = list(options)
            if where == "stream":
                names[3] += key
            if where == "app":
                names[1] += key
            publisher = publish(f"rtmp://127.0.0.1:{edge.rtmp}/", extra=names)
            wait_until_published(edge, query=key)
            code, complaints = play(edge.rtmp_url("maths/ada/screen", key), seconds=1)
            assert code == 0 and complaints == "", complaints
            end(publisher)


def case_first_picture_is_quick():
    """With a long GOP a newcomer still sees a picture at once."""
    with Edge() as edge:
        publisher = publish(edge.rtmp_url("maths/ada/screen"), gop=120)
        wait_until_published(edge)
        wait_for(lambda: edge.streams()[0]["gop_ms"] > 2000)
        config, key = b"\x17\x00\x00\x00\x00", b"\x17\x01\x00\x00\x00"
        took = []
        for _ in range(8):  # a busy machine delays some of them, not all
            begun = time.monotonic()
            peer = edge.connect(edge.http, b"GET /maths/ada/screen.flv HTTP/1.1\r\nHost: localhost\r\n\r\n")
            data = b""
            while key not in data:
                data += peer.recv(65536)
            took.append(time.monotonic() - begun)
            peer.close()
            order = [data.index(mark) for mark in (b"FLV\x01\x05", b"onMetaData", config, key)]
            assert order == sorted(order), order
        assert min(took) < 0.1, took
        end(publisher)


def case_tokens():
    """Who may publish and play; wrong tokens are refused by name."""
    publishes = [
        (token(), True),
        (token(role="owner", name="root"), True),
        (token(role="assistant"), True),
        (token(role="student"), False),
        (token(role="observer"), False),
        (token(name="bob"), False),
        (token(room="art"), False),
        (token(ttl=-1), False),
        (token(secret="another secret of enough bytes.."), False),
        (token(alg="none"), False),
        ("", False),
        ("?token=x", False),
    ]
    with Edge(f"secret={SECRET}") as edge:
        for query, allowed in publishes:
            publisher = publish(edge.rtmp_url("maths/ada/screen", query), audio=False)
            if allowed:
                wait_until_published(edge, query=token(), complete=False)
                end(publisher)
                wait_for(lambda: not edge.streams(query=token()))
            else:
                assert publisher.wait(timeout=15) != 0, query
                publisher.communicate()
        publisher = publish(edge.rtmp_url("maths/ada/screen", token()))
        wait_until_published(edge, query=token())
        for query, allowed in [(token(role="student", name="eve"), True), (token(room="art"), False),
                               ("", False)]:
            code, _ = play(edge.rtmp_url("maths/ada/screen", query), seconds=1)
            assert (code == 0) == allowed, query
        expected = [
            ("/maths/ada/screen.flv", 401),
            ("/maths/ada/screen.flv" + token(ttl=-1), 403),
            ("/maths/ada/screen.flv" + token(room="art"), 403),
            ("/maths/ada/screen.flv?token=" + "a" * 2000, 403),
            ("/maths/bob/screen.flv" + token(), 404),
            ("/maths/ada/slides.flv" + token(), 404),
            ("/rooms/maths/streams", 401),
            ("/rooms/art/streams" + token(), 403),
            ("/rooms/maths/streams" + token(role="student"), 200),
            ("/rooms/ma%20ths/streams" + token(), 404),
            ("/nothing", 404),
            ("/metrics", 200),
            ("/healthz", 200),
            ("/", 200),
        ]
        for path, status in expected:
            assert edge.get(path)[0] == status, (path, status, edge.get(path))
        for path, headers, status in [
                ("/metrics", ("X-Forwarded-For: 10.0.0.1",), 401),
                ("/metrics" + token(role="student"), ("X-Forwarded-For: 10.0.0.1",), 403),
                ("/metrics" + token(), ("X-Forwarded-For: 10.0.0.1",), 200),
                ("/metrics", ("X-Forwarded-For: 10.0.0.1",
                              "Authorization: Bearer " + token()[7:]), 200),
                # The name of a foreign site that was made to point at this machine.
                ("/metrics", ("Host: evil.example:8935",), 401),
                ("/metrics", ("Host: localhost." + "a" * 9000,), 401),
                ("/metrics" + token(), ("Host: evil.example:8935",), 200),
                ("/metrics", ("Host: localhost:8935",), 200)]:
            arguments = [a for h in headers for a in ("-H", h)]
            assert edge.get(path, *arguments)[0] == status, (path, headers)
        for header in ("X-Forwarded-For: 10.0.0.1", "Host: evil.example"):
            _, _, page = edge.get("/", "-H", header)
            assert "It runs" in page and "maths" not in page, page
        end(publisher)


def case_http():
    """Headers of a stream, other methods, the pages."""
    with Edge() as edge:
        publisher = publish(edge.rtmp_url("maths/ada/screen"))
        wait_until_published(edge)
        status, head, body = edge.get("/maths/ada/screen.flv", "--head")
        lines = head.lower()
        assert status == 200 and body == "", (status, head)
        for line in ("content-type: video/x-flv", "cache-control: no-store", "connection: close"):
            assert line in lines, (line, head)
        assert "content-length" not in lines and "transfer-encoding" not in lines, head
        status, head, _ = edge.get("/maths/ada/screen.flv", "-X", "POST")
        assert status == 405 and "Allow: GET, HEAD" in head, head
        # Without tokens streams are for pages of this machine; what is not a stream is for no page.
        own, foreign = "http://localhost:8000", "https://example.com"
        for path, shared in [("/maths/ada/screen.flv", own), ("/rooms/maths/streams", own), ("/metrics", None),
                             ("/", None)]:
            for origin in (own, foreign):
                head = edge.get(path, "--head", "-H", "Origin: " + origin)[1]
                allowed = re.findall(r"(?im)^access-control-allow-origin: (\S+)", head)
                assert allowed == ([origin] if origin == shared else []), (path, origin, head)
        assert edge.get("/", "-H", "Host: rebound.example")[0] == 421
        status, head, body = edge.get("/metrics")
        assert "text/plain; version=0.0.4" in head, head
        for line in body.splitlines():
            assert re.fullmatch(r"# (HELP|TYPE) chalkrail_edge_\w+ .+|"
                                r"chalkrail_edge_\w+(\{error=\"[A-Z_]+\"\})? \d+", line), line
        status, head, body = edge.get("/")
        assert "text/html" in head and "maths/ada/screen" in body and "http" not in body.replace(
            "http-equiv", ""), body
        end(publisher)


def case_two_publishers():
    """A name has one publisher; the same participant may come back, others may not."""
    with Edge() as edge:
        first = publish(edge.rtmp_url("maths/ada/screen"))
        wait_until_published(edge)
        second = publish(edge.rtmp_url("maths/ada/screen"))
        assert second.wait(timeout=10) != 0
        second.communicate()
        assert first.poll() is None
        end(first)
    with Edge(f"secret={SECRET}") as edge:
        url = edge.rtmp_url("maths/ada/screen", token())
        first = publish(url)
        wait_until_published(edge, query=token())
        other = publish(edge.rtmp_url("maths/ada/screen", token(role="owner", name="root")))
        assert other.wait(timeout=10) != 0
        other.communicate()
        second = publish(url)
        first.wait(timeout=10)
        complaint = first.communicate()[1]
        assert "a newer connection publishes this stream" in complaint, complaint
        wait_until_published(edge, query=token())
        third = publish(url)  # which may be the first, come back: the newest stays
        assert third.wait(timeout=10) != 0
        assert "already publishes under this name" in third.communicate()[1]
        assert second.poll() is None
        end(second)
        wait_for(lambda: not edge.streams(query=token()))
        fourth = publish(url)
        wait_until_published(edge, query=token())
        end(fourth)


def case_unknown_codec():
    """A codec that is not relayed is refused by name."""
    with Edge() as edge:
        publisher = publish(edge.rtmp_url("maths/ada/screen"), extra=["-c:v", "flv1"])
        assert publisher.wait(timeout=15) != 0
        complaint = publisher.communicate()[1]
        assert "this server does not relay Sorenson H.263" in complaint, complaint
        assert edge.metric('chalkrail_edge_refused_total{error="CODEC_UNKNOWN"}') == 1


def case_a_publisher_in_a_hurry():
    """What a publisher sent before it went is played, though it went with answers unread."""
    def text(value):
        return b"\x02" + struct.pack(">H", len(value)) + value.encode()

    def number(value):
        return b"\x00" + struct.pack(">d", value)

    def message(kind, stream, time_ms, body):
        return (b"\x03" + time_ms.to_bytes(3, "big") + len(body).to_bytes(3, "big") + bytes([kind])
                + struct.pack("<I", stream) + body)

    count = 200  # of frames of sound, as MP3
    hello = (message(1, 0, 0, (65536).to_bytes(4, "big")) + message(5, 0, 0, (1000).to_bytes(4, "big"))
             + message(20, 0, 0, text("connect") + number(1) + b"\x03\x00\x03app" + text("maths") + b"\0\0\x09")
             + message(20, 0, 0, text("createStream") + number(2) + b"\x05")
             + message(20, 1, 0, text("publish") + number(3) + b"\x05" + text("ada/screen") + text("live")))
    frames = b"".join(message(8, 1, i * 24, b"\x2f" + struct.pack(">I", i) + bytes(96)) for i in range(count))
    goodbye = message(20, 0, 0, text("deleteStream") + number(4) + b"\x05" + number(1))
    for _ in range(5):
        with Edge() as edge:
            publisher = edge.connect(edge.rtmp, b"\x03" + bytes(1536))
            answer = b""
            while len(answer) < 3073:
                answer += publisher.recv(65536)
            publisher.sendall(bytes(1536) + hello)
            wait_for(edge.streams)
            player = edge.connect(edge.http, b"GET /maths/ada/screen.flv HTTP/1.1\r\nHost: localhost\r\n\r\n")
            wait_for(lambda: edge.metric("chalkrail_edge_players") == 1)
            publisher.sendall(frames + goodbye)
            publisher.close()  # answers are unread, so this is a reset
            data = read_to_end(player)
            player.close()
            at, seen = data.index(b"FLV\x01") + 13, 0
            while at < len(data):
                seen += data[at] == 8
                at += 15 + int.from_bytes(data[at + 1:at + 4], "big")
            assert seen == count, seen


def case_a_player_may_come_first():
    """A player that is there a moment before its publisher gets the stream."""
    with Edge() as edge:
        barrier = Barrier()
        publisher = publish(f"rtmp://127.0.0.1:{barrier.port}/maths/ada/screen")
        barrier.wait()
        players = [subprocess.Popen(["ffmpeg", "-v", "warning", "-nostdin", "-i", url, "-t", "1",
                                     "-f", "null", "-"], stderr=subprocess.PIPE, text=True)
                   for url in (edge.rtmp_url("maths/ada/screen"), edge.flv_url("maths/ada/screen"))]
        wait_for(lambda: edge.metric("chalkrail_edge_players") == 2)
        assert not edge.streams()
        barrier.let_through(edge.rtmp)
        for player in players:
            complaints = player.communicate(timeout=30)[1]
            assert player.returncode == 0 and complaints == "", complaints
        end(publisher)
        wait_for(lambda: not edge.streams())
        begun = time.monotonic()
        code, _ = play(edge.rtmp_url("maths/ada/screen"))
        assert code != 0 and 1.5 < time.monotonic() - begun < 5, time.monotonic() - begun


def case_slow_readers():
    """Players that do not read lose frames, then their connection; the others lose nothing."""
    with Edge("reader_max_ms=700") as edge:
        publisher = publish(edge.rtmp_url("maths/ada/screen"), size="1280x720", bitrate="8M",
                            audio=False)
        wait_until_published(edge, complete=False)
        lazy = socket.socket()
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.connect(("127.0.0.1", edge.http))
        lazy.sendall(b"GET /maths/ada/screen.flv HTTP/1.1\r\nHost: localhost\r\n\r\n")
        stopped, good = [
            subprocess.Popen(["ffmpeg", "-v", "warning", "-nostdin", "-i", url, "-t", "6", "-f",
                              "null", "-"], stderr=subprocess.PIPE, text=True)
            for url in (edge.rtmp_url("maths/ada/screen"), edge.flv_url("maths/ada/screen"))]
        wait_for(lambda: edge.metric("chalkrail_edge_players") == 3)
        stopped.send_signal(signal.SIGSTOP)
        wait_for(lambda: edge.metric("chalkrail_edge_dropped_frames_total") > 0, 15)
        wait_for(lambda: edge.metric("chalkrail_edge_closed_players_total") == 2, 20)
        complaints = good.communicate(timeout=30)[1]
        assert good.returncode == 0 and complaints == "", complaints
        wait_for(lambda: edge.metric("chalkrail_edge_players") == 0)
        wait_for(lambda: edge.metric("chalkrail_edge_connections") == 2)
        assert edge.metric("chalkrail_edge_media_bytes") < 8_000_000
        end(stopped)
        lazy.close()
        end(publisher)


def case_silence():
    """Connections that say nothing are closed in time, on both ports."""
    with Edge() as edge:
        peers = [edge.connect(port) for port in [edge.rtmp, edge.http] * 50]
        wait_for(lambda: edge.metric("chalkrail_edge_connections") >= 100)
        begun = time.monotonic()
        for peer in peers:
            read_to_end(peer)
        assert 8 < time.monotonic() - begun < 13, time.monotonic() - begun
        wait_for(lambda: edge.metric("chalkrail_edge_connections") <= 1)


def case_limits():
    """Connections above the limit are refused, and there is room again when some have gone."""
    with Edge("connections_max=8", "streams_max=1") as edge:
        peers = [edge.connect(edge.rtmp) for _ in range(7)]
        wait_for(lambda: edge.metric("chalkrail_edge_connections") == 8)
        peers += [edge.connect(edge.rtmp)]
        more = [edge.connect(edge.rtmp) for _ in range(4)]
        for peer in more:
            read_to_end(peer, 5)
        for peer in peers:
            peer.close()
        wait_for(lambda: edge.get("/healthz")[0] == 200)
        first = publish(edge.rtmp_url("maths/ada/screen"))
        wait_until_published(edge)
        second = publish(edge.rtmp_url("maths/bob/screen"))
        assert second.wait(timeout=10) != 0
        second.communicate()
        end(first)


def case_garbage():
    """Nonsense is answered with an end, and harms nobody else."""
    head = b"GET /maths/ada/screen.flv HTTP/1.1\r\nHost: localhost\r\n"
    nonsense = [
        b"\x00" * 5000, b"\xff" * 5000, os.urandom(20000), b"\x03" + os.urandom(1536 * 2 + 4000),
        b"GET / HTTP/9.9\r\n\r\n", b"\r\n" * 9000, b"GET " + b"a" * 20000, head + b"X: " + b"y" * 20000,
        head + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /%00/../../etc/passwd.flv HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ]
    with Edge() as edge:
        publisher = publish(edge.rtmp_url("maths/ada/screen"))
        wait_until_published(edge)
        for data in nonsense:
            for port in (edge.rtmp, edge.http):
                peer = socket.create_connection(("127.0.0.1", port), timeout=15)
                try:
                    peer.sendall(data)
                    peer.shutdown(socket.SHUT_WR)
                    answer = read_to_end(peer)
                    assert b" 200 " not in answer[:16], (data[:40], answer[:200])
                except (ConnectionResetError, BrokenPipeError, OSError):
                    pass
                peer.close()
        wait_for(lambda: edge.metric("chalkrail_edge_connections") <= 2)
        code, complaints = play(edge.rtmp_url("maths/ada/screen"), seconds=1)
        assert code == 0 and complaints == "", complaints
        end(publisher)


def case_publisher_dies():
    """kill -9 of the publisher ends the stream for its players."""
    with Edge() as edge:
        publisher = publish(edge.rtmp_url("maths/ada/screen"))
        wait_until_published(edge)
        players = [subprocess.Popen(["ffmpeg", "-v", "fatal", "-nostdin", "-i", url, "-f", "null",
                                     "-"], stderr=subprocess.PIPE, text=True)
                   for url in (edge.rtmp_url("maths/ada/screen"), edge.flv_url("maths/ada/screen"))]
        wait_for(lambda: edge.metric("chalkrail_edge_players") == 2)
        time.sleep(0.5)
        end(publisher, signal.SIGKILL)
        for player in players:
            player.communicate(timeout=5)
        wait_for(lambda: not edge.streams())


def case_stop_with_players():
    """Stopping takes a second at most; players come to a proper end."""
    edge = Edge()
    publisher = publish(edge.rtmp_url("maths/ada/screen"))
    wait_until_published(edge)
    players = [subprocess.Popen(["ffmpeg", "-v", "fatal", "-nostdin", "-i", url, "-f", "null", "-"],
                                stderr=subprocess.PIPE, text=True)
               for url in (edge.rtmp_url("maths/ada/screen"), edge.flv_url("maths/ada/screen"))]
    idle = edge.connect(edge.rtmp)
    wait_for(lambda: edge.metric("chalkrail_edge_players") == 2)
    time.sleep(0.5)
    took_ms = edge.stop()
    assert took_ms < 1500, took_ms
    for player in players:
        player.communicate(timeout=5)
        assert player.returncode == 0, player.returncode
    end(publisher)
    idle.close()


def case_an_idle_edge_sleeps():
    """Without connections nothing wakes up, neither before the first nor after the last."""
    def switches():
        text = ""
        for task in os.listdir(f"/proc/{edge.process.pid}/task"):
            with open(f"/proc/{edge.process.pid}/task/{task}/status", encoding="ascii") as status:
                text += status.read()
        return [int(n) for n in re.findall(r"ctxt_switches:\s+(\d+)", text)]

    with Edge() as edge:
        for _ in range(2):
            time.sleep(1)
            before = switches()
            time.sleep(2)
            assert switches() == before, (before, switches())
            publisher = publish(edge.rtmp_url("maths/ada/screen"))
            wait_until_published(edge)
            assert play(edge.flv_url("maths/ada/screen"), seconds=1)[0] == 0
            end(publisher)
            wait_for(lambda: not edge.streams())


def case_port_in_use():
    """A taken port is an error by name, and nothing is left behind."""
    with Edge() as edge:
        for option in (f"rtmp=127.0.0.1:{edge.rtmp}", f"http=127.0.0.1:{edge.http}"):
            done = subprocess.run([HOST, option], stdin=subprocess.DEVNULL, capture_output=True,
                                  text=True, timeout=20, check=False)
            assert done.returncode == 1 and done.stdout == "ADDRESS_IN_USE\n", done
            assert "Sanitizer" not in done.stderr, done.stderr


def passed(name):
    begun = time.monotonic()
    verdict = "ok"
    try:
        globals()[name]()
    except Exception:  # each case reports, the others still run
        traceback.print_exc()
        verdict = "FAILED"
    print(f"{verdict:6} {name[5:]} ({time.monotonic() - begun:.1f} s)", flush=True)
    return verdict == "ok"


def main():
    chosen = sys.argv[2:]
    names = [name for name in sorted(globals()) if name.startswith("case_")
             and (not chosen or any(c in name for c in chosen))]
    with concurrent.futures.ThreadPoolExecutor(3) as pool:  # they wait much
        return 0 if all(list(pool.map(passed, names))) else 1


if __name__ == "__main__":
    sys.exit(main())
