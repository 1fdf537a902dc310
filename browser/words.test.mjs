// A telephone call on two desks, each in its own language: what one side is
// shown to say is what the other is shown to hear, step by step; what came of
// it is signed by both and fits together; wrong words end it; a sheet is printed
// once. With PARLEY_PICTURES each step is taken in both themes and widths.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browserOf } from "./harness.mjs";
import { makeWorld } from "./world.mjs";
import { officer } from "./writing.mjs";

let world, browser, dana, wen;
const roles = ["officer", "duty", "supervisor"];

before(async () => {
  world = await makeWorld();
  browser = await browserOf(world);
  dana = await officer(world, browser, world.us, "Dana Whitlock", roles, { lang: "en" });
  wen = await officer(world, browser, world.them, "沈闻远", roles, { lang: "zh" });
});

after(async () => {
  await browser?.close();
  await world?.stop();
});

const page = { dana: "/real/nanlin/words", wen: "/real/arden/words" };

const clean = async (v) => {
  assert.deepEqual(await v.faults(), []);
  assert.equal(await v.wide(), false, "wider than its window");
  assert.deepEqual(v.complaints, []);
};

// taken keeps pictures of a step, in both themes and at both widths.
async function taken(v, name) {
  if (!process.env.PARLEY_PICTURES) return;
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 390]) {
      await v.page.emulateMedia({ colorScheme });
      await v.page.setViewportSize({ width, height: 844 });
      assert.equal(await v.wide(), false, `${name}: wider than ${width}`);
      await v.picture(`${name}-${colorScheme}-${width}`);
    }
  }
  await v.page.emulateMedia({ colorScheme: null });
  await v.page.setViewportSize({ width: 1366, height: 900 });
}

// shown is a group as a page shows it, in the language asked for.
const shown = (v, where, lang) => v.page.locator(`.words-${where} [lang="${lang}"]`).allInnerTexts();

const press = async (v, selector) => {
  await v.page.locator(selector).focus();
  await Promise.all([v.page.waitForEvent("framenavigated"), v.page.keyboard.press("Enter")]);
  await v.page.waitForLoadState();
};

async function ready(v, path) {
  for (let i = 0; i < 100; i++) {
    await v.go(path);
    if (await v.page.locator("#ours").count()) return;
    await new Promise((done) => setTimeout(done, 100)); // the nodes agree by themselves
  }
  assert.fail("no words came");
}

// begins has one side call and the other take the row that is named.
async function begins() {
  await ready(dana, page.dana);
  await ready(wen, page.wen);
  await press(dana, 'section[aria-labelledby="ours"] > form button');
  const row = /row (\d+)/.exec(await dana.page.locator(".words-row").innerText())[1];
  await wen.page.locator("#row").fill(row);
  await press(wen, 'section[aria-labelledby="theirs"] > form button');
  return row;
}

async function tells(v, name, rehearsal) {
  await v.page.locator("#with").fill(name);
  if (rehearsal) await v.page.locator("#rehearsal").check();
  await v.page.locator('main form[action$="/words/tell"] button').click();
  await v.page.waitForSelector("#digest");
  await clean(v);
  const leaves = await v.page.locator(".leaves").innerText();
  assert.ok(leaves.includes(name), leaves);
  await v.page.locator("form.sign button").click();
  await v.page.waitForURL("**/words");
}

test("two people prove to each other who they are, and the record learns of it", async () => {
  await ready(dana, page.dana);
  await clean(dana);
  await taken(dana, "words-ready-en");
  await ready(wen, page.wen);
  await clean(wen);
  await taken(wen, "words-ready-zh");
  await begins();
  await clean(dana);
  await clean(wen);
  await taken(dana, "words-calls-en");
  await taken(wen, "words-called-zh");
  assert.equal(await wen.page.locator(".words-say").count(), 0, "who is called is shown words to say before any were right");
  for (const lang of ["en", "zh-Hans"]) assert.deepEqual(await shown(dana, "say", lang), await shown(wen, "hear", lang));
  assert.equal((await shown(dana, "say", "en")).length, 4);
  await press(wen, '.words-does button[value="right"]');
  await taken(wen, "words-answers-zh");
  for (const lang of ["en", "zh-Hans"]) assert.deepEqual(await shown(wen, "say", lang), await shown(dana, "hear", lang));
  await press(dana, '.words-does button[value="right"]');
  for (const lang of ["en", "zh-Hans"]) assert.deepEqual(await shown(dana, "say", lang), await shown(wen, "hear", lang));
  await taken(dana, "words-third-en");
  await press(dana, ".words-does button");
  await press(wen, '.words-does button[value="right"]');
  await clean(dana);
  assert.match(await dana.page.locator("h1").innerText(), /Proved/);
  assert.match(await wen.page.locator("h1").innerText(), /核对一致/);
  await taken(dana, "words-proved-en");
  await taken(wen, "words-proved-zh");
  await tells(dana, "沈闻远", true);
  await tells(wen, "Dana Whitlock", true);
  await world.meet();
  await dana.go(page.dana);
  assert.match(await dana.page.locator("#uses + ul").innerText(), /Rehearsal · both sides say so/);
  await clean(dana);
  await taken(dana, "words-told-en");
});

test("wrong words end it, and both doubt the line", async () => {
  const row = await begins();
  await press(wen, '.words-does button[value="wrong"]');
  assert.match(await wen.page.locator("h1").innerText(), /核对不符/);
  await clean(wen);
  await taken(wen, "words-failed-zh");
  await tells(wen, "somebody", false);
  await world.meet();
  await dana.go(page.dana);
  await press(dana, '.words-does button[value="wrong"]');
  await taken(dana, "words-failed-en");
  await tells(dana, "nobody", false);
  await world.meet();
  await dana.go(page.dana);
  assert.match(await dana.page.locator(".incident").innerText(), /doubted/);
  await taken(dana, "words-doubted-en");
  await dana.go("/real/nanlin/watch");
  assert.match(await dana.page.locator(".incident").first().innerText(), /doubted/);
  await clean(dana);
  await taken(dana, "words-watch-en");
  await wen.go(page.wen);
  assert.match(await wen.page.locator(".incident").innerText(), /线路存疑/);
  await taken(wen, "words-doubted-zh");
  await wen.page.locator("#row").fill(row);
  await press(wen, 'section[aria-labelledby="theirs"] > form button');
  assert.match(await wen.page.locator("main").innerText(), /不能使用/);
  assert.equal(wen.complaints.splice(0).length, 1); // the answer was a refusal
});

test("a sheet is printed once", async () => {
  await wen.go(page.wen);
  const before = await wen.page.locator("main").innerText();
  assert.match(before, /16 张/);
  await wen.page.locator("#sheet summary").click();
  await press(wen, "#sheet button");
  assert.equal(await wen.page.locator("tbody tr").count(), 32);
  await clean(wen);
  await taken(wen, "words-sheet-zh");
  await wen.go(page.wen);
  assert.match(await wen.page.locator("main").innerText(), /15 张/);
});
