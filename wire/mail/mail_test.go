package mail_test

import (
	"bytes"
	"crypto/hpke"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	mathrand "math/rand/v2"
	"testing"

	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/mail"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/suite"
	"parley.example/wire/wiretest"
)

func cut(t testing.TB, turn []byte) []*mail.Chunk {
	t.Helper()
	p := wiretest.Parties()
	chunks, err := mail.Cut(party.Real, p[0].Card.Party, p[1].Card.Party, turn, p[0].Sign)
	if err != nil {
		t.Fatal(err)
	}
	return chunks
}

func bytesOf(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func recode(b []byte) ([]byte, error) {
	c, err := mail.DecodeChunk(b)
	if err != nil {
		return nil, err
	}
	return c.Encode(), nil
}

// Spec: MAIL-1, OCT-8, OCT-9, OCT-10.
func TestChunkStrict(t *testing.T) {
	good := cut(t, []byte("a turn"))[0].Encode()
	wiretest.Strict(t, good, recode)
	for i := range 16 { // tag and suite
		bad := bytes.Clone(good)
		bad[i] ^= 0x20
		_, err := mail.DecodeChunk(bad)
		wiretest.Code(t, err, fault.OctetsUnknown)
	}
}

// Spec: MAIL-1. Turns are cut at multiples of one length.
func TestCut(t *testing.T) {
	for size, want := range map[int]int{1: 1, mail.Part - 1: 1, mail.Part: 1, mail.Part + 1: 2, 3 * mail.Part: 3, contact.MaxTurn: 9} {
		turn := bytesOf(size)
		chunks := cut(t, turn)
		var all []byte
		for i, c := range chunks {
			if int(c.From) != i*mail.Part || int(c.Size) != size || c.Turn != sha256.Sum256(turn) {
				t.Errorf("%d bytes: chunk %d from %d of %d", size, i, c.From, c.Size)
			}
			all = append(all, c.Part...)
		}
		if len(chunks) != want || !bytes.Equal(all, turn) {
			t.Errorf("%d bytes in %d chunks, want %d", size, len(chunks), want)
		}
	}
	p := wiretest.Parties()
	for _, size := range []int{0, contact.MaxTurn + 1} {
		if _, err := mail.Cut(party.Real, p[0].Card.Party, p[1].Card.Party, make([]byte, size), p[0].Sign); !fault.Is(err, fault.ContactTooLarge) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

// Spec: MAIL-4. Bounds that a chunk of a turn cannot have.
func TestChunkBounds(t *testing.T) {
	for name, change := range map[string]func(*mail.Chunk){
		"realm 3":          func(c *mail.Chunk) { c.Realm = 3 },
		"nothing":          func(c *mail.Chunk) { c.Size, c.Part = 0, nil },
		"more than a turn": func(c *mail.Chunk) { c.Size = contact.MaxTurn + 1 },
		"between":          func(c *mail.Chunk) { c.From = 1 },
		"beyond":           func(c *mail.Chunk) { c.From = 2 * mail.Part },
		"short":            func(c *mail.Chunk) { c.Part = c.Part[1:] },
		"long":             func(c *mail.Chunk) { c.Size = uint32(len(c.Part)) - 1 },
	} {
		c := cut(t, bytesOf(mail.Part+9))[0]
		change(c)
		_, err := mail.DecodeChunk(c.Encode())
		if !fault.Is(err, rule.MailChunk) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Spec: MAIL-4. Every byte of a chunk is signed, by its sender.
func TestChunkSignature(t *testing.T) {
	p := wiretest.Parties()
	c := cut(t, []byte("a turn"))[0]
	wiretest.Code(t, c.Verify(suite.Signatures{}, p[0].Sign.Public()), "")
	wiretest.Code(t, c.Verify(suite.Signatures{}, p[1].Sign.Public()), rule.MailSignature)
	good := c.Encode()
	for i := range len(good) - 2500 {
		bad := bytes.Clone(good)
		bad[i] ^= 1
		if c, err := mail.DecodeChunk(bad); err == nil && c.Verify(suite.Signatures{}, p[0].Sign.Public()) == nil {
			t.Errorf("byte %d can be changed", i)
		}
	}
}

// Spec: MAIL-2, MAIL-3. Files have one of three lengths, two of one chunk have
// nothing in common, and only the receiver opens them.
func TestSealed(t *testing.T) {
	p := wiretest.Parties()
	other := wiretest.SealingKey("gamma seal")
	for part, length := range map[int]int{1: 33904, 29_000: 33904, 32_000: 132_208, 128_000: 132_208, 140_000: 525_424, mail.Part: 525_424} {
		c := cut(t, bytesOf(part))[0]
		file, err := mail.Seal(c, p[1].Card.Seal[:])
		if err != nil {
			t.Fatal(err)
		}
		twin, err := mail.Seal(c, p[1].Card.Seal[:])
		if err != nil || len(file) != length || !mail.Fits(length) || bytes.Equal(file[:64], twin[:64]) || bytes.Contains(file, c.Reader[:8]) {
			t.Errorf("%d bytes in a file of %d, %v", part, len(file), err)
		}
		got, err := mail.Open(p[1].Seal.PrivateKey, file)
		if err != nil || !bytes.Equal(got.Encode(), c.Encode()) {
			t.Errorf("%d bytes: %v", part, err)
		}
		_, err = mail.Open(other.PrivateKey, file)
		wiretest.Code(t, err, rule.MailForeign)
		for _, i := range []int{0, 1119, 1120, len(file) - 1} {
			bad := bytes.Clone(file)
			bad[i] ^= 1
			_, err = mail.Open(p[1].Seal.PrivateKey, bad)
			wiretest.Code(t, err, rule.MailForeign)
		}
		_, err = mail.Open(p[1].Seal.PrivateKey, file[1:])
		wiretest.Code(t, err, rule.MailForeign)
	}
	_, err := mail.Seal(cut(t, []byte{1})[0], p[1].Card.Seal[1:])
	wiretest.Code(t, err, rule.EnvelopeKey)
}

// Spec: MAIL-3, MAIL-4. What is sealed by the words of the page opens; padded
// otherwise it does not.
func TestSealedByTheBook(t *testing.T) {
	p := wiretest.Parties()
	raw := cut(t, []byte("a turn"))[0].Encode()
	seal := func(n uint32, raw []byte, padded int) []byte {
		plain := make([]byte, padded)
		binary.BigEndian.PutUint32(plain, n)
		copy(plain[4:], raw)
		key, err := hpke.MLKEM768X25519().NewPublicKey(p[1].Card.Seal[:])
		if err != nil {
			t.Fatal(err)
		}
		file, err := hpke.Seal(key, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte("parley mail v1\n"), plain)
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	n := uint32(len(raw))
	for name, c := range map[string]struct {
		file []byte
		want fault.Code
	}{
		"by the book":    {seal(n, raw, 32768), ""},
		"the next step":  {seal(n, raw, 131072), rule.MailChunk},
		"not zeros":      {seal(n, append(bytes.Clone(raw), 1), 32768), rule.MailChunk},
		"too long":       {seal(32768, raw, 32768), rule.MailChunk},
		"far too long":   {seal(1<<32-1, raw, 32768), rule.MailChunk},
		"nothing":        {seal(0, nil, 32768), fault.OctetsUnknown},
		"of no length":   {seal(n, raw, 40000), rule.MailForeign},
		"one byte short": {seal(n-1, raw[:n-1], 32768), fault.OctetsShort},
	} {
		_, err := mail.Open(p[1].Seal.PrivateKey, c.file)
		if got := fault.CodeOf(err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// Spec: MAIL-5. Any order, any number of times.
func TestGather(t *testing.T) {
	random := mathrand.New(mathrand.NewPCG(1, 2))
	var g mail.Gatherer
	for range 20 {
		turn := bytesOf(1 + random.IntN(contact.MaxTurn))
		chunks := cut(t, turn)
		chunks = append(chunks, chunks[:len(chunks)-1]...) // the last one alone comes once
		random.Shuffle(len(chunks), func(i, j int) { chunks[i], chunks[j] = chunks[j], chunks[i] })
		var got []byte
		for _, c := range chunks {
			whole, err := g.Add(c)
			if err != nil {
				t.Fatal(err)
			}
			if whole != nil && got == nil {
				got = whole
			}
		}
		if !bytes.Equal(got, turn) {
			t.Errorf("%d bytes do not come together", len(turn))
		}
	}
}

// Spec: MAIL-5. Four turns may be incomplete; the first of five is forgotten.
// What is not as it was announced is dropped.
func TestGatherBounds(t *testing.T) {
	var g mail.Gatherer
	var turns [mail.MaxOpen + 1][]*mail.Chunk
	for i := range turns {
		turns[i] = cut(t, bytesOf(mail.Part+1))
		if whole, err := g.Add(turns[i][0]); whole != nil || err != nil {
			t.Fatalf("%d: %v", i, err)
		}
	}
	for i := mail.MaxOpen; i >= 0; i-- {
		if whole, err := g.Add(turns[i][1]); (whole != nil) != (i > 0) || err != nil {
			t.Errorf("turn %d: whole %v, %v", i, whole != nil, err)
		}
	}
	g = mail.Gatherer{}
	for i := range mail.MaxOpen {
		g.Add(turns[i][0])
	}
	alone := cut(t, []byte("a turn"))[0]
	for range 2 { // of one chunk, whole at once, takes nobody's place
		if whole, err := g.Add(alone); string(whole) != "a turn" || err != nil {
			t.Errorf("%q, %v", whole, err)
		}
	}
	if whole, err := g.Add(turns[0][1]); whole == nil || err != nil {
		t.Errorf("the first of four was forgotten: %v", err)
	}
	alone.Part[0] ^= 1
	_, err := g.Add(alone)
	wiretest.Code(t, err, rule.MailChunk)
	bad := cut(t, bytesOf(mail.Part+1))
	bad[1].Part[0] ^= 1
	g.Add(bad[0])
	_, err = g.Add(bad[1])
	wiretest.Code(t, err, rule.MailChunk)
	other := cut(t, bytesOf(mail.Part+1))
	g.Add(other[0])
	other[1].Size++
	_, err = g.Add(other[1])
	wiretest.Code(t, err, rule.MailChunk)
}

// Spec: MAIL-1, OCT-11.
func FuzzDecodeChunk(f *testing.F) {
	wiretest.Seeds(f, "mail")
	f.Fuzz(func(t *testing.T, b []byte) { wiretest.Recode(t, b, recode) })
}

// Spec: MAIL-3, MAIL-4, MAIL-5. Whatever a stranger seals to us: what opens is
// written as it would be, and what is gathered is what was named.
func FuzzOpenFile(f *testing.F) {
	p := wiretest.Parties()
	key, err := hpke.MLKEM768X25519().NewPublicKey(p[1].Card.Seal[:])
	if err != nil {
		f.Fatal(err)
	}
	for _, raw := range [][]byte{cut(f, []byte("a turn"))[0].Encode(), piece().Encode(), wanted().Encode()} {
		f.Add(raw, uint32(len(raw)))
	}
	f.Add([]byte{}, uint32(0))
	f.Add([]byte{0}, uint32(1<<32-1))
	f.Fuzz(func(t *testing.T, raw []byte, n uint32) {
		padded := make([]byte, max(32<<10, len(raw)+4))
		binary.BigEndian.PutUint32(padded, n)
		copy(padded[4:], raw)
		file, err := hpke.Seal(key, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte("parley mail v1\n"), padded)
		if err != nil {
			t.Fatal(err)
		}
		item, err := mail.Open(p[1].Seal.PrivateKey, file)
		if err != nil {
			return
		}
		if !bytes.Equal(item.Encode(), padded[4:4+n]) {
			t.Errorf("%x is read otherwise", raw)
		}
		c, ok := item.(*mail.Chunk)
		if !ok {
			return
		}
		var g mail.Gatherer
		if whole, err := g.Add(c); err == nil && whole != nil && sha256.Sum256(whole) != c.Turn {
			t.Errorf("%x is gathered to something else", raw)
		}
	})
}
