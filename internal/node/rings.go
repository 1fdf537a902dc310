package node

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"parley.example/internal/duty"
)

// Rings are rings that are set by hand and kept nowhere: those of a rehearsal
// within one's own office, and of tests.
type Rings struct {
	mu      sync.Mutex
	rings   []duty.Ring
	rungs   []duty.Rung
	changed chan struct{}
}

// NewRings makes one in which nothing rings.
func NewRings(rungs ...duty.Rung) *Rings {
	return &Rings{rungs: rungs, changed: make(chan struct{})}
}

// Set has exactly these ring.
func (r *Rings) Set(rings ...duty.Ring) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rings = own(rings)
	slices.SortStableFunc(r.rings, func(a, b duty.Ring) int { return cmp.Compare(a.Since, b.Since) })
	close(r.changed)
	r.changed = make(chan struct{})
}

// own copies rings with what they point to.
func own(rings []duty.Ring) []duty.Ring {
	list := slices.Clone(rings)
	for i := range list {
		list[i].Roles = slices.Clone(list[i].Roles)
	}
	return list
}

// Rings lists what rings.
func (r *Rings) Rings(context.Context, int64) ([]duty.Ring, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return own(r.rings), nil
}

// Rungs lists the rungs it was made with.
func (r *Rings) Rungs(context.Context) ([]duty.Rung, error) {
	list := slices.Clone(r.rungs)
	for i := range list {
		list[i].Roles = slices.Clone(list[i].Roles)
	}
	return list, nil
}

// Changed is closed by the next Set.
func (r *Rings) Changed() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.changed
}
