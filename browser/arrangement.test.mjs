// The arrangement is amended from the desk: one side's principal proposes a
// version, the other's reads what it changes and signs, both with passkeys.

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { arrives, browserOf, call } from "./harness.mjs";
import { makeWorld } from "./world.mjs";

let world, browser, ours, theirs;

before(async () => {
  world = await makeWorld();
  browser = await browserOf(world);
  ours = await arrives(browser, world.us, "en", "Ruth Adeyemi", "principal");
  theirs = await arrives(browser, world.them, "zh", "王局长", "principal");
  for (const s of [world.us, world.them]) await s.parley("card", "update");
  await world.meet();
  await world.meet();
});

after(async () => {
  await browser?.close();
  await world?.stop();
});

async function signs(v) {
  const at = v.page.url();
  assert.deepEqual(await v.faults(), []);
  await v.page.locator("form.sign button").click();
  await v.page.waitForURL((url) => url.href !== at);
}

test("a file that is no arrangement is refused with a reason", async () => {
  const file = path.join(world.dir, "wrong.json");
  await writeFile(file, "{}");
  await ours.go("/real/nanlin/arrangement");
  await ours.page.locator("#document").setInputFiles(file);
  await ours.page.locator('form[action$="/propose"] button').click();
  assert.match(await ours.page.locator(".govuk-error-summary").innerText(), /What to do/);
});

test("a version is proposed here and signed there", async () => {
  const document = JSON.parse(await readFile(path.join(world.dir, "arrangement.json"), "utf8"));
  document.version = 2;
  document.base = (await call(world.us, "/v1/arrangement?link=nanlin")).digest;
  document.areas[0].names.en += ", also by telephone";
  document.in_force = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, "");
  const file = path.join(world.dir, "second.json");
  await writeFile(file, JSON.stringify(document));
  await ours.go("/real/nanlin/arrangement");
  await ours.page.locator("#document").setInputFiles(file);
  await ours.page.locator('form[action$="/propose"] button').click();
  assert.match(await ours.page.locator("main").innerText(), /also by telephone/);
  await signs(ours);
  await world.meet();
  await theirs.go("/real/arden/arrangement");
  await theirs.page.locator('a[href*="/arrangement/sign/"]').click();
  assert.match(await theirs.page.locator("main").innerText(), /版本/);
  await signs(theirs);
  await world.meet();
  for (const v of [ours, theirs]) {
    await v.go(v === ours ? "/real/nanlin/arrangement" : "/real/arden/arrangement");
    assert.equal(await v.page.locator('a[href*="/arrangement/sign/"], a[href*="/arrangement/withdraw/"]').count(), 0);
    assert.match(await v.page.locator("table.files tbody").innerText(), /^2/);
  }
});
