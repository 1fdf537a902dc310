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

const body = `{"handling":"amber","said":{"lang":"en","text":"we accept"}}`

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
		d := s.Draft(0, statement.Routine, act.RequestAnswer, &statement.Ref{Higher: true}, []byte(body), &statement.Attachment{Name: "a.txt", Media: "text/plain"})
		at := s.Say(0, statement.Routine, d, s.P[0].SignBy(d.ToSign()))
		if i == 1 {
			s.at = at
		}
		s.receipts = append(s.receipts, s.Receipt(1, statement.Routine))
	}
	return s
}

func (s *story) bundle() *audit.Bundle {
	return s.Bundle(0, statement.Routine, s.at, int(s.receipts[1]))
}

func (s *story) founding() [2]party.ID {
	return [2]party.ID{s.P[0].Card.Party, s.P[1].Card.Party}
}

// Spec: DIS-1, DIS-4, DIS-5, DIS-6, DIS-7, DIS-8, DIS-9, DIS-10, DIS-12. What a
// good bundle proves.
func TestFinding(t *testing.T) {
	s := tell()
	f, err := audit.Verify(s.bundle().Encode(), s.founding())
	if err != nil {
		t.Fatal(err)
	}
	log := s.Log(0, statement.Routine)
	if f.Position != s.at || f.Time != log.Leaves[s.at].Time || f.Head.Size != log.Tree.Size || f.Origin != log.Origin {
		t.Errorf("%+v", f)
	}
	if f.Receipted != s.Log(1, statement.Routine).Leaves[s.receipts[1]].Time || f.Verdict != 0 || f.Withheld != 0 {
		t.Errorf("receipted %d, verdict %d, withheld %d", f.Receipted, f.Verdict, f.Withheld)
	}
	if string(f.Body) != body || f.Statement.Kind != act.RequestAnswer || f.Slip.Number != 1 || len(f.Attached) != 1 || f.Short != statement.Short(log.Acts[s.at].List[1]) {
		t.Errorf("%s, %+v", f.Body, f.Statement)
	}
	officer := s.P[0].Card.Officers[0]
	if len(f.Persons) != 1 || f.Persons[0] != (audit.Person{Name: officer.Name, Role: officer.Role, Key: officer.KeyID(), Card: 1}) {
		t.Errorf("%+v", f.Persons)
	}
	if f.Names[0] != s.P[0].Card.Names[0]+" · "+s.P[0].Card.Names[1] {
		t.Errorf("%q", f.Names)
	}
	_, err = audit.Verify(s.bundle().Encode(), [2]party.ID{}) // not checked, and said so by the program
	wiretest.Code(t, err, "")
}

func recode(b []byte) ([]byte, error) {
	bundle, err := audit.Decode(b)
	if err != nil {
		return nil, err
	}
	return bundle.Encode(), nil
}

// Spec: DIS-1, OCT-8, OCT-9, OCT-10.
func TestStrict(t *testing.T) {
	good := tell().bundle().Encode()
	wiretest.Strict(t, good, recode)
	for i := range 21 {
		bad := bytes.Clone(good)
		bad[i] ^= 0x20
		_, err := audit.Decode(bad)
		wiretest.Code(t, err, fault.OctetsUnknown)
	}
}

