"""Programs beside a test: started with time-outs, watched line by line, gone when it ends.

    with harness.Scene() as scene:
        edge = scene.edge("--open")
        scene.chalkrail("publish", edge.rtmp("math/li/screen"), "--synthetic").wait_for("server live")

The program under test is the first argument of the script or CHALKRAIL_PROGRAM. Everything a Scene
starts is killed at its end, also when this process is killed. A sanitizer's report on the standard
error of the program fails the test.
"""

import concurrent.futures
import contextlib
import ctypes
import functools
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
import unittest

PATIENCE = 20.0  # seconds for anything that takes a moment on an idle machine
REPORT = re.compile(r"AddressSanitizer|LeakSanitizer|runtime error:")
NGINX_RTMP = "/usr/lib/nginx/modules/ngx_rtmp_module.so"
NPM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../build/npm/node_modules")
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1

program = os.environ.get("CHALKRAIL_PROGRAM")


def main(at_once=1):
    """unittest.main() for a script whose first argument is the program. With at_once all tests of the script run in
    processes of their own, so many of them at a time: for tests that wait much and work little."""
    global program
    if len(sys.argv) > 1 and os.path.isfile(sys.argv[1]):
        program = os.path.abspath(sys.argv.pop(1))
    if not program:
        sys.exit(f"usage: {sys.argv[0]} PROGRAM [TEST...]")
    if at_once > 1 and len(sys.argv) == 1:
        sys.exit(not all_by_themselves(at_once))
    unittest.main(verbosity=2)


def all_by_themselves(at_once):
    """Runs each test of the script alone and tells what it said. Whether all passed."""
    suites = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    names = [test.id().partition(".")[2] for suite in suites for test in suite]

    def run(name):
        done = subprocess.run([sys.executable, sys.argv[0], program, name], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", preexec_fn=die_with_parent,
                              check=False)
        print(done.stdout, flush=True)
        return done.returncode == 0

    # What takes a child along is the end of the thread that started it; the pool's stay until all have ended.
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        return all(list(pool.map(run, names))) and len(names) > 0


def free_port():
    """A TCP port nobody uses now, for servers that cannot be given port 0."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextlib.contextmanager
def silent_port():
    """A TCP port at which nobody accepts connections, nor comes to do so meanwhile."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        yield s.getsockname()[1]


