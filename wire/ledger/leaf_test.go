package ledger_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/statement"
	"parley.example/wire/wiretest"
)

func recode(b []byte) ([]byte, error) {
	l, err := ledger.DecodeLeaf(b)
	if err != nil {
		return nil, err
	}
	return l.Encode(), nil
}

// anyLeaf draws any leaf that is well formed.
func anyLeaf(t *rapid.T) *ledger.Leaf {
	hash := func(name string) (h [32]byte) {
		copy(h[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, name))
		return h
	}
	size := func() statement.Size {
		return statement.Size{Generation: rapid.Uint32().Draw(t, "generation"), Size: rapid.Uint64().Draw(t, "size")}
	}
	l := &ledger.Leaf{Type: rapid.Uint8Range(1, 8).Draw(t, "type"), Position: rapid.Uint64().Draw(t, "position"),
		Time: rapid.Int64Min(0).Draw(t, "time"), Seen: statement.Seen{size(), size(), size()}, Salt: hash("salt")}
	switch l.Type {
	case ledger.TypeEpoch:
		l.Hash, l.Commitment = hash("hash"), hash("commitment")
	case ledger.TypeAct:
		l.Epoch, l.Hash, l.Commitment = rapid.Uint64().Draw(t, "epoch"), hash("hash"), hash("commitment")
	case ledger.TypeReceipt:
		l.From, l.Size, l.Hash = rapid.Uint64().Draw(t, "from"), size(), hash("hash")
		for range rapid.IntRange(0, 5).Draw(t, "verdicts") {
			l.Verdicts = append(l.Verdicts, ledger.Verdict{Position: rapid.Uint64().Draw(t, "p"), Reason: rapid.Uint16Range(1, ledger.ReasonBytes).Draw(t, "reason")})
		}
		for range rapid.IntRange(0, 5).Draw(t, "attached") {
			l.Attached = append(l.Attached, hash("attached"))
		}
	case ledger.TypeRestate:
		l.Target, l.Epoch, l.Hash = rapid.Uint64().Draw(t, "target"), rapid.Uint64().Draw(t, "epoch"), hash("hash")
	case ledger.TypeFreeze:
		l.Channel, l.Size, l.Hash = rapid.Uint8().Draw(t, "channel"), size(), hash("hash")
	case ledger.TypeCorrection:
		l.Old, l.New = rapid.Int64Min(0).Draw(t, "old"), rapid.Int64Min(0).Draw(t, "new")
	case ledger.TypeDigest:
		l.Day, l.Hours, l.Hash = rapid.Uint32().Draw(t, "day"), rapid.Uint32Range(0, 1<<24-1).Draw(t, "hours"), hash("hash")
	case ledger.TypeGeneration:
		l.Statement = rapid.SliceOfN(rapid.Byte(), 0, 100).Draw(t, "statement")
	}
	return l
}

// Spec: LED-5, OCT-8, OCT-9, OCT-11.
func TestLeafRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := anyLeaf(t).Encode()
		if got, err := recode(b); err != nil || !bytes.Equal(got, b) {
			t.Fatalf("%v", err)
		}
		for n := range b {
			if _, err := ledger.DecodeLeaf(b[:n]); err == nil {
				t.Fatalf("the first %d of %d bytes are taken", n, len(b))
			}
		}
		_, err := ledger.DecodeLeaf(append(b, 0))
		if !fault.Is(err, fault.OctetsLeftOver) {
			t.Fatalf("%v", err)
		}
	})
}

