// Asks passkeys for what a form needs, puts their answer into its hidden
// fields, and sends it. What it is to do is in the attributes of the form:
//
//   data-passkey="enter"   signs in; data-options: what to ask
//   data-passkey="make"    makes a passkey; data-from: where to fetch what to ask
//
// An element within it with role="status" says how it stands, in the words of
// its attributes data-waiting, data-refused, data-known and data-without.
"use strict";
(() => {
  const made = performance.now();

  // What a page asked for some minutes ago is not good any more.
  const optionsOf = async (form) => {
    if (performance.now() - made < 4 * 60 * 1000) return form.dataset.options;
    const answer = await fetch(location.href, { redirect: "error" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector('form[data-passkey="enter"]')?.dataset.options || form.dataset.options;
  };

  const doing = {
    async enter(form) {
      const options = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(await optionsOf(form)));
      const found = await navigator.credentials.get({ publicKey: options });
      form.elements.answer.value = JSON.stringify(found.toJSON());
    },
    async make(form) {
      const answer = await fetch(form.dataset.from, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "error" });
      const said = await answer.json();
      if (!answer.ok) throw Object.assign(new Error(), { words: said.text + " " + said.next });
      const options = PublicKeyCredential.parseCreationOptionsFromJSON(said.publicKey);
      const made = await navigator.credentials.create({ publicKey: options });
      form.elements.answer.value = JSON.stringify(made.toJSON());
    },
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const status = form.querySelector('[role="status"]');
    const say = (words) => { if (status) status.textContent = words || ""; };
    if (!window.PublicKeyCredential || !PublicKeyCredential.parseRequestOptionsFromJSON) {
      say(status?.dataset.without);
      continue;
    }
    const button = form.querySelector("button:not([type=button])");
    let busy = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (busy || !form.reportValidity()) return;
      busy = true;
      say(status?.dataset.waiting);
      try {
        await doing[form.dataset.passkey](form);
        if (event.submitter?.name) {
          const pressed = document.createElement("input");
          Object.assign(pressed, { type: "hidden", name: event.submitter.name, value: event.submitter.value });
          form.append(pressed);
        }
        form.submit();
      } catch (error) {
        busy = false;
        say(error.words || (error.name === "InvalidStateError" ? status?.dataset.known : status?.dataset.refused));
        button?.focus();
      }
    });
  }

  // A one-time link has its code behind the #, so that no server writes it down.
  const code = document.querySelector("input[data-from-link]");
  if (code && location.hash.length > 1) {
    code.value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname);
  }
})();
