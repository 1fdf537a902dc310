// How a thread of requests for assistance stands after some of its entries, after
// spec/casework.md: nothing here asks what time it is.

import { falls, missing, missingHead } from "./arrangement.mjs";

export const other = (side) => (side === "lower" ? "higher" : "lower");
export const same = (a, b) => a.side === b.side && a.position === b.position;
export const where = (e) => ({ side: e.side, position: e.position });

// REC-3
export const before = (a, b) => (a.side === b.side ? a.position < b.position : a.position < b.seen);

const FORMS = ["request.open", "request.draft", "request.amend"];
const AUTOMATIC = ["request.return", "disorder"];
export const RELATIONS = ["draft", "extends", "follows", "replaces", "related", "enquires", "same-case"];
const SOFTER = ["ask", "condition", "partial", "postpone", "extend", "interim"];
const PROPOSALS = ["extend", "condition", "dispute", "renew", "reuse"].map((k) => "request." + k);

// The acts that end a wait and a postponement. CW-56
const ENDS_AWAIT = ["awaited", "partial", "answer", "hold", "postpone", "decline", "redirect"].map((k) => "request." + k);
const ENDS_POSTPONE = ["accept", "interim", "partial", "answer", "hold", "decline", "redirect"].map((k) => "request." + k);

// What an opening or an amendment lacks. CW-3, CW-4
export function lacking(arrangement, form, requester, attachments) {
  const d = arrangement.document, items = [];
  const say = (field, rule) => items.push({ field, rule });
  const unit = (side, code) => arrangement.party(side)?.units.some((u) => u.code === code);
  if (!unit(requester, form.from_unit)) say("from_unit", "missing.code");
  if (!unit(other(requester), form.to_unit)) say("to_unit", "missing.code");
  items.push(...missingHead(d, form, attachments), ...missing(d, form.type, form.fields, attachments));
  const relation = arrangement.find("request_types", form.type)?.relation;
  const links = form.links ?? [];
  if (relation && !links.some((l) => l.relation === relation)) say("links", "missing.field");
  for (const l of links) if (!RELATIONS.includes(l.relation)) say("links", "missing.code");
  const unknown = unknownUse(d, form);
  if (unknown) say(unknown, "missing.code");
  return items.map(({ field, rule }) => ({ field, rule }));
}

export const known = (list, code) => (list ?? []).some((x) => x.code === code);
// the first code of use and grade that there is not
export function unknownUse(d, { use, grade }) {
  if (use?.action && !known(d.actions, use.action)) return "action";
  if (grade && !known(d.grades?.sources, grade.source)) return "source";
  return grade && !known(d.grades?.accuracies, grade.accuracy) ? "accuracy" : "";
}

