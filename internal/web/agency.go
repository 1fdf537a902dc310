package web

import (
	"net/http"
	"net/url"
	"strings"

	"parley.example/internal/api"
	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// agencyCookie holds, while somebody is at the agency's own sign-in, the state
// that this very browser must come back with, and where to go then.
const agencyCookie = "__Host-parley-agency"

// agencyGo sends a browser to the agency's own sign-in.
func (s *Server) agencyGo(v *visit) error {
	var o api.AgencyOptions
	if err := v.client.Call(v.ctx(), "/v1/sign-in/agency/options", api.Nothing{}, &o); err != nil {
		return err
	}
	if o.Address == "" {
		return v.see("/sign-in")
	}
	kept := url.Values{"state": {o.State}, "to": {ours(v.r.URL.Query().Get("to"))}}
	// Lax, since the browser comes back from another site.
	http.SetCookie(v.w, &http.Cookie{Name: agencyCookie, Value: kept.Encode(), Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: 600})
	http.Redirect(v.w, v.r, o.Address, http.StatusSeeOther)
	return nil
}

// agencyBack is where it sends the browser back to. The page goes on by itself:
// a redirection from another site would not bring the session's cookie.
func (s *Server) agencyBack(v *visit) error {
	cookie, err := v.r.Cookie(agencyCookie)
	http.SetCookie(v.w, &http.Cookie{Name: agencyCookie, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: -1})
	if err != nil {
		return fault.New(rule.AccessAgency, "what", "state")
	}
	kept, err := url.ParseQuery(cookie.Value)
	q := v.r.URL.Query()
	if err != nil || kept.Get("state") == "" || kept.Get("state") != q.Get("state") {
		return fault.New(rule.AccessAgency, "what", "state")
	}
	var in api.SignedIn
	if err := v.client.Call(v.ctx(), "/v1/sign-in/agency", api.AgencyAnswer{State: q.Get("state"), Code: q.Get("code")}, &in); err != nil {
		return err
	}
	v.begin(in.Token)
	return v.give("agency", strings.TrimSpace(ours(kept.Get("to"))))
}
