package node_test

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"testing"

	"parley.example/internal/link"
	"parley.example/internal/node"
	"parley.example/wire/contact"
	"parley.example/wire/fault"
	"parley.example/wire/ledger"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
)

// back puts an old copy of a side's store in place of the newer one.
func (p *pair) back(s *side, lost func()) {
	p.t.Helper()
	snapshot := s.store.Snapshot()
	lost()
	s.store.Restore(snapshot)
	s.start()
	if got := s.state().State; got != "restoring" {
		p.t.Fatalf("a store behind its note is %s", got)
	}
	if _, err := s.tryAsk("too early"); !fault.Is(err, rule.ContactRestore) {
		p.t.Fatalf("writing while restoring gives %v", err)
	}
}

// A file with a head of ours shows that head as a delivery does: the note has it
// first, or a backup put back after it might go on as if nobody knew.
// Spec: LNK-31.
func TestNoteBeforeFiles(t *testing.T) {
	p := newPair(t)
	us := p.sides[0]
	us.ask("known")
	p.talk()
	for name, leave := range map[string]func(at uint64) error{
		"a disclosure": func(at uint64) error {
			_, err := us.node.Disclose(p.ctx, us.link, statement.Routine, []node.Shown{{Own: true, Position: at}}, nil)
			return err
		},
		"a cut file": func(uint64) error {
			_, err := us.node.MakeCut(p.ctx, us.link, p.now)
			return err
		},
	} {
		noted := func() uint64 {
			note, err := us.notes.Read(us.link.ID())
			p.must(err)
			return note.Heads[statement.Routine-1].Size.Size
		}
		us.ask("said and not sent")
		size := us.state().Own[statement.Routine-1].Size
		if noted() >= size {
			t.Fatalf("%s: the note has %d of %d entries before anything leaves", name, noted(), size)
		}
		p.must(leave(size - 1))
		if noted() != size {
			t.Errorf("%s left, and the note has %d of %d entries", name, noted(), size)
		}
	}
}

// A backup taken while the node stood still, put back after more was said: own
// entries come back, the logs have ended, and go on when the root says so.
// Spec: LNK-31 to LNK-38.
func TestRestoreRenewed(t *testing.T) {
	for _, listens := range []bool{false, true} {
		t.Run(fmt.Sprintf("only listens %v", listens), func(t *testing.T) {
			p := newPair(t)
			us, cn := p.sides[0], p.sides[1]
			us.ask("kept")
			p.talk()
			p.back(us, func() {
				us.start() // another process, which opens an epoch of its own
				us.ask("lost")
				cn.ask("theirs")
				p.talk()
			})
			if cn.deaf = listens; !listens {
				p.must(us.node.Contact(p.ctx, us.link))
				p.must(us.node.Contact(p.ctx, us.link))
			} else {
				for range 3 { // it cannot dial: the other side does
					p.must(cn.node.Contact(p.ctx, cn.link))
				}
			}
			cn.deaf = false
			st := us.state()
			if st.State != "ready" || st.Modes[0][2] != 3 {
				t.Fatalf("after the answer: %+v", st)
			}
			if !st.Sealed || us.titles()["lost"] {
				t.Fatalf("an epoch opened after the backup is read without the archive key: sealed %v", st.Sealed)
			}
			p.must(us.node.Contact(p.ctx, us.link))
			if _, err := us.tryAsk("under the old origin"); !fault.Is(err, rule.ContactFrozen) {
				t.Fatalf("writing to an ended log gives %v", err)
			}
			if n, err := us.node.Recover(p.ctx, us.link, us.archive.PrivateKey); err != nil || n == 0 {
				t.Fatalf("%d acts recovered, %v", n, err)
			}
			if us.state().Sealed {
				t.Error("everything was opened, and it still waits for the archive key")
			}
			if n, err := us.node.Renew(p.ctx, us.link, node.RootSigning(us.root)); err != nil || n != 2 {
				t.Fatalf("%d logs renewed, %v", n, err)
			}
			us.ask("afterwards")
			p.talk()
			for _, s := range p.sides {
				for _, title := range []string{"kept", "lost", "theirs", "afterwards"} {
					if !s.titles()[title] {
						t.Errorf("%s has no request %q", s.code, title)
					}
				}
			}
			p.verified()
			if st := cn.state(); st.Theirs[2].Generation != 1 {
				t.Errorf("the partner has the routine log in generation %d", st.Theirs[2].Generation)
			}
			for _, s := range p.sides {
				for _, line := range s.incidents() {
					if strings.Contains(line, string(rule.ForkProved)) {
						t.Errorf("%s took a restore for a fork: %s", s.code, line)
					}
				}
			}
		})
	}
}

