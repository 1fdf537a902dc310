// The fold over the entries of a call and the view that comes of it, after spec/hotline.md.

import { createHash } from "node:crypto";
import { readInstant, writeInstant, DAY, FIRST, LAST, MINUTE } from "./calendar.mjs";
import { checking, merge, serial, slip, text } from "./casework.mjs";
import { callsFor, judge } from "./calls.mjs";
import { before, other, same, where } from "./standing.mjs";

const EXERCISE = 2; // the realm of the vectors. TST-23

const clamp = (t) => Math.min(Math.max(t, FIRST), LAST);

// A receipt in the cut counts whatever the instant. HOT-27
const receipt = (e) => (e?.receipt === undefined || clamp(e.receipt) <= 0 ? undefined : clamp(e.receipt));

const OPENS = ["call.open", "test.plan"];

// Standing is how a call stands after some of its entries.
export class Standing {
  constructor(past) {
    this.past = past;
    this.opening = past.find((e) => !e.thread);
    this.acts = past.filter((e) => !e.code && (!OPENS.includes(e.kind) || e === this.opening));
    if (!this.opening || this.opening.code || !OPENS.includes(this.opening.kind)) return;
    if (this.opening.kind === "test.plan") this.plan = this.opening.body;
    this.begun = this.plan ? this.acts.find((e) => e.kind === "test.call") : this.opening;
    this.call = this.begun?.body;
    this.caller = this.opening.side;
    this.called = other(this.caller);
    this.document = this.opening.ctx.arrangement.document;
    this.rungs = this.document.hotline.rungs;
  }
  of(kind, side) {
    return this.acts.filter((e) => e.kind === "call." + kind && (!side || e.side === side));
  }
  rung(code) {
    return this.rungs.findIndex((r) => r.code === code);
  }
  // the rung on which people have put the call, as far as the writer of an entry had seen. HOT-16
  raisedTo(upto) {
    const raises = this.of("raise").filter((r) => !upto || before(r, upto));
    return Math.max(this.rung(this.call.rung), ...raises.map((r) => this.rung(r.body.rung)));
  }
  needed(rung) {
    return this.rungs[rung].accepts || 1;
  }
  // the acceptance by which it was taken. HOT-16
  get taken() {
    const persons = new Set();
    return this.of("accept").find((e) => {
      for (const s of e.signers) persons.add(s.name);
      return persons.size >= this.needed(this.raisedTo(e));
    });
  }
  get standing() {
    return this.raisedTo(this.taken);
  }
  // the rung that its severity or its test calls for. HOT-5, HOT-8
  get callsFor() {
    return callsFor(this.document, this.call);
  }
  get withdrawn() {
    return this.of("withdraw").length > 0 && !this.taken;
  }
  get closed() {
    return this.of("agree").length > 0 || (this.of("close", "lower").length > 0 && this.of("close", "higher").length > 0);
  }
  get over() {
    return this.closed || this.withdrawn || this.concluded !== undefined;
  }
  // what a side said came of a test. TST-12
  outcomes(side) {
    return this.acts.filter((e) => e.kind === "test.outcome" && (!side || e.side === side));
  }
  concludedBy(side) {
    return this.outcomes(side).find((e) => e.body.result !== "postponed");
  }
  get concluded() {
    return this.concludedBy();
  }
  // HOT-9
  get refusal() {
    const last = this.acts.filter((e) => e.kind === "call.decline" || e.kind === "call.defer").at(-1);
    if (!last || this.taken || this.of("raise").some((r) => !before(r, last))) return undefined;
    return this.of("accept").some((a) => a.position > last.position) ? undefined : last;
  }
  refused(kind) {
    return this.refusal?.kind === "call." + kind ? this.refusal : undefined;
  }
  // what one side wrote and had, in that order, and when. HOT-7, HOT-27
  had(side) {
    const acts = (s) => this.acts.filter((e) => e.side === s);
    const list = merge(acts(side), acts(other(side)));
    let sure = 0, last = 1;
    const out = list.map((e, i) => {
      const at = e.side === side ? clamp(e.time) : receipt(e);
      if (e.side === side || at !== undefined) sure = i + 1;
      last = Math.max(last, at ?? 0);
      return { at: last, e };
    });
    return out.slice(0, sure);
  }
}

// fold gives every entry its verdict. HOT-13, PRC-14
export function fold(lower, higher) {
  const merged = merge(lower, higher);
  merged.forEach((e, i) => {
    const past = new Standing(merged.slice(0, i).filter((x) => before(x, e)));
    e.code = strange(past, e) || slip(past, e) || judge(past, e);
  });
  return new Standing(merged);
}

