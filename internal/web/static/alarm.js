// Rings while a call rings for us: the element #alarm says which, and live.js
// keeps it up to date. A browser lets a page sound only after somebody has
// pressed something in it; until then a button says so. Silencing this speaker
// answers nothing: the call rings on.
"use strict";
(() => {
  const silenced = "parley-silenced";
  let context, timer, heard = 0;

  // ring is one pulse: two tones, half a second, and never more than one in a
  // second.
  const ring = () => {
    if (!context || context.state !== "running") return;
    heard++;
    for (const [at, pitch] of [[0, 880], [0.25, 660]]) {
      const tone = context.createOscillator(), gain = context.createGain(), begin = context.currentTime + at;
      tone.type = "square";
      tone.frequency.value = pitch;
      gain.gain.setValueAtTime(0.0001, begin);
      gain.gain.exponentialRampToValueAtTime(0.3, begin + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.0001, begin + 0.22);
      tone.connect(gain).connect(context.destination);
      tone.start(begin);
      tone.stop(begin + 0.24);
    }
  };
  const start = () => {
    context ??= new AudioContext();
    if (context.state !== "running") context.resume().then(show, () => {});
    if (!timer) {
      timer = setInterval(ring, 1500);
      ring();
    }
  };
  const stop = () => { clearInterval(timer); timer = undefined; };

  const rings = () => document.querySelector("#alarm [data-rings]")?.dataset.rings.trim() ?? "";
  const show = () => {
    const quiet = sessionStorage.getItem(silenced) === rings(), blocked = context?.state !== "running";
    const at = document.activeElement;
    for (const e of document.querySelectorAll("[data-silence]")) e.hidden = quiet || blocked;
    for (const e of document.querySelectorAll("[data-loud]")) e.hidden = !quiet && !blocked;
    // One stands where the other stood, and takes the focus over with the place.
    if (at?.matches("[data-silence], [data-loud]") && at.hidden) at.parentElement.querySelector("button:not([hidden])")?.focus({ preventScroll: true });
  };
  const check = () => {
    const now = rings();
    if (now === "" || sessionStorage.getItem(silenced) === now) stop(); else start();
    if (now === "") sessionStorage.removeItem(silenced);
    document.documentElement.dataset.alarm = timer ? "rings" : "";
    show();
  };
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[data-silence]")) sessionStorage.setItem(silenced, rings());
    else if (event.target.closest?.("[data-loud]")) sessionStorage.removeItem(silenced);
    else return;
    check();
  });
  // Whatever is pressed in the page lets it sound from then on.
  for (const kind of ["pointerdown", "keydown"]) {
    document.addEventListener(kind, () => { if (context?.state === "suspended") context.resume().then(show, () => {}); });
  }
  document.addEventListener("parley:fresh", check);
  check();

  // The page on which the alarm is heard before the night.
  const test = document.getElementById("alarm-test");
  if (!test) return;
  const hear = document.getElementById("alarm-hear"), end = document.getElementById("alarm-stop"), says = document.getElementById("alarm-state");
  hear.addEventListener("click", () => {
    heard = 0;
    start();
    end.hidden = false;
    context.resume().catch(() => {}).finally(() => {
      ring();
      test.dataset.heard = heard;
      says.textContent = context.state === "running" ? test.dataset.on : test.dataset.blocked;
    });
  });
  end.addEventListener("click", () => {
    if (rings() === "") stop();
    end.hidden = true;
    says.textContent = test.dataset.off;
    hear.focus();
  });
})();
