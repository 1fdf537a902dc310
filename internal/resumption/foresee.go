package resumption

import (
	"slices"

	"parley.example/internal/procedure/casework"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
)

// Effect is what an act about a suspension would do to the open requests, were
// it received at an instant.
type Effect struct {
	Freezes  []Affected `json:"freezes"`  // go on now, and would stand still
	Frees    []Affected `json:"frees"`    // stand still now, and would go on
	Stands   []Affected `json:"stands"`   // stand still now and then
	Survives []Affected `json:"survives"` // are covered, and would go on
	Ends     []Affected `json:"ends"`     // would be owed nothing more
	Others   int        `json:"others"`   // are not covered, and go on
}

// AffectedList is one list of an effect, with its name.
type AffectedList struct {
	Key      string
	Requests []Affected
}

// Lists gives the lists that are not empty, the gravest first.
func (e *Effect) Lists() []AffectedList {
	return slices.DeleteFunc([]AffectedList{{"ends", e.Ends}, {"freezes", e.Freezes}, {"frees", e.Frees}, {"stands", e.Stands}, {"survives", e.Survives}},
		func(l AffectedList) bool { return len(l.Requests) == 0 })
}

// Affected is an open request, and by what it survives.
type Affected struct {
	Request
	By string `json:"by,omitempty"`
}

// Foresight tells what comes of a status that changes at an instant, one open
// request at a time.
type Foresight struct {
	Effect
	now, then arrangement.Status
	survives  arrangement.Survives
	at        calendar.Instant
	ends      bool
}

// Foresee begins to tell.
func Foresee(now, then arrangement.Status, survives arrangement.Survives, at calendar.Instant) *Foresight {
	f := &Foresight{now: now, then: then, survives: survives, at: at,
		Effect: Effect{Freezes: []Affected{}, Frees: []Affected{}, Stands: []Affected{}, Survives: []Affected{}, Ends: []Affected{}}}
	_, ended := then.Ends()
	_, before := now.Ends()
	f.ends = ended && !before
	return f
}

// Add takes a request. They come in the order of their openings.
func (f *Foresight) Add(c Case) {
	if c.Thread == nil || c.Thread.Request == nil || !open(c.Thread) {
		return
	}
	m := MatterOf(c.Thread)
	one := Affected{Request: requestOf(c)}
	was, is := f.now.Frozen(f.at, m), f.then.Frozen(f.at, m)
	covered := slices.ContainsFunc(f.then.Suspensions(f.at), func(s arrangement.Suspend) bool { return s.Scope.Covers(m) })
	into := &f.Stands
	switch {
	case f.ends:
		into = &f.Ends
	case is && !was:
		into = &f.Freezes
	case was && !is:
		into = &f.Frees
	case is:
	case covered:
		into, one.By = &f.Survives, f.survives.SavedBy(m)
	default:
		f.Others++
		return
	}
	if len(*into) >= Most {
		f.Others++
		return
	}
	*into = append(*into, one)
}

// open tells whether a request is not over: neither answered nor ended, nor a
// draft.
func open(t *casework.Thread) bool {
	switch t.Phase {
	case casework.None, casework.Drafted, casework.Void, casework.Answered, casework.Declined, casework.Redirected, casework.Withdrawn, casework.Closed:
		return false
	}
	return !slices.ContainsFunc(t.Acts, func(s casework.Said) bool { return s.InOrder && s.Kind == act.RequestClose })
}
