package hotline

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// planned is a test that one side's node has planned, and the other has.
func planned(caller bool, code string, change ...func(*act.TestPlanBody)) *story {
	known := proceduretest.Calling()
	s := &story{Link: proceduretest.NewLink(statement.Hotline, proceduretest.At(start), known), caller: caller}
	body := planFor(known.Arrangement, code, s.Now, caller)
	for _, f := range change {
		f(body)
	}
	s.opening = s.Say(caller, nil, act.TestPlan, body)
	s.Exchange()
	return s
}

// testing says something of a test.
func (s *story) test(byCaller bool, kind string, change ...func(any)) *procedure.Entry {
	body := aptTest(s.held(s.caller == byCaller), s.Known[0].Arrangement, kind, s.caller == byCaller)
	for _, f := range change {
		f(body)
	}
	e := s.Say(s.caller == byCaller, s.opening, kind, body)
	s.Exchange()
	return e
}

// due goes to the instant of the test, and makes its call.
func (s *story) due() *procedure.Entry {
	s.Now = s.binding().Instant(aptSecret())
	if p := s.plan(); p.Instant != nil {
		s.Now = *p.Instant
	}
	return s.test(true, act.TestCall)
}

func (s *story) plan() *act.TestPlanBody { return s.opening.Body.(*act.TestPlanBody) }

func (s *story) binding() act.TestBinding { return Binding(s.opening, s.plan()) }

func as[T any](change func(*T)) func(any) {
	return func(body any) { change(body.(*T)) }
}

// Spec: TST-3. Spec: TST-4. Spec: TST-5. Spec: TST-15.
func TestPlans(t *testing.T) {
	for name, c := range map[string]struct {
		code   string
		change func(*act.TestPlanBody)
		want   fault.Code
	}{
		"announced":               {"daily", func(*act.TestPlanBody) {}, ""},
		"drawn":                   {"drill", func(*act.TestPlanBody) {}, ""},
		"of no test":              {"daily", func(b *act.TestPlanBody) { b.Test = "hourly" }, rule.ActReason},
		"of another period":       {"daily", func(b *act.TestPlanBody) { b.Period++ }, rule.ActTerm},
		"that closes later":       {"daily", func(b *act.TestPlanBody) { b.Closes++ }, rule.ActTerm},
		"that opens too early":    {"daily", func(b *act.TestPlanBody) { b.Opens-- }, rule.ActTerm},
		"that opens as it closes": {"drill", func(b *act.TestPlanBody) { b.Opens = b.Closes }, rule.ActTerm},
		"far ahead": {"daily", func(b *act.TestPlanBody) {
			b.Period, b.Opens, b.Closes = b.Period+2, b.Opens+2*calendar.Day, b.Closes+2*calendar.Day
			*b.Instant += 2 * calendar.Day
		}, rule.ActTerm},
		"of a period that began": {"drill", func(b *act.TestPlanBody) {
			test, _ := proceduretest.Calling().Arrangement.Test("drill")
			p, _ := test.PeriodAt(proceduretest.At(start))
			b.Period, b.Opens, b.Closes = p.Number, proceduretest.At(start), p.Closes
		}, ""},
		"that opened before it": {"drill", func(b *act.TestPlanBody) {
			test, _ := proceduretest.Calling().Arrangement.Test("drill")
			p, _ := test.PeriodAt(proceduretest.At(start))
			b.Period, b.Opens, b.Closes = p.Number, proceduretest.At(start)-1, p.Closes
		}, rule.ActTerm},
		"at the close":            {"daily", func(b *act.TestPlanBody) { *b.Instant = b.Closes }, rule.ActReason},
		"before it opens":         {"daily", func(b *act.TestPlanBody) { *b.Instant = b.Opens - 1 }, rule.ActReason},
		"announced and drawn":     {"daily", func(b *act.TestPlanBody) { b.Commitment = hex.EncodeToString(make([]byte, 32)) }, rule.ActReason},
		"drawn, to be announced":  {"daily", func(b *act.TestPlanBody) { b.Instant, b.Commitment = nil, hex.EncodeToString(make([]byte, 32)) }, rule.ActReason},
		"announced, to be drawn":  {"drill", func(b *act.TestPlanBody) { b.Commitment, b.Instant = "", &b.Opens }, rule.ActReason},
		"drawn by half a secret":  {"drill", func(b *act.TestPlanBody) { b.Commitment = b.Commitment[:32] }, rule.ActReason},
		"drawn in upper case":     {"drill", func(b *act.TestPlanBody) { b.Commitment = "A" + b.Commitment[1:] }, rule.ActReason},
		"drawn, and told as well": {"drill", func(b *act.TestPlanBody) { b.Instant = &b.Opens }, rule.ActReason},
	} {
		both(func(caller bool) {
			s := planned(caller, c.code, c.change)
			if code := s.code(t, s.opening); code != c.want {
				t.Errorf("%s: %q, want %q", name, code, c.want)
			}
			if phase := s.fold().Phase; (phase == Planned) != (c.want == "") {
				t.Errorf("%s: %s", name, phase)
			}
			want := c.want
			if called := s.test(true, act.TestCall); want != "" && s.code(t, called) != rule.ActThread {
				t.Errorf("%s: a call of it is %q", name, s.code(t, called))
			}
		})
	}
	known := proceduretest.Calling(func(d *arrangement.Document) { d.Hotline = nil })
	s := &story{Link: proceduretest.NewLink(statement.Hotline, proceduretest.At(start), known)}
	s.opening = s.Say(false, nil, act.TestPlan, planFor(proceduretest.Calling().Arrangement, "daily", s.Now, false))
	if code := s.code(t, s.opening); code != rule.ActUnstarted {
		t.Errorf("without a hotline: %q", code)
	}
}

