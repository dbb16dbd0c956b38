#!/usr/bin/env python3
"""The live benches work: one short run of each, whose JSON has the promised shape and every row.

Usage: bench_check.py PROGRAMS
"""

import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
MEMBERS = ["name", "unit", "ours", "peer", "peer_value", "ratio", "goal", "met", "runs", "samples"]
ROWS = {
    "publish": ["publish.scroll." + row for row in
                ("cpu", "cpu_with_x", "ssim", "bitrate", "pictures", "private", "pss")],
    "share": ["share.static.720p." + row for row in
              ("cpu", "edge.cpu", "bitrate", "edge.bitrate", "text_first", "text_rest", "neighbours", "edge.join",
               "edge.join_text", "join", "join_text")],
    "latency": ["latency.picture", "latency.picture.p95"],
    "websocket": ["websocket.delivery", "websocket.idle"],
    "store": [f"store.{trial}.{row}" for trial in ("one", "thousand", "flood")
              for row in ("appends", "p50", "p99", "cpu")],
    "room": [f"room.{kind}.{row}" for kind in ("lesson", "lesson.disk", "class50", "class50.disk")
             for row in ("median", "p99")] +
            ["room.class." + row for row in
             ("rate", "filled", "ordered_p99", "crowd_p99", "delivery", "delivery.send", "edge_cpu", "edge_memory",
              "crowd_cpu", "crowd_memory", "tls.rate", "tls.edge_cpu", "tls.edge_memory")] +
            ["room.everything.rate", "room.rush.joined", "room.rush.join_p99", "room.rush.presence",
             "room.lessons.ordered_p99", "room.lessons.edge_cpu", "room.watch.cpu", "room.watch.memory",
             "room.watch.stalled", "room.watch.others"],
    "edge": ["edge." + row for row in ("cpu", "delay", "delay_p95", "memory", "kbps")],
}


def fault(area, found):
    if found["bench"] != area:
        return f"the bench is called {found['bench']}"
    names = [row["name"] for row in found["rows"]]
    if names != ROWS[area]:
        return f"the rows are {names}"
    for row in found["rows"]:
        if list(row) != MEMBERS:
            return f"{row['name']} has {list(row)}"
        alone = row["peer"] is None  # held to a value
        if not (isinstance(row["ours"], (int, float)) and (alone or isinstance(row["peer_value"], (int, float)))):
            return f"{row['name']} has no figures"
        if row["samples"]["ours"] == [] or (row["goal"] is None) != (row["met"] is None):
            return f"{row['name']} is not judged"
    return None


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    # Side by side: this is about whether they run, not about what they find.
    bench = (sys.executable, os.path.join(HERE, "bench.py"), sys.argv[1])
    runs = {area: subprocess.Popen([*bench, area, "--json", "--tiny"], stdout=subprocess.PIPE, text=True)
            for area in ROWS}
    problems = []
    for area, run in runs.items():
        out, _ = run.communicate()
        print(area, out, end="", flush=True)
        problem = f"exit code {run.returncode}" if run.returncode != 0 else fault(area, json.loads(out))
        problems += [f"{area}: {problem}"] if problem else []
    sys.exit("\n".join(problems) or 0)


if __name__ == "__main__":
    main()
