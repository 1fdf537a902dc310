package casework

import (
	"cmp"
	"encoding/json"
	"slices"

	"parley.example/internal/procedure"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/party"
	"parley.example/wire/statement"
)

// stand is what has been said in a thread, as far as judging needs it. It is
// filled entry by entry in any order that keeps each log's own, and the result
// does not depend on which: every fact comes from one side alone, and what
// comes of two that cross is read off both (see crossings.go). So neither
// party gains by having the lower identifier.
type stand struct {
	procedure.Past
	draft    bool             // it shows a draft
	request  *act.OpenBody    // as last amended; nil unless the opening is in order
	versions []version        // the opening and its amendments
	items    []act.ReturnItem // what the newest version lacks

	said      map[string][]*procedure.Entry // acts in order by kind, each side's in its order
	questions []question
	proposals []proposal
	acts      []*procedure.Entry // all in order, as added
	read      *read
}

// version is the form as it was opened or amended.
type version struct {
	entry *procedure.Entry
	items []act.ReturnItem
}

// read keeps what was read of entries: what each version of a form lacks, and
// the bodies that marks point into. Three folds of a thread ask it of the same
// entries, and many marks may be on one.
type read struct {
	lacking map[*procedure.Entry][]act.ReturnItem
	bodies  map[*procedure.Entry]any
}

// newStands makes empty stands of one thread, with what was read of its entries
// kept once.
func newStands() func() *stand {
	found := &read{map[*procedure.Entry][]act.ReturnItem{}, map[*procedure.Entry]any{}}
	return func() *stand { return &stand{read: found} }
}

// body gives an act's body as JSON; nil when it is none.
func (r *read) body(e *procedure.Entry) any {
	if r == nil {
		return parsed(e)
	}
	v, known := r.bodies[e]
	if !known {
		v = parsed(e)
		r.bodies[e] = v
	}
	return v
}

func parsed(e *procedure.Entry) (v any) {
	if e.Act == nil || json.Unmarshal(e.Act.Body, &v) != nil {
		return nil
	}
	return v
}

