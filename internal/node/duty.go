package node

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"parley.example/internal/duty"
	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/rule"
)

// What the node keeps of reaching its own people: local records, sealed, and in
// no log.
const (
	keptRoster = "duty.roster"
	keptPaths  = "duty.paths"  // by person
	keptAlarms = "duty.alarms" // the state of every alarm
	keptOutbox = "duty.outbox" // tellings whose sending was not noted, by number
	keptTold   = "duty.told"   // what came of tellings, the newest first
	keptNight  = "duty.night"  // what the nightly self-check told of
	onlyOne    = "one"
)

// maxOutcomes is how many outcomes are kept.
const maxOutcomes = 1024

// Telling is a message along a path, with the path as it was when it was due.
type Telling struct {
	duty.Telling
	Address string
	Reveals duty.Reveals
	Code    string // that confirms the path; never kept
}

// Outcome is what came of a telling.
type Outcome struct {
	Telling duty.Telling `json:"telling"`
	At      int64        `json:"at"`
	Fault   string       `json:"fault"` // code; empty: it was taken
}

// Roster reads the roster; nil where nobody wrote one.
func (k *Kept) Roster() (*duty.Roster, error) {
	raw, err := k.Get(keptRoster, onlyOne)
	if store.Absent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return duty.ParseRoster(raw)
}

// PutRoster keeps a roster: duty.roster.
func (k *Kept) PutRoster(r *duty.Roster) error {
	if err := r.Check(); err != nil {
		return err
	}
	raw, err := r.Encode()
	if err != nil {
		return err
	}
	return k.Put(keptRoster, onlyOne, raw)
}

// Paths reads the paths of a person, none for who has none.
func (k *Kept) Paths(person string) (*duty.Paths, error) {
	raw, err := k.Get(keptPaths, person)
	if store.Absent(err) {
		return duty.NewPaths(person), nil
	}
	if err != nil {
		return nil, err
	}
	return duty.DecodePaths(raw)
}

// PutPaths keeps the paths of a person.
func (k *Kept) PutPaths(p *duty.Paths) error {
	raw, err := p.Encode()
	if err != nil {
		return err
	}
	return k.Put(keptPaths, p.Person, raw)
}

// DropPaths forgets the paths of a person.
func (k *Kept) DropPaths(person string) error { return k.Drop(keptPaths, person) }

// AllPaths reads everybody's.
func (k *Kept) AllPaths() (map[string]*duty.Paths, error) {
	all := map[string]*duty.Paths{}
	err := k.Each(keptPaths, "", func(person string, raw []byte) (bool, error) {
		p, err := duty.DecodePaths(raw)
		all[person] = p
		return true, err
	})
	return all, err
}

func (k *Kept) alarms() (duty.State, error) {
	raw, err := k.Get(keptAlarms, onlyOne)
	if store.Absent(err) {
		return duty.State{}, nil
	}
	if err != nil {
		return duty.State{}, err
	}
	return duty.DecodeState(raw)
}

func (k *Kept) putAlarms(s *duty.State) error {
	raw, err := s.Encode()
	if err != nil {
		return err
	}
	return k.Put(keptAlarms, onlyOne, raw)
}

func (k *Kept) night() (duty.Night, error) {
	raw, err := k.Get(keptNight, onlyOne)
	if store.Absent(err) {
		return duty.Night{}, nil
	}
	if err != nil {
		return duty.Night{}, err
	}
	return duty.DecodeNight(raw)
}

func outboxKey(number int64) string { return fmt.Sprintf("%016x", number) }
func toldKey(number int64) string   { return fmt.Sprintf("%016x", math.MaxInt64-number) }

// outbox reads the tellings whose sending was not noted.
func (k *Kept) outbox() (list []duty.Telling, err error) {
	err = k.Each(keptOutbox, "", func(_ string, raw []byte) (bool, error) {
		var t duty.Telling
		err := ijson.Decode(raw, &t, ijson.Limits{})
		list = append(list, t)
		return len(list) < maxQueued, err
	})
	return list, err
}

