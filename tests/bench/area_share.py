"""share: what a shared screen costs and how sharp it is, beside ffmpeg and GStreamer.

Rows are fixed: what is on the screen (`CONTENTS`) at 1280 x 720 and 1920 x 1080, 15 pictures a second, video
only, x264 veryfast zerolatency with a key frame each 2 s. A window of 30 s begins 10 s after the start
(`--window SECONDS` makes both shorter, in proportion). All publish to nginx-rtmp, ours to our edge, too, where
key frames are made on request. Processor time is that of the publisher and what the X server needs more than
without one. The pointer of `slides+cursor` is in the picture for all; in its `lane` row ours tells it to the
edge's room instead, which is what the goal is for.

What a server relays is recorded from within the window and compared with what was on the screen: SSIM of the
text in the first picture of each change, in the last one, and between neighbours of an unchanged screen.
"""

import json
import os
import subprocess
import time

import area_latency as latency
import harness
from area_publish import HASTE, film
from report import Goal, NotMeasured, Row
from stage import FPS, GOP_S, Cost, orders

SIZES = {"720p": (1280, 720, 1000), "1080p": (1920, 1080, 2000)}  # and kbit/s
# What is shown (chalk-bench-screen's name and options), the hint, and the goal for the processor time.
CONTENTS = {
    "static": (("still",), "slides", 0.06),
    "slides": (("slow-slides",), "slides", 0.12),
    "slides+cursor": (("slow-slides", "--pointer"), "slides", None),
    "typing": (("typing",), "slides", 0.35),
    "scroll": (("scroll",), "slides", 0.75),
    "video-quarter": (("quarter",), "motion", None),
    "video-full": (("video",), "motion", 0.85),
}
EDGE_CPU = {"static": 0.02}
LANE_CPU = 0.15
WARM_S, WINDOW_S = 10, 30
PATIENCE = 40
IN_HAND = r'"kind":"first_picture".*"value":(\d+)'


def start_ffmpeg(stage, display, size, kbps, url, pointer=1):
    rate = f"{kbps}k"
    return stage.start(
        "ffmpeg", "-hide_banner", "-nostdin", "-v", "error", "-f", "x11grab", "-draw_mouse", pointer, "-framerate", FPS,
        "-video_size", size, "-i", display, "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g",
        FPS * GOP_S, "-b:v", rate, "-maxrate", rate, "-bufsize", rate, "-flvflags", "no_duration_filesize", "-f", "flv",
        url)


class Show:
    """One content on a display of its own."""

    def __init__(self, stage, name, size, yuv):
        self.stage, self.name = stage, name
        self.width, self.height, self.kbps = SIZES[size]
        self.words, self.hint, self.goal = CONTENTS[name]
        self.size = f"{self.width}x{self.height}"
        self.server, self.display = stage.dark_display(self.size)
        self.material = [yuv] if self.words[0] in ("video", "quarter") else []
        self.screen = stage.tool("screen", self.display, *self.words, self.size, *self.material)
        self.screen.wait_for("^ready$")
        self.idle = 0.0

    def compare_with(self):
        return [self.words[0], self.size, *self.material]

    def ours(self, url, *more):
        return self.stage.publish_screen(self.display, url, "--mic", "none", "--fps", FPS, "--gop", GOP_S, "--bitrate",
                                         self.kbps, "--hint", self.hint, *more)

    def lane(self, edge):
        return lambda url: self.ours(url, "--room", f"ws://127.0.0.1:{edge.http_port}", "--cursor", "lane")

    def ffmpeg(self, url):
        return start_ffmpeg(self.stage, self.display, self.size, self.kbps, url)

    def gstreamer(self, url):
        return self.stage.start(
            "gst-launch-1.0", "-q", "ximagesrc", f"display-name={self.display}", "use-damage=1", "!",
            f"video/x-raw,framerate={FPS}/1", "!", "videoconvert", "!", "video/x-raw,format=I420", "!", "x264enc",
            "speed-preset=veryfast", "tune=zerolatency", f"bitrate={self.kbps}", f"key-int-max={FPS * GOP_S}", "!",
            "flvmux", "streamable=true", "!", "rtmpsink", f"location={url} live=1")


