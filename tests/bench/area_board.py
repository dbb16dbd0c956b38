"""board: strokes on the wire beside Excalidraw's own elements, and boards full of them (chalk-bench-board)."""

import json
import math
import os
import subprocess
import tempfile
import time

from report import Goal, NotMeasured, Row, percentile

DATA = os.environ.get("CHALKRAIL_TEST_DATA") or os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "shared", "data")
LIBRARIES = ("despair.excalidrawlib", "valentine-s-day.excalidrawlib")
SAMPLE_MS = 1000 / 60  # Excalidraw keeps no times
PAUSE_MS = 250         # between two strokes of a hand
TABLET_PX = 96 / 5080  # 5,080 lines an inch, as large as it was written
LIVE_MS = 250
SIZES = (1000, 10000, 100000)
FRAME_MS = 17
PATIENCE = 40

# Every member that Excalidraw writes of a freehand stroke, for those that were drawn elsewhere.
ELEMENT = {"type": "freedraw", "version": 30, "versionNonce": 2095411683, "isDeleted": False,
           "id": "frgmzxxT9-U-U6FwmPApS", "fillStyle": "solid", "strokeWidth": 1, "strokeStyle": "solid",
           "roughness": 1, "opacity": 100, "angle": 0, "x": 0, "y": 0, "strokeColor": "#222222",
           "backgroundColor": "transparent", "width": 0, "height": 0, "seed": 656652333, "groupIds": [],
           "roundness": None, "boundElements": [], "updated": 1649689437118, "link": None,
           "locked": False, "points": [], "pressures": [], "simulatePressure": False,
           "lastCommittedPoint": None}


def excalidraw():
    for name in LIBRARIES:
        with open(os.path.join(DATA, "whiteboard", name), encoding="utf-8") as file:
            library = json.load(file)
        for item in library.get("libraryItems") or library.get("library"):
            for element in item if isinstance(item, list) else item["elements"]:
                if element["type"] == "freedraw":
                    yield element


def tablet():
    folder = os.path.join(DATA, "whiteboard", "pen")
    for name in sorted(os.listdir(folder)):
        stroke = []
        if not name.endswith(".svc"):
            continue
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            rows = [[int(number) for number in line.split()] for line in file if len(line.split()) == 7]
        for x, y, at, pen, _, _, pressure in rows:
            if pen:
                stroke.append((x * TABLET_PX, y * TABLET_PX, pressure / 32768, at))
            elif stroke:
                yield stroke
                stroke = []
        if stroke:
            yield stroke


def made_up():
    """Stands in where the test data is absent: loops of a hand, with pressure."""
    for i in range(200):
        yield [(10 * i + 30 * math.sin(t / 5 + i), 40 * math.cos(t / 4) + t, 0.5 + 0.2 * math.sin(t / 9), 16.67 * t)
               for t in range(10 + i % 17)]


def as_element(stroke):
    element = dict(ELEMENT)
    x, y = stroke[0][0], stroke[0][1]
    element.update(x=x, y=y, points=[[p[0] - x, p[1] - y] for p in stroke], pressures=[p[2] for p in stroke])
    return element


def load():
    """Strokes as samples from 0 ms on, and as elements."""
    if not os.path.isdir(os.path.join(DATA, "whiteboard")):
        strokes = list(made_up())
        return strokes, [as_element(stroke) for stroke in strokes]
    elements = list(excalidraw())
    strokes = [[(e["x"] + p[0], e["y"] + p[1], (e.get("pressures") or [])[i:i + 1] or [0.5], SAMPLE_MS * i)
                for i, p in enumerate(e["points"])] for e in elements]
    strokes = [[(x, y, pressure[0], at) for x, y, pressure, at in stroke] for stroke in strokes]
    drawn = [[(x, y, pressure, at - stroke[0][3]) for x, y, pressure, at in stroke] for stroke in tablet()]
    return strokes + drawn, elements + [as_element(stroke) for stroke in drawn]


def size(element, points):
    cut = dict(element, points=element["points"][:points], pressures=(element.get("pressures") or [])[:points])
    return len(json.dumps(cut, separators=(",", ":")))


def peer_live(strokes, elements):
    """Excalidraw sends the whole element at each change: here at the moments of our chunks alone."""
    total = 0
    for stroke, element in zip(strokes, elements):
        for moment in range(1, math.ceil(max(stroke[-1][3], 1) / LIVE_MS) + 1):
            total += size(element, sum(p[3] <= moment * LIVE_MS for p in stroke))
    return total


def write(file, strokes):
    now = 0.0
    for stroke in strokes:
        file.write(f"{len(stroke)}\n")
        for x, y, pressure, at in stroke:
            file.write(f"{x:.4f} {y:.4f} {pressure:.5f} {now + at:.3f}\n")
        now += stroke[-1][3] + PAUSE_MS
    file.flush()


