// Two real nodes to look at: built from this tree, each in a folder of its own,
// with officers, cards exchanged and an arrangement that both signed, all by
// the commands that people would type.

import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
export const root = path.join(path.dirname(fileURLToPath(import.meta.url)), "..");

// freePort gives a port that nothing listens at.
export async function freePort() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

// build makes the program once for all tests of a process.
let built;
export function build() {
  built ??= (async () => {
    if (process.env.PARLEY_BINARY) return process.env.PARLEY_BINARY;
    const dir = await mkdtemp(path.join(os.tmpdir(), "parley-browser-"));
    process.on("exit", () => rmLater(dir));
    const file = path.join(dir, "parley");
    await run("go", ["build", "-buildvcs=false", "-o", file, "./cmd/parley"], { cwd: root });
    return file;
  })();
  return built;
}

// buildWithClock makes a program whose nodes go by a clock that the test sets on,
// and that can be a mail server; it is that of the stories in cmd/parley.
export async function buildWithClock() {
  if (process.env.PARLEY_CLOCK_BINARY) return process.env.PARLEY_CLOCK_BINARY;
  const dir = await mkdtemp(path.join(os.tmpdir(), "parley-browser-"));
  process.on("exit", () => rmLater(dir));
  const file = path.join(dir, "parley"); // by this name it is the program
  await run("go", ["test", "-c", "-vet=off", "-buildvcs=false", "-o", file, "./cmd/parley"], { cwd: root });
  return file;
}

function rmLater(dir) {
  spawn("rm", ["-rf", dir], { detached: true, stdio: "ignore" }).unref();
}

// Side is one party: its folder, its node, and commands in that folder.
export class Side {
  constructor(binary, dir, code, names, officer) {
    Object.assign(this, { binary, dir, code, names, officer });
  }

  // parley runs a command and gives what it says.
  async parley(...args) {
    const { stdout } = await run(this.binary, ["--dir", this.dir, ...args], { cwd: path.dirname(this.dir), maxBuffer: 64 << 20 });
    return stdout;
  }

  // read runs a command that reads a line: no secret stands among its arguments.
  read(line, ...args) {
    return new Promise((resolve, reject) => {
      const child = execFile(this.binary, ["--dir", this.dir, ...args], { cwd: path.dirname(this.dir) }, (failed, out) => (failed ? reject(failed) : resolve(out)));
      child.stdin.end(`${line}\n`);
    });
  }

  async json(...args) {
    return JSON.parse(await this.parley("--json", ...args));
  }

  // file writes something for a command to read.
  async file(name, content) {
    const at = path.join(path.dirname(this.dir), `${this.code}-${name}`);
    await writeFile(at, typeof content === "string" || Buffer.isBuffer(content) ? content : JSON.stringify(content));
    return at;
  }

  // serve starts the node and waits until it says that it runs.
  async serve() {
    const env = this.clock ? { ...process.env, PARLEY_TEST_CLOCK: this.clock } : process.env;
    this.node = spawn(this.binary, ["--dir", this.dir, "serve"], { stdio: ["ignore", "pipe", "pipe"], env });
    this.said = "";
    const ready = new Promise((resolve, reject) => {
      const listen = (chunk) => {
        this.said += chunk;
        if (this.said.includes("\n")) resolve();
      };
      this.node.stdout.on("data", listen);
      this.node.stderr.on("data", (chunk) => { this.said += chunk; });
      this.node.once("exit", () => reject(new Error(`the node of ${this.code} ended: ${this.said}`)));
    });
    await ready;
  }

  async stop() {
    if (!this.node || this.node.exitCode !== null) return;
    const ended = once(this.node, "exit");
    this.node.kill("SIGTERM");
    await ended;
  }

  // passes sets the clock of the node on, where it goes by one of ours, and
  // gives what it shows.
  passes(ms) {
    return new Promise((resolve, reject) => {
      const line = connect(this.clock, () => line.write(`${ms}\n`));
      line.once("error", reject);
      line.once("data", (shown) => resolve(Number(shown)));
    });
  }

  // open sends a request and gives its name.
  async open(form, ...more) {
    const file = await this.file(`form-${Math.random().toString(36).slice(2)}.json`, form);
    const out = await this.json("request", "new", "--officer", "duty", "--file", file, ...more);
    return out.request;
  }

  say(kind, request, ...more) {
    return this.parley("request", kind, request, "--officer", "duty", ...more);
  }

  // meet has the node speak with the other one now.
  meet() {
    return this.parley("status", "contact");
  }
}

// World is two sides with a line between them.
export class World {
  async meet() {
    await this.us.meet();
    await this.them.meet();
  }

  async stop() {
    await Promise.all([this.us.stop(), this.them.stop()]);
    await rm(this.dir, { recursive: true, force: true });
  }
}