// Spec: TST-2. Spec: TST-8. Spec: TST-9. Spec: TST-10. Spec: TST-15.
func TestPlannedCalls(t *testing.T) {
	body := func(change func(*act.CallBody)) func(*story) *procedure.Entry {
		return func(s *story) *procedure.Entry { return s.test(true, act.TestCall, as(change)) }
	}
	for name, c := range map[string]struct {
		say  func(s *story) *procedure.Entry
		want fault.Code
	}{
		"as planned":        {body(func(*act.CallBody) {}), ""},
		"by the other side": {func(s *story) *procedure.Entry { return s.test(false, act.TestCall) }, rule.ActTurn},
		"a second one": {func(s *story) *procedure.Entry {
			s.test(true, act.TestCall)
			return s.test(true, act.TestCall)
		}, rule.ActThread},
		"before it opens": {func(s *story) *procedure.Entry {
			s.Now = *s.plan().Instant - 1
			return s.test(true, act.TestCall)
		}, rule.ActTerm},
		"as it closes": {func(s *story) *procedure.Entry {
			s.Now = s.plan().Closes
			return s.test(true, act.TestCall)
		}, rule.ActTerm},
		"for real":         {body(func(b *act.CallBody) { b.Purpose = act.PurposeReal }), rule.ActReason},
		"of another test":  {body(func(b *act.CallBody) { b.Test = "drill" }), rule.ActReason},
		"with a severity":  {body(func(b *act.CallBody) { b.Severity = "grave" }), rule.ActReason},
		"with a criterion": {body(func(b *act.CallBody) { b.Criterion = "life" }), rule.ActReason},
		"about a request":  {body(func(b *act.CallBody) { b.Request = &act.Place{} }), rule.ActReason},
		"on a higher rung": {body(func(b *act.CallBody) { b.Rung = "supervisor" }), rule.ActReason},
		"without a word":   {body(func(b *act.CallBody) { b.Subject.Text = " " }), rule.ActIncomplete},
		"for unknown eyes": {body(func(b *act.CallBody) { b.Handling = "H77" }), rule.ActReason},
		"after its outcome": {func(s *story) *procedure.Entry {
			s.Now = s.plan().Closes
			s.test(true, act.TestOutcome)
			return s.test(true, act.TestCall)
		}, rule.ActThread},
		"raised": {func(s *story) *procedure.Entry {
			s.test(true, act.TestCall)
			return s.say(true, "raise")
		}, rule.ActThread},
		"withdrawn": {func(s *story) *procedure.Entry {
			s.test(true, act.TestCall)
			return s.say(true, "withdraw")
		}, rule.ActThread},
	} {
		both(func(caller bool) {
			s := planned(caller, "daily")
			everything := proceduretest.With(s.Known[0], func(st arrangement.Status) (arrangement.Status, error) {
				return st.Suspend(arrangement.Suspend{Party: "hi", ID: "1", Scope: arrangement.Scope{Everything: true}, At: s.Now - calendar.Hour})
			})
			s.Known = [2]*procedure.Context{everything, everything}
			s.Now = *s.plan().Instant
			if code := s.code(t, c.say(s)); code != c.want {
				t.Errorf("%s: %q, want %q", name, code, c.want)
			}
		})
	}
}

