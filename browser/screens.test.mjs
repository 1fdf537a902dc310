// Every screen is clean for axe, no wider than its window, without a complaint
// of the browser, complete without scripts, and all of it reached by keys.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browserOf, call, long, Visitor } from "./harness.mjs";
import { calls, night } from "./scene.mjs";
import { had, outside } from "./screens.mjs";
import { gated, makeWorld } from "./world.mjs";

let world, names, browser, dana;

before(async () => {
  world = await makeWorld({ prepare: async (side) => { if (side.code === "arden") await gated(side); } });
  names = await night(world);
  Object.assign(names, await calls(world));
  await assert.rejects(world.us.say("answer", names.theirs, "--text", "It is offline.", "--form", "removed"), /desk\.gate/);
  names.draft = 1;
  browser = await browserOf(world);
  dana = await Visitor.open(browser, world.us);
  await dana.join("Dana Whitlock", ["officer", "supervisor"]);
  await dana.go(`/real/nanlin/requests/new?from=${names.answered}`);
  await dana.page.locator('.moves button[name="go"][value="on"]').click();
  await dana.page.waitForURL("**/forms/*/facts");
  names.form = new URL(dana.page.url()).pathname.split("/").at(-2);
  await call(world.us, "/v1/desk/change", { link: "nanlin", request: names.theirs, what: "note", text: "Provider says the order must name the disk." }, dana.token);
  await call(world.us, "/v1/desk/change", { link: "nanlin", request: names.theirs, what: "task", text: "Ask the provider who pays" }, dana.token);
});

after(async () => {
  await browser?.close();
  await world?.stop();
});

// Each screen in two manners that have nothing in common, so in both languages,
// themes and widths; in all of them with PARLEY_LONG=1.
const manners = [];
for (const lang of ["en", "zh"]) {
  for (const theme of ["light", "dark"]) {
    for (const width of [1366, 390]) manners.push({ lang, theme, width });
  }
}
const looked = (at, manner) => long || [manner, manners.length - 1 - manner].includes(at % manners.length);

for (const [number, manner] of manners.entries()) {
  const how = `${manner.lang}-${manner.theme}-${manner.width}`;
  test(`every screen, ${how}`, async (t) => {
    const inside = await dana.as(browser, manner), stranger = await dana.as(browser, { ...manner, token: "" });
    for (const screen of [...had(names), ...outside].filter((_, at) => looked(at, number))) {
      const v = outside.includes(screen) ? stranger : inside;
      await t.test(screen.name, async () => {
        v.complaints.length = 0;
        const answer = await v.go(screen.path(names));
        assert.equal(answer.status(), screen.status ?? 200);
        assert.equal(await v.page.evaluate(() => document.documentElement.lang), { en: "en", zh: "zh-Hans" }[manner.lang]);
        assert.deepEqual(await v.faults(), []);
        assert.equal(await v.wide(), false, "wider than its window");
        assert.deepEqual(v.complaints.filter((c) => !screen.status || !c.includes("status of 4")), []);
        if (long) await v.picture(`${screen.name}-${how}`);
      });
    }
    await inside.close();
    await stranger.close();
  });
}

test("a screen is complete without scripts", async () => {
  const v = await dana.as(browser, { lang: "en", script: false });
  await v.go(`/real/nanlin/requests/${names.theirs}`);
  assert.match(await v.page.locator("main").innerText(), /Arden owes: report/);
  await v.close();
});

// missed goes through a page by keys, and lists what stood on it all the while
// and was not reached: what is live may come and go meanwhile.
async function missed(v, screen) {
  await v.go(screen.path(names));
  await v.page.bringToFront(); // past its end the keys went on to what is around the page
  const want = await v.page.evaluate(() => {
    globalThis.sought = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
      .filter((e) => e.checkVisibility({ visibilityProperty: true }) && !(e.closest("details:not([open])") && e.tagName !== "SUMMARY") && e.tabIndex >= 0)
      .filter((e, _, all) => e.type !== "radio" || e.checked || e === all.find((x) => x.name === e.name) && !all.some((x) => x.name === e.name && x.checked));
    globalThis.met = new Set();
    document.body.tabIndex = -1; // some pages begin at their first entry
    document.body.focus();
    return globalThis.sought.length;
  });
  for (let i = 0; i < want + 8; i++) {
    await v.page.keyboard.press("Tab");
    const at = await v.page.evaluate(() => {
      const e = document.activeElement;
      // Past its end the keys have left the page; before, what had the focus has gone.
      if (!e || e === document.body) return document.hasFocus() ? { seen: true } : null;
      globalThis.met.add(e);
      const s = getComputedStyle(e);
      return { text: e.outerHTML.slice(0, 120), seen: (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2) || e.matches("[tabindex]") };
    });
    if (!at) break;
    assert.ok(at.seen, `${screen.name}: no focus is seen on ${at.text}`);
  }
  return v.page.evaluate(() => globalThis.sought.filter((e) => e.isConnected && e.checkVisibility({ visibilityProperty: true }) && !globalThis.met.has(e)).map((e) => e.outerHTML.slice(0, 120)));
}

test("every link and button is reached by keys, and seen when it is", async () => {
  let v = await dana.as(browser, { lang: "en" });
  for (const screen of had(names).filter((x) => !x.status)) {
    let left = await missed(v, screen);
    for (let i = 0; i < 2 && left.length > 0; i++) { // what is live took the focus away, or the window around the page has it
      await v.close();
      v = await dana.as(browser, { lang: "en" });
      left = await missed(v, screen);
    }
    assert.deepEqual(left, [], `${screen.name}: not reached by keys`);
  }
  await v.close();
});
