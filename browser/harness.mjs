// What the browser tests share: a real Chromium that trusts the desks of a
// world, people with virtual passkeys, axe, pictures, and a counter of what an
// officer has to do.

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { authenticator, root } from "./world.mjs";

const run = promisify(execFile);
const axeFile = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

export const long = process.env.PARLEY_LONG === "1";
export const pictures = process.env.PARLEY_PICTURES ?? path.join(root, "browser", "pictures");
export const languages = { en: "en-GB", zh: "zh-CN" };

// browserOf starts a browser that finds the desks of a world by their names and
// trusts their authorities, as a laptop of the office would.
export async function browserOf(world) {
  const home = await mkdtemp(path.join(os.tmpdir(), "parley-home-"));
  const store = path.join(home, ".pki", "nssdb");
  await mkdir(store, { recursive: true });
  await run("certutil", ["-d", `sql:${store}`, "-N", "--empty-password"]);
  const rules = [];
  for (const s of [world.us, world.them]) {
    await run("certutil", ["-d", `sql:${store}`, "-A", "-t", "C,,", "-n", s.code, "-i", path.join(s.dir, "desk", "ca.pem")]);
    rules.push(`MAP ${s.rpID} 127.0.0.1`);
  }
  const executablePath = process.env.PARLEY_CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) throw new Error(`no Chromium at ${executablePath}`);
  const args = [`--host-resolver-rules=${rules.join(",")}`];
  if (process.getuid() === 0) args.push("--no-sandbox");
  const browser = await chromium.launch({ executablePath, args, env: { ...process.env, HOME: home } });
  browser.once("disconnected", () => rm(home, { recursive: true, force: true }));
  return browser;
}

// call asks a node's own interface, as a program of the same machine.
export function call(side, route, body, token) {
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { Authorization: `Parley ${token}` };
    const request = http.request({ socketPath: path.join(side.dir, "parley.sock"), path: route, method: body === undefined ? "GET" : "POST", headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk) => { text += chunk; });
      answer.on("end", () => {
        if (answer.statusCode === 200) resolve(text === "" ? undefined : JSON.parse(text));
        else reject(new Error(`${route}: ${answer.statusCode} ${text}`));
      });
    });
    request.on("error", reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

// invite makes a one-time link. The first of a side is a supervisor's, who signs
// in with a key file and invites everybody else, as an office does.
export async function invite(side, name, roles, ...more) {
  if (!side.chief) {
    const { code } = await call(side, "/v1/accounts/invite", { name: `Supervisor of ${side.code}`, unit: "cyber", roles: ["supervisor"] });
    await side.read(code, "officer", "join", "chief");
    side.chief = "chief";
  }
  return side.json("--as", side.chief, "officer", "invite", name, "--roles", roles, ...more);
}

// originOf is where browsers reach a desk.
export const originOf = (side) => `https://${side.rpID}:${side.port}`;

// Visitor is somebody at a desk: a window of their own, with passkeys of their
// own.
export class Visitor {
  // open gives a window in a language, a theme and a width.
  static async open(browser, side, { lang = "en", theme = "light", width = 1366, height = 900, script = true } = {}) {
    const v = new this();
    v.side = side;
    v.context = await browser.newContext({ locale: languages[lang], colorScheme: theme, viewport: { width, height }, javaScriptEnabled: script });
    v.context.setDefaultTimeout(120_000); // a busy machine is slow, and not wrong
    v.page = await v.context.newPage();
    v.complaints = [];
    v.page.on("console", (m) => { if (m.type() === "error") v.complaints.push(m.text()); });
    v.page.on("pageerror", (e) => v.complaints.push(String(e)));
    v.page.on("dialog", (d) => { v.complaints.push(`a dialog: ${d.message()}`); d.dismiss(); });
    const cdp = await v.context.newCDPSession(v.page);
    await cdp.send("WebAuthn.enable");
    v.authenticator = (await cdp.send("WebAuthn.addVirtualAuthenticator", { options: authenticator("internal") })).authenticatorId;
    v.cdp = cdp;
    return v;
  }

  go(where) {
    return this.page.goto(originOf(this.side) + where);
  }

  // join follows an invitation with passkeys, and signs in.
  async join(name, roles, unit = "cyber") {
    const { code } = await invite(this.side, name, roles.join(","), "--unit", unit);
    await this.go("/");
    const answer = await this.make(await call(this.side, "/v1/invitation/options", { code, kind: "sign-in" }));
    const { token } = await call(this.side, "/v1/invitation/passkey", { code, kind: "sign-in", name: "laptop", answer });
    await this.enter(token);
  }

  // make has the browser make a passkey.
  make({ publicKey }) {
    return this.page.evaluate(async (options) => {
      const made = await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
      return made.toJSON();
    }, publicKey);
  }

  // enter keeps the token of a session as the sign-in page does.
  async enter(token) {
    this.token = token;
    await this.context.addCookies([{ name: "__Host-parley", value: token, url: originOf(this.side), secure: true, httpOnly: true, sameSite: "Strict" }]);
  }

  // as gives another window of the same person.
  async as(browser, options) {
    const other = await Visitor.open(browser, this.side, options);
    if (options.token !== "") await other.enter(this.token); // "": somebody who has not signed in
    if (options.lang) await other.context.addCookies([{ name: "__Host-parley-language", value: options.lang, url: originOf(this.side), secure: true, httpOnly: true, sameSite: "Lax" }]);
    return other;
  }

  // faults has axe look at the page, and gives what it finds.
  async faults() {
    await this.page.evaluate(await readFile(axeFile, "utf8"));
    const { violations } = await this.page.evaluate(() => globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }));
    return violations.map((x) => `${x.id}: ${x.help}: ${x.nodes.slice(0, 3).map((n) => `${n.html.slice(0, 160)} ${n.failureSummary ?? ""}`).join(" | ")}`);
  }

  // wide tells whether the page is wider than its window.
  wide() {
    return this.page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  }

  async picture(name) {
    await mkdir(pictures, { recursive: true });
    await this.page.screenshot({ path: path.join(pictures, `${name}.png`), fullPage: true });
  }

  close() {
    return this.context.close();
  }
}

