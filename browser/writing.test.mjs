// What is written: a complete request by the keyboard, counted; forms that are
// stale, that two officers change, that a lid closes on; approval by a second
// person; and what must not work.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browserOf, call, Effort, originOf, Visitor } from "./harness.mjs";
import { night } from "./scene.mjs";
import { gated, makeWorld } from "./world.mjs";
import { begin, kept, mitigation, officer } from "./writing.mjs";

let world, names, browser, dana, kofi;

before(async () => {
  world = await makeWorld();
  names = await night(world);
  await world.us.stop();
  await gated(world.us);
  await world.us.serve();
  browser = await browserOf(world);
  dana = await officer(world, browser, world.us, "Dana Whitlock", ["officer", "duty"]);
  kofi = await officer(world, browser, world.us, "Kofi Amadi", ["officer", "approver"]);
});

after(async () => {
  await browser?.close();
  await world?.stop();
});

const at = (where) => `/real/nanlin/${where}`;
const form = (number, step) => at(`forms/${number}/${step}`);

test("a complete mitigation request by the keyboard, counted", async (t) => {
  const v = dana, page = v.page;
  await v.go(at("requests/new"));
  const effort = new Effort(v);
  effort.pages = 1;
  const go = async (...how) => {
    const next = page.waitForNavigation();
    for (const key of how) await effort.press(key);
    await next;
  };
  // Type and urgency: the first entry has the focus.
  for (const key of ["M", "i"]) await effort.press(key);
  await effort.press("Tab");
  await effort.press("ArrowDown");
  await effort.press("Tab");
  await effort.type("A third payment is announced for tomorrow.");
  await effort.press("Tab");
  await effort.press("E");
  await go("Tab", "Tab", "Tab", "Enter");
  // What happened.
  await effort.type("Take down a page that collects passwords");
  for (const text of ["AR-2026-78", "Arden Cyber Unit", "", "Since 9 March a page has collected passwords of staff at 14 firms."]) {
    await effort.press("Tab");
    if (text) await effort.type(text);
  }
  await effort.press("Tab");
  await effort.press("Space");
  await effort.press("Tab");
  await effort.type("2026-03-09 04:10");
  await effort.press("Tab", 2);
  await effort.press("Space");
  await effort.press("Tab");
  await effort.type("198.51.100.17\npay-check.example");
  await go("Tab", "Enter");
  // What is asked.
  await effort.type("Three sensors saw stolen passwords arrive.");
  await effort.press("Tab");
  await effort.press("Space");
  await effort.press("Tab");
  await effort.press("Space");
  await go("Enter");
  // Handling: who is in charge is as in the last request.
  await effort.press("ArrowDown");
  await effort.press("Tab", 2);
  await effort.press("ArrowDown");
  await go("Enter");
  assert.match(page.url(), /\/check$/, await page.locator("main").innerText());
  assert.match(await page.locator(".leaves").innerText(), /pay-check\.example/);
  // Check what leaves, sign.
  const pages = effort.pages;
  await effort.press("Tab", 2);
  const sent = page.waitForURL(/sent=/);
  await effort.press("Enter");
  await sent;
  t.diagnostic(`a mitigation request: ${effort.fields} fields typed, ${effort.keys} keys beyond the content, ${pages} pages`);
  assert.ok(effort.keys <= 60, `${effort.keys} keys`);
  assert.ok(pages <= 5, `${pages} pages`);
  await world.meet();
  const name = decodeURIComponent(new URL(page.url()).pathname.split("/").at(-1));
  const theirs = await world.them.json("request", "show", name);
  assert.equal(theirs.title.text, "Take down a page that collects passwords");
  assert.deepEqual(theirs.acts[0].officers, ["Dana Whitlock"]);
});

test("two officers on one form: the second sees both, and nothing is lost", async () => {
  for (const [lang, says] of [["en", /Two versions of this form/], ["zh", /此表单有两份内容/]]) {
    const { number } = await begin(world.us, "nanlin", mitigation, dana.token);
    const first = await dana.as(browser, { lang }), second = await kofi.as(browser, { lang, script: false });
    await first.go(form(number, "facts"));
    await second.go(form(number, "facts"));
    await first.page.fill("[name='f.facts']", "What Dana wrote.");
    await first.page.click("button[value=leave]");
    await second.page.fill("[name='f.facts']", "What Kofi wrote.");
    await second.page.click(".govuk-button[value=on]");
    const text = await second.page.locator("main").innerText();
    assert.match(text, says);
    assert.match(text, /What Dana wrote\./);
    assert.match(text, /What Kofi wrote\./);
    assert.match(text, /Dana Whitlock/);
    assert.equal((await kept(world.us, "nanlin", number, dana.token)).values["f.facts"][0], "What Dana wrote.");
    await second.page.click("form.moves button");
    const after = await kept(world.us, "nanlin", number, dana.token);
    assert.equal(after.values["f.facts"][0], "What Kofi wrote.");
    assert.equal(after.values.title[0], mitigation.title[0]);
    await first.close();
    await second.close();
  }
});

