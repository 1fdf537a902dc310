package ledger_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	tlogformats "github.com/transparency-dev/formats/log"
	formats "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/party"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

var verify = suite.Signatures{}

func sample() (ledger.Head, *wiretest.Party) {
	p := wiretest.Parties()
	o := ledger.Origin{Realm: party.Real, Channel: 3, Writer: p[0].Card.Party, Reader: p[1].Card.Party}
	return ledger.Head{Origin: o.String(), Size: 1027, Root: sha256.Sum256([]byte("root"))}, p[0]
}

// vkey is a verifier's key in the form of note and of the C2SP formats.
func vkey(name string, kind byte, key []byte) string {
	h := sha256.Sum256(append([]byte(name+"\n"+string(kind)), key...))
	return fmt.Sprintf("%s+%08x+%s", name, binary.BigEndian.Uint32(h[:4]), base64.StdEncoding.EncodeToString(append([]byte{kind}, key...)))
}

func must[T any](t *testing.T, v T, err error) T {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Spec: LED-27, LED-28, LED-29. Our head is a checkpoint to the verifiers of
// others: the Ed25519 line to note, the ML-DSA-44 line to the C2SP formats, as
// a cosignature of the log's own name at time 0.
func TestHeadByOthers(t *testing.T) {
	h, p := sample()
	signed := suite.SignHead(h, p.Sign)
	public := p.Sign.Public()
	ed := must2(note.NewVerifier(vkey(h.Origin, 1, public.Ed25519[:])))(t)
	ml := must2(formats.NewVerifierForCosignatureV1(vkey(h.Origin, 6, public.MLDSA44[:])))(t)
	n := must2(note.Open([]byte(signed), note.VerifierList(ed, ml)))(t)
	if len(n.Sigs) != 2 || len(n.UnverifiedSigs) != 0 {
		t.Fatalf("%d good signatures, %d others", len(n.Sigs), len(n.UnverifiedSigs))
	}
	if at := must2(formats.CoSigV1Timestamp(n.Sigs[1]))(t); at.Unix() != 0 {
		t.Errorf("the cosignature line has the time %v", at)
	}
	cp, rest, _, err := tlogformats.ParseCheckpoint([]byte(signed), h.Origin, ed)
	if err != nil || cp.Size != h.Size || string(cp.Hash) != string(h.Root[:]) || len(rest) != 0 {
		t.Errorf("%+v, %v", cp, err)
	}
	ours, err := ledger.VerifyHead(verify, public, h.Origin, signed)
	if err != nil || ours != h {
		t.Errorf("%+v, %v", ours, err)
	}
}

func must2[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T { t.Helper(); return must(t, v, err) }
}

// Spec: LED-33, LED-34. Our cosignature lines are good to the verifiers of
// others, with the time that we gave.
func TestCosignatureByOthers(t *testing.T) {
	h, p := sample()
	signed := suite.SignHead(h, p.Sign)
	reader := wiretest.Parties()[1]
	name := suite.CosignerName(party.Real, reader.Card.Party, p.Card.Party)
	lines := suite.Cosign(h, name, 1_800_000_123, reader.Sign)
	public := reader.Sign.Public()
	ed := must2(formats.NewVerifierForCosignatureV1(vkey(name, 4, public.Ed25519[:])))(t)
	ml := must2(formats.NewVerifierForCosignatureV1(vkey(name, 6, public.MLDSA44[:])))(t)
	n := must2(note.Open([]byte(signed+lines), note.VerifierList(ed, ml)))(t)
	if len(n.Sigs) != 2 {
		t.Fatalf("%d good cosignatures", len(n.Sigs))
	}
	for _, s := range n.Sigs {
		if at := must2(formats.CoSigV1Timestamp(s))(t); at.Unix() != 1_800_000_123 {
			t.Errorf("time %v", at)
		}
	}
	seconds, err := suite.VerifyCosignature(verify, public, name, h, lines)
	if err != nil || seconds != 1_800_000_123 {
		t.Errorf("%d, %v", seconds, err)
	}
}

// Spec: LED-30, LED-31, LED-32. Everything that a head can be other than it
// would be written.
func TestHeadRefused(t *testing.T) {
	h, p := sample()
	good := suite.SignHead(h, p.Sign)
	l := strings.SplitAfter(good, "\n") // origin, size, root, empty, Ed25519, ML-DSA-44, ""
	other := strings.SplitAfter(suite.SignHead(h, wiretest.Parties()[1].Sign), "\n")
	stamped := strings.SplitAfter(suite.Cosign(h, h.Origin, 5, p.Sign), "\n")
	text := l[0] + l[1] + l[2] + l[3]
	for name, c := range map[string]struct {
		note string
		want fault.Code
	}{
		"as it is":                  {good, ""},
		"empty":                     {"", fault.HeadMalformed},
		"text alone":                {l[0] + l[1] + l[2], fault.HeadMalformed},
		"no signatures":             {text, fault.HeadUnsigned},
		"ML-DSA-44 stripped":        {text + l[4], fault.HeadUnsigned},
		"Ed25519 stripped":          {text + l[5], fault.HeadUnsigned},
		"reordered":                 {text + l[5] + l[4], fault.HeadUnsigned},
		"one twice":                 {text + l[4] + l[4], fault.HeadUnsigned},
		"a line too many":           {good + l[4], fault.HeadUnsigned},
		"a cosignature besides":     {good + stamped[0], fault.HeadUnsigned},
		"no line feed at the end":   {strings.TrimSuffix(good, "\n"), fault.HeadUnsigned},
		"a line feed more":          {good + "\n", fault.HeadUnsigned},
		"carriage returns":          {strings.ReplaceAll(good, "\n", "\r\n"), fault.HeadMalformed},
		"signed by another":         {text + other[4] + other[5], fault.HeadUnsigned},
		"Ed25519 of another":        {text + other[4] + l[5], fault.HeadUnsigned},
		"ML-DSA-44 with a time":     {text + l[4] + stamped[1], fault.HeadMalformed},
		"hyphen for dash":           {text + "-" + strings.TrimPrefix(l[4], "—") + l[5], fault.HeadUnsigned},
		"another name on a line":    {text + strings.Replace(l[4], "parley/", "parlez/", 1) + l[5], fault.HeadUnsigned},
		"spare bits in a signature": {text + l[4] + spare(l[5]), fault.HeadUnsigned},
		"no padding":                {text + l[4] + strings.Replace(l[5], "=", "", 1), fault.HeadUnsigned},
		"spare bits in the root":    {l[0] + l[1] + spare(l[2]) + l[3] + l[4] + l[5], fault.HeadMalformed},
		"a root of 31 bytes":        {l[0] + l[1] + base64.StdEncoding.EncodeToString(h.Root[:31]) + "\n\n" + l[4] + l[5], fault.HeadMalformed},
		"a root of 33 bytes":        {l[0] + l[1] + base64.StdEncoding.EncodeToString(append(h.Root[:], 0)) + "\n\n" + l[4] + l[5], fault.HeadMalformed},
		"a leading zero":            {l[0] + "0" + good[len(l[0]):], fault.HeadMalformed},
		"a sign":                    {l[0] + "+" + good[len(l[0]):], fault.HeadMalformed},
		"a negative size":           {l[0] + "-" + good[len(l[0]):], fault.HeadMalformed},
		"a size beyond 64 bits":     {l[0] + "18446744073709551616\n" + l[2] + l[3] + l[4] + l[5], fault.HeadMalformed},
		"an extension line":         {l[0] + l[1] + l[2] + "x\n\n" + l[4] + l[5], fault.HeadMalformed},
		"another size":              {l[0] + "1028\n" + l[2] + l[3] + l[4] + l[5], fault.HeadSignature},
		"another origin":            {strings.ReplaceAll(good, l[0][:len(l[0])-2], l[0][:len(l[0])-3]+"g"), fault.HeadOrigin},
	} {
		_, err := ledger.VerifyHead(verify, p.Sign.Public(), h.Origin, c.note)
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %q (%v), want %q", name, got, err, c.want)
		}
	}
}

