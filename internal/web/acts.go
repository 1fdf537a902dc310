package web

import (
	"cmp"
	"encoding/json"
	"html/template"
	"io"
	"net/url"
	"slices"
	"strings"

	"parley.example/internal/api"
	"parley.example/internal/procedure/casework"
	"parley.example/internal/wording"
	"parley.example/wire/act"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// actView is one act of the timeline.
type actView struct {
	ID         string
	Name       string
	Ours       bool
	Who        string
	Says       string
	Officers   []string
	Written    *times
	Stored     *times // the reader's receipt
	Ladder     []rung // of the request itself
	Marking    *handled
	Texts      []passage
	Rows       []bodyRow
	Files      []fileView
	NotInOrder string
	Disowned   bool
	Changes    []string // what corrected or contests it
	Struck     bool
	Marks      []template.HTML
	Waited     []interval // what this act ended
}

// rung is one of the four receipts.
type rung struct {
	Code, Word string
	At         *times
	By         string
}

// interval is how long something took, by both parties' times.
type interval struct {
	Ours     bool
	Who      string
	Step     string
	Receipt  string
	Claimed  string
	Disputed bool
}

// fileView is an attachment.
type fileView struct {
	Name   template.HTML
	Plain  string
	Media  string
	Size   string
	Sealed string
	Path   string
	Here   bool
}

func (x *reader) acts() (list []actView) {
	laddered := false
	for i := range x.r.Acts {
		a := &x.r.Acts[i]
		one := x.act(a)
		if !laddered && a.NotInOrder == "" && wording.OpensForm(a.Kind) {
			one.Ladder, laddered = x.ladder(), true
		}
		list = append(list, one)
	}
	return list
}

// act shows an act; what is not in order is never shown as if it were.
func (x *reader) act(a *api.Said) actView {
	w := wording.WhereOf(x.r, a)
	one := actView{ID: "act-" + idOf(a.Name), Name: a.Name, Ours: a.Ours, Who: x.called(w.Side), Officers: a.Officers,
		Written: x.at(a.Time), Stored: x.at(a.Receipt), Disowned: a.Disowned, Says: x.says(a.Kind)}
	if a.NotInOrder != "" {
		one.NotInOrder = x.why(a.NotInOrder)
		return one
	}
	typeCode := ""
	if x.t.Request != nil {
		typeCode = x.t.Request.Type
	}
	b := x.readBody(x.r, x.rules, typeCode, a.Body)
	one.Texts, one.Rows = b.texts, b.rows
	var marked struct {
		Handling *string `json:"handling"`
	}
	if json.Unmarshal(a.Body, &marked) == nil && (marked.Handling != nil || len(a.Attachments) > 0 || wording.OpensForm(a.Kind)) {
		code := ""
		if marked.Handling != nil {
			code = *marked.Handling
		}
		m := x.marking(code)
		one.Marking = &m
	}
	for _, f := range a.Attachments {
		one.Files = append(one.Files, fileView{Name: brief(f.Name), Plain: f.Name, Media: f.Media, Size: x.bytes(f.Size), Sealed: f.Sealed, Here: f.Here,
			Path: x.path("requests", x.r.Name, "attachments", f.Sealed)})
	}
	x.changed(&one, w)
	x.marked(&one, w)
	x.translated(&one, w)
	one.Waited = x.intervals(w)
	return one
}

// says is what a party does that says an act of a kind: a verb.
func (v *visit) says(kind string) string {
	names := wording.Names{Locale: v.locale}
	if text := names.Known("web.said.", kind); text != kind {
		return text
	}
	return names.Kind(kind)
}

// ladder is the four receipts of the request, in their order; none is inferred
// from another.
func (x *reader) ladder() (list []rung) {
	r := x.t.Receipts
	for i, m := range []*casework.Moment{r.Stored, r.Opened, r.Accepted, r.ActedOn} {
		code := []string{"stored", "opened", "accepted", "acted-on"}[i]
		one := rung{Code: code, Word: x.T("web.receipt." + code)}
		if m != nil {
			one.At, one.By = x.at(int64(cmp.Or(m.Receipt, m.Claimed))), cmp.Or(m.By, strings.Join(m.Signed, ", "))
		}
		list = append(list, one)
	}
	return list
}

// changed says which acts corrected or contest this one.
func (x *reader) changed(one *actView, w casework.Where) {
	for _, c := range x.t.Course.Corrections {
		if c.Of == w {
			one.Changes, one.Struck = append(one.Changes, "✂ "+x.T("cli.changed."+c.How, "act", wording.ActName(x.r, c.By))), true
		}
	}
	for _, c := range x.t.Course.Contests {
		if c.Of == w {
			one.Changes = append(one.Changes, "≠ "+x.T("cli.act.contested", "act", wording.ActName(x.r, c.By)))
		}
	}
}

// marked shows who disputes a datum of this act, and why in their words: beside
// the datum where it is shown.
func (x *reader) marked(one *actView, w casework.Where) {
	for _, m := range x.t.Course.Marks {
		if m.On != w || m.Lifted {
			continue
		}
		var b act.MarkBody
		if a := wording.SaidAt(x.r, m.By); a != nil && a.NotInOrder == "" {
			json.Unmarshal(a.Body, &b) // of our own node; empty: no words
		}
		text := brief(x.T("cli.act.disputed", "who", x.called(m.By.Side))+" "+wording.ActName(x.r, m.By)) + " " + spoken(b.Note)
		placed := false
		for i := range one.Rows {
			if one.Rows[i].Path == m.Path || strings.HasPrefix(m.Path, one.Rows[i].Path+"/") {
				one.Rows[i].Marks, placed = append(one.Rows[i].Marks, text), true
			}
		}
		if !placed {
			one.Marks = append(one.Marks, brief(m.Path)+" "+text)
		}
	}
}

// translated puts translations beside what they translate. They are signed acts
// of their own; the original stays authoritative.
func (x *reader) translated(one *actView, w casework.Where) {
	for _, t := range x.t.Course.Translations {
		a := wording.SaidAt(x.r, t.By)
		var b act.TranslateBody
		if t.Of != w || a == nil || a.NotInOrder != "" || json.Unmarshal(a.Body, &b) != nil {
			continue
		}
		for _, text := range b.Texts {
			path := strings.TrimSuffix(text.Path, "/text")
			c := column{own: x.reads(b.Lang), Lang: x.Language(b.Lang), Words: spoken(act.Text{Lang: b.Lang, Text: text.Text}),
				Translator: b.Translator, Reviewer: b.Reviewer, Act: a.Name}
			for i := range one.Texts {
				if one.Texts[i].path == path {
					one.Texts[i].Columns = append(one.Texts[i].Columns, c)
				}
			}
			for i := range one.Rows {
				if one.Rows[i].Path == path || strings.HasPrefix(path, one.Rows[i].Path+"/") {
					one.Rows[i].Translations = append(one.Rows[i].Translations, c)
				}
			}
		}
	}
	for _, p := range one.Texts {
		slices.SortStableFunc(p.Columns, func(a, b column) int { return before(a.own, b.own) })
	}
}

// before orders what is so before what is not.
func before(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// intervals says how long took what this act did, by the receipts and by the
// writers' own clocks. Where these differ by more than was agreed, both stand.
func (x *reader) intervals(w casework.Where) (list []interval) {
	for i := range x.t.Obligations {
		o := &x.t.Obligations[i]
		if o.By == nil || *o.By != w || o.Interval == nil {
			continue
		}
		list = append(list, interval{o.Debtor == x.r.Side, x.called(o.Debtor), x.step(o.Step), x.lasted(o.Interval.Receipt), x.lasted(o.Interval.Claimed),
			!o.Interval.Agreed})
	}
	for _, q := range x.t.Questions {
		if q.Reply != nil && *q.Reply == w && q.Interval != nil {
			side := q.Reply.Side
			list = append(list, interval{side == x.r.Side, x.called(side), x.step("reply"), x.lasted(q.Interval.Receipt), x.lasted(q.Interval.Claimed), !q.Interval.Agreed})
		}
	}
	return list
}

// attachment hands out a file of an act's.
func (s *Server) attachment(v *visit) error { return v.pour("requests") }

// pour hands out a file of a request's or a call's: to be saved, never shown.
func (v *visit) pour(of string) error {
	h := v.w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(fileName(v.r.URL.Query().Get("name"))))
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	out := &begun{to: v.w}
	err := v.client.FetchFrom(v.ctx(), "/v1/"+of+"/"+pathEscape(v.r.PathValue("name"))+"/attachments/"+pathEscape(v.r.PathValue("sealed"))+"?"+v.query(), out)
	if err != nil && !out.any {
		h.Del("Content-Disposition")
		h.Set("Content-Security-Policy", policy)
		return err
	}
	return nil
}

// fileName keeps what is harmless in a name on any system.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unseen(r) || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, name)
	if r := []rune(name); len(r) > 80 {
		name = string(r[len(r)-80:])
	}
	return cmp.Or(strings.Trim(name, ". "), "attachment")
}

func pathEscape(s string) string { return url.PathEscape(s) }

func deniedTo(err error) bool { return fault.Is(err, rule.AccessDenied) }

// idOf makes a name of an act fit to be led to.
func idOf(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' {
			return r
		}
		return '-'
	}, name)
}

// begun knows whether anything was written.
type begun struct {
	to  io.Writer
	any bool
}

func (b *begun) Write(p []byte) (int, error) {
	b.any = true
	return b.to.Write(p)
}
