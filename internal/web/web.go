// Package web implements docs/desk.md: the desk in the browser. It serves pages
// and has no rules of its own: all that it shows and does goes through the
// node's interface, under the session of the person who asks, as commands do.
//
// Words. A *visit* is one request of a browser, with who asks and in which
// language. A *room* is a page of the navigation. A *frame* is what stands
// around every page: the line, the rooms, who I am. Everything below a *link*
// (a counterpart in a realm) has a path that begins with /real/CODE or
// /exercise/CODE.
//
// Pages are complete without JavaScript. What scripts there are are files of
// ours, and no page allows any other.
package web

import (
	"log/slog"
	"net/http"
	"time"

	"parley.example/internal/api"
	"parley.example/wire/arrangement"
)

// Options say what the desk is a desk of.
type Options struct {
	API    *api.Client // the node's interface, without a session
	Origin string      // as browsers name it: https://RPID or https://RPID:PORT
	RPID   string
	Agency bool // there is an agency's own sign-in
	Log    *slog.Logger
	Now    func() time.Time // nil: the clock
}

// Server answers browsers.
type Server struct {
	Options
	pages  pages
	assets assets
	rules  cached[string, *arrangement.Document] // by digest
	live   *watch
	firsts firsts
}

// New makes a desk. Templates are parsed here, so that one that is wrong stops
// the start and not a page.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{Options: o, assets: loadAssets()}
	s.pages = parsePages(s.assets)
	s.live = &watch{client: o.API}
	return s
}

// Handler routes browsers.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		for _, pattern := range r.patterns() {
			mux.Handle(pattern, s.visit(r))
		}
	}
	mux.HandleFunc("GET /static/{name}", s.assets.serve)
	return guarded(s.Origin, mux)
}
