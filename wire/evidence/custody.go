package evidence

import (
	"crypto/sha256"

	"parley.example/wire/fault"
	"parley.example/wire/octet"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

// Steps of custody inside one party's house.
const (
	StepTaken     uint8 = 1 // out of the node into a file, its hash checked
	StepHanded    uint8 = 2 // to a person or a place
	StepReturned  uint8 = 3
	StepDestroyed uint8 = 4
	StepDisclosed uint8 = 5 // to a third person
)

// Custody is one step of an attachment through a party's own hands, signed by
// the officer who took it. It stays in that party's node until the party shows
// it.
type Custody struct {
	Realm   uint8
	Party   party.ID // in whose house
	Link    party.ID // the counterpart
	Sealed  [32]byte // the attachment
	Number  uint32   // from 1, of this attachment in this house
	Before  [32]byte // SHA-256 of the step before, zero in the first
	Time    int64    // as the officer claims, milliseconds
	Step    uint8
	Content [32]byte // SHA-256 of the content, as the officer's program computed it; zero where it was not at hand
	To      string   // person or place
	Note    string
	By      statement.PersonSignature
}

func (s *Custody) signed(c *octet.Codec) {
	c.Tag("parley custody v1\n", "custody")
	octet.Int(c, &s.Realm)
	c.Fixed(s.Party[:])
	c.Fixed(s.Link[:])
	c.Fixed(s.Sealed[:])
	octet.Int(c, &s.Number)
	c.Fixed(s.Before[:])
	octet.Int(c, &s.Time)
	octet.Int(c, &s.Step)
	c.Fixed(s.Content[:])
	c.Text(&s.To, 255)
	c.Text(&s.Note, 1024)
}

// Check holds a step's values against what they may be.
func (s *Custody) Check() error {
	if s.Number == 0 || s.Time < 0 || s.Step < StepTaken || s.Step > StepDisclosed || (s.Number == 1) != (s.Before == [32]byte{}) {
		return fault.New(fault.CustodyStep, "number", fault.Int(s.Number), "rule", "unknown step, or a first one that is not")
	}
	return nil
}

// Layout is the step's bytes.
func (s *Custody) Layout(c *octet.Codec) {
	s.signed(c)
	s.By.Layout(c)
}

// ToSign is what the officer signs, by its digest, as a statement.
func (s *Custody) ToSign() []byte { return octet.Write(s.signed) }

// Encode gives the step's bytes.
func (s *Custody) Encode() []byte { return octet.Write(s.Layout) }

// DecodeCustody reads a step; its signature is not checked.
func DecodeCustody(b []byte) (*Custody, error) {
	s := &Custody{}
	if err := octet.Read(b, s.Layout); err != nil {
		return nil, err
	}
	return s, s.Check()
}

// Verify checks the officer's signature, by a card of the party's.
func (s *Custody) Verify(v party.Signatures, card *party.Card) (party.Officer, error) {
	return statement.VerifyPerson(v, card, s.ToSign(), s.By)
}

// Follows checks that a step is the next one after another of the same
// attachment in the same house.
func (s *Custody) Follows(before *Custody) error {
	if s.Realm != before.Realm || s.Party != before.Party || s.Link != before.Link || s.Sealed != before.Sealed ||
		s.Number != before.Number+1 || s.Before != sha256.Sum256(before.Encode()) || s.Time < before.Time {
		return fault.New(fault.CustodyStep, "number", fault.Int(s.Number), "rule", "it does not follow the step before")
	}
	return nil
}
