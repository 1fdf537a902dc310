// Brings the page up to date when the node has something new. Nothing that
// somebody types is lost by it: while a field has the focus its part of the page
// waits, and what was typed before is carried over. A page that is one form says
// data-live="no".
"use strict";
(() => {
  const main = document.getElementById("main");
  if (!main || main.dataset.live !== "yes" || !window.EventSource) return;
  let busy = false, again = false, waits = false;

  const fields = "input, textarea, select";
  const changed = (f) => {
    if (f.type === "hidden" || f.type === "submit") return false;
    if (f.type === "checkbox" || f.type === "radio") return f.checked !== f.defaultChecked;
    if (f.tagName === "SELECT") return [...f.options].some((o) => o.selected !== o.defaultSelected);
    return f.value !== f.defaultValue;
  };

  // put makes one part of the page that of the fresh one.
  const put = (old, fresh) => {
    const focused = old.contains(document.activeElement) ? document.activeElement : null;
    const typed = [...old.querySelectorAll(fields)].filter(changed);
    if (focused?.matches(fields) || typed.some((f) => !f.id || !fresh.querySelector("#" + CSS.escape(f.id)))) {
      waits = true;
      return;
    }
    const open = [...old.querySelectorAll("details[open][id]")].map((d) => d.id);
    const scrolled = [...old.querySelectorAll("[id], .wide")].map((e, i) => [i, e.scrollLeft]).filter(([, x]) => x > 0);
    old.replaceChildren(...fresh.childNodes);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    for (const [i, x] of scrolled) [...old.querySelectorAll("[id], .wide")][i]?.scrollTo({ left: x });
    for (const f of typed) {
      const now = document.getElementById(f.id);
      if (f.type === "checkbox" || f.type === "radio") now.checked = f.checked;
      else now.value = f.value;
    }
    if (!focused) return;
    const same = focused.id ? document.getElementById(focused.id)
      : [...old.querySelectorAll(focused.tagName)].find((e) => e.textContent === focused.textContent && e.getAttribute("href") === focused.getAttribute("href"));
    same?.focus({ preventScroll: true });
  };

  const refresh = async () => {
    if (busy) { again = true; return; }
    busy = true;
    waits = false;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html", "Parley-Unattended": "yes" }, redirect: "error" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const place of ["main", ".line"]) {
        const old = document.querySelector(place), fresh = page.querySelector(place);
        if (old && fresh && old.innerHTML !== fresh.innerHTML) put(old, fresh);
      }
    } catch { // the next event tries again
    } finally {
      busy = false;
      if (again) { again = false; refresh(); }
    }
  };

  const events = new EventSource("/live");
  // Also when it begins: something may have changed since the page was made.
  events.addEventListener("open", refresh);
  events.addEventListener("changed", refresh);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  // What waited for a field goes on when the field is left.
  main.addEventListener("focusout", () => { if (waits) setTimeout(refresh); });
})();
