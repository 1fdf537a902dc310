// Package contacts implements spec/contacts.md: the entries of a party's own
// directory, by which the other reaches it, each as a pure fold.
//
// Words. An *entry* is a thread: a role of one party, never a person, and how
// who holds it is reached. Its *owner* is the party that published it, and
// nobody else says anything in it. What was published or changed last is its
// *version* in force. It *stands* until an instant; it is *due* for a
// confirmation some time before, and *lapses* there unless one was said.
//
//	current ──► due ──► lapsed        ended: for good
//	   ▲  (time)  │ (time) │
//	   └──────────┴────────┘  (confirm, change)
//
//	temporary: current ──► over, and only a change puts that off
//
// The files: judge.go who may say what; contact.go the fold and its view;
// moves.go what a side may say now and what its node owes.
package contacts
