"""publish: a screen of 1280 x 720 at 15 pictures a second to nginx-rtmp, beside ffmpeg.

Both take the same display, with the pointer drawn, and send H.264 by x264 veryfast zerolatency with a
key frame every 2 s and 1 Mbit/s asked for. Counted is the processor time of the publisher's process;
what its grabbing costs the X server is the server's time less its time without a publisher. What nginx
relays is recorded, and each picture compared with what was on the screen under its number.
"""

import json
import os
import subprocess
import time

import harness
from report import Goal, NotMeasured, Row
from stage import FPS, GOP_S, HEIGHT, KBPS, WIDTH, Cost, memory_kb, orders

PEER = "ffmpeg"
# What is shown, the hint a teacher would choose, and the goal for the processor time.
CONTENTS = {"scroll": ("slides", 0.75), "video": ("motion", 0.85), "slides": ("slides", 0.80)}
FILM = "media/srs/bbb.flv"
FILM_PICTURES = 180
# ffmpeg copies what comes, and need not know more of it: of a still screen there is little to learn from.
HASTE = ("-fpsprobesize", "0", "-analyzeduration", "1", "-probesize", "32")


def film(stage, width=WIDTH, height=HEIGHT):
    """Raw pictures of a film: of the test data where it is there, else a made-up one."""
    path = stage.path(f"film-{width}.yuv")
    data = os.environ.get("CHALKRAIL_TEST_DATA", os.path.join(os.path.dirname(__file__), "../../../shared/data"))
    source = os.path.join(data, FILM)
    chosen = ["-stream_loop", "-1", "-ss", "2", "-i", source] if os.path.exists(source) else [
        "-f", "lavfi", "-i", "mandelbrot=size=640x360:rate=30"]
    stage.say("video: " + (FILM if os.path.exists(source) else "no test data, a made-up film"))
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *chosen, "-an", "-vf", f"scale={width}:{height},fps=30",
                    "-frames:v", str(stage.pick(FILM_PICTURES, 90, 45)), "-pix_fmt", "yuv420p", "-f", "rawvideo", path],
                   check=True, timeout=120)
    return path


def start_ours(stage, display, url, hint):
    return stage.publish_screen(display, url, "--mic", "none", "--fps", FPS, "--gop", GOP_S, "--bitrate", KBPS,
                                "--hint", hint)


def start_peer(stage, display, url, _hint):
    rate = f"{KBPS}k"
    return stage.start("ffmpeg", "-hide_banner", "-nostdin", "-v", "error", "-f", "x11grab", "-framerate", FPS,
                       "-video_size", f"{WIDTH}x{HEIGHT}", "-i", display, "-c:v", "libx264", "-preset", "veryfast",
                       "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g", FPS * GOP_S, "-b:v", rate, "-maxrate", rate,
                       "-bufsize", rate, "-flvflags", "no_duration_filesize", "-f", "flv", url)


class Trial:
    """What one publisher did in one run."""

    def __init__(self, cpu, x_cpu, private_mb, pss_mb, recording):
        self.cpu, self.x_cpu, self.private_mb, self.pss_mb, self.recording = cpu, x_cpu, private_mb, pss_mb, recording
        self.kbps = self.ssim = self.fps = None


def wait_for_stream(stage, url, publisher):
    """The recorder, once it has begun to write."""
    path = stage.path(f"{url.rsplit('/', 1)[1]}.flv")
    stage.must_run(publisher, "the publisher")
    recorder = stage.start("ffmpeg", "-hide_banner", "-nostdin", "-v", "error", *HASTE, "-i", url, "-c", "copy",
                           "-flush_packets", "1", path)
    harness.until(lambda: os.path.exists(path) and os.path.getsize(path) > 0, what="a stream from nginx")
    return recorder, path


def run_trial(stage, start, server, display, nginx, name, hint, seconds):
    url = nginx.url(name)
    publisher = start(stage, display, url, hint)
    recorder, path = wait_for_stream(stage, url, publisher)
    time.sleep(1)  # the first key frame is behind
    cost = Cost(publisher=publisher, x=server)
    time.sleep(seconds)
    percent = cost.percent()
    private_kb, pss_kb = memory_kb(publisher)
    stage.must_run(publisher, "the publisher")
    recorder.stop()
    stage.end(publisher)
    return Trial(percent["publisher"], percent["x"], private_kb / 1024, pss_kb / 1024, path)


