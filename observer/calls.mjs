// Whether an act of a call is in order, judged by its causal past alone, after spec/hotline.md.

import { blank } from "./arrangement.mjs";
import { kinds } from "./act.mjs";
import { DAY, FIRST, LAST, readInstant } from "./calendar.mjs";
import { leads } from "./judge.mjs";
import { known, other } from "./standing.mjs";

const CALLER = ["raise", "withdraw"];
const CALLED = ["shown", "accept", "decline", "defer"];

const waits = (s) => !s.over && !s.taken;
const byPeople = (s) => waits(s) && !s.plan; // TST-10

// The place of each kind in a call as it stands.
const PLACES = {
  raise: (s) => byPeople(s) && s.standing + 1 < s.rungs.length,
  withdraw: byPeople, shown: waits, accept: waits, defer: waits, ring: waits,
  decline: (s) => waits(s) && !s.refused("decline"),
  say: (s, side) => !s.over && (side === s.caller || s.of("accept").length > 0),
  join: (s) => !s.over && s.taken,
  close: (s, side) => s.taken && !s.concluded && !s.of("agree").length && !s.of("close", side).length,
  agree: (s, side) => s.taken && !s.of("agree").length && s.of("close", other(side)).length > 0,
  read: (s, side) => unread(s, side),
  translate: () => true, word: () => true, link: () => true,
};

const covered = (s, side) => s.of("read", side).at(-1)?.body.position ?? -1;
const unread = (s, side) => s.of("say", other(side)).some((m) => m.position > covered(s, side));

// judge gives the code by which an entry is not in order, or nothing.
export function judge(s, e) {
  if (e.fault) return e.fault;
  if (e.kind === "test.plan") return s.opening ? "act.thread" : plan(e, e.body);
  if (e.kind === "test.call") return testCall(s, e, e.body);
  if (e.kind === "test.outcome") return outcome(s, e, e.body);
  if (!e.kind.startsWith("call.")) return "act.kind";
  const kind = e.kind.slice(5);
  if (kind === "disorder") return disorder(s, e);
  if (kind === "open") return s.opening ? "act.thread" : opening(e, e.body);
  if (!s.call) return "act.thread";
  if (CALLER.includes(kind) && e.side !== s.caller) return "act.turn";
  if (CALLED.includes(kind) && e.side !== s.called) return "act.turn";
  if (!PLACES[kind](s, e.side)) return "act.thread";
  const bad = e.body.handling !== undefined ? handling(s.document, e.body.handling) : "";
  return bad || (KINDS[kind]?.(s, e, e.body) ?? "");
}

const clamped = (t) => Math.min(Math.max(t, FIRST), LAST);
const HEX = /^[0-9a-f]{64}$/;
const MONDAY = 4 * DAY;

// a period of a test, by its number. TST-1
function period(t, number) {
  if (number === 0 && t.before !== undefined) return { opens: FIRST, closes: readInstant(t.before) };
  const length = t.every ? t.every.amount * (t.every.unit === "days" ? DAY : DAY / 24) : 0;
  const anchor = t.before === undefined ? MONDAY : readInstant(t.before);
  if (number < 1 || !length || number > Math.trunc((LAST - anchor) / length)) return undefined;
  const opens = anchor + (number - 1) * length, window = t.window ? (t.window * DAY) / 24 : Infinity;
  return { opens, closes: opens + Math.min(length, window), length };
}

// TST-3 to TST-5
function plan(e, b) {
  const d = e.ctx.arrangement?.document;
  if (!d?.hotline) return "act.no-rules";
  const t = d.hotline.tests.find((x) => x.code === b.test);
  if (!t) return "act.reason";
  const p = period(t, b.period), opens = readInstant(b.opens), closes = readInstant(b.closes), now = clamped(e.time);
  if (!p || closes !== p.closes || opens < p.opens || opens < now || opens >= closes) return "act.term";
  if (b.period > 0 && p.opens > now + p.length) return "act.term";
  const at = b.instant === undefined ? undefined : readInstant(b.instant);
  const good = t.announced ? !b.commitment && at >= opens && at < closes : at === undefined && HEX.test(b.commitment ?? "");
  return want(good, "act.reason");
}

