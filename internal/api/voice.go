package api

import (
	"context"
	"encoding/json"
	"net/http"

	"parley.example/internal/node"
	"parley.example/internal/procedure"
	"parley.example/internal/procedure/voice"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	words "parley.example/wire/voice"
)

// Words are the words for the telephone of one line: what there is, and what
// is being said now.
type Words struct {
	Link    string       `json:"link"`
	Own     string       `json:"own"`    // our code on this link
	Side    string       `json:"side"`   // which side of the views we are: lower or higher
	Ready   bool         `json:"ready"`  // there are words to say
	Series  []WordSeries `json:"series"` // what counts most first
	Ours    int          `json:"ours"`   // rows left for calls of ours
	Theirs  int          `json:"theirs"` // rows left for calls of theirs
	Sheets  int          `json:"sheets"` // left to be printed
	Doubted bool         `json:"doubted"`
	Talk    *WordTalk    `json:"talk,omitempty"`
	Instant int64        `json:"instant"`
}

// WordSeries is one series. Its secret is not here.
type WordSeries struct {
	Name   string          `json:"name"`
	Number int64           `json:"number"`
	Phase  string          `json:"phase"` // offered, standing, lapsed, void
	Held   bool            `json:"held"`  // this node has rows of it
	Until  int64           `json:"until"`
	View   json.RawMessage `json:"view"`
}

// WordTalk is a row that is being said, or was and nobody has told it.
type WordTalk struct {
	Series  string `json:"series"` // its name
	Number  int64  `json:"number"` // of the series
	Row     int    `json:"row"`
	Sheet   int    `json:"sheet"` // that the row is on; 0: none
	Ours    bool   `json:"ours"`  // we called
	Step    int    `json:"step"`
	Say     []Word `json:"say"`     // what we say now
	Hear    []Word `json:"hear"`    // what they must say now
	Outcome string `json:"outcome"` // proved, failed; empty: it goes on
	Began   int64  `json:"began"`
	Officer string `json:"officer"` // who began it
}

// Word is one word in both languages; each says the one of their own.
type Word struct {
	En     string `json:"en"`
	Zh     string `json:"zh"`
	Pinyin string `json:"pinyin"`
}

// WordsAsk names a line.
type WordsAsk struct {
	Link  string `json:"link"`
	Realm string `json:"realm"`
}

// WordsBegin takes a row. Ours: we call, at the next row, or at one of a sheet
// that the other side reads from.
type WordsBegin struct {
	Link   string `json:"link"`
	Realm  string `json:"realm"`
	Series string `json:"series"` // its name; empty: the one that counts
	Ours   bool   `json:"ours"`
	Row    int    `json:"row"`
}

// WordsHeard says of the words that were waited for whether they were right;
// of the last that we say, that they were said.
type WordsHeard struct {
	Link  string `json:"link"`
	Realm string `json:"realm"`
	Right bool   `json:"right"`
}

// WordSheet is what is printed, once.
type WordSheet struct {
	Link   string    `json:"link"`
	Own    string    `json:"own"`
	Series string    `json:"series"`
	Number int64     `json:"number"` // of the series
	Sheet  int       `json:"sheet"`
	Until  int64     `json:"until"`
	Made   int64     `json:"made"`
	Rows   []WordRow `json:"rows"`
}

// WordRow is a row in both directions: three groups each.
type WordRow struct {
	Row    int       `json:"row"`
	Ours   [3][]Word `json:"ours"`   // when we call
	Theirs [3][]Word `json:"theirs"` // when they call
}

func (in *WordsAsk) scope() scope   { return scope{Link: in.Link, Realm: in.Realm} }
func (in *WordsBegin) scope() scope { return scope{Link: in.Link, Realm: in.Realm} }
func (in *WordsHeard) scope() scope { return scope{Link: in.Link, Realm: in.Realm} }

// wordsShow gives the words of a line: whoever looks is recorded.
func (s *Server) wordsShow(r *http.Request) (*Words, error) {
	l, err := s.link(r.URL.Query().Get("link"), r.URL.Query().Get("realm"))
	if err != nil {
		return nil, err
	}
	return s.describeWords(r.Context(), l)
}

