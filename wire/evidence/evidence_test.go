package evidence_test

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"parley.example/wire/evidence"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

// both checks only that a signature is there, so that properties over many
// trees are fast; what real signatures prove is tested in ledger.
type both struct{}

func (both) Ed25519(key, message, signature []byte) bool {
	return signature[0] == key[0] && slices.Equal(signature[1:33], digest(message))
}
func (both) MLDSA44(key, message, signature []byte) bool {
	return signature[0] == key[0] && slices.Equal(signature[1:33], digest(message))
}

func digest(b []byte) []byte { h := sha256.Sum256(b); return h[:] }

type signer struct{ key party.PublicKey }

func (s signer) Public() party.PublicKey { return s.key }
func (s signer) Ed25519(m []byte) []byte {
	return append(append([]byte{s.key.Ed25519[0]}, digest(m)...), make([]byte, 31)...)
}
func (s signer) MLDSA44(m []byte) []byte {
	return append(append([]byte{s.key.MLDSA44[0]}, digest(m)...), make([]byte, 2420-33)...)
}

var writer = signer{party.PublicKey{Ed25519: [32]byte{7}, MLDSA44: [1312]byte{7}}}

// tree is a log's hashes in the order of tlog.
type tree []tlog.Hash

func (t tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = t[x]
	}
	return out, nil
}

func (t tree) root(size uint64) tlog.Hash {
	h, err := tlog.TreeHash(int64(size), t)
	if err != nil {
		panic(err)
	}
	return h
}

// grow makes a tree of leaves; from a position on they are of another history.
func grow(size, from uint64) (t tree) {
	for i := range size {
		b := binary.BigEndian.AppendUint64(nil, i)
		if i >= from {
			b = append(b, 1)
		}
		hashes, err := tlog.StoredHashes(int64(i), b, t)
		if err != nil {
			panic(err)
		}
		t = append(t, hashes...)
	}
	return t
}

const origin = "parley/test"

func head(size uint64, root tlog.Hash) string {
	return suite.SignHead(ledger.Head{Origin: origin, Size: size, Root: root}, writer)
}

// nodes reads the edge of a tree at n and what leads from there to m, by the
// words of the specification.
func nodes(t tree, n, m uint64) (out []tlog.Hash) {
	at := uint64(0)
	for bit := 62; bit >= 0; bit-- {
		if n>>bit&1 == 1 {
			out = append(out, t[tlog.StoredHashIndex(bit, int64(at>>bit))])
			at += 1 << bit
		}
	}
	for at < m {
		level := 0
		for at%(2<<level) == 0 && at+2<<level <= m {
			level++
		}
		out = append(out, t[tlog.StoredHashIndex(level, int64(at>>level))])
		at += 1 << level
	}
	return out
}

func verify(f *evidence.Fork) error { return f.Verify(both{}, writer.key, writer.key, origin) }

// Spec: EVI-2, EVI-3, EVI-4, EVI-5, EVI-6. Two real trees of random sizes that
// part at a random place prove a fork; the same sizes of one tree do not; nor
// does anything with a part of the proof changed, missing or too much.
func TestFork(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.Uint64Range(2, 150).Draw(t, "m")
		n := rapid.Uint64Range(1, m-1).Draw(t, "n")
		parts := rapid.Uint64Range(0, n-1).Draw(t, "parts at")
		small, large := grow(n, m), grow(m, parts)
		f := &evidence.Fork{A: head(n, small.root(n)), B: head(m, large.root(m)), Nodes: nodes(large, n, m)}
		if err := verify(f); err != nil {
			t.Fatalf("%d of %d, apart from %d: %v", n, m, parts, err)
		}
		again, err := evidence.DecodeFork(f.Encode())
		if err != nil || verify(again) != nil {
			t.Fatalf("not after encoding: %v", err)
		}
		same := grow(m, m)
		none := func(what string, f *evidence.Fork) {
			if err := verify(f); !fault.Is(err, fault.ForkUnproved) {
				t.Fatalf("%s, %d of %d: %v", what, n, m, err)
			}
		}
		none("one history", &evidence.Fork{A: head(n, same.root(n)), B: head(m, same.root(m)), Nodes: nodes(same, n, m)})
		none("swapped", &evidence.Fork{A: f.B, B: f.A, Nodes: f.Nodes})
		none("without nodes", &evidence.Fork{A: f.A, B: f.B})
		none("one node too many", &evidence.Fork{A: f.A, B: f.B, Nodes: append(slices.Clone(f.Nodes), tlog.Hash{})})
		i := rapid.IntRange(0, len(f.Nodes)-1).Draw(t, "node")
		changed := slices.Clone(f.Nodes)
		changed[i][rapid.IntRange(0, 31).Draw(t, "byte")] ^= 1
		none("a node changed", &evidence.Fork{A: f.A, B: f.B, Nodes: changed})
		none("a node missing", &evidence.Fork{A: f.A, B: f.B, Nodes: slices.Delete(slices.Clone(f.Nodes), i, i+1)})
		// The nodes of the smaller tree's own history do not give the larger root.
		none("nodes of the other tree", &evidence.Fork{A: f.A, B: f.B, Nodes: nodes(same, n, m)})
	})
}

