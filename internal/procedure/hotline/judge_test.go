package hotline

import (
	"strings"
	"testing"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

// Spec: HOT-3. Spec: HOT-4. Spec: HOT-5. Spec: HOT-6. Spec: HOT-28. What opens a call, and what a call
// lacks that does not.
func TestOpening(t *testing.T) {
	type B = *act.CallBody
	duty, boss, chief, press := []string{"duty"}, []string{"supervisor"}, []string{"principal", "supervisor"}, []string{"press"}
	test := func(b B) { b.Purpose, b.Test, b.Severity, b.Criterion = act.PurposeTest, "daily", "", "" }
	for name, c := range map[string]struct {
		change func(B)
		roles  []string
		want   fault.Code
	}{
		"as it should be":             {func(B) {}, duty, ""},
		"without a purpose":           {func(b B) { b.Purpose = "" }, duty, rule.ActReason},
		"another purpose":             {func(b B) { b.Purpose = "rehearsal" }, duty, rule.ActReason},
		"below the threshold":         {func(b B) { b.Severity = "minor" }, duty, rule.ActReason},
		"at the threshold":            {func(b B) { b.Severity = "notable" }, duty, ""},
		"no severity":                 {func(b B) { b.Severity = "" }, duty, rule.ActReason},
		"no criterion":                {func(b B) { b.Criterion = "" }, duty, rule.ActReason},
		"another criterion":           {func(b B) { b.Criterion = "bother" }, duty, rule.ActReason},
		"a real call that is a test":  {func(b B) { b.Test = "daily" }, duty, rule.ActReason},
		"a test":                      {test, duty, ""},
		"a test that is grave":        {func(b B) { test(b); b.Severity = "grave" }, duty, rule.ActReason},
		"a test that is not agreed":   {func(b B) { test(b); b.Test = "hourly" }, duty, rule.ActReason},
		"a test of no name":           {func(b B) { test(b); b.Test = "" }, duty, rule.ActReason},
		"a test above its rung":       {func(b B) { test(b); b.Rung = "supervisor" }, duty, rule.ActReason},
		"a drill on its rung":         {func(b B) { test(b); b.Test, b.Rung = "drill", "supervisor" }, duty, ""},
		"no rung":                     {func(b B) { b.Rung = "" }, duty, rule.ActReason},
		"above what it calls for":     {func(b B) { b.Severity, b.Rung = "major", "principal" }, chief, rule.ActReason},
		"where it calls for":          {func(b B) { b.Severity, b.Rung = "major", "supervisor" }, duty, ""},
		"lowest, where it calls none": {func(b B) { b.Severity, b.Rung = "notable", "supervisor" }, boss, rule.ActReason},
		"about nothing":               {func(b B) { b.Subject.Text = " " }, duty, rule.ActIncomplete},
		"for no reason":               {func(b B) { b.Reason.Text = "" }, duty, rule.ActIncomplete},
		"handled as nobody knows":     {func(b B) { b.Handling = "H9" }, duty, rule.ActReason},
		"handled as agreed":           {func(b B) { b.Handling = "H2" }, duty, ""},
		"by who stands on no ladder":  {func(B) {}, press, rule.ActRole},
		"with one who does not":       {func(B) {}, []string{"duty", "press"}, rule.ActRole},
		"on high by the desk":         {func(b B) { b.Rung = "principal" }, duty, rule.ActRole},
		"on high by one":              {func(b B) { b.Rung = "principal" }, boss, rule.ActPersons},
		"on high by one twice":        {func(b B) { b.Rung = "principal" }, []string{"supervisor", "supervisor"}, rule.ActPersons},
		"on high by two":              {func(b B) { b.Rung = "principal" }, chief, ""},
		// Of several the first counts, in the order of the specification.
		"a purpose before a reason": {func(b B) { b.Criterion, b.Reason.Text = "", "" }, press, rule.ActReason},
		"a reason before a rung":    {func(b B) { b.Reason.Text, b.Rung = "", "" }, press, rule.ActIncomplete},
	} {
		for _, caller := range []bool{false, true} {
			known := proceduretest.Calling()
			s := &story{Link: proceduretest.NewLink(2, proceduretest.At(start), known), caller: caller}
			body := proceduretest.CallOpening(known.Arrangement)
			c.change(body)
			var signers []party.Officer
			for _, role := range c.roles {
				signers = append(signers, proceduretest.Officer(known, caller, role, 1))
			}
			asked := s.fold().Check(Draft{Higher: caller, Kind: act.CallOpen, Body: body, Signers: signers})
			unsigned := s.fold().Check(Draft{Higher: caller, Kind: act.CallOpen, Body: body, Unsigned: true})
			if want := c.want; fault.CodeOf(unsigned) != want && want != rule.ActRole && want != rule.ActPersons || fault.Is(unsigned, rule.ActRole) || fault.Is(unsigned, rule.ActPersons) {
				t.Errorf("%s: %v before it is signed, want %q", name, unsigned, want)
			}
			s.opening = s.as(true, act.CallOpen, body, signers...)
			s.Exchange()
			call := s.fold()
			if got := s.code(t, s.opening); got != c.want || fault.CodeOf(asked) != c.want || (call.Phase == Void) != (c.want != "") {
				t.Errorf("%s: %q, asked before %v, want %q; %s", name, got, asked, c.want, call.Phase)
			}
		}
	}
}

// Spec: HOT-3. Without a hotline in force nobody calls.
func TestOpeningWithoutHotline(t *testing.T) {
	for _, known := range []*procedure.Context{proceduretest.WithCards(proceduretest.Context()),
		proceduretest.Calling(func(d *arrangement.Document) { d.Hotline = nil }), {Rules: 1}} {
		call := Fold(nil, nil, procedure.View{Channel: 2, Current: known, Parties: proceduretest.Parties()})
		body := proceduretest.CallOpening(proceduretest.Calling().Arrangement)
		if err := call.Check(Draft{Kind: act.CallOpen, Body: body}); !fault.Is(err, rule.ActUnstarted) {
			t.Error(err)
		}
	}
	if err := Fold(nil, nil, procedure.View{}).Check(Draft{Kind: act.CallOpen}); !fault.Is(err, rule.ActUnstarted) {
		t.Error(err)
	}
}

// Spec: HOT-4. Where the arrangement has no criteria a call need not name one.
func TestOpeningWithoutCriteria(t *testing.T) {
	s := begin(false, proceduretest.Calling(func(d *arrangement.Document) { d.Hotline.Criteria = nil }))
	s.Exchange()
	if call := s.fold(); call.Phase != Stored {
		t.Error(call.Phase, call.NotInOrder)
	}
}

// Spec: HOT-2. No suspension bars or pauses a call.
func TestSuspension(t *testing.T) {
	s := opened(false)
	s.say(false, "accept")
	was := s.fold()
	everything := proceduretest.With(s.Known[0], func(st arrangement.Status) (arrangement.Status, error) {
		return st.Suspend(arrangement.Suspend{Party: "hi", ID: "1", Scope: arrangement.Scope{Everything: true}, At: s.Now - calendar.Hour})
	})
	s.Known = [2]*procedure.Context{everything, everything}
	for _, kind := range []string{"say", "close"} {
		if e := s.say(true, kind); s.code(t, e) != "" {
			t.Errorf("%s: %q", kind, s.code(t, e))
		}
	}
	again := begin(true, everything)
	again.Exchange()
	if was.Phase != Open || s.fold().Phase != Closing || again.fold().Phase != Stored {
		t.Error(was.Phase, s.fold().Phase, again.fold().Phase)
	}
}

// Spec: HOT-14. Spec: HOT-18. Spec: HOT-21. Whose every kind is, and where it has a place. The
// sides: c the caller's, o the other's; what is absent has none.
func TestPlaces(t *testing.T) {
	for _, c := range []struct{ before, caller, called string }{
		{"", "ring raise withdraw say translate word link", "ring shown accept defer decline translate word link"},
		{"o shown", "ring raise withdraw say translate word link", "ring shown accept defer decline translate word link"},
		{"o decline", "ring raise withdraw say translate word link", "ring shown accept defer translate word link"},
		{"o defer", "ring raise withdraw say translate word link", "ring shown accept defer decline translate word link"},
		{"c raise", "ring raise withdraw say translate word link", "ring shown accept defer decline translate word link"},
		{"c raise c raise", "ring withdraw say translate word link", "ring shown accept defer decline translate word link"},
		{"c raise c raise o accept", "ring withdraw say translate word link", "ring shown accept defer decline say translate word link"},
		{"o accept", "say join translate word link close", "say join translate word link close"},
		{"o accept c say", "say join translate word link close", "say read join translate word link close"},
		{"o accept c say o read", "say join translate word link close", "say join translate word link close"},
		{"o accept c close", "say join translate word link", "say join translate word link close agree"},
		{"o accept c close o agree", "translate word link", "translate word link"},
		{"o accept c close o close", "translate word link agree", "translate word link agree"},
		{"c withdraw", "translate word link", "translate word link"},
	} {
		both(func(caller bool) {
			s := opened(caller)
			for i, w := range strings.Fields(c.before) {
				if i%2 == 1 {
					s.say(strings.Fields(c.before)[i-1] == "c", w)
				}
			}
			call := s.fold()
			if len(call.NotInOrder) > 0 {
				t.Fatal(c.before, call.NotInOrder)
			}
			for byCaller, want := range map[bool]string{true: c.caller, false: c.called} {
				higher := caller == byCaller
				may := map[string]bool{"disorder": true}
				for _, w := range strings.Fields(want) {
					may[w] = true
				}
				listed := map[string]bool{}
				for _, m := range call.Moves(higher) {
					listed[m.Kind] = true
				}
				for _, kind := range Vocabulary() {
					family, name, _ := strings.Cut(kind, ".")
					body, signers := apt(call, s.Known[0], kind, higher)
					err := call.Check(Draft{Higher: higher, Kind: kind, Body: body, Signers: signers})
					whose := speaker(kind) != either && (speaker(kind) == callers) != byCaller
					switch code := fault.CodeOf(err); {
					case name == "disorder":
					case family == "test":
						if code != rule.ActThread || listed[kind] {
							t.Errorf("%s | caller %v, %s in a thread without a plan: %q", c.before, byCaller, kind, code)
						}
					case may[name] && err != nil, !may[name] && err == nil:
						t.Errorf("%s | caller %v, %s: %v", c.before, byCaller, name, err)
					case whose && name != "open" && code != rule.ActTurn, !may[name] && !whose && code != rule.ActThread:
						t.Errorf("%s | caller %v, %s: %q", c.before, byCaller, name, code)
					}
					if listed[kind] != (may[name] && name != "ring" && name != "disorder") {
						t.Errorf("%s | caller %v: %s listed %v", c.before, byCaller, name, listed[kind])
					}
				}
			}
		})
	}
}

const callers = caller // the story's field has the shorter name

// Spec: HOT-13. Spec: PRC-14. What was in order when it was written stays so, and what was not
// does too.
func TestJudgedByItsPast(t *testing.T) {
	both(func(caller bool) {
		s := opened(caller)
		s.only(true, act.CallWithdraw)
		blind := s.only(false, act.CallAccept)
		s.Exchange()
		if code := s.code(t, blind); code != "" {
			t.Errorf("an acceptance that crossed the withdrawal: %q", code)
		}
		s = opened(caller)
		s.say(true, "withdraw")
		informed := s.say(false, "accept")
		if code := s.code(t, informed); code != rule.ActThread {
			t.Errorf("an acceptance behind the withdrawal: %q", code)
		}
	})
}

// Spec: HOT-14. A call is raised by who may, above where it stands, and says
// why.
func TestRaise(t *testing.T) {
	s := opened(false, func(b *act.CallBody) { b.Rung = "supervisor" })
	one, two, clerk := s.officer(true, "supervisor", 1), s.officer(true, "principal", 1), s.officer(true, "duty", 1)
	for name, c := range map[string]struct {
		rung, note string
		signers    []party.Officer
		want       fault.Code
	}{
		"lower":           {"duty", "x", []party.Officer{one}, rule.ActReason},
		"the same":        {"supervisor", "x", []party.Officer{one}, rule.ActReason},
		"nowhere":         {"roof", "x", []party.Officer{one}, rule.ActReason},
		"without a word":  {"principal", "", []party.Officer{one, two}, rule.ActIncomplete},
		"by one of two":   {"principal", "x", []party.Officer{one}, rule.ActPersons},
		"with a clerk":    {"principal", "x", []party.Officer{one, clerk}, rule.ActRole},
		"by nobody":       {"principal", "x", nil, rule.ActPersons},
		"as it should be": {"principal", "x", []party.Officer{one, two}, ""},
	} {
		err := s.fold().Check(Draft{Higher: false, Kind: act.CallRaise, Body: &act.RaiseBody{Rung: c.rung, Note: words(c.note)}, Signers: c.signers})
		if fault.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// Spec: HOT-15. Who accepts is the person whom the act names, who signed it and
// stands on the ladder.
func TestAccept(t *testing.T) {
	both(func(caller bool) {
		s := opened(caller)
		a, b, press := s.officer(false, "duty", 1), s.officer(false, "supervisor", 1), s.officer(false, "press", 1)
		for name, c := range map[string]struct {
			officer, role, rung string
			signers             []party.Officer
			want                fault.Code
		}{
			"herself":              {a.Name, a.Role, "duty", []party.Officer{a}, ""},
			"with another":         {a.Name, a.Role, "duty", []party.Officer{b, a}, ""},
			"for another":          {b.Name, b.Role, "duty", []party.Officer{a}, rule.ActRole},
			"in another role":      {a.Name, "supervisor", "duty", []party.Officer{a}, rule.ActRole},
			"in another's role":    {a.Name, b.Role, "duty", []party.Officer{a, b}, rule.ActRole},
			"off the ladder":       {press.Name, press.Role, "duty", []party.Officer{press}, rule.ActRole},
			"with one who is":      {a.Name, a.Role, "duty", []party.Officer{a, press}, rule.ActRole},
			"nobody":               {a.Name, a.Role, "duty", nil, rule.ActRole},
			"on a rung of nowhere": {a.Name, a.Role, "roof", []party.Officer{a}, rule.ActReason},
		} {
			err := s.fold().Check(Draft{Higher: !caller, Kind: act.CallAccept, Body: &act.TakeBody{Officer: c.officer, Role: c.role, Rung: c.rung}, Signers: c.signers})
			if fault.CodeOf(err) != c.want {
				t.Errorf("%s: %v, want %q", name, err, c.want)
			}
			unsigned := map[string]fault.Code{"in another role": "", "off the ladder": rule.ActRole, "on a rung of nowhere": rule.ActReason}[name]
			if err := s.fold().Check(Draft{Higher: !caller, Kind: act.CallAccept, Body: &act.TakeBody{Officer: c.officer, Role: c.role, Rung: c.rung}, Unsigned: true}); fault.CodeOf(err) != unsigned {
				t.Errorf("%s: %v before it is signed, want %q", name, err, unsigned)
			}
		}
		s.say(false, "accept")
		s.Exchange()
		again := Draft{Higher: !caller, Kind: act.CallDecline, Body: &act.DeclineBody{Reason: "other"}, Unsigned: true}
		if err := s.fold().Check(again); fault.CodeOf(err) != rule.ActThread {
			t.Errorf("what has no place is not refused before it is signed: %v", err)
		}
	})
}

// Spec: HOT-15. Spec: HOT-16. Where two must accept, two different keys do; an act that both sign
// is enough, and nothing that a device or an open desk says is one.
func TestTwoAccept(t *testing.T) {
	high := func() *story {
		s := opened(true, func(b *act.CallBody) { b.Rung = "principal" })
		s.say(false, "shown")
		s.ring()
		return s
	}
	s := high()
	one, two := s.officer(false, "duty", 1), s.officer(false, "duty", 2)
	first := s.take(one)
	s.Exchange()
	call := s.fold()
	if call.Phase != Accepted || !call.Waits() || call.Receipts.Accepted != nil || len(call.Accepts) != 1 || call.Head.Needed != 2 || call.Head.Standing != "principal" {
		t.Errorf("one of two: %s %+v", call.Phase, call.Receipts)
	}
	again := s.take(one)
	s.Exchange()
	if a, b := s.code(t, first), s.code(t, again); a != "" || b != rule.ActThread || s.fold().Phase != Accepted {
		t.Errorf("%q, again %q", a, b)
	}
	last := s.take(two)
	s.Exchange()
	if call = s.fold(); call.Phase != Open || call.Receipts.Accepted.By != two.Name || s.code(t, last) != "" {
		t.Errorf("two: %s", call.Phase)
	}
	// A person with two keys is one person, here and where two must call.
	s = high()
	cards := s.Known[0].Cards
	for i, o := range cards[0].Officers {
		if o.KeyID() == two.KeyID() {
			cards[0].Officers[i].Name = one.Name
		}
	}
	s.as(false, act.CallAccept, &act.TakeBody{Officer: one.Name, Role: one.Role, Rung: "duty"}, one, two)
	s.Exchange()
	if call = s.fold(); call.Phase != Accepted {
		t.Errorf("one person's two keys: %s", call.Phase)
	}
	s = high()
	s.as(false, act.CallAccept, &act.TakeBody{Officer: one.Name, Role: one.Role, Rung: "duty"}, one, two)
	s.Exchange()
	if call = s.fold(); call.Phase != Open {
		t.Errorf("both in one: %s", call.Phase)
	}
	// Where nobody put it higher, one is enough, wherever it climbed by itself.
	s = opened(true)
	s.Now += 20 * minute
	s.say(false, "accept")
	if call = s.fold(); call.Phase != Open || call.Answer.ClimbedTo != "principal" || call.Head.Standing != "duty" {
		t.Errorf("%s %+v", call.Phase, call.Answer)
	}
	s = opened(true)
	s.say(true, "raise", "raise")
	s.say(false, "accept")
	if call = s.fold(); call.Phase != Accepted {
		t.Errorf("raised to where two must: %s", call.Phase)
	}
}

// Spec: HOT-17. Why and until when a call is not taken now.
func TestRefusals(t *testing.T) {
	s := opened(false)
	ok, press := []party.Officer{s.officer(false, "duty", 1)}, []party.Officer{s.officer(false, "press", 1)}
	in := func(d calendar.Instant) calendar.Instant { return s.Now + d }
	for name, c := range map[string]struct {
		body    any
		signers []party.Officer
		want    fault.Code
	}{
		"declined":                 {&act.DeclineBody{Reason: "unavailable"}, ok, ""},
		"for what is no reason":    {&act.DeclineBody{Reason: "weather"}, ok, rule.ActReason},
		"for what postpones":       {&act.DeclineBody{Reason: "judge"}, ok, rule.ActReason},
		"for another reason":       {&act.DeclineBody{Reason: "other", Note: words("Flood.")}, ok, ""},
		"for another, not said":    {&act.DeclineBody{Reason: "other"}, ok, rule.ActIncomplete},
		"by who does not stand":    {&act.DeclineBody{Reason: "unavailable"}, press, rule.ActRole},
		"deferred":                 {&act.AwaitBody{Reason: "judge", Until: in(minute)}, ok, ""},
		"for what declines":        {&act.AwaitBody{Reason: "unavailable", Until: in(minute)}, ok, rule.ActReason},
		"till now":                 {&act.AwaitBody{Reason: "judge", Until: in(0)}, ok, rule.ActTerm},
		"for seven days":           {&act.AwaitBody{Reason: "judge", Until: in(7 * calendar.Day)}, ok, ""},
		"for longer":               {&act.AwaitBody{Reason: "judge", Until: in(7*calendar.Day + 1)}, ok, rule.ActTerm},
		"deferred by a stranger":   {&act.AwaitBody{Reason: "judge", Until: in(minute)}, press, rule.ActRole},
		"for another, deferred":    {&act.AwaitBody{Reason: "other", Until: in(minute)}, ok, rule.ActIncomplete},
		"the term before the rest": {&act.AwaitBody{Reason: "weather", Until: in(0)}, press, rule.ActTerm},
	} {
		kind := act.CallDecline
		if _, await := c.body.(*act.AwaitBody); await {
			kind = act.CallDefer
		}
		if err := s.fold().Check(Draft{Higher: true, Kind: kind, Body: c.body, Signers: c.signers}); fault.CodeOf(err) != c.want {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// Spec: HOT-22. Spec: ACT-7. What was not in order is refused once, and nothing that a node
// says by itself.
func TestDisorder(t *testing.T) {
	both(func(caller bool) {
		s := opened(caller)
		bad := s.only(false, act.CallSay)
		s.Exchange()
		owed := s.fold().Automatic(caller)
		owed = owed[len(owed)-1:]
		if *owed[0].Body.(*act.DisorderBody) != (act.DisorderBody{Position: bad.Position, Rule: string(rule.ActThread)}) {
			t.Fatalf("%+v", owed)
		}
		refusal := s.as(true, act.CallDisorder, owed[0].Body)
		s.Exchange()
		twice := s.as(true, act.CallDisorder, owed[0].Body)
		s.Exchange()
		if a, b := s.code(t, refusal), s.code(t, twice); a != "" || b != rule.ActAutomatic {
			t.Errorf("%q %q", a, b)
		}
		for _, higher := range []bool{false, true} {
			for _, o := range s.fold().Automatic(higher) {
				if o.Kind == act.CallDisorder {
					t.Errorf("still owed: %+v", o)
				}
			}
		}
	})
}

// Spec: HOT-28. A body of another kind's, none and a kind of nobody's are not
// in order, and a second opening in a call is not.
func TestOddDrafts(t *testing.T) {
	s := opened(false)
	body, signers := apt(s.fold(), s.Known[0], act.CallAccept, true)
	for _, d := range []struct {
		Draft
		want fault.Code
	}{
		{Draft{Higher: true, Kind: act.CallAccept, Body: &act.NoteBody{}, Signers: signers}, rule.ActBody},
		{Draft{Higher: true, Kind: act.CallAccept, Signers: signers}, rule.ActBody},
		{Draft{Higher: true, Kind: act.CallAccept, Body: (*act.TakeBody)(nil), Signers: signers}, rule.ActBody},
		{Draft{Higher: true, Kind: "call.bless", Body: body, Signers: signers}, rule.ActKind},
		{Draft{Higher: true, Kind: act.RequestAccept, Body: body, Signers: signers}, rule.ActKind},
		{Draft{Higher: true, Kind: act.CallOpen, Body: proceduretest.CallOpening(s.Known[0].Arrangement)}, rule.ActThread},
		{Draft{Higher: true, Kind: act.CallAccept, Body: body, Signers: signers}, ""},
	} {
		if err := s.fold().Check(d.Draft); fault.CodeOf(err) != d.want {
			t.Errorf("%s %T: %v", d.Kind, d.Body, err)
		}
	}
}
