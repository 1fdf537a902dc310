package node

import (
	"cmp"
	"context"
	"slices"

	"parley.example/internal/duty"
	"parley.example/internal/procedure/hotline"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/party"
)

// ladders says what rings on our side of the hotline on all links, by the
// folds of the calls that are open. It fills duty.Ringing.
type ladders struct{ n *Node }

func realmWord(realm uint8) string {
	if realm == party.Exercise {
		return "exercise"
	}
	return "real"
}

// Rings lists what rings for our people, the oldest first.
func (x ladders) Rings(ctx context.Context, _ int64) (list []duty.Ring, err error) {
	for _, l := range x.n.Links() {
		err := x.n.OpenCalls(ctx, l, func(c *Called) bool {
			if ring := ringFor(l, c); ring != nil {
				list = append(list, *ring)
			}
			return true
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(list, func(a, b duty.Ring) int { return cmp.Compare(a.Since, b.Since) })
	return list, nil
}

// Alarming is the step of a call that rings for our people; nil while none
// does. Where our own people began the call they need not be told of it: of
// their own calls people are told from the next rung on.
func Alarming(l *Link, c *Called) *hotline.Step {
	step := c.Call.Now(l.Higher())
	if step == nil || c.ID.Own && step.Rung == c.Call.Head.Rung && step.Due == c.Call.Ladder(l.Higher()).Steps[0].Due {
		return nil
	}
	return step
}

func ringFor(l *Link, c *Called) *duty.Ring {
	step := Alarming(l, c)
	if step == nil {
		return nil
	}
	rungs := c.Call.Rules().Hotline.Rungs
	at := slices.IndexFunc(rungs, func(r arrangement.Rung) bool { return r.Code == step.Rung })
	ring := &duty.Ring{Link: l.Code(), Realm: realmWord(l.Realm), Call: l.ThreadName(c.ID), Level: levelOf(c.Call.Head), Rung: step.Rung,
		Roles: rolesOf(&rungs[at], l), Since: int64(step.Due), Every: int64(rungs[at].Repeat) * int64(calendar.Minute), ClimbsAt: int64(step.Until)}
	for _, side := range c.Entries {
		for _, e := range side {
			if b, ok := e.Body.(*act.CallBody); ok {
				ring.Subject = b.Subject.Text
			}
		}
	}
	return ring
}

// levelOf is how grave a call is, by the code of the arrangement.
func levelOf(h *hotline.Head) string {
	if h.Purpose == act.PurposeTest {
		return act.PurposeTest
	}
	return h.Severity
}

// rolesOf are the roles of ours that stand on a rung.
func rolesOf(r *arrangement.Rung, l *Link) (roles []string) {
	for _, role := range r.Roles {
		if role.Party == l.Us.String() {
			roles = append(roles, role.Role)
		}
	}
	return roles
}

// Rungs lists our side of the ladders that are in force, link by link.
func (x ladders) Rungs(ctx context.Context) (list []duty.Rung, err error) {
	for _, l := range x.n.Links() {
		state, _, err := x.n.Control(ctx, l)
		if err != nil {
			return nil, err
		}
		d := state.Context(x.n.Now()).Arrangement
		if d == nil || d.Hotline == nil {
			continue
		}
		for i := range d.Hotline.Rungs {
			r := &d.Hotline.Rungs[i]
			one := duty.Rung{Level: realmWord(l.Realm), Rung: r.Code, Roles: rolesOf(r, l), Every: int64(r.Repeat) * int64(calendar.Minute)}
			if i+1 < len(d.Hotline.Rungs) {
				one.Lasts = int64(r.Minutes) * int64(calendar.Minute)
			}
			list = append(list, one)
		}
	}
	return list, nil
}

// Changed is closed when something is said in a call or a ladder moves.
func (x ladders) Changed() <-chan struct{} { return x.n.called.next() }
