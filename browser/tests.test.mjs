// What takes time, by clocks that we set on: a test of the line on two desks,
// which both nodes plan, and which rings by itself and says TEST wherever it is
// shown until one press and a passkey answer it, with one result on both sides;
// and a call that nobody answers, which climbs.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browserOf, call } from "./harness.mjs";
import { makeWorld } from "./world.mjs";
import { officer } from "./writing.mjs";

const minute = 60_000;
const taken = process.env.PARLEY_PICTURES ? (v, name) => v.picture(name) : async () => {};
let world, browser, dana, wen, planned;

// agreed is a timetable with a test that is due within eighty minutes, the
// soonest that a node plans, and one in a month.
async function agreed(document, w) {
  const now = await w.us.passes(0);
  const by = (ms) => new Date(Math.floor(ms / minute) * minute).toISOString().replace(".000", "");
  const rung = document.hotline.rungs[0].code;
  document.hotline.tests = [
    { code: "first", names: { en: "First test", zh: "首次测试" }, announced: true, before: by(now + 80 * minute), rung, minutes: 15 },
    { code: "monthly", names: { en: "Monthly test", zh: "每月测试" }, announced: true, every: { amount: 30, unit: "days" }, before: by(now + 720 * 60 * minute), rung, minutes: 15 },
  ];
}

const other = (side) => (side === world.us ? world.them : world.us);
const tests = async (side) => (await call(side, `/v1/tests?link=${other(side).code}&realm=real`, undefined, (side === world.us ? dana : wen)?.token)).flatMap((t) => t.tests ?? []);

// until asks until something is so: the nodes do it by themselves.
async function until(what, is) {
  for (let i = 0; i < 200; i++) {
    const found = await is();
    if (found) return found;
    await new Promise((done) => setTimeout(done, 50));
  }
  return assert.fail(what);
}

// passes sets both clocks on until an instant; first that of the side that is to
// be called, or it would have the call before its own clock shows the instant.
async function passes(instant, first = world.us) {
  for (const s of [first, other(first)]) await s.passes(Math.max(0, instant - (await s.passes(0))));
}

before(async () => {
  world = await makeWorld({ clock: true, change: agreed });
  for (const s of [world.us, world.them]) {
    const entry = await s.file("contact.json", { role: "duty", unit: "cyber", names: { en: "Duty desk", zh: "值班席位" }, hours: { en: "Day and night", zh: "全天" },
      languages: ["en", "zh-Hans"], ways: [{ kind: "phone", value: "+1 202 555 0143", note: { lang: "en", text: "" } }], zone: "UTC", deputies: ["supervisor"], until: "2026-01-01T00:00:00Z", temporary: false, confirmers: [{ role: "supervisor", kind: "phone", value: "+1 202 555 0177" }] });
    await s.parley("contacts", "publish", entry, "--officer", "duty", "--until", "+180d");
  }
  await world.meet();
  planned = await until("no test was planned both ways", async () => {
    const list = (await tests(world.us)).filter((t) => t.code === "first" && t.at);
    return list.length === 2 && list.sort((a, b) => a.at - b.at);
  });
  await passes(planned[0].at - 2 * minute); // who is signed in stays so
  browser = await browserOf(world);
  dana = await officer(world, browser, world.us, "Dana Whitlock", ["officer", "duty", "supervisor"], { lang: "en" });
  wen = await officer(world, browser, world.them, "沈闻远", ["officer", "duty", "supervisor"], { lang: "zh" });
});

after(async () => {
  await browser?.close();
  await world?.stop();
});

const home = (v) => `/real/${other(v.side).code}`;
const clean = async (v) => {
  assert.deepEqual(await v.faults(), []);
  assert.equal(await v.wide(), false, "wider than its window");
  assert.deepEqual(v.complaints, []);
};

const manners = [{ lang: "en", theme: "light", width: 1366 }, { lang: "zh", theme: "dark", width: 390 }];

// looked has axe look at a page as it is by day on a desk, and by night on a
// telephone.
async function looked(v, where, name, ways = manners) {
  for (const manner of ways) {
    const window = await v.as(browser, manner);
    await window.go(where);
    await clean(window);
    await taken(window, `${name}-${Object.values(manner).join("-")}`);
    await window.close();
  }
}

test("the calendar shows what is agreed and what is planned, both ways", async () => {
  await dana.go(`${home(dana)}/calls`);
  await dana.page.locator('main a[href$="/tests"]').first().click();
  await dana.page.waitForURL("**/tests");
  const says = await dana.page.locator("main").innerText();
  assert.match(says, /The first test is still to come[\s\S]*First test[\s\S]*Monthly test[\s\S]*Planned/);
  assert.ok(says.lastIndexOf("First test") < says.lastIndexOf("Monthly test"), "what comes first does not stand first");
  assert.equal(await dana.page.locator("main table tbody tr").count(), 6, says); // the first, and two months of the other;
  await looked(dana, `${home(dana)}/tests`, "tests-planned");
});

