// What an observer needs of spec/link.md: the name of a link and the note.
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