// Spec: EVI-3, EVI-6.
func TestForkEqualSizes(t *testing.T) {
	a, b := grow(9, 9), grow(9, 4)
	f := &evidence.Fork{A: head(9, a.root(9)), B: head(9, b.root(9))}
	wiretest.Code(t, verify(f), "")
	wiretest.Code(t, verify(&evidence.Fork{A: f.B, B: f.A}), "")
	wiretest.Code(t, verify(&evidence.Fork{A: f.A, B: f.A}), fault.ForkUnproved)
	wiretest.Code(t, verify(&evidence.Fork{A: f.A, B: f.B, Nodes: nodes(b, 9, 9)}), fault.ForkUnproved)
}

// Spec: EVI-2, EVI-5. A head of an empty log has the root of nothing; one with
// another root and a longer one of the same writer contradict each other.
func TestForkFromNothing(t *testing.T) {
	b := grow(5, 0)
	wiretest.Code(t, verify(&evidence.Fork{A: head(0, sha256.Sum256(nil)), B: head(5, b.root(5)), Nodes: nodes(b, 0, 5)}), fault.ForkUnproved)
	wiretest.Code(t, verify(&evidence.Fork{A: head(0, tlog.Hash{1}), B: head(5, b.root(5)), Nodes: nodes(b, 0, 5)}), "")
}

// Spec: EVI-2.
func TestForkHeads(t *testing.T) {
	a, b := grow(9, 9), grow(9, 4)
	good := &evidence.Fork{A: head(9, a.root(9)), B: head(9, b.root(9))}
	thief := signer{party.PublicKey{Ed25519: [32]byte{8}, MLDSA44: [1312]byte{8}}}
	forged := suite.SignHead(ledger.Head{Origin: origin, Size: 9, Root: b.root(9)}, thief)
	wiretest.Code(t, verify(&evidence.Fork{A: good.A, B: forged}), fault.HeadUnsigned)
	wiretest.Code(t, verify(&evidence.Fork{A: forged, B: good.A}), fault.HeadUnsigned)
	wiretest.Code(t, (&evidence.Fork{A: good.A, B: forged}).Verify(both{}, writer.key, thief.key, origin), "")
	wiretest.Code(t, good.Verify(both{}, writer.key, writer.key, "parley/other"), fault.HeadOrigin)
	wiretest.Code(t, verify(&evidence.Fork{A: good.A, B: "nothing"}), fault.HeadMalformed)
}

// Spec: EVI-6. Whatever sizes somebody signed, the check ends.
func TestForkHugeSizes(t *testing.T) {
	many := make([]tlog.Hash, 256)
	for _, sizes := range [][2]uint64{{0, 1 << 63}, {1, 1<<64 - 1}, {1 << 63, 1<<63 + 1}, {1<<62 - 1, 1<<62 + 1}, {3, 1 << 62}, {1<<62 - 1, 1 << 62}} {
		for _, nodes := range [][]tlog.Hash{nil, many[:1], many[:64], many} {
			wiretest.Code(t, verify(&evidence.Fork{A: head(sizes[0], tlog.Hash{1}), B: head(sizes[1], tlog.Hash{2}), Nodes: nodes}), fault.ForkUnproved)
		}
	}
	if _, _, err := evidence.Extend(nil, 5, 4); !fault.Is(err, fault.ForkUnproved) {
		t.Errorf("a tree that shrinks: %v", err)
	}
}