// an act that names another thread
const strange = (s, e) => (!e.fault && s.opening && e.thread && !same(e.thread, s.opening) ? "act.thread" : "");

const later = (at, minutes) => Math.min(at + minutes * MINUTE, LAST);

// Ladder walks one side's. HOT-7 to HOT-12
class Ladder {
  constructor(s, side, instant) {
    Object.assign(this, { s, side, steps: [], raised: [] });
    if (side === s.called ? receipt(s.begun) === undefined : s.plan) return; // TST-10
    const had = s.had(side);
    const now = Math.max(instant, had.at(-1)?.at ?? instant);
    const from = had.findIndex((x) => x.e === s.begun);
    if (from < 0) return;
    this.rung = s.rung(s.call.rung);
    this.ceiling = Math.max(this.rung, s.callsFor);
    this.begin(this.rung, had[from].at);
    this.ended = had.slice(from).some((x) => {
      this.climb(x.at);
      return this.meet(x.e, x.at);
    });
    if (!this.ended) this.climb(now);
    const due = this.steps.length, rings = !this.ended && !this.stopped;
    if (!this.ended) this.climb(LAST);
    this.mark(due, rings);
  }
  begin(rung, at) {
    const code = this.s.rungs[rung].code, last = this.steps.at(-1);
    if (last && last.rung === code && last.due === at) last.until = 0; // it goes on
    else {
      this.until(at);
      this.steps.push({ rung: code, due: at });
    }
    Object.assign(this, { rung, from: at, stopped: false, resume: 0 });
  }
  until(at) {
    const last = this.steps.at(-1);
    if (last && !last.until) last.until = at;
  }
  climb(to) {
    for (;;) {
      if (this.stopped && !this.resume) return;
      if (!this.stopped && this.rung >= this.ceiling) return;
      const at = this.stopped ? this.resume : later(this.from, this.s.rungs[this.rung].minutes);
      if (at > to) return;
      this.begin(this.stopped ? this.rung : this.rung + 1, at);
    }
  }
  // whether the ladder ends with an act
  meet(e, at) {
    const kind = e.kind.slice(5);
    if (kind === "raise") {
      const rung = this.s.rung(e.body.rung);
      if (rung > this.rung || this.stopped) this.begin(Math.max(rung, this.rung), at);
      this.ceiling = Math.max(this.ceiling, rung);
      this.raised.push(e);
    }
    if (kind === "decline") this.stop(e, at, 0);
    if (kind === "defer" && readInstant(e.body.until) > at) this.stop(e, at, readInstant(e.body.until));
    const tested = e.kind === "test.outcome" && e.body.result !== "postponed"; // TST-16
    const ends = tested || kind === "withdraw" || (kind === "accept" && e === this.s.taken);
    if (ends) this.until(at);
    else if (kind === "accept" && this.stopped) this.begin(this.rung, at);
    return ends;
  }
  stop(e, at, resume) {
    if (this.raised.some((r) => !before(r, e))) return;
    Object.assign(this, { stopped: true, resume });
    this.until(at);
  }
  mark(due, rings) {
    const said = this.s.of("ring", this.side);
    this.steps.forEach((step, i) => {
      const e = i < due ? said.find((x) => x.body.rung === step.rung && readInstant(x.body.since) === step.due) : undefined;
      step.rang = moment(e);
      step.state = i >= due ? "to-come" : !e ? "missed" : rings && i === due - 1 ? "rings" : "rang";
    });
  }
  get plain() {
    return this.steps.map(({ rung, due, until, rang, state }) => ({ rung, due: writeInstant(due), until: text(until), rang, state }));
  }
}

const moment = (e, by) => e && {
  by: by || undefined, signed: e.signers.length ? e.signers.map((s) => s.name) : undefined, claimed: text(clamp(e.time)), receipt: text(receipt(e)),
};

// HOT-23
function phase(s, instant) {
  if (!s.opening) return "none";
  if (s.closed) return "closed";
  if (s.concluded) return "tested";
  if (!s.call) return s.plan ? "planned" : "void";
  if (s.withdrawn) return "withdrawn";
  if (s.taken) return s.of("close").length ? "closing" : "open";
  const deferred = s.refused("defer"), clock = Math.max(instant, s.had(s.called).at(-1)?.at ?? instant);
  if (deferred && readInstant(deferred.body.until) > clock) return "deferred";
  if (s.refused("decline")) return "declined";
  if (s.of("accept").length) return "accepted";
  if (s.of("shown").length) return "shown";
  if (s.of("ring", s.called).length) return "ringing";
  return receipt(s.begun) === undefined ? "sent" : "stored";
}

