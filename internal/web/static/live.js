// Brings the page up to date when the node has something new. Nothing that
// somebody types is lost by it: while a field has the focus its part of the page
// waits, and what was typed before is carried over. A page may name parts that
// are brought up to date one by one (data-part), so that one waits alone; the
// element around them takes over its class and data (data-class). A page that is
// one form says data-live="no": it only follows what rings, by a page that
// prepares nothing.
"use strict";
(() => {
  const main = document.getElementById("main");
  if (!main || !window.EventSource || !document.getElementById("alarm")) return;
  const whole = main.dataset.live === "yes";
  let busy = false, again = false, waits = false, keeps = null;

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
      return false;
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
    if (!focused) return true;
    const same = focused.id ? document.getElementById(focused.id)
      : [...old.querySelectorAll(focused.tagName)].find((e) => e.textContent === focused.textContent && e.getAttribute("href") === focused.getAttribute("href"));
    keeps = same ?? null;
    return true;
  };

  // parts are what is brought up to date: of the whole page, or part by part
  // where both pages have the same ones.
  const parts = (page) => {
    const named = (d) => [...d.querySelectorAll("[data-part][id]")].map((e) => "#" + CSS.escape(e.id));
    const here = named(document), all = ["#alarm", ".line"];
    if (!whole) return all.slice(0, 1);
    return here.length && here.join() === named(page).join() ? [...all, ...here] : [...all, "main"];
  };

  // What each part was made of, so that what scripts of ours have changed in it
  // does not count as new: nobody is told twice that a call rings.
  const made = new Map();
  for (const place of parts(document)) made.set(place, document.querySelector(place)?.innerHTML);

  const refresh = async () => {
    if (busy) { again = true; return; }
    busy = true;
    waits = false;
    try {
      const answer = await fetch(whole ? location.href : "/alarm", { headers: { Accept: "text/html", "Parley-Unattended": "yes" }, redirect: "error" });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const before = (d) => d.querySelector("#alarm [data-rings]")?.dataset.title ?? "";
      document.title = whole ? page.title : before(page) + document.title.slice(document.title.startsWith(before(document)) ? before(document).length : 0);
      for (const fresh of page.querySelectorAll("[data-class][id]")) {
        const old = document.getElementById(fresh.id);
        if (!old) continue;
        old.className = fresh.className;
        Object.assign(old.dataset, fresh.dataset);
      }
      for (const place of parts(page)) {
        const old = document.querySelector(place), fresh = page.querySelector(place), html = fresh?.innerHTML;
        if (old && fresh && (made.get(place) ?? old.innerHTML) !== html && put(old, fresh)) made.set(place, html);
      }
      document.dispatchEvent(new Event("parley:fresh"));
      // Only now: a button of the fresh part may have been hidden until then.
      keeps?.focus({ preventScroll: true });
      keeps = null;
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
  document.addEventListener("parley:changed", refresh);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  // What waited for a field goes on when the field is left.
  main.addEventListener("focusout", () => { if (waits) setTimeout(refresh); });
})();
