// ML-KEM-768 of FIPS 203 (key generation and decapsulation) and X-Wing over
// it, as spec/suites.md asks for wraps. Made to check, not to guard a secret:
// it is not constant in time.
import crypto from 'node:crypto';

const q = 3329;
const n = 256;
const k = 3;

const shake = (bits, length, ...parts) => {
  const h = crypto.createHash(`shake${bits}`, { outputLength: length });
  for (const p of parts) h.update(p);
  return h.digest();
};
const sha3 = (bits, ...parts) => {
  const h = crypto.createHash(`sha3-${bits}`);
  for (const p of parts) h.update(p);
  return h.digest();
};

const mod = (x) => ((x % q) + q) % q;
const reversed = (i) => {
  let e = 0;
  for (let bit = 0; bit < 7; bit++) if (i & (1 << bit)) e |= 64 >> bit;
  return e;
};
const power = (e) => {
  let z = 1;
  for (let i = 0; i < e; i++) z = (z * 17) % q;
  return z;
};
const zetas = Array.from({ length: 128 }, (_, i) => power(reversed(i)));
const gammas = Array.from({ length: 128 }, (_, i) => power(2 * reversed(i) + 1));

function ntt(poly) {
  const a = poly.slice();
  for (let i = 1, len = 128; len >= 2; len >>= 1) {
    for (let start = 0; start < n; start += 2 * len) {
      const z = zetas[i++];
      for (let j = start; j < start + len; j++) {
        const t = (z * a[j + len]) % q;
        a[j + len] = mod(a[j] - t);
        a[j] = (a[j] + t) % q;
      }
    }
  }
  return a;
}

function inverseNtt(poly) {
  const a = poly.slice();
  for (let i = 127, len = 2; len <= 128; len <<= 1) {
    for (let start = 0; start < n; start += 2 * len) {
      const z = zetas[i--];
      for (let j = start; j < start + len; j++) {
        const t = a[j];
        a[j] = (t + a[j + len]) % q;
        a[j + len] = (z * mod(a[j + len] - t)) % q;
      }
    }
  }
  return a.map((x) => (x * 3303) % q); // 1/128
}

function multiply(a, b) {
  const c = new Array(n);
  for (let i = 0; i < 128; i++) {
    const [a0, a1, b0, b1] = [a[2 * i], a[2 * i + 1], b[2 * i], b[2 * i + 1]];
    c[2 * i] = (a0 * b0 + ((a1 * b1) % q) * gammas[i]) % q;
    c[2 * i + 1] = (a0 * b1 + a1 * b0) % q;
  }
  return c;
}

const add = (a, b) => a.map((x, i) => (x + b[i]) % q);
const subtract = (a, b) => a.map((x, i) => mod(x - b[i]));
const dot = (u, v) => u.map((a, i) => multiply(a, v[i])).reduce(add);

// uniform is SampleNTT.
function uniform(seed, ...indices) {
  const stream = shake(128, 2048, seed, Buffer.from(indices));
  const a = [];
  for (let i = 0; a.length < n; i += 3) {
    const low = stream[i] + 256 * (stream[i + 1] & 15);
    const high = (stream[i + 1] >> 4) + 16 * stream[i + 2];
    if (low < q) a.push(low);
    if (high < q && a.length < n) a.push(high);
  }
  return a;
}

// noise is SamplePolyCBD for eta 2.
function noise(seed, number) {
  const b = shake(256, 128, seed, Buffer.of(number));
  return Array.from({ length: n }, (_, i) => {
    const v = (b[i >> 1] >> (4 * (i & 1))) & 15;
    return mod((v & 1) + ((v >> 1) & 1) - ((v >> 2) & 1) - (v >> 3));
  });
}

function pack(values, width) {
  const bytes = Buffer.alloc((n * width) / 8);
  values.forEach((v, i) => {
    for (let j = 0; j < width; j++) if ((v >> j) & 1) bytes[(i * width + j) >> 3] |= 1 << ((i * width + j) & 7);
  });
  return bytes;
}

