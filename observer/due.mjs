// What is due, by both countings, and how a preservation stands, after spec/casework.md.

import { frozenSpans } from "./arrangement.mjs";
import { Clock, DAY, readInstant, union, writeInstant } from "./calendar.mjs";
import { stepsOf } from "./judge.mjs";
import { before, other, where } from "./standing.mjs";

const COUNTINGS = ["receipt", "claimed"];

export class Due {
  // s: how the thread stands; at: the view's instant; now: the control record at the cut.
  constructor(s, at, now) {
    this.s = s;
    this.at = at;
    this.tolerance = s.document.tolerance_seconds * 1000;
    const { type, area, urgency } = s.form;
    this.frozen = frozenSpans(s.document, now.suspensions.filter((x) => x.from <= at), type, area, urgency);
  }
  // the instant of an act on a counting; undefined while no receipt covers it
  time(e, counting) {
    if (counting === "claimed") return e.time;
    return e.receipt !== undefined && e.receipt <= this.at ? e.receipt : undefined;
  }
  start(counting) {
    const s = this.s;
    if (s.document.clock.starts === "attachments") {
      const last = s.forms.filter((e) => e.attachments > 0).at(-1);
      if (last) return this.time(last, counting);
    }
    return this.time(s.opening, counting);
  }
  // what stops the clock of a step: spans, open ones without `to`. CW-38 to CW-41
  pauses(step, counting, done) {
    const s = this.s, out = [], rules = s.document.clock.pauses;
    const t = (e) => e && this.time(e, counting);
    const stops = (kind) => rules.some((r) => r.kind === kind && r.steps.includes(step));
    const add = (e, to) => {
      const from = t(e);
      if (from === undefined || (done && e.side === done.side && e.position >= done.position)) return;
      out.push({ from, to });
    };
    const first = s.forms.findIndex((_, i) => s.lacks(s.forms.slice(0, i + 1)).length === 0);
    if (first !== 0) out.push({ from: this.start(counting), to: first > 0 ? t(s.forms[first]) : undefined });
    if (stops("question")) for (const q of s.questions) add(q.asked, t(q.reply));
    if (stops("await")) for (const e of s.of("await")) add(e, t(s.ended(e)));
    if (stops("postpone")) {
      for (const e of s.of("postpone")) add(e, Math.min(readInstant(e.body.until), t(s.ended(e)) ?? Infinity));
    }
    if (stops("condition")) {
      for (const p of s.proposals.filter((x) => x.e.kind === "request.condition")) {
        add(p.e, t(p.by ?? (p.state === "abandoned" ? s.after(p.e, ["request.answer", "request.hold", "request.decline", "request.redirect"])[0] : undefined)));
      }
    }
    return [...out, ...this.frozen];
  }
  // a clock as it stood at an instant: {due}, {paused} or {unknown}
  clock(limit, step, counting, done, upto) {
    const start = this.start(counting);
    if (start === undefined) return { none: true };
    const out = { start, spans: [] };
    try {
      const calendar = limit.unit.startsWith("working") ? this.s.arrangement.calendar(this.s.receiver) : undefined;
      const clock = new Clock(start, limit, calendar);
      for (const span of union(this.pauses(step, counting, done))) {
        const from = Math.max(span.from, start), to = span.to ?? Infinity;
        if (from > upto || to <= start) continue;
        out.spans.push([from, Math.min(to, upto)]);
        clock.pause(from);
        if (clock.stands !== undefined) break;
        if (to > upto) return this.granted(step, counting, { ...out, paused: true });
        clock.resume(to);
      }
      out.due = clock.due();
    } catch (e) {
      if (!e.code?.startsWith("calendar.")) throw e;
      out.unknown = true;
    }
    return this.granted(step, counting, out);
  }
  // CW-51
  granted(step, counting, clock) {
    if (clock.due === undefined) return clock;
    for (const g of this.s.of("grant")) {
      if (g.body.step === step && this.time(g, counting) !== undefined) clock.due = Math.max(clock.due, readInstant(g.body.until));
    }
    for (const p of this.s.proposals) {
      if (p.e.kind !== "request.extend" || p.state !== "agreed" || p.until || p.e.body.step !== step) continue;
      if (this.time(p.by, counting) !== undefined) clock.due = Math.max(clock.due, readInstant(p.e.body.until));
    }
    return clock;
  }
  steps() {
    const s = this.s;
    if (s.draft) return [];
    const dispute = s.proposals.find((p) => p.e.kind === "request.dispute");
    const measured = stepsOf(s.document, s.type, s.form.urgency);
    return ["acknowledge", "decide", "report", "answer"].flatMap((step) => {
      const own = measured.find((x) => x.step === step);
      if (!own) return [];
      const done = s.doneBy(step);
      const ruled = dispute && !(done && done.position < dispute.e.position);
      if (!ruled) return [this.step(own, done)];
      const fallen = stepsOf(s.document, s.type, dispute.e.body.urgency).find((x) => x.step === step);
      if (dispute.state === "agreed") return fallen ? [this.step(fallen, done)] : [];
      return [this.both(this.step(own, done), fallen && this.step(fallen, done), dispute.e)];
    });
  }
  // CW-49
  both(own, fallen, dispute) {
    const bad = (o) => ["late", "overdue"].includes(o?.state);
    if (!bad(own) || bad(fallen)) return own;
    const receipt = this.time(dispute, "receipt");
    if (receipt === undefined) return own;
    const late = own.clocks.receipt.due < receipt && own.clocks.claimed.due < dispute.time;
    return late ? own : { ...own, state: "disputed" };
  }
  step(limit, done) {
    const l = { n: limit.amount, unit: limit.unit }, clocks = {};
    const receipt = done && this.time(done, "receipt");
    for (const c of COUNTINGS) {
      const upto = done ? (c === "receipt" ? receipt ?? this.at : done.time) : this.at;
      clocks[c] = this.clock(l, limit.step, c, done, upto);
    }
    const o = {
      step: limit.step, debtor: this.s.receiver, limit: l, starts: clocks.receipt.start,
      due: clocks.receipt.due, due_claimed: clocks.claimed.due, clocks,
    };
    if (done) this.done(o, done, receipt);
    else o.state = this.undone(o);
    return o;
  }
  // CW-32 to CW-36, CW-42
  done(o, done, receipt) {
    const r = o.clocks.receipt, c = o.clocks.claimed;
    o.by = where(done);
    const took = (clock, end) => clock.spans.reduce((n, [a, b]) => n - Math.max(0, Math.min(b, end) - a), end - clock.start);
    if (receipt !== undefined && !r.none) {
      o.interval = { claimed_ms: took(c, done.time), receipt_ms: took(r, receipt) };
      const apart = Math.abs(o.interval.claimed_ms - o.interval.receipt_ms);
      o.interval.agreed = this.tolerance ? apart < this.tolerance : apart === 0;
    }
    const late = (clock, t) => {
      if (clock.paused) return false;
      if (clock.unknown) return this.beyond(t) ? undefined : false;
      return t > clock.due;
    };
    if (receipt === undefined) {
      if (r.unknown || c.unknown) o.state = "unknown";
      else o.state = late(c, done.time) && !r.none && late(r, done.time) ? "late" : "unreceipted";
      return;
    }
    const claim = late(c, done.time);
    let byReceipt = late(r, receipt);
    if (byReceipt && done.time <= r.due && receipt - done.time <= this.tolerance) byReceipt = false;
    if (claim === undefined || byReceipt === undefined) o.state = "unknown";
    else if (receipt - done.notAfter > this.tolerance) o.state = "disputed";
    else if (claim === byReceipt) o.state = claim ? "late" : "met";
    else if (o.interval?.agreed) o.state = byReceipt ? "late" : "met";
    else o.state = "disputed";
  }
  // whether the receiver's calendar does not reach an instant
  beyond(t) {
    try {
      return !this.s.arrangement.calendar(this.s.receiver).within(t);
    } catch {
      return true;
    }
  }
  // CW-37, CW-38, CW-42
  undone(o) {
    const s = this.s, r = o.clocks.receipt, c = o.clocks.claimed;
    const left = s.end === "withdrawn" ? s.of("withdraw")[0] : s.end === "closed" ? s.of("close")[0] : undefined;
    if (left) {
      const t = this.time(left, "receipt") ?? left.time;
      const then = this.clock(o.limit, o.step, "receipt", undefined, t);
      if (then.none || then.unknown || then.paused || t <= then.due) return "released";
    }
    if (r.none) return "not-started";
    if (r.unknown) return "unknown";
    if (r.paused) return this.frozenNow ? "frozen" : "paused";
    if (this.at <= r.due) return "running";
    if (c.paused) return "disputed";
    if (c.due !== undefined && this.at <= c.due && Math.abs(c.due - r.due) >= this.tolerance) return "disputed";
    return "overdue";
  }
  get frozenNow() {
    return this.frozen.some((x) => x.from <= this.at && (x.to === undefined || x.to > this.at));
  }
  // a duty for which the arrangement sets no time, or which has its own date
  duty(step, debtor, e, extra = {}) {
    const starts = this.time(e, "receipt");
    return { step, debtor, starts, ...extra, state: starts === undefined ? "not-started" : extra.due < this.at ? "overdue" : "running", asked: where(e) };
  }
  // CW-39, CW-57, CW-60
  duties() {
    const s = this.s, out = [];
    for (const e of s.waiting) out.push(this.duty("reply", s.requester, e));
    if (s.live) for (const e of s.of("interim")) out.push(this.duty("promise", s.receiver, e, { due: readInstant(e.body.by) }));
    for (const p of s.proposals) if (p.state === "pending") out.push(this.duty("consent", other(p.e.side), p.e));
    const hold = this.hold();
    if (hold && ["alarm", "lapsed"].includes(hold.state)) {
      out.push({ step: "hold", debtor: hold.turn, starts: hold.alarm, due: hold.until, state: hold.state === "alarm" ? "running" : "overdue" });
    }
    return out;
  }
  obligations() {
    return [...this.steps(), ...this.duties()];
  }
  // CW-59 to CW-62
  hold() {
    const s = this.s, law = s.holding;
    if (!s.holds.length || !law) return undefined;
    const until = (h) => readInstant(h.body.until);
    const received = (kind, end) => s.of(kind).find((e) => this.time(e, "receipt") !== undefined && e.receipt <= end);
    const turnAt = (t) => {
      const renewed = s.of("renew").some((e) => e.receipt !== undefined && e.receipt <= t && this.unanswered(e, t));
      return renewed || received("follow", t) ? s.receiver : s.requester;
    };
    const lapses = [];
    s.holds.forEach((h, i) => {
      if (i && h.time > until(s.holds[i - 1])) lapses.push({ at: until(s.holds[i - 1]), turn: turnAt(until(s.holds[i - 1])) });
    });
    const end = Math.max(...s.holds.map(until));
    const follow = received("follow", end), last = follow ? Infinity : end; // what is kept is kept until it is released
    const release = received("release", last) ?? received("withdraw", last);
    const alarm = end - law.alarm_days * DAY;
    const out = {
      since: s.holds[0].time, until: end, alarm, turn: turnAt(Math.min(this.at, end)), renewals: s.holds.length - 1,
      left: Math.max(0, law.extensions - (s.holds.length - 1)), follow: s.of("follow")[0] && where(s.of("follow")[0]), lapses,
    };
    if (release) out.state = "released";
    else if (follow) out.state = "kept";
    else if (this.at > end) {
      out.state = "lapsed";
      lapses.push({ at: end, turn: turnAt(end) });
    } else out.state = this.at >= alarm ? "alarm" : "held";
    if (follow) out.until = out.alarm = undefined;
    return out;
  }
  // whether a renewal has no answer at an instant
  unanswered(e, t) {
    const answers = [...this.s.holds.filter((h) => before(e, h)), ...this.s.of("refuse").filter((x) => x.replies[0]?.position === e.position)];
    return !answers.some((h) => this.time(h, "receipt") !== undefined && h.receipt <= t);
  }
}

export { writeInstant };
