// The rules that both parties signed, after spec/arrangement.md: the document, its checks, what a
// request lacks, what is frozen, and which version is in force.

import { createHash } from "node:crypto";
import { Fault, boolean, free, integer, list, object, optional, parse, string } from "./json.mjs";
import { Calendar, calendarShape, checkCalendar, instant, readInstant, union } from "./calendar.mjs";

export const STEPS = ["acknowledge", "decide", "report", "answer"];
const words = object({ en: string, zh: string });
const named = object({ code: string, names: words });
const codes = list(string);

const fieldShape = object({
  code: string, names: words, kind: string, need: string, help: optional(words),
  required_if: optional(object({ field: string, equals: string })), max: optional(integer()),
  choices: optional(list(named)), unit: optional(words),
});
const partyShape = object({
  id: string, code: string, names: words,
  units: list(object({ code: string, names: words, hours: optional(words) })), roles: list(named),
  calendar: calendarShape, severity: optional(list(object({ level: integer(), names: words }))),
  holding: optional(object({ days: integer(), extension_days: integer(), extensions: integer(), alarm_days: integer() })),
});
const typeShape = object({
  code: string, names: words, description: words, class: optional(string), fields: list(fieldShape), steps: codes,
  relation: optional(string), preserves: optional(boolean), answers: optional(list(named)), refusals: optional(codes),
});
const hotlineShape = object({
  purposes: list(object({ party: string, words })), threshold: string,
  rungs: list(object({
    code: string, names: words, roles: list(object({ party: string, role: string })),
    minutes: integer(), repeat: integer(), persons: integer(), accepts: optional(integer()),
    callers: optional(list(object({ party: string, role: string }))),
  })),
  tests: list(object({
    code: string, names: words, announced: boolean, every: optional(object({ amount: integer(), unit: string })),
    before: optional(instant), rung: string, minutes: integer(), window: optional(integer()),
  })),
  criteria: optional(list(named)), texts: optional(list(object({ party: string, lang: string, text: string }))),
});
const rule = optional(string);
export const shape = object({
  format: string, version: integer(), base: string, in_force: instant, rules: integer(),
  titles: list(object({ party: string, names: words })), parties: list(partyShape), tolerance_seconds: integer(),
  clock: object({ starts: string, pauses: list(object({ kind: string, steps: codes })), forward: optional(string) }),
  amendment: object({ fields: rule, urgencies: rule, reasons: rule, handling: rule, pauses: rule }),
  quotas: object({
    max_act_bytes: integer(), day_acts: integer(), day_bytes: integer(), max_attachment_bytes: integer(),
    longest_courier_hours: integer(), receipt_withheld_seconds: integer(), mail_after_minutes: optional(integer()), machine_minutes: optional(integer()),
  }),
  areas: list(object({
    code: string, names: words, no_content: optional(boolean),
    positions: list(object({ party: string, definition: words, reservation: optional(words) })),
  })),
  request_types: list(typeShape),
  urgencies: list(object({
    code: string, names: words, justification: boolean,
    steps: list(object({ step: string, amount: integer(), unit: string })), falls_to: optional(string),
  })),
  reasons: list(object({ code: string, names: words, applies: codes, words: optional(boolean), outright: optional(boolean) })),
  refusal_last: optional(boolean),
  handling: list(object({ code: string, names: words, most_restrictive: optional(boolean) })),
  conditions: optional(list(named)), actions: optional(list(named)),
  grades: optional(object({ sources: list(named), accuracies: list(named) })),
  severities: optional(list(object({
    code: string, names: words, levels: list(object({ party: string, from: integer(), to: integer() })), rung: optional(string),
  }))),
  hotline: optional(hotlineShape),
  glossary: optional(list(object({ code: string, names: words, meaning: words }))),
  suspension: optional(object({ persons: integer(), roles: optional(list(object({ party: string, role: string }))), notice_days: optional(integer()) })),
  survives: object({ areas: codes, types: codes, urgencies: codes }),
  text: optional(list(object({ heading: words, body: words }))),
});

export const digest = (octets) =>
  createHash("sha256").update("parley arrangement v1\n").update(octets).digest("hex");

