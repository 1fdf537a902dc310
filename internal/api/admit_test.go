package api

import (
	"strings"
	"testing"

	"parley.example/internal/access"
	"parley.example/internal/review"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

const hour = 60 * 60 * 1000

// Spec: ACC-22. Once a supervisor can sign in, neither an administrator nor a
// command of the machine lets anybody in to content.
func TestAdministratorLetsNobodyIn(t *testing.T) {
	h := newHouse(t)
	root := h.invite("Root", "administrator")
	officer := Officer{Algorithm: party.PersonEd25519, Key: make([]byte, 32), Role: "duty", Name: "Third"}
	early := h.invite("Early", "officer")
	var me Me
	h.must(h.call(root.client, "/v1/me", nil, &me))
	if !strings.Contains(strings.Join(me.May, " "), string(access.Admit)) {
		t.Errorf("nobody lets the first in: %v", me.May)
	}
	wang := h.invite("Wang", "supervisor")
	for _, by := range []*Client{h.machine(), root.client, early.client} {
		for _, r := range access.Roles() {
			if r != access.Administrator {
				h.refused(by, "/v1/accounts/invite", Invite{Name: "Friend", Roles: []string{string(r)}}, rule.AccessDenied)
			}
		}
		h.refused(by, "/v1/officers", officer, rule.AccessDenied)
	}
	h.refused(root.client, "/v1/accounts/roles", AccountAsk{Account: "Early", Roles: []string{"principal"}}, rule.AccessDenied)
	var after Me
	h.must(h.call(root.client, "/v1/me", nil, &after))
	if strings.Contains(strings.Join(after.May, " "), string(access.Admit)) {
		t.Errorf("an administrator may let in still: %v", after.May)
	}
	for i, by := range []*Client{h.machine(), root.client, wang.client} {
		h.must(h.call(by, "/v1/accounts/invite", Invite{Name: "Keeper " + string(rune('a'+i)), Roles: []string{"administrator"}}, nil))
	}
	h.must(h.call(wang.client, "/v1/accounts/invite", Invite{Name: "Friend", Roles: []string{"officer"}}, nil))
	h.must(h.call(wang.client, "/v1/officers", officer, nil))
}

// Spec: ACC-23. A link that was made before and kept lets nobody in after; a
// passkey cannot be begun with it either.
func TestLinkFromBefore(t *testing.T) {
	h := newHouse(t)
	var kept, second, keeper Invited
	h.must(h.call(h.machine(), "/v1/accounts/invite", Invite{Name: "Kept", Roles: []string{"officer"}}, &kept))
	h.must(h.call(h.machine(), "/v1/accounts/invite", Invite{Name: "Second", Roles: []string{"supervisor"}}, &second))
	h.must(h.call(h.machine(), "/v1/accounts/invite", Invite{Name: "Keeper", Roles: []string{"administrator"}}, &keeper))
	wang := h.invite("Wang", "supervisor")
	for _, code := range []string{kept.Code, second.Code} {
		h.refused(h.machine().As(""), "/v1/invitation/options", InvitationAsk{Code: code, Kind: "sign-in"}, rule.AccessInvitation)
		h.refused(h.machine().As(""), "/v1/invitation/key", InvitationKey{Code: code}, rule.AccessInvitation)
	}
	h.follow(keeper.Code)
	h.must(h.call(h.machine(), "/v1/accounts/end", AccountAsk{Account: "Kept"}, nil))
	h.must(h.call(wang.client, "/v1/accounts/invite", Invite{Name: "Kept", Roles: []string{"officer"}}, &kept))
	h.follow(kept.Code)
}

// Spec: ACC-24, ACC-22. Supervisors are not emptied out, and that there was one
// is not forgotten.
func TestSupervisorStays(t *testing.T) {
	h := newHouse(t)
	wang, root := h.invite("Wang", "supervisor"), h.invite("Root", "administrator")
	h.refused(h.machine(), "/v1/accounts/end", AccountAsk{Account: "Wang"}, rule.AccessDenied)
	h.refused(root.client, "/v1/accounts/end", AccountAsk{Account: "Wang"}, rule.AccessDenied)
	h.refused(wang.client, "/v1/accounts/end", AccountAsk{Account: "Wang"}, rule.AccessRoles)
	zhao, li := h.invite("Zhao", "supervisor"), h.invite("Li", "officer")
	h.must(h.call(wang.client, "/v1/accounts/end", AccountAsk{Account: "Wang"}, nil))
	h.refused(zhao.client, "/v1/accounts/end", AccountAsk{Account: "Zhao"}, rule.AccessRoles)

	// Two people take the last supervisor's keys: nobody can sign in as one.
	h.must(h.call(root.client, "/v1/accounts/replace", AccountAsk{Account: "Zhao"}, nil))
	h.must(h.call(li.client, "/v1/accounts/replace", AccountAsk{Account: "Zhao", Confirm: true}, nil))
	h.must(h.call(root.client, "/v1/accounts/end", AccountAsk{Account: "Zhao"}, nil))
	h.refused(root.client, "/v1/accounts/invite", Invite{Name: "Me", Roles: []string{"supervisor"}}, rule.AccessDenied)
	again := &Server{Node: h.server.Node, Profile: h.profile, SignIn: h.server.SignIn, Origin: testOrigin}
	h.server, h.handler = again, again.Handler() // as after a start
	h.refused(h.machine(), "/v1/accounts/invite", Invite{Name: "Me", Roles: []string{"supervisor"}}, rule.AccessDenied)
}

// Spec: ACC-25, ACC-26. A recovery takes 72 hours, is seen by all, is stopped by
// a supervisor, and is none where it is not needed.
func TestRecovery(t *testing.T) {
	h := newHouse(t)
	anybody := h.machine().As("")
	chief := Invite{Name: "Chief", Roles: []string{"supervisor", "duty"}, Recover: true}
	h.refused(h.machine(), "/v1/accounts/invite", chief, rule.AccessRoles)
	wang, root, li := h.invite("Wang", "supervisor"), h.invite("Root", "administrator"), h.invite("Li", "officer")
	h.refused(wang.client, "/v1/accounts/invite", chief, rule.AccessRoles)
	h.refused(li.client, "/v1/accounts/invite", chief, rule.AccessDenied)
	h.refused(root.client, "/v1/accounts/invite", Invite{Name: "Chief", Roles: []string{"officer"}, Recover: true}, rule.AccessRoles)
	h.refused(root.client, "/v1/accounts/invite", Invite{Name: "Chief", Roles: []string{"supervisor"}, Recover: true, Subject: "chief"}, rule.AccessRoles)

	var link Invited
	h.must(h.call(root.client, "/v1/accounts/invite", chief, &link))
	if link.From != h.now+72*hour || link.Until != link.From+24*hour {
		t.Errorf("the link is good from %d until %d", link.From, link.Until)
	}
	h.refused(h.machine(), "/v1/accounts/invite", Invite{Name: "Other", Roles: []string{"supervisor"}, Recover: true}, rule.NodeExists)
	h.now += 72*hour - 1
	h.refused(anybody, "/v1/invitation/options", InvitationAsk{Code: link.Code, Kind: "sign-in"}, rule.AccessInvitation)
	seen := func(name string) (r *Recovery) {
		if _, err := li.signIn(); err != nil {
			t.Fatal(err)
		}
		var list []Account
		h.must(h.call(li.client, "/v1/accounts", nil, &list))
		for _, a := range list {
			if a.Name == name {
				r = a.Recovery
			}
		}
		return r
	}
	if r := seen("Chief"); r == nil || r.By != "Root" || r.From != link.From || r.Arrived != 0 {
		t.Errorf("an officer sees %+v", r)
	}
	if _, err := wang.signIn(); err != nil {
		t.Fatal(err)
	}
	h.must(h.call(wang.client, "/v1/accounts/end", AccountAsk{Account: "Chief"}, nil))
	h.now++
	h.refused(anybody, "/v1/invitation/options", InvitationAsk{Code: link.Code, Kind: "sign-in"}, rule.AccessInvitation)

	// Nobody stops the second.
	h.must(h.call(h.machine(), "/v1/accounts/invite", Invite{Name: "Next", Roles: []string{"supervisor"}, Recover: true}, &link))
	h.now += 72 * hour
	next := h.follow(link.Code)
	h.must(h.call(next.client, "/v1/accounts/invite", Invite{Name: "Friend", Roles: []string{"officer"}}, nil))
	if r := seen("Next"); r == nil || r.By != "" || r.Arrived != h.now {
		t.Errorf("an officer sees %+v", r)
	}
	var record []AccessEntry
	h.must(h.call(next.client, "/v1/access-record", nil, &record))
	told := 0
	for _, e := range record {
		if e.Action == "recover" {
			told++
		}
	}
	if told != 2 {
		t.Errorf("%d recoveries are recorded", told)
	}
	h.now += 30 * 24 * hour
	if r := seen("Next"); r != nil {
		t.Errorf("it is shown for ever: %+v", r)
	}
}

// Spec: ACC-1. Who is translator and nothing else says translations, and no
// other act of any kind.
func TestTranslatorTranslatesOnly(t *testing.T) {
	h := newHouse(t)
	liu, plain := h.invite("Liu Yan", "translator"), h.invite("Ada", "analyst")
	said := 0
	for _, k := range act.Kinds(act.Newest) {
		in := Prepare{Link: "cn", Realm: "real", Kind: k.Name}
		may := fault.CodeOf(h.call(liu.client, "/v1/prepare", in, nil)) != rule.AccessDenied
		if may != (k.Name == act.RequestTranslate || k.Name == act.CallTranslate) {
			t.Errorf("a translator may say %s: %v", k.Name, may)
		}
		h.refused(plain.client, "/v1/prepare", in, rule.AccessDenied)
		said++
	}
	if said < 30 {
		t.Errorf("only %d kinds", said)
	}
	if !access.MaySign([]access.Role{access.Translator}) {
		t.Error("a translator cannot sign a translation")
	}
	for _, r := range []string{"/v1/desk/results", "/v1/arrangement/sign", "/v1/compartment", "/v1/disclose", "/v1/line/enter", "/v1/accounts/invite", "/v1/accounts/end"} {
		h.refused(liu.client, r, Nothing{}, rule.AccessDenied)
	}
}

// Spec: ACC-28. A report on cases tells nobody the name of a request that they
// may not see, as a line or as a link.
func TestReportNamesNoLimitedRequest(t *testing.T) {
	link := func(names ...string) (list []review.Linked) {
		for _, n := range names {
			list = append(list, review.Linked{Relation: "related", Name: n})
		}
		return list
	}
	cases := &review.Cases{Lines: []review.Line{{Name: "us-1", Links: link("us-2", "cn-7")}, {Name: "us-2", Links: link("us-1")}, {Name: "cn-7", Links: link("us-2")}}}
	visible(cases, func(name string) bool { return name != "us-2" })
	raw, err := cases.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if len(cases.Lines) != 2 || strings.Contains(string(raw), "us-2") || len(cases.Lines[0].Links) != 1 {
		t.Errorf("%s", raw)
	}
}
