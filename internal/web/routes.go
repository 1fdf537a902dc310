package web

import (
	"net/http"
	"strings"
)

// route is one page or one thing done from a page.
type route struct {
	pattern string
	page    func(*visit) error
	// free routes are for people who have not signed in.
	free bool
	// linked routes are about one counterpart, and stand below its path.
	linked bool
	// most is how long a body may be, in bytes; 0: forms of usual length. A
	// page that reads the body itself bounds it itself: -1.
	most int64
}

// routes lists everything that a browser can ask for; each stands in a file of
// its own.
func (s *Server) routes() []route {
	return []route{
		{pattern: "GET /{$}", page: s.home},
		{pattern: "GET /live", page: s.follow},
		{pattern: "POST /language", page: s.language, free: true},
		{pattern: "GET /watch", page: s.watchShow, linked: true},
		{pattern: "GET /requests", page: s.requestsList, linked: true},
		{pattern: "POST /watch/seen", page: s.watchSeen, linked: true},
	}
}

// patterns are what the route is registered under.
func (r *route) patterns() []string {
	if !r.linked {
		return []string{r.pattern}
	}
	method, path, _ := strings.Cut(r.pattern, " ")
	return []string{method + " /real/{link}" + path, method + " /exercise/{link}" + path}
}

// changes tells whether a route does something.
func (r *route) changes() bool { return !strings.HasPrefix(r.pattern, http.MethodGet+" ") }
