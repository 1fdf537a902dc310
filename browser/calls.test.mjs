// The hotline on screen, on two real nodes with a browser on both sides: a call
// rings on every page, is answered by one press and a passkey, is talked in two
// languages, and ends with a minute that both agree to; a call that is refused
// and raised; one that two persons sign; a test that says so.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { browserOf, call, Visitor } from "./harness.mjs";
import { form, makeWorld } from "./world.mjs";
import { officer, says } from "./writing.mjs";

let world, browser, dana, wen, request;
const taken = process.env.PARLEY_PICTURES ? (v, name) => v.picture(name) : async () => {};

before(async () => {
  world = await makeWorld({ change: (d) => {
    d.glossary = [{ code: "recall", names: { en: "recall", zh: "撤回汇款" }, meaning: { en: "A request of the sending bank to have a payment back.", zh: "汇出行请求退回款项。" } }];
    d.hotline.rungs[1].accepts = 2;
  } });
  const agreed = path.join(world.dir, "arrangement.json");
  await world.us.parley("--realm", "exercise", "arrangement", "propose", agreed, "--officer", "duty");
  await world.us.parley("--realm", "exercise", "status", "contact");
  await world.them.parley("--realm", "exercise", "arrangement", "sign", "--officer", "duty");
  await world.them.parley("--realm", "exercise", "status", "contact");
  browser = await browserOf(world);
  request = await world.us.open(await form("mitigation", { title: { lang: "en", text: "Freeze the disk of the command server" } }));
  await world.meet();
  dana = await officer(world, browser, world.us, "Dana Whitlock", ["officer", "duty", "supervisor"], { lang: "en" });
  wen = await officer(world, browser, world.them, "沈闻远", ["officer", "duty", "supervisor"], { lang: "zh" });
});

after(async () => {
  await browser?.close();
  await world?.stop();
});

const clean = async (v) => {
  assert.deepEqual(await v.faults(), []);
  assert.equal(await v.wide(), false, "wider than its window");
  assert.deepEqual(v.complaints, []);
};
const named = (v) => new URL(v.page.url()).pathname.split("/").pop();
const fresh = (v, name) => call(v.side, `/v1/calls/${name}?link=${v.side === world.us ? "nanlin" : "arden"}`, undefined, v.token);

// opens fills in a call and gives its name.
async function opens(v, { from = "/real/nanlin/calls/new", severity = 0, rung = 0, subject, text, test: isTest = false }) {
  await v.go(from);
  if (subject) await v.page.locator("#subject").fill(subject);
  await v.page.locator("#text").fill(text);
  await v.page.locator(`input[name="${isTest ? "test" : "severity"}"]`).nth(severity).check();
  await v.page.locator('input[name="rung"]').nth(rung).check();
  await clean(v);
  await taken(v, `call-new-${isTest ? "test" : "real"}`);
  await v.page.locator(".moves button").click();
  await v.page.waitForSelector("#digest");
  await clean(v);
  await taken(v, `call-check-${isTest ? "test" : "real"}`);
  await v.page.locator("form.sign button").click();
}

// does says a kind by its own form.
async function does(v, kind, fill = async () => {}) {
  await v.page.locator(`a[href*="/say/${kind}"]`).first().click();
  await fill(v.page);
  await clean(v);
  await v.page.locator("main form .moves button").click();
  await v.page.waitForSelector("#digest");
  await v.page.locator("form.sign button").click();
  await v.page.waitForURL("**/calls/*-call-*");
}

// writes types in the field of a conversation until the other side's page shows
// it, and leaves a text there.
async function writes(v, text, sign) {
  const field = v.page.locator("#say-text");
  let seen = false;
  const shown = sign.waitFor().finally(() => { seen = true; });
  while (!seen) await field.pressSequentially("typing ", { delay: 100 });
  await shown;
  await field.fill(text);
}

