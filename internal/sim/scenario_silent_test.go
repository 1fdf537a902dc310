package sim

import (
	"encoding/hex"
	"slices"
	"testing"

	"parley.example/internal/procedure/casework"
	"parley.example/internal/silence"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/arrangement"
	"parley.example/wire/contact"
	"parley.example/wire/withheld"
)

// withheldAlike has both sides say what of one side's is outstanding, at the
// newest instant that both know of, and holds the two against each other.
func (w *world) withheldAlike(writer *side) (items []silence.Item) {
	reader := writer.other()
	instant := reader.lastAnswered()
	items, err := writer.node.Outstanding(w.ctx, writer.link, true, instant)
	w.must(err)
	again, err := reader.node.Outstanding(w.ctx, reader.link, false, instant)
	w.must(err)
	if !slices.Equal(items, again) {
		w.check.fail("silence-alike", "%s finds %+v outstanding, %s finds %+v", writer.code, items, reader.code, again)
	}
	d := writer.inForce()
	over := 0
	for _, item := range items {
		if item.Over(d.Quotas.ReceiptWithheldSeconds * 1000) {
			over++
		}
	}
	writer.say("and %s find %d runs without a receipt, %d of them withheld", reader.code, len(items), over)
	return items
}

// lastAnswered is the time of a side's newest hello that the other is known to
// have heard.
func (s *side) lastAnswered() (at int64) {
	s.read(func(r store.Reader) error {
		id := s.link.ID()
		raw, err := r.Record("kept.hellos", hex.EncodeToString(id[:])+"/own")
		if err != nil {
			return err
		}
		h, err := contact.DecodeHello(raw)
		at = h.Time
		return err
	})
	return at
}

// hourly has one side dial once an hour.
func (w *world) hourly(i, times int) {
	for range times {
		w.pass(hour + minute)
		w.talk(i)
	}
}

// watched is which silence a side sees, after it looked.
func (w *world) watched(s *side) silence.State {
	w.must(s.node.Watch(w.ctx))
	line, err := s.node.Line(w.ctx, s.link)
	w.must(err)
	kind := line.State.Kind
	if kind == silence.None {
		kind = "none"
	}
	alarm := "no alarm"
	if line.State.Alarm {
		alarm = "alarm"
	}
	s.say("sees the silence %s, %s", kind, alarm)
	return line.State
}

// notLate: what a party did in time is never counted as late or not done for
// want of a receipt that the other owes.
func (w *world) notLate(th thread, debtor int, done string) {
	for _, s := range w.sides {
		f, err := s.node.Fold(w.ctx, s.link, th.id(s))
		if err != nil {
			continue
		}
		name := "lower"
		if w.sides[debtor].link.Higher() {
			name = "higher"
		}
		for _, o := range f.Thread.Obligations {
			if o.Debtor == name && o.Step == done {
				s.say("counts %s of %s as %s", o.Step, w.sides[debtor].code, o.State)
				w.wantTrue(o.State != casework.Late && (s.i != debtor || o.State != casework.Overdue), "not late for want of a receipt")
			}
		}
	}
}

// silent is a story of a partner that is silent in some way.
func silent(t *testing.T, name string, tell func(w *world)) {
	scenario(t, name, func(w *world) {
		w.check.calm = true
		w.talk(0)
		tell(w)
		w.net.tamper = nil
		w.net.calm()
		w.net.tamper = nil
		for range 4 {
			w.hourly(0, 1)
			w.talk(1)
		}
		w.say("", "--- it speaks again")
		w.settle()
		for _, s := range w.sides {
			w.wantTrue(w.watched(s) == (silence.State{Since: w.watched(s).Since}), "the silence is over")
		}
		for _, s := range w.sides {
			line, err := s.node.Line(w.ctx, s.link)
			w.must(err)
			w.wantTrue(len(line.Items) == 0 && len(line.Owing) == 0, "nothing is outstanding any more")
		}
	})
}

