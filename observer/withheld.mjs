// Withheld bundles of spec/withheld.md: what a writer shows that is given no
// receipt, verified from its bytes and nothing else. A digest that is read out
// is not made here.
import { refuse } from './faults.mjs';
import * as o from './octets.mjs';
import { nonceOf, readHello, signedHello } from './contact.mjs';
import { alone, signedBy, verifyParties } from './disclosure.mjs';
import { readHead, splitNote } from './heads.mjs';
import { originLine, originOf, readLeaf, types } from './ledger.mjs';
import { Signature, lower } from './party.mjs';
import { leafHash, rootFromPath } from './tree.mjs';
import { pairVerify, sha256 } from './suites.mjs';

export const tag = 'parley withheld v1';

const Origin = o.struct(['realm', o.u8], ['channel', o.u8], ['writer', o.fixed(32)], ['reader', o.fixed(32)], ['generation', o.u32]);
const Cards = o.list(o.opaque(262144), 1024);
const Proved = o.struct(['head', o.opaque(16384)], ['leaf', o.opaque(65536)], ['path', o.list(o.fixed(32), 128)]);
const Attempt = o.struct(
  ['first', o.time],
  ['last', o.time],
  ['count', o.u32],
  ['carrier', o.line(32)],
  ['address', o.fixed(32)],
  ['code', o.line(64)],
);
const claimed = [
  ['tag', o.tag(tag)],
  ['origin', Origin],
  ['cards', o.array(Cards, 2)],
  ['act', Proved],
  ['sealed', o.opaque(4194304)],
  ['told', o.opaque(16384)],
  ['hellos', o.list(o.opaque(16384), 64)],
  ['attempts', o.list(Attempt, 1024)],
  ['time', o.time],
];
const Claimed = o.struct(...claimed);
const Withheld = o.struct(...claimed, ['claim', Signature]);

const generations = 64;

// parties gives the chains of cards, the writer's first (DIS-2, DIS-3).
function parties(b, known) {
  const { realm, writer, reader } = b.origin;
  const lowerWrites = !lower(reader, writer);
  const [low, high] = lowerWrites ? [0, 1] : [1, 0];
  const ids = [writer, reader];
  const chains = verifyParties({ realm, lower: ids[low], higher: ids[high], lowerCards: b.cards[low], higherCards: b.cards[high] }, known);
  return lowerWrites ? chains : chains.reverse();
}

// WTH-6
function verifyClaim(b, card) {
  const late = [b.time, ...b.attempts.flatMap((a) => [a.first, a.last])].some((t) => t >= o.timeLimit);
  if (late || !pairVerify(card.sign, o.encode(Claimed, b), b.claim)) refuse('withheld.claim');
}

// verifyEntry is WTH-5, WTH-9 and the head's part of WTH-14.
function verifyEntry(b, cards) {
  const { realm, channel, writer, reader, generation } = b.origin;
  const named = readHead(splitNote(b.act.head).text).origin;
  let last = generation;
  while (last < generation + generations && originLine(originOf(realm, channel, writer, reader, last)) !== named) last += 1;
  const head = signedBy(cards, originLine(originOf(realm, channel, writer, reader, last)), b.act.head);
  const leaf = readLeaf(b.act.leaf);
  alone(leaf, channel);
  const root = head.size <= 1n << 62n ? rootFromPath(leaf.position, head.size, leafHash(b.act.leaf), b.act.path) : null;
  if (!root || !root.equals(head.root)) refuse('leaf.proof');
  if (b.sealed.length > 0 && (leaf.type !== types.act || !sha256(b.sealed).equals(leaf.sealed))) refuse('parts.commitment');
  return { leaf, head: { ...head, generation: last } };
}

// heard is WTH-7 for one hello.
function heard(bytes, realm, writer, reader, cards) {
  const h = readHello(bytes);
  const between = h.realm === realm && h.writer.equals(writer) && h.reader.equals(reader);
  if (!between || !cards.some((c) => signedHello(h, c.sign))) refuse('withheld.hello');
  return h;
}

// verifyKnown is WTH-7 and WTH-8: by the reader's own hellos it knew.
function verifyKnown(b, chains, head) {
  const { realm, channel, writer, reader } = b.origin;
  if (channel < 1 || channel > 3 || b.hellos.length === 0) refuse('withheld.told');
  const hellos = [];
  for (const bytes of b.hellos) {
    const h = heard(bytes, realm, reader, writer, chains[1]);
    if (hellos.length > 0 && h.time < hellos.at(-1).time) refuse('withheld.hello', 'order');
    hellos.push(h);
  }
  let named = hellos[0].shown[channel - 1];
  if (b.told.length > 0) {
    const told = heard(b.told, realm, writer, reader, chains[0]);
    if (!told.nonce.equals(hellos[0].answers) || !told.nonce.equals(nonceOf(told))) refuse('withheld.told', 'nonce');
    named = told.own[channel - 1];
  }
  const same = named.size.generation === head.generation && named.size.size === head.size && named.root.equals(head.root);
  if (!same) refuse('withheld.told');
  return hellos;
}

// verifyWithheld gives what a bundle proves against the reader, or refuses it,
// in the order of WTH-13.
export function verifyWithheld(bytes, known = []) {
  const b = o.decode(Withheld, bytes);
  const chains = parties(b, known);
  verifyClaim(b, chains[0].at(-1));
  const { leaf, head } = verifyEntry(b, chains[0]);
  const hellos = verifyKnown(b, chains, head);
  const last = hellos.at(-1);
  const stored = last.stored[b.origin.channel - 1];
  return {
    origin: b.origin, chains, leaf, head, hellos: hellos.length, attempts: b.attempts, made: b.time, sealed: b.sealed.length > 0,
    knew: hellos[0].time, last: last.time, state: last.state,
    stored: stored.generation >= head.generation && stored.size > leaf.position,
  };
}
