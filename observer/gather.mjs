// What comes by mail in parts, after spec/mail.md: turns from chunks, and
// attachments from pieces. MAIL-5, MAIL-21, MAIL-27, MAIL-28
import { codeOf, refuse } from './faults.mjs';
import { sha256 } from './suites.mjs';
import { same } from './vector.mjs';

const part = 512000;

// Gatherer puts the turns of one sender together (MAIL-5).
export class Gatherer {
  open = []; // begun first, first

  // add gives the turn that is whole with a chunk, or null.
  add(chunk) {
    const id = chunk.turn.toString('hex');
    let begun = this.open.find((t) => t.id === id);
    if (!begun) {
      begun = { id, size: chunk.size, parts: new Map() };
      if (chunk.part.length < chunk.size) {
        if (this.open.length === 4) this.open.shift();
        this.open.push(begun);
      }
    }
    if (chunk.size !== begun.size) refuse('mail.chunk');
    if (begun.parts.has(chunk.from)) return null;
    begun.parts.set(chunk.from, chunk.part);
    const froms = [...begun.parts.keys()].sort((a, b) => a - b);
    if (froms.length < Math.ceil(begun.size / part)) return null;
    this.open = this.open.filter((t) => t !== begun);
    const turn = Buffer.concat(froms.map((from) => begun.parts.get(from)));
    if (!sha256(turn).equals(chunk.turn)) refuse('mail.chunk');
    return turn;
  }
}

// Pieces is what of announced attachments has come on a link (MAIL-21, CON-18).
export class Pieces {
  constructor(announced) {
    this.missing = new Map(announced.map(({ sealed, size }) => [sealed, { size, kept: Buffer.alloc(0) }]));
    this.waits = [];
    this.whole = [];
  }

  take(piece) {
    const of = this.missing.get(piece.sealed);
    if (!of) return;
    const reaches = piece.from + piece.bytes.length;
    if (piece.from > of.kept.length) {
      if (reaches > of.size) this.#spoilt(piece.sealed, 'contact.gap');
      const same = this.waits.some((w) => w.sealed === piece.sealed && w.from === piece.from);
      if (!same && this.waits.length < 8) this.waits = [...this.waits, piece].sort((a, b) => a.from - b.from);
      return;
    }
    if (reaches > of.size) {
      of.kept = Buffer.alloc(0);
      this.#spoilt(piece.sealed, 'node.attachment');
    }
    if (reaches > of.kept.length) of.kept = Buffer.concat([of.kept, piece.bytes.subarray(of.kept.length - piece.from)]);
    if (of.kept.length === of.size) return this.#complete(piece.sealed, of);
    const next = this.waits.find((w) => w.sealed === piece.sealed && w.from <= of.kept.length);
    if (!next) return;
    this.waits = this.waits.filter((w) => w !== next);
    this.take(next);
  }

  #complete(sealed, of) {
    if (sha256(of.kept).toString('hex') !== sealed) {
      of.kept = Buffer.alloc(0);
      this.#spoilt(sealed, 'node.attachment');
    }
    this.missing.delete(sealed);
    this.whole.push(sealed);
    this.#drop(sealed);
  }

  #drop(sealed) {
    this.waits = this.waits.filter((w) => w.sealed !== sealed);
  }

  #spoilt(sealed, code) {
    this.#drop(sealed);
    refuse(code);
  }
}

const letters = (letter, number) => Buffer.alloc(number, letter, 'ascii');

function code(run) {
  try {
    return run();
  } catch (err) {
    return codeOf(err);
  }
}

// each goes through the steps of all stories of a file.
function each(file, begin, step) {
  let cases = 0;
  for (const story of JSON.parse(file.text)) {
    const state = begin(story);
    story.steps.forEach((s, i) => step(state, s, `${story.name}, step ${i + 1}`));
    cases += story.steps.length;
  }
  return { outcome: 'ok', cases };
}

const chunks = (file) => each(file, () => new Gatherer(), (gatherer, s, where) => {
  const size = s.size ?? s.of;
  const chunk = { turn: sha256(letters(s.turn, s.of)), size, from: s.from, part: letters(s.fill ?? s.turn, Math.min(part, size - s.from)) };
  same(where, code(() => (gatherer.add(chunk) ? 'whole' : 'nothing')), s.gives);
});

function begins(story) {
  const sealed = new Map(Object.entries(story.announced).map(([letter, size]) => [letter, sha256(letters(letter, size)).toString('hex')]));
  const pieces = new Pieces(Object.entries(story.announced).map(([letter, size]) => ({ sealed: sealed.get(letter), size })));
  return { sealed, pieces };
}

const pieces = (file) => each(file, begins, ({ sealed, pieces: p }, s, where) => {
  const piece = { sealed: sealed.get(s.piece) ?? 'not announced', from: s.from, bytes: letters(s.fill ?? s.piece, s.bytes) };
  const fault = code(() => { p.take(piece); });
  const named = [...sealed].sort();
  const kept = Object.fromEntries(named.flatMap(([letter, id]) => {
    const length = p.missing.get(id)?.kept.length ?? 0;
    return length ? [[letter, length]] : [];
  }));
  const whole = named.filter(([, id]) => p.whole.includes(id)).map(([letter]) => letter).join('');
  same(where, JSON.stringify([fault ?? '', kept, p.waits.length, whole]), JSON.stringify([s.code ?? '', s.kept ?? {}, s.waits ?? 0, s.whole ?? '']));
});

const questions = (file) => each(file, () => ({ last: -1 }), (state, s, where) => {
  const taken = s.time > state.last;
  if (taken) state.last = s.time;
  same(where, taken, s.taken);
});

// check goes through one file of vectors/gathered.
export function check(file) {
  return { 'chunks.json': chunks, 'pieces.json': pieces, 'questions.json': questions }[file.name](file);
}
