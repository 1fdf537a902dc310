package duty

import "slices"

// teller gathers who is to be told at one instant.
type teller struct {
	state *State
	now   int64
	facts *Facts
	list  []Telling
}

// alarm takes one ring to the instant, and reports whether its state changed.
func (t *teller) alarm(a *Alarmed, listed bool) (changed bool) {
	if !listed {
		if !a.Ended { // else they know
			t.over(a, nil)
		}
		return true
	}
	var fresh []Reached
	for i := range a.Steps {
		x := &a.Steps[i]
		every := a.Ring.every(&x.Step)
		// Whatever a clock or a store did: nobody waits longer than the step says.
		longest := t.now + every
		if x.Round == 0 {
			longest = t.now + int64(x.Step.After)*minuteMillis
		}
		if x.Next > longest {
			x.Next, changed = longest, true
		}
		if x.Next > t.now || a.Ring.Ends != 0 && x.Next >= a.Ring.Ends {
			continue
		}
		until := t.now
		if a.Ring.Ends != 0 {
			until = min(until, a.Ring.Ends-1)
		}
		missed := (until - x.Next) / every
		fresh = t.step(a, i, missed, fresh)
		x.Round += 1 + missed
		x.Next += (1 + missed) * every
		x.Last, changed = t.now, true
	}
	if over := a.Ring.over(t.now); over != a.Ended {
		a.Ended, changed = over, true
		if over {
			t.over(a, fresh)
		}
	}
	return changed
}

// step tells the audience of a step, each person along each path once at one
// instant however many steps are due.
func (t *teller) step(a *Alarmed, i int, missed int64, fresh []Reached) []Reached {
	x := &a.Steps[i]
	of := 0
	for j := range a.Steps[:i] {
		if a.Steps[j].Role == x.Role {
			of++
		}
	}
	told := Telling{Key: a.Key, Ring: a.Ring, Event: Rings, Role: x.Role, Step: of, Round: x.Round + missed, Due: x.Next, At: t.now,
		Late: t.now-x.Next > LateAfter, Missed: missed}
	targets, instead := t.audience(a, i)
	told.Instead = instead
	for _, to := range targets {
		if slices.Contains(fresh, to.Reached) || a.quiet(to.Person, t.now) {
			continue
		}
		fresh = append(fresh, to.Reached)
		if to.Kind != Desk && !slices.Contains(a.Told, to.Reached) && len(a.Told) < maxRemembered {
			a.Told = append(a.Told, to.Reached)
		}
		t.add(told, to)
	}
	return fresh
}

// add numbers a telling.
func (t *teller) add(told Telling, to target) {
	t.state.Number++
	told.Number, told.Person, told.Path, told.Kind = t.state.Number, to.Person, to.Path, to.Kind
	t.list = append(t.list, told)
}

// over tells everybody who was told that it rings no more, but for those who
// are told of it at this instant only.
func (t *teller) over(a *Alarmed, fresh []Reached) {
	told := Telling{Key: a.Key, Ring: a.Ring, Event: Over, Due: t.now, At: t.now}
	t.add(told, target{Reached{"", Desk}, Desk})
	for _, to := range a.Told {
		if slices.Contains(fresh, to) {
			continue
		}
		if p := t.facts.Paths[to.Person]; p != nil {
			if x, err := p.Find(to.Path); err == nil {
				t.add(told, target{to, x.Kind})
			}
		}
	}
}

// target is one path of one person.
type target struct {
	Reached
	Kind string
}

// audience is whom a step tells: the open desk always, and of its own people
// all confirmed paths of its kinds. Where none of them has one, it is the later
// steps' people, then everyone of the role, then everyone there is: a hole in a
// roster must not be a night in which nobody is told.
func (t *teller) audience(a *Alarmed, i int) (list []target, instead bool) {
	list = []target{{Reached{"", Desk}, Desk}}
	x := &a.Steps[i]
	if len(x.Step.Kinds) == 1 && x.Step.Kinds[0] == Desk {
		return list, false
	}
	tries := [][]target{t.reach(x.Role, x.Step.Who, x.Step.Kinds), t.reach(x.Role, x.Step.Who, nil)}
	for _, later := range a.Steps[i+1:] {
		if later.Role == x.Role {
			tries = append(tries, t.reach(x.Role, later.Step.Who, nil))
		}
	}
	tries = append(tries, t.reach(x.Role, Everyone, nil), t.reach("", Everyone, nil))
	for n, found := range tries {
		if len(found) > 0 {
			return append(list, found...), n > 0
		}
	}
	return list, true
}

// reach lists the confirmed paths of an audience. A confirmation that is too
// old counts: to try is better than not to. One that never was does not: the
// address could be anybody's. An empty role is everybody with a path.
func (t *teller) reach(role string, who Audience, kinds []string) (list []target) {
	for _, person := range t.people(role, who) {
		p := t.facts.Paths[person]
		if p == nil {
			continue
		}
		for _, x := range p.List {
			if x.Verified != 0 && (len(kinds) == 0 || slices.Contains(kinds, x.Kind)) {
				list = append(list, target{Reached{person, x.ID}, x.Kind})
			}
		}
	}
	return list
}

func (t *teller) people(role string, who Audience) []string {
	if role == "" {
		var list []string
		for person := range t.facts.Paths {
			list = append(list, person)
		}
		slices.Sort(list)
		return list
	}
	if t.facts.Roster == nil {
		return nil
	}
	return t.facts.Roster.audience(role, who, t.now)
}

// audience of a step, without those who are away.
func (r *Roster) audience(role string, who Audience, at int64) (list []string) {
	switch who {
	case OnDuty:
		for _, s := range r.OnDuty(role, at) {
			list = add(list, s.Person)
		}
	case Deputies:
		for _, s := range r.OnDuty(role, at) {
			list = add(list, r.deputies(s.Person)...)
		}
	case Everyone:
		for _, s := range r.OnDuty(role, at) {
			list = add(list, s.Person)
		}
		if x := r.Role(role); x != nil {
			list = add(list, x.people()...)
		}
	}
	return slices.DeleteFunc(list, func(p string) bool { return r.absent(p, at) })
}
