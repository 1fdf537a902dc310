package node_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"parley.example/internal/node"
	"parley.example/internal/procedure/voice"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	voicewords "parley.example/wire/voice"
)

// keep has a node say what it owes for words for the telephone.
func (s *side) keep() int64 {
	s.p.t.Helper()
	next, err := s.node.KeepWords(s.p.ctx, s.link)
	s.p.must(err)
	return next
}

// agree lets both nodes keep their words and talk, until both have said all.
func (p *pair) agree() {
	p.t.Helper()
	for range 3 {
		for _, s := range p.sides {
			s.keep()
		}
		p.talk()
	}
}

// words is a pair of nodes that have agreed on words.
func withWords(t *testing.T) (p *pair, lower, higher *side) {
	p = newPairUnder(t, withHotline)
	lower, higher = p.sides[0], p.sides[1]
	if lower.link.Higher() {
		lower, higher = higher, lower
	}
	p.agree()
	return p, lower, higher
}

func (s *side) voices() (list []*node.Spoken) {
	s.p.t.Helper()
	list, err := s.node.Voices(s.p.ctx, s.link)
	s.p.must(err)
	return list
}

// begin takes a row; the other side's where own is false.
func (s *side) begin(own bool, row int) *node.Talk {
	s.p.t.Helper()
	talk, err := s.node.BeginTalk(s.p.ctx, s.link, "", own, row, "Somebody")
	s.p.must(err)
	return talk
}

func (s *side) heard(right bool) *node.Talk {
	s.p.t.Helper()
	talk, err := s.node.HeardTalk(s.p.ctx, s.link, right)
	s.p.must(err)
	return talk
}

// phoned is a whole telephone call: each says what its node shows, and says
// of what it hears whether it is that.
func phoned(caller, called *side) (a, b *node.Talk) {
	a = caller.begin(true, 0)
	b = called.begin(false, a.Row)
	for a.Outcome == "" || b.Outcome == "" {
		if b.Hear() != nil && a.Say() != nil {
			same := *a.Say() == *b.Hear()
			b = called.heard(same)
			if a.Hear() == nil {
				a = caller.heard(true)
			}
		}
		if a.Outcome == "" && a.Hear() != nil && b.Say() != nil {
			a = caller.heard(*b.Say() == *a.Hear())
		}
		if b.Outcome == act.VoiceFailed {
			break
		}
	}
	return a, b
}

// Spec: VOI-3, VOI-8, VOI-10, VOI-14. Two nodes agree on words by themselves;
// who calls and who is called prove it to each other, each row once.
func TestWords(t *testing.T) {
	p, lower, higher := withWords(t)
	for _, s := range p.sides {
		list := s.voices()
		if len(list) != 1 || list[0].Series.Phase != voice.Standing || !list[0].Held || list[0].Series.Owner != "lower" {
			t.Fatalf("%s has %+v", s.code, list)
		}
	}
	for i := range 4 {
		caller, called := lower, higher
		if i%2 == 1 {
			caller, called = higher, lower
		}
		a, b := phoned(caller, called)
		if a.Row != 1+i/2 || a.Outcome != act.VoiceProved || b.Outcome != act.VoiceProved {
			t.Fatalf("call %d, row %d: %s, %s", i, a.Row, a.Outcome, b.Outcome)
		}
		if _, err := called.node.BeginTalk(p.ctx, called.link, "", false, a.Row, "Somebody"); fault.CodeOf(err) != rule.VoiceRow {
			t.Error("the same row again:", err)
		}
	}
	if _, err := lower.node.HeardTalk(p.ctx, lower.link, true); fault.CodeOf(err) != rule.VoiceNoUse {
		t.Error("words are heard when none are said:", err)
	}
}

// Spec: VOI-10. One wrong group ends it and uses up the row, and no other: a
// stranger who names a late row burns that one alone.
func TestStranger(t *testing.T) {
	p, lower, higher := withWords(t)
	talk := higher.begin(false, 200)
	if talk.Say() != nil || talk.Hear() == nil {
		t.Fatal("who is called says words before any were right")
	}
	if got := higher.heard(false); got.Outcome != act.VoiceFailed || got.Say() != nil || got.Hear() != nil || got.Rows != (voicewords.Row{}) {
		t.Errorf("%+v", got)
	}
	if _, err := higher.node.BeginTalk(p.ctx, higher.link, "", false, 200, "Somebody"); fault.CodeOf(err) != rule.VoiceRow {
		t.Error("a second guess:", err)
	}
	if a, b := phoned(lower, higher); a.Row != 1 || a.Outcome != act.VoiceProved || b.Outcome != act.VoiceProved {
		t.Errorf("row %d: %s, %s", a.Row, a.Outcome, b.Outcome)
	}
	lower.begin(true, 0) // nobody answers
	lower.begin(true, 0)
	if a, b := phoned(lower, higher); a.Row != 4 || b.Outcome != act.VoiceProved {
		t.Errorf("row %d: %s", a.Row, b.Outcome)
	}
	if _, err := higher.node.BeginTalk(p.ctx, higher.link, "", false, 3, "Somebody"); fault.CodeOf(err) != rule.VoiceRow {
		t.Error("a row that was passed over:", err)
	}
	for _, row := range []int{-1, 0, 513} {
		if _, err := higher.node.BeginTalk(p.ctx, higher.link, "", false, row, "Somebody"); fault.CodeOf(err) != rule.VoiceRow {
			t.Error(row, err)
		}
	}
	p.now += 31 * minute
	lower.begin(true, 0)
	p.now += 31 * minute
	if talk, err := lower.node.Talk(p.ctx, lower.link); talk != nil || err != nil {
		t.Error("words are still shown:", talk, err)
	}
	if _, err := lower.node.HeardTalk(p.ctx, lower.link, true); fault.CodeOf(err) != rule.VoiceNoUse {
		t.Error(err)
	}
}

