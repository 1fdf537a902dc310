// Disclosures and proofs of spec/disclosure.md: acts shown to a third person,
// verified from their bytes and nothing else.
import { refuse } from './faults.mjs';
import * as o from './octets.mjs';
import { checkReplacement, newKeyId, readReplacement, withReplacement, lower, officerKeyId, readCard, verifyFounding, verifySuccessor, zero32 } from './party.mjs';
import { originLine, originOf, originTuple, readLeaf, types } from './ledger.mjs';
import { verifyHead } from './heads.mjs';
import { emptyRoot, leafHash, nodeHash } from './tree.mjs';
import { openSealed, checkSecret } from './envelope.mjs';
import { readGeneration, verifyCompromise, verifyForkUnder, verifyGeneration } from './evidence.mjs';
import { sha256 } from './suites.mjs';
import * as statement from './statement.mjs';

const Parties = o.struct(
  ['realm', o.u8],
  ['lower', o.fixed(32)],
  ['higher', o.fixed(32)],
  ['lowerCards', o.list(o.opaque(262144), 1024)],
  ['higherCards', o.list(o.opaque(262144), 1024)],
);
const Part = {
  read(r) {
    const shown = o.flag.read(r);
    if (!shown) return { shown, commitment: o.fixed(32).read(r) };
    return { shown, salt: o.fixed(32).read(r), content: o.opaque(1048576).read(r) };
  },
  write(out, p) {
    o.flag.write(out, p.shown);
    if (!p.shown) return o.fixed(32).write(out, p.commitment);
    o.fixed(32).write(out, p.salt);
    return o.opaque(1048576).write(out, p.content);
  },
};
const Shown = o.struct(['leaf', o.opaque(65536)], ['parts', o.list(Part, 64)]);
const Log = o.struct(
  ['channel', o.u8],
  ['side', o.only(o.u8, 1, 2)],
  ['generation', o.u32],
  ['head', o.opaque(16384)],
  ['shown', o.list(Shown, 4096)],
  ['nodes', o.list(o.fixed(32), 65535)],
);
const Unsealed = o.struct(['log', o.u8], ['position', o.u64], ['secret', o.fixed(32)], ['sealed', o.opaque(2097152)]);
const PersonSignature = o.struct(['keyId', o.line(16)], ['algorithm', o.u8], ['signature', o.opaque(8192)]);
const custodySigned = [
  ['tag', o.tag('parley custody v1')],
  ['realm', o.u8],
  ['party', o.fixed(32)],
  ['link', o.fixed(32)],
  ['sealed', o.fixed(32)],
  ['number', o.u32],
  ['before', o.fixed(32)],
  ['at', o.time],
  ['step', o.u8],
  ['content', o.fixed(32)],
  ['to', o.line(255)],
  ['note', o.line(1024)],
];
const CustodySigned = o.struct(...custodySigned);
const Custody = o.struct(...custodySigned, ['by', PersonSignature]);
const Disclosure = o.struct(
  ['tag', o.tag('parley disclosure v1')],
  ['parties', Parties],
  ['logs', o.list(Log, 6)],
  ['unsealed', o.list(Unsealed, 16)],
  ['custody', o.list(Custody, 1024)],
);
const Proof = o.struct(['tag', o.tag('parley proof v1')], ['parties', Parties], ['content', o.opaque(65536)]);

const limit = 268435456;
const generations = 64;

// verifyCards is DIS-2: a party's cards from the founding one on.
export function verifyCards(encoded, party, counterpart, realm) {
  if (encoded.length === 0) refuse('card.founding', 'no card');
  const cards = [];
  for (const bytes of encoded) {
    const card = readCard(bytes);
    if (cards.length === 0) verifyFounding(card);
    else verifySuccessor(cards.at(-1), card, counterpart);
    if (!card.party.equals(party) || card.realm !== realm) refuse('card.other-link');
    cards.push(card);
  }
  return cards;
}

// DIS-3, DIS-13, DIS-2. Fingerprints, as Buffers, are those that a person has.
export function verifyParties(p, known) {
  for (const id of known) {
    if (!id.equals(p.lower) && !id.equals(p.higher)) refuse('card.founding', 'of neither party');
  }
  if (!lower(p.lower, p.higher)) refuse('disclosure.order', 'parties');
  return [verifyCards(p.lowerCards, p.lower, p.higher, p.realm), verifyCards(p.higherCards, p.higher, p.lower, p.realm)];
}

