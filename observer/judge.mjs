// Whether an act is in order, judged by its causal past alone, after spec/casework.md.

import { blank, covers, survives } from "./arrangement.mjs";
import { kinds } from "./act.mjs";
import { DAY, readInstant } from "./calendar.mjs";
import { RELATIONS, known, same, unknownUse } from "./standing.mjs";

const RECEIVER = ["opened", "decline", "redirect", "forward", "postpone", "accept", "dispute", "ask", "interim", "extend",
  "condition", "partial", "await", "awaited", "answer", "hold", "return", "explain"];
const REQUESTER = ["amend", "reply", "remind", "grant", "renew", "follow", "release", "reuse", "usage", "withdraw", "close", "rate"];
const EITHER = ["agree", "refuse", "correct", "mark", "translate", "link", "priority", "contest", "comment"];
const CORRECTIONS = ["correct", "supersede", "retract"];

// The place of each kind in a thread as it stands. CW-8 to CW-10
const PLACES = {
  opened: (s) => s.live, decline: (s) => s.live, redirect: (s) => s.live, forward: (s) => s.live, postpone: (s) => s.live,
  accept: (s) => s.live && !s.accepted,
  dispute: (s) => s.live && s.falls.length > 0 && !s.of("dispute").length,
  ask: (s) => s.live || s.end === "answered",
  interim: (s) => s.live && s.accepted, extend: (s) => s.live && s.accepted,
  condition: (s) => s.live && s.accepted, partial: (s) => s.live && s.accepted,
  await: (s) => s.live && s.accepted && !s.waits,
  awaited: (s) => s.live && s.waits,
  answer: (s) => (s.live && s.accepted) || s.end === "answered",
  hold: (s) => s.type?.preserves === true && ((s.live && s.accepted) ||
    (s.end === "answered" && !s.of("release").length) || (s.end === "closed" && s.held)),
  return: (s) => !s.complete && !s.end,
  explain: (s) => s.given.length > 0,
  amend: (s) => !s.end, withdraw: (s) => !s.end,
  reply: (s) => s.waiting.length > 0,
  remind: (s) => s.live, grant: (s) => s.live,
  renew: (s) => s.held && s.holds.length <= (s.holding?.extensions ?? 0) && !s.of("follow").length &&
    !s.proposals.some((p) => p.e.kind === "request.renew" && p.state === "pending"),
  follow: (s) => s.held && !s.of("follow").length,
  release: (s) => s.held,
  reuse: (s) => s.given.length > 0, usage: (s) => s.given.length > 0,
  close: (s) => ["answered", "declined", "redirected"].includes(s.end) || (!s.end && !s.complete && s.returned) ||
    (!s.end && s.live && s.accepted && s.type?.class === "notification"),
  rate: (s) => s.of("answer", "hold").length > 0 && !s.of("rate").length,
  agree: (s, e) => proposed(s, e).some((p) => p.e.kind !== "request.renew"), refuse: (s, e) => proposed(s, e).length > 0,
  correct: (s, e) => s.acts.some((x) => x.side === e.side && s.correctable(x)),
  mark: () => true, translate: () => true, link: () => true, priority: () => true,
  contest: (s, e) => s.contestable(e.side).length > 0,
  comment: () => false,
};

const proposed = (s, e) => s.proposals.filter((p) => p.e.side !== e.side && p.state === "pending");

// judge gives the code by which an entry is not in order, or nothing. s is how its causal past stands.
export function judge(s, e) {
  if (e.fault) return e.fault;
  if (e.kind !== "disorder" && !e.kind?.startsWith("request.")) return "act.kind";
  if (e.kind === "disorder") return content(s, e) || disorder(s, e);
  const kind = e.kind.slice("request.".length);
  if (kind === "open" || kind === "draft") return opening(s, e);
  if (!s.opened || !same(e.thread, s.opening)) return "act.thread";
  if (RECEIVER.includes(kind) && e.side !== s.receiver) return "act.turn";
  if (REQUESTER.includes(kind) && e.side !== s.requester) return "act.turn";
  const fits = s.draft ? ["comment", "amend", "withdraw"].includes(kind) && !s.end : PLACES[kind](s, e);
  if (kind === "return" && !s.draft && !s.complete && !s.end && s.returned) return "act.automatic";
  if (!fits) return "act.thread";
  return said(s, e, kind);
}

// CW-2, CW-5
function opening(s, e) {
  if (s.opening) return "act.thread";
  const arrangement = e.ctx.arrangement;
  if (!arrangement) return "act.no-rules";
  const { type, area, urgency } = e.body;
  if (!arrangement.find("request_types", type)) return "act.reason";
  const running = e.ctx.suspensions.some((x) => x.to === undefined && covers(x, type, area));
  return running && !survives(arrangement.document, type, area, urgency) ? "act.suspended" : "";
}

