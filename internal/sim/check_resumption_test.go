package sim

import (
	"bytes"
	"errors"

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
		author := uint64(0)
		if x.Own == s.link.Higher() {
			author = 1
		}
		out[[2]uint64{author, x.Position}] = raw
	}
	return out, nil
}

// ended tells whether an act is refused because the arrangement has ended.
func ended(err error) bool {
	var f *fault.Fault
	return errors.As(err, &f) && f.Code == rule.ActTerminated
}