type question struct {
	ask, reply *procedure.Entry
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

// Judge tells why an entry is not in order; s must hold its causal past
// and nothing else.
func (s *stand) Judge(e *procedure.Entry) error {
	if err := s.Check(e); err != nil {
		return err
	}
	return s.judge(saying{higher: e.Higher, kind: e.Kind, body: e.Body, replies: e.Act.Statement.Replies, context: e.Context,
		parties: partiesOf(e), time: procedure.InstantOf(e.Time), attachments: len(e.Act.Attachments)})
}

// Add takes an entry into account, with the verdict on it.
func (s *stand) Add(e *procedure.Entry, verdict error) {
	if !s.Take(e, verdict) {
		return
	}
	s.acts = append(s.acts, e)
	s.apply(e)
}

// apply is total: an entry that is in order by its own past has a meaning in
// whatever the other side has said meanwhile.
func (s *stand) apply(e *procedure.Entry) {
	kind := e.Kind.Name
	if opens(kind) && s.Opening != e {
		return // two openings in one thread: only a broken caller gives them
	}
	if s.said == nil {
		s.said = map[string][]*procedure.Entry{}
	}
	s.said[kind] = append(s.said[kind], e)
	switch kind {
	case act.RequestOpen, act.RequestDraft, act.RequestAmend:
		s.draft = s.draft || kind == act.RequestDraft
		s.request = e.Body.(*act.OpenBody)
		s.items = s.lacks(e)
		s.versions = append(s.versions, version{e, s.items})
	case act.RequestAsk:
		s.questions = append(s.questions, question{ask: e})
	case act.RequestReply:
		s.reply(e)
	case act.RequestDispute, act.RequestExtend, act.RequestCondition, act.RequestRenew, act.RequestReuse:
		s.proposals = append(s.proposals, proposal{entry: e})
	case act.RequestAgree, act.RequestRefuse:
		s.settle(e)
	case act.Disorder:
		s.Refuse(e, e.Body.(*act.DisorderBody))
	}
}

// lacks lists what a version of the form lacks, by the opening's arrangement;
// attachments of all versions count.
func (s *stand) lacks(e *procedure.Entry) []act.ReturnItem {
	if s.read != nil {
		if items, known := s.read.lacking[e]; known {
			return items
		}
	}
	if e.Form != nil && e == s.Opening && e.Form.Rules == s.own() {
		return e.Form.Lacks
	}
	items := missing(s.own(), e.Body.(*act.OpenBody), partiesOf(e), len(e.Act.Attachments)+s.attached())
	if s.read != nil {
		s.read.lacking[e] = items
	}
	return items
}

// attached counts the attachments of the form's versions so far.
func (s *stand) attached() (n int) {
	for _, v := range s.versions {
		n += len(v.entry.Act.Attachments)
	}
	return n
}

// first gives the first act in order of a kind; nil for none.
func (s *stand) first(kind string) *procedure.Entry {
	if list := s.said[kind]; len(list) > 0 {
		return list[0]
	}
	return nil
}

// last gives the last act in order of a kind; nil for none. For kinds that
// either side says it is the last of one of them.
func (s *stand) last(kind string) *procedure.Entry {
	if list := s.said[kind]; len(list) > 0 {
		return list[len(list)-1]
	}
	return nil
}

// own is the version of the arrangement that the thread was opened under.
func (s *stand) own() *arrangement.Document { return s.Opening.Context.Arrangement }

// class is that of the request's type.
func (s *stand) class() string {
	if t, known := s.own().Type(s.request.Type); known {
		return t.ClassOf()
	}
	return arrangement.ClassRequest
}

// preserves tells whether the request is answered by holding data.
func (s *stand) preserves() bool {
	t, known := s.own().Type(s.request.Type)
	return known && t.Preserves
}

// accepted tells whether an officer of the unit that has the request now has
// taken it on: whoever it is forwarded to accepts anew.
func (s *stand) accepted() bool {
	accept, forward := s.last(act.RequestAccept), s.last(act.RequestForward)
	return accept != nil && (forward == nil || accept.Position > forward.Position)
}

// final lists what answers a request for good.
func (s *stand) final() []*procedure.Entry {
	return inOrder(s.said[act.RequestAnswer], s.said[act.RequestHold])
}

// given lists the items: answers in part and in full.
func (s *stand) given() []*procedure.Entry {
	return inOrder(s.said[act.RequestPartial], s.said[act.RequestAnswer])
}

// inOrder joins lists of one side's acts by their place in its log.
func inOrder(lists ...[]*procedure.Entry) []*procedure.Entry {
	all := slices.Concat(lists...)
	slices.SortFunc(all, func(a, b *procedure.Entry) int { return cmp.Compare(a.Position, b.Position) })
	return all
}

// softer lists the kinds of what was offered short of a refusal, once each.
func (s *stand) softer() (kinds []string) {
	for _, kind := range []string{act.RequestAsk, act.RequestCondition, act.RequestPartial, act.RequestPostpone, act.RequestExtend, act.RequestInterim} {
		if s.first(kind) != nil {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// did finds the act that did a step: the first that says at least as much. A
// refusal does them all.
func (s *stand) did(step string) *procedure.Entry {
	kinds := map[string][]string{
		arrangement.Acknowledge: {act.RequestAccept, act.RequestAsk, act.RequestPostpone},
		arrangement.Decide:      {act.RequestAccept, act.RequestPostpone},
		arrangement.Report:      {act.RequestInterim, act.RequestAwait, act.RequestPostpone, act.RequestPartial, act.RequestAnswer, act.RequestHold},
		arrangement.Answer:      {act.RequestAnswer, act.RequestHold},
	}[step]
	return s.firstOf(append(kinds, act.RequestDecline, act.RequestRedirect)...)
}

// reply marks the questions that a reply answers: those it names, or, when it
// names none, all that its writer had seen and not answered. A question that
// crossed it stays open.
func (s *stand) reply(e *procedure.Entry) {
	refs := e.Act.Statement.Replies
	for i, q := range s.questions {
		named := len(refs) == 0 || slices.Contains(refs, q.ask.Ref())
		if q.reply == nil && named && q.ask.Place.Before(e.Place) {
			s.questions[i].reply = e
		}
	}
}

// phase reads the phase off what was said. What ends a request outranks what
// moves it on, and a final answer outranks a withdrawal that crossed it: what
// the receiver has given or refused cannot be unsaid by the requester. That a
// request is postponed depends on the day, so the view says it (see fill).
func (s *stand) phase() Phase {
	switch {
	case s.Opening == nil:
		return None
	case s.request == nil:
		return Void
	case s.draft && s.first(act.RequestWithdraw) == nil:
		return Drafted
	case s.first(act.RequestClose) != nil:
		return Closed
	case len(s.final()) > 0:
		return Answered
	case s.first(act.RequestDecline) != nil:
		return Declined
	case s.first(act.RequestRedirect) != nil:
		return Redirected
	case s.first(act.RequestWithdraw) != nil:
		return Withdrawn
	case len(s.items) > 0:
		return s.lackingPhase()
	}
	return s.livePhase()
}

// lackingPhase: a request is returned when the newest version of it was.
func (s *stand) lackingPhase() Phase {
	newest := s.versions[len(s.versions)-1].entry
	if r := s.last(act.RequestReturn); r != nil && newest.Place.Before(r.Place) {
		return Returned
	}
	return Incomplete
}

func (s *stand) livePhase() Phase {
	switch {
	case s.waits():
		return Asked
	case s.open(act.RequestCondition):
		return Offered
	case s.awaiting() != nil:
		return Awaiting
	case s.first(act.RequestPartial) != nil:
		return Partial
	case s.accepted():
		return Accepted
	case s.first(act.RequestOpened) != nil:
		return Opened
	}
	return Stored
}

// isLive reports whether the receiver still owes something in a phase.
func isLive(phase Phase) bool {
	switch phase {
	case Sent, Stored, Opened, Accepted, Asked, Offered, Awaiting, Postponed, Partial:
		return true
	}
	return false
}

func (s *stand) live() bool { return isLive(s.phase()) }

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
	final := s.final()
	if s.first(act.RequestClose) != nil || s.first(act.RequestDecline) != nil || s.first(act.RequestRedirect) != nil ||
		s.first(act.RequestWithdraw) != nil && len(final) == 0 {
		return true
	}
	// Who answers has stopped waiting for what he asked before; what he asks
	// after it is about the use made of the answer.
	return len(final) > 0 && final[0].Position > q.ask.Position
}

// Fold reads a thread: all entries of it in both logs, each list in the order
// of its log.
func Fold(lower, higher []*procedure.Entry, view procedure.View) *Thread {
	return FoldWith(lower, higher, view, Options{})
}

// FoldWith is Fold with what the record says beside the thread.
func FoldWith(lower, higher []*procedure.Entry, view procedure.View, options Options) *Thread {
	t := &Thread{fold: procedure.FoldOf(lower, higher, view, newStands())}
	t.fill(clocksOf(t.fold.Stand, view, options))
	return t
}
