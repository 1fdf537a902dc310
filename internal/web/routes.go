package web

import (
	"net/http"
	"slices"
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
	return slices.Concat([]route{
		{pattern: "GET /{$}", page: s.home},
		{pattern: "GET /live", page: s.follow},
		{pattern: "POST /language", page: s.language, free: true},
		{pattern: "GET /sign-in", page: s.signInShow, free: true},
		{pattern: "POST /sign-in", page: s.signIn, free: true},
		{pattern: "GET /sign-in/agency", page: s.agencyGo, free: true},
		{pattern: "GET /sign-in/agency/back", page: s.agencyBack, free: true},
		{pattern: "POST /sign-out", page: s.signOut, free: true},
		{pattern: "GET /signed-out", page: s.signedOut, free: true},
		{pattern: "GET /invitation", page: s.invitationShow, free: true},
		{pattern: "POST /invitation", page: s.invitation, free: true},
		{pattern: "POST /passkey-options", page: s.passkeyOptions, free: true},
		{pattern: "GET /me", page: s.meShow},
		{pattern: "POST /me/passkey", page: s.mePasskey},
		{pattern: "POST /me/settings", page: s.meSettings},
		{pattern: "GET /people", page: s.peopleShow},
		{pattern: "POST /people", page: s.peopleChange},
		{pattern: "POST /people/invite", page: s.peopleInvite},
		{pattern: "GET /requests/{name}/limit", page: s.requestLimit, linked: true},
		{pattern: "POST /requests/{name}/limit", page: s.requestLimitSet, linked: true},
		{pattern: "GET /roles", page: s.rolesShow},
		{pattern: "GET /access-record", page: s.accessRecord},
		{pattern: "GET /watch", page: s.watchShow, linked: true},
		{pattern: "GET /requests", page: s.requestsList, linked: true},
		{pattern: "GET /requests/{name}", page: s.requestShow, linked: true},
		{pattern: "GET /requests/{name}/print", page: s.requestPrint, linked: true},
		{pattern: "GET /requests/{name}/attachments/{sealed}", page: s.attachment, linked: true},
		{pattern: "GET /cases", page: s.casesShow, linked: true},
		{pattern: "GET /arrangement", page: s.arrangementShow, linked: true},
		{pattern: "POST /arrangement/propose", page: s.arrangementPropose, linked: true, most: -1},
		{pattern: "GET /arrangement/{step}/{digest}", page: s.arrangementStep, linked: true},
		{pattern: "POST /arrangement/said/{step}", page: s.arrangementSaid, linked: true},
		{pattern: "POST /lost/{account}", page: s.lostStep, linked: true},
		{pattern: "POST /lost-signed", page: s.lostSigned, linked: true},
		{pattern: "GET /reachability", page: s.reachabilityShow, linked: true},
		{pattern: "GET /reachability/{form}", page: s.reachabilityFile, linked: true},
		{pattern: "GET /tests", page: s.testsShow, linked: true},
		{pattern: "GET /review", page: s.reviewShow, linked: true},
		{pattern: "GET /record", page: s.recordShow, linked: true},
		{pattern: "POST /requests-saved", page: s.requestsSave, linked: true},
		{pattern: "POST /record/verify", page: s.recordVerify, linked: true},
		{pattern: "POST /watch/seen", page: s.watchSeen, linked: true},
	}, s.formRoutes(), s.callRoutes(), s.rosterRoutes(), s.contactRoutes(), s.voiceRoutes(), s.suspensionRoutes())
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
