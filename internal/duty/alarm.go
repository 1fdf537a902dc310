package duty

import (
	"cmp"
	"slices"

	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
)

// State is what every alarm remembers, with absolute times: kept before anybody
// is told, it goes on after a restart where it was.
type State struct {
	Version int       `json:"version"`
	Seen    int64     `json:"seen"` // the last instant that was looked at
	Number  int64     `json:"number"`
	Alarms  []Alarmed `json:"alarms"` // by key
}

// Alarmed is the state of one ring.
type Alarmed struct {
	Key   string      `json:"key"`
	Ring  Ring        `json:"ring"`
	Steps []StepState `json:"steps"`
	Told  []Reached   `json:"told"` // along which paths somebody was told
	Seen  []SeenBy    `json:"seen"`
	Ended bool        `json:"ended"`
}

// StepState is a step of a role. The step is that of the ring's beginning;
// who is on duty is asked anew each time.
type StepState struct {
	Role  string `json:"role"`
	Step  Step   `json:"step"`
	Next  int64  `json:"next"`  // when it is due
	Round int64  `json:"round"` // how often it was due
	Last  int64  `json:"last"`  // when it last told somebody
}

// Reached is a path along which somebody was told.
type Reached struct {
	Person string `json:"person"`
	Path   string `json:"path"`
}

// QuietFor is how long who says to have a ring is not told of it again.
const QuietFor = 5 * minuteMillis

// SeenBy is what a person said of a ring without accepting it. It ends nothing:
// the ring goes on until a named human accepts, and for everybody else as it
// would.
type SeenBy struct {
	Person string `json:"person"`
	What   string `json:"what"` // seen, or mine: "I have it"
	At     int64  `json:"at"`
}

// What may be said of a ring.
const (
	Seen = "seen"
	Mine = "mine"
)

// What a telling says.
const (
	Rings = "ring"  // sign in and accept
	Over  = "over"  // it rings no more
	Finds = "check" // the self-check found something
)

// Telling is one message along one path. The person is empty for the open
// pages of the desk.
type Telling struct {
	Number int64  `json:"number"`
	Key    string `json:"key"`
	Ring   Ring   `json:"ring"`
	Event  string `json:"event"`
	Role   string `json:"role"`
	Person string `json:"person"`
	Path   string `json:"path"` // identifier; desk
	Kind   string `json:"kind"`
	Step   int    `json:"step"` // from 0, of the role
	Round  int64  `json:"round"`
	Due    int64  `json:"due"`
	At     int64  `json:"at"`
	Late   bool   `json:"late"`
	Missed int64  `json:"missed"` // rounds before this one that nobody could be told of in time
	// Instead says that nobody of the step's own audience could be told.
	Instead bool `json:"instead"`
	// Findings are what the self-check found, and how many it found besides.
	Findings []Finding `json:"findings,omitempty"`
	More     int       `json:"more,omitempty"`
}

// Facts are what the alarms are computed from.
type Facts struct {
	Rings  []Ring
	Roster *Roster // nil: there is none
	Paths  map[string]*Paths
}

// DecodeState reads a state, strictly.
func DecodeState(raw []byte) (State, error) {
	s := State{}
	if err := ijson.Decode(raw, &s, ijson.Limits{Bytes: 4 << 20}); err != nil {
		return s, err
	}
	if s.Version != version || len(s.Alarms) > MaxRings {
		return s, fault.New(rule.StoreDamaged, "what", "alarm state")
	}
	return s, nil
}

// Encode gives the state as it is kept.
func (s *State) Encode() ([]byte, error) { return ijson.Encode(s) }

func (s *State) find(key string) *Alarmed {
	for i := range s.Alarms {
		if s.Alarms[i].Key == key {
			return &s.Alarms[i]
		}
	}
	return nil
}

// clone copies what Advance changes.
func (s State) clone() State {
	s.Version = version
	s.Alarms = slices.Clone(s.Alarms)
	for i := range s.Alarms {
		a := &s.Alarms[i]
		a.Steps, a.Told, a.Seen = slices.Clone(a.Steps), slices.Clone(a.Told), slices.Clone(a.Seen)
	}
	return s
}

