package voice

import (
	"crypto/hpke"
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"parley.example/internal/procedure"
	"parley.example/internal/procedure/proceduretest"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/ijson"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
	"parley.example/wire/voice"
)

const (
	start = "2016-03-01T22:00:00Z"
	day   = calendar.Day
)

var offered = func() string {
	key, err := hpke.MLKEM768X25519().GenerateKey()
	if err != nil {
		panic(err)
	}
	return hex.EncodeToString(key.PublicKey().Bytes())
}()

// story is one series as it is told.
type story struct {
	*proceduretest.Link
	owner   bool
	opening *procedure.Entry
}

func offer(days int64) *act.VoiceOfferBody {
	return &act.VoiceOfferBody{Series: 1, Key: offered, Until: proceduretest.At(start) + calendar.Instant(days)*day}
}

func opened(owner bool, change ...func(*act.VoiceOfferBody)) *story {
	s := &story{Link: proceduretest.NewLink(statement.Hotline, proceduretest.At(start), proceduretest.Calling()), owner: owner}
	b := offer(90)
	for _, f := range change {
		f(b)
	}
	s.opening = s.Say(owner, nil, act.VoiceOffer, b)
	s.Exchange()
	return s
}

func answer() *act.VoiceAnswerBody {
	return &act.VoiceAnswerBody{Secret: strings.Repeat("07", voice.AnswerSize)}
}

// standing is a series that was answered at once.
func standing(owner bool) *story {
	s := opened(owner)
	s.say(!owner, act.VoiceAnswer, answer())
	return s
}

// say has one side say something in the series, and the other has it at once.
func (s *story) say(higher bool, kind string, body any) *procedure.Entry {
	e := s.Say(higher, s.opening, kind, body)
	if known := s.Known[procedure.Side(higher)]; kind == act.VoiceUsed && known != nil {
		proceduretest.Sign(e, proceduretest.Officer(known, higher, "duty", 1))
	}
	s.Exchange()
	return e
}

// used is what a side's officer says of a row.
func (s *story) used(higher bool, row int64, change ...func(*act.VoiceUsedBody)) *act.VoiceUsedBody {
	names := [2]string{"lo duty 1", "hi duty 1"}
	b := &act.VoiceUsedBody{Caller: "lower", Row: row, Officer: names[procedure.Side(higher)], With: "somebody", At: s.Now,
		Purpose: act.PurposeReal, Outcome: act.VoiceProved}
	for _, f := range change {
		f(b)
	}
	return b
}

func (s *story) fold() *Series { return Fold(s.Lower(), s.Higher(), s.View(s.Known[0])) }

func (s *story) code(e *procedure.Entry) fault.Code {
	for _, g := range s.fold().NotInOrder {
		if g.Where == procedure.WhereOf(e.Place) {
			return fault.Code(g.Code)
		}
	}
	return ""
}

func (s *story) want(t *testing.T, what string, e *procedure.Entry, code fault.Code) {
	t.Helper()
	if got := s.code(e); got != code {
		t.Errorf("%s: %q, want %q", what, got, code)
	}
}

// Spec: VOI-2. What an offer is.
func TestOffer(t *testing.T) {
	for what, c := range map[string]struct {
		change func(*act.VoiceOfferBody)
		want   fault.Code
	}{
		"good":           {func(b *act.VoiceOfferBody) {}, ""},
		"far":            {func(b *act.VoiceOfferBody) { b.Until = proceduretest.At(start) + 100*day }, ""},
		"too far":        {func(b *act.VoiceOfferBody) { b.Until = proceduretest.At(start) + 100*day + 1 }, rule.ActTerm},
		"over":           {func(b *act.VoiceOfferBody) { b.Until = proceduretest.At(start) }, rule.ActTerm},
		"no number":      {func(b *act.VoiceOfferBody) { b.Series = 0 }, rule.ActBody},
		"a big number":   {func(b *act.VoiceOfferBody) { b.Series = 1<<31 + 1 }, rule.ActBody},
		"no key":         {func(b *act.VoiceOfferBody) { b.Key = "" }, rule.ActBody},
		"half a key":     {func(b *act.VoiceOfferBody) { b.Key = b.Key[2:] }, rule.ActBody},
		"upper case":     {func(b *act.VoiceOfferBody) { b.Key = strings.ToUpper(b.Key) }, rule.ActBody},
		"no hexadecimal": {func(b *act.VoiceOfferBody) { b.Key = "x" + b.Key[1:] }, rule.ActBody},
	} {
		for _, owner := range []bool{false, true} {
			s := opened(owner, c.change)
			s.want(t, what, s.opening, c.want)
			if got := s.fold().Phase; got != map[bool]Phase{true: Offered, false: Void}[c.want == ""] {
				t.Errorf("%s: %s", what, got)
			}
		}
	}
}

