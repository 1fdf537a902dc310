package duty

import (
	"slices"
)

// MaxSpan bounds what is asked about at once, in milliseconds.
const MaxSpan = 400 * dayMillis

const (
	minuteMillis = 60 * 1000
	hourMillis   = 60 * minuteMillis
	dayMillis    = 24 * hourMillis
)

// Stand is one person who stands for a role.
type Stand struct {
	Person string `json:"person"`
	// For is whom the person stands in for; empty: it is their own turn.
	For string `json:"for,omitempty"`
	// By says why: rotation, override or deputy.
	By    string `json:"by"`
	Shift string `json:"shift,omitempty"` // name of the rotation
}

// Why somebody stands.
const (
	ByRotation = "rotation"
	ByOverride = "override"
	ByDeputy   = "deputy"
)

// OnDuty says who stands for a role at an instant, in the order in which the
// roster names them. Nobody: none.
func (r *Roster) OnDuty(role string, at int64) []Stand {
	var list []Stand
	if x := r.Role(role); x != nil {
		for i := range x.Rotations {
			o := &x.Rotations[i]
			if p, ok := o.at(r.zone(o.Zone), at); ok {
				list = append(list, Stand{Person: p, By: ByRotation, Shift: o.Name})
			}
		}
	}
	for _, o := range r.Overrides {
		if o.Role != role || at < int64(o.From) || at >= int64(o.To) {
			continue
		}
		if o.For == "" {
			list = []Stand{{Person: o.Person, By: ByOverride}}
			continue
		}
		for i := range list {
			if list[i].Person == o.For {
				list[i] = Stand{Person: o.Person, For: o.For, By: ByOverride, Shift: list[i].Shift}
			}
		}
	}
	out := []Stand{} // in JSON a list, also of nobody
	for _, s := range list {
		if r.absent(s.Person, at) {
			present := ""
			for _, d := range r.deputies(s.Person) {
				if !r.absent(d, at) {
					present = d
					break
				}
			}
			if present == "" {
				continue
			}
			s = Stand{Person: present, For: s.Person, By: ByDeputy, Shift: s.Shift}
		}
		if !slices.ContainsFunc(out, func(o Stand) bool { return o.Person == s.Person }) {
			out = append(out, s)
		}
	}
	return out
}

// at says whose turn it is, if a shift covers the instant. The shift is that of
// the last local date whose start has been reached.
func (o *Rotation) at(z *Zone, at int64) (string, bool) {
	if z == nil {
		return "", false
	}
	// A change of offset moves the date by a day at most, and so does a start
	// that was reached before the wall went back.
	for d, last := z.date(at)+2, z.date(at)-4; d >= last; d-- {
		if z.Reaches(d, o.Start) > at {
			continue
		}
		if d < o.First || len(o.Weekdays) > 0 && !slices.Contains(o.Weekdays, d.Weekday()) {
			return "", false
		}
		end := d
		if o.End <= o.Start {
			end++
		}
		turn := int(d-o.First) / o.Days % len(o.Persons)
		return o.Persons[turn], at < z.Reaches(end, o.End)
	}
	return "", false
}

// absent reports whether a person is away at an instant.
func (r *Roster) absent(person string, at int64) bool {
	return slices.ContainsFunc(r.Absences, func(a Absence) bool {
		return a.Person == person && at >= int64(a.From) && at < int64(a.To)
	})
}

// deputies of a person, in order.
func (r *Roster) deputies(person string) []string {
	for _, d := range r.Deputies {
		if d.Person == person {
			return d.By
		}
	}
	return nil
}

// Stretch is a time through which the same persons stand for a role.
type Stretch struct {
	From    int64   `json:"from"`
	To      int64   `json:"to"`
	Persons []Stand `json:"persons"`
}

// Cover says who stands for a role from one instant up to and without another,
// stretch by stretch, without a hole between them. A span longer than MaxSpan
// is cut.
func (r *Roster) Cover(role string, from, to int64) []Stretch {
	to = min(to, from+MaxSpan)
	var list []Stretch
	edges := r.edges(role, from, to)
	for i, at := range edges {
		end := to
		if i+1 < len(edges) {
			end = edges[i+1]
		}
		persons := r.OnDuty(role, at)
		if n := len(list); n > 0 && slices.Equal(list[n-1].Persons, persons) {
			list[n-1].To = end
			continue
		}
		list = append(list, Stretch{at, end, persons})
	}
	return list
}

// Gaps are the times in which nobody stands for a role.
func (r *Roster) Gaps(role string, from, to int64) []Stretch {
	return slices.DeleteFunc(r.Cover(role, from, to), func(s Stretch) bool { return len(s.Persons) > 0 })
}

// edges are the instants at which who stands for a role may change, the first
// instant of the span among them, in order.
func (r *Roster) edges(role string, from, to int64) []int64 {
	if from >= to {
		return nil
	}
	list := []int64{from}
	mark := func(at int64) {
		if at > from && at < to {
			list = append(list, at)
		}
	}
	if x := r.Role(role); x != nil {
		for _, o := range x.Rotations {
			z := r.zone(o.Zone)
			if z == nil {
				continue
			}
			for d, last := z.date(from)-2, z.date(to)+2; d <= last; d++ {
				mark(z.Reaches(d, o.Start))
				mark(z.Reaches(d, o.End))
			}
		}
	}
	for _, o := range r.Overrides {
		if o.Role == role {
			mark(int64(o.From))
			mark(int64(o.To))
		}
	}
	for _, a := range r.Absences {
		mark(int64(a.From))
		mark(int64(a.To))
	}
	slices.Sort(list)
	return slices.Compact(list)
}
