package casework

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// cross lets the asker say one thing and the other side say others, neither
// having seen the other's, then delivers.
func (s *story) cross(asked string, did ...string) {
	s.only(true, asked)
	for _, kind := range did {
		s.only(false, kind)
	}
	s.Exchange()
}

func outcomes(thread *Thread) string {
	var list []string
	for _, c := range thread.Crossings {
		list = append(list, strings.ReplaceAll(c.Kinds, "request.", "")+": "+string(c.Outcome))
	}
	return strings.Join(list, "; ")
}

// Spec: CW-16. Spec: CW-17. Spec: CW-18. Spec: PRC-15. What comes of every pair that can
// cross, whichever side has the lower identifier.
func TestCrossings(t *testing.T) {
	for _, c := range []struct {
		before string // kinds said and seen first
		asked  string
		did    string
		phase  Phase
		want   string
	}{
		{"", "withdraw", "opened", Withdrawn, "withdraw opened: both-stand"},
		{"", "withdraw", "accept", Withdrawn, "withdraw accept: without-effect"},
		{"", "withdraw", "ask", Withdrawn, "withdraw ask: without-effect"},
		{"", "withdraw", "decline", Declined, "withdraw decline: final-stands"},
		{"accept", "withdraw", "partial", Withdrawn, "withdraw partial: part-kept"},
		{"accept", "withdraw", "answer", Answered, "withdraw answer: final-stands"},
		{"", "withdraw", "accept answer", Answered, "withdraw accept: both-stand; withdraw answer: final-stands"},
		{"", "withdraw", "accept answer ask", Answered, "withdraw accept: both-stand; withdraw answer: final-stands; withdraw ask: both-stand"},
		{"", "withdraw", "ask decline", Declined, "withdraw ask: both-stand; withdraw decline: final-stands"},
		{"incomplete", "withdraw", "return", Withdrawn, "withdraw return: return-lapses"},
		{"ask", "reply", "opened", Opened, "reply opened: both-stand"},
		{"ask", "reply", "accept", Accepted, "reply accept: both-stand"},
		{"ask", "reply", "ask", Asked, "reply ask: both-stand"},
		{"ask", "reply", "decline", Declined, "reply decline: reply-too-late"},
		{"ask accept", "reply", "partial", Partial, "reply partial: both-stand"},
		{"ask accept", "reply", "answer", Answered, "reply answer: reply-too-late"},
		{"accept answer ask", "reply", "answer", Answered, "reply answer: both-stand"},
		{"accept answer", "close", "ask", Closed, "close ask: question-lapses"},
		{"accept answer", "close", "answer", Closed, "close answer: added-after-close"},
		{"accept answer", "rate", "ask", Answered, "rate ask: both-stand"},
		{"accept answer", "rate", "answer", Answered, "rate answer: rating-of-earlier"},
	} {
		for _, asker := range []bool{false, true} {
			s := opened(asker)
			for _, kind := range strings.Fields(c.before) {
				if kind == "incomplete" {
					s = begin(asker, incomplete(asker))
					s.Exchange()
					continue
				}
				s.say(false, "request."+kind)
			}
			var did []string
			for _, kind := range strings.Fields(c.did) {
				did = append(did, "request."+kind)
			}
			s.cross("request."+c.asked, did...)
			thread := s.fold()
			if thread.Phase != c.phase || outcomes(thread) != c.want || len(thread.NotInOrder) > 0 {
				t.Errorf("%s | %s x %s, asker higher %v: %s; %s; %v", c.before, c.asked, c.did, asker, thread.Phase, outcomes(thread), thread.NotInOrder)
			}
		}
	}
}