// HOT-23, HOT-24
function ended(s, at, phase) {
  if (phase === "closed") return { phase, ended: s.of("agree").length ? "agreed" : "two-minutes" };
  const close = phase === "closing" ? receipt(s.of("close")[0]) : undefined;
  return close !== undefined && at >= close + DAY ? { phase: "closed", ended: "one-sided" } : { phase };
}

// HOT-26
function answer(s, ladder, at) {
  if (!ladder.steps.length) return undefined;
  const from = ladder.steps[0].due, test = s.document.hotline.tests.find((t) => s.call.purpose === "test" && t.code === s.call.test);
  const due = later(from, (test ?? s.rungs[s.rung(s.call.rung)]).minutes);
  if (s.taken) {
    const took = clamp(s.taken.time);
    return { due: writeInstant(due), took_ms: Math.max(0, took - from) || undefined, in_time: took <= due, climbed_to: ladder.steps.at(-1).rung };
  }
  const until = Math.min(at, receipt(s.of("withdraw").at(-1)) ?? at);
  return { due: writeInstant(due), in_time: until <= due };
}

// HOT-25
function crossings(s) {
  const { taken } = s, out = [];
  const add = (mine, theirs, outcome, counts = () => true) => {
    for (const a of s.of(mine, s.caller)) {
      for (const b of s.of(theirs, s.called)) {
        if (before(a, b) || before(b, a) || !counts(a)) continue;
        out.push({ caller: where(a), called: where(b), kinds: `call.${mine} call.${theirs}`, outcome });
      }
    }
  };
  add("withdraw", "accept", "accept-stands", () => taken);
  add("raise", "decline", "raise-stands");
  add("raise", "defer", "raise-stands");
  add("raise", "accept", "raise-lapses", (a) => taken && !before(a, taken));
  add("close", "close", "two-minutes");
  return out;
}

const HEX = /^[0-9a-f]{64}$/;

// the secret and the plan hashed together. TST-6, TST-7
function bound(s, label, secret) {
  const ids = [s.caller, s.called].map((side) => Buffer.from(s.opening.ctx.arrangement.party(side).id, "hex"));
  const code = Buffer.from(s.plan.test);
  const head = Buffer.alloc(2);
  head.writeUInt16BE(code.length);
  const numbers = Buffer.alloc(24);
  [s.plan.period, readInstant(s.plan.opens), readInstant(s.plan.closes)].forEach((v, i) => numbers.writeBigInt64BE(BigInt(v), 8 * i));
  return createHash("sha256").update(`${label}\n`).update(Buffer.from([EXERCISE])).update(Buffer.concat([...ids, head, code, numbers, secret])).digest();
}

// the instant of a test, as far as it is known, and whether the plan was kept to
function instantOf(s) {
  if (s.plan.instant !== undefined) return { at: readInstant(s.plan.instant), kept: true };
  const said = s.outcomes(s.caller).find((e) => HEX.test(e.body.secret ?? ""));
  if (!said) return { kept: true };
  const secret = Buffer.from(said.body.secret, "hex");
  if (bound(s, "parley test plan v1", secret).toString("hex") !== s.plan.commitment) return { kept: false };
  const opens = readInstant(s.plan.opens), h = bound(s, "parley test instant v1", secret).readBigUInt64BE(0);
  return { at: opens + Number((h * BigInt(readInstant(s.plan.closes) - opens)) >> 64n), kept: true };
}

// TST-18 to TST-20
function test(s, answered) {
  if (!s.plan) return undefined;
  const { at, kept } = instantOf(s), { taken } = s, said = s.outcomes();
  const shows = () => {
    if (taken) return answered && !answered.in_time ? "late" : "answered";
    if (!s.concludedBy(s.caller)) return undefined;
    if (!s.call) return "not-held";
    return s.refusal ? "declined" : "silent";
  };
  const result = shows(), marks = [], drift = s.call && at ? clamp(s.begun.time) - at : 0;
  if (!kept) marks.push("secret");
  const made = s.call && at ? [clamp(s.begun.time), receipt(s.begun)].filter((x) => x) : [];
  const off = made.some((x) => x < at - s.document.tolerance_seconds * 1000 || x > at + 10 * MINUTE);
  if (off && !said.some((e) => e.body.result === "postponed")) marks.push("instant");
  const otherwise = (e) => e.body.result !== "postponed" && result && e.body.result !== result;
  if (said.some((e) => otherwise(e) && (!taken || before(taken, e) || taken.side === e.side))) marks.push("result");
  return {
    code: s.plan.test, period: s.plan.period, opens: s.plan.opens, closes: s.plan.closes, announced: s.plan.instant !== undefined,
    instant: text(at), result, drift_ms: drift || undefined,
    outcomes: said.map((e) => ({
      ...where(e), result: e.body.result, by: e.body.by, took_ms: e.body.took_ms || undefined, silence: e.body.silence,
      call: e.body.call && place(e.body.call), claimed: text(clamp(e.time)), receipt: text(receipt(e)),
    })),
    marks,
  };
}