test("a script that saves by itself stops when somebody else changed the form", async () => {
  const { number, version } = await begin(world.us, "nanlin", mitigation, dana.token);
  await dana.go(form(number, "facts"));
  const seen = await kept(world.us, "nanlin", number, dana.token);
  await call(world.us, "/v1/forms", { ...seen, version, by: "Kofi Amadi", values: { ...mitigation, title: ["Another title"] } }, kofi.token);
  await dana.page.fill("[name='f.facts']", "Typed meanwhile.");
  await dana.page.locator("#saved", { hasText: "Kofi Amadi" }).waitFor();
  assert.equal((await kept(world.us, "nanlin", number, dana.token)).values.title[0], "Another title");
  assert.equal(await dana.page.inputValue("[name='f.facts']"), "Typed meanwhile.");
  dana.complaints.length = 0;
});

test("a lid closed in mid-form: what was typed is there again", async () => {
  const tab = await dana.as(browser, { lang: "en" });
  await tab.go(at("requests/new"));
  await tab.page.selectOption("[name=type]", "mitigation");
  await tab.page.fill("[name=why]", "Typed before the lid closed.");
  await tab.page.locator("#saved", { hasText: "Saved" }).waitFor();
  const where = new URL(tab.page.url()).pathname;
  assert.match(where, /\/forms\/\d+\/type$/);
  await tab.page.close({ runBeforeUnload: false });
  await tab.close();
  await dana.go(where);
  assert.equal(await dana.page.inputValue("[name=why]"), "Typed before the lid closed.");
  await dana.go(at("forms"));
  assert.match(await dana.page.locator("main").innerText(), /Mitigation of malicious activity/);
});

test("what is missing is said beside the entry, with the focus on the list", async () => {
  for (const [lang, says] of [["en", /Error: What happened/], ["zh", /错误： ?基本情况/]]) {
    const v = await dana.as(browser, { lang });
    const { number } = await begin(world.us, "nanlin", { type: ["mitigation"] }, dana.token);
    await v.go(form(number, "facts"));
    await v.page.fill("[name='f.observed.from']", "yesterday");
    await v.page.click(".govuk-button[value=on]");
    assert.match(await v.page.title(), says);
    assert.equal(await v.page.evaluate(() => document.activeElement.id), "problems");
    assert.equal(await v.page.inputValue("[name='f.observed.from']"), "yesterday");
    await v.page.click("#problems a[href='#f.facts']");
    assert.equal(await v.page.evaluate(() => document.activeElement.name), "f.facts");
    assert.equal(await v.page.getAttribute("[name='f.facts']", "aria-invalid"), "true");
    assert.deepEqual(await v.faults(), []);
    await v.go(form(number, "check"));
    assert.equal(await v.page.locator("form[data-challenge]").count(), 0, "an incomplete request can be signed");
    assert.deepEqual(await v.faults(), []);
    await v.close();
  }
});

test("a form works by its buttons without scripts", async () => {
  const v = await dana.as(browser, { lang: "en", script: false });
  await v.go(at("requests/new"));
  await v.page.selectOption("[name=type]", "mitigation");
  await v.page.check("[name=urgency][value=routine]");
  await v.page.selectOption("[name=area]", "email-compromise");
  await v.page.click(".govuk-button[value=on]");
  assert.match(await v.page.locator("h1").innerText(), /What happened/);
  await v.page.fill("[name=title]", "By buttons");
  await v.page.click("button[value=leave]");
  assert.match(await v.page.locator("main").innerText(), /By buttons/);
  await v.close();
});

test("another site cannot have a browser write, and a signature cannot be left out", async () => {
  const { number } = await begin(world.us, "nanlin", mitigation, dana.token);
  const evil = await dana.context.newPage();
  await evil.setContent(`<form method="post" action="${originOf(world.us)}${at(`forms/${number}/drop`)}"><button>x</button></form>`);
  const refused = evil.waitForNavigation();
  await evil.click("button");
  assert.ok((await refused).status() >= 400);
  await evil.close();
  assert.equal((await kept(world.us, "nanlin", number, dana.token)).number, number);

  await dana.go(form(number, "check"));
  const before = (await call(world.us, "/v1/requests?link=nanlin", undefined, dana.token)).length;
  const answer = dana.page.waitForNavigation();
  await dana.page.evaluate(() => HTMLFormElement.prototype.submit.call(document.querySelector("form[data-challenge]")));
  assert.equal((await answer).status(), 422);
  assert.match(await dana.page.locator("main").innerText(), /web\.unsigned/);
  assert.equal((await call(world.us, "/v1/requests?link=nanlin", undefined, dana.token)).length, before);
  assert.equal((await kept(world.us, "nanlin", number, dana.token)).number, number);
  dana.complaints.length = 0;
});

