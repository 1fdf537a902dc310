// Files of spec/mail.md: what they carry, how they are sealed, and what a turn
// may say that comes in them.
import { readHello, readTurn, signedHello } from './contact.mjs';
import { hpkeOpen } from './envelope.mjs';
import { refuse } from './faults.mjs';
import * as o from './octets.mjs';
import { Signature } from './party.mjs';
import { pairVerify } from './suites.mjs';

const part = 512000;
const longest = 4456448; // of a turn (CON-6)
const most = 4096000n; // of what is asked for at a time
const far = 2n ** 62n;
const steps = [32768, 131072, 524288];

const beginning = (name) => [['tag', o.tag(name)], ['suite', o.only(o.u8, 1)], ['realm', o.u8], ['writer', o.fixed(32)], ['reader', o.fixed(32)]];
const Range = o.struct(['sealed', o.fixed(32)], ['from', o.u64], ['to', o.u64]);

const layouts = {
  'parley mail v1': [['turn', o.fixed(32)], ['size', o.u32], ['from', o.u32], ['part', o.opaque(part)]],
  'parley piece v1': [['sealed', o.fixed(32)], ['from', o.u64], ['piece', o.opaque(part)]],
  'parley wanted v1': [['time', o.time], ['ranges', o.list(Range, 16)]],
};

// bounds say what of a layout is as MAIL-1, MAIL-19 and MAIL-20 have it.
const bounds = {
  'parley mail v1': (c) => c.size > 0 && c.size <= longest && c.from % part === 0 && c.from < c.size && c.part.length === Math.min(part, c.size - c.from),
  'parley piece v1': (p) => p.piece.length > 0 && p.from <= far,
  'parley wanted v1': (q) => q.time < o.timeLimit && q.ranges.length > 0 && q.ranges.every((r) => r.from < r.to && r.to <= far)
    && q.ranges.reduce((sum, r) => sum + r.to - r.from, 0n) <= most,
};

function reader(name) {
  const fields = [...beginning(name), ...layouts[name]];
  const Signed = o.struct(...fields);
  const Item = o.struct(...fields, ['signature', Signature]);
  return (bytes) => {
    const item = o.decode(Item, bytes);
    if ((item.realm !== 1 && item.realm !== 2) || !bounds[name](item)) refuse('mail.chunk');
    return { ...item, signed: o.encode(Signed, item) };
  };
}

export const readChunk = reader('parley mail v1');
export const readPiece = reader('parley piece v1');
export const readWanted = reader('parley wanted v1');

// checkItem holds what a file carries against one direction of a link: its
// realm, who writes to whom, and the writer's keys (MAIL-4).
export function checkItem(item, line) {
  if (item.realm !== line.realm) refuse('contact.realm');
  if (!item.writer.equals(line.from) || !item.reader.equals(line.to)) refuse('contact.peer');
  if (!line.keys.some((key) => pairVerify(key, item.signed, item.signature))) refuse('mail.signature');
}

// readItem tells by the tag what it is.
function readItem(bytes) {
  const begins = (name) => bytes.subarray(0, name.length + 1).equals(Buffer.from(`${name}\n`));
  if (begins('parley piece v1')) return readPiece(bytes);
  if (begins('parley wanted v1')) return readWanted(bytes);
  return readChunk(bytes);
}

// openFile gives the bytes of what is sealed, which can be read (MAIL-2 to MAIL-4).
export function openFile(file, secret) {
  if (!steps.includes(file.length - 1136)) refuse('mail.foreign');
  const plain = hpkeOpen(secret, file.subarray(0, 1120), Buffer.from('parley mail v1\n'), file.subarray(1120));
  if (!plain) refuse('mail.foreign');
  const length = plain.readUInt32BE(0);
  if (steps.find((s) => 4 + length <= s) !== plain.length || plain.subarray(4 + length).some((b) => b !== 0)) refuse('mail.chunk');
  const bytes = plain.subarray(4, 4 + length);
  return { bytes, item: readItem(bytes) };
}

// readMailed reads a turn that came whole over a line, and meets its hello as the
// first of its sender (MAIL-6, MAIL-26, LNK-27).
export function readMailed(bytes, line) {
  const turn = readTurn(bytes);
  if (turn.realm !== line.realm) refuse('contact.realm');
  if (!turn.from.equals(line.from)) refuse('contact.peer');
  if (turn.hello.length === 0 || turn.outcome) refuse('contact.turn');
  const hello = readHello(turn.hello);
  const restoring = hello.state === 1;
  if (turn.logs.some((l) => l.want) && (turn.push || !restoring)) refuse('contact.turn');
  if (hello.realm !== line.realm) refuse('contact.realm');
  if (!hello.writer.equals(line.from) || !hello.reader.equals(line.to)) refuse('contact.peer');
  if (!line.keys.some((key) => signedHello(hello, key))) refuse('contact.hello');
  return { turn, hello };
}
