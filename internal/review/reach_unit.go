package review

import (
	"slices"

	"parley.example/internal/procedure/contacts"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Point takes the next entry of a directory, as Call takes a call; all of them
// come before the first call or day.
func (r *Reachability) Point(higher bool, position uint64, c *contacts.Contact) error {
	if r.rung {
		return fault.New(rule.ReviewOrder, "position", fault.Int(position), "behind", fault.Int(r.last.position))
	}
	if err := r.follows(higher, position); err != nil {
		return err
	}
	view, err := c.View(r.cut)
	if err != nil {
		return err
	}
	r.take(higher, position, view)
	r.points[bit(higher)] = append(r.points[bit(higher)], c)
	return nil
}

// rings is follows for what stands in the hotline: the first begins the order
// anew, behind the directories.
func (r *Reachability) rings(higher bool, position uint64) error {
	if !r.rung {
		r.rung, r.last.any = true, false
	}
	return r.follows(higher, position)
}

// unitOn is the unit of a side that is to answer on a rung at an instant: its
// only one, or that which its directory names for the first of its roles on the
// rung that has an entry. It does not depend on who answered: a unit that only
// counts what it took has answered everything.
func (r *Reachability) unitOn(higher bool, d *arrangement.Document, rung string, at calendar.Instant) string {
	if d == nil || d.Hotline == nil {
		return ""
	}
	if p, ok := d.Party(r.id(higher)); ok && len(p.Units) == 1 {
		return r.unit(higher, p.Units[0].Code)
	}
	i := slices.IndexFunc(d.Hotline.Rungs, func(x arrangement.Rung) bool { return x.Code == rung })
	if i < 0 {
		return ""
	}
	for _, role := range d.Hotline.Rungs[i].Roles {
		if role.Party != r.id(higher) {
			continue
		}
		if unit := r.unitNamed(higher, role.Role, at); unit != "" {
			return r.unit(higher, unit)
		}
	}
	return ""
}

// unitNamed is what a side's directory names for a role at an instant: entries
// that stood then come first, permanent before temporary ones, then as they
// were opened.
func (r *Reachability) unitNamed(higher bool, role string, at calendar.Instant) (unit string) {
	const none = 4
	best := none
	for _, c := range r.points[bit(higher)] {
		b, stood := c.At(at)
		if b == nil || b.Role != role {
			continue
		}
		rank := 0
		if !stood {
			rank += 2
		}
		if b.Temporary {
			rank++
		}
		if rank < best {
			best, unit = rank, b.Unit
		}
	}
	return unit
}
