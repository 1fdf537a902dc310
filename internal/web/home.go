package web

import (
	"net/http"
	"slices"

	"parley.example/internal/api"
)

// home shows the counterparts, or goes to the watch with the only one.
func (s *Server) home(v *visit) error {
	realm := "real"
	if !v.may("read") { // exercises alone, or, as who runs the node, nothing
		realm = "exercise"
		if !slices.Contains(v.me.Practise, "read") {
			return v.see("/people")
		}
	}
	var status api.Status
	if err := v.client.Call(v.ctx(), "/v1/status", nil, &status); err != nil {
		return err
	}
	var links []api.LinkStatus
	for _, l := range status.Links {
		if l.Realm == realm {
			links = append(links, l)
		}
	}
	if len(links) == 1 {
		return v.see(linkPath(realm, links[0].Code, "watch"))
	}
	return v.give("home", status)
}

// language changes the language of this browser; who has an account keeps it
// there.
func (s *Server) language(v *visit) error {
	lang := "en"
	if v.r.PostForm.Get("language") == "zh" {
		lang = "zh"
	}
	if v.me != nil && !v.me.Open {
		if err := v.client.Call(v.ctx(), "/v1/me/settings", map[string]string{"language": lang}, nil); err != nil {
			return err
		}
	}
	http.SetCookie(v.w, &http.Cookie{Name: languageCookie, Value: lang, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: 365 * 24 * 3600})
	return v.see(v.r.PostForm.Get("to"))
}
