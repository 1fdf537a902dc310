// Who is on duty and how each is reached, by the pages alone: a path is added
// and confirmed with the code that came along it, a gap is seen and filled, a
// note is left, and the watch says whether tomorrow's ladder would work.

import assert from "node:assert/strict";
import { chmod, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { browserOf, call, long, Visitor } from "./harness.mjs";
import { makeWorld } from "./world.mjs";

let world, browser, dana, sent;

before(async () => {
  world = await makeWorld({ prepare: async (side) => {
    const program = path.join(side.dir, "send-sms"), file = path.join(side.dir, "sent");
    await writeFile(program, `#!/bin/sh\ncat >> ${file}\n`);
    await chmod(program, 0o700);
    const config = path.join(side.dir, "parley.toml");
    await writeFile(config, `${await readFile(config, "utf8")}\n[paths.sms]\nkind = "command"\ncommand = ["${program}"]\n`);
    if (side.code === "arden") sent = async () => (await readFile(file, "utf8")).trim().split("\n").map((line) => JSON.parse(line));
  } });
  browser = await browserOf(world);
  dana = await Visitor.open(browser, world.us);
  await dana.join("Dana Whitlock", ["officer", "supervisor"]);
});

after(async () => {
  await browser?.close();
  await world?.stop();
});

// looked has axe look at a page in both languages, both themes and two widths.
async function looked(name, where) {
  for (const manner of [{ lang: "en", theme: "light", width: 1366 }, { lang: "zh", theme: "dark", width: 390 }, ...(long ? [{ lang: "zh", theme: "dark", width: 1366 }, { lang: "en", theme: "light", width: 390 }] : [])]) {
    const v = await dana.as(browser, manner);
    await v.go(where);
    assert.deepEqual(await v.faults(), [], `${name} ${manner.lang}`);
    assert.equal(await v.wide(), false, `${name}: wider than its window`);
    assert.deepEqual(v.complaints, []);
    if (long) await v.picture(`${name}-${manner.lang}-${manner.theme}-${manner.width}`);
    await v.close();
  }
}

test("without a roster the watch says that it would fail", async () => {
  await dana.go("/real/nanlin/watch");
  assert.match(await dana.page.locator("section:has(#ladder)").innerText(), /✕[^]*It would fail[^]*there is no roster/);
  await dana.go("/roster");
  assert.equal(await dana.page.locator("h1").innerText(), "There is no duty roster");
});

test("a path is used once its code was entered", async () => {
  const { page } = dana;
  await dana.go("/me");
  await page.getByRole("link", { name: "How I am reached" }).click();
  assert.equal(await page.locator("h1").innerText(), "A call at night cannot reach you");
  await page.getByLabel("Address").fill("+1 555 0100");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("button", { name: "Send a code" }).click();
  const code = /\d{8}/.exec((await sent()).at(-1).text)[0];
  await page.getByLabel("The code that came").fill("00000000");
  await page.getByRole("button", { name: "Confirm" }).click();
  assert.match(await page.getByRole("alert").innerText(), /code is wrong/);
  await page.getByLabel("The code that came").fill(code);
  await page.getByRole("button", { name: "Confirm" }).click();
  assert.equal(await page.locator("h1").innerText(), "A call at night can reach you");
  await page.getByRole("button", { name: "Send a test" }).click();
  assert.match(await page.getByRole("status").first().innerText(), /A test was sent/);
  assert.equal((await sent()).at(-1).event, "test");
  await looked("paths", "/me/paths");
});

test("a gap is seen, and filled by an override", async () => {
  const { page } = dana;
  const { account } = await call(world.us, "/v1/me", undefined, dana.token);
  for (const name of ["Tom Reyes", "Ruth Okafor", "Ana Ruiz"]) await call(world.us, "/v1/accounts/invite", { name, unit: "cyber", roles: ["duty"] }, dana.token);
  const turn = (name, persons, start, end) => ({ name, zone: "America/New_York", persons, first: "2026-01-05", days: 1, start, end });
  await call(world.us, "/v1/roster", { roster: {
    zones: [{ name: "America/New_York", from: "2026-01-01T00:00:00Z", until: "2036-01-01T00:00:00Z", offsets: [{ at: "2026-01-01T00:00:00Z", minutes: -300 }] }],
    roles: [
      { role: "duty", everyone: [], rotations: [turn("day", ["Tom Reyes", "Ruth Okafor"], "08:00", "20:00"), turn("night", [account], "20:00", "06:00")], steps: [] },
      { role: "supervisor", everyone: [], rotations: [turn("all", [account], "00:00", "00:00")], steps: [] },
    ],
    deputies: [], absences: [], overrides: [], notes: [],
  } }, dana.token);
  await dana.go("/roster");
  assert.match(await page.locator("h1").innerText(), /^\d+ times in the next 14 days with nobody on duty$/);
  const cell = page.locator("tbody tr").first().locator("td").nth(1);
  assert.match(await cell.innerText(), /06:00–08:00\s✕ NOBODY/);
  await page.locator("#override summary").click();
  const day = new Date(Date.now() - 5 * 3600e3 + 24 * 3600e3).toISOString().slice(0, 10); // tomorrow in the role's zone
  await page.getByLabel("Who comes on duty").selectOption({ label: "Ana Ruiz" }); // who has no turn, whatever the day
  await page.getByLabel("From", { exact: true }).fill(`${day}T06:00`);
  await page.getByLabel("Until", { exact: true }).fill(`${day}T08:00`);
  await page.getByRole("button", { name: "Add the override" }).click();
  assert.match(await cell.innerText(), /06:00–08:00\sAna Ruiz/);
  assert.match(await page.locator("section:has(#overrides)").innerText(), /Ana Ruiz instead of everyone on duty · Duty officer[^]*06:00 – [^]*08:00/);
  await page.locator("#hand-over summary").click();
  await page.getByLabel("Note", { exact: true }).fill("The order for the disk is expected at three.\nAsk Ruth.");
  await page.getByRole("button", { name: "Keep the note" }).click();
  assert.match(await page.locator("section:has(#notes)").innerText(), /expected at three\.\nAsk Ruth\.[^]*Dana Whitlock · Duty officer/);
  await looked("roster", "/roster");
  await looked("roster-watch", "/real/nanlin/watch");
});
