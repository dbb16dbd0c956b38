"""jitter: playout buffers at an equal share of sound not played as received (chalk-bench-jitter)."""

import json
import os
import subprocess

from report import Goal, Row


def run(stage):
    done = subprocess.run([os.path.join(stage.programs, "chalk-bench-jitter"), "--json"], check=True,
                          capture_output=True, text=True, timeout=120)
    return [Row(f"jitter.{row['name']}", row["unit"], [row["ours"]], row["peer"], [row["peer_value"]],
                None if row["goal"] is None else Goal(ratio=row["goal"]), runs=row["runs"])
            for row in json.loads(done.stdout)["rows"]]
