// The directories on screen, on two real nodes with a browser on both sides: an
// entry is published by a form and a passkey, seen by the other side in its own
// language, confirmed, changed without losing what the form did not touch, and
// ended; and the card that is printed.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browserOf } from "./harness.mjs";
import { makeWorld } from "./world.mjs";
import { officer } from "./writing.mjs";

const taken = process.env.PARLEY_PICTURES ? (v, name) => v.picture(name) : async () => {};
let world, browser, dana, wen;

before(async () => {
  world = await makeWorld();
  browser = await browserOf(world);
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

const fill = async (v, values) => {
  for (const [name, value] of Object.entries(values)) {
    const input = v.page.locator(`#${name}`);
    if (await input.evaluate((e) => e.tagName === "SELECT")) await input.selectOption({ index: value });
    else await input.fill(value);
  }
};

// signs sends a form, looks at what would leave, and signs it.
async function signs(v, seen = []) {
  await v.page.locator("main form .moves button").click();
  await v.page.waitForSelector("#digest");
  await clean(v);
  const leaves = await v.page.locator(".leaves").innerText();
  for (const text of seen) assert.ok(leaves.includes(text), `${text} does not leave:\n${leaves}`);
  await v.page.locator("form.sign button").click();
  await v.page.waitForURL("**/contacts*");
}

test("an entry is published, seen, confirmed, changed, ended and printed", async () => {
  await dana.go("/real/nanlin/contacts");
  await clean(dana);
  await dana.page.locator('main a[href$="/contacts/new"]').click();
  await clean(dana);
  await fill(dana, { role: 1, unit: 1, name_en: "Duty desk", name_zh: "值班席位", way_kind1: 1, way_value1: "+1 555 0100", way_note1: "Day and night.", way_kind2: 2,
    way_value2: "duty@arden.example", way_key2: "89ab cdef", hours_en: "Day and night", hours_zh: "全天", languages: "en zh-Hans",
    confirmer_role1: 1, confirmer_kind1: 1, confirmer_value1: "+1 555 0101", until: "+400d" });
  await dana.page.locator("main form .moves button").click();
  await dana.page.waitForSelector("#refused");
  assert.equal(await dana.page.locator("#way_value2").inputValue(), "duty@arden.example", "what was typed is lost");
  dana.complaints.length = 0; // of the answer that refused it
  await fill(dana, { until: "+10d" });
  await signs(dana, ["Duty desk", "值班席位", "+1 555 0100", "Day and night.", "89ab cdef", "duty@arden.example", "+1 555 0101"]);
  const name = new URL(dana.page.url()).hash.slice(1);
  assert.match(name, /^arden-contact-\d+$/);
  await dana.go("/real/nanlin/watch");
  await dana.page.locator(`a[href$="#${name}"]`).waitFor();
  await clean(dana);

  await world.meet();
  await wen.go("/real/arden/contacts");
  await clean(wen);
  const theirs = wen.page.locator(`#${name}`);
  assert.match(await theirs.innerText(), /值班席位/);
  assert.match(await theirs.innerText(), /待确认/);
  assert.equal(await theirs.locator('a[href*="/say/"]').count(), 0, "they may speak in our entry");

  await dana.go(`/real/nanlin/contacts/${name}/say/confirm`);
  await clean(dana);
  await fill(dana, { until: "+90d" });
  await signs(dana);
  await dana.go(`/real/nanlin/contacts/${name}/say/change`);
  await clean(dana);
  await fill(dana, { way_value1: "+1 555 0199" });
  await signs(dana, ["+1 555 0199", "89ab cdef", "Day and night."]);
  await world.meet();
  await wen.go("/real/arden/contacts");
  assert.match(await theirs.innerText(), /\+1 555 0199/);

  // Out as a file, changed by another program, and back in: only what differs is
  // shown, and it goes by a signature like anything else.
  for (const [as, media] of [["vcard", "text/vcard"], ["csv", "text/csv"]]) {
    const [type, disposition, text] = await dana.page.evaluate(async (where) => {
      const r = await fetch(where);
      return [r.headers.get("content-type"), r.headers.get("content-disposition"), await r.text()];
    }, `/real/nanlin/contacts-file/${as}?whose=both`);
    assert.match(type, new RegExp(media));
    assert.match(disposition, /^attachment/);
    assert.ok(text.includes("+1 555 0199"), text);
    await dana.go("/real/nanlin/contacts");
    await dana.page.locator('a[href$="/contacts-import"]').click();
    await clean(dana);
    await dana.page.locator("#file").setInputFiles({ name: as === "csv" ? "points.csv" : "points.vcf", mimeType: media, buffer: Buffer.from(text.replaceAll("+1 555 0199", `+1 555 01${as.length}0`)) });
    await dana.page.locator("main form .moves button").click();
    await dana.page.getByText("Changes an entry").waitFor();
    await clean(dana);
    assert.equal(await dana.page.locator("tbody tr").count(), 1);
    await taken(dana, `contacts-import-${as}`);
    await dana.page.getByRole("button", { name: "Look at it and sign" }).click();
    await dana.page.waitForSelector("#digest");
    assert.ok((await dana.page.locator(".leaves").innerText()).includes(`+1 555 01${as.length}0`));
    await clean(dana);
  }
  await dana.page.locator("form.sign button").click();
  await dana.page.waitForURL("**/contacts*");
  assert.match(await dana.page.locator(`#${name}`).innerText(), /\+1 555 0130/);
  await dana.go("/real/nanlin/contacts-import");
  await dana.page.locator("#file").setInputFiles({ name: "x.vcf", mimeType: "text/vcard", buffer: Buffer.from("nonsense") });
  await dana.page.locator("main form .moves button").click();
  await dana.page.getByRole("alert").waitFor();
  dana.complaints.length = 0; // of the answer that refused it
  assert.deepEqual(await dana.faults(), []);

  await wen.go("/real/arden/contacts-card");
  await clean(wen);
  const card = await wen.page.locator("main").innerText();
  for (const text of ["Contact card", "联络卡", "89ab cdef", "+1 555 0101"]) assert.ok(card.includes(text), text);

  await dana.go(`/real/nanlin/contacts/${name}/say/end`);
  await clean(dana);
  await signs(dana);
  await dana.go("/real/nanlin/contacts");
  assert.equal(await dana.page.locator(`#${name}`).count(), 0);
  await dana.go("/real/nanlin/contacts?all=1");
  await clean(dana);
  assert.match(await dana.page.locator(`#${name}`).innerText(), /Ended/);
});
