// Frames and messages that both directions of ws.py are tried with, as tables. What `bytes` rows
// send stands in the clear here; a client masks it.
'use strict';

const LIMIT = 100000;

const TEXT = 0x81, BINARY = 0x82, CLOSE = 0x88, PING = 0x89, PONG = 0x8a, MORE = 0x80;

function frame(first, payload, masked, length) {
    const size = payload.length;
    const form = length || (size < 126 ? 'short' : size < 65536 ? 'two' : 'eight');
    const bits = masked ? 0x80 : 0;
    let head;
    if (form === 'short') {
        head = Buffer.from([first, bits | size]);
    } else if (form === 'two') {
        head = Buffer.from([first, bits | 126, size >> 8, size & 255]);
    } else {
        head = Buffer.alloc(10);
        head[0] = first;
        head[1] = bits | 127;
        head.writeBigUInt64BE(BigInt(form === 'huge' ? '0x7fffffffffffffff' : size), 2);
    }
    if (!masked) {
        return Buffer.concat([head, payload]);
    }
    const mask = Buffer.from([0x12, 0xab, 0x00, 0xfe]);
    return Buffer.concat([head, mask, payload.map((byte, at) => byte ^ mask[at % 4])]);
}

const letters = size => 'gr\u00fc\u00df'.repeat(Math.ceil(size / 6)).slice(0, size);
const noise = size => Buffer.alloc(size).map((_, at) => at * 31 + (at >> 8));
const hex = text => Buffer.from(text.replace(/ /g, ''), 'hex');
const code = (number, reason = Buffer.alloc(0)) =>
    Buffer.concat([Buffer.from([number >> 8, number & 255]), Buffer.from(reason)]);

// Messages that come back as they went: [name, [fragments], text].
const messages = [];
for (const size of [0, 1, 125, 126, 127, 1000, 65535, 65536, 65537, LIMIT]) {
    messages.push([`binary ${size}`, [noise(size)], false]);
    messages.push([`text ${size}`, [Buffer.from('x'.repeat(size))], true]);
}
messages.push(['text of two-byte letters', [Buffer.from(letters(3000))], true]);
messages.push(['text of all kinds of letters', [Buffer.from('a\u00fc\u20ac\u{1f393}\u{10ffff}\ufffd')], true]);
for (const [name, cuts] of [['two', [5]], ['three', [1, 2]], ['empty first', [0]], ['empty last', [26]],
    ['all empty but one', [0, 0, 26, 26]], ['one byte each', Array.from({length: 25}, (_, at) => at + 1)]]) {
    const whole = Buffer.from('abcdefghijklmnopqrstuvwxyz');
    const parts = [0, ...cuts].map((from, at) => whole.subarray(from, cuts[at] ?? whole.length));
    messages.push([`fragments: ${name}`, parts, true]);
    messages.push([`binary fragments: ${name}`, parts, false]);
}
messages.push(['fragments up to the limit', [noise(60000), noise(LIMIT - 60000)], false]);
const euro = Buffer.from('\u20ac\u{1f393}\u00fc');
messages.push(['letters cut by fragments', Array.from(euro, byte => Buffer.from([byte])), true]);

// Bytes that end the connection: [name, [[first byte, payload, length form]], close code].
const faults = [];
for (const [name, text] of [['a lone continuation byte', '80'], ['a byte that never stands', 'ff'],
    ['overlong slash', 'c0 af'], ['overlong euro', 'f0 82 82 ac'], ['a surrogate', 'ed a0 80'],
    ['past the last letter', 'f4 90 80 80'], ['five bytes', 'f8 88 80 80 80'], ['cut short', 'e2 82'],
    ['bad in the middle', '61 62 c3 28 63'], ['the last byte missing', 'f0 9f 8e']]) {
    faults.push([`UTF-8: ${name}`, [[TEXT, hex(text)]], 1007]);
    faults.push([`UTF-8 in a reason: ${name}`, [[CLOSE, code(1000, hex(text))]], 1007]);
}
faults.push(['UTF-8 broken between fragments', [[0x01, hex('e2 82')], [MORE, hex('28')]], 1007]);
faults.push(['UTF-8 broken between three', [[0x01, hex('f0')], [0x00, hex('9f')], [MORE, hex('61')]], 1007]);
faults.push(['UTF-8 cut at the last fragment', [[0x01, hex('e2')], [MORE, hex('82')]], 1007]);
for (const number of [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535]) {
    faults.push([`close code ${number}`, [[CLOSE, code(number)]], 1002]);
}
faults.push(['close with half a code', [[CLOSE, hex('03')]], 1002]);
for (const bit of [0x40, 0x20, 0x10]) {
    for (const [name, first] of [['text', TEXT], ['binary', BINARY], ['ping', PING], ['close', CLOSE]]) {
        faults.push([`reserved bit ${bit} of ${name}`, [[first | bit, Buffer.alloc(0)]], 1002]);
    }
}
for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
    faults.push([`opcode ${opcode}`, [[0x80 | opcode, Buffer.alloc(0)]], 1002]);
}
faults.push(['ping in fragments', [[0x09, hex('61')]], 1002]);
faults.push(['close in fragments', [[0x08, code(1000)]], 1002]);
faults.push(['ping of 126 bytes', [[PING, noise(126)]], 1002]);
faults.push(['close of 126 bytes', [[CLOSE, code(1000, 'x'.repeat(124))]], 1002]);
faults.push(['nothing to continue', [[MORE, hex('61')]], 1002]);
faults.push(['nothing to continue any more', [[0x01, hex('61')], [MORE, hex('62')], [MORE, hex('63')]], 1002]);
faults.push(['a message within a message', [[0x01, hex('61')], [TEXT, hex('62')]], 1002]);
faults.push(['a fragment within a message', [[0x02, hex('61')], [0x02, hex('62')]], 1002]);
faults.push(['a length longer than it needs, 2', [[BINARY, noise(125), 'two']], 1002]);
faults.push(['a length longer than it needs, 8', [[BINARY, noise(65535), 'eight']], 1002]);
faults.push(['a byte above the limit', [[BINARY, noise(LIMIT + 1)]], 1009]);
faults.push(['a length nobody has', [[BINARY, Buffer.alloc(0), 'huge']], 1009]);
faults.push(['fragments above the limit', [[0x02, noise(60000)], [MORE, noise(40001)]], 1009]);

const closes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];

// One case after the other; the failures, by name.
async function run(cases) {
    const failed = [];
    for (const [name, body] of cases) {
        let timer;
        const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error('late')), 10000); });
        try {
            await Promise.race([body(), late]);
        } catch (error) {
            failed.push(`${name}: ${error.message}`);
        }
        clearTimeout(timer);
    }
    failed.forEach(line => console.log(`failed ${line}`));
    console.log(`ran ${cases.length}, failed ${failed.length}`);
    return failed.length;
}

function must(condition, what) {
    if (!condition) {
        throw new Error(what);
    }
}

module.exports = {LIMIT, TEXT, BINARY, CLOSE, PING, PONG, frame, noise, hex, code, messages, faults, closes, run, must};
