"""latency: a change on one screen until it is on the player's, and the first picture of a newcomer.

One publisher of ours takes a display and sends it to nginx-rtmp for all players, which show it on
another, larger display. Isolated changes come at random moments, 0.3 to 1 s apart; the pixels
that changed are read from the player's display as soon as it reports damage. First pictures are timed
from the start of the player's process to light on its display; on nginx-rtmp from the last byte of the
first key frame, which a relay before the player sees pass.
"""

import time

from report import Goal, NotMeasured, Row, percentile
from relay import Relay
from stage import GOP_S, HEIGHT, WIDTH, orders

SOUND = {"SDL_AUDIODRIVER": "dummy", "SDL_RENDER_DRIVER": "software"}
MPV = ("mpv", "--no-config", "--really-quiet", "--no-border", f"--geometry={WIDTH}x{HEIGHT}+0+0", "--vo=x11",
       "--ao=sdl", "--profile=low-latency")
FFPLAY = ("ffplay", "-v", "error", "-noborder", "-left", "0", "-top", "0", "-fflags", "nobuffer", "-flags", "low_delay")
STUDENT = "2200x1300"  # windows are placed in its middle, and grow to the right
PATIENCE = 40
IN_HAND = r'"kind":"first_picture".*"value":(\d+)'


def play_ours(stage, url, display, *more):
    return stage.chalkrail("play", url, *more, env={"DISPLAY": display, **SOUND})


def play_ours_at_once(stage, url, display):
    return play_ours(stage, url, display, "--latency", "low")


def play_mpv(stage, url, display):
    return stage.start(*MPV, url, env={"DISPLAY": display, **SOUND})


def play_mpv_untimed(stage, url, display):
    return stage.start(*MPV, "--untimed", url, env={"DISPLAY": display, **SOUND})


def play_ffplay(stage, url, display):
    return stage.start(*FFPLAY, url, env={"DISPLAY": display, **SOUND})


class Scene:
    """The displays of a teacher and a student, and who shares the teacher's."""

    def __init__(self, stage, sound):
        self.stage, self.sound = stage, sound
        self.teacher, self.source = stage.dark_display()
        self.student, self.player = stage.dark_display(STUDENT)

    def publish(self, url):
        return self.stage.publish_screen(self.source, url, "--mic", "synthetic" if self.sound else "none",
                                         "--fps", "30", "--no-cursor")

    def close(self, *processes):
        self.stage.end(*processes, self.teacher, self.student)


# ---- changes

