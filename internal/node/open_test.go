package node_test

import (
	"slices"
	"testing"

	"parley.example/internal/node"
	"parley.example/wire/act"
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
