// The `ws` package as a server of our client, which echoes.
//     node ws_server.js PROGRAM              all cases, plain
//     node ws_server.js PROGRAM CERT KEY     a few over TLS
'use strict';

const {spawn} = require('child_process');
const fs = require('fs');
const http = require('http');
const https = require('https');
const {WebSocketServer} = require('ws');
const {BINARY, TEXT, PING, frame, noise, code, messages, faults, closes, run, must} = require('./ws_cases.js');

const [program, cert, key] = process.argv.slice(2);
const cases = [];

const happens = (emitter, name) => new Promise(resolve => emitter.once(name, (...all) => resolve(all)));

// Starts the client; what it printed, when it has ended.
function client(target, ...more) {
    const secure = cert ? [`ca=${cert}`] : [];
    const child = spawn(program, ['connect', 'localhost', String(server.address().port), target, ...secure, ...more]);
    child.text = '';
    child.stdout.on('data', data => { child.text += data; });
    child.stderr.on('data', data => { child.text += data; });
    child.ended = happens(child, 'close').then(() => child.text.trim().split('\n'));
    return child;
}

const server = cert ? https.createServer({cert: fs.readFileSync(cert), key: fs.readFileSync(key)})
                    : http.createServer();
const sockets = new WebSocketServer({server, perMessageDeflate: true, path: '/ok', maxPayload: 1 << 20,
    handleProtocols: protocols => protocols.has('room.1') ? 'room.1' : false});
server.on('request', (request, response) => response.writeHead(200).end('a page'));

// The client's side of one connection: the socket, and its output at the end.
async function visit(...more) {
    const connection = happens(sockets, 'connection');
    const child = client('/ok', ...more);
    const [ws] = await Promise.race([connection, child.ended.then(lines => { throw new Error(lines.join('; ')); })]);
    ws.on('error', () => {});
    return [ws, child];
}

async function endsWith(child, ...expected) {
    const lines = await child.ended;
    must(lines.join('; ') === ['opened', ...expected].join('; '), lines.join('; '));
}

cases.push(['all messages come back on one connection', async () => {
    const [ws, child] = await visit();
    must(ws.extensions === '' && ws.protocol === '', 'an extension or protocol');
    for (const [name, parts, text] of messages) {
        const answer = happens(ws, 'message');
        parts.forEach((part, at) => ws.send(part, {binary: !text, fin: at === parts.length - 1}));
        const [data, binary] = await answer;
        must(binary === !text && Buffer.concat(parts).equals(data), name);
    }
    ws.close(1000);
    await endsWith(child, 'closed PEER_CLOSED 1000');
}]);
cases.push(['pings are answered', async () => {
    const [ws, child] = await visit();
    for (const size of [0, 1, 125]) {
        const answer = happens(ws, 'pong');
        ws.ping(noise(size));
        must(noise(size).equals((await answer)[0]), 'another payload');
    }
    ws.close();
    await endsWith(child, 'closed PEER_CLOSED 1005');
}]);
for (const number of closes) {
    cases.push([`the server closes with ${number}`, async () => {
        const [ws, child] = await visit();
        const end = happens(ws, 'close');
        ws.close(number, 'because');
        must((await end)[0] === number, 'answered with another code');
        await endsWith(child, `closed PEER_CLOSED ${number}`);
    }]);
}
for (const number of [1000, 1001, 3000, 4999]) {
    cases.push([`the client closes with ${number}`, async () => {
        const [ws, child] = await visit();
        const end = happens(ws, 'close');
        ws.send(`please close ${number}`);
        must((await end)[0] === number, 'closed with another code');
        await endsWith(child, `closed OK ${number}`);
    }]);
}
const errors = {1002: 'PROTOCOL', 1007: 'BAD_DATA', 1009: 'TOO_LARGE'};
for (const [name, frames, expected] of faults) {
    cases.push([name, async () => {
        const [ws, child] = await visit();
        const end = happens(ws, 'close');
        frames.forEach(([first, payload, length]) => ws._socket.write(frame(first, payload, false, length)));
        const [got] = await end;
        must(got === expected, `${got}`);
        await endsWith(child, `closed ${errors[expected]} 0`);
    }]);
}
for (const first of [TEXT, BINARY, PING]) {
    cases.push([`a masked frame ${first}`, async () => {
        const [ws, child] = await visit();
        const end = happens(ws, 'close');
        ws._socket.write(frame(first, Buffer.from('x'), true));
        must((await end)[0] === 1002, 'another code');
        await endsWith(child, 'closed PROTOCOL 0');
    }]);
}
cases.push(['the connection is cut', async () => {
    const [ws, child] = await visit();
    ws.terminate();
    await endsWith(child, 'closed DISCONNECTED 0');
}]);
cases.push(['a protocol is agreed on', async () => {
    const [ws, child] = await visit('protocol=room.1');
    must(ws.protocol === 'room.1', ws.protocol);
    ws.close(1000);
    await endsWith(child, 'closed PEER_CLOSED 1000');
}]);
for (const [name, target, more, expected] of [
    ['a protocol the server does not know', '/ok', ['protocol=room.2'], 'closed PROTOCOL 101'],
    ['no such path', '/nowhere', [], 'closed PROTOCOL 400'],
]) {
    cases.push([name, async () => {
        const lines = await client(target, ...more).ended;
        must(lines.join('; ') === expected, lines.join('; '));
    }]);
}

const secure = cases.filter(([name]) => /all messages|pings|closes with|cut|agreed/.test(name));
server.listen(0, 'localhost', async () => {
    const failures = await run(cert ? secure : cases);
    process.exit(failures === 0 ? 0 : 1);
});
