"""websocket: 100 bytes to 2,000 WebSockets four times a second, beside the npm package ws.

Readers are a process of their own, whose time is not counted. Memory is what became private to the server while
they connected, before anything was sent.
"""

import signal

import harness
from report import Goal, NotMeasured, Row
from stage import Cost, memory_kb, orders, result_of

PEER = "npm ws"
FRAME_BYTES = 102
SENDS_A_SECOND = 4
GOALS = {"delivery": Goal(value=9), "idle": Goal(value=3)}
PEER_SERVER = """
const server = new (require('ws').WebSocketServer)({port: 0, host: '127.0.0.1', perMessageDeflate: false,
    path: '/room'}, () => console.log(`ready ${server.address().port}`));
const message = Buffer.alloc(100, 'x');
process.on('SIGUSR2', () => setInterval(() => server.clients.forEach(socket => socket.send(message)), 250));
"""


def start_ours(stage):
    return stage.tool("ws", "serve")


def start_peer(stage):
    return stage.start("node", "-e", PEER_SERVER, env={"NODE_PATH": harness.NPM})


def run_trial(stage, start, sockets, seconds):
    server = start(stage)
    port = server.wait_for(r"^ready (\d+)$")[1]
    before_kb, _ = memory_kb(server)
    readers = stage.tool("ws", "read", port, sockets, seconds)
    readers.wait_for("^ready$", 60)
    after_kb, _ = memory_kb(server)
    cost = Cost(server=server)
    server.send(signal.SIGUSR2)
    deliveries = result_of(readers, seconds + 60)["bytes"] / FRAME_BYTES
    used_us = cost.seconds()["server"] * 1e6
    stage.must_run(server, "the server")
    stage.end(server)
    if deliveries < 0.9 * sockets * seconds * SENDS_A_SECOND and not stage.tiny:
        raise NotMeasured(f"{deliveries:.0f} messages arrived: is the machine busy?")
    return {"delivery": used_us / deliveries, "idle": (after_kb - before_kb) / sockets}


def run(stage):
    rounds, seconds, sockets = stage.pick(5, 3, 1), stage.pick(10, 5, 1), stage.pick(2000, 2000, 50)
    trials = ([], [])
    for number, order in enumerate(orders(rounds)):
        stage.say(f"websocket: {sockets} sockets, run {number + 1} of {rounds}")
        for who in order:
            trials[who].append(run_trial(stage, (start_ours, start_peer)[who], sockets, seconds))
    units = {"delivery": "us of processor time", "idle": "KB a socket"}
    return [Row(f"websocket.{name}", unit, [t[name] for t in trials[0]], PEER, [t[name] for t in trials[1]],
                GOALS[name], digits=2) for name, unit in units.items()]