// A drill that is replayed as real, a real call that is waved away as a drill,
// and an acceptance of one in the thread of the other count nowhere. Spec: TST-11.
func TestNeverMistaken(t *testing.T) {
	both(func(caller bool) {
		real, drill := opened(caller), planned(caller, "daily")
		drill.due()
		taken := real.take(real.officer(false, "duty", 1))
		real.Exchange()

		for name, c := range map[string]struct {
			s    *story
			kind string
			body any
			as   bool // by the caller
			want fault.Code
		}{
			"a drill's call said as a real one":         {drill, act.CallOpen, proceduretest.CallOpening(drill.Known[0].Arrangement), true, rule.ActThread},
			"an outcome of a drill for a real call":     {real, act.TestOutcome, &act.TestOutcomeBody{Result: act.ResultAnswered}, false, rule.ActThread},
			"a real call postponed as a drill":          {real, act.TestOutcome, &act.TestOutcomeBody{Result: act.ResultPostponed, Call: &act.Place{}}, true, rule.ActThread},
			"a planned call in a real one's thread":     {real, act.TestCall, aptTest(drill.fold(), drill.Known[0].Arrangement, act.TestCall, caller), true, rule.ActThread},
			"a conclusion that names a real call":       {drill, act.TestOutcome, &act.TestOutcomeBody{Result: act.ResultSilent, Call: &act.Place{}}, true, rule.ActReason},
			"an answer that the called side never gave": {drill, act.TestOutcome, &act.TestOutcomeBody{Result: act.ResultAnswered}, true, rule.ActReason},
		} {
			e := c.s.Say(caller == c.as, c.s.opening, c.kind, c.body)
			c.s.Exchange()
			if code := c.s.code(t, e); code != c.want {
				t.Errorf("%s: %q, want %q", name, code, c.want)
			}
		}
		// The same acceptance, as the other thread's log would have it.
		moved := *taken
		moved.Position = 7
		lists := [2][]*procedure.Entry{drill.Lower(), drill.Higher()}
		side := procedure.Side(!caller)
		lists[side] = append(slices.Clone(lists[side]), &moved)
		thread := *moved.Act.Statement
		thread.Thread = &statement.Ref{Higher: caller, Generation: 1, Position: 99}
		moved.Act = &act.Act{Slip: moved.Act.Slip, Statement: &thread, Body: moved.Act.Body, Signatures: moved.Act.Signatures}
		if call := Fold(lists[0], lists[1], drill.View(drill.Known[0])); len(call.Accepts) != 0 || !slices.Contains(call.NotInOrder, Ignored{Where: procedure.WhereOf(moved.Place), Code: string(rule.ActThread)}) {
			t.Errorf("an acceptance was moved: %+v %v", call.Accepts, call.NotInOrder)
		}
		// A person's test by hand stays a test, and cannot be claimed to be planned.
		if h := drill.fold().Head; h.Purpose != act.PurposeTest || len(h.Opened) != 0 || real.fold().Head.Purpose != act.PurposeReal || real.fold().Test != nil {
			t.Errorf("%+v", h)
		}
	})
}

