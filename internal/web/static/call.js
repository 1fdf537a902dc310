// A call that is open on the screen: the stopwatch goes on, what came is said to
// have been read, and what is said is signed in one go. The node lays the act
// out and holds it against what was typed; this script only has the passkey sign
// what it gives. Without a passkey the form is sent as a page.
"use strict";
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  // The stopwatch counts by the node's clock, whatever this machine's says.
  let began = performance.now();
  const two = (n) => String(n).padStart(2, "0");
  const tick = () => {
    for (const e of document.querySelectorAll("[data-since]")) {
      const s = Math.max(0, Math.floor((Number(e.dataset.now) - Number(e.dataset.since) + performance.now() - began) / 1000));
      const h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
      e.textContent = h > 0 ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
    }
  };
  setInterval(tick, 1000);

  // A long conversation is read from its end.
  if (!location.hash && document.querySelectorAll(".call-talk .message").length > 6) document.getElementById("call-write").scrollIntoView({ block: "end" });

  let told = 0;
  const read = async () => {
    const call = document.getElementById("call"), unread = Number(call?.dataset.unread ?? 0);
    if (document.hidden || unread === 0 || unread === told) return;
    told = unread;
    try {
      await fetch(call.dataset.read, { method: "POST", headers: { "Parley-Unattended": "yes" }, redirect: "manual" });
    } catch { // the next event tries again
      told = 0;
    }
  };
  document.addEventListener("parley:fresh", () => { began = performance.now(); read(); });
  document.addEventListener("visibilitychange", read);
  read();

  const post = async (where, body) => {
    const answer = await fetch(where, { method: "POST", body, headers: { Accept: "application/json" }, redirect: "error" });
    if (!(answer.headers.get("Content-Type") || "").startsWith("application/json")) throw new Error("no answer");
    return answer.json();
  };
  const sign = async (form, said) => {
    const answer = await navigator.credentials.get({ publicKey: {
      challenge: bytes(said.challenge),
      allowCredentials: said.credentials.split(",").map((id) => ({ type: "public-key", id: bytes(id) })),
      userVerification: "required",
      timeout: 120000,
    } });
    return post(said.action, new URLSearchParams({ token: said.token, call: said.call, authenticator_data: text(answer.response.authenticatorData),
      client_data: text(answer.response.clientDataJSON), signature: text(answer.response.signature), key_id: text(answer.rawId) }));
  };
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-call-say]");
    if (!form) return;
    event.preventDefault();
    const button = form.querySelector("button"), problem = form.querySelector("[data-problem]"), field = form.querySelector("textarea");
    if (button.disabled) return;
    button.disabled = true;
    problem.textContent = "";
    try {
      const said = await post(form.action, new FormData(form));
      if (said.page) {
        form.submit();
        return;
      }
      const done = said.problem ? said : await sign(form, said);
      problem.textContent = done.problem ?? "";
      if (!done.problem) {
        form.reset();
        document.dispatchEvent(new Event("parley:changed"));
      }
    } catch {
      problem.textContent = form.dataset.failed;
    }
    button.disabled = false;
    (field ?? button).focus();
  });
  // That somebody types is told while it is so, and never more often than the
  // other side would be told; whether it came is nobody's concern.
  let toldAt = -Infinity;
  document.addEventListener("input", (event) => {
    const where = event.target.closest?.("form[data-writing]")?.dataset.writing;
    if (!where || event.target.id !== "say-text" || event.target.value.trim() === "" || performance.now() - toldAt < 3500) return;
    toldAt = performance.now();
    fetch(where, { method: "POST", headers: { "Parley-Unattended": "yes" }, redirect: "manual" }).catch(() => {});
  });
  // A message is sent by the keys too: Enter alone begins a line.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("form[data-call-say] textarea")) event.target.form.requestSubmit();
  });
})();
