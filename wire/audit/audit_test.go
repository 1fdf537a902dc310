package audit_test

import (
	"bytes"
	"crypto/ed25519"
	"os"
	"sync/atomic"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"parley.example/wire/act"
	"parley.example/wire/audit"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

const (
	body    = `{"handling":"amber","said":{"lang":"en","text":"we accept"}}`
	routine = statement.Routine
)

// story is a record in which the first party has said three acts, the second of
// which is disclosed; the other has receipted them one by one.
type story struct {
	*wiretest.World
	at       uint64
	receipts []uint64
}

func tell() *story {
	s := &story{World: wiretest.NewWorld()}
	for i := range 3 {
		d := s.Draft(0, routine, act.RequestAnswer, &statement.Ref{Higher: true}, []byte(body), &statement.Attachment{Name: "a.txt", Media: "text/plain"})
		at := s.Say(0, routine, d, s.P[0].SignBy(d.ToSign()))
		if i == 1 {
			s.at = at
		}
		s.receipts = append(s.receipts, s.Receipt(1, routine))
	}
	return s
}

func ours(position uint64) wiretest.Pick { return wiretest.Pick{Channel: routine, Position: position} }
func theirs(position uint64) wiretest.Pick {
	return wiretest.Pick{Side: 1, Channel: routine, Position: position}
}

func (s *story) bundle() *audit.Bundle { return s.Bundle(ours(s.at), theirs(s.receipts[1])) }

func (s *story) founding() []party.ID { return []party.ID{s.P[1].Card.Party, s.P[0].Card.Party} }

func check(t *testing.T, b *audit.Bundle, known ...party.ID) *audit.Finding {
	t.Helper()
	f, err := audit.Verify(b.Encode(), known...)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Spec: DIS-1, DIS-5, DIS-6, DIS-7, DIS-8, DIS-9, DIS-12. What a good
// disclosure of one act proves.
func TestFinding(t *testing.T) {
	s := tell()
	f := check(t, s.bundle(), s.founding()...)
	log := s.Log(0, routine)
	a := f.Acts[0]
	if len(f.Acts) != 1 || a.Position != s.at || a.Time != log.Leaves[s.at].Time || f.Heads[0].Size != log.Tree.Size || f.Heads[0].Card != 1 || !f.Parties[0].Compared {
		t.Errorf("%+v", f)
	}
	if a.Receipt == nil || a.Receipt.Time != s.Log(1, routine).Leaves[s.receipts[1]].Time || a.Receipt.Position != s.receipts[1] || !a.Receipt.Higher || a.Verdict != 0 || a.Withheld != 0 {
		t.Errorf("%+v", a)
	}
	if string(a.Body) != body || a.Statement.Kind != act.RequestAnswer || a.Slip.Number != 2 || len(a.Attached) != 1 || a.Short != statement.Short(log.Acts[s.at].List[1]) {
		t.Errorf("%+v", a)
	}
	officer := s.P[0].Card.Officers[0]
	if len(a.Persons) != 1 || a.Persons[0] != (audit.Person{Name: officer.Name, Role: officer.Role, Key: officer.KeyID(), Card: 1}) {
		t.Errorf("%+v", a.Persons)
	}
	if f = check(t, s.bundle()); f.Parties[0].Compared || f.Parties[1].Compared { // not checked, and said so by the program
		t.Errorf("%+v", f.Parties)
	}
}

func recode(b []byte) ([]byte, error) {
	bundle, err := audit.Decode(b)
	if err != nil {
		return nil, err
	}
	return bundle.Encode(), nil
}

func recodeProof(b []byte) ([]byte, error) {
	p, err := audit.DecodeProof(b)
	if err != nil {
		return nil, err
	}
	return p.Encode(), nil
}

// Spec: DIS-1, DIS-25, OCT-7, OCT-8, OCT-9, OCT-10.
func TestStrict(t *testing.T) {
	for _, kind := range []string{"disclosure", "proof"} {
		for _, v := range wiretest.Vectors(t, kind) {
			if v.Expect != "" {
				continue
			}
			decode := recode
			if kind == "proof" {
				decode = recodeProof
			}
			wiretest.Strict(t, v.Body, decode)
			for i := range 16 {
				bad := bytes.Clone(v.Body)
				bad[i] ^= 0x20
				_, err := decode(bad)
				wiretest.Code(t, err, fault.OctetsUnknown)
			}
		}
	}
	_, err := audit.Decode(make([]byte, audit.MaxBundle+1))
	wiretest.Code(t, err, fault.OctetsLong)
}

// Spec: DIS-11. Every bit of whole disclosures and proofs is flipped, and none
// verifies. With PARLEY_LONG all of it; otherwise all but the insides of
// ML-DSA-44 keys and signatures and of sealing keys, of which every 16th byte
// loses one bit; and under the race detector, and in all files but the first,
// one bit of every byte.
func TestEveryBit(t *testing.T) {
	p := wiretest.Parties()
	for _, file := range []string{"disclosure/receipted", "disclosure/custody", "disclosure/verdict-false", "disclosure/generation", "proof/fork", "proof/generation"} {
		t.Run(file, func(t *testing.T) {
			raw, err := os.ReadFile("../../spec/vectors/" + file + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			v, err := wiretest.ParseVector(file, raw)
			if err != nil {
				t.Fatal(err)
			}
			verify := func(b []byte) error { _, err := audit.Verify(b, p[0].Card.Party, p[1].Card.Party); return err }
			if v.Kind == "proof" {
				verify = func(b []byte) error {
					_, err := audit.VerifyProof(b, p[0].Card.Party, p[1].Card.Party)
					return err
				}
			}
			again := file != "disclosure/receipted"
			flip(t, v.Body, inside(v.Body, again), again, verify)
		})
	}
}

// inside marks what is long and random: keys, signatures and base64 of heads;
// and the cards whole, where another file has their every bit flipped.
func inside(good []byte, cards bool) []bool {
	marked := make([]bool, len(good))
	mark := func(part []byte) {
		for at := 0; ; {
			i := bytes.Index(good[at:], part)
			if i < 0 || len(part) == 0 {
				return
			}
			for k := range part {
				marked[at+i+k] = true
			}
			at += i + len(part)
		}
	}
	for _, p := range wiretest.Parties() {
		for _, k := range [][]byte{p.Card.Root.MLDSA44[:], p.Card.Sign.MLDSA44[:], p.Card.Signature.MLDSA44[:], p.Card.Seal[:], p.Card.Archive[:]} {
			mark(k)
		}
		if cards {
			mark(p.Card.Encode())
		}
	}
	for _, line := range bytes.Split(good, []byte("\n")) {
		if len(line) > 3000 && bytes.HasPrefix(line, []byte("— ")) {
			mark(line[200:2900])
		}
	}
	return marked
}

func flip(t *testing.T, good []byte, inside []bool, sparse bool, verify func([]byte) error) {
	if err := verify(good); err != nil {
		t.Fatal(err)
	}
	long := os.Getenv("PARLEY_LONG") != ""
	const shards = 8
	var flipped atomic.Int64
	t.Run("shards", func(t *testing.T) {
		for shard := range shards {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				bad := bytes.Clone(good)
				for i := shard; i < len(bad); i += shards {
					for bit := range 8 {
						if !long && (inside[i] && i/shards%16 != 0 || (inside[i] || sparse) && bit != i/256%8) {
							continue
						}
						bad[i] ^= 1 << bit
						flipped.Add(1)
						if err := verify(bad); err == nil {
							t.Errorf("bit %d of byte %d of %d can be flipped", bit, i, len(bad))
						} else if fault.CodeOf(err) == fault.Internal {
							t.Errorf("byte %d: a fault without a code: %v", i, err)
						}
						bad[i] ^= 1 << bit
					}
				}
			})
		}
	})
	t.Logf("%d bits of %d flipped", flipped.Load(), 8*len(good))
}

// Spec: DIS-2, DIS-3, DIS-4, PAR-10, PAR-11. A head by the key of an older card
// counts too, and its serial is told.
func TestCards(t *testing.T) {
	s := tell()
	other := wiretest.Key("another party").Public().Hash()
	next := wiretest.Successor(s.P[0].Card, s.P[1].Card.Party, s.P[0].Root, func(c *party.Card) { c.Addresses = nil })
	newer := wiretest.Successor(s.P[0].Card, s.P[1].Card.Party, s.P[0].Root, func(c *party.Card) { c.Sign = wiretest.Key("newer").Public() })
	elsewhere := wiretest.Successor(s.P[0].Card, other, s.P[0].Root, nil)
	exercise := *s.P[0].Card
	exercise.Realm = party.Exercise
	exercise.Signature = s.P[0].Root.Sign(exercise.ToSign())
	for name, c := range map[string]struct {
		cards [][]byte
		known []party.ID
		want  fault.Code
		card  uint32
	}{
		"the founding card":      {[][]byte{s.P[0].Card.Encode()}, s.founding(), "", 1},
		"and one more":           {[][]byte{s.P[0].Card.Encode(), next.Encode()}, s.founding(), "", 2},
		"and one of another key": {[][]byte{s.P[0].Card.Encode(), newer.Encode()}, s.founding(), "", 1},
		"one fingerprint known":  {[][]byte{s.P[0].Card.Encode()}, s.founding()[:1], "", 1},
		"another party wanted":   {[][]byte{s.P[0].Card.Encode()}, []party.ID{other, s.founding()[1]}, fault.CardFounding, 0},
		"none":                   {nil, s.founding(), fault.CardFounding, 0},
		"without the founding":   {[][]byte{next.Encode()}, s.founding(), fault.CardFounding, 0},
		"the founding one twice": {[][]byte{s.P[0].Card.Encode(), s.P[0].Card.Encode()}, s.founding(), fault.CardOtherLink, 0},
		"of the other party":     {[][]byte{s.P[1].Card.Encode()}, s.founding(), fault.CardOtherLink, 0},
		"of another link":        {[][]byte{s.P[0].Card.Encode(), elsewhere.Encode()}, s.founding(), fault.CardOtherLink, 0},
		"of another realm":       {[][]byte{exercise.Encode()}, s.founding(), fault.CardOtherLink, 0},
		"no card at all":         {[][]byte{{1, 2, 3}}, s.founding(), fault.OctetsShort, 0},
	} {
		b := s.bundle()
		b.Cards[0] = c.cards
		f, err := audit.Verify(b.Encode(), c.known...)
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
		if err == nil && f.Heads[0].Card != c.card {
			t.Errorf("%s: signed by card %d", name, f.Heads[0].Card)
		}
	}
}

// Spec: DIS-4, DIS-13, DIS-14, DIS-15.
func TestEntry(t *testing.T) {
	s := tell()
	size := s.Log(0, routine).Tree.Size
	of := func(l audit.Log) func(b *audit.Bundle) { return func(b *audit.Bundle) { b.Logs[0] = l } }
	marked := s.receipts[1:2]
	for name, c := range map[string]struct {
		change func(b *audit.Bundle)
		want   fault.Code
	}{
		"as it is":                {func(*audit.Bundle) {}, ""},
		"a node too many":         {func(b *audit.Bundle) { b.Logs[0].Nodes = append(b.Logs[0].Nodes, tlog.Hash{}) }, fault.LeafProof},
		"a node missing":          {func(b *audit.Bundle) { b.Logs[0].Nodes = b.Logs[0].Nodes[1:] }, fault.LeafProof},
		"two nodes swapped":       {func(b *audit.Bundle) { n := b.Logs[0].Nodes; n[0], n[1] = n[1], n[0] }, fault.LeafProof},
		"an epoch, with no parts": {of(s.Shown(0, routine, size, []uint64{0}, marked)), fault.DisclosureOrder},
		"a leaf that is not there": {func(b *audit.Bundle) {
			l := *s.Log(0, 3).Leaves[s.at]
			l.Position = size
			b.Logs[0].Shown[0].Leaf = l.Encode()
		}, fault.LeafProof},
		"another position": {func(b *audit.Bundle) {
			l := *s.Log(0, 3).Leaves[s.at]
			l.Position++
			b.Logs[0].Shown[0].Leaf = l.Encode()
		}, fault.LeafProof},
		"a position of 2^63": {func(b *audit.Bundle) {
			l := *s.Log(0, 3).Leaves[s.at]
			l.Position = 1 << 63
			b.Logs[0].Shown[0].Leaf = l.Encode()
		}, fault.LeafProof},
		"a leaf that breaks a rule": {func(b *audit.Bundle) {
			l := *s.Log(0, 3).Leaves[s.at]
			l.Epoch = l.Position
			b.Logs[0].Shown[0].Leaf = l.Encode()
		}, fault.LeafEpoch},
		"a commitment less":         {func(b *audit.Bundle) { b.Logs[0].Shown[0].Parts = b.Logs[0].Shown[0].Parts[:4] }, fault.PartsCommitment},
		"the head of the other log": {func(b *audit.Bundle) { b.Logs[0].Head = b.Logs[1].Head }, fault.HeadOrigin},
		"a head the reader signed":  {func(b *audit.Bundle) { b.Logs[0].Head = suite.SignHead(s.Log(0, 3).Head(), s.P[1].Sign) }, fault.HeadUnsigned},
		"a head of 2^63": {func(b *audit.Bundle) {
			h := s.Log(0, 3).Head()
			h.Size = 1 << 63
			b.Logs[0].Head = suite.SignHead(h, s.P[0].Sign)
		}, fault.LeafProof},
		"a head of nothing": {func(b *audit.Bundle) {
			h := s.Log(0, 3).Head()
			h.Size = 0
			b.Logs = b.Logs[:1]
			b.Logs[0].Head = suite.SignHead(h, s.P[0].Sign)
		}, fault.LeafProof},
		"a head smaller than a leaf": {func(b *audit.Bundle) { b.Logs = b.Logs[:1]; b.Logs[0].Head = s.Head(0, routine, s.at) }, fault.LeafProof},
		"another generation":         {func(b *audit.Bundle) { b.Logs[0].Generation = 1 }, fault.HeadOrigin},
		"another channel":            {func(b *audit.Bundle) { b.Logs[0].Channel = statement.Hotline }, fault.HeadOrigin},
		"channel 0":                  {func(b *audit.Bundle) { b.Logs[0].Channel = 0 }, fault.DisclosureOrder},
		"channel 4":                  {func(b *audit.Bundle) { b.Logs[1].Channel = 4 }, fault.DisclosureOrder},
		"the other direction":        {func(b *audit.Bundle) { b.Logs[0].Higher, b.Logs[1].Higher = true, false }, fault.HeadOrigin},
		"a log twice":                {func(b *audit.Bundle) { b.Logs[1] = b.Logs[0] }, fault.DisclosureOrder},
		"a leaf twice":               {func(b *audit.Bundle) { l := &b.Logs[0]; l.Shown = append(l.Shown, l.Shown[0]) }, fault.DisclosureOrder},
		"no log":                     {func(b *audit.Bundle) { b.Logs = nil }, fault.DisclosureOrder},
	} {
		b := s.bundle()
		c.change(b)
		_, err := audit.Verify(b.Encode(), s.founding()...)
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %q (%v), want %q", name, got, err, c.want)
		}
	}
}