// glossaryUnfolds: a word that both agreed on unfolds by a key, and without
// scripts.
async function glossaryUnfolds(name) {
  const term = dana.page.locator(".message .term").first(), says = term.locator(".term-says");
  assert.equal(await says.isVisible(), false);
  await term.locator("summary").focus();
  await dana.page.keyboard.press("Enter");
  await says.waitFor();
  assert.match(await says.innerText(), /recall = 撤回汇款[\s\S]*have a payment back/);
  await clean(dana);
  await taken(dana, "call-term-en");
  await dana.page.keyboard.press("Enter");
  const plain = await wen.as(browser, { lang: "zh", theme: "dark", width: 390, script: false });
  await plain.go(`/real/arden/calls/${name}`);
  await plain.page.locator(".message .term summary").first().click();
  assert.match(await plain.page.locator(".message .term-says").first().innerText(), /汇出行请求退回款项/);
  await taken(plain, "call-term-zh-dark-390");
  await plain.close();
}

// savesPDF takes the whole call as a file.
async function savesPDF(v) {
  const [file] = await Promise.all([v.page.waitForEvent("download"), v.page.locator('a[href$="/pdf"]').click()]);
  const raw = await readFile(await file.path());
  assert.equal(raw.subarray(0, 5).toString(), "%PDF-");
  assert.ok(raw.includes("/Type /EmbeddedFile"), "the proof is not inside");
  return file.suggestedFilename();
}

// silences presses what quietens the speaker of a page on which a call rings, by
// keys alone: the focus stays where it was when one button gives way to the other.
async function silences(v) {
  const loud = v.page.locator("[data-loud]"), quiet = v.page.locator("[data-silence]");
  const focused = (e) => e.evaluate((x) => x === document.activeElement);
  await v.page.bringToFront();
  await v.page.locator("#alarm a").focus();
  await v.page.keyboard.press("Tab");
  assert.ok(await focused(loud), "a browser that lets nothing sound yet shows the way to it");
  await v.page.evaluate(() => globalThis.release());
  await quiet.waitFor();
  assert.ok(await focused(quiet));
  await v.page.keyboard.press("Enter");
  await loud.waitFor();
  assert.ok(await focused(loud));
  await v.page.keyboard.press("Enter");
  await quiet.waitFor();
  assert.ok(await focused(quiet));
}