func recodeFork(b []byte) ([]byte, error) {
	f, err := evidence.DecodeFork(b)
	if err != nil {
		return nil, err
	}
	return f.Encode(), nil
}

func recodeGeneration(b []byte) ([]byte, error) {
	g, err := evidence.DecodeGeneration(b)
	if err != nil {
		return nil, err
	}
	return g.Encode(), nil
}

// Spec: EVI-1, EVI-7, OCT-8, OCT-9.
func TestStrict(t *testing.T) {
	wiretest.Strict(t, (&evidence.Fork{A: head(1, tlog.Hash{1}), B: head(2, tlog.Hash{2}), Nodes: make([]tlog.Hash, 3)}).Encode(), recodeFork)
	g := generation(func(*evidence.Generation) {})
	wiretest.Strict(t, g.Encode(), recodeGeneration)
	g = generation(func(g *evidence.Generation) { g.Cause = evidence.AfterFreeze })
	wiretest.Strict(t, g.Encode(), recodeGeneration)
	_, err := evidence.DecodeFork((&evidence.Fork{Nodes: make([]tlog.Hash, 257)}).Encode())
	wiretest.Code(t, err, fault.OctetsLong)
	for i := range 22 { // tag and suite
		b := generation(func(*evidence.Generation) {}).Encode()
		b[i] ^= 0x20
		_, err := evidence.DecodeGeneration(b)
		wiretest.Code(t, err, fault.OctetsUnknown)
	}
}

func before() ledger.Origin {
	return wiretest.NewWorld().Origin(0, statement.Routine)
}

// generation is one that both roots signed, after a change.
func generation(change func(*evidence.Generation)) *evidence.Generation {
	p := wiretest.Parties()
	g := &evidence.Generation{Origin: before(), Size: 9, Root: [32]byte{1}, Cause: evidence.AfterRestore}
	g.Origin.Generation = 1
	change(g)
	g.Writer = p[0].Root.Sign(g.ToSign())
	if g.Cause == evidence.AfterFreeze {
		s := p[1].Root.Sign(g.ToSign())
		g.Reader = &s
	}
	return g
}