export class Standing {
  // past: the entries in merged order, each with `code`, its verdict, empty when it is in order.
  constructor(past) {
    this.past = past;
    this.acts = past.filter((e) => !e.code);
    this.opening = past.find((e) => !e.thread && ["request.open", "request.draft"].includes(e.kind));
    this.opened = this.opening && !this.opening.code;
    if (!this.opening) return;
    this.requester = this.opening.side;
    this.receiver = other(this.requester);
    if (!this.opened) return;
    this.draft = this.opening.kind === "request.draft";
    this.arrangement = this.opening.ctx.arrangement;
    this.document = this.arrangement.document;
    this.forms = [this.opening, ...this.of("amend")];
    this.form = this.forms.at(-1).body;
    this.type = this.arrangement.find("request_types", this.form.type);
  }
  // the version by which an act in the thread is judged in one respect. CW-15
  follows(ctx, respect) {
    const there = ctx.arrangement;
    return there?.document.amendment[respect] === "follow" ? there : this.arrangement;
  }
  of(...kinds) {
    return this.acts.filter((e) => kinds.some((k) => e.kind === "request." + k));
  }
  // the acts of some kinds that stand later in their writer's log than one of the same writer's.
  after(e, kinds) {
    return this.acts.filter((x) => x.side === e.side && x.position > e.position && kinds.includes(x.kind));
  }
  get items() {
    if (this.opened) this.lacked ??= this.lacks(this.forms);
    return this.lacked;
  }
  // the first version of the form from which nothing lacks; -1 for none
  get whole() {
    this.first ??= this.forms.findIndex((_, i) => this.lacks(this.forms.slice(0, i + 1)).length === 0);
    return this.first;
  }
  lacks(forms) {
    const attachments = forms.reduce((n, e) => n + (e.attachments ?? 0), 0);
    return lacking(this.arrangement, forms.at(-1).body, this.requester, attachments);
  }
  get complete() {
    return this.items.length === 0;
  }
  // how the request ended, as far as one reads it off the acts. CW-16
  get end() {
    if (this.of("close").length) return "closed";
    if (this.of("answer", "hold").length) return "answered";
    for (const [kind, phase] of [["decline", "declined"], ["redirect", "redirected"], ["withdraw", "withdrawn"]]) {
      if (this.of(kind).length) return phase;
    }
    return "";
  }
  // whether it is over without an answer, or closed
  get over() {
    return ["closed", "declined", "redirected", "withdrawn"].includes(this.end);
  }
  get live() {
    return this.opened && !this.draft && this.complete && !this.end;
  }
  // the return that had seen the newest version of the form
  get returned() {
    return this.of("return").some((e) => before(this.forms.at(-1), e));
  }
  get accepted() {
    const forward = Math.max(-1, ...this.of("forward").map((e) => e.position));
    return this.of("accept").some((e) => e.position > forward);
  }
  get waits() {
    const last = this.of("await").at(-1);
    return last !== undefined && !this.ended(last);
  }
  // the act that ended a wait or a postponement
  ended(e) {
    return this.after(e, e.kind === "request.await" ? ENDS_AWAIT : ENDS_POSTPONE)[0];
  }
  get questions() {
    return this.of("ask").map((asked) => {
      const reply = this.of("reply").find((r) => r.targets.some((t) => same(t, asked)));
      return { asked, reply, moot: !reply && this.moot(asked) };
    });
  }
  moot(asked) {
    const first = this.of("answer", "hold")[0];
    if (this.over) return true;
    return first !== undefined && first.position > asked.position;
  }
  get waiting() {
    return this.questions.filter((q) => !q.reply && !q.moot).map((q) => q.asked);
  }
  get given() {
    return this.of("partial", "answer");
  }
  get holds() {
    return this.of("hold");
  }
  get holding() {
    return this.arrangement.party(this.receiver)?.holding;
  }
  // something is held, as far as the acts say
  get held() {
    return this.holds.length > 0 && !this.of("release").length;
  }
  get falls() {
    return falls(this.document, this.form.urgency);
  }
  priority(side) {
    return this.of("priority").filter((e) => e.side === side).at(-1)?.body.on ?? false;
  }
  get softer() {
    return SOFTER.filter((k) => this.of(k).length).map((k) => "request." + k);
  }
  // what either side proposed, the requester's first, with what became of it. CW-50, CW-52, CW-62
  get proposals() {
    const list = this.acts.filter((e) => PROPOSALS.includes(e.kind));
    return [this.requester, this.receiver].flatMap((side) => list.filter((e) => e.side === side))
      .map((e) => ({ e, ...this.settled(e) }));
  }
  settled(e) {
    const kind = e.kind.slice("request.".length);
    const word = this.acts.find((x) => x.side !== e.side && ["request.agree", "request.refuse"].includes(x.kind) && same(x.replies[0], e));
    if (word) return { state: word.kind === "request.agree" ? "agreed" : "refused", by: word };
    for (const g of kind === "extend" ? this.of("grant").filter((x) => x.body.step === e.body.step) : []) {
      if (g.replies.some((r) => same(r, e))) return { state: "agreed", by: g };
      if (g.body.until >= e.body.until) return { state: "covered", by: g };
    }
    if (kind === "renew") {
      for (const h of this.holds) {
        if (before(e, h)) return { state: "agreed", by: h };
        if (!before(h, e) && h.body.until >= e.body.until) return { state: "covered", by: h };
      }
    }
    return { state: this.abandoned(e, kind) ? "abandoned" : "pending" };
  }
  abandoned(e, kind) {
    if (kind === "reuse") return false;
    if (kind === "renew") return this.of("release", "follow").length > 0;
    if (this.over) return true;
    if (kind === "dispute") return false;
    const on = kind === "extend" ? this.doneBy(e.body.step) : this.of("answer", "hold").at(-1);
    return on !== undefined && on.position > e.position;
  }
  // the act that did a step. CW-30
  doneBy(step) {
    const by = {
      acknowledge: ["accept", "ask", "postpone"], decide: ["accept", "postpone"],
      report: ["interim", "await", "postpone", "partial", "answer", "hold"], answer: ["answer", "hold"],
    }[step];
    return this.of(...by, "decline", "redirect")[0];
  }
  correctable(e) {
    return !FORMS.includes(e.kind) && !AUTOMATIC.includes(e.kind) && !["request.correct", "request.mark", "request.translate"].includes(e.kind);
  }
  // what one side may still contest. CW-65
  contestable(side) {
    const kinds = side === this.receiver ? ["rate"] : ["decline", "postpone", "redirect", "partial", "answer"];
    const done = this.of("contest").filter((e) => e.side === side).map((e) => e.body.position);
    return this.of(...kinds).filter((e) => e.side !== side && !done.includes(e.position));
  }
  // whether a side has a mark set on a datum
  marked(side, body) {
    const last = this.of("mark").filter((e) => e.side === side && e.body.higher === body.higher &&
      e.body.position === body.position && e.body.path === body.path).at(-1);
    return last !== undefined && !last.body.lift;
  }
}
