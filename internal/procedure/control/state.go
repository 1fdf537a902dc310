package control

import (
	"cmp"
	"slices"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/evidence"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/rule"
)

// State is what the control record says at two of its sizes. It never changes.
type State struct {
	cards      [2]*party.Card
	documents  map[[32]byte]*arrangement.Document
	amendments arrangement.Amendments
	status     *arrangement.Status
	ceremonies [2]bool
	disowned   [2][]*evidence.Compromise
	tombstones map[tombKey]*Tombstone
	ignored    []Ignored
}

// Tombstone names a whole thread whose content both destroy, with what reports
// still count of it.
type Tombstone struct {
	*act.TombstoneBody
	Agreed bool
	place  tombKey // where the statement itself stands
}

type tombKey struct {
	higher   bool
	position uint64
}

// Tombstones lists those that both parties have signed.
func (s *State) Tombstones() (list []*Tombstone) {
	for _, t := range s.tombstones {
		if t.Agreed {
			list = append(list, t)
		}
	}
	slices.SortFunc(list, func(a, b *Tombstone) int {
		return cmp.Or(cmp.Compare(a.place.position, b.place.position), cmp.Compare(procedure.Side(a.place.higher), procedure.Side(b.place.higher)))
	})
	return list
}

// Tombstone finds the one of a thread that both have signed.
func (s *State) Tombstone(channel uint8, higher bool, thread uint64) (*Tombstone, bool) {
	for _, t := range s.Tombstones() {
		if t.Channel == channel && t.Higher == higher && t.Thread == thread {
			return t, true
		}
	}
	return nil, false
}

// Ignored is a control act without effect, and why.
type Ignored struct {
	*Fact
	Err error
}

// Cards in force, of the lower and the higher party.
func (s *State) Cards() [2]*party.Card { return s.cards }

// Documents by digest: every version that was proposed.
func (s *State) Documents() map[[32]byte]*arrangement.Document { return s.documents }

// Amendments tells which versions are signed and which are open.
func (s *State) Amendments() arrangement.Amendments { return s.amendments }

// Status is the set of suspensions.
func (s *State) Status() *arrangement.Status { return s.status }

// Disowned reports whether an entry is disowned by its own party: marked, both
// positions to be shown, and never removed. It knows nothing before the
// declaration's own place.
func (s *State) Disowned(channel uint8, e *procedure.Entry) bool {
	if e.Act == nil {
		return false
	}
	var keys []string
	for _, signature := range e.Act.Signatures {
		keys = append(keys, signature.KeyID)
	}
	for _, c := range s.disowned[procedure.Side(e.Higher)] {
		if c.Disowns(channel, e.Position, keys) {
			return true
		}
	}
	return false
}

// Ignored lists control acts that are not in order.
func (s *State) Ignored() []Ignored { return s.ignored }

// Context is the state as a procedure sees it at an instant.
func (s *State) Context(at int64) *procedure.Context {
	c := &procedure.Context{Rules: 1, Status: s.status, Cards: s.cards}
	if v, ok := arrangement.InForce(s.amendments.Signed(), calendar.Instant(at)); ok {
		c.Digest, c.Arrangement = v.Digest, s.documents[v.Digest]
		c.Rules = uint16(c.Arrangement.Rules)
	}
	return c
}

// InForce is the version in force at an instant; nil when there is none.
func (s *State) InForce(at calendar.Instant) *arrangement.Document {
	return s.Context(int64(at)).Arrangement
}

// At folds the control record within two sizes, of the lower and the higher
// party's control log.
func (b *Book) At(sizes [2]uint64) *State {
	if s, ok := b.states[sizes]; ok {
		return s
	}
	s := &State{cards: b.founding, documents: map[[32]byte]*arrangement.Document{}, status: &arrangement.Status{}, tombstones: map[tombKey]*Tombstone{}}
	for _, f := range b.within(sizes) {
		err := f.Fault
		if err == nil {
			err = b.apply(s, f, sizes)
		}
		if err != nil {
			s.ignored = append(s.ignored, Ignored{f, err})
		}
	}
	if len(b.states) > 256 {
		clear(b.states)
	}
	b.states[sizes] = s
	return s
}

