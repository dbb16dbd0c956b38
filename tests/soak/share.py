#!/usr/bin/env python3
"""A lesson's screen, shared for long: what it costs, how sharp it is, whether newcomers see it whole.

    share.py PROGRAMS [--seconds 1200] [--seed 1] [--joins 50] [--json FILE] [--plot FILE.svg]

By turns slides, an editor, a terminal, a browser with a video, and nothing (chalk-bench-screen's `lesson-SEED`,
1280 x 720) on one display. Two publishers of ours take it, to nginx-rtmp (key frames each 2 s) and to our edge, and
ffmpeg (x11grab, x264 veryfast zerolatency) takes it to the same nginx-rtmp; 15 pictures a second, 1 Mbit/s, without
sound or pointer. All that is relayed is recorded, and compared with what was on the screen under the number that each
picture carries. At random moments players of ours join, at the edge and at nginx-rtmp by turns, and each picture that
they receive, and the one that they show last, is compared in the same way: a torn, smeared or grey one is not like it.

Exit status 1 when a newcomer saw such a picture, when text at rest was not sharp, or when a publisher lost its server.
"""

import argparse
import concurrent.futures
import json
import os
import random
import statistics
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "bench"), os.path.join(HERE, "..", "interop")]

import area_publish  # noqa: E402 pylint: disable=wrong-import-position
import area_share  # noqa: E402 pylint: disable=wrong-import-position
import harness  # noqa: E402 pylint: disable=wrong-import-position
import stage as staging  # noqa: E402 pylint: disable=wrong-import-position

SIZE = "1280x720"
BIN_S = 10  # of the series
SHARP = 0.99
WHOLE = 0.6  # of the whole picture, films included; half a picture of another number is below
JOIN_S = 2
SCREEN_FPS = 30
SETTLED = SCREEN_FPS  # a picture that stayed so long is at rest


