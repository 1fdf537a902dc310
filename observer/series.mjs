// The fold over the acts of a series of words and the view that comes of it, after spec/voice.md.

import { blank } from "./arrangement.mjs";
import { DAY, FIRST, LAST, readInstant, writeInstant } from "./calendar.mjs";
import { checking, merge, serial, slip, text } from "./casework.mjs";
import { kinds } from "./act.mjs";
import { before, same, where } from "./standing.mjs";

const ROWS = 512, Q = 3329;
const clamp = (t) => Math.min(Math.max(t, FIRST), LAST);
const receipt = (e, at) => (e.receipt === undefined || clamp(e.receipt) <= 0 || clamp(e.receipt) > at ? undefined : clamp(e.receipt));

// Standing is how a series stands after some of its acts.
class Standing {
  constructor(past) {
    this.past = past;
    this.opening = past.find((e) => !e.thread);
    this.acts = past.filter((e) => !e.code);
    this.offer = this.acts.find((e) => e === this.opening && e.kind === "voice.offer");
    this.answer = this.acts.find((e) => e.kind === "voice.answer");
    this.used = this.acts.filter((e) => e.kind === "voice.used");
    this.until = this.offer ? readInstant(this.offer.body.until) : undefined;
  }
  // VOI-12
  phase(at) {
    if (!this.opening) return "none";
    if (!this.offer) return "void";
    if (at >= this.until) return "lapsed";
    return this.answer ? "standing" : "offered";
  }
}

// fold gives every act its verdict. VOI-1, PRC-14
function fold(lower, higher) {
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
const digits = (s, size) => /^([0-9a-f]{2})*$/.test(s) && s.length === 2 * size;
const short = (s, most) => [...s].length <= most;

// VOI-1
function judge(s, e) {
  if (e.fault) return e.fault;
  if (!e.kind.startsWith("voice.")) return "act.kind";
  if (e.kind !== "voice.disorder") {
    if (e.kind === "voice.offer" ? s.opening : !s.offer) return "act.thread";
    if (e.kind === "voice.answer" && e.side === s.offer.side) return "act.turn";
    if ((e.kind === "voice.answer" && s.answer) || (e.kind === "voice.used" && !s.answer)) return "act.thread";
  }
  if (e.attachments) return "act.body";
  return { "voice.offer": offer, "voice.answer": answer, "voice.used": used, "voice.disorder": disorder }[e.kind](s, e, e.body);
}

// key tells whether 1,216 bytes are a key: of the coefficients of ML-KEM-768, of 12 bits each, all are below its modulus. VOI-2
function key(hex) {
  if (!digits(hex, 1216)) return false;
  const b = Buffer.from(hex, "hex");
  for (let i = 0; i < 1152; i += 3) {
    if ((b[i] | ((b[i + 1] & 15) << 8)) >= Q || ((b[i + 1] >> 4) | (b[i + 2] << 4)) >= Q) return false;
  }
  return true;
}

function offer(s, e, b) {
  if (!key(b.key) || b.series < 1 || b.series > 2 ** 31) return "act.body";
  const until = readInstant(b.until);
  return want(until > clamp(e.time) && until <= clamp(e.time) + 100 * DAY, "act.term");
}

// VOI-4
const answer = (s, e, b) => first(want(digits(b.secret, 1120), "act.body"), want(clamp(e.time) < s.until, "act.term"));

// VOI-16
function used(s, e, b) {
  const d = e.ctx.arrangement?.document;
  if (!d?.hotline) return "act.no-rules";
  if (!short(b.officer, 200) || !short(b.with, 200) || !short(b.note.text, 2000)) return "act.body";
  const id = e.ctx.arrangement.party(e.side).id, at = readInstant(b.at);
  const stands = (o) => d.hotline.rungs.some((r) => r.roles.some((x) => x.party === id && x.role === o.role));
  const again = s.used.some((x) => x.side === e.side && x.body.caller === b.caller && x.body.row === b.row);
  return first(
    want(["lower", "higher"].includes(b.caller) && ["real", "test"].includes(b.purpose) && ["proved", "failed"].includes(b.outcome), "act.reason"),
    want(!blank(b.officer) && !blank(b.with), "act.incomplete"), want(b.row >= 1 && b.row <= ROWS && !again, "act.item"),
    want(e.signers.some((o) => o.name === b.officer && stands(o)), "act.role"), want(at <= clamp(e.time) && at < s.until, "act.term"),
  );
}

// VOI-21
function disorder(s, e) {
  const cause = s.past.find((x) => x.side !== e.side && x.position === e.body.position);
  if (!cause?.code) return "act.thread";
  const refused = s.acts.some((x) => x.kind === "voice.disorder" && x.side === e.side && x.body.position === e.body.position);
  if (cause.code === "act.unreadable" || kinds.get(cause.kind)?.automatic || refused) return "act.automatic";
  return want(cause.code === e.body.rule, "act.reason");
}

// uses puts what both sides said of a row side by side. VOI-17, VOI-19
function uses(s, moment) {
  const rows = new Map();
  for (const e of s.used) {
    const { caller, row, officer, with: partner, at, purpose, outcome } = e.body, name = `${caller} ${row}`;
    if (!rows.has(name)) rows.set(name, { caller, row });
    rows.get(name)[e.side] = { ...where(e), officer, with: partner, at, purpose, outcome, said: moment(e) };
  }
  const order = (a, b) => (a.caller === b.caller ? a.row - b.row : a.caller === "lower" ? -1 : 1);
  return [...rows.values()].sort(order).map(({ caller, row, lower, higher }) => {
    const said = [lower, higher].filter((x) => x), agree = lower && higher && lower.purpose === higher.purpose && lower.outcome === higher.outcome;
    return {
      caller, row, match: said.length < 2 ? "one" : agree ? "agreed" : "differs", failed: said.some((x) => x.outcome === "failed"),
      test: said.every((x) => x.purpose === "test"), lower, higher,
    };
  });
}

// view is the bytes of VOI-20.
function view(lower, higher, at, cut, now) {
  const s = fold(lower, higher), { opening } = s;
  const moment = (e) => ({ signed: e.signers.length ? e.signers.map((x) => x.name) : undefined, claimed: text(clamp(e.time)), receipt: text(receipt(e, at)) });
  const series = {
    phase: s.phase(at), opening: opening && where(opening), owner: opening?.side,
    head: s.offer && {
      series: s.offer.body.series, until: s.offer.body.until, renew: writeInstant(Math.max(FIRST, s.until - 30 * DAY)), answered: s.answer && moment(s.answer),
    },
    uses: uses(s, moment), not_in_order: s.past.filter((e) => e.code).map((e) => ({ ...where(e), code: e.code })),
    acts: s.past.map((e) => ({ ...where(e), kind: e.kind, claimed: text(clamp(e.time)), receipt: text(receipt(e, at)), in_order: !e.code })),
    unreceipted: s.past.filter((e) => receipt(e, at) === undefined).length,
  };
  return serial({ view: "voice", cut, instant: writeInstant(at), arrangement: now.digest, rules: now.rules, series });
}

// check is for a file of vectors/voice that has acts. VOI-24
export const check = checking(view);
