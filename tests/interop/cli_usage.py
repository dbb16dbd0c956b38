#!/usr/bin/env python3
"""What the program says without a network: help, typing errors, tokens, secrets, devices.

Usage: cli_usage.py PROGRAM [TEST...]
"""

import base64
import hashlib
import hmac
import json
import os
import subprocess
import time
import unittest

import harness

COMMANDS = ("edge", "token", "publish", "play", "room", "devices", "demo")
URL = "rtmp://127.0.0.1:1935/math/li/screen"
SECRET = b"sixteen bytes or more"


def unpadded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Usage(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())

    def test_help(self):
        for argv in (["--help"], ["-h"], ["help"]):
            run = self.scene.run(*argv)
            self.assertEqual(run.code, 0)
            for command in COMMANDS:
                self.assertRegex(run.out_text, rf"(?m)^  {command} +\w")

    def test_help_of_each_command(self):
        for command in COMMANDS:
            for argv in ([command, "--help"], ["help", command], [command, "--nonsense", "-h"]):
                run = self.scene.run(*argv)
                self.assertEqual((run.code, run.err), (0, []), run)
                self.assertTrue(run.out_text.startswith(f"usage: chalkrail {command}"), run)
                self.assertIn("\nExamples\n", run.out_text)
                self.assertIn(f"  chalkrail {command}", run.out_text)

    def test_version(self):
        run = self.scene.run("--version")
        self.assertEqual(run.code, 0)
        self.assertRegex(run.out_text, r"^chalkrail \d+\.\d+\.\d+$")

    def test_wrong_usage_is_one_line_and_a_hint(self):
        rows = [
            ([], "usage: chalkrail COMMAND"),
            (["publsih"], "did you mean publish?"),
            (["frobnicate"], "there is no command frobnicate"),
            (["help", "tokne"], "did you mean token?"),
            (["publish"], "URL is missing"),
            (["publish", URL, "--synthetc"], "did you mean --synthetic?"),
            (["publish", URL, "--fps"], "--fps wants a value: --fps N"),
            (["publish", URL, "--fps", "0"], "--fps wants a number from 1 to 60"),
            (["publish", URL, "--bitrate", "20001"], "from 30 to 20000"),
            (["publish", URL, "--gop", "0.1"], "--gop wants a time from 200ms to 1m"),
            (["publish", URL, "--for", "soon"], "--for wants a time"),
            (["publish", URL, "--size", "1280x721"], "both even"),
            (["publish", URL, "--size", "4096x4096", "--synthetic"], "--size is at most 4096x2304"),
            (["publish", URL, "--hint", "film"], "--hint wants one of slides motion camera"),
            (["publish", URL, "--screen", "--synthetic"], "--screen and --synthetic exclude each other"),
            (["publish", URL, "--screen", ":0,640x480"], "DISPLAY[,WxH+X+Y]"),
            (["publish", URL, "--synthetic", "--loop"], "--loop is for --file alone"),
            (["publish", "rmtp://127.0.0.1/a/b"], "did you mean rtmp://?"),
            (["publish", "http://127.0.0.1/a/b"], "use rtmp:// or rtmps://"),
            (["publish", "127.0.0.1/a/b"], "begins with its scheme"),
            (["publish", "rtmp:///a/b"], "names no host"),
            (["publish", "rtmp://h:99999/a/b"], "not a port"),
            (["edge"], "--secret FILE asks for tokens, --open lets everybody"),
            (["edge", "--open", "--secret", "f"], "exclude each other"),
            (["edge", "--open", "--rtmp", "0.0.0.0:1935"], "--open is for loopback addresses alone"),
            (["edge", "--open", "--http", "1935"], "--http wants ADDRESS:PORT"),
            (["edge", "--open", "--rtmp", "127.0.0.1:70000"], "--rtmp wants ADDRESS:PORT"),
            (["token", "--room", "r"], "--secret FILE is missing"),
            (["token", "--secret", "f", "--room", "r", "--name", "n", "--role", "techer"],
             "one of owner teacher assistant student observer"),
            (["devices", "now"], "one too many"),
        ]
        for argv, says in rows:
            run = self.scene.run(*argv)
            self.assertEqual((run.code, run.out), (2, []), run)
            self.assertIn(says, run.err_text)
            self.assertTrue(len(run.err) == 2 or not argv, run)

    def test_a_full_disk_under_standard_output(self):
        path = self.scene.write("secret", SECRET)
        with open(harness.full_disk(), "w", encoding="ascii") as full:
            code = subprocess.run([harness.program, "token", "--secret", path, "--room", "r", "--name", "n",
                                   "--role", "owner"], stdout=full, stderr=subprocess.PIPE, timeout=20,
                                  check=False).returncode
        self.assertEqual(code, 1)


