#!/usr/bin/env python3
"""`chalkrail publish` by RTMPS and `chalkrail play` by RTMPS and HTTPS: certificates and host names are checked.

An edge speaks plainly; something that ends TLS stands in front of it, as a proxy would.

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


class Tls(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())
        self.edge = self.scene.edge("--open")

    def front(self, *certificate):
        """TLS in front of the edge: the certificate's file and the ports of RTMPS and HTTPS."""
        files = self.scene.certificate(*certificate)
        proxies = [Proxy(*files, port) for port in (self.edge.rtmp_port, self.edge.http_port)]
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
        for url in urls:
            player = self.scene.run("play", url, "--headless", "--for", "4", "--json", env=trust)
            self.assertEqual(player.code, 0, player)
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


if __name__ == "__main__":
    os.environ.pop("DISPLAY", None)
    harness.main()
