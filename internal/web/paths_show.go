package web

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/internal/wording"
)

// pathsPage is how somebody is reached. Nobody else sees it.
type pathsPage struct {
	Kinds   []api.PathKind
	Paths   []pathRow
	Unused  bool // none is confirmed: nobody could wake this person
	Done    string
	Typed   url.Values
	Problem *locale.Words
	Tabs    tabs
}

// pathRow is one path, and how it stands.
type pathRow struct {
	api.Path
	State string // new, confirmed, stale
	Up    bool   // its kind is set up, and took the last message
	Sent  bool   // a code is on its way
}

// pathsDone are the things that a page says were done.
func pathsDone() []string { return []string{"add", "code", "confirm", "test", "remove"} }

func (s *Server) pathsShow(v *visit) error { return v.paths(nil) }

// paths shows the page; with why the last change was refused, if it was.
func (v *visit) paths(problem error) error {
	var list api.Paths
	if err := v.client.Call(v.ctx(), "/v1/paths", nil, &list); err != nil {
		return err
	}
	p := v.pathsPage(&list)
	status := 200
	if problem != nil {
		words := v.locale.Fault(problem)
		p.Problem, p.Done, status = &words, "", statusOf(problem)
	}
	v.show(status, "paths", p)
	return nil
}

func (v *visit) pathsPage(list *api.Paths) *pathsPage {
	q := v.r.URL.Query()
	p := &pathsPage{Kinds: list.Kinds, Unused: true, Typed: v.r.PostForm, Tabs: tabs{"paths"}}
	if slices.Contains(pathsDone(), q.Get("done")) {
		p.Done = q.Get("done")
	}
	at := cmp.Or(v.r.PostForm.Get("id"), q.Get("path"))
	for _, x := range list.List {
		row := pathRow{Path: x, State: "confirmed"}
		switch {
		case x.Verified == 0:
			row.State = "new"
		case x.Until <= v.now.UnixMilli():
			row.State = "stale"
		}
		for _, k := range list.Kinds {
			row.Up = row.Up || k.Kind == x.Kind && k.Up
		}
		row.Sent = x.ID == at && (p.Done == "code" || v.r.PostForm.Get("do") == "confirm")
		p.Unused = p.Unused && row.State == "new"
		p.Paths = append(p.Paths, row)
	}
	return p
}

// pathsChange does one thing about a path of one's own.
func (s *Server) pathsChange(v *visit) error {
	f := v.r.PostForm
	do := f.Get("do")
	ask := api.PathAsk{ID: f.Get("id")}
	call := map[string]string{"add": "add", "code": "verify", "confirm": "verify", "test": "test", "remove": "remove"}[do]
	switch do {
	case "":
		return v.see("/me/paths")
	case "add":
		ask = api.PathAsk{Kind: f.Get("kind"), Address: strings.TrimSpace(f.Get("address")), Reveals: f.Get("reveals")}
	case "confirm":
		ask.Code = cmp.Or(strings.Join(strings.Fields(f.Get("code")), ""), "-") // an empty answer is a wrong one, and asks for no other code
	}
	if call == "" {
		return v.see("/me/paths")
	}
	if err := v.client.Call(v.ctx(), "/v1/paths/"+call, ask, nil); err != nil {
		return v.paths(err)
	}
	return v.see("/me/paths?" + url.Values{"done": {do}, "path": {ask.ID}}.Encode())
}

// PathKind is what a kind of path is called.
func (v *visit) PathKind(kind string) string { return wording.PathKind(v.locale, kind) }