// Spec: VOI-1, VOI-4. Who may say what, and what an answer is.
func TestOrder(t *testing.T) {
	for _, owner := range []bool{false, true} {
		s := opened(owner)
		s.want(t, "used before an answer", s.say(owner, act.VoiceUsed, s.used(owner, 1)), rule.ActThread)
		s.want(t, "one's own answer", s.say(owner, act.VoiceAnswer, answer()), rule.ActTurn)
		short := answer()
		short.Secret = short.Secret[2:]
		s.want(t, "a short answer", s.say(!owner, act.VoiceAnswer, short), rule.ActBody)
		s.want(t, "an answer", s.say(!owner, act.VoiceAnswer, answer()), "")
		s.want(t, "a second", s.say(!owner, act.VoiceAnswer, answer()), rule.ActThread)
		s.want(t, "a second offer", s.Say(owner, s.opening, act.VoiceOffer, offer(80)), rule.ActThread)
		s.want(t, "another procedure's", s.say(owner, act.CallAgree, &act.AgreeBody{Position: 1}), rule.ActKind)
		late := opened(owner)
		late.Now += 90 * day
		late.want(t, "late", late.say(!owner, act.VoiceAnswer, answer()), rule.ActTerm)
	}
}

// Spec: VOI-16. What is said of a row.
func TestUsed(t *testing.T) {
	for what, c := range map[string]struct {
		change func(*act.VoiceUsedBody)
		want   fault.Code
	}{
		"good":           {func(b *act.VoiceUsedBody) {}, ""},
		"a rehearsal":    {func(b *act.VoiceUsedBody) { b.Purpose, b.Outcome, b.Row = act.PurposeTest, act.VoiceFailed, 512 }, ""},
		"whose call":     {func(b *act.VoiceUsedBody) { b.Caller = "us" }, rule.ActReason},
		"purpose":        {func(b *act.VoiceUsedBody) { b.Purpose = "fun" }, rule.ActReason},
		"outcome":        {func(b *act.VoiceUsedBody) { b.Outcome = "" }, rule.ActReason},
		"row 0":          {func(b *act.VoiceUsedBody) { b.Row = 0 }, rule.ActItem},
		"row 513":        {func(b *act.VoiceUsedBody) { b.Row = 513 }, rule.ActItem},
		"nobody":         {func(b *act.VoiceUsedBody) { b.Officer = " " }, rule.ActIncomplete},
		"with nobody":    {func(b *act.VoiceUsedBody) { b.With = "" }, rule.ActIncomplete},
		"somebody else":  {func(b *act.VoiceUsedBody) { b.Officer = "lo duty 2" }, rule.ActRole},
		"to come":        {func(b *act.VoiceUsedBody) { b.At++ }, rule.ActTerm},
		"a long note":    {func(b *act.VoiceUsedBody) { b.Note.Text = strings.Repeat("很", 2001) }, rule.ActBody},
		"long enough":    {func(b *act.VoiceUsedBody) { b.Note.Text = strings.Repeat("很", 2000) }, ""},
		"a long partner": {func(b *act.VoiceUsedBody) { b.With = strings.Repeat("很", 201) }, rule.ActBody},
	} {
		s := standing(true)
		s.want(t, what, s.say(false, act.VoiceUsed, s.used(false, 9, c.change)), c.want)
	}
	s := standing(false)
	s.say(false, act.VoiceUsed, s.used(false, 9))
	s.want(t, "the same row again", s.say(false, act.VoiceUsed, s.used(false, 9)), rule.ActItem)
	s.want(t, "the other's word on it", s.say(true, act.VoiceUsed, s.used(true, 9)), "")
	s.want(t, "the other's call", s.say(false, act.VoiceUsed, s.used(false, 9, func(b *act.VoiceUsedBody) { b.Caller = "higher" })), "")
	before := standing(false)
	before.Known[0] = proceduretest.Calling(func(d *arrangement.Document) { d.Hotline = nil })
	before.want(t, "without a hotline", before.say(false, act.VoiceUsed, before.used(false, 9)), rule.ActUnstarted)
	// Spec: VOI-16. What was heard while the series stood is said later too.
	late := standing(true)
	at := late.Now
	late.Now += 95 * day
	late.want(t, "afterwards", late.say(false, act.VoiceUsed, late.used(false, 9, func(b *act.VoiceUsedBody) { b.At = at })), "")
	late.want(t, "used when it was over", late.say(false, act.VoiceUsed, late.used(false, 10)), rule.ActTerm)
}

