// A suspension by two persons from the desk: what it stops is shown before it is
// signed, both sides wear the banner, what survives goes and the rest is
// refused, it is narrowed and lifted, and both sides read the same list; then a
// termination with its warning.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { arrives, browserOf, call, invite } from "./harness.mjs";
import { form, makeWorld } from "./world.mjs";

let world, browser, first, second, ours, name, kept, stood;
const shots = process.env.PARLEY_SHOTS;

before(async () => {
  world = await makeWorld({ change: (d) => { d.suspension = { persons: 2, notice_days: 90 }; } });
  browser = await browserOf(world);
  stood = await world.us.open(await form("mitigation"));
  kept = await world.us.open(await form("preservation"));
  await world.meet();
  const { code } = await invite(world.us, "Kofi Amadi", "officer");
  await world.us.read(code, "officer", "join", "kofi");
  ours = await arrives(browser, world.us, "en", "Ruth Adeyemi", "principal");
  first = await arrives(browser, world.them, "zh", "王局长", "principal");
  second = await arrives(browser, world.them, "zh", "李副局长", "principal");
  for (const s of [world.us, world.them]) await s.parley("card", "update");
  await world.meet();
  await world.meet();
});

after(async () => {
  await browser?.close();
  await world?.stop();
});

// picture keeps what a screen looks like, in both themes and two widths, where
// somebody wants to look at it.
async function picture(v, name) {
  assert.deepEqual(await v.faults(), [], name);
  assert.equal(await v.wide(), false, name);
  if (!shots) return;
  for (const scheme of ["light", "dark"]) {
    for (const width of [390, 1280]) {
      await v.page.emulateMedia({ colorScheme: scheme });
      await v.page.setViewportSize({ width, height: 900 });
      assert.equal(await v.wide(), false, `${name} at ${width}`);
      await v.picture(`${name}-${scheme}-${width}`);
    }
  }
  await v.page.emulateMedia({ colorScheme: "light" });
  await v.page.setViewportSize({ width: 1366, height: 900 });
}

async function signs(v) {
  const at = v.page.url();
  await v.page.locator("form.sign button").click();
  await v.page.waitForURL((url) => url.href !== at);
}

// both has the first sign what a form makes, and the second after it.
async function both(name, fill) {
  await fill(first);
  await picture(first, `${name}-check`);
  await signs(first);
  await picture(first, `${name}-waits`);
  await second.go("/real/arden/suspension");
  await second.page.locator("#waits a").click();
  assert.match(await second.page.locator("main").innerText(), /王局长/);
  await signs(second);
  await world.meet();
}

const text = (v) => v.page.locator("main").innerText();
const opens = async (kind) => world.us.open(await form(kind), "--as", "kofi");

test("two persons suspend everything, and see before what it stops", async () => {
  await first.go("/real/arden/suspension");
  await picture(first, "suspension-none");
  await both("suspension-suspend", async (v) => {
    await v.page.locator('a[href$="/suspension/suspend"]').first().click();
    await picture(v, "suspension-form");
    await v.page.locator("form .moves button").click(); // with nothing filled in
    await v.page.locator("#problems").waitFor();
    await v.page.locator('input[name="reason"][value="protest"], select[name="reason"]').first().evaluate((e) => { if (e.type === "radio") e.checked = true; else e.value = "protest"; });
    await v.page.locator("#text").fill("有关指控毫无根据。");
    await v.page.locator("form .moves button").click();
    const shows = await text(v);
    assert.match(shows, new RegExp(`将停止办理下列[^]*${stood}`));
    assert.match(shows, new RegExp(`照常办理[^]*${kept}`));
  });
  for (const [v, path] of [[ours, "/real/nanlin/"], [first, "/real/arden/"]]) {
    await v.go(`${path}watch`);
    await v.page.locator(".suspended").first().waitFor();
    await v.go(`${path}suspension`);
    await picture(v, `suspension-runs-${v === ours ? "en" : "zh"}`);
  }
  [{ name }] = await call(world.us, "/v1/suspensions?link=nanlin");
  assert.match(await ours.page.locator(".suspended").innerText(), /Nanlin suspended/);
});

test("what survives goes, the rest is refused", async () => {
  await opens("preservation");
  await assert.rejects(opens("mitigation"), /act\.suspended/);
});

test("it is narrowed, and lifted", async () => {
  await both("suspension-narrow", async (v) => {
    await v.go(`/real/arden/suspension/narrow/${name}`);
    await v.page.locator('input[name="types"][value="mitigation"]').check();
    await v.page.locator("form .moves button").click();
    assert.match(await text(v), /前后均停止办理/);
  });
  await opens("incident");
  await both("suspension-resume", async (v) => {
    await v.go(`/real/arden/suspension/resume/${name}`);
    await v.page.locator("form .moves button").click();
    assert.match(await text(v), new RegExp(`恢复办理[^]*${stood}`));
  });
  await world.meet();
});

test("both sides read the same list", async () => {
  const lists = [];
  for (const [v, side, other] of [[ours, world.us, "nanlin"], [first, world.them, "arden"]]) {
    await v.go(`/real/${other}/suspension`);
    await v.page.locator(`a[href*="/suspension-list/"]`).first().click();
    assert.match(await text(v), new RegExp(stood));
    assert.match(await text(v), new RegExp(kept));
    await picture(v, `suspension-list-${v === ours ? "en" : "zh"}`);
    const token = (await v.context.cookies()).find((c) => c.name === "__Host-parley").value;
    lists.push((await call(side, `/v1/suspensions/${name}?link=${other}`, undefined, token)).raw);
  }
  assert.equal(lists[0], lists[1]);
});

test("a termination warns, and is taken back", async () => {
  await both("suspension-terminate", async (v) => {
    await v.go("/real/arden/suspension/terminate");
    await v.page.locator("#on").fill("+10d");
    await v.page.locator("form .moves button").click();
    await v.page.locator("#problems").waitFor();
    assert.match(await text(v), /90 天/);
    await v.page.locator("#on").fill("+95d");
    await v.page.locator('input[name="reason"][value="protest"], select[name="reason"]').first().evaluate((e) => { if (e.type === "radio") e.checked = true; else e.value = "protest"; });
    await v.page.locator("#text").fill("终止。");
    await picture(v, "suspension-terminate-form");
    await v.page.locator("form .moves button").click();
    assert.match(await text(v), /一经生效，无法撤销/);
  });
  await ours.go("/real/nanlin/watch");
  assert.match(await ours.page.locator(".suspended").innerText(), /Nanlin terminated the arrangement/);
  await ours.go("/real/nanlin/suspension");
  await picture(ours, "suspension-terminated-en");
  const [, end] = await call(world.us, "/v1/suspensions?link=nanlin");
  await both("suspension-back", async (v) => {
    await v.go(`/real/arden/suspension/resume/${end.name}`);
    await v.page.locator("form .moves button").click();
  });
  await ours.go("/real/nanlin/watch");
  assert.equal(await ours.page.locator(".suspended").count(), 0);
});
