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
        self.certificate, key = self.scene.path("certificate.pem"), self.scene.path("key.pem")
        made = self.scene.start("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                                "-nodes", "-days", "2", "-subj", "/CN=a test", "-addext",
                                "subjectAltName=DNS:localhost", "-keyout", key, "-out", self.certificate)
        self.assertEqual(made.finish(), 0, made)
        self.rtmps = Proxy(self.certificate, key, self.edge.rtmp_port)
        self.https = Proxy(self.certificate, key, self.edge.http_port)
        self.addCleanup(self.rtmps.close)
        self.addCleanup(self.https.close)
        self.trust = {"SSL_CERT_FILE": self.certificate}

    def urls(self, host):
        return [f"rtmps://{host}:{self.rtmps.port}/{STREAM}", f"https://{host}:{self.https.port}/{STREAM}.flv"]

    def test_a_lesson_through_it(self):
        publisher = self.scene.chalkrail("publish", self.urls("localhost")[0], "--synthetic", env=self.trust)
        publisher.wait_for("^server live")
        for url in self.urls("localhost"):
            player = self.scene.run("play", url, "--headless", "--for", "4", "--json", env=self.trust)
            self.assertEqual(player.code, 0, player)
            self.assertGreater(player.objects("summary")[0]["frames_shown"], 30, player)
        self.assertEqual(publisher.stop(), 0, publisher)

    def test_who_is_not_trusted_is_refused(self):
        rows = [("localhost", {}), ("127.0.0.1", self.trust)]  # signed by nobody known; for another host
        for host, env in rows:
            rtmps, https = self.urls(host)
            for argv in (["publish", rtmps, "--synthetic", "--no-retry"], ["play", rtmps, "--headless", "--no-retry"],
                         ["play", https, "--headless", "--no-retry"]):
                run = self.scene.run(*argv, env=env)
                self.assertEqual(run.code, 1, run)
                self.assertIn("(TLS)", run.err_text)


if __name__ == "__main__":
    os.environ.pop("DISPLAY", None)
    harness.main()
