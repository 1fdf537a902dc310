package casework

import (
	"slices"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// stand is what has been said in a thread, as far as judging needs it. It is
// filled entry by entry in any order that keeps each log's own, and the result
// does not depend on which: every fact comes from one side alone, and what
// comes of two that cross is read off both (see crossings.go). So neither
// party gains by having the lower identifier.
type stand struct {
	opening *procedure.Entry // the first entry that opens, in order or not
	request *act.OpenBody    // nil unless the opening is in order
	items   []act.ReturnItem // what an incomplete opening lacks

	opened                    []*procedure.Entry
	accept, decline, returned *procedure.Entry
	withdrawn, closed, rated  *procedure.Entry
	partials, answers         []*procedure.Entry
	questions                 []question
	ignored                   []ignored
	wrong                     map[cause]ignored   // the same, by place
	refused                   map[cause]bool      // what a disorder has answered
	last, top                 [2]*procedure.Entry // of each side: the newest, and the one with the highest slip number
	acts                      []*procedure.Entry  // all in order, as added
}

type question struct {
	ask, reply *procedure.Entry
}

type ignored struct {
	entry *procedure.Entry
	code  fault.Code
}

// cause names an entry that an automatic act answers.
type cause struct {
	higher   bool
	position uint64
}

// witness is what one side knew when it wrote its newest entry: the fold of
// that entry's causal past, and how far into each side's list it reaches.
type witness struct {
	stand
	reach [2]int
}

// verdicts judges the entries of a thread, in merged order, each by its causal
// past alone, and gives the fold of them all. Pasts only grow along a log, so
// one witness a side is carried along and every entry is added to it once: a
// long thread, or one whose writer never looks at the other's entries, costs
// no more than its length.
func verdicts(lists [2][]*procedure.Entry) (all *stand, merged []*procedure.Entry, faults []error) {
	all, merged = new(stand), record.Merge(lists[0], lists[1])
	var known [2]witness
	var judged [2][]error
	for _, e := range merged {
		side := procedure.Side(e.Higher)
		w := &known[side]
		w.learn(lists, judged, side, len(judged[side]), nil)
		w.learn(lists, judged, 1-side, len(judged[1-side]), e)
		verdict := w.judgeEntry(e)
		all.add(e, verdict)
		judged[side] = append(judged[side], verdict)
		faults = append(faults, verdict)
	}
	return all, merged, faults
}

// learn adds entries of one side's list, up to a number of them, and if reader
// is not nil only those that it had seen. First the writer's own and then the
// other's: what it had stored since its last entry cannot be in the past of
// that.
func (w *witness) learn(lists [2][]*procedure.Entry, judged [2][]error, side, upto int, reader *procedure.Entry) {
	for i := w.reach[side]; i < upto; i++ {
		e := lists[side][i]
		if reader != nil && !e.Place.Before(reader.Place) {
			return
		}
		w.add(e, judged[side][i])
		w.reach[side] = i + 1
	}
}

// saying is an act as it is judged: one that stands in the record, or one that
// somebody would append now.
type saying struct {
	higher  bool
	kind    act.Kind
	body    any
	replies []statement.Ref
	context *procedure.Context
	parties [2]party.ID // writer, reader
	time    calendar.Instant

	attachments int
}

// judgeEntry tells why an entry is not in order; s must hold its causal past
// and nothing else.
func (s *stand) judgeEntry(e *procedure.Entry) error {
	switch {
	case e.Fault != nil:
		return e.Fault
	case e.Act == nil || e.Act.Statement == nil || e.Unreadable != 0:
		return fault.New(rule.ActUnreadable, "reason", fault.Int(e.Unreadable))
	case e.Context == nil:
		return fault.New(rule.ActArrangement, "kind", e.Kind.Name)
	}
	ref := e.Act.Statement.Thread
	if ref != nil && s.opening != nil && *ref != refOf(s.opening) || ref == nil && !e.Kind.Opens {
		return fault.New(rule.ActThread, "kind", e.Kind.Name)
	}
	if err := e.CheckSlip(s.before(e.Higher)); err != nil {
		return err
	}
	return s.judge(saying{higher: e.Higher, kind: e.Kind, body: e.Body, replies: e.Act.Statement.Replies, context: e.Context,
		parties: partiesOf(e), time: instantOf(e.Time), attachments: len(e.Act.Attachments)})
}

// before gives the entries of one side against which a slip is checked: the
// newest and the one with the highest number say all that the others could.
func (s *stand) before(higher bool) (list []*procedure.Entry) {
	side := procedure.Side(higher)
	for _, e := range []*procedure.Entry{s.last[side], s.top[side]} {
		if e != nil {
			list = append(list, e)
		}
	}
	return list
}

func refOf(e *procedure.Entry) statement.Ref {
	return statement.Ref{Higher: e.Higher, Generation: e.Generation, Position: e.Position}
}

// add takes an entry into account, with the verdict on it.
func (s *stand) add(e *procedure.Entry, verdict error) {
	if e.Act != nil {
		side := procedure.Side(e.Higher)
		s.last[side] = e
		if s.top[side] == nil || s.top[side].Act.Slip.Number < e.Act.Slip.Number {
			s.top[side] = e
		}
		if s.opening == nil && e.Act.Statement != nil && e.Act.Statement.Thread == nil {
			s.opening = e
		}
	}
	if verdict != nil {
		if s.wrong == nil {
			s.wrong = map[cause]ignored{}
		}
		g := ignored{e, fault.CodeOf(verdict)}
		s.ignored, s.wrong[cause{e.Higher, e.Position}] = append(s.ignored, g), g
		return
	}
	s.acts = append(s.acts, e)
	s.apply(e)
}

// apply is total: an entry that is in order by its own past has a meaning in
// whatever the other side has said meanwhile.
func (s *stand) apply(e *procedure.Entry) {
	switch e.Kind.Name {
	case act.RequestOpen:
		if s.opening != e {
			return // two openings in one thread: only a broken caller gives them
		}
		s.request = e.Body.(*act.OpenBody)
		s.items = missing(e.Context.Arrangement, s.request, partiesOf(e), len(e.Act.Attachments))
	case act.RequestOpened:
		s.opened = append(s.opened, e)
	case act.RequestAccept:
		s.accept = e
	case act.RequestDecline:
		s.decline = e
	case act.RequestReturn:
		s.returned = e
	case act.RequestAsk:
		s.questions = append(s.questions, question{ask: e})
	case act.RequestReply:
		s.reply(e)
	case act.RequestPartial:
		s.partials = append(s.partials, e)
	case act.RequestAnswer:
		s.answers = append(s.answers, e)
	case act.RequestClose:
		s.closed = e
	case act.RequestRate:
		s.rated = e
	case act.RequestWithdraw:
		s.withdrawn = e
	case act.Disorder:
		if s.refused == nil {
			s.refused = map[cause]bool{}
		}
		s.refused[cause{!e.Higher, e.Body.(*act.DisorderBody).Position}] = true
	}
}

// reply marks the questions that a reply answers: those it names, or, when it
// names none, all that its writer had seen and not answered. A question that
// crossed it stays open.
func (s *stand) reply(e *procedure.Entry) {
	refs := e.Act.Statement.Replies
	for i, q := range s.questions {
		named := len(refs) == 0 || slices.Contains(refs, refOf(q.ask))
		if q.reply == nil && named && q.ask.Place.Before(e.Place) {
			s.questions[i].reply = e
		}
	}
}

// phase reads the phase off what was said. What ends a request outranks what
// moves it on, and a final answer outranks a withdrawal that crossed it: what
// the receiver has given or refused cannot be unsaid by the requester.
func (s *stand) phase() Phase {
	switch {
	case s.opening == nil:
		return None
	case s.request == nil:
		return Void
	case s.closed != nil:
		return Closed
	case len(s.answers) > 0:
		return Answered
	case s.decline != nil:
		return Declined
	case s.withdrawn != nil:
		return Withdrawn
	case s.returned != nil:
		return Returned
	case len(s.items) > 0:
		return Incomplete
	case s.waits():
		return Asked
	case len(s.partials) > 0:
		return Partial
	case s.accept != nil:
		return Accepted
	case len(s.opened) > 0:
		return Opened
	}
	return Stored
}

// live reports whether the receiver still owes something.
func (s *stand) live() bool {
	switch s.phase() {
	case Stored, Opened, Accepted, Asked, Partial:
		return true
	}
	return false
}

// waits tells whether a question is open.
func (s *stand) waits() bool {
	return slices.ContainsFunc(s.questions, func(q question) bool { return q.reply == nil && !s.moot(q) })
}

// pending lists the questions that a reply could answer.
func (s *stand) pending() (list []question) {
	for _, q := range s.questions {
		if q.reply == nil && !s.moot(q) {
			list = append(list, q)
		}
	}
	return list
}

// moot tells of an open question that nobody waits for any more.
func (s *stand) moot(q question) bool {
	if q.reply != nil {
		return false
	}
	if s.closed != nil || s.decline != nil || s.withdrawn != nil && len(s.answers) == 0 {
		return true
	}
	// Who answers has stopped waiting for what he asked before; what he asks
	// after it is about the use made of the answer.
	return len(s.answers) > 0 && s.answers[0].Position > q.ask.Position
}

// Fold reads a thread: all entries of it in both logs, each list in the order
// of its log.
func Fold(lower, higher []*procedure.Entry, view procedure.View) *Thread {
	return FoldWith(lower, higher, view, Options{})
}

// FoldWith is Fold with what the record says beside the thread.
func FoldWith(lower, higher []*procedure.Entry, view procedure.View, options Options) *Thread {
	s, merged, faults := verdicts([2][]*procedure.Entry{real(lower, false), real(higher, true)})
	t := newThread(view)
	t.stand, t.merged = s, merged
	t.fill(faults, clocksOf(s, view, options))
	return t
}

func newThread(view procedure.View) *Thread {
	t := &Thread{instant: view.Instant, current: view.Current, channel: view.Channel, parties: view.Parties, stand: new(stand)}
	if view.Current != nil {
		t.rules, t.arrangement = view.Current.Rules, view.Current.Digest
	}
	return t
}

// real drops what is no entry of the list's side, which only a broken caller
// gives.
func real(list []*procedure.Entry, higher bool) []*procedure.Entry {
	return slices.DeleteFunc(slices.Clone(list), func(e *procedure.Entry) bool { return e == nil || e.Higher != higher })
}
