// Chunks and files of spec/mail.md.
import { hpkeOpen } from './envelope.mjs';
import { refuse } from './faults.mjs';
import * as o from './octets.mjs';
import { Signature } from './party.mjs';
import { pairVerify } from './suites.mjs';

const part = 512000;
const longest = 4456448; // of a turn (CON-6)
const steps = [32768, 131072, 524288];

const chunk = [
  ['tag', o.tag('parley mail v1')],
  ['suite', o.only(o.u8, 1)],
  ['realm', o.u8],
  ['writer', o.fixed(32)],
  ['reader', o.fixed(32)],
  ['turn', o.fixed(32)],
  ['size', o.u32],
  ['from', o.u32],
  ['part', o.opaque(part)],
];
const ChunkSigned = o.struct(...chunk);
const Chunk = o.struct(...chunk, ['signature', Signature]);

// readChunk is MAIL-1 and the bounds of MAIL-4, without the signature.
export function readChunk(bytes) {
  const c = o.decode(Chunk, bytes);
  const bad = (c.realm !== 1 && c.realm !== 2) || c.size === 0 || c.size > longest || c.from % part !== 0 || c.from >= c.size
    || c.part.length !== Math.min(part, c.size - c.from);
  if (bad) refuse('mail.chunk');
  return c;
}

// verifyChunk is MAIL-1 and MAIL-4, by one key.
export function verifyChunk(bytes, key) {
  const c = readChunk(bytes);
  if (!pairVerify(key, o.encode(ChunkSigned, c), c.signature)) refuse('mail.signature');
  return c;
}

// openFile is MAIL-2 to MAIL-4.
export function openFile(file, secret) {
  if (!steps.includes(file.length - 1136)) refuse('mail.foreign');
  const plain = hpkeOpen(secret, file.subarray(0, 1120), Buffer.from('parley mail v1\n'), file.subarray(1120));
  if (!plain) refuse('mail.foreign');
  const length = plain.readUInt32BE(0);
  if (steps.find((s) => 4 + length <= s) !== plain.length || plain.subarray(4 + length).some((b) => b !== 0)) refuse('mail.chunk');
  return readChunk(plain.subarray(4, 4 + length));
}
