// Package casework implements spec/casework.md: requests for assistance, from
// the opening to the close, as a pure fold.
//
// Words. The *requester* opens a request; the *receiver* is the other side. A
// request is *stored* when the receiver's node has it, *opened* when an officer
// looks at it, *accepted* when a named officer takes it on and *acted on* when
// something is given or refused: four statements, none of which is taken for
// another. The receiver *asks* and the requester *replies*; the receiver
// answers in *part* or in full, or *declines* for an agreed reason; the
// requester *closes*, *rates* the answer, or *withdraws*. A request that comes
// with things missing is *returned*, itemised, by the receiver's node.
//
//	                 open ──────────────► incomplete ──► returned ──┐
//	                   │                      │             │       │
//	     sent ► stored ► opened               └──────┬──────┘       │
//	                   │                         withdraw         close
//	                   ├──────► asked ◄─► (ask, reply)              │
//	                   ▼                                            │
//	withdrawn ◄─── accepted ──► partial ──► answered ──────┐        │
//	(withdraw, from    │           │           │ (answer   │        ▼
//	 any of these)     └───────────┴──► declined  again,   └──► closed ► (rate)
//	                                           │  ask)              ▲
//	                                           └────────────────────┘
//
// Whether an act is in order is judged by its causal past alone, once and for
// ever. Acts that cross are both kept, and the outcome of each such pair is
// stated. The phase is read off the set of what was said, so it does not
// depend on the order of arrival, nor on which party's identifier is the lower.
//
// What is due is derived: every clock is counted twice, from what the writers
// claim and from the receipts, and where the two differ by more than the agreed
// tolerance both are shown and neither is taken.
//
// The files: kinds.go who may say what; rules.go what the arrangement says to
// it; book.go the fold; crossings.go what comes of acts that cross; moves.go
// what a side may say now, and what its node owes; due.go and clocks.go who
// owes what by when; thread.go what both sides see; residue.go what is left
// when the content is destroyed.
package casework
