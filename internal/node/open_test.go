package node_test

import (
	"slices"
	"testing"

	"parley.example/internal/node"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/statement"
)

// open lists the requests that a side looks through for what is owed.
func (s *side) open() (list []uint64) {
	s.p.t.Helper()
	s.p.must(s.node.Automatic(s.p.ctx, s.link))
	s.p.must(s.node.OpenRequests(s.p.ctx, s.link, func(f *node.Folded) bool {
		list = append(list, f.ID.Position)
		return true
	}))
	slices.Sort(list)
	return list
}

// What is over is not looked through any more, until somebody says something
// in it again.
func TestOpenRequests(t *testing.T) {
	p := newPair(t)
	us := p.sides[0]
	first := us.ask("the first")
	over, _ := p.closed("withdrawn")
	last := us.ask("the last")
	p.talk()
	for _, s := range p.sides {
		if got := s.open(); !slices.Equal(got, []uint64{first.Position, last.Position}) {
			t.Errorf("%s looks through %v", s.code, got)
		}
	}
	ref := us.link.Place(true, 0, over.Position)
	_, err := us.node.Speak(p.ctx, us.link, act.RequestLink, &ref, nil, &act.Link{Relation: "related", Position: first.Position}, nil, us.officer)
	p.must(err)
	open := []uint64{}
	p.must(us.node.OpenRequests(p.ctx, us.link, func(f *node.Folded) bool { open = append(open, f.ID.Position); return true }))
	if !slices.Contains(open, over.Position) {
		t.Errorf("what somebody spoke in again is not looked at: %v", open)
	}
	if got := us.open(); !slices.Equal(got, []uint64{first.Position, last.Position}) {
		t.Errorf("and then it is: %v", got)
	}
}

// Spec: PRC-17. An act that names a place that is still to come belongs to no
// thread, on either node, whatever comes to stand there.
func TestGuessedThread(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	p.talk()
	next := uint64(len(cn.rows(true, statement.Routine)))
	guess := next + 1 // behind the epoch that opens the log
	thread := us.link.Place(false, 1, guess)
	body, err := act.WriteBody(&act.AcceptBody{Officer: "Ada", Role: "duty"})
	p.must(err)
	kind, _ := act.Lookup(act.Newest, act.RequestAccept)
	draft, err := us.node.Draft(p.ctx, us.link, kind, &thread, nil, body, nil)
	p.must(err)
	signature, err := us.officer.SignPerson(draft.ToSign())
	p.must(err)
	_, err = us.node.Append(p.ctx, us.link, node.Say{Draft: draft, Signed: draft.ToSign(), Signatures: []statement.PersonSignature{
		{KeyID: us.officer.KeyID(), Algorithm: us.officer.Algorithm(), Signature: signature}}})
	p.must(err)
	opened := cn.ask("what was guessed")
	if opened.Position != guess {
		t.Fatalf("opened at %d, guessed %d", opened.Position, guess)
	}
	p.talk()
	for _, s := range p.sides {
		f, err := s.node.Fold(p.ctx, s.link, store.ThreadID{Link: s.link.ID(), Channel: statement.Routine, Own: s == cn, Position: guess})
		p.must(err)
		if len(f.Thread.Acts) != 1 {
			t.Errorf("%s: %d acts in the thread", s.code, len(f.Thread.Acts))
		}
	}
}
