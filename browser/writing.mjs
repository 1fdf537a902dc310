// Officers who write: their signing passkeys, a form that is begun, and a message
// in a conversation.

import assert from "node:assert/strict";
import { call, Visitor } from "./harness.mjs";

// signs gives somebody a signing passkey, and has the other side know it.
export async function signs(world, visitor, side) {
  const answer = await visitor.make(await call(side, "/v1/invitation/options", { kind: "signing" }, visitor.token));
  await call(side, "/v1/invitation/passkey", { kind: "signing", name: "signing", answer }, visitor.token);
  await side.parley("card", "update");
  await world.meet();
}

// officer is somebody who may write and sign.
export async function officer(world, browser, side, name, roles, options) {
  const v = await Visitor.open(browser, side, options);
  await v.join(name, roles);
  await signs(world, v, side);
  return v;
}

// says sends a message from an open conversation.
export async function says(v, text) {
  await v.page.locator("#say-text").fill(text);
  await v.page.locator("form.call-say button").click();
  await v.page.locator("[role=log]").getByText(text.slice(0, 8)).first().waitFor(); // behind it a word may unfold
  assert.equal(await v.page.locator("#say-text").inputValue(), "");
}

// begin keeps a form as a page would, and gives it.
export function begin(side, link, values, token) {
  return call(side, "/v1/forms", { link, realm: "real", kind: "request.open", number: 0, version: 0, request: "", values, attachments: [], by: "Dana Whitlock", at: 0 }, token);
}

// kept is a form as the node has it.
export function kept(side, link, number, token) {
  return call(side, `/v1/forms/${number}?link=${link}&realm=real`, undefined, token);
}

// mitigation is all that a complete request of that type has typed in it.
export const mitigation = {
  type: ["mitigation"], urgency: ["urgent"], why: ["A third payment is announced for tomorrow."], area: ["email-compromise"],
  from_unit: ["cyber"], to_unit: ["cyber"], title: ["Take down a page that collects passwords"],
  "f.own-reference": ["AR-2026-77"], "f.authority": ["Arden Cyber Unit"], "f.facts": ["Since 9 March a page has collected passwords."],
  "f.activity": ["phishing"], "f.observed.from": ["2026-03-09 04:10"], "f.observed.still": ["yes"],
  "f.identifiers": ["198.51.100.17\npay-check.example"], "f.evidence": ["Three sensors saw them arrive."], "f.action": ["remove"], "f.preserve-first": ["yes"],
  "f.earlier": ["no"], "f.confidential": ["no"], "f.language": ["both"], "f.channel": ["this-line"],
  "f.contact.name": ["Ellen Marsh"], "f.contact.phone": ["+1 202 555 0143"], "f.confirmer.name": ["Joseph Okoro"], "f.confirmer.phone": ["+1 202 555 0177"],
};
