package spec

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/cryptotest"

	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/wiretest"
	"parley.example/wire/withheld"
)

// TestUpdateWithheldVectors writes the vectors of kind withheld anew with
// -update: what an act without a receipt is shown by, and what shows nothing.
func TestUpdateWithheldVectors(t *testing.T) {
	if !*update {
		t.Skip("only with -update")
	}
	cryptotest.SetGlobalRandom(t, 20160102)
	m := maker{t: t, kind: "withheld"}
	type story = func(*wiretest.Unreceipted)
	type bundle = func(*wiretest.Unreceipted, *withheld.Bundle)
	put := func(name string, expect fault.Code, tell story, change bundle) []byte {
		s := wiretest.NewUnreceipted()
		if tell != nil {
			tell(s)
		}
		raw := s.Withheld(func(b *withheld.Bundle) {
			if change != nil {
				change(s, b)
			}
		})
		m.put(name, expect, raw)
		return raw
	}
	shown := func(s *wiretest.Unreceipted) { s.Hellos[0].Shown[2] = s.Told.Own[2] }
	untold := func(_ *wiretest.Unreceipted, b *withheld.Bundle) { b.Told = nil }
	answering := func(change story) story {
		return func(s *wiretest.Unreceipted) { change(s); s.Answer() }
	}
	good := put("told", "", nil, nil)
	m.frame(good)
	m.put("tag", fault.OctetsUnknown, at(good, 0, 'P'))
	m.put("claim-ed25519", fault.WithheldClaim, at(good, len(good)-2484, good[len(good)-2484]^1))
	m.put("claim-ml-dsa-44", fault.WithheldClaim, at(good, len(good)-1, good[len(good)-1]^1))
	put("shown", "", shown, untold)
	put("stored", "", func(s *wiretest.Unreceipted) {
		s.Hellos[2].Stored[2], s.Hellos[2].State = statement.Size{Size: s.At + 1}, contact.Full
	}, nil)
	renewed := func(generation uint32) story {
		return func(s *wiretest.Unreceipted) {
			s.Begin(0, statement.Routine)
			log := s.Log(0, statement.Routine)
			s.Told.Own[2] = contact.Sized{Size: statement.Size{Generation: 1, Size: log.Tree.Size}, Root: log.RootAt(log.Tree.Size)}
			s.Answer()
			s.Hellos[2].Stored[2] = statement.Size{Generation: generation, Size: s.At + 1}
		}
	}
	put("next-generation", "", renewed(1), nil)
	put("next-generation-stored-before", "", renewed(0), nil)
	put("leaf-alone", "", nil, func(_ *wiretest.Unreceipted, b *withheld.Bundle) { b.Sealed, b.Attempts = nil, nil })
	put("answer-alone", "", nil, func(_ *wiretest.Unreceipted, b *withheld.Bundle) { b.Hellos = b.Hellos[:1] })
	putAct(put)
	more := map[string]struct {
		expect fault.Code
		tell   story
		change bundle
	}{
		"65-hellos":          {fault.OctetsLong, nil, func(_ *wiretest.Unreceipted, b *withheld.Bundle) { b.Hellos = slices.Repeat(b.Hellos[:1], 65) }},
		"time-2-63":          {fault.WithheldClaim, nil, func(_ *wiretest.Unreceipted, b *withheld.Bundle) { b.Time = -1 }},
		"attempt-2-63":       {fault.WithheldClaim, nil, func(_ *wiretest.Unreceipted, b *withheld.Bundle) { b.Attempts[0].First = -1 }},
		"nothing-shown":      {fault.WithheldTold, nil, untold},
		"no-hello":           {fault.WithheldTold, nil, func(_ *wiretest.Unreceipted, b *withheld.Bundle) { b.Hellos = nil }},
		"other-nonce":        {fault.WithheldTold, func(s *wiretest.Unreceipted) { s.Hellos[0].Answers[0] ^= 1 }, nil},
		"nonce-reused":       {fault.WithheldTold, func(s *wiretest.Unreceipted) { s.Told.Own[1].Size.Size++ }, nil},
		"nonce-zero":         {fault.WithheldTold, func(s *wiretest.Unreceipted) { s.Told.Nonce, s.Hellos[0].Answers = [16]byte{}, [16]byte{} }, nil},
		"told-root":          {fault.WithheldTold, answering(func(s *wiretest.Unreceipted) { s.Told.Own[2].Root[0] ^= 1 }), nil},
		"told-size":          {fault.WithheldTold, answering(func(s *wiretest.Unreceipted) { s.Told.Own[2].Size.Size-- }), nil},
		"told-generation":    {fault.WithheldTold, answering(func(s *wiretest.Unreceipted) { s.Told.Own[2].Generation++ }), nil},
		"told-channel":       {fault.WithheldTold, answering(func(s *wiretest.Unreceipted) { s.Told.Own[1], s.Told.Own[2] = s.Told.Own[2], contact.Sized{} }), nil},
		"told-by-the-reader": {fault.WithheldHello, nil, func(_ *wiretest.Unreceipted, b *withheld.Bundle) { b.Told = b.Hellos[0] }},
		"hellos-order":       {fault.WithheldHello, func(s *wiretest.Unreceipted) { s.Hellos[2].Time = s.Hellos[1].Time - 1 }, nil},
		"hello-realm":        {fault.WithheldHello, func(s *wiretest.Unreceipted) { s.Hellos[1].Realm = party.Exercise }, nil},
		"hello-third-party":  {fault.WithheldHello, func(s *wiretest.Unreceipted) { s.Hellos[1].Reader[0] ^= 1 }, nil},
		"hello-of-writer":    {fault.WithheldHello, nil, func(_ *wiretest.Unreceipted, b *withheld.Bundle) { b.Hellos[1] = b.Told }},
		"hello-other-key": {fault.WithheldHello, nil, func(s *wiretest.Unreceipted, b *withheld.Bundle) {
			contact.SignHello(s.Hellos[1], s.P[1].Root)
			b.Hellos[1] = s.Hellos[1].Encode()
		}},
		"hello-state-4":   {fault.ContactHello, func(s *wiretest.Unreceipted) { s.Hellos[1].State = 4 }, nil},
		"hello-short":     {fault.OctetsShort, nil, func(_ *wiretest.Unreceipted, b *withheld.Bundle) { b.Hellos[1] = b.Hellos[1][:100] }},
		"no-card":         {fault.CardFounding, nil, func(_ *wiretest.Unreceipted, b *withheld.Bundle) { b.Cards[1] = nil }},
		"cards-of-writer": {fault.CardOtherLink, nil, func(_ *wiretest.Unreceipted, b *withheld.Bundle) { b.Cards[1] = b.Cards[0] }},
	}
	for _, name := range slices.Sorted(maps.Keys(more)) {
		put(name, more[name].expect, more[name].tell, more[name].change)
	}
}

