// The checks of the vectors for the binary formats of the treaty: octets,
// parties, ledger, statement, envelope, evidence, contact, disclosure.
import * as o from './octets.mjs';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { VectorFile, expecting, same } from './vector.mjs';
import { ed25519Public, ed25519Verify, sha256 } from './suites.mjs';
import { hasMldsa, mldsa44Public, xwingKeys } from './postquantum.mjs';
import { fingerprint, lower, readCard, verifyFounding, verifySuccessor } from './party.mjs';
import { readLeaf } from './ledger.mjs';
import { MonitoredLog, checkLeaf } from './monitor.mjs';
import { splitNote, verifyCosignature, verifyHead } from './heads.mjs';
import * as statement from './statement.mjs';
import { openAttachment, openSealed, openWrap } from './envelope.mjs';
import { readGeneration, verifyCompromise, verifyFork, verifyGeneration } from './evidence.mjs';
import { readTurn, readWriting, verifyHello } from './contact.mjs';
import { ended, readNote } from './link.mjs';
import { Tree, leafHash } from './tree.mjs';
import * as gather from './gather.mjs';
import * as mail from './mail.mjs';
import { verifyDisclosure, verifyProof, verifyStep } from './disclosure.mjs';
import { verifyWithheld } from './withheld.mjs';
import * as probes from './probes.mjs';

// The two parties of vectors/README.md, whose keys everybody knows.
const made = new Map();
function key(name) {
  if (!made.has(name)) made.set(name, makeKey(name));
  return made.get(name);
}

// listed are the public keys as keys.json has them. What can be computed here
// is compared; the rest is taken from there, by those who cannot compute it.
const listed = JSON.parse(readFileSync(path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'spec', 'vectors', 'keys.json')));

function makeKey(name) {
  const [first, second] = [sha256(`${name} 1`), sha256(`${name} 2`)];
  const known = Buffer.from(listed[name] ?? '', 'hex');
  const isListed = (computed, at) => same(`the key ${name}`, o.hex(computed), o.hex(known.subarray(at, at + computed.length)));
  if (/ (seal|archive)$/.test(name)) {
    const pair = xwingKeys(first);
    isListed(pair.xPublic, 1184);
    if (pair.publicKey) isListed(pair.publicKey, 0);
    return { ...pair, publicKey: known };
  }
  isListed(ed25519Public(first), 0);
  if (hasMldsa) isListed(mldsa44Public(second), 32);
  return { ed25519: known.subarray(0, 32), mldsa44: known.subarray(32) };
}

const party = (name) => fingerprint(key(`${name} root`));
const byOrder = () => {
  const [alpha, beta] = ['alpha', 'beta'];
  return lower(party(alpha), party(beta)) ? { low: alpha, high: beta } : { low: beta, high: alpha };
};

const reading = (read) => (file) => expecting(file.header.expect, () => read(file.data, file.header, file));

function card(bytes, header, file) {
  const read = readCard(bytes);
  if (!header.after) return verifyFounding(read);
  return verifySuccessor(readCard(file.sibling(header.after).data), read, party(byOrder().high));
}

function generation(bytes) {
  const { low, high } = byOrder();
  const origin = { realm: 1, channel: 3, writer: party(low), reader: party(high), generation: 0 };
  verifyGeneration(readGeneration(bytes), origin, key(`${low} root`), key(`${high} root`));
}

function compromise(bytes) {
  const { low, high } = byOrder();
  verifyCompromise(bytes, 1, party(low), party(high), key(`${low} root`));
}

function wraps(bytes, header) {
  const origin = Buffer.from(header.origin, 'hex');
  const secret = openWrap(bytes, Number(header.place), key(header.key), origin, Buffer.from(header.commitment, 'hex'));
  same('the secret', o.hex(secret), header.secret);
}

function sealed(bytes, header) {
  const [origin, secret, commitment] = [header.origin, header.secret, header.commitment].map((x) => Buffer.from(x, 'hex'));
  same('the plaintext', o.hex(openSealed(bytes, secret, origin, commitment)), header.plain);
}

function posted(bytes, header) {
  const { bytes: item, item: { part } } = mail.openFile(bytes, key(header.key));
  if (header.item) same('the item', o.hex(item), header.item);
  else same('the part', part && o.hex(part), header.part);
}

// lineOf is the line on which the party of a file's key writes to the other.
function lineOf(header) {
  const [from, to] = header.key.startsWith('alpha ') ? ['alpha', 'beta'] : ['beta', 'alpha'];
  return { realm: Number(header.realm ?? 1), from: party(from), to: party(to), keys: [key(header.key)] };
}

// answered has a restored node decide by a turn which of its logs have ended; the
// leaves of the logs are letters.
function answered(bytes, header) {
  const { hello } = mail.readMailed(bytes, lineOf(header));
  const own = header.own.split(' ').map((text) => {
    const [generation, size] = text.split('/').map(Number);
    const tree = new Tree();
    for (const letter of 'abcdefgh'.slice(0, size)) tree.append(leafHash(Buffer.from(letter)));
    return { generation, size, root: tree.root() };
  });
  const note = header.note === 'none' ? null : readNote(Buffer.from(header.note, 'hex'));
  const over = ended(own, note, hello, Buffer.from(header.nonce, 'hex'));
  same('what has ended', ['control', 'hotline', 'routine'].filter((_, i) => over[i]).join(' ') || 'none', header.ended);
}

