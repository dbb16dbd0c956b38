#!/usr/bin/env python3
"""`chalkrail publish` by RTMPS and `chalkrail play` by RTMPS and HTTPS: certificates and host names are checked.

Behind something that ends TLS in front of a plain edge, as a proxy would, and with an edge that speaks TLS itself.

Usage: cli_tls.py PROGRAM [TEST...]
"""

import contextlib
import os
import socket
import ssl
import threading
import unittest

import harness

STREAM = "math/li/screen"


def carry(source, target):
    """Copies what one side says to the other until it has ended."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


class Proxy:
    """Ends TLS on a port of the kernel's and goes on in the clear to a port of this machine."""

    def __init__(self, certificate, key, port):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.target = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection):
        with contextlib.suppress(OSError), self.context.wrap_socket(connection, server_side=True) as inside, \
                socket.create_connection(("127.0.0.1", self.target)) as outside:
            back = threading.Thread(target=carry, args=(outside, inside), daemon=True)
            back.start()
            carry(inside, outside)
            back.join()

    def close(self):
        self.listener.close()


class Behind(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())

    def front(self, *certificate):
        """TLS in front of the edge: the certificate's file and the ports of RTMPS and HTTPS."""
        files = self.scene.certificate(*certificate)
        edge = self.scene.edge("--open")
        proxies = [Proxy(*files, port) for port in (edge.rtmp_port, edge.http_port)]
        for proxy in proxies:
            self.addCleanup(proxy.close)
        return files[0], [proxy.port for proxy in proxies]

    @staticmethod
    def urls(host, ports):
        return [f"rtmps://{host}:{ports[0]}/{STREAM}", f"https://{host}:{ports[1]}/{STREAM}.flv"]

    def test_a_lesson_through_it(self):
        certificate, ports = self.front()
        trust, urls = {"SSL_CERT_FILE": certificate}, self.urls("localhost", ports)
        publisher = self.scene.chalkrail("publish", urls[0], "--synthetic", env=trust)
        publisher.wait_for("^server live")
        players = [self.scene.chalkrail("play", url, "--headless", "--for", "4", "--json", env=trust) for url in urls]
        for player in players:
            self.assertEqual(player.finish(), 0, player)
            self.assertGreater(player.objects("summary")[0]["frames_shown"], 30, player)
        self.assertEqual(publisher.stop(), 0, publisher)

    def test_who_is_not_trusted_is_refused(self):
        rows = [
            ("signed by nobody known", ("localhost",), "localhost", False),
            ("for another host", ("elsewhere.example",), "localhost", True),
            ("for a name, not for an address", ("localhost",), "127.0.0.1", True),
            ("expired", ("localhost", -1), "localhost", True),
        ]
        for what, made, host, trusted in rows:
            with self.subTest(what):
                certificate, ports = self.front(*made)
                env = {"SSL_CERT_FILE": certificate} if trusted else {}
                rtmps, https = self.urls(host, ports)
                for argv in (["publish", rtmps, "--synthetic", "--no-retry"],
                             ["play", rtmps, "--headless", "--no-retry"],
                             ["play", https, "--headless", "--no-retry"]):
                    run = self.scene.run(*argv, env=env)
                    self.assertEqual(run.code, 1, run)
                    self.assertIn("(TLS)", run.err_text)


class Itself(Behind):
    """The same with the edge's own TLS."""

    def front(self, *certificate):
        files = self.scene.certificate(*certificate)
        edge = self.scene.edge("--open", "--tls-cert", files[0], "--tls-key", files[1])
        return files[0], [edge.rtmp_port, edge.http_port]

    @staticmethod
    def ask(port, request, context=None):
        """The first bytes of the answer; none when the connection ends."""
        with socket.create_connection(("127.0.0.1", port), harness.PATIENCE) as plain:
            with context.wrap_socket(plain, server_hostname="localhost") if context else plain as connection:
                connection.sendall(request.replace("\n", "\r\n").encode())
                with contextlib.suppress(ConnectionResetError):
                    return connection.recv(4096)
        return b""

    def test_pages_and_rooms(self):
        certificate, (rtmp, http) = self.front()
        trust = ssl.create_default_context(cafile=certificate)
        page = "GET /healthz HTTP/1.1\nHost: localhost\nConnection: close\n\n"
        room = ("GET /rooms/math?name=li&role=teacher HTTP/1.1\nHost: localhost\nUpgrade: websocket\n"
                "Connection: Upgrade\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\n"
                "Sec-WebSocket-Protocol: chalkrail.room.1\n\n")
        self.assertIn(b"HTTP/1.1 200 ", self.ask(http, page, trust))
        self.assertIn(b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", self.ask(http, room, trust))
        for port in (rtmp, http):
            self.assertNotIn(b"HTTP", self.ask(port, page))
        figures = self.ask(http, page.replace("healthz", "metrics"), trust)
        self.assertIn(b"HTTP/1.1 200 ", figures)

    def test_files_that_do_not_do(self):
        certificate, key = self.scene.certificate()
        other = self.scene.certificate("elsewhere.example")[1]
        rows = [
            (("--tls-cert", certificate), 2, "--tls-cert and --tls-key go together"),
            (("--tls-key", key), 2, "--tls-cert and --tls-key go together"),
            (("--tls-cert", certificate, "--tls-key", other), 1, "cannot use the certificate"),
            (("--tls-cert", "/nowhere.pem", "--tls-key", key), 1, "cannot use the certificate"),
        ]
        for options, code, words in rows:
            with self.subTest(options):
                run = self.scene.run("edge", "--open", "--rtmp", "127.0.0.1:0", "--http", "127.0.0.1:0", *options)
                self.assertEqual(run.code, code, run)
                self.assertIn(words, run.err_text)


if __name__ == "__main__":
    os.environ.pop("DISPLAY", None)
    harness.main()
