// A room as it is usually made: the npm package ws, and each message as JSON to each participant.
//
//     node naive_room.js MESSAGES_A_SECOND POINTS_A_SECOND       the class, as JSON
//     node naive_room.js --frames BYTES FRAMES_A_SECOND          frames of so many bytes
//
// Prints "ready PORT"; sends from SIGUSR2 on, and tells {"frames", "bytes"} (without headers) on SIGUSR1.
const ws = require('ws');

const TICK_MS = 10;
const SHORT = ['yes', 'no', '好的', 'A', 'B', '1', '老师好', 'ok', '懂了', '👏'];
const WORDS = 'why does the left side of this equation stay the same when we divide by two'.split(' ');
const NAMES = ['Li Wei', 'Anna Kowalska', 'Zhang Min', 'Tomas Novak', 'Sofia Rossi'];
let seed = 20260101, seq = 0;

function random(below) { // Lehmer
    seed = seed * 48271 % 2147483647;
    return seed % below;
}

function hex(digits) {
    return Array.from({length: digits}, () => random(16).toString(16)).join('');
}

function said() {
    if (random(5) < 3) {
        return SHORT[random(SHORT.length)];
    }
    return Array.from({length: 3 + random(10)}, () => WORDS[random(WORDS.length)]).join(' ');
}

const room = hex(24);

function chat() {
    const who = String(random(10000)).padStart(6, '0');
    return JSON.stringify({type: 'chat.message', room, seq: seq++, ts: Date.now() * 1000,
        id: `${hex(8)}-${hex(4)}-4${hex(3)}-${hex(4)}-${hex(12)}`,
        from: {uid: `stu_${who}`, name: NAMES[random(NAMES.length)], role: 'student',
            avatar: `https://cdn.example.com/avatars/${who}.png`},
        content: {format: 'text', text: said()}});
}

function point() {
    return JSON.stringify({type: 'whiteboard.draw', room, seq: seq++, ts: Date.now() * 1000, page: 1, stroke: 's00012',
        op: seq % 45 ? 'move' : 'begin', tool: 'pen', color: '#ff0000', width: 3,
        points: [{x: 400 + random(100000) / 100, y: 300 + random(30000) / 100, p: 0.5}], uid: 'teacher_0001'});
}

const [first, second, third] = process.argv.slice(2);
const equal = first === '--frames' ? Buffer.alloc(Number(second), 'x') : null;
const kinds = equal ? [{make: () => equal, rate: Number(third)}]
    : [{make: chat, rate: Number(first)}, {make: point, rate: Number(second)}];
const sent = {frames: 0, bytes: 0};

const server = new ws.WebSocketServer({port: 0, host: '127.0.0.1', perMessageDeflate: false, path: '/room'},
    () => console.log(`ready ${server.address().port}`));

function send(message) {
    server.clients.forEach(socket => socket.send(message));
    sent.frames += server.clients.size;
    sent.bytes += server.clients.size * Buffer.byteLength(message);
}

process.on('SIGUSR2', () => {
    const began = Date.now();
    kinds.forEach(kind => { kind.done = 0; });
    setInterval(() => kinds.forEach(kind => {
        const due = (Date.now() - began) / 1000 * kind.rate;
        for (; kind.done < due; kind.done++) {
            send(kind.make());
        }
    }), TICK_MS);
});
process.on('SIGUSR1', () => console.log(JSON.stringify(sent)));