// putAct puts what is wrong with the entry that is shown.
func putAct(put func(string, fault.Code, func(*wiretest.Unreceipted), func(*wiretest.Unreceipted, *withheld.Bundle)) []byte) {
	lines := func(b *withheld.Bundle) []string { return strings.SplitAfter(b.Act.Head, "\n") }
	entries := map[string]struct {
		expect fault.Code
		change func(*withheld.Bundle)
	}{
		"origin-channel":    {fault.HeadOrigin, func(b *withheld.Bundle) { b.Origin.Channel = statement.Hotline }},
		"origin-generation": {fault.HeadOrigin, func(b *withheld.Bundle) { b.Origin.Generation = 1 }},
		"origin-realm":      {fault.CardOtherLink, func(b *withheld.Bundle) { b.Origin.Realm = party.Exercise }},
		"writer-is-reader":  {fault.CardFounding, func(b *withheld.Bundle) { b.Origin.Reader = b.Origin.Writer }},
		"head-one-line":     {fault.HeadUnsigned, func(b *withheld.Bundle) { l := lines(b); b.Act.Head = strings.Join(l[:5], "") }},
		"head-size":         {fault.HeadSignature, func(b *withheld.Bundle) { l := lines(b); l[1] = "9\n"; b.Act.Head = strings.Join(l, "") }},
		"head-size-zeros":   {fault.HeadMalformed, func(b *withheld.Bundle) { l := lines(b); l[1] = "0" + l[1]; b.Act.Head = strings.Join(l, "") }},
		"path-short":        {fault.LeafProof, func(b *withheld.Bundle) { b.Act.Path = slices.Clone(b.Act.Path[1:]) }},
		"leaf-changed": {fault.LeafProof, func(b *withheld.Bundle) {
			b.Act.Leaf = at(b.Act.Leaf, len(b.Act.Leaf)-1, b.Act.Leaf[len(b.Act.Leaf)-1]^1)
		}},
		"leaf-later-epoch":   {fault.LeafEpoch, func(b *withheld.Bundle) { b.Act.Leaf = at(b.Act.Leaf, len(b.Act.Leaf)-72, 1) }},
		"leaf-suite-2":       {fault.OctetsUnknown, func(b *withheld.Bundle) { b.Act.Leaf = at(b.Act.Leaf, 1, 2) }},
		"sealed-other-bytes": {fault.PartsCommitment, func(b *withheld.Bundle) { b.Sealed = append(bytes.Clone(b.Sealed), 0) }},
	}
	for _, name := range slices.Sorted(maps.Keys(entries)) {
		put(name, entries[name].expect, nil, func(_ *wiretest.Unreceipted, b *withheld.Bundle) { entries[name].change(b) })
	}
}

// readWithheld verifies a bundle, with the fingerprints of both parties.
func readWithheld(v wiretest.Vector) ([]byte, error) {
	p := wiretest.Parties()
	if _, err := withheld.Verify(v.Body, p[0].Card.Party, p[1].Card.Party); err != nil {
		return nil, err
	}
	b, err := withheld.Decode(v.Body)
	return again(b, err, (*withheld.Bundle).Encode)
}
