#!/usr/bin/env node
// The live observer: follows a line read-only by spec/feed.md and says whether
// what it is shown holds. It holds no key and writes nothing but its record.
//
//   node observer/observe.mjs --socket us/feed.sock --record us.record --follow
//
// It ends with 0 when all holds, 1 when something does not, 2 when it was not
// understood or could read nothing.
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, codeOf } from './faults.mjs';
import { Feed } from './feed.mjs';
import { types } from './ledger.mjs';
import { due } from './monitor.mjs';
import { Observation, ObservedLink, parties } from './observer.mjs';
import { identifier } from './party.mjs';
import { Record } from './journal.mjs';
import { stated } from './postquantum.mjs';
import { instant, languageOf, languages, spoken, teller, unchecked } from './words.mjs';

const other = { lower: 'higher', higher: 'lower' };

class Usage extends Error {}

function parseArguments(args) {
  const options = { sockets: [], record: null, fingerprints: [], follow: false, every: 5, entries: false, lang: languageOf(process.env), json: false };
  const value = (i) => {
    if (args[i] === undefined) throw new Usage();
    return args[i];
  };
  for (let i = 0; i < args.length; i++) {
    switch (args[i]) {
      case '--socket': options.sockets.push(value(++i)); break;
      case '--record': options.record = value(++i); break;
      case '--fingerprint': options.fingerprints.push(identifier(value(++i).replace(/ /g, '').toLowerCase()).toString('hex')); break;
      case '--every': options.every = Number(value(++i)); break;
      case '--lang': options.lang = value(++i); break;
      case '--follow': options.follow = true; break;
      case '--entries': options.entries = true; break;
      case '--json': options.json = true; break;
      default: throw new Usage();
    }
  }
  const fine = (options.sockets.length > 0 || options.record) && options.every > 0 && languages.includes(options.lang)
    && (!options.follow || options.sockets.length > 0);
  if (!fine) throw new Usage();
  return options;
}

// Teller says each thing as a line of words, or as one of JSON.
class Teller {
  constructor(options) {
    this.json = options.json;
    this.words = teller(options.lang);
  }

  say(event, text) {
    console.log(this.json ? JSON.stringify({ ...event, ...stated }, (_, v) => (typeof v === 'bigint' ? Number(v) : v)) : text);
  }

  link(link, fingerprints) {
    const names = this.names(link);
    const compared = Object.fromEntries(parties.map((p) => [p, fingerprints.includes(link.ids[p].toString('hex'))]));
    const lines = [this.words('link', { ...names, realm: this.words(`realm.${link.realm}`) })];
    for (const p of parties) {
      lines.push(this.words('link.party', { code: link.code(p), fingerprint: spoken(link.ids[p]), compared: this.words(compared[p] ? 'compared' : 'not-compared') }));
    }
    this.say({ event: 'link', link: link.name, realm: link.realm, ...names, compared }, lines.join('\n'));
  }

  names(link) {
    return { lower: link.code('lower'), higher: link.code('higher') };
  }

  log(link, n) {
    const log = link.log(n.party, n.channel);
    const receipts = link.log(other[n.party], n.channel);
    const waiting = due(log, receipts);
    const oldest = waiting > 0 ? log.leaves.slice(Number(receipts.covered.size)).find((l) => l.type !== types.receipt).time : null;
    const party = link.code(n.party);
    const lines = [this.words('log', {
      party, channel: this.words(`channel.${n.channel}`), size: n.size, new: n.size - n.before + n.surfaced, card: n.card, signed: this.words(`signed.${stated.mldsa}`),
      receipts: waiting > 0 ? this.words('receipts.due', { n: waiting, time: instant(oldest) }) : this.words('receipts.all'),
    })];
    if (n.surfaced > 0) lines.push(this.words('surfaced', { at: log.start, n: n.surfaced }));
    if (n.card !== n.newestCard) lines.push(this.words('log.card', { party, newest: n.newestCard }));
    if (n.cosigned) lines.push(this.words('cosigned', { by: link.code(other[n.party]), size: n.cosigned.size, time: instant(n.cosigned.time * 1000n) }));
    this.say({ event: 'log', link: link.name, code: party, waiting, generation: log.generation, root: log.tree.root().toString('hex'), ...n }, lines.join('\n'));
  }

  entry(link, { party, channel, leaf }) {
    const what = this.words(`type.${leaf.type}`, {
      from: leaf.from, to: leaf.type === types.receipt ? leaf.size.size - 1n : '', target: leaf.target,
      frozen: leaf.type === types.freeze ? this.words(`channel.${leaf.channel}`) : '',
      old: leaf.old !== undefined ? instant(leaf.old) : '', new: leaf.new !== undefined ? instant(leaf.new) : '', day: leaf.day,
      verdicts: leaf.verdicts?.length > 0 ? this.words('verdicts', { positions: leaf.verdicts.map((v) => v.position).join(', ') }) : '',
    });
    const position = leaf.position;
    this.say({ event: 'entry', link: link.name, party, channel, position, time: leaf.time, type: leaf.type },
      this.words('entry', { party: link.code(party), channel: this.words(`channel.${channel}`), position, time: instant(leaf.time), what }));
  }

