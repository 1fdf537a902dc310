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
    this.now = now;
    this.allowed = s.document.tolerance_seconds * 1000;
    this.tolerance = Math.max(1, this.allowed);
    const { type, area, urgency } = s.form;
    this.frozen = frozenSpans(s.document, now.suspensions.filter((x) => x.from <= at), type, area, urgency);
  }
  // the instant of an act on a counting; undefined while no receipt covers it
  time(e, counting) {
    if (counting === "claimed") return e.time;
    return e.receipt !== undefined && e.receipt <= this.at ? e.receipt : undefined;
  }
  start(counting) {
    const s = this.s, opened = this.time(s.opening, counting);
    if (counting === "claimed" || s.document.clock.starts !== "attachments" || !s.opening.attachments) return opened;
    const stored = this.now.attached;
    return opened === undefined || stored === undefined || stored > this.at ? undefined : Math.max(opened, stored);
  }
  // what stops the clock of a step: spans, open ones without `to`. CW-38 to CW-41
  pauses(step, counting, done) {
    const s = this.s, out = [];
    const t = (e) => e && this.time(e, counting);
    const add = (kind, e, end, date) => {
      const rules = s.follows(e.ctx, "pauses").document.clock.pauses;
      const from = t(e);
      if (kind && !rules.some((r) => r.kind === kind && r.steps.includes(step))) return;
      if (from === undefined || (kind && done && e.side === done.side && e.position >= done.position)) return;
      const to = t(end);
      if (date !== undefined && date <= (to ?? Infinity)) out.push({ from, to: date });
      else out.push({ from, to: to === undefined ? undefined : Math.max(from, to), then: end?.ctx.arrangement });
    };
    for (const q of s.questions) add("question", q.asked, q.reply);
    for (const e of s.of("await")) add("await", e, s.ended(e));
    for (const e of s.of("postpone")) add("postpone", e, s.ended(e), readInstant(e.body.until));
    for (const p of s.proposals.filter((x) => x.e.kind === "request.condition")) {
      add("condition", p.e, p.by ?? s.after(p.e, ["partial", "answer", "hold", "decline", "redirect"].map((k) => "request." + k))[0]);
    }
    if (s.whole !== 0) add("", s.opening, s.forms[s.whole]);
    return [...out, ...this.frozen];
  }
  // a clock as it stood at an instant: {due}, {paused} or {unknown}
  clock(limit, step, counting, done, upto) {
    const first = this.start(counting);
    if (first === undefined) return { none: true };
    return this.forwards(step, counting, done, upto).reduce((clock, t) => {
      const then = this.run(limit, step, counting, done, t, clock.start);
      return then.due < t ? clock : this.run(limit, step, counting, done, upto, Math.max(t, clock.start));
    }, this.run(limit, step, counting, done, upto, first));
  }
  // when a clock may run anew. CW-55
  forwards(step, counting, done, upto) {
    if (this.s.document.clock.forward !== "restart") return [];
    return this.s.of("forward").filter((e) => !done || e.position < done.position)
      .map((e) => this.time(e, counting)).filter((t) => t !== undefined && t <= upto);
  }
  run(limit, step, counting, done, upto, start) {
    const out = { start, spans: [] };
    try {
      const calendar = (of) => (limit.unit.startsWith("working") ? (of ?? this.s.arrangement).calendar(this.s.receiver) : undefined);
      const clock = new Clock(start, limit, calendar());
      for (const span of union(this.pauses(step, counting, done))) {
        const from = Math.max(span.from, start), to = span.to ?? Infinity;
        if (from > upto || to <= start) continue;
        clock.pause(from);
        if (clock.stands !== undefined) break;
        out.spans.push([from, Math.min(to, upto)]);
        if (to > upto) return this.granted(step, counting, { ...out, paused: true });
        clock.resume(to, calendar(span.then));
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
    return ["acknowledge", "decide", "report", "answer"].flatMap((step) => {
      const done = s.doneBy(step), own = this.limit(step, s.form.urgency, done);
      if (!own) return [];
      const ruled = dispute && !(done && done.position < dispute.e.position);
      if (!ruled) return [this.step(own, done)];
      const fallen = this.limit(step, dispute.e.body.urgency, done);
      const claimed = this.step(own, done);
      if (this.late(dispute.e, claimed.due)) return [claimed];
      if (dispute.state === "agreed") return fallen ? [this.step(fallen, done)] : [];
      const bad = (o) => ["late", "overdue"].includes(o?.state);
      if (bad(claimed) && claimed.state !== (fallen && this.step(fallen, done).state)) claimed.state = "disputed";
      return [claimed];
    });
  }
  // the time for a step by an urgency. CW-15
  limit(step, urgency, done) {
    const s = this.s, left = done ?? s.of("withdraw")[0] ?? s.of("close")[0];
    let of = s.follows(left?.ctx ?? this.now, "urgencies");
    if (!of.find("urgencies", urgency) || !of.find("request_types", s.form.type)) of = s.arrangement;
    return stepsOf(of.document, of.find("request_types", s.form.type), urgency).find((x) => x.step === step);
  }
  // whether a dispute came too late for a step that was due, or has not come
  late(dispute, due) {
    const receipt = this.time(dispute, "receipt");
    return receipt === undefined || (due < receipt && due < dispute.time);
  }
  step(limit, done) {
    const l = { n: limit.amount, unit: limit.unit }, clocks = {};
    const receipt = done && this.time(done, "receipt");
    for (const c of COUNTINGS) {
      const upto = done ? (c === "receipt" ? receipt ?? this.at : done.time) : this.until(c);
      clocks[c] = this.clock(l, limit.step, c, done, upto);
    }
    const o = {
      step: limit.step, debtor: this.s.receiver, limit: l, starts: clocks.receipt.start,
      due: clocks.receipt.due, due_claimed: clocks.claimed.due, clocks,
    };
    if (!this.s.complete) o.due = o.due_claimed = undefined;
    if (done) this.done(o, done, receipt);
    else o.state = this.undone(o);
    return o;
  }
  // CW-32 to CW-36, CW-42
  done(o, done, receipt) {
    const r = o.clocks.receipt, c = o.clocks.claimed;
    o.by = where(done);
    if (r.none) {
      o.state = "not-started";
      return;
    }
    const took = (clock, end) => Math.max(0, clock.spans.reduce((n, [a, b]) => n - Math.max(0, Math.min(b, end) - a), end - clock.start));
    if (receipt !== undefined && !r.none) {
      o.interval = { claimed_ms: took(c, done.time), receipt_ms: took(r, receipt) };
      const apart = Math.abs(o.interval.claimed_ms - o.interval.receipt_ms);
      o.interval.agreed = apart < this.tolerance;
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
    const inTime = done.time <= (r.due ?? Infinity), [both, either] = this.unexplained(done.time, receipt);
    if (byReceipt && inTime && both <= this.allowed) byReceipt = false;
    if (claim === undefined || byReceipt === undefined) {
      o.state = "unknown";
      o.interval = undefined;
    } else if (byReceipt && inTime && either <= this.allowed) o.state = "disputed";
    else if (this.unexplained(done.notAfter, receipt)[0] > this.allowed) o.state = "disputed";
    else if (claim === byReceipt) o.state = claim ? "late" : "met";
    else if (o.interval?.agreed) o.state = byReceipt ? "late" : "met";
    else o.state = "disputed";
  }
  // how much of the time between two instants the outages of both, and of either, leave. CW-33, CW-35
  unexplained(from, to) {
    if (from >= to) return [0, 0];
    const covered = (spans) => union(spans).reduce((n, x) => n + Math.max(0, Math.min(x.to, to) - Math.max(x.from, from)), 0);
    const of = (side) => this.now.outages.filter((x) => x.side === side);
    const any = covered(this.now.outages), each = covered(of("lower")) + covered(of("higher"));
    return [to - from - (each - any), to - from - any];
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
    const left = s.of("withdraw").length > 0 || this.ends !== undefined, at = this.until("receipt");
    if (!s.complete) return left || s.of("close").length ? "released" : r.none ? "not-started" : "paused";
    if (r.none) return left ? "released" : "not-started";
    const passed = r.due !== undefined && at > r.due;
    if (left && !passed) return "released";
    if (r.unknown) return "unknown";
    if (r.paused) return this.frozenNow ? "frozen" : "paused";
    if (!passed) return "running";
    if (c.paused || (c.due !== undefined && this.until("claimed") <= c.due && c.due - r.due >= this.tolerance)) return "disputed";
    return "overdue";
  }
  // the instant up to which the clock of a step that was not done is counted
  until(counting) {
    const left = this.s.of("withdraw")[0];
    return Math.min((left && this.time(left, counting)) ?? this.at, this.ends ?? Infinity);
  }
  get frozenNow() {
    return this.frozen.some((x) => x.from <= this.at && (x.to === undefined || x.to > this.at));
  }
  // when the arrangement ended, if it has. CW-73
  get ends() {
    return this.now.ends !== undefined && this.now.ends <= this.at ? this.now.ends : undefined;
  }
  // a duty for which the arrangement sets no time, or which has its own date
  duty(step, debtor, e, extra = {}) {
    const starts = this.time(e, "receipt");
    const over = this.ends !== undefined && !(extra.due < this.ends);
    const state = over ? "released" : starts === undefined ? "not-started" : this.frozenNow ? "frozen" : extra.due < this.at ? "overdue" : "running";
    return { step, debtor, starts, ...extra, state, asked: where(e) };
  }
  // CW-39, CW-57, CW-60
  duties() {
    const s = this.s, out = [];
    for (const e of s.waiting) out.push(this.duty("reply", s.requester, e));
    for (const p of s.proposals) if (p.state === "pending") out.push(this.duty("consent", other(p.e.side), p.e));
    if (s.live) for (const e of s.of("interim").slice(-1)) out.push(this.duty("promise", s.receiver, e, { due: readInstant(e.body.by) }));
    const hold = this.hold();
    if (hold && ["alarm", "lapsed"].includes(hold.state) && !(this.ends <= hold.until)) {
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
    if (!s.type?.preserves || s.draft) return undefined;
    const left = Math.max(0, (law?.extensions ?? 0) - Math.max(0, s.holds.length - 1));
    if (!s.holds.length) return { state: "unsaid", turn: s.receiver, renewals: 0, left, lapses: [] };
    const until = (h) => readInstant(h.body.until);
    const received = (kind, end) => s.of(kind).find((e) => this.time(e, "receipt") !== undefined && e.receipt <= end);
    const turnAt = (t) => {
      const renewed = s.of("renew").some((e) => e.receipt !== undefined && e.receipt <= t && this.unanswered(e, t));
      return renewed || received("follow", t) ? s.receiver : s.requester;
    };
    const lapses = [];
    s.holds.forEach((h, i) => {
      const at = i && until(s.holds[i - 1]);
      if (i && h.time > at && !["follow", "release", "withdraw"].some((kind) => received(kind, at))) lapses.push({ at, turn: turnAt(at) });
    });
    const end = Math.max(...s.holds.map(until));
    const follow = received("follow", end), last = follow ? Infinity : end; // what is kept is kept until it is released
    const release = received("release", last) ?? received("withdraw", last);
    const alarm = law && end - law.alarm_days * DAY;
    const out = {
      since: s.holds[0].time, until: end, alarm, turn: turnAt(Math.min(this.at, end)), renewals: s.holds.length - 1,
      left, follow: follow && where(follow), lapses,
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
