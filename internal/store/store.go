// Package store implements docs/store.md: the cupboard. It keeps the logs as
// their leaves came, the blobs beside them, an index of what can be computed
// again, and local records; it knows no procedure and opens no act.
//
// Words. A *row* is a leaf at its position. A *blob* is what lies beside a
// leaf: wraps or sealed bytes. A *state* is what the writer of a log must know
// before it appends again, encoded by its owner. A *record* is a small sealed
// value of the node's own under a bucket and a key. *Derived* is the rest
// (receipts, acts, threads, tokens): it can be dropped and made again from rows
// and blobs.
//
// Errors. All are faults. An error that f returned comes back as it is.
// store.full and store.io say that nothing was stored; store.commit-unknown
// says that nobody knows; store.cancelled that the context ended before f ran;
// store.closed that the store was closed. A panic in f comes back as internal,
// and what f wrote is undone.
package store

import (
	"context"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// LogID names one log as this node sees it.
type LogID struct {
	Link    [32]byte
	Own     bool // written by this party
	Channel uint8
}

// Row is one leaf as it came.
type Row struct {
	Position uint64
	Type     uint8
	Time     int64      // the writer's, milliseconds
	Leaf     []byte     // the exact bytes
	Hashes   [][32]byte // of the subtrees that this leaf completes, its own first
}

// Blob kinds.
const (
	BlobFirst    uint8 = 0 // came with the leaf
	BlobRestated uint8 = 1 // came with a restatement of it
)

// ThreadID names a thread by the place of its opening entry.
type ThreadID struct {
	Link     [32]byte
	Channel  uint8
	Own      bool
	Position uint64
}

// EntryRef is the place of one entry of a thread.
type EntryRef struct {
	Own      bool
	Position uint64
}

// ThreadRow is a line of a list of threads. The order of a list is total:
// newest change first, then own before the other's, then later position first.
type ThreadRow struct {
	ID      ThreadID
	Changed int64  // when this node stored its newest entry, milliseconds
	Value   []byte // what the fold gave, sealed by the caller; may be dropped and made again
}

// Record is a value under a bucket and a key.
type Record struct {
	Key   string
	Value []byte // sealed by the caller where it holds content
}

// Reader reads, and is used by one goroutine, within f only. Slices it returns
// belong to the caller. Absence is the fault store.absent, never a nil and nil.
// What f calls in turn may read and write the same state; a row that it writes
// behind the place that a listing has reached may or may not be listed.
type Reader interface {
	// State is the encoded state of a log; store.absent when it was never put.
	State(id LogID) ([]byte, error)
	// Row is one leaf; store.absent beyond the end.
	Row(id LogID, position uint64) (Row, error)
	// Rows calls f with rows from, and before to, in order, and stops at the
	// log's end or with f's error. It streams: memory does not grow with the
	// range.
	Rows(id LogID, from, to uint64, f func(Row) error) error
	// Other reports whether a row at from or behind it, and before to, has a
	// type other than not (0: any type).
	Other(id LogID, from, to uint64, not uint8) (bool, error)
	// Blob is what lies beside a leaf; store.absent when destroyed or none.
	Blob(id LogID, position uint64, kind uint8) ([]byte, error)
	// Receipt is the first receipt that covers a position of this log: its
	// time and its position in the other's log; store.absent when none does.
	Receipt(id LogID, position uint64) (time int64, at uint64, err error)
	// ActAt is where an act with this identifier stands in this log first.
	ActAt(id LogID, act [16]byte) (uint64, error)
	// Thread lists a thread's entries: own ones, then the other's, each in the
	// order of positions. A thread without entries is store.absent.
	Thread(id ThreadID) ([]EntryRef, error)
	// ThreadValue is what was last put for the thread.
	ThreadValue(id ThreadID) (ThreadRow, error)
	// Threads calls f newest change first, of one link and channel, starting
	// behind the row `after` (nil: at the newest), until f returns false.
	Threads(link [32]byte, channel uint8, after *ThreadRow, f func(ThreadRow) bool) error
	// Record is one record.
	Record(bucket, key string) ([]byte, error)
	// Records calls f in the order of keys that begin with prefix and are
	// greater than after, until f returns false. Keys are ordered as bytes; the
	// empty key is greater than none and so never listed.
	Records(bucket, prefix, after string, f func(Record) bool) error
	// Find lists threads that hold every one of the tokens, of all links and
	// channels, newest change first, then higher link and channel, then as in a
	// list; at most limit. No tokens find nothing; more than MaxTokens are
	// octets.long.
	Find(tokens [][16]byte, limit int) ([]ThreadID, error)
}

// MaxTokens bounds the tokens of one search.
const MaxTokens = 256

// Tx writes, and reads what it wrote. All of it becomes durable together, or
// none of it. After an error of the disk or the database nothing that f does
// can succeed, and Update returns that error whatever f returns.
type Tx interface {
	Reader
	// PutState replaces the state of a log.
	PutState(id LogID, state []byte) error
	// Append adds rows, which must follow the log's last: store.position.
	Append(id LogID, rows []Row) error
	// PutBlob writes what lies beside a leaf, in place of what did; DropBlob
	// removes it for good. Dropping what is not there changes nothing.
	PutBlob(id LogID, position uint64, kind uint8, blob []byte) error
	DropBlob(id LogID, position uint64, kind uint8) error
	// PutReceipt notes that a receipt at position `at` of the other's log, of
	// this time, covers the first size entries of this log. Receipts are put in
	// the order of the other's log; one that covers no more than an earlier one
	// changes nothing, since the first receipt counts.
	PutReceipt(id LogID, size uint64, time int64, at uint64) error
	// PutAct notes an act's identifier; store.repeated if the log has it.
	PutAct(id LogID, act [16]byte, position uint64) error
	// PutThread adds an entry to a thread; adding it again changes nothing.
	PutThread(id ThreadID, e EntryRef) error
	// PutThreadValue replaces the thread's row.
	PutThreadValue(row ThreadRow) error
	// PutTokens adds search tokens of a thread.
	PutTokens(id ThreadID, tokens [][16]byte) error
	// DropThread removes a thread's entries, row and tokens, as a destruction
	// or a new fold of it needs. Its acts' identifiers stay, so that none is
	// used twice.
	DropThread(id ThreadID) error
	// PutRecord replaces a record; DropRecord removes it. Dropping what is not
	// there changes nothing.
	PutRecord(bucket, key string, value []byte) error
	DropRecord(bucket, key string) error
}

// Store keeps. Update and View may be called from any goroutine, but not from
// within an f of the same store: two that wait for each other never end.
type Store interface {
	// Update runs f and makes what it wrote durable before it returns nil.
	// Updates are serial. Several waiting ones may share one commit; an error
	// of f undoes f alone, what the database refuses undoes all that share it,
	// and gives each the same error. After store.commit-unknown nobody can say whether it
	// was committed: the caller reads back, and never writes anew blindly. What
	// is read back is final: the store answers nothing before it knows. A
	// context that ends once f has begun has no effect.
	Update(ctx context.Context, f func(Tx) error) error
	// View runs f on one consistent state, which holds every update that was
	// acknowledged before it began.
	View(ctx context.Context, f func(Reader) error) error
	// DropDerived drops all that can be made again: threads, receipts, acts,
	// tokens. Rows, blobs, states and records stay.
	DropDerived(ctx context.Context) error
	// Identity is drawn when the store is made and never changes.
	Identity() [16]byte
	// Start takes the next number of a process start, durably.
	Start(ctx context.Context) (uint64, error)
	// Close waits for updates that run, then releases the store; those that
	// still wait, and whatever is called later, get store.closed.
	Close() error
}

// Absent reports whether an error says that something is not there.
func Absent(err error) bool { return fault.Is(err, rule.StoreAbsent) }