// Spec: VOI-8. What stands in the store after a row was said leads to no word
// of it; before, the row stands there while it is being said.
func TestWordsAreForgotten(t *testing.T) {
	p, lower, higher := withWords(t)
	before := lower.kept(false)
	a, _ := phoned(lower, higher)
	shown := lower.begin(true, 0)
	row := fmt.Sprint(shown.Rows[0])
	while := lower.kept(false)
	if inJSON := strings.ReplaceAll(row, " ", ","); !bytes.Contains(while, []byte(inJSON)) {
		t.Fatalf("%s is not kept while it is said", inJSON)
	}
	lower.heard(false)
	after := lower.kept(false)
	if inJSON := strings.ReplaceAll(row, " ", ","); bytes.Contains(after, []byte(inJSON)) {
		t.Error("the words are still kept")
	}
	if a.Rows != (voicewords.Row{}) || bytes.Equal(before, after) {
		t.Error("nothing changed")
	}
	p.must(lower.node.EndTalk(p.ctx, lower.link))
	if talk, err := lower.node.Talk(p.ctx, lower.link); talk != nil || err != nil {
		t.Error(talk, err)
	}
	// Rows that stand in the record are not said again, whatever is left here.
	thread := higher.voices()[0].Ref(higher.link)
	_, err := higher.node.Speak(p.ctx, higher.link, act.VoiceUsed, &thread, nil, &act.VoiceUsedBody{Caller: "lower", Row: 3, Officer: officerOf(higher), With: "x",
		At: calendar.Instant(p.now), Purpose: act.PurposeTest, Outcome: act.VoiceProved}, nil, higher.officer)
	p.must(err)
	p.talk()
	if next := lower.begin(true, 0); next.Row != 4 {
		t.Errorf("row %d is said", next.Row)
	}
}

func officerOf(s *side) string { return s.profile.Officers[0].Name }

// Spec: VOI-11. What is printed is not what the node shows, it is printed once,
// and who has no sheet answers from the node.
func TestSheet(t *testing.T) {
	p, lower, higher := withWords(t)
	sheet, err := lower.node.PrintSheet(p.ctx, lower.link)
	p.must(err)
	again, err := lower.node.PrintSheet(p.ctx, lower.link)
	p.must(err)
	if sheet.Number != 1 || again.Number != 2 || sheet.First != voicewords.PaperFrom || len(sheet.Rows[0]) != voicewords.SheetRows || again.First != sheet.First+voicewords.SheetRows {
		t.Errorf("%d from %d, %d", sheet.Number, sheet.First, again.Number)
	}
	_, ours, theirs, sheets, err := lower.node.WordsLeft(p.ctx, lower.link)
	if ours != 256 || theirs != 256 || sheets != voicewords.Sheets-2 || err != nil {
		t.Error(ours, theirs, sheets, err)
	}
	talk := higher.begin(false, sheet.First+2) // the lower side calls from its paper
	if *talk.Hear() != sheet.Rows[0][2][0] || higher.heard(true).Outcome != "" {
		t.Error("the sheet and the node differ")
	}
	if a := higher.begin(true, sheet.First+5); a.Row != sheet.First+5 || *a.Say() != sheet.Rows[1][5][0] { // and is called at it
		t.Errorf("row %d", a.Row)
	}
	if _, err := lower.node.BeginTalk(p.ctx, lower.link, "", false, sheet.First, "Somebody"); fault.CodeOf(err) != rule.VoiceRow {
		t.Error("the node shows what it has printed:", err)
	}
	theirSheet, err := higher.node.PrintSheet(p.ctx, higher.link)
	if err != nil || theirSheet.Number != 2 {
		t.Error("a sheet of which rows were said is printed:", theirSheet.Number, err)
	}
	for range voicewords.Sheets - 2 {
		_, err = lower.node.PrintSheet(p.ctx, lower.link)
		p.must(err)
	}
	if _, err := lower.node.PrintSheet(p.ctx, lower.link); fault.CodeOf(err) != rule.VoiceSheet {
		t.Error(err)
	}
}

