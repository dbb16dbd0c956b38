#!/usr/bin/env python3
"""Builds the programs of docs/EMBEDDING.md from a staged installation and runs them.

A program stands in a block that opens with ```c NAME.c. The classroom starts an edge and says where
to publish and to play; the publisher and the players get those URLs, the chatter the edge, room and token in
them, the pusher a file to write, the board two.
ffprobe must decode what was published and what was written without a complaint, and every program
must end well.

Usage: guide.py STAGE                run them all
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
import urllib.parse

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs/EMBEDDING.md"
# The guide's programs and the most lines, blank ones apart, that each may have.
PROGRAMS = {"publisher.c": 30, "player.c": 30, "chatter.c": 40, "board.c": 60, "pushed.c": 60, "hosted.c": 60, "classroom.c": 60}
SECRET = "a secret of thirty-two bytes, ok"
START_S = 20
PLAY_S = 60


def programs(text):
    """The named programs of a document: {name: source}."""
    return dict(re.findall(r"^```c[ \t]+([\w-]+\.c)[ \t]*\n(.*?)^```[ \t]*$", text, re.S | re.M))


def extract(text, folder):
    found = programs(text)
    for name, lines_max in PROGRAMS.items():
        if name not in found:
            sys.exit(f"EMBEDDING.md has no block ```c {name}")
        lines = [line for line in found[name].splitlines() if line.strip()]
        if len(lines) > lines_max:
            sys.exit(f"{name} has {len(lines)} lines, at most {lines_max} are fine")
        (folder / name).write_text(found[name], encoding="utf-8")
    for name in found.keys() - PROGRAMS.keys():
        sys.exit(f"{name} stands in EMBEDDING.md, and nobody here runs it")


def compile_program(stage, source):
    libraries = next(stage.rglob("libchalkrail.so")).parent
    env = dict(os.environ, PKG_CONFIG_PATH=str(libraries / "pkgconfig"))
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "chalkrail", "chalkrail-edge"], env=env, check=True,
                           capture_output=True, text=True).stdout.split()
    program = source.with_suffix("")
    subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-o", str(program), str(source), *flags,
                    f"-Wl,-rpath,{libraries}"], check=True)
    return program


def stop(process):
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            sys.exit(f"{process.args[0]} does not end on Ctrl-C")


def probe(source, *options):
    """Frames that ffprobe decoded: {codec: count}; what it complained about."""
    done = subprocess.run(
        ["ffprobe", "-v", "warning", "-count_frames", *options, "-show_entries", "stream=codec_name,nb_read_frames",
         "-of", "json", str(source)], capture_output=True, text=True, timeout=40, check=False)
    streams = json.loads(done.stdout or "{}").get("streams", [])
    counts = {s["codec_name"]: int(s.get("nb_read_frames", 0)) for s in streams if "codec_name" in s}
    return counts, done.stderr.strip()


def decoded(who, counts, complaint):
    if counts.get("h264", 0) < 10 or counts.get("aac", 0) < 10 or complaint:
        sys.exit(f"{who}: ffprobe decoded {counts} and said: {complaint or 'nothing'}")
    print(f"{who}: ffprobe decoded {counts['h264']} pictures and {counts['aac']} frames of sound")


def check_publisher(url, publisher):
    counts, complaint = {}, ""
    end = time.monotonic() + START_S
    while time.monotonic() < end and publisher.poll() is None:
        counts, complaint = probe(url, "-rw_timeout", "5000000", "-read_intervals", "%+3")
        if counts:
            break
        time.sleep(0.3)
    decoded("publisher", counts, complaint)


def check_run(program, *arguments):
    done = subprocess.run([str(program), *map(str, arguments)], timeout=PLAY_S, capture_output=True, text=True, check=False)
    said = done.stdout.strip().splitlines()
    if done.returncode != 0:
        sys.exit(f"{program.name}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    print(f"{program.name}: {said[-1] if said else 'done'}")


def check_board(program, board, picture):
    check_run(program, board, picture)
    heads = [path.read_bytes()[:4] for path in (board, picture)]
    if heads != [b"\x89CKB", b"\x89PNG"]:
        sys.exit(f"board.c left no board and no picture, but {heads}")


def check_refused(program, *arguments):
    """It says why, and fails."""
    done = subprocess.run([str(program), *arguments], timeout=PLAY_S, capture_output=True, text=True, check=False)
    if done.returncode != 1 or "not said: left" not in done.stderr:
        sys.exit(f"{program.name} without leave: exit code {done.returncode}\n{done.stdout}{done.stderr}")


def open_classroom(program):
    """The classroom, where to publish, where to play."""
    room = subprocess.Popen([str(program), SECRET], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    urls = dict(line.split() for line in (room.stdout.readline(), room.stdout.readline()) if len(line.split()) == 2)
    if set(urls) != {"publish", "play"}:
        room.kill()
        sys.exit(f"classroom: it said {urls}, not where to publish and to play")
    return room, urls["publish"], urls["play"]


def edge_of(url):
    """The edge, the room and the token that a stream's URL names."""
    parts = urllib.parse.urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}", parts.path.split("/")[1], urllib.parse.parse_qs(parts.query)["token"][0]


def close_classroom(room):
    room.communicate("\n", timeout=10)
    if room.returncode != 0:
        sys.exit(f"classroom: exit code {room.returncode}")
    print("classroom: ended")


def run(stage):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        extract(DOCUMENT.read_text(encoding="utf-8"), folder)
        built = {source: compile_program(stage, folder / source) for source in PROGRAMS}
        check_run(built["pushed.c"], folder / "pushed.mp4")
        decoded("pushed", *probe(folder / "pushed.mp4"))
        check_board(built["board.c"], folder / "lesson.chalk", folder / "lesson.png")
        room, publish_url, play_url = open_classroom(built["classroom.c"])
        publishing = None
        try:
            publishing = subprocess.Popen([str(built["publisher.c"]), publish_url])
            check_publisher(play_url, publishing)
            check_run(built["player.c"], play_url)
            check_run(built["hosted.c"], play_url)
            check_run(built["chatter.c"], *edge_of(play_url))
            check_refused(built["chatter.c"], *edge_of(play_url)[:2], "no-token")
        finally:
            if publishing is not None:
                stop(publishing)
            close_classroom(room)
        if publishing.returncode not in (0, -signal.SIGINT):
            sys.exit(f"publisher: exit code {publishing.returncode}")


def self_test():
    text = "x\n```c\nint no;\n```\n" + "".join(f"```c {name}\nint a;\n\nint b;\n```\n" for name in PROGRAMS)
    assert programs(text) == {name: "int a;\n\nint b;\n" for name in PROGRAMS}, programs(text)
    broken = [text + "```c another.c\nint a;\n```\n"]
    for name, lines_max in PROGRAMS.items():
        broken.append(text.replace(f"c {name}", "c"))
        broken.append(text.replace(f"c {name}\n", f"c {name}\n" + "int c;\n" * lines_max))
    with tempfile.TemporaryDirectory() as folder:
        extract(text, pathlib.Path(folder))
        for wrong in broken:
            try:
                extract(wrong, pathlib.Path(folder))
            except SystemExit:
                continue
            raise AssertionError(f"passed: {wrong!r}")
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
