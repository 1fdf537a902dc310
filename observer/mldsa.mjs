// ML-DSA-44 of FIPS 204, verification and public keys from seeds (pure, empty
// context), as spec/suites.md asks. SHAKE is that of node:crypto.
import crypto from 'node:crypto';

const q = 8380417;
const n = 256;
const rows = 4; // k
const columns = 4; // l
const dropped = 13; // d
const tau = 39;
const gamma1 = 1 << 17;
const gamma2 = (q - 1) / 88;
const beta = 78;
const omega = 80;

export const publicKeyBytes = 1312;
export const signatureBytes = 2420;

const shake = (bits, length, ...parts) => {
  const h = crypto.createHash(`shake${bits}`, { outputLength: length });
  for (const p of parts) h.update(p);
  return h.digest();
};

const mod = (x) => ((x % q) + q) % q;
// Products of two residues stay below 2^46 and are exact as doubles.
const mul = (a, b) => (a * b) % q;

// zetas are the powers of 1753 in bit-reversed order (FIPS 204, appendix B).
const zetas = Array.from({ length: n }, (_, k) => {
  let e = 0;
  for (let bit = 0; bit < 8; bit++) if (k & (1 << bit)) e |= 128 >> bit;
  let z = 1;
  for (let i = 0; i < e; i++) z = mul(z, 1753);
  return z;
});

function ntt(poly) {
  const a = Float64Array.from(poly);
  for (let m = 0, len = 128; len >= 1; len >>= 1) {
    for (let start = 0; start < n; start += 2 * len) {
      const z = zetas[++m];
      for (let j = start; j < start + len; j++) {
        const t = mul(z, a[j + len]);
        a[j + len] = mod(a[j] - t);
        a[j] = (a[j] + t) % q;
      }
    }
  }
  return a;
}

function inverseNtt(poly) {
  const a = Float64Array.from(poly);
  for (let m = 256, len = 1; len < n; len <<= 1) {
    for (let start = 0; start < n; start += 2 * len) {
      const z = q - zetas[--m];
      for (let j = start; j < start + len; j++) {
        const t = a[j];
        a[j] = (t + a[j + len]) % q;
        a[j + len] = mul(z, mod(t - a[j + len]));
      }
    }
  }
  return a.map((x) => mul(x, 8347681)); // 1/256
}

// uniform is RejNTTPoly: an entry of the matrix A.
function uniform(rho, column, row) {
  for (let length = 1008; ; length *= 2) {
    const stream = shake(128, length, rho, Buffer.of(column, row));
    const a = new Float64Array(n);
    let filled = 0;
    for (let i = 0; i + 3 <= length && filled < n; i += 3) {
      const v = stream[i] | (stream[i + 1] << 8) | ((stream[i + 2] & 0x7f) << 16);
      if (v < q) a[filled++] = v;
    }
    if (filled === n) return a;
  }
}

// matrixTimes gives A times a vector, all in the transformed domain.
function matrixTimes(rho, vector) {
  return Array.from({ length: rows }, (_, r) => {
    const sum = new Float64Array(n);
    for (let c = 0; c < columns; c++) {
      const a = uniform(rho, c, r);
      for (let i = 0; i < n; i++) sum[i] = (sum[i] + mul(a[i], vector[c][i])) % q;
    }
    return sum;
  });
}

// unpack reads 256 integers of the given width, least significant bit first.
function unpack(bytes, width) {
  const a = new Float64Array(n);
  for (let i = 0, bit = 0; i < n; i++, bit += width) {
    let v = 0;
    for (let j = 0; j < width; j++) {
      const at = bit + j;
      v |= ((bytes[at >> 3] >> (at & 7)) & 1) << j;
    }
    a[i] = v;
  }
  return a;
}

function pack(values, width) {
  const bytes = Buffer.alloc((n * width) / 8);
  values.forEach((v, i) => {
    for (let j = 0; j < width; j++) {
      const at = i * width + j;
      if ((v >> j) & 1) bytes[at >> 3] |= 1 << (at & 7);
    }
  });
  return bytes;
}