// signedBy is DIS-4: the newest card whose key the lines are of.
export function signedBy(cards, line, note) {
  for (let i = cards.length - 1; ; i--) {
    try {
      return { ...verifyHead(note, line, cards[i].sign), card: cards[i] };
    } catch (err) {
      if (err.code !== 'head.unsigned' || i === 0) throw err;
    }
  }
}

// alone holds a leaf against the rules that it shows by itself (DIS-15).
export function alone(leaf, channel) {
  if (channel === 1 && leaf.seen.slice(1).some((s) => s.generation !== 0 || s.size !== 0n)) refuse('leaf.seen');
  if (leaf.type === types.act && leaf.epoch >= leaf.position) refuse('leaf.epoch');
  if (leaf.type === types.restatement && (leaf.target >= leaf.position || leaf.epoch >= leaf.position)) refuse('leaf.epoch');
  if (leaf.type === types.receipt) {
    const seen = leaf.seen[0];
    const ordered = leaf.verdicts.every((v, i) => v.position >= leaf.from && v.position < leaf.size.size && (i === 0 || v.position > leaf.verdicts[i - 1].position));
    if (leaf.size.size > seen.size || leaf.size.generation !== seen.generation || leaf.size.size < leaf.from
      || (leaf.size.size === leaf.from && leaf.attachments.length === 0) || !ordered) refuse('leaf.receipt');
  }
  if (leaf.type === types.freeze && (leaf.channel < 1 || leaf.channel > 3 || channel !== 1)) refuse('leaf.untrue');
  if (leaf.type === types.digest && channel !== 1) refuse('leaf.untrue');
}

const order = (log) => 2 * log.channel + log.side;

function openLog(d, chains, log) {
  const ids = [d.parties.lower, d.parties.higher];
  const origin = (generation) => originOf(d.parties.realm, log.channel, ids[log.side - 1], ids[2 - log.side], generation);
  const head = signedBy(chains[log.side - 1], originLine(origin(log.generation)), log.head);
  const leaves = [];
  for (const s of log.shown) {
    const leaf = readLeaf(s.leaf);
    alone(leaf, log.channel);
    if (leaves.length > 0 && leaf.position <= leaves.at(-1).position) refuse('disclosure.order', 'leaves');
    if (leaf.type !== types.act && leaf.type !== types.generation && s.parts.length > 0) refuse('parts.commitment');
    leaves.push(leaf);
  }
  const starts = leaves.filter((l) => l.type === types.generation).map((l) => l.position);
  return { ...log, head, leaves, origin, starts, writer: ids[log.side - 1], reader: ids[2 - log.side],
    generationAt: (position) => starts.filter((s) => s <= position).length, find: (position, type) => leaves.find((l) => l.position === position && l.type === type) };
}

function split(n) {
  let k = 1n;
  while (k * 2n < n) k *= 2n;
  return k;
}

// walk is DIS-14: the hashes of all subtrees that are walked, by their ends.
function walk(log, marks) {
  const size = log.head.size;
  if (size === 0n || size > 1n << 62n || log.leaves.some((l) => l.position >= size) || marks.some((m) => m > size)) refuse('leaf.proof');
  const nodes = [...log.nodes];
  const made = new Map();
  const visit = (lo, hi) => {
    const at = log.leaves.findIndex((l) => l.position >= lo && l.position < hi);
    let hash;
    if (at < 0 && !marks.some((m) => m > lo && m < hi)) {
      if (nodes.length === 0) refuse('leaf.proof');
      hash = nodes.shift();
    } else if (hi - lo === 1n) hash = leafHash(log.shown[at].leaf);
    else {
      const middle = lo + split(hi - lo);
      const left = visit(lo, middle);
      hash = nodeHash(left, visit(middle, hi));
    }
    made.set(`${lo}-${hi}`, hash);
    return hash;
  };
  if (!visit(0n, size).equals(log.head.root) || nodes.length > 0) refuse('leaf.proof');
  const upTo = (lo, hi, n) => {
    if (n === hi) return made.get(`${lo}-${hi}`);
    const middle = lo + split(hi - lo);
    if (n <= middle) return upTo(lo, middle, n);
    return nodeHash(made.get(`${lo}-${middle}`), upTo(middle, hi, n));
  };
  return (n) => (n === 0n ? emptyRoot : upTo(0n, size, n));
}

