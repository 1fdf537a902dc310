package carriertest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"parley.example/internal/carrier"
	"parley.example/wire/mail"
	"parley.example/wire/party"
	"parley.example/wire/wiretest"
)

// Mailed is a carrier under test: what is posted comes into the box, and letter
// puts something there that no node wrote.
type Mailed struct {
	Poster carrier.Poster
	Box    carrier.Box
	Peer   carrier.Peer
	Letter func(t *testing.T, text string)
}

// File is a file as nodes post it, of a part of so many bytes, sealed to a key
// of the tests.
func File(t testing.TB, part int) []byte {
	t.Helper()
	p := wiretest.Parties()
	chunks, err := mail.Cut(party.Real, p[0].Card.Party, p[1].Card.Party, bytes.Repeat([]byte{7}, part), p[0].Sign)
	if err != nil {
		t.Fatal(err)
	}
	file, err := mail.Seal(chunks[0], p[1].Card.Seal[:])
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// Posted is the suite.
func Posted(t *testing.T, open func(t *testing.T) Mailed) {
	t.Run("whole and in order", func(t *testing.T) { wholeAndInOrder(t, open(t)) })
	t.Run("kept once, left, or nobody's", func(t *testing.T) { onceLeftForeign(t, open(t)) })
	t.Run("bounded", func(t *testing.T) { bounded(t, open(t)) })
	t.Run("context", func(t *testing.T) { contextEnds(t, open(t)) })
}

// collect takes all that comes.
func (m Mailed) collect(t *testing.T) (files [][]byte) {
	t.Helper()
	_, err := m.Box.Collect(t.Context(), func(file []byte) error {
		files = append(files, bytes.Clone(file))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func (m Mailed) post(t *testing.T, file []byte) {
	t.Helper()
	if err := m.Poster.Post(t.Context(), m.Peer, file); err != nil {
		t.Fatal(err)
	}
}

func wholeAndInOrder(t *testing.T, m Mailed) {
	var want, long [][]byte
	for _, part := range []int{1, mail.Part, 100_000, mail.Part, 2} {
		file := File(t, part)
		m.post(t, file)
		if part == mail.Part {
			long = append(long, file)
		} else {
			want = append(want, file)
		}
	}
	want = append(want, long...)
	if got := m.collect(t); !slices.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("%d files came of %d, or others", len(got), len(want))
	}
	if again := m.collect(t); len(again) > 0 {
		t.Errorf("%d files come again", len(again))
	}
}

func onceLeftForeign(t *testing.T, m Mailed) {
	file, letters := File(t, 1), 3
	m.post(t, file)
	for range letters {
		m.Letter(t, "a letter to a human")
	}
	later, seen := errors.New("not now"), 0
	for _, answer := range []error{later, later, carrier.ErrForeign} {
		_, err := m.Box.Collect(t.Context(), func(got []byte) error {
			if bytes.Equal(got, file) {
				seen++
				return answer
			}
			return carrier.ErrForeign
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if rest := m.collect(t); seen != 3 || len(rest) > 0 {
		t.Errorf("seen %d times, %d files left", seen, len(rest))
	}
}

func bounded(t *testing.T, m Mailed) {
	const most = carrier.MaxCollected
	for range most + 2 {
		m.Letter(t, "one of very many")
	}
	file := File(t, 1)
	m.post(t, file)
	var got [][]byte
	for range 3 {
		looked, err := m.Box.Collect(t.Context(), func(f []byte) error {
			if !bytes.Equal(f, file) {
				return carrier.ErrForeign
			}
			got = append(got, f)
			return nil
		})
		if err != nil || looked > most {
			t.Fatalf("%d looked at, %v", looked, err)
		}
	}
	if len(got) != 1 {
		t.Errorf("behind %d letters %d files came", most+2, len(got))
	}
}

func contextEnds(t *testing.T, m Mailed) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := m.Poster.Post(ctx, m.Peer, File(t, 1)); err == nil {
		t.Error("posted after its context had ended")
	}
	if n, err := m.Box.Collect(ctx, func([]byte) error { return nil }); err == nil && n > 0 {
		t.Errorf("%d collected after the context had ended", n)
	}
}
