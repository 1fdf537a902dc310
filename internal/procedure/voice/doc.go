// Package voice implements spec/voice.md: series of words for the telephone, as
// both sides see them in the record, each as a pure fold; and what was said of
// the telephone calls in which they were used.
//
// Words. A *series* is a thread: an offer of one side's node, an answer of the
// other's, and what people say of the rows that they used. The words are not
// in the record and cannot be computed from it (wire/voice).
//
//	offered ──► standing ──► lapsed
//	    └─────────(time)────────┘
//
// The files: judge.go who may say what; series.go the fold and its view;
// line.go which of the series of a line counts, and what a node owes.
package voice