// Spec: CW-7. What was in order when it was written stays in order, and what
// was not stays so: B's answer to a request that A had withdrawn and B had
// seen withdrawn, and one to a request B had not seen withdrawn.
func TestJudgedByItsPast(t *testing.T) {
	for _, asker := range []bool{false, true} {
		s := opened(asker)
		s.say(false, act.RequestAccept)
		s.only(true, act.RequestWithdraw)
		blind := s.only(false, act.RequestAnswer)
		s.Exchange()
		if code := s.code(t, blind); code != "" {
			t.Errorf("an answer that crossed the withdrawal: %q", code)
		}

		s = opened(asker)
		s.say(false, act.RequestAccept)
		s.say(true, act.RequestWithdraw)
		informed := s.only(false, act.RequestAnswer)
		if code := s.code(t, informed); code != string(rule.ActThread) {
			t.Errorf("an answer behind the withdrawal: %q", code)
		}
	}
}

// A higher party's entry that had not seen all that the merge puts before it
// is judged on what it had seen.
// Spec: CW-7. Spec: CW-8.
func TestRefold(t *testing.T) {
	s := opened(false)
	s.only(true, act.RequestWithdraw) // the lower party's: stands behind the opening
	accept := s.only(false, act.RequestAccept)
	opened := s.only(false, act.RequestOpened)
	s.Deliver(false) // the higher party learns of the withdrawal now
	late := s.only(false, act.RequestPartial)
	s.Exchange()
	for e, want := range map[*procedure.Entry]string{accept: "", opened: "", late: "act.thread"} {
		if code := s.code(t, e); code != want {
			t.Errorf("%s: %q, want %q", e.Kind.Name, code, want)
		}
	}
}

// Spec: CW-19. Spec: CW-20. A reply answers what it names, or all its writer
// had seen; a question that crossed it waits on.
func TestQuestions(t *testing.T) {
	s := opened(false)
	first := s.say(false, act.RequestAsk)
	second := s.say(false, act.RequestAsk)
	s.Now += calendar.Hour
	reply := s.Say(false, s.opening, act.RequestReply, s.body(act.RequestReply), second.Ref())
	third := s.only(false, act.RequestAsk)
	s.Exchange()
	thread := s.fold()
	place := procedure.WhereOf(reply.Place)
	if len(thread.Questions) != 3 || thread.Questions[0].Reply != nil || *thread.Questions[1].Reply != place || thread.Questions[2].Reply != nil {
		t.Fatalf("%+v", thread.Questions)
	}
	if thread.Phase != Asked {
		t.Error(thread.Phase)
	}
	again := Draft{Kind: act.RequestReply, Body: s.body(act.RequestReply), Replies: []statement.Ref{second.Ref()}}
	if err := thread.Check(again); !fault.Is(err, rule.ActThread) {
		t.Errorf("a second reply to one question: %v", err)
	}
	s.say(true, act.RequestReply)
	thread = s.fold()
	if thread.Phase != Stored || thread.Questions[0].Reply == nil || thread.Questions[2].Reply == nil {
		t.Errorf("%s %+v", thread.Phase, thread.Questions)
	}
	_, _ = first, third
}

// Spec: CW-20. Who answers without waiting has no question open any more; one
// about the use made of the answer stays open until the close.
func TestMootQuestions(t *testing.T) {
	s := opened(true)
	s.say(false, act.RequestAccept)
	s.say(false, act.RequestAsk)
	s.say(false, act.RequestAnswer)
	if thread := s.fold(); !thread.Questions[0].Moot || thread.Check(Draft{Higher: true, Kind: act.RequestReply, Body: s.body(act.RequestReply)}) == nil {
		t.Errorf("%+v", thread.Questions)
	}
	s.say(false, act.RequestAsk)
	s.say(false, act.RequestAnswer) // a supplement does not end the question about use
	if thread := s.fold(); thread.Questions[1].Moot {
		t.Errorf("%+v", thread.Questions)
	}
	s.say(true, act.RequestClose)
	if thread := s.fold(); !thread.Questions[1].Moot {
		t.Errorf("%+v", thread.Questions)
	}
}

