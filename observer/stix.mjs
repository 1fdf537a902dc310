// Threat information of spec/stix.md: a bundle read far enough to say what it
// lacks and how it is marked. Nothing is written.
import { Fault } from './faults.mjs';
import { expecting, same } from './vector.mjs';

const byteLimit = 8388608;
const depthLimit = 32;

const words = (text) => new Set(text.split(' '));
// STIX-23
const strings = words('type id spec_version created modified name description definition_type pattern pattern_type '
  + 'valid_from valid_until relationship_type source_ref target_ref sighting_of_ref');
const domain = words('attack-pattern campaign course-of-action grouping identity incident indicator infrastructure intrusion-set location '
  + 'malware malware-analysis note observed-data opinion report threat-actor tool vulnerability relationship sighting');
const meta = words('marking-definition extension-definition language-content');
// STIX-11
const required = {
  indicator: ['pattern', 'pattern_type', 'valid_from'],
  relationship: ['relationship_type', 'source_ref', 'target_ref'],
  sighting: ['sighting_of_ref'],
};
// STIX-19: the colours, the less restrictive first.
const colours = ['', 'TLP:CLEAR', 'TLP:GREEN', 'TLP:AMBER', 'TLP:AMBER+STRICT', 'TLP:RED'];
const spoken = { white: 1, clear: 1, green: 2, amber: 3, 'amber+strict': 4, red: 5 };
const published = new Map(Object.entries({
  '613f2e26-407d-48c7-9eca-b8e91df99dc9': 1, '94868c89-83c2-464b-929b-a1a8aa3c8487': 1,
  '34098fce-860f-48ae-8e50-ebd3cc5e41da': 2, 'bab4a63c-aed9-4cf5-a766-dfca5abac2bb': 2,
  'f88d31f6-486f-44da-b317-01333bde0b82': 3, '55d920b0-5e8b-4f79-9ee9-91f868d9b421': 3,
  '939a9414-2ddd-4d32-a0cd-375ea402b003': 4,
  '5e57c739-391a-4eb3-b6be-7d15ca92d5ed': 5, 'e828b379-4e03-4974-9ac4-e53a884c97c1': 5,
}).map(([id, colour]) => [`marking-definition--${id}`, colour]));
const tlpExtension = 'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d';

class StixFault extends Fault {
  constructor(code, path) {
    super(code, path.length > 0 ? `at ${pointer(path)}` : '');
    this.pointer = pointer(path);
  }
}

