// What an observer needs of spec/link.md: the name of a link, the note, and the
// end of a restore.
import { refuse } from './faults.mjs';
import * as o from './octets.mjs';
import { lower } from './party.mjs';
import { Sized } from './contact.mjs';
import { sha256 } from './suites.mjs';

// linkName is LNK-1.
export function linkName(realm, a, b) {
  const [low, high] = lower(a, b) ? [a, b] : [b, a];
  return sha256('parley link v1\n', Buffer.of(realm), low, high);
}

const Note = o.struct(['tag', o.tag('parley note v1')], ['clean', o.flag], ['heads', o.array(Sized, 3)]);

export const readNote = (bytes) => o.decode(Note, bytes);

// ended says of each of three own logs, { generation, size, root }, whether it has
// ended by the answer to a restored node (LNK-35, LNK-36). note is null if it was
// lost.
export function ended(own, note, answer, nonce) {
  if (!answer.answers.equals(nonce)) refuse('contact.restoring');
  return own.map((log, i) => {
    const named = note ? note.heads[i] : null;
    const empty = (head) => head === null || Number(head.size.size) === 0;
    if (log.size === 0 && empty(named) && empty(answer.shown[i])) return false;
    const agrees = (head) => head.size.generation === log.generation && Number(head.size.size) === log.size && head.root.equals(log.root);
    return !(note?.clean && agrees(named) && agrees(answer.shown[i]));
  });
}
