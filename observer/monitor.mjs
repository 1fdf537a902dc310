// The rules by which a log goes on, of spec/ledger.md (LED-8 to LED-26,
// LED-37), checked leaf by leaf.
import { refuse } from './faults.mjs';
import { types } from './ledger.mjs';
import { Tree, leafHash } from './tree.mjs';

const zero = { generation: 0, size: 0n };
const none = (s) => s.generation === 0 && s.size === 0n;
const within = (a, b) => a.generation <= b.generation && a.size <= b.size;

// MonitoredLog is one party's side of one channel as far as it was checked.
export class MonitoredLog {
  constructor(realm, channel, writer, reader) {
    Object.assign(this, { realm, channel, writer, reader });
    this.generation = 0;
    this.start = 0; // where the generation begins
    this.starts = [0];
    this.tree = new Tree();
    this.leaves = []; // of each what the rules look at later
    this.freezes = 0; // of the other's control log
  }

  get size() {
    return this.leaves.length;
  }

  // here is what a leaf that has seen all of this log names.
  get here() {
    return { generation: this.generation, size: BigInt(this.size) };
  }

  get origin() {
    return { realm: this.realm, channel: this.channel, writer: this.writer, reader: this.reader, generation: this.generation };
  }

  // originAt is the origin that a head of a size below the newest leaf is of.
  originAt(size) {
    const generation = this.starts.findLastIndex((start, i) => i === 0 || size > start);
    return { ...this.origin, generation };
  }

  get last() {
    return this.leaves.at(-1);
  }

  // covered is what the newest receipt in this log covers of the other's.
  get covered() {
    return this.receiptBefore(this.size)?.covers ?? zero;
  }

  append(leaf, raw) {
    this.tree.append(leafHash(raw));
    const { type, time, seen } = leaf;
    const frozen = type === types.freeze && leaf.channel === 1;
    this.leaves.push({ type, time, seen, covers: leaf.size, generation: this.generation, begins: this.start, frozen });
    if (frozen) this.freezes++;
  }

  // receiptBefore is the newest receipt before a position, or null.
  receiptBefore(position) {
    let at = position - 1;
    while (at >= 0 && this.leaves[at].type !== types.receipt) at--;
    return at < 0 ? null : this.leaves[at];
  }

  truncate(size) {
    this.tree.truncate(size);
    this.leaves.length = size;
    this.freezes = this.leaves.filter((l) => l.frozen).length;
  }

  // begin starts the next generation at a size (EVI-12). What stood beyond is
  // given back: it surfaced and is no fork.
  begin(size) {
    const beyond = this.size - size;
    this.truncate(size);
    this.generation++;
    this.start = size;
    this.starts.push(size);
    return beyond;
  }
}

// checkLeaf holds a leaf that was appended at a place against all before it.
// The logs are those of the link as far as they were read: the other's of this
// channel, the other's control log, the own control log. They, and the log
// itself, may have been read beyond.
export function checkLeaf(leaf, at, log, logs) {
  if (leaf.position !== BigInt(at)) refuse('leaf.position');
  checkAlone(leaf, log.channel === 1);
  const before = at > 0 ? log.leaves[at - 1] : null;
  const { generation, begins } = log.leaves[at];
  const first = generation > 0 && at === begins;
  checkTime(leaf, before);
  if ((leaf.type === types.generation) !== first) refuse('generation.statement');
  checkSeen(leaf, before, log, logs);
  if (leaf.type === types.act && !epochAt(log, leaf.epoch, at, begins)) refuse('leaf.epoch');
  if (leaf.type === types.receipt) checkReceipt(leaf, at, log, logs.other);
}

// checkAlone is what a leaf shows by itself, the first round of LED-39.
function checkAlone(leaf, control) {
  if (control && (!none(leaf.seen[1]) || !none(leaf.seen[2]))) refuse('leaf.seen', 'a control log names control sizes');
  if (leaf.type === types.act && leaf.epoch >= leaf.position) refuse('leaf.epoch');
  if (leaf.type === types.restatement && (leaf.target >= leaf.position || leaf.epoch >= leaf.position)) refuse('leaf.epoch');
  if (leaf.type === types.freeze && (!control || leaf.channel < 1 || leaf.channel > 3)) refuse('leaf.untrue', 'a freeze');
  if (leaf.type === types.digest && !control) refuse('leaf.untrue', 'a digest');
  if (leaf.type !== types.receipt) return;
  const { generation, size } = leaf.size;
  if (size > leaf.seen[0].size || generation !== leaf.seen[0].generation) refuse('leaf.receipt', 'it ends beyond what its leaf has seen');
  if (leaf.attachments.length > 0 ? size < leaf.from : size <= leaf.from) refuse('leaf.receipt', 'it covers nothing');
  let next = leaf.from;
  for (const v of leaf.verdicts) {
    if (v.position < next || v.position >= size) refuse('leaf.receipt', 'a verdict outside');
    next = v.position + 1n;
  }
}

// LED-9, LED-10
function checkTime(leaf, before) {
  const last = before ? before.time : 0n;
  if (leaf.type !== types.correction) {
    if (leaf.time < last) refuse('leaf.time');
    return;
  }
  if (leaf.old !== last || leaf.new !== leaf.time || leaf.new >= leaf.old) refuse('leaf.time', 'a correction');
}

// LED-12, LED-13, LED-37
function checkSeen(leaf, before, log, logs) {
  const control = log.channel === 1;
  const [, theirs, own] = leaf.seen;
  // While a control log is frozen its writer may go on; sizes beyond are read
  // as the frozen one (LNK-15).
  const frozen = logs.otherControl.freezes > 0;
  const owners = [logs.other, logs.otherControl, logs.ownControl];
  leaf.seen.forEach((s, i) => {
    if (before && !within(before.seen[i], s)) refuse('leaf.seen', 'less than before');
    if (!none(s) && !(frozen && i === 2) && !within(s, owners[i].here)) refuse('leaf.seen', 'more than was signed');
  });
  const closed = control || (saw(logs.otherControl, theirs, own) && saw(logs.ownControl, own, theirs));
  if (!closed) refuse('leaf.seen', 'not a closed cut');
}

// saw says whether the control entry just before a size has seen no more of the
// other control log than is named.
function saw(control, size, named) {
  if (size.size === 0n || size.size > BigInt(control.size)) return true;
  return control.leaves[Number(size.size) - 1].seen[0].size <= named.size;
}

function epochAt(log, position, at, start) {
  return position >= BigInt(start) && position < BigInt(at) && log.leaves[Number(position)].type === types.epoch;
}

// LED-17, LED-19, LED-20, against the logs.
function checkReceipt(leaf, at, log, other) {
  const from = log.receiptBefore(at)?.covers.size ?? 0n;
  const { size } = leaf.size;
  if (leaf.from !== from) refuse('leaf.receipt', 'it does not begin where the one before ended');
  if (size > BigInt(other.size)) refuse('leaf.receipt', 'it ends beyond the other log');
  const covered = other.leaves.slice(Number(from), Number(size));
  if (leaf.attachments.length === 0 && covered.every((l) => l.type === types.receipt)) refuse('leaf.receipt', 'it covers receipts only');
  if (!other.tree.root(Number(size)).equals(leaf.root)) refuse('leaf.receipt', 'its root is not that of the other log');
}

// due counts the entries of a log that need a receipt and have none (LED-25).
export function due(log, receipts) {
  return log.leaves.slice(Number(receipts.covered.size)).filter((l) => l.type !== types.receipt).length;
}