// Spec: DIS-14. Of trees of all sizes to 40, any leaves and any earlier roots
// are proved by the hashes made for them, and by nothing less.
func TestProve(t *testing.T) {
	w := wiretest.NewWorld()
	d := w.Draft(0, routine, act.RequestOpen, nil, []byte("{}"))
	w.Say(0, routine, d)
	for range 38 {
		w.Receipt(1, routine)
		w.Say(0, routine, w.Draft(0, routine, act.RequestRemind, &statement.Ref{Position: 1}, []byte("{}")))
	}
	log, back := w.Log(0, routine), w.Log(1, routine)
	singles := 0
	for size := uint64(2); size <= log.Tree.Size; size++ {
		var picks, receipts []uint64
		for i := uint64(1); i < size; i += 1 + size%5 {
			picks = append(picks, i)
			if r := i - 1; r < back.Tree.Size && back.Leaves[r].Size.Size <= size {
				receipts = append(receipts, r)
			}
		}
		b := &audit.Bundle{Parties: w.Parties(), Logs: []audit.Log{w.Shown(0, routine, size, picks, receipts), w.Shown(1, routine, back.Tree.Size, receipts, nil)}}
		f := check(t, b)
		if len(f.Acts) != len(picks) {
			t.Errorf("%d: %d acts of %d", size, len(f.Acts), len(picks))
		}
		for i := range b.Logs[0].Nodes {
			bad := *b
			bad.Logs = append([]audit.Log{}, b.Logs...)
			bad.Logs[0].Nodes = append(append([]tlog.Hash{}, b.Logs[0].Nodes[:i]...), b.Logs[0].Nodes[i+1:]...)
			_, err := audit.Verify(bad.Encode())
			wiretest.Code(t, err, fault.LeafProof)
		}
		singles += len(b.Logs[0].Nodes)
	}
	if singles == 0 {
		t.Error("no proof needed a hash")
	}
}

