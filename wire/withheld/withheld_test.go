package withheld_test

import (
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/wire/act"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
	"parley.example/wire/wiretest"
	"parley.example/wire/withheld"
)

const hour = 60 * 60 * 1000

// story is a record in which the first party has said two acts, and the other
// has answered hellos that told it of both, and stored nothing.
type story struct {
	*wiretest.World
	at     uint64 // the first act
	told   *contact.Hello
	hellos []*contact.Hello
}

func tell() *story {
	s := &story{World: wiretest.NewWorld()}
	for range 2 {
		d := s.Draft(0, statement.Routine, act.RequestAnswer, &statement.Ref{Higher: true}, []byte(`{"handling":"amber","said":{"lang":"en","text":"we accept"}}`))
		at := s.Say(0, statement.Routine, d, s.P[0].SignBy(d.ToSign()))
		if s.at == 0 {
			s.at = at
		}
	}
	log := s.Log(0, statement.Routine)
	s.told = s.hello(0, 1, wiretest.Start)
	s.told.Own[2] = contact.Sized{Size: statement.Size{Size: log.Tree.Size}, Root: log.RootAt(log.Tree.Size)}
	for i := range 3 {
		h := s.hello(1, byte(10+i), wiretest.Start+int64(i)*3*hour)
		h.Answers = s.told.Nonce
		s.hellos = append(s.hellos, h)
	}
	return s
}

func (s *story) hello(side int, nonce byte, at int64) *contact.Hello {
	return &contact.Hello{Realm: party.Real, Writer: s.P[side].Card.Party, Reader: s.P[1-side].Card.Party, Time: at, Nonce: [16]byte{nonce}}
}

// bundle signs everything as it stands.
func (s *story) bundle(change func(*withheld.Bundle)) []byte {
	origin := s.Origin(0, statement.Routine)
	log := s.Log(0, statement.Routine)
	path, err := tlog.ProveRecord(int64(log.Tree.Size), int64(s.at), log)
	if err != nil {
		panic(err)
	}
	b := &withheld.Bundle{Origin: origin, Cards: [2][][]byte{{s.P[0].Card.Encode()}, {s.P[1].Card.Encode()}},
		Act: withheld.Proved{Head: s.Head(0, statement.Routine, log.Tree.Size), Leaf: log.Raws[s.at], Path: path}, Time: wiretest.Start + 9*hour,
		Sealed: s.Log(0, statement.Routine).Blobs[s.at], Attempts: []withheld.Attempt{{First: wiretest.Start, Last: wiretest.Start + hour, Count: 7, Carrier: "https", Code: "contact.quota"}}}
	contact.SignHello(s.told, s.P[0].Sign)
	b.Told = s.told.Encode()
	for _, h := range s.hellos {
		contact.SignHello(h, s.P[1].Sign)
		b.Hellos = append(b.Hellos, h.Encode())
	}
	if change != nil {
		change(b)
	}
	b.Claim = s.P[0].Sign.Sign(b.ToSign())
	return b.Encode()
}

func (s *story) founding() [2]party.ID {
	return [2]party.ID{s.P[0].Card.Party, s.P[1].Card.Party}
}

// Spec: WTH-5, WTH-8, WTH-10. What a good bundle proves, by either way in which
// the reader knew.
func TestBundle(t *testing.T) {
	s := tell()
	log := s.Log(0, statement.Routine)
	for name, shown := range map[string]bool{"it answered a hello that named the head": false, "it says that it was shown the head": true} {
		if shown {
			s.hellos[0].Shown[2] = s.told.Own[2]
		}
		raw := s.bundle(func(b *withheld.Bundle) {
			if shown {
				b.Told = nil
			}
		})
		f, err := withheld.Verify(raw, s.founding())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if f.Position != s.at || f.Origin != log.Origin || f.Head.Size != log.Tree.Size || f.Time != log.Leaves[s.at].Time || !f.Sealed ||
			f.Knew != s.hellos[0].Time || f.Last != s.hellos[2].Time || f.Stored || f.State != contact.Ready || f.Hellos != 3 || len(f.Attempts) != 1 {
			t.Errorf("%s: %+v", name, f)
		}
	}
	s.hellos[2].Stored[2], s.hellos[2].State = statement.Size{Size: s.at + 1}, contact.Full
	f, err := withheld.Verify(s.bundle(nil), [2]party.ID{}) // not compared, and said so by the program
	if err != nil || !f.Stored || f.State != contact.Full {
		t.Errorf("%+v, %v", f, err)
	}
	s.hellos[2].Stored[2].Size = s.at // up to it, without it
	if f, err := withheld.Verify(s.bundle(nil), s.founding()); err != nil || f.Stored {
		t.Errorf("%+v, %v", f, err)
	}
}