// Advance takes the alarms to an instant. It gives the state to be kept, who is
// to be told now, and when to look again at the latest; 0: when something new
// rings. changed says whether there is anything to keep.
func Advance(s State, now int64, f Facts) (out State, tell []Telling, next int64, changed bool) {
	s = s.clone()
	if s.Seen > now { // the clock went back: what was due in a minute is due in a minute
		s.back(s.Seen - now)
		changed = len(s.Alarms) > 0
	}
	s.Seen = now
	rings := f.Rings[:min(len(f.Rings), MaxRings)]
	t := teller{state: &s, now: now, facts: &f}
	for i := range rings {
		if a := s.find(rings[i].Key()); a != nil {
			a.Ring = rings[i]
			a.Ring.Roles = slices.Clone(rings[i].Roles)
		} else if len(s.Alarms) < MaxRings*2 {
			s.begin(&rings[i], now, f.Roster)
			changed = true
		}
	}
	slices.SortFunc(s.Alarms, func(a, b Alarmed) int { return cmp.Compare(a.Key, b.Key) })
	listed := map[string]bool{}
	for i := range rings {
		listed[rings[i].Key()] = true
	}
	s.inherit(listed)
	kept := s.Alarms[:0]
	for i := range s.Alarms {
		a, listed := s.Alarms[i], listed[s.Alarms[i].Key]
		changed = t.alarm(&a, listed) || changed
		if listed {
			kept = append(kept, a)
		}
	}
	s.Alarms = kept
	return s, t.list, s.next(now), changed || len(t.list) > 0
}

// inherit hands who was told of a ring that is gone on to another of the same
// call: it climbed, and is not over for anybody yet.
func (s *State) inherit(listed map[string]bool) {
	for i := range s.Alarms {
		a := &s.Alarms[i]
		if listed[a.Key] || a.Ended {
			continue
		}
		for j := range s.Alarms {
			b := &s.Alarms[j]
			if !listed[b.Key] || b.Ring.Call != a.Ring.Call || b.Ring.Link != a.Ring.Link || b.Ring.Realm != a.Ring.Realm {
				continue
			}
			for _, to := range a.Told {
				if !slices.Contains(b.Told, to) && len(b.Told) < maxRemembered {
					b.Told = append(b.Told, to)
				}
			}
			a.Ended = true
			break
		}
	}
}

// back moves what is due by as much as the clock went back.
func (s *State) back(by int64) {
	for i := range s.Alarms {
		for j := range s.Alarms[i].Steps {
			s.Alarms[i].Steps[j].Next -= by
		}
	}
}

// begin begins the steps of a ring, from when it rings; of one that rings in
// the future by a clock that is wrong, from now.
func (s *State) begin(r *Ring, now int64, roster *Roster) {
	if roster == nil {
		roster = &Roster{}
	}
	a := Alarmed{Key: r.Key(), Ring: *r}
	a.Ring.Roles = slices.Clone(r.Roles)
	since := max(min(r.Since, now), now-MaxSpan)
	for _, role := range r.Roles[:min(len(r.Roles), MaxRoles)] {
		for _, step := range roster.steps(role) {
			a.Steps = append(a.Steps, StepState{Role: role, Step: step, Next: since + int64(step.After)*minuteMillis})
		}
	}
	if len(a.Steps) == 0 { // a rung without a role rings at everybody
		a.Steps = []StepState{{Step: Step{Who: Everyone}, Next: since}}
	}
	s.Alarms = append(s.Alarms, a)
}

// next is the first instant at which something is due.
func (s *State) next(now int64) (next int64) {
	earlier := func(at int64) {
		if next == 0 || at < next {
			next = at
		}
	}
	for i := range s.Alarms {
		a := &s.Alarms[i]
		if a.Ring.over(now) {
			continue
		}
		if a.Ring.Ends != 0 {
			earlier(a.Ring.Ends)
		}
		for _, x := range a.Steps {
			if a.Ring.Ends == 0 || x.Next < a.Ring.Ends {
				earlier(x.Next)
			}
		}
	}
	return next
}

// Note keeps what a person said of a ring. It is no acceptance.
func (s State) Note(key, person, what string, now int64) (State, error) {
	s = s.clone()
	a := s.find(key)
	if a == nil || what != Seen && what != Mine || notName(person) {
		return s, fault.New(rule.DutyAlarm, "name", key)
	}
	same := func(x SeenBy) bool { return x.Person == person && x.What == what }
	switch i := slices.IndexFunc(a.Seen, same); {
	case i >= 0 && what == Mine: // said anew, it keeps them quiet anew
		a.Seen[i].At = now
	case i < 0 && len(a.Seen) < maxSeen:
		a.Seen = append(a.Seen, SeenBy{person, what, now})
	}
	return s, nil
}

// quiet tells whether a person said a few minutes ago to have the ring. What was
// said by a clock that has gone back since does not count.
func (a *Alarmed) quiet(person string, now int64) bool {
	return slices.ContainsFunc(a.Seen, func(x SeenBy) bool {
		return x.Person == person && x.What == Mine && now >= x.At && now-x.At < QuietFor
	})
}