// Spec: DIS-5, DIS-6, LED-17. Of all the receipts of a log only one is that of
// an entry: the one that covers it first.
func TestReceipts(t *testing.T) {
	s := tell()
	for i, r := range s.receipts {
		f := check(t, s.Bundle(ours(s.at), theirs(r)))
		if got := f.Acts[0].Receipt; (got != nil) != (i == 1) {
			t.Errorf("receipt %d: %+v", i, got)
		}
	}
	smaller := func(b *audit.Bundle) { // the receipt goes beyond the head of the log it is of
		b.Logs[0] = s.Shown(0, routine, s.at+1, []uint64{s.at}, nil)
		b.Logs[1] = s.Shown(1, routine, s.Log(1, routine).Tree.Size, s.receipts[2:], nil)
	}
	for name, c := range map[string]struct {
		change func(b *audit.Bundle)
		want   fault.Code
	}{
		"of a log not shown": {func(b *audit.Bundle) { b.Logs = b.Logs[1:] }, fault.LeafReceipt},
		"beyond the head":    {smaller, fault.LeafReceipt},
		"of another root": {func(b *audit.Bundle) {
			w := tell() // the same record again, with other salts
			b.Logs[1] = w.Shown(1, routine, w.Log(1, routine).Tree.Size, w.receipts[1:2], nil)
		}, fault.LeafReceipt},
		"no receipt": {func(b *audit.Bundle) { b.Logs = []audit.Log{s.Shown(0, routine, s.at+1, []uint64{s.at}, nil)} }, ""},
	} {
		b := s.bundle()
		c.change(b)
		_, err := audit.Verify(b.Encode(), s.founding()...)
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %q (%v), want %q", name, got, err, c.want)
		}
	}
}

