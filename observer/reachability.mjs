// The report on how well each side could be reached, after spec/reachability.md: from the acts themselves.

import { kinds } from "./act.mjs";
import { Arrangement } from "./arrangement.mjs";
import { DAY, FIRST, LAST, MINUTE, instant, readInstant, writeInstant } from "./calendar.mjs";
import { entry, lines, merge, serial, slip, text } from "./casework.mjs";
import * as contacts from "./contacts.mjs";
import * as hotline from "./hotline.mjs";
import { integer, list, object, parse, string } from "./json.mjs";
import { Names, Review, cutDigest, inputRows, nearest, octets, parting, rank, size, table } from "./review.mjs";
import { before, other, same, where } from "./standing.mjs";

const FORMAT = "parley reachability 1";
const HEX = /^[0-9a-f]{64}$/;
const MEASURES = {
  calls: ["calls", "answered", "in-time", "late", "unanswered", "declined", "deferred", "withdrawn", "waiting", "void", "answered-tenths"],
  answer: ["timed", "median-ms", "p90-ms", "worst-ms"],
  climbed: [],
  taker: [],
  tests: ["planned", "pending", "answered", "late", "declined", "silent", "postponed", "not-held", "marked"],
  silence: ["unreceipted", "unrung", "unshown", "unaccepted", "unheard-hours"],
  machine: ["days", "tried", "answered", "answered-tenths", "median-ms", "worst-ms"],
  hours: ["hours", "heard", "heard-tenths"],
};
const PURPOSES = ["real", "test", "machine", "line"];
const PROPERTIES = ["test", "level", "unit", "carrier", "month"];

const clamp = (t) => Math.min(Math.max(t, FIRST), LAST);
const month = (at) => writeInstant(at).slice(0, 7);

// tested judges a day of machine tests, and says what its view has. TST-21, TST-22, RCH-18
function tested(lower, higher, at, cut, now) {
  const merged = merge(lower, higher);
  merged.forEach((e, i) => {
    const past = merged.slice(0, i).filter((x) => before(x, e)), opening = past.find((x) => !x.thread);
    const strange = !e.fault && opening && e.thread && !same(e.thread, opening) ? "act.thread" : "";
    e.code = strange || slip({ past }, e) || e.fault || (e.kind !== "test.day" || opening ? "act.thread" : judgeDay(e));
  });
  const e = merged.find((x) => !x.thread), b = e && !e.code ? e.body : undefined;
  const received = e?.receipt === undefined || clamp(e.receipt) <= 0 ? undefined : writeInstant(clamp(e.receipt));
  return {
    body: b,
    bytes: serial({
      view: "reachability", cut, instant: writeInstant(at), arrangement: now.digest, rules: now.rules,
      day: {
        opening: e && where(e), side: e?.side, said: b && { claimed: text(e.time), receipt: received }, day: b?.day, carriers: b?.carriers ?? [], digest: b?.digest,
        not_in_order: merged.filter((x) => x.code).map((x) => ({ ...where(x), code: x.code })),
      },
    }),
  };
}

function judgeDay(e) {
  const { day, carriers, digest } = e.body, begins = readInstant(day);
  if (begins % DAY !== 0 || begins + DAY > clamp(e.time)) return "act.term";
  const counts = (c) => c.tried >= 1 && c.answered >= 0 && c.answered <= c.tried && c.median_ms >= 0 && c.median_ms <= c.worst_ms && (c.answered > 0 || c.worst_ms === 0);
  const good = carriers.length <= 16 && carriers.every((c, i) => c.carrier !== "" && (i === 0 || octets(carriers[i - 1].carrier, c.carrier) < 0) && counts(c));
  return good && HEX.test(digest) ? "" : "act.reason";
}

