// What the other side sends is text on every screen: no script runs, no element
// of theirs appears, nothing turns the direction of ours, nothing stretches the
// page, and what looks like other letters says so.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browserOf, Visitor } from "./harness.mjs";
import { form, makeWorld } from "./world.mjs";
import { calls } from "./scene.mjs";
import { had } from "./screens.mjs";

const script = `<script>globalThis.harmed=1</script><img src=x onerror="globalThis.harmed=1"><svg onload=globalThis.harmed=1>`;
const breakout = `"'><b id=planted>bold</b><a id=planted href="javascript:globalThis.harmed=1">x</a><style>*{display:none}</style>`;
// Overrides of the direction do not pass the record (JSON-6); marks do.
const turned = "invoice\u200F\u061Cfdp.exe\u200B\u2060";
const endless = "W".repeat(900);
const alike = "p\u0430ypal login"; // a Cyrillic letter among Latin ones
const template = "{{.Name}} ${7*7} {{printf `%s`}} %s %d";

let world, names, browser, dana;

before(async () => {
  world = await makeWorld({ theirNames: [`Nanlin${script}\u200F ${"N".repeat(40)}`.slice(0, 190), `南林${breakout}`.slice(0, 190)], theirOfficer: `Shen ${script}`.slice(0, 90) });
  names = {};
  const { us, them } = world;
  const evil = [script, breakout, turned, alike, template].join(" ");
  const attached = await them.file("x\u200Fgnp.html", `<script>globalThis.harmed=1</script>`);
  names.answered = await them.open(await form("mitigation", {
    title: { lang: `en" onfocus="globalThis.harmed=1`, text: `${script}${turned} ${endless}`.slice(0, 190) },
    why: { lang: "en", text: evil }, reference: breakout.slice(0, 60),
    fields: { "own-reference": breakout.slice(0, 70), authority: script, facts: `${evil}\n${endless}`, evidence: evil,
      identifiers: [{ kind: "domain", value: "p\u0430ypal.example" }, { kind: "url", value: "javascript:globalThis.harmed=1" }],
      contact: { name: `${turned}${script}`, phone: "+1 202 555 0143" } },
  }), "--attach", attached);
  names.theirs = await them.open(await form("incident", { title: { lang: "zh-Hans", text: alike }, fields: { facts: evil } }));
  await world.meet();
  await us.say("open", names.answered);
  await us.say("accept", names.answered, "--text", "Taken on.");
  await us.say("ask", names.answered, "--text", "Which host?");
  await us.say("open", names.theirs); // so that every short form is to be had
  await us.say("accept", names.theirs, "--text", "Taken on.");
  await world.meet();
  await them.say("reply", names.answered, "--text", `${evil} ${endless}`);
  await world.meet();
  Object.assign(names, await calls(world, { subject: `${script}${turned} ${endless}`.slice(0, 190), text: `${evil} ${endless}`, lang: "en", said: `${evil}\n${endless}` }));
  browser = await browserOf(world);
  dana = await Visitor.open(browser, us);
  await dana.join(`Dana ${script}`.slice(0, 60), ["officer", "duty"]);
});

after(async () => {
  await browser?.close();
  await world?.stop();
});

for (const width of [1366, 390]) {
  test(`hostile content is harmless on every screen, ${width} wide`, async (t) => {
    const v = await dana.as(browser, { lang: "en", width });
    for (const screen of had(names)) {
      await t.test(screen.name, async () => {
        v.complaints.length = 0;
        await v.go(screen.path(names));
        const found = await v.page.evaluate(() => ({
          harmed: globalThis.harmed,
          theirs: document.querySelectorAll("#planted, main script, main style, main img, [onerror], [onload], [onfocus], a[href^='javascript:' i]").length,
          turned: /[\u202A-\u202E\u2066-\u2069\u200B\u200F\u061C\u2060]/.test(document.body.innerText + document.title),
        }));
        assert.deepEqual(found, { harmed: undefined, theirs: 0, turned: false });
        assert.equal(await v.wide(), false, "wider than its window");
        assert.deepEqual(v.complaints.filter((c) => !screen.status || !c.includes("status of 4")), []);
      });
    }
    await v.close();
  });
}

test("what looks like other letters says so", async () => {
  const v = await dana.as(browser, { lang: "en" });
  await v.go(`/real/nanlin/requests/${names.answered}`);
  assert.match(await v.page.locator("main").innerText(), /p\u0430U\+0430ypal\.example/);
  await v.close();
});

test("an attachment is saved and never shown", async () => {
  const v = await dana.as(browser, { lang: "en" });
  await v.go(`/real/nanlin/requests/${names.answered}`);
  const link = v.page.locator("a[download]");
  await link.first().waitFor();
  const answer = await v.page.evaluate(async (href) => {
    const r = await fetch(href);
    return { type: r.headers.get("Content-Type"), policy: r.headers.get("Content-Security-Policy"), how: r.headers.get("Content-Disposition"), text: await r.text() };
  }, await link.first().getAttribute("href"));
  assert.equal(answer.type, "application/octet-stream");
  assert.match(answer.policy, /^sandbox;/);
  assert.match(answer.how, /^attachment; filename\*=UTF-8''/);
  assert.doesNotMatch(answer.how, /%E2%80%8F/);
  assert.equal(answer.text, "<script>globalThis.harmed=1</script>");
  await v.close();
});
