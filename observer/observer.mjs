// The observer of spec/feed.md: a copy of the six logs of each link, made of
// nothing but what was read and checked.
import { attempt, refuse } from './faults.mjs';
import { readCard, verifyFounding, verifySuccessor } from './party.mjs';
import { cosignerName, originLine, readLeaf, types } from './ledger.mjs';
import { byteString, verifyCosignature, verifyHead } from './heads.mjs';
import { readGeneration, verifyGeneration } from './evidence.mjs';
import { linkName } from './link.mjs';
import { MonitoredLog, checkLeaf } from './monitor.mjs';
import { hex } from './octets.mjs';
import { leafHash } from './tree.mjs';

const realmNumbers = { real: 1, exercise: 2 };
export const parties = ['lower', 'higher'];
const other = { lower: 'higher', higher: 'lower' };

// ObservedLink is one link as far as it was checked.
export class ObservedLink {
  constructor(name, realm, lower, higher) {
    this.name = name;
    this.realm = realm;
    this.ids = { lower: Buffer.from(lower, 'hex'), higher: Buffer.from(higher, 'hex') };
    const right = Buffer.compare(this.ids.lower, this.ids.higher) < 0
      && hex(linkName(realmNumbers[realm], this.ids.lower, this.ids.higher)) === name;
    if (!right) refuse('feed.malformed', 'the name of a link is not that of its parties');
    this.cards = { lower: [], higher: [] };
    this.logs = {};
    for (const party of parties) {
      this.logs[party] = [1, 2, 3].map((channel) =>
        new MonitoredLog(realmNumbers[realm], channel, this.ids[party], this.ids[other[party]]));
    }
    this.shown = new Map(); // the newest head that each node showed of each log
    this.pending = { lines: [], taken: [] }; // read, and not yet found to hold
  }

  log(party, channel) {
    return this.logs[party][channel - 1];
  }

  code(party) {
    return this.cards[party].at(-1)?.code ?? party;
  }

  // addCard takes a party's next card (PAR-10, PAR-11).
  addCard(party, bytes) {
    const card = readCard(bytes);
    const chain = this.cards[party];
    if (chain.length > 0) {
      verifySuccessor(chain.at(-1), card, this.ids[other[party]]);
    } else {
      verifyFounding(card);
      if (!card.party.equals(this.ids[party]) || card.realm !== realmNumbers[this.realm]) refuse('card.other-link');
    }
    chain.push(card);
  }

  // byCards gives what a check gives under the newest of a party's cards whose
  // key was used. Which card was in force stands in sealed acts.
  byCards(party, check) {
    const chain = this.cards[party];
    if (chain.length === 0) refuse('head.unsigned', 'no card');
    for (let i = chain.length - 1; i > 0; i--) {
      if (attempt(() => check(chain[i])) !== 'head.unsigned') return { card: chain[i].serial, ...check(chain[i]) };
    }
    return { card: chain[0].serial, ...check(chain[0]) };
  }

  // append takes a leaf at the end of a log; one that opens a generation may
  // begin before the end (EVI-10 to EVI-12). It gives how many entries surfaced.
  append(party, channel, raw) {
    const log = this.log(party, channel);
    const leaf = readLeaf(raw);
    let surfaced = 0;
    if (leaf.type === types.generation) surfaced = this.begin(party, log, leaf);
    if (leaf.position !== BigInt(log.size)) refuse('leaf.position');
    log.append(leaf, raw);
    return { leaf, surfaced };
  }

  begin(party, log, leaf) {
    const g = readGeneration(leaf.statement);
    const size = Number(g.size);
    if (g.size !== leaf.position || size > log.size || !g.root.equals(log.tree.root(size))) refuse('generation.statement', 'it does not continue the log');
    const roots = (p) => this.cards[p].map((c) => c.root);
    const signed = roots(party).some((w) => roots(other[party]).some((r) => attempt(() => verifyGeneration(g, log.origin, w, r)) === 'ok'));
    if (!signed) refuse('generation.statement', 'not signed by the roots');
    return log.begin(size);
  }

  // check holds an appended leaf against the rules of its log.
  check(party, channel, leaf) {
    const writers = this.logs[party];
    const readers = this.logs[other[party]];
    checkLeaf(leaf, Number(leaf.position), writers[channel - 1], {
      other: readers[channel - 1], otherControl: readers[0], ownControl: writers[0],
    });
  }

  // verifyHead checks a signed head of a log; whether its root is that of the
  // entries is for checkRoot.
  verifyHead(party, channel, text) {
    const line = originLine(this.log(party, channel).origin);
    return this.byCards(party, (card) => verifyHead(text, line, card.sign));
  }

  checkRoot(party, channel, head) {
    const log = this.log(party, channel);
    if (head.size > BigInt(log.size)) refuse('head.root', 'entries are missing');
    if (!log.tree.root(Number(head.size)).equals(head.root)) refuse('head.root');
  }

