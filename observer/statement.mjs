// Parts, commitments, slips, attachments, statements and persons' signatures
// of spec/statement.md.
import { refuse } from './faults.mjs';
import * as o from './octets.mjs';
import { officerKeyId } from './party.mjs';
import { ed25519Verify, es256Verify, hkdfExpand, sha256 } from './suites.mjs';

export const Ref = o.struct(['side', o.u8], ['generation', o.u32], ['position', o.u64]);
export const Size = o.struct(['generation', o.u32], ['size', o.u64]);
export const Seen = o.array(Size, 3);

export const partLimit = 1048576;
const Parts = o.struct(['seed', o.fixed(32)], ['parts', o.list(o.opaque(partLimit), 64)]);
const Slip = o.struct(['number', o.u32], ['predecessor', o.u64]);
const Attachment = o.struct(
  ['name', o.line(255)],
  ['media', o.line(127)],
  ['size', o.u64],
  ['key', o.fixed(32)],
  ['sealed', o.fixed(32)],
  ['sealedSize', o.u64],
  ['salt', o.fixed(32)],
  ['content', o.fixed(32)],
);
const Statement = o.struct(
  ['tag', o.tag('parley statement v1')],
  ['suite', o.only(o.u8, 1)],
  ['realm', o.u8],
  ['writer', o.fixed(32)],
  ['reader', o.fixed(32)],
  ['channel', o.u8],
  ['generation', o.u32],
  ['act', o.fixed(16)],
  ['thread', o.list(Ref, 1)],
  ['replies', o.list(Ref, 16)],
  ['kind', o.line(64)],
  ['arrangement', o.fixed(32)],
  ['seen', Seen],
  ['notAfter', o.time],
  ['content', o.fixed(32)],
);
const PersonSignature = o.struct(['keyId', o.line(16)], ['algorithm', o.u8], ['signature', o.opaque(8192)]);
const PersonSignatures = o.list(PersonSignature, 8);
const Assertion = o.struct(
  ['authenticatorData', o.opaque(1024)],
  ['clientData', o.opaque(4096)],
  ['signature', o.opaque(256)],
);

const u16 = (v) => Buffer.of(v >> 8, v & 255);

// STA-1
export function readParts(bytes) {
  const act = o.decode(Parts, bytes);
  if (act.parts.length < 4) refuse('parts.malformed');
  return act;
}

// STA-2
export const salt = (seed, index) => hkdfExpand(seed, Buffer.concat([Buffer.from('parley salt v1\n'), u16(index)]));

// STA-3
export const partCommitment = (index, salted, part) => sha256('parley part v1\n', u16(index), salted, part);

// STA-4
export const partsCommitment = (commitments) => sha256('parley parts v1\n', u16(commitments.length), ...commitments);

// STA-5
export function contentCommitment(commitments) {
  const content = commitments.slice(3);
  return sha256('parley content v1\n', u16(content.length), ...content);
}

export function commitmentsOf(act) {
  return act.parts.map((part, i) => partCommitment(i, salt(act.seed, i), part));
}

export const readSlip = (bytes) => o.decode(Slip, bytes);
export const readAttachment = (bytes) => o.decode(Attachment, bytes);

// STA-8 to STA-10
export function readStatement(bytes) {
  const s = o.decode(Statement, bytes);
  const fine = (s.realm === 1 || s.realm === 2) && s.channel >= 1 && s.channel <= 3 && s.kind !== ''
    && s.notAfter < o.timeLimit && !s.writer.equals(s.reader)
    && [...s.thread, ...s.replies].every((ref) => ref.side === 1 || ref.side === 2);
  if (!fine) refuse('statement.malformed');
  return s;
}

// STA-11
export const statementDigest = (bytes) => sha256(bytes);

// STA-12
export function readSignatures(bytes) {
  const signatures = o.decode(PersonSignatures, bytes);
  if (new Set(signatures.map((s) => s.keyId)).size !== signatures.length) refuse('statement.malformed', 'one key twice');
  return signatures;
}

// STA-13 to STA-17, by one card.
export function verifyPerson(card, signed, digest) {
  const officer = card.officers.find((x) => officerKeyId(x) === signed.keyId);
  if (!officer || officer.algorithm !== signed.algorithm) refuse('statement.person');
  if (officer.algorithm === 2) return verifyPasskey(card, officer, signed.signature, digest);
  const message = Buffer.concat([Buffer.from('parley person v1\n'), digest]);
  if (!ed25519Verify(officer.key, message, signed.signature)) refuse('statement.signature');
  return officer;
}

function verifyPasskey(card, officer, bytes, digest) {
  const a = o.decode(Assertion, bytes);
  const data = a.authenticatorData;
  const present = data.length >= 37 && data.subarray(0, 32).equals(sha256(card.rpId)) && (data[32] & 5) === 5;
  if (!present) refuse('statement.passkey');
  const client = a.clientData.toString('latin1');
  const began = card.origins.map((origin) => '{"type":"webauthn.get","challenge":"' + digest.toString('base64url')
    + '","origin":"' + Buffer.from(origin).toString('latin1') + '","crossOrigin":false');
  const rest = began.filter((b) => client.startsWith(b)).map((b) => client.slice(b.length));
  if (!rest.some((r) => r === '}' || (r.startsWith(',') && r.endsWith('}')))) refuse('statement.passkey');
  const message = Buffer.concat([data, sha256(a.clientData)]);
  if (!es256Verify(officer.key, message, a.signature)) refuse('statement.passkey');
  return officer;
}
