// The whole case of the demonstration in two browsers, in two languages: an
// officer here asks, an officer there answers, and a third person approves what
// leaves. Everybody gets in by a one-time link, signs in and signs with
// passkeys; at the end the auditor's program verifies what they signed.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { appendFile, copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { arrives, browserOf, call } from "./harness.mjs";
import { gated, makeWorld, root } from "./world.mjs";

const run = promisify(execFile);
let world, browser, dana, shen, li;

before(async () => {
  world = await makeWorld({ prepare: async (side) => { if (side.code === "nanlin") await gated(side); } });
  browser = await browserOf(world);
});

after(async () => {
  await browser?.close();
  await world?.stop();
});

// fill puts values into the form of the page that has them, by name.
async function fill(v, values) {
  for (const [name, value] of Object.entries(values)) {
    const places = v.page.locator(`[name="${name}"]`);
    if ((await places.count()) === 0) continue;
    const kind = await places.first().evaluate((e) => (e.tagName === "SELECT" ? "select" : e.type));
    if (kind === "radio") await v.page.locator(`[name="${name}"][value="${value}"]`).check();
    else if (kind === "select") await places.first().selectOption(value);
    else if (kind === "file") await places.first().setInputFiles(value);
    else {
      for (const details of await v.page.locator("details:not([open])").all()) {
        if (await details.locator(`[name="${name}"]`).count()) await details.locator("summary").click();
      }
      await places.first().fill(value);
    }
  }
}

// through goes through the steps of a form, filling in what each asks for, and
// signs what leaves.
async function through(v, values) {
  for (let step = 0; step < 8; step++) {
    if (v.page.url().endsWith("/check") || v.page.url().includes("/drafts/")) break;
    await fill(v, values);
    const at = v.page.url();
    await v.page.locator('.moves button[name="go"][value="on"]').click();
    await v.page.waitForLoadState();
    const problems = await v.page.locator(".govuk-error-summary").allInnerTexts();
    assert.deepEqual(problems, [], `at ${at}`);
  }
}

async function signs(v) {
  const at = v.page.url();
  await v.page.locator("form.sign button, form[data-passkey=sign] button").first().click();
  await v.page.waitForURL((url) => url.href !== at, { timeout: 15_000 }).catch(async () => {
    throw new Error(`not signed at ${at}: ${await v.page.locator("main").innerText()}`);
  });
}

// says says one more act in a request by its short form.
async function says(v, request, kind, values, sign = true) {
  await v.go(`/real/${v.side === world.us ? "nanlin" : "arden"}/requests/${request}/say/${kind}`);
  await through(v, values);
  if (sign) await signs(v);
}

async function tokenOf(v) {
  return (await v.context.cookies()).find((c) => c.name === "__Host-parley")?.value;
}

async function holds(v, request, words) {
  await v.go(`/real/${v.side === world.us ? "nanlin" : "arden"}/requests/${request}`);
  const text = await v.page.locator("main").innerText();
  for (const w of words) assert.ok(text.includes(w), `${request} of ${v.side.code} does not say ${w}:\n${text}`);
}

test("people arrive, and the cards have their keys", async () => {
  dana = await arrives(browser, world.us, "en", "Dana Whitlock", "officer,supervisor");
  shen = await arrives(browser, world.them, "zh", "沈文远", "officer,duty");
  li = await arrives(browser, world.them, "zh", "李主任", "approver");
  for (const s of [world.us, world.them]) await s.parley("card", "update");
  await world.meet();
  await world.meet();
  for (const v of [dana, shen, li]) {
    await v.go("/me");
    assert.match(await v.page.locator("#signing ~ .table-wrap").innerText(), /arden|nanlin/);
  }
});

test("an officer signs out and in again, with a new session", async () => {
  const token = () => tokenOf(dana);
  const old = await token();
  await dana.page.locator('form[action="/sign-out"] button').click();
  await dana.page.waitForURL("**/signed-out");
  assert.equal(await token(), undefined);
  await dana.go("/real/nanlin/watch");
  assert.match(dana.page.url(), /sign-in\?to=/);
  await dana.page.locator('form[data-passkey="enter"] button').click();
  await dana.page.waitForURL("**/real/nanlin/watch");
  assert.notEqual(await token(), old);
});

let request;

