package casework

import (
	"encoding/hex"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/ijson"
	"parley.example/wire/party"
	"parley.example/wire/record"
)

// Phase says where a request stands.
type Phase string

// The phases of a request; the diagram in the package comment joins them.
const (
	None       Phase = "none"       // nothing was said in the thread
	Drafted    Phase = "draft"      // shown for comment; no clock runs
	Void       Phase = "void"       // its opening was not in order
	Incomplete Phase = "incomplete" // it came with things missing
	Returned   Phase = "returned"   // and was given back, itemised
	Sent       Phase = "sent"       // no receipt covers it
	Stored     Phase = "stored"     // the receiver's node has it
	Opened     Phase = "opened"     // an officer has opened it
	Accepted   Phase = "accepted"   // a named officer has taken it on
	Asked      Phase = "asked"      // a question of the receiver's waits for its reply
	Offered    Phase = "offered"    // a condition waits to be agreed to
	Awaiting   Phase = "awaiting"   // the receiver waits for a judge or another authority
	Postponed  Phase = "postponed"  // to a date that has not come
	Partial    Phase = "partial"    // answered in part
	Answered   Phase = "answered"
	Declined   Phase = "declined"
	Redirected Phase = "redirected" // another authority is to be asked
	Withdrawn  Phase = "withdrawn"
	Closed     Phase = "closed"
)

// Where names an entry of the channel by the side that wrote it ("lower" or
// "higher", never "us" or "them") and its position.
type Where struct {
	Side     string `json:"side"`
	Position uint64 `json:"position"`
}

// Request is what reports ask of a request's opening. What it says in words
// stays in the act.
type Request struct {
	Type     string `json:"type"`
	Urgency  string `json:"urgency"`
	Area     string `json:"area"`
	FromUnit string `json:"from_unit"`
	ToUnit   string `json:"to_unit"`
	Handling string `json:"handling"`
	Class    string `json:"class"` // of its type
}

// Moment is one of the four receipts: an act (or, for stored, a receipt leaf)
// with the time its writer claims and the time the other side received it.
type Moment struct {
	By      string           `json:"by,omitempty"`      // the officer the act names
	Signed  []string         `json:"signed,omitempty"`  // who signed, as the writer's card names them
	Claimed calendar.Instant `json:"claimed,omitempty"` // the writer's time
	Receipt calendar.Instant `json:"receipt,omitempty"` // the reader's time; absent while there is none
}

// Receipts are four statements that mean different things: the receiver's node
// has the request; an officer has opened it; a named officer has taken it on;
// something was done. None is inferred from another.
type Receipts struct {
	Stored   *Moment `json:"stored,omitempty"`
	Opened   *Moment `json:"opened,omitempty"`
	Accepted *Moment `json:"accepted,omitempty"`
	ActedOn  *Moment `json:"acted_on,omitempty"`
}

// Question is a question of the receiver's, and the reply to it. Moot is one
// that its writer stopped waiting for, or that the thread's end overtook.
type Question struct {
	Asked    Where     `json:"asked"`
	Reply    *Where    `json:"reply,omitempty"`
	Moot     bool      `json:"moot"`
	Interval *Interval `json:"interval,omitempty"` // from question to reply
}

// Ignored is an entry that is not in order, and the rule it broke.
type Ignored struct {
	Where
	Code string `json:"code"`
}

// Said is one entry as reports count it, in merged order.
type Said struct {
	Where
	Kind    string           `json:"kind"` // empty when unreadable
	Claimed calendar.Instant `json:"claimed,omitempty"`
	Receipt calendar.Instant `json:"receipt,omitempty"`
	InOrder bool             `json:"in_order"`
}

// Thread is what both sides see of one request.
type Thread struct {
	Phase       Phase            `json:"phase"`
	Opening     *Where           `json:"opening,omitempty"`
	Requester   string           `json:"requester,omitempty"` // "lower" or "higher"
	Request     *Request         `json:"request,omitempty"`   // absent while nothing in order opened the thread
	Waiting     bool             `json:"waiting"`             // suspended as the view stands, after it was sent
	Withdrawal  bool             `json:"withdrawal"`          // the requester withdrew, with or without effect
	Missing     []act.ReturnItem `json:"missing"`
	Lacking     int              `json:"lacking"`           // how many things were missing
	Decline     string           `json:"decline,omitempty"` // the reason code
	Rating      int              `json:"rating,omitempty"`
	Course      Course           `json:"course"`
	Receipts    Receipts         `json:"receipts"`
	Questions   []Question       `json:"questions"`
	Obligations []Obligation     `json:"obligations"`
	Crossings   []Crossing       `json:"crossings"`
	NotInOrder  []Ignored        `json:"not_in_order"`
	Acts        []Said           `json:"acts"`
	Unreceipted int              `json:"unreceipted"` // entries no receipt covers: a class of their own
	FromResidue bool             `json:"from_residue"`

	instant     calendar.Instant
	arrangement [32]byte
	rules       uint16
	current     *procedure.Context
	channel     uint8
	parties     [2]party.ID
	stand       *stand
	merged      []*procedure.Entry
}

// view is what the canonical bytes hold: the four things a view is a function
// of, and the thread.
type view struct {
	View        string           `json:"view"`
	Cut         string           `json:"cut"`
	Instant     calendar.Instant `json:"instant"`
	Arrangement string           `json:"arrangement"`
	Rules       uint16           `json:"rules"`
	Thread      *Thread          `json:"thread"`
}

