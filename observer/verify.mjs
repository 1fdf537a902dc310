#!/usr/bin/env node
// Verifies a disclosure, a proof (spec/disclosure.md), a withheld bundle
// (spec/withheld.md), or results of machine tests beside a disclosure
// (spec/probes.md) from the file and nothing else, as parley-verify does,
// sharing no code with it.
//
//   node observer/verify.mjs [--party FINGERPRINT]... [--disclosure FILE] FILE
//
// It ends with 0 when verified, 1 when not, 2 when it was not understood. With
// --json it says for programs what it found. Where Node.js has no ML-DSA-44 the
// Ed25519 signatures decide, and every answer says so.
import { readFileSync } from 'node:fs';
import { Fault, codeOf, refuse } from './faults.mjs';
import { verifyDisclosure, verifyProof } from './disclosure.mjs';
import { channels } from './ledger.mjs';
import { identifier, officerKeyId } from './party.mjs';
import { stated } from './postquantum.mjs';
import * as probes from './probes.mjs';
import { tag as withheldTag, verifyWithheld } from './withheld.mjs';
import { instant, languageOf, languages, printable, spoken, teller, unchecked } from './words.mjs';

class Usage extends Error {}

function parseArguments(args) {
  const options = { file: null, disclosure: null, given: [], lang: languageOf(process.env), json: false };
  for (let i = 0; i < args.length; i++) {
    const value = () => {
      if (args[i + 1] === undefined) throw new Usage();
      return args[++i];
    };
    if (args[i] === '--party') options.given.push(identifier(value().replace(/ /g, '')));
    else if (args[i] === '--disclosure') options.disclosure = value();
    else if (args[i] === '--lang') options.lang = value();
    else if (args[i] === '--json') options.json = true;
    else if (args[i].startsWith('-') || options.file) throw new Usage();
    else options.file = args[i];
  }
  if (!options.file || !languages.includes(options.lang)) throw new Usage();
  return options;
}

// shortDigest is how people compare a statement (STA-11).
const shortDigest = (digest) => digest.subarray(0, 10).toString('hex').match(/.{4}/g).join(' ');

// said gives a body as what it is: JSON, or base64.
function said(body) {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return body.toString('base64');
  }
}

const partiesOf = (cards, given) => cards.map((c) => ({
  party: c.party.toString('hex'), code: c.code, name_en: c.nameEn, name_zh: c.nameZh, card: c.serial, compared: given.some((id) => id.equals(c.party)),
}));

// finding is what a verified disclosure says, for programs.
function finding(v, given) {
  const cards = v.chains.map((list) => list.at(-1));
  return {
    realm: v.disclosure.parties.realm,
    parties: partiesOf(cards, given),
    heads: v.logs.map((l) => ({ channel: l.channel, party: cards[l.side - 1].code, generation: l.generation, size: Number(l.head.size), card: l.head.card.serial })),
    acts: v.acts.map((a) => ({
      party: cards[a.log.side - 1].code, channel: a.log.channel, generation: a.log.generationAt(a.leaf.position), position: Number(a.leaf.position),
      time: Number(a.leaf.time), receipted: a.receipt ? Number(a.receipt.leaf.time) : null, verdict: a.receipt ? a.receipt.verdict : 0,
      verdict_false: Boolean(a.verdictFalse), withheld: a.withheld, parts: a.parts, number: a.slip ? a.slip.number : null,
      kind: a.statement ? a.statement.kind : null, digest: a.digest ? shortDigest(a.digest) : null,
      signed_by: a.persons.map((p) => ({ name: p.officer.name, role: p.officer.role, key: officerKeyId(p.officer), card: p.card, ...(p.lost === null ? {} : { lost: Number(p.lost) }) })),
      attachments: a.attachments.map((x) => ({ name: x.name, bytes: Number(x.size), sealed: x.sealed.toString('hex') })),
      body: a.body ? said(a.body) : null,
    })),
    custody: v.custody.length,
    compromises: v.compromises.length,
  };
}