class Trial:
    """What one publisher did."""

    def __init__(self):
        self.cpu = self.kbps = self.first = self.last = self.neighbours = None


def times(stage):
    window = stage.window or stage.pick(WINDOW_S, 10, 3)
    return max(WARM_S * window / WINDOW_S, 1.5), window


def record(stage, url):
    path = stage.path(f"{abs(hash(url))}.flv")
    recorder = stage.start("ffmpeg", "-hide_banner", "-nostdin", "-v", "error", *HASTE, "-i", url, "-c", "copy",
                           "-flush_packets", "1", path)
    harness.until(lambda: os.path.exists(path) and os.path.getsize(path) > 0, seconds=PATIENCE,
                  what="a stream from the server")
    return recorder, path


def rate_of(path, window):
    """Kilobits a second: what came in the window, but for the recorder's first moment, which is a group of
    pictures that the server had kept."""
    done = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time,size",
                           "-of", "csv=p=0", path], check=True, capture_output=True, text=True, timeout=120)
    packets = [(float(t), int(size)) for t, size in (line.strip(",").split(",") for line in done.stdout.split())]
    if len(packets) < 2:
        raise NotMeasured(f"{path}: {len(packets)} pictures were relayed")
    begin = packets[-1][0] - window
    return sum(size for t, size in packets if t > begin) * 8 / 1000 / window


def judge(stage, show, trial, path):
    reader = subprocess.Popen(["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-an", *harness.TIMES_AS_THEY_ARE,
                               "-pix_fmt", "yuv420p", "-f", "rawvideo", "-"], stdout=subprocess.PIPE,
                              preexec_fn=harness.die_with_parent)
    tool = os.path.join(stage.programs, "chalk-bench-ssim")
    found = subprocess.run([tool, *show.compare_with()], stdin=reader.stdout, capture_output=True, text=True,
                           timeout=300, check=False)
    reader.stdout.close()
    reader.wait()
    if found.returncode != 0:
        raise NotMeasured(f"{show.name}: the recording cannot be compared: {found.stdout}{found.stderr}")
    result = json.loads(found.stdout)
    trial.first, trial.last, trial.neighbours = (result[k] for k in ("text_first", "text_last", "neighbours"))
    os.unlink(path)


def run_trial(stage, show, start, url):
    warm, window = times(stage)
    publisher = start(url)
    began = time.monotonic()
    time.sleep(warm)
    stage.must_run(publisher, "the publisher")
    trial = Trial()
    recorder, path = record(stage, url)
    time.sleep(max(began + warm - time.monotonic(), 0))
    cost = Cost(publisher=publisher, x=show.server)
    time.sleep(window)
    percent = cost.percent()
    trial.cpu = percent["publisher"] + max(percent["x"] - show.idle, 0)
    stage.must_run(publisher, "the publisher")
    recorder.stop()
    trial.kbps = rate_of(path, window)
    judge(stage, show, trial, path)
    return trial, publisher


def joining_ms(stage, url):
    """From the call of play until a picture is in hand, of a newcomer of the screen as it is now."""
    player = stage.chalkrail("play", url, "--json")
    took = int(player.wait_for(IN_HAND, PATIENCE)[1]) / 1000
    stage.end(player)
    return took


def run_show(stage, name, size, yuv):
    show = Show(stage, name, size, yuv)
    nginx, edge = stage.nginx_server(), stage.edge("--open")
    stage.say(f"share: {name}, {size}")
    _, window = times(stage)
    cost = Cost(x=show.server)
    time.sleep(min(window, 5))
    show.idle = cost.percent()["x"]
    found, joins = {}, []
    targets = {"ours": (show.ours, nginx.url("ours")), "edge": (show.ours, edge.rtmp("math/li/screen")),
               "ffmpeg": (show.ffmpeg, nginx.url("ffmpeg"))}
    if name == "slides+cursor":
        targets["lane"] = (show.lane(edge), edge.rtmp("math/ada/screen"))
    if not stage.tiny:
        targets["gstreamer"] = (show.gstreamer, nginx.url("gstreamer"))
    for who, (start, url) in targets.items():
        found[who], publisher = run_trial(stage, show, start, url)
        if who == "edge" and name == "static":
            joins = [joining_ms(stage, url) for _ in range(stage.pick(3, 2, 1))]
        stage.end(publisher)
    stage.end(show.screen, nginx.process, edge.process, show.server)
    return rows_of(show, f"share.{name}.{size}", found, joins)


