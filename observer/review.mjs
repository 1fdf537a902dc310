// The reports that both parties compute alike, after spec/review.md.

import { createHash } from "node:crypto";
import { any, integer, list, object, parse, string } from "./json.mjs";
import { instant, readInstant } from "./calendar.mjs";
import { serial } from "./casework.mjs";

const STATES = ["met", "late", "disputed", "unreceipted", "overdue", "running", "paused", "frozen", "not-started", "released", "unknown"];
const OUTCOMES = ["accept", "forward", "interim", "await", "condition", "postpone", "partial", "answer", "redirect", "decline", "withdraw"];
const PROPOSALS = ["extend", "condition", "dispute", "renew", "reuse"];
const STEPS = ["acknowledge", "decide", "report", "answer", "reply", "promise",
  "consent-requester", "consent-receiver", "hold-requester", "hold-receiver"];
// The measures of each section in their order; those that are not listed stand behind, by their octets. REV-4
const MEASURES = {
  requests: ["threads", "open", "ended", "drafts", "void", "waiting", "destroyed", "priority-both", "priority-one"],
  class: ["request", "inquiry", "notification", "enquiry"],
  phase: [],
  timeliness: ["owed", "replied", ...STATES, "done", "met-tenths", "agreed", "median-ms", "p90-ms", "worst-ms",
    "differing", "differing-claimed-ms", "differing-receipt-ms"],
  completeness: ["complete", "incomplete", "returned", "completed", "things-missing"],
  refusals: [],
  softer: ["ask", "extend", "interim", "condition", "postpone", "partial", "nothing"],
  outcomes: [...OUTCOMES, "reminders"],
  proposals: ["made", "granted", "pending", "agreed", "refused", "covered", "abandoned"],
  urgency: ["claims", "disputed", "disputed-tenths"],
  quality: ["rated", "rated-1", "rated-2", "rated-3", "rated-4", "rated-5", "rated-median", "contested", "corrected", "marks", "marks-lifted"],
  use: ["items", "retracted", "asked", "explained"],
  preservation: ["holds", "held", "alarm", "lapsed", "kept", "released", "unsaid", "renewals", "lapses", "lapses-requester", "lapses-receiver"],
  entries: ["acts", "unreceipted", "not-in-order", "crossings"],
};
const SECTIONS = Object.keys(MEASURES);
const IN_SECTIONS = ["", "requester", "receiver", ...STEPS, ...PROPOSALS];
const ENDED = ["answered", "declined", "redirected", "returned", "withdrawn", "closed"];
const MOST = Number.MAX_SAFE_INTEGER;

export const octets = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));
export const rank = (words, word) => (words.includes(word) ? words.indexOf(word) : Infinity);
const ranked = (words, a, b) => (rank(words, a) === rank(words, b) ? octets(a, b) : rank(words, a) - rank(words, b));
export const stands = (phase) =>
  ENDED.includes(phase) ? "ended" : phase === "draft" ? "drafts" : ["void", "none"].includes(phase) ? "void" : "open";

// nearest rank. REV-16
export const nearest = (sorted, part, whole) => sorted[Math.ceil((sorted.length * part) / whole) - 1];