  // verifyCosigned checks cosignature lines of the other party over our own
  // computation of the head that they are on.
  verifyCosigned(party, channel, lines, size) {
    const log = this.log(party, channel);
    if (size > log.size) refuse('feed.shrunk', 'more was cosigned than is shown');
    const by = other[party];
    const root = log.tree.root(size).toString('base64');
    const text = `${originLine(log.originAt(size))}\n${size}\n${root}\n`;
    const name = cosignerName(realmNumbers[this.realm], this.ids[by], this.ids[party]);
    return this.byCards(by, (card) => verifyCosignature(text, byteString(lines), name, card.sign));
  }
}

const key = (...parts) => parts.join('/');

// Observation is one reading of one node's feed. What it read is pending until
// everything of the link held; a reading that broke off is taken up by the next.
export class Observation {
  constructor(link, node) {
    this.link = link;
    this.node = node;
    this.news = [];
  }

  get lines() {
    return this.link.pending.lines;
  }

  // taken are leaves that were appended and are to be held against the rules.
  get taken() {
    return this.link.pending.taken;
  }

  async read(feed, isNew) {
    const { link } = this;
    if (isNew && this.lines.length === 0) this.lines.push({ link: [link.name, link.realm, hex(link.ids.lower), hex(link.ids.higher)] });
    for (const party of parties) await this.readCards(feed, party);
    const logs = await feed.logs(link.name);
    const bare = logs.filter((l) => l.size > 0 && l.head === '');
    if (bare.length > 0) return { waiting: true };
    for (const l of logs) {
      try {
        await this.readLog(feed, l);
      } catch (err) {
        err.place ??= { party: l.party, channel: l.channel };
        throw err;
      }
    }
    this.judge();
    return { waiting: false };
  }

  async readCards(feed, party) {
    for (;;) {
      const cards = await feed.cards(this.link.name, party, this.link.cards[party].length + 1);
      if (cards.length === 0) return;
      for (const bytes of cards) {
        this.link.addCard(party, bytes);
        this.lines.push({ card: [this.link.name, party, bytes.toString('base64')] });
      }
    }
  }

  async readLog(feed, shown) {
    const { party, channel } = shown;
    const log = this.link.log(party, channel);
    const news = { party, channel, before: log.size, surfaced: 0, size: log.size };
    this.news.push(news);
    if (shown.size === 0 && shown.head === '') {
      this.notShrunk(party, channel, { generation: 0, size: 0n });
      return;
    }
    let at = log.size;
    if (shown.generation !== log.generation) at = log.start;
    while (at < shown.size) {
      const leaves = await feed.leaves(this.link.name, party, channel, at);
      if (leaves.length === 0) refuse('feed.shrunk', 'entries are missing');
      for (const raw of leaves.slice(0, shown.size - at)) {
        news.surfaced += this.takeLeaf(party, channel, raw, at);
        at++;
      }
    }
    this.takeHead(shown, news);
    news.size = log.size;
  }

  // takeLeaf appends a leaf, or passes over one that was read before.
  takeLeaf(party, channel, raw, at) {
    const log = this.link.log(party, channel);
    if (at < log.size && leafHash(raw).equals(log.tree.levels[0][at])) return 0;
    const { leaf, surfaced } = this.link.append(party, channel, raw);
    this.taken.push({ party, channel, leaf });
    this.lines.push({ leaf: [this.link.name, party, channel, raw.toString('base64')] });
    return surfaced;
  }

  takeHead(shown, news) {
    const { party, channel } = shown;
    const head = this.link.verifyHead(party, channel, shown.head);
    this.link.checkRoot(party, channel, head);
    if (head.size !== BigInt(shown.size)) refuse('head.root', 'the head is of another size than is shown');
    const { generation } = this.link.log(party, channel);
    this.notShrunk(party, channel, { generation, size: head.size });
    this.note(party, channel, shown.head, { generation, size: head.size });
    news.card = head.card;
    news.newestCard = this.link.cards[party].at(-1).serial;
    if (shown.cosigned === '') return;
    const { time } = this.link.verifyCosigned(party, channel, shown.cosigned, shown.cosigned_size);
    news.cosigned = { size: shown.cosigned_size, time };
  }

  // notShrunk refuses a log of which this node showed more before.
  notShrunk(party, channel, now) {
    const before = this.link.shown.get(key(this.node, party, channel));
    if (before && before.generation === now.generation && before.size > now.size) refuse('feed.shrunk', `${before.size} → ${now.size}`);
  }

  note(party, channel, head, now) {
    const k = key(this.node, party, channel);
    const before = this.link.shown.get(k);
    if (before && before.generation === now.generation && before.size === now.size) return;
    this.link.shown.set(k, now);
    this.lines.push({ head: [this.link.name, this.node, party, channel, head] });
  }

  // done gives what may now be kept.
  done() {
    const { lines, taken } = this.link.pending;
    this.link.pending = { lines: [], taken: [] };
    return { lines, taken };
  }

  judge() {
    for (const { party, channel, leaf } of this.taken) {
      try {
        this.link.check(party, channel, leaf);
      } catch (err) {
        err.place = { party, channel, position: leaf.position };
        throw err;
      }
    }
  }
}

