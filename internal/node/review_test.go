package node_test

import (
	"bytes"
	"strings"
	"testing"

	"parley.example/internal/node"
	"parley.example/internal/review"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/record"
	"parley.example/wire/rule"
	"parley.example/wire/statement"
	"parley.example/wire/suite"
)

// report is a side's review at a cut, as JSON, with its cases.
func (s *side) report(cut record.Cut, at int64) (figures, cases []byte) {
	s.p.t.Helper()
	made, err := s.node.Review(s.p.ctx, s.link, node.ReviewAsk{Cut: cut, Instant: at, Cases: true})
	s.p.must(err)
	figures, err = made.Report().JSON()
	s.p.must(err)
	cases, err = made.Cases(true).JSON()
	s.p.must(err)
	return figures, cases
}

// cut is a cut file of a side's, as bytes.
func (s *side) cut(at int64) []byte {
	s.p.t.Helper()
	f, err := s.node.MakeCut(s.p.ctx, s.link, at)
	s.p.must(err)
	raw, err := f.Encode()
	s.p.must(err)
	return raw
}

// answer opens and accepts a request of the other's.
func (s *side) accepts(of node.Ref) {
	s.p.t.Helper()
	s.p.now += 3000
	thread := s.link.Place(false, 0, of.Position)
	_, err := s.node.Speak(s.p.ctx, s.link, act.RequestAccept, ref(thread), nil, &act.AcceptBody{Officer: "Officer of " + s.code, Role: "duty"}, nil, s.officer)
	s.p.must(err)
}

// Spec: REV-1, REV-2. Spec: REV-30. Both nodes make the same bytes of the same
// cut, whoever made the file, and one that holds more than the cut too.
func TestReviewIsTheSame(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	first := us.ask("first")
	cn.ask("of theirs")
	p.talk()
	cn.accepts(first)
	p.talk()
	at := p.now
	files := [][]byte{us.cut(at), cn.cut(at)}
	us.ask("after the cut") // neither file knows of it
	p.talk()
	for i, file := range files {
		var figures, cases [2][]byte
		for j, s := range p.sides {
			f, err := s.node.CheckCut(p.ctx, s.link, file)
			p.must(err)
			if int64(f.Instant) != at {
				t.Errorf("instant %d", f.Instant)
			}
			figures[j], cases[j] = s.report(f.Cut(), at)
		}
		if !bytes.Equal(figures[0], figures[1]) || !bytes.Equal(cases[0], cases[1]) {
			t.Errorf("file %d: the reports differ\n%s\n%s", i, figures[0], figures[1])
		}
		r, err := review.Read(figures[0])
		p.must(err)
		if r.Threads != 2 {
			t.Errorf("file %d: %d threads", i, r.Threads)
		}
	}
}

// Spec: REV-31. The view at the cut of everything is the live one.
func TestFoldAtIsTheLiveFold(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	asked := us.ask("first")
	p.talk()
	cn.accepts(asked)
	p.talk()
	for _, s := range p.sides {
		err := s.node.Requests(p.ctx, s.link, func(f *node.Folded) bool {
			again, err := s.node.FoldAt(p.ctx, s.link, f.ID, f.Cut, f.Instant)
			p.must(err)
			live, err := f.Thread.View(f.Cut.Digest())
			p.must(err)
			cut, err := again.Thread.View(f.Cut.Digest())
			p.must(err)
			if !bytes.Equal(live, cut) {
				t.Errorf("live %s\nat the cut %s", live, cut)
			}
			return true
		})
		p.must(err)
	}
}

// Spec: REV-32. A cut is closed, and within heads that both signed: what only
// one side knows of is not in it.
func TestCutHoldsWhatBothSigned(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	us.ask("both know")
	p.talk()
	before, err := us.node.MakeCut(p.ctx, us.link, p.now)
	p.must(err)
	us.ask("only us knows")
	after, err := us.node.MakeCut(p.ctx, us.link, p.now)
	p.must(err)
	if before.Cut() != after.Cut() {
		t.Errorf("%v and %v", before.Cut(), after.Cut())
	}
	empty, err := review.NewCutFile(us.link.ID(), us.link.Realm, [2]party.ID{}, 0).Encode()
	p.must(err)
	if _, err := cn.node.CheckCut(p.ctx, cn.link, empty); !fault.Is(err, rule.CutElsewhere) {
		t.Errorf("of no link: %v", err)
	}
}

