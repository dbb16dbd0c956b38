// The `ws` package, and frames made by hand, as clients of our server.
//     node ws_client.js PORT             all cases, plain
//     node ws_client.js PORT CA          a few over TLS, this file being trusted
'use strict';

const fs = require('fs');
const net = require('net');
const WebSocket = require('ws');
const {LIMIT, TEXT, BINARY, CLOSE, PING, frame, noise, hex, code, messages, faults, closes, run, must} =
    require('./ws_cases.js');

const [port, ca] = [Number(process.argv[2]), process.argv[3]];
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const cases = [];

// ---- the package ----

function connect(path, protocols, options) {
    const url = `${ca ? 'wss' : 'ws'}://localhost:${port}${path}`;
    return new WebSocket(url, protocols || [], {perMessageDeflate: false, ...options,
        ca: ca && fs.readFileSync(ca)});
}

const happens = (emitter, name) => new Promise((resolve, reject) => {
    emitter.once(name, (...all) => resolve(all));
    if (name !== 'error') {
        emitter.once('error', reject);
    }
});

async function opened(path, protocols, options) {
    const ws = connect(path, protocols, options);
    await happens(ws, 'open');
    return ws;
}

async function comesBack(ws, parts, text) {
    const whole = Buffer.concat(parts);
    const answer = happens(ws, 'message');
    parts.forEach((part, at) => ws.send(part, {binary: !text, fin: at === parts.length - 1}));
    const [data, binary] = await answer;
    must(binary === !text, 'another type');
    must(whole.equals(data), `${data.length} bytes, others than the ${whole.length}`);
}

async function closedWith(ws, ...close) {
    const end = happens(ws, 'close');
    ws.close(...close);
    return (await end)[0];
}

for (const [name, parts, text] of messages) {
    cases.push([name, async () => {
        const ws = await opened('/echo');
        await comesBack(ws, parts, text);
        must(await closedWith(ws, 1000) === 1000, 'another close code');
    }]);
}
for (const number of closes) {
    cases.push([`close ${number}`, async () => {
        const ws = await opened('/echo');
        const got = await closedWith(ws, number, 'because');
        must(got === number, `answered with ${got}`);
    }]);
}
cases.push(['close without a code', async () => {
    must(await closedWith(await opened('/echo')) === 1005, 'a code came back');
}]);
for (const size of [0, 1, 125]) {
    cases.push([`ping of ${size}`, async () => {
        const ws = await opened('/echo');
        const answer = happens(ws, 'pong');
        ws.ping(noise(size));
        must(noise(size).equals((await answer)[0]), 'another payload');
        ws.terminate();
    }]);
}
cases.push(['pings and pongs between fragments', async () => {
    const ws = await opened('/echo');
    const answer = happens(ws, 'message');
    ws.send('one ', {fin: false});
    ws.ping('a');
    ws.pong('nobody asked');
    ws.send('two ', {fin: false});
    ws.ping('b');
    ws.send('three', {fin: true});
    must((await answer)[0].toString() === 'one two three', 'another message');
    ws.terminate();
}]);
cases.push(['a hundred messages at once, in order', async () => {
    const ws = await opened('/echo');
    const got = [];
    const all = new Promise(resolve => ws.on('message', data => {
        got.push(data.toString());
        if (got.length === 100) {
            resolve();
        }
    }));
    for (let i = 0; i < 100; i++) {
        ws.send(`message ${i}`);
    }
    await all;
    must(got.every((text, i) => text === `message ${i}`), 'out of order');
    ws.terminate();
}]);
cases.push(['compression is not agreed on', async () => {
    const ws = await opened('/echo', [], {perMessageDeflate: true});
    must(ws.extensions === '', ws.extensions);
    await comesBack(ws, [Buffer.from('hello')], true);
    ws.terminate();
}]);
for (const [name, path, protocols, expected] of [
    ['none asked, none given', '/echo', [], ''],
    ['the only one', '/room', ['room.1'], 'room.1'],
    ['one of three', '/room', ['a', 'room.1', 'b'], 'room.1']]) {
    cases.push([`protocol: ${name}`, async () => {
        const ws = await opened(path, protocols);
        must(ws.protocol === expected, ws.protocol);
        ws.terminate();
    }]);
}
for (const [path, protocols, status] of [['/denied', [], 403], ['/busy', [], 503], ['/nowhere', [], 404],
    ['/room', [], 400], ['/room', ['room.2'], 400]]) {
    cases.push([`refused with ${status}: ${path} ${protocols}`, async () => {
        const [, answer] = await happens(connect(path, protocols), 'unexpected-response');
        must(answer.statusCode === status, `${answer.statusCode}`);
        answer.resume();
    }]);
}