// DIS-16
function verifyGenerations(log, chains) {
  if (log.generation > generations || log.starts.length !== log.generation) refuse('generation.statement');
  log.starts.forEach((start, i) => {
    const g = readGeneration(log.find(start, types.generation).statement);
    verifyRooted(g, log.origin(i), chains, log.side);
    if (g.size !== start || !g.root.equals(log.root(start))) refuse('generation.statement');
  });
}

// verifyRooted checks a generation by the roots of any cards shown.
function verifyRooted(g, before, chains, side) {
  let last;
  for (const w of chains[side - 1]) {
    for (const r of chains[2 - side]) {
      try {
        return verifyGeneration(g, before, w.root, r.root);
      } catch (err) {
        last = err;
      }
    }
  }
  throw last;
}

function receiptOf(logs, log, position) {
  const back = logs.find((l) => l.channel === log.channel && l.side !== log.side);
  const leaf = back && back.leaves.find((l) => l.type === types.receipt && l.from <= position && l.size.size > position && l.size.generation >= log.generationAt(position));
  if (!leaf) return null;
  const verdict = leaf.verdicts.find((v) => v.position === position);
  return { leaf, verdict: verdict ? verdict.reason : 0 };
}

// DIS-7 to DIS-9
function verifyAct(logs, log, leaf, shown, people) {
  const commitments = shown.parts.map((p, i) => (p.shown ? statement.partCommitment(i, p.salt, p.content) : p.commitment));
  if (!statement.partsCommitment(commitments).equals(leaf.commitment)) refuse('parts.commitment');
  const act = { log, leaf, receipt: receiptOf(logs, log, leaf.position), persons: [], attachments: [], withheld: 0, parts: shown.parts.length };
  shown.parts.forEach((p, i) => {
    if (!p.shown) act.withheld += 1;
    else if (i === 0) act.slip = statement.readSlip(p.content);
    else if (i === 1) verifyStatement(act, p.content, shown.parts[2], commitments, people);
    else if (i === 3) act.body = p.content;
    else if (i > 3) act.attachments.push(statement.readAttachment(p.content));
  });
  return act;
}

function verifyStatement(act, bytes, signatures, commitments, people) {
  const { log, leaf } = act;
  const s = statement.readStatement(bytes);
  const here = s.realm === log.origin(0).realm && s.channel === log.channel && s.writer.equals(log.writer) && s.reader.equals(log.reader)
    && s.generation === log.generationAt(leaf.position) && s.content.equals(statement.contentCommitment(commitments)) && leaf.time < s.notAfter;
  if (!here) refuse('statement.elsewhere');
  act.statement = s;
  act.digest = statement.statementDigest(bytes);
  if (!signatures || !signatures.shown) return;
  act.persons = statement.readSignatures(signatures.content).map((signed) => ({
    ...verifyPerson(people.cards[log.side - 1], signed, act.digest), lost: people.lost(act, signed.keyId),
  }));
}

// People are whose keys the signatures of both parties are: the cards shown, and
// behind each what the replacements shown made of it (DIS-29).
class People {
  constructor(chains) {
    this.chains = chains;
    this.cards = chains.map((list) => [...list]);
    this.replaced = [];
  }

  // take is an act that is shown, if it replaces a key.
  take(act) {
    const { log, leaf } = act;
    if (!act.statement || act.statement.kind !== 'officer.replace' || log.channel !== 1 || !act.body) return;
    const r = readReplacement(act.body);
    const list = this.cards[log.side - 1];
    const at = list.findLastIndex((c) => c.officers.some((x) => officerKeyId(x) === r.lost));
    const card = list[at < 0 ? list.length - 1 : at];
    checkReplacement(card, r, act.persons.filter((p) => p.lost === null).map((p) => officerKeyId(p.officer)));
    list.splice(list.findLastIndex((c) => c.serial <= card.serial) + 1, 0, withReplacement(card, r));
    this.replaced.push({ side: log.side, position: leaf.position, lost: r.lost, key: newKeyId(r) });
  }

