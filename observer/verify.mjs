#!/usr/bin/env node
// Verifies one disclosed act from its file and nothing else (spec/disclosure.md),
// as parley-verify does, sharing no code with it.
//
//   node observer/verify.mjs [--writer FINGERPRINT] [--reader FINGERPRINT] FILE
//
// It ends with 0 when verified, 1 when not, 2 when it was not understood. With
// --json it says the same, in the same form, as parley-verify --json.
import { readFileSync } from 'node:fs';
import { Fault, codeOf } from './faults.mjs';
import { verifyDisclosure } from './disclosure.mjs';
import { channels } from './ledger.mjs';
import { identifier, officerKeyId } from './party.mjs';
import { readAttachment, readStatement, statementDigest } from './statement.mjs';
import { instant, languageOf, languages, printable, spoken, teller } from './words.mjs';

class Usage extends Error {}

function parseArguments(args) {
  const options = { file: null, given: {}, lang: languageOf(process.env), json: false };
  for (let i = 0; i < args.length; i++) {
    const value = () => {
      if (args[i + 1] === undefined) throw new Usage();
      return args[++i];
    };
    if (args[i] === '--writer' || args[i] === '--reader') options.given[args[i].slice(2)] = identifier(value().replace(/ /g, ''));
    else if (args[i] === '--lang') options.lang = value();
    else if (args[i] === '--json') options.json = true;
    else if (args[i].startsWith('-') || options.file) throw new Usage();
    else options.file = args[i];
  }
  if (!options.file || !languages.includes(options.lang)) throw new Usage();
  return options;
}

// shortDigest is how people compare a statement (STA-11).
const shortDigest = (bytes) => statementDigest(bytes).subarray(0, 10).toString('hex').match(/.{4}/g).join(' ');

// finding is what a verified disclosure says, for programs.
function finding(v, given) {
  const { disclosure: d, opened } = v;
  const people = { writer: v.writerCards, reader: v.readerCards };
  const out = {
    realm: d.realm, channel: d.channel, generation: d.generation, position: Number(v.leaf.position), head: Number(v.head.size),
    time: Number(v.leaf.time), receipted: v.receipt ? Number(v.receipt.leaf.time) : 0, verdict: v.receipt ? v.receipt.verdict : 0,
    withheld: v.withheld, body: null,
  };
  for (const side of ['writer', 'reader']) {
    const card = people[side].at(-1);
    out[side] = { party: d[side].toString('hex'), name: `${card.nameEn} · ${card.nameZh}`, compared: Boolean(given[side]) };
  }
  if (opened.has(1)) {
    out.kind = readStatement(opened.get(1)).kind;
    out.digest = shortDigest(opened.get(1));
  }
  out.signed_by = v.persons.map((p) => ({ name: p.officer.name, role: p.officer.role, key: officerKeyId(p.officer), card: p.card }));
  out.attachments = [...opened].filter(([index]) => index >= 4).map(([, part]) => {
    const a = readAttachment(part);
    return { name: a.name, bytes: Number(a.size), sealed: a.sealed.toString('hex') };
  });
  if (opened.has(3)) {
    try {
      out.body = JSON.parse(opened.get(3).toString('utf8'));
    } catch {
      out.body = opened.get(3).toString('base64');
    }
  }
  return out;
}

function report(v, f, tell) {
  const lines = [tell('verified')];
  for (const side of ['writer', 'reader']) {
    const card = (side === 'writer' ? v.writerCards : v.readerCards).at(-1);
    lines.push(tell(side, { code: card.code, name: f[side].name, fingerprint: spoken(v.disclosure[side]), compared: tell(f[side].compared ? 'compared' : 'not-compared') }));
  }
  const realm = tell(f.realm === 1 ? 'realm.real' : 'realm.exercise');
  lines.push(tell('place', { channel: channels[f.channel] ? tell(`channel.${f.channel}`) : f.channel, realm, generation: f.generation, position: f.position }));
  lines.push(tell('time', { time: instant(f.time) }));
  lines.push(v.receipt ? tell('receipt', { time: instant(f.receipted), position: v.receipt.leaf.position }) : tell('receipt.none'));
  if (f.verdict) lines.push(tell('receipt.verdict', { reason: f.verdict }));
  if (f.kind) lines.push(tell('kind', { kind: f.kind }));
  for (const p of f.signed_by) lines.push(tell('signed', p));
  for (const a of f.attachments) lines.push(tell('attachment', { ...a, size: a.bytes }));
  if (f.body !== null) lines.push(tell('body', { body: v.opened.get(3).toString('utf8') }));
  lines.push(tell('withheld', { n: f.withheld }), tell('asof', { size: f.head }));
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
  let bytes;
  try {
    bytes = readFileSync(options.file);
  } catch (err) {
    console.error(printable(err.message));
    return 2;
  }
  try {
    const v = verifyDisclosure(bytes, options.given);
    const f = finding(v, options.given);
    console.log(options.json ? JSON.stringify({ ok: true, code: '', finding: f }) : report(v, f, tell));
    return 0;
  } catch (err) {
    if (!(err instanceof Fault)) throw err;
    const code = codeOf(err);
    if (options.json) console.log(JSON.stringify({ ok: false, code, finding: null }));
    else console.log(tell('verified.not', { text: tell.fault(code), code, detail: tell.detail(err) }));
    return 1;
  }
}

process.exitCode = main(process.argv.slice(2));
