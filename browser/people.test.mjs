// Getting in, and looking after accounts: with real passkeys of virtual devices,
// in a browser that trusts the node's own authority.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { makeWorld } from "./world.mjs";
import { browserOf, long } from "./harness.mjs";
import { Person } from "./people.mjs";

let world, browser;

before(async () => {
  world = await makeWorld({ arranged: false, init: (s) => ["--desk", `127.0.0.1:${s.port}`] });
  browser = await browserOf(world);
});

after(async () => {
  await browser?.close();
  await world?.stop();
});

// sound holds a page to WCAG 2.2 AA in both themes and at a phone's width.
async function sound(p, name) {
  for (const colorScheme of ["light", "dark"]) {
    await p.page.emulateMedia({ colorScheme });
    for (const [width, height] of [[1366, 900], [390, 844]]) {
      await p.page.setViewportSize({ width, height });
      assert.deepEqual(await p.faults(), [], `${name} ${colorScheme} ${width}`);
      assert.ok(!(await p.wide()), `${name} is wider than ${width}`);
      if (long) await p.picture(`${name}-${colorScheme}-${width}`);
    }
  }
  await p.page.emulateMedia({ colorScheme: null });
  await p.page.setViewportSize({ width: 1366, height: 900 });
}

test("a desk is shut before there are people", async () => {
  const p = await Person.sit(browser, world.us);
  const answer = await p.go("/");
  assert.equal(answer.status(), 403);
  assert.match(await p.page.textContent("body"), /officer invite/);
  await p.close();
});

test("a link lets in once; two passkeys, one for signing, out and in again", async () => {
  const { link } = await world.us.json("officer", "invite", "Dana Whitlock", "--roles", "supervisor,officer");
  const p = await Person.sit(browser, world.us);
  await p.page.goto(link);
  assert.ok(!p.page.url().includes("#"), "the code stays in the address");
  await sound(p, "invitation-en");
  await p.follow(link);
  assert.match(await p.page.textContent("main"), /Add 1 more passkey/);
  assert.match(await p.page.textContent("main"), /You cannot sign yet/);
  await sound(p, "me-first-en");

  await p.device("usb");
  await p.add("sign-in", "blue key");
  assert.doesNotMatch(await p.page.textContent("main"), /more passkey/);
  await p.add("signing", "blue key, signing");
  assert.match(await p.page.textContent("main"), /not on a card yet/);
  await sound(p, "me-en");

  const [cookie] = (await p.page.context().cookies()).filter((c) => c.name === "__Host-parley");
  assert.deepEqual([cookie.httpOnly, cookie.secure, cookie.sameSite, cookie.path, cookie.expires], [true, true, "Strict", "/", -1]);
  await p.signOut();
  await sound(p, "signed-out-en");
  await p.lose();
  await p.go("/people");
  assert.match(p.page.url(), /\/sign-in\?to=%2Fpeople$/);
  await sound(p, "sign-in-en");
  await Promise.all([p.page.waitForURL("**/people"), p.page.locator('form[data-passkey="enter"] button').click()]);
  const [next] = (await p.page.context().cookies()).filter((c) => c.name === "__Host-parley");
  assert.notEqual(next.value, cookie.value, "the token of a session is used again");

  await p.page.goto(link);
  await p.page.locator("#name-first").fill("once more");
  await p.page.locator('form[data-passkey="make"] button').click();
  await p.page.getByText("This one-time link is not good any more", { exact: false }).waitFor();
  assert.deepEqual(p.complaints.filter((text) => !/status of 4(22|01)/.test(text)), []);
  await p.close();
});

test("people are invited and replaced in the browser, in Chinese, by two", async () => {
  const shen = await Person.invite(browser, world.them, "沈文远", "supervisor", { lang: "zh" });
  const lin = await Person.invite(browser, world.them, "林雅", "officer", { lang: "zh" });
  await shen.go("/people");
  assert.equal(await shen.page.getAttribute("html", "lang"), "zh-Hans");
  await shen.page.locator("#name").fill("陈默");
  await shen.page.locator("#role-duty").check();
  await shen.page.getByRole("button", { name: "生成一次性链接" }).click();
  const link = await shen.page.locator(".one-time__link").textContent();
  assert.match(link, /^https:\/\/desk\.nanlin\.test:\d+\/invitation#[a-z2-7]{32}$/);
  await sound(shen, "people-invited-zh");
  const chen = await Person.sit(browser, world.them, { lang: "zh" });
  await chen.follow(link, "手机");
  await sound(chen, "me-zh");

  const of = (p, name) => p.page.locator("tr", { has: p.page.locator("th", { hasText: name }) });
  await shen.go("/people");
  await of(shen, "陈默").locator("summary").click();
  await of(shen, "陈默").getByRole("button", { name: "提出补办通行密钥" }).click();
  await shen.page.getByText("沈文远 已提出", { exact: false }).waitFor();
  await lin.go("/people");
  await of(lin, "陈默").locator("summary").click();
  await sound(lin, "people-agree-zh");
  await of(lin, "陈默").getByRole("button", { name: "同意补办通行密钥" }).click();
  const again = await lin.page.locator(".one-time__link").textContent();
  await chen.go("/me");
  assert.match(chen.page.url(), /\/sign-in/);
  await chen.device("usb");
  await chen.follow(again, "新手机");

  await shen.go("/access-record");
  await shen.page.getByRole("cell", { name: "提出补办" }).first().waitFor();
  await sound(shen, "access-record-zh");
  await lin.go("/access-record");
  await lin.page.getByText("access.denied").waitFor();
  for (const p of [shen, lin, chen]) await p.close();
});

test("all by keyboard: the first tab is the way past, and the button is reached", async () => {
  const p = await Person.sit(browser, world.us);
  await p.go("/sign-in");
  assert.equal(await p.page.evaluate(() => document.activeElement.textContent.trim()), "Sign in with a passkey");
  await p.page.keyboard.press("Enter");
  await p.page.getByText("Nothing was confirmed", { exact: false }).waitFor();
  assert.equal(await p.page.evaluate(() => document.activeElement.tagName), "BUTTON");
  await p.close();
});