def until(condition, seconds=PATIENCE, what="it"):
    """Polls a condition; its first true value, or an error after a while."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen within {seconds} s")
        time.sleep(0.02)


class Disturbed(Exception):
    """Something was late on a machine that was not calm."""


class Calm:
    """Whether the machine let programs run in time while something was measured."""

    LATE_MS = 40

    def __init__(self, last):
        self.last, self.worst_ms, self.over = last, 0.0, threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def _watch(self):
        while not self.over.is_set():
            began = time.monotonic()
            time.sleep(0.005)
            self.note((time.monotonic() - began - 0.005) * 1000)

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()

    def note(self, late_ms):
        """What a program itself says to have been late."""
        self.worst_ms = max(self.worst_ms, late_ms)

    def at_most(self, value, strict, loose, what):
        """Fails for more than `strict` on a calm machine, for more than `loose` on any."""
        if value <= strict:
            return
        away = f"{value} > {strict}, the machine was away for {self.worst_ms:.0f} ms"
        if self.worst_ms < self.LATE_MS or (self.last and value > loose):
            raise AssertionError(f"{away}: {what}")
        if not self.last:
            raise Disturbed(away)
        print(f"{away}: never calm, judged by the looser bound, {loose}", file=sys.stderr)


def realtime(test):
    """For tests that judge times, or a whole class of them: self.calm.at_most(...) does. What was disturbed
    runs again; of the third run the looser bound is asked. Not within a subTest, which keeps what is raised."""
    if isinstance(test, type):
        for name in unittest.TestLoader().getTestCaseNames(test):
            setattr(test, name, realtime(getattr(test, name)))
        return test

    @functools.wraps(test)
    def run(self):
        for last in (False, False, True):
            with Calm(last) as self.calm:
                try:
                    return test(self)
                except Disturbed as why:
                    print(f"{self.id()}: {why}: once more", file=sys.stderr)
                    self.scene.end_all()
        return None

    return run


def accepts(port):
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex(("127.0.0.1", port)) == 0


def full_disk():
    """A path that takes no byte; somebody who removed the device would make a file of it."""
    if not stat.S_ISCHR(os.stat("/dev/full").st_mode):
        raise AssertionError("/dev/full of this system is no device: mknod -m 666 /dev/full c 1 7")
    return "/dev/full"


def die_with_parent():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


# A still desktop has a picture a second. FFmpeg otherwise wants to see forty of them before it
# believes a frame rate, and of a stream without sound 90 seconds, for sound may still come.
HASTE = ("-fpsprobesize", "0", "-analyzeduration", "1000000")

# Not rounded to a frame rate that was guessed.
TIMES_AS_THEY_ARE = ("-fps_mode", "passthrough", "-enc_time_base", "-1")

# What the program under test finds: no display, a silent sound device, and no message bus, which
# SDL would start.
NOTHING = {"DISPLAY": "", "SDL_AUDIODRIVER": "dummy", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent"}


def encoders(scene):
    """The H.264 encoders of this build, those of drivers apart; x264 may have been left out of it."""
    run = scene.run("publish", "rtmp://127.0.0.1:9/a/b/screen", "--synthetic", "--no-retry", "--encoder", "libx264")
    without = "no H.264 encoder named libx264" in run.err_text
    return ("openh264",) if without else ("libx264", "openh264")


class Process:
    """One running program; its output is read at once, so it never blocks on a full pipe."""

    def __init__(self, argv, cwd, env=None, talks=False):
        self.argv = [str(a) for a in argv]
        self.out, self.err = [], []
        self.changed = threading.Condition()
        self.handle = subprocess.Popen(self.argv, cwd=cwd, env={**os.environ, **(env or {})},
                                       stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                       text=True, errors="replace", preexec_fn=die_with_parent)
        self.readers = [threading.Thread(target=self._read, args=pair, daemon=True)
                        for pair in ((self.handle.stdout, self.out), (self.handle.stderr, self.err))]
        for reader in self.readers:
            reader.start()

    def _read(self, stream, lines):
        for line in stream:
            with self.changed:
                lines.append(line.rstrip("\n"))
                self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    def _ended(self):
        return not any(reader.is_alive() for reader in self.readers)

    def wait_for(self, pattern, seconds=PATIENCE, stream="out", count=1):
        """The match of the first (or count-th) line in which the pattern is found."""
        lines = self.out if stream == "out" else self.err
        end = time.monotonic() + seconds
        with self.changed:
            while True:
                found = [m for m in (re.search(pattern, line) for line in lines) if m]
                if len(found) >= count:
                    return found[count - 1]
                left = end - time.monotonic()
                if left <= 0 or self._ended():
                    raise AssertionError(f"no line with {pattern!r} from {self}")
                self.changed.wait(min(left, 0.1))

    def say(self, *lines):
        """Lines for its standard input; for a program that was started with talks=True."""
        self.handle.stdin.write("".join(line + "\n" for line in lines))
        self.handle.stdin.flush()

    def send(self, number):
        self.handle.send_signal(number)
        return self

    def finish(self, seconds=PATIENCE):
        """The exit code of a program that ends by itself."""
        try:
            code = self.handle.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {seconds} s: {self}") from None
        for reader in self.readers:
            reader.join(5)
        return code

    def stop(self, number=signal.SIGINT, seconds=PATIENCE):
        return self.send(number).finish(seconds)

    def kill(self):
        if self.handle.poll() is None:
            self.handle.kill()
        self.handle.wait()
        for reader in self.readers:
            reader.join(5)
        for stream in (self.handle.stdin, self.handle.stdout, self.handle.stderr):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    @property
    def out_text(self):
        return "\n".join(self.out)

    @property
    def err_text(self):
        return "\n".join(self.err)

    def objects(self, kind=None):
        """The JSON objects on standard output, all or of one type."""
        found = [json.loads(line) for line in list(self.out)]
        return [o for o in found if kind is None or o["type"] == kind]

    def __str__(self):
        return f"{' '.join(self.argv)}\n--- out\n{self.out_text}\n--- err\n{self.err_text}"


class Edge:
    def __init__(self, process):
        self.process = process
        ready = process.wait_for(r"^ready rtmp 127\.0\.0\.1:(\d+) http 127\.0\.0\.1:(\d+)$")
        self.rtmp_port, self.http_port = int(ready[1]), int(ready[2])

    def rtmp(self, path):
        return f"rtmp://127.0.0.1:{self.rtmp_port}/{path}"

    def flv(self, path, query=""):
        return f"http://127.0.0.1:{self.http_port}/{path}.flv{query}"


class NginxRtmp:
    """nginx with its RTMP module, in a folder of its own; application `live`."""

    CONF = """
