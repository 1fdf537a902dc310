package envelope_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"math/bits"
	"testing"

	"pgregory.net/rapid"

	"parley.example/wire/envelope"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

func origin() envelope.Origin { return wiretest.NewWorld().Origin(0, 3).Tuple() }

func keys() (list [3]suite.SealingKey, publics [3][]byte) {
	p := wiretest.Parties()
	list = [3]suite.SealingKey{p[1].Seal, p[1].Archive, p[0].Archive}
	for i, k := range list {
		b := k.Public()
		publics[i] = b[:]
	}
	return list, publics
}

func newEpoch(t testing.TB) (envelope.Epoch, []byte) {
	t.Helper()
	_, publics := keys()
	e, wraps, err := envelope.NewEpoch(origin(), publics)
	if err != nil {
		t.Fatal(err)
	}
	return e, wraps
}

// derive is ENV's derive, from the words of the page.
func derive(t testing.TB, secret [32]byte, label string, extra []byte) []byte {
	t.Helper()
	info := append([]byte(label), binary.BigEndian.AppendUint32(nil, uint32(len(origin())))...)
	info = append(append(info, origin()...), extra...)
	out, err := hkdf.Key(sha256.New, secret[:], nil, string(info), 32)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Spec: ENV-1, ENV-2, ENV-3, ENV-4, ENV-5, ENV-7. The three who may open get
// one secret, which is the one committed to; a second wrap of the same secret
// opens to it too, in other bytes.
func TestWraps(t *testing.T) {
	list, publics := keys()
	e, wraps := newEpoch(t)
	if !bytes.Equal(e.Commitment[:], derive(t, e.Secret, "parley epoch v1\n", nil)) {
		t.Error("the commitment is another")
	}
	if len(wraps) != 3528 {
		t.Fatalf("%d bytes of wraps", len(wraps))
	}
	again, err := envelope.Wrap(origin(), e, publics)
	if err != nil || bytes.Equal(again, wraps) {
		t.Fatalf("a second wrap is the first: %v", err)
	}
	for place, k := range list {
		id := sha256.Sum256(append([]byte("parley seal key v1\n"), publics[place]...))
		if !bytes.Equal(wraps[place*1176:place*1176+8], id[:8]) {
			t.Errorf("place %d does not name its key", place)
		}
		for _, w := range [][]byte{wraps, again} {
			got, err := envelope.Unwrap(origin(), e.Commitment, place, k.PrivateKey, w)
			if err != nil || got != e {
				t.Errorf("place %d: %v", place, err)
			}
		}
	}
}

// Spec: ENV-4, ENV-5, ENV-6, ENV-7.
func TestUnwrapRefused(t *testing.T) {
	list, publics := keys()
	e, wraps := newEpoch(t)
	other, otherWraps := newEpoch(t)
	mixed := append(bytes.Clone(otherWraps[:1176]), wraps[1176:]...)
	hotline := envelope.Origin(wiretest.NewWorld().Origin(0, 2).Tuple())
	moved := append(bytes.Clone(wraps[1176:2*1176]), wraps[1176:]...)
	for name, c := range map[string]struct {
		origin     envelope.Origin
		commitment [32]byte
		place      int
		key        suite.SealingKey
		wraps      []byte
		want       fault.Code
	}{
		"as it is":             {origin(), e.Commitment, 0, list[0], wraps, ""},
		"another key":          {origin(), e.Commitment, 0, list[1], wraps, rule.EnvelopeOtherKey},
		"another place":        {origin(), e.Commitment, 1, list[0], wraps, rule.EnvelopeOtherKey},
		"a wrap moved":         {origin(), e.Commitment, 0, list[1], moved, rule.EnvelopeWraps},
		"another log":          {hotline, e.Commitment, 0, list[0], wraps, rule.EnvelopeWraps},
		"another commitment":   {origin(), other.Commitment, 0, list[0], wraps, rule.EnvelopeCommitment},
		"one wrap of another":  {origin(), e.Commitment, 0, list[0], mixed, rule.EnvelopeCommitment},
		"the others stay good": {origin(), e.Commitment, 2, list[2], mixed, ""},
		"a byte short":         {origin(), e.Commitment, 0, list[0], wraps[:3527], rule.EnvelopeWraps},
		"a byte long":          {origin(), e.Commitment, 0, list[0], append(bytes.Clone(wraps), 0), rule.EnvelopeWraps},
		"nothing":              {origin(), e.Commitment, 0, list[0], nil, rule.EnvelopeWraps},
	} {
		got, err := envelope.Unwrap(c.origin, c.commitment, c.place, c.key.PrivateKey, c.wraps)
		if code := fault.CodeOf(err); code != c.want {
			t.Errorf("%s: %q, want %q", name, code, c.want)
		}
		if err != nil && got != (envelope.Epoch{}) {
			t.Errorf("%s: a secret comes with the refusal", name)
		}
	}
	for i := 0; i < 1176; i += 7 {
		bad := bytes.Clone(wraps)
		bad[i] ^= 1
		if _, err := envelope.Unwrap(origin(), e.Commitment, 0, list[0].PrivateKey, bad); err == nil {
			t.Errorf("byte %d of the wrap can be changed", i)
		}
	}
	publics[2] = publics[2][:1215]
	_, _, err := envelope.NewEpoch(origin(), publics)
	wiretest.Code(t, err, rule.EnvelopeKey)
}

// Spec: ENV-7. A secret that was kept is held against the commitment.
func TestKnown(t *testing.T) {
	e, _ := newEpoch(t)
	if got, err := envelope.Known(origin(), e.Commitment, e.Secret); err != nil || got != e {
		t.Error(err)
	}
	bad := e.Secret
	bad[31] ^= 1
	got, err := envelope.Known(origin(), e.Commitment, bad)
	wiretest.Code(t, err, rule.EnvelopeCommitment)
	if got != (envelope.Epoch{}) {
		t.Error("a secret comes with the refusal")
	}
	_, err = envelope.Known(wiretest.NewWorld().Origin(1, 3).Tuple(), e.Commitment, e.Secret)
	wiretest.Code(t, err, rule.EnvelopeCommitment)
}

// Spec: ENV-9. No key is ever drawn twice, and with it no nonce used twice:
// the random part of every seal is another, also of one plaintext, in two
// processes that share the epoch.
func TestNoKeyRepeats(t *testing.T) {
	e, _ := newEpoch(t)
	twin := e
	seen := map[string]bool{}
	for range 2000 {
		for _, process := range []envelope.Epoch{e, twin} {
			sealed := process.Seal(origin(), []byte("we accept"))
			if seen[string(sealed[:32])] || seen[string(sealed[32:])] {
				t.Fatal("a key or a ciphertext comes twice")
			}
			seen[string(sealed[:32])], seen[string(sealed[32:])] = true, true
		}
	}
}

// Spec: SUI-1, ENV-9, ENV-10, ENV-11. What is sealed is opened by a second
// implementation made from the words of the page, and the other way round.
func TestSealByTheBook(t *testing.T) {
	e, _ := newEpoch(t)
	plain := []byte("the parts of an act")
	sealed := e.Seal(origin(), plain)
	block, err := aes.NewCipher(derive(t, e.Secret, "parley act key v1\n", sealed[:32]))
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	data := append([]byte("parley act v1\n\x01"), binary.BigEndian.AppendUint32(nil, uint32(len(origin())))...)
	data = append(append(data, origin()...), e.Commitment[:]...)
	padded, err := gcm.Open(nil, make([]byte, 12), sealed[32:], data)
	if err != nil || len(padded) != 256 {
		t.Fatalf("%d bytes, %v", len(padded), err)
	}
	if want := append(binary.BigEndian.AppendUint32(nil, uint32(len(plain))), plain...); !bytes.HasPrefix(padded, want) {
		t.Errorf("%x", padded)
	}
	// Bytes that Seal would not have made are refused although they open.
	for name, p := range map[string][]byte{
		"not zeros":       append(bytes.Clone(padded[:255]), 1),
		"more padding":    append(bytes.Clone(padded), make([]byte, 8)...),
		"less padding":    padded[:40],
		"a length beyond": append([]byte{0, 0, 1, 0}, padded[4:]...),
		"a huge length":   append([]byte{0xff, 0xff, 0xff, 0xff}, padded[4:]...),
	} {
		bad := append(bytes.Clone(sealed[:32]), gcm.Seal(nil, make([]byte, 12), p, data)...)
		_, err := e.Open(origin(), bad)
		if !fault.Is(err, rule.EnvelopePadding) {
			t.Errorf("%s: %v", name, err)
		}
	}
	tiny := append(bytes.Clone(sealed[:32]), gcm.Seal(nil, make([]byte, 12), []byte{1, 2, 3}, data)...)
	_, err = e.Open(origin(), tiny)
	wiretest.Code(t, err, rule.EnvelopeSealed)
}

// Spec: ENV-10, ENV-13. Sealed bytes open under their own epoch and log alone,
// and no byte of them can be changed.
func TestOpenRefused(t *testing.T) {
	e, _ := newEpoch(t)
	other, _ := newEpoch(t)
	sealed := e.Seal(origin(), []byte("we decline"))
	if plain, err := e.Open(origin(), sealed); err != nil || string(plain) != "we decline" {
		t.Fatalf("%q, %v", plain, err)
	}
	swapped := e
	swapped.Commitment = other.Commitment
	_, err := swapped.Open(origin(), sealed)
	wiretest.Code(t, err, rule.EnvelopeSealed)
	_, err = other.Open(origin(), sealed)
	wiretest.Code(t, err, rule.EnvelopeSealed)
	for _, o := range []envelope.Origin{wiretest.NewWorld().Origin(1, 3).Tuple(), wiretest.NewWorld().Origin(0, 1).Tuple(), nil} {
		_, err := e.Open(o, sealed)
		wiretest.Code(t, err, rule.EnvelopeSealed)
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 0x80
		if _, err := e.Open(origin(), bad); err == nil {
			t.Errorf("byte %d can be changed", i)
		}
	}
	for n := range sealed {
		if _, err := e.Open(origin(), sealed[:n]); err == nil {
			t.Errorf("the first %d bytes open", n)
		}
	}
	_, err = e.Open(origin(), make([]byte, envelope.MaxSealed+1))
	wiretest.Code(t, err, rule.EnvelopeSealed)
}

// Spec: ENV-11, ENV-12. Any plaintext comes back; its sealed length is that of
// its padded length, computed a second time with floating-point-free logs.
func TestPadding(t *testing.T) {
	e, _ := newEpoch(t)
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 3000).Draw(t, "length")
		plain := make([]byte, n)
		rand.Read(plain)
		sealed := e.Seal(origin(), plain)
		got, err := e.Open(origin(), sealed)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%d bytes: %v", n, err)
		}
		if len(sealed) != 32+padme(4+n)+16 {
			t.Fatalf("%d bytes sealed as %d", n, len(sealed))
		}
	})
	for n := 0; n < 1<<21; n += 1 + n/97 {
		p := envelope.Padded(n)
		if p != padme(n) || p < n || n > 256 && (p-n)*100 > 12*n || envelope.Padded(p) != p {
			t.Fatalf("%d is padded to %d, want %d", n, p, padme(n))
		}
	}
}