// Spec: WTH-6, WTH-7, WTH-8, WTH-9.
func TestRefused(t *testing.T) {
	other := wiretest.Key("somebody else")
	for name, c := range map[string]struct {
		story  func(*story)
		bundle func(*story, *withheld.Bundle)
		want   fault.Code
	}{
		"a hello over another nonce":    {func(s *story) { s.hellos[0].Answers[0] ^= 1 }, nil, rule.WithheldTold},
		"another head was named":        {func(s *story) { s.told.Own[2].Root[0] ^= 1 }, nil, rule.WithheldTold},
		"another size was named":        {func(s *story) { s.told.Own[2].Size.Size-- }, nil, rule.WithheldTold},
		"another generation was named":  {func(s *story) { s.told.Own[2].Generation++ }, nil, rule.WithheldTold},
		"another channel was named":     {func(s *story) { s.told.Own[1], s.told.Own[2] = s.told.Own[2], contact.Sized{} }, nil, rule.WithheldTold},
		"nothing was shown":             {nil, func(_ *story, b *withheld.Bundle) { b.Told = nil }, rule.WithheldTold},
		"no hello":                      {nil, func(_ *story, b *withheld.Bundle) { b.Hellos = nil }, rule.WithheldTold},
		"out of order":                  {func(s *story) { s.hellos[2].Time = s.hellos[1].Time - 1 }, nil, rule.WithheldHello},
		"a hello of the other realm":    {func(s *story) { s.hellos[1].Realm = party.Exercise }, nil, rule.WithheldHello},
		"a hello to a third party":      {func(s *story) { s.hellos[1].Reader[0] ^= 1 }, nil, rule.WithheldHello},
		"a hello of the writer's":       {nil, func(s *story, b *withheld.Bundle) { b.Hellos[1] = b.Told }, rule.WithheldHello},
		"the reader's in place of told": {nil, func(s *story, b *withheld.Bundle) { b.Told = b.Hellos[0] }, rule.WithheldHello},
		"a hello that another key signed": {nil, func(s *story, b *withheld.Bundle) {
			contact.SignHello(s.hellos[1], other)
			b.Hellos[1] = s.hellos[1].Encode()
		}, rule.WithheldHello},
		"other sealed bytes":    {nil, func(_ *story, b *withheld.Bundle) { b.Sealed = append([]byte{1}, b.Sealed...) }, fault.PartsCommitment},
		"another place":         {nil, func(_ *story, b *withheld.Bundle) { b.Act.Path = append([]tlog.Hash{}, b.Act.Path[1:]...) }, fault.LeafProof},
		"another channel":       {nil, func(_ *story, b *withheld.Bundle) { b.Origin.Channel = statement.Hotline }, fault.HeadOrigin},
		"cards of the reader's": {nil, func(_ *story, b *withheld.Bundle) { b.Cards[1] = b.Cards[0] }, fault.CardOtherLink},
	} {
		s := tell()
		if c.story != nil {
			c.story(s)
		}
		raw := s.bundle(func(b *withheld.Bundle) {
			if c.bundle != nil {
				c.bundle(s, b)
			}
		})
		f, err := withheld.Verify(raw, s.founding())
		if !fault.Is(err, c.want) || f != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := tell()
	if _, err := withheld.Verify(s.bundle(nil), [2]party.ID{s.P[1].Card.Party, s.P[0].Card.Party}); !fault.Is(err, fault.CardFounding) {
		t.Errorf("founding fingerprints exchanged: %v", err)
	}
	b, err := withheld.Decode(s.bundle(nil))
	if err != nil {
		t.Fatal(err)
	}
	b.Attempts[0].Count++
	if _, err := withheld.Verify(b.Encode(), s.founding()); !fault.Is(err, rule.WithheldClaim) {
		t.Errorf("a claim that was changed: %v", err)
	}
}

// Every byte matters, and it is read strictly.
//
// Spec: WTH-5, WTH-6.
func TestStrict(t *testing.T) {
	s := tell()
	good := s.bundle(nil)
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
		if _, err := withheld.Verify(bad, s.founding()); err == nil {
			t.Errorf("octet %d has no part in it", i)
		}
	}
}

// Spec: WTH-5.
func FuzzVerify(f *testing.F) {
	s := tell()
	f.Add(s.bundle(nil))
	f.Add([]byte("parley disclosure v1\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		found, err := withheld.Verify(raw, s.founding())
		if (found == nil) != (err != nil) {
			t.Errorf("%v and %v", found, err)
		}
	})
}
