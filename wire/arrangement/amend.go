package arrangement

import (
	"encoding/hex"
	"slices"

	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Version is what the choice of the rules in force needs to know of one
// document.
type Version struct {
	Digest  [32]byte
	Base    [32]byte // zero for a first one
	InForce calendar.Instant
}

// VersionOf reads the version from a document and its bytes' digest.
func VersionOf(digest [32]byte, d *Document) (Version, error) {
	v := Version{Digest: digest, InForce: d.InForce}
	if d.Base == "" {
		return v, nil
	}
	base, err := hex.DecodeString(d.Base)
	if err != nil || len(base) != 32 {
		return v, fault.New(rule.ArrangementBase, "path", "/base")
	}
	copy(v.Base[:], base)
	return v, nil
}

// InForce chooses the version in force at an instant among those that both
// parties have signed, given in the order in which they became so in the
// record. It starts from the first without a base and goes on to a successor
// as long as that one's instant has come. Of two successors of one base, which
// Amendments does not let happen, the earlier in the record counts. ok is
// false before the first one's instant.
func InForce(signed []Version, at calendar.Instant) (v Version, ok bool) {
	for _, next := range Course(signed) {
		if next.InForce > at {
			break
		}
		v, ok = next, true
	}
	return v, ok
}

// Course lists the versions of which each follows the one before, from the
// first without a base on. One whose base is not among them is in no course,
// whoever signed it.
func Course(signed []Version) (course []Version) {
	var v Version
	for range signed {
		i := slices.IndexFunc(signed, func(s Version) bool { return s.Base == v.Digest && s.Digest != v.Digest })
		if i < 0 {
			break
		}
		v = signed[i]
		course = append(course, v)
	}
	return course
}

// Move is what a step of an amendment does.
type Move uint8

// The moves. A proposal carries its author's signature.
const (
	Propose Move = iota
	Sign
	Withdraw
)

// Amendment is one step, as an entry of its author's control log.
type Amendment struct {
	Party    string
	Move     Move
	Version  Version
	Position uint64 // of the entry in its author's control log
	Seen     uint64 // how much of the other's control log the entry names
	Receipts uint64 // how much of the author's control log the receipts within Seen cover
}

// Amendments follows the steps of both parties, in the merged order of the
// control logs, and knows which versions both have signed. It is a value.
//
// Proposing or signing one successor of a base bars signing another until the
// first is withdrawn and the withdrawal receipted. A withdrawal counts only if
// the other had seen it when he signed: two crossing proposals therefore never
// both come into force, whichever arrives first.
type Amendments struct {
	hands  []hand
	signed []Version
}

// hand is one party's signature under one version.
type hand struct {
	party     string
	version   Version
	at        uint64
	withdrawn bool
	left      uint64 // position of the withdrawal
}

// Signed lists the versions that both have signed, in the order of the record.
func (a Amendments) Signed() []Version { return slices.Clone(a.signed) }

// Open lists the versions that a party has signed, that it has not withdrawn
// and that the other has not signed.
func (a Amendments) Open(party string) []Version {
	var open []Version
	for _, h := range a.hands {
		if h.party == party && !h.withdrawn && !a.agreed(h.version.Digest) {
			open = append(open, h.version)
		}
	}
	return open
}

func (a Amendments) agreed(digest [32]byte) bool {
	return slices.ContainsFunc(a.signed, func(v Version) bool { return v.Digest == digest })
}

// hand finds the hand under a version, of the party or (own false) of the
// other one; -1 for none.
func (a Amendments) hand(party string, own bool, digest [32]byte) int {
	return slices.IndexFunc(a.hands, func(h hand) bool {
		return (h.party == party) == own && h.version.Digest == digest
	})
}

// Apply takes the next step. A step that is not in order changes nothing:
// amend.barred, amend.unknown, amend.withdrawn, amend.agreed, amend.order.
func (a Amendments) Apply(e Amendment) (Amendments, error) {
	for _, h := range a.hands {
		if h.party == e.Party && (h.at >= e.Position || h.withdrawn && h.left >= e.Position) {
			return a, fault.New(rule.AmendOrder, "position", fault.Int(e.Position))
		}
	}
	if e.Move == Withdraw {
		return a.withdraw(e)
	}
	return a.sign(e)
}

func (a Amendments) withdraw(e Amendment) (Amendments, error) {
	own := a.hand(e.Party, true, e.Version.Digest)
	if own < 0 || a.hands[own].withdrawn {
		return a, fault.New(rule.AmendUnknown)
	}
	// The other's hand stands before this in the merged order, so it was made
	// without having seen it.
	if a.agreed(e.Version.Digest) {
		return a, fault.New(rule.AmendAgreed)
	}
	a.hands = slices.Clone(a.hands)
	a.hands[own].withdrawn, a.hands[own].left = true, e.Position
	return a, nil
}

func (a Amendments) sign(e Amendment) (Amendments, error) {
	other := a.hand(e.Party, false, e.Version.Digest)
	own := a.hand(e.Party, true, e.Version.Digest)
	// The facts of a version are its bytes': the first account stands. Who signs
	// names the digest alone, and what bars it asks for the base.
	switch {
	case other >= 0:
		e.Version = a.hands[other].version
	case own >= 0:
		e.Version = a.hands[own].version
	case e.Move == Sign:
		return a, fault.New(rule.AmendUnknown)
	}
	for _, h := range a.hands {
		if h.party == e.Party && h.version.Base == e.Version.Base && h.version.Digest != e.Version.Digest && a.bars(h, e) {
			return a, fault.New(rule.AmendBarred)
		}
	}
	if own >= 0 {
		// One hand under one version, once: signing what one has withdrawn
		// would leave the other unable to tell which of the two he saw.
		if a.hands[own].withdrawn {
			return a, fault.New(rule.AmendWithdrawn)
		}
		return a, fault.New(rule.AmendOrder, "position", fault.Int(e.Position))
	}
	seen := other >= 0 && a.hands[other].at < e.Seen
	switch {
	case e.Move == Sign && !seen:
		return a, fault.New(rule.AmendUnknown)
	case other >= 0 && a.hands[other].withdrawn && a.hands[other].left < e.Seen:
		return a, fault.New(rule.AmendWithdrawn)
	}
	a.hands = append(slices.Clone(a.hands), hand{party: e.Party, version: e.Version, at: e.Position})
	if other >= 0 {
		// Both hands are there; also when each proposed the same bytes unseen.
		// A withdrawal that this hand had not seen does not count.
		a.hands[other].withdrawn = false
		a.signed = append(slices.Clone(a.signed), e.Version)
	}
	return a, nil
}

// bars tells whether a party's own earlier hand keeps it from signing another
// successor of the same base now.
func (a Amendments) bars(h hand, e Amendment) bool {
	return !h.withdrawn || h.left >= e.Receipts || a.agreed(h.version.Digest)
}
