// A signing passkey is lost: two officers tell the other side by the pages, each
// with a passkey of their own, and no root is at hand.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { makeWorld } from "./world.mjs";
import { Visitor, browserOf, call } from "./harness.mjs";
import { officer } from "./writing.mjs";

let world, browser;

before(async () => {
  world = await makeWorld();
  browser = await browserOf(world);
});

after(async () => {
  await browser?.close();
  await world?.stop();
});

// key makes a passkey of a kind, with a one-time code or of whoever is in.
async function key(v, kind, code) {
  const answer = await v.make(await call(v.side, "/v1/invitation/options", { code, kind }, v.token));
  return call(v.side, "/v1/invitation/passkey", { code, kind, name: "new", answer }, v.token);
}

test("two officers sign that a colleague's key is another, and the other side takes it", async () => {
  const dana = await officer(world, browser, world.us, "Dana Okoro", ["officer", "duty"]);
  const kofi = await officer(world, browser, world.us, "Kofi Amadi", ["officer"]);
  const ruth = await officer(world, browser, world.us, "Ruth Adeyemi", ["officer"]);
  await call(world.us, "/v1/accounts/replace", { account: "Ruth Adeyemi" }, dana.token);
  const { code } = await call(world.us, "/v1/accounts/replace", { account: "Ruth Adeyemi", confirm: true }, kofi.token);
  await ruth.close();
  const again = await Visitor.open(browser, world.us);
  await again.go("/");
  const { token } = await key(again, "sign-in", code);
  await again.enter(token);
  await key(again, "signing");

  const offers = async (v) => {
    await v.go("/people");
    const row = v.page.locator("tr", { has: v.page.locator("th", { hasText: "Ruth Adeyemi" }) });
    const shown = await row.locator("summary").count();
    if (shown) await row.locator("summary").click();
    return row.locator('form[action^="/real/"]').getByRole("button", { name: "Replace it there" }); // each realm is a line of its own
  };
  for (const [i, v] of [dana, kofi].entries()) {
    await (await offers(v)).click();
    await v.page.getByRole("heading", { name: "Replace a lost signing key" }).waitFor();
    assert.deepEqual(await v.faults(), []);
    if (i === 1) assert.match(await v.page.textContent("main"), /Signed by.*Dana Okoro/);
    await v.page.getByRole("button", { name: "Sign with passkey" }).click();
    await v.page.waitForURL("**/people");
    if (i === 0) {
      await (await offers(v)).click();
      await v.page.getByText("Another officer must sign too", { exact: false }).waitFor();
      assert.equal(await v.page.getByRole("button", { name: "Sign with passkey" }).count(), 0);
    }
  }
  assert.equal(await (await offers(dana)).count(), 0);
  await world.meet();
  assert.match(await world.them.parley("line"), /THEY replaced the key [0-9a-f]{16} of Ruth Adeyemi; in its place: [0-9a-f]{16}\. Signed by Dana Okoro, Kofi Amadi/);
  const me = await call(world.us, "/v1/me", undefined, token);
  assert.deepEqual(me.signing.map((k) => k.links), [["nanlin"]]);
  await dana.go("/real/nanlin/record");
  assert.match(await dana.page.textContent("main"), /Ruth Adeyemi/);
  assert.deepEqual(await dana.faults(), []);
  for (const v of [dana, kofi, again]) assert.deepEqual(v.complaints, []);
});
