"""rooms: from the call of an event to that event at everybody else (chalk-bench-room)."""

import json
import os
import subprocess

from report import Goal, Row


def one(stage, people, seconds, *more):
    done = subprocess.run([os.path.join(stage.programs, "chalk-bench-room"), str(people), str(seconds), *more],
                          check=True, capture_output=True, text=True, timeout=120)
    return json.loads(done.stdout)


def run(stage):
    rows = []
    seconds = stage.pick(20, 5, 1)
    for name, people, kept in (("lesson", 2, False), ("lesson.disk", 2, True), ("class50", 50, False),
                               ("class50.disk", 50, True)):
        runs = []
        for number in range(stage.pick(3, 2, 1)):
            more = ("--data", stage.path(f"{name}-{number}")) if kept else ()
            runs.append(one(stage, people, seconds, *more))
        lesson = people == 2
        rows.append(Row(f"rooms.{name}.median", "ms", [r["median_ms"] for r in runs],
                        goal=Goal(value=20) if lesson else None, digits=2))
        rows.append(Row(f"rooms.{name}.p99", "ms", [r["p99_ms"] for r in runs],
                        goal=Goal(value=60 if lesson else 150), digits=2))
    return rows