// A thread begun before a restore goes on in the next generation, on both sides
// alike. Spec: EVI-12.
func TestThreadAcrossGenerations(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	opened := us.ask("kept")
	p.talk()
	p.back(us, func() { us.ask("lost"); p.talk() })
	us.finish(t)
	p.talk()
	thread := us.link.Place(true, 0, opened.Position)
	question, err := cn.node.Speak(p.ctx, cn.link, "request.ask", ref(cn.link.Place(false, 0, opened.Position)), nil, say("who?"), nil, cn.officer)
	p.must(err)
	p.talk()
	reply, err := us.node.Speak(p.ctx, us.link, "request.reply", &thread, []statement.Ref{us.link.Place(false, 0, question.Position)}, say("he"), nil, us.officer)
	p.must(err)
	p.talk()
	for _, s := range p.sides {
		id, err := s.link.FindRequest("us-" + fault.Int(opened.Position))
		p.must(err)
		f, err := s.node.Fold(p.ctx, s.link, id)
		p.must(err)
		if len(f.Thread.NotInOrder) > 0 || len(f.Thread.Questions) != 1 || f.Thread.Questions[0].Reply == nil || f.Thread.Questions[0].Reply.Position != reply.Position {
			t.Errorf("%s: questions %+v, not in order %+v", s.code, f.Thread.Questions, f.Thread.NotInOrder)
		}
	}
	p.verified()
}

// finish does what the administrator does: contact, archive key, root key.
func (s *side) finish(t *testing.T) {
	t.Helper()
	for range 3 {
		s.p.must(s.node.Contact(s.p.ctx, s.link))
	}
	_, err := s.node.Recover(s.p.ctx, s.link, s.archive.PrivateKey)
	s.p.must(err)
	if n, err := s.node.Renew(s.p.ctx, s.link, node.RootSigning(s.root)); err != nil || n == 0 {
		t.Fatalf("%d logs renewed, %v", n, err)
	}
}

// A node that stopped in order, whose store then went back, goes on by itself
// when the note, the answer and the entries agree. Spec: LNK-36.
func TestRestoreClean(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	us.ask("kept")
	p.talk()
	p.back(us, func() {
		us.ask("lost")
		p.talk()
		p.must(us.node.Stop())
	})
	for range 2 {
		p.must(us.node.Contact(p.ctx, us.link))
	}
	if st := us.state(); st.State != "ready" || st.Modes[0] != [3]uint8{} || st.Own[2].Generation != 0 {
		t.Fatalf("a clean note that agrees does not let it go on: %+v", st)
	}
	_, err := us.node.Recover(p.ctx, us.link, us.archive.PrivateKey)
	p.must(err)
	us.ask("afterwards")
	p.talk()
	for _, title := range []string{"kept", "lost", "afterwards"} {
		if !us.titles()[title] || !cn.titles()[title] {
			t.Errorf("request %q: here %v, there %v", title, us.titles()[title], cn.titles()[title])
		}
	}
	p.verified()
}

// A clean note that names more than anybody can give back does not let it go
// on: what was lost may have left. A second restore finds the same.
func TestRestoreCleanBeyond(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	us.ask("kept")
	p.talk()
	snapshot := us.store.Snapshot()
	p.back(us, func() {
		cn.deaf = true
		us.ask("never delivered")
		p.must(us.node.Stop())
		cn.deaf = false
	})
	p.must(us.node.Contact(p.ctx, us.link))
	if st := us.state(); st.State != "ready" || st.Modes[0][2] != 3 {
		t.Fatalf("%+v", st)
	}
	p.must(us.node.Stop()) // must not overwrite what the note knows of the ended log
	us.store.Restore(snapshot)
	us.start()
	p.must(us.node.Contact(p.ctx, us.link))
	if st := us.state(); st.State != "ready" || st.Modes[0][2] != 3 {
		t.Fatalf("the second restore of the same backup: %+v", st)
	}
}

