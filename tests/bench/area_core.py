"""core: the hot paths of base and core, beside a memcpy of as many bytes (chalk-bench)."""

import json
import os
import subprocess

from report import Row


def run(stage):
    rounds = stage.pick(7, 3, 1)
    done = subprocess.run([os.path.join(stage.programs, "chalk-bench"), "--json", "--rounds", str(rounds)], check=True,
                          capture_output=True, text=True, timeout=120)
    return [Row(f"core.{row['name']}", f"ns, {row['unit']}", [row["ns_per_unit"]], "memcpy",
                [row["ns_per_unit"] / row["time_to_memcpy"]], runs=rounds, digits=1)
            for row in json.loads(done.stdout)["rows"]]