// Tally counts within a cell.
class Tally {
  constructor() {
    this.counts = new Map();
    this.lengths = { answer: [], median: [], worst: [] };
  }
  add(section, measure, n = 1) {
    const key = `${section}\n${measure}`;
    if (n) this.counts.set(key, (this.counts.get(key) ?? 0) + Number(n));
  }
  of(section, measure) {
    return this.counts.get(`${section}\n${measure}`) ?? 0;
  }
  merge(other) {
    for (const [key, n] of other.counts) this.add(...key.split("\n"), n);
    for (const name of Object.keys(this.lengths)) this.lengths[name].push(...other.lengths[name]);
  }
  // RCH-4, RCH-5, RCH-7 to RCH-9
  figures() {
    const out = [...this.counts].map(([key, value]) => [...key.split("\n"), value]);
    const share = (section, measure, part, whole) => {
      if (whole) out.push([section, measure, Number((BigInt(part) * 2000n + BigInt(whole)) / (2n * BigInt(whole)))]);
    };
    const sorted = (name) => this.lengths[name].toSorted((a, b) => a - b);
    const answered = this.of("calls", "answered"), took = sorted("answer"), medians = sorted("median");
    share("calls", "answered-tenths", answered, answered + this.of("calls", "unanswered") + this.of("calls", "declined"));
    if (took.length) {
      out.push(["answer", "timed", took.length], ["answer", "median-ms", nearest(took, 1, 2)], ["answer", "p90-ms", nearest(took, 9, 10)], ["answer", "worst-ms", took.at(-1)]);
    }
    share("machine", "answered-tenths", this.of("machine", "answered"), this.of("machine", "tried"));
    if (medians.length) out.push(["machine", "median-ms", nearest(medians, 1, 2)], ["machine", "worst-ms", sorted("worst").at(-1)]);
    share("hours", "heard-tenths", this.of("hours", "heard"), this.of("hours", "hours"));
    const differ = (words, a, b) => (rank(words, a) === rank(words, b) ? octets(a, b) : rank(words, a) - rank(words, b));
    out.sort((a, b) => differ(Object.keys(MEASURES), a[0], b[0]) || differ(MEASURES[a[0]], a[1], b[1]));
    return out.map(([section, measure, value]) => ({ section, step: "", measure, value }));
  }
}

// becameOf is a call's class, and how far it came where nobody took it. RCH-5, RCH-6
function becameOf(s, c, at) {
  const [own, theirs] = c.ladders;
  const test = s.document.hotline.tests.find((t) => s.call.purpose === "test" && t.code === s.call.test);
  const { minutes } = test ?? s.rungs[s.rung(s.call.rung)];
  const over = c.answer ? !c.answer.in_time : own.steps.length > 0 && at > readInstant(own.steps[0].due) + minutes * MINUTE;
  if (c.receipts.accepted) return { outcome: over ? "late" : "in-time", silence: "" };
  if (["declined", "deferred"].includes(c.phase)) return { outcome: c.phase, silence: "" };
  if (!over) return { outcome: c.phase === "withdrawn" ? "withdrawn" : "waiting", silence: "" };
  const silence = !c.receipts.stored ? "unreceipted" : !theirs.steps.some((x) => x.rang) ? "unrung" : !c.receipts.shown ? "unshown" : "unaccepted";
  return { outcome: "unanswered", silence };
}