const item = (read) => reading((bytes, header) => mail.checkItem(read(bytes), lineOf(header)));

function content(bytes, header) {
  same('the hash', o.hex(sha256(openAttachment(Buffer.from(header.descriptor, 'hex'), bytes))), header.sha256);
}

function cosignature(bytes, header, file) {
  const { text, signatures } = splitNote(file.body);
  const { time } = verifyCosignature(text, signatures, header.name, key(header.key));
  same('the time', String(time), header.time);
}

// probesOf judges results of machine tests under one key. PRB-12
function probesOf(bytes, header) {
  const found = probes.verify(bytes, [key(header.key)]);
  same('the digest', found.digest, header.digest);
  same('the answers shown', String(found.proved), header.proved);
  same('the answers not kept', String(found.lost), header.lost);
  same('the counts', found.sums.map((s) => Object.values(s).join(' ')).join(', '), header.sums);
}

const both = () => [party('alpha'), party('beta')];

// Of the card of a party only the officer with the key file can have signed.
function custody(bytes, header) {
  verifyStep(bytes, { officers: [{ algorithm: 1, key: ed25519Public(sha256(`${header.officer} officer 1`)) }] });
}

// log takes leaves in their order by the rules of their logs; only the last may
// be refused.
function log(file) {
  const logs = { lower: [], higher: [] };
  const { low, high } = byOrder();
  const sides = { lower: [low, high], higher: [high, low] };
  for (const [side, [writer, reader]] of Object.entries(sides)) {
    for (const channel of [1, 2, 3]) logs[side].push(new MonitoredLog(1, channel, party(writer), party(reader)));
  }
  const lines = file.body.toString('ascii').trimEnd().split('\n');
  const take = (line) => {
    const [side, channel, digits] = line.split(' ');
    const raw = Buffer.from(digits, 'hex');
    const leaf = readLeaf(raw);
    const other = side === 'lower' ? 'higher' : 'lower';
    const own = logs[side][channel - 1];
    own.append(leaf, raw);
    checkLeaf(leaf, own.size - 1, own, { other: logs[other][channel - 1], otherControl: logs[other][0], ownControl: logs[side][0] });
  };
  lines.slice(0, -1).forEach(take);
  return expecting(file.header.expect, () => take(lines.at(-1)));
}

// person verifies signatures of persons by the card that the vectors of cards
// begin with, the lower party's founding one.
function person(bytes, header, file) {
  const card = readCard(new VectorFile('card', 'founding.txt', path.join(path.dirname(file.filename), '..', 'card', 'founding.txt')).data);
  const digest = statement.statementDigest(Buffer.from(header.statement, 'hex'));
  for (const signed of statement.readSignatures(bytes)) statement.verifyPerson(card, signed, digest);
}

// ed25519 is the collected edge cases of SUI-3, each with what is odd about it.
function ed25519(file) {
  const all = JSON.parse(file.text);
  const has = (c, ...flags) => flags.some((f) => (c.flags ?? []).includes(f));
  const odd = (c) => has(c, 'low_order_residue', 'non_canonical_R', 'low_order_A', 'low_order_R', 'non_canonical_A');
  for (const c of all) {
    const good = ed25519Verify(Buffer.from(c.key, 'hex'), Buffer.from(c.msg), Buffer.from(c.sig, 'hex'));
    same(`case ${c.number}`, good, !odd(c));
  }
  return { outcome: 'ok', cases: all.length };
}

export const checks = {
  log,
  ed25519,
  person: reading(person),
  card: reading(card),
  statement: reading(statement.readStatement),
  parts: reading(statement.readParts),
  slip: reading(statement.readSlip),
  attachment: reading(statement.readAttachment),
  signatures: reading(statement.readSignatures),
  leaf: reading(readLeaf),
  head: (file) => expecting(file.header.expect, () => verifyHead(file.body, file.header.origin, key(file.header.key))),
  cosignature: (file) => expecting(file.header.expect, () => cosignature(null, file.header, file)),
  fork: reading((bytes, header) => verifyFork(bytes, header.origin, key(header.key))),
  generation: reading(generation),
  compromise: reading(compromise),
  wraps: reading(wraps),
  sealed: reading(sealed),
  content: reading(content),
  hello: reading((bytes, header) => verifyHello(bytes, key(header.key))),
  turn: reading(readTurn),
  writing: reading(readWriting),
  note: reading(readNote),
  mail: item(mail.readChunk),
  piece: item(mail.readPiece),
  wanted: item(mail.readWanted),
  gathered: gather.check,
  answered: reading(answered),
  mailed: reading((bytes, header) => mail.readMailed(bytes, lineOf(header))),
  posted: reading(posted),
  disclosure: reading((bytes) => verifyDisclosure(bytes, both())),
  proof: reading((bytes) => verifyProof(bytes, both())),
  custody: reading(custody),
  probes: (file) => expecting(file.header.expect, () => probesOf(file.body, file.header)),
  withheld: reading((bytes) => verifyWithheld(bytes, both())),
};