// Spec: VOI-13, VOI-14. Whatever is killed and whatever crosses, both nodes
// come to the same words; they are renewed, and the old ones are destroyed.
func TestWordsThroughKills(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		p := newPairUnder(t, withHotline)
		random := rand.New(rand.NewPCG(seed, 5))
		p.now += 11 * minute // the higher side waits for nobody any more: the offers cross
		for _, s := range p.sides {
			s.keep()
		}
		for range 60 {
			s := p.sides[random.IntN(2)]
			switch random.IntN(4) {
			case 0:
				s.start()
			case 1:
				p.now += 1500
				p.must(s.node.Contact(p.ctx, s.link))
			default:
				s.keep()
			}
			if random.IntN(3) == 0 {
				p.now += int64(5 * calendar.Day)
			}
		}
		p.agree()
		if a, b := phoned(p.sides[0], p.sides[1]); a.Outcome != act.VoiceProved || b.Outcome != act.VoiceProved {
			t.Fatalf("seed %d: %s, %s", seed, a.Outcome, b.Outcome)
		}
		held := 0
		for _, x := range p.sides[0].voices() {
			if x.Held {
				held++
			}
		}
		if list := p.sides[0].voices(); len(list) < 3 || held > 1 {
			t.Errorf("seed %d: %d series, %d held", seed, len(list), held)
		}
	}
}

// Spec: VOI-15. A store that was put back says no row twice: it destroys what
// it holds, and both come to new words.
func TestWordsAfterRestore(t *testing.T) {
	p, lower, higher := withWords(t)
	p.back(lower, func() {
		phoned(lower, higher)
		x := lower.voices()[0]
		thread := x.Ref(lower.link)
		_, err := lower.node.Speak(p.ctx, lower.link, act.VoiceUsed, &thread, nil, &act.VoiceUsedBody{Caller: "lower", Row: 1, Officer: officerOf(lower), With: "x",
			At: calendar.Instant(p.now), Purpose: act.PurposeReal, Outcome: act.VoiceProved}, nil, lower.officer)
		p.must(err)
		p.talk()
	})
	if _, err := lower.node.BeginTalk(p.ctx, lower.link, "", true, 0, "Somebody"); fault.CodeOf(err) != rule.ContactRestore {
		t.Error("words while restoring:", err)
	}
	lower.keep()
	lower.finish(t)
	if _, err := lower.node.BeginTalk(p.ctx, lower.link, "", true, 0, "Somebody"); fault.CodeOf(err) != rule.VoiceNone {
		t.Error("words of a backup:", err)
	}
	p.agree()
	if a, b := phoned(lower, higher); a.Outcome != act.VoiceProved || b.Outcome != act.VoiceProved || a.Number != 2 {
		t.Errorf("series %d: %s, %s", a.Number, a.Outcome, b.Outcome)
	}
}

// Spec: VOI-16, VOI-17, VOI-18. What came of a telephone call is told by both
// and fits together on both nodes, and calls of the line are none of it.
func TestWordsAreTold(t *testing.T) {
	p, lower, _ := withWords(t)
	x := lower.voices()[0]
	for _, s := range p.sides {
		thread := s.voices()[0].Ref(s.link)
		body := &act.VoiceUsedBody{Caller: "higher", Row: 1, Officer: officerOf(s), With: "x", At: calendar.Instant(p.now), Purpose: act.PurposeReal, Outcome: act.VoiceFailed}
		_, err := s.node.Speak(p.ctx, s.link, act.VoiceUsed, &thread, nil, body, nil, s.officer)
		p.must(err)
		if _, err := s.node.Speak(p.ctx, s.link, act.VoiceUsed, &thread, nil, body, nil, s.officer); fault.CodeOf(err) != rule.ActItem {
			t.Error("told twice:", err)
		}
		if _, err := s.node.Speak(p.ctx, s.link, act.CallAgree, &thread, nil, &act.AgreeBody{Position: 1}, nil, s.officer); fault.CodeOf(err) != rule.ActKind {
			t.Error("a call's act in a series:", err)
		}
	}
	p.talk()
	p.sides[0].call()
	for _, s := range p.sides {
		list := s.voices()
		if u := list[0].Series.Uses; len(u) != 1 || u[0].Match != voice.Agreed || !u[0].Failed || !voice.Doubted([]*voice.Series{list[0].Series}) {
			t.Errorf("%s: %+v", s.code, u)
		}
		if _, err := s.node.Call(p.ctx, s.link, list[0].ID); s == p.sides[0] && err == nil {
			t.Error("a series is folded as a call")
		}
	}
	calls := 0
	p.must(p.sides[0].node.Calls(p.ctx, p.sides[0].link, func(*node.Called) bool { calls++; return true }))
	if calls != 1 {
		t.Errorf("%d calls", calls)
	}
	id, err := lower.link.FindVoice(lower.link.VoiceName(x.ID))
	if err != nil || id != x.ID {
		t.Error(id, err)
	}
}
