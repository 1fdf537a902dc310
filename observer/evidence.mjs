// Forks, generations and compromises of spec/evidence.md.
import { refuse } from './faults.mjs';
import * as o from './octets.mjs';
import { Signature, zero32 } from './party.mjs';
import { pairVerify } from './suites.mjs';
import { emptyRoot, nodeHash } from './tree.mjs';
import { readHead, splitNote, verifyHead } from './heads.mjs';

const Fork = o.struct(
  ['tag', o.tag('parley fork v1')],
  ['a', o.lines(16384)],
  ['b', o.lines(16384)],
  ['nodes', o.list(o.fixed(32), 256)],
);

// rangeSizes are the complete subtrees from one size up to another (EVI-5).
function rangeSizes(from, to) {
  const out = [];
  for (let at = from; at < to;) {
    let width = at === 0n ? 1n << 62n : at & -at;
    while (at + width > to) width >>= 1n;
    out.push(width);
    at += width;
  }
  return out;
}

// rootOf gives the root over complete subtrees that follow one another.
function rootOf(widths, nodes) {
  const stack = [];
  widths.forEach((width, i) => {
    stack.push({ width, hash: nodes[i] });
    while (stack.length > 1 && stack[stack.length - 1].width === stack[stack.length - 2].width) {
      const right = stack.pop();
      const left = stack.pop();
      stack.push({ width: 2n * left.width, hash: nodeHash(left.hash, right.hash) });
    }
  });
  if (stack.length === 0) return emptyRoot;
  return stack.map((x) => x.hash).reduceRight((right, left) => nodeHash(left, right));
}

// verifyFork is EVI-2 to EVI-6, of one log under one key.
export function verifyFork(bytes, origin, key) {
  const fork = o.decode(Fork, bytes);
  return contradict(fork, verifyHead(fork.a, origin, key), verifyHead(fork.b, origin, key));
}

// verifyForkUnder is the same with heads that somebody else judges: headOf is
// given the origin line of the first, and each head.
export function verifyForkUnder(bytes, headOf) {
  const fork = o.decode(Fork, bytes);
  const line = readHead(splitNote(fork.a).text).origin;
  readHead(splitNote(fork.b).text);
  return contradict(fork, headOf(line, fork.a), headOf(line, fork.b));
}

function contradict(fork, a, b) {
  if (a.size > b.size || b.size > 1n << 62n) refuse('fork.unproved');
  if (a.size === b.size) {
    if (fork.nodes.length !== 0 || a.root.equals(b.root)) refuse('fork.unproved');
    return { a, b };
  }
  const left = rangeSizes(0n, a.size);
  const right = rangeSizes(a.size, b.size);
  if (fork.nodes.length !== left.length + right.length) refuse('fork.unproved');
  const smaller = rootOf(left, fork.nodes.slice(0, left.length));
  const larger = rootOf([...left, ...right], fork.nodes);
  if (!larger.equals(b.root) || smaller.equals(a.root)) refuse('fork.unproved');
  return { a, b };
}

const generationFields = [
  ['tag', o.tag('parley generation v1')],
  ['suite', o.only(o.u8, 1)],
  ['realm', o.u8],
  ['channel', o.u8],
  ['writer', o.fixed(32)],
  ['reader', o.fixed(32)],
  ['generation', o.u32],
  ['size', o.u64],
  ['root', o.fixed(32)],
  ['cause', o.u8],
  ['evidence', o.fixed(32)],
];
const generationHead = o.struct(...generationFields);
const afterRestore = o.struct(['writerRoot', Signature]);
const afterFreeze = o.struct(['writerRoot', Signature], ['readerRoot', Signature]);

const Generation = {
  read(r) {
    const g = generationHead.read(r);
    g.signed = r.bytes.subarray(0, r.at);
    return Object.assign(g, (g.cause === 2 ? afterFreeze : afterRestore).read(r));
  },
  write(out, g) {
    generationHead.write(out, g);
    (g.cause === 2 ? afterFreeze : afterRestore).write(out, g);
  },
};

// readGeneration is EVI-7 and EVI-9.
export function readGeneration(bytes) {
  const g = o.decode(Generation, bytes);
  if (g.generation === 0 || (g.cause !== 1 && g.cause !== 2)) refuse('generation.statement');
  if (g.cause === 1 && !g.evidence.equals(zero32)) refuse('generation.statement');
  return g;
}

// verifyGeneration checks a statement as what continues a log (EVI-10, EVI-11).
export function verifyGeneration(g, origin, writerRoot, readerRoot) {
  const continues = g.realm === origin.realm && g.channel === origin.channel && g.writer.equals(origin.writer)
    && g.reader.equals(origin.reader) && g.generation === origin.generation + 1;
  if (!continues) refuse('generation.statement', 'another log');
  if (!pairVerify(writerRoot, g.signed, g.writerRoot)) refuse('generation.statement', 'not signed by the writer\'s root');
  if (g.cause === 2 && !pairVerify(readerRoot, g.signed, g.readerRoot)) refuse('generation.statement', 'not signed by the reader\'s root');
}

const Compromise = o.struct(
  ['tag', o.tag('parley compromise v1')],
  ['suite', o.only(o.u8, 1)],
  ['realm', o.u8],
  ['channel', o.only(o.u8, 1, 2, 3)],
  ['writer', o.fixed(32)],
  ['reader', o.fixed(32)],
  ['generation', o.u32],
  ['key', o.line(16)],
  ['from', o.u64],
  ['root', Signature],
);

// verifyCompromise checks a declaration as the writer's on a link (EVI-14).
export function verifyCompromise(bytes, realm, writer, reader, root) {
  const c = o.decode(Compromise, bytes);
  if (c.realm !== realm || !c.writer.equals(writer) || !c.reader.equals(reader)) refuse('card.other-link');
  const signed = bytes.subarray(0, bytes.length - 64 - 2420);
  if (!pairVerify(root, signed, c.root)) refuse('card.signature');
  return c;
}
