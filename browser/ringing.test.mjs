// From an alarm on a telephone to the acceptance: the message carries a link and
// nothing of the call, the link wants a sign-in, the page says what rings, "I
// have it" keeps the reminders from one person alone, and one press leads to the
// call, where a signature accepts it.

import assert from "node:assert/strict";
import { chmod, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { browserOf, call } from "./harness.mjs";
import { makeWorld } from "./world.mjs";
import { officer } from "./writing.mjs";

const taken = process.env.PARLEY_PICTURES ? (v, name) => v.picture(name) : async () => {};
let world, browser, dana, sent;

before(async () => {
  world = await makeWorld({ prepare: async (side) => {
    const program = path.join(side.dir, "send-sms"), file = path.join(side.dir, "sent");
    await writeFile(program, `#!/bin/sh\ncat >> ${file}\n`);
    await chmod(program, 0o700);
    const config = path.join(side.dir, "parley.toml");
    await writeFile(config, `${await readFile(config, "utf8")}\n[paths.sms]\nkind = "command"\ncommand = ["${program}"]\nlink = true\n`);
    if (side.code === "arden") sent = async () => (await readFile(file, "utf8").catch(() => "")).trim().split("\n").filter(Boolean).map((line) => JSON.parse(line));
  } });
  browser = await browserOf(world);
  dana = await officer(world, browser, world.us, "Dana Whitlock", ["officer", "duty", "supervisor"], { lang: "en", width: 390, height: 844 });
  const { id } = await call(world.us, "/v1/paths/add", { kind: "sms", address: "+1 555 0100" }, dana.token);
  await call(world.us, "/v1/paths/verify", { id }, dana.token);
  await call(world.us, "/v1/paths/verify", { id, code: /\d{8}/.exec((await sent()).at(-1).text)[0] }, dana.token);
});

after(async () => {
  await browser?.close();
  await world?.stop();
});

// looked has axe look at the page as it is, and in the other language and theme.
async function looked(name) {
  assert.deepEqual(await dana.faults(), []);
  assert.equal(await dana.wide(), false, "wider than its window");
  await taken(dana, `${name}-en-light-390`);
  for (const manner of [{ lang: "zh", theme: "dark", width: 390 }, { lang: "zh", theme: "light", width: 1280 }, { lang: "en", theme: "dark", width: 1280 }]) {
    const v = await dana.as(browser, manner);
    await v.go("/ringing");
    assert.deepEqual(await v.faults(), [], `${name} ${manner.lang} ${manner.theme}`);
    assert.equal(await v.wide(), false, `${name} ${manner.lang}: wider than its window`);
    await taken(v, `${name}-${manner.lang}-${manner.theme}-${manner.width}`);
    await v.close();
  }
}

test("from a message on a telephone to the acceptance", async () => {
  const { page } = dana;
  await dana.go("/ringing");
  assert.equal(await page.locator("h1").innerText(), "Nothing rings now");
  await looked("ringing-none");
  const ringing = (await world.them.json("hotline", "call", "--officer", "duty", "--severity", "major", "--subject", "服务器正在删除日志", "--text", "请立即冻结磁盘。", "--text-lang", "zh-Hans")).call;
  await world.meet();

  let message;
  for (const until = Date.now() + 60_000; !message && Date.now() < until; message = (await sent()).find((m) => m.event === "ring")) await page.waitForTimeout(200);
  assert.match(message.text, /^Please sign in\.\n(.*\n)*https:\/\/[^\n]+\/ringing$/m);
  assert.equal(JSON.stringify(message).includes(ringing) || JSON.stringify(message).includes("nanlin"), false);

  await dana.context.clearCookies();
  await page.goto(message.link);
  assert.equal(new URL(page.url()).pathname, "/sign-in");
  await page.locator('form[data-passkey="enter"] button').click();
  await page.waitForURL("**/ringing");
  assert.equal(await page.locator("h1").innerText(), "1 call rings for us");
  dana.token = (await dana.context.cookies()).find((c) => c.name === "__Host-parley").value;
  const one = page.locator(".ringing-call");
  assert.match(await one.innerText(), /REAL[^]*Nanlin[^]*Rings for[^]*Open the call and accept it[^]*I have it/i);
  await looked("ringing-one");

  await page.getByRole("button", { name: "I have it" }).click();
  assert.match(await page.getByRole("status").innerText(), /not told again before \d\d:\d\d:\d\d [^(]+ \(\d\d:\d\d:\d\d UTC\)\. The call still rings/);
  assert.match(await one.innerText(), /Dana Whitlock has it, said at .*nobody has accepted it/);
  const before = await call(world.us, `/v1/calls/${ringing}?link=nanlin`, undefined, dana.token);
  assert.equal(before.phase, "ringing");
  await looked("ringing-mine");

  await page.getByRole("link", { name: "Open the call and accept it" }).click();
  await page.waitForURL(`**/calls/${ringing}`);
  const accept = page.locator(".call-accept");
  assert.equal(await accept.evaluate((e) => e.getBoundingClientRect().width <= 390), true);
  await accept.click();
  await page.locator(".call-talk").waitFor();
  const after = await call(world.us, `/v1/calls/${ringing}?link=nanlin`, undefined, dana.token);
  assert.equal(after.phase, "open");
  await dana.go("/ringing");
  assert.equal(await page.locator("h1").innerText(), "Nothing rings now");
});
