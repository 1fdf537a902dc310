// What a new user sees: the demonstration goes on serving, and somebody gets in
// at its desk, without a certificate, on the machine that it runs on.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { chromium } from "playwright-core";
import { authenticator, build } from "./world.mjs";

let demo, browser, dir;

after(async () => {
  await browser?.close();
  if (demo && demo.exitCode === null) {
    const ended = once(demo, "exit");
    demo.kill("SIGTERM");
    await ended;
  }
  if (dir) await rm(dir, { recursive: true, force: true });
});

test("somebody gets in at the desk of the demonstration", async () => {
  const binary = await build();
  dir = await mkdtemp(path.join(os.tmpdir(), "parley-demo-"));
  demo = spawn(binary, ["demo", "--stay", "--dir", dir], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  demo.stdout.on("data", (chunk) => { said += chunk; });
  const desk = await new Promise((resolve, reject) => {
    demo.stdout.on("data", () => {
      const found = said.match(/http:\/\/us\.localhost:\d+/);
      if (found && said.includes("http://cn.localhost")) resolve(found[0]);
    });
    demo.once("exit", () => reject(new Error(said)));
  });
  const invite = ["--dir", path.join(dir, "us"), "--json", "officer", "invite", "Ellen Marsh", "--roles", "supervisor,duty", "--unit", "cyber"];
  const { link } = JSON.parse((await promisify(execFile)(binary, invite)).stdout);
  assert.ok(link.startsWith(desk));
  browser = await chromium.launch({ executablePath: process.env.PARLEY_CHROMIUM ?? "/usr/bin/chromium", args: process.getuid() === 0 ? ["--no-sandbox"] : [] });
  const page = await (await browser.newContext({ locale: "en-GB" })).newPage();
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  await cdp.send("WebAuthn.addVirtualAuthenticator", { options: authenticator("internal") });
  await page.goto(link);
  await page.locator("#name-first").fill("laptop");
  await page.locator('form[data-passkey="make"] button').click();
  await page.waitForURL("**/me");
  await page.goto(`${desk}/real/cn/requests?view=all`);
  assert.match(await page.locator("main").innerText(), /us-1/);
});
