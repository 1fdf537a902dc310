// What the page says is about to be signed is what a second program computes,
// for somebody who signs in with a key file and no browser.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { browserOf, invite } from "./harness.mjs";
import { makeWorld } from "./world.mjs";
import { begin, mitigation, officer } from "./writing.mjs";

const run = promisify(execFile);
let world, browser, dana;

before(async () => {
  world = await makeWorld();
  browser = await browserOf(world);
  dana = await officer(world, browser, world.us, "Dana Whitlock", ["officer", "duty"]);
});

after(async () => {
  await browser?.close();
  await world?.stop();
});

test("the digest on the page is the one that another program computes", async () => {
  const { link } = await invite(world.us, "Kofi Amadi", "officer");
  const joined = run(world.us.binary, ["--dir", world.us.dir, "officer", "join", "kofi"]);
  joined.child.stdin.end(link + "\n");
  await joined;

  const { number } = await begin(world.us, "nanlin", mitigation, dana.token);
  await dana.go(`/real/nanlin/forms/${number}/check`);
  const shown = await dana.page.locator("#digest").innerText();
  const token = await dana.page.locator('input[name="token"]').first().inputValue();
  const second = await world.us.json("--as", "kofi", "approve", "show", token);
  assert.equal(second.digest, shown);
  assert.equal(second.kind, "request.open");
  assert.match(Buffer.from(second.body, "base64").toString(), /Take down a page that collects passwords/);
  const words = await world.us.parley("--as", "kofi", "--lang", "zh", "approve", "show", token);
  assert.ok(words.includes(`待签内容的摘要：${shown}`), words);

  // Without a session the command reads no content.
  await assert.rejects(world.us.parley("approve", "show", token), /access\.denied/);
});
