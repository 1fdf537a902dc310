package web

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"parley.example/internal/access"
	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/internal/wording"
)

// staff is the page of one's own people.
type staff struct {
	People  []human
	Ended   []human
	Roles   []string
	Link    *api.Invited  // a one-time link that was just made
	For     string        // whom it is for
	Problem *locale.Words // why the last change was refused
	Typed   url.Values    // what was typed then
	Tabs    tabs
}

// human is one of them, and what may be done about them by who looks.
type human struct {
	api.Account
	State  string
	Asked  string // name of who asked for a replacement
	Self   bool
	Mine   bool // who looks asked
	Agrees bool // who looks may agree
}

func (s *Server) peopleShow(v *visit) error { return v.people(nil, "", nil) }

func (v *visit) people(link *api.Invited, whose string, problem error) error {
	var list []api.Account
	if err := v.client.Call(v.ctx(), "/v1/accounts", nil, &list); err != nil {
		return err
	}
	names := map[string]string{}
	for _, a := range list {
		names[a.ID] = a.Name
	}
	p := staff{Link: link, For: whose, Typed: v.r.PostForm, Tabs: tabs{"people"}}
	for _, r := range access.Roles() {
		if v.may("admit") || r == access.Administrator {
			p.Roles = append(p.Roles, string(r))
		}
	}
	for _, a := range list {
		h := human{Account: a, State: "active", Self: a.ID == v.me.Account, Asked: names[a.Lost]}
		h.Mine = a.Lost == v.me.Account && a.Lost != ""
		h.Agrees = a.Lost != "" && !h.Mine && !h.Self
		switch {
		case a.Ended != 0:
			p.Ended = append(p.Ended, h)
			continue
		case a.Lost != "":
			h.State = "lost"
		case a.Passkeys+len(a.Keys) == 0:
			h.State = "invited"
		}
		p.People = append(p.People, h)
	}
	status := 200
	if problem != nil {
		words := v.locale.Fault(problem)
		p.Problem, status = &words, statusOf(problem)
	}
	v.show(status, "people", p)
	return nil
}

// peopleInvite invites somebody, and shows the link once.
func (s *Server) peopleInvite(v *visit) error {
	f := v.r.PostForm
	in := api.Invite{Name: strings.TrimSpace(f.Get("name")), Unit: strings.TrimSpace(f.Get("unit")), Roles: f["roles"], CardRole: strings.TrimSpace(f.Get("card_role"))}
	var out api.Invited
	if err := v.client.Call(v.ctx(), "/v1/accounts/invite", in, &out); err != nil {
		return v.people(nil, "", err)
	}
	v.r.PostForm = url.Values{}
	return v.people(&out, in.Name, nil)
}

// peopleChange ends an account, gives other roles, or asks for lost passkeys to
// be replaced.
func (s *Server) peopleChange(v *visit) error {
	f := v.r.PostForm
	ask := api.AccountAsk{Account: f.Get("account"), Roles: f["roles"]}
	path := map[string]string{"end": "/v1/accounts/end", "roles": "/v1/accounts/roles", "replace": "/v1/accounts/replace", "agree": "/v1/accounts/replace"}[f.Get("do")]
	ask.Confirm = f.Get("do") == "agree"
	if path == "" {
		return v.see("/people")
	}
	var out api.Invited
	if err := v.client.Call(v.ctx(), path, ask, &out); err != nil {
		return v.people(nil, "", err)
	}
	if ask.Confirm {
		return v.people(&out, f.Get("name"), nil)
	}
	return v.see("/people")
}

// recorded is the page of what was read and done.
type recorded struct {
	Entries []api.AccessEntry
	Next    string // the page behind
	Tabs    tabs
}

// onePage is how many entries a page of the access record has.
const onePage = "50"

func (s *Server) accessRecord(v *visit) error {
	q := url.Values{"limit": {onePage}}
	for _, name := range []string{"after", "account", "request"} {
		if value := v.r.URL.Query().Get(name); value != "" {
			q.Set(name, value)
		}
	}
	page := recorded{Tabs: tabs{"access-record"}}
	if err := v.client.Call(v.ctx(), "/v1/access-record?"+q.Encode(), nil, &page.Entries); err != nil {
		return err
	}
	if len(page.Entries) == 50 {
		q.Del("limit")
		q.Set("after", page.Entries[49].Key)
		page.Next = "/access-record?" + q.Encode()
	}
	return v.give("access-record", page)
}

// Worded is what an entry says, with roles in words.
func (v *visit) Worded(e api.AccessEntry) string {
	name, roles, ok := strings.Cut(e.Words, ": ")
	if !ok || e.Action != "invite" && e.Action != "roles" {
		return e.Words
	}
	list := strings.Split(roles, ", ")
	for i, r := range list {
		list[i] = v.T("access.role." + r)
	}
	return name + v.T("web.colon") + strings.Join(list, ", ")
}

// Has tells whether somebody has a role.
func (h human) Has(role string) bool { return slices.Contains(h.Roles, role) }

// WasTyped tells whether a role was ticked in a form that comes back.
func (p staff) WasTyped(role string) bool { return slices.Contains(p.Typed["roles"], role) }

// CardRole is what was typed for the card, or what is usual.
func (p staff) CardRole() string { return cmp.Or(p.Typed.Get("card_role"), "duty") }

// recoveries are the accounts of which everybody is to be told that somebody
// who is no supervisor invited them to be one.
func (v *visit) recoveries() (out []api.Account, err error) {
	if v.me == nil {
		return nil, nil
	}
	var list []api.Account
	if err := v.client.Call(v.ctx(), "/v1/accounts", nil, &list); err != nil {
		return nil, err
	}
	for _, a := range list {
		if a.Recovery != nil {
			out = append(out, a)
		}
	}
	return out, nil
}

// Recovery says it of one: who, by whom, and from when on, or since when.
func (v *visit) Recovery(a api.Account) string {
	return wording.Recovery(v.locale, &a, v.Clock)
}