  // lost is the place at which a key was lost before an act, or null; a new key
  // that no card names and that counts only later is refused.
  lost({ log, leaf }, key) {
    const behind = log.channel === 1 ? leaf.position : leaf.seen[2].size;
    let place = null;
    for (const r of this.replaced.filter((x) => x.side === log.side)) {
      const known = r.position < behind;
      if (known && r.lost === key) place = r.position;
      const named = this.chains[log.side - 1].some((c) => c.officers.some((x) => officerKeyId(x) === key));
      if (!known && r.key === key && !named) refuse('statement.person');
    }
    return place;
  }
}

// verifyPerson is DIS-9: by the newest card that names the key.
function verifyPerson(cards, signed, digest) {
  const card = cards.findLast((c) => c.officers.some((x) => officerKeyId(x) === signed.keyId));
  if (!card) refuse('statement.person');
  return { officer: statement.verifyPerson(card, signed, digest), card: card.serial };
}

// DIS-22
function verifyUnsealed(d, logs, acts) {
  d.unsealed.forEach((u, i) => {
    const last = d.unsealed[i - 1];
    if (u.log >= logs.length || (last && (u.log < last.log || (u.log === last.log && u.position <= last.position)))) refuse('disclosure.order', 'openings');
    const log = logs[u.log];
    const leaf = log.find(u.position, types.act) ?? log.find(u.position, types.restatement);
    const target = leaf && (leaf.type === types.act ? leaf : log.find(leaf.target, types.act));
    const receipt = receiptOf(logs, log, u.position);
    const epoch = leaf && log.find(leaf.epoch, types.epoch);
    const can = target && epoch && receipt && receipt.verdict >= 2 && receipt.verdict <= 4;
    const hash = can && (leaf.type === types.act ? leaf.sealed : leaf.hash);
    if (!can || !sha256(u.sealed).equals(hash)) refuse('verdict.unproved');
    try {
      const origin = originTuple(log.origin(log.generationAt(epoch.position)));
      checkSecret(u.secret, origin, epoch.commitment);
      const opened = statement.readParts(openSealed(u.sealed, u.secret, origin, epoch.commitment));
      if (!statement.partsCommitment(statement.commitmentsOf(opened)).equals(target.commitment)) refuse('verdict.unproved');
    } catch (err) {
      if (err.code === undefined) throw err;
      refuse('verdict.unproved');
    }
    acts.find((a) => a.log === log && a.leaf === target).verdictFalse = true;
  });
}

// DIS-20
function verifyCompromises(d, acts, chains) {
  const ids = [d.parties.lower, d.parties.higher];
  return acts.filter((a) => a.statement && a.statement.kind === 'compromise' && a.body).map((a) => (
    declared(a.body, d.parties.realm, ids[a.log.side - 1], ids[2 - a.log.side], chains[a.log.side - 1])));
}

function declared(bytes, realm, writer, reader, cards) {
  for (let i = 0; ; i++) {
    try {
      return verifyCompromise(bytes, realm, writer, reader, cards[i].root);
    } catch (err) {
      if (err.code !== 'card.signature' || i === cards.length - 1) throw err;
    }
  }
}

function checkStep(s) {
  if (s.number === 0 || s.at >= o.timeLimit || s.step < 1 || s.step > 5 || (s.number === 1) !== s.before.equals(zero32)) refuse('custody.step');
}

const stepKey = (s) => Buffer.concat([s.sealed, s.party, o.encode(o.u32, s.number)]);

// verifyStep checks one step by a card's officers (EVI-17 to EVI-19).
export function verifyStep(bytes, card) {
  const s = o.decode(Custody, bytes);
  checkStep(s);
  return statement.verifyPerson(card, s.by, statement.statementDigest(o.encode(CustodySigned, s)));
}

