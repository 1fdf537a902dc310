// A browser that trusts the desks of a world as an officer's would, and people
// with passkeys on virtual devices.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const run = promisify(execFile);

// withDesk is what init is told, so that browsers are served.
export const withDesk = (side) => ["--desk", `127.0.0.1:${side.port}`];

// openBrowser starts Chromium with the authorities of these sides installed as
// an administrator installs them, and their names leading to this machine.
export async function openBrowser(...sides) {
  const home = await mkdtemp(path.join(os.tmpdir(), "parley-home-"));
  const store = path.join(home, ".pki", "nssdb");
  await mkdir(store, { recursive: true });
  await run("certutil", ["-N", "-d", `sql:${store}`, "--empty-password"]);
  for (const s of sides) {
    await run("certutil", ["-A", "-d", `sql:${store}`, "-n", s.rpID, "-t", "C,,", "-i", path.join(s.dir, "desk", "ca.pem")]);
  }
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", env: { ...process.env, HOME: home },
    args: ["--no-sandbox", `--host-resolver-rules=${sides.map((s) => `MAP ${s.rpID} 127.0.0.1`).join(", ")}`],
  });
  browser.on("disconnected", () => rm(home, { recursive: true, force: true }));
  return browser;
}

// Person is somebody at a side's desk, in a browser window of their own.
export class Person {
  constructor(side, page, devices) {
    Object.assign(this, { side, page, devices, authenticators: [] });
  }

  get origin() { return `https://${this.side.rpID}:${this.side.port}`; }

  to(where) { return this.page.goto(this.origin + where); }

  // device gives the person a new device to confirm on; those before stay in
  // the drawer.
  async device(transport = "internal") {
    for (const authenticatorId of this.authenticators) {
      await this.devices.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled: false });
    }
    const { authenticatorId } = await this.devices.send("WebAuthn.addVirtualAuthenticator", { options: {
      protocol: "ctap2", transport, hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
    } });
    this.authenticators.push(authenticatorId);
    return authenticatorId;
  }

  // lose takes a device away.
  async lose(authenticatorId) {
    await this.devices.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId });
    this.authenticators = this.authenticators.filter((id) => id !== authenticatorId);
  }

  // follow follows a one-time link, and makes the first passkey.
  async follow(link, name = "laptop") {
    await this.page.goto(link);
    await this.page.locator("#name-first").fill(name);
    await this.page.locator('form[data-passkey="make"] button').click();
    await this.page.waitForURL("**/me");
  }

  // add makes another passkey: of kind sign-in or signing.
  async add(kind, name) {
    const form = this.page.locator(`form[data-passkey="make"]:has(input[name="kind"][value="${kind}"])`);
    if (!(await form.isVisible())) await this.page.locator(`#add-${kind === "signing" ? "signing" : "passkey"} > summary`).click();
    await form.locator('input[name="name"]').fill(name);
    await Promise.all([this.page.waitForEvent("load"), form.locator("button").click()]);
  }

  async signIn() {
    await this.to("/sign-in");
    await Promise.all([this.page.waitForURL((url) => url.pathname !== "/sign-in"), this.page.locator('form[data-passkey="enter"] button').click()]);
  }

  async signOut() {
    await this.page.locator(".rooms__out").click();
    await this.page.waitForURL("**/signed-out");
  }

  close() { return this.page.context().close(); }
}

// sit gives somebody a browser window at a side's desk, and a device.
export async function sit(browser, side, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1366, height: 900 }, ...options });
  const page = await context.newPage();
  const devices = await context.newCDPSession(page);
  await devices.send("WebAuthn.enable");
  const person = new Person(side, page, devices);
  await person.device();
  return person;
}

// invite invites somebody by the command, and has them follow the link.
export async function invite(browser, side, name, roles, options) {
  const { link } = await side.json("officer", "invite", name, "--roles", roles);
  const person = await sit(browser, side, options);
  await person.follow(link);
  return person;
}
