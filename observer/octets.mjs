// The words of spec/octets.md: each is an object that reads a value from a
// Reader and writes it to a list of chunks. A u64 is a BigInt, every other
// integer a Number, bytes are a Buffer, text is a string.
import { refuse } from './faults.mjs';

export class Reader {
  constructor(bytes) {
    this.bytes = Buffer.from(bytes);
    this.at = 0;
  }

  take(n) {
    if (this.bytes.length - this.at < n) refuse('octets.short');
    this.at += n;
    return this.bytes.subarray(this.at - n, this.at);
  }

  rest() {
    return this.take(this.bytes.length - this.at);
  }

  end() {
    if (this.at !== this.bytes.length) refuse('octets.left-over');
  }
}

const uint = (width) => ({
  read: (r) => r.take(width).readUIntBE(0, width),
  write(out, v) {
    const b = Buffer.alloc(width);
    b.writeUIntBE(v, 0, width);
    out.push(b);
  },
});

export const u8 = uint(1);
export const u16 = uint(2);
export const u32 = uint(4);
export const u64 = {
  read: (r) => r.take(8).readBigUInt64BE(0),
  write(out, v) {
    const b = Buffer.alloc(8);
    b.writeBigUInt64BE(BigInt(v));
    out.push(b);
  },
};

// A time beyond 2^63 has a code of its own in each format.
export const timeLimit = 1n << 63n;
export const time = u64;

export const fixed = (n) => ({
  read: (r) => r.take(n),
  write: (out, v) => {
    if (v.length !== n) throw new Error(`${v.length} bytes where ${n} belong`);
    out.push(Buffer.from(v));
  },
});

export const opaque = (max) => ({
  read(r) {
    const n = u32.read(r);
    if (n > max) refuse('octets.long');
    return r.take(n);
  },
  write(out, v) {
    if (v.length > max) refuse('octets.long');
    u32.write(out, v.length);
    out.push(Buffer.from(v));
  },
});

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const forbidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufeff]/;

// text gives the string that bytes are (OCT-6), or refuses.
export function text(bytes) {
  let s;
  try {
    s = utf8.decode(bytes);
  } catch {
    refuse('octets.text');
  }
  if (forbidden.test(s)) refuse('octets.text');
  return s;
}

export const lines = (max) => ({
  read: (r) => text(opaque(max).read(r)),
  write: (out, v) => opaque(max).write(out, Buffer.from(v, 'utf8')),
});

export const line = (max) => ({
  read(r) {
    const s = lines(max).read(r);
    if (/[\t\n]/.test(s)) refuse('octets.text');
    return s;
  },
  write: lines(max).write,
});

export const flag = {
  read(r) {
    const v = u8.read(r);
    if (v > 1) refuse('octets.unknown');
    return v === 1;
  },
  write: (out, v) => u8.write(out, v ? 1 : 0),
};

// list is T x{max}: a u16 number of items, and the items.
export const list = (type, max) => ({
  read(r) {
    const n = u16.read(r);
    if (n > max) refuse('octets.long');
    const items = [];
    for (let i = 0; i < n; i++) items.push(type.read(r));
    return items;
  },
  write(out, v) {
    if (v.length > max) refuse('octets.long');
    u16.write(out, v.length);
    for (const item of v) type.write(out, item);
  },
});

// array is T x[n]: n items and no number.
export const array = (type, n) => ({
  read: (r) => Array.from({ length: n }, () => type.read(r)),
  write: (out, v) => v.forEach((item) => type.write(out, item)),
});

// option is a value that stands there only if a flag before it says so.
export const option = (type) => ({
  read: (r) => (flag.read(r) ? type.read(r) : null),
  write(out, v) {
    flag.write(out, v !== null);
    if (v !== null) type.write(out, v);
  },
});

// tag is the beginning of a format (OCT-10, OCT-13); the line feed is added.
export const tag = (name) => {
  const bytes = Buffer.from(`${name}\n`, 'ascii');
  return {
    read(r) {
      if (!r.take(bytes.length).equals(bytes)) refuse('octets.unknown');
      return name;
    },
    write: (out) => out.push(bytes),
  };
};

// only is a value of which this version knows one or a few.
export const only = (type, ...values) => ({
  read(r) {
    const v = type.read(r);
    if (!values.includes(v)) refuse('octets.unknown');
    return v;
  },
  write: type.write,
});

// struct is fields one behind the other, as pairs of a name and a type.
export const struct = (...fields) => ({
  read(r) {
    const v = {};
    for (const [name, type] of fields) v[name] = type.read(r);
    return v;
  },
  write(out, v) {
    for (const [name, type] of fields) type.write(out, v[name]);
  },
});

export function encode(type, value) {
  const out = [];
  type.write(out, value);
  return Buffer.concat(out);
}

// decode reads one value and nothing behind it. That it encodes to the bytes
// it came from (OCT-11) is so by construction; a difference is our own error.
export function decode(type, bytes) {
  const r = new Reader(bytes);
  const v = type.read(r);
  r.end();
  if (!encode(type, v).equals(r.bytes)) throw new Error('value does not encode to its own bytes');
  return v;
}

export const ascii = (s) => Buffer.from(s, 'utf8');
export const hex = (b) => Buffer.from(b).toString('hex');
