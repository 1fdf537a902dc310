package sim

import (
	"os"
	"testing"

	"parley.example/internal/procedure/voice"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
	words "parley.example/wire/voice"
)

// TestWordsOfAYear lives through a year of words for the telephone, through
// crashes, broken lines and clocks that are wrong: what one side says is what
// the other waits for, no row is said twice by anybody, both agree on a series
// as soon as they have talked, and the record has what both said of it.
//
// Spec: VOI-9. Spec: VOI-13. Spec: VOI-14. Spec: VOI-17.
func TestWordsOfAYear(t *testing.T) {
	days := int64(130)
	if *longFlag || os.Getenv("PARLEY_LONG") != "" {
		days = 366
	}
	from, err := calendar.ParseInstant("2024-01-01T08:00:00Z")
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, 61, options{name: "certs", began: int64(from), pace: day})
	w.found()
	p := &phones{world: w, said: map[words.Row]bool{}}
	for w.check.first == nil && w.now < w.began+days*day {
		p.step(t)
	}
	w.net.calm()
	for range 4 {
		w.pass(hour)
		p.keep()
		w.both()
	}
	w.settle()
	if v := w.check.first; v != nil {
		t.Fatal(w.report(v))
	}
	before := p.proved
	p.call(t, 0)
	if p.proved == before || p.proved < int(days/20) {
		t.Errorf("%d telephone calls were proved in %d days, %d were not", p.proved, days, p.refused)
	}
	list, err := w.sides[0].node.Voices(w.ctx, w.sides[0].link)
	if err != nil || len(list) < int(days/70) {
		t.Errorf("%d series: %v", len(list), err)
	}
	agreed := 0
	for _, x := range list {
		for _, u := range x.Series.Uses {
			if u.Match == voice.Agreed {
				agreed++
			}
		}
	}
	if agreed == 0 {
		t.Error("no two sides said the same of a row")
	}
	t.Logf("%d series, %d calls proved, %d not, %d agreed", len(list), p.proved, p.refused, agreed)
}

// phones are the telephones of both sides, which always work.
type phones struct {
	*world
	said            map[words.Row]bool
	proved, refused int
}

func (p *phones) step(t *testing.T) {
	p.steps++
	p.pass(p.between(hour, 45*hour))
	s := p.sides[p.rng.IntN(2)]
	switch n := p.rng.IntN(100); {
	case n < 15:
		s.crash()
	case n < 20:
		s.skew = p.between(-20*minute, 20*minute)
	case n < 35:
		p.line(s)
	case n < 60:
		p.net.calm()
	}
	for _, s := range p.sides {
		if !s.up() && p.chance(70) {
			s.start()
		}
	}
	p.keep()
	p.both()
	if p.chance(40) {
		p.call(t, p.rng.IntN(2))
	}
	p.check.step()
}

// keep has both nodes do what they owe for words.
func (p *phones) keep() {
	for _, s := range p.sides {
		if s.up() {
			if _, err := s.node.KeepWords(p.ctx, s.link); err != nil {
				s.say("words: %s", brief(err))
			}
		}
	}
}

// call is one telephone call, which needs both nodes and no line.
func (p *phones) call(t *testing.T, from int) {
	t.Helper()
	caller, called := p.sides[from], p.sides[1-from]
	if !caller.up() || !called.up() {
		return
	}
	a, err := caller.node.BeginTalk(p.ctx, caller.link, "", true, 0, "")
	if err != nil {
		p.refused++
		return
	}
	if p.said[a.Rows] {
		t.Fatalf("row %d of series %d is said again", a.Row, a.Number)
	}
	p.said[a.Rows] = true
	b, err := called.node.BeginTalk(p.ctx, called.link, caller.link.VoiceName(a.Series), false, a.Row, "")
	if fault.Is(err, rule.VoiceNone) {
		p.refused++ // it has not heard of this series, or holds a later one alone
		return
	}
	if err != nil {
		t.Fatalf("row %d of series %d: %v", a.Row, a.Number, err)
	}
	if a.Rows != b.Rows {
		t.Fatalf("row %d of series %d differs", a.Row, a.Number)
	}
	p.proved++
	for _, s := range []*side{caller, called} {
		body := &act.VoiceUsedBody{Caller: sideOf(caller.link.Higher()), Row: int64(a.Row), Officer: s.ladder[0].name, With: "somebody",
			At: calendar.Instant(min(s.clock(), p.now)), Purpose: act.PurposeTest, Outcome: act.VoiceProved}
		id, err := s.link.FindVoice(caller.link.VoiceName(a.Series))
		if err != nil {
			t.Fatal(err)
		}
		x, err := s.node.Voice(p.ctx, s.link, id)
		if err != nil {
			continue
		}
		thread := x.Ref(s.link)
		if _, err := s.node.Speak(p.ctx, s.link, act.VoiceUsed, &thread, nil, body, nil, s.ladder[0].FileSigning); err != nil {
			s.say("telling of words: %s", brief(err))
		}
	}
}
