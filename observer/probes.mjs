// The results of machine tests, after spec/probes.md.
import { refuse } from './faults.mjs';
import { readInstant, writeInstant } from './calendar.mjs';
import { readHello, signedHello } from './contact.mjs';
import * as o from './octets.mjs';
import { sha256 } from './suites.mjs';

const DAY = 86400000;
const CODE = /^[a-z0-9-]*$/;
const HEX = /^([0-9a-f]{2})*$/;
const MEMBERS = ['carrier', 'sent', 'took_ms', 'silence', 'nonce', 'answer', 'hello'];
const FORMAT = ['probes', 'realm', 'writer', 'reader', 'day', 'results'];
const LIMIT = 64 << 20;

const bad = (is) => {
  if (!is) refuse('probe.file');
};
const members = (v, names) => v !== null && typeof v === 'object' && JSON.stringify(Object.keys(v)) === JSON.stringify(names);
const digits = (s, ...sizes) => typeof s === 'string' && HEX.test(s) && sizes.includes(s.length / 2);
const code = (s, most) => typeof s === 'string' && CODE.test(s) && s.length <= most;

function instant(s) {
  try {
    const at = readInstant(s);
    return writeInstant(at) === s ? at : NaN;
  } catch {
    return NaN;
  }
}

// read gives a file's day and results. What it says, written again, is the same bytes. PRB-9
export function read(bytes) {
  bad(bytes.length <= LIMIT);
  let f;
  try {
    f = JSON.parse(bytes.toString('utf8'));
  } catch {
    bad(false);
  }
  bad(members(f, FORMAT) && f.probes === 'parley probes 1' && Number.isInteger(f.realm) && f.realm >= 0 && f.realm < 256);
  bad(digits(f.writer, 32) && digits(f.reader, 32) && Array.isArray(f.results) && f.results.length <= 4096);
  const day = instant(f.day);
  bad(day >= 0 && day % DAY === 0);
  for (const r of f.results) {
    bad(members(r, MEMBERS) && code(r.carrier, 32) && r.carrier !== '' && code(r.silence, 64));
    r.at = instant(r.sent);
    bad(r.at >= day && r.at < day + DAY && Number.isSafeInteger(r.took_ms) && r.took_ms >= 0);
    bad(digits(r.nonce, 16) && digits(r.answer, 0, 32) && typeof r.hello === 'string');
    r.raw = Buffer.from(r.hello, 'base64');
    bad(r.raw.toString('base64') === r.hello);
  }
  const plain = { ...f, results: f.results.map((r) => Object.fromEntries(MEMBERS.map((m) => [m, r[m]]))) };
  bad(Buffer.from(JSON.stringify(plain)).equals(bytes));
  for (let i = 1; i < f.results.length; i++) bad(compare(f.results[i - 1], f.results[i]) <= 0);
  return { ...f, day };
}

// PRB-5
const octets = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const compare = (a, b) => a.at - b.at || octets(a.carrier, b.carrier) || octets(a.nonce, b.nonce);

const Result = o.struct(['carrier', o.line(32)], ['sent', o.time], ['took', o.time], ['silence', o.line(64)], ['nonce', o.fixed(16)], ['answer', o.fixed(32)]);
const Probes = (n) => o.struct(['tag', o.tag('parley probes v1')], ['realm', o.u8], ['writer', o.fixed(32)], ['reader', o.fixed(32)], ['day', o.time],
  ['number', o.u32], ['results', o.array(Result, n)]);

// digest is what stands in the record. PRB-5
export function digest(f) {
  const hex = (s, size) => Buffer.from(s.padEnd(2 * size, '0'), 'hex');
  return sha256(o.encode(Probes(f.results.length), {
    realm: f.realm, writer: hex(f.writer, 32), reader: hex(f.reader, 32), day: BigInt(f.day), number: f.results.length,
    results: f.results.map((r) => ({ carrier: r.carrier, sent: BigInt(r.at), took: BigInt(r.took_ms), silence: r.silence, nonce: hex(r.nonce, 16), answer: hex(r.answer, 32) })),
  }));
}

// sums counts by carrier. PRB-6
export function sums(f) {
  return [...new Set(f.results.map((r) => r.carrier))].sort(octets).map((carrier) => {
    const of = f.results.filter((r) => r.carrier === carrier);
    const took = of.filter((r) => r.silence === '').map((r) => r.took_ms).sort((a, b) => a - b);
    return { carrier, tried: of.length, answered: took.length, median: took[Math.ceil(took.length / 2) - 1] ?? 0, worst: took.at(-1) ?? 0 };
  });
}

// verify judges a file by keys of the reader's. PRB-10
export function verify(bytes, keys) {
  const f = read(bytes);
  let proved = 0, lost = 0;
  for (const r of f.results) {
    if (r.answer === '' || /^0*$/.test(r.answer)) {
      if (r.raw.length > 0 || r.silence === '') refuse('probe.answer');
    } else if (r.raw.length === 0) lost++;
    else {
      if (!answers(f, r, keys)) refuse('probe.answer');
      proved++;
    }
  }
  return { digest: o.hex(digest(f)), proved, lost, sums: sums(f), file: f };
}

function answers(f, r, keys) {
  if (o.hex(sha256(r.raw)) !== r.answer) return false;
  let h;
  try {
    h = readHello(r.raw);
  } catch {
    return false;
  }
  const placed = h.realm === f.realm && o.hex(h.writer) === f.reader && o.hex(h.reader) === f.writer && o.hex(h.answers) === r.nonce;
  return placed && (h.state === 0) === (r.silence === '') && keys.some((key) => signedHello(h, key));
}
