// The fold over the entries of a thread and the view that comes of it, after spec/casework.md.

import { Arrangement, read, digest } from "./arrangement.mjs";
import { readBody } from "./act.mjs";
import { FIRST, LAST, instant, readInstant, writeInstant } from "./calendar.mjs";
import { Fault, any, integer, list, object, optional, parse, string, write } from "./json.mjs";
import { Due } from "./due.mjs";
import { judge } from "./judge.mjs";
import { Standing, before, same, where } from "./standing.mjs";
import { crossings } from "./crossings.mjs";

// the two logs in one order. REC-1
export function merge(lower, higher) {
  const out = [];
  let i = 0;
  for (const h of higher) {
    while (i < lower.length && lower[i].seen <= h.position) out.push(lower[i++]);
    out.push(h);
  }
  return out.concat(lower.slice(i));
}

// fold gives every entry its verdict and says how the thread stands. CW-7, PRC-14
export function fold(lower, higher) {
  const merged = merge(lower, higher);
  merged.forEach((e, i) => {
    const past = new Standing(merged.slice(0, i).filter((x) => before(x, e)));
    e.targets = [];
    e.code = slip(past, e) || judge(past, e);
  });
  return new Standing(merged);
}

// PRC-13
export function slip(past, e) {
  if (e.fault) return "";
  const own = past.past.filter((x) => x.side === e.side);
  const last = own.at(-1), highest = Math.max(0, ...own.map((x) => x.number));
  const good = last ? e.predecessor >= last.position && e.predecessor < e.position : e.predecessor === e.position;
  return e.number > highest && e.number >= 1 && good ? "" : "act.slip";
}

// CW-27; an instant that is 1970 stands for none.
export const text = (t) => (t ? writeInstant(Math.min(Math.max(t, FIRST), LAST)) : undefined);

// CW-16
function phase(s, at, due) {
  if (!s.opening) return "none";
  if (!s.opened) return "void";
  if (s.draft) return s.end ? "withdrawn" : "draft";
  if (s.end) return s.end;
  if (!s.complete) return s.returned ? "returned" : "incomplete";
  if (s.waiting.length) return "asked";
  if (s.proposals.some((p) => p.e.kind === "request.condition" && p.state === "pending")) return "offered";
  const postponed = s.of("postpone").at(-1);
  if (postponed && at < readInstant(postponed.body.until) && !s.ended(postponed)) return "postponed";
  if (s.waits) return "awaiting";
  if (s.of("partial").length) return "partial";
  if (s.accepted) return "accepted";
  if (s.of("opened").length) return "opened";
  return due.time(s.opening, "receipt") === undefined ? "sent" : "stored";
}

function course(s, due) {
  const priority = { lower: s.opened ? s.priority("lower") : false, higher: s.opened ? s.priority("higher") : false };
  const none = {
    priority, reminders: 0, comments: 0, versions: 0, softer: [], forwards: [], interims: [], delays: [], grants: [],
    proposals: [], items: [], corrections: [], marks: [], translations: undefined, links: [], contests: [],
  };
  if (!s.opened) return none;
  const receipt = (e) => text(due.time(e, "receipt"));
  const by = (e) => e && where(e);
  const both = (kind) => [s.requester, s.receiver].flatMap((side) => s.of(kind).filter((e) => e.side === side));
  const at = (side, position) => ({ side, position });
  const theirs = (e) => (e.side === "lower" ? "higher" : "lower");
  const handling = s.document.handling.find((h) => h.most_restrictive)?.code;
  const known = (code) => s.document.handling.some((h) => h.code === code);
  const agreed = s.proposals.find((p) => p.e.kind === "request.dispute" && p.state === "agreed");
  const unit = s.acts.filter((e) => e.kind === "request.forward" || (e.kind === "request.accept" && e.body.unit)).at(-1);
  const marks = both("mark").filter((e) => !e.body.lift);
  const translations = both("translate").map((e) => ({
    by: where(e), of: at(e.body.higher ? "higher" : "lower", e.body.position), lang: e.body.lang, texts: e.body.texts.length, reviewed: e.body.reviewer !== "",
  }));
  const named = (kind, position) => s.of(kind).filter((e) => e.body.position === position).length;
  return {
    ...none, unit: unit?.body.unit ?? s.form.to_unit, urgency: agreed?.e.body.urgency ?? s.form.urgency,
    reminders: s.of("remind").length, comments: s.of("comment").length, versions: s.forms.length, softer: s.softer,
    forwards: s.of("forward").map((e) => ({ ...where(e), unit: e.body.unit })),
    interims: s.of("interim").map((e) => ({ ...where(e), form: e.body.form, by: e.body.by })),
    delays: s.of("await", "postpone").map((e) => ({ ...where(e), kind: e.kind, reason: e.body.reason, until: e.body.until, ended: by(s.ended(e)) })),
    grants: s.of("grant").map((e) => ({ ...where(e), step: e.body.step, until: e.body.until })),
    proposals: s.proposals.map((p) => ({
      ...where(p.e), kind: p.e.kind, state: p.state, by: by(p.by), code: p.e.body.condition ?? p.e.body.urgency ?? p.e.body.step,
      until: p.until ?? p.e.body.until, item: p.e.kind === "request.reuse" ? at(s.receiver, p.e.body.position) : undefined, receipt: receipt(p.e),
    })),
    items: s.given.map((e) => ({
      ...where(e), final: e.kind === "request.answer", form: e.body.form, withheld: e.body.withheld,
      handling: known(e.body.handling) ? e.body.handling : handling, use: e.body.use, grade: e.body.grade,
      under: e.body.under?.map((n) => at(e.side, n)), attachments: e.attachments ?? 0,
      retracted: s.of("correct").some((c) => c.side === e.side && c.body.position === e.position && c.body.how === "retract"),
      explain: named("explain", e.position), explained: named("usage", e.position),
    })),
    hold: due.hold(),
    corrections: both("correct").map((e) => ({ of: at(e.side, e.body.position), by: where(e), how: e.body.how })),
    marks: marks.map((e) => ({
      by: where(e), on: at(e.body.higher ? "higher" : "lower", e.body.position), path: e.body.path, lifted: lifted(s, e),
    })),
    translations: translations.length ? translations : undefined, links: links(s),
    contests: both("contest").map((e) => ({ by: where(e), of: at(theirs(e), e.body.position) })),
  };
}