def options():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("programs")
    parser.add_argument("--seconds", type=int, default=1200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--joins", type=int, default=50)
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--plot", metavar="FILE.svg")
    return parser.parse_args()


class Session:
    def __init__(self, stage, asked):
        self.stage, self.asked = stage, asked
        self.film = area_publish.film(stage, 640, 360)
        self.server, self.display = stage.dark_display(SIZE)
        self.kind = f"lesson-{asked.seed}"
        screen = stage.tool("screen", self.display, self.kind, SIZE, self.film)
        screen.wait_for("^ready$")
        self.began = time.monotonic()
        self.nginx, edge = stage.nginx_server(), stage.edge("--open")
        self.urls = {"ours": self.nginx.url("ours"), "ffmpeg": self.nginx.url("ffmpeg"), "edge": edge.rtmp("math/li/screen")}
        common = ("--mic", "none", "--fps", staging.FPS, "--gop", staging.GOP_S, "--bitrate", staging.KBPS, "--hint", "auto",
                  "--no-cursor")
        self.publishers = {who: stage.publish_screen(self.display, self.urls[who], *common) for who in ("ours", "edge")}
        self.publishers["ffmpeg"] = area_share.start_ffmpeg(stage, self.display, SIZE, staging.KBPS, self.urls["ffmpeg"], 0)
        self.recorders = {who: area_share.record(stage, url) for who, url in self.urls.items()}

    def joined(self, number):
        """What one newcomer received and showed: files, judged later."""
        who = ("edge", "ours")[number % 2]
        stem = self.stage.path(f"join-{number}")
        player = self.stage.run("play", self.urls[who], "--headless", "--for", JOIN_S + 2 * (who == "ours"), "--record",
                                stem + ".mp4", "--snapshot", stem + ".png", seconds=60)
        if player.code != 0:
            return {"who": who, "at": self.now(), "problem": str(player)[-300:]}
        return {"who": who, "at": self.now(), "files": [stem + ".mp4", stem + ".png"]}

    def now(self):
        return round(time.monotonic() - self.began, 1)

    def follow(self, judges):
        """Processor time by bins, newcomers at their moments."""
        chance = random.Random(self.asked.seed)
        moments = sorted(chance.uniform(0, self.asked.seconds - 6) for _ in range(self.asked.joins))
        cost, begin = staging.Cost(**self.publishers), time.monotonic()
        series, joins, bin_end = [], [], begin + BIN_S
        while time.monotonic() < begin + self.asked.seconds:
            if moments and time.monotonic() >= begin + moments[0]:
                moments.pop(0)
                one = self.joined(len(joins))
                joins.append({**one, "bad": judges.submit(judge_join, self, one)})
            if time.monotonic() >= bin_end:
                series.append({"at": self.now(), **{who: round(p, 2) for who, p in cost.percent().items()}})
                cost, bin_end = staging.Cost(**self.publishers), bin_end + BIN_S
                for who, publisher in self.publishers.items():
                    self.stage.must_run(publisher, who)
            time.sleep(0.1)
        return series, joins

    def end(self):
        for recorder, _ in self.recorders.values():
            recorder.stop()
        lost = [who for who in ("ours", "edge") if self.publishers[who].stop() != 0
                or self.publishers[who].objects("summary")[0]["reconnects"] != 0]
        hints = [(e["time_s"], e["text"]) for e in self.publishers["ours"].objects("event") if e["kind"] == "hint"]
        self.stage.end(*self.publishers.values(), self.server)
        return lost, hints


def compare(session, source, *more):
    """The lines of chalk-bench-ssim about what ffmpeg makes of a file."""
    reader = subprocess.Popen(["ffmpeg", "-v", "error", "-nostdin", "-i", source, "-an", *harness.TIMES_AS_THEY_ARE,
                               "-pix_fmt", "yuv420p", "-f", "rawvideo", "-"], stdout=subprocess.PIPE,
                              preexec_fn=harness.die_with_parent)
    tool = os.path.join(session.stage.programs, "chalk-bench-ssim")
    done = subprocess.run([tool, session.kind, SIZE, session.film, *more], stdin=reader.stdout, capture_output=True,
                          text=True, timeout=3600, check=False)
    reader.stdout.close()
    reader.wait()
    return [json.loads(line) for line in done.stdout.splitlines()]


def judge_join(session, join):
    """What a newcomer saw that was not on the screen; nothing is as it should be."""
    if "problem" in join:
        return join["problem"]
    for path in join["files"]:
        lines = compare(session, path)
        if not lines or lines[-1]["pictures"] == 0:
            return f"{path}: no picture"
        found = lines[-1]
        if found["unread"] > 0 or found["least"] < WHOLE:
            return f"{path}: {found}"
    return None


def kbps_by_bins(path, seconds):
    done = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries", "packet=pts_time,size",
                           "-of", "csv=p=0", path], check=True, capture_output=True, text=True, timeout=600)
    bins = [0] * (seconds // BIN_S + 2)
    packets = [(float(t), int(size)) for t, size in (line.strip(",").split(",")[:2] for line in done.stdout.split())]
    for t, size in packets:
        bins[min(int((t - packets[0][0]) / BIN_S), len(bins) - 1)] += size
    return [round(b * 8 / 1000 / BIN_S, 1) for b in bins[:seconds // BIN_S]]


def sharpness(lines):
    """The numbers as points of time, with how long each was on the screen: where others behind it were not captured, as
    long as it stays there."""
    points = []
    for line, following in zip(lines, lines[1:]):
        stayed = min(following.get("number", line.get("number", 0) + 1) - line["number"],
                     line["stays"])
        points.append({"at": round(line["number"] / SCREEN_FPS, 2), "scene": line["scene"], "first": line["first"],
                       "last": line["last"], "least": line["least"], "stayed": stayed})
    return points


def summary(result):
    rests = [p["last"] for p in result["sharpness"]["ours"] if p["stayed"] >= SETTLED]
    cpu = {who: sum(s[who] for s in result["cpu"]) / len(result["cpu"]) for who in ("ours", "edge", "ffmpeg")}
    kbps = {who: statistics.mean(v) for who, v in result["kbps"].items()}
    return {"cpu_percent": {w: round(v, 2) for w, v in cpu.items()}, "kbps": {w: round(v, 1) for w, v in kbps.items()},
            "cpu_ratio": round(cpu["ours"] / cpu["ffmpeg"], 3), "kbps_ratio": round(kbps["ours"] / kbps["ffmpeg"], 3),
            "text_at_rest_mean": round(statistics.mean(rests), 4) if rests else None,
            "text_at_rest_least": min(rests) if rests else None, "pictures_at_rest": len(rests),
            "joins": len(result["joins"]), "joins_bad": [j for j in result["joins"] if j["bad"]]}


def run(stage, asked):
    session = Session(stage, asked)
    judges = concurrent.futures.ThreadPoolExecutor(2)
    cpu, joins = session.follow(judges)
    lost, hints = session.end()
    stage.say("the pictures are compared with what was on the screen")
    for join in joins:
        join["bad"] = join["bad"].result()
    result = {"seconds": asked.seconds, "seed": asked.seed, "cpu": cpu, "hints": hints, "lost": lost, "joins": joins,
              "kbps": {}, "sharpness": {}}
    compared = {who: judges.submit(compare, session, path, "--series") for who, (_, path) in session.recorders.items()}
    for who, (_, path) in session.recorders.items():
        result["kbps"][who] = kbps_by_bins(path, asked.seconds)
        result["sharpness"][who] = sharpness(compared[who].result())
    result["summary"] = summary(result)
    return result


def main():
    asked = options()
    harness.program = os.path.join(os.path.abspath(asked.programs), "chalkrail")
    with staging.Stage(os.path.abspath(asked.programs), asked.seconds < 120, False) as stage:
        result = run(stage, asked)
    if asked.json:
        with open(asked.json, "w", encoding="ascii") as out:
            json.dump(result, out)
    if asked.plot:
        import share_plot  # pylint: disable=import-outside-toplevel
        share_plot.draw(result, asked.plot)
    print(json.dumps(result["summary"], indent=1))
    found = result["summary"]
    bad = found["joins_bad"] or result["lost"] or (found["text_at_rest_mean"] or 1) < SHARP
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
