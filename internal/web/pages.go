package web

import (
	"bytes"
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"

	"parley.example/wire/fault"
)

//go:embed templates
var templates embed.FS

// pages are the parsed templates, by the name of the page.
type pages map[string]*template.Template

// around is what a template is given: the visit and the page's own data.
type around struct {
	*visit
	Data any
}

// parsePages parses every page together with the layout and the parts.
func parsePages(a assets) pages {
	list, out := must(fs.Glob(templates, "templates/pages/*.html")), pages{}
	base := template.Must(template.New("layout.html").Funcs(functions(a)).ParseFS(templates, "templates/layout.html", "templates/parts/*.html"))
	for _, file := range list {
		out[strings.TrimSuffix(path.Base(file), ".html")] = template.Must(template.Must(base.Clone()).ParseFS(templates, file))
	}
	return out
}

func must[T any](v T, err error) T {
	if err != nil { // of files in the binary
		panic("web: internal error: " + err.Error())
	}
	return v
}

// functions are what templates may call besides the methods of a visit.
func functions(a assets) template.FuncMap {
	return template.FuncMap{
		"asset": a.path,
		// What others wrote is shown by these.
		"visible": visible, "brief": brief, "spoken": spoken, "seen": seen,
		// choose is one of two values.
		"choose": func(is bool, yes, no string) string {
			if is {
				return yes
			}
			return no
		},
		// dict makes the data of a part out of names and values.
		"dict": func(pairs ...any) map[string]any {
			m := map[string]any{}
			for i := 0; i+1 < len(pairs); i += 2 {
				m[pairs[i].(string)] = pairs[i+1]
			}
			return m
		},
	}
}

// show writes a page. It is made whole before the first byte goes out, so that
// a mistake in it never leaves half a page.
func (v *visit) show(status int, page string, data any) {
	var out bytes.Buffer
	if err := v.server.pages[page].ExecuteTemplate(&out, "layout.html", around{v, data}); err != nil {
		v.server.Log.Error("page", "page", page, "error", err)
		http.Error(v.w, string(fault.Internal), http.StatusInternalServerError)
		return
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.WriteHeader(status)
	if v.r.Method != http.MethodHead {
		v.w.Write(out.Bytes())
	}
}

// T words a key in the person's language; {{.T "key" "name" value}}.
func (v *visit) T(key string, args ...string) string { return v.locale.T(key, args...) }

// Lang is the language of the page, as HTML names it.
func (v *visit) Lang() string { return map[string]string{"zh": "zh-Hans"}[v.locale.Lang] + v.english() }

func (v *visit) english() string {
	if v.locale.Lang == "zh" {
		return ""
	}
	return v.locale.Lang
}

// Theme is light, dark or empty.
func (v *visit) Theme() string {
	if v.me != nil && (v.me.Theme == "light" || v.me.Theme == "dark") {
		return v.me.Theme
	}
	return ""
}

// Me is who looks; nil when nobody has signed in.
func (v *visit) Me() any {
	if v.me == nil {
		return nil
	}
	return v.me
}

// May tells a template whether to offer something.
func (v *visit) May(action string) bool { return v.may(action) }

// Path gives a path below the counterpart's: {{.Path "requests" .Name}}.
func (v *visit) Path(parts ...string) string { return v.path(parts...) }

// Frame is what stands around a page about a counterpart; nil elsewhere.
func (v *visit) Frame() *frame { return v.frame }

// Here is the path of this page, to come back to.
func (v *visit) Here() string { return v.r.URL.RequestURI() }

// In tells whether this page is in a room.
func (v *visit) In(room string) bool {
	rest, ok := strings.CutPrefix(v.r.URL.Path, v.path()+"/")
	first, _, _ := strings.Cut(rest, "/")
	return ok && first == room
}

// Wall tells whether the page is to be read across a room.
func (v *visit) Wall() bool { return v.r.URL.Query().Get("wall") == "1" }

// Exercise tells whether this page is in the exercise realm.
func (v *visit) Exercise() bool { return v.realm == "exercise" }
