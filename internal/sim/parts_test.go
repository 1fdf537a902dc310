package sim

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"log/slog"
	"maps"
	"strings"

	"parley.example/internal/link"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/suite"
)

// cheap is a signing key whose signatures anybody could make: a hash of public
// key and message. The rules that ask for signatures are the same; the time
// they cost is not what these tests are about. Some seeds run with real ones.
type cheap struct{ public party.PublicKey }

func cheapKey(seed [64]byte) suite.Signer {
	var k cheap
	h := sha256.Sum256(append([]byte("sim key\n"), seed[:]...))
	copy(k.public.Ed25519[:], h[:])
	copy(k.public.MLDSA44[:], h[:])
	return k
}

func (k cheap) Public() party.PublicKey       { return k.public }
func (k cheap) Ed25519(message []byte) []byte { return stamp(k.public.Ed25519[:], message, 64) }
func (k cheap) MLDSA44(message []byte) []byte {
	return stamp(k.public.MLDSA44[:32], message, party.MLDSA44SigSize)
}

func (k cheap) Sign(message []byte) (s party.Signature) {
	copy(s.Ed25519[:], k.Ed25519(message))
	copy(s.MLDSA44[:], k.MLDSA44(message))
	return s
}

func stamp(key, message []byte, size int) []byte {
	h := sha256.New()
	h.Write(key)
	h.Write(message)
	return append(h.Sum(nil), make([]byte, size-sha256.Size)...)
}

// cheapSignatures checks what cheap makes.
type cheapSignatures struct{}

func (cheapSignatures) Ed25519(key, message, signature []byte) bool {
	return len(signature) == 64 && bytes.Equal(stamp(key, message, 64), signature)
}

func (cheapSignatures) MLDSA44(key, message, signature []byte) bool {
	return len(signature) == party.MLDSA44SigSize && len(key) == party.MLDSA44Size &&
		bytes.Equal(stamp(key[:32], message, party.MLDSA44SigSize), signature)
}

// drawKey draws a signing key.
func drawKey(signer func([64]byte) suite.Signer) suite.Signer {
	var seed [64]byte
	rand.Read(seed[:])
	if signer == nil {
		return suite.SigningKeyFrom(seed)
	}
	return signer(seed)
}

// open is a vault that hides nothing, so that the checker can look inside.
type open struct{}

func (open) Seal(label string, b []byte) []byte { return append([]byte(label+"\x00"), b...) }

func (open) Open(label string, b []byte) ([]byte, error) {
	rest, ok := bytes.CutPrefix(b, []byte(label+"\x00"))
	if !ok {
		return nil, fault.New(rule.StoreDamaged, "what", label)
	}
	return rest, nil
}

func (open) Tokens(string) [][16]byte { return nil }

// folder keeps sealed attachments.
type folder struct {
	kept, begun map[[32]byte][]byte
}

func (f *folder) Begun(want [32]byte) int64 { return int64(len(f.begun[want])) }

func (f *folder) Continue(want [32]byte, size, offset int64, piece []byte) (bool, error) {
	have := f.begun[want]
	if offset > int64(len(have)) {
		return false, fault.New(rule.ContactGap)
	}
	have = append(have[:offset:offset], piece...)
	f.begun[want] = have
	if int64(len(have)) < size {
		return false, nil
	}
	delete(f.begun, want)
	if sha256.Sum256(have) != want {
		return false, fault.New(rule.NodeAttachment, "name", "")
	}
	f.kept[want] = have
	return true, nil
}

func (f *folder) Add(r io.Reader) ([32]byte, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return [32]byte{}, err
	}
	sealed := sha256.Sum256(b)
	f.kept[sealed] = b
	return sealed, nil
}

func (f *folder) Sweep(continued func([32]byte) bool) error {
	maps.DeleteFunc(f.begun, func(sealed [32]byte, _ []byte) bool { return !continued(sealed) })
	return nil
}

type reading struct{ *bytes.Reader }

func (reading) Close() error { return nil }

func (f *folder) Open(sealed [32]byte) (io.ReadSeekCloser, error) {
	if !f.Has(sealed) {
		return nil, fault.New(rule.StoreAbsent)
	}
	return reading{bytes.NewReader(f.kept[sealed])}, nil
}

func (f *folder) Has(sealed [32]byte) bool { _, has := f.kept[sealed]; return has }

func (f *folder) Remove(sealed [32]byte) error { delete(f.kept, sealed); return nil }

// notes keeps the notes of own heads, synced within a second: a power cut may
// take back what is younger.
type notes struct {
	s            *side
	note, synced map[[32]byte]*link.Note
	at           int64
}

func newNotes(s *side) *notes {
	return &notes{s: s, note: map[[32]byte]*link.Note{}, synced: map[[32]byte]*link.Note{}}
}

func (n *notes) Read(id [32]byte) (*link.Note, error) { return n.note[id], nil }

func (n *notes) Write(id [32]byte, note *link.Note, sync bool) error {
	if n.s.disk.down {
		return fault.New(rule.StoreClosed)
	}
	if now := n.s.w.now; now-n.at > second {
		n.synced, n.at = maps.Clone(n.note), now
	}
	kept := *note
	n.note[id] = &kept
	if sync {
		n.synced = maps.Clone(n.note)
	}
	return nil
}

// cut takes the power away.
func (n *notes) cut() {
	if n.s.w.now-n.at <= second && n.s.w.chance(50) {
		n.note = maps.Clone(n.synced)
	}
}

// clone is the notes as a backup has them.
func (n *notes) clone() *notes {
	return &notes{s: n.s, note: maps.Clone(n.note), synced: maps.Clone(n.synced), at: n.at}
}

// listener writes what a node warns of into the transcript, and hands its
// refusals to the checker.
type listener struct{ s *side }

func (listener) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }
func (l listener) WithAttrs([]slog.Attr) slog.Handler             { return l }
func (l listener) WithGroup(string) slog.Handler                  { return l }

func (l listener) Handle(_ context.Context, r slog.Record) error {
	var b strings.Builder
	if b.WriteString("  (warns"); !l.s.w.wordless {
		b.WriteString(": " + r.Message)
	}
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "link" || a.Key == "code" && r.Message == "refused" {
			return true
		}
		text := a.Value.String()
		if i := strings.IndexByte(text, '\n'); i >= 0 {
			text = text[:i] // a stack has addresses, which no two runs share
		}
		b.WriteString(" " + a.Key + "=" + hashes.ReplaceAllString(text, "${1}…"))
		if err, ok := a.Value.Any().(error); ok {
			l.s.w.check.alarm(l.s, r.Message, err)
		}
		return true
	})
	l.s.say("%s)", b.String())
	return nil
}