// hints reads the hint bits, or null: positions rise in each row, and what is
// not used is zero (FIPS 204 algorithm 21).
function hints(bytes) {
  const out = Array.from({ length: rows }, () => new Uint8Array(n));
  let index = 0;
  for (let r = 0; r < rows; r++) {
    const end = bytes[omega + r];
    if (end < index || end > omega) return null;
    for (let first = index; index < end; index++) {
      if (index > first && bytes[index - 1] >= bytes[index]) return null;
      out[r][bytes[index]] = 1;
    }
  }
  for (; index < omega; index++) if (bytes[index] !== 0) return null;
  return out;
}

// ball is SampleInBall: 39 coefficients of one or minus one.
function ball(seed) {
  const stream = shake(256, 1024, seed);
  const c = new Float64Array(n);
  let at = 8;
  for (let i = n - tau; i < n; i++) {
    while (stream[at] > i) at++;
    const j = stream[at++];
    c[i] = c[j];
    const bit = i + tau - n;
    c[j] = (stream[bit >> 3] >> (bit & 7)) & 1 ? q - 1 : 1;
  }
  return c;
}

// useHint gives the high bits of r, moved by one if the hint is set.
function useHint(hint, r) {
  const m = (q - 1) / (2 * gamma2);
  let low = r % (2 * gamma2);
  if (low > gamma2) low -= 2 * gamma2;
  let high = (r - low) / (2 * gamma2);
  if (r - low === q - 1) {
    high = 0;
    low -= 1;
  }
  if (!hint) return high;
  return low > 0 ? (high + 1) % m : (high + m - 1) % m;
}

export function mldsa44Verify(publicKey, message, signature) {
  if (publicKey.length !== publicKeyBytes || signature.length !== signatureBytes) return false;
  const rho = publicKey.subarray(0, 32);
  const challenge = signature.subarray(0, 32);
  const z = [];
  for (let c = 0; c < columns; c++) {
    const poly = unpack(signature.subarray(32 + 576 * c, 32 + 576 * (c + 1)), 18).map((v) => gamma1 - v);
    if (poly.some((v) => Math.abs(v) >= gamma1 - beta)) return false;
    z.push(ntt(poly.map(mod)));
  }
  const hint = hints(signature.subarray(32 + 576 * columns));
  if (!hint) return false;
  const digest = shake(256, 64, shake(256, 64, publicKey), Buffer.of(0, 0), message);
  const c = ntt(ball(challenge));
  const az = matrixTimes(rho, z);
  const w1 = az.map((sum, r) => {
    const t1 = ntt(unpack(publicKey.subarray(32 + 320 * r, 352 + 320 * r), 10).map((v) => v * 2 ** dropped));
    const w = inverseNtt(sum.map((v, i) => mod(v - mul(c[i], t1[i]))));
    return pack(w.map((v, i) => useHint(hint[r][i], v)), 6);
  });
  return shake(256, 32, digest, ...w1).equals(challenge);
}

// small is RejBoundedPoly for coefficients from -2 to 2.
function small(seed, number) {
  for (let length = 512; ; length *= 2) {
    const stream = shake(256, length, seed, Buffer.of(number & 0xff, number >> 8));
    const a = new Float64Array(n);
    let filled = 0;
    for (let i = 0; i < 2 * length && filled < n; i++) {
      const half = i & 1 ? stream[i >> 1] >> 4 : stream[i >> 1] & 15;
      if (half < 15) a[filled++] = mod(2 - (half % 5));
    }
    if (filled === n) return a;
  }
}

// mldsa44Public gives the public key of a seed (FIPS 204 algorithm 6).
export function mldsa44Public(seed) {
  const expanded = shake(256, 128, seed, Buffer.of(rows, columns));
  const rho = expanded.subarray(0, 32);
  const secret = expanded.subarray(32, 96);
  const s1 = Array.from({ length: columns }, (_, i) => ntt(small(secret, i)));
  const t1 = matrixTimes(rho, s1).map((sum, r) => {
    const s2 = small(secret, columns + r);
    const t = inverseNtt(sum).map((v, i) => (v + s2[i]) % q);
    // Power2Round: the high bits of t, its low ones being from -4095 to 4096.
    return pack(t.map((v) => (v + (1 << (dropped - 1)) - 1) >> dropped), 10);
  });
  return Buffer.concat([rho, ...t1]);
}