const pointer = (path) => path.map((p) => `/${String(p).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
const refuse = (code, path) => {
  throw new StixFault(code, path);
};

// halfPair finds a \u escape that is half of a surrogate pair (STIX-2).
function halfPair(text) {
  for (let at = text.indexOf('\\'); at >= 0; at = text.indexOf('\\', at)) {
    const [escape, high, low] = /^\\(?:u([0-9a-fA-F]{4})(?:\\u([0-9a-fA-F]{4}))?|[^])?/.exec(text.slice(at, at + 12));
    const unit = parseInt(high ?? '0', 16);
    const paired = unit >= 0xd800 && unit < 0xdc00 && /^d[c-f]/i.test(low ?? '');
    if (unit >= 0xd800 && unit < 0xe000 && !paired) return true;
    at += paired ? 12 : Math.min(escape.length, high ? 6 : 2);
  }
  return false;
}

// Text is a reader of JSON that is known to be well formed. Objects come as
// lists of members, so that keys may stand twice; what lies too deep is not read.
class Text {
  constructor(text) {
    this.text = text;
    this.at = 0;
    this.cut = false;
  }

  next() {
    while (/[ \t\n\r]/.test(this.text[this.at])) this.at += 1;
    return this.text[this.at];
  }

  value(depth) {
    const first = this.next();
    if (first === '{' || first === '[') {
      if (depth > depthLimit) {
        this.cut = true;
        return { is: 'deep' };
      }
      return first === '{' ? { is: 'object', members: this.items('}', () => this.member(depth)) } : { is: 'array', items: this.items(']', () => this.value(depth + 1)) };
    }
    if (first === '"') return { is: 'string', value: this.string() };
    const other = /[^,\]}\s]+/y;
    other.lastIndex = this.at;
    this.at += other.exec(this.text)[0].length;
    return { is: 'other' };
  }

  items(end, read) {
    const out = [];
    this.at += 1;
    while (this.next() !== end) {
      out.push(read());
      if (this.cut) return out;
      if (this.next() === ',') this.at += 1;
    }
    this.at += 1;
    return out;
  }

  member(depth) {
    this.next();
    const key = this.string();
    this.next();
    this.at += 1;
    return [key, this.value(depth + 1)];
  }

  string() {
    const string = /"(?:[^"\\]|\\.)*"/y;
    string.lastIndex = this.at;
    const [whole] = string.exec(this.text);
    this.at += whole.length;
    return JSON.parse(whole);
  }
}

const isType = (s) => /^[a-z0-9-]{3,250}$/.test(s);

// kindOf gives the type in an identifier (STIX-9), or null.
function kindOf(s) {
  const m = typeof s === 'string' && /^(.*)--[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/s.exec(s);
  return m && isType(m[1]) ? m[1] : null;
}

// instant gives nanoseconds, or null (STIX-12).
function instant(s) {
  const m = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?Z$/.exec(s);
  if (!m) return null;
  const [year, month, day, hour, minute, second] = m.slice(1, 7).map(Number);
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  if (month < 1 || month > 12 || day < 1 || day > days[month - 1] || hour > 23 || minute > 59 || second > 59) return null;
  return `${m.slice(1, 7).join('')}${(m[7] ?? '').slice(0, 9).padEnd(9, '0')}`; // as long as any other: strings compare as times
}

// Thing is one object of a bundle.
class Thing {
  constructor(path) {
    this.path = path;
    this.props = {};
    this.refs = new Set();
    this.markings = new Set();
  }

  // take keeps what is said at a place of the object (STIX-5, STIX-16, STIX-17,
  // STIX-20); listed says that the place is an item of an array.
  take(at, node, listed) {
    const text = node.is === 'string' ? node.value : null;
    const where = [...this.path, ...at];
    if (at.length === 1 && strings.has(at[0])) {
      if (text === null) refuse('json.type', where);
      this.props[at[0]] = text;
    }
    if (at.length === 2 && at[0] === 'definition' && at[1] === 'tlp') this.said = text ?? '';
    if (at.length === 3 && at[0] === 'extensions' && at[1] === tlpExtension && at[2] === 'tlp_2_0') this.said2 = text ?? '';
    if (at.length === 2 && at[0] === 'extensions' && kindOf(at[1]) === 'extension-definition') this.refs.add(at[1]);
    this.reference(at, node, text, listed, where);
  }

  reference(at, node, text, listed, where) {
    const strict = !at[0].startsWith('x_');
    const item = listed && at[at.length - 2].endsWith('_refs');
    const single = !listed && at.at(-1).endsWith('_ref');
    if (strict && at.length === 1 && at[0].endsWith('_refs') && node.is !== 'array') refuse('stix.reference', where);
    if (!single && !item) return;
    if (kindOf(text) === null) {
      if (strict && at.length === (item ? 2 : 1)) refuse('stix.reference', where);
      return;
    }
    const marks = at[0] === 'object_marking_refs' || at[0] === 'granular_markings';
    (marks ? this.markings : this.refs).add(text);
  }

  // check is an object's own faults, in the order of STIX-22.
  check() {
    const p = this.props;
    const no = (code, ...at) => refuse(code, [...this.path, ...at]);
    if (!isType(p.type ?? '')) no(p.type ? 'stix.id' : 'stix.missing', 'type');
    if (p.type === 'bundle') no('stix.bundle');
    if (kindOf(p.id) !== p.type) no(p.id ? 'stix.id' : 'stix.missing', 'id');
    if (p.spec_version !== undefined && p.spec_version !== '2.1') no('stix.version', 'spec_version');
    const lacks = this.needs().find((name) => !p[name]);
    if (lacks) no('stix.missing', lacks);
    const times = {};
    for (const name of ['created', 'modified', 'valid_from', 'valid_until']) {
      if (p[name] === undefined) continue;
      times[name] = instant(p[name]);
      if (times[name] === null) no('stix.time', name);
    }
    if (times.created && times.modified && times.modified < times.created) no('stix.time', 'modified');
    if (times.valid_from && times.valid_until && times.valid_until <= times.valid_from) no('stix.time', 'valid_until');
    const own = published.get(p.id);
    if (own && [this.said, this.said2].some((said) => said && (Object.hasOwn(spoken, said) ? spoken[said] : 0) !== own)) no('stix.marking');
  }

  // STIX-10, STIX-11
  needs() {
    const { type } = this.props;
    if (type === 'marking-definition') return ['spec_version', 'created'];
    if (domain.has(type) || meta.has(type)) return ['spec_version', 'created', 'modified', ...(required[type] ?? [])];
    return [];
  }

  // STIX-21
  get colour() {
    return Math.max(0, ...[...this.markings].map((id) => published.get(id) ?? 0));
  }
}

// eachOf walks a group: keys that stand twice, and what is too deep.
function eachOf(node, path, each) {
  if (path.length + 1 > depthLimit) refuse('json.depth', path);
  if (node.is === 'array') {
    node.items.forEach((v, i) => each(String(i), v, [...path, String(i)]));
    return;
  }
  const seen = new Set();
  for (const [key, v] of node.members) {
    if (seen.has(key)) refuse('json.duplicate-key', [...path, key]);
    seen.add(key);
    each(key, v, [...path, key]);
  }
}

// walk goes through a value; a Thing, if there is one, takes what is in it.
function walk(node, path, thing) {
  if (node.is === 'deep') refuse('json.depth', path);
  if (node.is !== 'object' && node.is !== 'array') return;
  eachOf(node, path, (key, v, at) => {
    thing?.take(at.slice(thing.path.length), v, node.is === 'array');
    walk(v, at, thing);
  });
}

function readObjects(node, path) {
  if (node.is !== 'array') refuse('json.type', path);
  const things = [];
  const seen = new Set();
  eachOf(node, path, (i, v, at) => {
    if (v.is !== 'object') refuse('json.type', at);
    const thing = new Thing(at);
    walk(v, at, thing);
    thing.check();
    const version = `${thing.props.id} ${thing.props.modified ?? ''}`;
    if (seen.has(version)) refuse('stix.repeated', at);
    seen.add(version);
    things.push(thing);
  });
  return things;
}

// readBundle reads a bundle, or refuses it.
export function readBundle(bytes) {
  if (bytes.length > byteLimit) refuse('json.size', []);
  let text;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    refuse('json.text', []);
  }
  if (halfPair(text)) refuse('json.text', []);
  try {
    JSON.parse(text);
  } catch {
    refuse('json.syntax', []);
  }
  const outermost = new Text(text).value(1);
  if (outermost.is !== 'object') refuse('stix.bundle', []);
  const top = {};
  let things = [];
  eachOf(outermost, [], (key, v, at) => {
    if (key === 'objects') {
      things = readObjects(v, at);
      return;
    }
    if (['type', 'id', 'spec_version'].includes(key)) {
      if (v.is !== 'string') refuse('json.type', at);
      top[key] = v.value;
    }
    walk(v, at, null);
  });
  if (top.type !== 'bundle') refuse('stix.bundle', ['type']);
  if (kindOf(top.id) !== 'bundle') refuse('stix.id', ['id']);
  if (top.spec_version !== undefined && top.spec_version !== '2.1') refuse('stix.version', ['spec_version']);
  return { id: top.id, things };
}

// found is what STIX-24 says of a good bundle.
export function found({ id, things }) {
  const sorted = (list) => [...new Set(list)].sort();
  const have = new Set(things.map((t) => t.props.id));
  const named = things.flatMap((t) => [...t.refs, ...t.markings]);
  const types = sorted(things.map((t) => t.props.type));
  return {
    id,
    counts: Object.fromEntries(types.map((type) => [type, things.filter((t) => t.props.type === type).length])),
    missing: sorted(named.filter((ref) => !have.has(ref) && !published.has(ref) && ref !== tlpExtension)),
    unmarked: sorted(things.filter((t) => t.colour === 0 && !meta.has(t.props.type)).map((t) => t.props.id)),
    highest: colours[Math.max(0, ...things.map((t) => t.colour))],
  };
}

// check reads a file of vectors/stix.
export function check(file) {
  const { expect, path, finds } = file.header;
  const body = file.body.at(-1) === 10 ? file.body.subarray(0, -1) : file.body;
  return expecting(expect, () => {
    try {
      const bundle = readBundle(body);
      if (finds !== undefined) same('what is found', JSON.stringify(found(bundle)), finds);
    } catch (err) {
      if (path !== undefined && err instanceof StixFault) same('the place', err.pointer, path);
      throw err;
    }
  });
}
