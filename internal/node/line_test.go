package node_test

import (
	"strings"
	"testing"

	"parley.example/internal/silence"
	"parley.example/internal/store"
	"parley.example/wire/audit"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
	"parley.example/wire/withheld"

	"parley.example/internal/node"
)

const hour = 60 * 60 * 1000

// line is all that a side knows of the line.
func (s *side) line() node.Line {
	s.p.t.Helper()
	line, err := s.node.Line(s.p.ctx, s.link)
	s.p.must(err)
	return line
}

// said is the hello in the newest turn that a side dialled with; nil for none.
func (s *side) said() *contact.Hello {
	s.p.t.Helper()
	turn, err := contact.DecodeTurn(s.sent)
	s.p.must(err)
	if len(turn.Hello) == 0 {
		return nil
	}
	h, err := contact.DecodeHello(turn.Hello)
	s.p.must(err)
	return h
}

func (s *side) contact() {
	s.p.t.Helper()
	s.p.must(s.node.Contact(s.p.ctx, s.link))
}

// An hour after the last hello another goes, whoever dials: also from a side
// that only answers, to one that says none itself.
//
// Spec: SIL-1, CON-3.
func TestHelloEveryHour(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	us.contact()
	answered := 0
	cn.misses = func(turn *contact.Turn) { turn.Hello = nil }
	cn.tamper = func(turn *contact.Turn) {
		if len(turn.Hello) > 0 {
			answered++
		}
	}
	for _, c := range []struct {
		pass int64
		want int
	}{{hour / 2, 0}, {hour / 2, 1}, {hour / 2, 1}, {hour / 2, 2}} {
		p.now += c.pass
		us.contact()
		if answered != c.want {
			t.Errorf("%d hellos in answers, want %d", answered, c.want)
		}
	}
	cn.misses = nil
	p.now += hour
	us.contact()
	if us.said() == nil {
		t.Error("the side that dials says no hello after an hour")
	}
}

// Carriers in a hello are those that were heard within the hour.
//
// Spec: SIL-2.
func TestCarriersUp(t *testing.T) {
	p := newPair(t)
	us := p.sides[0]
	us.firstTurn()
	us.contact()
	if h := us.said(); h == nil || len(h.Carriers) != 1 || h.Carriers[0] != "https" {
		t.Errorf("after something was heard: %+v", h)
	}
	p.now += hour + 1
	us.contact()
	if h := us.said(); h == nil || len(h.Carriers) != 0 {
		t.Errorf("an hour after: %+v", h)
	}
}

// What is declared is keyed for each link, and a change is kept and shown.
//
// Spec: SIL-4.
func TestConfigFingerprint(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	before := us.line()
	cn.config = [32]byte{1}
	cn.start()
	p.talk()
	after := us.line()
	if len(before.Declared) != 1 || len(after.Declared) != 2 || after.Declared[0] != before.Declared[0] {
		t.Fatalf("declared %+v, then %+v", before.Declared, after.Declared)
	}
	if got := after.Declared[1].Config; got != after.Hello.Config || got == before.Hello.Config || got == cn.config || got != cn.line().Config {
		t.Errorf("it declares %x", got)
	}
	if real, exercise := cn.node.Links()[0], cn.node.Links()[1]; real.Realm != exercise.Realm {
		a, err := cn.node.Line(p.ctx, real)
		p.must(err)
		b, err := cn.node.Line(p.ctx, exercise)
		p.must(err)
		if a.Config == b.Config {
			t.Error("two links can compare")
		}
	}
	p.talk()
	if again := us.line(); len(again.Declared) != 2 {
		t.Errorf("the same is declared again: %+v", again.Declared)
	}
}

// An alarm begins and ends once, also over a start of the node; before the
// limit there is none.
//
// Spec: SIL-9, SIL-11, SIL-13.
func TestAlarm(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	watch := func() {
		t.Helper()
		for _, s := range p.sides {
			p.must(s.node.Watch(p.ctx))
		}
	}
	watch()
	p.now += us.line().Limits.Silent // neither card names an address: as long as a courier may take
	watch()
	if len(us.alarms)+len(cn.alarms) != 0 {
		t.Fatalf("at the limit: %+v %+v", us.alarms, cn.alarms)
	}
	p.now += 10_000
	for range 3 {
		watch()
		us.start()
	}
	for _, s := range p.sides {
		// The exercise line is as silent.
		if len(s.alarms) != 2 || !s.alarms[0].Begun || s.alarms[0].Kind != silence.Carrier {
			t.Fatalf("%s: %+v", s.code, s.alarms)
		}
	}
	if st := us.state(); !st.Silence.Alarm || st.Silence.Kind != silence.Carrier {
		t.Errorf("status: %+v", st.Silence)
	}
	p.talk()
	watch()
	watch()
	for _, s := range p.sides {
		if len(s.alarms) != 3 || s.alarms[2].Begun || s.alarms[2].Link.Realm != party.Real {
			t.Errorf("%s: %+v", s.code, s.alarms)
		}
		line := s.line()
		if line.State.Kind != silence.None || len(line.Alarms) != 1 || line.Alarms[0].Ended != p.now {
			t.Errorf("%s: %+v, %+v", s.code, line.State, line.Alarms)
		}
	}
}

