package api

import (
	"crypto/ed25519"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/descope/virtualwebauthn"

	"parley.example/internal/access"
	"parley.example/internal/signin"
	"parley.example/wire/party"
	"parley.example/wire/rule"
)

// Spec: ACC-15. Open until the first account, and not opened again.
func TestOpenUntilTheFirstAccount(t *testing.T) {
	h := newHouse(t)
	var me Me
	h.must(h.call(h.machine(), "/v1/me", nil, &me))
	if !me.Open {
		t.Fatal("a node without accounts is not open")
	}
	h.must(h.call(h.machine(), "/v1/requests", nil, nil))
	li := h.invite("Li Wei", "officer")
	h.refused(h.machine(), "/v1/requests", nil, rule.AccessDenied)
	h.refused(h.machine(), "/v1/me", nil, rule.AccessSession)
	h.refused(h.machine().As(""), "/v1/status", nil, rule.AccessSession)
	h.must(h.call(h.machine(), "/v1/status", nil, nil))
	h.must(h.call(li.client, "/v1/requests", nil, nil))
	h.must(h.call(h.machine(), "/v1/accounts/end", AccountAsk{Account: "Li Wei"}, nil))
	h.refused(li.client, "/v1/requests", nil, rule.AccessSession)
	h.refused(h.machine(), "/v1/requests", nil, rule.AccessDenied)
	again := &Server{Node: h.server.Node, Profile: h.profile, SignIn: h.server.SignIn, Origin: testOrigin}
	h.server, h.handler = again, again.Handler() // as after a start
	h.refused(h.machine(), "/v1/requests", nil, rule.AccessDenied)
}

// Spec: ACC-8, ACC-14. A link is good once; each sign-in has a token of its
// own, that nobody chose; a session ends.
func TestSessions(t *testing.T) {
	h := newHouse(t)
	var link Invited
	h.must(h.call(h.machine(), "/v1/accounts/invite", Invite{Name: "Li Wei", Roles: []string{"officer"}}, &link))
	if !strings.HasPrefix(link.Link, testOrigin+"/invitation#") || strings.Contains(strings.SplitN(link.Link, "#", 2)[0], link.Code) {
		t.Errorf("the link is %s", link.Link)
	}
	li := h.follow(link.Code)
	second := &person{h: h, device: virtualwebauthn.NewAuthenticator()}
	if err := second.makes(h.machine().As(""), link.Code, signin.ForSignIn, nil); err == nil {
		t.Error("a link is good twice")
	}
	first, firstToken := li.client, li.token
	if _, err := li.signIn(); err != nil || li.token == firstToken || len(li.token) != 43 {
		t.Fatalf("%v, %q", err, li.token)
	}
	h.must(h.call(first, "/v1/me", nil, nil)) // another browser of the same person
	h.must(h.call(li.client, "/v1/sign-out", Nothing{}, nil))
	h.refused(li.client, "/v1/me", nil, rule.AccessSession)
	h.now += access.Idle - 1
	h.must(h.call(first, "/v1/me", nil, nil))
	h.now += access.Idle - 1
	h.must(h.call(first.Unattended(), "/v1/me", nil, nil)) // a page that brings itself up to date
	h.now++
	h.refused(first, "/v1/me", nil, rule.AccessSession)

	duty := h.invite("Chen", "duty")
	h.now += access.Longest - 1
	h.must(h.call(duty.client, "/v1/me", nil, nil))
	h.now++
	h.refused(duty.client, "/v1/me", nil, rule.AccessSession)
	if _, err := duty.signIn(); err != nil {
		t.Fatal(err)
	}
	h.must(h.call(h.machine(), "/v1/accounts/end", AccountAsk{Account: "Chen"}, nil))
	h.refused(duty.client, "/v1/me", nil, rule.AccessSession)
	if _, err := duty.signIn(); err == nil {
		t.Error("an account that ended signs in")
	}
}

