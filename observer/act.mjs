// What is said, after spec/act.md: the kinds of rules version 1 and their bodies.

import { Fault, any, boolean, free, integer, list, object, optional, parse, string, write } from "./json.mjs";
import { instant } from "./calendar.mjs";
import { expecting } from "./vector.mjs";

const text = object({ lang: string, text: string });
const words = object({ en: string, zh: string });
const use = object({
  action: optional(string), case: optional(string), origin: optional(object({ from: text, consent: boolean })),
});
const grade = object({ source: string, accuracy: string });
export const link = object({ relation: string, higher: boolean, position: integer(0) });
const position = integer(0);
const positions = list(position);

export const forms = {
  OpenBody: object({
    handling: string, type: string, urgency: string, why: text, area: string, from_unit: string, to_unit: string,
    reference: string, title: text, use: optional(use), grade: optional(grade), links: optional(list(link)), fields: free,
  }),
  OpenedBody: object({ officer: string, role: string }),
  AcceptBody: object({ officer: string, role: string, unit: optional(string), note: text }),
  DeclineBody: object({ reason: string, note: text }),
  SayBody: object({ handling: string, said: text }),
  NoteBody: object({ note: text }),
  GiveBody: object({
    handling: string, form: optional(string), withheld: optional(string), use: optional(use), grade: optional(grade),
    under: optional(positions), said: text,
  }),
  ForwardBody: object({ unit: string, note: text }),
  RedirectBody: object({ to: text, note: text }),
  DisputeBody: object({ urgency: string, note: text }),
  InterimBody: object({ form: optional(string), by: instant, said: text }),
  AwaitBody: object({ reason: string, until: instant, note: text }),
  ExtendBody: object({ step: string, until: instant, reason: string, note: text }),
  GrantBody: object({ step: string, until: instant, note: text }),
  ConditionBody: object({ condition: string, terms: text }),
  HoldBody: object({ until: instant, said: text }),
  FollowBody: object({ request: optional(link), reference: string }),
  ItemBody: object({ position, said: text }),
  ReuseBody: object({ position, case: string, recipient: string, purpose: text }),
  CorrectBody: object({ position, how: string, said: text }),
  MarkBody: object({ higher: boolean, position, path: string, lift: boolean, note: text }),
  TranslateBody: object({
    higher: boolean, position, lang: string, translator: string, reviewer: string, texts: list(object({ path: string, text: string })),
  }),
  PriorityBody: object({ on: boolean, note: text }),
  ContestBody: object({ position, note: text }),
  RateBody: object({ score: integer(), note: text }),
  ReturnBody: object({ items: list(object({ field: string, rule: string })) }),
  DisorderBody: object({ position, rule: string }),
  CeremonyBody: object({ party: string, card: string, path: string, officer: string, with: string }),
  DigestBody: object({ digest: string }),
  SuspendBody: object({ types: list(string), areas: list(string), reason: string, note: text }),
  ResumeBody: object({ note: text }),
  TerminateBody: object({ on: instant, reason: string, note: text }),
  QuotaBody: object({ channel: integer(0, 255), size: integer(0), quota: string }),
  TombstoneBody: object({
    channel: integer(0, 255), higher: boolean, thread: position, positions: list(positions, 2), residue: any,
  }),
  AgreeBody: object({ position }),
  Link: link,
  CallBody: object({
    handling: string, purpose: string, test: optional(string), severity: string, criterion: optional(string), rung: string,
    subject: text, reason: text, request: optional(object({ higher: boolean, position })),
  }),
  RingBody: object({ rung: string, since: instant }),
  TakeBody: object({ officer: string, role: string, rung: string, note: text }),
  RaiseBody: object({ rung: string, note: text }),
  ReadUpToBody: object({ position, officer: string, role: string }),
  JoinBody: object({ name: string, role: string, for: optional(string), mandate: text }),
  WordBody: object({ higher: boolean, position, path: string, word: string, lift: boolean, reading: text }),
  MinuteBody: object({ handling: string, minute: text }),
  ContactBody: object({
    role: string, unit: string, names: words, ways: list(object({ kind: string, value: string, key: optional(string), note: text })),
    hours: words, zone: string, languages: list(string), deputies: list(string),
    confirmers: list(object({ role: string, kind: string, value: string })),
    mandate: optional(object({ what: text, from: instant, until: instant })), until: instant, temporary: boolean,
  }),
  ContactConfirmBody: object({ position, until: instant }),
  CallLinkBody: object({ relation: string, higher: boolean, position }),
  TestPlanBody: object({
    test: string, period: integer(), opens: instant, closes: instant, instant: optional(instant), commitment: optional(string),
  }),
  TestOutcomeBody: object({
    result: string, by: optional(string), took_ms: integer(), silence: optional(string),
    call: optional(object({ higher: boolean, position })), secret: optional(string),
  }),
  VoiceOfferBody: object({ series: integer(), key: string, until: instant }),
  VoiceAnswerBody: object({ secret: string }),
  VoiceUsedBody: object({
    caller: string, row: integer(), officer: string, with: string, at: instant, purpose: string, outcome: string, note: text,
  }),
  TestDayBody: object({
    day: instant,
    carriers: list(object({ carrier: string, tried: integer(), answered: integer(), median_ms: integer(), worst_ms: integer() })),
    digest: string,
  }),
};

