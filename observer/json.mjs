// Strict JSON after spec/json.md: a reader that is given the shape it expects and refuses
// everything else with the reason code and the JSON Pointer of the first fault, and a writer.
//
// A shape is one of: string, boolean, integer(min, max), bytes, any, list(shape, length),
// free (an object whose keys are free, with anything below them), object({name: shape, …}) with optional(shape) for what
// may be absent, later(() => shape) for a shape within itself, or a text checked on its own:
// text(check), check throwing a Fault.

import { Fault as Refusal } from "./faults.mjs";

// Fault is a refusal with the JSON Pointer of what it is about. JSON-13
export class Fault extends Refusal {
  constructor(code, pointer = "", detail = "") {
    super(code, pointer ? `at ${pointer} ${detail}`.trimEnd() : detail);
    this.pointer = pointer;
  }
}

const MAX = 9007199254740991;
export const string = { is: "string" };
export const boolean = { is: "boolean" };
export const bytes = { is: "bytes" };
export const any = { is: "any" };
export const free = { is: "free" };
export const integer = (min = -MAX, max = MAX) => ({ is: "integer", min, max });
export const list = (of, length = -1) => ({ is: "list", of, length });
export const object = (members) => ({ is: "object", members });
export const optional = (shape) => ({ ...shape, optional: true });
export const later = (shape) => ({ is: "later", shape });
export const text = (check) => ({ is: "string", check });

// What stands below a free key has no format: its members keep the order in which they came.
const ORDER = Symbol("order");

// token writes one token of a JSON Pointer.
export const token = (key) => "/" + String(key).replaceAll("~", "~0").replaceAll("/", "~1");

// JSON-6
export function badText(s) {
  for (const character of s) {
    const c = character.codePointAt(0);
    if ((c < 0x20 && c !== 9 && c !== 10) || (c >= 0x7f && c <= 0x9f)) return true;
    if ((c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c === 0xfeff) return true;
    if ((c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) === 0xfffe) return true;
    if (c >= 0xd800 && c <= 0xdfff) return true;
  }
  return false;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

class Reader {
  constructor(octets) {
    this.b = octets;
    this.i = 0;
  }
  fail(code, pointer) {
    throw new Fault(code, pointer);
  }
  space() {
    while (this.i < this.b.length && [0x20, 9, 10, 13].includes(this.b[this.i])) this.i++;
  }
  // next looks at the next byte that is no white space; -1 at the end.
  next() {
    this.space();
    return this.i < this.b.length ? this.b[this.i] : -1;
  }
  take(c, pointer) {
    if (this.next() !== c) this.fail("json.syntax", pointer);
    this.i++;
  }
  value(shape, pointer, depth) {
    while (shape.is === "later") shape = shape.shape();
    const c = this.next();
    if (c === 0x7b) return this.object(shape, pointer, depth);
    if (c === 0x5b) return this.list(shape, pointer, depth);
    if (c === 0x22) return this.text(shape, pointer);
    if (c === 0x2d || (c >= 0x30 && c <= 0x39)) return this.number(shape, pointer);
    for (const [word, is] of [["true", true], ["false", false], ["null", null]]) {
      if (!this.b.subarray(this.i, this.i + word.length).equals(Buffer.from(word))) continue;
      if (is === null || !["boolean", "any"].includes(shape.is)) this.fail("json.type", pointer);
      this.i += word.length;
      return is;
    }
    return this.fail("json.syntax", pointer);
  }
  object(shape, pointer, depth) {
    if (!["object", "free", "any"].includes(shape.is)) this.fail("json.type", pointer);
    if (depth > 16) this.fail("json.depth", pointer);
    const out = Object.create(null), order = [];
    if (shape.is === "any") Object.defineProperty(out, ORDER, { value: order });
    this.i++;
    for (let first = true; this.next() !== 0x7d; first = false) {
      if (!first) this.take(0x2c, pointer);
      if (this.next() !== 0x22) this.fail("json.syntax", pointer);
      const key = this.string(pointer);
      const at = pointer + token(key);
      if (Object.hasOwn(out, key)) this.fail("json.duplicate-key", at);
      const of = shape.is === "object" ? (Object.hasOwn(shape.members, key) ? shape.members[key] : null) : any;
      if (!of) this.fail("json.unknown-field", at);
      this.take(0x3a, at);
      order.push(key);
      out[key] = this.value(of, at, depth + 1);
    }
    if (shape.is === "object") {
      for (const [key, of] of Object.entries(shape.members)) {
        if (!of.optional && !Object.hasOwn(out, key)) this.fail("json.missing-field", pointer + token(key));
      }
    }
    this.i++;
    return out;
  }
  list(shape, pointer, depth) {
    if (!["list", "any"].includes(shape.is)) this.fail("json.type", pointer);
    if (depth > 16) this.fail("json.depth", pointer);
    const out = [];
    const length = shape.is === "list" ? shape.length : -1;
    this.i++;
    while (this.next() !== 0x5d) {
      if (out.length) this.take(0x2c, pointer);
      const at = pointer + token(out.length);
      if (length >= 0 && out.length === length) this.fail("json.type", at);
      out.push(this.value(shape.is === "list" ? shape.of : any, at, depth + 1));
    }
    if (length >= 0 && out.length !== length) this.fail("json.type", pointer);
    this.i++;
    return out;
  }
  text(shape, pointer) {
    if (!["string", "bytes", "any"].includes(shape.is)) this.fail("json.type", pointer);
    const s = this.string(pointer);
    if (shape.is === "bytes") {
      const octets = Buffer.from(s, "base64");
      if (octets.toString("base64") !== s) this.fail("json.type", pointer);
      return octets;
    }
    if (shape.check) {
      try {
        return shape.check(s);
      } catch (e) {
        if (e instanceof Fault) this.fail(e.code, pointer);
        throw e;
      }
    }
    return s;
  }
  number(shape, pointer) {
    if (!["integer", "any"].includes(shape.is)) this.fail("json.type", pointer);
    const from = this.i;
    while (this.i < this.b.length && /[-+.0-9eE]/.test(String.fromCharCode(this.b[this.i]))) this.i++;
    const word = this.b.toString("latin1", from, this.i);
    const n = Number(word);
    if (!/^(0|-?[1-9][0-9]*)$/.test(word) || !Number.isSafeInteger(n)) this.fail("json.number", pointer);
    if (shape.is === "integer" && (n < shape.min || n > shape.max)) this.fail("json.number", pointer);
    return n;
  }
  string(pointer) {
    let out = "";
    this.i++;
    for (;;) {
      const from = this.i;
      while (this.i < this.b.length && this.b[this.i] !== 0x22 && this.b[this.i] !== 0x5c) {
        if (this.b[this.i] < 0x20) this.fail("json.text", pointer);
        this.i++;
      }
      let plain;
      try {
        plain = utf8.decode(this.b.subarray(from, this.i));
      } catch {
        this.fail("json.text", pointer);
      }
      if (badText(plain)) this.fail("json.text", pointer);
      out += plain;
      if (this.i >= this.b.length) this.fail("json.syntax", pointer);
      if (this.b[this.i++] === 0x22) return out;
      out += this.escape(pointer);
    }
  }
  escape(pointer) {
    const c = String.fromCharCode(this.b[this.i++] ?? 0);
    const plain = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
    let s = plain[c];
    if (c === "u") {
      const unit = this.unit(pointer);
      s = String.fromCharCode(unit);
      if (unit >= 0xd800 && unit <= 0xdfff) {
        if (unit >= 0xdc00 || this.b[this.i] !== 0x5c || this.b[this.i + 1] !== 0x75) this.fail("json.text", pointer);
        this.i += 2;
        const low = this.unit(pointer);
        if (low < 0xdc00 || low > 0xdfff) this.fail("json.text", pointer);
        s += String.fromCharCode(low);
      }
    }
    if (s === undefined) this.fail("json.syntax", pointer);
    if (badText(s)) this.fail("json.text", pointer);
    return s;
  }
  unit(pointer) {
    const word = this.b.toString("latin1", this.i, this.i + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(word)) this.fail("json.syntax", pointer);
    this.i += 4;
    return parseInt(word, 16);
  }
}

// parse reads a whole document of a shape. JSON-1 to JSON-14.
export function parse(octets, shape, limit = 1048576) {
  const b = Buffer.from(octets);
  if (b.length > limit) throw new Fault("json.size");
  const reader = new Reader(b);
  const value = reader.value(shape, "", 1);
  if (reader.next() !== -1) throw new Fault("json.syntax");
  return value;
}

const byOctets = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));

