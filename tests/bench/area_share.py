"""share: what a shared screen costs and how sharp it is, beside ffmpeg and GStreamer.

Rows are fixed: what is on the screen (`CONTENTS`) at 1280 x 720 and 1920 x 1080, 15 pictures a second, video
only, x264 veryfast zerolatency with a key frame each 2 s. A window of 30 s begins 10 s after the start
(`--window SECONDS` makes both shorter, in proportion; `--rows static,slides` and `--size 720p` measure a part). All
publish to nginx-rtmp, ours to our edge, too, where key frames are made on request. Processor time is that of the
publisher and what its X server needs more than without one. The pointer of `slides+cursor` is in the picture for
others; ours tells it to a room of our edge (`--cursor lane`).

The publishers of a row run in one window, each with a display and content of its own: all four at once where little
changes, two and two (ours beside ffmpeg) where more would not fit into two cores. What disturbs then disturbs both.

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
# What is shown (chalk-bench-screen's name and options), the hint, the goal for the processor time, and how many
# publishers run at once.
CONTENTS = {
    "static": (("still",), "slides", 0.06, 4),
    "slides": (("slow-slides",), "slides", 0.12, 4),
    "slides+cursor": (("slow-slides", "--pointer"), "slides", 0.15, 4),
    "typing": (("typing",), "slides", 0.35, 4),
    "scroll": (("scroll",), "slides", 0.75, 2),
    "video-quarter": (("quarter",), "motion", None, 2),
    "video-full": (("video",), "motion", 0.85, 2),
}
EDGE_CPU = {"static": 0.02}
WARM_S, WINDOW_S = 10, 30
PATIENCE = 40
IN_HAND = r'"kind":"first_picture".*"value":(\d+)'
JOIN_MS = 300  # on our edge
REACH_MS = 600  # elsewhere, and the time to the next key frame: connecting, and the picture behind it


def start_ffmpeg(stage, display, size, kbps, url, pointer=1):
    rate = f"{kbps}k"
    return stage.start(
        "ffmpeg", "-hide_banner", "-nostdin", "-v", "error", "-f", "x11grab", "-draw_mouse", pointer, "-framerate", FPS,
        "-video_size", size, "-i", display, "-c:v", "libx264", "-preset", "veryfast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g",
        FPS * GOP_S, "-b:v", rate, "-maxrate", rate, "-bufsize", rate, "-flvflags", "no_duration_filesize", "-f", "flv",
        url)


class Show:
    """One content on a display of its own, for one publisher."""

    def __init__(self, stage, name, size, yuv, room):
        self.stage, self.name, self.room = stage, name, room
        self.width, self.height, self.kbps = SIZES[size]
        self.words, self.hint, self.goal, self.together = CONTENTS[name]
        self.size = f"{self.width}x{self.height}"
        self.server, self.display = stage.dark_display(self.size)
        self.material = [yuv] if self.words[0] in ("video", "quarter") else []
        self.screen = stage.tool("screen", self.display, *self.words, self.size, *self.material)
        self.screen.wait_for("^ready$")
        self.idle = 0.0

    def compare_with(self):
        return [self.words[0], self.size, *self.material]

    def ours(self, url):
        name = "li" if "/math/li/" in url else "ada"  # each takes part by itself
        lane = ("--room", self.room, "--name", name, "--cursor", "lane") if "--pointer" in self.words else ()
        return self.stage.publish_screen(self.display, url, "--mic", "none", "--fps", FPS, "--gop", GOP_S, "--bitrate",
                                         self.kbps, "--hint", self.hint, *lane)

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

    def __init__(self, show, publisher):
        self.show, self.publisher = show, publisher
        self.cpu = self.kbps = self.first = self.last = self.neighbours = None
        self.joins, self.join_text = [], []


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


def compare(stage, show, path):
    """What chalk-bench-ssim says of the pictures of a file."""
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
    os.unlink(path)
    return json.loads(found.stdout)


def run_together(stage, targets):
    """One window for several publishers: their trials by name. The recordings are compared after it."""
    warm, window = times(stage)
    trials = {who: Trial(show, start(url)) for who, (show, start, url) in targets.items()}
    began = time.monotonic()
    time.sleep(warm)
    for who, trial in trials.items():
        stage.must_run(trial.publisher, who)
    recorded = {who: record(stage, url) for who, (_, _, url) in targets.items()}
    time.sleep(max(began + warm - time.monotonic(), 0))
    costs = {who: Cost(publisher=trial.publisher, x=trial.show.server) for who, trial in trials.items()}
    time.sleep(window)
    spent = {who: cost.percent() for who, cost in costs.items()}
    for who, trial in trials.items():
        stage.must_run(trial.publisher, who)
        trial.cpu = spent[who]["publisher"] + max(spent[who]["x"] - trial.show.idle, 0)
        recorded[who][0].stop()
    if "static" in [trial.show.name for trial in trials.values()]:
        for who in ("ours", "edge"):
            join(stage, trials[who], targets[who][2], who == "edge")
    for who, trial in trials.items():
        stage.end(trial.publisher, trial.show.screen, trial.show.server)
    for who, (_, path) in recorded.items():
        trials[who].kbps = rate_of(path, window)
        found = compare(stage, trials[who].show, path)
        trials[who].first, trials[who].last, trials[who].neighbours = (
            found[k] for k in ("text_first", "text_last", "neighbours"))
    return trials


def join(stage, trial, url, on_edge):
    """Newcomers at random moments: the milliseconds until they have a picture, from the call of play; and how sharp
    is what they show JOIN_MS after their start, on a server of others when the next key frame has come."""
    count = stage.pick(10, 5, 1)
    for _ in range(count):
        time.sleep(stage.random.random() * (0.3 if on_edge else GOP_S))
        player = stage.chalkrail("play", url, "--json")
        trial.joins.append(int(player.wait_for(IN_HAND, PATIENCE)[1]) / 1000)
        stage.end(player)
    for number in range(count):
        picture = stage.path(f"join-{number}.png")
        seconds = JOIN_MS / 1000 if on_edge else GOP_S + REACH_MS / 1000
        player = stage.run("play", url, "--headless", "--for", f"{seconds:g}", "--snapshot", picture)
        if player.code != 0 or not os.path.exists(picture):
            raise NotMeasured(f"a newcomer saw nothing in {seconds} s: {player}")
        trial.join_text.append(compare(stage, trial.show, picture)["text_last"])


def run_show(stage, name, size, yuv):
    nginx, edge = stage.nginx_server(), stage.edge("--open")
    room = f"ws://127.0.0.1:{edge.http_port}/rooms/math"
    stage.say(f"share: {name}, {size}")
    who = ("ours", "ffmpeg", "edge") if stage.tiny else ("ours", "ffmpeg", "edge", "gstreamer")
    together = CONTENTS[name][3]
    trials = {}
    for part in (who[at:at + together] for at in range(0, len(who), together)):
        shows = {one: Show(stage, name, size, yuv, room) for one in part}
        cost = Cost(**{one: show.server for one, show in shows.items()})
        time.sleep(min(times(stage)[1], 5))
        for one, idle in cost.percent().items():
            shows[one].idle = idle
        starts = {"ours": "ours", "edge": "ours"}
        trials.update(run_together(stage, {one: (show, getattr(show, starts.get(one, one)),
                                                 edge.rtmp("math/li/screen") if one == "edge" else nginx.url(one))
                                           for one, show in shows.items()}))
    stage.end(nginx.process, edge.process)
    return rows_of(shows[part[0]], f"share.{name}.{size}", trials)


def rows_of(show, name, found):
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
        for who, where, most in (("edge", ".edge", JOIN_MS), ("ours", "", 1000 * GOP_S + REACH_MS)):
            rows.append(Row(f"{name}{where}.join", "ms, median", found[who].joins, goal=Goal(value=most), digits=0))
            rows.append(Row(f"{name}{where}.join_text", "SSIM, median", found[who].join_text,
                            goal=Goal(value=0.99, least=True), digits=4))
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
    names = ("static",) if stage.tiny else stage.rows or ("change", *CONTENTS)
    sizes = ("720p",) if stage.tiny or stage.quick else (stage.size,) if stage.size else tuple(SIZES)
    rows = changes(stage) if "change" in names else []
    names = [name for name in CONTENTS if name in names]
    for size in sizes:
        yuv = {"video": None, "quarter": None}
        if any("video" in name for name in names):
            width, height, _ = SIZES[size]
            yuv = {"video": film(stage, width, height), "quarter": film(stage, width // 2, height // 2)}
        for name in names:
            rows += run_show(stage, name, size, yuv.get(CONTENTS[name][0][0]))
    return rows