func (s *Server) describeWords(ctx context.Context, l *node.Link) (*Words, error) {
	w := &Words{Link: l.Code(), Own: l.Ours().Code, Side: procedure.SideName(l.Higher()), Series: []WordSeries{}, Instant: s.Node.Now()}
	list, err := s.Node.Voices(ctx, l)
	if err != nil {
		return nil, err
	}
	for _, x := range list {
		one := WordSeries{Name: l.VoiceName(x.ID), Phase: string(x.Series.Phase), Held: x.Held}
		if h := x.Series.Head; h != nil {
			one.Number, one.Until = h.Series, int64(h.Until)
		}
		if one.View, err = x.Series.View(x.Cut.Digest()); err != nil {
			return nil, err
		}
		w.Series = append(w.Series, one)
	}
	if w.Doubted, err = s.wordsDoubted(ctx, l); err != nil {
		return nil, err
	}
	switch _, ours, theirs, sheets, err := s.Node.WordsLeft(ctx, l); {
	case err == nil:
		w.Ready, w.Ours, w.Theirs, w.Sheets = true, ours, theirs, sheets
	case !fault.Is(err, rule.VoiceNone):
		return nil, err
	}
	talk, err := s.Node.Talk(ctx, l)
	if talk != nil {
		w.Talk = describeTalk(l, talk)
	}
	return w, err
}

// wordsDoubted tells whether the newest words that were said in earnest were
// wrong on one side.
func (s *Server) wordsDoubted(ctx context.Context, l *node.Link) (bool, error) {
	list, err := s.Node.Voices(ctx, l)
	var series []*voice.Series
	for _, x := range list {
		series = append(series, x.Series)
	}
	return voice.Doubted(series), err
}

func describeTalk(l *node.Link, t *node.Talk) *WordTalk {
	return &WordTalk{Series: l.VoiceName(t.Series), Number: t.Number, Row: t.Row, Sheet: words.SheetOf(t.Row), Ours: t.Own, Step: t.Step,
		Say: spelt(t.Say()), Hear: spelt(t.Hear()), Outcome: t.Outcome, Began: t.Began, Officer: t.Officer}
}

// spelt gives a group of numbers as words.
func spelt(group *[words.GroupWords]byte) []Word {
	list := []Word{}
	if group != nil {
		all := words.Words()
		for _, n := range group {
			list = append(list, Word{En: all[n].English, Zh: all[n].Chinese, Pinyin: all[n].Pinyin})
		}
	}
	return list
}

func (s *Server) wordsBegin(ctx context.Context, in *WordsBegin) (*Words, error) {
	l, err := s.link(in.Link, in.Realm)
	if err != nil {
		return nil, err
	}
	who := ""
	if c, err := callOf(ctx); err == nil && c.caller.account != nil {
		who = c.caller.account.Name
	}
	if _, err := s.Node.BeginTalk(ctx, l, in.Series, in.Ours, in.Row, who); err != nil {
		return nil, err
	}
	return s.describeWords(ctx, l)
}

func (s *Server) wordsHeard(ctx context.Context, in *WordsHeard) (*Words, error) {
	l, err := s.link(in.Link, in.Realm)
	if err != nil {
		return nil, err
	}
	if _, err := s.Node.HeardTalk(ctx, l, in.Right); err != nil {
		return nil, err
	}
	return s.describeWords(ctx, l)
}

func (s *Server) wordsEnd(ctx context.Context, in *WordsAsk) (*Nothing, error) {
	l, err := s.link(in.Link, in.Realm)
	if err != nil {
		return nil, err
	}
	return &Nothing{}, s.Node.EndTalk(ctx, l)
}

// wordsSheet prints the next sheet: from then on the node does not have it.
func (s *Server) wordsSheet(ctx context.Context, in *WordsAsk) (*WordSheet, error) {
	l, err := s.link(in.Link, in.Realm)
	if err != nil {
		return nil, err
	}
	sheet, err := s.Node.PrintSheet(ctx, l)
	if err != nil {
		return nil, err
	}
	h := sheet.Series.Series.Head
	out := &WordSheet{Link: l.Code(), Own: l.Ours().Code, Series: l.VoiceName(sheet.Series.ID), Number: h.Series, Sheet: sheet.Number, Until: int64(h.Until), Made: s.Node.Now()}
	mine := procedure.Side(l.Higher())
	for i := range sheet.Rows[0] {
		row := WordRow{Row: sheet.First + i}
		for g := range words.Groups {
			row.Ours[g] = spelt(&sheet.Rows[mine][i][g])
			row.Theirs[g] = spelt(&sheet.Rows[1-mine][i][g])
		}
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}