test("a test rings by itself, says TEST, and one press answers it, both ways", async () => {
  for (const plan of planned) {
    const called = plan.ours ? wen : dana;
    await called.go(`${home(called)}/watch`);
    await passes(plan.at + 1000, called.side);
    const band = called.page.locator("#alarm a");
    await band.waitFor();
    const [says, real] = called === wen ? [/测试/, /真实/] : [/TEST/, /REAL/];
    assert.match(await band.innerText(), says);
    assert.doesNotMatch(await band.innerText(), real);
    await taken(called, `tests-band-${called.side.code}`);
    await band.click();
    await called.page.waitForURL(`**/calls/${plan.name}`);
    assert.match(await called.page.locator(".call-what").first().innerText(), says);
    assert.doesNotMatch(await called.page.locator("main").innerText(), real);
    await looked(called, `${home(called)}/calls/${plan.name}`, `tests-ringing-${called.side.code}`);
    await called.page.locator(".call-accept").click();
    for (const s of [world.us, world.them]) {
      await until(`${s.code} has no result of ${plan.name}`, async () => (await tests(s)).some((t) => t.name === plan.name && t.result === "answered" && t.outcomes.length === 2));
    }
    const held = (await tests(called.side)).find((t) => t.name === plan.name);
    assert.deepEqual(held.marks ?? [], []);
    await called.page.locator("#alarm a").waitFor({ state: "detached" });
    // There is nothing more to say of a test that was answered: the page learns of it by itself.
    await called.page.waitForFunction(() => document.querySelectorAll('a[href*="/say/"], form[action*="/say/"]').length === 0);
    await looked(called, `${home(called)}/calls/${plan.name}`, `tests-answered-${called.side.code}`, [manners[called === dana ? 1 : 0]]);
  }
});

test("both sides show the result: calendar, watch, contact point", async () => {
  for (const [v, calendar, answered] of [[dana, /The last tests were answered in time/, /answered by Dana Whitlock[\s\S]*answered by 沈闻远|answered by 沈闻远[\s\S]*answered by Dana Whitlock/], [wen, /最近的测试均已按时应答/, /Dana Whitlock[\s\S]*沈闻远|沈闻远[\s\S]*Dana Whitlock/]]) {
    await v.go(`${home(v)}/tests`);
    assert.match(await v.page.locator("h1").innerText(), calendar);
    const rows = await v.page.locator("main table").last().locator("tbody tr").allInnerTexts();
    assert.equal(rows.length, 2, rows.join("\n"));
    assert.match(rows.join("\n"), answered);
    await v.go(`${home(v)}/watch`);
    assert.match(await v.page.locator('section[aria-labelledby="tests"]').innerText(), answered);
    await v.go(`${home(v)}/contacts`);
    assert.doesNotMatch(await v.page.locator("main").innerText(), /Not tested|未测试/);
    for (const where of ["tests", "watch", "contacts", "calls"]) await looked(v, `${home(v)}/${where}`, `tests-held-${where}-${v.side.code}`, [manners[v === dana ? 1 : 0]]);
  }
});

test("a call that nobody answers climbs, and both sides see it climb until a person accepts", async () => {
  await dana.go(`${home(dana)}/calls/new`);
  await dana.page.locator("#subject").fill("Nobody is at the desk");
  await dana.page.locator("#text").fill("The disk is wiped tonight.");
  for (const what of ["severity", "rung"]) await dana.page.locator(`input[name="${what}"]`).first().check();
  await dana.page.locator(".moves button").click();
  await dana.page.waitForSelector("#digest");
  await dana.page.locator("form.sign button").click();
  await dana.page.waitForURL("**/calls/*-call-*");
  const name = new URL(dana.page.url()).pathname.split("/").pop();
  await wen.go(`${home(wen)}/watch`);
  await wen.page.locator("#alarm a").click();
  await wen.page.waitForURL(`**/calls/${name}`);
  for (const v of [dana, wen]) await v.page.locator(".ladders-side .step-rings").nth(1).waitFor();
  await passes((await world.us.passes(0)) + 16 * minute);
  // Without a reload: the first rung rang, the second rings, on both ladders.
  for (const v of [dana, wen]) {
    await v.page.locator(".ladders-side .step-rang + .step-rings").nth(1).waitFor();
    await looked(v, `${home(v)}/calls/${name}`, `climbs-${v.side.code}`, [manners[v === dana ? 0 : 1]]);
  }
  await wen.page.locator(".call-accept").click();
  for (const v of [dana, wen]) await v.page.locator("#say-text").waitFor();
});