// gated has a second person read what a side gives before it leaves.
export async function gated(side) {
  await copyFile(path.join(root, "docs/examples/gate-light.json"), path.join(side.dir, "gate.json"));
  const file = path.join(side.dir, "parley.toml");
  await writeFile(file, (await readFile(file, "utf8")).replace(/^gate = ""$/m, 'gate = "gate.json"'));
}

// makeWorld makes both sides. With arranged: false they have no arrangement;
// with clock: true their clocks begin four hours behind, and pass by our word.
export async function makeWorld({ template = "us-cn", change = () => {}, arranged = true, clock = false, init = [], prepare = async () => {}, theirNames = ["Nanlin", "南林"], theirOfficer = "沈文远" } = {}) {
  const binary = await (clock ? buildWithClock() : build());
  const w = new World();
  w.dir = await mkdtemp(path.join(os.tmpdir(), "parley-world-"));
  w.us = new Side(binary, path.join(w.dir, "arden"), "arden", ["Arden", "雅登"], "Dana Whitlock");
  w.them = new Side(binary, path.join(w.dir, "nanlin"), "nanlin", theirNames, theirOfficer);
  for (const s of [w.us, w.them]) {
    await mkdir(s.dir);
    await writeFile(path.join(s.dir, "passphrase"), "correct horse battery staple for tests\n", { mode: 0o600 });
    s.rpID = `desk.${s.code}.test`;
    s.port = await freePort();
    if (clock) s.clock = path.join(w.dir, `${s.code}.clock`);
    const more = typeof init === "function" ? init(s) : init;
    await s.parley("init", s.code, "--name-en", s.names[0], "--name-zh", s.names[1], "--listen", `127.0.0.1:${await freePort()}`,
      "--rp-id", s.rpID, "--desk", `127.0.0.1:${s.port}`, "--secret", "file:passphrase", ...more);
    await prepare(s); // what stands in the configuration before the node starts
    await s.serve();
    await s.parley("officer", "add", "duty", "--name", s.officer, "--unit", "cyber");
  }
  for (const [s, o] of [[w.us, w.them], [w.them, w.us]]) {
    s.party = (await s.json("card", "export", o.code, "-o", path.join(w.dir, `${s.code}.card`))).party;
  }
  await w.us.parley("card", "import", path.join(w.dir, "nanlin.card"), "--fingerprint", w.them.party, "--path", "in person", "--read-by", w.them.officer, "--officer", "duty");
  await w.them.parley("card", "import", path.join(w.dir, "arden.card"), "--fingerprint", w.us.party, "--path", "in person", "--read-by", w.us.officer, "--officer", "duty");
  await w.meet();
  if (arranged) await arrange(w, template, change);
  return w;
}

async function arrange(w, template, change) {
  const as = template === "small" ? [] : ["--as", "us"];
  const raw = await w.us.parley("arrangement", "template", template, ...as);
  const document = JSON.parse(raw.replaceAll(/"(fbi|mps)-cyber"/g, '"cyber"'));
  for (const p of document.parties) {
    const s = [w.us, w.them].find((side) => side.party === p.id);
    p.names = { en: s.names[0], zh: s.names[1] };
    for (const [i, unit] of p.units.entries()) { // the parties of a test are invented
      unit.names = { en: `Unit ${i + 1} of ${s.names[0]}`, zh: `${s.names[1]}第 ${i + 1} 处` };
    }
  }
  await change(document, w); // what a test wants agreed besides
  const file = path.join(w.dir, "arrangement.json");
  await writeFile(file, JSON.stringify(document));
  await w.us.parley("arrangement", "propose", file, "--officer", "duty");
  await w.meet();
  await w.them.parley("arrangement", "sign", "--officer", "duty");
  await w.meet();
}

// authenticator is what a virtual authenticator is like: it knows its owner.
export const authenticator = (transport) => ({
  protocol: "ctap2", transport, hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
});

// form reads one of the forms that the commands are tested with, and fills in
// what the larger arrangement asks for besides.
export async function form(name, change = {}) {
  const raw = JSON.parse(await readFile(path.join(root, "cmd/parley/testdata/forms", `${name}.json`), "utf8"));
  const fields = { ...raw.fields, "legal-basis": "Article 3 of the arrangement", language: "both", channel: "this-line", ...more[name], ...change.fields };
  for (const code of Object.keys(fields)) {
    if (fields[code] === undefined) delete fields[code];
  }
  return { ...raw, ...change, fields };
}

const more = {
  incident: { "why-here": "The addresses are announced there." },
  preservation: { custodian: "A mail provider in the other territory" },
  mitigation: { evidence: "Three sensors saw stolen invoices arrive.", "preserve-first": true, offence: undefined },
};