const lifted = (s, e) => s.of("mark").some((x) => x.side === e.side && x.position > e.position && x.body.lift &&
  x.body.path === e.body.path && x.body.higher === e.body.higher && x.body.position === e.body.position);

// each link once, by the first act that names it
function links(s) {
  const out = [];
  for (const side of [s.requester, s.receiver]) {
    for (const e of s.acts.filter((x) => x.side === side)) {
      const named = s.forms.includes(e) ? e.body.links : e.kind === "request.link" ? [e.body] : e.kind === "request.follow" ? [e.body.request] : [];
      for (const l of named ?? []) {
        if (!l) continue;
        const to = { side: l.higher ? "higher" : "lower", position: l.position };
        if (!out.some((x) => x.relation === l.relation && same(x.to, to))) out.push({ by: where(e), relation: l.relation, to });
      }
    }
  }
  return out;
}

function receipts(s, due) {
  const moment = (e, by) => e && {
    by: by ? e.body.officer : undefined, signed: e.signed?.length ? e.signed : undefined,
    claimed: text(e.time), receipt: text(due.time(e, "receipt")),
  };
  const stored = due.time(s.opening, "receipt");
  return {
    stored: stored === undefined ? undefined : { receipt: text(stored) },
    opened: moment(s.of("opened")[0], true), accepted: moment(s.of("accept").at(-1), true),
    acted_on: moment(s.of("partial", "answer", "hold", "decline", "redirect")[0], false),
  };
}

function questions(s, due) {
  return s.questions.map((q) => {
    const out = { asked: where(q.asked), reply: q.reply && where(q.reply), moot: q.moot };
    const from = due.time(q.asked, "receipt"), to = q.reply && due.time(q.reply, "receipt");
    if (from !== undefined && to !== undefined) {
      out.interval = { claimed_ms: q.reply.time - q.asked.time, receipt_ms: to - from };
      const apart = Math.abs(out.interval.claimed_ms - out.interval.receipt_ms);
      out.interval.agreed = apart < due.tolerance;
    }
    return out;
  });
}

// thread is what the view says of a thread, as plain data in the order of its members.
export function thread(s, at, now) {
  const due = s.opened ? new Due(s, at, now) : { time: (e) => (e.receipt !== undefined && e.receipt <= at ? e.receipt : undefined) };
  const obligations = s.opened ? due.obligations() : [];
  const f = s.form;
  return {
    phase: phase(s, at, due), opening: s.opening && where(s.opening), requester: s.requester,
    request: s.opened ? {
      type: f.type, urgency: f.urgency, area: f.area, from_unit: f.from_unit, to_unit: f.to_unit, handling: f.handling,
      class: s.type?.class || "request",
    } : undefined,
    waiting: s.opened ? s.live && due.frozenNow : false, withdrawal: s.of("withdraw").length > 0,
    missing: s.items ?? [], lacking: s.items?.length ?? 0,
    decline: s.of("decline")[0]?.body.reason, rating: s.of("rate")[0]?.body.score,
    course: clean(course(s, due)), receipts: s.opened ? receipts(s, due) : {},
    questions: s.opened ? questions(s, due) : [], obligations: obligations.map(plain),
    crossings: s.opened ? crossings(s) : [],
    not_in_order: s.past.filter((e) => e.code).map((e) => ({ ...where(e), code: e.code })),
    acts: s.past.map((e) => ({ ...where(e), kind: e.kind, claimed: text(e.time), receipt: text(due.time(e, "receipt")), in_order: !e.code })),
    unreceipted: s.past.filter((e) => due.time(e, "receipt") === undefined).length, from_residue: false,
  };
}

function plain({ step, debtor, limit, starts, due, due_claimed, state, by, asked, interval }) {
  return { step, debtor, limit, starts: text(starts), due: text(due), due_claimed: text(due_claimed), state, by, asked, interval };
}

