package review

import (
	"slices"
	"strings"

	"parley.example/internal/procedure/casework"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
)

// Key is the place of a figure: a section, within some sections a step or a
// kind, and what is measured.
type Key struct {
	Section string `json:"section"`
	Step    string `json:"step"`
	Measure string `json:"measure"`
}

// The sections, in the order of a report.
const (
	Requests     = "requests"     // how many, and how they stand
	Class        = "class"        // by class of their type
	Phase        = "phase"        // by phase
	Timeliness   = "timeliness"   // by step
	Completeness = "completeness" // how they arrived
	Refusals     = "refusals"     // by reason
	Softer       = "softer"       // what was offered before a refusal, by kind
	Outcomes     = "outcomes"     // how many saw what, by kind
	Proposals    = "proposals"    // by kind, and what became of them
	Urgency      = "urgency"      // claims of urgency
	Quality      = "quality"      // ratings, contests, corrections
	Use          = "use"          // items given, and what their use was
	Preservation = "preservation" // holds and lapses
	Entries      = "entries"      // acts by who wrote them, and what is wrong with them
)

func sections() []string {
	return []string{Requests, Class, Phase, Timeliness, Completeness, Refusals, Softer, Outcomes, Proposals, Urgency,
		Quality, Use, Preservation, Entries}
}

// Steps lists those of the timeliness section, in their order.
func Steps() []string {
	return []string{arrangement.Acknowledge, arrangement.Decide, arrangement.Report, arrangement.Answer, casework.StepReply, casework.StepPromise,
		casework.StepConsent + "-requester", casework.StepConsent + "-receiver", casework.StepHold + "-requester", casework.StepHold + "-receiver"}
}

// ProposalKinds lists what either side proposes, as steps of its section.
func ProposalKinds() []string {
	return []string{short(act.RequestExtend), short(act.RequestCondition), short(act.RequestDispute), short(act.RequestRenew), short(act.RequestReuse)}
}

// Measures lists what a section measures, in its order; nothing where that is
// codes of the arrangement (Refusals) or phases (Phase).
func Measures(section string) (list []string) {
	switch section {
	case Requests:
		return []string{"threads", Open, Ended, Drafts, Voids, "waiting", "destroyed", "priority-both", "priority-one"}
	case Class:
		return []string{arrangement.ClassRequest, arrangement.ClassInquiry, arrangement.ClassNotification, arrangement.ClassEnquiry}
	case Timeliness:
		list = []string{"owed", "replied"}
		for _, s := range states() {
			list = append(list, string(s))
		}
		return append(list, "done", "met-tenths", "agreed", "median-ms", "p90-ms", "worst-ms", "differing", "differing-claimed-ms", "differing-receipt-ms")
	case Completeness:
		return []string{"complete", "incomplete", "returned", "completed", "things-missing"}
	case Softer:
		return append([]string{short(act.RequestAsk), short(act.RequestExtend)}, "interim", "condition", "postpone", "partial", "nothing")
	case Outcomes:
		for _, kind := range outcomeKinds() {
			list = append(list, short(kind))
		}
		return append(list, "reminders")
	case Proposals:
		return []string{"made", "granted", string(casework.Pending), string(casework.Agreed), string(casework.Refused), string(casework.Covered), string(casework.Abandoned)}
	case Urgency:
		return []string{"claims", "disputed", "disputed-tenths"}
	case Quality:
		return []string{"rated", "rated-1", "rated-2", "rated-3", "rated-4", "rated-5", "rated-median", "contested", "corrected", "marks", "marks-lifted"}
	case Use:
		return []string{"items", "retracted", "asked", "explained"}
	case Preservation:
		return append(append([]string{"holds"}, holdStates()...), "renewals", "lapses", "lapses-requester", "lapses-receiver")
	case Entries:
		return []string{"acts", "unreceipted", "not-in-order", "crossings"}
	}
	return nil
}