// A side that is told of an entry and never gets it: what was tried is kept,
// and after the agreed time there is a proof.
//
// Spec: SIL-5, SIL-8, SIL-12, SIL-14, WTH-11, LNK-40.
func TestWithheldProof(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	ref := us.ask("not stored")
	if _, err := us.node.WithheldBundle(p.ctx, us.link, statement.Routine, ref.Position, true); !fault.Is(err, rule.LineNotTold) {
		t.Errorf("before anybody knew: %v", err)
	}
	turns := 0
	cn.misses = func(turn *contact.Turn) { turn.Push, turns = nil, turns+1 }
	for range 6 {
		p.now += hour
		us.contact()
	}
	if turns > 2*6 {
		t.Errorf("what is not taken was sent %d times in 6 contacts", turns)
	}
	line := us.line()
	if line.State.Kind != silence.Stores || !line.State.Alarm || len(line.Items) != 1 || line.Items[0].Stored {
		t.Fatalf("%+v, %+v", line.State, line.Items)
	}
	if n := len(line.Attempts); n != 6 || line.Attempts[0].Count != 1 || line.Attempts[0].Code != "" {
		t.Errorf("attempts %+v", line.Attempts)
	}
	raw, err := us.node.WithheldBundle(p.ctx, us.link, statement.Routine, ref.Position, true)
	p.must(err)
	f, err := withheld.Verify(raw, us.link.Us, cn.link.Us)
	if err != nil || f.Position != ref.Position || f.Stored || f.Last-f.Knew < 4*hour || !f.Sealed {
		t.Fatalf("%+v, %v", f, err)
	}
	if _, err := audit.Verify(raw); err == nil {
		t.Error("it passes for a disclosure")
	}
	// When it comes after all, nothing is outstanding, and there is no proof.
	cn.misses = nil
	p.talk()
	if line := us.line(); line.State.Kind != silence.None || line.Items != nil {
		t.Errorf("%+v, %+v", line.State, line.Items)
	}
	if _, err := us.node.WithheldBundle(p.ctx, us.link, statement.Routine, ref.Position, true); !fault.Is(err, rule.LineReceipted) {
		t.Errorf("after the receipt: %v", err)
	}
}

// A digest that is read out is found where it is, and a note of it is kept.
//
// Spec: WTH-4.
func TestEnterDigest(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	ref := us.ask("read out")
	p.talk()
	entry, err := us.node.SpokenEntry(p.ctx, us.link, true, statement.Routine, ref.Position)
	p.must(err)
	head, size, err := us.node.SpokenHead(p.ctx, us.link, true, statement.Routine)
	p.must(err)
	cn.misses = func(turn *contact.Turn) { turn.Push = nil }
	us.ask("known, and not stored")
	p.now += hour
	us.contact()
	ahead, _, err := us.node.SpokenHead(p.ctx, us.link, true, statement.Routine)
	p.must(err)
	exercise, err := us.node.Link("cn", party.Exercise)
	p.must(err)
	unknown, err := us.node.SpokenEntry(p.ctx, exercise, true, statement.Control, 0)
	p.must(err)
	for _, c := range []struct {
		text   string
		what   uint8
		number uint64
	}{
		{entry.String(), node.ToldEntry, ref.Position},
		{strings.ReplaceAll(head.String(), " ", ""), node.ToldHead, size},
		{ahead.String(), node.ToldAhead, size + 1},
		{unknown.String(), node.ToldNothing, 0},
	} {
		got, err := cn.node.Enter(p.ctx, cn.link, c.text)
		got.Signature = party.Signature{}
		if err != nil || got.What != c.what || got.Number != c.number || (c.what != node.ToldNothing && (got.Own || got.Channel != statement.Routine)) {
			t.Errorf("%s: %+v, %v", c.text, got, err)
		}
		if (got.Receipted > 0) != (c.what == node.ToldEntry || c.what == node.ToldHead) {
			t.Errorf("%s: receipted %d", c.text, got.Receipted)
		}
	}
	if _, err := cn.node.Enter(p.ctx, cn.link, "1"); !fault.Is(err, rule.SpokenDigits) {
		t.Error(err)
	}
	if list := cn.line().Told; len(list) != 4 || list[0].What != node.ToldEntry || list[0].Digest != entry.String() {
		t.Errorf("kept: %+v", list)
	}
}

// What is kept of a line is bounded, whatever hours the other side's clock names.
func TestWitnessesBounded(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	us.ask("never receipted")
	cn.misses = func(turn *contact.Turn) { turn.Push = nil }
	const hours = 800
	for range hours {
		p.now += hour
		us.contact()
	}
	kept := 0
	p.must(us.store.View(p.ctx, func(r store.Reader) error {
		return r.Records("kept.witness", "", "", func(store.Record) bool { kept++; return true })
	}))
	if kept == 0 || kept > 2*2*768 {
		t.Errorf("%d hellos are kept", kept)
	}
	if n := len(us.line().Attempts); n > 1024 {
		t.Errorf("%d attempts are kept", n)
	}
}

// TestRemembersWhatIsOutstanding: memory holds the own entries that the other
// side may not have, and no others: where one side alone speaks, not all the
// receipts that the other gave for it either, which nobody receipts.
func TestRemembersWhatIsOutstanding(t *testing.T) {
	p := newPair(t)
	for range 12 {
		p.sides[0].ask("one of many")
		p.talk()
		for i, s := range p.sides {
			if entries, wrong := s.link.Remembers(); entries > 2 || wrong != 0 {
				t.Fatalf("side %d remembers %d own entries, and %d bytes too many", i, entries, wrong)
			}
		}
	}
	for range 5 {
		p.sides[0].ask("not delivered yet")
	}
	if entries, wrong := p.sides[0].link.Remembers(); entries < 5 || wrong != 0 {
		t.Errorf("%d own entries are remembered of five that are outstanding, and %d bytes too many", entries, wrong)
	}
	p.talk()
	p.verified()
}
