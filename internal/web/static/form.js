// Keeps a form as it is typed, and says when and where; without this script the
// buttons do the same. Where somebody else changed the form meanwhile it stops
// and says so, and the buttons show both versions.
"use strict";
(() => {
  const problems = document.querySelector("[data-focus]");
  problems?.focus();
  const form = document.querySelector("form[data-save]");
  if (!form) return;
  if (!problems && !location.hash) form.querySelector("input:not([type=hidden]):not([type=file]), select, textarea")?.focus({ preventScroll: true });
  const says = document.getElementById("saved");
  const besides = ["version", "carried", "go", "file"];
  const typed = () => new URLSearchParams([...new FormData(form)].filter(([name]) => !besides.includes(name)));
  const hidden = (name) => form.querySelector(`input[type=hidden][name=${name}]`);
  let kept = typed().toString(), busy = false, stopped = false, leaving = false, saving = Promise.resolve();
  const save = () => { if (!busy) saving = keep(); };
  const keep = async () => {
    const now = typed(), state = now.toString();
    if (stopped || leaving || state === kept) return;
    busy = true;
    try {
      for (const name of ["version", "carried"]) if (hidden(name)) now.set(name, hidden(name).value);
      now.set("go", "save");
      const answer = await fetch(form.action, { method: "POST", body: now, headers: { Accept: "application/json" }, redirect: "error", keepalive: document.hidden && state.length < 60000 });
      const said = (answer.headers.get("Content-Type") || "").startsWith("application/json") ? await answer.json() : {};
      if (answer.status === 409) {
        stopped = true;
        says.textContent = "⚠ " + said.changed;
      }
      if (!answer.ok || !said.version) {
        if (!stopped) says.textContent = "⚠ " + form.dataset.unsaved;
        return;
      }
      if (!hidden("version")) {
        form.prepend(Object.assign(document.createElement("input"), { type: "hidden", name: "version" }));
        hidden("carried")?.remove();
        form.action = said.action;
        history.replaceState(null, "", said.action);
      }
      hidden("version").value = said.version;
      for (const [id, lines] of Object.entries(said.says)) {
        const place = document.getElementById(id);
        if (!place) continue;
        if (place.tagName !== "UL") { place.textContent = lines[0]; continue; }
        place.replaceChildren(...lines.map((line) => {
          const item = document.createElement("li"), text = document.createElement("bdi");
          text.textContent = line;
          item.append(text);
          return item;
        }));
      }
      kept = state;
      says.textContent = "✓ " + said.saved;
    } catch { // the next turn tries again; what is typed stands in the page
      says.textContent = "⚠ " + form.dataset.unsaved;
    } finally {
      busy = false;
    }
  };
  // What is sent while a save is under way waits for it: it would name a version
  // that is an older one by then, and conflict with ourselves.
  form.addEventListener("submit", (event) => {
    leaving = true;
    if (!busy) return;
    event.preventDefault();
    const by = event.submitter;
    saving.finally(() => form.requestSubmit(by));
  });
  window.addEventListener("pageshow", () => { leaving = false; });
  setInterval(save, 3000);
  document.addEventListener("visibilitychange", () => { if (document.hidden) save(); });
  // What is asked for on a condition shows only when it is met.
  const conditions = () => {
    for (const entry of form.querySelectorAll("[data-when]")) {
      const at = entry.dataset.when.lastIndexOf("="), name = CSS.escape(entry.dataset.when.slice(0, at));
      const chosen = form.querySelector(`[name="${name}"]:checked`) || form.querySelector(`select[name="${name}"]`);
      entry.hidden = !chosen || chosen.value !== entry.dataset.when.slice(at + 1);
    }
  };
  form.addEventListener("change", conditions);
  conditions();
})();
