package duty

import (
	"context"
	"strings"

	"parley.example/wire/fault"
)

// Bounds of what rings at once.
const (
	MaxRings      = 64
	minEvery      = minuteMillis
	maxEvery      = dayMillis
	maxRemembered = 256 // who was told, of one ring
	maxSeen       = 64  // notes of one ring
)

// LateAfter is how long after it was due something is told as late.
const LateAfter = 2 * minuteMillis

// Ring is a rung of a call that rings on our side, as the fold of the hotline
// says. Instants are in milliseconds.
type Ring struct {
	Link     string   `json:"link"` // code of the counterpart
	Realm    string   `json:"realm"`
	Call     string   `json:"call"`
	Level    string   `json:"level"`
	Subject  string   `json:"subject"` // shown on paths that may show it, and nowhere else
	Rung     string   `json:"rung"`
	Roles    []string `json:"roles"`     // whose people are told
	Since    int64    `json:"since"`     // from when it rings
	Every    int64    `json:"every"`     // how long until everybody is told again
	ClimbsAt int64    `json:"climbs_at"` // when the next rung rings besides; 0: there is none
	Ends     int64    `json:"ends"`      // when it stops ringing by itself; 0: not before it is accepted
}

// Key names a ring: a rung that rings again later is another one.
func (r *Ring) Key() string {
	return strings.Join([]string{r.Link, r.Realm, r.Call, r.Rung, fault.Int(r.Since)}, "/")
}

// over reports whether the ring has stopped by itself.
func (r *Ring) over(now int64) bool { return r.Ends != 0 && now >= r.Ends }

// every is how long until a step is repeated.
func (r *Ring) every(s *Step) int64 {
	every := r.Every
	if s.Every != 0 {
		every = int64(s.Every) * minuteMillis
	}
	return min(max(every, minEvery), maxEvery)
}

// Rung is a rung of our side of the ladder, as the arrangement says it.
type Rung struct {
	Level string   `json:"level"`
	Rung  string   `json:"rung"`
	Roles []string `json:"roles"`
	Every int64    `json:"every"` // milliseconds
	Lasts int64    `json:"lasts"` // until the next rung rings; 0: there is none
}

// Ringing says what rings on our side of the hotline. Two may ask at once, and
// what comes is the caller's own.
type Ringing interface {
	// Rings lists what rings at an instant, the oldest first: until a named
	// human accepts it with an act, or the call ends.
	Rings(ctx context.Context, now int64) ([]Ring, error)
	// Rungs lists our side of the ladder as the arrangement in force has it.
	Rungs(ctx context.Context) ([]Rung, error)
	// Changed is closed when Rings may give something else than before. Who waits
	// takes it first, and asks then.
	Changed() <-chan struct{}
}
