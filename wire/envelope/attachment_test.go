package envelope_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"parley.example/wire/envelope"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
	"parley.example/wire/wiretest"
)

const sealedChunk = envelope.Chunk + 16

func content(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func seal(t testing.TB, plain []byte) (statement.Attachment, []byte) {
	t.Helper()
	var sealed bytes.Buffer
	a, err := envelope.SealAttachment(&sealed, bytes.NewReader(plain))
	if err != nil {
		t.Fatal(err)
	}
	return a, sealed.Bytes()
}

func open(a statement.Attachment, sealed []byte) ([]byte, error) {
	var out bytes.Buffer
	err := envelope.OpenAttachment(&out, bytes.NewReader(sealed), &a)
	return out.Bytes(), err
}

// Spec: ENV-14, ENV-15, ENV-16. Sizes around the borders of chunks, read in
// small pieces too; the descriptor says what was sealed.
func TestAttachmentSizes(t *testing.T) {
	for _, n := range []int{0, 1, envelope.Chunk - 1, envelope.Chunk, envelope.Chunk + 1, 2 * envelope.Chunk, 2*envelope.Chunk + 1, 3*envelope.Chunk - 1} {
		plain := content(n)
		var sealed bytes.Buffer
		a, err := envelope.SealAttachment(&sealed, iotest.HalfReader(bytes.NewReader(plain)))
		if err != nil {
			t.Fatal(err)
		}
		chunks := max(1, (n+envelope.Chunk-1)/envelope.Chunk)
		if sealed.Len() != n+16*chunks || a.Size != uint64(n) || a.SealedSize != uint64(sealed.Len()) || a.Sealed != sha256.Sum256(sealed.Bytes()) ||
			a.Content != sha256.Sum256(append(a.Salt[:], plain...)) {
			t.Errorf("%d bytes: sealed as %d, %+v", n, sealed.Len(), a)
		}
		var out bytes.Buffer
		if err := envelope.OpenAttachment(&out, iotest.OneByteReader(bytes.NewReader(sealed.Bytes())), &a); err != nil || !bytes.Equal(out.Bytes(), plain) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	a, _ := seal(t, []byte("x"))
	b, _ := seal(t, []byte("x"))
	if a.Key == b.Key || a.Salt == b.Salt {
		t.Error("two attachments have one key or salt")
	}
}

// byHand seals chunks as they are given, the last one marked.
func byHand(t *testing.T, a *statement.Attachment, chunks ...[]byte) []byte {
	t.Helper()
	block, err := aes.NewCipher(a.Key[:])
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	var out, plain []byte
	for i, c := range chunks {
		nonce := make([]byte, 12)
		nonce[10] = byte(i)
		if i == len(chunks)-1 {
			nonce[11] = 1
		}
		out, plain = gcm.Seal(out, nonce, c, nil), append(plain, c...)
	}
	a.Size, a.SealedSize, a.Sealed = uint64(len(plain)), uint64(len(out)), sha256.Sum256(out)
	a.Content = sha256.Sum256(append(a.Salt[:], plain...))
	return out
}

// Spec: ENV-14, ENV-15. Chunks sealed by the words of the page open; a content
// divided otherwise does not, although every hash is right.
func TestAttachmentByTheBook(t *testing.T) {
	full, rest := content(envelope.Chunk), content(100)
	for name, c := range map[string]struct {
		chunks [][]byte
		want   fault.Code
	}{
		"one":                  {[][]byte{rest}, ""},
		"none":                 {[][]byte{{}}, ""},
		"two":                  {[][]byte{full, rest}, ""},
		"full, full":           {[][]byte{full, full}, ""},
		"an empty one behind":  {[][]byte{full, {}}, rule.EnvelopeAttachment},
		"a short one in front": {[][]byte{rest, full}, rule.EnvelopeAttachment},
		"two short ones":       {[][]byte{rest, rest}, rule.EnvelopeAttachment},
	} {
		a := &statement.Attachment{Key: [32]byte{1}, Salt: [32]byte{2}}
		sealed := byHand(t, a, c.chunks...)
		got, err := open(*a, sealed)
		if code := fault.CodeOf(err); code != c.want {
			t.Errorf("%s: %q, want %q", name, code, c.want)
		}
		if err == nil && !bytes.Equal(got, bytes.Join(c.chunks, nil)) {
			t.Errorf("%s: other content", name)
		}
	}
}

// Spec: ENV-16.
func TestAttachmentRefused(t *testing.T) {
	plain := content(2*envelope.Chunk + 5)
	a, sealed := seal(t, plain)
	one, two, three := sealed[:sealedChunk], sealed[sealedChunk:2*sealedChunk], sealed[2*sealedChunk:]
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	flip := func(i int) []byte {
		b := bytes.Clone(sealed)
		b[i] ^= 1
		return b
	}
	with := func(change func(*statement.Attachment)) statement.Attachment {
		b := a
		change(&b)
		return b
	}
	for name, c := range map[string]struct {
		a      statement.Attachment
		sealed []byte
	}{
		"cut at a border":      {a, join(one, two)},
		"cut within a chunk":   {a, sealed[:len(sealed)-1]},
		"cut in the middle":    {a, sealed[:sealedChunk+9]},
		"empty":                {a, nil},
		"a tag alone":          {a, sealed[:16]},
		"less than a tag":      {a, sealed[:15]},
		"reordered":            {a, join(two, one, three)},
		"the last first":       {a, join(three, two, one)},
		"one repeated":         {a, join(one, one, two, three)},
		"the last repeated":    {a, join(sealed, three)},
		"one missing":          {a, join(one, three)},
		"a byte behind":        {a, join(sealed, []byte{0})},
		"first bit":            {a, flip(0)},
		"a bit of chunk 2":     {a, flip(sealedChunk + 1)},
		"last bit":             {a, flip(len(sealed) - 1)},
		"another key":          {with(func(a *statement.Attachment) { a.Key[0] ^= 1 }), sealed},
		"another salt":         {with(func(a *statement.Attachment) { a.Salt[0] ^= 1 }), sealed},
		"another size":         {with(func(a *statement.Attachment) { a.Size++ }), sealed},
		"another sealed size":  {with(func(a *statement.Attachment) { a.SealedSize++ }), sealed},
		"another sealed hash":  {with(func(a *statement.Attachment) { a.Sealed[0] ^= 1 }), sealed},
		"another content hash": {with(func(a *statement.Attachment) { a.Content[0] ^= 1 }), sealed},
	} {
		if _, err := open(c.a, c.sealed); !fault.Is(err, rule.EnvelopeAttachment) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error)  { return 0, b.err }
func (b broken) Write([]byte) (int, error) { return 0, b.err }

// Spec: ENV-16. A disk or a line that fails gives its own error, and never a
// shorter attachment that is good.
func TestAttachmentBrokenReader(t *testing.T) {
	disk := errors.New("disk")
	plain := content(envelope.Chunk + 5)
	a, sealed := seal(t, plain)
	for _, n := range []int{0, 5, envelope.Chunk, envelope.Chunk + 5, sealedChunk, len(sealed)} {
		if n <= len(plain) {
			_, err := envelope.SealAttachment(io.Discard, io.MultiReader(bytes.NewReader(plain[:n]), broken{disk}))
			if !errors.Is(err, disk) {
				t.Errorf("sealing breaks off after %d: %v", n, err)
			}
		}
		err := envelope.OpenAttachment(io.Discard, io.MultiReader(bytes.NewReader(sealed[:n]), broken{disk}), &a)
		if !errors.Is(err, disk) && !fault.Is(err, rule.EnvelopeAttachment) {
			t.Errorf("opening breaks off after %d: %v", n, err)
		}
	}
	if _, err := envelope.SealAttachment(broken{disk}, bytes.NewReader(plain)); !errors.Is(err, disk) {
		t.Error(err)
	}
	if err := envelope.OpenAttachment(broken{disk}, bytes.NewReader(sealed), &a); !errors.Is(err, disk) {
		t.Error(err)
	}
}

// Spec: ENV-16.
func FuzzOpenAttachment(f *testing.F) {
	for _, v := range wiretest.Vectors(f, "content") {
		f.Add(v.Body)
	}
	plain := content(300)
	a, sealed := seal(f, plain)
	f.Add(sealed)
	f.Fuzz(func(t *testing.T, b []byte) {
		if got, err := open(a, b); err == nil && !bytes.Equal(got, plain) {
			t.Errorf("%x opens to other content", b)
		}
	})
}