func (b *Book) apply(s *State, f *Fact, sizes [2]uint64) error {
	side := procedure.Side(f.Higher)
	switch f.Kind.Name {
	case act.Card:
		if f.known(sizes) && f.Card.Serial == s.cards[side].Serial+1 {
			s.cards[side] = f.Card
		}
	case act.OfficerReplace:
		s.cards[side] = f.Replaces.On(s.cards[side])
	case act.Ceremony:
		s.ceremonies[side] = true
	case act.Tombstone:
		place := tombKey{f.Higher, f.Position}
		s.tombstones[place] = &Tombstone{TombstoneBody: f.Body.(*act.TombstoneBody), place: place}
	case act.TombstoneAgree:
		t := s.tombstones[tombKey{!f.Higher, f.Body.(*act.AgreeBody).Position}]
		if t == nil {
			return fault.New(rule.ActThread, "kind", f.Kind.Name)
		}
		t.Agreed = true
	case act.Compromise:
		s.disowned[side] = append(s.disowned[side], f.Disowns)
	case act.ArrangementPropose:
		version, err := arrangement.VersionOf(f.Digest, f.Proposal)
		if err != nil {
			return err
		}
		s.documents[f.Digest] = f.Proposal
		return b.amend(s, f, arrangement.Propose, version)
	case act.ArrangementSign:
		return b.amend(s, f, arrangement.Sign, arrangement.Version{Digest: f.Digest})
	case act.ArrangementDrop:
		return b.amend(s, f, arrangement.Withdraw, arrangement.Version{Digest: f.Digest})
	case act.Suspend, act.Narrow, act.Resume, act.Terminate:
		if f.known(sizes) {
			return b.suspend(s, f)
		}
	}
	return nil
}

func (b *Book) amend(s *State, f *Fact, move arrangement.Move, version arrangement.Version) error {
	next, err := s.amendments.Apply(arrangement.Amendment{
		Party: b.link[procedure.Side(f.Higher)].String(), Move: move, Version: version,
		Position: f.Position, Seen: f.Seen, Receipts: b.receipted(f.Place),
	})
	if err != nil {
		return err
	}
	if signed := next.Signed(); len(signed) > len(s.amendments.Signed()) {
		status := s.status.Unamended()
		for _, v := range arrangement.Course(signed) {
			status = status.Amended(s.documents[v.Digest].Survives, v.InForce)
		}
		s.status = &status
	}
	s.amendments = next
	return nil
}

// receipted is how much of an entry's own log was receipted within what its
// writer had seen.
func (b *Book) receipted(p record.Place) uint64 {
	var size uint64
	for _, r := range b.receipts[procedure.Side(p.Higher)] {
		if r.at < p.Seen {
			size = max(size, r.size)
		}
	}
	return size
}

// suspend applies a suspension, a narrowing, a resumption or a termination from
// its receipt on. It is named by the place of the act that began it.
func (b *Book) suspend(s *State, f *Fact) error {
	author := b.link[procedure.Side(f.Higher)].String()
	at := calendar.Instant(f.Effective)
	var next arrangement.Status
	var err error
	switch f.Kind.Name {
	case act.Suspend:
		body := f.Body.(*act.SuspendBody)
		next, err = s.status.Suspend(arrangement.Suspend{Party: author, ID: SuspensionID(f.Higher, f.Position),
			Scope: Scope(body), Reason: body.Reason, At: at})
	case act.Narrow:
		ref := f.Act.Statement.Thread
		next, err = s.status.Narrow(arrangement.Narrow{Party: author, ID: SuspensionID(ref.Higher, ref.Position),
			Scope: Scope(f.Body.(*act.SuspendBody)), At: at})
	case act.Terminate:
		next, err = s.status.Terminate(arrangement.Terminate{Party: author, ID: SuspensionID(f.Higher, f.Position), At: at,
			Effect: f.Context.Arrangement.Effect(f.Body.(*act.TerminateBody).On, at)})
	default:
		ref := f.Act.Statement.Thread
		next, err = s.status.Lift(arrangement.Lift{Party: author, ID: SuspensionID(ref.Higher, ref.Position), At: at})
	}
	if err == nil {
		s.status = &next
	}
	return err
}

// SuspensionID names a suspension by the place of the act that began it.
func SuspensionID(higher bool, position uint64) string {
	return string("lh"[procedure.Side(higher)]) + fault.Int(position)
}

// Scope is what a suspension covers; empty lists mean everything.
func Scope(b *act.SuspendBody) arrangement.Scope {
	return arrangement.Scope{Everything: len(b.Types)+len(b.Areas) == 0, Types: b.Types, Areas: b.Areas}
}