test("a call rings on every page, is answered with one press, talked, and closed with one minute", async () => {
  const watching = await wen.as(browser, { lang: "zh" });
  await watching.page.addInitScript(() => {
    let open = false;
    const released = new Promise((resolve) => { globalThis.release = resolve; }).then(() => { open = true; });
    globalThis.AudioContext = class extends AudioContext {
      get state() { return open ? super.state : "suspended"; }
      resume() { return released.then(() => super.resume()); }
    };
  });
  const following = watching.page.waitForResponse((r) => r.url().endsWith("/live"));
  await watching.go("/real/arden/watch");
  await following;

  await dana.go(`/real/nanlin/requests/${request}`);
  await taken(dana, "call-request");
  await dana.page.locator('main a[href*="calls/new"]').click();
  await opens(dana, { from: `/real/nanlin/calls/new?about=${request}`, text: "The server deletes its logs. Please freeze the disk now." });
  await dana.page.waitForURL("**/calls/arden-call-*");
  const name = named(dana);
  await world.us.meet();

  // The other desk: no reload, a band, a title, and where it leads.
  const band = watching.page.locator("#alarm a");
  await band.waitFor();
  assert.match(await band.innerText(), /真实呼叫.*Arden|真实呼叫.*雅登/);
  assert.match(await watching.page.title(), /☎/);
  await taken(watching, "call-band-zh");
  await silences(watching);
  await watching.close();

  await wen.go("/real/arden/watch");
  await wen.page.locator("#alarm a").click();
  await wen.page.waitForURL(`**/calls/${name}`);
  assert.match(await wen.page.locator(".call-what").first().innerText(), /真实呼叫/);
  assert.equal(await wen.page.locator(".step-rings").count() > 0, true);
  const accept = wen.page.locator(".call-accept");
  await wen.page.waitForFunction(() => document.querySelector(".call-accept")?.getBoundingClientRect().height >= 88);
  assert.match(await accept.innerText(), /沈闻远/);
  await clean(wen);
  await taken(wen, "call-ringing-zh");
  for (const how of [{ theme: "dark", width: 390 }, { theme: "dark" }]) {
    const other = await wen.as(browser, { lang: "zh", ...how });
    await other.go(`/real/arden/calls/${name}`);
    await clean(other);
    await taken(other, `call-ringing-zh-${how.theme}-${how.width ?? 1366}`);
    await other.close();
  }

  // The caller sees which silence it is, in words: it was on a screen.
  await world.them.meet();
  await dana.page.getByText("It is on a screen there. Nobody has accepted").waitFor();
  await clean(dana);
  await taken(dana, "call-calling-en");

  await accept.click();
  await wen.page.locator(".call-talk").waitFor();
  assert.equal((await fresh(wen, name)).phase, "open");
  await dana.page.locator(".call-talk").waitFor();
  assert.equal(await wen.page.locator("#alarm a").count(), 0);

  // What is typed stays while what the other side writes comes.
  await says(dana, "Can the sending bank recall the payment?");
  await writes(dana, "half a sen", wen.page.locator("#call-writes").getByText("雅登正在输入"));
  assert.equal(await dana.page.locator("#call-writes p").count(), 0);
  await taken(wen, "call-writes-zh");
  await wen.page.locator("[role=log]").getByText("Can the sending bank").waitFor();
  await says(wen, "银行已在电话上。“recall”指警方指令吗？");
  await dana.page.locator("[role=log]").getByText("银行已在电话上").waitFor();
  assert.equal(await dana.page.locator("#say-text").inputValue(), "half a sen");
  assert.equal(await dana.page.locator("#say-text").evaluate((e) => e === document.activeElement), true);
  await glossaryUnfolds(name);
  await dana.page.locator("#say-text").fill("");

  // Who writes no more is shown no more, and nothing of it stands in the record.
  await wen.page.locator("#call-writes p").waitFor({ state: "detached" });
  assert.ok(!JSON.stringify((await fresh(wen, name)).acts).includes("half a sen"));

  // It was on the other's screen, and says so.
  await dana.page.locator(".message-us").getByText("Read", { exact: true }).waitFor();
  await wen.page.locator(".message-us").getByText("已查看").waitFor();

  // A file goes with a message, and is saved on the other side, never shown.
  await wen.page.locator("#say-file summary").click();
  await wen.page.locator("#say-files").setInputFiles({ name: "hold.txt", mimeType: "text/plain", buffer: Buffer.from("hold 4471\n") });
  await says(wen, "附冻结通知。");
  const file = dana.page.locator("[role=log] .message-other a[download]"); // beside the original
  await file.waitFor();
  await wen.page.locator("[role=log] .message-text:not(.message-other) a[download]").waitFor();
  assert.match(await file.innerText(), /hold\.txt/);
  const got = await dana.page.evaluate(async (href) => {
    const r = await fetch(href);
    return [r.headers.get("Content-Type"), await r.text()];
  }, await file.getAttribute("href"));
  assert.deepEqual(got, ["application/octet-stream", "hold 4471\n"]);

  await does(wen, "translate", async (page) => {
    await page.locator("#text").fill("汇出行能否撤回该笔款项？");
    await page.locator("#translator").fill("陈波");
  });
  await wen.page.locator(".message").first().getByText("汇出行能否撤回该笔款项").waitFor();
  await does(wen, "word", async (page) => {
    await page.locator("#word").fill("recall");
    await page.locator("#text").fill("警方指令");
  });
  await wen.page.locator(".call-words").getByText("recall").waitFor();
  await world.them.meet();
  await dana.page.locator(".message mark.word").getByText("recall").first().waitFor();
  await clean(dana);
  await clean(wen);
  await taken(dana, "call-talk-en");
  await taken(wen, "call-talk-zh");
  const narrow = await dana.as(browser, { lang: "en", theme: "dark", width: 390 });
  await narrow.go(`/real/nanlin/calls/${name}`);
  await clean(narrow);
  await taken(narrow, "call-talk-en-dark-390");
  await narrow.close();

  await does(dana, "close", (page) => page.locator("#text").fill("The payment is held for 24 hours. Nanlin sends the number of the hold."));
  assert.match(await dana.page.locator("h1").innerText(), /One side has closed it/);
  await taken(dana, "call-closing-en");
  await world.us.meet();
  await wen.page.getByText("The payment is held for 24 hours.").first().waitFor();
  await does(wen, "agree");
  await wen.page.locator(".call-over").waitFor();
  assert.deepEqual([(await fresh(wen, name)).phase, JSON.parse(JSON.stringify(await fresh(wen, name))).over], ["closed", true]);
  await world.them.meet();
  await dana.page.locator(".call-over").waitFor();
  await clean(dana);
  await taken(dana, "call-over-en");
  assert.equal(await savesPDF(dana), `${name}.pdf`);
  await dana.go(`/real/nanlin/calls/${name}/print`);
  await clean(dana);
  await savesPDF(dana);
  await taken(dana, "call-print-en");
  const record = await call(world.us, "/v1/access-record", undefined, dana.token);
  assert.ok(record.some((e) => e.action === "disclose" && JSON.stringify(e).includes(name)), "the print is not recorded");
  await dana.go("/real/nanlin/calls");
  await clean(dana);
  await taken(dana, "calls-en");
});