function quote(s) {
  if (badText(s)) throw new Fault("json.text");
  return '"' + s.replace(/["\\\n\t]/g, (c) => ({ '"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t" })[c]) + '"';
}

// write is the one way in which a value of a shape is written. JSON-15.
export function write(value, shape = any) {
  while (shape.is === "later") shape = shape.shape();
  if (typeof value === "string") return quote(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Buffer.isBuffer(value)) return quote(value.toString("base64"));
  if (Array.isArray(value)) return "[" + value.map((v) => write(v, shape.is === "list" ? shape.of : any)).join(",") + "]";
  const keys = shape.is === "object" ? Object.keys(shape.members) : value[ORDER] ?? Object.keys(value).sort(byOctets);
  const members = [];
  for (const key of keys) {
    if (value[key] === undefined) continue;
    members.push(quote(key) + ":" + write(value[key], shape.is === "object" ? shape.members[key] : any));
  }
  return "{" + members.join(",") + "}";
}

// The format and the form of vectors/json/cases.txt.
const format = object({
  name: string, count: optional(integer()), small: optional(integer(0, 255)), flag: optional(boolean),
  pair: optional(list(integer(), 2)), bytes: optional(bytes), free: optional(free),
  list: optional(list(later(() => format))),
});

// Each line of the file that comes out otherwise than it says.
export function checkCases(file) {
  const differences = [];
  for (const line of file.toString("latin1").split("\n")) {
    if (!line || line.startsWith("#")) continue;
    const [code, pointer, document] = line.split("\t");
    const octets = Buffer.from(document.replace(/\\(\\|n|t|r|x[0-9a-f]{2})/g, (_, c) =>
      ({ "\\": "\\", n: "\n", t: "\t", r: "\r" })[c] ?? String.fromCharCode(parseInt(c.slice(1), 16))), "latin1");
    let got = "ok", at = ".";
    try {
      const value = parse(octets, format);
      const again = write(value, format);
      if (write(parse(Buffer.from(again), format), format) !== again) got = "written otherwise";
    } catch (e) {
      if (!(e instanceof Fault)) throw e;
      got = e.code;
      at = e.pointer || ".";
    }
    if (got !== code || at !== pointer) differences.push(`${line}: ${got} ${at}`);
  }
  return differences;
}
