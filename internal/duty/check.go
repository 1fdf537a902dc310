package duty

import (
	"cmp"
	"slices"
)

// CheckFacts are what the self-check is computed from.
type CheckFacts struct {
	Roster *Roster // nil: there is none
	Paths  map[string]*Paths
	Rungs  []Rung            // of our side of the ladder; none: the roles of the roster
	Kinds  map[string]bool   // that are set up; false: the last that was sent failed
	People map[string]Person // by account
	Days   int               // how long a confirmation counts
	Ends   []End             // of what is good until an instant, and no longer
}

// End is when something that reaching people stands on ends by itself. Officers'
// keys have no end: a card takes them away.
type End struct {
	Code FindingCode // CertificateEnds, ContactEnds or MandateEnds
	What string
	At   int64
}

// Person is what is known of one who may stand on a ladder.
type Person struct {
	Active  bool // the account has not ended
	Accepts bool // its roles may accept a call
	Signs   bool // a key of theirs stands on the card in force
}

// FindingCode is what the self-check finds.
type FindingCode string

// The findings.
const (
	NoRoster     FindingCode = "no-roster"        // nobody wrote one
	RoleUnset    FindingCode = "role-unset"       // a rung's role that the roster does not have
	Nobody       FindingCode = "nobody"           // nobody is on duty
	Unreachable  FindingCode = "step-unreachable" // nobody of a step has a path that works
	AfterClimb   FindingCode = "step-after-climb" // a step that comes when the next rung rings already
	NoPath       FindingCode = "no-path"          // somebody on duty without a confirmed path
	PathStale    FindingCode = "path-stale"       // confirmed too long ago
	PathDown     FindingCode = "path-down"        // a kind that is not set up, or failed last
	AccountEnded FindingCode = "account-ended"    // a person of the roster who has left
	MayNotAccept FindingCode = "may-not-accept"   // somebody on duty whose roles may not accept
	NoKey        FindingCode = "no-key"           // somebody on duty who could not sign
	ZoneEnds     FindingCode = "zone-ends"        // offsets that do not reach to the end of the span
	// What ends within the span: what browsers trust the desk by, an entry of our
	// own directory, and a mandate that one states.
	CertificateEnds FindingCode = "certificate-ends"
	ContactEnds     FindingCode = "contact-ends"
	MandateEnds     FindingCode = "mandate-ends"
)

// FindingCodes lists them.
func FindingCodes() []FindingCode {
	return []FindingCode{NoRoster, RoleUnset, Nobody, Unreachable, AfterClimb, NoPath, PathStale, PathDown, AccountEnded, MayNotAccept, NoKey, ZoneEnds, CertificateEnds, ContactEnds, MandateEnds}
}

// Finding is one thing for which tomorrow's ladder would fail, or nearly.
type Finding struct {
	Code   FindingCode `json:"code"`
	Red    bool        `json:"red"` // as it is, a call may reach nobody who can accept it
	From   int64       `json:"from"`
	To     int64       `json:"to"`
	Level  string      `json:"level"`
	Rung   string      `json:"rung"`
	Role   string      `json:"role"`
	Step   int         `json:"step"` // from 1; 0: of none
	Person string      `json:"person"`
	Kind   string      `json:"kind"` // of a path
	Zone   string      `json:"zone"`
	What   string      `json:"what"` // that ends
}

// MaxFindings bounds an answer.
const MaxFindings = 512

// checker gathers findings.
type checker struct {
	f    *CheckFacts
	list []Finding
}

// add adds a finding, or prolongs the same one when it goes on.
func (c *checker) add(f Finding) {
	for i := range c.list {
		o := c.list[i]
		if f.From <= o.To && f.To >= o.From {
			o.From, o.To = f.From, f.To
			if o == f {
				c.list[i].From, c.list[i].To = min(c.list[i].From, f.From), max(c.list[i].To, f.To)
				return
			}
		}
	}
	if len(c.list) < MaxFindings {
		c.list = append(c.list, f)
	}
}

