// What an officer reads by: search in both languages, saved lists, what changed
// since the last shift, notes that stay, both logs computed anew.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browserOf, call, Visitor } from "./harness.mjs";
import { night } from "./scene.mjs";
import { makeWorld } from "./world.mjs";

let world, names, browser, dana;

before(async () => {
  world = await makeWorld();
  names = await night(world);
  browser = await browserOf(world);
  dana = await Visitor.open(browser, world.us);
  await dana.join("Dana Whitlock", ["officer", "duty"]);
});

after(async () => {
  await browser?.close();
  await world?.stop();
});

const main = (v) => v.page.locator("main").innerText();

test("words in either language find a request", async () => {
  for (const [words, name, other] of [["发票 服务器", names.theirs, names.fresh], ["command server", names.fresh, names.preserve]]) {
    await dana.go("/real/nanlin/requests?view=all");
    await dana.page.locator("#find").fill(words);
    await dana.page.locator("#view").selectOption("all");
    await dana.page.keyboard.press("Enter");
    await dana.page.waitForURL("**find=**");
    const text = await main(dana);
    assert.ok(text.includes(name) && !text.includes(other), `${words} finds\n${text}`);
  }
});

test("a list is saved, used and forgotten", async () => {
  await dana.go("/real/nanlin/requests?view=theirs");
  await dana.page.locator("#save-view summary").click();
  await dana.page.locator("#view-name").fill("Night desk");
  await dana.page.locator("#save-view button").first().click();
  await dana.go("/real/nanlin/requests");
  await dana.page.getByRole("link", { name: "Night desk" }).click();
  assert.match(dana.page.url(), /view=theirs/);
  assert.ok(!(await main(dana)).includes(names.fresh));
  await dana.page.locator("#save-view summary").click();
  await dana.page.locator("#view-name").fill("Night desk");
  await dana.page.locator("#save-view button").last().click();
  await dana.go("/real/nanlin/requests");
  assert.equal(await dana.page.getByRole("link", { name: "Night desk" }).count(), 0);
});

test("what changed is new until it was seen", async () => {
  await dana.go("/real/nanlin/watch");
  const since = dana.page.locator("section[aria-labelledby=since]");
  assert.match(await since.innerText(), new RegExp(names.answered));
  await since.getByRole("button").click();
  await dana.page.waitForLoadState();
  assert.match(await since.innerText(), /Nothing new\./);
});

test("a note stays on kraft", async () => {
  await dana.go(`/real/nanlin/requests/${names.theirs}`);
  await dana.page.locator("#kraft-write summary").click();
  await dana.page.locator("#note").fill("The judge sits at 08:30.");
  await dana.page.locator("#kraft-write button").first().click();
  await dana.page.waitForURL("**#desk");
  assert.match(await dana.page.locator(".kraft").innerText(), /The judge sits at 08:30\./);
  assert.equal(await dana.page.locator(".act", { hasText: "The judge sits" }).count(), 0);
  const kept = await call(world.us, `/v1/desk/requests/${names.theirs}?link=nanlin`, undefined, dana.token);
  assert.equal(kept.notes.at(-1).text, "The judge sits at 08:30.");
});

test("both logs are computed anew", async () => {
  await dana.go("/real/nanlin/record");
  await dana.page.locator("main form button").click();
  await dana.page.getByText("Both logs hold").waitFor();
  assert.equal(await dana.page.locator("[role=status] tbody tr").count() > 0, true);
});
