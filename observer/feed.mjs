// A reader of the feed of spec/feed.md over a node's Unix socket. What it gives
// was checked for its shape only.
import http from 'node:http';
import { refuse } from './faults.mjs';

const answerLimit = 16 << 20;
const patience = 30000;

export class Feed {
  constructor(socket) {
    this.socket = socket;
  }

  // get reads one JSON answer. A node that cannot be reached is
  // feed.unreachable, an answer of another shape feed.malformed.
  get(path) {
    return new Promise((resolve, reject) => {
      const fail = (code, detail) => {
        try {
          refuse(code, detail);
        } catch (err) {
          reject(err);
        }
      };
      const request = http.get({ socketPath: this.socket, path, timeout: patience, agent: false }, (answer) => {
        const chunks = [];
        let length = 0;
        answer.on('data', (chunk) => {
          length += chunk.length;
          if (length > answerLimit) request.destroy(new Error('the answer is too long'));
          else chunks.push(chunk);
        });
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          if (answer.statusCode !== 200) return fail('feed.refused', `${path}: ${text.slice(0, 200)}`);
          try {
            resolve(JSON.parse(text));
          } catch {
            fail('feed.malformed', path);
          }
          return undefined;
        });
        answer.on('error', (err) => fail('feed.unreachable', err.message));
      });
      request.on('timeout', () => request.destroy(new Error('no answer')));
      request.on('error', (err) => fail('feed.unreachable', `${this.socket}: ${err.message}`));
    });
  }

  async links() {
    const list = shape(await this.get('/v1/links'), Array.isArray);
    for (const l of list) {
      shape(l, (x) => ['link', 'lower', 'higher'].every((k) => /^[0-9a-f]{64}$/.test(x?.[k])));
      shape(l, (x) => ['real', 'exercise'].includes(x.realm) && ['lower', 'higher'].includes(x.node));
    }
    return list;
  }

  async logs(link) {
    const list = shape(await this.get(`/v1/links/${link}/logs`), (x) => Array.isArray(x) && x.length === 6);
    list.forEach((l, i) => shape(l, (x) => x?.party === (i < 3 ? 'lower' : 'higher') && x.channel === (i % 3) + 1
      && ['generation', 'begins', 'size', 'cosigned_size'].every((k) => Number.isSafeInteger(x[k]) && x[k] >= 0)
      && typeof x.head === 'string' && typeof x.cosigned === 'string'));
    return list;
  }

  leaves(link, party, channel, from) {
    return this.bytes(`/v1/links/${link}/logs/${party}/${channel}/leaves?from=${from}`);
  }

  cards(link, party, from) {
    return this.bytes(`/v1/links/${link}/cards/${party}?from=${from}`);
  }

  async bytes(path) {
    const list = shape(await this.get(path), Array.isArray);
    return list.map((s) => {
      const b = Buffer.from(shape(s, (x) => typeof x === 'string'), 'base64');
      shape(s, () => b.toString('base64') === s);
      return b;
    });
  }
}

function shape(value, holds) {
  if (!holds(value)) refuse('feed.malformed');
  return value;
}