const place = (b) => ({ side: b.higher ? "higher" : "lower", position: b.position });

function talk(s) {
  const after = (e, list) => list.find((x) => x.side === e.side && x.position > e.position);
  const word = (a, b) => ["higher", "position", "path", "word"].every((k) => a.body[k] === b.body[k]);
  return {
    messages: s.of("say").map((e) => {
      const read = s.of("read", other(e.side)).find((r) => r.body.position >= e.position);
      return { ...where(e), claimed: writeInstant(clamp(e.time)), stored: text(receipt(e)), read: moment(read, read?.body.officer) };
    }),
    translations: s.of("translate").map((e) => ({
      by: where(e), of: place(e.body), lang: e.body.lang, paths: e.body.texts.map((t) => t.path), reviewed: e.body.reviewer !== "",
    })),
    words: s.of("word").filter((e) => !e.body.lift).map((e) => {
      const lift = after(e, s.of("word").filter((x) => x.body.lift && word(x, e)));
      return { by: where(e), on: place(e.body), path: e.body.path, lifted: lift && where(lift) };
    }),
    joined: s.of("join").map((e) => ({ by: where(e), role: e.body.role, for: e.body.for !== undefined })),
    links: s.of("link").map((e) => ({ by: where(e), relation: e.body.relation, to: place(e.body) })),
    minutes: s.of("close").map((e) => {
      const agreed = s.of("agree", other(e.side)).find((a) => a.body.position === e.position);
      return { ...where(e), agreed: agreed && where(agreed) };
    }),
  };
}

const EMPTY = { messages: [], translations: [], words: [], joined: [], links: [], minutes: [] };

// call is what the view says of a call, in the order of HOT-29.
export function call(s, at) {
  const now = ended(s, at, phase(s, at)), b = s.call;
  const said = (e) => text(clamp(e.time));
  const out = { phase: now.phase, opening: s.opening && where(s.opening), caller: s.opening?.side };
  const end = {
    not_in_order: s.past.filter((e) => e.code).map((e) => ({ ...where(e), code: e.code })),
    acts: s.past.map((e) => ({ ...where(e), kind: e.kind, claimed: said(e), receipt: text(receipt(e)), in_order: !e.code })),
    unreceipted: s.past.filter((e) => receipt(e) === undefined).length,
  };
  if (!b) return { ...out, receipts: {}, accepts: [], ladders: [], talk: EMPTY, crossings: [], test: test(s, undefined), ...end };
  const ladders = [s.caller, s.called].map((side) => new Ladder(s, side, at));
  const answered = answer(s, ladders[1], at);
  const stored = receipt(s.begun), shown = s.of("shown")[0], { taken, standing } = s;
  return {
    ...out,
    head: {
      purpose: b.purpose, test: b.test, severity: b.severity || undefined, criterion: b.criterion, rung: b.rung, standing: s.rungs[standing].code,
      handling: b.handling, request: b.request && place(b.request), needed: s.needed(standing), opened: moment(s.begun).signed,
    },
    receipts: {
      stored: stored === undefined ? undefined : { receipt: text(stored) },
      shown: moment(shown, shown?.body.officer), accepted: moment(taken, taken?.body.officer),
    },
    accepts: s.of("accept").map((e) => moment(e, e.body.officer)),
    declined: s.refused("decline")?.body.reason, deferred: now.phase === "deferred" ? s.refused("defer").body.until : undefined,
    answer: answered, ladders: ladders.map((l) => ({ side: l.side, steps: l.plain })), talk: talk(s), ended: now.ended,
    crossings: crossings(s), test: test(s, answered), ...end,
  };
}

// view is the bytes of HOT-29.
export function view(lower, higher, at, cut, now) {
  return serial({
    view: "hotline", cut, instant: writeInstant(at), arrangement: now.digest, rules: now.rules, call: call(fold(lower, higher), at),
  });
}

// check is for a file of vectors/hotline.
export const check = checking(view);