function unpack(bytes, width) {
  return Array.from({ length: n }, (_, i) => {
    let v = 0;
    for (let j = 0; j < width; j++) v |= ((bytes[(i * width + j) >> 3] >> ((i * width + j) & 7)) & 1) << j;
    return v;
  });
}

const compress = (poly, d) => poly.map((x) => Math.floor((x * 2 ** d + (q - 1) / 2) / q) % 2 ** d);
const decompress = (poly, d) => poly.map((x) => Math.floor((x * q + 2 ** (d - 1)) / 2 ** d));

const matrix = (rho, transposed) => Array.from({ length: k }, (_, i) =>
  Array.from({ length: k }, (__, j) => (transposed ? uniform(rho, i, j) : uniform(rho, j, i))));

// keys makes a pair from the two seeds of FIPS 203 algorithm 16.
function keys(d, z) {
  const g = sha3(512, d, Buffer.of(k));
  const [rho, sigma] = [g.subarray(0, 32), g.subarray(32)];
  const s = [0, 1, 2].map((i) => ntt(noise(sigma, i)));
  const e = [3, 4, 5].map((i) => ntt(noise(sigma, i)));
  const t = matrix(rho, false).map((row, i) => add(dot(row, s), e[i]));
  const publicKey = Buffer.concat([...t.map((p) => pack(p, 12)), rho]);
  return { s, z, publicKey };
}

function encrypt(publicKey, message, random) {
  const t = [0, 1, 2].map((i) => unpack(publicKey.subarray(384 * i, 384 * (i + 1)), 12).map(mod));
  const y = [0, 1, 2].map((i) => ntt(noise(random, i)));
  const u = matrix(publicKey.subarray(384 * k), true).map((row, i) => add(inverseNtt(dot(row, y)), noise(random, 3 + i)));
  const mu = decompress(unpack(message, 1), 1);
  const v = add(add(inverseNtt(dot(t, y)), noise(random, 6)), mu);
  return Buffer.concat([...u.map((p) => pack(compress(p, 10), 10)), pack(compress(v, 4), 4)]);
}

// decapsulate is FIPS 203 algorithm 18, with its implicit rejection.
function decapsulate(pair, ciphertext) {
  const u = [0, 1, 2].map((i) => decompress(unpack(ciphertext.subarray(320 * i, 320 * (i + 1)), 10), 10));
  const v = decompress(unpack(ciphertext.subarray(960), 4), 4);
  const w = subtract(v, inverseNtt(dot(pair.s, u.map(ntt))));
  const message = pack(compress(w, 1), 1);
  const g = sha3(512, message, sha3(256, pair.publicKey));
  const again = encrypt(pair.publicKey, message, g.subarray(32));
  return again.equals(ciphertext) ? g.subarray(0, 32) : shake(256, 32, pair.z, ciphertext);
}

const x25519Private = Buffer.from('302e020100300506032b656e04220420', 'hex');
const x25519Public = Buffer.from('302a300506032b656e032100', 'hex');

// xwingKeys gives both halves of a pair from its seed of 32 bytes.
export function xwingKeys(seed) {
  const expanded = shake(256, 96, seed);
  const pair = keys(expanded.subarray(0, 32), expanded.subarray(32, 64));
  const der = Buffer.concat([x25519Private, expanded.subarray(64)]);
  const x = crypto.createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const xPublic = crypto.createPublicKey(x).export({ format: 'der', type: 'spki' }).subarray(12);
  return { pair, x, xPublic, publicKey: Buffer.concat([pair.publicKey, xPublic]) };
}

// xwingOpen gives the shared secret of a ciphertext of 1,120 bytes, or null.
export function xwingOpen(secret, ciphertext) {
  const sharedM = decapsulate(secret.pair, ciphertext.subarray(0, 1088));
  const xCiphertext = ciphertext.subarray(1088);
  const other = crypto.createPublicKey({ key: Buffer.concat([x25519Public, xCiphertext]), format: 'der', type: 'spki' });
  let sharedX;
  try {
    sharedX = crypto.diffieHellman({ privateKey: secret.x, publicKey: other });
  } catch {
    return null; // a point of small order
  }
  return sha3(256, sharedM, sharedX, xCiphertext, secret.xPublic, Buffer.from('\\.//^\\'));
}
