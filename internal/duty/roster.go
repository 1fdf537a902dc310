// Package duty implements spec/duty.md: who of one's own people is on duty, how
// each is reached, what an alarm does until a named human accepts, and whether
// it would work tomorrow. It is pure: rosters, facts and an instant go in, who
// is to be told goes out. Nothing of it ever leaves the office.
package duty

import (
	"slices"

	"parley.example/internal/access"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
)

// Bounds of a roster.
const (
	MaxRoles     = 16
	MaxRotations = 16
	MaxPersons   = 64 // of a rotation, and of a role besides
	MaxSteps     = 8
	MaxZones     = 8
	MaxDeputies  = 4   // of one person
	MaxExcepted  = 512 // overrides, absences, people with deputies
	MaxNotes     = 64  // hand-over notes that are kept
	MaxNote      = 2000
	MaxTurn      = 366 // days
	MaxAfter     = 24 * 60
	maxRoster    = 512 << 10
	version      = 1
)

// Roster says who stands for which role of the arrangement, and when. Persons
// are accounts.
//
//	{"version": 1,
//	 "zones": [{"name": "Asia/Shanghai", "from": "2026-01-01T00:00:00Z",
//	   "until": "2029-01-01T00:00:00Z", "offsets": [{"at": "2026-01-01T00:00:00Z", "minutes": 480}]}],
//	 "roles": [{"role": "duty", "everyone": [],
//	   "rotations": [{"name": "night", "zone": "Asia/Shanghai", "persons": ["a1", "b2"],
//	     "first": "2026-11-02", "days": 7, "start": "20:00", "end": "08:00"}],
//	   "steps": [{"after": 0, "who": "on-duty"}, {"after": 5, "who": "deputies"}]}],
//	 "deputies": [{"person": "a1", "by": ["b2"]}], "absences": [], "overrides": [], "notes": []}
type Roster struct {
	Version   int        `json:"version"`
	Zones     []Zone     `json:"zones"`
	Roles     []Role     `json:"roles"`
	Deputies  []Deputy   `json:"deputies"`
	Absences  []Absence  `json:"absences"`
	Overrides []Override `json:"overrides"`
	Notes     []Note     `json:"notes"`
}

// Role is a role of the arrangement: its rotations, and in which order its
// people are told when it rings. No steps: DefaultSteps.
type Role struct {
	Role      string     `json:"role"`
	Everyone  []string   `json:"everyone"` // besides those of the rotations
	Rotations []Rotation `json:"rotations"`
	Steps     []Step     `json:"steps"`
}

// Rotation is persons who take turns. A shift begins every day at Start and
// lasts until End, which is the next day when it is not later; the turn goes to
// the next person after Days days. Weekdays are the days on which a shift
// begins; none: every day.
type Rotation struct {
	Name     string             `json:"name"`
	Zone     string             `json:"zone"`
	Persons  []string           `json:"persons"`
	First    calendar.Date      `json:"first"`
	Days     int                `json:"days"`
	Start    WallTime           `json:"start"`
	End      WallTime           `json:"end"`
	Weekdays []calendar.Weekday `json:"weekdays,omitempty"`
}

// Deputy says who stands in for a person, in this order.
type Deputy struct {
	Person string   `json:"person"`
	By     []string `json:"by"`
}

// Absence is when a person is away.
type Absence struct {
	Person string           `json:"person"`
	From   calendar.Instant `json:"from"`
	To     calendar.Instant `json:"to"`
}

// Override has this person stand for a role; for another, or, when nobody is
// named, instead of all who would.
type Override struct {
	Role   string           `json:"role"`
	Person string           `json:"person"`
	For    string           `json:"for,omitempty"`
	From   calendar.Instant `json:"from"`
	To     calendar.Instant `json:"to"`
}

// Note is what somebody leaves for whoever comes next.
type Note struct {
	Role string `json:"role"`
	By   string `json:"by"`
	At   int64  `json:"at"`
	Text string `json:"text"`
}

// Audience is whom a step tells.
type Audience string

// The audiences.
const (
	OnDuty   Audience = "on-duty"  // who is on duty when it is due
	Deputies Audience = "deputies" // the deputies of those
	Everyone Audience = "everyone" // all of the role
)

// Step is one step of a role within our office: After minutes of ringing this
// audience is told, and again every Every minutes. Kinds are the paths that are
// used; none: all that a person has.
type Step struct {
	After int      `json:"after"`
	Who   Audience `json:"who"`
	Every int      `json:"every,omitempty"` // 0: as the ring says
	Kinds []string `json:"kinds,omitempty"`
}

// DefaultSteps hold for a role that has none of its own.
func DefaultSteps() []Step {
	return []Step{{After: 0, Who: OnDuty}, {After: 5, Who: Deputies}, {After: 10, Who: Everyone}}
}

// ParseRoster reads a roster strictly: json.* with the place, duty.roster with
// what is wrong.
func ParseRoster(raw []byte) (*Roster, error) {
	r := &Roster{}
	if err := ijson.Decode(raw, r, ijson.Limits{Bytes: maxRoster}); err != nil {
		return nil, err
	}
	return r, r.Check()
}

// Encode gives the roster as it is kept.
func (r *Roster) Encode() ([]byte, error) { return ijson.Encode(r) }

func badRoster(what, name string) error {
	return fault.New(rule.DutyRoster, "what", what, "name", name)
}