// Spec: EVI-8, EVI-9, EVI-10, EVI-11.
func TestGeneration(t *testing.T) {
	p := wiretest.Parties()
	frozen := func(g *evidence.Generation) { g.Cause, g.Evidence = evidence.AfterFreeze, [32]byte{2} }
	for name, c := range map[string]struct {
		change, after func(*evidence.Generation)
		want          fault.Code
	}{
		"after a restore":            {func(*evidence.Generation) {}, nil, ""},
		"after a freeze":             {frozen, nil, ""},
		"cause 0":                    {func(g *evidence.Generation) { g.Cause = 0 }, nil, fault.GenerationStatement},
		"cause 3":                    {func(g *evidence.Generation) { g.Cause = 3 }, nil, fault.GenerationStatement},
		"evidence after a restore":   {func(g *evidence.Generation) { g.Evidence[31] = 1 }, nil, fault.GenerationStatement},
		"generation 0":               {func(g *evidence.Generation) { g.Origin.Generation = 0 }, nil, fault.GenerationStatement},
		"generation 2":               {func(g *evidence.Generation) { g.Origin.Generation = 2 }, nil, fault.GenerationStatement},
		"another realm":              {func(g *evidence.Generation) { g.Origin.Realm = party.Exercise }, nil, fault.GenerationStatement},
		"another channel":            {func(g *evidence.Generation) { g.Origin.Channel = statement.Hotline }, nil, fault.GenerationStatement},
		"the other direction":        {func(g *evidence.Generation) { g.Origin.Writer, g.Origin.Reader = g.Origin.Reader, g.Origin.Writer }, nil, fault.GenerationStatement},
		"another size":               {func(*evidence.Generation) {}, func(g *evidence.Generation) { g.Size++ }, fault.GenerationStatement},
		"another root hash":          {func(*evidence.Generation) {}, func(g *evidence.Generation) { g.Root[0]++ }, fault.GenerationStatement},
		"the office signs":           {func(*evidence.Generation) {}, func(g *evidence.Generation) { g.Writer = p[0].Sign.Sign(g.ToSign()) }, fault.GenerationStatement},
		"the reader alone":           {frozen, func(g *evidence.Generation) { g.Writer = *g.Reader }, fault.GenerationStatement},
		"the writer for both":        {frozen, func(g *evidence.Generation) { g.Reader = &g.Writer }, fault.GenerationStatement},
		"half a signature":           {func(*evidence.Generation) {}, func(g *evidence.Generation) { g.Writer.MLDSA44 = party.Signature{}.MLDSA44 }, fault.GenerationStatement},
		"other evidence than signed": {frozen, func(g *evidence.Generation) { g.Evidence[0]++ }, fault.GenerationStatement},
	} {
		g := generation(c.change)
		if c.after != nil {
			c.after(g)
		}
		g, err := evidence.DecodeGeneration(g.Encode())
		if err == nil {
			err = g.Verify(suite.Signatures{}, before(), p[0].Root.Public(), p[1].Root.Public())
		}
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	alone := generation(frozen) // not decoded, but made without the reader
	alone.Reader = nil
	wiretest.Code(t, alone.Verify(suite.Signatures{}, before(), p[0].Root.Public(), p[1].Root.Public()), fault.GenerationStatement)
}

// Spec: EVI-1, OCT-11.
func FuzzDecodeFork(f *testing.F) {
	wiretest.Seeds(f, "fork")
	f.Fuzz(func(t *testing.T, b []byte) {
		wiretest.Recode(t, b, recodeFork)
		if fork, err := evidence.DecodeFork(b); err == nil && verify(fork) == nil {
			t.Errorf("a fork is proved without the key")
		}
	})
}

// Spec: EVI-7, OCT-11.
func FuzzDecodeGeneration(f *testing.F) {
	wiretest.Seeds(f, "generation")
	f.Fuzz(func(t *testing.T, b []byte) { wiretest.Recode(t, b, recodeGeneration) })
}

// Spec: EVI-5. Any nodes for any sizes: no panic, no loop.
func FuzzExtend(f *testing.F) {
	f.Add(uint64(3), uint64(9), make([]byte, 96))
	f.Add(uint64(0), uint64(1)<<63, make([]byte, 32))
	f.Fuzz(func(t *testing.T, n, m uint64, b []byte) {
		var list []tlog.Hash
		for ; len(b) >= 32 && len(list) < 256; b = b[32:] {
			list = append(list, tlog.Hash(b[:32]))
		}
		if _, _, err := evidence.Extend(list, n, m); err == nil && n == m && m > 0 && len(list) == 0 {
			t.Error("a root of nothing for a tree of something")
		}
	})
}

func recodeCompromise(b []byte) ([]byte, error) {
	c, err := evidence.DecodeCompromise(b)
	if err != nil {
		return nil, err
	}
	return c.Encode(), nil
}

// Spec: EVI-13, EVI-14, EVI-15.
func TestCompromise(t *testing.T) {
	p := wiretest.Parties()
	c := &evidence.Compromise{Origin: before(), Key: p[0].Card.Officers[0].KeyID(), From: 4100}
	c.Signature = p[0].Root.Sign(c.ToSign())
	wiretest.Strict(t, c.Encode(), recodeCompromise)
	for i := range 22 { // tag and suite
		b := c.Encode()
		b[i] ^= 0x20
		_, err := evidence.DecodeCompromise(b)
		wiretest.Code(t, err, fault.OctetsUnknown)
	}
	for _, channel := range []byte{0, 4} {
		b := c.Encode()
		b[23] = channel
		_, err := evidence.DecodeCompromise(b)
		wiretest.Code(t, err, fault.OctetsUnknown)
	}
	verify := func(realm uint8, writer, reader party.ID, root party.PublicKey) error {
		return c.Verify(suite.Signatures{}, realm, writer, reader, root)
	}
	a, b := p[0].Card.Party, p[1].Card.Party
	wiretest.Code(t, verify(party.Real, a, b, p[0].Root.Public()), "")
	wiretest.Code(t, verify(party.Exercise, a, b, p[0].Root.Public()), fault.CardOtherLink)
	wiretest.Code(t, verify(party.Real, b, a, p[0].Root.Public()), fault.CardOtherLink)
	wiretest.Code(t, verify(party.Real, a, b, p[0].Sign.Public()), fault.CardSignature)
	c.From--
	wiretest.Code(t, verify(party.Real, a, b, p[0].Root.Public()), fault.CardSignature)
	c.From++
	for _, x := range []struct {
		channel  uint8
		position uint64
		keys     []string
		want     bool
	}{
		{3, 4100, []string{"x", c.Key}, true}, {3, 1 << 40, []string{c.Key}, true}, {3, 4099, []string{c.Key}, false},
		{2, 4100, []string{c.Key}, false}, {3, 4100, []string{"x"}, false}, {3, 4100, nil, false},
	} {
		if got := c.Disowns(x.channel, x.position, x.keys); got != x.want {
			t.Errorf("%+v: %v", x, got)
		}
	}
	c.Key = ""
	if !c.Disowns(3, 4100, nil) || c.Disowns(3, 4099, nil) {
		t.Error("the office's own key disowns all from there on, and nothing before")
	}
}

// Spec: EVI-13, OCT-11.
func FuzzDecodeCompromise(f *testing.F) {
	wiretest.Seeds(f, "compromise")
	f.Fuzz(func(t *testing.T, b []byte) { wiretest.Recode(t, b, recodeCompromise) })
}

// Spec: EVI-17, EVI-18, EVI-20. A step that is none, or that does not follow,
// is refused.
func TestCustody(t *testing.T) {
	p := wiretest.Parties()
	first := &evidence.Custody{Realm: 1, Party: p[0].Card.Party, Link: p[1].Card.Party, Number: 1, Time: 5, Step: evidence.StepTaken, To: "x"}
	first.By = p[0].SignBy(first.ToSign())
	recode := func(b []byte) ([]byte, error) {
		s, err := evidence.DecodeCustody(b)
		if err != nil {
			return nil, err
		}
		return s.Encode(), nil
	}
	wiretest.Strict(t, first.Encode(), recode)
	next := func(change func(*evidence.Custody)) *evidence.Custody {
		s := *first
		s.Number, s.Before, s.Time = 2, sha256.Sum256(first.Encode()), 5
		change(&s)
		return &s
	}
	wiretest.Code(t, next(func(*evidence.Custody) {}).Follows(first), "")
	for name, change := range map[string]func(*evidence.Custody){
		"number": func(s *evidence.Custody) { s.Number = 3 }, "before": func(s *evidence.Custody) { s.Before[0]++ }, "time": func(s *evidence.Custody) { s.Time = 4 },
		"realm": func(s *evidence.Custody) { s.Realm = 2 }, "party": func(s *evidence.Custody) { s.Party[0]++ }, "link": func(s *evidence.Custody) { s.Link[0]++ },
		"sealed": func(s *evidence.Custody) { s.Sealed[0]++ },
	} {
		if err := next(change).Follows(first); !fault.Is(err, fault.CustodyStep) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, s := range map[string]*evidence.Custody{
		"step 0": next(func(s *evidence.Custody) { s.Step = 0 }), "step 6": next(func(s *evidence.Custody) { s.Step = 6 }),
		"number 0": next(func(s *evidence.Custody) { s.Number = 0 }), "none before": next(func(s *evidence.Custody) { s.Before = [32]byte{} }),
		"one before the first": next(func(s *evidence.Custody) { s.Number = 1 }), "time": next(func(s *evidence.Custody) { s.Time = -1 }),
	} {
		if _, err := evidence.DecodeCustody(s.Encode()); !fault.Is(err, fault.CustodyStep) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Spec: EVI-17.
func FuzzDecodeCustody(f *testing.F) {
	wiretest.Seeds(f, "custody")
	f.Fuzz(func(t *testing.T, b []byte) {
		wiretest.Recode(t, b, func(b []byte) ([]byte, error) {
			s, err := evidence.DecodeCustody(b)
			if err != nil {
				return nil, err
			}
			return s.Encode(), nil
		})
	})
}