// stepOf is the step of an obligation; where either side may owe it, with whose
// it is.
func stepOf(th *casework.Thread, o casework.Obligation) string {
	if o.Step == casework.StepConsent || o.Step == casework.StepHold {
		return o.Step + "-" + turn(th, o.Debtor)
	}
	return o.Step
}

// states lists the classes into which a step falls, each in exactly one.
func states() []casework.State {
	return []casework.State{casework.Met, casework.Late, casework.Disputed, casework.Unreceipted, casework.Overdue, casework.Running,
		casework.Paused, casework.Frozen, casework.NotStarted, casework.Released, casework.Unknown}
}

// tally is what is counted of the threads of a cell, or of several.
type tally struct {
	counts  map[Key]int64
	lengths map[string][]int64 // by step: agreed lengths of time, in milliseconds
}

func newTally() *tally { return &tally{map[Key]int64{}, map[string][]int64{}} }

// most bounds a figure: no greater number can be written (JSON-5). Only sums of
// times that somebody made up come near it.
const most = 1<<53 - 1

func (t *tally) add(section, step, measure string, n int64) { t.sum(Key{section, step, measure}, n) }

func (t *tally) sum(k Key, n int64) {
	if n != 0 {
		t.counts[k] = min(most, t.counts[k]+min(most, n))
	}
}

func (t *tally) one(section, step, measure string, is bool) {
	if is {
		t.add(section, step, measure, 1)
	}
}

// merge adds what another has counted.
func (t *tally) merge(o *tally) {
	for k, n := range o.counts {
		t.sum(k, n)
	}
	for step, list := range o.lengths {
		t.lengths[step] = append(t.lengths[step], list...)
	}
}

// count takes a thread into account: its class, and the reason for which it
// was refused, are given with it.
func (t *tally) count(th *casework.Thread, class, refusal string) {
	t.add(Requests, "", "threads", 1)
	t.one(Class, "", class, class != "")
	t.one(Refusals, "", refusal, refusal != "")
	t.add(Requests, "", Stands(th.Phase), 1)
	t.one(Requests, "", "destroyed", th.FromResidue)
	t.one(Requests, "", "waiting", th.Waiting)
	t.one(Requests, "", "priority-both", th.Course.Priority.Lower && th.Course.Priority.Higher)
	t.one(Requests, "", "priority-one", th.Course.Priority.Lower != th.Course.Priority.Higher)
	t.add(Phase, "", string(th.Phase), 1)
	for _, o := range th.Obligations {
		t.obligation(stepOf(th, o), o)
	}
	for _, q := range th.Questions {
		if q.Interval != nil {
			t.add(Timeliness, casework.StepReply, "replied", 1)
			t.length(casework.StepReply, q.Interval)
		}
	}
	t.outcomes(th)
	t.proposals(th)
	t.quality(th)
	t.hold(th)
	t.entries(th)
}

// Where a request stands.
const (
	Open   = "open"   // the receiver still owes something, or waits to be told what
	Ended  = "ended"  // nobody waits any more for what was asked for
	Drafts = "drafts" // it was shown for comment and not asked
	Voids  = "void"   // it was no request in order
)

// Stands says which of the four a phase belongs to.
func Stands(p casework.Phase) string {
	switch p {
	case casework.Drafted:
		return Drafts
	case casework.Void, casework.None:
		return Voids
	case casework.Answered, casework.Declined, casework.Redirected, casework.Returned, casework.Withdrawn, casework.Closed:
		return Ended
	}
	return Open
}

func (t *tally) obligation(step string, o casework.Obligation) {
	t.add(Timeliness, step, "owed", 1)
	t.add(Timeliness, step, string(o.State), 1)
	if o.Interval != nil {
		t.length(step, o.Interval)
	}
}

