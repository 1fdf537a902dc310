package link

import (
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// Instance says which process of which store speaks.
type Instance struct {
	Store    [16]byte
	Start    uint64
	Process  [16]byte
	Carriers []string
	State    uint8
	Software string
	Config   [32]byte
	Rules    []uint16
}

// Hello prepares our hello; the caller signs it. answers is the nonce of the
// last hello of theirs, card the control sizes at which our card is in force.
func (s *State) Hello(now int64, answers [16]byte, in Instance) *contact.Hello {
	h := &contact.Hello{Realm: s.Realm, Writer: s.Us, Reader: s.Them, Time: now, Answers: answers,
		Rules: in.Rules, Store: in.Store, Start: in.Start, Process: in.Process, Carriers: in.Carriers,
		State: in.State, Software: in.Software, Config: in.Config,
		Card: [2]statement.Size{s.OwnLog(statement.Control).Size(), s.TheirLog(statement.Control).Size()}}
	for i := range s.Own {
		own, theirs := s.Own[i], s.Theirs[i]
		h.Own[i] = contact.Sized{Size: own.Size(), Root: own.Tree.Root()}
		h.Shown[i] = contact.Sized{Size: theirs.Size(), Root: theirs.Tree.Root()}
		h.Stored[i] = theirs.Size()
	}
	h.Nonce = h.Commitment()
	return h
}

// Met is what a hello of theirs tells.
type Met struct {
	Skew   int64   // their clock less ours, milliseconds
	Clone  bool    // one start number with two processes: a copied node speaks
	Behind [3]bool // they were shown more of our log than we hold: we may have been restored
}

// Meet judges a hello of theirs. before is the last one kept, nil for none.
func (s *State) Meet(v party.Signatures, keys []party.PublicKey, h, before *contact.Hello, now int64) (Met, error) {
	var met Met
	if h.Realm != s.Realm {
		return met, fault.New(rule.ContactRealm, "realm", fault.Int(h.Realm))
	}
	if h.Writer != s.Them || h.Reader != s.Us {
		return met, fault.New(rule.ContactPeer, "party", h.Writer.String())
	}
	good := false
	for _, key := range keys {
		good = good || h.Verify(v, key) == nil
	}
	if !good {
		return met, fault.New(fault.ContactHello, "party", h.Writer.String())
	}
	met.Skew = h.Time - now
	// A restored store counts its starts again from where the backup stood, and says so.
	met.Clone = before != nil && h.State != contact.Restoring && before.State != contact.Restoring && before.Store == h.Store && before.Start == h.Start && before.Process != h.Process
	for i, own := range s.Own {
		shown := h.Shown[i]
		met.Behind[i] = shown.Generation > own.Origin.Generation || shown.Generation == own.Origin.Generation && shown.Size.Size > own.Tree.Size
	}
	return met, nil
}