// Spec: CW-21. Four receipts, each from its own statement: nothing that comes
// later is taken for an earlier one.
func TestReceipts(t *testing.T) {
	s := begin(false, proceduretest.Open(false))
	if thread := s.fold(); thread.Phase != Sent || thread.Receipts != (Receipts{}) || thread.Unreceipted != 1 {
		t.Fatalf("%s %+v", thread.Phase, thread.Receipts)
	}
	s.Now += calendar.Minute
	s.Exchange()
	stored := s.Now
	accepted := s.say(false, act.RequestAccept)
	r := s.fold().Receipts
	if r.Stored.Receipt != stored || r.Opened != nil || r.ActedOn != nil {
		t.Errorf("%+v", r)
	}
	if r.Accepted.By != "Ada" || r.Accepted.Claimed != calendar.Instant(accepted.Time) || r.Accepted.Receipt != s.Now {
		t.Errorf("%+v", *r.Accepted)
	}
	s.say(false, act.RequestOpened)
	s.say(false, act.RequestOpened)
	part := s.say(false, act.RequestPartial)
	s.say(false, act.RequestAnswer)
	r = s.fold().Receipts
	if r.Opened.Claimed != calendar.Instant(accepted.Time)+calendar.Hour || r.ActedOn.Claimed != calendar.Instant(part.Time) {
		t.Errorf("%+v %+v", *r.Opened, *r.ActedOn)
	}
}

// A receipt later than the view's instant counts as none.
// Spec: CW-1. Spec: CW-21.
func TestLaterReceipts(t *testing.T) {
	s := opened(false)
	s.Now -= calendar.Minute
	if thread := s.fold(); thread.Phase != Sent || thread.Unreceipted != 1 {
		t.Errorf("%s %d", thread.Phase, thread.Unreceipted)
	}
}

// Spec: CW-11. Slips that do not follow are not in order, and the next that
// does is.
func TestSlips(t *testing.T) {
	s := opened(false)
	s.say(false, act.RequestOpened)
	wrong := s.only(false, act.RequestAccept)
	wrong.Act.Slip.Number = 1
	if code := s.code(t, wrong); code != string(rule.ActSlip) {
		t.Errorf("%q", code)
	}
	right := s.only(false, act.RequestAccept)
	right.Act.Slip.Number = 3
	if code := s.code(t, right); code != "" {
		t.Errorf("%q", code)
	}
	for number, want := range map[uint32]string{2: "act.slip", 3: "act.slip", 4: "", 9: ""} {
		next := s.only(false, act.RequestAsk)
		next.Act.Slip.Number = number
		if code := s.code(t, next); code != want {
			t.Errorf("%d behind 3: %q", number, code)
		}
		next.Act.Slip.Number = 1 // out of the way of the next
		next.Act.Slip.Predecessor = 0
	}
	// The highest number counts, not only the newest.
	s.only(false, act.RequestAsk).Act.Slip.Number = 50
	s.only(false, act.RequestAsk).Act.Slip.Number = 40
	last := s.only(false, act.RequestAsk)
	last.Act.Slip.Number = 45
	if code := s.code(t, last); code != string(rule.ActSlip) {
		t.Errorf("45 behind 50 and 40: %q", code)
	}
}

