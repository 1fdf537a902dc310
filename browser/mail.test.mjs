// The line dies under an open conversation, and mail takes over by itself: both
// pages say so, what is said crosses, and nothing comes twice when the line is
// back.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Carriers } from "./carriers.mjs";
import { browserOf, call } from "./harness.mjs";
import { makeWorld } from "./world.mjs";
import { officer, says } from "./writing.mjs";

const taken = process.env.PARLEY_PICTURES ? (v, name) => v.picture(name) : async () => {};
let carriers, world, browser, dana, wen, name;

before(async () => {
  carriers = await Carriers.make();
  world = await makeWorld({ prepare: (side) => carriers.prepare(side) });
  name = (await world.us.json("hotline", "call", "--officer", "duty", "--severity", "major", "--subject", "Logs are being deleted", "--text", "Please freeze the disk now.")).call;
  await world.meet();
  await world.them.parley("hotline", "answer", name, "--officer", "duty");
  await world.meet();
  browser = await browserOf(world);
  dana = await officer(world, browser, world.us, "Dana Whitlock", ["officer", "duty"], { lang: "en" });
  wen = await officer(world, browser, world.them, "沈闻远", ["officer", "duty"], { lang: "zh" });
});

after(async () => {
  await browser?.close();
  await world?.stop();
  carriers?.stop();
});

const log = (v, text) => v.page.locator("[role=log] .message").filter({ hasText: text });
const notice = (v) => v.page.locator("#call-carrier p");

test("the line dies under a conversation, mail carries it, and the line comes back", async () => {
  await dana.go(`/real/nanlin/calls/${name}`);
  await wen.go(`/real/arden/calls/${name}`);
  for (const v of [dana, wen]) await v.page.evaluate(() => { globalThis.sameWindow = true; });
  await says(dana, "First, by the direct line.");
  await log(wen, "First, by the direct line.").waitFor();
  assert.deepEqual([await notice(dana).count(), await notice(wen).count(), await carriers.mails()], [0, 0, 0]);

  carriers.cut(true);
  await says(dana, "Second, while the line is down.");
  await notice(dana).getByText("goes by mail").waitFor();
  await log(wen, "Second, while the line is down.").waitFor();
  await says(wen, "第三句，此时线路已断。");
  await log(dana, "第三句，此时线路已断。").waitFor();
  await notice(wen).getByText("改走邮件").waitFor();
  for (const v of [dana, wen]) {
    assert.deepEqual(await v.faults(), []);
    assert.equal(await v.wide(), false, "wider than its window");
    assert.equal(await v.page.evaluate(() => globalThis.sameWindow), true, "the page was loaded anew");
  }
  await taken(dana, "call-by-mail-en");
  await taken(wen, "call-by-mail-zh");
  assert.ok(await carriers.mails() > 1, "nothing went by mail");

  carriers.cut(false);
  for (const v of [dana, wen]) await notice(v).waitFor({ state: "detached" });
  await says(wen, "第四句，线路已恢复。");
  await log(dana, "第四句，线路已恢复。").waitFor();
  await world.meet();
  const mails = await carriers.mails();
  await says(dana, "Fifth, by the direct line again.");
  await log(wen, "Fifth, by the direct line again.").waitFor();
  assert.equal(await carriers.mails(), mails, "mail goes on though the line is back");
  for (const v of [dana, wen]) {
    assert.equal(await v.page.locator("[role=log] .message").count(), 5);
    const { acts } = await call(v.side, `/v1/calls/${name}?link=${v === dana ? "nanlin" : "arden"}`, undefined, v.token);
    assert.equal(new Set(acts.map((a) => a.name)).size, acts.length);
    assert.equal(acts.filter((a) => a.kind === "call.say").length, 5);
    assert.deepEqual(v.complaints, []);
  }
});
