// The control record of spec/control.md: which cards, which arrangement and
// which suspensions are in force at two of its sizes. What it says of
// tombstones, ceremonies and outages is not computed here.
import { Fault, refuse } from './faults.mjs';
import * as acts from './act.mjs';
import * as arrangement from './arrangement.mjs';
import { readLeaf, types } from './ledger.mjs';
import { cardName, checkReplacement, officerKeyId, readCard, readReplacement, verifyFounding, verifySuccessor, withReplacement } from './party.mjs';
import { verifyCompromise } from './evidence.mjs';
import { readInstant } from './calendar.mjs';
import * as statement from './statement.mjs';
import { Difference, same } from './vector.mjs';

const control = 1;
const sides = { lower: 0, higher: 1 };

// codeOf gives the code of what fn refuses, or null.
function codeOf(fn) {
  try {
    fn();
    return null;
  } catch (err) {
    if (err instanceof Fault) return err.code;
    throw err;
  }
}

// readAct reads the parts of an act (ACT-11, PRC-2).
function readAct(bytes) {
  const parts = statement.readParts(bytes);
  const [, said, signed, body] = parts.parts;
  statement.readSlip(parts.parts[0]);
  const read = { statement: statement.readStatement(said), persons: statement.readSignatures(signed), body, digest: statement.statementDigest(said) };
  parts.parts.slice(4).forEach(statement.readAttachment);
  if (!statement.contentCommitment(statement.commitmentsOf(parts)).equals(read.statement.content)) refuse('parts.commitment');
  return read;
}

const beyond = (a, b) => a.generation > b.generation || a.size > b.size;

// judgeShared is PRC-3 to PRC-12 for an entry of a control log; in is what is
// in force at its place. It gives the body.
function judgeShared(e, at, ids, used) {
  const s = e.act.statement;
  const here = s.realm === at.cards[e.side].realm && s.writer.equals(ids[e.side]) && s.reader.equals(ids[1 - e.side]) && s.channel === control && s.generation === 0;
  if (!here) refuse('act.elsewhere');
  const kind = at.rules === 1 ? acts.kinds.get(s.kind) : undefined;
  if (!kind) refuse('act.kind');
  if (kind.channel !== 'control') refuse('act.channel');
  if (used.has(s.act.toString('hex'))) refuse('act.repeated');
  if (e.time >= s.notAfter) refuse('act.late');
  if (at.ends !== null && at.ends <= e.time && !acts.remains(s.kind)) refuse('act.terminated');
  if (kind.opens !== (s.thread.length === 0)) refuse('act.thread');
  if (s.seen.some((size, i) => beyond(size, e.leaf.seen[i]))) refuse('act.seen');
  if (kind.person && e.act.persons.length === 0) refuse('act.person');
  for (const signed of e.act.persons) statement.verifyPerson(at.cards[e.side], signed, e.act.digest);
  return acts.readBody(s.kind, e.act.body);
}

// Amendments is ARR-38 to ARR-43 and ARR-59 over the steps in merged order. A
// hand is a party's signature under a version.
class Amendments {
  constructor() {
    this.hands = [];
    this.agreed = [];
  }

  hand(side, digest) {
    return this.hands.find((h) => h.side === side && h.digest === digest);
  }

  isAgreed(digest) {
    return this.agreed.some((v) => v.digest === digest);
  }

  // sign takes a proposal (version is there) or a signature; covered is how
  // much of the author's log was receipted within what its entry had seen.
  sign(e, digest, version, covered) {
    const own = this.hand(e.side, digest);
    const other = this.hand(1 - e.side, digest);
    if (!version && !own && !other) refuse('amend.unknown');
    const v = (other ?? own)?.version ?? version;
    const bars = (h) => h.side === e.side && h.digest !== digest && h.version.base === v.base
      && (h.left === null || h.left >= covered || this.isAgreed(h.digest));
    if (this.hands.some(bars)) refuse('amend.barred');
    if (own) refuse(own.left === null ? 'amend.order' : 'amend.withdrawn');
    if (!version && !(other.position < e.seen)) refuse('amend.unknown');
    if (other && other.left !== null && other.left < e.seen) refuse('amend.withdrawn');
    this.hands.push({ side: e.side, digest, version: v, position: e.position, left: null });
    if (!other) return;
    other.left = null; // unseen by who signed, the withdrawal does not count (ARR-42)
    this.agreed.push(v);
  }

