#!/usr/bin/env python3
"""Measures this build beside real peers in one run: a table, or one JSON object.

usage: bench.py PROGRAMS [AREA...] [--json] [--quick] [--window SECONDS] [--rows NAME,NAME] [--size 720p]

PROGRAMS is the folder of the build's programs. What it does and what it prints is told by
`./x bench --help` and in docs/PERFORMANCE.md. Progress goes to standard error. Everything that was
started is ended with it, also by Ctrl-C. Exit code 0 when every row was measured, whether goals were
met or not; 1 when an area was not, of which nothing is told then; 130 when it was interrupted.
"""

import argparse
import importlib
import os
import signal
import subprocess
import sys

sys.dont_write_bytecode = True

import stage as staging  # noqa: E402 pylint: disable=wrong-import-position
import harness  # noqa: E402 pylint: disable=wrong-import-position,wrong-import-order
import report  # noqa: E402 pylint: disable=wrong-import-position

AREAS = ("publish", "share", "latency", "edge", "websocket", "room", "core", "jitter", "store", "board")


def options():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("programs")
    parser.add_argument("areas", nargs="*", choices=[*AREAS, []], metavar="AREA")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--window", type=float, default=0, metavar="SECONDS", help="of share's rows; default 30")
    parser.add_argument("--rows", metavar="NAME,NAME", type=lambda text: tuple(text.split(",")), default=(),
                        help="of share, alone: change, static, slides...")
    parser.add_argument("--size", choices=("720p", "1080p"), help="of share, alone")
    parser.add_argument("--tiny", action="store_true", help=argparse.SUPPRESS)  # a test that it works
    return parser.parse_args()


def measure(area, asked):
    with staging.Stage(os.path.abspath(asked.programs), asked.quick, asked.tiny, asked.window, asked.rows,
                       asked.size) as stage:
        stage.say(area)
        try:
            return importlib.import_module(f"area_{area}").run(stage)
        except (AssertionError, OSError, subprocess.SubprocessError) as problem:
            raise report.NotMeasured(str(problem)) from problem


def stop(_number, _frame):
    raise KeyboardInterrupt


def main():
    asked = options()
    signal.signal(signal.SIGTERM, stop)
    harness.program = os.path.join(os.path.abspath(asked.programs), "chalkrail")
    areas = [area for area in AREAS if area in asked.areas or not asked.areas]
    rows, code = [], 0
    try:
        for area in areas:
            try:
                rows += measure(area, asked)
            except report.NotMeasured as problem:   # what the other areas have measured is told all the same
                print(f"bench: {area} was not measured: {problem}", file=sys.stderr)
                code = 1
    except KeyboardInterrupt:
        print("bench: interrupted", file=sys.stderr)
        return 130
    name = areas[0] if len(areas) == 1 else "all" if not asked.areas else "+".join(areas)
    if rows:
        print(report.as_json(name, rows) if asked.json else report.as_table(rows))
    return code


if __name__ == "__main__":
    sys.exit(main())