def measure_changes(scene, url, play, count, seed):
    stage = scene.stage
    player = play(stage, url, scene.player)
    watch = stage.tool("watch", scene.source, scene.player, count, seed)
    watch.wait_for("^ready$", PATIENCE)
    if watch.finish(PATIENCE + 4 * count) != 0:
        raise NotMeasured(str(watch))
    stage.must_run(player, "the player")
    stage.end(player)
    lines = watch.out[1:]
    if len(lines) != count or lines.count("lost") * 10 > count:
        raise NotMeasured(f"{lines.count('lost')} of {count} changes were not seen: {player}")
    return [float(line) for line in lines[count // 6:] if line != "lost"]  # the first find the player settling


def changes(stage, name, sound, players, goal):
    rounds, count = stage.pick(3, 2, 1), stage.pick(14, 9, 4)
    scene = Scene(stage, sound)
    nginx = stage.nginx_server()
    light = stage.tool("watch", scene.source)
    light.wait_for("^ready$")
    publisher = scene.publish(nginx.url(name))
    samples = ([], [])
    for number, order in enumerate(orders(rounds)):
        stage.say(f"latency: {name}, run {number + 1} of {rounds}")
        for who in order:
            samples[who].extend(measure_changes(scene, nginx.url(name), players[who], count, 100 + number))
    scene.close(publisher, light, nginx.process)
    tails = [[percentile(values, 0.95)] for values in samples]
    return [Row(f"latency.{name}", "ms, median", samples[0], "mpv", samples[1], goal, runs=rounds, digits=1),
            Row(f"latency.{name}.p95", "ms, p95", tails[0], "mpv", tails[1], None, runs=rounds, digits=1)]


# ---- first pictures

class Join:
    """A newcomer: when its process was started, when its display became light (s, monotonic).

    Ours also tells how long after its call of play a picture was in hand. What passes from when it
    says so to light on the display is added: from the call to the display, less the few
    milliseconds that its line takes to be read here."""

    def __init__(self, stage, play, url, display):
        watch = stage.tool("watch", "--first", display)
        watch.wait_for("^ready$")
        self.began = time.monotonic()
        self.player = play(stage, url, display)
        if play is play_ours_in_json:
            self.in_hand_ms = int(self.player.wait_for(IN_HAND, PATIENCE)[1]) / 1000
            told = time.monotonic()
        seen = watch.wait_for(r"^(\d+|lost)$", PATIENCE)[1]
        watch.finish()
        if seen == "lost":
            raise NotMeasured(f"no picture came: {self.player}")
        self.seen = int(seen) / 1e6
        if play is play_ours_in_json:
            self.shown_ms = self.in_hand_ms + 1000 * max(self.seen - told, 0)

    def end(self, stage):
        stage.end(self.player)
        time.sleep(0.1 + stage.random.random())  # its window goes; the next join is at a random moment


def play_ours_in_json(stage, url, display):
    return play_ours(stage, url, display, "--json")


NEWCOMERS = (play_ours_in_json, play_mpv, play_ffplay)


def joins_on_edge(stage, scene, url, counts):
    """Milliseconds from start to picture of each player, and our own newcomers."""
    found, ours = [[] for _ in NEWCOMERS], []
    for number in range(max(counts)):
        if number % 5 == 0:
            stage.say(f"latency: first pictures on our edge, {number} of {max(counts)}")
        for at, play in enumerate(NEWCOMERS):
            if number < counts[at]:
                one = Join(stage, play, url, scene.player)
                found[at].append(1000 * (one.seen - one.began))
                if play is play_ours_in_json:
                    ours.append(one)
                one.end(stage)
    return found, ours


def joins_on_nginx(stage, scene, nginx, counts):
    """Milliseconds from the last byte of the first key frame to the picture."""
    found = [[] for _ in NEWCOMERS]
    for number in range(max(counts)):
        stage.say(f"latency: first pictures on nginx-rtmp, {number} of {max(counts)}")
        for at, play in enumerate(NEWCOMERS):
            if number < counts[at]:
                with Relay(nginx.port) as relay:
                    one = Join(stage, play, f"rtmp://127.0.0.1:{relay.port}/live/first", scene.player)
                    found[at].append(1000 * (one.seen - relay.key_frame_passed()))
                    one.end(stage)
    return found


def first_rows(name, found, goal):
    return [Row(f"latency.first.{name}.{peer}", "ms, median", found[0], peer, theirs, goal, digits=0)
            for peer, theirs in (("mpv", found[1]), ("ffplay", found[2]))]


def first_pictures(stage):
    scene = Scene(stage, True)
    light = stage.tool("watch", scene.source)
    light.wait_for("^ready$")
    edge = stage.edge("--open")
    publisher = scene.publish(edge.rtmp("math/li/screen"))
    time.sleep(GOP_S + 0.5)  # a group of pictures is there
    counts = stage.pick((20, 5, 5), (6, 2, 2), (2, 1, 1))
    found, ours = joins_on_edge(stage, scene, edge.rtmp("math/li/screen"), counts)
    rows = [Row("latency.first.edge.play", "ms, median", [o.shown_ms for o in ours], goal=Goal(value=100), digits=0),
            Row("latency.first.edge.in_hand", "ms, median", [o.in_hand_ms for o in ours], digits=0)]
    rows += first_rows("edge.from_start", found, None)
    stage.end(publisher, edge.process)
    nginx = stage.nginx_server()
    publisher = scene.publish(nginx.url("first"))
    found = joins_on_nginx(stage, scene, nginx, stage.pick((8, 4, 4), (3, 1, 1), (1, 1, 1)))
    scene.close(publisher, light, nginx.process)
    return rows + first_rows("nginx", found, Goal(value=150))


def run(stage):
    rows = changes(stage, "picture", False, (play_ours_at_once, play_mpv_untimed), Goal(plus=8))
    if stage.tiny:
        return rows
    rows += changes(stage, "sound", True, (play_ours, play_mpv), Goal(ratio=0.6))
    return rows + first_pictures(stage)