load_module {module};
daemon off;
master_process off;
error_log {folder}/error.log info;
pid {folder}/nginx.pid;
events {{ worker_connections 64; }}
rtmp {{
    server {{
        listen 127.0.0.1:{port};
        access_log {folder}/access.log;
        application live {{ live on; {wait} {more} }}
    }}
}}
"""

    def __init__(self, scene, more="", wait="wait_key on; wait_video on;"):
        self.port = free_port()
        folder = scene.path("nginx-%d" % self.port)
        os.mkdir(folder)
        self.log = os.path.join(folder, "error.log")
        conf = os.path.join(folder, "nginx.conf")
        with open(conf, "w", encoding="ascii") as out:
            out.write(self.CONF.format(module=NGINX_RTMP, folder=folder, port=self.port, more=more, wait=wait))
        self.process = scene.start("nginx", "-e", self.log, "-p", folder, "-c", conf)
        until(lambda: accepts(self.port), what="nginx listening")

    def url(self, stream):
        return f"rtmp://127.0.0.1:{self.port}/live/{stream}"


class NodeMediaServer:
    """node-media-server from npm: RTMP and RTMPS in, the same and HTTP(S)-FLV out, on ports of its own."""

    RUN = "new (require('node-media-server'))(JSON.parse(process.argv[1])).run()"

    def __init__(self, scene, certificate, key):
        if not os.path.isdir(os.path.join(NPM, "node-media-server")):
            raise AssertionError("node-media-server is not installed: ./x setup test")
        self.rtmp, self.rtmps, self.http, self.https = ports = [free_port() for _ in range(4)]
        tls = {"key": key, "cert": certificate}
        config = {"bind": "127.0.0.1", "notify": {"url": ""}, "auth": {"play": False, "publish": False},
                  "rtmp": {"port": self.rtmp}, "rtmps": {"port": self.rtmps, **tls},
                  "http": {"port": self.http}, "https": {"port": self.https, **tls}}
        self.process = scene.start("node", "-e", self.RUN, json.dumps(config), env={"NODE_PATH": NPM})
        until(lambda: all(map(accepts, ports)), what="node-media-server listening")

    def published(self, path):
        """Waits until the server says that something is published there."""
        self.process.wait_for(rf"start push {re.escape(path)}$")


class Scene:
    """A temporary folder and the processes of one test."""

    def __enter__(self):
        self.processes = []
        self.folder = tempfile.mkdtemp(prefix="chalkrail-")
        return self

    def end_all(self):
        for process in reversed(self.processes):
            process.kill()

    def __exit__(self, kind, error, trace):
        reports = []
        self.end_all()
        for process in self.processes:
            if REPORT.search(process.err_text):
                reports.append(process)
        shutil.rmtree(self.folder, ignore_errors=True)
        if reports and error is None:
            raise AssertionError("a sanitizer reported:\n" + "\n".join(map(str, reports)))

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content, mode=0o600):
        path = self.path(name)
        with open(path, "wb") as out:
            out.write(content)
        os.chmod(path, mode)
        return path

    def start(self, *argv, env=None, talks=False):
        process = Process(argv, self.folder, env, talks)
        self.processes.append(process)
        return process

    def chalkrail(self, *argv, env=None, talks=False):
        """The program under test, without a display and with a silent sound device unless told."""
        return self.start(program, *argv, env={**NOTHING, **(env or {})}, talks=talks)

    def run(self, *argv, env=None, seconds=PATIENCE):
        process = self.chalkrail(*argv, env=env)
        process.code = process.finish(seconds)
        return process

    def cut_off(self, pattern, *argv, seconds=PATIENCE):
        """Runs the program, closes its standard output behind a line with the pattern; the exit code."""
        with subprocess.Popen([program, *argv], stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent,
                              env={**os.environ, **NOTHING}) as child:
            timer = threading.Timer(seconds, child.kill)
            timer.start()
            for line in child.stdout:
                if re.search(pattern, line):
                    break
            child.stdout.close()
            code = child.wait()
            timer.cancel()
        return code

    def edge(self, *argv):
        return Edge(self.chalkrail("edge", "--rtmp", "127.0.0.1:0", "--http", "127.0.0.1:0", *argv))

    def display(self, size="1280x720"):
        """An X server without a screen; its process and its name (":1"). Without -noreset it would begin anew whenever
        its last client leaves, which may be while the next one comes."""
        server = self.start("Xvfb", "-displayfd", "1", "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset")
        return server, ":" + server.wait_for(r"^(\d+)$")[1]

    def nginx(self, more="", **named):
        return NginxRtmp(self, more, **named)

    def node_media_server(self, certificate, key):
        return NodeMediaServer(self, certificate, key)

    def certificate(self, host="localhost", days=2):
        """A certificate that signs itself, expired when days are negative, and its key: two files."""
        stem = self.path(f"tls-{len(self.processes)}")
        key, request, made = (f"{stem}.{kind}" for kind in ("key", "csr", "pem"))
        for argv in (["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=a test",
                      "-addext", f"subjectAltName=DNS:{host}", "-keyout", key, "-out", request],
                     ["x509", "-req", "-in", request, "-signkey", key, "-days", days, "-copy_extensions", "copy",
                      "-out", made]):
            run = self.start("openssl", *argv)
            if run.finish() != 0:
                raise AssertionError(str(run))
        return made, key

    def decode(self, url, seconds=2.0, haste=False):
        """Starts ffmpeg decoding for so long; .finish() is 0 and .err empty when it had no complaint.

        A screen has no fixed frame rate, so the times are kept as they are: a rate that ffmpeg guesses
        would put two pictures in one place and be complained about."""
        hurry = HASTE if haste else ()
        return self.start("ffmpeg", "-hide_banner", "-nostdin", "-v", "warning", *hurry, "-i", url, "-t",
                          seconds, *TIMES_AS_THEY_ARE, "-f", "null", "-")

    def probe(self, source, *options, seconds=PATIENCE):
        """What ffprobe says of a URL's or file's streams, by codec type."""
        process = self.start("ffprobe", "-hide_banner", "-v", "error", "-show_streams", *options, "-of", "json",
                             source)
        code = process.finish(seconds)
        if code != 0:
            raise AssertionError(str(process))
        return {stream["codec_type"]: stream for stream in json.loads(process.out_text)["streams"]}


def frame_numbers(scene, url, width, height, count):
    """Reads `count` pictures of a synthetic source through ffmpeg: (number, room time) of each.

    The marks are those that chalkrail/source.h describes: 64 blocks of width/72 pixels, the first
    4 blocks from the left, the number's row one block from the top, the time's three.
    """
    argv = ["ffmpeg", "-hide_banner", "-nostdin", "-v", "error", "-i", url, "-an", "-frames:v", str(count),
            *TIMES_AS_THEY_ARE, "-pix_fmt", "gray", "-f", "rawvideo", "-"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=scene.folder,
                          preexec_fn=die_with_parent) as child:
        timer = threading.Timer(PATIENCE, child.kill)
        timer.start()
        raw, complaints = child.communicate()
        timer.cancel()
    if complaints or child.returncode != 0:
        raise AssertionError(f"ffmpeg on {url}: {child.returncode} {complaints.decode(errors='replace')}")
    size = width * height
    return [marks(raw[at:at + size], width) for at in range(0, len(raw) - size + 1, size)]


def missing(frames):
    """How many pictures of a synthetic source are not among these, which have to be in order. One may be
    repeated at once: a single change is pushed through players that hold pictures back."""
    numbers = [number for number, _ in frames]
    numbers = [b for a, b in zip([None, *numbers], numbers) if a != b]
    if any(b <= a for a, b in zip(numbers, numbers[1:])):
        raise AssertionError(f"not in order: {numbers}")
    return numbers[-1] - numbers[0] + 1 - len(numbers)


def marks(luma, width):
    block = width // 72
    values = []
    for row in (1, 3):
        y = row * block + block // 2
        bits = 0
        for i in range(64):
            bits = bits << 1 | (luma[y * width + (4 + i) * block + block // 2] > 126)
        values.append(bits)
    return tuple(values)