// Spec: LED-5. The layout of the header and of each tail, byte for byte.
func TestLeafLayout(t *testing.T) {
	fill := func(v byte) (h [32]byte) { return [32]byte(bytes.Repeat([]byte{v}, 32)) }
	header := func(kind byte) string {
		return "0101" + hex.EncodeToString([]byte{kind}) + "0000000000000005" + "0000000000000006" +
			"00000001" + "0000000000000002" + "00000003" + "0000000000000004" + "00000000" + "0000000000000000" + hex.EncodeToString(bytes.Repeat([]byte{0xee}, 32))
	}
	base := ledger.Leaf{Position: 5, Time: 6, Seen: statement.Seen{{Generation: 1, Size: 2}, {Generation: 3, Size: 4}}, Salt: fill(0xee),
		Hash: fill(0xaa), Commitment: fill(0xbb), Epoch: 7, Target: 8, From: 9, Size: statement.Size{Generation: 10, Size: 11}, Channel: 3, Old: 12, New: 13,
		Day: 14, Hours: 15, Verdicts: []ledger.Verdict{{Position: 16, Reason: 2}}, Attached: [][32]byte{fill(0xcc)}, Statement: []byte{0xdd}}
	aa, bb, cc := hex.EncodeToString(base.Hash[:]), hex.EncodeToString(base.Commitment[:]), hex.EncodeToString(base.Attached[0][:])
	for kind, tail := range map[byte]string{
		ledger.TypeEpoch:      aa + bb,
		ledger.TypeAct:        "0000000000000007" + aa + bb,
		ledger.TypeReceipt:    "0000000000000009" + "0000000a000000000000000b" + aa + "0001" + "00000000000000100002" + "0001" + cc,
		ledger.TypeRestate:    "0000000000000008" + "0000000000000007" + aa,
		ledger.TypeFreeze:     "03" + "0000000a000000000000000b" + aa,
		ledger.TypeCorrection: "000000000000000c" + "000000000000000d",
		ledger.TypeDigest:     "0000000e" + "0000000f" + aa,
		ledger.TypeGeneration: "00000001dd",
	} {
		l := base
		l.Type = kind
		if got, want := hex.EncodeToString(l.Encode()), header(kind)+tail; got != want {
			t.Errorf("type %d\n%s, want\n%s", kind, got, want)
		}
	}
}

// Spec: LED-5, LED-6, LED-7.
func TestLeafRefused(t *testing.T) {
	for name, c := range map[string]struct {
		l    ledger.Leaf
		want fault.Code
	}{
		"type 0":        {ledger.Leaf{}, fault.OctetsUnknown},
		"type 9":        {ledger.Leaf{Type: 9}, fault.OctetsUnknown},
		"time":          {ledger.Leaf{Type: ledger.TypeEpoch, Time: math.MinInt64}, fault.LeafUntrue},
		"hour 25":       {ledger.Leaf{Type: ledger.TypeDigest, Hours: 1 << 24}, fault.LeafUntrue},
		"24 hours":      {ledger.Leaf{Type: ledger.TypeDigest, Hours: 1<<24 - 1}, ""},
		"old time":      {ledger.Leaf{Type: ledger.TypeCorrection, Old: -1}, fault.LeafUntrue},
		"new time":      {ledger.Leaf{Type: ledger.TypeCorrection, New: -1}, fault.LeafUntrue},
		"reason 0":      {ledger.Leaf{Type: ledger.TypeReceipt, Verdicts: []ledger.Verdict{{Reason: 0}}}, fault.OctetsUnknown},
		"reason 6":      {ledger.Leaf{Type: ledger.TypeReceipt, Verdicts: []ledger.Verdict{{Reason: 6}}}, fault.OctetsUnknown},
		"1024 verdicts": {ledger.Leaf{Type: ledger.TypeReceipt, Verdicts: verdicts(1024)}, ""},
		"1025 verdicts": {ledger.Leaf{Type: ledger.TypeReceipt, Verdicts: verdicts(1025)}, fault.OctetsLong},
		"1025 attached": {ledger.Leaf{Type: ledger.TypeReceipt, Attached: make([][32]byte, 1025)}, fault.OctetsLong},
		"65537 bytes":   {ledger.Leaf{Type: ledger.TypeGeneration, Statement: make([]byte, 65537-87-4)}, fault.OctetsUnknown},
		"65536 bytes":   {ledger.Leaf{Type: ledger.TypeGeneration, Statement: make([]byte, 65536-87-4)}, ""},
	} {
		b := c.l.Encode()
		_, err := ledger.DecodeLeaf(b)
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s, %d bytes: %q, want %q", name, len(b), got, c.want)
		}
	}
	good := (&ledger.Leaf{Type: ledger.TypeEpoch}).Encode()
	for i := range 2 {
		bad := bytes.Clone(good)
		bad[i] = 2
		_, err := ledger.DecodeLeaf(bad)
		wiretest.Code(t, err, fault.OctetsUnknown)
	}
}

func verdicts(n int) []ledger.Verdict {
	list := make([]ledger.Verdict, n)
	for i := range list {
		list[i] = ledger.Verdict{Position: uint64(i), Reason: 1}
	}
	return list
}

