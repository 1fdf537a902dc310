package audit

import (
	"parley.example/wire/evidence"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

// officers finds for each officer's key the newest card that names it: an
// officer may have left since.
func officers(chains [2][]*party.Card) (index [2]map[string]*party.Card) {
	for side, cards := range chains {
		index[side] = map[string]*party.Card{}
		for _, card := range cards {
			for _, officer := range card.Officers {
				index[side][officer.KeyID()] = card
			}
		}
	}
	return index
}

// card gives the card to judge a signature by; a key that no card names is
// refused by whichever.
func (v *verifier) card(side int, key string) *party.Card {
	if card := v.officers[side][key]; card != nil {
		return card
	}
	return v.chains[side][len(v.chains[side])-1]
}

// acts checks every act that is shown, and lists them in the order that both
// parties compute: an entry of the lower stands behind those of the higher that
// its writer had seen.
func (v *verifier) acts() error {
	var lists [4][2][]*Act // by channel and side
	for _, l := range v.logs {
		for i, leaf := range l.leaves {
			if leaf.Type != ledger.TypeAct {
				continue
			}
			a, err := v.act(l, leaf, l.Shown[i].Parts)
			if err == nil {
				err = v.replaces(a)
			}
			if err != nil {
				return err
			}
			lists[l.Channel][l.side()] = append(lists[l.Channel][l.side()], a)
		}
	}
	for _, sides := range lists {
		higher := sides[1]
		for _, a := range sides[0] {
			for len(higher) > 0 && higher[0].Position < a.seen {
				v.Acts, higher = append(v.Acts, higher[0]), higher[1:]
			}
			v.Acts = append(v.Acts, a)
		}
		v.Acts = append(v.Acts, higher...)
	}
	return nil
}

func (v *verifier) act(l *shownLog, leaf *ledger.Leaf, parts []Part) (*Act, error) {
	a := &Act{Place: Place{l.Channel, l.Higher, leaf.Position}, Generation: l.generation(leaf.Position), Time: leaf.Time, Parts: len(parts), seen: leaf.Seen[0].Size,
		control: leaf.Seen[2].Size}
	if l.Channel == statement.Control {
		a.control = leaf.Position
	}
	commitments := make([][32]byte, len(parts))
	for i, p := range parts {
		if commitments[i] = p.Commitment; p.Shown {
			commitments[i] = statement.Commit(i, p.Salt, p.Content)
		} else {
			a.Withheld++
		}
	}
	if statement.Whole(commitments) != leaf.Commitment {
		return nil, fault.New(fault.PartsCommitment)
	}
	a.Receipt, a.Verdict = v.receipt(l, leaf.Position)
	for _, again := range l.leaves {
		if again.Type == ledger.TypeRestate && again.Target == leaf.Position {
			if r, verdict := v.receipt(l, again.Position); r != nil && verdict == 0 {
				a.Again = r
			}
		}
	}
	return a, v.parts(a, l, parts, commitments)
}

// parts reads the parts that are shown.
func (v *verifier) parts(a *Act, l *shownLog, parts []Part, commitments [][32]byte) error {
	for i, p := range parts {
		var err error
		switch {
		case !p.Shown, i == statement.PartSignatures:
		case i == statement.PartSlip:
			var slip statement.Slip
			slip, err = statement.DecodeSlip(p.Content)
			a.Slip = &slip
		case i == statement.PartStatement:
			err = v.statement(a, l, p.Content, parts, commitments)
		case i == statement.PartBody:
			a.Body = p.Content
		default:
			var attached *statement.Attachment
			if attached, err = statement.DecodeAttachment(p.Content); err == nil {
				a.Attached = append(a.Attached, attached)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) statement(a *Act, l *shownLog, signed []byte, parts []Part, commitments [][32]byte) error {
	s, err := statement.Decode(signed)
	if err != nil {
		return err
	}
	o := l.origin
	if s.Realm != o.Realm || s.Channel != o.Channel || s.Writer != o.Writer || s.Reader != o.Reader ||
		s.Generation != a.Generation || s.Content != statement.Content(commitments) || s.NotAfter <= a.Time {
		return fault.New(fault.StatementElsewhere, "kind", s.Kind)
	}
	a.Statement, a.Short = s, statement.Short(signed)
	if len(parts) <= statement.PartSignatures || !parts[statement.PartSignatures].Shown {
		return nil
	}
	list, err := statement.DecodeSignatures(parts[statement.PartSignatures].Content)
	if err != nil {
		return err
	}
	for _, signature := range list {
		card := v.card(l.side(), signature.KeyID)
		officer, err := statement.VerifyPerson(Signatures{}, card, signed, signature)
		if err != nil {
			return err
		}
		lost, err := v.counts(a, signature.KeyID)
		if err != nil {
			return err
		}
		a.Persons = append(a.Persons, Person{officer.Name, officer.Role, signature.KeyID, card.Serial, lost})
	}
	return nil
}

// Compromise is a declaration that a key was in other hands, which the writer's
// root signed.
type Compromise struct {
	Place // of the act that declares it
	evidence.Compromise
}

const kindCompromise = "compromise"

// compromises checks the declarations that are shown, and marks what they
// disown.
func (v *verifier) compromises() error {
	for _, a := range v.Acts {
		if a.Statement == nil || a.Statement.Kind != kindCompromise || a.Body == nil {
			continue
		}
		c, err := evidence.DecodeCompromise(a.Body)
		if err == nil {
			err = declared(v.chains[a.Side()], v.Realm, v.Parties[1-a.Side()].ID, c)
		}
		if err != nil {
			return err
		}
		v.Compromises = append(v.Compromises, Compromise{a.Place, *c})
		for _, x := range v.Acts {
			var keys []string
			for _, p := range x.Persons {
				keys = append(keys, p.Key)
			}
			if x.Higher == a.Higher && c.Disowns(x.Channel, x.Position, keys) {
				x.Disowned = append(x.Disowned, a.Place)
			}
		}
	}
	return nil
}

// declared checks a declaration by the root of any card shown.
func declared(cards []*party.Card, realm uint8, link party.ID, c *evidence.Compromise) (err error) {
	for _, card := range cards {
		if err = c.Verify(Signatures{}, realm, card.Party, link, card.Root); err == nil || !fault.Is(err, fault.CardSignature) {
			return err
		}
	}
	return err
}

// Step is a step of custody, with the officer who signed it. Broken says that
// the step before it is not shown.
type Step struct {
	evidence.Custody
	By     Person
	Broken bool
}

// custody checks the steps that are shown, each by its officer's signature.
func (v *verifier) custody(list []*evidence.Custody) error {
	named := map[[32]byte]bool{}
	for _, a := range v.Acts {
		for _, attached := range a.Attached {
			named[attached.Sealed] = true
		}
	}
	for i, s := range list {
		if err := s.Check(); err != nil {
			return err
		}
		side := side(s.Party == v.Parties[1].ID)
		if s.Realm != v.Realm || s.Party != v.Parties[side].ID || s.Link != v.Parties[1-side].ID || !named[s.Sealed] {
			return fault.New(fault.CustodyStep, "number", fault.Int(s.Number), "rule", "it is of another link, or of no attachment shown")
		}
		next := i > 0 && list[i-1].Party == s.Party && list[i-1].Sealed == s.Sealed
		if i > 0 && !before(list[i-1], s) {
			return fault.New(fault.DisclosureOrder, "what", "custody")
		}
		broken := s.Number > 1
		if next && list[i-1].Number+1 == s.Number {
			broken = false
			if err := s.Follows(list[i-1]); err != nil {
				return err
			}
		}
		card := v.card(side, s.By.KeyID)
		officer, err := s.Verify(Signatures{}, card)
		if err != nil {
			return err
		}
		v.Custody = append(v.Custody, Step{*s, Person{officer.Name, officer.Role, s.By.KeyID, card.Serial, nil}, broken})
	}
	return nil
}

// before orders steps by attachment, house and number.
func before(a, b *evidence.Custody) bool {
	key := func(s *evidence.Custody) string {
		return string(s.Sealed[:]) + string(s.Party[:]) + string([]byte{byte(s.Number >> 24), byte(s.Number >> 16), byte(s.Number >> 8), byte(s.Number)})
	}
	return key(a) < key(b)
}