// View writes the thread so that both nodes write the same bytes. cut is the
// digest of the record cut the entries were taken from; the rest of what the
// view depends on is the fold's own.
func (t *Thread) View(cut [32]byte) ([]byte, error) {
	return ijson.Encode(view{View: "casework", Cut: hex.EncodeToString(cut[:]), Instant: t.instant,
		Arrangement: hex.EncodeToString(t.arrangement[:]), Rules: t.rules, Thread: t})
}

// sideName names a side of a link the same on both nodes.
func sideName(higher bool) string {
	if higher {
		return "higher"
	}
	return "lower"
}

func where(p record.Place) Where { return Where{Side: sideName(p.Higher), Position: p.Position} }

// instantOf reads a time of the record. A leaf can claim any 64-bit number; one
// that has no text is read as the nearest that has, or a hostile time would
// make the view unwritable.
func instantOf(ms int64) calendar.Instant {
	return min(max(calendar.Instant(ms), calendar.MinInstant), calendar.MaxInstant)
}

func (t *Thread) moment(e *procedure.Entry, by string) *Moment {
	m := &Moment{By: by, Claimed: instantOf(e.Time), Receipt: t.receipt(e)}
	for _, o := range e.Officers() {
		m.Signed = append(m.Signed, o.Name)
	}
	return m
}

// fill writes down what the fold found.
func (t *Thread) fill(faults []error, k *clocks) {
	s := t.stand
	t.Phase, t.Missing, t.Lacking = s.phase(), s.items, len(s.items)
	t.Crossings, t.Obligations = s.crossings(), k.obligations()
	for i, e := range t.merged {
		said := Said{Where: where(e.Place), Claimed: instantOf(e.Time), Receipt: t.receipt(e), InOrder: faults[i] == nil}
		if e.Act != nil && e.Act.Statement != nil {
			said.Kind = e.Act.Statement.Kind
		}
		if said.Receipt == 0 {
			t.Unreceipted++
		}
		t.Acts = append(t.Acts, said)
	}
	for _, g := range s.ignored {
		t.NotInOrder = append(t.NotInOrder, Ignored{Where: where(g.entry.Place), Code: string(g.code)})
	}
	if s.opening == nil {
		return
	}
	opening := where(s.opening.Place)
	t.Opening, t.Requester = &opening, opening.Side
	if s.request != nil {
		t.fillRequest(k)
	}
}

func (t *Thread) fillRequest(k *clocks) {
	s := t.stand
	r := s.request
	t.Request = &Request{Type: r.Type, Urgency: r.Urgency, Area: r.Area, FromUnit: r.FromUnit, ToUnit: r.ToUnit, Handling: r.Handling, Class: s.class()}
	t.Withdrawal = s.first(act.RequestWithdraw) != nil
	if e := s.first(act.RequestDecline); e != nil {
		t.Decline = e.Body.(*act.DeclineBody).Reason
	}
	if e := s.first(act.RequestRate); e != nil {
		t.Rating = e.Body.(*act.RateBody).Score
	}
	switch {
	case t.Phase == Stored && t.receipt(s.opening) == 0:
		t.Phase = Sent
	case isLive(t.Phase) && k.postponed() && t.Phase != Asked && t.Phase != Offered:
		t.Phase = Postponed
	}
	t.Waiting = s.live() && t.current != nil && t.current.Status != nil && t.current.Status.Frozen(t.instant, matterOf(r))
	for _, q := range s.questions {
		one := Question{Asked: where(q.ask.Place), Moot: s.moot(q)}
		if q.reply != nil {
			reply := where(q.reply.Place)
			one.Reply, one.Interval = &reply, k.replyInterval(q)
		}
		t.Questions = append(t.Questions, one)
	}
	t.fillReceipts()
	t.course(k)
}

// fillReceipts takes each of the four from its own statement.
func (t *Thread) fillReceipts() {
	s := t.stand
	if at := t.receipt(s.opening); at != 0 {
		t.Receipts.Stored = &Moment{Receipt: at}
	}
	if e := s.first(act.RequestOpened); e != nil {
		t.Receipts.Opened = t.moment(e, e.Body.(*act.OpenedBody).Officer)
	}
	if e := s.last(act.RequestAccept); e != nil {
		t.Receipts.Accepted = t.moment(e, e.Body.(*act.AcceptBody).Officer)
	}
	if e := s.firstOf(act.RequestPartial, act.RequestAnswer, act.RequestHold, act.RequestDecline, act.RequestRedirect); e != nil {
		t.Receipts.ActedOn = t.moment(e, "")
	}
}

// receipt is an entry's receipt as seen from the view's instant: a later one
// counts as none. An instant of zero is no receipt.
func (t *Thread) receipt(e *procedure.Entry) calendar.Instant {
	at := instantOf(e.Receipt)
	if at <= 0 || at > t.instant {
		return 0
	}
	return at
}

// firstOf finds the act of one side's, of any of these kinds, that stands first.
func (s *stand) firstOf(kinds ...string) (one *procedure.Entry) {
	for _, kind := range kinds {
		if e := s.first(kind); e != nil && (one == nil || e.Position < one.Position) {
			one = e
		}
	}
	return one
}
