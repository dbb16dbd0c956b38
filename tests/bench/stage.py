"""What the live benches share: the scene with its displays and servers, and what processes cost."""

import json
import os
import random
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))

import harness  # pylint: disable=wrong-import-position
from report import NotMeasured

WIDTH, HEIGHT, FPS, GOP_S, KBPS = 1280, 720, 15, 2, 1000
CPUCLOCK_OF_PROCESS = 2  # linux/posix-timers: CPUCLOCK_SCHED of a whole process


def cpu_s(process):
    """Processor time of a process and its threads, in seconds, to the nanosecond."""
    return time.clock_gettime((~process.handle.pid << 3) | CPUCLOCK_OF_PROCESS)


def memory_kb(process):
    """Memory that only this process has, and Pss (proc(5), smaps_rollup).

    Clean pages are not counted: those of a library are private or not as other programs come and go."""
    with open(f"/proc/{process.handle.pid}/smaps_rollup", encoding="ascii") as rollup:
        fields = {line.split(":")[0]: int(line.split()[1]) for line in rollup if line.rstrip().endswith("kB")}
    return fields["Private_Dirty"], fields["Pss"]


class Cost:
    """Processor time of some processes between two moments."""

    def __init__(self, **processes):
        self.processes = processes
        self.began = {name: cpu_s(process) for name, process in processes.items()}
        self.since = time.monotonic()

    def seconds(self):
        """By name."""
        return {name: cpu_s(process) - self.began[name] for name, process in self.processes.items()}

    def percent(self):
        """Of one core, by name."""
        passed = time.monotonic() - self.since
        return {name: 100 * used / passed for name, used in self.seconds().items()}


class Nginx(harness.NginxRtmp):
    CONF = harness.NginxRtmp.CONF.replace("worker_connections 64", "worker_connections 4096")


class Stage(harness.Scene):
    """A Scene that knows where the bench's programs are, tells of its progress and fails with a name."""

    def __init__(self, programs, quick, tiny, window=0, rows=(), size=None):
        self.programs, self.quick, self.tiny, self.window = programs, quick, tiny, window
        self.rows, self.size = rows, size  # of share: a part of them
        self.random = random.Random(7)

    def pick(self, whole, quick, tiny):
        """How much of something a run of this length does."""
        return tiny if self.tiny else quick if self.quick else whole

    def say(self, text):
        print(f"bench: {text}", file=sys.stderr, flush=True)

    def tool(self, name, *argv, env=None):
        return self.start(os.path.join(self.programs, f"chalk-bench-{name}"), *argv, env=env)

    def dark_display(self, size=f"{WIDTH}x{HEIGHT}"):
        return self.display(size)

    def nginx_server(self):
        return Nginx(self)

    def publish_screen(self, display, url, *more):
        """Our publisher, live."""
        process = self.chalkrail("publish", url, "--screen", display, "--json", *more)
        process.wait_for(r'"state":"live"')
        return process

    def end(self, *processes):
        for process in processes:
            process.kill()

    def must_run(self, process, what):
        if process.handle.poll() is not None:
            raise NotMeasured(f"{what} ended by itself: {process}")


def orders(rounds):
    """Who goes first, taking turns: what drifts during a bench then falls on both."""
    return [(0, 1) if i % 2 == 0 else (1, 0) for i in range(rounds)]


def result_of(process, seconds):
    """The JSON object that ends a tool's output."""
    if process.finish(seconds) != 0:
        raise NotMeasured(str(process))
    return json.loads(process.out[-1])
