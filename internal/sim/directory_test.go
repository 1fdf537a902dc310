package sim

import (
	"slices"
	"strings"

	"parley.example/internal/node"
	"parley.example/internal/procedure"
	"parley.example/internal/procedure/contacts"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/record"
	"parley.example/wire/statement"
)

// directory has somebody of a side's publish an entry of its directory, or
// change, confirm or end one.
func (w *world) directory(s *side) {
	d := s.inForce()
	if !s.up() || d == nil || d.Hotline == nil {
		return
	}
	var own []*node.Listed
	err := s.node.ContactPoints(w.ctx, s.link, func(c *node.Listed) bool {
		if c.ID.Own && c.Contact.Now() != nil && c.Contact.Head.Ended == nil {
			own = append(own, c)
		}
		return true
	})
	if err != nil {
		return
	}
	me, _ := d.Party(s.link.Us.String())
	body := w.contactBody(s, d, me)
	if len(own) == 0 || w.chance(30) {
		w.speak(s, act.ContactPublish, nil, nil, body, nil, false)
		return
	}
	c := pick(w, own)
	opening := s.link.Place(c.ID.Own, 0, c.ID.Position)
	switch n := w.rng.IntN(10); {
	case n < 5:
		body.Role = c.Contact.Head.Role
		w.speak(s, act.ContactChange, &opening, nil, body, nil, false)
	case n < 8:
		versions := slices.DeleteFunc(slices.Clone(c.Contact.History), func(v contacts.Version) bool { return v.Kind == act.ContactConfirm })
		w.speak(s, act.ContactConfirm, &opening, nil, &act.ContactConfirmBody{Position: versions[len(versions)-1].Position, Until: body.Until}, nil, false)
	default:
		w.speak(s, act.ContactEnd, &opening, nil, &act.NoteBody{Note: w.words()}, nil, false)
	}
}

// contactBody is an entry for a role on the ladder, mostly that at its foot, at
// any unit.
func (w *world) contactBody(s *side, d *arrangement.Document, me *arrangement.Party) *act.ContactBody {
	var roles []string
	for _, r := range d.Hotline.Rungs {
		for _, one := range r.Roles {
			if one.Party == me.ID {
				roles = append(roles, one.Role)
			}
		}
	}
	role := roles[0]
	if w.chance(30) {
		role = pick(w, roles)
	}
	return &act.ContactBody{Role: role, Unit: pick(w, me.Units).Code, Names: act.Words{En: "Desk", Zh: "席位"}, Ways: []act.Way{{Kind: act.WayPhone, Value: "1", Note: w.words()}},
		Hours: act.Words{En: "Always", Zh: "全天"}, Zone: "Etc/UTC", Languages: []string{"en"}, Deputies: []string{}, Confirmers: []act.Confirmer{},
		Until: calendar.Instant(s.clock() + w.between(hour, 40*day)), Temporary: w.chance(30)}
}

// entry is one of a directory as the slow reference reads it: what was said in
// it in order, when.
type entry struct {
	higher bool
	at     uint64
	said   []*procedure.Entry
}

// readDirectories reads both sides' directories within a cut.
func (slow *slowReach) readDirectories(c *checker, s *side, cut record.Cut) error {
	err := s.node.ContactPoints(c.w.ctx, s.link, func(l *node.Listed) bool {
		one := entry{higher: l.ID.Own == s.link.Higher(), at: l.ID.Position}
		size := cut[procedure.Side(one.higher)][statement.Routine-1].Size
		if one.at >= size {
			return true
		}
		for _, e := range l.Entries[procedure.Side(one.higher)] {
			for _, a := range l.Contact.Acts {
				if e.Position < size && a.InOrder && a.Where == procedure.WhereOf(e.Place) && strings.HasPrefix(a.Kind, "contact.") {
					one.said = append(one.said, e)
				}
			}
		}
		slow.entries = append(slow.entries, one)
		return true
	})
	slices.SortFunc(slow.entries, func(a, b entry) int { return int(int64(a.at) - int64(b.at)) })
	return err
}

// unit is the one that was to answer on a rung: each entry is read from its
// beginning for each class that it may be in.
func (slow *slowReach) unit(p *arrangement.Party, higher bool, roles []arrangement.PartyRole, at int64) string {
	if len(p.Units) == 1 {
		return p.Units[0].Code
	}
	for _, role := range roles {
		for class := range 3 {
			for _, one := range slow.entries {
				if b, in := one.class(at); one.higher == higher && role.Party == p.ID && b != nil && b.Role == role.Role && in == class {
					return b.Unit
				}
			}
		}
	}
	return ""
}

// class is in which order an entry is asked: it stands for good, it stands for a
// time, or it has lapsed.
func (one *entry) class(at int64) (b *act.ContactBody, class int) {
	until := int64(0)
	for _, e := range one.said {
		switch {
		case e.Time > at:
			continue
		case e.Kind.Name == act.ContactEnd:
			return nil, 0
		case e.Kind.Name == act.ContactConfirm:
			until = int64(e.Body.(*act.ContactConfirmBody).Until)
		default:
			b = e.Body.(*act.ContactBody)
			until = int64(b.Until)
		}
	}
	switch {
	case b == nil || b.Temporary && at >= until:
		return nil, 0
	case at >= until:
		return b, 2
	case b.Temporary:
		return b, 1
	}
	return b, 0
}
