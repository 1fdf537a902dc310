// Asks the officer's signing passkey for a signature over what the page shows,
// and sends the form with it. The digest is in the page (data-challenge); the
// node checks the signature against what it prepared, whatever this script does.
"use strict";
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  for (const form of document.querySelectorAll("form[data-challenge]")) {
    let signed = false;
    form.addEventListener("submit", async (event) => {
      if (signed) return;
      event.preventDefault();
      const button = form.querySelector("button"), problem = form.querySelector("[data-problem]");
      button.disabled = true;
      problem.textContent = "";
      try {
        const answer = await navigator.credentials.get({ publicKey: {
          challenge: bytes(form.dataset.challenge),
          allowCredentials: form.dataset.credentials.split(",").map((id) => ({ type: "public-key", id: bytes(id) })),
          userVerification: "required",
          timeout: 120000,
        } });
        const fields = { authenticator_data: answer.response.authenticatorData, client_data: answer.response.clientDataJSON, signature: answer.response.signature, key_id: answer.rawId };
        for (const [name, value] of Object.entries(fields)) form.elements[name].value = text(value);
        signed = true;
        button.disabled = false;
        form.requestSubmit(button);
      } catch {
        problem.textContent = form.dataset.failed;
        button.disabled = false;
        button.focus();
      }
    });
  }
})();