  withdraw(e, digest) {
    const own = this.hand(e.side, digest);
    if (!own || own.left !== null) refuse('amend.unknown');
    if (this.isAgreed(digest)) refuse('amend.agreed');
    own.left = e.position;
  }

  // ARR-38
  inForce(instant) {
    let version = null;
    for (;;) {
      const next = this.agreed.find((v) => v.base === (version?.digest ?? ''));
      if (!next || next.inForce > instant) return version;
      version = next;
    }
  }

  open(side) {
    return this.hands.filter((h) => h.side === side && h.left === null && !this.isAgreed(h.digest)).map((h) => h.digest);
  }
}

const within = (s, t) => s.everything <= t.everything && (t.everything || s.types.every((x) => t.types.includes(x)) && s.areas.every((x) => t.areas.includes(x)));

// Suspensions is ARR-30 to ARR-33: a list of spans, each with the scope that a
// suspension has in it.
class Suspensions {
  constructor() {
    this.spans = [];
    this.endings = [];
  }

  begin(e, body, at) {
    this.spans.push({ side: e.side, position: e.position, scope: scopeOf(body), reason: body.reason, from: at, to: null });
  }

  find(e) {
    const [ref] = e.act.statement.thread;
    const named = (x) => x.side === ref.side - 1 && x.position === ref.position;
    const span = this.spans.findLast(named);
    if (this.endings.some((x) => named(x) && !x.back && x.side !== e.side)) refuse('status.not-owner');
    if (!span || span.to !== null) refuse('status.unknown');
    if (span.side !== e.side) refuse('status.not-owner');
    return span;
  }

  narrow(e, body, at) {
    const span = this.find(e);
    const scope = scopeOf(body);
    if (!within(scope, span.scope) || within(span.scope, scope)) refuse('status.scope');
    span.to = at > span.from ? at : span.from;
    this.spans.push({ ...span, scope, from: span.to, to: null });
  }

  // terminate is ARR-62: it has effect on its date, and not before the notice has run from its receipt.
  terminate(e, body, at) {
    if (this.ends !== null && this.ends <= at) refuse('act.terminated');
    const on = BigInt(readInstant(body.on));
    this.endings.push({ side: e.side, position: e.position, effect: on > at + e.notice ? on : at + e.notice, back: false });
  }

  get ends() {
    return this.endings.filter((x) => !x.back).reduce((first, x) => (first === null || x.effect < first ? x.effect : first), null);
  }

  lift(e, at) {
    const [ref] = e.act.statement.thread;
    const ending = this.endings.find((x) => x.side === ref.side - 1 && x.position === ref.position);
    if (ending && ending.side === e.side) {
      if (ending.back) refuse('status.unknown');
      if (this.ends !== null && this.ends <= at) refuse('act.terminated');
      ending.back = true;
      return;
    }
    const span = this.find(e);
    span.to = at > span.from ? at : span.from;
  }

  at(instant) {
    return this.spans.filter((s) => s.from <= instant && (s.to === null || instant < s.to));
  }
}

const scopeOf = (body) => ({ everything: body.types.length + body.areas.length === 0, types: body.types, areas: body.areas });

// Control is the control record of a link, entry by entry.
export class Control {
  constructor(founding) {
    this.founding = founding;
    this.facts = [[], []];
    this.receipts = [[], []]; // of each side's log: what stands in the other's
    this.used = [new Set(), new Set()];
    this.next = [0n, 0n];
  }

  get ids() {
    return this.founding.map((c) => c.party);
  }

  // add takes the next entry of a control log; all that it has seen was added.
  add(side, raw, parts) {
    const leaf = readLeaf(raw);
    if (leaf.position !== this.next[side] || leaf.seen[0].size > this.next[1 - side]) throw new Difference('entries out of their order');
    this.next[side] += 1n;
    if (leaf.type === types.receipt) this.receipts[1 - side].push({ at: leaf.position, size: leaf.size.size, time: leaf.time });
    if (leaf.type !== types.act) return;
    const e = { side, position: leaf.position, seen: leaf.seen[0].size, time: leaf.time, leaf };
    e.fault = codeOf(() => {
      e.act = readAct(parts);
      const at = this.at(side === 0 ? [leaf.position, e.seen] : [e.seen, leaf.position]).context(leaf.time);
      const used = new Set(this.used[side]);
      this.used[side].add(e.act.statement.act.toString('hex'));
      e.body = judgeShared(e, at, this.ids, used);
      this.judgeBody(e, at);
    });
    this.facts[side].push(e);
  }