// Spec: VOI-12. How a series stands, to the millisecond.
func TestPhases(t *testing.T) {
	if c := Fold(nil, nil, procedure.View{}); c.Phase != None {
		t.Error(c.Phase)
	}
	for _, s := range []*story{opened(false), standing(true)} {
		want := map[bool]Phase{true: Standing, false: Offered}[s.owner]
		s.Now += 90*day - 1
		if got := s.fold(); got.Phase != want || got.Head.Until != s.Now+1 || got.Head.Renew != s.Now+1-30*day {
			t.Error(got.Phase, got.Head)
		}
		s.Now++
		if got := s.fold(); got.Phase != Lapsed {
			t.Error(got.Phase)
		}
	}
}

// Spec: VOI-17. What both sides said of a row, side by side.
func TestMatch(t *testing.T) {
	failed := func(b *act.VoiceUsedBody) { b.Outcome = act.VoiceFailed }
	test := func(b *act.VoiceUsedBody) { b.Purpose = act.PurposeTest }
	s := standing(true)
	s.say(true, act.VoiceUsed, s.used(true, 3, failed))
	s.say(false, act.VoiceUsed, s.used(false, 3))
	s.say(true, act.VoiceUsed, s.used(true, 2, test))
	s.say(false, act.VoiceUsed, s.used(false, 2, test))
	s.say(false, act.VoiceUsed, s.used(false, 1, func(b *act.VoiceUsedBody) { b.Caller = "higher" }))
	s.say(true, act.VoiceUsed, s.used(true, 4, test))
	s.say(false, act.VoiceUsed, s.used(false, 4))
	var got []string
	for _, u := range s.fold().Uses {
		text := u.Caller + u.Match
		if u.Failed {
			text += " failed"
		}
		if u.Test {
			text += " test"
		}
		got = append(got, text)
	}
	if want := []string{"loweragreed test", "lowerdiffers failed", "lowerdiffers", "higherone"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	// Spec: VOI-19. A rehearsal counts as a test; it is held well when both
	// heard everything right.
	if held, proved := Rehearsals([]*Series{s.fold()}, s.Now, s.Now+1); held != 1 || proved != 1 {
		t.Error(held, proved)
	}
	if held, _ := Rehearsals([]*Series{s.fold()}, s.Now+1, s.Now+day); held != 0 {
		t.Error(held)
	}
}

// Spec: VOI-18. Wrong words are doubt until newer words were right; those of a
// rehearsal are none.
func TestDoubted(t *testing.T) {
	s := standing(true)
	doubted := func() bool { return Doubted([]*Series{s.fold()}) }
	say := func(row int64, outcome, purpose string) {
		s.say(true, act.VoiceUsed, s.used(true, row, func(b *act.VoiceUsedBody) { b.Outcome, b.Purpose = outcome, purpose }))
		s.Now++
	}
	if doubted() {
		t.Error("before anything was said")
	}
	say(1, act.VoiceFailed, act.PurposeTest)
	if doubted() {
		t.Error("a rehearsal")
	}
	say(2, act.VoiceFailed, act.PurposeReal)
	say(3, act.VoiceProved, act.PurposeTest)
	if !doubted() {
		t.Error("after wrong words")
	}
	say(4, act.VoiceProved, act.PurposeReal)
	if doubted() {
		t.Error("after right words")
	}
}

// Spec: VOI-13, VOI-14, VOI-15. Two nodes that say what they owe, each by what
// it has stored, whatever comes late and whatever is lost, come to one series
// that both hold; it is renewed before it lapses; and neither answers twice.
func TestOwes(t *testing.T) {
	type at struct {
		owner    string
		position uint64
	}
	for _, lag := range []int{0, 2, 5} {
		link := proceduretest.NewLink(statement.Hotline, proceduretest.At(start), proceduretest.Calling())
		holds := [2]map[at]bool{{}, {}}
		var openings []*procedure.Entry
		list := func(higher bool) (out []*Series) {
			lower, upper := link.Held(higher)
			for _, o := range openings {
				of := func(entries []*procedure.Entry) (in []*procedure.Entry) {
					for _, e := range entries {
						if e == o || e.Act.Statement.Thread != nil && *e.Act.Statement.Thread == o.Ref() {
							in = append(in, e)
						}
					}
					return in
				}
				out = append(out, Fold(of(lower), of(upper), link.View(link.Known[0])))
			}
			return out
		}
		key := func(s *Series) at { return at{s.Owner, s.Opening.Position} }
		answers := 0
		for step := 0; step < 90; step++ {
			for _, higher := range []bool{false, true} {
				mine := holds[procedure.Side(higher)]
				if step == 50 && higher {
					clear(mine) // a restored store
				}
				o := Owes(list(higher), higher, link.Now, func(s *Series) bool { return mine[key(s)] })
				switch {
				case o.Answer != nil:
					answers++
					var opening *procedure.Entry
					for _, e := range openings {
						if procedure.WhereOf(e.Place) == *o.Answer.Opening {
							opening = e
						}
					}
					link.Say(higher, opening, act.VoiceAnswer, answer())
					mine[key(o.Answer)] = true
				case o.Offer > 0:
					e := link.Say(higher, nil, act.VoiceOffer, &act.VoiceOfferBody{Series: o.Offer, Key: offered, Until: link.Now + Life})
					openings = append(openings, e)
					mine[at{procedure.SideName(higher), e.Position}] = true
				case o.Next != 0 && o.Next <= link.Now:
					t.Fatalf("lag %d, day %d: nothing is owed, and what comes next is past", lag, step)
				}
			}
			if lag == 0 || step%lag == 0 {
				link.Exchange()
			}
			both := Current(list(false))
			if again := Current(list(true)); step > 2*lag+3 && step < 50 || step > 50+4*lag+6 {
				if both == nil || again == nil {
					t.Fatalf("lag %d, day %d: no series stands", lag, step)
				}
				if step%max(lag, 1) == 0 && key(both) == key(again) && (!holds[0][key(both)] || !holds[1][key(both)]) && step != 50 {
					t.Fatalf("lag %d, day %d: not both hold it", lag, step)
				}
			}
			link.Now += 2 * day
		}
		if answers > 20 || len(openings) > 40 {
			t.Errorf("lag %d: %d offers, %d answers", lag, len(openings), answers)
		}
	}
}

// Spec: VOI-13. Of offers that crossed the lower side's counts, on both nodes.
func TestCrossed(t *testing.T) {
	a, b := standing(false), standing(true)
	list := []*Series{b.fold(), a.fold()}
	for range 2 {
		if Current(list).Owner != "lower" || Sorted(list)[0].Owner != "lower" {
			t.Error("the higher side's counts")
		}
		slices.Reverse(list)
	}
	next := opened(true, func(b *act.VoiceOfferBody) { b.Series = 2 })
	list = append(list, next.fold())
	if Current(list).Owner != "lower" {
		t.Error("an offer that nobody answered counts")
	}
	next.say(false, act.VoiceAnswer, answer())
	if list[2] = next.fold(); Current(list).Head.Series != 2 {
		t.Error("the later number does not count")
	}
	void := opened(true, func(b *act.VoiceOfferBody) { b.Series = 0 })
	if Compare(void.fold(), list[0]) >= 0 || Compare(list[0], void.fold()) <= 0 {
		t.Error("what is void counts")
	}
	// Spec: VOI-14. Who offers without end is not answered without end.
	var many []*Series
	for n := range int64(66) {
		many = append(many, opened(true, func(b *act.VoiceOfferBody) { b.Series = n + 1 }).fold())
	}
	if o := Owes(many[:64], false, list[0].fold.Instant, func(*Series) bool { return true }); o.Answer == nil {
		t.Error("64 are not answered")
	}
	if o := Owes(many, false, list[0].fold.Instant, func(*Series) bool { return true }); o != (Owed{}) {
		t.Error("66 are answered")
	}
	last := opened(false, func(b *act.VoiceOfferBody) { b.Series = maxSeries })
	if o := Owes([]*Series{last.fold()}, false, last.Now, func(*Series) bool { return false }); o.Offer != 0 {
		t.Error("a number behind the last is offered")
	}
}

// Spec: VOI-20, VOI-22. The view holds no key and no note, and both sides
// write the same bytes, also while everything is suspended.
func TestView(t *testing.T) {
	s := standing(true)
	s.say(false, act.VoiceUsed, s.used(false, 3, func(b *act.VoiceUsedBody) { b.Note = act.Text{Lang: "en", Text: "Secret note."} }))
	raw, err := s.fold().View([32]byte{7})
	if err != nil || ijson.Check(raw, ijson.Limits{}) != nil {
		t.Fatal(err)
	}
	for _, text := range []string{offered[:64], "Secret note", "0707"} {
		if strings.Contains(string(raw), text) {
			t.Errorf("the view says %s", text)
		}
	}
	if !strings.Contains(string(raw), `{"view":"voice"`) || !strings.Contains(string(raw), `"series":{"phase":"standing"`) {
		t.Errorf("%s", raw)
	}
	empty, _ := Fold(nil, nil, s.View(s.Known[0])).View([32]byte{})
	if !strings.HasSuffix(string(empty), `"series":{"phase":"none","uses":[],"not_in_order":[],"acts":[],"unreceipted":0}}`) {
		t.Errorf("%s", empty)
	}
	status, err := arrangement.Status{}.Suspend(arrangement.Suspend{ID: "s", Party: proceduretest.Parties()[0].String(), Scope: arrangement.Scope{Everything: true}})
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range s.Known {
		stopped := *c
		stopped.Status = &status
		s.Known[i] = &stopped
	}
	s.want(t, "while all is suspended", s.say(true, act.VoiceUsed, s.used(true, 3)), "")
}

// Spec: VOI-21. What was not in order is told once.
func TestDisorder(t *testing.T) {
	s := standing(true)
	bad := s.say(false, act.VoiceUsed, s.used(false, 0))
	owed := s.fold().Automatic(true)
	if len(owed) != 1 || owed[0].Kind != act.VoiceDisorder || len(s.fold().Automatic(false)) != 0 {
		t.Fatalf("%+v", owed)
	}
	s.want(t, "its refusal", s.say(true, act.VoiceDisorder, owed[0].Body), "")
	if len(s.fold().Automatic(true)) != 0 {
		t.Error("it is owed again")
	}
	s.want(t, "a refusal of nothing", s.say(true, act.VoiceDisorder, &act.DisorderBody{Position: bad.Position + 7, Rule: "act.item"}), rule.ActThread)
}

// Spec: VOI-1. A draft is judged as it would be where it came to stand.
func TestDraft(t *testing.T) {
	s := standing(true)
	officer := proceduretest.Officer(s.Known[0], false, "duty", 1)
	d := Draft{Kind: act.VoiceUsed, Body: s.used(false, 3)}
	if err := s.fold().Check(d); fault.CodeOf(err) != rule.ActRole {
		t.Error("unsigned:", err)
	}
	d.Signers = append(d.Signers, officer)
	if err := s.fold().Check(d); err != nil {
		t.Error(err)
	}
	press := proceduretest.Officer(s.Known[0], false, "press", 1)
	off := Draft{Kind: act.VoiceUsed, Body: s.used(false, 3, func(b *act.VoiceUsedBody) { b.Officer = press.Name }), Signers: []party.Officer{press}}
	if err := s.fold().Check(off); fault.CodeOf(err) != rule.ActRole { // Spec: VOI-16.
		t.Error("who stands on no ladder:", err)
	}
	d.Attachments = 1
	if err := s.fold().Check(d); fault.CodeOf(err) != rule.ActBody {
		t.Error("with an attachment:", err)
	}
	if err := s.fold().Check(Draft{Kind: "voice.shout"}); fault.CodeOf(err) != rule.ActKind {
		t.Error(err)
	}
	moves := s.fold().Moves(false)
	if len(moves) != 1 || moves[0].Kind != act.VoiceUsed || !moves[0].NeedsPerson {
		t.Errorf("%+v", moves)
	}
	if moves := opened(true).fold().Moves(false); len(moves) != 0 {
		t.Errorf("%+v", moves)
	}
}