def rows_of(show, name, found, joins):
    still = show.name == "static"
    slides = show.name in ("static", "slides")

    def beside(what, unit, who, read, goal, peer="ffmpeg", digits=2):
        return Row(f"{name}.{what}", unit, [read(found[who])], peer, [read(found[peer])], goal, digits=digits)

    def cpu(trial):
        return trial.cpu

    def kbps(trial):
        return trial.kbps

    edge_goal = EDGE_CPU.get(show.name, show.goal)
    rows = [beside("cpu", "% of a core", "ours", cpu, Goal(ratio=show.goal) if show.goal else None),
            beside("edge.cpu", "% of a core", "edge", cpu, Goal(ratio=edge_goal) if edge_goal else None),
            beside("bitrate", "kbit/s", "ours", kbps, Goal(ratio=0.25) if still else None, digits=1),
            Row(f"{name}.edge.bitrate", "kbit/s", [found["edge"].kbps], "ffmpeg", [found["ffmpeg"].kbps],
                Goal(value=5) if still else None, digits=1),
            beside("text_first", "SSIM", "ours", lambda t: t.first, Goal(value=0.95, least=True) if slides else None,
                   digits=4),
            beside("text_rest", "SSIM", "ours", lambda t: t.last, Goal(value=0.99, least=True) if slides else None,
                   digits=4)]
    if still:
        rows.append(beside("neighbours", "SSIM", "ours", lambda t: t.neighbours, Goal(value=0.995, least=True),
                           digits=4))
        rows.append(Row(f"{name}.edge.join", "ms, median", joins, goal=Goal(value=300), digits=0))
    if "lane" in found:
        rows.append(beside("lane.cpu", "% of a core", "lane", cpu, Goal(ratio=LANE_CPU)))
        rows.append(beside("lane.bitrate", "kbit/s", "lane", kbps, None, digits=1))
    if "gstreamer" in found:
        rows.append(beside("cpu.gstreamer", "% of a core", "ours", cpu, None, peer="gstreamer"))
        rows.append(beside("bitrate.gstreamer", "kbit/s", "ours", kbps, None, peer="gstreamer", digits=1))
    return rows


# ---- from screen to player

def share_light(stage, display, url):
    return stage.publish_screen(display, url, "--mic", "none", "--fps", FPS, "--no-cursor")


def ffmpeg_light(stage, display, url):
    return start_ffmpeg(stage, display, "1280x720", 1000, url, pointer=0)


def changes(stage):
    """Isolated changes, 0.3 to 1 s apart, until mpv (untimed) shows them: the publishers take turns. Without the
    pointer, which would be where the watcher looks."""
    rounds, count = stage.pick(2, 2, 1), stage.pick(14, 9, 4)
    scene = latency.Scene(stage, False)
    nginx = stage.nginx_server()
    light = stage.tool("watch", scene.source)
    light.wait_for("^ready$")
    samples = ([], [])
    for number, order in enumerate(orders(rounds)):
        stage.say(f"share: changes, run {number + 1} of {rounds}")
        for who in order:
            url = nginx.url(f"change-{number}-{who}")
            publisher = (share_light, ffmpeg_light)[who](stage, scene.source, url)
            samples[who].extend(latency.measure_changes(scene, url, latency.play_mpv_untimed, count, 100 + number))
            stage.end(publisher)
    scene.close(light, nginx.process)
    return [Row("share.change", "ms, median", samples[0], "ffmpeg", samples[1], Goal(ratio=0.6), runs=rounds, digits=1)]


def run(stage):
    rows = [] if stage.tiny else changes(stage)
    names = ("static",) if stage.tiny else tuple(CONTENTS)
    sizes = ("720p",) if stage.tiny or stage.quick else tuple(SIZES)
    for size in sizes:
        yuv = {"video": None, "quarter": None}
        if not stage.tiny:
            width, height, _ = SIZES[size]
            yuv = {"video": film(stage, width, height), "quarter": film(stage, width // 2, height // 2)}
        for name in names:
            rows += run_show(stage, name, size, yuv.get(CONTENTS[name][0][0]))
    return rows
