// The fold over the acts of an entry of a directory and the view that comes of it, after spec/contacts.md.

import { blank } from "./arrangement.mjs";
import { DAY, FIRST, LAST, readInstant, writeInstant } from "./calendar.mjs";
import { checking, merge, serial, slip, text } from "./casework.mjs";
import { kinds } from "./act.mjs";
import { before, known, same, where } from "./standing.mjs";

const clamp = (t) => Math.min(Math.max(t, FIRST), LAST);
const receipt = (e, at) => (e.receipt === undefined || clamp(e.receipt) <= 0 || clamp(e.receipt) > at ? undefined : clamp(e.receipt));
const WAYS = ["phone", "mail", "post", "line", "other"];
const VERSIONS = ["contact.publish", "contact.change"];

// Standing is how an entry stands after some of its acts.
export class Standing {
  constructor(past) {
    this.past = past;
    this.opening = past.find((e) => !e.thread);
    this.acts = past.filter((e) => !e.code && (e.kind !== "contact.publish" || e === this.opening));
    this.versions = this.acts.filter((e) => VERSIONS.includes(e.kind));
    this.history = this.acts.filter((e) => VERSIONS.includes(e.kind) || e.kind === "contact.confirm");
    this.ended = this.acts.find((e) => e.kind === "contact.end");
    this.now = this.versions.at(-1);
    this.until = this.history.length ? readInstant(this.history.at(-1).body.until) : undefined;
  }
  // DIR-13
  phase(at) {
    if (!this.opening) return "none";
    if (!this.now) return "void";
    if (this.ended) return "ended";
    const { temporary } = this.now.body;
    if (at >= this.until) return temporary ? "over" : "lapsed";
    return !temporary && at >= this.due ? "due" : "current";
  }
  get due() {
    return Math.max(FIRST, this.until - 14 * DAY);
  }
}

// fold gives every act its verdict. DIR-3, PRC-14
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

const first = (...codes) => codes.find((c) => c) ?? "";
const want = (ok, code) => (ok ? "" : code);
const says = (...texts) => want(!texts.some((t) => blank(t)), "act.incomplete");

function judge(s, e) {
  if (e.fault) return e.fault;
  if (e.kind === "disorder") return disorder(s, e);
  if (!e.kind.startsWith("contact.")) return "act.kind";
  if (e.kind === "contact.publish" ? s.opening : !s.now) return "act.thread";
  if (s.opening && e.side !== s.opening.side) return "act.turn";
  if (s.ended || (e.kind !== "contact.end" && s.history.length >= 1000)) return "act.thread";
  if (e.attachments) return "act.body";
  if (e.kind === "contact.end") return want([...e.body.note.text].length <= 2000, "act.body");
  return e.kind === "contact.confirm" ? confirm(s, e, e.body) : version(s, e, e.body);
}

// CW-23
function disorder(s, e) {
  if (e.attachments) return "act.body";
  const cause = s.past.find((x) => x.side !== e.side && x.position === e.body.position);
  if (!cause?.code) return "act.thread";
  const refused = s.acts.some((x) => x.kind === "disorder" && x.side === e.side && x.body.position === e.body.position);
  if (cause.code === "act.unreadable" || kinds.get(cause.kind)?.automatic || refused) return "act.automatic";
  return want(cause.code === e.body.rule, "act.reason");
}

// DIR-9
const term = (e, until) => want(until > clamp(e.time) && until <= clamp(e.time) + 366 * DAY, "act.term");

// DIR-10
function confirm(s, e, b) {
  if (b.position !== s.now.position) return "act.item";
  const until = readInstant(b.until);
  if (s.now.body.temporary && until > readInstant(s.now.body.until)) return "act.term";
  return term(e, until);
}

// DIR-11
function bounded(b) {
  const lines = [
    b.role, b.unit, b.names.en, b.names.zh, b.hours.en, b.hours.zh, b.zone, ...b.languages, ...b.deputies,
    ...b.ways.flatMap((w) => [w.kind, w.value, w.key ?? ""]), ...b.confirmers.flatMap((c) => [c.role, c.kind, c.value]),
  ];
  const notes = [...b.ways.map((w) => w.note.text), b.mandate?.what.text ?? ""];
  return [b.ways, b.languages, b.deputies, b.confirmers].every((l) => l.length <= 16) &&
    lines.every((l) => [...l].length <= 400 && !/[\n\t]/.test(l)) && notes.every((n) => [...n].length <= 2000);
}

const way = (kind, value) => first(want(WAYS.includes(kind), "act.reason"), says(value));
const zone = (z) => want(z.length <= 64 && /^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(z), "act.reason");
const language = (l) => want(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(l), "act.reason");

// DIR-4 to DIR-9
function version(s, e, b) {
  const { arrangement } = e.ctx;
  if (!arrangement) return "act.no-rules";
  if (!bounded(b)) return "act.body";
  const party = arrangement.party(e.side);
  const role = (code) => known(party?.roles, code);
  const each = (list, check) => first(...list.map(check));
  return first(
    want(role(b.role) && (!s.now || s.now.body.role === b.role), "act.reason"), want(known(party?.units, b.unit), "act.reason"),
    says(b.names.en, b.names.zh), want(b.ways.length, "act.incomplete"), each(b.ways, (w) => way(w.kind, w.value)),
    says(b.hours.en, b.hours.zh), zone(b.zone), want(b.languages.length, "act.incomplete"), each(b.languages, language),
    each(b.deputies, (d, i) => want(role(d) && d !== b.role && !b.deputies.slice(0, i).includes(d), "act.reason")),
    each(b.confirmers, (c) => first(want(role(c.role), "act.reason"), way(c.kind, c.value))),
    b.mandate ? first(says(b.mandate.what.text), want(readInstant(b.mandate.until) > readInstant(b.mandate.from), "act.term")) : "",
    term(e, readInstant(b.until)),
  );
}

// DIR-14
function mandate(m, at) {
  if (!m) return undefined;
  if (at < readInstant(m.from)) return "to-come";
  return at < readInstant(m.until) ? "holds" : "over";
}

// contact is what the view says of an entry, as plain data in the order of its members. DIR-16
export function contact(s, at) {
  const moment = (e) => ({ signed: e.signers.length ? e.signers.map((x) => x.name) : undefined, claimed: text(e.time), receipt: text(receipt(e, at)) });
  const b = s.now?.body;
  return {
    phase: s.phase(at), opening: s.opening && where(s.opening), owner: s.opening?.side,
    head: b && {
      role: b.role, unit: b.unit, temporary: b.temporary, version: s.versions.length, until: writeInstant(s.until),
      due_from: b.temporary ? undefined : text(s.due), mandate: mandate(b.mandate, at), ended: s.ended && moment(s.ended),
    },
    history: b ? s.history.map((e) => ({ ...where(e), kind: e.kind, until: e.body.until, said: moment(e) })) : [],
    not_in_order: s.past.filter((e) => e.code).map((e) => ({ ...where(e), code: e.code })),
    acts: s.past.map((e) => ({ ...where(e), kind: e.kind, claimed: text(e.time), receipt: text(receipt(e, at)), in_order: !e.code })),
    unreceipted: s.past.filter((e) => receipt(e, at) === undefined).length,
  };
}

// view is the bytes of DIR-16.
export function view(lower, higher, at, cut, now) {
  return serial({
    view: "contacts", cut, instant: writeInstant(at), arrangement: now.digest, rules: now.rules, contact: contact(fold(lower, higher), at),
  });
}

export const check = checking(view);