// Spec: SIL-5, SIL-6, SIL-7, SIL-8, SIL-9. A partner that takes entries, gives
// no receipt, and says nothing else; one that answers hellos and stores
// nothing; one that takes nothing at all, and is back after twenty days.
func TestSilentPartner(t *testing.T) {
	t.Run("withholds", func(t *testing.T) {
		silent(t, "silent-withholds", func(w *world) {
			us, cn := w.sides[0], w.sides[1]
			asked := w.matter(1)
			w.talk(1)
			w.net.tamper = func(from *side, turn *contact.Turn) {
				if from == cn {
					turn.Push, turn.Outcome = nil, nil
				}
			}
			w.wantTrue(w.move(0, asked, act.RequestAccept) == nil, "accepted in time")
			w.hourly(0, 7)
			items := w.withheldAlike(us)
			w.wantTrue(len(items) > 0 && items[0].Stored, "stored, and no receipt")
			w.wantTrue(w.watched(us) == silence.State{Kind: silence.Withheld, Since: items[0].Since, Alarm: true}, "withheld")
			w.notLate(asked, 0, arrangement.Acknowledge)
			w.proof(us, items[0].To-1, true)
		})
	})
	t.Run("stores nothing", func(t *testing.T) {
		silent(t, "silent-stores-nothing", func(w *world) {
			us, cn := w.sides[0], w.sides[1]
			asked := w.matter(1)
			w.talk(1)
			w.net.tamper = func(from *side, turn *contact.Turn) {
				if from == us {
					turn.Push = nil
				}
			}
			w.wantTrue(w.move(0, asked, act.RequestAccept) == nil, "accepted in time")
			w.hourly(0, 3)
			w.matter(0)
			w.hourly(0, 4)
			items := w.withheldAlike(us)
			w.wantTrue(len(items) == 2 && !items[0].Stored && items[0].Since < items[1].Since, "two runs, told of one after the other")
			w.wantTrue(w.watched(us).Kind == silence.Stores && w.watched(us).Alarm, "stores nothing")
			w.wantTrue(!w.watched(cn).Alarm, "it is heard all the time")
			w.notLate(asked, 0, arrangement.Acknowledge)
			w.proof(us, items[0].To-1, false)
		})
	})
	t.Run("takes nothing", func(t *testing.T) {
		silent(t, "silent-takes-nothing", func(w *world) {
			us := w.sides[0]
			asked := w.matter(1)
			w.talk(1)
			w.net.dial = [2]bool{}
			w.wantTrue(w.move(0, asked, act.RequestAccept) == nil, "accepted in time")
			w.talk(0)
			w.pass(20 * day)
			w.talk(0)
			for _, s := range w.sides {
				state := w.watched(s)
				w.wantTrue(state.Kind == silence.Carrier && state.Alarm, "both are alarmed")
				w.must(s.node.Digest(w.ctx, s.link))
			}
			w.wantTrue(len(w.withheldAlike(us)) == 0, "nobody can prove anything of it")
			w.notLate(asked, 0, arrangement.Acknowledge)
		})
	})
}

// proof makes the bundle of an entry and checks it as a stranger would.
func (w *world) proof(s *side, position uint64, stored bool) {
	raw, err := s.node.WithheldBundle(w.ctx, s.link, 3, position, true)
	w.must(err)
	if err != nil || w.verifier != nil {
		_, err = withheld.Decode(raw) // the signatures of this world are cheap
		w.must(err)
		s.say("writes a proof that entry %d is withheld", position)
		return
	}
	f, err := withheld.Verify(raw, s.link.Us, s.link.Them)
	w.must(err)
	w.wantTrue(f != nil && f.Stored == stored, "the proof says what was said")
}

// TestLyingPartner: in between, pushes come that are forged, of another log,
// unsigned, or with a gap. Each is refused and leaves nothing; control and all
// else go on, and nobody is accused of a silence.
func TestLyingPartner(t *testing.T) {
	scenario(t, "lying-partner", func(w *world) {
		w.check.calm = true
		us, cn := w.sides[0], w.sides[1]
		lies := map[string]func(*contact.Push){
			"a leaf is changed":          func(p *contact.Push) { p.Entries[0].Leaf[len(p.Entries[0].Leaf)-1] ^= 1 },
			"the sealed bytes are":       func(p *contact.Push) { p.Entries[len(p.Entries)-1].Blob = []byte("forged") },
			"an entry is left out":       func(p *contact.Push) { p.Entries = p.Entries[1:] },
			"the last entry is left out": func(p *contact.Push) { p.Entries = p.Entries[:len(p.Entries)-1] },
			"it begins later":            func(p *contact.Push) { p.From++ },
			"it is of another log":       func(p *contact.Push) { p.Origin = cn.origin(true, 2).String() },
			"the head is not signed":     func(p *contact.Push) { p.Head = p.Head[:len(p.Head)/2] },
		}
		var names []string
		for name := range lies {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			w.matter(1)
			held := w.check.state(us, false, 3).Tree.Size
			w.net.tamper = func(from *side, turn *contact.Turn) {
				if from == cn && turn.Push != nil && turn.Push.Channel == 3 && len(turn.Push.Entries) > 0 {
					lies[name](turn.Push)
				}
			}
			w.say("", "--- %s", name)
			w.talk(1)
			w.wantTrue(w.check.state(us, false, 3).Tree.Size == held, "nothing of it is stored: "+name)
			_, err := w.tell(us, act.Suspend, nil, &act.SuspendBody{Types: []string{}, Areas: []string{}, Reason: "other", Note: w.words()})
			w.must(err)
			w.net.tamper = nil
			w.talk(0)
			w.wantTrue(w.check.state(cn, false, 1).Tree.Size == w.check.state(us, true, 1).Tree.Size, "control goes on: "+name)
			w.wantTrue(w.check.state(us, false, 3).Mode == 0, "nothing is frozen: "+name)
		}
		w.settle()
		for _, s := range w.sides {
			w.wantTrue(!w.watched(s).Alarm, "nobody is silent")
		}
	})
}