class Tally {
  constructor() {
    this.counts = new Map();
    this.lengths = new Map();
  }
  add(section, step, measure, n = 1) {
    const key = JSON.stringify([section, step, measure]);
    if (n) this.counts.set(key, Math.min(MOST, (this.counts.get(key) ?? 0) + Number(n)));
  }
  of(section, step, measure) {
    return this.counts.get(JSON.stringify([section, step, measure])) ?? 0;
  }
  merge(other) {
    for (const [key, n] of other.counts) this.add(...JSON.parse(key), n);
    for (const [step, list] of other.lengths) this.lengths.set(step, [...(this.lengths.get(step) ?? []), ...list]);
  }
  length(step, interval) {
    const claimed = Math.max(0, interval.claimed_ms), receipt = Math.max(0, interval.receipt_ms);
    if (interval.agreed) {
      this.lengths.set(step, [...(this.lengths.get(step) ?? []), receipt]);
      return;
    }
    this.add("timeliness", step, "differing");
    this.add("timeliness", step, "differing-claimed-ms", claimed);
    this.add("timeliness", step, "differing-receipt-ms", receipt);
  }
  // REV-13 to REV-19
  count(t, klass, refusal) {
    const turn = (side) => (side === t.requester ? "requester" : "receiver");
    const kinds = new Set(t.acts.filter((a) => a.in_order).map((a) => a.kind.replace("request.", "")));
    const { lower, higher } = t.course.priority, course = t.course;
    this.add("requests", "", "threads");
    if (klass) this.add("class", "", klass);
    if (refusal) this.add("refusals", "", refusal);
    this.add("requests", "", stands(t.phase));
    this.add("requests", "", "destroyed", t.from_residue);
    this.add("requests", "", "waiting", t.waiting);
    this.add("requests", "", "priority-both", lower && higher);
    this.add("requests", "", "priority-one", lower !== higher);
    this.add("phase", "", t.phase);
    for (const o of t.obligations) {
      const step = ["consent", "hold"].includes(o.step) ? `${o.step}-${turn(o.debtor)}` : o.step;
      this.add("timeliness", step, "owed");
      this.add("timeliness", step, o.state);
      if (o.interval) this.length(step, o.interval);
    }
    for (const q of t.questions.filter((x) => x.interval)) {
      this.add("timeliness", "reply", "replied");
      this.length("reply", q.interval);
    }
    for (const kind of OUTCOMES) this.add("outcomes", "", kind, kinds.has(kind));
    this.add("outcomes", "", "reminders", course.reminders);
    if (t.decline) {
      for (const kind of course.softer) this.add("softer", "", kind.replace("request.", ""));
      this.add("softer", "", "nothing", course.softer.length === 0);
    }
    const asked = t.request && !kinds.has("draft");
    if (asked) this.asked(t, kinds);
    for (const p of course.proposals) {
      this.add("proposals", p.kind.replace("request.", ""), "made");
      this.add("proposals", p.kind.replace("request.", ""), p.state);
    }
    this.add("proposals", "extend", "granted", course.grants.length);
    this.quality(t, turn);
    for (const a of t.acts) {
      this.add("entries", turn(a.side), "acts");
      this.add("entries", turn(a.side), "unreceipted", !a.receipt);
      this.add("entries", turn(a.side), "not-in-order", !a.in_order);
    }
    this.add("entries", "", "crossings", t.crossings.length);
  }
  asked(t, kinds) {
    const lacking = t.lacking > 0 || kinds.has("return");
    this.add("completeness", "", lacking ? "incomplete" : "complete");
    this.add("completeness", "", "returned", kinds.has("return"));
    this.add("completeness", "", "completed", lacking && t.lacking === 0);
    this.add("completeness", "", "things-missing", t.lacking);
    this.add("urgency", "", "claims");
    this.add("urgency", "", "disputed", t.course.proposals.some((p) => p.kind === "request.dispute"));
  }
  quality(t, turn) {
    const course = t.course;
    if (t.rating >= 1 && t.rating <= 5) {
      this.add("quality", "", "rated");
      this.add("quality", "", `rated-${t.rating}`);
    }
    this.add("quality", "", "contested", course.contests.length);
    this.add("quality", "", "corrected", course.corrections.length);
    this.add("quality", "", "marks", course.marks.length);
    this.add("quality", "", "marks-lifted", course.marks.filter((m) => m.lifted).length);
    for (const i of course.items) {
      this.add("use", "", "items");
      this.add("use", "", "retracted", i.retracted);
      this.add("use", "", "asked", i.explain);
      this.add("use", "", "explained", i.explained);
    }
    if (!course.hold) return;
    this.add("preservation", "", "holds");
    this.add("preservation", "", course.hold.state);
    this.add("preservation", "", "renewals", course.hold.renewals);
    for (const l of course.hold.lapses) {
      this.add("preservation", "", "lapses");
      this.add("preservation", "", `lapses-${turn(l.turn)}`);
    }
  }
  // the figures in their order, with what follows from what was counted
  figures() {
    const out = [...this.counts].map(([key, value]) => [...JSON.parse(key), value]);
    const share = (part, whole) => Number((BigInt(part) * 2000n + BigInt(whole)) / (2n * BigInt(whole)));
    for (const step of STEPS) {
      const met = this.of("timeliness", step, "met"), done = met + this.of("timeliness", step, "late");
      if (done) out.push(["timeliness", step, "done", done], ["timeliness", step, "met-tenths", share(met, done)]);
      const sorted = (this.lengths.get(step) ?? []).toSorted((a, b) => a - b);
      if (!sorted.length) continue;
      out.push(["timeliness", step, "agreed", sorted.length], ["timeliness", step, "median-ms", nearest(sorted, 1, 2)]);
      out.push(["timeliness", step, "p90-ms", nearest(sorted, 9, 10)], ["timeliness", step, "worst-ms", sorted.at(-1)]);
    }
    const claims = this.of("urgency", "", "claims");
    if (claims) out.push(["urgency", "", "disputed-tenths", share(this.of("urgency", "", "disputed"), claims)]);
    const scores = [1, 2, 3, 4, 5].flatMap((n) => Array(this.of("quality", "", `rated-${n}`)).fill(n));
    if (scores.length) out.push(["quality", "", "rated-median", nearest(scores, 1, 2)]);
    const order = (a, b) => ranked(SECTIONS, a[0], b[0]) || ranked(IN_SECTIONS, a[1], b[1]) || ranked(MEASURES[a[0]], a[2], b[2]);
    return out.sort(order).map(([section, step, measure, value]) => ({ section, step, measure, value }));
  }
}

