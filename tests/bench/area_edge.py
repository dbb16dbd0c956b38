"""edge: 500 players of a stream of 500 kbit/s, beside nginx-rtmp.

Publisher and players are one process of their own, chalk-bench-crowd, whose time is not counted. A
message's delay is from the publisher's send to the player's receipt. Memory is what is private to the
server with its players less what it was before they came.
"""

from report import Goal, NotMeasured, Row
from stage import Cost, memory_kb, orders, result_of

PEER = "nginx-rtmp"
KBPS_LEAST = 450  # of 500: with less, messages were dropped and the trial says nothing
TRIES = 3
GOALS = {"cpu": Goal(ratio=0.6), "delay": Goal(plus=30), "memory": Goal(value=15)}


def start_ours(stage):
    edge = stage.edge("--open")
    return edge.process, edge.rtmp_port


def start_peer(stage):
    nginx = stage.nginx_server()
    return nginx.process, nginx.port


def run_trial(stage, start, players, seconds):
    server, port = start(stage)
    crowd = stage.tool("crowd", port, "live", "bench/screen", players, seconds)
    crowd.wait_for("^alone$")
    before_kb, _ = memory_kb(server)
    crowd.wait_for("^ready$", 90)
    cost = Cost(server=server)
    crowd.wait_for("^{", seconds + 60)
    percent = cost.percent()["server"]
    after_kb, _ = memory_kb(server)
    found = result_of(crowd, 20)
    stage.must_run(server, "the server")
    stage.end(server)
    return {"cpu": percent * 100 / players, "delay": found["delay_ms"], "delay_p95": found["delay_p95_ms"],
            "memory": (after_kb - before_kb) / players, "kbps": found["kbps_each"]}


def whole_trial(stage, start, players, seconds):
    """A trial in which the players got what was sent; a busy machine may need more than one try."""
    why = ""
    for _ in range(TRIES):
        try:
            trial = run_trial(stage, start, players, seconds)
        except AssertionError as problem:
            why = str(problem)
        else:
            if trial["kbps"] >= KBPS_LEAST or stage.tiny:
                return trial
            why = f"the players received {trial['kbps']:.0f} kbit/s each"
        stage.say(f"edge: a trial of {players} players failed: {why}")
    raise NotMeasured(f"edge: {TRIES} trials failed: is the machine busy? {why}")


def run(stage):
    rounds, seconds, players = stage.pick(3, 1, 1), stage.pick(8, 5, 1), stage.pick(500, 500, 20)
    trials = ([], [])
    for number, order in enumerate(orders(rounds)):
        stage.say(f"edge: {players} players, run {number + 1} of {rounds}")
        for who in order:
            trials[who].append(whole_trial(stage, (start_ours, start_peer)[who], players, seconds))
    units = {"cpu": "% of a core, 100 players", "delay": "ms, median", "delay_p95": "ms, p95",
             "memory": "KB a player", "kbps": "kbit/s a player"}
    return [Row(f"edge.{name}", unit, [t[name] for t in trials[0]], PEER, [t[name] for t in trials[1]],
                GOALS.get(name), digits=2) for name, unit in units.items()]
