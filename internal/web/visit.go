package web

import (
	"context"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"parley.example/internal/api"
	"parley.example/internal/locale"
	"parley.example/wire/arrangement"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// sessionCookie holds the token of a session. Its name makes browsers refuse
// it from anywhere but this origin, and without TLS.
const sessionCookie = "__Host-parley"

// languageCookie holds the language of who has not signed in.
const languageCookie = "__Host-parley-language"

// usualBody bounds the forms of pages, in bytes.
const usualBody = 1 << 20

// visit is one request of a browser.
type visit struct {
	server *Server
	w      http.ResponseWriter
	r      *http.Request
	client *api.Client // under the session
	me     *api.Me     // nil: nobody has signed in
	locale *locale.Locale
	now    time.Time

	// Of pages about a counterpart:
	link    string // its code
	realm   string // real, exercise
	rules   *arrangement.Document
	frame   *frame
	stopped []api.Suspension // with this counterpart

	paper bool // what is written is kept: instants have their year

	officers map[string]string // names by key, once they were asked for
	rang     bool              // calls that ring were asked for
	rings    []ringing
}

func (v *visit) ctx() context.Context { return v.r.Context() }

// visit makes a handler of a route.
func (s *Server) visit(route route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := &visit{server: s, w: w, r: r, now: s.Now(), client: s.API.As(tokenOf(r)), locale: locale.New(languageOf(r)), paper: path.Base(r.URL.Path) == "print" || path.Base(r.URL.Path) == "pdf"}
		if r.Header.Get("Parley-Unattended") != "" || r.URL.Path == "/live" {
			v.client = v.client.Unattended() // a page that nobody looks at must not keep its session
		}
		if route.most >= 0 {
			most := route.most
			if most == 0 {
				most = usualBody
			}
			r.Body = http.MaxBytesReader(w, r.Body, most)
		}
		if err := v.enter(&route); err != nil {
			v.fail(err)
			return
		}
		if v.me == nil && !route.free {
			v.toSignIn()
			return
		}
		if route.changes() && route.most >= 0 {
			if err := r.ParseForm(); err != nil {
				v.fail(fault.Wrap(err, rule.WebForm))
				return
			}
		}
		if err := route.page(v); err != nil {
			v.fail(err)
		}
	})
}

func tokenOf(r *http.Request) string {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return ""
	}
	return c.Value
}

func languageOf(r *http.Request) string {
	if c, err := r.Cookie(languageCookie); err == nil {
		return c.Value
	}
	return r.Header.Get("Accept-Language")
}

// enter finds out who asks, and about which counterpart.
func (v *visit) enter(route *route) error {
	me := &api.Me{}
	err := v.client.Call(v.ctx(), "/v1/me", nil, me)
	switch {
	case err == nil:
		v.me = me
	case !fault.Is(err, rule.AccessSession):
		return err
	}
	if v.me != nil && v.me.Language != "" {
		v.locale = locale.New(v.me.Language)
	}
	if v.me == nil || !route.linked {
		return nil
	}
	v.link = v.r.PathValue("link")
	v.realm, _, _ = strings.Cut(strings.TrimPrefix(v.r.URL.Path, "/"), "/")
	return v.meet()
}

// query names the counterpart to the node's interface.
func (v *visit) query(more ...string) string {
	q := url.Values{"link": {v.link}, "realm": {v.realm}}
	for i := 0; i+1 < len(more); i += 2 {
		q.Add(more[i], more[i+1])
	}
	return q.Encode()
}

// path is where something about this counterpart is.
func (v *visit) path(parts ...string) string {
	return linkPath(v.realm, v.link, parts...)
}

func linkPath(realm, link string, parts ...string) string {
	out := "/" + realm + "/" + url.PathEscape(link)
	for _, p := range parts {
		out += "/" + url.PathEscape(p)
	}
	return out
}

// may tells whether this person may do something. It only decides what is
// shown: the node's interface decides what is done.
func (v *visit) may(action string) bool {
	if v.me == nil || v.me.Open {
		return v.me != nil
	}
	if v.realm == "exercise" {
		return slices.Contains(v.me.Practise, action)
	}
	return slices.Contains(v.me.May, action)
}

// see sends the browser to a page of ours, after something was done.
func (v *visit) see(path string) error {
	http.Redirect(v.w, v.r, ours(path), http.StatusSeeOther)
	return nil
}

// ours keeps a redirection on this desk: anything but a path of ours is home.
func ours(path string) string {
	u, err := url.Parse(path)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	return path
}

// toSignIn sends who has not signed in to do so, and back here afterwards.
func (v *visit) toSignIn() {
	if v.r.Method != http.MethodGet {
		v.fail(fault.New(rule.AccessSession))
		return
	}
	http.Redirect(v.w, v.r, "/sign-in?"+url.Values{"to": {v.r.URL.RequestURI()}}.Encode(), http.StatusSeeOther)
}

// status is the answer's for a fault.
func statusOf(err error) int {
	switch {
	case fault.Is(err, rule.AccessSession):
		return http.StatusUnauthorized
	case fault.Is(err, rule.AccessDenied), fault.Is(err, rule.AccessCompartment), fault.Is(err, rule.AccessFresh):
		return http.StatusForbidden
	case fault.Is(err, rule.NodeNoRequest), fault.Is(err, rule.NodeNoLink), fault.Is(err, rule.WebNoPage):
		return http.StatusNotFound
	case fault.Is(err, rule.NodeNotRunning):
		return http.StatusServiceUnavailable
	}
	return http.StatusUnprocessableEntity
}

// fail shows an error as a page: what is so, why, what to do.
func (v *visit) fail(err error) {
	v.server.Log.Info("page", "path", v.r.URL.Path, "code", fault.CodeOf(err))
	v.w.Header().Set("Cache-Control", "no-store")
	v.show(statusOf(err), "error", v.locale.Fault(err))
}

// give shows a page.
func (v *visit) give(page string, data any) error {
	v.show(http.StatusOK, page, data)
	return nil
}