// Spec: TST-12. Spec: TST-13. Spec: TST-14. Spec: TST-15.
func TestOutcomes(t *testing.T) {
	outcome := func(result string, change ...func(*act.TestOutcomeBody)) func(any) {
		return as(func(b *act.TestOutcomeBody) {
			b.Result = result
			for _, f := range change {
				f(b)
			}
		})
	}
	real := func(b *act.TestOutcomeBody) { b.Call = &act.Place{Position: 4} }
	secret := func(s string) func(*act.TestOutcomeBody) {
		return func(b *act.TestOutcomeBody) { b.Secret = s }
	}
	type steps func(s *story) *procedure.Entry
	say := func(byCaller bool, change func(any)) steps {
		return func(s *story) *procedure.Entry { return s.test(byCaller, act.TestOutcome, change) }
	}
	after := func(first func(s *story), then steps) steps {
		return func(s *story) *procedure.Entry { first(s); return then(s) }
	}
	call := func(s *story) { s.due() }
	taken := func(s *story) { s.due(); s.say(false, "accept") }
	over := func(s *story) { s.Now = s.plan().Closes }
	for name, c := range map[string]struct {
		say  steps
		want fault.Code
	}{
		"answered":                   {after(taken, say(true, outcome(act.ResultAnswered))), ""},
		"late, says the called side": {after(taken, say(false, outcome(act.ResultLate))), ""},
		"answered by nobody":         {after(call, say(true, outcome(act.ResultAnswered))), rule.ActReason},
		"late, before a call":        {say(true, outcome(act.ResultLate)), rule.ActReason},
		"silent":                     {after(call, say(false, outcome(act.ResultSilent, func(b *act.TestOutcomeBody) { b.Silence = "no-answer" }))), ""},
		"silent, though taken":       {after(taken, say(true, outcome(act.ResultSilent))), rule.ActReason},
		"an unknown silence":         {after(call, say(false, outcome(act.ResultSilent, func(b *act.TestOutcomeBody) { b.Silence = "shy" }))), rule.ActReason},
		"in less than no time":       {after(taken, say(false, outcome(act.ResultAnswered, func(b *act.TestOutcomeBody) { b.Took = -1 }))), rule.ActReason},
		"declined": {after(call, func(s *story) *procedure.Entry {
			s.say(false, "decline")
			return s.test(true, act.TestOutcome, outcome(act.ResultDeclined))
		}), ""},
		"declined by nobody":                 {after(call, say(true, outcome(act.ResultDeclined))), rule.ActReason},
		"not held":                           {after(over, say(true, outcome(act.ResultNotHeld))), ""},
		"not held, while it may be":          {say(false, outcome(act.ResultNotHeld)), rule.ActReason},
		"not held, after a call":             {after(call, after(over, say(true, outcome(act.ResultNotHeld)))), rule.ActReason},
		"postponed":                          {say(true, outcome(act.ResultPostponed, real)), ""},
		"postponed for nothing":              {say(true, outcome(act.ResultPostponed)), rule.ActIncomplete},
		"postponed by the called side":       {say(false, outcome(act.ResultPostponed, real)), rule.ActTurn},
		"postponed after the call":           {after(call, say(true, outcome(act.ResultPostponed, real))), rule.ActThread},
		"postponed twice":                    {after(func(s *story) { say(true, outcome(act.ResultPostponed, real))(s) }, say(true, outcome(act.ResultPostponed, real))), rule.ActAutomatic},
		"held after all":                     {after(func(s *story) { say(true, outcome(act.ResultPostponed, real))(s); s.due(); s.say(false, "accept") }, say(true, outcome(act.ResultAnswered))), ""},
		"concluded twice":                    {after(func(s *story) { taken(s); say(true, outcome(act.ResultAnswered))(s) }, say(true, outcome(act.ResultAnswered, secret("")))), rule.ActAutomatic},
		"another result":                     {after(call, say(true, outcome("splendid"))), rule.ActReason},
		"without the secret":                 {after(taken, say(true, outcome(act.ResultAnswered, secret("")))), rule.ActReason},
		"with half the secret":               {after(taken, say(true, outcome(act.ResultAnswered, secret("0707")))), rule.ActReason},
		"with a secret of the called side's": {after(taken, say(false, outcome(act.ResultAnswered, secret(hex.EncodeToString(make([]byte, 32)))))), rule.ActReason},
	} {
		both(func(caller bool) {
			s := planned(caller, "drill")
			if code := s.code(t, c.say(s)); code != c.want {
				t.Errorf("%s: %q, want %q", name, code, c.want)
			}
		})
	}
}

