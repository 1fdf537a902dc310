// Brings the page up to date when the node has something new. What somebody is
// typing is never touched: a page with a form in it says data-live="no".
"use strict";
(() => {
  const main = document.getElementById("main");
  if (!main || main.dataset.live !== "yes" || !window.EventSource) return;
  let busy = false, again = false, first = true;
  const refresh = async () => {
    if (busy) { again = true; return; }
    busy = true;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const place of ["main", ".line"]) {
        const old = document.querySelector(place), fresh = page.querySelector(place);
        if (!old || !fresh || old.innerHTML === fresh.innerHTML) continue;
        const focused = old.contains(document.activeElement) ? document.activeElement : null;
        if (focused && focused.matches("input, textarea, select")) continue;
        const open = [...old.querySelectorAll("details[open][id]")].map((d) => d.id);
        old.replaceChildren(...fresh.childNodes);
        for (const id of open) document.getElementById(id)?.setAttribute("open", "");
        if (focused && focused.id) document.getElementById(focused.id)?.focus({ preventScroll: true });
        else if (focused) [...old.querySelectorAll("a, button")].find((e) => e.textContent === focused.textContent)?.focus({ preventScroll: true });
      }
    } catch { // the next event tries again
    } finally {
      busy = false;
      if (again) { again = false; refresh(); }
    }
  };
  const events = new EventSource("/live");
  events.addEventListener("changed", () => { if (first) { first = false; return; } refresh(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
})();
