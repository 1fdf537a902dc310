// Package memory implements docs/store.md, "Memory": the store of simulations
// and tests. It is deterministic, starts no goroutine, and fails where it is
// told to.
//
// An update writes in place and notes how to undo each step, so that its cost
// is that of what it writes and never that of what the store holds.
package memory

import (
	"context"
	"sync"

	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Outcome is what befalls a commit.
type Outcome uint8

const (
	// Pass lets it happen.
	Pass Outcome = iota
	// Full makes Update fail with store.full; nothing was stored. After the
	// commit it is too late for that, and it means Unknown.
	Full
	// Unknown makes Update fail with store.commit-unknown: nothing was stored
	// when it befalls before the commit, all of it when after.
	Unknown
	// Crash is Unknown, and every later call fails until Reopen.
	Crash
)

// Faults are asked around each commit of an update whose f gave no error, with
// its number since the store was made, from 1. Nil functions let all pass.
type Faults struct {
	BeforeCommit func(commit uint64) Outcome
	AfterCommit  func(commit uint64) Outcome
}

// Store is a store.Store in memory.
type Store struct {
	mu       sync.RWMutex
	identity [16]byte
	faults   Faults
	data     data
	commits  uint64
	down     bool // after Close or a crash
}

var _ store.Store = (*Store)(nil)

// New makes an empty store.
func New(identity [16]byte, faults Faults) *Store {
	return &Store{identity: identity, faults: faults, data: newData()}
}

// Identity is what New was given.
func (s *Store) Identity() [16]byte { return s.identity }

// Update runs f and keeps what it wrote, or undoes it.
func (s *Store) Update(ctx context.Context, f func(store.Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return fault.New(rule.StoreClosed)
	}
	if err := ctx.Err(); err != nil {
		return fault.Wrap(err, rule.StoreUnrun)
	}
	t := &tx{view: view{&s.data}}
	kept := false
	defer func() { // also when f ends its goroutine
		if !kept {
			t.revert()
		}
	}()
	if err := store.Guard(func() error { return f(t) }); err != nil {
		return err
	}
	s.commits++
	switch s.befalls(s.faults.BeforeCommit) {
	case Full:
		return fault.New(rule.StoreFull)
	case Unknown, Crash:
		return fault.New(rule.StoreUnknown)
	}
	kept = true
	if s.befalls(s.faults.AfterCommit) != Pass {
		return fault.New(rule.StoreUnknown)
	}
	return nil
}

func (s *Store) befalls(ask func(uint64) Outcome) Outcome {
	if ask == nil {
		return Pass
	}
	o := ask(s.commits)
	s.down = s.down || o == Crash
	return o
}

// View runs f on one consistent state.
func (s *Store) View(ctx context.Context, f func(store.Reader) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.down {
		return fault.New(rule.StoreClosed)
	}
	if err := ctx.Err(); err != nil {
		return fault.Wrap(err, rule.StoreUnrun)
	}
	return store.Guard(func() error { return f(view{&s.data}) })
}

// DropDerived drops all that can be made again.
func (s *Store) DropDerived(ctx context.Context) error {
	return s.Update(ctx, func(t store.Tx) error {
		m := t.(*tx)
		before := m.d.derived
		m.undo(func() { m.d.derived = before })
		m.d.derived = newDerived()
		return nil
	})
}

// Start takes the next number of a process start.
func (s *Store) Start(ctx context.Context) (n uint64, err error) {
	err = s.Update(ctx, func(t store.Tx) error {
		m := t.(*tx)
		m.undo(func() { m.d.starts-- })
		m.d.starts++
		n = m.d.starts
		return nil
	})
	return n, err
}

// Close makes every later call fail until Reopen.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return fault.New(rule.StoreClosed)
	}
	s.down = true
	return nil
}

// Reopen is the start after a Close or a crash: what was committed is there,
// nothing else is.
func (s *Store) Reopen() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = false
}

// Snapshot is a backup of a store.
type Snapshot struct{ data data }

// Snapshot takes a backup.
func (s *Store) Snapshot() *Snapshot {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return &Snapshot{s.data.clone()}
}

// Restore puts a backup in place of all that the store holds, as often as one
// likes. The number of starts goes back too, as it does on a disk.
func (s *Store) Restore(from *Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data = from.data.clone()
}
