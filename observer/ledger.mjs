// Origins and leaves of spec/ledger.md. The tree is tree.mjs, heads are
// heads.mjs, the rules by which a log goes on are monitor.mjs.
import { refuse } from './faults.mjs';
import * as o from './octets.mjs';
import { Seen, Size } from './statement.mjs';
import { sha256 } from './suites.mjs';

export const channels = { 1: 'control', 2: 'hotline', 3: 'routine' };

export const Origin = o.struct(
  ['tag', o.tag('parley origin v1')],
  ['realm', o.u8],
  ['channel', o.u8],
  ['writer', o.fixed(32)],
  ['reader', o.fixed(32)],
  ['generation', o.u32],
);

// originTuple is LED-1, originLine LED-2, cosignerName LED-33.
export const originTuple = (origin) => o.encode(Origin, { tag: '', ...origin });
export const originLine = (origin) => `parley/${o.hex(sha256(originTuple(origin)))}`;

export function cosignerName(realm, cosigner, other) {
  const tuple = originTuple({ realm, channel: 0, writer: cosigner, reader: other, generation: 0 });
  return `parley/cosigner/${o.hex(sha256(tuple))}`;
}

export const types = { epoch: 1, act: 2, receipt: 3, restatement: 4, freeze: 5, correction: 6, digest: 7, generation: 8 };
export const leafLimit = 65536;

const Verdict = o.struct(['position', o.u64], ['reason', o.only(o.u16, 1, 2, 3, 4, 5)]);

const header = o.struct(
  ['version', o.only(o.u8, 1)],
  ['suite', o.only(o.u8, 1)],
  ['type', o.only(o.u8, ...Object.values(types))],
  ['position', o.u64],
  ['time', o.time],
  ['seen', Seen],
  ['salt', o.fixed(32)],
);

const tails = {
  [types.epoch]: o.struct(['wraps', o.fixed(32)], ['commitment', o.fixed(32)]),
  [types.act]: o.struct(['epoch', o.u64], ['sealed', o.fixed(32)], ['commitment', o.fixed(32)]),
  [types.receipt]: o.struct(
    ['from', o.u64],
    ['size', Size],
    ['root', o.fixed(32)],
    ['verdicts', o.list(Verdict, 1024)],
    ['attachments', o.list(o.fixed(32), 1024)],
  ),
  [types.restatement]: o.struct(['target', o.u64], ['epoch', o.u64], ['hash', o.fixed(32)]),
  [types.freeze]: o.struct(['channel', o.u8], ['size', Size], ['evidence', o.fixed(32)]),
  [types.correction]: o.struct(['old', o.time], ['new', o.time]),
  [types.digest]: o.struct(['day', o.u32], ['hours', o.u32], ['hello', o.fixed(32)]),
  [types.generation]: o.struct(['statement', o.opaque(leafLimit)]),
};

const Leaf = {
  read(r) {
    const leaf = header.read(r);
    return Object.assign(leaf, tails[leaf.type].read(r));
  },
  write(out, leaf) {
    header.write(out, leaf);
    tails[leaf.type].write(out, leaf);
  },
};

// readLeaf reads a leaf alone (LED-5 to LED-7).
export function readLeaf(bytes) {
  if (bytes.length > leafLimit) refuse('octets.unknown');
  const leaf = o.decode(Leaf, bytes);
  const times = [leaf.time, ...(leaf.type === types.correction ? [leaf.old, leaf.new] : [])];
  if (times.some((t) => t >= o.timeLimit)) refuse('leaf.untrue', 'a time beyond 2^63');
  if (leaf.type === types.digest && leaf.hours >= 1 << 24) refuse('leaf.untrue', 'an hour beyond the 24th');
  return leaf;
}

// originOf gives the origin of a party's log on a link.
export function originOf(realm, channel, writer, reader, generation) {
  return { realm, channel, writer, reader, generation };
}
