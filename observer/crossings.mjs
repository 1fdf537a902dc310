// What comes of each pair of acts that cross. CW-17

import { before, same, where } from "./standing.mjs";

const FINAL = ["answer", "hold", "decline", "redirect"];
const EITHER = ["agree", "refuse", "correct", "mark", "translate", "link", "priority", "contest", "comment"];
const bare = (e) => e.kind.replace("request.", "");

function outcome(s, a, b) {
  const x = bare(a), y = bare(b);
  const table = {
    withdraw: () => {
      if (FINAL.includes(y)) return "final-stands";
      if (s.acts.some((e) => e.side === b.side && FINAL.includes(bare(e)))) return "both-stand";
      if (y === "partial") return "part-kept";
      if (y === "return") return "return-lapses";
      return y === "opened" || EITHER.includes(y) ? "both-stand" : "without-effect";
    },
    amend: () => {
      if (y === "return" && s.complete) return "return-lapses";
      return ["return", "ask", "partial", ...FINAL].includes(y) ? "earlier-form" : "";
    },
    reply: () => (["decline", "redirect"].includes(y) || s.of("answer", "hold")[0] === b ? "reply-too-late" : ""),
    grant: () => {
      if (y !== "extend" || a.body.step !== b.body.step) return "";
      return b.body.until <= a.body.until ? "granted" : "asks-on";
    },
    renew: () => (y === "hold" ? (b.body.until >= a.body.until ? "held-on" : "asks-on") : ""),
    release: () => (y === "hold" ? "let-go" : ""),
    agree: () => {
      const of = s.acts.find((e) => same(e, a.replies[0]));
      return FINAL.includes(y) && ["extend", "condition"].includes(bare(of)) ? "consent-too-late" : "";
    },
    close: () => (y === "ask" ? "question-lapses" : ["answer", "hold"].includes(y) ? "added-after-close" : ""),
    rate: () => (["answer", "hold"].includes(y) ? "rating-of-earlier" : ""),
  };
  table.refuse = table.agree;
  return table[x]?.() || "both-stand";
}

export function crossings(s) {
  const out = [], acts = s.acts.filter((e) => e.kind !== "disorder");
  for (const a of acts.filter((e) => e.side === s.requester)) {
    for (const b of acts.filter((e) => e.side === s.receiver)) {
      if (before(a, b) || before(b, a)) continue;
      out.push({ requester: where(a), receiver: where(b), kinds: `${a.kind} ${b.kind}`, outcome: outcome(s, a, b) });
    }
  }
  return out;
}