// CW-23
function disorder(s, e) {
  const position = e.body.position, cause = s.past.find((x) => x.side !== e.side && x.position === position);
  if (!cause?.code) return "act.thread";
  if (cause.code === "act.unreadable" || kinds.get(cause.kind)?.automatic) return "act.automatic";
  if (s.acts.some((x) => x.kind === "disorder" && x.side === e.side && x.body.position === position)) return "act.automatic";
  return cause.code === e.body.rule ? "" : "act.reason";
}

const term = (e, until) => readInstant(until) <= e.time;
const TERMS = { interim: "by", await: "until", postpone: "until", extend: "until", grant: "until", renew: "until" };

// CW-14
function content(s, e) {
  return s.opened && e.attachments > 0 && s.arrangement.find("areas", s.form.area)?.no_content ? "act.content" : "";
}

// What is said is what may be said there. CW-12 to CW-14, CW-47 and on
function said(s, e, kind) {
  const b = e.body, d = s.document;
  if (content(s, e)) return content(s, e);
  const handling = s.follows(e.ctx, "handling").document;
  if (b.handling && kind !== "amend" && !known(handling.handling, b.handling)) return "act.reason";
  const one = KINDS[kind]?.(s, e, b, s.follows(e.ctx, "reasons").document);
  if (one) return one;
  if (kind in TERMS && term(e, b[TERMS[kind]])) return "act.term";
  return "";
}

// A reason is one for this use, and is explained if it must be. CW-13
function reason(d, code, use, note) {
  const r = d.reasons.find((x) => x.code === code);
  if (!r?.applies.includes(use)) return "act.reason";
  return r.words && blank(note.text) ? "act.incomplete" : "";
}

const empty = (t) => (blank(t.text ?? t) ? "act.incomplete" : "");
const unit = (s, side, code) => s.arrangement.party(side).units.some((u) => u.code === code);
const names = (s, e, b) => {
  if (blank(b.officer)) return "act.incomplete";
  return b.unit && !unit(s, e.side, b.unit) ? "act.reason" : "";
};
const item = (s, position) => (s.given.some((x) => x.position === position) ? "" : "act.item");

const KINDS = {
  opened: names, accept: names,
  ask: (s, e, b) => empty(b.said), comment: (s, e, b) => empty(b.said), renew: (s, e, b) => empty(b.said),
  reply: (s, e, b) => {
    e.targets = e.replies.length ? s.waiting.filter((q) => e.replies.some((r) => same(r, q))) : s.waiting;
    if (e.replies.some((r) => !s.waiting.some((q) => same(r, q)))) return "act.thread";
    return empty(b.said);
  },
  usage: (s, e, b) => item(s, b.position) || empty(b.said), explain: (s, e, b) => item(s, b.position) || empty(b.said),
  reuse: (s, e, b) => item(s, b.position) || empty(b.purpose),
  decline: (s, e, b, d) => {
    const r = d.reasons.find((x) => x.code === b.reason);
    if (s.type?.refusals?.length && !s.type.refusals.includes(b.reason)) return "act.reason";
    const bad = reason(d, b.reason, "decline", b.note);
    if (bad) return bad;
    return d.refusal_last && !r.outright && !s.softer.length ? "act.softer" : "";
  },
  postpone: (s, e, b, d) => reason(d, b.reason, "postpone", b.note),
  await: (s, e, b, d) => reason(d, b.reason, "await", b.note),
  extend: (s, e, b, d) => step(s, b) || (s.doneBy(b.step) ? "act.thread" : "") || reason(d, b.reason, "extend", b.note),
  grant: (s, e, b) => step(s, b),
  agree: (s, e) => answers(s, e), refuse: (s, e) => answers(s, e),
  condition: (s, e, b, d) => (known(s.document.conditions, b.condition) ? "" : "act.reason"),
  partial: gives, answer: gives,
  dispute: (s, e, b) => (s.falls.includes(b.urgency) ? empty(b.note) : "act.reason"),
  forward: (s, e, b) => (unit(s, e.side, b.unit) ? "" : "act.reason"),
  redirect: (s, e, b) => empty(b.to),
  follow: (s, e, b) => {
    if (b.request && !RELATIONS.includes(b.request.relation)) return "act.reason";
    return empty(b.reference);
  },
  interim: (s, e, b) => (b.form && !known(s.type?.answers, b.form) ? "act.reason" : ""),
  hold: (s, e, b) => {
    const h = s.holding, until = readInstant(b.until);
    if (!h || term(e, b.until)) return "act.term";
    if (!s.holds.length) return until >= e.time + h.days * DAY ? "" : "act.term";
    if (s.holds.length > h.extensions) return "act.term";
    return s.holds.every((x) => readInstant(x.body.until) < until) ? "" : "act.term";
  },
  return: (s, e, b) => (JSON.stringify(b.items) === JSON.stringify(s.items) ? "" : "act.body"),
  rate: (s, e, b) => (b.score >= 1 && b.score <= 5 ? "" : "act.body"),
  amend: (s, e, b) => amend(s, e, b),
  correct: (s, e, b) => {
    const own = s.acts.find((x) => x.side === e.side && x.position === b.position);
    if (!own || !s.correctable(own)) return "act.item";
    if (!CORRECTIONS.includes(b.how)) return "act.reason";
    return b.how === "retract" ? "" : empty(b.said);
  },
  mark: (s, e, b) => {
    const on = s.acts.find((x) => (x.side === "higher") === b.higher && x.position === b.position);
    if (!on || !b.path || Buffer.byteLength(b.path) > 400 || !leads(on.body, b.path)) return "act.item";
    if (s.marked(e.side, b) !== b.lift) return "act.item";
    return b.lift ? "" : empty(b.note);
  },
  translate: (s, e, b) => {
    const of = s.acts.find((x) => (x.side === "higher") === b.higher && x.position === b.position);
    if (!of || ["request.return", "disorder", "request.translate"].includes(of.kind)) return "act.item";
    if (b.texts.length === 0 || b.texts.length > 64) return "act.body";
    const seen = new Set();
    for (const t of b.texts) {
      if (seen.has(t.path) || !t.path || Buffer.byteLength(t.path) > 400 || !leads(of.body, t.path)) return "act.item";
      if (empty({ text: t.text })) return "act.incomplete";
      seen.add(t.path);
    }
    return empty({ text: b.lang }) || empty({ text: b.translator });
  },
  link: (s, e, b) => (RELATIONS.includes(b.relation) ? "" : "act.reason"),
  priority: (s, e, b) => (s.priority(e.side) === b.on ? "act.thread" : ""),
  contest: (s, e, b) => (s.contestable(e.side).some((x) => x.position === b.position) ? empty(b.note) : "act.item"),
};