// spare sets bits that carry nothing in the last base64 digit of a line.
func spare(line string) string {
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	i := len(strings.TrimRight(line, "=\n")) - 1
	return line[:i] + string(digits[strings.IndexByte(digits, line[i])|1]) + line[i+1:]
}

// Spec: LED-28, LED-30, LED-32. No bit of either signature, and none of what
// is signed, can be changed.
func TestHeadEveryByte(t *testing.T) {
	h, p := sample()
	good := suite.SignHead(h, p.Sign)
	for i := 0; i < len(good); i++ {
		bad := []byte(good)
		bad[i] ^= 1
		if _, err := ledger.VerifyHead(verify, p.Sign.Public(), h.Origin, string(bad)); err == nil {
			t.Errorf("byte %d of %d can be changed", i, len(good))
		}
	}
}

// Spec: LED-34.
func TestCosignatureRefused(t *testing.T) {
	h, p := sample()
	reader := wiretest.Parties()[1]
	name := suite.CosignerName(party.Real, reader.Card.Party, p.Card.Party)
	cosign := func(seconds uint64) []string {
		return strings.SplitAfter(suite.Cosign(h, name, seconds, reader.Sign), "\n")
	}
	good, later := cosign(100), cosign(101)
	far := cosign(1 << 63)
	head := strings.SplitAfter(suite.SignHead(h, p.Sign), "\n")
	bigger := h
	bigger.Size++
	for what, c := range map[string]struct {
		h     ledger.Head
		name  string
		lines string
		want  fault.Code
	}{
		"as it is":           {h, name, good[0] + good[1], ""},
		"of another head":    {bigger, name, good[0] + good[1], fault.HeadSignature},
		"another name":       {h, "parley/cosigner/x", good[0] + good[1], fault.HeadUnsigned},
		"ML-DSA-44 stripped": {h, name, good[0], fault.HeadUnsigned},
		"Ed25519 stripped":   {h, name, good[1], fault.HeadUnsigned},
		"reordered":          {h, name, good[1] + good[0], fault.HeadUnsigned},
		"two times":          {h, name, good[0] + later[1], fault.HeadSignature},
		"a time beyond 2^63": {h, name, far[0] + far[1], fault.HeadSignature},
		"a head's lines":     {h, name, head[4] + head[5], fault.HeadUnsigned},
	} {
		_, err := suite.VerifyCosignature(verify, reader.Sign.Public(), c.name, c.h, c.lines)
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %q, want %q", what, got, c.want)
		}
	}
}

