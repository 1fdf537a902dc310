package sim

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"slices"

	"parley.example/internal/node"
	"parley.example/internal/procedure"
	"parley.example/internal/procedure/control"
	"parley.example/internal/resumption"
	"parley.example/internal/store"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// resumptions compares, of every suspension that was lifted, the list that both
// sides make, once they hold the same record: and each again, later, its own.
func (c *checker) resumptions() {
	var all [2]map[[2]uint64][]byte
	for i, s := range c.w.sides {
		lists, err := c.resumptionsOf(s)
		if err != nil {
			c.fail(foldsEqual, "%s makes no list of a suspension: %v", s.code, err)
			return
		}
		all[i] = lists
	}
	if len(all[0]) != len(all[1]) {
		c.fail(foldsEqual, "%d suspensions were lifted on one side, %d on the other", len(all[0]), len(all[1]))
		return
	}
	for key, raw := range all[0] {
		if !bytes.Equal(raw, all[1][key]) {
			c.fail(foldsEqual, "lists of the suspension %v: %s", key, differ(raw, all[1][key]))
			return
		}
	}
	c.lists += len(all[0])
}

// resumptionsOf are a side's lists, by whose suspension it is and its position.
func (c *checker) resumptionsOf(s *side) (map[[2]uint64][]byte, error) {
	out := map[[2]uint64][]byte{}
	stops, err := s.node.Stops(c.w.ctx, s.link)
	if err != nil {
		return nil, err
	}
	for _, x := range stops {
		if x.Terminate || x.Until == 0 {
			continue
		}
		list, err := s.node.Resumption(c.w.ctx, s.link, x.Own, x.Position)
		if err != nil {
			return nil, err
		}
		raw, err := list.Encode()
		if err != nil {
			return nil, err
		}
		if c.w.mutation != noActIndex { // a request that was said twice is two to one of the lists
			slow, err := c.slowList(s, x)
			if err != nil {
				return nil, err
			}
			if !bytes.Equal(slow, bare(list)) {
				c.fail(foldsEqual, "%s's list of the suspension %d, and one made of all requests: %s", s.code, x.Position, differ(bare(list), slow))
			}
		}
		author := uint64(0)
		if x.Own == s.link.Higher() {
			author = 1
		}
		out[[2]uint64{author, x.Position}] = raw
	}
	return out, nil
}

// slowList is the list of a suspension made of every request that there is.
func (c *checker) slowList(s *side, x node.Suspension) ([]byte, error) {
	cut, err := s.node.CutBy(c.w.ctx, s.link, x.Until)
	if err != nil {
		return nil, err
	}
	state, _, err := s.node.Control(c.w.ctx, s.link)
	if err != nil {
		return nil, err
	}
	current := state.Context(int64(x.Until))
	higher := x.Own == s.link.Higher()
	party := s.link.Them
	if x.Own {
		party = s.link.Us
	}
	made := resumption.Begin(resumption.Input{Cut: cut, Instant: x.Until, Current: current,
		Suspension: procedure.Where{Side: procedure.SideName(higher), Position: x.Position}, Party: party.String(), ID: control.SuspensionID(higher, x.Position)})
	var all []store.ThreadID
	if err := s.node.Requests(c.w.ctx, s.link, func(f *node.Folded) bool {
		all = append(all, f.ID)
		return true
	}); err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b store.ThreadID) int {
		return cmp.Or(cmp.Compare(procedure.Side(a.Own == s.link.Higher()), procedure.Side(b.Own == s.link.Higher())), cmp.Compare(a.Position, b.Position))
	})
	for _, id := range all {
		f, err := s.node.FoldAt(c.w.ctx, s.link, id, cut, int64(x.Until))
		if fault.Is(err, rule.NodeNoRequest) || fault.Is(err, rule.ReviewUnreadable) {
			continue
		}
		if err != nil {
			return nil, err
		}
		made.Add(resumption.Case{Higher: id.Own == s.link.Higher(), Position: id.Position, Thread: f.Thread})
	}
	return bare(made.List()), nil
}

// bare is what a list names.
func bare(l *resumption.List) []byte {
	raw, err := json.Marshal([]any{l.Stood, l.Survived, l.Lapsed, l.Due, l.More})
	if err != nil {
		panic(err)
	}
	return raw
}

// ended tells whether an act is refused because the arrangement has ended.
func ended(err error) bool {
	var f *fault.Fault
	return errors.As(err, &f) && f.Code == rule.ActTerminated
}
