// Package hotline implements spec/hotline.md: a call from one party to the
// other, from its opening until both have closed it, as a pure fold.
//
// Words. The *caller* opens a call; the other side is *called*. A call *rings*
// on a *rung* of the ladder that both sides signed, until a named person
// *accepts* it by a signed act: nothing that a device does is an acceptance.
// Unanswered at its time it *climbs*, on both sides. It is *shown* when it was
// on an officer's screen, *declined* for a coded reason, *deferred* to an
// instant. Then it is a *conversation*, and ends by a *minute* that both agree
// to, or by two side by side.
//
//	open ► sent ► stored ► ringing ► shown ──► accepted ► open ► closing ► closed
//	                          │  ▲      │  ▲      (accept)   (say) (close)  (agree,
//	                          │  │(raise, in time)│                          close)
//	                          │  └── deferred ◄───┤
//	                          └───── declined ◄───┘       withdraw ► withdrawn
//
// Each side's ladder runs on that side's own clock: the caller's from what it
// wrote, the other's from its receipt. So both nodes compute both ladders, to
// the millisecond, and neither clock has to be right.
//
// The files: judge.go who may say what; book.go the fold; ladder.go which rung
// rings since when; moves.go what a side may say now and what its node owes;
// call.go what both sides see; talk.go the conversation.
package hotline