def rows_of(values, samples, final, live):
    ours = {name: value for name, (value, _) in values.items()}
    yield Row("board.final", "B/sample", [ours["final"]], "Excalidraw JSON", [final / samples], Goal(value=1.5))
    yield Row("board.final_event", "B/sample", [ours["final_event"]])
    yield Row("board.live", "B/sample", [ours["live"]], "Excalidraw JSON", [live / samples], Goal(value=3))
    yield Row("board.together", "strokes", [ours["together"]])
    yield Row("board.kept", "points/sample", [ours["kept"]])
    yield Row("board.off_most", "px", [ours["off_most"]], goal=Goal(value=0.5))
    yield Row("board.off_p95", "px", [ours["off_p95"]])
    for count in SIZES:
        yield Row(f"board.snapshot_{count}", "B/sample", [ours[f"snapshot_{count}"]], goal=Goal(value=2))
        yield Row(f"board.memory_{count}", "B/sample", [ours[f"memory_{count}"]], goal=Goal(value=24))
        yield Row(f"board.write_{count}", "ms", [ours[f"write_{count}"]])
        yield Row(f"board.join_{count}", "ms", [ours[f"join_{count}"]])
        yield Row(f"board.draw_{count}", "us", [ours[f"draw_{count}"]])
        yield Row(f"board.hit_{count}", "us", [ours[f"hit_{count}"]], goal=Goal(value=100))
        yield Row(f"board.in_view_{count}", "strokes", [ours[f"in_view_{count}"]])
        yield Row(f"board.first_paint_{count}", "ms", [ours[f"first_paint_{count}"]], goal=Goal(value=100))
        yield Row(f"board.stroke_{count}", "ms", [ours[f"stroke_{count}"]], goal=Goal(value=2))
        yield Row(f"board.stroke_most_{count}", "ms", [ours[f"stroke_most_{count}"]])
        yield Row(f"board.compose_{count}", "ms", [ours[f"compose_{count}"]])
        yield Row(f"board.pan_{count}", "frames/s", [ours[f"pan_{count}"]], goal=Goal(value=60, least=True))
        yield Row(f"board.zoom_{count}", "frames/s", [ours[f"zoom_{count}"]], goal=Goal(value=60, least=True))
        yield Row(f"board.complete_{count}", "ms", [ours[f"complete_{count}"]], goal=Goal(value=5000))
        yield Row(f"board.complete_frame_{count}", "ms", [ours[f"complete_frame_{count}"]])
    yield Row("board.first_paint_mixed", "ms", [ours["first_paint_mixed_2000"]], goal=Goal(value=100))
    yield Row("board.repaint_mixed", "ms", [ours["repaint_mixed_2000"]])


def pen(stage):
    """From a move of the pointer to its ink on the display, in the whiteboard's window."""
    count, size = stage.pick(50, 50, 10), (1280, 720)  # as large as chalk-bench-watch takes a display to be
    _, display = stage.dark_display("%dx%d" % size)
    env = {**os.environ, "DISPLAY": display}

    def tool(*argv):
        return subprocess.run(["xdotool", *map(str, argv)], env=env, check=True, capture_output=True, text=True,
                              timeout=20).stdout

    board = stage.chalkrail("board", env=env)
    board.wait_for("room live", PATIENCE)
    window = tool("search", "--sync", "--onlyvisible", "--name", "board").split()[0]
    tool("windowsize", "--sync", window, *size, "windowmove", window, 0, 0, "windowfocus", window)
    time.sleep(1)
    tool("mousemove", 160, 300, "mousedown", 1)
    watch = stage.tool("watch", "--pen", display, count, 1)
    if watch.finish(PATIENCE) != 0:
        raise NotMeasured(str(watch))
    stage.end(board)
    times = [float(line) for line in watch.out]
    yield Row("board.pen_to_screen", "ms, median", [percentile(times, 0.5)], goal=Goal(value=FRAME_MS))
    yield Row("board.pen_to_screen.p95", "ms, p95", [percentile(times, 0.95)])


def crowd(stage):
    """43 people who draw at once: the first minute and the last."""
    seconds = stage.pick(300, 20, 4)
    done = subprocess.run([os.path.join(stage.programs, "chalk-bench-draw"), "43", str(seconds)],
                          check=True, capture_output=True, text=True, timeout=seconds + 60)
    figures = json.loads(done.stdout)
    yield Row("board.crowd43.first_median", "ms", [figures["first_median_ms"]])
    yield Row("board.crowd43.first_p99", "ms", [figures["first_p99_ms"]], goal=Goal(value=200))
    yield Row("board.crowd43.last_median", "ms", [figures["last_median_ms"]])
    yield Row("board.crowd43.last_p99", "ms", [figures["last_p99_ms"]], goal=Goal(value=200))
    yield Row("board.crowd43.edge", "% of a core", [figures["edge_percent"]], goal=Goal(value=20))


def run(stage):
    strokes, elements = load()
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        write(file, strokes)
        done = subprocess.run([os.path.join(stage.programs, "chalk-bench-board"), file.name, "--json"],
                              check=True, capture_output=True, text=True, timeout=120)
    values = {row["name"]: (row["value"], row["unit"]) for row in json.loads(done.stdout)["rows"]}
    final = sum(size(element, len(element["points"])) for element in elements)
    rows = list(rows_of(values, sum(map(len, strokes)), final, peer_live(strokes, elements)))
    return rows + list(pen(stage)) + list(crowd(stage))