// Without a note nothing is written before the other side answered, and the
// logs have ended. Spec: LNK-33.
func TestRestoreWithoutNote(t *testing.T) {
	p := newPair(t)
	us := p.sides[0]
	us.ask("kept")
	p.talk()
	p.back(us, func() { us.notes.kept = map[[32]byte][]byte{} })
	p.must(us.node.Contact(p.ctx, us.link))
	if st := us.state(); st.State != "ready" || st.Modes[0][0] != 3 || st.Modes[0][2] != 3 {
		t.Fatalf("%+v", st)
	}
}

// What was in the backup and never delivered goes before the log begins anew,
// and until it has gone no generation is opened: the other side could not take
// one that begins beyond what it holds. Spec: LNK-6, LNK-37, LNK-38.
func TestRestoreUndelivered(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	us.ask("kept")
	p.talk()
	us.ask("in the backup, and never delivered")
	p.back(us, func() { us.notes.kept = map[[32]byte][]byte{} })
	cn.tamper = func(answer *contact.Turn) {
		cn.deaf = len(answer.Hello) > 0 // nothing comes through after its hello
	}
	us.node.Contact(p.ctx, us.link)
	cn.tamper, cn.deaf = nil, false
	if st := us.state(); st.State != "ready" || st.Modes[0][2] != link.Ended {
		t.Fatalf("after the answer: %+v", st)
	}
	if _, err := us.node.Renew(p.ctx, us.link, node.RootSigning(us.root)); !fault.Is(err, rule.ContactRestore) {
		t.Fatalf("opened beyond what the other side holds: %v", err)
	}
	us.finish(t)
	us.ask("afterwards")
	p.talk()
	if !cn.titles()["afterwards"] || !cn.titles()["in the backup, and never delivered"] {
		t.Errorf("%v arrived", cn.titles())
	}
	p.verified()
}

// What was lost may be more than one delivery holds.
func TestRestoreManyDeliveries(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("a thousand entries are signed")
	}
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	us.ask("kept")
	p.talk()
	const lost = ledger.MaxEntries + 40
	p.back(us, func() {
		for i := range lost {
			us.ask(fmt.Sprint("lost ", i))
		}
		p.talk()
	})
	us.finish(t)
	us.ask("afterwards")
	p.talk()
	if have, theirs := len(us.titles()), len(cn.titles()); have != lost+2 || theirs != lost+2 {
		t.Errorf("%d requests here, %d there", have, theirs)
	}
	p.verified()
}

// A partner that gives back something else gets nothing into our log, and one
// that gives back the truth afterwards does.
func TestRestoreForged(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	us.ask("kept")
	p.talk()
	p.back(us, func() { us.ask("lost"); p.talk() })
	size := us.state().Own[2].Size
	for name, forge := range map[string]func(*contact.Push){
		"another leaf":    func(q *contact.Push) { q.Entries[0].Leaf[40] ^= 1 },
		"another blob":    func(q *contact.Push) { q.Entries[0].Blob = []byte("x") },
		"one less":        func(q *contact.Push) { q.Entries = q.Entries[1:] },
		"another head":    func(q *contact.Push) { q.Head = strings.Replace(q.Head, "\n\n", "\nx\n\n", 1) },
		"from elsewhere":  func(q *contact.Push) { q.From++ },
		"another channel": func(q *contact.Push) { q.Channel = 2 },
	} {
		cn.tamper = func(t *contact.Turn) {
			if t.Push != nil && t.Push.Own {
				forge(t.Push)
			}
		}
		p.must(us.node.Contact(p.ctx, us.link))
		if st := us.state(); st.State != "restoring" || st.Own[2].Size != size {
			t.Fatalf("%s: %+v", name, st)
		}
	}
	cn.tamper = nil
	us.finish(t)
	p.talk()
	p.verified()
}