// Reach is the report in the making.
class Reach extends Review {
  constructor(input, versions) {
    super(input, versions);
    Object.assign(this, { at: readInstant(input.instant), threads: [], points: [], cells: new Map(), calls: [] });
  }
  cell(of) {
    const cell = { from: "", purpose: "", test: "", level: "", unit: "", carrier: "", month: "", ...of }, key = JSON.stringify(cell);
    if (!this.cells.has(key)) this.cells.set(key, { cell, tally: new Tally() });
    return this.cells.get(key).tally;
  }
  // The directory of a side at an instant. RCH-16
  named(side, role, at) {
    const classes = [[], [], []];
    for (const { opening, standing } of this.points.filter((p) => p.opening.side === side)) {
      const said = standing.history.filter((e) => clamp(e.time) <= at), b = said.findLast((e) => e.kind !== "contact.confirm")?.body;
      const ended = standing.ended && clamp(standing.ended.time) <= at, stood = said.length > 0 && at < readInstant(said.at(-1).body.until);
      if (!b || ended || b.role !== role || (b.temporary && !stood)) continue;
      classes[stood ? (b.temporary ? 1 : 0) : 2].push({ position: opening.position, unit: b.unit });
    }
    return classes.flat()[0]?.unit;
  }
  // RCH-10
  unit(side, s, at) {
    const id = this.parties.find((p) => p.side === side).id, { units } = s.document.parties.find((p) => p.id === id);
    const roles = s.rungs[s.rung(s.call.rung)].roles.filter((r) => r.party === id);
    const unit = units.length === 1 ? units[0].code : roles.map((r) => this.named(side, r.role, at)).find((u) => u) ?? "";
    return this.known("unit", side, unit);
  }
  // RCH-11
  line(side, position, s, c) {
    const called = other(side), opened = clamp(s.begun.time), stored = c.receipts.stored?.receipt;
    const l = {
      name: `${this.code(side)}-call-${position}`, from: side, purpose: c.head.purpose, test: this.known("test", "", c.head.test ?? ""),
      level: this.known("level", "", c.head.rung), unit: this.unit(called, s, stored === undefined ? opened : readInstant(stored)), ...becameOf(s, c, this.at),
      opened: writeInstant(opened), stored, due: c.answer?.due, taken: undefined, receipt: undefined, took_ms: 0, climbed: "", role: "", by: [], entry: undefined,
    };
    if (s.taken) {
      Object.assign(l, {
        taken: writeInstant(clamp(s.taken.time)), receipt: c.receipts.accepted.receipt, by: s.taken.signers.map((o) => o.name),
        role: this.known("role", called, s.taken.signers.at(-1)?.role ?? ""), entry: where(s.taken),
      });
      if (c.answer) Object.assign(l, { took_ms: c.answer.took_ms ?? 0, climbed: this.known("level", "", c.answer.climbed_to) });
    }
    return l;
  }
  call(side, position, s) {
    const c = hotline.call(s, this.at);
    let of = { from: side };
    if (c.test) of = { from: side, purpose: "test", test: this.known("test", "", c.test.code), month: month(readInstant(c.test.opens)) };
    if (c.head) {
      const l = this.line(side, position, s, c);
      this.calls.push(l);
      of = { from: side, purpose: l.purpose, test: l.test, level: l.level, unit: l.unit, month: l.opened.slice(0, 7) };
      this.count(this.cell(of), l);
    } else if (!c.test) this.cell(of).add("calls", "void");
    if (c.test) this.planned(this.cell(of), side, c.test);
  }
  count(t, l) {
    t.add("calls", "calls");
    t.add("calls", l.outcome);
    if (l.silence) t.add("silence", l.silence);
    if (!["in-time", "late"].includes(l.outcome)) return;
    t.add("calls", "answered");
    t.add("climbed", l.climbed);
    t.add("taker", l.role);
    t.lengths.answer.push(l.took_ms);
  }
  // RCH-15
  planned(t, caller, x) {
    t.add("tests", "planned");
    t.add("tests", x.result ?? "pending");
    t.add("tests", "marked", x.marks.length > 0);
    for (const o of x.outcomes) {
      if (o.result === "postponed") t.add("tests", "postponed");
      else if (o.side === caller && o.silence) t.add("silence", o.silence);
    }
  }
  // RCH-8
  day(side, b) {
    for (const c of b?.carriers ?? []) {
      const t = this.cell({ from: side, purpose: "machine", carrier: /^[a-z0-9-]{1,32}$/.test(c.carrier) ? c.carrier : "?", month: month(readInstant(b.day)) });
      t.add("machine", "days");
      t.add("machine", "tried", c.tried);
      t.add("machine", "answered", c.answered);
      if (c.answered > 0) {
        t.lengths.median.push(c.median_ms);
        t.lengths.worst.push(c.worst_ms);
      }
    }
  }
  // RCH-9
  heard({ side, day, hours }) {
    if (day * DAY > LAST) return;
    let n = 0;
    for (let h = 0; h < 24; h++) n += (hours >> h) & 1;
    const t = this.cell({ from: side, purpose: "line", month: month(day * DAY) });
    t.add("hours", "hours", 24);
    t.add("hours", "heard", n);
    t.add("silence", "unheard-hours", 24 - n);
  }
  // RCH-4, RCH-13
  groupsOf(from) {
    const cells = [...this.cells.values()].filter((x) => x.cell.from === from), out = [];
    const listed = { test: this.newest.hotline.tests.map((x) => x.code), level: this.newest.hotline.rungs.map((x) => x.code) };
    const differ = (words, a, b) => (rank(words, a) === rank(words, b) ? octets(a, b) : rank(words, a) - rank(words, b));
    const order = (a, b) => differ(PURPOSES, a.purpose, b.purpose) || differ(listed.test, a.test, b.test) || differ(listed.level, a.level, b.level) ||
      octets(a.unit, b.unit) || octets(a.carrier, b.carrier) || octets(a.month, b.month);
    for (const by of ["purpose", ...PROPERTIES, "cell"]) {
      const sums = new Map();
      for (const { cell, tally } of cells) {
        if (PROPERTIES.includes(by) && cell[by] === "") continue;
        const of = { purpose: cell.purpose, ...Object.fromEntries(PROPERTIES.map((p) => [p, by === "cell" || by === p ? cell[p] : "*"])) };
        const key = JSON.stringify(of);
        if (!sums.has(key)) sums.set(key, { of, tally: new Tally() });
        sums.get(key).tally.merge(tally);
      }
      out.push(...[...sums.values()].sort((a, b) => order(a.of, b.of)).map(({ of, tally }) => ({ by, ...of, figures: tally.figures() })));
    }
    return out;
  }
  // RCH-12
  timetable() {
    const known = new Set(), dated = [];
    for (const t of this.versions.toReversed().flatMap((d) => d.hotline?.tests ?? [])) {
      if (!known.has(t.code) && t.before !== undefined) dated.push(t);
      known.add(t.code);
    }
    dated.sort((a, b) => readInstant(a.before) - readInstant(b.before) || octets(a.code, b.code));
    return dated.flatMap((t) => ["lower", "higher"].map((from) => {
      const taken = this.calls.filter((c) => c.from === from && c.purpose === "test" && c.test === t.code && c.entry);
      const first = taken.reduce((a, b) => (a && readInstant(a.taken) <= readInstant(b.taken) ? a : b), undefined), date = readInstant(t.before);
      const state = first ? (readInstant(first.taken) < date ? "met" : "late") : this.at >= date ? "missed" : "to-come";
      return { from, test: t.code, before: t.before, state, call: first?.name ?? "", taken: first?.taken, receipt: first?.receipt, entry: first?.entry };
    }));
  }
  report() {
    const names = new Names(this), timetable = this.timetable();
    const directions = ["lower", "higher"].map((from) => ({ from, to: other(from), groups: this.groupsOf(from) }));
    for (const d of directions) {
      for (const g of d.groups) {
        names.add("test", "", g.test);
        names.add("level", "", g.level);
        names.add("unit", d.to, g.unit);
        for (const f of g.figures) {
          if (f.section === "climbed") names.add("level", "", f.measure);
          if (f.section === "taker") names.add("role", d.to, f.measure);
        }
      }
    }
    for (const c of this.calls) {
      names.add("role", other(c.from), c.role);
      names.add("level", "", c.climbed);
    }
    for (const row of timetable) names.add("test", "", row.test);
    return { ...this.head(FORMAT, "parley reachability"), directions, calls: this.calls, timetable, names: names.list() };
  }
}

