"""store: rooms on a disk, beside one bare write and fdatasync after the other (chalk-bench-store).

Each room appends 20 records of 150 bytes a second; `flood` is 1,000 rooms that append as fast as they are
answered. The folder lies beside the programs: what is measured is the disk that they are on.
"""

import json
import os
import subprocess
import tempfile

from report import Goal, Row
from stage import orders

PEER = "fdatasync"
ROOMS = 1000
GOALS = {"thousand.appends": Goal(value=0.95 * 20 * ROOMS, least=True)}
UNITS = {"appends_per_s": ("appends", "a second"), "p50_ms": ("p50", "ms to the answer"),
         "p99_ms": ("p99", "ms to the answer"), "cpu_percent": ("cpu", "% of a core")}
TRIALS = {"one": ("1",), "thousand": (str(ROOMS),), "flood": (str(ROOMS), "flood")}


def trial(stage, rooms, seconds, *more):
    with tempfile.TemporaryDirectory(dir=stage.programs) as folder:
        done = subprocess.run([os.path.join(stage.programs, "chalk-bench-store"), os.path.join(folder, "data"), rooms,
                               str(seconds), *more], check=True, capture_output=True, text=True, timeout=seconds + 60)
    return json.loads(done.stdout)


def run(stage):
    rounds, seconds = stage.pick(3, 1, 1), stage.pick(5, 3, 1)
    rows = []
    for name, (rooms, *more) in TRIALS.items():
        stage.say(f"store: {name}")
        ours, bare = [], []
        for order in orders(rounds):
            for who in order:
                found = trial(stage, rooms, seconds, *more) if who == 0 else trial(stage, "0", seconds)
                (ours, bare)[who].append(found)
        rows += [Row(f"store.{name}.{short}", unit, [t[key] for t in ours], PEER, [t[key] for t in bare],
                     GOALS.get(f"{name}.{short}"), digits=2) for key, (short, unit) in UNITS.items()]
    return rows
