// Cuts and the merge of spec/record.md.
import { refuse } from './faults.mjs';
import * as o from './octets.mjs';
import { Size } from './statement.mjs';
import { sha256 } from './suites.mjs';

const sixSizes = o.array(Size, 6);

// cutDigest is REC-7; the sizes are those of the lower party's control,
// hotline and routine log, then of the higher's.
export const cutDigest = (sizes) => sha256('parley cut v1\n', o.encode(sixSizes, sizes));

export const atMost = (a, b) => a.generation < b.generation || (a.generation === b.generation && a.size <= b.size);

// merge gives the record of a channel (REC-1): entries of the higher party's
// log, each of the lower's directly behind the first `seen` of them.
export function merge(lowerLog, higherLog) {
  const out = [];
  let at = 0;
  for (const entry of lowerLog) {
    while (at < higherLog.length && higherLog[at].position < entry.seen[0].size) out.push(higherLog[at++]);
    out.push(entry);
  }
  return [...out, ...higherLog.slice(at)];
}

// checkClosed is REC-8; last gives the last leaf within the cut of the log at
// a place of the six, or null.
export function checkClosed(sizes, last) {
  for (let i = 0; i < 6; i++) {
    const leaf = last(i);
    if (!leaf) continue;
    const control = i % 3 === 0;
    const other = (i + 3) % 6;
    const ownControl = i < 3 ? 0 : 3;
    const named = control ? [[0, other]] : [[0, other], [1, ownControl === 0 ? 3 : 0], [2, ownControl]];
    for (const [which, log] of named) if (!atMost(leaf.seen[which], sizes[log])) refuse('cut.open');
  }
}