test("a call that is refused says why, and two persons raise it", async () => {
  const joan = await officer(world, browser, world.us, "Joan Okafor", ["officer", "supervisor"], { lang: "en" });
  await opens(dana, { subject: "Transfers go on", text: "They move money every ten minutes." });
  await dana.page.waitForURL("**/calls/arden-call-*");
  const name = named(dana);
  await world.us.meet();
  await wen.go(`/real/arden/calls/${name}`);
  await does(wen, "decline", async (page) => {
    await page.locator('select[name="reason"]').selectOption({ index: 1 });
    await page.locator("#text").fill("我方无权处理。");
  });
  await world.them.meet();
  await dana.page.locator(".call-refusal").getByText("我方无权处理。").waitFor();
  await taken(dana, "call-declined-en");
  await dana.page.locator('a[href*="/say/raise"]').first().click();
  await dana.page.locator('input[name="rung"]').nth(1).check(); // one that two persons sign
  await dana.page.locator("#text").fill("The harm grows by the hour.");
  await dana.page.locator("main form .moves button").click();
  await dana.page.waitForSelector("#digest");
  const digest = await dana.page.locator("#digest").innerText();
  await clean(dana);
  await dana.page.locator("form.sign button").click();
  await dana.page.waitForURL("**/calls#waits");
  assert.equal((await fresh(dana, name)).phase, "declined", "one signature raised it");
  await clean(dana);
  await taken(dana, "call-waits-en");

  // The same person is not two.
  await dana.page.locator("#waits a").click();
  await dana.page.locator("form.sign button").click();
  await dana.page.getByText("act.persons").waitFor();
  dana.complaints.length = 0; // the refusal itself

  await joan.go("/real/nanlin/calls");
  await joan.page.locator("#waits a").click();
  assert.equal(await joan.page.locator("#digest").innerText(), digest);
  assert.match(await joan.page.locator("main").innerText(), /The harm grows by the hour\./);
  await clean(joan);
  await taken(joan, "call-second-en");
  await joan.page.locator("form.sign button").click();
  await joan.page.waitForURL(`**/calls/${name}`);
  const raised = await fresh(joan, name);
  assert.notEqual(raised.phase, "declined");
  assert.deepEqual(raised.acts.find((a) => a.kind === "call.raise").officers.sort(), ["Dana Whitlock", "Joan Okafor"]);
  await does(joan, "withdraw", (page) => page.locator("#text").fill("Settled otherwise."));
  await joan.page.locator(".call-over").waitFor();

  // A call that begins where two must sign does not leave with one.
  const had = (await call(world.us, "/v1/calls?link=nanlin", undefined, dana.token)).length;
  await opens(dana, { rung: 2, severity: 1, subject: "It spreads", text: "Two hospitals an hour." });
  await dana.page.waitForURL("**/calls#waits");
  assert.equal((await call(world.us, "/v1/calls?link=nanlin", undefined, dana.token)).length, had);
  await joan.go("/real/nanlin/calls");
  await joan.page.locator("#waits a").click();
  assert.match(await joan.page.locator("main").innerText(), /Two hospitals an hour\./);
  await joan.page.locator("form.sign button").click();
  await joan.page.waitForURL("**/calls/arden-call-*");
  assert.deepEqual((await fresh(joan, named(joan))).acts[0].officers.sort(), ["Dana Whitlock", "Joan Okafor"]);
  await does(joan, "withdraw", (page) => page.locator("#text").fill("Settled otherwise."));
  await joan.close();
});

