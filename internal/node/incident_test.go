package node_test

import (
	"slices"
	"strings"
	"testing"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// What is refused again and again is one incident that counts; what is long or
// no text is cut, and kept all the same.
func TestIncidentsAreCounted(t *testing.T) {
	p := newPair(t)
	us := p.sides[0]
	first := p.now
	for range 3 {
		us.node.Refuse(p.ctx, us.link, fault.New(rule.ContactQuota, "entries", "9"))
		p.now += 1000
	}
	us.node.Refuse(p.ctx, us.link, fault.New(rule.HeadRealm, "origin", strings.Repeat("界", 1000)+"\xff"))
	list, err := us.node.Incidents(p.ctx)
	if err != nil || len(list) != 2 {
		t.Fatalf("%v, %v", list, err)
	}
	newest, quota := list[0], list[1]
	if newest.Fault.Code != rule.HeadRealm || newest.Count != 1 || len(newest.Fault.Args[1]) != 1023 || len(newest.Text) > 1024 {
		t.Errorf("%+v", newest)
	}
	if quota.Count != 3 || quota.First != first || quota.Last != first+2000 || !slices.Equal(quota.Fault.Args, []string{"entries", "9"}) || quota.Link != us.link.Code() {
		t.Errorf("%+v", quota)
	}
}