// Spec: REV-33. What a cut file may not be.
func TestCutRefused(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	us.ask("one")
	p.talk()
	good := cn.cut(p.now)
	if _, err := us.node.CheckCut(p.ctx, us.link, good); err != nil {
		t.Fatal(err)
	}
	higher := us.link.Higher()
	edit := func(f func(*review.CutFile)) []byte {
		file, err := review.DecodeCutFile(good)
		p.must(err)
		f(file)
		raw, err := file.Encode()
		p.must(err)
		return raw
	}
	for name, c := range map[string]struct {
		file []byte
		code fault.Code
	}{
		"cut off":       {good[:len(good)-1], rule.CutFile},
		"empty":         {nil, rule.CutFile},
		"space":         {append([]byte(" "), good...), rule.CutFile},
		"five logs":     {edit(func(f *review.CutFile) { f.Logs = f.Logs[:5] }), rule.CutFile},
		"other realm":   {edit(func(f *review.CutFile) { f.Realm = "exercise" }), rule.CutElsewhere},
		"parties round": {edit(func(f *review.CutFile) { f.Lower, f.Higher = f.Higher, f.Lower }), rule.CutElsewhere},
		"no cosignature": {edit(func(f *review.CutFile) {
			f.Log(!higher, statement.Routine).Cosigned, f.Log(higher, statement.Routine).Size, f.Log(higher, statement.Routine).Head = "", 0, ""
		}), rule.CutUnsigned},
		"another's cosignature": {edit(func(f *review.CutFile) {
			f.Log(!higher, statement.Routine).Cosigned = f.Log(!higher, statement.Control).Cosigned
		}), rule.CutUnsigned},
		"head of another log": {edit(func(f *review.CutFile) {
			f.Log(!higher, statement.Routine).Head, f.Log(!higher, statement.Routine).Size = f.Log(higher, statement.Routine).Head, 0
		}), rule.CutUnsigned},
		"more than the head": {edit(func(f *review.CutFile) { f.Log(higher, statement.Routine).Size++ }), rule.CutUnsigned},
		"not closed":         {edit(func(f *review.CutFile) { f.Log(!higher, statement.Control).Size-- }), rule.CutOpen},
		"one bit": {edit(func(f *review.CutFile) {
			head := &f.Log(higher, statement.Routine).Head
			*head = strings.Replace(*head, "A", "B", 1)
		}), rule.CutUnsigned},
		"other generation": {edit(func(f *review.CutFile) { f.Log(higher, statement.Routine).Generation++ }), rule.CutDiffers},
	} {
		if _, err := us.node.CheckCut(p.ctx, us.link, c.file); !fault.Is(err, c.code) {
			t.Errorf("%s: %v, want %s", name, err, c.code)
		}
	}
	cn.ask("not yet delivered")
	us.deaf = true
	ahead := cn.cut(p.now)
	if _, err := us.node.CheckCut(p.ctx, us.link, ahead); err != nil {
		t.Errorf("a cut made ahead holds only what both signed: %v", err)
	}
}