// read takes a document's shape only; check says what is wrong with it. ARR-1, ARR-3
export function read(octets) {
  const loose = (() => {
    try {
      return JSON.parse(Buffer.from(octets).toString("utf8"));
    } catch {
      return null;
    }
  })();
  if (octets.length <= 1048576 && typeof loose?.format === "string" && loose.format !== "parley arrangement 1") {
    throw new Fault("arrangement.format", "/format");
  }
  return parse(octets, shape);
}

// What Unicode calls White_Space.
export const blank = (s) => /^[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*$/.test(s);
const count = (s) => [...s].length;
const of = (items, code) => items?.find((x) => x.code === code);

class Check {
  constructor() {
    this.problems = [];
  }
  say(code, path, bad = true) {
    if (bad) this.problems.push({ code, path });
    return bad;
  }
  text(t, path, max = 200) {
    for (const language of ["en", "zh"]) this.say("arrangement.text", `${path}/${language}`, blank(t[language]) || count(t[language]) > max);
  }
  range(n, low, high, path) {
    this.say("arrangement.range", path, n < low || n > high);
  }
  count(items, low, high, path) {
    this.say("arrangement.count", path, items.length < low || items.length > high);
  }
  value(v, values, path) {
    return !this.say("arrangement.value", path, !values.includes(v));
  }
  doubled(keys, path) {
    keys.forEach((k, i) => this.say("arrangement.doubled", `${path}/${i}`, keys.indexOf(k) < i));
  }
  // a list of things that have a code and names. ARR-6
  named(items, path, { low = 0, high = 200, names = true } = {}) {
    this.count(items, low, high, path);
    items.forEach((x, i) => {
      this.say("arrangement.code", `${path}/${i}/code`, !/^[0-9A-Za-z][0-9A-Za-z-]{0,39}$/.test(x.code));
      if (names) this.text(x.names, `${path}/${i}/names`);
    });
    this.doubled(items.map((x) => x.code.toLowerCase()), path);
  }
  reference(items, code, path) {
    this.say("arrangement.reference", path, !of(items, code));
  }
}

// check lists every breach of the page, each with its path. ARR-7
export function check(d) {
  const c = new Check();
  if (c.say("arrangement.format", "/format", d.format !== "parley arrangement 1")) return c.problems;
  c.range(d.version, 1, 1000000, "/version");
  c.say("arrangement.base", "/base", !(d.version === 1 ? d.base === "" : /^[0-9a-f]{64}$/.test(d.base)));
  c.range(d.rules, 1, 1000000, "/rules");
  c.range(d.tolerance_seconds, 0, 2592000, "/tolerance_seconds");
  checkParties(c, d);
  const both = (items, path) => {
    c.count(items, 2, 2, path);
    items.forEach((x, i) => c.say("arrangement.reference", `${path}/${i}/party`, !d.parties.some((p) => p.id === x.party)));
    c.doubled(items.map((x) => x.party), path);
  };
  both(d.titles, "/titles");
  d.titles.forEach((t, i) => c.text(t.names, `/titles/${i}/names`));
  c.value(d.clock.starts, ["stored", "attachments"], "/clock/starts");
  c.value(d.clock.forward ?? "", ["", "keep", "restart"], "/clock/forward");
  c.doubled(d.clock.pauses.map((p) => p.kind), "/clock/pauses");
  d.clock.pauses.forEach((p, i) => {
    c.value(p.kind, ["question", "await", "postpone", "condition"], `/clock/pauses/${i}/kind`);
    checkSteps(c, p.steps, `/clock/pauses/${i}/steps`);
  });
  for (const [key, v] of Object.entries(d.amendment)) c.value(v, ["", "keep", "follow"], `/amendment/${key}`);
  const q = d.quotas;
  c.range(q.max_act_bytes, 4096, 1048576, "/quotas/max_act_bytes");
  c.range(q.day_acts, 1, 1e9, "/quotas/day_acts");
  c.range(q.day_bytes, q.max_act_bytes, 2 ** 50, "/quotas/day_bytes");
  c.range(q.max_attachment_bytes, 0, 2 ** 40, "/quotas/max_attachment_bytes");
  c.range(q.longest_courier_hours, 1, 8784, "/quotas/longest_courier_hours");
  c.range(q.receipt_withheld_seconds, 1, 2592000, "/quotas/receipt_withheld_seconds");
  c.range(q.mail_after_minutes, 0, 10080, "/quotas/mail_after_minutes");
  c.range(q.machine_minutes, 0, 10080, "/quotas/machine_minutes");
  c.named(d.areas, "/areas", { low: 1 });
  d.areas.forEach((a, i) => {
    both(a.positions, `/areas/${i}/positions`);
    a.positions.forEach((p, j) => {
      c.text(p.definition, `/areas/${i}/positions/${j}/definition`, 20000);
      if (p.reservation) c.text(p.reservation, `/areas/${i}/positions/${j}/reservation`, 20000);
    });
  });
  checkTypes(c, d);
  checkUrgencies(c, d);
  checkLists(c, d);
  checkSeverities(c, d, both);
  return c.problems;
}

function checkParties(c, d) {
  c.count(d.parties, 2, 2, "/parties");
  d.parties.forEach((p, i) => {
    const at = `/parties/${i}`;
    c.say("arrangement.party", `${at}/id`, !/^[0-9a-f]{64}$/.test(p.id));
    c.named(p.units, `${at}/units`, { low: 1 });
    p.units.forEach((u, j) => u.hours && c.text(u.hours, `${at}/units/${j}/hours`));
    c.named(p.roles, `${at}/roles`, { low: 1 });
    for (const problem of checkCalendar(p.calendar)) c.say(problem.code, `${at}/calendar${problem.path}`);
    (p.severity ?? []).forEach((s, j) => {
      c.range(s.level, j ? p.severity[j - 1].level + 1 : 0, 200, `${at}/severity/${j}/level`);
      c.text(s.names, `${at}/severity/${j}/names`);
    });
    const h = p.holding;
    if (!h) return;
    c.range(h.days, 1, 3660, `${at}/holding/days`);
    c.range(h.extension_days, 0, 3660, `${at}/holding/extension_days`);
    c.range(h.extensions, 0, 100, `${at}/holding/extensions`);
    c.say("arrangement.range", `${at}/holding/extensions`, (h.extension_days === 0) !== (h.extensions === 0));
    c.range(h.alarm_days, 0, h.days - 1, `${at}/holding/alarm_days`);
  });
  c.named(d.parties, "/parties", { low: 2, high: 2 });
  c.doubled(d.parties.map((p) => p.id), "/parties");
}

function checkSteps(c, steps, path) {
  c.count(steps, 1, 4, path);
  steps.forEach((s, i) => c.value(s, STEPS, `${path}/${i}`));
  c.doubled(steps, path);
}

const RELATIONS = ["draft", "extends", "follows", "replaces", "related", "enquires", "same-case"];
const MAXIMA = { text: 2000, longtext: 200000, identifiers: 10000, number: Number.MAX_SAFE_INTEGER, attachments: 1000 };

function checkTypes(c, d) {
  c.named(d.request_types, "/request_types", { low: 1 });
  d.request_types.forEach((t, i) => {
    const at = `/request_types/${i}`;
    c.text(t.description, `${at}/description`, 20000);
    checkFields(c, t.fields, `${at}/fields`);
    checkSteps(c, t.steps, `${at}/steps`);
    c.value(t.class ?? "", ["", "request", "inquiry", "notification", "enquiry"], `${at}/class`);
    c.value(t.relation ?? "", ["", ...RELATIONS], `${at}/relation`);
    if (t.class === "notification") {
      c.say("arrangement.not-for-kind", `${at}/steps`, t.steps.length !== 1 || t.steps[0] !== "acknowledge");
      c.say("arrangement.not-for-kind", `${at}/answers`, (t.answers ?? []).length > 0);
    }
    if (t.preserves) {
      c.say("arrangement.not-for-kind", `${at}/preserves`, !["", "request"].includes(t.class ?? ""));
      c.say("arrangement.unfinished", `${at}/preserves`, d.parties.some((p) => !p.holding));
    }
    c.named(t.answers ?? [], `${at}/answers`);
    c.doubled(t.refusals ?? [], `${at}/refusals`);
    (t.refusals ?? []).forEach((r, j) =>
      c.say("arrangement.reference", `${at}/refusals/${j}`, !of(d.reasons, r)?.applies.includes("decline")));
    for (const u of d.urgencies) c.say("arrangement.unfinished", `${at}/steps`, !u.steps.some((s) => t.steps.includes(s.step)));
  });
}

function checkFields(c, fields, path) {
  c.named(fields, path, { low: 1 });
  fields.forEach((f, i) => {
    const at = `${path}/${i}`;
    const kinds = ["text", "longtext", "choice", "instant", "window", "identifiers", "contact", "yes_no", "number", "attachments"];
    c.value(f.kind, kinds, `${at}/kind`);
    c.value(f.need, ["required", "optional", "conditional"], `${at}/need`);
    if (f.help) c.text(f.help, `${at}/help`, 20000);
    c.say("arrangement.not-for-kind", `${at}/required_if`, (f.need === "conditional") !== (f.required_if !== undefined));
    if (f.required_if) {
      const named = fields.slice(0, i).find((x) => x.code === f.required_if.field);
      const values = { choice: (named?.choices ?? []).map((x) => x.code), yes_no: ["yes", "no"] }[named?.kind];
      c.say("arrangement.reference", `${at}/required_if`, !values?.includes(f.required_if.equals));
    }
    c.range(f.max ?? 0, 0, MAXIMA[f.kind] ?? 0, `${at}/max`);
    const chooses = ["choice", "identifiers"].includes(f.kind);
    c.say("arrangement.not-for-kind", `${at}/choices`, chooses !== (f.choices ?? []).length > 0);
    c.named(f.choices ?? [], `${at}/choices`);
    c.say("arrangement.not-for-kind", `${at}/unit`, (f.kind === "number") !== (f.unit !== undefined));
    if (f.unit) c.text(f.unit, `${at}/unit`);
  });
  c.say("arrangement.doubled", path, fields.filter((f) => f.kind === "attachments").length > 1);
}

function checkUrgencies(c, d) {
  c.named(d.urgencies, "/urgencies", { low: 1 });
  d.urgencies.forEach((u, i) => {
    const at = `/urgencies/${i}`;
    c.count(u.steps, 1, 4, `${at}/steps`);
    c.doubled(u.steps.map((s) => s.step), `${at}/steps`);
    u.steps.forEach((s, j) => {
      c.value(s.step, STEPS, `${at}/steps/${j}/step`);
      const good = s.amount >= 1 && s.amount <= 10000 && ["hours", "days", "working-hours", "working-days"].includes(s.unit);
      c.say("calendar.amount", `${at}/steps/${j}`, !good);
    });
    if (!u.falls_to) return;
    c.reference(d.urgencies, u.falls_to, `${at}/falls_to`);
    c.say("arrangement.value", `${at}/falls_to`, falls(d, u.code).includes(u.code));
  });
}

// The urgencies to which one may fall, directly or in steps. ARR-47
export function falls(d, code) {
  const out = [];
  for (let at = of(d.urgencies, code)?.falls_to; at && !out.includes(at); at = of(d.urgencies, at)?.falls_to) out.push(at);
  return out;
}

function checkLists(c, d) {
  c.named(d.reasons, "/reasons", { low: 1 });
  const uses = ["decline", "postpone", "return", "partial", "conditional", "extend", "withdraw", "suspend", "await"];
  d.reasons.forEach((r, i) => {
    c.count(r.applies, 1, uses.length, `/reasons/${i}/applies`);
    c.doubled(r.applies, `/reasons/${i}/applies`);
    r.applies.forEach((a, j) => c.value(a, uses, `/reasons/${i}/applies/${j}`));
    c.say("arrangement.not-for-kind", `/reasons/${i}/outright`, r.outright === true && !r.applies.includes("decline"));
  });
  c.named(d.handling, "/handling", { low: 1 });
  c.say("arrangement.count", "/handling", d.handling.filter((h) => h.most_restrictive).length !== 1);
  c.named(d.conditions ?? [], "/conditions");
  c.named(d.actions ?? [], "/actions");
  c.named(d.glossary ?? [], "/glossary");
  (d.glossary ?? []).forEach((t, i) => c.text(t.meaning, `/glossary/${i}/meaning`, 20000));
  if (d.grades) {
    c.named(d.grades.sources, "/grades/sources", { low: 1 });
    c.named(d.grades.accuracies, "/grades/accuracies", { low: 1 });
  }
  for (const [key, items] of [["areas", d.areas], ["types", d.request_types], ["urgencies", d.urgencies]]) {
    c.count(d.survives[key], 0, 200, `/survives/${key}`);
    c.doubled(d.survives[key], `/survives/${key}`);
    d.survives[key].forEach((code, i) => c.reference(items, code, `/survives/${key}/${i}`));
  }
  c.count(d.text ?? [], 0, 200, "/text");
  (d.text ?? []).forEach((t, i) => {
    c.text(t.heading, `/text/${i}/heading`);
    c.text(t.body, `/text/${i}/body`, 20000);
  });
}

// Roles of both parties, each at least once. ARR-53, ARR-61
function checkRoles(c, d, roles, at) {
  c.count(roles, 2, 200, at);
  c.doubled(roles.map((x) => `${x.party} ${x.role}`), at);
  roles.forEach((x, j) => c.reference(d.parties.find((p) => p.id === x.party)?.roles, x.role, `${at}/${j}`));
  c.say("arrangement.count", at, d.parties.some((p) => !roles.some((x) => x.party === p.id)));
}

// ARR-61
function checkSuspension(c, d) {
  const s = d.suspension;
  if (!s) return;
  c.range(s.persons, 1, 2, "/suspension/persons");
  if (s.roles?.length) checkRoles(c, d, s.roles, "/suspension/roles");
  c.range(s.notice_days ?? 0, 0, 3660, "/suspension/notice_days");
}

function checkSeverities(c, d, both) {
  const items = d.severities ?? [], hotline = d.hotline;
  c.named(items, "/severities");
  items.forEach((s, i) => {
    both(s.levels, `/severities/${i}/levels`);
    s.levels.forEach((l, j) => {
      const own = d.parties.find((p) => p.id === l.party)?.severity ?? [];
      const before = items[i - 1]?.levels.find((x) => x.party === l.party);
      const bad = l.to < l.from || l.from <= (before?.to ?? -1);
      c.say("arrangement.range", `/severities/${i}/levels/${j}`, bad);
      for (const level of [l.from, l.to]) c.say("arrangement.reference", `/severities/${i}/levels/${j}`, !own.some((x) => x.level === level));
    });
    if (s.rung) c.reference(hotline?.rungs, s.rung, `/severities/${i}/rung`);
  });
  if (!hotline) return;
  both(hotline.purposes, "/hotline/purposes");
  hotline.purposes.forEach((p, i) => c.text(p.words, `/hotline/purposes/${i}/words`, 20000));
  c.reference(items, hotline.threshold, "/hotline/threshold");
  c.named(hotline.rungs, "/hotline/rungs", { low: 1, high: 20 });
  hotline.rungs.forEach((r, i) => {
    const at = `/hotline/rungs/${i}`;
    checkRoles(c, d, r.roles, `${at}/roles`);
    if (r.callers?.length) checkRoles(c, d, r.callers, `${at}/callers`);
    c.range(r.minutes, 1, 10080, `${at}/minutes`);
    c.range(r.repeat, 1, r.minutes, `${at}/repeat`);
    c.range(r.persons, 1, 2, `${at}/persons`);
    c.range(r.accepts ?? 0, 0, 2, `${at}/accepts`);
  });
  c.named(hotline.criteria ?? [], "/hotline/criteria");
  c.named(hotline.tests, "/hotline/tests");
  hotline.tests.forEach((t, i) => {
    const at = `/hotline/tests/${i}`;
    c.reference(hotline.rungs, t.rung, `${at}/rung`);
    c.range(t.minutes, 1, 10080, `${at}/minutes`);
    if (t.every) {
      c.range(t.every.amount, 1, 8784, `${at}/every/amount`);
      c.value(t.every.unit, ["hours", "days"], `${at}/every/unit`);
    }
    c.range(t.window ?? 0, 0, 8784, `${at}/window`);
    c.say("arrangement.value", at, !t.every && !t.before);
  });
  const texts = hotline.texts ?? [];
  if (!texts.length) return;
  c.count(texts, 2, 200, "/hotline/texts");
  texts.forEach((x, i) => {
    c.reference(d.parties.map((p) => ({ code: p.id })), x.party, `/hotline/texts/${i}/party`);
    c.say("arrangement.code", `/hotline/texts/${i}/lang`, !/^[0-9A-Za-z][0-9A-Za-z-]{0,39}$/.test(x.lang));
    c.say("arrangement.text", `/hotline/texts/${i}/text`, blank(x.text) || count(x.text) > 200);
  });
  c.say("arrangement.reference", "/hotline/texts", d.parties.some((p) => !texts.some((x) => x.party === p.id)));
}

// What the fields of a request lack. ARR-25 to ARR-28
export function missing(d, typeCode, fields, attachments) {
  const type = of(d.request_types, typeCode);
  if (!type) return [{ field: "", rule: "missing.type" }];
  const items = [];
  const say = (field, rule, item) => items.push({ field, rule, item });
  for (const f of type.fields) {
    if (f.kind === "attachments") {
      if (fields[f.code] !== undefined) say(f.code, "missing.shape");
      else if ((required(type, f, fields) && attachments === 0) || attachments > (f.max || 20)) say(f.code, "missing.attachment");
    } else if (fields[f.code] === undefined) {
      if (required(type, f, fields)) say(f.code, "missing.field");
    } else value(f, fields[f.code], say);
  }
  const extra = Object.keys(fields).filter((k) => !of(type.fields, k));
  extra.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  for (const k of extra) say(clip(k), "missing.unknown-field");
  if (attachments > 0 && !type.fields.some((f) => f.kind === "attachments")) say("", "missing.attachment");
  return items;
}

// the characters that the first 80 bytes hold whole. ARR-57
function clip(s) {
  let n = 0;
  return [...s].filter((c) => (n += Buffer.byteLength(c)) <= 80).join("");
}

function required(type, f, fields) {
  if (f.need !== "conditional") return f.need === "required";
  const named = of(type.fields, f.required_if.field), v = fields[f.required_if.field];
  if (named?.kind === "yes_no") return v === (f.required_if.equals === "yes");
  return v === f.required_if.equals;
}

const isObject = (v) => typeof v === "object" && v !== null && !Array.isArray(v);
const line = (s) => !/[\n\t]/.test(s);

function windowRule(w) {
  if (!isObject(w) || Object.keys(w).sort().join() !== "from,to") return "missing.shape";
  try {
    return readInstant(w.to) < readInstant(w.from) ? "missing.window" : "";
  } catch {
    return "missing.shape";
  }
}

function value(f, v, say) {
  const limit = f.max || { text: 200, longtext: 20000, identifiers: 1000, number: Number.MAX_SAFE_INTEGER }[f.kind];
  if (typeof v === "string" && blank(v)) return say(f.code, "missing.field");
  const rule = {
    text: () => (typeof v !== "string" ? "missing.shape" : count(v) > limit ? "missing.too-long" : line(v) ? "" : "missing.shape"),
    longtext: () => (typeof v !== "string" ? "missing.shape" : count(v) > limit ? "missing.too-long" : ""),
    choice: () => (typeof v !== "string" ? "missing.shape" : of(f.choices, v) ? "" : "missing.choice"),
    instant: () => {
      try {
        readInstant(v);
        return "";
      } catch {
        return "missing.shape";
      }
    },
    window: () => windowRule(v),
    contact: () => (contact(v) ? "" : "missing.shape"),
    yes_no: () => (typeof v === "boolean" ? "" : "missing.shape"),
    number: () => (!Number.isInteger(v) || v < 0 ? "missing.shape" : v > limit ? "missing.too-long" : ""),
    identifiers: () => {
      if (!Array.isArray(v) || !v.every(identifierShape)) return "missing.shape";
      if (!v.length) return "missing.field";
      if (v.length > limit) return "missing.too-long";
      v.forEach((x, i) => {
        const bad = identifier(f, x);
        if (bad) say(f.code, bad, i);
      });
      return "";
    },
  }[f.kind]();
  if (rule) say(f.code, rule);
}

const identifierShape = (x) => isObject(x) && typeof x.kind === "string" && typeof x.value === "string" &&
  Object.keys(x).every((k) => ["kind", "value", "window"].includes(k)) &&
  (x.window === undefined || windowRule(x.window) !== "missing.shape");

function identifier(f, x) {
  if (!of(f.choices, x.kind)) return "missing.choice";
  if (blank(x.value)) return "missing.field";
  if (count(x.value) > 2000) return "missing.too-long";
  if (!line(x.value)) return "missing.shape";
  return x.window === undefined ? "" : windowRule(x.window);
}

function contact(v) {
  if (!isObject(v)) return false;
  const { name, languages = [], ...rest } = v;
  if (typeof name !== "string" || blank(name) || !Array.isArray(languages)) return false;
  if (Object.keys(rest).some((k) => !["organisation", "email", "phone", "hours"].includes(k))) return false;
  const texts = [name, ...Object.values(rest), ...languages];
  if (!texts.every((s) => typeof s === "string" && line(s) && count(s) <= 2000)) return false;
  return !blank(rest.email ?? "") || !blank(rest.phone ?? "");
}

// What the head of a request lacks. ARR-29
export function missingHead(d, open, attachments) {
  const items = [];
  const urgency = of(d.urgencies, open.urgency), area = of(d.areas, open.area);
  if (!urgency) items.push({ field: "urgency", rule: "missing.code" });
  if (!area) items.push({ field: "area", rule: "missing.code" });
  if (open.handling && !of(d.handling, open.handling)) items.push({ field: "handling", rule: "missing.code" });
  if (urgency?.justification && blank(open.why.text)) items.push({ field: "justification", rule: "missing.justification" });
  if (area?.no_content && attachments > 0) items.push({ field: "area", rule: "missing.attachment" });
  return items;
}

// The suspensions in a record: {party, id, everything, types, areas, from, to?}; a narrowing is the
// end of one scope and the beginning of the next. ARR-30 to ARR-36
export const covers = (s, type, area) => s.everything || s.types.includes(type) || s.areas.includes(area);
export const survives = (d, type, area, urgency) =>
  d.survives.types.includes(type) || d.survives.areas.includes(area) || d.survives.urgencies.includes(urgency);
export const frozenSpans = (d, suspensions, type, area, urgency) =>
  survives(d, type, area, urgency) ? [] : union(suspensions.filter((s) => covers(s, type, area)));

export class Arrangement {
  constructor(octets) {
    this.digest = digest(octets);
    this.document = read(octets);
    this.calendars = new Map();
  }
  party(side) {
    const ids = this.document.parties.map((p) => p.id).sort();
    return this.document.parties.find((p) => p.id === ids[side === "lower" ? 0 : 1]);
  }
  calendar(side) {
    if (!this.calendars.has(side)) this.calendars.set(side, new Calendar(this.party(side).calendar));
    return this.calendars.get(side);
  }
  find(list, code) {
    return of(this.document[list], code);
  }
}

const missingCases = object({
  complete: free,
  cases: list(object({
    name: string, type: optional(string), attachments: optional(integer()), remove: optional(codes), set: optional(free), items: codes,
  })),
});

// checkFile reads a document or the cases of missing.json, whose type is `incident` of small.json.
export function checkFile(name, file, sibling) {
  if (name !== "missing.json") {
    const d = read(file);
    const differences = check(d).map((p) => `${p.code} ${p.path}`);
    const base = digest(sibling("small.json"));
    if (d.base && d.base !== base) differences.push(`base is not small.json, ${base}`);
    return differences;
  }
  const d = read(sibling("small.json"));
  const { complete, cases } = parse(file, missingCases, 1 << 26);
  return cases.flatMap((c) => {
    const fields = Object.assign(Object.create(null), complete, c.set);
    for (const k of c.remove ?? []) delete fields[k];
    const got = missing(d, c.type ?? "incident", fields, c.attachments ?? 0).map((i) => `${i.field}${i.item === undefined ? "" : `[${i.item}]`} ${i.rule}`);
    return String(got) === String(c.items) ? [] : [`${c.name}: ${got}`];
  });
}
