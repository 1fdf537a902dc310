package node_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"parley.example/wire/mail"
	"parley.example/wire/statement"
)

// story is one of a file of spec/vectors/gathered, which spec/mail.md describes.
type story[T any] struct {
	Name      string
	Announced map[string]int
	Steps     []T
}

func stories[T any](t *testing.T, file string) (list []story[T]) {
	t.Helper()
	raw, err := os.ReadFile("../../spec/vectors/gathered/" + file)
	if err == nil {
		err = json.Unmarshal(raw, &list)
	}
	if err != nil || len(list) == 0 {
		t.Fatal(len(list), err)
	}
	return list
}

// cameOf is what has come of attachments after a piece.
type cameOf struct {
	Code  string
	Kept  map[string]int64
	Waits int
	Whole string
}

type pieceStep struct {
	Piece       string
	From, Bytes int
	Fill        string
	cameOf
}

// incidentsByCode counts refusals.
func (s *side) incidentsByCode() map[string]uint32 {
	s.p.t.Helper()
	list, err := s.node.Incidents(s.p.ctx)
	s.p.must(err)
	counts := map[string]uint32{}
	for _, i := range list {
		counts[string(i.Fault.Code)] += i.Count
	}
	return counts
}

// Spec: MAIL-21, MAIL-28, CON-18. What becomes of pieces of attachments.
func TestPieceVectors(t *testing.T) {
	t.Parallel()
	for _, story := range stories[pieceStep](t, "pieces.json") {
		t.Run(story.Name, func(t *testing.T) {
			m := newMailed(t)
			cn := m.sides[1]
			sealed := map[string][32]byte{}
			for letter, size := range story.Announced {
				sealed[letter] = sha256.Sum256(bytes.Repeat([]byte(letter), size))
				m.must(cn.node.Expects(m.ctx, cn.link, &statement.Attachment{Sealed: sealed[letter], SealedSize: uint64(size)}))
			}
			for i, s := range story.Steps {
				fill, before := s.Piece, cn.incidentsByCode()
				if s.Fill != "" {
					fill = s.Fill
				}
				var got cameOf
				var err error
				got.Waits, err = cn.node.TakePiece(m.ctx, cn.link, &mail.Piece{Realm: cn.link.Realm, Writer: cn.link.Them, Reader: cn.link.Us,
					Sealed: sealed[s.Piece], From: uint64(s.From), Bytes: bytes.Repeat([]byte(fill), s.Bytes)})
				m.must(err)
				for code, count := range cn.incidentsByCode() {
					got.Code += strings.Repeat(code, int(count-before[code]))
				}
				for _, letter := range slices.Sorted(maps.Keys(sealed)) {
					if cn.node.Attachments.Has(sealed[letter]) {
						got.Whole += letter
					} else if begun := cn.node.Attachments.Begun(sealed[letter]); begun > 0 {
						got.Kept = with(got.Kept, letter, begun)
					}
				}
				if got.Code != s.Code || got.Waits != s.Waits || got.Whole != s.Whole || !maps.Equal(got.Kept, s.Kept) {
					t.Errorf("step %d: %+v, want %+v", i+1, got, s.cameOf)
				}
			}
		})
	}
}

func with(m map[string]int64, key string, value int64) map[string]int64 {
	if m == nil {
		m = map[string]int64{}
	}
	m[key] = value
	return m
}

// Spec: MAIL-21, MAIL-28. Which questions are taken.
func TestQuestionVectors(t *testing.T) {
	for _, story := range stories[struct {
		Time  int64
		Taken bool
	}](t, "questions.json") {
		m := newMailed(t)
		us := m.sides[0]
		for i, s := range story.Steps {
			mark := mail.Range{From: uint64(i), To: uint64(i) + 1}
			wanted, err := us.node.TakeWanted(m.ctx, us.link, &mail.Wanted{Realm: us.link.Realm, Writer: us.link.Them, Reader: us.link.Us, Time: s.Time, Ranges: []mail.Range{mark}})
			m.must(err)
			if taken := slices.Equal(wanted, []mail.Range{mark}); taken != s.Taken {
				t.Errorf("%s, step %d: taken %v, want %v", story.Name, i+1, taken, s.Taken)
			}
		}
	}
}
