package node_test

import (
	"testing"

	"parley.example/internal/node"
	"parley.example/internal/procedure/contacts"
	"parley.example/internal/store"
	"parley.example/wire/act"
	"parley.example/wire/calendar"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

const aDay = 24 * 60 * minute

// point is an entry of a side's directory that stands for so many days.
func (s *side) point(days int64) *act.ContactBody {
	words := act.Words{En: "Duty desk", Zh: "值班席位"}
	return &act.ContactBody{Role: "duty", Unit: "cyber", Names: words, Ways: []act.Way{{Kind: act.WayMail, Value: "duty@" + s.code + ".example"}},
		Hours: words, Zone: "Etc/UTC", Languages: []string{"en"}, Deputies: []string{}, Confirmers: []act.Confirmer{}, Until: calendar.Instant(s.p.now + days*aDay)}
}

func (s *side) publish(days int64) node.Ref {
	s.p.t.Helper()
	at, err := s.node.Speak(s.p.ctx, s.link, act.ContactPublish, nil, nil, s.point(days), nil, s.officer)
	s.p.must(err)
	return at
}

// nameOf names an entry that a side published.
func (s *side) nameOf(at node.Ref) string {
	return s.link.ContactName(store.ThreadID{Own: true, Position: at.Position})
}

// points are the entries that a side has, by their names.
func (s *side) points() map[string]*node.Listed {
	s.p.t.Helper()
	list := map[string]*node.Listed{}
	s.p.must(s.node.ContactPoints(s.p.ctx, s.link, func(c *node.Listed) bool {
		list[s.link.ContactName(c.ID)] = c
		return true
	}))
	return list
}

// tellOf says an act of an entry by its name.
func (s *side) tellOf(name, kind string, body any) error {
	id, err := s.link.FindContact(name)
	s.p.must(err)
	c, err := s.node.ContactPoint(s.p.ctx, s.link, id)
	s.p.must(err)
	thread := c.Ref(s.link)
	_, err = s.node.Speak(s.p.ctx, s.link, kind, &thread, nil, body, nil, s.officer)
	return err
}

// Entries of both directories stand on both nodes alike, only their owner says
// anything in them, and what the owner says the other has.
func TestContactPoints(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	mine, at := us.publish(20), cn.publish(200)
	ours, theirs := us.nameOf(mine), cn.nameOf(at)
	p.talk()
	for _, s := range p.sides {
		if list := s.points(); len(list) != 2 || list[ours].Contact.Now().Ways[0].Value != "duty@us.example" || list[theirs].ID.Own != (s == cn) {
			t.Fatalf("%s has %v", s.code, list)
		}
	}
	if err := us.tellOf(theirs, act.ContactEnd, &act.NoteBody{}); fault.CodeOf(err) != rule.ActTurn {
		t.Error("we ended theirs:", err)
	}
	if err := cn.tellOf(theirs, act.ContactConfirm, &act.ContactConfirmBody{Position: at.Position, Until: calendar.Instant(p.now + 400*aDay)}); fault.CodeOf(err) != rule.ActTerm {
		t.Error("confirmed for longer than a year:", err)
	}
	p.now += 10 * aDay
	p.must(us.tellOf(ours, act.ContactConfirm, &act.ContactConfirmBody{Position: mine.Position, Until: calendar.Instant(p.now + 5*aDay)}))
	p.talk()
	for _, s := range p.sides {
		c := s.points()[ours].Contact
		if c.Phase != contacts.Due || len(c.History) != 2 || c.Unreceipted != 0 {
			t.Errorf("%s has it %s, %+v", s.code, c.Phase, c.History)
		}
	}
	p.now += 5 * aDay
	if a, b := us.points(), cn.points(); a[ours].Contact.Phase != contacts.Lapsed || b[ours].Contact.Phase != contacts.Lapsed || a[theirs].Contact.Phase != contacts.Current {
		t.Error("nobody confirmed it, and it stands")
	}
	for _, name := range []string{"us-contact-70", "us-0", "us-contact-", "de-contact-0"} {
		id, err := us.link.FindContact(name)
		if err == nil {
			_, err = us.node.ContactPoint(p.ctx, us.link, id)
		}
		if fault.CodeOf(err) != rule.NodeNoContact {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Spec: PRC-18. What an opening says tells which procedure a thread is folded
// by: nothing of requests sees an entry of a directory, and the reverse.
func TestContactsAreNoRequests(t *testing.T) {
	p := newPair(t)
	us, cn := p.sides[0], p.sides[1]
	us.ask("first")
	p.talk()
	ours := us.nameOf(us.publish(20))
	cn.publish(200)
	p.talk()
	for _, s := range p.sides {
		if titles := s.titles(); len(titles) != 1 || !titles["first"] {
			t.Errorf("%s lists %v", s.code, titles)
		}
		open := 0
		p.must(s.node.OpenRequests(p.ctx, s.link, func(*node.Folded) bool { open++; return true }))
		if open != 1 {
			t.Errorf("%s has %d open", s.code, open)
		}
		p.must(s.node.Index(p.ctx, s.link))
		p.must(s.node.Automatic(p.ctx, s.link))
		for name, c := range s.points() {
			if _, err := s.node.Fold(p.ctx, s.link, c.ID); fault.CodeOf(err) != rule.NodeNoRequest {
				t.Errorf("%s as a request: %v", name, err)
			}
			if _, err := s.node.FoldAt(p.ctx, s.link, c.ID, c.Cut, p.now); fault.CodeOf(err) != rule.NodeNoRequest {
				t.Errorf("%s as a request at a cut: %v", name, err)
			}
		}
	}
	var request *node.Folded
	p.must(us.node.Requests(p.ctx, us.link, func(f *node.Folded) bool { request = f; return false }))
	if made, err := us.node.Review(p.ctx, us.link, node.ReviewAsk{Cut: request.Cut, Instant: p.now}); err != nil || made.Report().Threads != 1 {
		t.Errorf("the report counts them: %v", err)
	}
	if _, err := us.node.ContactPoint(p.ctx, us.link, request.ID); fault.CodeOf(err) != rule.NodeNoContact {
		t.Error("a request as an entry:", err)
	}
	thread := request.Ref(us.link)
	if _, err := us.node.Speak(p.ctx, us.link, act.ContactEnd, &thread, nil, &act.NoteBody{}, nil, us.officer); fault.CodeOf(err) != rule.ActKind {
		t.Error("an entry's end in a request:", err)
	}
	if err := us.tellOf(ours, act.RequestClose, say("over")); fault.CodeOf(err) != rule.ActKind {
		t.Error("a request's close in an entry:", err)
	}
}