// length takes a length of time: as a figure when both countings agree,
// and otherwise both, apart. Clocks that were set back make none less than
// nothing.
func (t *tally) length(step string, i *casework.Interval) {
	if i.Agreed {
		t.lengths[step] = append(t.lengths[step], max(0, i.Receipt))
		return
	}
	t.add(Timeliness, step, "differing", 1)
	t.add(Timeliness, step, "differing-claimed-ms", max(0, i.Claimed))
	t.add(Timeliness, step, "differing-receipt-ms", max(0, i.Receipt))
}

// said tells which kinds were said in order.
func said(th *casework.Thread) map[string]bool {
	kinds := map[string]bool{}
	for _, a := range th.Acts {
		if a.InOrder {
			kinds[a.Kind] = true
		}
	}
	return kinds
}

// asked tells whether a request was asked for: a draft never was, withdrawn or
// not.
func asked(th *casework.Thread, kinds map[string]bool) bool {
	return th.Request != nil && !kinds[act.RequestDraft]
}

// outcomeKinds are the acts whose threads are counted as outcomes.
func outcomeKinds() []string {
	return []string{act.RequestAccept, act.RequestForward, act.RequestInterim, act.RequestAwait, act.RequestCondition, act.RequestPostpone,
		act.RequestPartial, act.RequestAnswer, act.RequestRedirect, act.RequestDecline, act.RequestWithdraw}
}

// short is a kind as a measure.
func short(kind string) string { return strings.TrimPrefix(kind, "request.") }

func (t *tally) outcomes(th *casework.Thread) {
	kinds := said(th)
	for _, kind := range outcomeKinds() {
		t.one(Outcomes, "", short(kind), kinds[kind])
	}
	t.add(Outcomes, "", "reminders", int64(th.Course.Reminders))
	if th.Decline != "" {
		for _, kind := range th.Course.Softer {
			t.add(Softer, "", short(kind), 1)
		}
		t.one(Softer, "", "nothing", len(th.Course.Softer) == 0)
	}
	if !asked(th, kinds) {
		return
	}
	lacking := th.Lacking > 0 || kinds[act.RequestReturn] // a form that was amended lacks nothing now
	t.one(Completeness, "", "complete", !lacking)
	t.one(Completeness, "", "incomplete", lacking)
	t.one(Completeness, "", "returned", kinds[act.RequestReturn])
	t.one(Completeness, "", "completed", lacking && th.Lacking == 0)
	t.add(Completeness, "", "things-missing", int64(th.Lacking))
}

func (t *tally) proposals(th *casework.Thread) {
	disputed := false
	for _, p := range th.Course.Proposals {
		t.add(Proposals, short(p.Kind), "made", 1)
		t.add(Proposals, short(p.Kind), string(p.State), 1)
		disputed = disputed || p.Kind == act.RequestDispute
	}
	t.add(Proposals, short(act.RequestExtend), "granted", int64(len(th.Course.Grants)))
	if asked(th, said(th)) {
		t.add(Urgency, "", "claims", 1)
		t.one(Urgency, "", "disputed", disputed)
	}
}

func (t *tally) quality(th *casework.Thread) {
	if th.Rating >= 1 && th.Rating <= 5 {
		t.add(Quality, "", "rated", 1)
		t.add(Quality, "", "rated-"+string('0'+rune(th.Rating)), 1)
	}
	t.add(Quality, "", "contested", int64(len(th.Course.Contests)))
	t.add(Quality, "", "corrected", int64(len(th.Course.Corrections)))
	for _, m := range th.Course.Marks {
		t.add(Quality, "", "marks", 1)
		t.one(Quality, "", "marks-lifted", m.Lifted)
	}
	for _, i := range th.Course.Items {
		t.add(Use, "", "items", 1)
		t.one(Use, "", "retracted", i.Retracted)
		t.add(Use, "", "asked", int64(i.Explain))
		t.add(Use, "", "explained", int64(i.Explained))
	}
}

// holdStates are those of a hold, in the order of a report.
func holdStates() []string {
	return []string{casework.Held, casework.Alarm, casework.Lapsed, casework.Kept, casework.LetGo, casework.Unsaid}
}

