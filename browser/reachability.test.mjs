// How well each side can be reached: plots with a table beside each, in both
// languages and themes, on a telephone and on paper; and the files, whose leaving
// is recorded.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browserOf, call, Visitor } from "./harness.mjs";
import { calls, night } from "./scene.mjs";
import { makeWorld } from "./world.mjs";

let world, browser, dana;

before(async () => {
  world = await makeWorld();
  await night(world);
  await calls(world);
  browser = await browserOf(world);
  dana = await Visitor.open(browser, world.us);
  await dana.join("Dana Whitlock", ["officer", "supervisor", "duty"]);
});

after(async () => {
  await browser?.close();
  await world?.stop();
});

for (const manner of [
  { lang: "en", theme: "light", width: 1366 }, { lang: "zh", theme: "light", width: 1366 },
  { lang: "en", theme: "dark", width: 1366 }, { lang: "zh", theme: "dark", width: 390 },
]) {
  test(`the report reads, ${Object.values(manner).join(" ")}`, async () => {
    const v = await dana.as(browser, manner);
    assert.equal((await v.go("/real/nanlin/reachability")).status(), 200);
    assert.deepEqual(await v.faults(), []);
    assert.equal(await v.wide(), false, "wider than its window");
    assert.deepEqual(v.complaints, []);
    const plots = v.page.locator("svg.plot");
    assert.ok(await plots.count() >= 1, "no plot"); // of how long it took there is one only where that was some seconds
    for (const plot of await plots.all()) {
      const box = await plot.boundingBox();
      assert.ok(box.width > 200 && box.height > 50, JSON.stringify(box));
      assert.ok((await plot.locator("title").textContent()).length > 4);
      assert.equal(await plot.locator("[style]").count(), 0);
    }
    const inked = await plots.first().locator("path.plot__column").evaluateAll((list) => list.map((x) => getComputedStyle(x).stroke));
    assert.ok(inked.length > 0 && inked.every((x) => x !== "none"), "columns without a rim");
    assert.ok(await v.page.locator("main table").count() >= 2, "no table beside the plots");
    await v.picture(`reachability-${Object.values(manner).join("-")}`);
    await v.page.emulateMedia({ media: "print" });
    await v.picture(`reachability-paper-${Object.values(manner).join("-")}`);
  });
}

test("a file of it is recorded as having left", async () => {
  await dana.go("/real/nanlin/reachability");
  for (const form of ["csv", "json"]) {
    const [file] = await Promise.all([dana.page.waitForEvent("download"), dana.page.locator(`a[href$="/reachability/${form}"]`).click()]);
    const chunks = [];
    for await (const chunk of await file.createReadStream()) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    assert.match(text, form === "csv" ? /^section,direction,purpose/ : /^\{"report":"parley reachability 1"/);
    assert.match(file.suggestedFilename(), new RegExp(`^reachability-nanlin-\\d{4}-\\d\\d-\\d\\d\\.${form}$`));
  }
  const record = await call(world.us, "/v1/access-record", undefined, dana.token);
  assert.ok(record.some((x) => x.action === "disclose" && x.route === "POST /v1/review"), JSON.stringify(record.slice(0, 3)));
});