def rate_of(path):
    """Kilobits a second of a recording."""
    done = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time,size",
                           "-of", "csv=p=0", path], check=True, capture_output=True, text=True, timeout=60)
    packets = [(float(t), int(size)) for t, size in (line.strip(",").split(",") for line in done.stdout.split())]
    if len(packets) < 3:
        raise NotMeasured(f"{path}: {len(packets)} pictures were relayed")
    seconds = packets[-1][0] - packets[0][0]
    return sum(size for _, size in packets[:-1]) * 8 / 1000 / seconds


def judge_recording(stage, trial, content, video):
    trial.kbps = rate_of(trial.recording)
    reader = subprocess.Popen(["ffmpeg", "-v", "error", "-nostdin", "-i", trial.recording, "-an", "-fps_mode", "cfr",
                               "-r", "30", "-pix_fmt", "yuv420p", "-f", "rawvideo", "-"], stdout=subprocess.PIPE,
                              preexec_fn=harness.die_with_parent)
    tool = os.path.join(stage.programs, "chalk-bench-ssim")
    judge = subprocess.run([tool, content, *video], stdin=reader.stdout, capture_output=True, text=True, timeout=120,
                           check=False)
    reader.stdout.close()
    reader.wait()
    if judge.returncode != 0:
        raise NotMeasured(f"{content}: the recording cannot be compared: {judge.stdout}{judge.stderr}")
    found = json.loads(judge.stdout)
    if found["unread"] * 20 > found["pictures"]:
        raise NotMeasured(f"{content}: {found['unread']} of {found['pictures']} pictures have no number")
    trial.ssim = found["ssim"]
    trial.fps = found["distinct"] / (found["pictures"] / 30)
    os.unlink(trial.recording)


def run_content(stage, content, hint, rounds, seconds, video):
    server, display = stage.dark_display()
    screen = stage.tool("screen", display, content, *video)
    screen.wait_for("^ready$")
    nginx = stage.nginx_server()
    trials = ([], [])
    cost = Cost(x=server)
    time.sleep(seconds / 2)
    idle = cost.percent()["x"]
    for number, order in enumerate(orders(rounds)):
        stage.say(f"publish: {content}, run {number + 1} of {rounds}")
        for who in order:
            start = (start_ours, start_peer)[who]
            trial = run_trial(stage, start, server, display, nginx, f"{content}-{number}-{who}", hint, seconds)
            judge_recording(stage, trial, content, video)
            trials[who].append(trial)
    stage.end(screen, nginx.process, server)
    return trials, idle


def rows_of(content, goal, trials, idle):
    def row(name, unit, read, held, digits=1):
        return Row(f"publish.{content}.{name}", unit, [read(t) for t in trials[0]], PEER, [read(t) for t in trials[1]],
                   held, digits=digits)
    still = content == "slides"
    return [
        row("cpu", "% of a core", lambda t: t.cpu, Goal(ratio=goal), 2),
        row("cpu_with_x", "% of a core", lambda t: t.cpu + max(t.x_cpu - idle, 0), None, 2),
        row("ssim", "", lambda t: t.ssim, Goal(ratio=1, least=True), 5),
        row("bitrate", "kbit/s", lambda t: t.kbps, Goal(ratio=1.05)),
        row("pictures", "a second", lambda t: t.fps, None if still else Goal(ratio=0.97, least=True), 2),
        row("private", "MB", lambda t: t.private_mb, Goal(ratio=0.8)),
        row("pss", "MB", lambda t: t.pss_mb, None),
    ]


def run(stage):
    rounds, seconds = stage.pick(3, 1, 1), stage.pick(6, 5, 2)
    contents = ("scroll",) if stage.tiny else tuple(CONTENTS)
    rows = []
    for content in contents:
        hint, goal = CONTENTS[content]
        video = [film(stage)] if content == "video" else []
        rows += rows_of(content, goal, *run_content(stage, content, hint, rounds, seconds, video))
    return rows