// Spec: ACT-7, CW-22. Spec: CW-23. What a node owes by itself, once, and what it
// never owes.
func TestAutomatic(t *testing.T) {
	for _, asker := range []bool{false, true} {
		s := begin(asker, incomplete(asker))
		s.Exchange()
		if list := s.fold().Automatic(asker); len(list) != 0 {
			t.Fatalf("the requester owes %v", list)
		}
		owed := s.fold().Automatic(!asker)
		if len(owed) != 1 || owed[0].Kind != act.RequestReturn || owed[0].Cause != s.opening.Place {
			t.Fatalf("%+v", owed)
		}
		s.Say(!asker, s.opening, owed[0].Kind, owed[0].Body)
		s.Exchange()
		if thread := s.fold(); thread.Phase != Returned || len(thread.Automatic(!asker)) != 0 {
			t.Errorf("%s", thread.Phase)
		}

		bad := s.only(false, act.RequestAccept)
		s.Exchange()
		owed = s.fold().Automatic(asker)
		if len(owed) != 1 || owed[0].Kind != act.Disorder || *owed[0].Body.(*act.DisorderBody) != (act.DisorderBody{Position: bad.Position, Rule: "act.thread"}) {
			t.Fatalf("%+v", owed)
		}
		if owed[0].Key != s.fold().Automatic(asker)[0].Key || !strings.HasPrefix(owed[0].Key, "disorder 3 "+procedure.SideName(!asker)+" 1 ") {
			t.Error(owed[0].Key)
		}
		refusal := s.Say(asker, s.opening, act.Disorder, owed[0].Body)
		s.Exchange()
		if code := s.code(t, refusal); code != "" {
			t.Errorf("the refusal: %q", code)
		}
		twice := s.Say(asker, s.opening, act.Disorder, owed[0].Body)
		s.Exchange()
		if code := s.code(t, twice); code != string(rule.ActAutomatic) {
			t.Errorf("a second refusal of one act: %q", code)
		}
		if a, b := s.fold().Automatic(asker), s.fold().Automatic(!asker); len(a)+len(b) != 0 {
			t.Errorf("answers to automatic acts: %v %v", a, b)
		}
	}
}

// Spec: CW-22. What a node said wrongly it does not say again: the other side
// would refuse it again.
func TestAutomaticOnce(t *testing.T) {
	s := begin(false, incomplete(false))
	s.Exchange()
	e := s.Say(true, s.opening, act.RequestReturn, &act.ReturnBody{Items: []act.ReturnItem{{Field: "facts", Rule: "missing.field"}}})
	s.Exchange()
	if code := s.code(t, e); code != string(rule.ActBody) {
		t.Errorf("a return of something else: %q", code)
	}
	if owed := s.fold().Automatic(true); len(owed) != 0 {
		t.Errorf("%v", owed)
	}
	s = opened(false)
	bad := s.say(false, act.RequestAnswer)
	s.Say(false, s.opening, act.Disorder, &act.DisorderBody{Position: bad.Position, Rule: "act.turn"})
	s.Exchange()
	if owed := s.fold().Automatic(false); len(owed) != 0 {
		t.Errorf("%v", owed)
	}
	s = opened(false)
	bad = s.say(false, act.RequestAnswer)
	e = s.Say(false, s.opening, act.Disorder, &act.DisorderBody{Position: bad.Position, Rule: "act.thread"})
	e.Fault, e.Body = fault.New(rule.ActLate), nil
	s.Exchange()
	if owed := s.fold().Automatic(false); len(owed) != 0 {
		t.Errorf("refused before it was read: %v", owed)
	}
}

