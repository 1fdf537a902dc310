package voice

import (
	"cmp"
	"slices"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/ijson"
)

// Phase says how a series stands.
type Phase string

// The phases of a series; the diagram in the package comment joins them.
const (
	None     Phase = "none"     // nothing was said in the thread
	Void     Phase = "void"     // its offer was not in order
	Offered  Phase = "offered"  // nobody answered yet
	Standing Phase = "standing" // both have its secret
	Lapsed   Phase = "lapsed"   // its time is over
)

// How what both sides said of a row fits together.
const (
	Agreed  = "agreed"  // both said the same
	Differs = "differs" // they said two things
	One     = "one"     // only one of them said so
)

// What views of every procedure are made of.
type (
	Where   = procedure.Where
	Moment  = procedure.Moment
	Ignored = procedure.Ignored
	Said    = procedure.Said
)

// Head is what an offer says of a series. The key stays in the act.
type Head struct {
	Series   int64            `json:"series"`
	Until    calendar.Instant `json:"until"`
	Renew    calendar.Instant `json:"renew"` // from when on the next is offered
	Answered *Moment          `json:"answered,omitempty"`
}

// Told is what one side said of a row.
type Told struct {
	Where
	Officer string           `json:"officer"`
	With    string           `json:"with"`
	At      calendar.Instant `json:"at"`
	Purpose string           `json:"purpose"`
	Outcome string           `json:"outcome"`
	Said    Moment           `json:"said"`
}

// Use is one row of which somebody said that it was used.
type Use struct {
	Caller string `json:"caller"`
	Row    int64  `json:"row"`
	Match  string `json:"match"`
	Failed bool   `json:"failed"` // one side says that words were wrong
	Test   bool   `json:"test"`   // all who said so say that it was a rehearsal
	Lower  *Told  `json:"lower,omitempty"`
	Higher *Told  `json:"higher,omitempty"`
}

// Series is what both sides see of one series.
type Series struct {
	Phase       Phase     `json:"phase"`
	Opening     *Where    `json:"opening,omitempty"`
	Owner       string    `json:"owner,omitempty"` // "lower" or "higher": who offered it
	Head        *Head     `json:"head,omitempty"`
	Uses        []Use     `json:"uses"` // in the order of caller and row
	NotInOrder  []Ignored `json:"not_in_order"`
	Acts        []Said    `json:"acts"`
	Unreceipted int       `json:"unreceipted"`

	fold procedure.Fold[*stand]
}

type view struct {
	procedure.Heading
	Series *Series `json:"series"`
}

// View writes the series so that both nodes write the same bytes. cut is the
// digest of the record cut the entries were taken from.
func (t *Series) View(cut [32]byte) ([]byte, error) {
	return ijson.Encode(view{t.fold.Heading("voice", cut), t})
}

// Fold reads a series: all acts of its thread in both logs, each list in the
// order of its log.
func Fold(lower, higher []*procedure.Entry, v procedure.View) *Series {
	t := &Series{fold: procedure.FoldOf(lower, higher, v, func() *stand { return new(stand) })}
	s := t.fold.Stand
	t.Phase = s.phase(v.Instant)
	t.Opening, t.Owner = t.fold.Opened()
	t.Acts, t.Unreceipted = t.fold.Said(v.Instant)
	t.NotInOrder = t.fold.NotInOrder()
	if b := s.said(); b != nil {
		t.Head = &Head{Series: b.Series, Until: b.Until, Renew: max(calendar.MinInstant, b.Until-renewBefore)}
		if s.answer != nil {
			t.Head.Answered = s.answer.MomentAt("", v.Instant)
		}
	}
	for _, e := range s.used {
		t.use(e)
	}
	slices.SortFunc(t.Uses, func(a, b Use) int { return cmp.Or(-cmp.Compare(a.Caller, b.Caller), cmp.Compare(a.Row, b.Row)) })
	return t
}

// phase is how the series stands at an instant.
func (s *stand) phase(at calendar.Instant) Phase {
	switch {
	case s.Opening == nil:
		return None
	case s.offer == nil:
		return Void
	case at >= s.said().Until:
		return Lapsed
	case s.answer == nil:
		return Offered
	}
	return Standing
}

// use puts what one side said of a row beside what the other said.
func (t *Series) use(e *procedure.Entry) {
	b := e.Body.(*act.VoiceUsedBody)
	at := slices.IndexFunc(t.Uses, func(u Use) bool { return u.Caller == b.Caller && u.Row == b.Row })
	if at < 0 {
		t.Uses, at = append(t.Uses, Use{Caller: b.Caller, Row: b.Row, Test: true}), len(t.Uses)
	}
	u := &t.Uses[at]
	told := &Told{Where: procedure.WhereOf(e.Place), Officer: b.Officer, With: b.With, At: b.At, Purpose: b.Purpose, Outcome: b.Outcome,
		Said: *e.MomentAt("", t.fold.Instant)}
	if e.Higher {
		u.Higher = told
	} else {
		u.Lower = told
	}
	u.Failed = u.Failed || b.Outcome == act.VoiceFailed
	u.Test = u.Test && b.Purpose == act.PurposeTest
	switch {
	case u.Lower == nil || u.Higher == nil:
		u.Match = One
	case u.Lower.Purpose == u.Higher.Purpose && u.Lower.Outcome == u.Higher.Outcome:
		u.Match = Agreed
	default:
		u.Match = Differs
	}
}

// Offer and Answer are the acts that made the series; nil while there are none.
func (t *Series) Offer() *procedure.Entry  { return t.fold.Stand.offer }
func (t *Series) Answer() *procedure.Entry { return t.fold.Stand.answer }

// Move is a kind that a side may say now.
type Move = procedure.Move

// Moves lists what a side may say now.
func (t *Series) Moves(higher bool) []Move {
	return t.fold.Moves(Vocabulary(), func(kind string) error { return t.fold.Stand.may(kind, higher) })
}

// Draft is an act that somebody would append now.
type Draft = procedure.Draft

// Check is the fold's own judgement of an act as if it were appended behind
// everything in the view: nil when it would be in order there.
func (t *Series) Check(d Draft) error {
	a, err := t.fold.Saying(d)
	if err != nil {
		return err
	}
	return t.fold.Stand.judge(a)
}

// Automatic lists what a side's node owes now whatever it holds: a refusal of
// each act of the other's that was not in order. Answers are owed by Owes.
func (t *Series) Automatic(higher bool) []procedure.Reply {
	return t.fold.OwedRefusals(act.VoiceDisorder, higher)
}