const u64 = (n) => {
  const b = Buffer.alloc(8);
  b.writeBigUInt64BE(BigInt(n));
  return b;
};
const sha256 = (...parts) => parts.reduce((h, p) => h.update(p), createHash("sha256")).digest();
const hex = (s) => Buffer.from(s, "hex");

// the digest of a cut. REC-7
export function cutDigest(sizes) {
  const parts = sizes.flatMap((s) => [s.control, s.hotline, s.routine]).map((s) => {
    const b = Buffer.alloc(12);
    b.writeUInt32BE(s.generation);
    b.writeBigUInt64BE(BigInt(s.size), 4);
    return b;
  });
  return sha256("parley cut v1\n", ...parts);
}

export class Review {
  // input: as input.json has it; versions: the signed documents, the newest last
  constructor(input, versions) {
    Object.assign(this, input, { versions, newest: versions.at(-1) });
    this.code = (side) => this.parties.find((p) => p.side === side).code;
  }
  head(report, label = "parley review") {
    const cut = cutDigest(this.sizes);
    const threads = this.threads.map((t) =>
      Buffer.concat([Buffer.from([t.side === "higher" ? 1 : 0]), u64(t.position), sha256(t.bytes ?? serial(t.view))]));
    const rules = Buffer.alloc(2);
    rules.writeUInt16BE(this.rules);
    const digest = sha256(`${label} v1\n`, Buffer.from([this.realm]), hex(this.parties[0].id), hex(this.parties[1].id), cut,
      u64(readInstant(this.instant)), hex(this.arrangement), rules, u64(threads.length),
      sha256(`${label} threads v1\n`, ...threads));
    return {
      report, realm: this.realm === 1 ? "real" : "exercise", parties: this.parties, cut: cut.toString("hex"), sizes: this.sizes,
      instant: this.instant, arrangement: this.arrangement, rules: this.rules, threads: threads.length, input: digest.toString("hex"),
    };
  }
  // what the newest version that has a code calls it
  words(of, side, code) {
    for (const d of this.versions.toReversed()) {
      const party = d.parties.find((p) => p.id === this.parties.find((x) => x.side === side)?.id);
      const found = {
        type: () => d.request_types, urgency: () => d.urgencies, reason: () => d.reasons, area: () => d.areas,
        unit: () => party?.units, level: () => d.hotline?.rungs, test: () => d.hotline?.tests, role: () => party?.roles, form: () => d.request_types.flatMap((t) => t.answers ?? []),
      }[of]()?.find((x) => x.code === code);
      if (found) return found;
    }
    return undefined;
  }
  known(of, side, code) {
    return !code || this.words(of, side, code) ? code : "?";
  }
  // REV-10
  cell(t) {
    const r = t.request, receiver = t.requester === "lower" ? "higher" : "lower";
    if (!r) return { class: "", type: "", unit: "", urgency: "" };
    const type = this.words("type", "", r.type);
    return {
      class: r.class || (type ? type.class || "request" : ""), type: this.known("type", "", r.type),
      unit: this.known("unit", receiver, t.course.unit ?? r.to_unit), urgency: this.known("urgency", "", r.urgency),
    };
  }
  // REV-11
  report() {
    const names = new Names(this);
    const directions = ["lower", "higher"].map((from) => {
      const to = from === "lower" ? "higher" : "lower", cells = new Map();
      for (const one of this.threads.filter((x) => x.side === from)) {
        const t = one.view.thread, cell = this.cell(t), key = JSON.stringify(cell);
        if (!cells.has(key)) cells.set(key, { cell, tally: new Tally() });
        cells.get(key).tally.count(t, cell.class, t.decline && this.known("reason", "", t.decline));
      }
      const groups = this.groups([...cells.values()]);
      for (const g of groups) {
        names.add("type", "", g.type);
        names.add("unit", to, g.unit);
        names.add("urgency", "", g.urgency);
        for (const f of g.figures) if (f.section === "refusals") names.add("reason", "", f.measure);
      }
      return { from, to, groups };
    });
    return { ...this.head("parley review 1"), directions, names: names.list() };
  }
  groups(cells) {
    const properties = ["class", "type", "unit", "urgency"], out = [];
    for (const by of ["all", ...properties, "cell"]) {
      const sums = new Map();
      for (const { cell, tally } of cells) {
        const of = Object.fromEntries(properties.map((p) => [p, by === "cell" || by === p ? cell[p] : "*"]));
        const key = JSON.stringify(of);
        if (!sums.has(key)) sums.set(key, { of, tally: new Tally() });
        sums.get(key).tally.merge(tally);
      }
      const list = [...sums.values()].sort((a, b) => this.order(a.of, b.of));
      out.push(...list.map(({ of, tally }) => ({ by, ...of, figures: tally.figures() })));
    }
    return out;
  }
  order(a, b) {
    const by = {
      class: MEASURES.class, type: this.newest?.request_types.map((x) => x.code) ?? [], urgency: this.newest?.urgencies.map((x) => x.code) ?? [],
    };
    const differ = (p) => (rank(by[p], a[p]) === rank(by[p], b[p]) ? 0 : rank(by[p], a[p]) - rank(by[p], b[p]));
    const nobody = (unit) => (["", "?"].includes(unit) ? 1 : 0);
    return differ("class") || differ("type") || differ("urgency") || nobody(a.unit) - nobody(b.unit) ||
      octets(a.class, b.class) || octets(a.type, b.type) || octets(a.unit, b.unit) || octets(a.urgency, b.urgency);
  }
  // REV-20 to REV-22
  cases(open) {
    const names = new Names(this), lines = this.threads.map((one) => this.line(one)).filter((l) => l);
    const shown = ["priority", "proposed", ...(open ? ["open"] : [])].flatMap((section) => lines.filter((l) => l.section === section));
    for (const l of shown) {
      names.add("type", "", l.type);
      names.add("area", "", l.area);
      names.add("urgency", "", l.claimed);
      names.add("urgency", "", l.measured);
      names.add("unit", l.from === "lower" ? "higher" : "lower", l.unit);
      for (const i of l.items) names.add("form", "", i.form);
      if (l.interim) names.add("form", "", l.interim.form);
    }
    return { ...this.head("parley cases 1"), lines: shown, names: names.list() };
  }
  line({ side, position, view }) {
    const t = view.thread, course = t.course, { lower, higher } = course.priority;
    if (!t.request || t.from_residue) return undefined;
    const section = lower && higher ? "priority" : lower || higher ? "proposed" : stands(t.phase) === "open" ? "open" : "";
    if (!section) return undefined;
    const cell = this.cell(t), form = (code) => this.known("form", "", code ?? "");
    const forms = new Map();
    for (const i of course.items.filter((x) => !x.retracted)) forms.set(form(i.form), (forms.get(form(i.form)) ?? 0) + 1);
    const interim = course.interims.at(-1), hold = course.hold;
    const name = (s, p) => `${this.code(s)}-${p}`;
    return {
      section, name: name(side, position), from: side, type: cell.type, area: this.known("area", "", t.request.area), class: cell.class,
      phase: t.phase, asked: t.acts.find((a) => a.side === side && a.position === position)?.claimed ?? writeNone,
      since: t.acts.findLast((a) => a.in_order)?.claimed ?? writeNone, claimed: cell.urgency,
      measured: this.known("urgency", "", course.urgency ?? "") || cell.urgency, unit: cell.unit, waiting: t.waiting,
      owed: t.obligations.filter((o) => !o.by && o.state !== "released")
        .map((o) => ({ step: o.step, side: o.debtor, state: o.state, due: o.due, due_claimed: o.due_claimed })),
      interim: interim && { form: form(interim.form), by: interim.by }, hold: hold && { state: hold.state, until: hold.until, turn: hold.turn },
      items: [...forms].sort(([a], [b]) => octets(a, b)).map(([f, n]) => ({ form: f, n })),
      links: course.links.map((l) => ({ relation: l.relation, name: name(l.to.side, l.to.position) })),
    };
  }
}

