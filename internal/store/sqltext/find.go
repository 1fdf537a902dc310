package sqltext

import (
	"bytes"
	"cmp"
	"slices"

	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// search is one call of Find. The threads that hold a token are gathered from
// the segments; what holds all tokens is what is in all these sets. Tokens that
// are in very many threads are looked up in the words of each candidate instead.
// Where candidates are many, the lists of threads are gone through, newest
// first: it then takes few of them to find as many as are wanted.
type search struct {
	*reader
	runs  []int64               // of the segments, oldest first
	fresh map[[16]byte][]posted // the wanted tokens behind the last segment
	lines map[int64]lineKey
	limit int

	candidates map[posted]bool // nil: every thread
	unsure     [][16]byte      // tokens that a candidate may not hold
}

const (
	gathered = 50_000 // threads of one token
	many     = 1000   // candidates, for going through the lists
	few      = 64     // candidates, for gathering no further token
)

// Find lists threads that hold every one of the tokens.
func (r *reader) Find(tokens [][16]byte, limit int) ([]store.ThreadID, error) {
	if len(tokens) > store.MaxTokens {
		return nil, fault.New(fault.OctetsLong, "length", fault.Int(len(tokens)), "limit", fault.Int(store.MaxTokens))
	}
	tokens = slices.Clone(tokens)
	slices.SortFunc(tokens, compareTokens)
	if tokens = slices.Compact(tokens); len(tokens) == 0 || limit <= 0 {
		return nil, nil
	}
	x := &search{reader: r, limit: limit}
	if err := x.prepare(tokens); err != nil {
		return nil, err
	}
	for _, token := range tokens {
		if err := x.gather(token); err != nil {
			return nil, err
		}
		if x.candidates != nil && len(x.candidates) == 0 {
			return nil, nil
		}
	}
	if x.candidates != nil && len(x.candidates) < many {
		rows, err := x.keep(x.candidates)
		return idsOf(rows, limit), err
	}
	rows, err := x.walk()
	if err != nil || len(rows) == limit || x.candidates == nil {
		return idsOf(rows, limit), err
	}
	for _, row := range rows { // threads that have words and no row in a list come last
		for line, key := range x.lines {
			if key == (lineKey{row.ID.Link, row.ID.Channel}) {
				delete(x.candidates, posted{line, row.ID.Position, row.ID.Own})
			}
		}
	}
	rest, err := x.keep(x.candidates)
	return idsOf(append(rows, rest...), limit), err
}

// gather narrows the candidates to those that hold a token.
func (x *search) gather(token [16]byte) error {
	if x.candidates != nil && len(x.candidates) <= few {
		x.unsure = append(x.unsure, token)
		return nil
	}
	found, all, err := x.holders(token)
	switch {
	case err != nil:
		return err
	case !all:
		x.unsure = append(x.unsure, token)
		return nil
	case x.candidates != nil:
		for t := range found {
			if !x.candidates[t] {
				delete(found, t)
			}
		}
	}
	x.candidates = found
	return nil
}

func compareTokens(a, b [16]byte) int { return bytes.Compare(a[:], b[:]) }

// byNewest is the order of a search's results.
func byNewest(a, b store.ThreadRow) int {
	return cmp.Or(cmp.Compare(b.Changed, a.Changed), bytes.Compare(b.ID.Link[:], a.ID.Link[:]),
		cmp.Compare(b.ID.Channel, a.ID.Channel), byOwn(b.ID.Own, a.ID.Own), cmp.Compare(b.ID.Position, a.ID.Position))
}

func idsOf(rows []store.ThreadRow, limit int) (ids []store.ThreadID) {
	for _, row := range rows[:min(limit, len(rows))] {
		ids = append(ids, row.ID)
	}
	return ids
}

// prepare lists segments and lines, and reads the rows that no segment has.
func (x *search) prepare(tokens [][16]byte) error {
	const page = 256
	for last, n := int64(0), page; n == page; {
		var run int64
		n = 0
		if err := x.s.all(qSegments, []any{last, int64(page)}, []any{&run}, func() {
			x.runs = append(x.runs, run)
			last = run
			n++
		}); err != nil {
			return err
		}
	}
	x.lines = map[int64]lineKey{}
	for last, n := int64(0), page; n == page; {
		var line, channel int64
		var link []byte
		n = 0
		if err := x.s.all(qLines, []any{last, int64(page)}, []any{&line, &link, &channel}, func() {
			key := lineKey{channel: uint8(channel)}
			copy(key.link[:], link)
			x.lines[line] = key
			last = line
			n++
		}); err != nil {
			return err
		}
	}
	x.fresh = map[[16]byte][]posted{}
	after := int64(0)
	if len(x.runs) > 0 {
		after = x.runs[len(x.runs)-1]
	}
	for {
		rows, err := x.wordRows(after)
		if err != nil {
			return err
		}
		for _, row := range rows {
			after = row.run
			for word := range slices.Chunk(row.words, 16) {
				if len(word) < 16 {
					return fault.New(rule.StoreDamaged, "table", "thread_words")
				}
				if _, wanted := slices.BinarySearchFunc(tokens, [16]byte(word), compareTokens); wanted {
					x.fresh[[16]byte(word)] = append(x.fresh[[16]byte(word)], row.thread)
				}
			}
		}
		if len(rows) < wordsPage {
			return nil
		}
	}
}

// holders are the threads that hold a token; not all when they are too many.
func (x *search) holders(token [16]byte) (found map[posted]bool, all bool, err error) {
	found = map[posted]bool{}
	take := func(t posted) { found[t] = true }
	for _, t := range x.fresh[token] {
		take(t)
	}
	for _, run := range slices.Backward(x.runs) {
		if err := x.postings(run, token, take); err != nil {
			return nil, false, err
		}
		if len(found) > gathered {
			return nil, false, nil
		}
	}
	return found, true, nil
}

// postings gives the threads that hold a token in a segment, from the last page
// that may name one backwards.
func (x *search) postings(run int64, token [16]byte, take func(posted)) error {
	upper := append(token[:], bytes.Repeat([]byte{0xff}, len(posting{})-16)...)
	for upper != nil {
		var first, entries []byte
		err := x.s.one(qPostings, []any{run, upper}, &first, &entries)
		if isAbsent(err) {
			return nil
		}
		if err != nil {
			return err
		}
		page, err := postingsOf(entries)
		if err != nil {
			return err
		}
		at, _ := slices.BinarySearchFunc(page, postingOf(token[:], posted{}), comparePostings)
		for ; at < len(page) && [16]byte(page[at][:16]) == token; at++ {
			take(page[at].thread())
		}
		if upper = before(first); bytes.Compare(first, token[:]) < 0 {
			return nil
		}
	}
	return nil
}

// before is the last key of the same length in front of a key; nil for none.
func before(key []byte) []byte {
	key = slices.Clone(key)
	for i := len(key) - 1; i >= 0; i-- {
		if key[i]--; key[i] != 0xff {
			return key
		}
	}
	return nil
}

// keep gives those candidates that hold all tokens, in the order of results.
func (x *search) keep(candidates map[posted]bool) ([]store.ThreadRow, error) {
	var rows []store.ThreadRow
	for t := range candidates {
		line, ok := x.lines[t.line]
		if !ok {
			return nil, fault.New(rule.StoreDamaged, "table", "postings")
		}
		row := store.ThreadRow{ID: store.ThreadID{Link: line.link, Channel: line.channel, Own: t.own, Position: t.position}}
		var value []byte
		err := x.s.one(qValue, []any{t.line, t.own, number(t.position)}, &row.Changed, &value)
		if err != nil && !isAbsent(err) {
			return nil, err
		}
		holds, err := x.holds(t)
		if err != nil {
			return nil, err
		}
		if holds {
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, byNewest)
	return rows, nil
}

// holds reports whether a candidate holds the tokens that are unsure.
func (x *search) holds(t posted) (bool, error) {
	if len(x.unsure) == 0 {
		return true, nil
	}
	missing := make(map[[16]byte]bool, len(x.unsure))
	for _, token := range x.unsure {
		missing[token] = true
	}
	for after := int64(0); len(missing) > 0; {
		var words []byte
		n := 0
		if err := x.s.all(qWordsOf, []any{t.line, t.own, number(t.position), after, int64(wordsPage)}, []any{&after, &words}, func() {
			n++
			for word := range slices.Chunk(words, 16) {
				if len(word) == 16 {
					delete(missing, [16]byte(word))
				}
			}
		}); err != nil {
			return false, err
		}
		if n < wordsPage {
			break
		}
	}
	return len(missing) == 0, nil
}

// walk goes through the lists of all lines at once, newest change first, until
// enough threads were found that hold all tokens.
func (x *search) walk() (rows []store.ThreadRow, err error) {
	type list struct {
		line int64
		page []store.ThreadRow
		more bool
	}
	var lists []*list
	for line, key := range x.lines {
		l := &list{line: line}
		if l.page, err = x.newest(line, key, nil); err != nil {
			return nil, err
		}
		l.more = len(l.page) == listPage
		lists = append(lists, l)
	}
	for len(rows) < x.limit {
		lists = slices.DeleteFunc(lists, func(l *list) bool { return len(l.page) == 0 })
		if len(lists) == 0 {
			break
		}
		l := slices.MinFunc(lists, func(a, b *list) int { return byNewest(a.page[0], b.page[0]) })
		row := l.page[0]
		if l.page = l.page[1:]; len(l.page) == 0 && l.more {
			if l.page, err = x.newest(l.line, x.lines[l.line], &row); err != nil {
				return nil, err
			}
			l.more = len(l.page) == listPage
		}
		t := posted{l.line, row.ID.Position, row.ID.Own}
		if x.candidates != nil && !x.candidates[t] {
			continue
		}
		holds, err := x.holds(t)
		if err != nil {
			return nil, err
		}
		if holds {
			rows = append(rows, row)
		}
	}
	return rows, nil
}
