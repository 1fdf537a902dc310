// The reason codes of spec/faults.md, as errors.

// Fault is a refusal: its code is what two implementations must agree on.
export class Fault extends Error {
  constructor(code, detail = '') {
    super(detail ? `${code}: ${detail}` : code);
    this.code = code;
    this.detail = detail;
  }
}

export function refuse(code, detail) {
  throw new Fault(code, detail);
}

// FAU-4: an error without a fault is one's own.
export function codeOf(err) {
  return err instanceof Fault ? err.code : 'internal';
}

// attempt gives the code of what fn refuses, or ok.
export function attempt(fn) {
  try {
    fn();
    return 'ok';
  } catch (err) {
    if (err instanceof Fault) return err.code;
    throw err;
  }
}