// Spec: LED-33. Cosigners of two links, realms or directions have two names,
// and none is an origin.
func TestCosignerName(t *testing.T) {
	p := wiretest.Parties()
	a, b := p[0].Card.Party, p[1].Card.Party
	seen := map[string]bool{}
	for _, name := range []string{suite.CosignerName(1, a, b), suite.CosignerName(1, b, a), suite.CosignerName(2, a, b),
		"parley/cosigner/" + strings.TrimPrefix(ledger.Origin{Realm: 1, Channel: 1, Writer: a, Reader: b}.String(), "parley/")} {
		if seen[name] || len(name) != len("parley/cosigner/")+64 {
			t.Errorf("%s", name)
		}
		seen[name] = true
	}
}

// Spec: LED-27, OCT-11. A head's text comes back, and only as it was written.
func TestHeadText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := ledger.Head{Origin: rapid.StringMatching(`[a-z/0-9]{0,80}`).Draw(t, "origin"), Size: rapid.Uint64().Draw(t, "size")}
		copy(h.Root[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "root"))
		got, err := ledger.ParseHead(h.Text() + "\nlines")
		if err != nil || got != h {
			t.Fatalf("%+v, %v", got, err)
		}
	})
}

// Spec: LED-31.
func FuzzHead(f *testing.F) {
	for _, v := range wiretest.Vectors(f, "head") {
		f.Add(string(v.Body))
	}
	h, p := sample()
	f.Fuzz(func(t *testing.T, s string) {
		parsed, err := ledger.ParseHead(s)
		text, _, _ := strings.Cut(s, "\n\n")
		if err == nil && parsed.Text() != text+"\n" {
			t.Errorf("%q reads as %q", text, parsed.Text())
		}
		if _, err := ledger.VerifyHead(verify, p.Sign.Public(), h.Origin, s); err == nil && !strings.HasPrefix(s, h.Origin) {
			t.Errorf("%q verifies for %s", s, h.Origin)
		}
		if _, err := suite.VerifyCosignature(verify, p.Sign.Public(), h.Origin, h, s); err == nil {
			t.Errorf("%q is taken for cosignatures", s)
		}
	})
}
