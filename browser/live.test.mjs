// An open page is brought up to date in place: what comes from the other side
// appears, and neither the focus nor what somebody types is lost.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browserOf, call, Visitor } from "./harness.mjs";
import { form, makeWorld } from "./world.mjs";

let world, browser, dana;

before(async () => {
  world = await makeWorld();
  browser = await browserOf(world);
  dana = await Visitor.open(browser, world.us);
  await dana.join("Dana Whitlock", ["officer", "duty"]);
});

after(async () => {
  await browser?.close();
  await world?.stop();
});

// open goes to a page and waits until it follows what the node has.
async function open(v, where) {
  const following = v.page.waitForResponse((r) => r.url().endsWith("/live"));
  await v.go(where);
  await following;
}

// sends has the other side send a request, and waits until this page has it.
async function sends(title) {
  const name = await world.them.open(await form("mitigation", { title: { lang: "zh-Hans", text: title } }));
  await world.them.meet();
  return name;
}

test("what arrives appears, and the focus stays", async () => {
  const v = await dana.as(browser, { lang: "en" });
  await open(v, "/real/nanlin/watch");
  await v.page.evaluate(() => { globalThis.sameWindow = true; });
  const link = v.page.locator("section[aria-labelledby=they-owe] .two-head a");
  await link.focus();
  await sends("关停控制服务器");
  await v.page.getByText("关停控制服务器").waitFor();
  assert.equal(await v.page.evaluate(() => globalThis.sameWindow), true, "the page was loaded anew");
  assert.equal(await link.evaluate((e) => e === document.activeElement), true, "the focus is lost");
  await v.close();
});

test("what is typed stays, with the focus in it and without", async () => {
  const name = await sends("保全三个邮箱");
  const v = await dana.as(browser, { lang: "en" });
  await open(v, "/real/nanlin/requests");
  const find = v.page.locator("#find");
  await find.focus();
  await v.page.keyboard.insertText("half a wo");
  // The page has asked and waits with its answer: what is typed is not touched.
  const asked = () => performance.getEntriesByType("resource").filter((e) => e.initiatorType === "fetch").length;
  const before = await v.page.evaluate(asked);
  await sends("第三件请求");
  await v.page.waitForFunction((n) => performance.getEntriesByType("resource").filter((e) => e.initiatorType === "fetch").length > n, before);
  assert.equal(await find.inputValue(), "half a wo");
  assert.equal(await find.evaluate((e) => e === document.activeElement), true);
  await v.page.locator("form[role=search] button").focus();
  await v.page.getByText("第三件请求").waitFor();
  assert.equal(await find.inputValue(), "half a wo");

  await open(v, `/real/nanlin/requests/${name}`);
  await v.page.locator("#kraft-write summary").click();
  await v.page.locator("#note").fill("Provider says: name the disk.");
  await v.page.locator("#kraft-write button").first().focus();
  await world.them.say("withdraw", name, "--text", "不再需要。", "--text-lang", "zh-Hans");
  await world.them.meet();
  await v.page.getByText("不再需要。").first().waitFor();
  assert.equal(await v.page.locator("#note").inputValue(), "Provider says: name the disk.");
  assert.equal(await v.page.locator("#kraft-write").evaluate((e) => e.open), true);
  await v.close();
});

test("what is sent while a save is under way waits for it", async () => {
  const v = await dana.as(browser, { lang: "en" });
  // The page has asked what rings: nothing is under way but what is typed.
  const asked = v.page.waitForResponse((r) => r.url().endsWith("/alarm"));
  await v.go("/real/nanlin/requests/new");
  await (await asked).finished();
  // The node has the save, and its answer is on the way.
  let release;
  const held = new Promise((resolve) => {
    v.cdp.on("Fetch.requestPaused", ({ requestId, request }) => {
      const go = () => v.cdp.send("Fetch.continueRequest", { requestId }).catch(() => {});
      if (request.method !== "POST" || request.headers.Accept !== "application/json") return go();
      release = go;
      resolve();
    });
  });
  await v.cdp.send("Fetch.enable", { patterns: [{ urlPattern: "*", requestStage: "Response" }] });
  await v.page.locator('select[name="type"]').selectOption("mitigation");
  await held;
  await v.page.getByRole("button", { name: "Continue" }).click({ noWaitAfter: true });
  const sent = v.page.waitForRequest((r) => r.isNavigationRequest() && r.method() === "POST");
  release();
  assert.match((await sent).postData(), /version=\d/);
  await v.page.waitForLoadState();
  assert.equal((await call(world.us, "/v1/forms?link=nanlin", undefined, dana.token)).length, 1);
  await v.close();
});