// TST-8, TST-9
function testCall(s, e, b) {
  if (!s.plan) return "act.thread";
  if (e.side !== s.caller) return "act.turn";
  if (s.call || s.concluded) return "act.thread";
  const now = clamped(e.time);
  if (now < readInstant(s.plan.instant ?? s.plan.opens) || now >= readInstant(s.plan.closes)) return "act.term";
  const good = b.purpose === "test" && b.test === s.plan.test && !b.severity && !b.criterion && !b.request;
  return first(want(good, "act.reason"), said(s.document, b));
}

const SILENCES = ["no-carrier", "no-answer", "restoring", "locked", "full", "stores-nothing", "withheld"];

// TST-12 to TST-14
function outcome(s, e, b) {
  if (!s.plan) return "act.thread";
  const mine = s.outcomes(e.side), caller = e.side === s.caller;
  if (b.result === "postponed") {
    if (!caller) return "act.turn";
    if (mine.length) return "act.automatic";
    if (s.call) return "act.thread";
    if (!b.call) return "act.incomplete";
  } else if (s.concludedBy(e.side)) return "act.automatic";
  const bears = {
    answered: s.call && s.taken, late: s.call && s.taken, declined: s.call && !s.taken && s.refusal, silent: s.call && !s.taken,
    "not-held": !s.call && clamped(e.time) >= readInstant(s.plan.closes), postponed: true,
  };
  const reveals = caller && s.plan.commitment && !mine.length, secret = b.secret ?? "";
  const good = Object.hasOwn(bears, b.result) && bears[b.result] && (!b.call || b.result === "postponed") && b.took_ms >= 0 &&
    (!b.silence || SILENCES.includes(b.silence)) && (reveals ? HEX.test(secret) : secret === "");
  return want(good, "act.reason");
}

// what every opening says: words, a handling, a rung. HOT-5
function said(d, b) {
  const rung = d.hotline.rungs.findIndex((r) => r.code === b.rung);
  return first(says(b.subject.text, b.reason.text), handling(d, b.handling), want(rung >= 0 && rung <= Math.max(0, callsFor(d, b)), "act.reason"));
}

// the first code of some
const first = (...codes) => codes.find((c) => c) ?? "";
const want = (ok, code) => (ok ? "" : code);
const says = (...texts) => want(!texts.some((t) => blank(t)), "act.incomplete");
const handling = (d, code) => want(!code || known(d.handling, code), "act.reason");

// CW-23
function disorder(s, e) {
  const cause = s.past.find((x) => x.side !== e.side && x.position === e.body.position);
  if (!cause?.code) return "act.thread";
  const refused = s.of("disorder", e.side).some((x) => x.body.position === e.body.position);
  if (cause.code === "act.unreadable" || kinds.get(cause.kind)?.automatic || refused) return "act.automatic";
  return want(cause.code === e.body.rule, "act.reason");
}

// the rung that a call's severity or test calls for. HOT-5, HOT-8
export function callsFor(d, call) {
  const code = call.purpose === "test"
    ? d.hotline.tests.find((t) => t.code === call.test)?.rung
    : d.severities?.find((m) => m.code === call.severity)?.rung;
  return d.hotline.rungs.findIndex((r) => r.code === code);
}

// HOT-3 to HOT-6
function opening(e, b) {
  const d = e.ctx.arrangement?.document, h = d?.hotline;
  if (!h) return "act.no-rules";
  const at = (code) => (d.severities ?? []).findIndex((m) => m.code === code);
  const grave = at(b.severity), criterion = !b.criterion || known(h.criteria, b.criterion);
  const real = b.purpose === "real" && !b.test && grave >= 0 && grave >= at(h.threshold) && (b.criterion || !h.criteria?.length);
  const test = b.purpose === "test" && known(h.tests, b.test) && !b.severity;
  const rung = h.rungs.findIndex((r) => r.code === b.rung);
  return first(
    want(criterion && (real || test), "act.reason"), said(d, b), rung >= 0 ? mayCall(e, d, h.rungs[rung]) : "",
  );
}

const holds = (list, e, role) => list.some((r) => r.role === role && r.party === party(e));
const party = (e) => e.ctx.arrangement.party(e.side).id;
const ladder = (h) => h.rungs.flatMap((r) => r.roles);
const stand = (s, e) => want(e.signers.every((o) => holds(ladder(s.document.hotline), e, o.role)), "act.role");

