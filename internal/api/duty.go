package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"parley.example/internal/access"
	"parley.example/internal/duty"
	"parley.example/internal/node"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// RosterView is the roster, with who stands for each role over a time.
type RosterView struct {
	Set    bool         `json:"set"` // false: nobody wrote one
	Roster *duty.Roster `json:"roster"`
	People []PersonName `json:"people"` // names of the accounts that stand in it
	Names  []RoleName   `json:"names"`  // of its roles
	From   int64        `json:"from"`
	To     int64        `json:"to"`
	Cover  []RoleCover  `json:"cover"`
}

// PersonName is what an account is called.
type PersonName struct {
	Account string `json:"account"`
	Name    string `json:"name"`
}

// RoleCover is who stands for a role, stretch by stretch.
type RoleCover struct {
	Role      string         `json:"role"`
	Stretches []duty.Stretch `json:"stretches"`
}

// RosterAsk brings a roster: persons by account or by name.
type RosterAsk struct {
	Roster *duty.Roster `json:"roster"`
}

// OverrideAsk has somebody stand for a role for a time.
type OverrideAsk struct {
	Role   string `json:"role"`
	Person string `json:"person"` // account or name
	For    string `json:"for"`    // instead of whom; empty: instead of all
	From   int64  `json:"from"`
	To     int64  `json:"to"`
}

// HandOver leaves a note for whoever comes next.
type HandOver struct {
	Role string `json:"role"`
	Text string `json:"text"`
}

// Checked is what the self-check found.
type Checked struct {
	From     int64     `json:"from"`
	To       int64     `json:"to"`
	Red      bool      `json:"red"` // a call may reach nobody who can accept it
	Findings []Finding `json:"findings"`

	ladder bool // there is one
}

// Finding is one thing of the self-check, with the person's name and what role
// and rung are called.
type Finding struct {
	duty.Finding
	Name     string   `json:"name"`
	RoleName RoleName `json:"role_name"`
	RungName RoleName `json:"rung_name"`
}

// Alarms are what rings in our office, and what came of what was sent.
type Alarms struct {
	Alarms []Alarm   `json:"alarms"`
	Told   []AlarmTo `json:"told"` // the newest first
}

// Alarm is one rung of a call that rings.
type Alarm struct {
	Key      string    `json:"key"`
	Link     string    `json:"link"`
	Realm    string    `json:"realm"`
	Call     string    `json:"call"`
	Level    string    `json:"level"`
	Rung     string    `json:"rung"`
	RungName RoleName  `json:"rung_name"`
	Roles    []string  `json:"roles"`
	Since    int64     `json:"since"`
	ClimbsAt int64     `json:"climbs_at"` // 0: there is no further rung
	Next     int64     `json:"next"`      // when somebody is told again
	Round    int64     `json:"round"`     // how often its first step was due
	Told     []string  `json:"told"`      // names
	Seen     []AlarmBy `json:"seen"`      // which ends nothing
}

// AlarmBy is what a person said of an alarm.
type AlarmBy struct {
	Account string `json:"account"`
	Name    string `json:"name"`
	What    string `json:"what"` // seen, mine
	At      int64  `json:"at"`
}

// AlarmTo is what came of one message. It has no address.
type AlarmTo struct {
	Key     string `json:"key"`
	Event   string `json:"event"` // ring, over
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Role    string `json:"role"`
	Step    int    `json:"step"` // from 1
	Round   int64  `json:"round"`
	Due     int64  `json:"due"`
	At      int64  `json:"at"`
	Late    bool   `json:"late"`
	Instead bool   `json:"instead"` // nobody of the step's own people could be told
	Fault   string `json:"fault"`   // code; empty: it was taken, which is no acceptance
}

// AlarmSeen says that the caller has seen an alarm, or has it. It ends nothing.
type AlarmSeen struct {
	Key  string `json:"key"`
	What string `json:"what"` // seen, mine
}

const rosterDays = 14 // that are shown when nobody says how many

// rosterOf reads the roster, an empty one where there is none.
func (s *Server) rosterOf(ctx context.Context) (r *duty.Roster, err error) {
	err = s.Node.ReadKept(ctx, func(k *node.Kept) error {
		r, err = k.Roster()
		return err
	})
	return r, err
}

// names gives what accounts are called; one that nobody has stays as it is.
func (s *Server) names(ctx context.Context) (func(account string) string, error) {
	known := map[string]string{}
	err := s.withPeople(ctx, func(p *people) error {
		for id, a := range p.accounts {
			known[id] = a.Name
		}
		return nil
	})
	return func(account string) string {
		if name, ok := known[account]; ok {
			return name
		}
		return account
	}, err
}

