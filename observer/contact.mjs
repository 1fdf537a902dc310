// Hello and turn of spec/contact.md.
import { refuse } from './faults.mjs';
import * as o from './octets.mjs';
import { Signature } from './party.mjs';
import { Size } from './statement.mjs';
import { pairVerify, sha256 } from './suites.mjs';

export const Sized = o.struct(['size', Size], ['root', o.fixed(32)]);

const hello = [
  ['tag', o.tag('parley hello v1')],
  ['suite', o.only(o.u8, 1)],
  ['realm', o.u8],
  ['writer', o.fixed(32)],
  ['reader', o.fixed(32)],
  ['time', o.time],
  ['nonce', o.fixed(16)],
  ['answers', o.fixed(16)],
  ['own', o.array(Sized, 3)],
  ['shown', o.array(Sized, 3)],
  ['stored', o.array(Size, 3)],
  ['card', o.array(Size, 2)],
  ['rules', o.list(o.u16, 64)],
  ['store', o.fixed(16)],
  ['start', o.u64],
  ['process', o.fixed(16)],
  ['carriers', o.list(o.line(32), 8)],
  ['state', o.u8],
  ['software', o.line(64)],
  ['config', o.fixed(32)],
];
const HelloSigned = o.struct(...hello);
const Hello = o.struct(...hello, ['signature', Signature]);

// readHello is CON-1 and CON-2 without the signature.
export function readHello(bytes) {
  const h = o.decode(Hello, bytes);
  if ((h.realm !== 1 && h.realm !== 2) || h.state > 3 || h.time >= o.timeLimit) refuse('contact.hello');
  return h;
}

// signedHello says whether a hello that was read is signed by one key.
export const signedHello = (h, key) => pairVerify(key, o.encode(HelloSigned, h), h.signature);

// verifyHello is CON-1 and CON-2, by one key.
export function verifyHello(bytes, key) {
  const h = readHello(bytes);
  if (!signedHello(h, key)) refuse('contact.hello');
  return h;
}

// nonceOf is CON-20.
export const nonceOf = (h) => sha256('parley nonce v1\n', o.encode(HelloSigned, { ...h, nonce: Buffer.alloc(16) })).subarray(0, 16);

const Outcome = o.struct(['channel', o.u8], ['code', o.line(64)], ['need', Size]);
const Entry = o.struct(['leaf', o.opaque(65536)], ['blob', o.opaque(4194304)]);
const Push = o.struct(
  ['origin', o.line(128)],
  ['channel', o.u8],
  ['own', o.flag],
  ['from', o.u64],
  ['entries', o.list(Entry, 1024)],
  ['head', o.lines(16384)],
  ['cosign', o.lines(16384)],
  ['cosigns', o.u64],
);
const Wanted = o.struct(['stored', Size], ['want', o.flag], ['lost', o.u64]);
const Turn = o.struct(
  ['tag', o.tag('parley turn v1')],
  ['realm', o.u8],
  ['from', o.fixed(32)],
  ['hello', o.opaque(16384)],
  ['logs', o.array(Wanted, 3)],
  ['outcome', o.option(Outcome)],
  ['push', o.option(Push)],
);

export const turnLimit = 4456448;

// readTurn is CON-6 and CON-7.
export function readTurn(bytes) {
  if (bytes.length > turnLimit) refuse('contact.too-large');
  const t = o.decode(Turn, bytes);
  for (const part of [t.outcome, t.push]) {
    if (part && (part.channel < 1 || part.channel > 3)) refuse('contact.turn');
  }
  return t;
}

const Writing = o.struct(
  ['tag', o.tag('parley writing v1')],
  ['realm', o.u8],
  ['from', o.fixed(32)],
  ['own', o.flag],
  ['position', o.u64],
);

// readWriting is CON-22.
export function readWriting(bytes) {
  const w = o.decode(Writing, bytes);
  if (w.realm !== 1 && w.realm !== 2) refuse('contact.turn');
  return w;
}
