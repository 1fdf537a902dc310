package api

import (
	"encoding/json"
	"net/http"
	"slices"

	"parley.example/internal/node"
	"parley.example/internal/procedure"
	"parley.example/internal/procedure/contacts"
	"parley.example/internal/procedure/control"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/record"
	"parley.example/wire/rule"
)

// mostContacts bounds a directory: more entries than two parties need, and no
// more than a page holds.
const mostContacts = 1000

// ContactPoint is an entry of a party's directory as it stands: the view both
// nodes compute alike, and the version in force, which is this node's to show.
type ContactPoint struct {
	Name    string           `json:"name"`
	Link    string           `json:"link"`
	Own     string           `json:"own"`    // our code on this link
	Ours    bool             `json:"ours"`   // of our own directory
	Side    string           `json:"side"`   // which side of the view we are: lower or higher
	Phase   string           `json:"phase"`  // current, due, lapsed, over, ended
	Stands  bool             `json:"stands"` // somebody may be reached by it
	Entry   *act.ContactBody `json:"entry"`  // the version in force
	Version uint64           `json:"version_position"`
	Signed  []string         `json:"signed"` // who signed that version
	Said    int64            `json:"said"`   // when, by its writer
	Tested  int64            `json:"tested"` // when somebody was last reached by it in a test; 0: never
	Moves   []string         `json:"moves"`  // what we may say now
	View    json.RawMessage  `json:"view"`
	Acts    []Said           `json:"acts"`
	Instant int64            `json:"instant"`

	contact *contacts.Contact
}

// contactList gives the directories of both parties, sorted; those of entries
// that were ended, and of what was never in order, only when all are asked for.
func (s *Server) contactList(r *http.Request) ([]ContactPoint, error) {
	q := r.URL.Query()
	want, err := realm(q.Get("realm"))
	if err != nil {
		return nil, err
	}
	list := []ContactPoint{}
	for _, l := range s.Node.Links() {
		if l.Realm != want || q.Get("link") != "" && l.Code() != q.Get("link") {
			continue
		}
		var failed error
		first := len(list)
		tested, err := s.reached(r.Context(), l)
		if err != nil {
			return nil, err
		}
		err = s.Node.ContactPoints(r.Context(), l, func(c *node.Listed) bool {
			if p := c.Contact.Phase; q.Get("all") == "" && (p == contacts.Ended || p == contacts.Void) {
				return true
			}
			if len(list) == mostContacts {
				failed = fault.New(rule.NodeUsage, "command", "contacts list", "want", "--link")
				return false
			}
			var one ContactPoint
			one, failed = describeContact(l, c, nil)
			one.tested(tested)
			list = append(list, one)
			return failed == nil
		})
		if err == nil {
			err = failed
		}
		if err != nil {
			return nil, err
		}
		slices.SortFunc(list[first:], func(a, b ContactPoint) int { return contacts.Compare(a.contact, b.contact) })
	}
	return list, nil
}

func (s *Server) contactShow(r *http.Request) (*ContactPoint, error) {
	l, err := s.link(r.URL.Query().Get("link"), r.URL.Query().Get("realm"))
	if err != nil {
		return nil, err
	}
	id, err := l.FindContact(r.PathValue("name"))
	if err != nil {
		return nil, err
	}
	c, err := s.Node.ContactPoint(r.Context(), l, id)
	if err != nil {
		return nil, err
	}
	state, _, err := s.Node.Control(r.Context(), l)
	if err != nil {
		return nil, err
	}
	one, err := describeContact(l, c, state)
	if err != nil {
		return nil, err
	}
	tested, err := s.reached(r.Context(), l)
	one.tested(tested)
	return &one, err
}

// tested says when a test last reached whoever holds the role of the entry.
func (c *ContactPoint) tested(roles [2]map[string]int64) {
	if c.Entry == nil {
		return
	}
	side := 1
	if c.Ours {
		side = 0
	}
	c.Tested = roles[side][c.Entry.Role]
}

// whole is an entry whose empty lists are written as such: what is shown can be
// put into a file and published again.
func whole(e *act.ContactBody) *act.ContactBody {
	if e == nil {
		return nil
	}
	w := *e
	w.Ways, w.Languages = append([]act.Way{}, e.Ways...), append([]string{}, e.Languages...)
	w.Deputies, w.Confirmers = append([]string{}, e.Deputies...), append([]act.Confirmer{}, e.Confirmers...)
	return &w
}

// describeContact writes a folded entry down; with the control record, what
// was said too.
func describeContact(l *node.Link, c *node.Listed, state *control.State) (ContactPoint, error) {
	one := ContactPoint{Name: l.ContactName(c.ID), Link: l.Code(), Own: l.Ours().Code, Ours: c.ID.Own, Side: procedure.SideName(l.Higher()),
		Phase: string(c.Contact.Phase), Stands: c.Contact.Stands(), Entry: whole(c.Contact.Now()), Signed: []string{}, Moves: []string{}, Acts: []Said{}, Instant: c.Instant, contact: c.Contact}
	for _, m := range c.Contact.Moves(l.Higher()) {
		one.Moves = append(one.Moves, m.Kind)
	}
	for _, v := range c.Contact.History {
		if v.Kind != act.ContactConfirm {
			one.Version, one.Signed, one.Said = v.Position, append([]string{}, v.Said.Signed...), int64(v.Said.Claimed)
		}
	}
	view, err := c.Contact.View(c.Cut.Digest())
	if err != nil {
		return one, err
	}
	one.View = view
	if state == nil {
		return one, nil
	}
	faults := map[record.Place]string{}
	for _, ignored := range c.Contact.NotInOrder {
		faults[record.Place{Higher: ignored.Side == "higher", Position: ignored.Position}] = ignored.Code
	}
	for _, e := range record.Merge(c.Entries[0], c.Entries[1]) {
		x := said(l, e, faults)
		x.Disowned = state.Disowned(c.ID.Channel, e)
		one.Acts = append(one.Acts, x)
	}
	return one, nil
}