// HOT-6
function mayCall(e, d, rung) {
  const may = rung.callers?.length ? rung.callers : ladder(d.hotline);
  if (!e.signers.every((o) => holds(may, e, o.role))) return "act.role";
  return want(new Set(e.signers.map((o) => o.name)).size >= rung.persons, "act.persons");
}

// HOT-17
function reason(s, e, code, use, note) {
  const r = s.document.reasons.find((x) => x.code === code);
  return first(stand(s, e), want(r?.applies.includes(use), "act.reason"), r?.words ? says(note.text) : "");
}

const at = (s, b) => s.acts.find((x) => (x.side === "higher") === b.higher && x.position === b.position);
const value = (v, path) => path.split("/").slice(1).reduce((x, part) => x[part.replaceAll("~1", "/").replaceAll("~0", "~")], v);
const path = (x, p) => p !== "" && Buffer.byteLength(p) <= 400 && leads(x.body, p);
const reads = (s, side, b) => {
  const last = s.of("word", side).filter((x) => ["higher", "position", "path", "word"].every((k) => x.body[k] === b[k])).at(-1);
  return last !== undefined && !last.body.lift;
};

const KINDS = {
  raise: (s, e, b) => {
    const rung = s.rung(b.rung);
    return first(want(rung > s.standing, "act.reason"), says(b.note.text)) || mayCall(e, s.document, s.rungs[rung]);
  },
  shown: (s, e, b) => first(want(!s.of("shown").some((x) => x.body.officer === b.officer), "act.thread"), says(b.officer)),
  accept: (s, e, b) => {
    if (s.rung(b.rung) < 0) return "act.reason";
    for (const o of e.signers) {
      if (!holds(ladder(s.document.hotline), e, o.role)) return "act.role";
      if (s.of("accept").some((x) => x.signers.some((p) => p.name === o.name))) return "act.thread";
    }
    return want(e.signers.some((o) => o.name === b.officer && o.role === b.role), "act.role");
  },
  decline: (s, e, b) => reason(s, e, b.reason, "decline", b.note),
  defer: (s, e, b) => {
    const until = readInstant(b.until), from = Math.min(Math.max(e.time, FIRST), LAST);
    return until <= from || until > from + 7 * DAY ? "act.term" : reason(s, e, b.reason, "postpone", b.note);
  },
  ring: (s, e, b) => {
    if (s.rung(b.rung) < 0) return "act.reason";
    return want(!s.of("ring", e.side).some((x) => x.body.rung === b.rung && x.body.since === b.since), "act.automatic");
  },
  say: (s, e, b) => (e.attachments > 0 ? "" : says(b.said.text)),
  read: (s, e, b) => {
    const message = s.of("say", other(e.side)).some((m) => m.position === b.position);
    return first(want(message && b.position > covered(s, e.side), "act.item"), says(b.officer));
  },
  join: (s, e, b) => {
    const roles = s.opening.ctx.arrangement.party(e.side).roles;
    return first(want(known(roles, b.role), "act.reason"), says(b.name), b.for ? says(b.mandate.text) : "");
  },
  translate: (s, e, b) => {
    const of = at(s, b), seen = new Set();
    if (!of || kinds.get(of.kind).automatic || of.kind === "call.translate") return "act.item";
    if (b.texts.length === 0 || b.texts.length > 64) return "act.body";
    for (const t of b.texts) {
      if (seen.has(t.path) || !path(of, t.path)) return "act.item";
      if (blank(t.text)) return "act.incomplete";
      seen.add(t.path);
    }
    return says(b.lang, b.translator);
  },
  word: (s, e, b) => {
    const on = at(s, b);
    if (!on || kinds.get(on.kind).automatic || !path(on, b.path)) return "act.item";
    const said = value(on.body, b.path);
    if (typeof said !== "string" || blank(b.word) || !said.includes(b.word) || reads(s, e.side, b) !== b.lift) return "act.item";
    return b.lift ? "" : says(b.reading.text);
  },
  link: (s, e, b) => {
    const again = s.of("link").some((x) => x.body.relation === b.relation && x.body.higher === b.higher && x.body.position === b.position);
    return first(want(["about", "opens"].includes(b.relation), "act.reason"), want(!again, "act.item"));
  },
  close: (s, e, b) => says(b.minute.text),
  agree: (s, e, b) => want(s.of("close", other(e.side)).some((c) => c.position === b.position), "act.item"),
};