// Spec: DIS-5, DIS-10, DIS-21. A verdict is told, and the restatement that was
// read.
func TestVerdict(t *testing.T) {
	w := wiretest.NewWorld()
	d := w.Draft(0, routine, act.RequestOpen, nil, []byte("{}"))
	at := w.Say(0, routine, d)
	receipt := w.Receipt(1, routine, ledger.Verdict{Position: at, Reason: ledger.ReasonSeal})
	f := check(t, w.Bundle(ours(at), theirs(receipt)))
	if a := f.Acts[0]; a.Verdict != ledger.ReasonSeal || a.Receipt == nil || a.Again != nil || a.False {
		t.Errorf("%+v", a)
	}
	leaf := w.Leaf(0, routine, ledger.TypeRestate)
	leaf.Target, leaf.Epoch, leaf.Hash = at, 0, [32]byte{1}
	again := w.Write(0, routine, leaf, nil)
	read := w.Receipt(1, routine)
	f = check(t, w.Bundle(ours(at), ours(again), theirs(receipt), theirs(read)))
	if a := f.Acts[0]; a.Verdict != ledger.ReasonSeal || a.Again == nil || a.Again.Position != read {
		t.Errorf("%+v", a)
	}
}

// Spec: DIS-7. Any part can be withheld; what is shown must be what was
// committed to.
func TestParts(t *testing.T) {
	s := tell()
	for i := range 5 {
		b := s.bundle()
		wiretest.Withhold(&b.Logs[0].Shown[0], i)
		a := check(t, b, s.founding()...).Acts[0]
		if a.Withheld != 1 || (a.Slip == nil) != (i == 0) || (a.Statement == nil) != (i == 1) || (len(a.Persons) == 0) != (i == 1 || i == 2) ||
			(a.Body == nil) != (i == 3) || (len(a.Attached) == 0) != (i == 4) {
			t.Errorf("without part %d: %+v", i, a)
		}
	}
	for name, change := range map[string]func(p []audit.Part){
		"another body":      func(p []audit.Part) { p[3].Content = []byte("we decline") },
		"another salt":      func(p []audit.Part) { p[3].Salt[0] ^= 1 },
		"another place":     func(p []audit.Part) { p[3], p[4] = p[4], p[3] },
		"two parts swapped": func(p []audit.Part) { p[3].Content, p[4].Content = p[4].Content, p[3].Content },
	} {
		b := s.bundle()
		change(b.Logs[0].Shown[0].Parts)
		_, err := audit.Verify(b.Encode(), s.founding()...)
		if !fault.Is(err, fault.PartsCommitment) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Spec: DIS-8, STA-18. An act whose statement was signed for another place is
// a leaf of the log all the same, and does not verify.
func TestStatementElsewhere(t *testing.T) {
	for name, change := range map[string]func(*statement.Statement){
		"another realm":      func(s *statement.Statement) { s.Realm = party.Exercise },
		"another channel":    func(s *statement.Statement) { s.Channel = statement.Hotline },
		"another reader":     func(s *statement.Statement) { s.Reader[0] ^= 1 },
		"another writer":     func(s *statement.Statement) { s.Writer[0] ^= 1 },
		"another generation": func(s *statement.Statement) { s.Generation = 1 },
		"another content":    func(s *statement.Statement) { s.Content[0] ^= 1 },
		"run out":            func(s *statement.Statement) { s.NotAfter = wiretest.Start },
	} {
		w := wiretest.NewWorld()
		d := w.Draft(0, routine, act.RequestOpen, nil, []byte("{}"))
		change(&d.Statement)
		at := w.Say(0, routine, d, w.P[0].SignBy(d.ToSign()))
		_, err := audit.Verify(w.Bundle(ours(at)).Encode())
		if !fault.Is(err, fault.StatementElsewhere) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Spec: DIS-9, STA-17. A signature by somebody who is on no card, or over
// another statement, does not pass; an officer who has left still counts, and
// the card that named him is told.
func TestPersons(t *testing.T) {
	one := func(sign func(w *wiretest.World, signed []byte) statement.PersonSignature, cards func(w *wiretest.World) [][]byte) (*audit.Finding, error) {
		w := wiretest.NewWorld()
		d := w.Draft(0, routine, act.RequestOpen, nil, []byte("{}"))
		at := w.Say(0, routine, d, sign(w, d.ToSign()))
		b := w.Bundle(ours(at))
		b.Cards[0] = cards(w)
		return audit.Verify(b.Encode())
	}
	now := func(w *wiretest.World) [][]byte { return [][]byte{w.P[0].Card.Encode()} }
	good := func(w *wiretest.World, signed []byte) statement.PersonSignature { return w.P[0].SignBy(signed) }
	_, err := one(func(w *wiretest.World, signed []byte) statement.PersonSignature { return w.P[1].SignBy(signed) }, now)
	wiretest.Code(t, err, fault.StatementPerson)
	_, err = one(func(w *wiretest.World, signed []byte) statement.PersonSignature { return w.P[0].SignBy(signed[1:]) }, now)
	wiretest.Code(t, err, fault.StatementSignature)
	_, err = one(func(w *wiretest.World, signed []byte) statement.PersonSignature {
		s := w.P[0].SignBy(signed)
		s.Signature = ed25519.Sign(w.P[1].Officer, statement.PersonMessage(statement.Digest(signed)))
		return s
	}, now)
	wiretest.Code(t, err, fault.StatementSignature)
	left := func(w *wiretest.World) [][]byte {
		return append(now(w), wiretest.Successor(w.P[0].Card, w.P[1].Card.Party, w.P[0].Root, func(c *party.Card) { c.Officers = c.Officers[1:] }).Encode())
	}
	f, err := one(good, left)
	if err != nil || len(f.Acts[0].Persons) != 1 || f.Acts[0].Persons[0].Card != 1 {
		t.Errorf("%+v, %v", f, err)
	}
	stays := func(w *wiretest.World) [][]byte {
		return append(now(w), wiretest.Successor(w.P[0].Card, w.P[1].Card.Party, w.P[0].Root, nil).Encode())
	}
	if f, err = one(good, stays); err != nil || f.Acts[0].Persons[0].Card != 2 {
		t.Errorf("%+v, %v", f, err)
	}
}

// Spec: DIS-1.
func FuzzDecode(f *testing.F) {
	wiretest.Seeds(f, "disclosure")
	wiretest.Seeds(f, "proof")
	f.Fuzz(func(t *testing.T, b []byte) {
		wiretest.Recode(t, b, recode)
		wiretest.Recode(t, b, recodeProof)
	})
}

// Spec: DIS-11. What verifies is one of the files that were made.
func FuzzVerify(f *testing.F) {
	made := map[string]bool{}
	for _, kind := range []string{"disclosure", "proof"} {
		for _, v := range wiretest.Vectors(f, kind) {
			f.Add(v.Body)
			made[string(v.Body)] = true
		}
	}
	p := wiretest.Parties()
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := audit.Verify(b, p[0].Card.Party, p[1].Card.Party); err == nil && !made[string(b)] {
			t.Errorf("%x verifies", b)
		}
		if _, err := audit.VerifyProof(b, p[0].Card.Party, p[1].Card.Party); err == nil && !made[string(b)] {
			t.Errorf("%x verifies as a proof", b)
		}
	})
}
