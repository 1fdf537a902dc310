// Getting in, and looking after accounts: with real passkeys of virtual devices,
// in a browser that trusts the node's own authority.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { createRequire } from "node:module";
import { makeWorld } from "./world.mjs";
import { invite, openBrowser, sit, withDesk } from "./people.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pictures = process.env.PICTURES;

let world, browser;

before(async () => {
  world = await makeWorld({ arranged: false, init: withDesk });
  browser = await openBrowser(world.us, world.them);
});

after(async () => {
  await browser?.close();
  await world?.stop();
});

// sound holds a page to WCAG 2.2 AA in both themes and at a phone's width, and
// takes its picture.
async function sound(page, name) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const [width, height] of [[1366, 900], [390, 844]]) {
      await page.setViewportSize({ width, height });
      const broken = await page.evaluate(`${axe}; axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] }).then((r) => r.violations.map((v) => v.id + ": " + v.nodes.map((n) => n.html).join(" ")))`);
      assert.deepEqual(broken, [], `${name} ${colorScheme} ${width}`);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${name} is ${over} px wider than ${width}`);
      if (pictures) await page.screenshot({ path: `${pictures}/${name}-${colorScheme}-${width}.png`, fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize({ width: 1366, height: 900 });
}

test("a desk is shut before there are people", async () => {
  const p = await sit(browser, world.us);
  const answer = await p.to("/");
  assert.equal(answer.status(), 403);
  assert.match(await p.page.textContent("body"), /officer invite/);
  await p.close();
});

test("a link lets in once; two passkeys, one for signing, out and in again", async () => {
  const { link } = await world.us.json("officer", "invite", "Dana Whitlock", "--roles", "supervisor,officer");
  const p = await sit(browser, world.us);
  const wrong = [];
  p.page.on("console", (m) => { if (m.type() === "error") wrong.push(m.text()); });
  await p.page.goto(link);
  assert.ok(!p.page.url().includes("#"), "the code stays in the address");
  await sound(p.page, "invitation-en");
  await p.follow(link);
  assert.match(await p.page.textContent("main"), /Add 1 more passkey/);
  assert.match(await p.page.textContent("main"), /You cannot sign yet/);
  await sound(p.page, "me-first-en");

  const first = p.authenticators[0];
  await p.device("usb");
  await p.add("sign-in", "blue key");
  assert.doesNotMatch(await p.page.textContent("main"), /more passkey/);
  await p.add("signing", "blue key, signing");
  assert.match(await p.page.textContent("main"), /not on a card yet/);
  await sound(p.page, "me-en");

  const [cookie] = (await p.page.context().cookies()).filter((c) => c.name === "__Host-parley");
  assert.deepEqual([cookie.httpOnly, cookie.secure, cookie.sameSite, cookie.path, cookie.expires], [true, true, "Strict", "/", -1]);
  await p.signOut();
  await sound(p.page, "signed-out-en");
  await p.lose(first);
  await p.to("/people");
  assert.match(p.page.url(), /\/sign-in\?to=%2Fpeople$/);
  await sound(p.page, "sign-in-en");
  await Promise.all([p.page.waitForURL("**/people"), p.page.locator('form[data-passkey="enter"] button').click()]);
  const [next] = (await p.page.context().cookies()).filter((c) => c.name === "__Host-parley");
  assert.notEqual(next.value, cookie.value, "the token of a session is used again");

  await p.page.goto(link);
  await p.page.locator("#name-first").fill("once more");
  await p.page.locator('form[data-passkey="make"] button').click();
  await p.page.getByText("This one-time link is not good any more", { exact: false }).waitFor();
  assert.deepEqual(wrong.filter((text) => !/status of 4(22|01)/.test(text)), []);
  await p.close();
});

test("people are invited and replaced in the browser, in Chinese, by two", async () => {
  const shen = await invite(browser, world.them, "沈文远", "supervisor", { locale: "zh-CN" });
  const lin = await invite(browser, world.them, "林雅", "officer", { locale: "zh-CN" });
  await shen.to("/people");
  assert.equal(await shen.page.getAttribute("html", "lang"), "zh-Hans");
  await shen.page.locator("#name").fill("陈默");
  await shen.page.locator("#role-duty").check();
  await shen.page.getByRole("button", { name: "生成一次性链接" }).click();
  const link = await shen.page.locator(".one-time__link").textContent();
  assert.match(link, /^https:\/\/desk\.nanlin\.test:\d+\/invitation#[a-z2-7]{32}$/);
  await sound(shen.page, "people-invited-zh");
  const chen = await sit(browser, world.them, { locale: "zh-CN" });
  await chen.follow(link, "手机");
  await sound(chen.page, "me-zh");

  const of = (p, name) => p.page.locator("tr", { has: p.page.locator("th", { hasText: name }) });
  await shen.to("/people");
  await of(shen, "陈默").locator("summary").click();
  await of(shen, "陈默").getByRole("button", { name: "提出补办通行密钥" }).click();
  await shen.page.getByText("沈文远 已提出", { exact: false }).waitFor();
  await lin.to("/people");
  await of(lin, "陈默").locator("summary").click();
  await sound(lin.page, "people-agree-zh");
  await of(lin, "陈默").getByRole("button", { name: "同意补办通行密钥" }).click();
  const again = await lin.page.locator(".one-time__link").textContent();
  await chen.to("/me");
  assert.match(chen.page.url(), /\/sign-in/);
  await chen.device("usb");
  await chen.follow(again, "新手机");

  await shen.to("/access-record");
  await shen.page.getByRole("cell", { name: "提出补办" }).first().waitFor();
  await sound(shen.page, "access-record-zh");
  await lin.to("/access-record");
  await lin.page.getByText("access.denied").waitFor();
  for (const p of [shen, lin, chen]) await p.close();
});

test("all by keyboard: the first tab is the way past, and the button is reached", async () => {
  const p = await sit(browser, world.us);
  await p.to("/sign-in");
  assert.equal(await p.page.evaluate(() => document.activeElement.textContent.trim()), "Sign in with a passkey");
  await p.page.keyboard.press("Enter");
  await p.page.getByText("Nothing was confirmed", { exact: false }).waitFor();
  assert.equal(await p.page.evaluate(() => document.activeElement.tagName), "BUTTON");
  await p.close();
});
