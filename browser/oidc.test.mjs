// An agency's own sign-in: a real provider of OpenID Connect on this machine
// lets an officer in who has no passkey.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { appendFile } from "node:fs/promises";
import path from "node:path";
import Provider from "oidc-provider";
import { browserOf, originOf } from "./harness.mjs";
import { freePort, makeWorld } from "./world.mjs";

let world, browser, agency;

before(async () => {
  world = await makeWorld({ arranged: false, init: (s) => ["--desk", `127.0.0.1:${s.port}`] });
  const port = await freePort();
  const issuer = `http://127.0.0.1:${port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: "parley", client_secret: "a secret of the tests, 32 bytes long", redirect_uris: [`${originOf(world.us)}/sign-in/agency/back`] }],
    pkce: { required: () => true },
    cookies: { keys: ["of the tests"] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  });
  agency = provider.listen(port, "127.0.0.1");
  await world.us.stop();
  const secret = await world.us.file("oidc.secret", "a secret of the tests, 32 bytes long");
  const { chmod } = await import("node:fs/promises");
  await chmod(secret, 0o600);
  await appendFile(path.join(world.us.dir, "parley.toml"), `\n[oidc]\nissuer = "${issuer}"\nclient_id = "parley"\nclient_secret = "file:${secret}"\nclaim = "sub"\n`);
  await world.us.serve();
  await world.us.parley("officer", "invite", "Dana Whitlock", "--roles", "officer", "--oidc", "dwhitlock");
  browser = await browserOf(world);
});

after(async () => {
  await browser?.close();
  agency?.close();
  await world?.stop();
});

// enter goes through the provider's own pages as somebody.
async function enter(page, name, to = "/people") {
  await page.goto(`${originOf(world.us)}${to}`);
  await page.getByRole("link", { name: "Sign in with your agency" }).click();
  await page.locator('input[name="login"]').fill(name);
  await page.locator('input[name="password"]').fill("any");
  await page.locator('button[type="submit"]').click();
  await page.locator('button[type="submit"]').click(); // consent
}

test("who the agency names comes in, and lands where they wanted to", async () => {
  const context = await browser.newContext({ locale: "en-GB" });
  const page = await context.newPage();
  await enter(page, "dwhitlock");
  await page.waitForURL(`${originOf(world.us)}/people`);
  assert.match(await page.textContent(".rooms__who"), /Dana Whitlock/);
  assert.deepEqual((await context.cookies(originOf(world.us))).map((c) => [c.name, c.sameSite]).filter(([n]) => n !== "__Host-parley-language"), [["__Host-parley", "Strict"]]);
  await context.close();
});

test("who has no account does not, and neither does a browser that another began with", async () => {
  const context = await browser.newContext({ locale: "en-GB" });
  const page = await context.newPage();
  await enter(page, "stranger");
  await page.getByText("access.agency").waitFor();
  await page.goto(`${originOf(world.us)}/people`);
  assert.match(page.url(), /\/sign-in\?to=/);

  // An attacker's own state and code in somebody else's browser.
  const theirs = await browser.newContext({ locale: "en-GB" });
  const attacker = await theirs.newPage();
  let back;
  const wire = await theirs.newCDPSession(attacker);
  await wire.send("Fetch.enable", { patterns: [{ urlPattern: "*/sign-in/agency/back*" }] });
  const caught = new Promise((resolve) => wire.on("Fetch.requestPaused", ({ request, requestId }) => {
    back = request.url;
    wire.send("Fetch.failRequest", { requestId, errorReason: "Aborted" }).then(resolve);
  }));
  await enter(attacker, "dwhitlock");
  await caught;
  assert.ok(back?.includes("code="));
  await page.goto(back);
  await page.getByText("access.agency").waitFor();
  assert.match(await page.textContent("main"), /state/);
  await context.close();
  await theirs.close();
});