// kind: [channel, person, opens, goes anyway, automatic, body]. A body of null is raw.
const table = `
card control no yes no no raw
ceremony control yes yes no no CeremonyBody
arrangement.propose control yes yes no no raw
arrangement.sign control yes no no no DigestBody
arrangement.withdraw control yes no no no DigestBody
suspend control yes yes no no SuspendBody
suspend.narrow control yes no no no SuspendBody
resume control yes no no no ResumeBody
terminate control yes yes no no TerminateBody
compromise control no yes no no raw
officer.replace control yes yes no no raw
quota.notice control no yes no yes QuotaBody
tombstone control yes yes no no TombstoneBody
tombstone.agree control yes no no no AgreeBody
request.open routine yes yes no no OpenBody
request.draft routine yes yes no no OpenBody
request.amend routine yes no no no OpenBody
request.reply routine yes no no no SayBody
request.remind routine yes no no no SayBody
request.grant routine yes no no no GrantBody
request.renew routine yes no no no HoldBody
request.follow routine yes no no no FollowBody
request.release routine yes no no no NoteBody
request.reuse routine yes no no no ReuseBody
request.usage routine yes no no no ItemBody
request.close routine yes no no no SayBody
request.rate routine yes no no no RateBody
request.withdraw routine yes no yes no SayBody
request.opened routine no no no no OpenedBody
request.accept routine yes no no no AcceptBody
request.return routine no no no yes ReturnBody
request.ask routine yes no no no SayBody
request.forward routine yes no no no ForwardBody
request.dispute routine yes no no no DisputeBody
request.interim routine yes no no no InterimBody
request.await routine yes no no no AwaitBody
request.awaited routine yes no no no NoteBody
request.extend routine yes no no no ExtendBody
request.condition routine yes no no no ConditionBody
request.postpone routine yes no no no AwaitBody
request.partial routine yes no no no GiveBody
request.answer routine yes no no no GiveBody
request.hold routine yes no no no HoldBody
request.redirect routine yes no no no RedirectBody
request.decline routine yes no no no DeclineBody
request.explain routine yes no no no ItemBody
request.agree routine yes no no no NoteBody
request.refuse routine yes no no no NoteBody
request.comment routine yes no no no SayBody
request.correct routine yes no no no CorrectBody
request.mark routine yes no no no MarkBody
request.translate routine yes no no no TranslateBody
request.link routine yes no no no Link
request.priority routine yes no no no PriorityBody
request.contest routine yes no no no ContestBody
disorder routine no no yes yes DisorderBody
call.open hotline yes yes yes no CallBody
call.raise hotline yes no yes no RaiseBody
call.withdraw hotline yes no yes no NoteBody
call.shown hotline no no yes no OpenedBody
call.accept hotline yes no yes no TakeBody
call.decline hotline yes no yes no DeclineBody
call.defer hotline yes no yes no AwaitBody
call.ring hotline no no yes yes RingBody
call.say hotline yes no yes no SayBody
call.read hotline no no yes no ReadUpToBody
call.join hotline yes no yes no JoinBody
call.translate hotline yes no yes no TranslateBody
call.word hotline yes no yes no WordBody
call.link hotline yes no yes no CallLinkBody
call.close hotline yes no yes no MinuteBody
call.agree hotline yes no yes no AgreeBody
call.disorder hotline no no yes yes DisorderBody
test.plan hotline no yes yes yes TestPlanBody
test.call hotline no no yes yes CallBody
test.outcome hotline no no yes yes TestOutcomeBody
test.day hotline no yes yes yes TestDayBody
voice.offer hotline no yes yes no VoiceOfferBody
voice.answer hotline no no yes yes VoiceAnswerBody
voice.used hotline yes no yes no VoiceUsedBody
voice.disorder hotline no no yes yes DisorderBody
contact.publish routine yes yes no no ContactBody
contact.change routine yes no no no ContactBody
contact.confirm routine yes no no no ContactConfirmBody
contact.end routine yes no no no NoteBody`;

export const kinds = new Map(table.trim().split("\n").map((line) => {
  const [name, channel, person, opens, anyway, automatic, body] = line.split(" ");
  return [name, {
    name, channel, person: person === "yes", opens: opens === "yes", anyway: anyway === "yes",
    automatic: automatic === "yes", body: body === "raw" ? null : body,
  }];
}));

const barred = ["arrangement.propose", "arrangement.sign", "suspend", "suspend.narrow", "terminate", "call.open", "test.plan"];
const routine = ["opened", "return", "withdraw", "close", "release", "explain", "usage", "correct", "mark", "translate", "contest"].map((k) => "request." + k);

// remains tells whether a kind may be said when the arrangement has ended. ACT-15
export const remains = (kind) =>
  kinds.get(kind).channel === "routine" ? [...routine, "disorder", "contact.end"].includes(kind) : !barred.includes(kind);

const LIMIT = 524288;

// Nothing that is left out when it is empty stands there empty.
function canonical(value, shape) {
  if (shape.is !== "object") return;
  for (const [key, of] of Object.entries(shape.members)) {
    const v = value[key];
    if (v === undefined) continue;
    if (of.optional && (v === "" || (Array.isArray(v) && !v.length))) throw new Fault("act.body", "/" + key);
    canonical(v, of);
  }
}

// readBody reads the body of a kind; a raw one comes back as its bytes. ACT-8 to ACT-10
export function readBody(kind, octets) {
  const k = kinds.get(kind);
  if (!k) throw new Fault("act.kind");
  if (!k.body) return Buffer.from(octets);
  const shape = forms[k.body];
  const value = parse(octets, shape, LIMIT);
  canonical(value, shape);
  if (!Buffer.from(write(value, shape)).equals(Buffer.from(octets))) throw new Fault("act.body");
  return value;
}

// check reads a file of vectors/body.
export function check(file) {
  return expecting(file.header.expect, () => readBody(file.header.act, file.body.subarray(0, file.body.length - 1)));
}
