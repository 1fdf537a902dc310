// The observer's record: what it read and found to hold, one JSON value a line,
// appended and never changed. It is read again at the next start, so that a
// past that was rewritten in between shows.
import fs from 'node:fs';
import { refuse } from './faults.mjs';
import { ObservedLink } from './observer.mjs';

const first = { record: 'parley observer 1' };

export class Record {
  constructor(file) {
    this.file = file;
    this.links = new Map();
    this.cut = false;
    this.entries = 0;
    if (file && fs.existsSync(file)) this.load();
  }

  // load reads as far as the last batch that was found to hold. What stands
  // behind it was torn while it was written; it is cut off.
  load() {
    const bytes = fs.readFileSync(this.file);
    const mark = bytes.lastIndexOf('\n{"held":');
    const end = mark < 0 ? -1 : bytes.indexOf('\n', mark + 1);
    const whole = end < 0 ? bytes.subarray(0, 0) : bytes.subarray(0, end + 1);
    if (bytes.length > 0 && !bytes.toString('utf8', 0, 64).startsWith(JSON.stringify(first))) refuse('feed.record', 'not a record');
    if (whole.length < bytes.length) {
      this.cut = true;
      fs.truncateSync(this.file, whole.length);
    }
    let taken = [];
    for (const text of whole.toString('utf8').split('\n').slice(1, -1)) {
      const line = parse(text);
      if (line.held) {
        for (const t of taken) t.link.check(t.party, t.channel, t.leaf);
        taken = [];
      } else {
        this.take(line, taken);
      }
    }
  }

  take(line, taken) {
    const [kind] = Object.keys(line);
    const [name, ...rest] = line[kind];
    if (kind === 'link') {
      this.links.set(name, new ObservedLink(name, ...rest));
      return;
    }
    const link = this.links.get(name) ?? refuse('feed.record', 'a line of an unknown link');
    if (kind === 'card') {
      link.addCard(rest[0], Buffer.from(rest[1], 'base64'));
    } else if (kind === 'leaf') {
      const [party, channel, raw] = rest;
      taken.push({ link, party, channel, leaf: link.append(party, channel, Buffer.from(raw, 'base64')).leaf });
      this.entries++;
    } else if (kind === 'head') {
      const [node, party, channel, text] = rest;
      const head = link.verifyHead(party, channel, text);
      link.checkRoot(party, channel, head);
      link.shown.set([node, party, channel].join('/'), { generation: link.log(party, channel).generation, size: head.size });
    } else {
      refuse('feed.record', 'a line of an unknown kind');
    }
  }

  // keep appends lines that were found to hold, and is durable on return.
  keep(lines) {
    if (!this.file || lines.length === 0) return;
    const began = fs.existsSync(this.file) && fs.statSync(this.file).size > 0;
    const all = [...(began ? [] : [first]), ...lines, { held: new Date().toISOString() }];
    const handle = fs.openSync(this.file, 'a', 0o600);
    try {
      fs.writeSync(handle, all.map((l) => `${JSON.stringify(l)}\n`).join(''));
      fs.fsyncSync(handle);
    } finally {
      fs.closeSync(handle);
    }
  }
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return refuse('feed.record', 'a line is not JSON');
  }
}