test("a test says TEST where a real call says REAL, and defers by itself", async () => {
  await opens(dana, { from: "/real/nanlin/calls/new?test=1", subject: "Monthly test", text: "Monthly test of the line.", test: true });
  await dana.page.waitForURL("**/calls/arden-call-*");
  const name = named(dana);
  assert.match(await dana.page.locator(".call-what").first().innerText(), /TEST/);
  assert.doesNotMatch(await dana.page.locator("main").innerText(), /REAL/);
  await world.us.meet();
  await wen.go(`/real/arden/calls/${name}`);
  assert.match(await wen.page.locator(".call-what").first().innerText(), /测试/);
  assert.doesNotMatch(await wen.page.locator("main").innerText(), /真实/);
  await taken(wen, "call-test-zh");
  await does(wen, "defer", async (page) => {
    await page.locator('select[name="until"]').selectOption("+20m");
    await page.locator('select[name="reason"]').selectOption({ index: 1 });
  });
  assert.equal((await fresh(wen, name)).phase, "deferred");
  await clean(wen);
  await taken(wen, "call-deferred-zh");
  await wen.page.locator(".call-accept").click(); // all the same
  await wen.page.locator(".call-talk").waitFor();
});

test("an exercise says EXERCISE, in the same place", async () => {
  await opens(dana, { from: "/exercise/nanlin/calls/new", subject: "Played", text: "A played incident." });
  await dana.page.waitForURL("**/exercise/nanlin/calls/arden-call-*");
  const name = named(dana);
  await world.us.meet();
  await wen.go("/real/arden/watch");
  assert.match(await wen.page.locator("#alarm a").innerText(), /^演练/);
  await wen.page.locator("#alarm a").click();
  await wen.page.waitForURL(`**/exercise/arden/calls/${name}`);
  assert.match(await wen.page.locator(".call-what").first().innerText(), /演练/);
  assert.doesNotMatch(await wen.page.locator("main").innerText(), /真实/);
  assert.doesNotMatch(await dana.page.locator("main").innerText(), /REAL/);
  await clean(wen);
  await taken(wen, "call-exercise-zh");
  await does(dana, "withdraw", (page) => page.locator("#text").fill("The exercise ends."));
});

test("who judges reads, and is offered nothing to say", async () => {
  const ann = await Visitor.open(browser, world.us, { lang: "en" });
  await ann.join("Ann Reyes", ["auditor"]);
  await ann.go("/real/nanlin/calls");
  const link = ann.page.locator("main table a").first();
  assert.equal(await ann.page.locator('a[href*="calls/new"]').count(), 0);
  await link.click();
  await ann.page.waitForURL("**/calls/*-call-*");
  assert.equal(await ann.page.locator('a[href*="/say/"], form[action*="/say/"]').count(), 0);
  const before = (await fresh(ann, named(ann))).acts.length;
  await ann.page.reload();
  assert.equal((await fresh(ann, named(ann))).acts.length, before, "a reader said something");
  await clean(ann);
  assert.equal((await ann.go("/real/nanlin/calls/new")).status(), 403);
  await ann.close();
});

test("the alarm is heard before the night", async () => {
  await dana.go("/alarm");
  await clean(dana);
  await taken(dana, "alarm-en");
  await dana.page.locator("#alarm-hear").click();
  await dana.page.locator("#alarm-state").getByText("The alarm sounds now").waitFor();
  assert.ok(Number(await dana.page.locator("#alarm-test").getAttribute("data-heard")) > 0);
  await dana.page.locator("#alarm-stop").click();
  await dana.page.locator("#alarm-state").getByText("The alarm is off").waitFor();
});