// RCH-14
function reachCSV(r) {
  const code = (side) => r.parties.find((p) => p.side === side).code, way = (from) => `${code(from)}>${code(other(from))}`;
  const place = (e) => e && `${code(e.side)}/${e.position}`;
  const rows = [["section", "direction", "purpose", "test", "level", "unit", "carrier", "month", "measure", "value"],
    ...inputRows(r, ([of, measure, value]) => ["input", of, "", "", "", "", "", "", measure, value])];
  for (const d of r.directions) {
    for (const g of d.groups) {
      for (const f of g.figures) rows.push([f.section, way(d.from), g.purpose, g.test, g.level, g.unit, g.carrier, g.month, f.measure, f.value]);
    }
  }
  for (const c of r.calls) {
    const said = {
      outcome: c.outcome, silence: c.silence, opened: c.opened, stored: c.stored, due: c.due, taken: c.taken, "took-ms": c.entry && `${c.took_ms}`, climbed: c.climbed,
      role: c.role, by: c.by.join(" / "), entry: place(c.entry),
    };
    for (const [measure, value] of Object.entries(said)) {
      if (value) rows.push([`call ${c.name}`, way(c.from), c.purpose, c.test, c.level, c.unit, "", c.opened.slice(0, 7), measure, value]);
    }
  }
  for (const x of r.timetable) {
    const said = { before: x.before, state: x.state, call: x.call, taken: x.taken, entry: place(x.entry) };
    for (const [measure, value] of Object.entries(said)) if (value) rows.push(["timetable", way(x.from), "test", x.test, "", "", "", "", measure, value]);
  }
  return table(rows);
}

