package statement_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"testing"

	"pgregory.net/rapid"

	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/wiretest"
)

func sample() *statement.Statement {
	p := wiretest.Parties()
	return &statement.Statement{Realm: party.Real, Writer: p[0].Card.Party, Reader: p[1].Card.Party, Channel: statement.Routine, Generation: 2,
		Act: [16]byte{1, 2, 3}, Thread: &statement.Ref{Higher: true, Generation: 1, Position: 9}, Kind: "request.answer", Arrangement: [32]byte{4},
		Replies: []statement.Ref{{Position: 5}, {Higher: true, Generation: 1, Position: 6}},
		Seen:    statement.Seen{{Generation: 1, Size: 10}, {Size: 11}, {Generation: 2, Size: 12}}, NotAfter: wiretest.Start, Content: [32]byte{5}}
}

func recode(b []byte) ([]byte, error) {
	s, err := statement.Decode(b)
	if err != nil {
		return nil, err
	}
	return s.Encode(), nil
}

func recodeParts(b []byte) ([]byte, error) {
	p, err := statement.DecodeParts(b)
	if err != nil {
		return nil, err
	}
	return p.Encode(), nil
}

func recodeSlip(b []byte) ([]byte, error) {
	s, err := statement.DecodeSlip(b)
	if err != nil {
		return nil, err
	}
	return s.Encode(), nil
}

func recodeAttachment(b []byte) ([]byte, error) {
	a, err := statement.DecodeAttachment(b)
	if err != nil {
		return nil, err
	}
	return a.Encode(), nil
}

func recodeSignatures(b []byte) ([]byte, error) {
	list, err := statement.DecodeSignatures(b)
	if err != nil {
		return nil, err
	}
	return statement.EncodeSignatures(list), nil
}

// Spec: STA-1, STA-6, STA-7, STA-8, STA-12, OCT-8, OCT-9.
func TestStrict(t *testing.T) {
	parts := &statement.Parts{Seed: [32]byte{1}, List: [][]byte{{1}, {}, {2, 3}, []byte("{}"), {4}}}
	attachment := &statement.Attachment{Name: "名.bin", Media: "application/octet-stream", Size: 1, SealedSize: 17}
	signatures := []statement.PersonSignature{{KeyID: "0123456789abcdef", Algorithm: 1, Signature: make([]byte, 64)}, {KeyID: "0123456789abcde0", Algorithm: 2}}
	for _, c := range []struct {
		good   []byte
		decode func([]byte) ([]byte, error)
	}{
		{sample().Encode(), recode}, {parts.Encode(), recodeParts}, {statement.Slip{Number: 3, Predecessor: 1 << 40}.Encode(), recodeSlip},
		{attachment.Encode(), recodeAttachment}, {statement.EncodeSignatures(signatures), recodeSignatures},
	} {
		wiretest.Strict(t, c.good, c.decode)
	}
}

// Spec: STA-8, STA-9, STA-10.
func TestStatementMalformed(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*statement.Statement)
		want   fault.Code
	}{
		"as it is":         {func(s *statement.Statement) {}, ""},
		"opens a thread":   {func(s *statement.Statement) { s.Thread = nil }, ""},
		"replies to none":  {func(s *statement.Statement) { s.Replies = nil }, ""},
		"realm 0":          {func(s *statement.Statement) { s.Realm = 0 }, fault.StatementMalformed},
		"realm 3":          {func(s *statement.Statement) { s.Realm = 3 }, fault.StatementMalformed},
		"channel 0":        {func(s *statement.Statement) { s.Channel = 0 }, fault.StatementMalformed},
		"channel 4":        {func(s *statement.Statement) { s.Channel = 4 }, fault.StatementMalformed},
		"no kind":          {func(s *statement.Statement) { s.Kind = "" }, fault.StatementMalformed},
		"time":             {func(s *statement.Statement) { s.NotAfter = -1 }, fault.StatementMalformed},
		"to itself":        {func(s *statement.Statement) { s.Reader = s.Writer }, fault.StatementMalformed},
		"17 replies":       {func(s *statement.Statement) { s.Replies = make([]statement.Ref, 17) }, fault.OctetsLong},
		"kind of 65 bytes": {func(s *statement.Statement) { s.Kind = string(bytes.Repeat([]byte("k"), 65)) }, fault.OctetsLong},
		"kind in 2 lines":  {func(s *statement.Statement) { s.Kind = "request\nanswer" }, fault.OctetsText},
	} {
		s := sample()
		c.change(s)
		_, err := statement.Decode(s.Encode())
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	b := sample().Encode()
	for i := range 21 { // tag and suite
		bad := bytes.Clone(b)
		bad[i] ^= 0x40
		_, err := statement.Decode(bad)
		wiretest.Code(t, err, fault.OctetsUnknown)
	}
	for _, side := range []byte{0, 3, 255} { // behind tag, suite, realm, two parties, channel, generation, act, count
		bad := bytes.Clone(b)
		bad[20+1+1+64+1+4+16+2] = side
		_, err := statement.Decode(bad)
		wiretest.Code(t, err, fault.StatementMalformed)
	}
}