test("a check that was open while the form changed signs nothing", async () => {
  const { number, version } = await begin(world.us, "nanlin", mitigation, dana.token);
  await dana.go(form(number, "check"));
  const seen = await kept(world.us, "nanlin", number, dana.token);
  await call(world.us, "/v1/forms", { ...seen, version, by: "Kofi Amadi", values: { ...mitigation, title: ["Changed behind the page"] } }, kofi.token);
  const answer = dana.page.waitForResponse((r) => r.url().endsWith("/sign"));
  await dana.page.click("form[data-challenge] button");
  assert.equal((await answer).status(), 422);
  await dana.page.locator("code", { hasText: "desk.form-changed" }).waitFor();
  assert.equal((await kept(world.us, "nanlin", number, dana.token)).values.title[0], "Changed behind the page");
  dana.complaints.length = 0;
});

test("hostile values stay text wherever they are shown", async () => {
  const nasty = "\"><script>alert(1)</script>\u202etxt.exe \u200bpаy-check.example <img src=x onerror=alert(2)>"; // with a Cyrillic letter
  const { number } = await begin(world.us, "nanlin", { ...mitigation, title: [nasty], "f.facts": [nasty], "f.identifiers": [nasty], link: [nasty], "f.contact.name": [nasty] }, dana.token);
  dana.complaints.length = 0;
  for (const where of [form(number, "type"), form(number, "facts"), form(number, "handling"), form(number, "check"), at("forms")]) {
    await dana.go(where);
    assert.equal(await dana.page.locator("main script, main img").count(), 0, where);
    assert.equal(await dana.wide(), false, where);
  }
  await dana.go(form(number, "check"));
  const leaves = await dana.page.locator(".leaves").innerText();
  assert.match(leaves, /U\+200B/);
  assert.match(leaves, /U\+0430/);
  assert.doesNotMatch(leaves, /\u202e/, "what cannot be sent is shown as if it were");
  assert.deepEqual(dana.complaints.filter((c) => !c.includes("status of 422")), []);
});

test("a file is shown with the hash of what is sent, and what nobody checked is said", async () => {
  const { number } = await begin(world.us, "nanlin", mitigation, dana.token);
  await dana.go(form(number, "asked"));
  await dana.page.setInputFiles("input[type=file]", { name: "page.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4 hidden") });
  await dana.page.click("button[value=save]:not(.first-button)");
  const row = await dana.page.locator(".files tbody tr").innerText();
  assert.match(row, /page\.pdf/);
  assert.match(row, /[0-9a-f]{8} … [0-9a-f]{8}/);
  assert.match(row, /not checked/);
  assert.equal((await kept(world.us, "nanlin", number, dana.token)).attachments.length, 1);
  await dana.page.click("button[name=remove]");
  assert.equal((await kept(world.us, "nanlin", number, dana.token)).attachments.length, 0);
});

test("a draft for comment is sent with what there is, and starts no clock", async () => {
  const { number } = await begin(world.us, "nanlin", { ...mitigation, title: ["For comment"], "f.evidence": [], "f.observed.from": [] }, dana.token);
  await dana.go(form(number, "facts"));
  await dana.page.click("button[value=share]");
  assert.match(await dana.page.locator("main").innerText(), /starts no clock/);
  const sent = dana.page.waitForURL(/sent=/);
  await dana.page.click("form[data-challenge] button");
  await sent;
  await world.meet();
  const name = new URL(dana.page.url()).pathname.split("/").at(-1);
  const theirs = await world.them.json("request", "show", name);
  assert.equal(theirs.phase, "draft");
  assert.deepEqual(theirs.view.thread.obligations ?? [], []);
});