// arrives follows a one-time link with two passkeys to sign in and one to sign
// with, as a person with a laptop and a phone would.
export async function arrives(browser, side, lang, name, roles) {
  const v = await Visitor.open(browser, side, { lang });
  const { link } = await invite(side, name, roles, "--unit", "cyber");
  await v.page.goto(link);
  await v.page.locator("#name-first").fill("laptop");
  await v.page.locator('form[data-passkey="make"] button').click();
  await v.page.waitForURL("**/me");
  await v.cdp.send("WebAuthn.addVirtualAuthenticator", { options: authenticator("usb") });
  for (const kind of ["sign-in", "signing"]) {
    const before = await v.page.locator("main table tbody tr").count();
    const part = v.page.locator(kind === "signing" ? "#add-signing" : "#add-passkey");
    if (!(await part.evaluate((e) => e.open))) await part.locator("summary").click();
    await part.locator("input[name=name]").fill(kind);
    await part.locator("button").click();
    await v.page.waitForFunction((n) => document.querySelectorAll("main table tbody tr").length > n, before);
  }
  return v;
}

// Effort counts what somebody does at a page: fields, keys beyond the content,
// and pages.
export class Effort {
  constructor(visitor) {
    Object.assign(this, { page: visitor.page, fields: 0, keys: 0, pages: 0 });
    this.page.on("framenavigated", (frame) => { if (frame === this.page.mainFrame()) this.pages++; });
  }

  // press is a key that is no content.
  async press(key, times = 1) {
    for (let i = 0; i < times; i++) {
      this.keys++;
      await this.page.keyboard.press(key);
    }
  }

  // type is content: it counts as a field, and not as keys.
  async type(text) {
    this.fields++;
    await this.page.keyboard.insertText(text);
  }
}