test("a request is filled in, checked, signed and sent", async () => {
  await dana.go("/real/nanlin/requests/new");
  const dir = await mkdtemp(path.join(os.tmpdir(), "parley-case-"));
  const files = ["bec.eml", "indicators.json"].map((name) => path.join(dir, name));
  for (const file of files) await copyFile(path.join(root, "cmd/parley/testdata/demo", path.basename(file)), file);
  await through(dana, {
    type: "incident", urgency: "urgent", area: "email-compromise", title: "Imitated supplier mail: payment diverted", why: "The account is emptied tonight.",
    handling: "H1", reference: "HM-2016-0417", justification: "property",
    "f.own-reference": "HM-2016-0417", "f.authority": "Cybercrime unit", "f.legal-basis": "Article 3", "f.offence": "wire fraud",
    "f.facts": "A mail with changed bank details came on 14 June.", "f.class": "fraud", "f.wanted": "Who used the address then.", "f.purpose": "investigation",
    "f.period.from": "2016-06-14 07:41", "f.period.to": "2016-06-14 16:00", "f.identifiers": "198.51.100.143",
    "f.earlier": "no", "f.confidential": "no", "f.contact.name": "Ellen Marsh", "f.contact.phone": "+1 202 555 0143",
    "f.confirmer.name": "Joseph Okoro", "f.confirmer.phone": "+1 202 555 0177", "f.why-here": "The address is announced there.",
    "f.language": "both", "f.channel": "this-line", file: files,
  });
  assert.match(await dana.page.locator("main").innerText(), /Imitated supplier mail/);
  await signs(dana);
  request = new URL(dana.page.url()).pathname.split("/").at(-1);
  assert.match(request, /^arden-\d+$/);
  await rm(dir, { recursive: true });
  await world.meet();
});

test("the other side opens it, takes it on and asks", async () => {
  await holds(shen, request, ["Imitated supplier mail"]);
  await says(shen, request, "opened", {});
  await says(shen, request, "accept", { text: "我方受理。" });
  await says(shen, request, "ask", { text: "款项汇往哪一个账户？" });
  await world.meet();
  await says(dana, request, "reply", { text: "To the second, ending 4471." });
  await world.meet();
  await holds(shen, request, ["To the second"]);
});

test("a translation stands beside what it translates, signed by who made it", async () => {
  await holds(dana, request, ["款项汇往哪一个账户？"]);
  const question = (await dana.page.locator("text=/nanlin\\.\\d+/").allInnerTexts()).join(" ").match(/nanlin\.\d+/g).at(-1);
  await says(dana, request, "translate", { act: question, path: "/said/text", text: "To which account is the money to go?", translator: "Liu Yan" });
  await world.meet();
  await holds(shen, request, ["To which account is the money to go?", "Liu Yan", "尚未审校"]);
});

// approved says an act that a second person has to read first: it waits as a
// draft, is passed there with a signature of its own, and then leaves.
async function approved(kind, values) {
  await says(shen, request, kind, values, false);
  if (shen.page.url().endsWith("/check")) await shen.page.locator('a[href*="/drafts/"]').first().click();
  await shen.page.waitForURL("**/drafts/*");
  const draft = new URL(shen.page.url()).pathname;
  assert.equal(await shen.page.locator("form.sign").count(), 0, "it can be signed before anybody has read it");
  await li.go(draft);
  await li.page.locator('button[name="verdict"][value="passed"]').first().click();
  await li.page.waitForLoadState();
  await signs(li);
  await shen.go(draft);
  await signs(shen);
  await world.meet();
}

test("what is given leaves when a second person has read it", async () => {
  const analysis = path.join(root, "cmd/parley/testdata/demo/reply-analysis.txt");
  await approved("partial", { text: "分析报告附后。", handling: "H1", form: "report", file: analysis });
  await holds(dana, request, ["分析报告附后", "reply-analysis.txt"]);
  await approved("answer", { text: "主机已查明。", handling: "H1", form: "report" });
  await holds(dana, request, ["主机已查明"]);
});

test("it is rated and closed, and the auditor verifies what was signed", async () => {
  await says(dana, request, "rate", { score: "5", text: "Exact." });
  await says(dana, request, "close", { text: "Thank you." });
  await world.meet();
  await holds(shen, request, ["Exact."]);
  await dana.go(`/real/nanlin/requests/${request}/print`);
  assert.match(await dana.page.locator("main").innerText(), /Printed by Dana Whitlock/);
  assert.equal(await dana.page.locator(".kraft").count(), 0);
  const reads = await call(world.us, "/v1/access-record", undefined, await tokenOf(dana));
  assert.ok(reads.some((x) => x.action === "disclose" && x.request === request && x.name === "Dana Whitlock"), "what was printed is not recorded");
  const file = await call(world.us, "/v1/disclose", { link: "nanlin", request }, await tokenOf(dana));
  const at = path.join(world.dir, "case.disclosure");
  await writeFile(at, Buffer.from(file.content, "base64"));
  const { stdout } = await run("go", ["run", "./cmd/parley-verify", "--party", world.us.party, "--party", world.them.party, at], { cwd: root });
  for (const words of ["Dana Whitlock", "沈文远", "VERIFIED"]) assert.ok(stdout.includes(words), `${words} is not in:\n${stdout}`);
});