// withheldFinding is what a verified bundle proves against the reader, for
// programs; made and attempts are the writer's claim.
function withheldFinding(v, given) {
  const cards = v.chains.map((list) => list.at(-1));
  return {
    parties: partiesOf(cards, given), against: cards[1].code, channel: v.origin.channel, generation: v.origin.generation,
    position: Number(v.leaf.position), size: Number(v.head.size), time: Number(v.leaf.time), made: Number(v.made), knew: Number(v.knew),
    last: Number(v.last), stored: v.stored, state: v.state, hellos: v.hellos, attempts: v.attempts.reduce((n, a) => n + a.count, 0), sealed: v.sealed,
  };
}

const probesTag = '{"probes":"parley probes 1"';

// resultsFinding is what a day's results prove beside the disclosure that shows
// the day's act, for programs. PRB-11
function resultsFinding(bytes, disclosure, given) {
  const f = probes.read(bytes);
  if (disclosure === null) refuse('probe.record');
  const v = verifyDisclosure(disclosure, given);
  const cards = v.chains.map((list) => list.at(-1)), ids = cards.map((c) => c.party.toString('hex'));
  const [writer, reader] = [ids.indexOf(f.writer), ids.indexOf(f.reader)];
  if (writer < 0 || reader < 0 || writer === reader || v.disclosure.parties.realm !== f.realm) refuse('probe.record');
  const { digest, proved, lost, sums } = probes.verify(bytes, v.chains[reader].map((c) => c.sign));
  const bodyOf = (a) => (a.statement?.kind === 'test.day' && a.log.side - 1 === writer && a.body ? said(a.body) : null);
  const act = v.acts.find((a) => bodyOf(a)?.digest === digest && Date.parse(bodyOf(a).day) === f.day);
  if (!act) refuse('probe.record');
  const counts = (list) => JSON.stringify(list.map((c) => [c.carrier, c.tried, c.answered, c.median_ms, c.worst_ms]));
  const carriers = sums.map((s) => ({ carrier: s.carrier, tried: s.tried, answered: s.answered, median_ms: s.median, worst_ms: s.worst }));
  return {
    realm: f.realm, parties: partiesOf(cards, given), day: new Date(f.day).toISOString().replace('.000Z', 'Z'), writer: cards[writer].code, reader: cards[reader].code,
    act: `${cards[writer].code}.${act.leaf.position} (hotline)`, digest, carriers, counts_differ: counts(bodyOf(act).carriers) !== counts(carriers), proved, lost,
  };
}

const realmOf = (realm, tell) => tell(realm === 1 ? 'realm.real' : 'realm.exercise');

function partyLines(f, tell) {
  return f.parties.map((p) => tell('party', {
    code: p.code, name: `${p.name_en} · ${p.name_zh}`, fingerprint: spoken(Buffer.from(p.party, 'hex')), compared: tell(p.compared ? 'compared' : 'not-compared'),
  }));
}

function withheldReport(f, realm, tell) {
  const [writer, reader] = f.parties.map((p) => p.code);
  return [
    tell(`verified.${stated.mldsa}`), ...partyLines(f, tell), '',
    tell('act', { party: writer, position: f.position }),
    tell('place', { channel: tell(`channel.${f.channel}`), realm: realmOf(realm, tell), generation: f.generation, position: f.position }),
    tell('time', { time: instant(f.time) }),
    ...(f.sealed ? [tell('withheld.sealed')] : []), '',
    tell('withheld.against', { reader }),
    tell('withheld.knew', { reader, time: instant(f.knew) }),
    tell(f.stored ? 'withheld.stored' : 'withheld.unstored', { reader, time: instant(f.last), state: tell(`state.${f.state}`) }), '',
    tell('withheld.claims', { writer, time: instant(f.made), n: f.attempts }),
    tell('withheld.not', { reader }),
  ].join('\n');
}