// A restore from before a restore: the generation that was lost comes back, and
// is followed by the next. Spec: LNK-37, EVI-10.
func TestRestoreTwice(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	us.ask("kept")
	p.talk()
	oldest := us.store.Snapshot()
	p.back(us, func() { us.ask("lost"); p.talk() })
	us.finish(t)
	us.ask("second life")
	p.talk()
	us.store.Restore(oldest)
	us.start()
	us.finish(t)
	us.ask("third life")
	p.talk()
	for _, title := range []string{"kept", "lost", "second life", "third life"} {
		if !us.titles()[title] || !cn.titles()[title] {
			t.Errorf("request %q: here %v, there %v", title, us.titles()[title], cn.titles()[title])
		}
	}
	if g := cn.state().Theirs[2].Generation; g != 2 {
		t.Errorf("generation %d", g)
	}
	p.verified()
}

// A generation that the root did not sign, and one that drops what our signed
// entries name, are refused. Spec: LNK-38.
func TestGenerationRefused(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	us.ask("kept")
	p.talk()
	snapshot := us.store.Snapshot()
	p.back(us, func() { us.ask("lost"); p.talk() })
	for range 2 {
		p.must(us.node.Contact(p.ctx, us.link))
	}
	if n, err := us.node.Renew(p.ctx, us.link, node.RootSigning(cn.root)); err != nil || n == 0 {
		t.Fatalf("%d, %v", n, err)
	}
	p.must(us.node.Contact(p.ctx, us.link))
	refused := func() {
		t.Helper()
		if st := cn.state(); st.Theirs[2].Generation != 0 {
			t.Fatalf("taken: %+v", st)
		}
		if list := strings.Join(cn.incidents(), "\n"); !strings.Contains(list, "root") {
			t.Errorf("incidents: %s", list)
		}
	}
	refused()
	// The same from a node that went back and asked nobody.
	us.store.Restore(snapshot)
	us.notes.kept = map[[32]byte][]byte{}
	us.start()
	p.now += 1000
	cn.tamper = func(turn *contact.Turn) { turn.Push = nil }
	cn.deaf = true
	if _, err := us.node.Renew(p.ctx, us.link, node.RootSigning(us.root)); err != nil {
		t.Fatal(err)
	}
	if st := us.state(); st.Own[2].Generation != 0 {
		t.Errorf("a log that has not ended was renewed: %+v", st)
	}
}

// What surfaces of an ended generation is kept aside, and is no fork.
func TestSurfaced(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	us.ask("kept")
	p.talk()
	var late []byte
	p.back(us, func() {
		us.ask("in a courier's bag")
		late = us.firstTurn()
	})
	us.finish(t)
	us.ask("afterwards")
	p.talk()
	before := len(cn.incidents())
	pin := sha256.Sum256([]byte{0, 1})
	answer, err := cn.node.Turn(p.ctx, pin, late)
	p.must(err)
	turn, err := contact.DecodeTurn(answer)
	p.must(err)
	if turn.Outcome == nil || turn.Outcome.Code != "" || len(cn.incidents()) != before {
		t.Errorf("outcome %+v, incidents %v", turn.Outcome, cn.incidents())
	}
	if cn.state().Surfaced == 0 {
		t.Error("nothing was set aside")
	}
	// The same with another leaf proves nothing and is not kept.
	forged, err := contact.DecodeTurn(late)
	p.must(err)
	forged.Push.Entries[len(forged.Push.Entries)-1].Leaf[60] ^= 1
	answer, err = cn.node.Turn(p.ctx, pin, forged.Encode())
	p.must(err)
	if turn, err = contact.DecodeTurn(answer); err != nil || turn.Outcome.Code != rule.HeadRoot {
		t.Errorf("outcome %+v, %v", turn.Outcome, err)
	}
	if st := cn.state(); st.Modes[1] != [3]uint8{} {
		t.Errorf("frozen: %+v", st)
	}
	p.talk()
	p.verified()
}
