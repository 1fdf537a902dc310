// Disclosures of spec/disclosure.md: one act shown alone, verified from its
// bytes and nothing else.
import { attempt, codeOf, refuse } from './faults.mjs';
import * as o from './octets.mjs';
import { readCard, verifyFounding, verifySuccessor } from './party.mjs';
import { originLine, originOf, readLeaf, types } from './ledger.mjs';
import { verifyHead } from './heads.mjs';
import { consistent, leafHash, rootFromPath } from './tree.mjs';
import * as statement from './statement.mjs';

const Proved = o.struct(
  ['head', o.opaque(16384)],
  ['leaf', o.opaque(65536)],
  ['path', o.list(o.fixed(32), 128)],
);
const Opened = o.struct(['index', o.u16], ['salt', o.fixed(32)], ['part', o.opaque(1048576)]);
const Disclosure = o.struct(
  ['tag', o.tag('parley disclosure v1')],
  ['realm', o.u8],
  ['channel', o.u8],
  ['writer', o.fixed(32)],
  ['reader', o.fixed(32)],
  ['generation', o.u32],
  ['writerCards', o.list(o.opaque(262144), 1024)],
  ['readerCards', o.list(o.opaque(262144), 1024)],
  ['act', Proved],
  ['receipt', o.list(Proved, 1)],
  ['consistency', o.list(o.fixed(32), 128)],
  ['commitments', o.list(o.fixed(32), 64)],
  ['opened', o.list(Opened, 64)],
);

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

// headOf verifies a head of a log in a generation from first on (DIS-4, DIS-5).
function headOf(note, log, first, last, key) {
  for (let generation = first; ; generation++) {
    const line = originLine(originOf(log.realm, log.channel, log.writer, log.reader, generation));
    const other = generation < last && attempt(() => verifyHead(note, line, key)) === 'head.origin';
    if (!other) return { generation, ...verifyHead(note, line, key) };
  }
}

function provedLeaf(proved, head) {
  const leaf = readLeaf(proved.leaf);
  const root = rootFromPath(leaf.position, head.size, leafHash(proved.leaf), proved.path);
  if (!root || !root.equals(head.root)) refuse('leaf.proof');
  return leaf;
}

// verifyDisclosure gives what a disclosure proves, or refuses it. The
// fingerprints, as Buffers, are those that a person compared (DIS-3).
export function verifyDisclosure(bytes, fingerprints = {}) {
  const d = o.decode(Disclosure, bytes);
  const cardsOf = (side, other) => {
    if (fingerprints[side] && !fingerprints[side].equals(d[side])) refuse('card.founding', `the ${side}'s fingerprint is another`);
    return verifyCards(d[`${side}Cards`], d[side], d[other], d.realm);
  };
  const writerCards = cardsOf('writer', 'reader');
  const readerCards = cardsOf('reader', 'writer');
  const log = { realm: d.realm, channel: d.channel, writer: d.writer, reader: d.reader };
  const head = headOf(d.act.head, log, d.generation, d.generation + generations, writerCards.at(-1).sign);
  const leaf = provedLeaf(d.act, head);
  if (leaf.type !== types.act) refuse('leaf.proof', 'not an act');
  if (!statement.partsCommitment(d.commitments).equals(leaf.commitment)) refuse('parts.commitment');
  const receipt = verifyReceipt(d, log, head, leaf, readerCards.at(-1).sign);
  const opened = verifyOpened(d);
  const persons = verifyStatement(d, leaf, opened, writerCards);
  return { disclosure: d, writerCards, readerCards, head, leaf, receipt, opened, persons, withheld: d.commitments.length - opened.size };
}

function verifyReceipt(d, log, head, leaf, key) {
  if (d.receipt.length === 0) {
    if (d.consistency.length > 0) refuse('leaf.proof');
    return null;
  }
  const reversed = { ...log, writer: log.reader, reader: log.writer };
  const over = headOf(d.receipt[0].head, reversed, 0, generations, key);
  const r = provedLeaf(d.receipt[0], over);
  const covers = r.type === types.receipt && r.from <= leaf.position && leaf.position < r.size.size && r.size.generation >= d.generation;
  if (!covers) refuse('leaf.receipt');
  const same = r.size.size === head.size && r.root.equals(head.root) && d.consistency.length === 0;
  if (!same && !consistent(r.size.size, head.size, r.root, head.root, d.consistency)) refuse('leaf.receipt');
  const verdict = r.verdicts.find((v) => v.position === leaf.position);
  return { head: over, leaf: r, verdict: verdict ? verdict.reason : 0 };
}

// DIS-7
function verifyOpened(d) {
  const opened = new Map();
  let next = 0;
  for (const x of d.opened) {
    if (x.index < next || x.index >= d.commitments.length) refuse('parts.commitment');
    if (!statement.partCommitment(x.index, x.salt, x.part).equals(d.commitments[x.index])) refuse('parts.commitment');
    opened.set(x.index, x.part);
    next = x.index + 1;
  }
  return opened;
}

// DIS-8 and DIS-9: the statement, and who signed it by which card.
function verifyStatement(d, leaf, opened, cards) {
  const bytes = opened.get(1);
  if (!bytes) return [];
  const s = statement.readStatement(bytes);
  const here = s.realm === d.realm && s.channel === d.channel && s.writer.equals(d.writer) && s.reader.equals(d.reader)
    && s.generation === d.generation && s.content.equals(statement.contentCommitment(d.commitments)) && leaf.time < s.notAfter;
  if (!here) refuse('statement.elsewhere');
  if (!opened.has(2)) return [];
  return statement.readSignatures(opened.get(2)).map((signed) => {
    const card = cards.findLast((c) => named(c, signed));
    if (!card) refuse('statement.person');
    const officer = statement.verifyPerson(card, signed, statement.statementDigest(bytes));
    return { officer, card: card.serial };
  });
}

function named(card, signed) {
  try {
    statement.verifyPerson(card, signed, Buffer.alloc(32));
  } catch (err) {
    if (codeOf(err) === 'internal') throw err;
    return err.code !== 'statement.person';
  }
  return true;
}
