package node

import (
	"context"
	"encoding/hex"
	"encoding/json"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/voice"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
	words "parley.example/wire/voice"
)

// talkFor is how long the words of a row are shown: nobody holds a telephone
// for longer without saying them.
const talkFor = 30 * int64(calendar.Minute)

// Talk is a row that is being said on a line: one at a time. What was taken is
// gone from what is left of the series before anybody sees it.
type Talk struct {
	Series   store.ThreadID
	Number   int64 // of the series
	Row      int
	Own      bool // our side called
	Step     int  // 0: the first that is heard is waited for; 1: the second
	Outcome  string
	Rows     words.Row // empty once it has an outcome
	Began    int64
	Officer  string // who began it
	Finished int64
}

// kept is a talk as it is stored.
type keptTalk struct {
	Opened   bool      `json:"opened"` // by us
	Position uint64    `json:"position"`
	Number   int64     `json:"number"`
	Row      int       `json:"row"`
	Own      bool      `json:"own"`
	Step     int       `json:"step"`
	Outcome  string    `json:"outcome"`
	Words    words.Row `json:"words"`
	Began    int64     `json:"began"`
	Officer  string    `json:"officer"`
	Finished int64     `json:"finished"`
}

func (l *Link) talkKey() string { return hex.EncodeToString(l.id[:]) + "/" }

func (n *Node) talkOf(r store.Reader, l *Link) (*Talk, error) {
	key := l.talkKey()
	sealed, err := r.Record(bucketTalk, key)
	if store.Absent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	plain, err := n.opener(bucketTalk, key)(sealed)
	if err != nil {
		return nil, err
	}
	var k keptTalk
	if err := json.Unmarshal(plain, &k); err != nil {
		return nil, fault.Wrap(err, rule.StoreDamaged, "what", "talk")
	}
	id := store.ThreadID{Link: l.id, Channel: statement.Hotline, Own: k.Opened, Position: k.Position}
	return &Talk{Series: id, Number: k.Number, Row: k.Row, Own: k.Own, Step: k.Step, Outcome: k.Outcome, Rows: k.Words, Began: k.Began, Officer: k.Officer, Finished: k.Finished}, nil
}

func (n *Node) keepTalk(tx store.Tx, l *Link, t *Talk) error {
	plain, err := json.Marshal(keptTalk{Opened: t.Series.Own, Position: t.Series.Position, Number: t.Number, Row: t.Row, Own: t.Own, Step: t.Step,
		Outcome: t.Outcome, Words: t.Rows, Began: t.Began, Officer: t.Officer, Finished: t.Finished})
	if err != nil {
		return fault.Wrap(err, fault.Internal)
	}
	key := l.talkKey()
	return tx.PutRecord(bucketTalk, key, n.sealer(bucketTalk, key)(plain))
}

// Talk gives the row that is being said on a line, or was and nobody has told
// the record; nil: none.
func (n *Node) Talk(ctx context.Context, l *Link) (t *Talk, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		t, err = n.talkOf(r, l)
		return err
	})
	if t != nil && t.Outcome == "" && n.Now()-t.Began >= talkFor {
		t = nil
	}
	return t, err
}

// BeginTalk takes a row for a telephone call: ours the next that is not
// printed, or one of a sheet that the other side reads from; theirs the one
// that the caller names. Another that was being said
// is given up. The series is the one that counts most and is held here, or the
// one that is named.
func (n *Node) BeginTalk(ctx context.Context, l *Link, series string, own bool, row int, officer string) (t *Talk, err error) {
	if l.restoring() {
		return nil, fault.New(rule.ContactRestore)
	}
	err = n.update(ctx, func(tx store.Tx) error {
		x, keys, err := n.rowsOf(tx, l, series)
		if err != nil {
			return err
		}
		higher := own == l.Higher()
		if own && words.SheetOf(row) == 0 {
			row = keys.Next(higher, 1, words.PaperFrom-1)
		}
		said, err := keys.Take(higher, row)
		if err != nil {
			return err
		}
		if err := n.keepWords(tx, x.ID, wordsRows, keys.Encode()); err != nil {
			return err
		}
		t = &Talk{Series: x.ID, Number: x.Series.Head.Series, Row: row, Own: own, Rows: said, Began: n.Now(), Officer: officer}
		return n.keepTalk(tx, l, t)
	})
	if err != nil {
		return nil, err
	}
	n.scrub(ctx)
	return t, nil
}

// rowsOf finds a series of which rows may be said, and what is left of it.
func (n *Node) rowsOf(r store.Reader, l *Link, series string) (*Spoken, *words.Keys, error) {
	list, err := n.voices(r, l)
	if err != nil {
		return nil, nil, err
	}
	var most *Spoken
	for _, x := range list {
		if x.Series.Phase == voice.Standing && x.Held && (series == "" || series == l.VoiceName(x.ID)) && (most == nil || voice.Compare(x.Series, most.Series) > 0) {
			most = x
		}
	}
	if most == nil {
		return nil, nil, fault.New(rule.VoiceNone)
	}
	_, raw, err := n.wordsOf(r, most.ID)
	if err != nil {
		return nil, nil, err
	}
	keys, err := words.DecodeKeys(raw)
	if err != nil {
		return nil, nil, fault.Wrap(err, rule.StoreDamaged, "what", "words")
	}
	for _, u := range most.Series.Uses { // the record may know of rows that this store does not
		keys.Burn(u.Caller == procedure.SideName(true), int(u.Row))
	}
	return most, keys, nil
}

