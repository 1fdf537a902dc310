#!/usr/bin/env node
// The runner: goes through every file of spec/vectors/ and says whether this
// implementation finds what the file says.
//
//   node observer/vectors.mjs [--json] [--vectors DIR] [FOLDER…]
//
// It ends with 1 if anything differs, or if a folder has no check. What this
// Node.js has no primitive for is named and counted, and is no difference.
import { readdirSync, existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { checks as formats } from './formats.mjs';
import { Lacking, halves, hasMldsa, hasMlkem, stated } from './postquantum.mjs';
import { Difference, VectorFile } from './vector.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));

// The second half of this implementation stands in procedures.mjs.
async function allChecks() {
  const half = path.join(here, 'procedures.mjs');
  const procedures = existsSync(half) ? (await import('./procedures.mjs')).checks : {};
  return { ...procedures, ...formats };
}

// run checks a file. If ML-DSA signatures in it could not be checked, the
// outcome stands but for them; and where it differs only because one of them
// was taken as good, nothing can be said here.
function run(check, file) {
  const result = once(check, file, -1);
  const { unchecked } = halves;
  if (unchecked === 0 || result.outcome === 'not checked') return result;
  if (result.outcome !== 'differs') return { ...result, ...stated };
  for (let bad = 0; bad < unchecked; bad++) {
    const other = once(check, file, bad);
    if (other.outcome === 'refused') return { outcome: 'not checked', needs: 'ML-DSA', note: other.note };
  }
  return result;
}

function once(check, file, bad) {
  Object.assign(halves, { unchecked: 0, bad });
  try {
    return check(file);
  } catch (err) {
    if (err instanceof Lacking) return { outcome: 'not checked', needs: err.primitive, note: file.header.expect };
    const note = err instanceof Difference ? err.message : `${err.stack}`;
    return { outcome: 'differs', note };
  }
}

function parseArguments(args) {
  const options = { json: false, dir: path.join(here, '..', 'spec', 'vectors'), folders: [] };
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--json') options.json = true;
    else if (args[i] === '--vectors') options.dir = args[++i];
    else if (args[i].startsWith('-')) throw new Error(`unknown option ${args[i]}`);
    else options.folders.push(args[i]);
  }
  return options;
}

async function main(args) {
  const options = parseArguments(args);
  const checks = await allChecks();
  const results = [];
  const folders = readdirSync(options.dir, { withFileTypes: true })
    .filter((d) => d.isDirectory() && (options.folders.length === 0 || options.folders.includes(d.name)))
    .map((d) => d.name).sort();
  for (const folder of folders) {
    for (const name of readdirSync(path.join(options.dir, folder)).sort()) {
      const file = new VectorFile(folder, name, path.join(options.dir, folder, name));
      const result = checks[folder]
        ? run(checks[folder], file)
        : { outcome: 'differs', note: 'no check claims this folder' };
      results.push({ folder, file: name, ...result });
    }
  }
  report(results, options.json);
  return results.length > 0 && results.every((r) => r.outcome !== 'differs') ? 0 : 1;
}

function report(results, json) {
  const count = (outcome) => results.filter((r) => r.outcome === outcome).length;
  const lacking = (primitive) => results.filter((r) => r.needs === primitive).length;
  const butFor = results.filter((r) => r.mldsa).length;
  const sums = {
    files: results.length, ok: count('ok'), refused: count('refused'), butForMldsa: butFor, notChecked: count('not checked'),
    notDone: count('not done'), differs: count('differs'), mldsa: stated.mldsa, mlkem: hasMlkem ? 'checked' : 'not-checked',
  };
  if (json) {
    console.log(JSON.stringify({ ...sums, results }));
    return;
  }
  for (const r of results) {
    const outcome = {
      ok: 'ok', refused: 'refused as expected', 'not checked': `not checked here: needs ${r.needs}`, 'not done': 'NOT DONE', differs: 'DIFFERS',
    }[r.outcome];
    console.log(`${r.folder}/${r.file}: ${outcome}${r.mldsa ? ' but for ML-DSA' : ''}${r.note ? `: ${r.note}` : ''}${r.cases ? ` (${r.cases} cases)` : ''}`);
  }
  if (!hasMldsa) console.log(`This Node.js has no ML-DSA-44: ${butFor} files are right but for their ML-DSA signatures, ${lacking('ML-DSA')} are not checked here.`);
  if (!hasMlkem) console.log(`This Node.js has no ML-KEM-768: ${lacking('ML-KEM')} files are not checked here.`);
  console.log(`${sums.files} files: ${sums.ok} ok, ${sums.refused} refused as expected, ${sums.notChecked} not checked here, ${sums.notDone} not done, ${sums.differs} differ`);
}

process.exitCode = await main(process.argv.slice(2)).catch((err) => {
  console.error(err.message);
  return 2;
});