// Spec: ACC-6, ACC-16, ACC-17, ACC-20. A key that signs is made apart, stands
// among those of the next card, and is asked for soon after signing in alone.
func TestSigningKeyOfAnAccount(t *testing.T) {
	h := newHouse(t)
	li, audit := h.invite("Li Wei", "officer"), h.invite("Audit", "auditor")
	h.must(li.makes(li.client, "", signin.ForSigning, nil))
	var me Me
	h.must(h.call(li.client, "/v1/me", nil, &me))
	var officers []Officer
	h.must(h.call(h.machine(), "/v1/officers", nil, &officers))
	if len(me.Signing) != 1 || len(me.Signing[0].Credential) == 0 || len(officers) != 1 || officers[0].KeyID != me.Signing[0].KeyID ||
		officers[0].Algorithm != party.PersonPasskey || len(officers[0].Key) != 65 || officers[0].Name != "Li Wei" || me.Wanted != 1 {
		t.Errorf("%+v and %+v", me, officers)
	}
	if err := audit.makes(audit.client, "", signin.ForSigning, nil); err == nil {
		t.Error("the auditor has a key that signs")
	}
	h.must(li.makes(li.client, "", signin.ForSignIn, nil))
	h.now += access.Fresh
	h.refused(li.client, "/v1/invitation/options", InvitationAsk{Kind: signin.ForSignIn}, rule.AccessFresh)
	if err := li.makes(h.machine(), "", signin.ForSigning, nil); err == nil {
		t.Error("a command of the machine makes a passkey for nobody")
	}
	h.must(h.call(h.machine(), "/v1/accounts/end", AccountAsk{Account: li.account}, nil))
	h.must(h.call(h.machine(), "/v1/officers", nil, &officers))
	if len(officers) != 0 {
		t.Error("the key of who left stands on the next card")
	}
}

// Spec: ACC-9, ACC-16, ACC-20. Two named people replace what a third has lost.
func TestReplace(t *testing.T) {
	h := newHouse(t)
	li, wang, chen, root := h.invite("Li Wei", "officer"), h.invite("Wang", "supervisor"), h.invite("Chen", "duty"), h.invite("Root", "administrator")
	h.must(chen.makes(chen.client, "", signin.ForSigning, nil))
	lost := AccountAsk{Account: "Chen"}
	agree := AccountAsk{Account: "Chen", Confirm: true}
	h.refused(h.machine(), "/v1/accounts/replace", lost, rule.AccessSession)
	h.refused(wang.client, "/v1/accounts/replace", agree, rule.AccessTwoPersons)
	h.must(h.call(li.client, "/v1/accounts/replace", lost, nil))
	h.refused(li.client, "/v1/accounts/replace", agree, rule.AccessTwoPersons)
	h.refused(root.client, "/v1/accounts/replace", agree, rule.AccessTwoPersons)
	h.refused(chen.client, "/v1/accounts/replace", agree, rule.AccessTwoPersons)
	h.must(h.call(chen.client, "/v1/me", nil, nil))
	h.now += access.Fresh
	h.refused(wang.client, "/v1/accounts/replace", agree, rule.AccessFresh)
	if _, err := wang.signIn(); err != nil {
		t.Fatal(err)
	}
	var link Invited
	h.must(h.call(wang.client, "/v1/accounts/replace", agree, &link))
	h.refused(chen.client, "/v1/me", nil, rule.AccessSession)
	if _, err := chen.signIn(); err == nil {
		t.Error("a lost passkey signs in")
	}
	var officers []Officer
	h.must(h.call(h.machine(), "/v1/officers", nil, &officers))
	if len(officers) != 0 {
		t.Error("a lost key stands on the next card")
	}
	if back := h.follow(link.Code); back.account != chen.account {
		t.Errorf("the link is %s's", back.account)
	}
}

// Spec: ACC-2. What roles may become.
func TestRoles(t *testing.T) {
	h := newHouse(t)
	li, wang := h.invite("Li Wei", "officer"), h.invite("Wang", "supervisor")
	h.invite("Root", "administrator")
	h.refused(h.machine(), "/v1/accounts/roles", AccountAsk{Account: "Li Wei", Roles: []string{"duty"}}, rule.AccessSession)
	h.refused(wang.client, "/v1/accounts/roles", AccountAsk{Account: "Root", Roles: []string{"officer"}}, rule.AccessRoles)
	h.refused(wang.client, "/v1/accounts/roles", AccountAsk{Account: "Wang", Roles: []string{"principal"}}, rule.AccessRoles)
	h.refused(wang.client, "/v1/accounts/roles", AccountAsk{Account: "Li Wei", Roles: []string{"administrator"}}, rule.AccessRoles)
	h.must(h.call(wang.client, "/v1/accounts/roles", AccountAsk{Account: "Li Wei", Roles: []string{"duty"}}, nil))
	h.refused(li.client, "/v1/me", nil, rule.AccessSession)
	h.refused(h.machine(), "/v1/accounts/invite", Invite{Name: "Both", Roles: []string{"officer", "administrator"}}, rule.AccessRoles)
	h.refused(h.machine(), "/v1/accounts/invite", Invite{Name: "Li Wei", Roles: []string{"officer"}}, rule.NodeExists)
}

