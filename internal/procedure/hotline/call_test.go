package hotline

import (
	"strings"
	"testing"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// tell has sides say kinds: "c say o accept".
func (s *story) tell(what string) {
	list := strings.Fields(what)
	for i := 0; i+1 < len(list); i += 2 {
		s.say(list[i] == "c", list[i+1])
	}
}

// Spec: HOT-23. Spec: HOT-24. Where a call stands, and how it ended.
func TestPhases(t *testing.T) {
	for _, c := range []struct {
		said  string
		phase Phase
		ended string
	}{
		{"", Stored, ""},
		{"o ring", Ringing, ""},
		{"c ring", Stored, ""},
		{"o shown", Shown, ""},
		{"o ring o shown", Shown, ""},
		{"o ring o defer", Deferred, ""},
		{"o ring o decline", Declined, ""},
		{"o decline o defer", Deferred, ""},
		{"o defer o decline", Declined, ""},
		{"o shown o decline c raise", Shown, ""},
		{"o ring o defer c raise", Ringing, ""},
		{"o defer c raise o defer", Deferred, ""},
		{"o decline o accept", Open, ""},
		{"o accept", Open, ""},
		{"c raise c raise o accept", Accepted, ""},
		{"c raise c raise o accept o decline", Declined, ""},
		{"c raise c raise o accept o defer", Deferred, ""},
		{"c raise c raise o decline o accept", Accepted, ""},
		{"c raise c raise o accept o accept", Open, ""},
		{"c withdraw", Withdrawn, ""},
		{"c raise c raise o accept c withdraw", Withdrawn, ""},
		{"o accept c close", Closing, ""},
		{"o accept o close c say", Closing, ""},
		{"o accept o close c agree", Closed, EndAgreed},
		{"o accept c close o close", Closed, EndTwo},
		{"o accept c close o close o agree", Closed, EndAgreed},
	} {
		both(func(caller bool) {
			s := opened(caller)
			s.tell(c.said)
			if call := s.fold(); call.Phase != c.phase || call.Ended != c.ended || len(call.NotInOrder) > 0 {
				t.Errorf("%s: %s %q, want %s; %v", c.said, call.Phase, call.Ended, c.phase, call.NotInOrder)
			}
		})
	}
	if call := Fold(nil, nil, procedure.View{}); call.Phase != None || call.Over() || call.Waits() {
		t.Error(call.Phase)
	}
	void := begin(false, proceduretest.Calling(), func(b *act.CallBody) { b.Severity = "minor" })
	if call := void.fold(); call.Phase != Void || call.Head != nil || !call.Over() {
		t.Error(call.Phase)
	}
}

// Spec: HOT-23. What hangs on an instant: a deferral whose time has come, and a
// close to which a day long nobody answered.
func TestPhasesInTime(t *testing.T) {
	both(func(caller bool) {
		for said, phase := range map[string]Phase{"o defer": Stored, "o ring o defer": Ringing, "o shown o defer": Shown, "c raise c raise o accept o defer": Accepted} {
			s := opened(caller)
			s.tell(said)
			s.Now += 40*minute - 1
			if call := s.fold(); call.Phase != Deferred || call.Deferred != s.Now+1 || call.Waits() {
				t.Errorf("%s: %s", said, call.Phase)
			}
			s.Now++
			if call := s.fold(); call.Phase != phase || call.Deferred != 0 || !call.Waits() {
				t.Errorf("%s: %s, want %s", said, call.Phase, phase)
			}
		}
		s := opened(caller)
		s.tell("o accept")
		s.only(true, act.CallClose)
		s.Now += 2 * calendar.Day
		if call := s.fold(); call.Phase != Closing {
			t.Errorf("closed without a receipt: %s", call.Phase)
		}
		s.Exchange()
		s.Now += calendar.Day - 1
		if call := s.fold(); call.Phase != Closing || call.Over() {
			t.Error(call.Phase)
		}
		s.Now++
		if call := s.fold(); call.Phase != Closed || call.Ended != EndOneSided || !call.Over() {
			t.Error(call.Phase, call.Ended)
		}
		s.tell("o agree")
		if call := s.fold(); call.Phase != Closed || call.Ended != EndAgreed {
			t.Error(call.Phase, call.Ended)
		}
	})
}

// cross lets each side say one thing without having seen the other's.
func (s *story) cross(caller, called string) {
	s.only(true, "call."+caller)
	s.only(false, "call."+called)
	s.Exchange()
}

// Spec: HOT-25. Spec: PRC-15. What comes of acts that cross, whichever side has the lower
// identifier.
func TestCrossings(t *testing.T) {
	for _, c := range []struct {
		before, caller, called string
		phase                  Phase
		want                   string
	}{
		{"", "withdraw", "accept", Open, "accept-stands"},
		{"c raise c raise", "withdraw", "accept", Withdrawn, ""},
		{"", "withdraw", "decline", Withdrawn, ""},
		{"", "withdraw", "shown", Withdrawn, ""},
		{"", "raise", "decline", Stored, "raise-stands"},
		{"", "raise", "defer", Stored, "raise-stands"},
		{"", "raise", "accept", Open, "raise-lapses"},
		{"c raise", "raise", "accept", Open, "raise-lapses"},
		{"o accept", "close", "close", Closed, "two-minutes"},
		{"o accept", "say", "say", Open, ""},
		{"o accept o close", "agree", "say", Closed, ""},
	} {
		both(func(caller bool) {
			s := opened(caller)
			s.tell(c.before)
			s.cross(c.caller, c.called)
			call, got := s.fold(), ""
			for _, x := range call.Crossings {
				got += string(x.Outcome)
				if x.Caller.Side != call.Caller || x.Called.Side == call.Caller {
					t.Errorf("%+v", x)
				}
			}
			if call.Phase != c.phase || got != c.want || len(call.NotInOrder) > 0 {
				t.Errorf("%s | %s x %s: %s %q; %v", c.before, c.caller, c.called, call.Phase, got, call.NotInOrder)
			}
		})
	}
}

// Spec: HOT-16. Spec: HOT-25. An acceptance is enough for the rung that its writer knew of: a raise
// that crosses it takes nothing back, nor does one that was seen between two.
func TestRaiseCrossesAccept(t *testing.T) {
	both(func(caller bool) {
		s := opened(caller)
		s.tell("c raise")
		s.cross("raise", "accept") // to where two must
		if call := s.fold(); call.Phase != Open || call.Head.Standing != "supervisor" || call.Head.Needed != 1 || call.Receipts.Accepted == nil {
			t.Errorf("%s %+v", call.Phase, call.Head)
		}
		s.tell("o join o say c close o agree")
		if call := s.fold(); call.Phase != Closed || len(call.NotInOrder) > 0 {
			t.Errorf("%s %v", call.Phase, call.NotInOrder)
		}
	})
}

// Spec: HOT-23. Receipts mean what they say: one is never inferred from
// another.
func TestReceipts(t *testing.T) {
	s := opened(false)
	s.Now += minute
	s.tell("o shown")
	call := s.fold()
	if r := call.Receipts; r.Stored.Receipt != proceduretest.At(start) || r.Shown.By != "hi duty 1" || r.Shown.Claimed != s.Now || r.Accepted != nil {
		t.Errorf("%+v", r)
	}
	again := s.as(false, act.CallShown, &act.OpenedBody{Officer: "hi duty 1", Role: "duty"})
	other := s.as(false, act.CallShown, &act.OpenedBody{Officer: "hi duty 2", Role: "duty"})
	nobody := s.as(false, act.CallShown, &act.OpenedBody{Officer: " ", Role: "duty"})
	s.Exchange()
	if a, b, c := s.code(t, again), s.code(t, other), s.code(t, nobody); a != rule.ActThread || b != "" || c != rule.ActIncomplete {
		t.Errorf("%q %q %q", a, b, c)
	}
	s.Now += minute
	s.tell("o accept")
	if r := s.fold().Receipts; r.Accepted.By != "hi duty 1" || r.Accepted.Signed[0] != "hi duty 1" || r.Accepted.Receipt != s.Now {
		t.Errorf("%+v", r.Accepted)
	}
	if head := s.fold().Head; head.Opened[0] != "lo duty 1" || head.Purpose != act.PurposeReal || head.Severity != "grave" || head.Criterion != "life" || head.Rung != "duty" {
		t.Errorf("%+v", head)
	}
}

// Spec: HOT-18. What may be said, who is brought in, and what a call is linked to.
func TestTalk(t *testing.T) {
	s := opened(false)
	s.tell("o accept")
	request := act.Place{Higher: true, Position: 7}
	for name, c := range map[string]struct {
		kind        string
		body        any
		attachments int
		want        fault.Code
	}{
		"a word":                  {act.CallSay, &act.SayBody{Said: words("Yes.")}, 0, ""},
		"nothing":                 {act.CallSay, &act.SayBody{}, 0, rule.ActIncomplete},
		"a file":                  {act.CallSay, &act.SayBody{}, 1, ""},
		"handled as nobody knows": {act.CallSay, &act.SayBody{Marked: act.Marked{Handling: "H9"}, Said: words("x")}, 0, rule.ActReason},
		"somebody":                {act.CallJoin, &act.JoinBody{Name: "Jordan", Role: "principal"}, 0, ""},
		"somebody of no role":     {act.CallJoin, &act.JoinBody{Name: "Jordan", Role: "king"}, 0, rule.ActReason},
		"nobody":                  {act.CallJoin, &act.JoinBody{Role: "principal"}, 0, rule.ActIncomplete},
		"a substitute":            {act.CallJoin, &act.JoinBody{Name: "Jordan", Role: "principal", For: "Robin", Mandate: words("By letter.")}, 0, ""},
		"on no mandate":           {act.CallJoin, &act.JoinBody{Name: "Jordan", Role: "principal", For: "Robin"}, 0, rule.ActIncomplete},
		"about a request":         {act.CallLink, &act.CallLinkBody{Relation: act.LinkAbout, Place: request}, 0, ""},
		"for a request":           {act.CallLink, &act.CallLinkBody{Relation: act.LinkOpens, Place: request}, 0, ""},
		"beside a request":        {act.CallLink, &act.CallLinkBody{Relation: "beside", Place: request}, 0, rule.ActReason},
		"a minute":                {act.CallClose, &act.MinuteBody{Minute: words("Agreed.")}, 0, ""},
		"no minute":               {act.CallClose, &act.MinuteBody{}, 0, rule.ActIncomplete},
		"a minute in no handling": {act.CallClose, &act.MinuteBody{Marked: act.Marked{Handling: "H9"}, Minute: words("x")}, 0, rule.ActReason},
	} {
		if err := s.fold().Check(Draft{Higher: true, Kind: c.kind, Body: c.body, Attachments: c.attachments}); fault.CodeOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.as(true, act.CallLink, &act.CallLinkBody{Relation: act.LinkAbout, Place: request})
	s.Exchange()
	twice := s.as(false, act.CallLink, &act.CallLinkBody{Relation: act.LinkAbout, Place: request})
	opens := s.as(false, act.CallLink, &act.CallLinkBody{Relation: act.LinkOpens, Place: request})
	s.Exchange()
	if a, b := s.code(t, twice), s.code(t, opens); a != rule.ActItem || b != "" {
		t.Errorf("%q %q", a, b)
	}
	s.tell("o join")
	if k := s.fold().Talk; len(k.Links) != 2 || k.Links[1].Relation != act.LinkOpens || k.Links[0].To != (Where{Side: "higher", Position: 7}) || !k.Joined[0].For || k.Joined[0].Role != "duty" {
		t.Errorf("%+v", k)
	}
}

// Spec: HOT-19. Who had which messages on the screen.
func TestRead(t *testing.T) {
	both(func(caller bool) {
		s := opened(caller)
		s.tell("o accept c say o say c say c say")
		said := s.fold().Talk.Messages
		read := func(position uint64, officer string) fault.Code {
			e := s.as(false, act.CallRead, &act.ReadUpToBody{Position: position, Officer: officer, Role: "duty"})
			s.Exchange()
			return s.code(t, e)
		}
		s.Now += minute
		if a, b, c, d := read(said[1].Position+100, "Wei"), read(s.opening.Position, "Wei"), read(said[2].Position, ""), read(said[2].Position, "Wei"); a != rule.ActItem ||
			b != rule.ActItem || c != rule.ActIncomplete || d != "" {
			t.Errorf("%q %q %q %q", a, b, c, d)
		}
		if a := read(said[0].Position, "Wei"); a != rule.ActItem {
			t.Errorf("what was covered: %q", a)
		}
		m := s.fold().Talk.Messages
		if m[0].Read == nil || m[0].Read.By != "Wei" || m[0].Read.Claimed != s.Now || m[1].Read != nil || m[2].Read == nil || m[3].Read != nil || m[0].Stored == 0 {
			t.Errorf("%+v", m)
		}
		if a, b := read(said[3].Position, "Wei"), read(said[3].Position, "Wei"); a != "" || b != rule.ActThread {
			t.Errorf("the rest: %q, and again: %q", a, b)
		}
		s.tell("c read c close o close")
		if k := s.fold(); k.Talk.Messages[1].Read == nil || len(k.NotInOrder) != 5 {
			t.Errorf("%+v", k.NotInOrder)
		}
	})
}

// Spec: HOT-20. Translations and words that are read differently, before and
// after the end.
func TestTranslationsAndWords(t *testing.T) {
	s := opened(true)
	s.tell("o accept c say")
	said := s.lastSaid()
	of := func(path, text string) act.Translated { return act.Translated{Path: path, Text: text} }
	many := make([]act.Translated, maxTexts+1)
	translation := func(position uint64, texts ...act.Translated) *act.TranslateBody {
		return &act.TranslateBody{Higher: true, Position: position, Lang: "zh-Hans", Translator: "Liu Yan", Texts: texts}
	}
	anonymous, mute := translation(0, of("/reason/text", "甲")), translation(0, of("/reason/text", "甲"))
	anonymous.Translator, mute.Lang = "", ""
	for name, c := range map[string]struct {
		body *act.TranslateBody
		want fault.Code
	}{
		"a message":           {translation(said, of("/said/text", "我们也看到了。")), ""},
		"the opening":         {translation(0, of("/reason/text", "甲"), of("/subject/text", "乙")), ""},
		"what is not there":   {translation(77, of("/said/text", "甲")), rule.ActItem},
		"no such text":        {translation(said, of("/says/text", "甲")), rule.ActItem},
		"one twice":           {translation(said, of("/said/text", "甲"), of("/said/text", "乙")), rule.ActItem},
		"nothing":             {translation(said), rule.ActBody},
		"too much":            {translation(said, many...), rule.ActBody},
		"to nothing":          {translation(said, of("/said/text", " ")), rule.ActIncomplete},
		"into no language":    {mute, rule.ActIncomplete},
		"by nobody":           {anonymous, rule.ActIncomplete},
		"what the other said": {&act.TranslateBody{Higher: false, Lang: "en", Translator: "x", Texts: []act.Translated{of("/officer", "y")}}, ""},
	} {
		if err := s.fold().Check(Draft{Higher: true, Kind: act.CallTranslate, Body: c.body}); fault.CodeOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	word := act.WordBody{Higher: true, Position: s.opening.Position, Path: "/subject/text", Word: "servers", Reading: words("Those in the branch.")}
	other, gone, blank, number, lift := word, word, word, word, word
	other.Word, gone.Path, blank.Reading, number.Path, lift.Lift = "service", "/object/text", words(""), "/subject", true
	for name, c := range map[string]struct {
		body act.WordBody
		want fault.Code
	}{
		"a word": {word, ""}, "not said": {other, rule.ActItem}, "nowhere": {gone, rule.ActItem}, "no reading": {blank, rule.ActIncomplete},
		"in what is no text": {number, rule.ActItem}, "lifted before": {lift, rule.ActItem}, "of nothing": {act.WordBody{Higher: true, Path: "/subject/text"}, rule.ActItem},
	} {
		if err := s.fold().Check(Draft{Higher: false, Kind: act.CallWord, Body: &c.body}); fault.CodeOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.as(false, act.CallWord, &word)
	s.Exchange()
	if err := s.fold().Check(Draft{Higher: true, Kind: act.CallWord, Body: &lift}); !fault.Is(err, rule.ActItem) {
		t.Error("lifted by the other:", err)
	}
	s.tell("c close o close c translate o translate c word") // c's own reading of the same word
	s.as(false, act.CallWord, &lift)
	s.Exchange()
	call := s.fold()
	if k := call.Talk; len(k.Words) != 2 || k.Words[0].Lifted == nil || k.Words[1].Lifted != nil || len(k.Translations) != 2 || k.Translations[0].Paths[0] != "/subject/text" || len(call.NotInOrder) > 0 {
		t.Errorf("%+v %v", k, call.NotInOrder)
	}
	if err := call.Check(Draft{Higher: true, Kind: act.CallTranslate, Body: translation(call.Talk.Translations[0].By.Position, of("/lang", "x"))}); !fault.Is(err, rule.ActItem) {
		t.Error("a translation of a translation:", err)
	}
}

// lastSaid is the position of the last message.
func (s *story) lastSaid() uint64 {
	m := s.fold().Talk.Messages
	return m[len(m)-1].Position
}

// Spec: HOT-21. Each side closes once, with its minute, after the acceptance;
// to agree names the other's.
func TestMinutes(t *testing.T) {
	both(func(caller bool) {
		s := opened(caller)
		early := s.as(true, act.CallClose, &act.MinuteBody{Minute: words("x")})
		s.tell("o accept c close")
		twice := s.as(true, act.CallClose, &act.MinuteBody{Minute: words("y")})
		s.Exchange()
		own := s.as(true, act.CallAgree, &act.AgreeBody{Position: twice.Position - 1})
		wrong := s.as(false, act.CallAgree, &act.AgreeBody{Position: twice.Position})
		s.Exchange()
		for e, want := range map[*procedure.Entry]fault.Code{early: rule.ActThread, twice: rule.ActThread, own: rule.ActThread, wrong: rule.ActItem} {
			if code := s.code(t, e); code != want {
				t.Errorf("%s: %q, want %q", e.Kind.Name, code, want)
			}
		}
		s.tell("o agree")
		if m := s.fold().Talk.Minutes; len(m) != 1 || m[0].Agreed == nil || m[0].Side != procedure.SideName(caller) {
			t.Errorf("%+v", m)
		}
		// Two closings that cross, and two agreements that cross: each minute is
		// agreed, whichever side has the lower identifier.
		s = opened(caller)
		s.tell("o accept")
		s.cross("close", "close")
		s.cross("agree", "agree")
		for _, m := range s.fold().Talk.Minutes {
			if m.Agreed == nil || m.Agreed.Side == m.Side {
				t.Errorf("%+v", m)
			}
		}
	})
}

// Spec: HOT-1. Spec: HOT-29. The view names what it is a function of, and parties by side.
func TestView(t *testing.T) {
	s := opened(true)
	s.tell("o accept c say")
	b, err := s.fold().View([32]byte{0xab})
	if err != nil {
		t.Fatal(err)
	}
	if got := string(b); !strings.HasPrefix(got, `{"view":"hotline","cut":"ab00`) || !strings.Contains(got, `"caller":"higher"`) || !strings.Contains(got, `"instant":"2016-03-01T22:00:00Z"`) {
		t.Error(got)
	}
	for _, word := range []string{`"us"`, `"them"`, "servers", "We see it"} {
		if strings.Contains(string(b), word) {
			t.Errorf("%s in the view", word)
		}
	}
}