// Spec: TST-16. With an outcome nothing rings, and nothing can be said to a
// test but what is said of any call behind its end. An acceptance that crossed
// it stands.
func TestConcluded(t *testing.T) {
	both(func(caller bool) {
		s := planned(caller, "daily")
		s.due()
		s.ring()
		s.Now += 6 * minute
		s.Say(caller, s.opening, act.TestOutcome, s.held(caller).Conclusion(caller))
		crossing := s.take(s.officer(false, "duty", 1))
		s.Exchange()
		call := s.fold()
		if code := s.code(t, crossing); code != "" || call.Phase != Tested || call.Test.Result != act.ResultLate || len(call.Test.Marks) > 0 {
			t.Errorf("%q %s %+v", code, call.Phase, call.Test)
		}
		for _, higher := range []bool{false, true} {
			if call.Now(higher) != nil || call.Next(higher) != 0 || len(call.Automatic(higher)) > 0 {
				t.Errorf("it rings on: %+v", call.Ladders)
			}
			for _, kind := range []string{act.CallRing, act.CallAccept, act.CallDecline, act.CallDefer, act.CallShown, act.CallSay, act.CallJoin, act.CallClose} {
				body, signers := apt(call, s.Known[0], kind, higher)
				if err := call.Check(Draft{Higher: higher, Kind: kind, Body: body, Signers: signers}); err == nil {
					t.Errorf("%s may still be said", kind)
				}
			}
		}
	})
}

// Spec: TST-17. When each side's node says what came of a test, and what.
func TestConclusions(t *testing.T) {
	result := func(s *story, byCaller bool) string {
		if b := s.held(s.caller == byCaller).Conclusion(s.caller == byCaller); b != nil {
			return b.Result
		}
		return ""
	}
	want := func(s *story, when, caller, called string) {
		t.Helper()
		if got := result(s, true); got != caller {
			t.Errorf("%s: the caller says %q, want %q", when, got, caller)
		}
		if got := result(s, false); got != called {
			t.Errorf("%s: the called side says %q, want %q", when, got, called)
		}
	}
	both(func(caller bool) {
		s := planned(caller, "daily")
		want(s, "planned", "", "")
		s.due()
		s.Now += 6*minute - 1
		want(s, "just before twice the minutes", "", "")
		if at := s.fold().ConcludesAt(caller); at != s.Now+1 {
			t.Errorf("it concludes at %s", at)
		}
		s.Now++
		want(s, "twice the minutes", act.ResultSilent, act.ResultSilent)
		s.Now -= calendar.Hour
		want(s, "a clock that was set back", "", "")
		s.say(false, "decline")
		s.Now += calendar.Hour
		want(s, "declined", act.ResultDeclined, act.ResultDeclined)
		s.say(false, "accept")
		want(s, "taken late", act.ResultLate, act.ResultLate)
		s.test(true, act.TestOutcome)
		want(s, "said by the caller", "", act.ResultLate)
		s.test(false, act.TestOutcome)
		want(s, "said by both", "", "")
		if !s.fold().Over() || s.fold().ConcludesAt(caller) != 0 {
			t.Error("a test that both have concluded is not over")
		}

		s = planned(caller, "daily")
		s.Now = s.plan().Closes - 1
		want(s, "while it may be held", "", "")
		s.Now++
		want(s, "the period closed", act.ResultNotHeld, "")
		s.Now += calendar.Hour
		want(s, "an hour later", act.ResultNotHeld, act.ResultNotHeld)

		s = planned(caller, "daily")
		s.due()
		s.Now += minute
		s.say(false, "accept")
		want(s, "taken in time", act.ResultAnswered, act.ResultAnswered)
		if b := s.fold().Conclusion(caller); b.Took != int64(minute) || b.By != s.officer(false, "duty", 1).Name {
			t.Errorf("%+v", b)
		}
	})
}