  failed(err, link) {
    const code = codeOf(err);
    const place = err.place ?? {};
    let where = link ? this.words('failed.link', this.names(link)) : '';
    if (place.party) {
      const values = { party: link.code(place.party), channel: this.words(`channel.${place.channel}`), position: place.position };
      where = this.words(place.position === undefined ? 'failed.log' : 'failed.entry', values);
    }
    this.say({ event: 'failed', link: link?.name, code, detail: err.detail, ...place },
      [this.words('failed', { where, text: this.words.fault(code), code, detail: this.words.detail(err) }), ...unchecked(this.words)].join('\n'));
  }
}

// Observer reads each feed in turn into one record.
class Observer {
  constructor(options) {
    this.options = options;
    this.tell = new Teller(options);
    this.said = new Set();
    this.new = new Map();
  }

  open() {
    this.record = new Record(this.options.record);
    const { file, cut, entries } = this.record;
    if (cut) this.tell.say({ event: 'record-cut', file }, this.tell.words('record.cut', { file }));
    if (entries > 0) this.tell.say({ event: 'record', file, entries }, this.tell.words('record', { file, entries }));
  }

  introduce(link) {
    if (this.said.has(link.name)) return;
    this.said.add(link.name);
    this.tell.link(link, this.options.fingerprints);
  }

  // readAll reads every line of a node.
  async readAll(feed) {
    const listed = await feed.links();
    for (const l of listed) {
      const known = this.record.links.get(l.link);
      let link = known;
      try {
        link ??= this.begun(l);
        await this.readLink(feed, link, l.node, !known);
      } catch (err) {
        err.link = link;
        throw err;
      }
    }
    return listed.length;
  }

  // begun is a link that is read for the first time, also when an earlier
  // reading of it broke off.
  begun(l) {
    if (!this.new.has(l.link)) this.new.set(l.link, new ObservedLink(l.link, l.realm, l.lower, l.higher));
    return this.new.get(l.link);
  }

  async readLink(feed, link, node, isNew) {
    const observation = new Observation(link, node);
    const { waiting } = await observation.read(feed, isNew);
    if (waiting) {
      this.tell.say({ event: 'waiting', link: link.name }, this.tell.words('waiting', this.tell.names(link)));
      return;
    }
    this.record.links.set(link.name, link);
    const { lines, taken } = observation.done();
    this.record.keep(lines);
    this.introduce(link);
    if (this.options.entries) for (const t of taken) this.tell.entry(link, t);
    for (const n of observation.news) if (n.size > 0 && (n.size !== n.before || n.surfaced > 0)) this.tell.log(link, n);
  }

  // once reads all feeds; a fingerprint that was given and belongs to nobody is
  // a party that is not the one meant.
  async once(feeds) {
    let links = 0;
    for (const feed of feeds) links += await this.readAll(feed);
    const ids = [...this.record.links.values()].flatMap((l) => parties.map((p) => l.ids[p].toString('hex')));
    if (ids.length > 0 && this.options.fingerprints.some((f) => !ids.includes(f))) throw new Fault('card.expected');
    return links;
  }

  sum() {
    let entries = 0;
    for (const link of this.record.links.values()) for (const p of parties) for (const log of link.logs[p]) entries += log.size;
    return { links: this.record.links.size, entries };
  }

  async run() {
    this.open();
    const feeds = this.options.sockets.map((s) => new Feed(s));
    for (let rounds = 0; ; rounds++) {
      try {
        await this.once(feeds);
        if (rounds === 0 || !this.options.follow) this.conclude();
      } catch (err) {
        if (!(this.options.follow && codeOf(err) === 'feed.unreachable')) throw err;
        this.tell.say({ event: 'unreachable', detail: err.detail }, this.tell.words('unreachable', { detail: err.detail }));
      }
      if (!this.options.follow) return this.sum().links > 0 ? 0 : 2;
      await sleep(this.options.every * 1000);
    }
  }

  conclude() {
    const sum = this.sum();
    if (sum.links === 0) {
      this.tell.say({ event: 'nothing' }, this.tell.words('nothing'));
      return;
    }
    this.tell.say({ event: 'holds', ...sum }, [this.tell.words(`holds.${stated.mldsa}`, sum), ...unchecked(this.tell.words), this.tell.words('limits')].join('\n'));
  }
}

async function main(args) {
  let options;
  try {
    options = parseArguments(args);
  } catch (err) {
    if (!(err instanceof Usage || err instanceof Fault)) throw err;
    console.error(teller(languageOf(process.env))('usage'));
    return 2;
  }
  const observer = new Observer(options);
  try {
    return await observer.run();
  } catch (err) {
    if (!(err instanceof Fault)) throw err;
    observer.tell.failed(err, err.link);
    return err.code === 'feed.unreachable' ? 2 : 1;
  }
}

process.on('SIGINT', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
process.exitCode = await main(process.argv.slice(2));