// ---- by hand ----

const byPackage = cases.length;

function rawConnect(head) {
    const socket = net.connect(port, '127.0.0.1');
    socket.bytes = Buffer.alloc(0);
    socket.on('data', data => { socket.bytes = Buffer.concat([socket.bytes, data]); });
    socket.on('error', () => {});
    socket.write(head);
    return socket;
}

async function until(socket, condition) {
    while (!condition()) {
        must(!socket.readableEnded && !socket.destroyed, `ended with ${socket.bytes.toString('hex').slice(0, 60)}`);
        await Promise.race([happens(socket, 'data'), happens(socket, 'close'), happens(socket, 'end')]);
    }
}

const request = (...lines) => ['GET /echo HTTP/1.1', 'Host: localhost', ...lines, '', ''].join('\r\n');
const handshake = request('Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${KEY}`);

async function rawOpen() {
    const socket = rawConnect(handshake);
    await until(socket, () => socket.bytes.includes('\r\n\r\n'));
    must(socket.bytes.includes('101 ') && socket.bytes.includes('s3pPLMBiTxaQ9kYGzzhZRbK+xOo='), 'no handshake');
    socket.bytes = Buffer.alloc(0);
    return socket;
}

// The server says why, and ends the connection.
async function failsWith(socket, expected) {
    const end = happens(socket, 'close');
    await until(socket, () => socket.bytes.length >= 4 && socket.bytes.at(-4) === CLOSE);
    const got = socket.bytes.readUInt16BE(socket.bytes.length - 2);
    must(got === expected, `${got}`);
    socket.end();
    await end;
}

for (const [name, frames, expected] of faults) {
    cases.push([name, async () => {
        const socket = await rawOpen();
        frames.forEach(([first, payload, length]) => socket.write(frame(first, payload, true, length)));
        await failsWith(socket, expected);
    }]);
}
for (const [name, first] of [['text', TEXT], ['binary', BINARY], ['ping', PING], ['close', CLOSE]]) {
    cases.push([`unmasked ${name}`, async () => {
        const socket = await rawOpen();
        socket.write(frame(first, Buffer.alloc(0), false));
        await failsWith(socket, 1002);
    }]);
}
cases.push(['a text that breaks off is judged before it is whole', async () => {
    const socket = await rawOpen();
    socket.write(frame(0x01, hex('61 ff'), true));
    await failsWith(socket, 1007);
}]);
cases.push(['byte by byte', async () => {
    const socket = await rawOpen();
    socket.setNoDelay(true);
    for (const byte of frame(TEXT, Buffer.from('slowly'), true)) {
        socket.write(Buffer.from([byte]));
        await new Promise(setImmediate);
    }
    await until(socket, () => socket.bytes.length >= 8);
    must(socket.bytes.equals(frame(TEXT, Buffer.from('slowly'), false)), 'another message');
    socket.destroy();
}]);
cases.push(['a message with the request', async () => {
    const socket = rawConnect(Buffer.concat([Buffer.from(handshake), frame(TEXT, Buffer.from('hasty'), true)]));
    await until(socket, () => socket.bytes.includes('hasty'));
    socket.destroy();
}]);
cases.push(['a close with the request', async () => {
    const socket = rawConnect(Buffer.concat([Buffer.from(handshake), frame(CLOSE, code(1001), true)]));
    await until(socket, () => socket.bytes.includes(frame(CLOSE, code(1001), false)));
    socket.end();
}]);
cases.push(['nothing is answered after a close', async () => {
    const socket = await rawOpen();
    socket.write(Buffer.concat([frame(CLOSE, code(1000), true), frame(TEXT, Buffer.from('too late'), true)]));
    await until(socket, () => socket.bytes.length >= 4);
    socket.end();
    await happens(socket, 'close');
    must(socket.bytes.equals(frame(CLOSE, code(1000), false)), 'more than a close');
}]);
cases.push(['a flood of pings that reads nothing', async () => {
    const socket = await rawOpen();
    socket.pause();
    const flood = Buffer.concat(Array.from({length: 20000}, (_, at) => frame(PING, noise(125).fill(at), true)));
    socket.write(Buffer.concat([flood, frame(PING, Buffer.from('last'), true), frame(TEXT, Buffer.from('x'), true)]));
    const other = await opened('/echo'); // others are served meanwhile
    await comesBack(other, [Buffer.from('calm')], true);
    other.terminate();
    socket.resume();
    await until(socket, () => socket.bytes.includes('last') && socket.bytes.includes(frame(TEXT, Buffer.from('x'), false)));
    socket.destroy();
}]);
cases.push(['echoes that nobody reads end it', async () => {
    const socket = await rawOpen();
    socket.pause();
    const big = frame(BINARY, noise(LIMIT), true);
    for (let i = 0; i < 100 && !socket.destroyed; i++) {
        socket.write(big);
    }
    const end = happens(socket, 'close');
    await new Promise(resolve => setTimeout(resolve, 200));
    socket.resume();
    await until(socket, () => socket.bytes.subarray(-4).equals(frame(CLOSE, code(1013), false)));
    socket.write(frame(CLOSE, code(1013), true));
    await end;
}]);
for (const [name, head, status] of [
    ['version 8', handshake.replace(': 13', ': 8'), 426],
    ['no version', handshake.replace('Sec-WebSocket-Version: 13\r\n', ''), 426],
    ['no key', handshake.replace(`Sec-WebSocket-Key: ${KEY}\r\n`, ''), 400],
    ['a short key', handshake.replace(KEY, 'c2hvcnQ='), 400],
    ['a key that is none', handshake.replace(KEY, '!'.repeat(24)), 400],
    ['POST', handshake.replace('GET', 'POST'), 405],
    ['HTTP/1.0', handshake.replace('HTTP/1.1', 'HTTP/1.0'), 400],
    ['no Connection', handshake.replace('Connection: Upgrade\r\n', ''), 404],
    ['no Upgrade', handshake.replace('Upgrade: websocket\r\n', ''), 404],
    ['a folded header', handshake.replace('Upgrade: websocket', 'Upgrade:\r\n websocket'), 400],
    ['small letters', handshake.toLowerCase().replace('get /echo http', 'GET /echo HTTP').replace(KEY.toLowerCase(), KEY), 101],
    ['a list', handshake.replace('Connection: Upgrade', 'Connection: keep-alive, Upgrade'), 101]]) {
    cases.push([`handshake: ${name}`, async () => {
        const socket = rawConnect(head);
        await until(socket, () => socket.bytes.includes('\r\n\r\n'));
        const got = Number(socket.bytes.toString().split(' ')[1]);
        must(got === status, `${got}`);
        must(status !== 426 || socket.bytes.includes('Sec-WebSocket-Version: 13'), 'does not say which version');
        socket.destroy();
    }]);
}

run(ca ? cases.slice(0, byPackage) : cases).then(failures => process.exit(failures === 0 ? 0 : 1));