// the steps that a request has. ARR-22
export function stepsOf(document, type, urgency) {
  const u = document.urgencies.find((x) => x.code === urgency);
  return (u?.steps ?? []).filter((x) => type?.steps.includes(x.step));
}

// CW-13, CW-50: a step that the request has, by the code; and for more time asked, one that was not done.
const step = (s, b) => (stepsOf(s.document, s.type, s.form.urgency).some((x) => x.step === b.step) ? "" : "act.reason");

function answers(s, e) {
  const p = proposed(s, e).find((x) => e.replies.length === 1 && same(x.e, e.replies[0]));
  return p && (e.kind === "request.refuse" || p.e.kind !== "request.renew") ? "" : "act.proposal";
}

function gives(s, e, b, d) {
  const forms = s.type?.answers ?? [];
  if (b.form && !known(forms, b.form)) return "act.reason";
  if (e.kind === "request.answer" && forms.length && !b.form) return "act.incomplete";
  if (unknownUse(s.document, b)) return "act.reason";
  if (b.withheld) {
    const bad = reason(d, b.withheld, "partial", b.said);
    if (bad) return bad;
  }
  const agreed = s.proposals.filter((p) => p.e.kind === "request.condition" && p.state === "agreed").map((p) => p.e.position);
  if ((b.under ?? []).some((n, i) => (i && n <= b.under[i - 1]) || !agreed.includes(n))) return "act.proposal";
  return e.kind === "request.answer" && !b.form && !(e.attachments > 0) ? empty(b.said) : "";
}

// CW-47
function amend(s, e, b) {
  if (b.type !== s.form.type) return "act.kept";
  if (s.draft || !s.complete) return "";
  if (["urgency", "area", "from_unit", "to_unit"].some((k) => b[k] !== s.form[k])) return "act.kept";
  return s.lacks([...s.forms, e]).length ? "act.incomplete" : "";
}

// whether a JSON Pointer leads to a value
export function leads(value, path) {
  if (path !== "" && !path.startsWith("/")) return false;
  for (const part of path.split("/").slice(1)) {
    if (/~([^01]|$)/.test(part)) return false;
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (Array.isArray(value) ? !/^(0|[1-9][0-9]*)$/.test(key) : typeof value !== "object") return false;
    if (!Object.hasOwn(value, key)) return false;
    value = value[key];
  }
  return true;
}