test("where two must accept one twice is one, and two minutes stand side by side", async () => {
  const qing = await officer(world, browser, world.them, "林青", ["officer", "duty"], { lang: "zh" });
  await opens(dana, { rung: 1, subject: "Two must accept", text: "It needs two of you." });
  await dana.page.waitForURL("**/calls/arden-call-*");
  const name = named(dana);
  await world.us.meet();
  await wen.go(`/real/arden/calls/${name}`);
  await wen.page.locator(".call-accept").click();
  await wen.page.locator(".call-accept").waitFor({ state: "detached" });
  assert.equal((await fresh(wen, name)).phase, "accepted");
  await taken(wen, "call-accepted-once-zh");

  // The same person again: it is refused before anything is signed.
  await wen.go(`/real/arden/calls/${name}/say/accept`);
  await wen.page.locator("main form .moves button").click();
  await wen.page.getByText("act.thread").waitFor();
  assert.equal(await wen.page.locator("form.sign button").count(), 0);
  wen.complaints.length = 0; // the refusal itself
  assert.equal((await fresh(wen, name)).phase, "accepted");
  assert.equal(await dana.page.locator(".call-talk").count(), 0);

  await qing.go(`/real/arden/calls/${name}`);
  await qing.page.locator(".call-accept").click();
  await qing.page.locator(".call-talk").waitFor();
  await dana.page.locator(".call-talk").waitFor();
  assert.deepEqual((await fresh(wen, name)).acts.filter((a) => a.kind === "call.accept").map((a) => a.officers[0]).sort(), ["林青", "沈闻远"].sort());

  await does(dana, "close", (page) => page.locator("#text").fill("We hold the payment."));
  await does(qing, "close", (page) => page.locator("#text").fill("我方冻结账户。"));
  for (const v of [dana, qing]) {
    await v.page.locator(".call-over .minute").nth(1).waitFor();
    assert.match(await v.page.locator("main").innerText(), /We hold the payment\.[\s\S]*我方冻结账户。|我方冻结账户。[\s\S]*We hold the payment\./);
    await clean(v);
  }
  assert.deepEqual(JSON.parse(JSON.stringify((await fresh(dana, name)).view.call.ended)), "two-minutes");
  await taken(dana, "call-two-minutes-en");
  await qing.close();
});

test("without scripts a call is read, and the command that answers stands there", async () => {
  await opens(dana, { subject: "Reading", text: "For who has no scripts." });
  await dana.page.waitForURL("**/calls/arden-call-*");
  const name = named(dana);
  await world.us.meet();
  const plain = await wen.as(browser, { lang: "zh", script: false });
  await plain.go(`/real/arden/calls/${name}`);
  assert.match(await plain.page.locator("main").innerText(), /For who has no scripts\./);
  assert.equal(await plain.page.locator("#call-key code").textContent(), `parley hotline answer ${name} --officer KEY`);
  await plain.page.locator(".call-accept").click();
  assert.match(await plain.page.locator("main").textContent(), new RegExp(`parley hotline answer ${name}`));
  await plain.close();
});

test("a line that is cut says so, and brings the rest by itself when it heals", async () => {
  await world.them.stop();
  await opens(dana, { subject: "Nobody answers", text: "Said while the line is down." });
  await dana.page.waitForURL("**/calls/arden-call-*");
  const silence = dana.page.locator(".call-silence-what");
  await silence.getByText(/it has not reached them/).waitFor();
  await clean(dana);
  await taken(dana, "call-cut-en");
  await dana.page.evaluate(() => { globalThis.sameWindow = true; });
  await world.them.serve();
  await silence.getByText("Their node has it").waitFor();
  assert.equal(await dana.page.evaluate(() => globalThis.sameWindow), true, "the page was loaded anew");
  await does(dana, "withdraw", (page) => page.locator("#text").fill("Settled otherwise."));
});