function clean({ unit, urgency, priority, reminders, comments, versions, softer, forwards, interims, delays, grants, proposals, items, hold, ...rest }) {
  const h = hold && { state: hold.state, since: text(hold.since), until: text(hold.until), alarm: text(hold.alarm), turn: hold.turn,
    renewals: hold.renewals, left: hold.left, follow: hold.follow, lapses: hold.lapses.map((l) => ({ at: text(l.at), turn: l.turn })) };
  return { unit: unit || undefined, urgency: urgency || undefined, priority, reminders, comments, versions, softer, forwards, interims, delays, grants, proposals, items, hold: h, ...rest };
}

// in the order in which the members stand
export function serial(v) {
  if (Array.isArray(v)) return "[" + v.map(serial).join(",") + "]";
  if (typeof v !== "object") return write(v);
  return "{" + Object.entries(v).filter(([, x]) => x !== undefined).map(([k, x]) => `${write(k)}:${serial(x)}`).join(",") + "}";
}

// view is the bytes of CW-26.
export function view(lower, higher, at, cut, now) {
  return serial({
    view: "casework", cut, instant: writeInstant(at), arrangement: now.digest, rules: now.rules, thread: thread(fold(lower, higher), at, now),
  });
}

const place = object({ side: string, position: integer(0) });
const lines = {
  entry: object({
    side: string, position: integer(0), seen: integer(0), time: instant, kind: string, thread: optional(place),
    replies: optional(list(place)), number: integer(0), predecessor: integer(0), attachments: optional(integer(0)),
    signed: optional(list(object({ key: string, role: string, name: string }))), not_after: instant, body: any,
  }),
  attached: object({ time: instant }),
  outage: object({ side: string, from: instant, to: instant }),
  receipt: object({ side: string, size: integer(0), time: instant }),
  suspend: object({ party: string, id: string, types: list(string), at: instant }),
  lift: object({ party: string, id: string, types: list(string), at: instant }),
  terminate: object({ party: string, id: string, at: instant, effect: instant }),
  look: object({ instant, cut: string }),
};

// checking gives what folds a file of vectors line by line, and writes each view by a fold's view.
export const checking = (view) => (file, sibling, differs) => {
  const differences = [], logs = { lower: [], higher: [] };
  let now, looked = "", n = 0;
  for (const line of file.toString("utf8").split("\n")) {
    if (!line || line.startsWith("#")) continue;
    const name = line.slice(0, line.indexOf(":")), rest = line.slice(line.indexOf(":") + 2);
    if (name === "arrangement") {
      const arrangement = new Arrangement(sibling(rest));
      now = { suspensions: [], outages: [], ...now, arrangement, digest: arrangement.digest, rules: 1 };
    } else if (name === "view") {
      n++;
      if (looked !== rest && differs) differs(n, looked, rest);
      else if (looked !== rest) differences.push(`view ${n}: ${apart(looked, rest)}`);
    } else if (lines[name]) {
      const v = parse(Buffer.from(rest), lines[name], 1 << 24);
      if (name === "entry") logs[v.side].push(entry(v, now));
      if (name === "receipt") {
        for (const e of logs[v.side]) if (e.receipt === undefined && e.position < v.size) e.receipt = readInstant(v.time);
      }
      if (name === "suspend") {
        now = { ...now, suspensions: [...now.suspensions, { ...v, everything: false, areas: [], from: readInstant(v.at) }] };
      }
      if (name === "lift") {
        now = { ...now, suspensions: now.suspensions.map((x) => (x.party === v.party && x.id === v.id ? { ...x, to: readInstant(v.at) } : x)) };
      }
      if (name === "terminate") now = { ...now, ends: Math.min(now.ends ?? Infinity, readInstant(v.effect)) };
      if (name === "attached") now = { ...now, attached: readInstant(v.time) };
      if (name === "outage") now = { ...now, outages: [...now.outages, { side: v.side, from: readInstant(v.from), to: readInstant(v.to) }] };
      if (name === "look") looked = view(logs.lower, logs.higher, readInstant(v.instant), v.cut, now);
    } else if (name !== "rules" || rest !== "1") throw new Fault("json.syntax", "", line);
  }
  return differences;
};

// check is for a file of vectors/casework.
export const check = checking(view);

function entry(v, ctx) {
  const e = {
    side: v.side, position: v.position, seen: v.seen, time: readInstant(v.time), kind: v.kind, thread: v.thread,
    replies: v.replies ?? [], number: v.number, predecessor: v.predecessor, attachments: v.attachments ?? 0, notAfter: readInstant(v.not_after), ctx,
    signers: v.signed ?? [],
  };
  try {
    e.body = readBody(v.kind, Buffer.from(write(v.body)));
  } catch (f) {
    if (!(f instanceof Fault)) throw f;
    e.fault = f.code;
  }
  return e;
}

// where two texts part
function apart(got, want) {
  let i = 0;
  while (i < got.length && got[i] === want[i]) i++;
  return `…${got.slice(Math.max(0, i - 120), i)} >> ${got.slice(i, i + 160)} << not >> ${want.slice(i, i + 160)}`;
}

export { read, digest, entry, lines };