// HeardTalk says of the words that were waited for whether they were heard
// right. The last right ones prove who spoke; one wrong group ends it. From
// then on the words are in no store.
func (n *Node) HeardTalk(ctx context.Context, l *Link, right bool) (t *Talk, err error) {
	err = n.update(ctx, func(tx store.Tx) error {
		if t, err = n.talkOf(tx, l); err != nil {
			return err
		}
		if t == nil || t.Outcome != "" || n.Now()-t.Began >= talkFor {
			return fault.New(rule.VoiceNoUse)
		}
		switch {
		case !right:
			t.Outcome = act.VoiceFailed
		case t.Step == 1:
			t.Outcome = act.VoiceProved
		}
		if right && t.Step == 0 && !t.Own {
			if err := n.passOver(tx, l, t); err != nil {
				return err
			}
		}
		if t.Step++; t.Outcome != "" {
			t.Rows, t.Finished = words.Row{}, n.Now()
		}
		return n.keepTalk(tx, l, t)
	})
	if err != nil {
		return nil, err
	}
	n.scrub(ctx)
	return t, nil
}

// passOver burns the rows that the caller has passed over: only once its first
// words were right, or a stranger who names a late row would burn all others.
func (n *Node) passOver(tx store.Tx, l *Link, t *Talk) error {
	kind, raw, err := n.wordsOf(tx, t.Series)
	if err != nil || kind != wordsRows || words.SheetOf(t.Row) != 0 {
		return err
	}
	keys, err := words.DecodeKeys(raw)
	if err != nil {
		return fault.Wrap(err, rule.StoreDamaged, "what", "words")
	}
	for row := 1; row < t.Row; row++ {
		keys.Burn(!l.Higher(), row)
	}
	return n.keepWords(tx, t.Series, wordsRows, keys.Encode())
}

// EndTalk forgets the row that was said: it was told, or nobody will.
func (n *Node) EndTalk(ctx context.Context, l *Link) error {
	err := n.update(ctx, func(tx store.Tx) error { return tx.DropRecord(bucketTalk, l.talkKey()) })
	if err == nil {
		n.scrub(ctx)
	}
	return err
}

// Say gives the group of words that we say now, nil where there is none: the
// caller says the first and the third, the called the second.
func (t *Talk) Say() *[words.GroupWords]byte {
	switch {
	case t.Outcome != "":
		return nil
	case t.Own:
		return &t.Rows[2*t.Step]
	case t.Step == 1:
		return &t.Rows[1]
	}
	return nil
}

// Hear gives the group that we wait for; nil where there is none.
func (t *Talk) Hear() *[words.GroupWords]byte {
	switch {
	case t.Outcome != "":
		return nil
	case !t.Own:
		return &t.Rows[2*t.Step]
	case t.Step == 0:
		return &t.Rows[1]
	}
	return nil
}

// Sheet is what is printed of a series.
type Sheet struct {
	Series *Spoken
	Number int
	First  int
	Rows   [2][]words.Row // lower calls, higher calls
}

// PrintSheet takes the next sheet of the series that counts, in both
// directions: from now on the node does not have its rows.
func (n *Node) PrintSheet(ctx context.Context, l *Link) (s *Sheet, err error) {
	if l.restoring() {
		return nil, fault.New(rule.ContactRestore)
	}
	err = n.update(ctx, func(tx store.Tx) error {
		x, keys, err := n.rowsOf(tx, l, "")
		if err != nil {
			return err
		}
		for number := 1; number <= words.Sheets; number++ {
			first, last := words.RowsOf(number)
			if keys.Left(false, first, last) < words.SheetRows || keys.Left(true, first, last) < words.SheetRows {
				continue // one of its rows was said or printed
			}
			s = &Sheet{Series: x, Number: number, First: first}
			for row := first; row <= last; row++ {
				for side, higher := range []bool{false, true} {
					said, err := keys.Take(higher, row)
					if err != nil {
						return err
					}
					s.Rows[side] = append(s.Rows[side], said)
				}
			}
			return n.keepWords(tx, x.ID, wordsRows, keys.Encode())
		}
		return fault.New(rule.VoiceSheet)
	})
	if err != nil {
		return nil, err
	}
	n.scrub(ctx)
	return s, nil
}

// WordsLeft says what is left of the series that counts: rows for calls of ours
// and of theirs that the node shows, and sheets.
func (n *Node) WordsLeft(ctx context.Context, l *Link) (x *Spoken, ours, theirs, sheets int, err error) {
	err = n.Store.View(ctx, func(r store.Reader) error {
		var keys *words.Keys
		if x, keys, err = n.rowsOf(once(r), l, ""); err != nil {
			return err
		}
		ours, theirs = keys.Left(l.Higher(), 1, words.PaperFrom-1), keys.Left(!l.Higher(), 1, words.PaperFrom-1)
		for number := 1; number <= words.Sheets; number++ {
			first, last := words.RowsOf(number)
			if keys.Left(false, first, last) == words.SheetRows && keys.Left(true, first, last) == words.SheetRows {
				sheets++
			}
		}
		return nil
	})
	return x, ours, theirs, sheets, err
}
