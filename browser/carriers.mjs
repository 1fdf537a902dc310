// What lies between two nodes: a line that can be cut, and a mail server for when
// it is.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import path from "node:path";
import { createInterface } from "node:readline";
import { buildWithClock, freePort } from "./world.mjs";

const other = { arden: "nanlin", nanlin: "arden" };
const address = (code) => `line@${code}.test`;

// Carriers are a line in front of each node, and their mail.
export class Carriers {
  fronts = [];
  passing = new Set();
  down = false;

  // make starts the mail server.
  static async make() {
    const c = new Carriers();
    const env = { ...process.env, PARLEY_TEST_MAIL: JSON.stringify(Object.keys(other).map(address)) };
    c.server = spawn(await buildWithClock(), [], { env, stdio: ["pipe", "pipe", "inherit"] });
    c.lines = createInterface({ input: c.server.stdout })[Symbol.asyncIterator]();
    c.mail = JSON.parse((await c.lines.next()).value);
    return c;
  }

  // prepare has a node listen behind a front of ours, and gives it its mail.
  async prepare(side) {
    const file = path.join(side.dir, "parley.toml"), behind = await freePort();
    const config = await readFile(file, "utf8"), front = Number(/^listen = "127\.0\.0\.1:(\d+)"$/m.exec(config)[1]);
    await writeFile(path.join(side.dir, "mail.secret"), `${this.mail.password}\n`, { mode: 0o600 });
    await writeFile(file, `${config.replace(`listen = "127.0.0.1:${front}"`, `listen = "127.0.0.1:${behind}"`)}
[mail]
smtp = "smtp://${this.mail.smtp}"
imap = "imap://${this.mail.imap}"
user = "${address(side.code)}"
secret = "file:mail.secret"
from = "${address(side.code)}"
every_seconds = 1
to = { ${other[side.code]} = "${address(other[side.code])}" }
`);
    const server = createServer((from) => this.pass(from, behind));
    server.listen(front, "127.0.0.1");
    await once(server, "listening");
    this.fronts.push(server);
  }

  pass(from, behind) {
    if (this.down) {
      from.destroy();
      return;
    }
    const to = connect(behind, "127.0.0.1");
    for (const [a, b] of [[from, to], [to, from]]) {
      this.passing.add(a);
      a.on("error", () => {});
      a.on("close", () => { this.passing.delete(a); b.destroy(); });
      a.pipe(b);
    }
  }

  // cut breaks off what passes, and lets nothing through until it heals.
  cut(down) {
    this.down = down;
    for (const conn of down ? this.passing : []) conn.destroy();
  }

  // mails is how many messages the nodes handed in so far.
  async mails() {
    this.server.stdin.write("\n");
    return Number((await this.lines.next()).value);
  }

  stop() {
    this.cut(true);
    for (const server of this.fronts) server.close();
    this.server.kill();
  }
}