// DIS-23
function verifyCustody(d, acts, cards) {
  const named = new Set(acts.flatMap((a) => a.attachments.map((x) => o.hex(x.sealed))));
  const ids = [d.parties.lower, d.parties.higher];
  return d.custody.map((s, i) => {
    checkStep(s);
    const side = s.party.equals(ids[1]) ? 1 : 0;
    if (s.realm !== d.parties.realm || !s.party.equals(ids[side]) || !s.link.equals(ids[1 - side]) || !named.has(o.hex(s.sealed))) refuse('custody.step');
    const last = d.custody[i - 1];
    if (last && Buffer.compare(stepKey(last), stepKey(s)) >= 0) refuse('disclosure.order', 'custody');
    const next = last && last.party.equals(s.party) && last.sealed.equals(s.sealed) && last.number + 1 === s.number;
    if (next && (!s.before.equals(sha256(o.encode(Custody, last))) || s.at < last.at)) refuse('custody.step');
    return { step: s, broken: s.number > 1 && !next, by: verifyPerson(cards[side], s.by, statement.statementDigest(o.encode(CustodySigned, s))) };
  });
}

// verifyDisclosure gives what a disclosure proves, or refuses it, in the order
// of DIS-3.
export function verifyDisclosure(bytes, known = []) {
  if (bytes.length > limit) refuse('octets.long');
  const d = o.decode(Disclosure, bytes);
  const chains = verifyParties(d.parties, known);
  const logs = [];
  for (const log of d.logs) {
    if (log.channel < 1 || log.channel > 3 || (logs.length > 0 && order(log) <= order(logs.at(-1)))) refuse('disclosure.order', 'logs');
    logs.push(openLog(d, chains, log));
  }
  for (const log of logs) {
    const back = logs.find((l) => l.channel === log.channel && l.side !== log.side);
    const sizes = back ? back.leaves.filter((l) => l.type === types.receipt).map((l) => l.size.size) : [];
    if (sizes.some((n) => n > log.head.size)) refuse('leaf.receipt');
    log.root = walk(log, [...sizes, ...log.starts]);
    verifyGenerations(log, chains);
  }
  for (const log of logs) {
    const about = logs.find((l) => l.channel === log.channel && l.side !== log.side);
    for (const leaf of log.leaves.filter((l) => l.type === types.receipt)) {
      if (!about || leaf.size.generation > about.generation || !about.root(leaf.size.size).equals(leaf.root)) refuse('leaf.receipt');
    }
  }
  const acts = [];
  const people = new People(chains);
  for (const log of logs) {
    log.leaves.forEach((leaf, i) => {
      if (leaf.type !== types.act) return;
      acts.push(verifyAct(logs, log, leaf, log.shown[i], people));
      people.take(acts.at(-1));
    });
  }
  verifyUnsealed(d, logs, acts);
  const compromises = verifyCompromises(d, acts, chains);
  const custody = verifyCustody(d, acts, people.cards);
  if (acts.length === 0 && logs.every((l) => l.starts.length === 0)) refuse('disclosure.order', 'nothing is shown');
  return { disclosure: d, chains, logs, acts, compromises, custody };
}

// verifyProof is DIS-25 to DIS-27.
export function verifyProof(bytes, known = []) {
  const p = o.decode(Proof, bytes);
  const chains = verifyParties(p.parties, known);
  const ids = [p.parties.lower, p.parties.higher];
  const is = (tag) => p.content.subarray(0, tag.length + 1).equals(o.ascii(`${tag}\n`));
  if (is('parley fork v1')) return verifyForkUnder(p.content, (line, note) => {
    for (let i = 0; i < 6 * (generations + 1); i++) {
      const side = i % 2;
      const origin = originOf(p.parties.realm, 1 + (Math.floor(i / 2) % 3), ids[side], ids[1 - side], Math.floor(i / 6));
      if (originLine(origin) === line) return signedBy(chains[side], line, note);
    }
    return refuse('head.origin');
  });
  if (is('parley generation v1')) {
    const g = readGeneration(p.content);
    const side = g.writer.equals(ids[1]) ? 2 : 1;
    if (g.realm !== p.parties.realm || !g.writer.equals(ids[side - 1]) || !g.reader.equals(ids[2 - side])) refuse('card.other-link');
    return verifyRooted(g, originOf(g.realm, g.channel, g.writer, g.reader, g.generation - 1), chains, side);
  }
  const writer = p.content.length > 56 && p.content.subarray(24, 56).equals(ids[1]) ? 1 : 0;
  return declared(p.content, p.parties.realm, ids[writer], ids[1 - writer], chains[writer]);
}