function resultsReport(f, tell) {
  return [
    tell(`verified.${stated.mldsa}`), ...partyLines(f, tell), '',
    tell('results.day', { ...f, day: f.day.slice(0, 10), realm: realmOf(f.realm, tell) }),
    ...f.carriers.map((c) => tell(c.answered > 0 ? 'results.carrier' : 'results.silent', c)),
    ...(f.counts_differ ? [tell('results.differ', f)] : []),
    tell('results.proved', f), ...(f.lost > 0 ? [tell('results.lost', f)] : []), '',
    tell('results.not', f),
  ].join('\n');
}

function report(f, tell) {
  const lines = [tell(`verified.${stated.mldsa}`), ...partyLines(f, tell)];
  const realm = realmOf(f.realm, tell);
  for (const a of f.acts) {
    lines.push('', tell('act', { party: a.party, position: a.position }));
    lines.push(tell('place', { channel: channels[a.channel] ? tell(`channel.${a.channel}`) : a.channel, realm, generation: a.generation, position: a.position }));
    lines.push(tell('time', { time: instant(a.time) }));
    lines.push(a.receipted === null ? tell('receipt.none') : tell('receipt', { time: instant(a.receipted) }));
    if (a.verdict) lines.push(tell('receipt.verdict', { reason: a.verdict }));
    if (a.kind) lines.push(tell('kind', { kind: a.kind }));
    for (const p of a.signed_by) lines.push(tell(p.lost === undefined ? 'signed' : 'signed.lost', p));
    for (const x of a.attachments) lines.push(tell('attachment', { ...x, size: x.bytes }));
    if (a.body !== null) lines.push(tell('body', { body: printable(JSON.stringify(a.body)) }));
    lines.push(tell('withheld', { n: a.withheld }));
  }
  lines.push('', ...f.heads.map((h) => tell('asof', { party: h.party, channel: tell(`channel.${h.channel}`), size: h.size })));
  return lines.join('\n');
}

function main(args) {
  let options;
  try {
    options = parseArguments(args);
  } catch (err) {
    console.error(teller(languageOf(process.env))('usage.verify'));
    return 2;
  }
  const tell = teller(options.lang);
  const say = (found, text) => console.log(options.json ? JSON.stringify({ ...found, ...stated }) : [text, ...unchecked(tell)].join('\n'));
  let bytes, beside = null;
  try {
    bytes = readFileSync(options.file);
    if (options.disclosure !== null) beside = readFileSync(options.disclosure);
  } catch (err) {
    console.error(printable(err.message));
    return 2;
  }
  try {
    if (bytes.subarray(0, probesTag.length).toString('latin1') === probesTag) {
      const f = resultsFinding(bytes, beside, options.given);
      say({ ok: true, code: '', finding: f }, resultsReport(f, tell));
      return 0;
    }
    if (beside !== null) refuse('octets.unknown');
    if (bytes.subarray(0, 16).toString('latin1') === 'parley proof v1\n') {
      verifyProof(bytes, options.given);
      say({ ok: true, code: '', finding: null }, tell(`verified.${stated.mldsa}`));
      return 0;
    }
    if (bytes.subarray(0, withheldTag.length + 1).toString('latin1') === `${withheldTag}\n`) {
      const v = verifyWithheld(bytes, options.given);
      const f = withheldFinding(v, options.given);
      say({ ok: true, code: '', finding: f }, withheldReport(f, v.origin.realm, tell));
      return 0;
    }
    const f = finding(verifyDisclosure(bytes, options.given), options.given);
    say({ ok: true, code: '', finding: f }, report(f, tell));
    return 0;
  } catch (err) {
    if (!(err instanceof Fault)) throw err;
    const code = codeOf(err);
    say({ ok: false, code, finding: null }, tell('verified.not', { text: tell.fault(code), code, detail: tell.detail(err) }));
    return 1;
  }
}

process.exitCode = main(process.argv.slice(2));
