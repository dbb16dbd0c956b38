#!/usr/bin/env python3
"""Our WebSockets and those of the npm package `ws`, both ways, plain and over TLS.

The cases are tables of ws_cases.js, ws_client.js and ws_server.js; ws_peer.c is our side.

Usage: ws.py WS_PEER [TEST...]
"""

import os
import re
import unittest
import urllib.request

import harness

HERE = os.path.dirname(os.path.abspath(__file__))
CASES_LEAST = {"client": 100, "server": 60, "client over TLS": 30, "server over TLS": 20}


class WebSocket(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())
        if not os.path.isdir(os.path.join(harness.NPM, "ws")):
            raise AssertionError("the npm package ws is not installed: ./x setup test")

    def node(self, kind, script, *argv):
        """Runs the cases of a script: all pass, and there are as many as there should be."""
        node = self.scene.start("node", os.path.join(HERE, script), *argv, env={"NODE_PATH": harness.NPM})
        code = node.finish(60)
        ran = re.search(r"^ran (\d+), failed (\d+)$", node.out_text, re.M)
        self.assertTrue(ran, node)
        self.assertEqual((code, int(ran[2])), (0, 0), node)
        self.assertGreaterEqual(int(ran[1]), CASES_LEAST[kind])

    def serve(self, *files):
        peer = self.scene.start(harness.program, "serve", *files)
        return peer, peer.wait_for(r"^ready (\d+)$")[1]

    def test_their_client(self):
        peer, port = self.serve()
        self.node("client", "ws_client.js", port)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/quit", timeout=10) as answer:
            self.assertEqual(answer.status, 204)
        self.assertEqual((peer.finish(), peer.err), (0, []), peer)
        self.assertEqual(peer.out[1:], ["open 0"], peer)

    def test_their_server(self):
        self.node("server", "ws_server.js", harness.program)

    def test_over_tls(self):
        certificate, key = self.scene.certificate()
        _, port = self.serve(certificate, key)
        self.node("client over TLS", "ws_client.js", port, certificate)
        self.node("server over TLS", "ws_server.js", harness.program, certificate, key)

    def test_whom_our_client_trusts(self):
        stranger, _ = self.scene.certificate()
        rows = [
            ("trusted", ("localhost",), None, "localhost", "opened"),
            ("signed by somebody else", ("localhost",), stranger, "localhost", "closed TLS 0"),
            ("for another host", ("elsewhere.example",), None, "localhost", "closed TLS 0"),
            ("for a name, not for an address", ("localhost",), None, "127.0.0.1", "closed TLS 0"),
            ("expired", ("localhost", -1), None, "localhost", "closed TLS 0"),
        ]
        for what, made, trusted, host, expected in rows:
            with self.subTest(what):
                certificate, key = self.scene.certificate(*made)
                _, port = self.serve(certificate, key)
                client = self.scene.start(harness.program, "connect", host, port, "/echo",
                                          f"ca={trusted or certificate}")
                self.assertEqual(client.wait_for(".")[0] and client.out[0], expected, client)


if __name__ == "__main__":
    harness.main()
