package sqltext

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// The words of threads. A word's token is as good as random, so an index that
// took each as it comes would touch a page for every word of an act. Here the
// words of a thread are one row, in the order in which they came; when the rows
// that no segment has hold segmentWords words, these are sorted into a segment.
// A search asks every segment, and reads the rows behind the last.
const (
	segmentWords = 1 << 14
	segmentsOnce = 4 // segments that one commit makes at most
	postingsPage = 128
	wordsPage    = 64
)

// posting is a token and where its thread stands, ordered as its bytes are.
type posting [16 + 4 + 8 + 1]byte

// posted is a thread as postings name it.
type posted struct {
	line     int64
	position uint64
	own      bool
}

func postingOf(token []byte, t posted) (p posting) {
	copy(p[:16], token)
	binary.BigEndian.PutUint32(p[16:], uint32(t.line))
	binary.BigEndian.PutUint64(p[20:], t.position)
	if t.own {
		p[28] = 1
	}
	return p
}

func (p posting) thread() posted {
	return posted{int64(binary.BigEndian.Uint32(p[16:])), binary.BigEndian.Uint64(p[20:]), p[28] == 1}
}

func comparePostings(a, b posting) int {
	// The first eight bytes nearly always decide.
	if x, y := binary.BigEndian.Uint64(a[:]), binary.BigEndian.Uint64(b[:]); x != y {
		return cmp.Compare(x, y)
	}
	return bytes.Compare(a[:], b[:])
}

// postingsOf takes a page of a segment apart.
func postingsOf(b []byte) ([]posting, error) {
	if len(b)%len(posting{}) != 0 {
		return nil, fault.New(rule.StoreDamaged, "table", "postings")
	}
	all := make([]posting, 0, len(b)/len(posting{}))
	for p := range slices.Chunk(b, len(posting{})) {
		all = append(all, posting(p))
	}
	return all, nil
}

// wordRow is a row of thread_words.
type wordRow struct {
	run    int64
	thread posted
	words  []byte
}

// wordRows reads a page of rows behind a number.
func (r *reader) wordRows(after int64) (page []wordRow, err error) {
	var row wordRow
	var position int64
	err = r.s.all(qWords, []any{after, int64(wordsPage)},
		[]any{&row.run, &row.thread.line, &row.thread.own, &position, &row.words}, func() {
			row.thread.position = uint64(position)
			page = append(page, row)
			row.words = nil
		})
	return page, err
}

// last is the highest number that a query knows; 0 for none.
func (r *reader) last(query string) (n int64, err error) {
	if err = r.s.one(query, []any{int64(math.MaxInt64)}, &n); isAbsent(err) {
		err = nil
	}
	return n, err
}

// wordState is what the writer remembers of words; it is read when it is not
// known, and forgotten after whatever went wrong.
type wordState struct {
	known  bool
	run    int64 // of the last row
	merged int64 // of the last segment
	waits  int   // words behind the last segment
}

func (b *batch) wordState() (*wordState, error) {
	w := &b.st.words
	if w.known {
		return w, nil
	}
	r := reader{s: b.st.writer, st: b.st, b: b}
	var fresh wordState
	var err error
	if fresh.merged, err = r.last(qSegmentLast); err != nil {
		return nil, err
	}
	if fresh.run, err = r.last(qWordsLast); err != nil {
		return nil, err
	}
	fresh.run = max(fresh.run, fresh.merged)
	for after := fresh.merged; ; {
		page, err := r.wordRows(after)
		if err != nil {
			return nil, err
		}
		for _, row := range page {
			fresh.waits += len(row.words) / 16
			after = row.run
		}
		if len(page) < wordsPage {
			break
		}
	}
	fresh.known = true
	*w = fresh
	return w, nil
}

