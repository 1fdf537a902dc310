// The hash tree of RFC 6962 as spec/ledger.md uses it (LED-3, LED-4), audit
// paths and consistency proofs.
import { sha256 } from './suites.mjs';

export const leafHash = (leaf) => sha256(Buffer.of(0), leaf);
export const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);
export const emptyRoot = sha256('');

// Tree keeps the hash of every complete subtree, so that the root at any size
// up to its own costs a logarithm of hashes. Sizes are Numbers: it has them all.
export class Tree {
  constructor() {
    this.levels = [[]];
  }

  get size() {
    return this.levels[0].length;
  }

  append(hash) {
    this.levels[0].push(hash);
    for (let level = 0; this.levels[level].length % 2 === 0; level++) {
      const row = this.levels[level];
      if (!this.levels[level + 1]) this.levels.push([]);
      this.levels[level + 1].push(nodeHash(row[row.length - 2], row[row.length - 1]));
    }
  }

  // truncate forgets all leaves from a size on.
  truncate(size) {
    this.levels.forEach((row, level) => { row.length = Math.floor(size / 2 ** level); });
  }

  root(size = this.size) {
    if (size > this.size) throw new Error('the tree is smaller');
    let root = null;
    for (let level = 0, rest = size; rest > 0; level++, rest = Math.floor(rest / 2)) {
      if (rest % 2 === 0) continue;
      const complete = this.levels[level][rest - 1];
      root = root ? nodeHash(complete, root) : complete;
    }
    return root ?? emptyRoot;
  }
}

// rootFromPath climbs an audit path (RFC 6962 section 2.1.1) and gives the
// root, or null if the path does not fit. Index and size are BigInts.
export function rootFromPath(index, size, hash, path) {
  if (index >= size) return null;
  let last = size - 1n;
  let at = index;
  let root = hash;
  for (const p of path) {
    if (last === 0n) return null;
    if (at & 1n || at === last) {
      root = nodeHash(p, root);
      while (!(at & 1n) && at !== 0n) {
        at >>= 1n;
        last >>= 1n;
      }
    } else {
      root = nodeHash(root, p);
    }
    at >>= 1n;
    last >>= 1n;
  }
  return last === 0n ? root : null;
}

// consistent says whether a proof (RFC 6962 section 2.1.2) leads from the
// smaller root to the larger. Sizes are BigInts with 0 < n < m.
export function consistent(n, m, first, second, proof) {
  if (n <= 0n || n >= m) return false;
  const nodes = [...proof];
  if ((n & (n - 1n)) === 0n) nodes.unshift(first);
  if (nodes.length === 0) return false;
  let at = n - 1n;
  let last = m - 1n;
  while (at & 1n) {
    at >>= 1n;
    last >>= 1n;
  }
  let a = nodes[0];
  let b = nodes[0];
  for (const c of nodes.slice(1)) {
    if (last === 0n) return false;
    if (at & 1n || at === last) {
      a = nodeHash(c, a);
      b = nodeHash(c, b);
      while (!(at & 1n) && at !== 0n) {
        at >>= 1n;
        last >>= 1n;
      }
    } else {
      b = nodeHash(b, c);
    }
    at >>= 1n;
    last >>= 1n;
  }
  return last === 0n && a.equals(first) && b.equals(second);
}
