package withheld_test

import (
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/wiretest"
	"parley.example/wire/withheld"
)

// Spec: WTH-5, WTH-8, WTH-10. What a good bundle proves, by either way in which
// the reader knew.
func TestBundle(t *testing.T) {
	s := wiretest.NewUnreceipted()
	log := s.Log(0, statement.Routine)
	for name, shown := range map[string]bool{"it answered a hello that named the head": false, "it says that it was shown the head": true} {
		if shown {
			s.Hellos[0].Shown[2] = s.Told.Own[2]
		}
		raw := s.Withheld(func(b *withheld.Bundle) {
			if shown {
				b.Told = nil
			}
		})
		f, err := withheld.Verify(raw, s.Founding()...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if f.Position != s.At || f.Origin != log.Origin || f.Head.Size != log.Tree.Size || f.Time != log.Leaves[s.At].Time || !f.Sealed ||
			f.Knew != s.Hellos[0].Time || f.Last != s.Hellos[2].Time || f.Stored || f.State != contact.Ready || f.Hellos != 3 || len(f.Attempts) != 1 {
			t.Errorf("%s: %+v", name, f)
		}
	}
	s.Hellos[2].Stored[2], s.Hellos[2].State = statement.Size{Size: s.At + 1}, contact.Full
	f, err := withheld.Verify(s.Withheld(nil), s.P[1].Card.Party) // one not compared, and said so by the program
	if err != nil || !f.Stored || f.State != contact.Full ||
		f.Parties[0].Compared || !f.Parties[1].Compared || f.Parties[0].ID != s.P[0].Card.Party {
		t.Errorf("%+v, %v", f, err)
	}
	s.Hellos[2].Stored[2].Size = s.At // up to it, without it
	if f, err := withheld.Verify(s.Withheld(nil), s.Founding()...); err != nil || f.Stored {
		t.Errorf("%+v, %v", f, err)
	}
}

// Spec: WTH-14. A head of a later generation covers the entry too; that the
// reader has stored it shows only in that generation.
func TestGenerations(t *testing.T) {
	for generation, stored := range []bool{false, true} {
		s := wiretest.NewUnreceipted()
		s.Begin(0, statement.Routine)
		log := s.Log(0, statement.Routine)
		s.Told.Own[2] = contact.Sized{Size: statement.Size{Generation: 1, Size: log.Tree.Size}, Root: log.RootAt(log.Tree.Size)}
		s.Answer()
		s.Hellos[2].Stored[2] = statement.Size{Generation: uint32(generation), Size: s.At + 1}
		f, err := withheld.Verify(s.Withheld(nil), s.Founding()...)
		if err != nil || f.Origin.Generation != 0 || f.Head.Origin != log.Origin.String() || f.Stored != stored {
			t.Errorf("stored in generation %d: %+v, %v", generation, f, err)
		}
	}
}

// Spec: WTH-13. Of two faults the one that comes first by the order.
func TestOrder(t *testing.T) {
	s := wiretest.NewUnreceipted()
	raw := s.Withheld(func(b *withheld.Bundle) { b.Hellos, b.Act.Path = nil, nil })
	_, err := withheld.Verify(raw, s.Founding()...)
	wiretest.Code(t, err, fault.LeafProof)
	raw[len(raw)-1] ^= 1
	_, err = withheld.Verify(raw, s.Founding()...)
	wiretest.Code(t, err, fault.WithheldClaim)
	_, err = withheld.Verify(raw, party.ID{1})
	wiretest.Code(t, err, fault.CardFounding)
	_, err = withheld.Verify(raw[:len(raw)-1], party.ID{1})
	wiretest.Code(t, err, fault.OctetsShort)
}

// Spec: WTH-6, WTH-7, WTH-8, WTH-9, CON-20.
func TestRefused(t *testing.T) {
	other := wiretest.Key("somebody else")
	for name, c := range map[string]struct {
		story  func(*wiretest.Unreceipted)
		bundle func(*wiretest.Unreceipted, *withheld.Bundle)
		want   fault.Code
	}{
		"a hello over another nonce":   {func(s *wiretest.Unreceipted) { s.Hellos[0].Answers[0] ^= 1 }, nil, fault.WithheldTold},
		"another head was named":       {func(s *wiretest.Unreceipted) { s.Told.Own[2].Root[0] ^= 1; s.Answer() }, nil, fault.WithheldTold},
		"another size was named":       {func(s *wiretest.Unreceipted) { s.Told.Own[2].Size.Size--; s.Answer() }, nil, fault.WithheldTold},
		"another generation was named": {func(s *wiretest.Unreceipted) { s.Told.Own[2].Generation++; s.Answer() }, nil, fault.WithheldTold},
		"another channel was named": {func(s *wiretest.Unreceipted) {
			s.Told.Own[1], s.Told.Own[2] = s.Told.Own[2], contact.Sized{}
			s.Answer()
		}, nil, fault.WithheldTold},
		"another hello over the same nonce": {func(s *wiretest.Unreceipted) {
			s.Told.Own[1].Size.Size++ // it names the entry, and is not what was answered
		}, nil, fault.WithheldTold},
		"over a nonce of zero, as one who heard nothing answers": {func(s *wiretest.Unreceipted) {
			s.Told.Nonce, s.Hellos[0].Answers = [16]byte{}, [16]byte{}
		}, nil, fault.WithheldTold},
		"a bundle beyond 2^63":          {nil, func(_ *wiretest.Unreceipted, b *withheld.Bundle) { b.Time = -1 }, fault.WithheldClaim},
		"an attempt beyond 2^63":        {nil, func(_ *wiretest.Unreceipted, b *withheld.Bundle) { b.Attempts[0].Last = -1 }, fault.WithheldClaim},
		"a hello of an unknown state":   {func(s *wiretest.Unreceipted) { s.Hellos[1].State = 4 }, nil, fault.ContactHello},
		"nothing was shown":             {nil, func(_ *wiretest.Unreceipted, b *withheld.Bundle) { b.Told = nil }, fault.WithheldTold},
		"no hello":                      {nil, func(_ *wiretest.Unreceipted, b *withheld.Bundle) { b.Hellos = nil }, fault.WithheldTold},
		"out of order":                  {func(s *wiretest.Unreceipted) { s.Hellos[2].Time = s.Hellos[1].Time - 1 }, nil, fault.WithheldHello},
		"a hello of the other realm":    {func(s *wiretest.Unreceipted) { s.Hellos[1].Realm = party.Exercise }, nil, fault.WithheldHello},
		"a hello to a third party":      {func(s *wiretest.Unreceipted) { s.Hellos[1].Reader[0] ^= 1 }, nil, fault.WithheldHello},
		"a hello of the writer's":       {nil, func(s *wiretest.Unreceipted, b *withheld.Bundle) { b.Hellos[1] = b.Told }, fault.WithheldHello},
		"the reader's in place of told": {nil, func(s *wiretest.Unreceipted, b *withheld.Bundle) { b.Told = b.Hellos[0] }, fault.WithheldHello},
		"a hello that another key signed": {nil, func(s *wiretest.Unreceipted, b *withheld.Bundle) {
			contact.SignHello(s.Hellos[1], other)
			b.Hellos[1] = s.Hellos[1].Encode()
		}, fault.WithheldHello},
		"other sealed bytes": {nil, func(_ *wiretest.Unreceipted, b *withheld.Bundle) { b.Sealed = append([]byte{1}, b.Sealed...) }, fault.PartsCommitment},
		"another place": {nil, func(_ *wiretest.Unreceipted, b *withheld.Bundle) {
			b.Act.Path = append([]tlog.Hash{}, b.Act.Path[1:]...)
		}, fault.LeafProof},
		"another channel":       {nil, func(_ *wiretest.Unreceipted, b *withheld.Bundle) { b.Origin.Channel = statement.Hotline }, fault.HeadOrigin},
		"cards of the reader's": {nil, func(_ *wiretest.Unreceipted, b *withheld.Bundle) { b.Cards[1] = b.Cards[0] }, fault.CardOtherLink},
	} {
		s := wiretest.NewUnreceipted()
		if c.story != nil {
			c.story(s)
		}
		raw := s.Withheld(func(b *withheld.Bundle) {
			if c.bundle != nil {
				c.bundle(s, b)
			}
		})
		f, err := withheld.Verify(raw, s.Founding()...)
		if !fault.Is(err, c.want) || f != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := wiretest.NewUnreceipted()
	if _, err := withheld.Verify(s.Withheld(nil), s.P[1].Card.Party, party.ID{1}); !fault.Is(err, fault.CardFounding) {
		t.Errorf("the founding fingerprint of a third party: %v", err)
	}
	b, err := withheld.Decode(s.Withheld(nil))
	if err != nil {
		t.Fatal(err)
	}
	b.Attempts[0].Count++
	if _, err := withheld.Verify(b.Encode(), s.Founding()...); !fault.Is(err, fault.WithheldClaim) {
		t.Errorf("a claim that was changed: %v", err)
	}
}

// Every byte matters, and it is read strictly.
//
// Spec: WTH-5, WTH-6.
func TestStrict(t *testing.T) {
	s := wiretest.NewUnreceipted()
	good := s.Withheld(nil)
	wiretest.Strict(t, good, func(raw []byte) ([]byte, error) {
		b, err := withheld.Decode(raw)
		if err != nil {
			return nil, err
		}
		return b.Encode(), nil
	})
	for i := 0; i < len(good); i += 61 {
		bad := append([]byte{}, good...)
		bad[i] ^= 1
		if _, err := withheld.Verify(bad, s.Founding()...); err == nil {
			t.Errorf("octet %d has no part in it", i)
		}
	}
}

// Spec: WTH-5.
func FuzzVerify(f *testing.F) {
	s := wiretest.NewUnreceipted()
	f.Add(s.Withheld(nil))
	f.Add([]byte("parley disclosure v1\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		found, err := withheld.Verify(raw, s.Founding()...)
		if (found == nil) != (err != nil) {
			t.Errorf("%v and %v", found, err)
		}
	})
}