  // announced are a party's cards, from the founding one on, as far as they
  // follow one another in its log.
  announced(side) {
    return [this.founding[side], ...this.facts[side].filter((f) => f.card && f.fault === null && f.card.serial > 1).map((f) => f.card)];
  }

  // judgeBody is CTL-14 for what the forms of bodies leave open.
  judgeBody(e, at) {
    const before = this.announced(e.side).at(-1);
    const [writer, reader] = [this.ids[e.side], this.ids[1 - e.side]];
    switch (e.act.statement.kind) {
      case 'card': {
        const card = readCard(e.body);
        if (card.serial !== 1 || !cardName(card).equals(cardName(before))) verifySuccessor(before, card, reader);
        e.card = card;
        break;
      }
      case 'officer.replace':
        e.replaces = readReplacement(e.body);
        checkReplacement(at.cards[e.side], e.replaces, e.act.persons.map((signed) => signed.keyId));
        break;
      case 'compromise':
        verifyCompromise(e.body, before.realm, writer, reader, before.root);
        break;
      case 'arrangement.propose': {
        const document = arrangement.read(e.body);
        const by = (a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)) || (a.code < b.code ? -1 : 1);
        const [breach] = arrangement.check(document).sort(by);
        if (breach) refuse(breach.code, breach.path);
        if (this.ids.some((id) => !document.parties.some((p) => p.id === id.toString('hex')))) refuse('arrangement.party', '/parties'); // CTL-18
        e.digest = arrangement.digest(e.body);
        e.version = { digest: e.digest, base: document.base, inForce: BigInt(readInstant(document.in_force)), document };
        break;
      }
      case 'suspend':
      case 'suspend.narrow':
      case 'resume':
      case 'terminate':
        this.mayStop(e, at);
        break;
      case 'arrangement.sign':
      case 'arrangement.withdraw':
        if (!/^[0-9a-f]{64}$/.test(e.body.digest)) refuse('party.id');
        e.digest = e.body.digest;
        break;
      default:
    }
  }

  // mayStop is CTL-22 and CTL-23.
  mayStop(e, at) {
    const ends = e.act.statement.kind === 'terminate';
    if (!at.version) {
      if (ends) refuse('act.no-rules');
      return;
    }
    const { persons = 0, roles = [], notice_days: days = 0 } = at.version.document.suspension ?? {};
    const party = this.ids[e.side].toString('hex');
    const officers = e.act.persons.map((signed) => at.cards[e.side].officers.find((o) => officerKeyId(o) === signed.keyId));
    if (roles.length > 0 && officers.some((o) => !roles.some((r) => r.party === party && r.role === o.role))) refuse('act.role');
    if (new Set(officers.map((o) => o.name)).size < persons) refuse('act.persons');
    e.notice = BigInt(days) * 86400000n;
    if (ends && BigInt(readInstant(e.body.on)) < e.time + e.notice) refuse('act.term');
  }

  // merged are the facts within two sizes (REC-1).
  merged(sizes) {
    const [low, high] = this.facts.map((list, i) => list.filter((f) => f.position < sizes[i]));
    const out = [];
    for (const f of low) {
      while (high.length > 0 && high[0].position < f.seen) out.push(high.shift());
      out.push(f);
    }
    return [...out, ...high];
  }

  // receiptOf is the first receipt that covers a fact.
  receiptOf(f) {
    return this.receipts[f.side].find((r) => r.size > f.position);
  }

  covered(f) {
    const sizes = this.receipts[f.side].filter((r) => r.at < f.seen).map((r) => r.size);
    return sizes.reduce((most, n) => (n > most ? n : most), 0n);
  }

  // at folds the record within two sizes, of the lower and the higher log.
  at(sizes) {
    const state = new State(this.founding);
    for (const f of this.merged(sizes)) {
      const receipt = this.receiptOf(f);
      const known = receipt && receipt.at < sizes[1 - f.side] ? receipt.time : null;
      const code = f.fault ?? codeOf(() => state.apply(f, known, this.covered(f)));
      if (code) state.disorder.push({ side: f.side, position: f.position, code });
    }
    return state;
  }
}

