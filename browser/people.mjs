// People who get in and look after accounts by the pages themselves, with
// passkeys on virtual devices that they can lose.

import { Visitor, invite } from "./harness.mjs";

// Person is a visitor with a drawer of devices.
export class Person extends Visitor {
  static async sit(browser, side, options) {
    const p = await Person.open(browser, side, options);
    p.devices = [p.authenticator];
    return p;
  }

  // invite invites somebody by the command, and has them follow the link.
  static async invite(browser, side, name, roles, options) {
    const { link } = await invite(side, name, roles);
    const p = await Person.sit(browser, side, options);
    await p.follow(link);
    return p;
  }

  // device gives the person a new device to confirm on; those before stay in
  // the drawer.
  async device(transport = "internal") {
    for (const authenticatorId of this.devices) {
      await this.cdp.send("WebAuthn.setAutomaticPresenceSimulation", { authenticatorId, enabled: false });
    }
    const { authenticatorId } = await this.cdp.send("WebAuthn.addVirtualAuthenticator", { options: {
      protocol: "ctap2", transport, hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
    } });
    this.devices.push(authenticatorId);
  }

  // lose takes the first device away.
  async lose() {
    await this.cdp.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId: this.devices.shift() });
  }

  // follow follows a one-time link, and makes the first passkey.
  async follow(link, name = "laptop") {
    await this.page.goto(link);
    await this.page.locator("#name-first").fill(name);
    await this.page.locator('form[data-passkey="make"] button').click();
    await this.page.waitForURL("**/me");
  }

  // add makes another passkey: of kind sign-in or signing.
  async add(kind, name) {
    const form = this.page.locator(`form[data-passkey="make"]:has(input[name="kind"][value="${kind}"])`);
    if (!(await form.isVisible())) await this.page.locator(`#add-${kind === "signing" ? "signing" : "passkey"} > summary`).click();
    await form.locator('input[name="name"]').fill(name);
    await Promise.all([this.page.waitForEvent("load"), form.locator("button").click()]);
  }

  async signOut() {
    await this.page.locator(".rooms__out").click();
    await this.page.waitForURL("**/signed-out");
  }
}