test("what is signed out or unreachable is said while somebody types", async () => {
  const tab = await dana.as(browser, { lang: "zh" });
  const { number } = await begin(world.us, "nanlin", mitigation, dana.token);
  await tab.go(form(number, "facts"));
  await tab.context.clearCookies({ name: "__Host-parley" });
  await tab.page.fill("[name='f.facts']", "Typed after the session ended.");
  await tab.page.locator("#saved", { hasText: "未能保存" }).waitFor();
  await tab.enter(dana.token);
  await tab.page.locator("#saved", { hasText: "已于" }).waitFor();
  assert.equal((await kept(world.us, "nanlin", number, dana.token)).values["f.facts"][0], "Typed after the session ended.");
  await tab.close();
});

test("who may only read is shown no form, and can keep none", async () => {
  const auditor = await Visitor.open(browser, world.us);
  await auditor.join("Ruth Adeyemi", ["auditor"]);
  const { number } = await begin(world.us, "nanlin", mitigation, dana.token);
  for (const where of ["requests/new", `requests/${names.theirs}/say/answer`]) assert.equal((await auditor.go(at(where))).status(), 403, where);
  const status = await auditor.page.evaluate(async (to) => (await fetch(to, { method: "POST", body: new URLSearchParams({ title: "forced" }) })).status, form(number, "facts"));
  assert.equal(status, 403);
  assert.equal((await kept(world.us, "nanlin", number, dana.token)).values.title[0], mitigation.title[0]);
  await auditor.close();
});

test("every move that a request offers has its short form, in both languages", async () => {
  for (const lang of ["en", "zh"]) {
    const v = await dana.as(browser, { lang, width: 390 });
    for (const name of [names.theirs, names.answered]) {
      const { moves } = await call(world.us, `/v1/requests/${name}?link=nanlin`, undefined, dana.token);
      assert.ok(moves.length > 5, moves.join(" "));
      for (const move of moves) {
        const answer = await v.go(at(`requests/${name}/say/${move.replace("request.", "")}`));
        assert.equal(answer.status(), 200, move);
        assert.deepEqual(await v.faults(), [], move);
        assert.equal(await v.wide(), false, move);
        const words = await v.page.locator("main").innerText();
        assert.doesNotMatch(words, /web\.(say|form)\.|cli\./, move);
      }
    }
    await v.close();
  }
});

test("notes and tasks stay here", async () => {
  await dana.go(at(`requests/${names.theirs}`));
  await dana.page.click("#kraft-write summary");
  await dana.page.fill(".kraft textarea[name=text]", "The provider wants an order.");
  await dana.page.click(".kraft form:has(textarea) button[value=note]");
  assert.match(await dana.page.locator(".kraft").first().innerText(), /The provider wants an order\./);
  await world.meet();
  assert.ok(!JSON.stringify(await world.them.json("request", "show", names.theirs)).includes("wants an order"));
});

test("an answer waits for a second person, who signs for exactly that", async () => {
  const say = async (kind, fill, button = ".govuk-button[value=on]") => {
    await dana.go(at(`requests/${names.asked}/say/${kind}`));
    await fill();
    await dana.page.click(button);
  };
  await say("answer", async () => {
    await dana.page.check("[name=form] >> nth=0");
    await dana.page.fill("[name=text]", "The site was hosted by Corvane; records attached.");
    await dana.page.selectOption("[name=handling]", { index: 1 });
  });
  assert.match(await dana.page.locator(".last-steps").innerText(), /Waits for approval/);
  assert.equal(await dana.page.locator("form[data-challenge]").count(), 0);
  assert.deepEqual(await dana.faults(), []);
  await dana.page.click(".last-steps a[href*='/drafts/']");
  const draft = new URL(dana.page.url()).pathname;

  await kofi.go(draft);
  assert.match(await kofi.page.locator(".leaves").innerText(), /hosted by Corvane/);
  assert.deepEqual(await kofi.faults(), []);
  await kofi.page.fill("[name=note]", "Read on 22 November");
  await kofi.page.click("button[value=passed]");
  assert.deepEqual(await kofi.faults(), []);
  const shown = await kofi.page.locator("#digest").innerText();
  assert.match(shown, /^[0-9a-f]{4}( [0-9a-f]{4})+$/);
  const passed = kofi.page.waitForURL((url) => url.pathname === draft);
  await kofi.page.click("form[data-challenge] button");
  await passed;
  assert.match(await kofi.page.locator(".kraft").innerText(), /Kofi Amadi: passed/);

  await dana.go(draft);
  const sent = dana.page.waitForURL(/sent=/);
  await dana.page.click("form[data-challenge] button");
  await sent;
  await world.meet();
  const theirs = await world.them.json("request", "show", names.asked);
  assert.equal(theirs.phase, "answered");
  const raw = JSON.stringify(theirs);
  assert.ok(raw.includes("hosted by Corvane") && !raw.includes("Read on 22 November"), "a note of the desk crossed the line");
});
