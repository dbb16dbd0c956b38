#!/usr/bin/env python3
"""Players that join and leave, publishers that come and go: what the edge and the application keep of them.

    soak.py PROGRAM CLIENT [--players 200] [--seconds 20] [--rounds 10] [--publishes 1000] [--settle 3]

An edge, a publisher of a test picture, and CLIENT (soak_client), each a process of its own. After each round
private memory, descriptors and threads are read when both have been left alone for --settle seconds. The first
round is the warm-up: pools and caches take what they need. Afterwards descriptors and threads have to be what they
were, and private memory, on average over the second half of the rounds, may be ALLOWED_KB above that of the first
half at most. What the C library keeps for later would hide what is lost, so it is told to keep no freed memory and
no stacks. Exit code 1 when something was kept.
"""

import argparse
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "interop"))
import harness  # noqa: E402

ALLOWED_KB = 1024
KEEP_NOTHING = {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "65536",
                "GLIBC_TUNABLES": "glibc.pthread.stack_cache_size=0"}


class Client:
    """The application under test; one command at a time."""

    def __init__(self, program):
        self.handle = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                       env={**os.environ, **harness.NOTHING}, preexec_fn=harness.die_with_parent)
        self._answer()

    def _answer(self):
        line = self.handle.stdout.readline().strip()
        if line != "done":
            raise SystemExit(f"the client {line or 'died'}")

    def tell(self, command):
        self.handle.stdin.write(command + "\n")
        self.handle.stdin.flush()
        self._answer()

    def end(self):
        self.handle.stdin.close()
        if self.handle.wait(20) != 0:
            raise SystemExit("the client did not end well")


class Watch:
    """What a process has: private memory in KB, descriptors, threads."""

    def __init__(self, name, pid):
        self.name, self.pid, self.rows = name, pid, []

    def read(self):
        proc = pathlib.Path(f"/proc/{self.pid}")
        private = sum(map(int, re.findall(r"^Private_\w+:\s+(\d+)", (proc / "smaps_rollup").read_text("ascii"), re.M)))
        self.rows.append((private, len(list((proc / "fd").iterdir())), len(list((proc / "task").iterdir()))))
        return self.rows[-1]

    def kept(self):
        """What is more at the end than after the warm-up, in words."""
        others, others_end = self.rows[1][1:], self.rows[-1][1:]
        found = [f"{self.name}: {a} {what} have become {b}"
                 for a, b, what in zip(others, others_end, ("descriptors", "threads")) if b > a]
        memory = [row[0] for row in self.rows[1:]]
        half = (len(memory) + 1) // 2
        first, second = statistics.mean(memory[:half]), statistics.mean(memory[half:])
        if second > first + ALLOWED_KB:
            found.append(f"{self.name}: {first:.0f} KB of private memory have become {second:.0f} KB")
        return found


def rounds(title, commands, client, watches, settle):
    """Runs the commands and prints what each leaves; what was kept at the end."""
    for watch in watches:
        watch.rows.clear()
    print(f"{title}\n{'':12}" + "".join(f"{w.name + ': private KB':>26}{'fds':>6}{'threads':>9}" for w in watches))
    for number, command in enumerate([None, *commands]):
        began = time.monotonic()
        if command is not None:
            client.tell(command)
        took = time.monotonic() - began
        time.sleep(settle)
        cells = "".join("{:>26}{:>6}{:>9}".format(*watch.read()) for watch in watches)
        print(f"{'before' if number == 0 else f'round {number}':12}{cells}   {took:.1f} s", flush=True)
    return [text for watch in watches for text in watch.kept()]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("client")
    for name, default in (("players", 200), ("seconds", 20), ("rounds", 10), ("publishes", 1000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--settle", type=float, default=3)
    options = parser.parse_args()
    if options.rounds < 2:
        parser.error("--rounds: 2 or more, for something to compare")
    harness.program = os.path.abspath(options.program)
    with harness.Scene() as scene:
        os.environ.update(KEEP_NOTHING)
        edge = scene.edge("--open")
        publisher = scene.chalkrail("publish", edge.rtmp("soak/ada/screen"), "--synthetic", "--size", "320x180",
                                    "--bitrate", "300", "--gop", "1")
        publisher.wait_for("^server live")
        client = Client(options.client)
        watches = [Watch("client", client.handle.pid), Watch("edge", edge.process.handle.pid)]
        play = f"play {edge.rtmp('soak/ada/screen')} {options.players} {options.seconds}"
        kept = rounds(f"{options.players} players for {options.seconds} s", [play] * options.rounds, client, watches,
                      options.settle)
        each = max(1, options.publishes // options.rounds)
        publish = f"publish {edge.rtmp('soak/bob/screen')} {each}"
        kept += rounds(f"{each} publishers, one after the other", [publish] * options.rounds, client, watches,
                       options.settle)
        client.end()
        if publisher.stop() != 0:
            kept.append(f"the publisher failed: {publisher}")
    print("\n".join(kept) if kept else "nothing was kept")
    return 1 if kept else 0


if __name__ == "__main__":
    sys.exit(main())
