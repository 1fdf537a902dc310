package web

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/wording"
	"parley.example/wire/arrangement"
)

// requestsPage is how many requests one page shows.
const requestsPage = 25

// view is a choice of requests that has a name.
type view struct {
	Name string
	Path string
	Here bool
	only []string
}

func views() []view {
	return []view{
		{Name: "open", only: []string{"open"}}, {Name: "due", only: []string{"due"}}, {Name: "awaited", only: []string{"awaited"}},
		{Name: "theirs", only: []string{"theirs"}}, {Name: "ours", only: []string{"ours"}}, {Name: "priority", only: []string{"priority"}}, {Name: "all"},
	}
}

// listPage is a list of requests, a page of it.
type listPage struct {
	Views       []view
	Saved       []saved
	Here        string // what this list asks, to be saved
	View        string
	Find, Type  string
	Order       string
	Orders      []choice
	Types       []choice
	Items       []item
	Finding     string
	Page        int
	Older, More string // paths
}

// choice is one of a list in a form.
type choice struct {
	Code, Name string
	Chosen     bool
}

// requestsList lists requests: by view, by words in either language, by type.
func (s *Server) requestsList(v *visit) error {
	q := v.r.URL.Query()
	p := &listPage{View: q.Get("view"), Find: q.Get("find"), Type: q.Get("type"), Page: 1}
	if n, err := strconv.Atoi(q.Get("page")); err == nil && n > 1 {
		p.Page = min(n, 400)
	}
	here := v.path("requests")
	ask := []string{"limit", strconv.Itoa(requestsPage + 1), "skip", strconv.Itoa((p.Page - 1) * requestsPage)}
	for _, one := range views() {
		one.Path = here + "?view=" + one.Name
		if one.Here = one.Name == p.View || p.View == "" && one.Name == "open" && p.Find == ""; one.Here {
			p.View = one.Name
			for _, only := range one.only {
				ask = append(ask, "only", only)
			}
		}
		p.Views = append(p.Views, one)
	}
	p.Order = q.Get("order")
	for _, code := range []string{"", "due", "oldest"} {
		p.Orders = append(p.Orders, choice{code, v.T("web.requests.order." + cmp.Or(code, "changed")), code == p.Order})
	}
	if p.Order != "" {
		ask = append(ask, "order", p.Order)
	}
	if p.Find != "" {
		ask = append(ask, "find", p.Find)
	}
	if p.Type != "" {
		ask = append(ask, "type", p.Type)
	}
	list, err := v.requestsOf(ask...)
	if err != nil {
		return err
	}
	more := len(list) > requestsPage
	list = list[:min(len(list), requestsPage)]
	if p.Items, err = v.itemsOf(list, p.sideOf); err != nil {
		return err
	}
	p.Types = typesOf(v, p.Type)
	p.Here = url.Values{"view": {p.View}, "find": {p.Find}, "type": {p.Type}, "order": {p.Order}}.Encode()
	p.Saved = v.savedViews(p.Here)
	at := func(page int) string {
		return here + "?" + url.Values{"view": {p.View}, "find": {p.Find}, "type": {p.Type}, "order": {p.Order}, "page": {strconv.Itoa(page)}}.Encode()
	}
	if more {
		p.More = at(p.Page + 1)
	}
	if p.Page > 1 {
		p.Older = at(p.Page - 1)
	}
	p.Finding = v.found(p, len(p.Items), more)
	return v.give("requests", p)
}

// sideOf is whose obligation a row shows: what the view is about, or what is
// owed first by anybody.
func (p *listPage) sideOf(r *api.Request) string {
	switch p.View {
	case "due":
		return r.Side
	case "awaited":
		return wording.Other(r.Side)
	}
	return ""
}

// found is the heading: how many there are of what.
func (v *visit) found(p *listPage, n int, more bool) string {
	key := "web.requests.found." + p.View
	if p.Find != "" || v.T(key, "n", "2", "count", "2") == key {
		key = "web.requests.found"
	}
	before := (p.Page - 1) * requestsPage
	if more {
		return v.T("web.requests.range", "from", strconv.Itoa(before+1), "to", strconv.Itoa(before+n), "what", v.T("web.requests.view."+p.View))
	}
	return v.T(key, "n", strconv.Itoa(before+n))
}

// typesOf lists the types of the arrangement in force.
func typesOf(v *visit, chosen string) (list []choice) {
	names := wording.Names{Locale: v.locale}
	types := []arrangement.RequestType(v.rules.Types)
	for i := range types {
		code := types[i].Code
		list = append(list, choice{code, names.Type(v.rules, code), code == chosen})
	}
	return list
}

// saved is a list that this person saved under a name.
type saved struct {
	Name, Path string
	Here       bool
}

// mostSaved bounds what is kept of them.
const mostSaved = 20

func (v *visit) savedViews(here string) (list []saved) {
	for _, one := range v.me.Views {
		list = append(list, saved{one.Name, v.path("requests") + "?" + asked(one.Query), asked(one.Query) == here})
	}
	return list
}

// asked keeps of a query what a list asks.
func asked(query string) string {
	q, err := url.ParseQuery(query)
	if err != nil {
		return ""
	}
	return url.Values{"view": {q.Get("view")}, "find": {q.Get("find")}, "type": {q.Get("type")}}.Encode()
}

// requestsSave keeps a list under a name, or forgets the one of that name.
func (s *Server) requestsSave(v *visit) error {
	name, query := strings.TrimSpace(v.r.PostForm.Get("name")), asked(v.r.PostForm.Get("query"))
	views := slices.DeleteFunc(slices.Clone(v.me.Views), func(x api.View) bool { return x.Name == name })
	if v.r.PostForm.Get("do") != "forget" && name != "" {
		if len(views) >= mostSaved {
			views = views[1:]
		}
		views = append(views, api.View{Name: name, Query: query})
	}
	if err := v.client.Call(v.ctx(), "/v1/me/settings", api.Settings{Views: &views}, nil); err != nil {
		return err
	}
	return v.see(v.path("requests") + "?" + query)
}
