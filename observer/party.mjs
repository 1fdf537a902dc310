// Parties and cards of spec/party.md.
import { refuse } from './faults.mjs';
import * as o from './octets.mjs';
import { pairVerify, sha256, weakPoint } from './suites.mjs';

export const PublicKey = o.struct(['ed25519', o.fixed(32)], ['mldsa44', o.fixed(1312)]);
export const Signature = o.struct(['ed25519', o.fixed(64)], ['mldsa44', o.fixed(2420)]);
const signatureBytes = 64 + 2420;

const Officer = o.struct(
  ['algorithm', o.u8],
  ['key', o.opaque(65)],
  ['role', o.line(64)],
  ['name', o.line(255)],
  ['unit', o.line(64)],
);

const Card = o.struct(
  ['tag', o.tag('parley card v1')],
  ['suite', o.only(o.u8, 1)],
  ['realm', o.u8],
  ['serial', o.u32],
  ['party', o.fixed(32)],
  ['link', o.fixed(32)],
  ['created', o.time],
  ['code', o.line(16)],
  ['nameEn', o.line(255)],
  ['nameZh', o.line(255)],
  ['root', PublicKey],
  ['nextRoot', o.fixed(32)],
  ['sign', PublicKey],
  ['seal', o.fixed(1216)],
  ['archive', o.fixed(1216)],
  ['tls', o.fixed(32)],
  ['addresses', o.list(o.line(255), 16)],
  ['rpId', o.line(255)],
  ['origins', o.list(o.line(255), 16)],
  ['officers', o.list(Officer, 1024)],
  ['signature', Signature],
);

export const cardLimit = 262144;
export const realms = { 1: 'real', 2: 'exercise' };
export const zero32 = Buffer.alloc(32);

// PAR-1
export function fingerprint(root) {
  return sha256('parley root v1\n', Buffer.of(1), root.ed25519, root.mldsa44);
}

// PAR-4
export function identifier(text) {
  if (!/^[0-9a-f]{64}$/.test(text)) refuse('party.id');
  return Buffer.from(text, 'hex');
}

export const lower = (a, b) => Buffer.compare(a, b) < 0;

// PAR-13
export function officerKeyId(officer) {
  return o.hex(sha256(Buffer.of(officer.algorithm), officer.key).subarray(0, 8));
}

const keyLengths = { 1: 32, 2: 65 };

const sound = ({ algorithm, key }) => key.length === keyLengths[algorithm] && !(algorithm === 1 && weakPoint(key));

// readCard reads a card and checks what it says by itself (PAR-7, PAR-9).
export function readCard(bytes) {
  if (bytes.length > cardLimit) refuse('octets.unknown');
  const card = o.decode(Card, bytes);
  card.bytes = Buffer.from(bytes);
  const known = card.realm in realms && card.serial > 0 && card.created < o.timeLimit && card.code !== '';
  if (!known || weakPoint(card.root.ed25519) || weakPoint(card.sign.ed25519)) refuse('card.malformed');
  const seen = new Set();
  for (const officer of card.officers) {
    const id = officerKeyId(officer);
    if (!sound(officer) || officer.role === '' || officer.name === '' || seen.has(id)) {
      refuse('card.malformed', 'an officer');
    }
    seen.add(id);
  }
  return card;
}

function checkSignature(card) {
  const signed = card.bytes.subarray(0, card.bytes.length - signatureBytes);
  const message = Buffer.concat([Buffer.from('parley card signature v1\n'), signed]);
  if (!pairVerify(card.root, message, card.signature)) refuse('card.signature');
}

// PAR-10
export function verifyFounding(card) {
  if (card.serial !== 1 || !card.link.equals(zero32) || !card.party.equals(fingerprint(card.root))) refuse('card.founding');
  checkSignature(card);
}

// verifySuccessor checks that a card follows another on the link with the
// counterpart (PAR-11, PAR-12).
export function verifySuccessor(before, card, counterpart) {
  if (!card.party.equals(before.party) || card.realm !== before.realm || !card.link.equals(counterpart)) refuse('card.other-link');
  if (card.serial !== before.serial + 1) refuse('card.serial');
  const root = fingerprint(card.root);
  const same = root.equals(fingerprint(before.root));
  if (same ? !card.nextRoot.equals(before.nextRoot) : !root.equals(before.nextRoot)) refuse('card.root');
  checkSignature(card);
}

// PAR-14
export const cardName = (card) => sha256(card.bytes);

const Replacement = o.struct(
  ['tag', o.tag('parley officer replacement v1')],
  ['lost', o.line(16)],
  ['algorithm', o.u8],
  ['key', o.opaque(65)],
);

// readReplacement reads an officer's key that counts no more, and the one in its
// place, if any (PAR-16).
export const readReplacement = (bytes) => o.decode(Replacement, bytes);

const none = (r) => r.algorithm === 0 && r.key.length === 0;
const named = (card, id) => card.officers.find((x) => officerKeyId(x) === id);

// newKeyId names the key in the lost one's place; empty when there is none.
export const newKeyId = (r) => (none(r) ? '' : officerKeyId(r));

// checkReplacement is CTL-19, on the card in force, with the keys that signed.
export function checkReplacement(card, r, signers) {
  const lost = named(card, r.lost);
  const officers = signers.map((id) => named(card, id));
  const fresh = none(r) || (sound(r) && !named(card, officerKeyId(r)));
  if (!lost || !fresh || officers.includes(undefined) || signers.includes(r.lost)) refuse('card.officer');
  if (new Set(officers.map((x) => x.name).filter((name) => name !== lost.name)).size < 2) refuse('card.officer', 'two others sign');
}

// withReplacement is a card as it counts with a replacement (CTL-20).
export function withReplacement(card, r) {
  const gone = none(r) || Boolean(named(card, officerKeyId(r)));
  const change = (x) => {
    if (officerKeyId(x) !== r.lost) return [x];
    return gone ? [] : [{ ...x, algorithm: r.algorithm, key: r.key }];
  };
  return { ...card, officers: card.officers.flatMap(change) };
}