// span reads from when to when is asked, in milliseconds.
func (s *Server) span(r *http.Request, days int64) (from, to int64, err error) {
	from = s.Node.Now()
	to = from + days*int64(calendar.Day)
	for name, at := range map[string]*int64{"from": &from, "to": &to} {
		if text := r.URL.Query().Get(name); text != "" {
			if *at, err = strconv.ParseInt(text, 10, 64); err != nil {
				return 0, 0, fault.New(rule.CalendarInstant, "text", text)
			}
		}
	}
	if from < int64(calendar.MinInstant) || to > int64(calendar.MaxInstant) || from >= to {
		return 0, 0, fault.New(rule.CalendarHorizon, "from", fault.Int(from), "until", fault.Int(to))
	}
	return from, min(to, from+duty.MaxSpan), nil
}

func (s *Server) roster(r *http.Request) (*RosterView, error) {
	from, to, err := s.span(r, rosterDays)
	if err != nil {
		return nil, err
	}
	roster, err := s.rosterOf(r.Context())
	if err != nil {
		return nil, err
	}
	name, err := s.names(r.Context())
	if err != nil {
		return nil, err
	}
	out := &RosterView{Set: roster != nil, Roster: roster, People: []PersonName{}, Names: []RoleName{}, From: from, To: to, Cover: []RoleCover{}}
	if roster == nil {
		return out, nil
	}
	names, err := s.called(r.Context())
	if err != nil {
		return nil, err
	}
	for _, p := range roster.People() {
		out.People = append(out.People, PersonName{p, name(p)})
	}
	for _, x := range roster.Roles {
		out.Names = append(out.Names, names.role(x.Role))
		out.Cover = append(out.Cover, RoleCover{x.Role, roster.Cover(x.Role, from, to)})
	}
	return out, nil
}

// changeRoster changes the roster, which is written to the access record.
func (s *Server) changeRoster(ctx context.Context, action access.Action, words string, f func(*change, *duty.Roster) (*duty.Roster, error)) (*Nothing, error) {
	by, err := callOf(ctx)
	if err != nil {
		return nil, err
	}
	return &Nothing{}, s.change(ctx, func(c *change) error {
		r, err := c.kept.Roster()
		if err != nil {
			return err
		}
		if r, err = f(c, r); err != nil {
			return err
		}
		c.record(by.caller, string(action), words)
		return c.kept.PutRoster(r)
	})
}

// active finds an account that has not ended, by identifier or name.
func (c *change) active(named string) (string, error) {
	a, err := c.people.account(named)
	if err != nil {
		return "", err
	}
	if a.Ended != 0 {
		return "", fault.New(rule.AccessAccount, "what", "ended", "name", a.Name)
	}
	return a.ID, nil
}

func (c *change) actives(list []string) error {
	for i := range list {
		id, err := c.active(list[i])
		if err != nil {
			return err
		}
		list[i] = id
	}
	return nil
}

// rosterSet takes a whole roster. Hand-over notes stay as they are: they are
// other people's words.
func (s *Server) rosterSet(ctx context.Context, in *RosterAsk) (*Nothing, error) {
	return s.changeRoster(ctx, access.Roster, "set", func(c *change, before *duty.Roster) (*duty.Roster, error) {
		r := in.Roster
		if r == nil {
			return nil, fault.New(rule.DutyRoster, "what", "none")
		}
		r.Version, r.Notes = max(r.Version, 1), nil
		if before != nil {
			r.Notes = before.Notes
		}
		for i := range r.Roles {
			if err := c.actives(r.Roles[i].Everyone); err != nil {
				return nil, err
			}
			for j := range r.Roles[i].Rotations {
				if err := c.actives(r.Roles[i].Rotations[j].Persons); err != nil {
					return nil, err
				}
			}
		}
		for i := range r.Deputies {
			who := []string{r.Deputies[i].Person}
			if err := c.actives(who); err != nil {
				return nil, err
			}
			r.Deputies[i].Person = who[0]
			if err := c.actives(r.Deputies[i].By); err != nil {
				return nil, err
			}
		}
		for i := range r.Absences {
			id, err := c.active(r.Absences[i].Person)
			if err != nil {
				return nil, err
			}
			r.Absences[i].Person = id
		}
		for i := range r.Overrides {
			if err := c.override(&r.Overrides[i]); err != nil {
				return nil, err
			}
		}
		return r, nil
	})
}