// State is what the record says at two sizes.
class State {
  constructor(founding) {
    this.cards = [...founding];
    this.amendments = new Amendments();
    this.suspensions = new Suspensions();
    this.disorder = [];
  }

  // apply takes an act in order; known is the time of its receipt, if the sizes
  // hold that.
  apply(f, known, covered) {
    const kind = f.act.statement.kind;
    if (kind === 'card' && known !== null && f.card.serial === this.cards[f.side].serial + 1) this.cards[f.side] = f.card;
    if (kind === 'officer.replace') this.cards[f.side] = withReplacement(this.cards[f.side], f.replaces);
    if (kind === 'arrangement.propose') this.amendments.sign(f, f.digest, f.version, covered);
    if (kind === 'arrangement.sign') this.amendments.sign(f, f.digest, null, covered);
    if (kind === 'arrangement.withdraw') this.amendments.withdraw(f, f.digest);
    if (known === null) return;
    if (kind === 'suspend') this.suspensions.begin(f, f.body, known);
    if (kind === 'suspend.narrow') this.suspensions.narrow(f, f.body, known);
    if (kind === 'resume') this.suspensions.lift(f, known);
    if (kind === 'terminate') this.suspensions.terminate(f, f.body, known);
  }

  // context is CTL-9.
  context(instant) {
    const version = this.amendments.inForce(instant);
    return { cards: this.cards, version, rules: version ? version.document.rules : 1, ends: this.suspensions.ends };
  }

  // frozen lists the request types of which a matter stands still, in the first
  // area and at the last urgency of the version in force (ARR-33, ARR-34).
  frozen(instant) {
    const { version } = this.context(instant);
    if (!version) return [];
    const d = version.document;
    const [area, urgency] = [d.areas[0].code, d.urgencies.at(-1).code];
    const stands = (type) => !arrangement.survives(d, type, area, urgency) && this.suspensions.at(instant).some((s) => arrangement.covers(s.scope, type, area));
    return d.request_types.map((t) => t.code).filter(stands);
  }

  // book is the answer of a vector, but for `connect`.
  book(instant) {
    const { version, rules } = this.context(instant);
    const byPlace = (a, b) => a.side - b.side || Number(a.position - b.position);
    const place = (x) => ({ higher: x.side === 1, position: Number(x.position) });
    return {
      cards: this.cards.map((c) => c.serial), rules, arrangement: version?.digest ?? '',
      agreed: this.amendments.agreed.map((v) => v.digest), open: [this.amendments.open(0), this.amendments.open(1)],
      suspensions: this.suspensions.at(instant).sort(byPlace).map((s) => ({ ...place(s), ...s.scope, reason: s.reason, since: Number(s.from) })),
      ...(this.suspensions.ends === null ? {} : { ends: Number(this.suspensions.ends) }),
      frozen: this.frozen(instant),
      disorder: this.disorder.map((d) => ({ ...place(d), code: d.code })),
    };
  }
}

// check goes through a file of vectors/control (CTL-17).
export function check(file) {
  const founding = [];
  const record = new Control(founding);
  let cases = 0;
  for (const line of file.body.toString('utf8').trimEnd().split('\n')) {
    const [word, ...rest] = line.split(' ');
    if (word === 'founding') {
      const card = readCard(Buffer.from(rest[0], 'hex'));
      verifyFounding(card);
      founding.push(card);
    } else if (word === 'look') {
      const [low, high, instant] = rest.slice(0, 3).map(BigInt);
      const connect = [0, 1].map((side) => record.announced(side).slice(-2).map((c) => c.serial));
      const { cards, ...others } = record.at([low, high]).book(instant);
      same(`the record at ${low} and ${high}, ${instant}`, JSON.stringify({ cards, connect, ...others }), rest.slice(3).join(' '));
      cases += 1;
    } else {
      record.add(sides[word], Buffer.from(rest[0], 'hex'), Buffer.from(rest[1] ?? '', 'hex'));
    }
  }
  if (cases === 0) throw new Difference('nothing is looked at');
  return { outcome: 'ok', cases };
}
