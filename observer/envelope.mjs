// Epochs, sealed acts and attachments of spec/envelope.md.
import crypto from 'node:crypto';
import { refuse } from './faults.mjs';
import * as o from './octets.mjs';
import { readAttachment } from './statement.mjs';
import { xwingOpen } from './postquantum.mjs';
import { aesGcmOpen, hkdf, sha256 } from './suites.mjs';

// derive is that of the page; origin is the tuple's bytes.
function derive(secret, label, origin, extra = Buffer.alloc(0)) {
  return hkdf(secret, Buffer.concat([Buffer.from(label), o.encode(o.opaque(0xffffffff), origin), extra]));
}

// ENV-2
export const epochCommitment = (secret, origin) => derive(secret, 'parley epoch v1\n', origin);

const Wrap = o.struct(['keyId', o.fixed(8)], ['enc', o.fixed(1120)], ['ct', o.fixed(48)]);
const Wraps = o.array(Wrap, 3);
const wrapsBytes = 3528;

// hpkeOpen is RFC 9180, base mode, single shot, no additional data.
export function hpkeOpen(secret, enc, info, ct) {
  const shared = xwingOpen(secret, enc);
  if (!shared) return null;
  const suite = Buffer.concat([Buffer.from('HPKE'), Buffer.from([0x64, 0x7a, 0, 1, 0, 2])]);
  const extract = (salt, label, ikm) => crypto.createHmac('sha256', salt).update('HPKE-v1').update(suite).update(label).update(ikm).digest();
  const expand = (prk, label, context, length) => crypto.createHmac('sha256', prk)
    .update(Buffer.of(0, length)).update('HPKE-v1').update(suite).update(label).update(context).update(Buffer.of(1)).digest().subarray(0, length);
  const context = Buffer.concat([Buffer.of(0), extract('', 'psk_id_hash', ''), extract('', 'info_hash', info)]);
  const prk = extract(shared, 'secret', '');
  return aesGcmOpen(expand(prk, 'key', context, 32), expand(prk, 'base_nonce', context, 12), ct);
}

// openWrap opens the wrap at a place with a pair of postquantum.mjs (ENV-4 to ENV-7).
export function openWrap(wraps, place, secret, origin, commitment) {
  if (wraps.length !== wrapsBytes) refuse('envelope.wraps');
  const wrap = o.decode(Wraps, wraps)[place];
  const name = sha256('parley seal key v1\n', secret.publicKey).subarray(0, 8);
  if (!wrap.keyId.equals(name)) refuse('envelope.other-key');
  const info = Buffer.concat([Buffer.from('parley wrap v1\n'), Buffer.of(place), origin]);
  const epoch = hpkeOpen(secret, wrap.enc, info, wrap.ct);
  if (!epoch || epoch.length !== 32) refuse('envelope.wraps');
  checkSecret(epoch, origin, commitment);
  return epoch;
}

// ENV-7
export function checkSecret(epoch, origin, commitment) {
  if (!epochCommitment(epoch, origin).equals(commitment)) refuse('envelope.commitment');
}

// paddedLength is ENV-12.
export function paddedLength(length) {
  if (length < 256) return 256;
  const e = Math.floor(Math.log2(length));
  const s = Math.floor(Math.log2(e)) + 1;
  const unit = 2 ** (e - s);
  return Math.ceil(length / unit) * unit;
}

const sealedLimit = 2097152;

// openSealed gives the parts' bytes of an act (ENV-9 to ENV-13).
export function openSealed(sealed, epoch, origin, commitment) {
  if (sealed.length < 32 + 16 || sealed.length > sealedLimit) refuse('envelope.sealed');
  const random = sealed.subarray(0, 32);
  const key = derive(epoch, 'parley act key v1\n', origin, random);
  const additional = Buffer.concat([Buffer.from('parley act v1\n'), Buffer.of(1), o.encode(o.opaque(0xffffffff), origin), commitment]);
  const plain = aesGcmOpen(key, Buffer.alloc(12), sealed.subarray(32), additional);
  if (!plain) refuse('envelope.sealed');
  const length = plain.length < 4 ? -1 : plain.readUInt32BE(0);
  if (length < 0 || 4 + length > plain.length || paddedLength(4 + length) !== plain.length) refuse('envelope.padding');
  if (plain.subarray(4 + length).some((b) => b !== 0)) refuse('envelope.padding');
  return plain.subarray(4, 4 + length);
}

const chunk = 65536;

// openAttachment gives the content that a descriptor names (ENV-14 to ENV-16).
export function openAttachment(descriptor, sealed) {
  const a = readAttachment(descriptor);
  const whole = BigInt(sealed.length) === a.sealedSize && sha256(sealed).equals(a.sealed);
  if (!whole) refuse('envelope.attachment');
  const out = [];
  for (let at = 0, number = 0n; ; number++) {
    const next = sealed.subarray(at, at + chunk + 16);
    at += next.length;
    const nonce = Buffer.alloc(12);
    nonce.writeBigUInt64BE(number, 3);
    nonce[11] = at === sealed.length ? 1 : 0;
    const plain = aesGcmOpen(a.key, nonce, next);
    if (!plain || (plain.length === 0 && number > 0n)) refuse('envelope.attachment');
    out.push(plain);
    if (at === sealed.length) break;
  }
  const content = Buffer.concat(out);
  if (BigInt(content.length) !== a.size || !sha256(a.salt, content).equals(a.content)) refuse('envelope.attachment');
  return content;
}