// Spec: TST-6. Spec: TST-18. Spec: TST-19. Spec: TST-20.
func TestMarks(t *testing.T) {
	for name, c := range map[string]struct {
		play   func(s *story)
		result string
		marks  []string
	}{
		"held at its instant": {func(s *story) { s.due(); s.say(false, "accept"); s.test(true, act.TestOutcome) }, act.ResultAnswered, nil},
		"not yet concluded":   {func(s *story) { s.due() }, "", nil},
		"another secret": {func(s *story) {
			s.due()
			s.say(false, "accept")
			s.test(true, act.TestOutcome, as(func(b *act.TestOutcomeBody) { b.Secret = hex.EncodeToString(make([]byte, 32)) }))
		}, act.ResultAnswered, []string{MarkSecret}},
		"called when it pleased": {func(s *story) {
			s.Now = s.binding().Instant(aptSecret()) + 11*minute
			s.test(true, act.TestCall)
			s.say(false, "accept")
			s.test(true, act.TestOutcome)
		}, act.ResultAnswered, []string{MarkInstant}},
		"claimed in time and sent later": {func(s *story) {
			s.Now = s.binding().Instant(aptSecret())
			s.Say(s.caller, s.opening, act.TestCall, aptTest(s.held(s.caller), s.Known[0].Arrangement, act.TestCall, s.caller))
			s.Now += calendar.Hour
			s.Exchange()
			s.say(false, "accept")
			s.test(true, act.TestOutcome)
		}, act.ResultAnswered, []string{MarkInstant}},
		"postponed": {func(s *story) {
			s.Now = s.binding().Instant(aptSecret())
			s.test(true, act.TestOutcome, as(func(b *act.TestOutcomeBody) { b.Result, b.Call = act.ResultPostponed, &act.Place{} }))
			s.Now += calendar.Hour
			s.test(true, act.TestCall)
			s.say(false, "accept")
			s.test(true, act.TestOutcome)
		}, act.ResultAnswered, nil},
		"called late what was in time": {func(s *story) {
			s.due()
			s.say(false, "accept")
			s.test(true, act.TestOutcome, as(func(b *act.TestOutcomeBody) { b.Result = act.ResultLate }))
		}, act.ResultAnswered, []string{MarkResult}},
		"silence that crossed an answer": {func(s *story) {
			s.due()
			s.Now += 40 * minute
			e := s.take(s.officer(false, "duty", 1))
			s.Say(s.caller, s.opening, act.TestOutcome, aptTest(s.held(s.caller), s.Known[0].Arrangement, act.TestOutcome, s.caller))
			_ = e
			s.Exchange()
		}, act.ResultLate, nil},
	} {
		both(func(caller bool) {
			s := planned(caller, "drill")
			c.play(s)
			x := s.fold().Test
			if x.Result != c.result || !slices.Equal(x.Marks, c.marks) || len(s.fold().NotInOrder) > 0 {
				t.Errorf("%s: %+v %v, want %s %v", name, x, s.fold().NotInOrder, c.result, c.marks)
			}
			if concluded := s.fold().Phase == Tested; concluded && !slices.Contains(x.Marks, MarkSecret) && x.Instant != s.binding().Instant(aptSecret()) {
				t.Errorf("%s: the instant is %s", name, x.Instant)
			}
			if view, err := s.fold().View([32]byte{}); err != nil || len(view) == 0 {
				t.Error(err)
			}
		})
	}
}