class Token(unittest.TestCase):
    def setUp(self):
        self.scene = self.enterContext(harness.Scene())

    def token(self, path, *more):
        return self.scene.run("token", "--secret", path, "--room", "math", "--name", "li", *more)

    def claims(self, token, secret):
        head, claims, signature = token.split(".")
        wanted = hmac.new(secret, f"{head}.{claims}".encode(), hashlib.sha256).digest()
        self.assertEqual(unpadded(signature), wanted)
        self.assertEqual(json.loads(unpadded(head))["alg"], "HS256")
        return json.loads(unpadded(claims))

    def test_a_token_alone_on_standard_output(self):
        for content in (SECRET, SECRET + b"\n", SECRET + b"\r\n"):
            run = self.token(self.scene.write("secret", content), "--role", "teacher")
            self.assertEqual((run.code, len(run.out), run.err), (0, 1, []), run)
            claims = self.claims(run.out[0], SECRET)
            self.assertEqual((claims["room"], claims["name"], claims["role"]), ("math", "li", "teacher"))
            self.assertAlmostEqual(claims["exp"], time.time() + 7200, delta=30)

    def test_time_to_live(self):
        path = self.scene.write("secret", SECRET)
        for ttl, seconds in (("90s", 90), ("30m", 1800), ("2h", 7200), ("7d", 604800)):
            run = self.token(path, "--role", "student", "--ttl", ttl)
            self.assertAlmostEqual(self.claims(run.out[0], SECRET)["exp"], time.time() + seconds, delta=30)

    def test_secrets(self):
        rows = [(b"fifteen bytes!!", "less than 16 bytes"), (b"x" * 4097, "more than 4096 bytes"), (b"", "less than")]
        for content, says in rows:
            run = self.token(self.scene.write("secret", content), "--role", "owner")
            self.assertEqual((run.code, run.out), (1, []), run)
            self.assertIn(says, run.err_text)
        run = self.token(self.scene.path("nowhere"), "--role", "owner")
        self.assertEqual((run.code, run.out), (1, []))
        self.assertIn("No such file", run.err_text)
        run = self.token(self.scene.folder, "--role", "owner")
        self.assertEqual((run.code, run.out), (1, []))

    def test_a_secret_for_all_to_read_is_warned_about(self):
        run = self.token(self.scene.write("secret", SECRET, 0o644), "--role", "owner")
        self.assertEqual((run.code, len(run.out)), (0, 1))
        self.assertIn("other users may read", run.err_text)

    def test_names(self):
        path = self.scene.write("secret", SECRET)
        for name in ("a/b", "x" * 65, "a b"):
            run = self.scene.run("token", "--secret", path, "--room", "math", "--name", name, "--role", "owner")
            self.assertEqual((run.code, run.out), (2, []), run)
            self.assertIn("1 to 64 bytes", run.err_text)


class Devices(unittest.TestCase):
    def test_without_a_display(self):
        with harness.Scene() as scene:
            run = scene.run("devices")
            self.assertEqual(run.code, 0)
            self.assertIn("none: no display can be opened", run.out_text)

    def test_json(self):
        with harness.Scene() as scene:
            run = scene.run("devices", "--json", env={"SDL_AUDIODRIVER": "disk"})
            self.assertEqual(run.code, 0)
            listed = run.objects("device")
            self.assertEqual(run.objects()[-1]["devices"], len(listed))
            for device in listed:
                self.assertIn(device["kind"], ("screen", "window", "microphone", "speaker"))
                self.assertTrue(device["id"])


if __name__ == "__main__":
    os.environ.pop("DISPLAY", None)
    harness.main()