// Spec: ACC-19, ACC-20. Where there is no browser a key file follows the
// invitation and signs in.
func TestKeyFileSignsIn(t *testing.T) {
	h := newHouse(t)
	var link Invited
	h.must(h.call(h.machine(), "/v1/accounts/invite", Invite{Name: "Li Wei", Roles: []string{"officer"}}, &link))
	public, private, _ := ed25519.GenerateKey(nil)
	id := party.Officer{Algorithm: party.PersonEd25519, Key: public}.KeyID()
	anybody := h.machine().As("")
	prove := func() KeyAnswer {
		var c KeyChallenge
		h.must(h.call(anybody, "/v1/sign-in/key/options", KeyAsk{id}, &c))
		return KeyAnswer{id, c.Challenge, ed25519.Sign(private, signin.KeyMessage(c.RPID, c.Challenge))}
	}
	h.refused(anybody, "/v1/sign-in/key", prove(), rule.AccessPasskey)
	p := prove()
	join := InvitationKey{link.Code, public, p.Challenge, p.Signature}
	h.must(h.call(anybody, "/v1/invitation/key", join, nil))
	h.refused(anybody, "/v1/invitation/key", join, rule.AccessInvitation)
	var in SignedIn
	answer := prove()
	h.must(h.call(anybody, "/v1/sign-in/key", answer, &in))
	h.refused(anybody, "/v1/sign-in/key", answer, rule.AccessPasskey)
	h.must(h.call(h.machine().As(in.Token), "/v1/requests", nil, nil))
	var officers []Officer
	h.must(h.call(h.machine(), "/v1/officers", nil, &officers))
	if len(officers) != 1 || officers[0].KeyID != id {
		t.Errorf("%+v", officers)
	}
}

// Spec: ACC-12, ACC-13. What was read and done stands in the record before it
// is given; where it cannot be written, nothing is given.
func TestAccessRecord(t *testing.T) {
	h := newHouse(t)
	li, audit := h.invite("Li Wei", "officer"), h.invite("Audit", "auditor")
	h.must(h.call(li.client, "/v1/requests?find=secret+words", nil, nil))
	h.must(h.call(li.client, "/v1/requests?find=secret+words", nil, nil))
	h.now += sameRead
	h.must(h.call(li.client, "/v1/requests?find=secret+words", nil, nil))
	h.refused(li.client, "/v1/access-record", nil, rule.AccessDenied)
	var record []AccessEntry
	h.must(h.call(audit.client, "/v1/access-record", nil, &record))
	var actions []string
	for _, e := range record {
		actions = append(actions, e.Name+" "+e.Action+" "+e.Words)
	}
	for _, want := range []string{"Audit record ", "Li Wei read secret words", "Li Wei passkey key", " invite Li Wei: officer"} {
		if !slices.Contains(actions, want) {
			t.Errorf("%q is not in %q", want, actions)
		}
	}
	if reads := strings.Count(strings.Join(actions, "\n"), "secret words"); reads != 2 || actions[0] != "Audit record " {
		t.Errorf("%d reads in %q", reads, actions)
	}
	var rest []AccessEntry
	h.must(h.call(audit.client, "/v1/access-record?after="+record[0].Key+"&limit=1", nil, &rest))
	if len(rest) != 1 || rest[0].Key != record[1].Key {
		t.Errorf("behind %s comes %+v", record[0].Key, rest)
	}
	h.must(h.store.Close())
	h.now += sameRead
	if err := h.call(li.client, "/v1/requests", nil, nil); err == nil {
		t.Error("what could not be recorded was given")
	}
}

// Settings are each person's own.
func TestSettings(t *testing.T) {
	h := newHouse(t)
	li, wang := h.invite("Li Wei", "officer"), h.invite("Wang", "supervisor")
	h.must(h.call(li.client, "/v1/me/settings", map[string]any{"language": "zh", "seen": 7, "views": []View{{"mine", "only=due"}}}, nil))
	h.must(h.call(li.client, "/v1/me/settings", map[string]any{"theme": "dark"}, nil))
	h.refused(li.client, "/v1/me/settings", map[string]any{"theme": "pink"}, rule.AccessAccount)
	var me, other Me
	h.must(h.call(li.client, "/v1/me", nil, &me))
	h.must(h.call(wang.client, "/v1/me", nil, &other))
	if me.Language != "zh" || me.Theme != "dark" || me.Seen != 7 || len(me.Views) != 1 || other.Language != "" || len(other.Views) != 0 {
		raw, _ := json.Marshal(me)
		t.Errorf("%s", raw)
	}
}
