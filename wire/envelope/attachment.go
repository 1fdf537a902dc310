package envelope

import (
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// Chunk is how much of an attachment is sealed at a time, in bytes: the memory
// an attachment takes, whatever its length.
const Chunk = 64 << 10

// The sealed bytes of an attachment are the STREAM construction that age uses
// for its payload: chunks of 64 KiB under AES-256-GCM with a key of the
// attachment's own, the nonce an 11-byte counter and a byte that is 1 in the
// last chunk. A chunk missing, moved, repeated or cut off does not open.

func nonce(counter uint64, last bool) []byte {
	n := make([]byte, 12)
	binary.BigEndian.PutUint64(n[3:11], counter)
	if last {
		n[11] = 1
	}
	return n
}

// SealAttachment reads content to its end, writes the sealed bytes, and fills
// the descriptor's key, sizes and hashes; its name and media type are the
// caller's.
func SealAttachment(dst io.Writer, content io.Reader) (a statement.Attachment, err error) {
	rand.Read(a.Key[:])
	rand.Read(a.Salt[:])
	gcm := aead(a.Key)
	sealed, plain := sha256.New(), sha256.New()
	plain.Write(a.Salt[:])
	out := io.MultiWriter(dst, sealed)
	chunk, next := make([]byte, Chunk), make([]byte, Chunk)
	n, err := io.ReadFull(content, chunk)
	for counter := uint64(0); ; counter++ {
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return a, err
		}
		var m int
		var ahead error = io.EOF
		if err == nil {
			m, ahead = io.ReadFull(content, next)
		}
		last := m == 0 && ahead == io.EOF
		plain.Write(chunk[:n])
		ct := gcm.Seal(nil, nonce(counter, last), chunk[:n], nil)
		if _, werr := out.Write(ct); werr != nil {
			return a, werr
		}
		a.Size, a.SealedSize = a.Size+uint64(n), a.SealedSize+uint64(len(ct))
		if last {
			plain.Sum(a.Content[:0])
			sealed.Sum(a.Sealed[:0])
			return a, nil
		}
		chunk, next, n, err = next, chunk, m, ahead
	}
}

// OpenAttachment reads sealed bytes to their end and writes the content as it
// opens. Only a nil error says that all of it was good; what was written
// before an error must not be shown.
func OpenAttachment(dst io.Writer, sealed io.Reader, a *statement.Attachment) error {
	r := &opening{gcm: aead(a.Key), sealed: sha256.New(), plain: sha256.New()}
	r.plain.Write(a.Salt[:])
	chunk, next := make([]byte, Chunk+16), make([]byte, Chunk+16)
	n, err := io.ReadFull(sealed, chunk)
	for {
		if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
			return err
		}
		var m int
		var ahead error = io.EOF
		if err == nil {
			m, ahead = io.ReadFull(sealed, next)
		}
		last := m == 0 && ahead == io.EOF
		if err := r.chunk(dst, chunk[:n], last); err != nil {
			return err
		}
		if last {
			break
		}
		chunk, next, n, err = next, chunk, m, ahead
	}
	if r.size != a.Size || r.sealedSize != a.SealedSize || [32]byte(r.sealed.Sum(nil)) != a.Sealed || [32]byte(r.plain.Sum(nil)) != a.Content {
		return fault.New(rule.EnvelopeAttachment, "name", a.Name)
	}
	return nil
}

type opening struct {
	gcm                       cipher.AEAD
	sealed, plain             hash.Hash
	counter, size, sealedSize uint64
}

func (o *opening) chunk(dst io.Writer, sealed []byte, last bool) error {
	o.sealed.Write(sealed)
	plain, err := o.gcm.Open(nil, nonce(o.counter, last), sealed, nil)
	if err != nil || len(plain) == 0 && o.counter > 0 { // one content, one division into chunks
		return fault.New(rule.EnvelopeAttachment, "chunk", fault.Int(o.counter))
	}
	o.plain.Write(plain)
	o.counter, o.size, o.sealedSize = o.counter+1, o.size+uint64(len(plain)), o.sealedSize+uint64(len(sealed))
	_, err = dst.Write(plain)
	return err
}
