// Package sqltext implements docs/store.md over database/sql: one text of SQL
// that SQLite and PostgreSQL both run. A leaf package beside it brings the
// driver, the folder or the connection string, and what differs: an Engine.
//
// Who runs what. There is no goroutine here. Of the goroutines that call Update
// one leads: it opens a transaction, lets each of those that wait run its own f,
// one after the other, commits once, hands the lead on and answers all. What an
// f writes goes into a layer in memory; when f ends well, its layer is laid over
// the batch's, which is written with few statements just before the commit. A
// lone writer so pays for no switch, and a hundred share one sync of the disk. A
// view holds a connection of its own and sees one state.
//
// Commit unknown. When a commit fails and the engine cannot say that nothing
// was stored, the writer's connection is given up, and before the store answers
// anything again it commits a row of its own. With that, whatever the failed
// commit left behind is either there for good or gone for good.
package sqltext

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"

	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Engine is what differs between databases.
type Engine struct {
	DB         *sql.DB
	BeginWrite string                    // begins a transaction that no other writer can cross
	Writer     string                    // a setting of the connection that writes; may be empty
	Room       string                    // makes room for a small commit where a disk is full; may be empty
	BeginRead  string                    // begins one that sees one state and writes nothing
	Text       func(query string) string // how a statement is written here; nil: as it is
	Clustered  string                    // ends a table whose rows lie in the order of their key; may be empty
	Readers    int                       // how many views may run at once

	// Code is what an error of the driver means: of a statement, or of a COMMIT,
	// where any code but store.commit-unknown says that nothing was stored.
	Code func(err error, commit bool) fault.Code

	// Committed, if set, is called after every commit that wrote, with the
	// driver's connection, while no other update runs.
	Committed func(conn any)

	// TestingOnlyCommit, if set, stands around every commit of updates.
	TestingOnlyCommit func(commit func() error) error
}

// MaxBatch bounds the updates that share a commit, so that the first of them
// never waits for an endless row of others.
const MaxBatch = 256

// Store is a store.Store on an Engine.
type Store struct {
	engine   Engine
	identity [16]byte
	lines    sync.Map // lineKey -> int64, committed ones only; they never change

	mu     sync.Mutex
	queue  []*job
	busy   bool // somebody leads
	closed bool
	quiet  chan struct{} // closed when nobody leads any more after Close

	// The leader's: how it writes, and what it remembers.
	writer    *session
	shared    int // how many updates were in the last batch
	known     known
	words     wordState
	unsettled atomic.Bool

	free chan *session // of readers; nil where none was opened yet
	gone chan struct{} // closed by Close
}

type lineKey struct {
	link    [32]byte
	channel uint8
}

var _ store.Store = (*Store)(nil)

// Create gives a database that Migrate has just brought to the newest schema
// its identity.
func Create(ctx context.Context, e Engine, identity [16]byte) error {
	_, err := e.DB.ExecContext(ctx, qIdentityMake, int64(1), identity[:])
	if err != nil {
		return fault.Wrap(err, e.Code(err, true))
	}
	return nil
}

// New serves a database that has the newest schema and an identity.
func New(ctx context.Context, e Engine) (*Store, error) {
	s := &Store{engine: e, known: newKnown(), quiet: make(chan struct{}), gone: make(chan struct{}),
		free: make(chan *session, e.Readers)}
	for range e.Readers {
		s.free <- nil
	}
	var id []byte
	if err := e.DB.QueryRowContext(ctx, qIdentity).Scan(&id); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fault.Wrap(err, e.Code(err, false))
	}
	if len(id) != len(s.identity) {
		return nil, fault.New(rule.StoreDamaged, "table", "identity")
	}
	copy(s.identity[:], id)
	return s, nil
}

// Identity is drawn when the store is made and never changes.
func (st *Store) Identity() [16]byte { return st.identity }

// Start takes the next number of a process start, durably.
func (st *Store) Start(ctx context.Context) (uint64, error) {
	var n int64
	err := st.Update(ctx, func(t store.Tx) error {
		if err := t.(*tx).spill(1); err != nil {
			return err
		}
		return t.(*tx).s.one(qStart, nil, &n)
	})
	return uint64(n), err
}

// DropDerived drops all that can be made again.
func (st *Store) DropDerived(ctx context.Context) error {
	return st.Update(ctx, func(t store.Tx) error {
		if err := t.(*tx).spill(1); err != nil {
			return err
		}
		st.words.known = false
		for _, q := range dropDerived {
			if err := t.(*tx).s.exec(q); err != nil {
				return err
			}
		}
		return nil
	})
}

// Close waits for the leader and for views, then gives all connections back.
func (st *Store) Close() error {
	st.mu.Lock()
	if st.closed {
		st.mu.Unlock()
		return fault.New(rule.StoreClosed)
	}
	st.closed = true
	waiting := st.queue
	st.queue = nil
	busy := st.busy
	st.mu.Unlock()
	for _, j := range waiting {
		if j.chosen {
			continue // it was handed the lead and finds an empty queue
		}
		j.err = fault.New(rule.StoreClosed)
		j.turn <- nil
	}
	if busy {
		<-st.quiet
	}
	close(st.gone)
	for range st.engine.Readers {
		(<-st.free).drop()
	}
	st.writer.drop()
	return nil
}

// View runs f on one consistent state.
func (st *Store) View(ctx context.Context, f func(store.Reader) error) error {
	if st.unsettled.Load() {
		if err := st.Update(ctx, func(store.Tx) error { return nil }); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return fault.Wrap(err, rule.StoreUnrun)
	}
	var s *session
	select {
	case <-st.gone:
		return fault.New(rule.StoreClosed)
	case <-ctx.Done():
		return fault.Wrap(ctx.Err(), rule.StoreUnrun)
	case s = <-st.free:
	}
	defer func() { st.free <- s }()
	if s == nil {
		var err error
		if s, err = st.open(); err != nil {
			return err
		}
	}
	if err := s.exec(st.engine.BeginRead); err != nil {
		s = s.drop()
		return err
	}
	defer func() {
		if s.err = nil; s.end("ROLLBACK") != nil {
			s = s.drop()
		}
	}()
	return store.Guard(func() error { return f(&reader{s: s, st: st}) })
}
