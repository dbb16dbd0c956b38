#!/usr/bin/env python3
"""Draws the JSON of share.py as SVG: processor time, bitrate and sharpness of text over the session.

    share_plot.py FILE.json FILE.svg
"""

import json
import sys

WIDTH, PANEL, GAP, LEFT, RIGHT, TOP = 900, 130, 46, 64, 12, 34
INK, GRID = "#333", "#ddd"
COLORS = {"ours": "#1a6fb5", "edge": "#2a9d57", "ffmpeg": "#c0392b"}
NAMES = {"ours": "ours to nginx-rtmp", "edge": "ours to our edge", "ffmpeg": "ffmpeg to nginx-rtmp"}
SCENES = {"slides": "#f4f1e4", "editor": "#eaf2f8", "terminal": "#eeeeee", "browser": "#f9ebea", "idle": "#ffffff"}
FLOOR = 0.9  # of the sharpness that is drawn


class Picture:
    def __init__(self, seconds):
        self.seconds, self.lines = seconds, []

    def x(self, at):
        return LEFT + (WIDTH - LEFT - RIGHT) * min(at, self.seconds) / self.seconds

    def text(self, x, y, text, anchor="start", color=INK):
        self.lines.append(f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{color}">{text}</text>')

    def line(self, x1, y1, x2, y2, color):
        self.lines.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{color}"/>')

    def path(self, points, color):
        places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.lines.append(f'<polyline points="{places}" fill="none" stroke="{color}" stroke-width="1.3"/>')

    def scenes(self, top, spans):
        for begin, end, scene in spans:
            self.lines.append(f'<rect x="{self.x(begin):.1f}" y="{top}" width="{self.x(end) - self.x(begin):.1f}" '
                              f'height="{PANEL}" fill="{SCENES[scene]}"/>')


def scenes_of(points, seconds):
    """Spans of one scene each."""
    spans = []
    for point in points:
        if not spans or spans[-1][2] != point["scene"]:
            if spans:
                spans[-1][1] = point["at"]
            spans.append([point["at"], seconds, point["scene"]])
    return spans


def panel(picture, number, title, spans, series, low, high, marks):
    top = TOP + number * (PANEL + GAP)
    picture.scenes(top, spans)

    def y(value):
        return top + PANEL * (1 - (min(max(value, low), high) - low) / (high - low))
    for mark in marks:
        picture.line(LEFT, y(mark), WIDTH - RIGHT, y(mark), GRID)
        picture.text(LEFT - 6, y(mark) + 4, f"{mark:g}", "end")
    for minute in range(0, int(picture.seconds) + 1, 120):
        picture.text(picture.x(minute), top + PANEL + 14, f"{minute // 60}", "middle")
    picture.text(LEFT, top - 6, title)
    for who, points in series.items():
        picture.path([(picture.x(at), y(value)) for at, value in points], COLORS[who])


def draw(result, path):
    seconds = result["seconds"]
    picture = Picture(seconds)
    spans = scenes_of(result["sharpness"]["ours"], seconds)
    bin_s = result["cpu"][0]["at"] if result["cpu"] else 10
    cpu = {who: [(s["at"], s[who]) for s in result["cpu"]] for who in COLORS}
    kbps = {who: [(i * seconds / max(len(v), 1) + bin_s / 2, k) for i, k in enumerate(v)]
            for who, v in result["kbps"].items()}
    text = {who: [(p["at"], p["last"]) for p in points] for who, points in result["sharpness"].items()}
    most = max(max(value for _, value in points) for points in cpu.values())
    panel(picture, 0, "processor time of the publisher, % of a core", spans, cpu, 0, most, (0, round(most / 2), round(most)))
    most = max(max(value for _, value in points) for points in kbps.values())
    panel(picture, 1, "kbit/s of the stream", spans, kbps, 0, most, (0, round(most / 2, -2), round(most, -2)))
    panel(picture, 2, "SSIM of text, of the last picture before each change", spans, text, FLOOR, 1, (FLOOR, 0.95, 1))
    at = LEFT
    for who, color in COLORS.items():
        picture.text(at, 14, NAMES[who], color=color)
        at += 150
    for scene, color in SCENES.items():
        picture.lines.append(f'<rect x="{at}" y="5" width="11" height="11" fill="{color}" stroke="#aaa"/>')
        picture.text(at + 15, 14, scene)
        at += 76
    height = TOP + 3 * (PANEL + GAP)
    picture.text(WIDTH - RIGHT, height - 8, "minutes", "end")
    with open(path, "w", encoding="ascii") as out:
        out.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" '
                  'font-size="11">\n<rect width="100%" height="100%" fill="white"/>\n')
        out.write("\n".join(picture.lines) + "\n</svg>\n")


if __name__ == "__main__":
    with open(sys.argv[1], encoding="ascii") as source:
        draw(json.load(source), sys.argv[2])
