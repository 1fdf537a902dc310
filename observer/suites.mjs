// Suite 1 of spec/suites.md, as far as Node.js 20 brings it: SHA-256, HKDF,
// AES-256-GCM, Ed25519, ES256. The rest is in postquantum.mjs.
import crypto from 'node:crypto';
import { mldsa44Verify } from './postquantum.mjs';

export function sha256(...parts) {
  const h = crypto.createHash('sha256');
  for (const p of parts) h.update(p);
  return h.digest();
}

export function hkdfExpand(key, info, length = 32) {
  // RFC 5869 section 2.3, one block.
  if (length > 32) throw new Error('one block only');
  return crypto.createHmac('sha256', key).update(info).update(Buffer.of(1)).digest().subarray(0, length);
}

// hkdf is extract with an empty salt, then expand.
export function hkdf(secret, info) {
  return Buffer.from(crypto.hkdfSync('sha256', secret, Buffer.alloc(0), info, 32));
}

export function aesGcmOpen(key, nonce, sealed, additional) {
  if (sealed.length < 16) return null;
  const d = crypto.createDecipheriv('aes-256-gcm', key, nonce);
  if (additional) d.setAAD(additional);
  d.setAuthTag(sealed.subarray(sealed.length - 16));
  try {
    return Buffer.concat([d.update(sealed.subarray(0, sealed.length - 16)), d.final()]);
  } catch {
    return null;
  }
}

const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex');
const ed25519Seed = Buffer.from('302e020100300506032b657004220420', 'hex');
const p256Prefix = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex');

const prime = 2n ** 255n - 19n;
const littleEndian = (bytes) => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
const smallOrder = ['00'.repeat(32), `01${'00'.repeat(31)}`, `ec${'ff'.repeat(30)}7f`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'].map((h) => littleEndian(Buffer.from(h, 'hex')));

// weakPoint is SUI-8.
export function weakPoint(bytes) {
  const y = littleEndian(bytes) & (2n ** 255n - 1n);
  return y >= prime || smallOrder.includes(y);
}

// SUI-3. OpenSSL computes the cofactorless equation and compares encodings;
// what is weak is refused here, since not every version refuses it.
export function ed25519Verify(publicKey, message, signature) {
  if (publicKey.length !== 32 || signature.length !== 64 || weakPoint(publicKey) || weakPoint(signature.subarray(0, 32))) return false;
  try {
    const key = crypto.createPublicKey({ key: Buffer.concat([ed25519Prefix, publicKey]), format: 'der', type: 'spki' });
    return crypto.verify(null, message, key, signature);
  } catch {
    return false;
  }
}

export function ed25519Public(seed) {
  const key = crypto.createPrivateKey({ key: Buffer.concat([ed25519Seed, seed]), format: 'der', type: 'pkcs8' });
  return crypto.createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(12);
}

// ES256 as persons with a passkey sign: the point uncompressed, ASN.1 DER.
export function es256Verify(point, message, signature) {
  try {
    const key = crypto.createPublicKey({ key: Buffer.concat([p256Prefix, point]), format: 'der', type: 'spki' });
    return crypto.verify('sha256', message, key, signature);
  } catch {
    return false;
  }
}

// pairVerify says whether both halves of a signature are good (PAR-3), the
// second as far as it can be checked here.
export function pairVerify(key, message, signature) {
  return ed25519Verify(key.ed25519, message, signature.ed25519)
    && mldsa44Verify(key.mldsa44, message, signature.mldsa44);
}