// Spec: STA-1.
func TestParts(t *testing.T) {
	for n, want := range map[int]fault.Code{0: fault.PartsMalformed, 3: fault.PartsMalformed, 4: "", 64: "", 65: fault.OctetsLong} {
		p := &statement.Parts{List: make([][]byte, n)}
		_, err := statement.DecodeParts(p.Encode())
		if got := fault.CodeOf(err); got != want {
			t.Errorf("%d parts: %q, want %q", n, got, want)
		}
	}
	long := &statement.Parts{List: [][]byte{nil, nil, nil, make([]byte, statement.MaxPart+1)}}
	_, err := statement.DecodeParts(long.Encode())
	wiretest.Code(t, err, fault.OctetsLong)
	long.List[3] = long.List[3][1:]
	if _, err := statement.DecodeParts(long.Encode()); err != nil {
		t.Error(err)
	}
}

// Spec: STA-2, STA-3, STA-4, STA-5. The commitments are computed a second time
// from the words of the specification.
func TestCommitments(t *testing.T) {
	u16 := func(n int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(n)) }
	rapid.Check(t, func(t *rapid.T) {
		p := &statement.Parts{List: rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 50), 4, 20).Draw(t, "parts")}
		copy(p.Seed[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed"))
		whole, content := sha256.New(), sha256.New()
		whole.Write(append([]byte("parley parts v1\n"), u16(len(p.List))...))
		content.Write(append([]byte("parley content v1\n"), u16(len(p.List)-3)...))
		for i, part := range p.List {
			salt, err := hkdf.Expand(sha256.New, p.Seed[:], "parley salt v1\n"+string(u16(i)), 32)
			if err != nil {
				t.Fatal(err)
			}
			one := sha256.Sum256(bytes.Join([][]byte{[]byte("parley part v1\n"), u16(i), salt, part}, nil))
			whole.Write(one[:])
			if i >= statement.PartBody {
				content.Write(one[:])
			}
			if p.Salt(i) != [32]byte(salt) || p.Commitments()[i] != one {
				t.Fatalf("part %d has another commitment", i)
			}
		}
		if statement.Whole(p.Commitments()) != [32]byte(whole.Sum(nil)) || statement.Content(p.Commitments()) != [32]byte(content.Sum(nil)) {
			t.Fatal("another commitment to all parts, or to the content")
		}
	})
}

// Spec: STA-3, STA-5. Every change of a part changes the commitment to all; a
// change of slip or signatures does not change what was signed, a change of
// the content does.
func TestWhatIsCommittedTo(t *testing.T) {
	base := func() *statement.Parts {
		return &statement.Parts{Seed: [32]byte{7}, List: [][]byte{{1}, {2}, {3}, {4}, {5}, {5}}}
	}
	whole, content := statement.Whole(base().Commitments()), statement.Content(base().Commitments())
	for i := range base().List {
		p := base()
		p.List[i] = []byte{9}
		if statement.Whole(p.Commitments()) == whole {
			t.Errorf("part %d is not committed to", i)
		}
		if changed := statement.Content(p.Commitments()) != content; changed != (i >= statement.PartBody) {
			t.Errorf("part %d: in the content %v", i, changed)
		}
	}
	p := base()
	p.List = p.List[:5]
	if statement.Whole(p.Commitments()) == whole || statement.Content(p.Commitments()) == content {
		t.Error("an attachment can be left out")
	}
	list := base().Commitments()
	if list[4] == list[5] {
		t.Error("two equal parts have one commitment: what is shown of one tells the other")
	}
}