// Spec: REV-34. Content that was destroyed after the cut is not guessed at; at
// a cut behind the destruction it is counted by its residue, on both nodes.
func TestReviewOfDestroyed(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	asked := us.ask("to be destroyed")
	p.talk()
	thread := us.link.Place(true, 0, asked.Position)
	_, err := us.node.Speak(p.ctx, us.link, act.RequestWithdraw, ref(thread), nil, say("not needed"), nil, us.officer)
	p.must(err)
	p.talk()
	at := p.now
	old := us.cut(at)
	id := store.ThreadID{Link: us.link.ID(), Channel: statement.Routine, Own: true, Position: asked.Position}
	prepared, err := us.node.PrepareTombstone(p.ctx, us.link, id)
	p.must(err)
	stone, err := us.node.Submit(p.ctx, prepared, us.sign(prepared))
	p.must(err)
	p.talk()
	agreed, err := cn.node.PrepareAgree(p.ctx, cn.link, stone.Position)
	p.must(err)
	_, err = cn.node.Submit(p.ctx, agreed, cn.sign(agreed))
	p.must(err)
	p.talk()
	for _, s := range p.sides {
		n, err := s.node.Destroy(p.ctx, s.link)
		p.must(err)
		if n != 1 {
			t.Fatalf("%d destroyed", n)
		}
	}
	f, err := us.node.CheckCut(p.ctx, us.link, old)
	p.must(err)
	for _, s := range p.sides {
		if _, err := s.node.Review(p.ctx, s.link, node.ReviewAsk{Cut: f.Cut(), Instant: at}); !fault.Is(err, rule.ReviewDestroyed) {
			t.Errorf("%s at the old cut: %v", s.code, err)
		}
	}
	f, err = cn.node.CheckCut(p.ctx, cn.link, us.cut(p.now))
	p.must(err)
	a, _ := us.report(f.Cut(), p.now)
	b, _ := cn.report(f.Cut(), p.now)
	r, err := review.Read(a)
	p.must(err)
	if !bytes.Equal(a, b) || r.Threads != 1 {
		t.Errorf("%s\n%s", a, b)
	}
	if n := total(r).Value(review.Requests, "", "destroyed"); n != 1 {
		t.Errorf("%d counted by their residue", n)
	}
}

// total is the sum of the direction in which anything was asked.
func total(r *review.Report) *review.Group {
	for _, d := range r.Directions {
		for i := range d.Groups {
			if d.Groups[i].By == review.ByAll {
				return &d.Groups[i]
			}
		}
	}
	return &review.Group{}
}

// sign has the side's officer sign.
func (s *side) sign(p *node.Prepared) []statement.PersonSignature {
	s.p.t.Helper()
	signature, err := s.officer.SignPerson(p.Sign)
	s.p.must(err)
	return []statement.PersonSignature{{KeyID: s.officer.KeyID(), Algorithm: s.officer.Algorithm(), Signature: signature}}
}

// Spec: REV-5. An act that its reader's receipt in the cut calls unreadable is
// in no thread, on either node; said again, it is, at a cut that holds that.
func TestReviewOfUnreadable(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	seals := func(change func(*party.Card)) {
		for _, r := range cn.node.DraftReissue(cn.profile) {
			change(r.Card)
			r.Card.Signature = cn.root.Sign(r.Card.ToSign())
			p.must(cn.node.Announce(p.ctx, r))
		}
		p.talk()
	}
	own := cn.link.Ours().Seal
	seals(func(c *party.Card) { c.Seal = suite.NewSealingKey().Public() })
	at := us.ask("for another key").Position
	p.talk()
	us.ask("for another key still") // so that cn's receipt of the first is receipted
	p.talk()
	old, then := us.cut(p.now), p.now
	threads := func(file []byte, at int64) (counts [2]uint64) {
		f, err := cn.node.CheckCut(p.ctx, cn.link, file)
		p.must(err)
		for i, s := range p.sides {
			figures, _ := s.report(f.Cut(), at)
			r, err := review.Read(figures)
			p.must(err)
			counts[i] = uint64(r.Threads)
		}
		return counts
	}
	if got := threads(old, then); got != [2]uint64{} {
		t.Fatalf("what cannot be read makes %d threads", got)
	}
	seals(func(c *party.Card) { c.Seal = own })
	p.must(us.node.Restate(p.ctx, us.link, statement.Routine, at))
	p.talk()
	us.ask("readable")
	p.talk()
	if got := threads(old, then); got != [2]uint64{} {
		t.Errorf("restated beyond the cut, it makes %d threads", got)
	}
	if got := threads(us.cut(p.now), p.now); got != [2]uint64{2, 2} {
		t.Errorf("restated within the cut: %d threads", got)
	}
}