func (k *Kept) putOutbox(list []duty.Telling) error {
	for _, t := range list {
		raw, err := ijson.Encode(t)
		if err != nil {
			return err
		}
		if err := k.Put(keptOutbox, outboxKey(t.Number), raw); err != nil {
			return err
		}
	}
	return nil
}

// noteOutcome puts what came of a telling in the place of the telling, and of
// those that it was told for also.
func (k *Kept) noteOutcome(t Outcome, also []int64) error {
	for _, number := range append(also, t.Telling.Number) {
		if err := k.Drop(keptOutbox, outboxKey(number)); err != nil {
			return err
		}
	}
	t.Telling.Ring.Subject, t.Telling.Findings = "", nil // they stand elsewhere
	raw, err := ijson.Encode(t)
	if err != nil {
		return err
	}
	if err := k.Put(keptTold, toldKey(t.Telling.Number), raw); err != nil {
		return err
	}
	return k.Drop(keptTold, toldKey(t.Telling.Number-maxOutcomes))
}

// Outcomes lists what came of the newest tellings, at most so many.
func (n *Node) Outcomes(ctx context.Context, most int) (list []Outcome, err error) {
	err = n.ReadKept(ctx, func(k *Kept) error {
		return k.Each(keptTold, "", func(_ string, raw []byte) (bool, error) {
			if len(list) >= most {
				return false, nil
			}
			var t Outcome
			err := ijson.Decode(raw, &t, ijson.Limits{})
			list = append(list, t)
			return true, err
		})
	})
	return list, err
}

// Alarms are what rings in our office, with the state of every step.
func (n *Node) Alarms(ctx context.Context) (duty.State, error) {
	n.reach.mu.Lock()
	defer n.reach.mu.Unlock()
	if err := n.reach.load(ctx, n); err != nil {
		return duty.State{}, err
	}
	s := n.reach.state
	s.Alarms = slices.Clone(s.Alarms)
	return s, nil
}

// NoteAlarm keeps that a person has seen an alarm, or says to have it. It ends
// nothing (DTY-18).
func (n *Node) NoteAlarm(ctx context.Context, key, person, what string) error {
	n.reach.mu.Lock()
	defer n.reach.mu.Unlock()
	if err := n.reach.load(ctx, n); err != nil {
		return err
	}
	s, err := n.reach.state.Note(key, person, what, n.Now())
	if err != nil {
		return err
	}
	if err := n.ChangeKept(ctx, func(k *Kept) error { return k.putAlarms(&s) }); err != nil {
		return err
	}
	n.reach.state = s
	return nil
}

// PathKinds says of each kind that is set up whether the last that was sent
// along it was taken.
func (n *Node) PathKinds() map[string]bool {
	n.reach.mu.Lock()
	defer n.reach.mu.Unlock()
	kinds := map[string]bool{}
	for _, kind := range n.Kinds {
		kinds[kind] = !n.reach.failed[kind]
	}
	return kinds
}

// CheckKind refuses a kind that is not set up: duty.kind.
func (n *Node) CheckKind(kind string) error {
	if slices.Contains(n.Kinds, kind) && n.Tell != nil {
		return nil
	}
	return fault.New(rule.DutyKind, "name", kind, "known", strings.Join(n.Kinds, ", "))
}

// Send sends one message of somebody's own at once: a code, or a test.
func (n *Node) Send(ctx context.Context, t Telling) error {
	if err := n.CheckKind(t.Kind); err != nil {
		return err
	}
	t.Due, t.At = n.Now(), n.Now()
	err := n.tellOne(ctx, t)
	n.reach.mu.Lock()
	n.reach.outcome(t.Kind, err)
	n.reach.mu.Unlock()
	return err
}

// Rungs lists our side of the ladder; none where nothing can ring yet.
func (n *Node) Rungs(ctx context.Context) ([]duty.Rung, error) {
	if n.Ringing == nil {
		return nil, nil
	}
	return n.Ringing.Rungs(ctx)
}