// Spec: STA-11.
func TestShort(t *testing.T) {
	b := []byte("a statement")
	d := sha256.Sum256(b)
	if statement.Digest(b) != d {
		t.Error("the digest is not SHA-256 of the bytes")
	}
	if got, want := statement.Short(b), party.ID(d).Spoken()[:24]; got != want || len(got) != 24 {
		t.Errorf("%q, want %q", got, want)
	}
}

// Spec: STA-12. One key is one person.
func TestOneKeySignsOnce(t *testing.T) {
	a := statement.PersonSignature{KeyID: "0123456789abcdef", Algorithm: 1, Signature: []byte{1}}
	b := a
	b.KeyID = "fedcba9876543210"
	_, err := statement.DecodeSignatures(statement.EncodeSignatures([]statement.PersonSignature{a, b}))
	wiretest.Code(t, err, "")
	a.Signature = []byte{2}
	_, err = statement.DecodeSignatures(statement.EncodeSignatures([]statement.PersonSignature{a, b, {KeyID: a.KeyID, Algorithm: 2}}))
	wiretest.Code(t, err, fault.StatementMalformed)
}

func ref(t *rapid.T) statement.Ref {
	return statement.Ref{Higher: rapid.Bool().Draw(t, "higher"), Generation: rapid.Uint32().Draw(t, "generation"), Position: rapid.Uint64().Draw(t, "position")}
}

// Spec: OCT-11.
func TestStatementRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := sample()
		s.Channel = rapid.Uint8Range(1, 3).Draw(t, "channel")
		s.Generation = rapid.Uint32().Draw(t, "generation")
		s.Kind = rapid.StringMatching(`[a-z.]{1,64}`).Draw(t, "kind")
		s.NotAfter = rapid.Int64Min(0).Draw(t, "not after")
		s.Thread, s.Replies = nil, nil
		if rapid.Bool().Draw(t, "in a thread") {
			r := ref(t)
			s.Thread = &r
		}
		for range rapid.IntRange(0, 16).Draw(t, "replies") {
			s.Replies = append(s.Replies, ref(t))
		}
		for i := range s.Seen {
			s.Seen[i] = statement.Size{Generation: rapid.Uint32().Draw(t, "g"), Size: rapid.Uint64().Draw(t, "n")}
		}
		b := s.Encode()
		got, err := statement.Decode(b)
		if err != nil || !bytes.Equal(got.Encode(), b) || got.Seen != s.Seen || got.Kind != s.Kind || len(got.Replies) != len(s.Replies) {
			t.Fatalf("%v", err)
		}
	})
}

// Spec: STA-8, OCT-11.
func FuzzDecode(f *testing.F) {
	wiretest.Seeds(f, "statement")
	f.Fuzz(func(t *testing.T, b []byte) { wiretest.Recode(t, b, recode) })
}

// Spec: STA-1, OCT-11.
func FuzzDecodeParts(f *testing.F) {
	wiretest.Seeds(f, "parts")
	f.Fuzz(func(t *testing.T, b []byte) { wiretest.Recode(t, b, recodeParts) })
}

// Spec: STA-6, OCT-11.
func FuzzDecodeSlip(f *testing.F) {
	wiretest.Seeds(f, "slip")
	f.Fuzz(func(t *testing.T, b []byte) { wiretest.Recode(t, b, recodeSlip) })
}

// Spec: STA-7, OCT-11.
func FuzzDecodeAttachment(f *testing.F) {
	wiretest.Seeds(f, "attachment")
	f.Fuzz(func(t *testing.T, b []byte) { wiretest.Recode(t, b, recodeAttachment) })
}

// Spec: STA-12, OCT-11.
func FuzzDecodeSignatures(f *testing.F) {
	wiretest.Seeds(f, "signatures")
	f.Fuzz(func(t *testing.T, b []byte) { wiretest.Recode(t, b, recodeSignatures) })
}
