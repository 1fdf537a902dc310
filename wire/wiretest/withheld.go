package wiretest

import (
	"golang.org/x/mod/sumdb/tlog"

	"parley.example/wire/act"
	"parley.example/wire/contact"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/withheld"
)

// Unreceipted is a record in which the first party has said two acts, and the other
// has answered hellos that told it of both, and stored nothing.
type Unreceipted struct {
	*World
	At     uint64           // the first act
	Told   *contact.Hello   // the first party's
	Hellos []*contact.Hello // the other's
}

// NewUnreceipted tells it.
func NewUnreceipted() *Unreceipted {
	s := &Unreceipted{World: NewWorld()}
	for range 2 {
		d := s.Draft(0, statement.Routine, act.RequestAnswer, &statement.Ref{Higher: true}, []byte(`{"handling":"amber","said":{"lang":"en","text":"we accept"}}`))
		at := s.Say(0, statement.Routine, d, s.P[0].SignBy(d.ToSign()))
		if s.At == 0 {
			s.At = at
		}
	}
	log := s.Log(0, statement.Routine)
	s.Told = s.hello(0, 1, Start)
	s.Told.Own[2] = contact.Sized{Size: statement.Size{Size: log.Tree.Size}, Root: log.RootAt(log.Tree.Size)}
	for i := range 3 {
		s.Hellos = append(s.Hellos, s.hello(1, byte(10+i), Start+int64(i)*3*60*60*1000))
	}
	s.Answer()
	return s
}

// Answer has the other answer what it was told, as that now stands.
func (s *Unreceipted) Answer() {
	s.Told.Nonce = s.Told.Commitment()
	for _, h := range s.Hellos {
		h.Answers = s.Told.Nonce
	}
}

func (s *Unreceipted) hello(side int, nonce byte, at int64) *contact.Hello {
	return &contact.Hello{Realm: party.Real, Writer: s.P[side].Card.Party, Reader: s.P[1-side].Card.Party, Time: at, Nonce: [16]byte{nonce}}
}

// Withheld signs everything as it stands.
func (s *Unreceipted) Withheld(change func(*withheld.Bundle)) []byte {
	origin := s.Origin(0, statement.Routine)
	log := s.Log(0, statement.Routine)
	path, err := tlog.ProveRecord(int64(log.Tree.Size), int64(s.At), log)
	if err != nil {
		panic(err)
	}
	b := &withheld.Bundle{Origin: origin, Cards: [2][][]byte{{s.P[0].Card.Encode()}, {s.P[1].Card.Encode()}},
		Act: withheld.Proved{Head: s.Head(0, statement.Routine, log.Tree.Size), Leaf: log.Raws[s.At], Path: path}, Time: Start + 9*60*60*1000,
		Sealed: s.Log(0, statement.Routine).Blobs[s.At], Attempts: []withheld.Attempt{{First: Start, Last: Start + 60*60*1000, Count: 7, Carrier: "https", Code: "contact.quota"}}}
	contact.SignHello(s.Told, s.P[0].Sign)
	b.Told = s.Told.Encode()
	for _, h := range s.Hellos {
		contact.SignHello(h, s.P[1].Sign)
		b.Hellos = append(b.Hellos, h.Encode())
	}
	if change != nil {
		change(b)
	}
	b.Claim = s.P[0].Sign.Sign(b.ToSign())
	return b.Encode()
}

// Founding are both fingerprints, the writer's first.
func (s *Unreceipted) Founding() []party.ID {
	return []party.ID{s.P[0].Card.Party, s.P[1].Card.Party}
}