// Spec: LED-1, LED-2. Every field of the origin is in its line.
func TestOrigin(t *testing.T) {
	p := wiretest.Parties()
	o := ledger.Origin{Realm: 1, Channel: 3, Writer: p[0].Card.Party, Reader: p[1].Card.Party, Generation: 7}
	tuple := bytes.Join([][]byte{[]byte("parley origin v1\n\x01\x03"), o.Writer[:], o.Reader[:], {0, 0, 0, 7}}, nil)
	h := sha256.Sum256(tuple)
	if !bytes.Equal(o.Tuple(), tuple) || o.String() != "parley/"+hex.EncodeToString(h[:]) {
		t.Errorf("%x, %s", o.Tuple(), o)
	}
	seen := map[string]bool{o.String(): true}
	for _, other := range []ledger.Origin{{2, 3, o.Writer, o.Reader, 7}, {1, 2, o.Writer, o.Reader, 7}, {1, 3, o.Reader, o.Writer, 7}, {1, 3, o.Writer, o.Writer, 7}, {1, 3, o.Writer, o.Reader, 8}} {
		if seen[other.String()] {
			t.Errorf("%+v has the line of another log", other)
		}
		seen[other.String()] = true
	}
}

// Spec: LED-3, LED-4. The tree is that of x/mod's tlog, which was written by
// others, at every size on the way.
func TestTree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 400).Draw(t, "leaves")
		var tree ledger.Tree
		var stored []tlog.Hash
		reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
			out := make([]tlog.Hash, len(indexes))
			for i, x := range indexes {
				out[i] = stored[x]
			}
			return out, nil
		})
		if tree.Root() != sha256.Sum256(nil) {
			t.Fatal("the root of nothing is not SHA-256 of nothing")
		}
		for i := range n {
			raw := binary.BigEndian.AppendUint64(nil, uint64(i)*rapid.Uint64Max(9).Draw(t, "leaf"))
			want, err := tlog.StoredHashes(int64(i), raw, reader)
			if err != nil {
				t.Fatal(err)
			}
			before := tree
			edge := append([]tlog.Hash(nil), tree.Edge...)
			got := tree.Append(ledger.LeafHash(raw))
			if len(got) != len(want) {
				t.Fatalf("leaf %d completes %d subtrees, want %d", i, len(got), len(want))
			}
			for k := range want {
				if got[k] != want[k] {
					t.Fatalf("leaf %d, subtree %d", i, k)
				}
			}
			for k := range edge { // a copy of the tree is a value
				if before.Edge[k] != edge[k] {
					t.Fatal("appending changed a copy")
				}
			}
			stored = append(stored, want...)
		}
		root, err := tlog.TreeHash(int64(n), reader)
		if n > 0 && (err != nil || root != tree.Root() || tree.Size != uint64(n)) {
			t.Fatalf("size %d: another root, %v", n, err)
		}
	})
}

// Spec: LED-4. Inclusion and consistency proofs of another implementation,
// right and wrong ones, are judged as they say.
func TestMerkleVectors(t *testing.T) {
	type vector struct {
		LeafIdx, TreeSize, Size1, Size2 uint64
		Root, LeafHash, Root1, Root2    []byte
		Proof                           [][]byte
		WantErr                         bool
	}
	good, bad := 0, 0
	for _, pattern := range []string{"testdata/merkle/*/*/*.json", "testdata/merkle/*/*.json"} {
		files, _ := filepath.Glob(pattern)
		for _, file := range files {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var v vector
			if err := json.Unmarshal(raw, &v); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			var proof []tlog.Hash
			short := false
			for _, p := range v.Proof {
				short = short || len(p) != 32
				proof = append(proof, hash(p))
			}
			for _, h := range [][]byte{v.Root, v.LeafHash, v.Root1, v.Root2} {
				short = short || h != nil && len(h) != 32
			}
			if v.Root != nil {
				err = tlog.CheckRecord(proof, int64(v.TreeSize), hash(v.Root), int64(v.LeafIdx), hash(v.LeafHash))
			} else if v.Size1 == 0 || v.Size2 == v.Size1 {
				continue // parley never asks: equal sizes are compared, and nothing is no receipt
			} else {
				err = tlog.CheckTree(proof, int64(v.Size2), hash(v.Root2), int64(v.Size1), hash(v.Root1))
			}
			if got := err != nil || short; got != v.WantErr {
				t.Errorf("%s: refused %v, want %v (%v)", file, got, v.WantErr, err)
			}
			if v.WantErr {
				bad++
			} else {
				good++
			}
		}
	}
	if good < 4 || bad < 60 {
		t.Errorf("%d right and %d wrong proofs", good, bad)
	}
}

func hash(b []byte) (h tlog.Hash) {
	copy(h[:], b)
	return h
}

// Spec: LED-5, OCT-11.
func FuzzDecodeLeaf(f *testing.F) {
	wiretest.Seeds(f, "leaf")
	f.Fuzz(func(t *testing.T, b []byte) { wiretest.Recode(t, b, recode) })
}