// Spec: TST-7. Of many secrets the instants lie in the window and nowhere
// else, fill it evenly, and say nothing of what the other side sees: neither
// the commitment nor the plan tells the later half of the window from the
// earlier. The seeds are fixed, so the bounds are those of one sample: 99.9 % of
// honest draws stay below them.
func TestDraw(t *testing.T) {
	const draws, bins = 20000, 64
	random := rand.New(rand.NewPCG(1, 2))
	ids := proceduretest.Parties()
	plan := &act.TestPlanBody{Test: "drill", Period: 9, Opens: proceduretest.At(start), Closes: proceduretest.At(start) + 30*calendar.Day}
	b := act.TestBinding{Realm: party.Real, Writer: ids[0], Reader: ids[1], Plan: plan}
	var even [bins]int
	var told [bins][2]int // by the first bits of the commitment: the earlier half, the later
	seen := map[calendar.Instant]bool{}
	for range draws {
		var secret [32]byte
		for i := 0; i < 32; i += 8 {
			binary.BigEndian.PutUint64(secret[i:], random.Uint64())
		}
		at, sum := b.Instant(secret), b.Commitment(secret)
		if at < plan.Opens || at >= plan.Closes {
			t.Fatalf("%s is outside the window", at)
		}
		seen[at] = true
		within := at - plan.Opens
		even[within*bins/(plan.Closes-plan.Opens)]++
		told[sum[0]%bins][within*2/(plan.Closes-plan.Opens)]++
	}
	if chi := chiSquare(even[:], draws/bins); chi > 103.4 { // 63 degrees, 0.999
		t.Errorf("the instants are not even: %.1f", chi)
	}
	chi := 0.0
	for _, row := range told {
		n := row[0] + row[1]
		chi += chiSquare(row[:], float64(n)/2)
	}
	if chi > 104.7 { // 64 degrees, 0.999
		t.Errorf("the commitment tells the half of the window: %.1f", chi)
	}
	if len(seen) < draws*99/100 {
		t.Errorf("only %d different instants", len(seen))
	}
	// Whatever the window, and at both ends of what a secret can give.
	for _, width := range []calendar.Instant{1, 2, 999, calendar.Hour, 8784 * calendar.Day} {
		plan.Closes = plan.Opens + width
		for i := range 500 {
			if at := b.Instant([32]byte{byte(i), byte(i >> 8)}); at < plan.Opens || at >= plan.Closes {
				t.Fatalf("%s is outside a window of %d", at, width)
			}
		}
	}
}

func chiSquare(counts []int, expected float64) (sum float64) {
	for _, n := range counts {
		sum += math.Pow(float64(n)-expected, 2) / expected
	}
	return sum
}

// Spec: TST-6. Everything that a plan hangs on is bound: change any of it, and
// the same secret gives another commitment.
func TestBinding(t *testing.T) {
	s := planned(false, "drill")
	b := s.binding()
	was := b.Commitment(aptSecret())
	if hex.EncodeToString(was[:]) != s.plan().Commitment {
		t.Errorf("the plan is bound to %s", s.plan().Commitment)
	}
	for name, change := range map[string]func(*act.TestBinding){
		"realm": func(b *act.TestBinding) { b.Realm = party.Real }, "writer": func(b *act.TestBinding) { b.Writer = b.Reader },
		"reader": func(b *act.TestBinding) { b.Reader = b.Writer }, "test": func(b *act.TestBinding) { b.Plan.Test = "daily" },
		"period": func(b *act.TestBinding) { b.Plan.Period++ }, "opens": func(b *act.TestBinding) { b.Plan.Opens++ },
		"closes": func(b *act.TestBinding) { b.Plan.Closes-- },
	} {
		other, plan := b, *b.Plan
		other.Plan = &plan
		change(&other)
		if other.Commitment(aptSecret()) == was {
			t.Errorf("the commitment does not hang on the %s", name)
		}
	}
	secret := aptSecret()
	secret[31]++
	if b.Commitment(secret) == was {
		t.Error("two secrets have one commitment")
	}
}
