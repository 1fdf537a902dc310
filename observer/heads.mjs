// Signed heads and cosignatures of spec/ledger.md (LED-27 to LED-35): C2SP
// checkpoints, signed notes and cosignatures.
import { refuse } from './faults.mjs';
import { ed25519Verify, sha256 } from './suites.mjs';
import { mldsa44Verify } from './postquantum.mjs';

export const headLimit = 16384;

const u64 = (v) => {
  const b = Buffer.alloc(8);
  b.writeBigUInt64BE(v);
  return b;
};

// base64 gives the bytes of a text that is written exactly so, or null.
function base64(s) {
  const b = Buffer.from(s, 'base64');
  return b.toString('base64') === s ? b : null;
}

// readHead takes the text before the signatures apart (LED-27, LED-31).
export function readHead(text) {
  const m = /^([^\n]+)\n(0|[1-9][0-9]*)\n([A-Za-z0-9+/=]+)\n$/.exec(text);
  const root = m && base64(m[3]);
  if (!root || root.length !== 32) refuse('head.malformed');
  const size = BigInt(m[2]);
  if (size >= 1n << 64n) refuse('head.malformed', 'a size beyond 2^64');
  return { origin: m[1], size, root, text };
}

export const byteString = (signed) => Buffer.from(signed).toString('latin1');

// splitNote gives the text and the signature lines of a signed note, which
// came as a string or as bytes. Both are strings of bytes: what is no UTF-8 is
// only not the line that is expected.
export function splitNote(signed) {
  const note = byteString(signed);
  const at = note.indexOf('\n\n');
  if (at < 0) return { text: `${note}\n`, signatures: '' };
  return { text: note.slice(0, at + 1), signatures: note.slice(at + 2) };
}

const keyHash = (name, type, key) => sha256(name, '\n', Buffer.of(type), key).subarray(0, 4);

// signatureLines gives what is behind the key hash in each line, if the lines
// are exactly those of the given keys, in this order (LED-29, LED-30).
function signatureLines(signatures, name, keys) {
  const lines = signatures.split('\n');
  if (lines.pop() !== '' || lines.length !== keys.length) refuse('head.unsigned');
  return lines.map((line, i) => {
    const { type, key, length } = keys[i];
    const prefix = Buffer.from(`— ${name} `).toString('latin1');
    const bytes = line.startsWith(prefix) ? base64(line.slice(prefix.length)) : null;
    if (!bytes || bytes.length !== 4 + length || !bytes.subarray(0, 4).equals(keyHash(name, type, key))) refuse('head.unsigned');
    return bytes.subarray(4);
  });
}

// cosignedMessage is what ML-DSA-44 signs (c2sp.org/tlog-cosignature).
function cosignedMessage(cosigner, time, head) {
  const short = (s) => Buffer.concat([Buffer.of(Buffer.byteLength(s)), Buffer.from(s)]);
  return Buffer.concat([Buffer.from('subtree/v1\n\0'), short(cosigner), u64(time), short(head.origin), u64(0n), u64(head.size), head.root]);
}

// verifyHead checks a signed head of an origin line under one key.
export function verifyHead(note, origin, key) {
  const { text, signatures } = splitNote(note);
  const head = readHead(text);
  if (head.origin !== origin) refuse('head.origin');
  const [first, second] = signatureLines(signatures, origin, [
    { type: 1, key: key.ed25519, length: 64 },
    { type: 6, key: key.mldsa44, length: 8 + 2420 },
  ]);
  if (!second.subarray(0, 8).equals(u64(0n))) refuse('head.malformed', 'a timestamp');
  const good = ed25519Verify(key.ed25519, Buffer.from(text, 'latin1'), first)
    && mldsa44Verify(key.mldsa44, cosignedMessage(origin, 0n, head), second.subarray(8));
  if (!good) refuse('head.signature');
  return head;
}

// verifyCosignature checks the cosigner's two lines over the text of a head,
// both as splitNote gives them.
export function verifyCosignature(text, signatures, name, key) {
  const head = readHead(text);
  const [first, second] = signatureLines(signatures, name, [
    { type: 4, key: key.ed25519, length: 8 + 64 },
    { type: 6, key: key.mldsa44, length: 8 + 2420 },
  ]);
  const time = first.readBigUInt64BE(0);
  if (second.readBigUInt64BE(0) !== time || time >= 1n << 63n) refuse('head.signature', 'times');
  const message = Buffer.from(`cosignature/v1\ntime ${time}\n${text}`, 'latin1');
  const good = ed25519Verify(key.ed25519, message, first.subarray(8))
    && mldsa44Verify(key.mldsa44, cosignedMessage(name, time, head), second.subarray(8));
  if (!good) refuse('head.signature');
  return { head, time };
}