func (c *change) override(o *duty.Override) (err error) {
	if o.Person, err = c.active(o.Person); err == nil && o.For != "" {
		var a *access.Account
		if a, err = c.people.account(o.For); err == nil { // who has left can be stood in for
			o.For = a.ID
		}
	}
	return err
}

func (s *Server) rosterOverride(ctx context.Context, in *OverrideAsk) (*Nothing, error) {
	return s.changeRoster(ctx, access.Roster, "override "+in.Role, func(c *change, r *duty.Roster) (*duty.Roster, error) {
		if r == nil || r.Role(in.Role) == nil {
			return nil, fault.New(rule.DutyRoster, "what", "role", "name", in.Role)
		}
		o := duty.Override{Role: in.Role, Person: in.Person, For: in.For, From: calendar.Instant(in.From), To: calendar.Instant(in.To)}
		if err := c.override(&o); err != nil {
			return nil, err
		}
		return r, r.Override(o, c.now)
	})
}

func (s *Server) rosterHandOver(ctx context.Context, in *HandOver) (*Nothing, error) {
	who, err := self(ctx)
	if err != nil {
		return nil, err
	}
	return s.changeRoster(ctx, access.Relieve, in.Role, func(c *change, r *duty.Roster) (*duty.Roster, error) {
		if r == nil || r.Role(in.Role) == nil {
			return nil, fault.New(rule.DutyRoster, "what", "role", "name", in.Role)
		}
		return r, r.HandOver(duty.Note{Role: in.Role, By: who.ID, At: c.now, Text: in.Text})
	})
}

// self is the account that calls; a command of the machine has none.
func self(ctx context.Context) (*access.Account, error) {
	c, err := callOf(ctx)
	if err == nil && c.caller.account == nil {
		err = fault.New(rule.AccessSession)
	}
	if err != nil {
		return nil, err
	}
	return c.caller.account, nil
}

func (s *Server) rosterCheck(r *http.Request) (*Checked, error) {
	from, to, err := s.span(r, 1)
	if err != nil {
		return nil, err
	}
	return s.SelfCheck(r.Context(), from, to)
}

const shownTold = 100

func (s *Server) alarms(r *http.Request) (*Alarms, error) {
	state, err := s.Node.Alarms(r.Context())
	if err != nil {
		return nil, err
	}
	told, err := s.Node.Outcomes(r.Context(), shownTold)
	if err != nil {
		return nil, err
	}
	name, err := s.names(r.Context())
	if err != nil {
		return nil, err
	}
	names, err := s.called(r.Context())
	if err != nil {
		return nil, err
	}
	out := &Alarms{Alarms: []Alarm{}, Told: []AlarmTo{}}
	for _, a := range state.Alarms {
		if a.Ended {
			continue
		}
		x := Alarm{Key: a.Key, Link: a.Ring.Link, Realm: a.Ring.Realm, Call: a.Ring.Call, Level: a.Ring.Level, Rung: a.Ring.Rung, RungName: names.rung(a.Ring.Rung),
			Roles: append([]string{}, a.Ring.Roles...), Since: a.Ring.Since, ClimbsAt: a.Ring.ClimbsAt, Told: []string{}, Seen: []AlarmBy{}}
		for i, step := range a.Steps {
			if i == 0 || step.Next < x.Next {
				x.Next = step.Next
			}
		}
		if len(a.Steps) > 0 {
			x.Round = a.Steps[0].Round
		}
		for _, to := range a.Told {
			if n := name(to.Person); !slices.Contains(x.Told, n) {
				x.Told = append(x.Told, n)
			}
		}
		for _, by := range a.Seen {
			x.Seen = append(x.Seen, AlarmBy{by.Person, name(by.Person), by.What, by.At})
		}
		out.Alarms = append(out.Alarms, x)
	}
	for _, t := range told {
		x := t.Telling
		out.Told = append(out.Told, AlarmTo{Key: x.Key, Event: x.Event, Name: name(x.Person), Kind: x.Kind, Role: x.Role, Step: x.Step + 1, Round: x.Round,
			Due: x.Due, At: t.At, Late: x.Late, Instead: x.Instead, Fault: t.Fault})
	}
	return out, nil
}

func (s *Server) alarmSeen(ctx context.Context, in *AlarmSeen) (*Nothing, error) {
	who, err := self(ctx)
	if err != nil {
		return nil, err
	}
	return &Nothing{}, s.Node.NoteAlarm(ctx, in.Key, who.ID, in.What)
}
