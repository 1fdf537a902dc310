// One file of spec/vectors/ (its README), and how a check answers for it.
//
// A module of checks exports `checks`, an object of functions by folder name.
// Each takes a VectorFile and returns { outcome, cases, note }, where outcome
// is 'ok', 'refused' or 'not done'; it throws a Difference when what came out
// is not what the file says, and lets a Lacking pass.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from './faults.mjs';

export class Difference extends Error {}

export class VectorFile {
  constructor(folder, name, filename) {
    this.folder = folder;
    this.name = name;
    this.filename = filename;
    this.bytes = readFileSync(filename);
  }

  get text() {
    return this.bytes.toString('utf8');
  }

  // sibling is a file beside this one.
  sibling(name) {
    return new VectorFile(this.folder, name, path.join(path.dirname(this.filename), name));
  }

  // header and body are the form that most kinds have.
  get header() {
    const head = this.text.split('\n\n', 1)[0];
    return Object.fromEntries(head.split('\n').map((line) => {
      const at = line.indexOf(': ');
      if (at < 0) throw new Difference(`a header line without a colon: ${line}`);
      return [line.slice(0, at), line.slice(at + 2)];
    }));
  }

  get body() {
    return this.bytes.subarray(this.bytes.indexOf('\n\n') + 2);
  }

  // data is the body that is written in hexadecimal digits.
  get data() {
    const digits = this.body.toString('ascii').replace(/\n/g, '');
    if (!/^([0-9a-f]{2})*$/.test(digits)) throw new Difference('the body is not hexadecimal digits');
    return Buffer.from(digits, 'hex');
  }
}

// expecting runs a check and compares its code with the one stated.
export function expecting(expect, run) {
  let code = 'ok';
  try {
    run();
  } catch (err) {
    if (err instanceof Difference) throw err;
    code = codeOf(err);
    if (code === 'internal') throw err;
  }
  if (code !== expect) throw new Difference(`${code}, where ${expect} is expected`);
  return { outcome: code === 'ok' ? 'ok' : 'refused', note: code === 'ok' ? '' : code };
}

// same compares what came out with what a file says it is.
export function same(what, got, want) {
  if (got !== want) throw new Difference(`${what} is ${got}, where ${want} is expected`);
}
