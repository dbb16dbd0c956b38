#!/usr/bin/env python3
"""Addresses as OBS writes them: a server's URL, whose whole path is the application, and a stream key.

An encoder that parts them so (here ffmpeg, told application and key) publishes into the edge; and what
`chalkrail publish` makes of server and key joined is compared with what servers say has come.

Usage: cli_obs.py PROGRAM [TEST...]
"""

import base64
import hashlib
import hmac
import json
import time
import unittest

import harness

SECRET = b"a secret of thirty-two bytes, ok"


def token(**claims):
    def coded(data):
        return base64.urlsafe_b64encode(data).rstrip(b"=")

    claims.setdefault("exp", int(time.time()) + 600)
    text = coded(b'{"alg":"HS256","typ":"JWT"}') + b"." + coded(json.dumps(claims).encode())
    return (text + b"." + coded(hmac.digest(SECRET, text, hashlib.sha256))).decode()


class Obs(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())

    def obs(self, server, key):
        """ffmpeg with the application and the key that OBS would send."""
        application = server.split("/", 3)[3]
        return self.scene.start(
            "ffmpeg", "-v", "error", "-nostdin", "-re", "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=15", "-t", "30",
            "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "15", "-pix_fmt", "yuv420p",
            "-rtmp_app", application, "-rtmp_playpath", key, "-rtmp_tcurl", server, "-f", "flv", server)

    def decodes(self, urls):
        readers = [self.scene.decode(url, 1, haste=True) for url in urls]
        for reader in readers:
            self.assertEqual((reader.finish(), reader.err), (0, []), reader)

    def test_into_the_edge(self):
        edge = self.scene.edge("--secret", self.scene.write("secret", SECRET))
        may = token(room="maths", name="root", role="owner")
        see = "?token=" + token(room="maths", name="bob", role="student")
        at = f"rtmp://127.0.0.1:{edge.rtmp_port}"
        rows = [
            (f"{at}/maths", f"a/screen?token={may}", "a/screen"),  # as docs/PROTOCOL.md tells
            (f"{at}/maths/b", f"screen?a=1&token={may}&b=%2F", "b/screen"),
            (f"{at}/maths/c/", f"camera?token={may}", "c/camera"),
            (f"{at}/maths?token={may}", "d/camera", "d/camera"),
            (f"{at}/maths/e/screen", f"?token={may}", "e/screen"),
        ]
        for server, key, _ in rows:
            self.obs(server, key)
        self.decodes(edge.flv(f"maths/{stream}", see) for _, _, stream in rows)

    def test_server_and_key_joined_reach_node_media_server(self):
        node = self.scene.node_media_server(*self.scene.certificate())
        rows = [
            ("live", "key"),
            ("live", "a/b/c"),  # of a key the slashes are the key's
            ("live", "user-1_2.3?pass=x&vhost=y.example"),
            ("live", "caf%C3%A9%20%26"),
            ("live/inst", "other?a=b"),
        ]
        urls = [f"rtmp://127.0.0.1:{node.rtmp}/{application}/{key}" for application, key in rows]
        publishers = [self.scene.chalkrail("publish", url, "--synthetic", "--size", "320x180", "--gop", "1")
                      for url in urls]
        for publisher, (application, key) in zip(publishers, rows):
            publisher.wait_for("^server live")
            node.published(f"/{application}/{key.split('?')[0]}")
        self.decodes(urls)
        for publisher in publishers:
            self.assertEqual(publisher.stop(), 0, publisher)

    def test_the_key_arrives_with_its_query(self):
        """nginx-rtmp reports what it was asked to publish, with the arguments, before it allows it."""
        nginx = self.scene.nginx()
        for key in ("one/two?k=v&token=a.b-c_d", "k?x=%26%2F"):
            publisher = self.scene.chalkrail("publish", nginx.url(key), "--synthetic", "--size", "320x180")
            publisher.wait_for("^server live")
            name, _, arguments = key.partition("?")
            with open(nginx.log, encoding="utf-8") as log:
                self.assertIn(f"publish: name='{name}' args='{arguments}'", log.read())
            self.assertEqual(publisher.stop(), 0, publisher)


if __name__ == "__main__":
    harness.main()