// Check says for which reasons the ladder would fail between two instants: the
// answer is by time, and empty when it would hold.
func Check(f CheckFacts, from, to int64) []Finding {
	to = min(to, from+MaxSpan)
	c := &checker{f: &f}
	if f.Roster == nil || len(f.Roster.Roles) == 0 {
		return []Finding{{Code: NoRoster, Red: true, From: from, To: to}}
	}
	rungs := f.Rungs
	if len(rungs) == 0 {
		for _, r := range f.Roster.Roles {
			rungs = append(rungs, Rung{Roles: []string{r.Role}})
		}
	}
	for _, rung := range rungs {
		for _, role := range rung.Roles {
			c.role(&rung, role, from, to)
		}
	}
	for _, z := range f.Roster.Zones {
		if int64(z.Until) < to {
			c.add(Finding{Code: ZoneEnds, From: max(from, int64(z.Until)), To: to, Zone: z.Name})
		}
	}
	for _, e := range f.Ends {
		if e.At >= from && e.At < to {
			c.add(Finding{Code: e.Code, From: e.At, To: to, What: e.What})
		}
	}
	for _, p := range f.Roster.People() {
		if !f.People[p].Active {
			c.add(Finding{Code: AccountEnded, From: from, To: to, Person: p})
		}
	}
	slices.SortStableFunc(c.list, func(a, b Finding) int {
		red := map[bool]int{true: 0, false: 1}
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(red[a.Red], red[b.Red]), cmp.Compare(a.Code, b.Code))
	})
	return c.list
}

// role looks at one role of a rung, over every time in which who stands for it
// does not change.
func (c *checker) role(rung *Rung, role string, from, to int64) {
	at := Finding{Level: rung.Level, Rung: rung.Rung, Role: role, From: from, To: to}
	if c.f.Roster.Role(role) == nil {
		at.Code, at.Red = RoleUnset, true
		c.add(at)
		return
	}
	steps := c.f.Roster.steps(role)
	for i, s := range steps {
		if rung.Lasts != 0 && int64(s.After)*minuteMillis >= rung.Lasts {
			late := at
			late.Code, late.Step = AfterClimb, i+1
			c.add(late)
		}
	}
	edges := append(c.f.Roster.edges(role, from, to), to)
	for i := range len(edges) - 1 {
		at.From, at.To = edges[i], edges[i+1]
		stands := c.f.Roster.OnDuty(role, at.From)
		if len(stands) == 0 {
			none := at
			none.Code, none.Red = Nobody, true
			c.add(none)
		}
		for _, s := range stands {
			c.person(at, s.Person)
		}
		for n := range steps {
			c.step(at, n, &steps[n])
		}
	}
}

// person looks at somebody who is on duty.
func (c *checker) person(at Finding, person string) {
	found := func(code FindingCode, red bool, from int64) {
		x := at
		x.Code, x.Red, x.Person, x.From = code, red, person, max(at.From, from)
		c.add(x)
	}
	p := c.f.People[person]
	switch {
	case !p.Active:
		found(AccountEnded, true, at.From)
	case !p.Accepts:
		found(MayNotAccept, true, at.From)
	case !p.Signs:
		found(NoKey, true, at.From)
	}
	paths, confirmed := c.f.Paths[person], false
	if paths == nil {
		paths = &Paths{}
	}
	for _, x := range paths.List {
		if x.Verified == 0 {
			continue
		}
		confirmed = true
		at.Kind = x.Kind
		if !x.Fresh(at.To-1, c.days()) {
			found(PathStale, false, x.Verified+int64(c.days())*dayMillis)
		}
		if !c.f.Kinds[x.Kind] {
			found(PathDown, false, at.From)
		}
	}
	at.Kind = ""
	if !confirmed {
		found(NoPath, true, at.From)
	}
}

func (c *checker) days() int {
	if c.f.Days <= 0 {
		return StaleAfter
	}
	return c.f.Days
}

// step looks whether anybody of a step can be reached through all of a time.
func (c *checker) step(at Finding, n int, s *Step) {
	reached := len(s.Kinds) == 1 && s.Kinds[0] == Desk
	for _, person := range c.f.Roster.audience(at.Role, s.Who, at.From) {
		paths := c.f.Paths[person]
		if paths == nil || !c.f.People[person].Active {
			continue
		}
		for _, x := range paths.List {
			if x.Fresh(at.To-1, c.days()) && c.f.Kinds[x.Kind] && (len(s.Kinds) == 0 || slices.Contains(s.Kinds, x.Kind)) {
				reached = true
			}
		}
	}
	if !reached {
		at.Code, at.Step, at.Red = Unreachable, n+1, n == 0
		c.add(at)
	}
}