// Spec: DIS-11. Every bit of a whole bundle is flipped, and none verifies. With
// PARLEY_LONG all of it; otherwise all but the insides of ML-DSA-44 keys and
// signatures and of sealing keys, of which every 16th byte loses one bit; and
// under the race detector one bit of every byte.
func TestEveryBit(t *testing.T) {
	s := tell()
	good := s.bundle().Encode()
	founding := s.founding()
	if _, err := audit.Verify(good, founding); err != nil {
		t.Fatal(err)
	}
	inside := make([]bool, len(good))
	for _, p := range s.P {
		for _, k := range [][]byte{p.Card.Root.MLDSA44[:], p.Card.Sign.MLDSA44[:], p.Card.Signature.MLDSA44[:], p.Card.Seal[:], p.Card.Archive[:]} {
			mark(t, inside, good, k)
		}
	}
	for _, head := range []string{s.bundle().Act.Head, s.bundle().Receipt.Head} {
		mark(t, inside, good, []byte(head)[400:len(head)-60]) // within the base64 of the second line
	}
	long := os.Getenv("PARLEY_LONG") != ""
	const shards = 16
	var flipped atomic.Int64
	t.Run("shards", func(t *testing.T) {
		for shard := range shards {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				bad := bytes.Clone(good)
				for i := shard; i < len(bad); i += shards {
					for bit := range 8 {
						if !long && (inside[i] && i/shards%16 != 0 || (inside[i] || raced) && bit != i/256%8) {
							continue
						}
						bad[i] ^= 1 << bit
						flipped.Add(1)
						if _, err := audit.Verify(bad, founding); err == nil {
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

func mark(t *testing.T, inside []bool, all, part []byte) {
	t.Helper()
	at := bytes.Index(all, part)
	if at < 0 {
		t.Fatal("a key is not in the bundle")
	}
	for i := range part {
		inside[at+i] = true
	}
}

// Spec: DIS-2, DIS-3, PAR-10, PAR-11.
func TestCards(t *testing.T) {
	s := tell()
	other := wiretest.Key("another party").Public().Hash()
	next := wiretest.Successor(s.P[0].Card, s.P[1].Card.Party, s.P[0].Root, func(c *party.Card) { c.Addresses = nil })
	elsewhere := wiretest.Successor(s.P[0].Card, other, s.P[0].Root, nil)
	exercise := *s.P[0].Card
	exercise.Realm = party.Exercise
	exercise.Signature = s.P[0].Root.Sign(exercise.ToSign())
	for name, c := range map[string]struct {
		cards    [][]byte
		founding [2]party.ID
		want     fault.Code
	}{
		"the founding card":      {[][]byte{s.P[0].Card.Encode()}, s.founding(), ""},
		"and one more":           {[][]byte{s.P[0].Card.Encode(), next.Encode()}, s.founding(), ""},
		"another writer wanted":  {[][]byte{s.P[0].Card.Encode()}, [2]party.ID{other, s.founding()[1]}, fault.CardFounding},
		"another reader wanted":  {[][]byte{s.P[0].Card.Encode()}, [2]party.ID{s.founding()[0], other}, fault.CardFounding},
		"swapped":                {[][]byte{s.P[0].Card.Encode()}, [2]party.ID{s.founding()[1], s.founding()[0]}, fault.CardFounding},
		"none":                   {nil, s.founding(), fault.CardFounding},
		"without the founding":   {[][]byte{next.Encode()}, s.founding(), fault.CardFounding},
		"the founding one twice": {[][]byte{s.P[0].Card.Encode(), s.P[0].Card.Encode()}, s.founding(), fault.CardOtherLink},
		"of the other party":     {[][]byte{s.P[1].Card.Encode()}, s.founding(), fault.CardOtherLink},
		"of another link":        {[][]byte{s.P[0].Card.Encode(), elsewhere.Encode()}, s.founding(), fault.CardOtherLink},
		"of another realm":       {[][]byte{exercise.Encode()}, s.founding(), fault.CardOtherLink},
		"no card at all":         {[][]byte{{1, 2, 3}}, s.founding(), fault.OctetsShort},
	} {
		b := s.bundle()
		b.Cards[0] = c.cards
		_, err := audit.Verify(b.Encode(), c.founding)
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Spec: DIS-4.
func TestEntry(t *testing.T) {
	s := tell()
	size := s.Log(0, statement.Routine).Tree.Size
	for name, c := range map[string]struct {
		change func(b *audit.Bundle)
		want   fault.Code
	}{
		"a longer path":             {func(b *audit.Bundle) { b.Act.Path = append(b.Act.Path, tlog.Hash{}) }, fault.LeafProof},
		"a shorter path":            {func(b *audit.Bundle) { b.Act.Path = b.Act.Path[1:] }, fault.LeafProof},
		"another leaf":              {func(b *audit.Bundle) { b.Act = s.Proved(0, 3, s.at+1, size) }, fault.PartsCommitment},
		"an epoch":                  {func(b *audit.Bundle) { b.Act = s.Proved(0, 3, 0, size) }, fault.PartsCommitment},
		"a leaf that is not there":  {func(b *audit.Bundle) { l := *s.Log(0, 3).Leaves[s.at]; l.Position = size; b.Act.Leaf = l.Encode() }, fault.LeafProof},
		"another position":          {func(b *audit.Bundle) { l := *s.Log(0, 3).Leaves[s.at]; l.Position--; b.Act.Leaf = l.Encode() }, fault.LeafProof},
		"a commitment less":         {func(b *audit.Bundle) { b.Commitments = b.Commitments[:4] }, fault.PartsCommitment},
		"another commitment":        {func(b *audit.Bundle) { b.Commitments[3][0] ^= 1 }, fault.PartsCommitment},
		"the head of the other log": {func(b *audit.Bundle) { b.Act.Head = s.Head(1, 3, 3) }, fault.HeadOrigin},
		"a head the reader signed":  {func(b *audit.Bundle) { b.Act.Head = suite.SignHead(s.Log(0, 3).Head(), s.P[1].Sign) }, fault.HeadUnsigned},
		"a head of 2^63": {func(b *audit.Bundle) {
			h := s.Log(0, 3).Head()
			h.Size = 1 << 63
			b.Act.Head = suite.SignHead(h, s.P[0].Sign)
		}, fault.LeafProof},
		"another generation":  {func(b *audit.Bundle) { b.Origin.Generation = 1 }, fault.HeadOrigin},
		"another channel":     {func(b *audit.Bundle) { b.Origin.Channel = statement.Hotline }, fault.HeadOrigin},
		"the other direction": {func(b *audit.Bundle) { b.Origin.Writer, b.Origin.Reader = b.Origin.Reader, b.Origin.Writer }, fault.CardFounding},
	} {
		b := s.bundle()
		c.change(b)
		_, err := audit.Verify(b.Encode(), s.founding())
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %q (%v), want %q", name, got, err, c.want)
		}
	}
}

// Spec: DIS-5, DIS-6, LED-17. Of all the receipts of a log only one verifies
// for an entry: the one that covers it first.
func TestReceipts(t *testing.T) {
	s := tell()
	for i, r := range s.receipts {
		want := fault.LeafReceipt
		if i == 1 {
			want = ""
		}
		_, err := audit.Verify(s.Bundle(0, statement.Routine, s.at, int(r)).Encode(), s.founding())
		if got := fault.CodeOf(err); got != want {
			t.Errorf("receipt %d: %q, want %q", i, got, want)
		}
	}
	back := s.Log(1, statement.Routine)
	forged := *back.Leaves[s.receipts[1]] // the reader writes one that begins earlier, into its own log
	for name, c := range map[string]struct {
		change func(b *audit.Bundle)
		want   fault.Code
	}{
		"none":                        {func(b *audit.Bundle) { b.Receipt, b.Consistency = nil, nil }, ""},
		"none, but a proof":           {func(b *audit.Bundle) { b.Receipt = nil }, fault.LeafProof},
		"a proof missing":             {func(b *audit.Bundle) { b.Consistency = nil }, fault.LeafReceipt},
		"a proof too long":            {func(b *audit.Bundle) { b.Consistency = append(b.Consistency, tlog.Hash{}) }, fault.LeafReceipt},
		"the act as its receipt":      {func(b *audit.Bundle) { b.Receipt = &b.Act }, fault.HeadOrigin},
		"under a smaller head":        {func(b *audit.Bundle) { p := s.Proved(1, 3, s.receipts[1], s.receipts[1]+1); b.Receipt = &p }, ""},
		"a leaf that is not under it": {func(b *audit.Bundle) { b.Receipt.Leaf = forged.Encode(); b.Receipt.Path = nil }, fault.LeafProof},
		"of another size of the log":  {func(b *audit.Bundle) { b.Act = s.Proved(0, 3, s.at, s.at+1) }, fault.LeafReceipt},
		"a head of nobody's":          {func(b *audit.Bundle) { b.Receipt.Head = "x\n1\nAA==\n" }, fault.HeadMalformed},
		"a leaf that does not read":   {func(b *audit.Bundle) { b.Receipt.Leaf = nil }, fault.OctetsUnknown},
		"a head of the control log":   {func(b *audit.Bundle) { b.Receipt.Head = s.Head(1, 1, 0) }, fault.HeadOrigin},
	} {
		b := s.bundle()
		c.change(b)
		_, err := audit.Verify(b.Encode(), s.founding())
		if got := fault.CodeOf(err); got != c.want && !(c.want == fault.OctetsUnknown && got == fault.OctetsShort) {
			t.Errorf("%s: %q (%v), want %q", name, got, err, c.want)
		}
	}
}

// Spec: DIS-5, DIS-6, DIS-10. The receipt of the newest head needs no proof of
// consistency, and its verdict is told.
func TestReceiptOfTheHead(t *testing.T) {
	w := wiretest.NewWorld()
	d := w.Draft(0, statement.Routine, act.RequestOpen, nil, []byte("{}"))
	at := w.Say(0, statement.Routine, d)
	receipt := w.Receipt(1, statement.Routine, ledger.Verdict{Position: at, Reason: ledger.ReasonSeal})
	f, err := audit.Verify(w.Bundle(0, statement.Routine, at, int(receipt)).Encode(), [2]party.ID{})
	if err != nil || f.Verdict != ledger.ReasonSeal || f.Receipted == 0 {
		t.Errorf("%+v, %v", f, err)
	}
	if f, err = audit.Verify(w.Bundle(0, statement.Routine, at, -1).Encode(), [2]party.ID{}); err != nil || f.Receipted != 0 {
		t.Errorf("%+v, %v", f, err)
	}
}

// Spec: DIS-7. Any part can be withheld; what is shown must be what was
// committed to, each once and in order.
func TestParts(t *testing.T) {
	s := tell()
	for i := range 5 {
		b := s.bundle()
		b.Opened = append(b.Opened[:i:i], b.Opened[i+1:]...)
		f, err := audit.Verify(b.Encode(), s.founding())
		if err != nil {
			t.Fatalf("without part %d: %v", i, err)
		}
		if f.Withheld != 1 || (f.Slip == nil) != (i == 0) || (f.Statement == nil) != (i == 1) || (len(f.Persons) == 0) != (i == 1 || i == 2) ||
			(f.Body == nil) != (i == 3) || (len(f.Attached) == 0) != (i == 4) {
			t.Errorf("without part %d: %+v", i, f)
		}
	}
	for name, change := range map[string]func(b *audit.Bundle){
		"another body":      func(b *audit.Bundle) { b.Opened[3].Part = []byte("we decline") },
		"another salt":      func(b *audit.Bundle) { b.Opened[3].Salt[0] ^= 1 },
		"another place":     func(b *audit.Bundle) { b.Opened[3].Index = 4 },
		"a place beyond":    func(b *audit.Bundle) { b.Opened[4].Index = 5 },
		"a part twice":      func(b *audit.Bundle) { b.Opened = append(b.Opened, b.Opened[4]) },
		"out of order":      func(b *audit.Bundle) { b.Opened[0], b.Opened[1] = b.Opened[1], b.Opened[0] },
		"two parts swapped": func(b *audit.Bundle) { b.Opened[3].Part, b.Opened[4].Part = b.Opened[4].Part, b.Opened[3].Part },
	} {
		b := s.bundle()
		change(b)
		_, err := audit.Verify(b.Encode(), s.founding())
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
		d := w.Draft(0, statement.Routine, act.RequestOpen, nil, []byte("{}"))
		change(&d.Statement)
		at := w.Say(0, statement.Routine, d, w.P[0].SignBy(d.ToSign()))
		_, err := audit.Verify(w.Bundle(0, statement.Routine, at, -1).Encode(), [2]party.ID{})
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
		d := w.Draft(0, statement.Routine, act.RequestOpen, nil, []byte("{}"))
		at := w.Say(0, statement.Routine, d, sign(w, d.ToSign()))
		b := w.Bundle(0, statement.Routine, at, -1)
		b.Cards[0] = cards(w)
		return audit.Verify(b.Encode(), [2]party.ID{})
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
	if err != nil || len(f.Persons) != 1 || f.Persons[0].Card != 1 {
		t.Errorf("%+v, %v", f, err)
	}
	stays := func(w *wiretest.World) [][]byte {
		return append(now(w), wiretest.Successor(w.P[0].Card, w.P[1].Card.Party, w.P[0].Root, nil).Encode())
	}
	if f, err = one(good, stays); err != nil || f.Persons[0].Card != 2 {
		t.Errorf("%+v, %v", f, err)
	}
}

// Spec: DIS-1.
func FuzzDecode(f *testing.F) {
	wiretest.Seeds(f, "disclosure")
	f.Fuzz(func(t *testing.T, b []byte) { wiretest.Recode(t, b, recode) })
}

// Spec: DIS-11. What verifies is one of the bundles that were made.
func FuzzVerify(f *testing.F) {
	made := map[string]bool{}
	for _, v := range wiretest.Vectors(f, "disclosure") {
		f.Add(v.Body)
		made[string(v.Body)] = true
	}
	p := wiretest.Parties()
	founding := [2]party.ID{p[0].Card.Party, p[1].Card.Party}
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := audit.Verify(b, founding); err == nil && !made[string(b)] {
			t.Errorf("%x verifies", b)
		}
	})
}