func (b *batch) flushWords(l *layer) error {
	if len(l.words) == 0 {
		return nil
	}
	w, err := b.wordState()
	if err != nil {
		return err
	}
	var args []any
	if err := threaded(b, l.words, func(id store.ThreadID, line int64, tokens [][16]byte) {
		slices.SortFunc(tokens, func(a, b [16]byte) int { return bytes.Compare(a[:], b[:]) })
		tokens = slices.Compact(tokens)
		words := make([]byte, 0, 16*len(tokens))
		for _, token := range tokens {
			words = append(words, token[:]...)
		}
		w.run++
		w.waits += len(tokens)
		args = append(args, w.run, line, id.Own, int64(id.Position), words)
	}); err != nil {
		return err
	}
	if err := b.st.writer.insert(qWordsPut, args); err != nil {
		return err
	}
	for n := 0; w.waits >= segmentWords && n < segmentsOnce; n++ {
		if err := b.segment(w); err != nil {
			return err
		}
	}
	return nil
}

// segment sorts the rows behind the last segment into a new one.
func (b *batch) segment(w *wordState) error {
	r := reader{s: b.st.writer, st: b.st, b: b}
	after, all := w.merged, make([]posting, 0, segmentWords+store.MaxTokens)
	for waited := 0; waited < min(segmentWords, w.waits); {
		page, err := r.wordRows(after)
		if err != nil {
			return err
		}
		for _, row := range page {
			after = row.run
			for token := range slices.Chunk(row.words, 16) {
				all = append(all, postingOf(token, row.thread))
			}
			if waited += len(row.words) / 16; waited >= segmentWords {
				break
			}
		}
		if len(page) == 0 {
			break
		}
	}
	w.waits -= len(all)
	w.merged = after
	slices.SortFunc(all, comparePostings)
	var args []any
	for page := range slices.Chunk(slices.Compact(all), postingsPage) {
		args = append(args, pageOf(after, page)...)
	}
	if err := b.st.writer.insert(qPostingsPut, args); err != nil {
		return err
	}
	return b.st.writer.insert(qSegmentPut, []any{after})
}

// pageOf is a row of postings.
func pageOf(run int64, page []posting) []any {
	entries := make([]byte, 0, len(page)*len(posting{}))
	for _, p := range page {
		entries = append(entries, p[:]...)
	}
	return []any{run, slices.Clone(page[0][:]), entries}
}

// dropWords removes a thread's words from the rows and from the segments.
func (t *tx) dropWords(line int64, id store.ThreadID) error {
	w, err := t.b.wordState()
	if err != nil {
		return err
	}
	for after := int64(0); ; {
		var rows []wordRow
		var row wordRow
		args := []any{line, id.Own, number(id.Position), after, int64(wordsPage)}
		if err := t.s.all(qWordsOf, args, []any{&row.run, &row.words}, func() {
			rows = append(rows, row)
			row.words = nil
		}); err != nil {
			return err
		}
		for _, row := range rows {
			after = row.run
			if row.run > w.merged {
				continue
			}
			var run int64
			if err := t.s.one(qSegments, []any{row.run - 1, int64(1)}, &run); err != nil {
				return err
			}
			for token := range slices.Chunk(row.words, 16) {
				if err := t.dropPosting(run, postingOf(token, posted{line, id.Position, id.Own})); err != nil {
					return err
				}
			}
		}
		if len(rows) < wordsPage {
			break
		}
	}
	w.known = false
	err = t.s.exec(qWordsDrop, line, id.Own, number(id.Position))
	return err
}

// dropPosting writes a page of a segment again without one posting.
func (t *tx) dropPosting(run int64, p posting) error {
	var first, entries []byte
	err := t.s.one(qPostings, []any{run, p[:]}, &first, &entries)
	if isAbsent(err) {
		return nil // a word that came twice is gone already
	}
	if err != nil {
		return err
	}
	page, err := postingsOf(entries)
	if err != nil {
		return err
	}
	at, found := slices.BinarySearchFunc(page, p, comparePostings)
	if !found {
		return nil
	}
	if err := t.s.exec(qPostingsDrop, run, first); err != nil {
		return err
	}
	if page = slices.Delete(page, at, at+1); len(page) == 0 {
		return nil
	}
	return t.s.insert(qPostingsPut, pageOf(run, page))
}
