package casework

import (
	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/ijson"
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

// What views of every procedure are made of.
type (
	Where   = procedure.Where
	Moment  = procedure.Moment
	Ignored = procedure.Ignored
	Said    = procedure.Said
)

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

	fold procedure.Fold[*stand]
}

// view is what the canonical bytes hold: the four things a view is a function
// of, and the thread.
type view struct {
	procedure.Heading
	Thread *Thread `json:"thread"`
}

// View writes the thread so that both nodes write the same bytes. cut is the
// digest of the record cut the entries were taken from; the rest of what the
// view depends on is the fold's own.
func (t *Thread) View(cut [32]byte) ([]byte, error) {
	return ijson.Encode(view{t.fold.Heading("casework", cut), t})
}

// fill writes down what the fold found.
func (t *Thread) fill(k *clocks) {
	s := t.fold.Stand
	t.Phase, t.Missing, t.Lacking = s.phase(), s.items, len(s.items)
	t.Crossings, t.Obligations = s.crossings(), k.obligations()
	t.Acts, t.Unreceipted = t.fold.Said(t.fold.Instant)
	t.NotInOrder = t.fold.NotInOrder()
	t.Opening, t.Requester = t.fold.Opened()
	if s.request != nil {
		t.fillRequest(k)
	}
}

func (t *Thread) fillRequest(k *clocks) {
	s := t.fold.Stand
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
	case t.Phase == Stored && s.Opening.ReceiptAt(t.fold.Instant) == 0:
		t.Phase = Sent
	case isLive(t.Phase) && k.postponed() && t.Phase != Asked && t.Phase != Offered:
		t.Phase = Postponed
	}
	t.Waiting = s.live() && t.fold.Current != nil && t.fold.Current.Status != nil && t.fold.Current.Status.Frozen(t.fold.Instant, matterOf(r))
	for _, q := range s.questions {
		one := Question{Asked: procedure.WhereOf(q.ask.Place), Moot: s.moot(q)}
		if q.reply != nil {
			reply := procedure.WhereOf(q.reply.Place)
			one.Reply, one.Interval = &reply, k.replyInterval(q)
		}
		t.Questions = append(t.Questions, one)
	}
	t.fillReceipts()
	t.course(k)
}

// fillReceipts takes each of the four from its own statement.
func (t *Thread) fillReceipts() {
	s := t.fold.Stand
	if at := s.Opening.ReceiptAt(t.fold.Instant); at != 0 {
		t.Receipts.Stored = &Moment{Receipt: at}
	}
	if e := s.first(act.RequestOpened); e != nil {
		t.Receipts.Opened = e.MomentAt(e.Body.(*act.OpenedBody).Officer, t.fold.Instant)
	}
	if e := s.last(act.RequestAccept); e != nil {
		t.Receipts.Accepted = e.MomentAt(e.Body.(*act.AcceptBody).Officer, t.fold.Instant)
	}
	if e := s.firstOf(act.RequestPartial, act.RequestAnswer, act.RequestHold, act.RequestDecline, act.RequestRedirect); e != nil {
		t.Receipts.ActedOn = e.MomentAt("", t.fold.Instant)
	}
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

// receipt is an entry's receipt as seen from the view's instant.
func (t *Thread) receipt(e *procedure.Entry) calendar.Instant { return e.ReceiptAt(t.fold.Instant) }