// turns says whose turn something was, as seen from the request.
func turn(th *casework.Thread, side string) string {
	if side == th.Requester {
		return "requester"
	}
	return "receiver"
}

func (t *tally) hold(th *casework.Thread) {
	h := th.Course.Hold
	if h == nil {
		return
	}
	t.add(Preservation, "", "holds", 1)
	t.add(Preservation, "", h.State, 1)
	t.add(Preservation, "", "renewals", int64(h.Renewals))
	for _, l := range h.Lapses {
		t.add(Preservation, "", "lapses", 1)
		t.add(Preservation, "", "lapses-"+turn(th, l.Turn), 1)
	}
}

func (t *tally) entries(th *casework.Thread) {
	for _, a := range th.Acts {
		by := turn(th, a.Side)
		t.add(Entries, by, "acts", 1)
		t.one(Entries, by, "unreceipted", a.Receipt == 0)
		t.one(Entries, by, "not-in-order", !a.InOrder)
	}
	t.add(Entries, "", "crossings", int64(len(th.Crossings)))
}

// figures writes the tally down, with what follows from it: shares and the
// lengths of time.
func (t *tally) figures() (list []Figure) {
	all := newTally()
	for k, n := range t.counts {
		all.sum(k, n)
	}
	for _, step := range Steps() {
		of := func(s casework.State) int64 { return t.counts[Key{Timeliness, step, string(s)}] }
		if done := of(casework.Met) + of(casework.Late); done > 0 {
			all.add(Timeliness, step, "done", done)
			all.share(Timeliness, step, "met-tenths", of(casework.Met), done)
		}
		all.spread(Timeliness, step, "agreed", t.lengths[step])
	}
	all.share(Urgency, "", "disputed-tenths", t.counts[Key{Urgency, "", "disputed"}], t.counts[Key{Urgency, "", "claims"}])
	var scores []int64
	for score := int64(1); score <= 5; score++ {
		scores = append(scores, slices.Repeat([]int64{score}, int(t.counts[Key{Quality, "", "rated-" + string('0'+rune(score))}]))...)
	}
	if len(scores) > 0 {
		all.add(Quality, "", "rated-median", rank(scores, 1, 2))
	}
	return all.written(compare)
}

// written lists the figures in an order. What is nought is left out, a share or
// a length of time apart.
func (t *tally) written(order func(a, b Key) int) (list []Figure) {
	for k, n := range t.counts {
		if n != 0 || strings.HasSuffix(k.Measure, "-tenths") || strings.HasSuffix(k.Measure, "-ms") {
			list = append(list, Figure{k, n})
		}
	}
	slices.SortFunc(list, func(a, b Figure) int { return order(a.Key, b.Key) })
	return list
}

// share notes a share in tenths of a percent, rounded half up; none of nothing.
func (t *tally) share(section, step, measure string, part, whole int64) {
	if whole > 0 {
		t.counts[Key{section, step, measure}] = (part*2000 + whole) / (whole * 2)
	}
}

// spread notes how many lengths of time there are, the middle, the ninth tenth
// and the worst. Each is one of the lengths, by nearest rank: nothing is averaged.
func (t *tally) spread(section, step, count string, lengths []int64) {
	if len(lengths) == 0 {
		return
	}
	sorted := slices.Sorted(slices.Values(lengths))
	t.counts[Key{section, step, count}] = int64(len(sorted))
	t.counts[Key{section, step, "median-ms"}] = rank(sorted, 1, 2)
	t.counts[Key{section, step, "p90-ms"}] = rank(sorted, 9, 10)
	t.counts[Key{section, step, "worst-ms"}] = sorted[len(sorted)-1]
}

// rank gives the smallest value such that at least part of whole are no more.
func rank(sorted []int64, part, whole int) int64 {
	return sorted[(len(sorted)*part+whole-1)/whole-1]
}