const input = object({
  realm: integer(1, 2), parties: list(object({ side: string, id: string, code: string })),
  sizes: list(object({ side: string, control: size, hotline: size, routine: size })), instant, arrangement: string, rules: integer(0), threads: list(object({})),
});
const heardLine = object({ side: string, day: integer(0), hours: integer(0) });

// read takes the acts of a vector by channel, and what stands beside them. RCH-17
function read(file, sibling) {
  const logs = { routine: { lower: [], higher: [] }, hotline: { lower: [], higher: [] } }, heard = [];
  let now, channel, report;
  for (const line of file.toString("utf8").split("\n")) {
    if (!line || line.startsWith("#")) continue;
    const name = line.slice(0, line.indexOf(":")), rest = line.slice(line.indexOf(":") + 2);
    const value = (shape) => parse(Buffer.from(rest), shape, 1 << 24);
    if (name === "arrangement") {
      const arrangement = new Arrangement(sibling(rest));
      now = { suspensions: [], outages: [], arrangement, digest: arrangement.digest, rules: 1 };
    } else if (name === "channel") channel = rest;
    else if (name === "entry") {
      const e = entry(value(lines.entry), now);
      logs[channel][e.side].push(e);
    } else if (name === "receipt") {
      const r = value(lines.receipt);
      for (const e of logs[channel][r.side]) if (e.receipt === undefined && e.position < r.size) e.receipt = readInstant(r.time);
    } else if (name === "heard") heard.push(value(heardLine));
    else if (name === "report") report = value(input);
    else if (name !== "rules" || rest !== "1") throw new Error(`a line that is none: ${line}`);
  }
  return { logs, heard, now, report };
}

// threads gives each opening of a channel with what was said in its thread. RCH-2
function* threads({ lower, higher }) {
  for (const log of [lower, higher]) {
    for (const opening of log.filter((e) => !e.thread)) {
      const of = (list) => list.filter((e) => e === opening || (e.thread && same(e.thread, opening)));
      yield { opening, lower: of(lower), higher: of(higher) };
    }
  }
}

// check makes each report of vectors/reachability from the acts alone, and compares its bytes with the file's.
export function check(name, file, sibling) {
  if (!name.startsWith("report.")) return [];
  const { logs, heard, now, report } = read(sibling("acts.txt"), sibling);
  const r = new Reach(report, [now.arrangement.document]), cut = cutDigest(r.sizes).toString("hex");
  for (const { opening, lower, higher } of threads(logs.routine)) {
    if (!kinds.has(opening.kind) || !opening.kind.startsWith("contact.")) continue;
    r.threads.push({ ...where(opening), bytes: contacts.view(lower, higher, r.at, cut, now) });
    r.points.push({ opening, standing: contacts.fold(lower, higher) });
  }
  for (const { opening, lower, higher } of threads(logs.hotline)) {
    if (opening.kind === "test.day") {
      const d = tested(lower, higher, r.at, cut, now);
      r.threads.push({ ...where(opening), bytes: d.bytes });
      r.day(opening.side, d.body);
      continue;
    }
    r.threads.push({ ...where(opening), bytes: hotline.view(lower, higher, r.at, cut, now) });
    r.call(opening.side, opening.position, hotline.fold(lower, higher));
  }
  for (const one of heard) r.heard(one);
  const made = r.report();
  return parting(name === "report.csv" ? reachCSV(made) : serial(made) + "\n", file.toString("utf8"));
}