const writeNone = "1970-01-01T00:00:00Z";
const shown = (t) => (t === writeNone ? "" : t);

export class Names {
  constructor(review) {
    this.review = review;
    this.found = new Map();
  }
  add(of, side, code) {
    const words = code && code !== "*" && this.review.words(of, side, code);
    if (words) this.found.set(JSON.stringify([of, side, code]), { of, side, code, en: words.names.en, zh: words.names.zh });
  }
  list() {
    return [...this.found.values()].sort((a, b) => octets(a.of, b.of) || octets(a.side, b.side) || octets(a.code, b.code));
  }
}

// REV-23, REV-24
export function table(rows) {
  const field = (v) => {
    const s = /^[=+\-@\t\r]/.test(v) ? `'${v}` : `${v}`;
    return /[",\n\r]/.test(s) || /^\s/.test(s) ? `"${s.replaceAll('"', '""')}"` : s;
  };
  return rows.map((r) => r.map(field).join(",") + "\n").join("");
}

export function inputRows(head, of) {
  const rows = [["", "digest", head.input], ["", "realm", head.realm], ["", "cut", head.cut], ["", "instant", head.instant],
    ["", "arrangement", head.arrangement], ["", "rules", head.rules], ["", "threads", head.threads]];
  for (const p of head.parties) rows.push([p.code, "party", p.id]);
  head.sizes.forEach((s, i) => {
    for (const channel of ["control", "hotline", "routine"]) rows.push([head.parties[i].code, channel, s[channel].size]);
  });
  return rows.map(of);
}

export function reportCSV(r) {
  const code = (side) => r.parties.find((p) => p.side === side).code;
  const rows = [["section", "direction", "class", "type", "unit", "urgency", "step", "measure", "value"],
    ...inputRows(r, ([step, measure, value]) => ["input", "", "", "", "", "", step, measure, value])];
  for (const d of r.directions) {
    for (const g of d.groups) {
      for (const f of g.figures) {
        rows.push([f.section, `${code(d.from)}>${code(d.to)}`, g.class, g.type, g.unit, g.urgency, f.step, f.measure, f.value]);
      }
    }
  }
  return table(rows);
}

export function casesCSV(c) {
  const code = (side) => c.parties.find((p) => p.side === side).code;
  const rows = [["section", "case", "from", "class", "type", "area", "phase", "asked", "since", "urgency_claimed", "urgency_measured", "unit",
    "suspended", "owed", "interim", "hold", "items", "links"]];
  for (const l of c.lines) {
    rows.push([l.section, l.name, code(l.from), l.class, l.type, l.area, l.phase, shown(l.asked), shown(l.since), l.claimed, l.measured, l.unit, l.waiting,
      l.owed.map((o) => `${code(o.side)}/${o.step}/${o.state}/${o.due ?? ""}`).join(" "),
      l.interim ? `${l.interim.form}/${l.interim.by}` : "", l.hold ? `${l.hold.state}/${l.hold.until ?? ""}/${code(l.hold.turn)}` : "",
      l.items.map((i) => `${i.form}/${i.n}`).join(" "), l.links.map((k) => `${k.relation}/${k.name}`).join(" ")]);
  }
  const width = rows[0].length;
  rows.push(...inputRows(c, ([step, measure, value]) => ["input", step, measure, value, ...Array(width - 4).fill("")]));
  return table(rows);
}

export const size = object({ generation: integer(0), size: integer(0) });
const input = object({
  realm: integer(1, 2), parties: list(object({ side: string, id: string, code: string })),
  sizes: list(object({ side: string, control: size, hotline: size, routine: size })), instant, arrangement: string, rules: integer(0),
  threads: list(object({ side: string, position: integer(0), view: any })),
});

// check makes each report of vectors/review anew and compares its bytes with the file's.
export function check(name, file, sibling) {
  if (["input.json", "arrangement.json"].includes(name)) return [];
  const version = parse(sibling("arrangement.json"), any, 1 << 20);
  const r = new Review(parse(sibling("input.json"), input, 1 << 24), [version]);
  const made = {
    "report.json": () => serial(r.report()) + "\n", "report.csv": () => reportCSV(r.report()),
    "cases.json": () => serial(r.cases(true)) + "\n", "cases.csv": () => casesCSV(r.cases(true)),
  }[name]?.();
  return parting(made, file.toString("utf8"));
}

// parting shows where what was made parts from what is wanted.
export function parting(made, want) {
  if (made === want) return [];
  let i = 0;
  while (i < want.length && made?.[i] === want[i]) i++;
  return [`…${want.slice(Math.max(0, i - 80), i)} >> ${made?.slice(i, i + 120)} << not >> ${want.slice(i, i + 120)}`];
}