func padme(n int) int {
	if n < 256 {
		return 256
	}
	log := func(n int) int { return bits.Len(uint(n)) - 1 }
	unit := 1 << (log(n) - log(log(n)) - 1)
	return (n + unit - 1) / unit * unit
}

// Spec: ENV-13.
func FuzzOpen(f *testing.F) {
	for _, v := range wiretest.Vectors(f, "sealed") {
		f.Add(v.Body)
	}
	e, _ := newEpoch(f)
	f.Add(e.Seal(origin(), []byte("x")))
	f.Fuzz(func(t *testing.T, b []byte) {
		plain, err := e.Open(origin(), b)
		if err == nil && string(plain) != "x" {
			t.Errorf("%x opens to %x", b, plain)
		}
	})
}

// Spec: ENV-6.
func FuzzUnwrap(f *testing.F) {
	for _, v := range wiretest.Vectors(f, "wraps") {
		f.Add(v.Body)
	}
	list, _ := keys()
	e, wraps := newEpoch(f)
	f.Add(wraps)
	f.Fuzz(func(t *testing.T, b []byte) {
		for place, k := range list {
			if got, err := envelope.Unwrap(origin(), e.Commitment, place, k.PrivateKey, b); err == nil && got != e {
				t.Error("another secret is taken")
			}
		}
	})
}