// Spec: CW-23. A refusal needs its cause: an act that was not in order, by
// that rule, of the other's.
func TestDisorderNeedsCause(t *testing.T) {
	s := opened(false)
	good := s.say(false, act.RequestAccept)
	bad := s.say(false, act.RequestAccept)
	for name, c := range map[string]struct {
		higher bool
		body   act.DisorderBody
		want   fault.Code
	}{
		"of a good act":   {false, act.DisorderBody{Position: good.Position, Rule: "act.thread"}, rule.ActThread},
		"of none":         {false, act.DisorderBody{Position: 99, Rule: "act.thread"}, rule.ActThread},
		"by another rule": {false, act.DisorderBody{Position: bad.Position, Rule: "act.turn"}, rule.ActReason},
		"of one's own":    {true, act.DisorderBody{Position: bad.Position, Rule: "act.thread"}, rule.ActThread},
		"as it is":        {false, act.DisorderBody{Position: bad.Position, Rule: "act.thread"}, ""},
	} {
		if err := s.fold().Check(Draft{Higher: c.higher, Kind: act.Disorder, Body: &c.body}); fault.CodeOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Spec: CW-23, ACT-7. An automatic act that failed the rules all kinds share is known
// by its name, and still not answered; nor is what cannot be read.
func TestNeverAnswersAutomatic(t *testing.T) {
	s := opened(false)
	e := s.only(false, act.Disorder)
	e.Kind, e.Fault = act.Kind{}, fault.New(rule.ActElsewhere)
	mute := s.only(false, act.RequestAccept)
	mute.Fault, mute.Unreadable = fault.New(rule.ActUnreadable), 3
	s.Exchange()
	if thread := s.fold(); len(thread.NotInOrder) != 2 || len(thread.Automatic(false)) != 0 {
		t.Errorf("%v %v", thread.NotInOrder, thread.Automatic(false))
	}
}

// Spec: CW-23. Acts in a thread that never opened are refused there.
func TestDisorderWithoutOpening(t *testing.T) {
	link := proceduretest.NewLink(statement.Routine, proceduretest.At(start), proceduretest.Context())
	ghost := &procedure.Entry{Generation: 1}
	ghost.Position = 40
	bad := link.Say(true, ghost, act.RequestAccept, proceduretest.Body(act.RequestAccept))
	link.Exchange()
	thread := Fold(link.Lower(), link.Higher(), link.View(link.Known[0]))
	owed := thread.Automatic(false)
	if thread.Phase != None || len(owed) != 1 {
		t.Fatalf("%s %v", thread.Phase, owed)
	}
	link.Say(false, ghost, act.Disorder, owed[0].Body)
	thread = Fold(link.Lower(), link.Higher(), link.View(link.Known[0]))
	if len(thread.NotInOrder) != 1 || thread.NotInOrder[0].Where != procedure.WhereOf(bad.Place) || len(thread.Automatic(false)) != 0 {
		t.Errorf("%v", thread.NotInOrder)
	}
}

// Spec: CW-24, ACT-6. An officer's act goes back when the thread has moved on since,
// except where the vocabulary lets it go anyway.
func TestMoved(t *testing.T) {
	s := opened(false)
	seen := statement.Seen{{Generation: 1, Size: 0}}
	thread := s.fold()
	if thread.Moved(false, act.RequestReply, seen) {
		t.Error("moved by nothing")
	}
	s.say(false, act.RequestOpened)
	thread = s.fold()
	if !thread.Moved(false, act.RequestReply, seen) || thread.Moved(false, act.RequestWithdraw, seen) {
		t.Error("an entry of the other's was not noticed, or stopped a withdrawal")
	}
	seen[0].Size = 1
	if thread.Moved(false, act.RequestReply, seen) {
		t.Error("moved by what was seen")
	}
	if thread.Moved(true, act.RequestAccept, statement.Seen{{Generation: 1, Size: 1}}) {
		t.Error("moved by one's own")
	}
}

// Spec: CW-26, REC-9. The view names what it is a function of, and parties by side.
func TestView(t *testing.T) {
	s := opened(true)
	s.say(false, act.RequestAccept)
	b, err := s.fold().View([32]byte{0xab})
	if err != nil {
		t.Fatal(err)
	}
	var v map[string]any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(v["cut"].(string), "ab00") || v["instant"] != "2016-03-01T11:00:00Z" || v["rules"] != 1.0 || len(v["arrangement"].(string)) != 64 {
		t.Errorf("%s", b)
	}
	thread := v["thread"].(map[string]any)
	if thread["requester"] != "higher" || thread["phase"] != "accepted" {
		t.Errorf("%s", b)
	}
	// Both nodes write these bytes: nothing in them may say whose they are.
	for _, word := range []string{`"us"`, `"them"`, `"mine"`, `"own"`} {
		if strings.Contains(string(b), word) {
			t.Errorf("%s in the view", word)
		}
	}
}

// Spec: CW-27. A time that has no text does not make the view unwritable.
func TestAbsurdTimes(t *testing.T) {
	for _, at := range []int64{1<<63 - 1, -1 << 63, 0} {
		s := opened(false)
		e := s.say(false, act.RequestAccept)
		e.Time, e.Receipt, e.Act.Statement.NotAfter = at, at, at
		if _, err := s.fold().View([32]byte{}); err != nil {
			t.Errorf("%d: %v", at, err)
		}
	}
}

// Spec: CW-28. A residue is the same whenever it is taken, and reads back as
// what reports count.
func TestResidue(t *testing.T) {
	s := opened(false)
	for _, kind := range []string{act.RequestOpened, act.RequestAccept, act.RequestAsk, act.RequestReply, act.RequestAnswer, act.RequestRate} {
		s.say(speaker(kind) == requester, kind)
	}
	if _, err := s.fold().Residue(); !fault.Is(err, rule.ActResidue) {
		t.Fatalf("of a thread that goes on: %v", err)
	}
	s.only(true, act.RequestClose)
	if _, err := s.fold().Residue(); !fault.Is(err, rule.ActResidue) {
		t.Fatalf("with an entry unreceipted: %v", err)
	}
	s.Exchange()
	first, err := s.fold().Residue()
	if err != nil {
		t.Fatal(err)
	}
	s.Now += 400 * calendar.Day
	second, err := s.fold().Residue()
	if err != nil || string(first) != string(second) {
		t.Errorf("later: %v\n%s\n%s", err, first, second)
	}
	for _, word := range []string{"Ada", "Words", "bank", "R-1"} {
		if strings.Contains(string(first), word) {
			t.Errorf("%q is left in %s", word, first)
		}
	}
	back, err := FromResidue(first, s.View(s.Known[0]))
	if err != nil {
		t.Fatal(err)
	}
	whole := s.fold()
	if back.Phase != Closed || back.Rating != 4 || !back.FromResidue || len(back.Acts) != len(whole.Acts) || len(back.Obligations) != len(whole.Obligations) {
		t.Errorf("%+v", back)
	}
	if again, err := back.Residue(); err != nil || string(again) != string(first) {
		t.Errorf("%v\n%s\n%s", err, again, first)
	}
	if len(back.Moves(false))+len(back.Automatic(false)) != 0 || back.Check(Draft{Kind: act.RequestOpen, Body: proceduretest.Open(false)}) == nil {
		t.Error("a residue moves")
	}
	if _, err := back.View([32]byte{}); err != nil {
		t.Error(err)
	}
	for _, b := range []string{"", "{}", strings.Replace(string(first), "casework 1", "casework 2", 1)} {
		if _, err := FromResidue([]byte(b), s.View(nil)); !fault.Is(err, rule.ActResidue) {
			t.Errorf("%q: %v", b, err)
		}
	}
}

// A declined and a void thread: what their residues keep.
// Spec: CW-28.
func TestResidueOfOthers(t *testing.T) {
	s := opened(true)
	s.say(false, act.RequestDecline)
	s.say(true, act.RequestClose)
	b, err := s.fold().Residue()
	if err != nil || !strings.Contains(string(b), `"decline":"unavailable"`) {
		t.Errorf("%v %s", err, b)
	}
	body := proceduretest.Open(false)
	body.Type = "x"
	v := begin(false, body)
	v.Exchange()
	if b, err = v.fold().Residue(); err != nil || !strings.Contains(string(b), `"phase":"void"`) {
		t.Errorf("%v %s", err, b)
	}
	if !slices.ContainsFunc(v.fold().NotInOrder, func(g Ignored) bool { return g.Code == "act.reason" }) {
		t.Error(v.fold().NotInOrder)
	}
}
