#!/usr/bin/env python3
"""Builds the programs of docs/EMBEDDING.md from a staged installation and runs them.

A program stands in a block that opens with ```c NAME.c. The publisher gets the URL to publish to,
the player the URL to play. An edge runs meanwhile; ffprobe must decode the publisher's sound and
picture without a complaint, and the player must end well by itself.

Usage: guide.py STAGE                run both
       guide.py --extract FOLDER     write the programs only
       guide.py --self-test
"""

import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs/EMBEDDING.md"
PROGRAMS = ("publisher.c", "player.c")
LINES_MAX = 30
START_S = 20
PLAY_S = 60


def programs(text):
    """The named programs of a document: {name: source}."""
    return dict(re.findall(r"^```c[ \t]+([\w-]+\.c)[ \t]*\n(.*?)^```[ \t]*$", text, re.S | re.M))


def extract(text, folder):
    found = programs(text)
    for name in PROGRAMS:
        if name not in found:
            sys.exit(f"EMBEDDING.md has no block ```c {name}")
        lines = [line for line in found[name].splitlines() if line.strip()]
        if len(lines) > LINES_MAX:
            sys.exit(f"{name} has {len(lines)} lines, the guide promises {LINES_MAX}")
        (folder / name).write_text(found[name], encoding="utf-8")


def compile_program(stage, source):
    libraries = next(stage.rglob("libchalkrail.so")).parent
    env = dict(os.environ, PKG_CONFIG_PATH=str(libraries / "pkgconfig"))
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "chalkrail"], env=env, check=True,
                           capture_output=True, text=True).stdout.split()
    program = source.with_suffix("")
    subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-o", str(program), str(source), *flags,
                    f"-Wl,-rpath,{libraries}"], check=True)
    return program


def edge_ports(edge):
    """The ports in the edge's ready line: RTMP first, then HTTP."""
    for line in edge.stdout:
        ports = re.findall(r"127\.0\.0\.1:(\d+)", line)
        if "ready" in line and len(ports) >= 2:
            return int(ports[0]), int(ports[1])
    sys.exit("the edge ended before it was ready")


def stop(process):
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            sys.exit(f"{process.args[0]} does not end on Ctrl-C")


def probe(url):
    """Frames that ffprobe decoded of three seconds: {codec: count}; what it complained about."""
    done = subprocess.run(
        ["ffprobe", "-v", "warning", "-rw_timeout", "5000000", "-count_frames", "-read_intervals", "%+3",
         "-show_entries", "stream=codec_name,nb_read_frames", "-of", "json", url],
        capture_output=True, text=True, timeout=40)
    streams = json.loads(done.stdout or "{}").get("streams", [])
    counts = {s["codec_name"]: int(s.get("nb_read_frames", 0)) for s in streams if "codec_name" in s}
    return counts, done.stderr.strip()


def check_publisher(url, publisher):
    counts, complaint = {}, ""
    end = time.monotonic() + START_S
    while time.monotonic() < end and publisher.poll() is None:
        counts, complaint = probe(url)
        if counts:
            break
        time.sleep(0.3)
    if counts.get("h264", 0) < 10 or counts.get("aac", 0) < 10 or complaint:
        sys.exit(f"publisher: ffprobe decoded {counts} and said: {complaint or 'nothing'}")
    print(f"publisher: ffprobe decoded {counts['h264']} pictures and {counts['aac']} frames of sound")


def check_player(player, url):
    done = subprocess.run([str(player), url], timeout=PLAY_S, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"player: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    print(f"player: {done.stdout.strip().splitlines()[-1] if done.stdout.strip() else 'done'}")


def run(stage):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        extract(DOCUMENT.read_text(encoding="utf-8"), folder)
        publisher, player = [compile_program(stage, folder / source) for source in PROGRAMS]
        edge = subprocess.Popen([str(stage / "bin/chalkrail"), "edge", "--open", "--rtmp", "127.0.0.1:0",
                                 "--http", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
        publishing = None
        try:
            rtmp, _ = edge_ports(edge)
            url = f"rtmp://127.0.0.1:{rtmp}/guide/teacher/screen"
            publishing = subprocess.Popen([str(publisher), url])
            check_publisher(url, publishing)
            check_player(player, url)
        finally:
            if publishing is not None:
                stop(publishing)
            stop(edge)
        if edge.returncode != 0:
            sys.exit(f"edge: exit code {edge.returncode}")
        if publishing.returncode not in (0, -signal.SIGINT):
            sys.exit(f"publisher: exit code {publishing.returncode}")


def self_test():
    text = "x\n```c publisher.c\nint a;\n```\n```c\nint no;\n```\n```c player.c\nint b;\n\nint c;\n```\n"
    assert programs(text) == {"publisher.c": "int a;\n", "player.c": "int b;\n\nint c;\n"}, programs(text)
    long = text.replace("int a;", "int a;\n" * (LINES_MAX + 1))
    for broken in (text.replace("c player.c", "c"), long):
        with tempfile.TemporaryDirectory() as folder:
            try:
                extract(broken, pathlib.Path(folder))
            except SystemExit:
                continue
            raise AssertionError(f"passed: {broken!r}")
    print("the check of the guide's programs can fail")


def main():
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    if len(sys.argv) == 3 and sys.argv[1] == "--extract":
        return extract(DOCUMENT.read_text(encoding="utf-8"), pathlib.Path(sys.argv[2]))
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    run(pathlib.Path(sys.argv[1]).resolve())


if __name__ == "__main__":
    main()
