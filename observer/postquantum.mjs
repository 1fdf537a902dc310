// ML-DSA-44 and X25519+ML-KEM-768 (X-Wing) of spec/suites.md, by the primitives
// that the running Node.js has. Node.js 20 has neither of the two; what could
// not be checked for want of one is counted or thrown, never passed over.
import crypto from 'node:crypto';

// offers draws a key as node:crypto does by itself: a mistake in how this file
// hands keys over must show as a difference, and not as want of the primitive.
function offers(type) {
  try {
    crypto.generateKeyPairSync(type);
    return true;
  } catch {
    return false;
  }
}

export const hasMldsa = offers('ml-dsa-44');
export const hasMlkem = typeof crypto.decapsulate === 'function' && offers('ml-kem-768');

// stated is how programs are told whether the ML-DSA half was checked.
export const stated = { mldsa: hasMldsa ? 'checked' : 'not-checked' };

// Lacking says that something cannot be computed with this Node.js.
export class Lacking extends Error {
  constructor(primitive) {
    super(`this Node.js has no ${primitive}`);
    this.primitive = primitive;
  }
}

// halves counts the ML-DSA signatures that nobody could check. They are taken
// as good, but for the one with the number `bad`: by it vectors.mjs finds out
// what would follow from a bad one.
export const halves = { unchecked: 0, bad: -1 };

const mldsaPublic = Buffer.from('30820532300b06096086480165030403110382052100', 'hex');
const mldsaSeed = Buffer.from('3034020100300b060960864801650304031104228020', 'hex');
const mlkemSeed = Buffer.from('3054020100300b060960864801650304040204428040', 'hex');
const x25519Public = Buffer.from('302a300506032b656e032100', 'hex');
const x25519Private = Buffer.from('302e020100300506032b656e04220420', 'hex');

const publicKey = (prefix, raw) => crypto.createPublicKey({ key: Buffer.concat([prefix, raw]), format: 'der', type: 'spki' });
const privateKey = (prefix, raw) => crypto.createPrivateKey({ key: Buffer.concat([prefix, raw]), format: 'der', type: 'pkcs8' });
// rawPublic is what stands behind the name of the algorithm.
const rawPublic = (key, length) => crypto.createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-length);

// mldsa44Verify is SUI-4, pure and with an empty context.
export function mldsa44Verify(key, message, signature) {
  if (key.length !== 1312 || signature.length !== 2420) return false;
  if (!hasMldsa) return halves.unchecked++ !== halves.bad;
  try {
    return crypto.verify(null, message, publicKey(mldsaPublic, key), signature);
  } catch {
    return false;
  }
}

// mldsa44Public gives the public key of a seed (SUI-5).
export function mldsa44Public(seed) {
  if (!hasMldsa) throw new Lacking('ML-DSA');
  return rawPublic(privateKey(mldsaSeed, seed), 1312);
}

// xwingKeys gives both halves of a pair from its seed of 32 bytes
// (draft-connolly-cfrg-xwing-kem, section 5.2); without ML-KEM only X25519's.
export function xwingKeys(seed) {
  const expanded = crypto.createHash('shake256', { outputLength: 96 }).update(seed).digest();
  const x = privateKey(x25519Private, expanded.subarray(64));
  const xPublic = rawPublic(x, 32);
  if (!hasMlkem) return { x, xPublic };
  const m = privateKey(mlkemSeed, expanded.subarray(0, 64));
  return { m, x, xPublic, publicKey: Buffer.concat([rawPublic(m, 1184), xPublic]) };
}

// xwingOpen gives the shared secret of a ciphertext of 1,120 bytes, or null.
export function xwingOpen(secret, ciphertext) {
  if (!hasMlkem) throw new Lacking('ML-KEM');
  const xCiphertext = ciphertext.subarray(1088);
  let sharedM, sharedX;
  try {
    sharedM = crypto.decapsulate(secret.m, ciphertext.subarray(0, 1088));
    sharedX = crypto.diffieHellman({ privateKey: secret.x, publicKey: publicKey(x25519Public, xCiphertext) });
  } catch {
    return null; // a point of small order
  }
  const h = crypto.createHash('sha3-256');
  for (const part of [sharedM, sharedX, xCiphertext, secret.xPublic, '\\.//^\\']) h.update(part);
  return h.digest();
}