// Check refuses a roster that could not be computed with: duty.roster.
func (r *Roster) Check() error {
	switch {
	case r.Version != version:
		return badRoster("version", "")
	case len(r.Zones) > MaxZones, len(r.Roles) > MaxRoles, len(r.Deputies) > MaxExcepted, len(r.Absences) > MaxExcepted,
		len(r.Overrides) > MaxExcepted, len(r.Notes) > MaxNotes:
		return badRoster("size", "")
	}
	for i := range r.Zones {
		z := &r.Zones[i]
		if err := z.check(); err != nil {
			return err
		}
		if r.zone(z.Name) != z {
			return badRoster("twice", z.Name)
		}
	}
	for i := range r.Roles {
		if err := r.checkRole(&r.Roles[i]); err != nil {
			return err
		}
		if r.Role(r.Roles[i].Role) != &r.Roles[i] {
			return badRoster("twice", r.Roles[i].Role)
		}
	}
	return r.checkExceptions()
}

func (r *Roster) checkRole(x *Role) error {
	if !Name(x.Role) || len(x.Rotations) > MaxRotations || len(x.Steps) > MaxSteps || !persons(x.Everyone) {
		return badRoster("role", x.Role)
	}
	for _, o := range x.Rotations {
		if !access.Text(o.Name) || len(o.Persons) == 0 || len(o.Persons) > MaxPersons || o.Days < 1 || o.Days > MaxTurn ||
			!o.Start.fits() || !o.End.fits() || r.zone(o.Zone) == nil || len(o.Weekdays) > 7 || slices.ContainsFunc(o.Persons, notName) {
			return badRoster("rotation", o.Name)
		}
		for i, d := range o.Weekdays {
			if d > calendar.Sunday || slices.Contains(o.Weekdays[:i], d) {
				return badRoster("rotation", o.Name)
			}
		}
	}
	for i, s := range x.Steps {
		if s.After < 0 || s.After > MaxAfter || s.Every < 0 || s.Every > MaxAfter || i == 0 && s.After != 0 || i > 0 && s.After < x.Steps[i-1].After ||
			s.Who != OnDuty && s.Who != Deputies && s.Who != Everyone || len(s.Kinds) > 8 || slices.ContainsFunc(s.Kinds, notName) {
			return badRoster("step", fault.Int(i+1))
		}
	}
	return nil
}

func (r *Roster) checkExceptions() error {
	for i, d := range r.Deputies {
		if notName(d.Person) || len(d.By) == 0 || len(d.By) > MaxDeputies || !persons(d.By) || slices.Contains(d.By, d.Person) ||
			slices.ContainsFunc(r.Deputies[:i], func(o Deputy) bool { return o.Person == d.Person }) {
			return badRoster("deputy", d.Person)
		}
	}
	for _, a := range r.Absences {
		if notName(a.Person) || !ordered(a.From, a.To) {
			return badRoster("absence", a.Person)
		}
	}
	for _, o := range r.Overrides {
		if !Name(o.Role) || notName(o.Person) || o.For != "" && notName(o.For) || !ordered(o.From, o.To) {
			return badRoster("override", o.Person)
		}
	}
	for _, n := range r.Notes {
		if !Name(n.Role) || !noteText(n.Text) {
			return badRoster("note", n.Role)
		}
	}
	return nil
}

func ordered(from, to calendar.Instant) bool {
	return from >= calendar.MinInstant && to <= calendar.MaxInstant && from < to
}

// Name reports whether something may name a person, a role or a kind.
func Name(s string) bool { return len(s) <= 64 && access.Text(s) }

func notName(s string) bool { return !Name(s) }

// persons reports whether a list names people, each once.
func persons(list []string) bool {
	for i, p := range list {
		if notName(p) || slices.Contains(list[:i], p) {
			return false
		}
	}
	return len(list) <= MaxPersons
}

// Role finds a role; nil where the roster has none of the name.
func (r *Roster) Role(name string) *Role {
	for i := range r.Roles {
		if r.Roles[i].Role == name {
			return &r.Roles[i]
		}
	}
	return nil
}

// steps of a role: its own, or those that hold by default.
func (r *Roster) steps(role string) []Step {
	if x := r.Role(role); x != nil && len(x.Steps) > 0 {
		return x.Steps
	}
	return DefaultSteps()
}

// People lists everybody that the roster names, each once.
func (r *Roster) People() []string {
	var list []string
	for i := range r.Roles {
		list = add(list, r.Roles[i].people()...)
	}
	for _, d := range r.Deputies {
		list = add(add(list, d.Person), d.By...)
	}
	for _, o := range r.Overrides {
		list = add(list, o.Person)
	}
	return list
}

// people of a role: those of the rotations, and whoever belongs to it besides.
func (x *Role) people() (list []string) {
	for _, o := range x.Rotations {
		list = add(list, o.Persons...)
	}
	return add(list, x.Everyone...)
}

// add appends those that are not in the list yet.
func add(list []string, more ...string) []string {
	for _, m := range more {
		if !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}

// Override adds an override; those that have ended give way to it.
func (r *Roster) Override(o Override, now int64) error {
	r.Overrides = append(slices.DeleteFunc(slices.Clone(r.Overrides), func(x Override) bool { return int64(x.To) <= now }), o)
	return r.Check()
}

// HandOver adds a note; the oldest gives way to it.
func (r *Roster) HandOver(n Note) error {
	notes := append(slices.Clone(r.Notes), n)
	r.Notes = notes[max(0, len(notes)-MaxNotes):]
	return r.Check()
}
